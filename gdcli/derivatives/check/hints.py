"""The slips that everybody makes in a derivation, recognized by numbers.

Comes in: a Function and a Claim that does not hold. Goes out: a sentence, or None. A slip is named
where it explains the difference at several points: the sign, a factor, another variable's
derivative, a missing inner derivative (the chain rule), a term or factor forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import isfinite

from gdcli.autodiff.primitives import ARITIES
from gdcli.derivatives.check.claims import Claim, formula_function
from gdcli.derivatives.check.sampling import samples
from gdcli.errors import GdcliError
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from gdcli.language.syntax import APPLY_NODE, NAME
from gdcli.numbers.floats import to_float

HINT_POINTS, HINT_DRAWS = 6, 100
AGREEMENT_TOLERANCE = 1e-9
MOST_SUB_EXPRESSIONS = 60  # sub-expressions that are tried

NumberSequence = Sequence[float]


def hint(function: Function, claim: Claim) -> str | None:
    """The slip that explains the claim, as a sentence; None where none does."""
    points = list(islice(_usable(function, claim), HINT_POINTS))
    if len(points) < HINT_POINTS:
        return None
    yours = [claim.function.evaluate(point) for point in points]
    derivatives = [_derivatives(function, claim, point) for point in points]
    truth = [row[claim.places[-1]] for row in derivatives]
    return (
        _factor(yours, truth)
        or _other_variable(function, claim, yours, derivatives)
        or _forgotten(function, claim, points, yours, truth)
    )


def _usable(function: Function, claim: Claim) -> Iterator[list[float]]:
    """Points off kinks where the claim and the derivative are finite, and the derivative not 0."""
    for sample in islice(samples(function), HINT_DRAWS):
        point = list(map(to_float, sample))
        numbers = [
            claim.function.evaluate(point),
            _derivatives(function, claim, point)[claim.places[-1]],
        ]
        if (
            all(map(isfinite, numbers))
            and numbers[1]
            and not function.kinks(point, AGREEMENT_TOLERANCE)
        ):
            yield point


def _derivatives(function: Function, claim: Claim, point: list[float]) -> list[float]:
    """The gradient, or the row of the Hessian, that the claim is an entry of."""
    *row, _ = claim.places
    return function.evaluate_hessian(point)[row[0]] if row else function.evaluate_gradient(point)[1]


def same(left: NumberSequence, right: NumberSequence) -> bool:
    """Whether the numbers agree one by one, to what floats can tell."""
    return all(
        abs(a - b) <= AGREEMENT_TOLERANCE * max(abs(a), abs(b))
        for a, b in zip(left, right, strict=True)
    )


def _factor(yours: NumberSequence, truth: NumberSequence) -> str | None:
    ratios = [a / b for a, b in zip(yours, truth, strict=True)]
    ratio = ratios[0]
    if not same(ratios, [ratio] * len(ratios)):
        return None
    if ratio == 0:
        return "yours is 0 everywhere, and the derivative is not"
    if same([ratio], [-1.0]):
        return "the sign is the other way round"
    from fractions import Fraction

    simple = Fraction(ratio).limit_denominator(1000)
    text = str(simple) if same([float(simple)], [ratio]) else f"{ratio:.7g}"
    return f"yours is the derivative times {text}"


def _other_variable(
    function: Function, claim: Claim, yours: NumberSequence, derivatives: Sequence[NumberSequence]
) -> str | None:
    for place, name in enumerate(function.variables):
        if place != claim.places[-1] and same(yours, [row[place] for row in derivatives]):
            return (
                f"yours is the derivative by {name}: "
                f"the order of the variables is {', '.join(function.variables)}"
            )
    return None


def _forgotten(
    function: Function,
    claim: Claim,
    points: Sequence[list[float]],
    yours: NumberSequence,
    truth: NumberSequence,
) -> str | None:
    """Names a sub-expression whose derivative or value is missing in the claim, or too many."""
    place = claim.places[-1]
    lacking = [b - a for a, b in zip(yours, truth, strict=True)]
    slopes: list[tuple[str, NumberSequence]] = []
    values: list[tuple[str, NumberSequence]] = []
    for text, part in _sub_expressions(function):
        found = [part.evaluate_gradient(point) for point in points]
        values.append((text, [value for value, _ in found]))
        slopes.append((f"the derivative of {text}", [slope[place] for _, slope in found]))
    candidates = [one for one in slopes + values if all(map(isfinite, one[1])) and any(one[1])]
    slips: dict[str, Callable[[NumberSequence], bool]] = {
        "a factor is missing": lambda numbers: same(_times(yours, numbers), truth),
        "a term is missing": lambda numbers: same(lacking, numbers),
        "a factor is too many": lambda numbers: same(_times(truth, numbers), yours),
        "a term is too many": lambda numbers: same(lacking, [-one for one in numbers]),
        "a term has the wrong sign": lambda numbers: same(lacking, [2 * one for one in numbers]),
    }
    for slip, explains in slips.items():
        for what, numbers in candidates:
            if explains(numbers):
                return f"{slip}: {what}"
    return None


def _times(left: NumberSequence, right: NumberSequence) -> list[float]:
    return [a * b for a, b in zip(left, right, strict=True)]


def _sub_expressions(function: Function) -> Iterator[tuple[str, Function]]:
    """The sub-expressions, the smaller ones first: the normal form and a Function of each."""
    expression = function.expression
    texts: dict[str, None] = {}
    for position, node in enumerate(expression.nodes[:-1]):
        if node.kind in (APPLY_NODE, NAME):
            texts[expression.formula(position)] = None
        if len(texts) == MOST_SUB_EXPRESSIONS:  # all of a long text take a time that grows as n²
            break
    for text in texts:
        try:
            yield text, formula_function(function, text, parse(text, ARITIES))
        except GdcliError:  # such as a part that is used alone
            continue
