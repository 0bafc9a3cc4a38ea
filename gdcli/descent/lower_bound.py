"""A lower bound of a function that its form alone gives: a sum of squares is never below 0.

Comes in: a tape without loops. Goes out: a number that f is nowhere below, wherever it has a value,
or -inf. Every value of the tape gets the range it can lie in whatever the variables are, so the
bound is as wide as the form is careless of it: x*y - x*y has none. Ends of ranges are rounded
outward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from math import inf, nextafter, pi

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    EXTREMA,
    PRODUCT,
    SUM,
    TABLE,
    Instruction,
    Tape,
    Walk,
    is_of_table,
    loop_results,
    run,
)
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import to_float

MOST_EXACT_EXPONENT = 400  # of a constant that is compared with its double digit by digit


class Range(NamedTuple):
    """All numbers from `low` to `high`, ends included where they are finite."""

    low: float
    high: float


UNRESTRICTED = Range(-inf, inf)
MONOTONE: dict[str, tuple[Callable[[float], float], Range, Range]] = {
    # name: the function, the arguments it has, the values it takes
    "exp": (math.exp, UNRESTRICTED, Range(0.0, inf)),
    "expm1": (math.expm1, UNRESTRICTED, Range(-1.0, inf)),
    "log": (math.log, Range(0.0, inf), UNRESTRICTED),
    "log1p": (math.log1p, Range(-1.0, inf), UNRESTRICTED),
    "log2": (math.log2, Range(0.0, inf), UNRESTRICTED),
    "log10": (math.log10, Range(0.0, inf), UNRESTRICTED),
    "sqrt": (math.sqrt, Range(0.0, inf), Range(0.0, inf)),
    "cbrt": (math.cbrt, UNRESTRICTED, UNRESTRICTED),
    "asin": (math.asin, Range(-1.0, 1.0), Range(-1.6, 1.6)),
    "atan": (math.atan, UNRESTRICTED, Range(-1.6, 1.6)),
    "sinh": (math.sinh, UNRESTRICTED, UNRESTRICTED),
    "asinh": (math.asinh, UNRESTRICTED, UNRESTRICTED),
    "acosh": (math.acosh, Range(1.0, inf), Range(0.0, inf)),
    "tanh": (math.tanh, UNRESTRICTED, Range(-1.0, 1.0)),
    "erf": (math.erf, UNRESTRICTED, Range(-1.0, 1.0)),
    "sign": (lambda a: math.copysign(a != 0.0, a), UNRESTRICTED, Range(-1.0, 1.0)),
    "relu": (lambda a: max(a, 0.0), UNRESTRICTED, Range(0.0, inf)),
    "sigmoid": (lambda a: 1.0 / (1.0 + math.exp(-a)), UNRESTRICTED, Range(0.0, 1.0)),
    "softplus": (lambda a: math.log1p(math.exp(a)), UNRESTRICTED, Range(0.0, inf)),
}
EVEN: dict[str, tuple[Callable[[float], float], float]] = {  # rising with |a|; the value at 0
    "abs": (abs, 0.0),
    "cosh": (math.cosh, 1.0),
    "logcosh": (lambda a: math.log(math.cosh(a)), 0.0),
}
CONFINED = {
    "sin": Range(-1.0, 1.0),
    "cos": Range(-1.0, 1.0),
    "acos": Range(0.0, 3.2),
    "atan2": Range(-3.2, 3.2),
    "erfc": Range(0.0, 2.0),
    "hypot": Range(0.0, inf),
}


def lower_bound(tape: Tape) -> float:
    """A number that the first output is nowhere below; -inf where the form gives none."""
    low = run(tape, _leaf, _apply, _branch)[0].low
    return -inf if low != low else low


def ranges(tape: Tape) -> list[Range]:
    """The range of each value of the tape, by number, whatever the variables are.

    Of a value in a loop it holds in every iteration.
    """
    found = [UNRESTRICTED] * tape.size

    def noted(instruction: Instruction, made: Sequence[Range]) -> Sequence[Range]:
        for result, one in zip(instruction.results, made, strict=True):
            found[result] = one
        return made

    run(
        tape,
        lambda instruction: noted(instruction, [_leaf(instruction)])[0],
        lambda instruction, operands: noted(instruction, [_apply(instruction, operands)])[0],
        lambda instruction, operands, walk: noted(
            instruction,
            _loop(instruction, walk)
            if instruction.operation == opcode.LOOP
            else _branch(instruction, operands, walk),
        ),
    )
    return found


def _leaf(instruction: Instruction) -> Range:
    if instruction.operation != opcode.CONSTANT:
        return UNRESTRICTED
    number = instruction.payload
    if isinstance(number, Decimal):
        value = to_float(number)
        return Range(value, value) if _is_exact(number, value) else _outward(value, value)
    value = pi if number == "pi" else math.e
    return _outward(value, value)


def _is_exact(number: Decimal, value: float) -> bool:
    """Whether a decimal is the double."""
    coefficient, exponent = number
    if not abs(value) < inf or abs(exponent) > MOST_EXACT_EXPONENT:
        return False
    over, under = value.as_integer_ratio()
    exact: bool = over * 10 ** max(0, -exponent) == coefficient * under * 10 ** max(0, exponent)
    return exact


def _outward(low: float, high: float) -> Range:
    """The range with its ends moved out by two units in the last place."""
    for _ in range(2):
        low, high = nextafter(low, -inf), nextafter(high, inf)
    return Range(low, high)


def _branch(instruction: Instruction, operands: Sequence[Range], walk: Walk) -> list[Range]:  # noqa: ARG001
    sides = [walk(region) for region in instruction.regions]
    return [
        Range(min(one.low for one in ranges), max(one.high for one in ranges))
        for ranges in zip(*sides, strict=True)
    ]


def _loop(instruction: Instruction, walk: Walk) -> list[Range]:
    """The ranges of a loop's results: a sum or a product of what is not negative is neither."""
    terms = walk(instruction.regions[0])
    found: list[Range] = []
    for (kind, _, results), term in zip(loop_results(instruction), terms, strict=True):
        value = UNRESTRICTED
        if kind in EXTREMA or kind == TABLE:
            value = term
        elif kind in (SUM, PRODUCT) and term.low >= 0.0:
            value = Range(0.0, inf)
        found += [value, *[UNRESTRICTED] * (len(results) - 1)]
    return found


def _apply(instruction: Instruction, operands: list[Range]) -> Range:
    """The range of a primitive's values where its arguments are in the ranges."""
    if instruction.operation == opcode.ELEMENT and is_of_table(instruction):
        return operands[0]
    if instruction.operation != opcode.APPLY:  # an element
        return UNRESTRICTED
    name = instruction.payload
    a, b = operands[0], operands[-1]
    if name == "+":
        return Range(_sum(a.low, b.low, -inf), _sum(a.high, b.high, inf))
    if name == "-":
        return Range(_sum(a.low, -b.high, -inf), _sum(a.high, -b.low, inf))
    if name == "unary-minus":
        return Range(-a.high, -a.low)
    if name == "*":
        same = instruction.operands[0] == instruction.operands[1]
        return _even(lambda c: c * c, 0.0, a) if same else _product(a, b)
    if name == "/":
        return _product(a, _reciprocal(b))
    if name == "pow-integer":
        return _power(a, int(b.low)) if b.low == b.high else UNRESTRICTED
    if name == "pow-general":
        return Range(0.0, inf) if a.low >= 0.0 else UNRESTRICTED
    if name in MONOTONE:
        return _monotone(*MONOTONE[name], a)
    if name in EVEN:
        return _even(*EVEN[name], a)
    if name in ("max", "min"):
        best = max if name == "max" else min
        return Range(best(one.low for one in operands), best(one.high for one in operands))
    if name in ("logaddexp", "logsumexp"):
        return Range(max(one.low for one in operands), inf)
    return CONFINED.get(name, UNRESTRICTED)


def _sum(a: float, b: float, outward: float) -> float:
    """a + b, rounded towards `outward`; what is exact stays."""
    total = a + b
    if total - a == b and total - b == a:
        return total
    return nextafter(total, outward) if total == total else outward


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0.0 or b == 0.0 else a * b  # an end that is inf is never reached


def _product(a: Range, b: Range) -> Range:
    ends = [_times(left, right) for left in a for right in b]
    low, high = _outward(min(ends), max(ends))
    return Range(
        max(low, 0.0) if min(ends) >= 0.0 else low, min(high, 0.0) if max(ends) <= 0.0 else high
    )


def _reciprocal(a: Range) -> Range:
    if not (a.low >= 0.0 or a.high <= 0.0):
        return UNRESTRICTED
    low, high = (1.0 / end if end else inf for end in (a.high, a.low))
    if a.high <= 0.0:
        low, high = (1.0 / end if end else -inf for end in (a.high, a.low))
    ends = _outward(low, high)
    return (
        Range(max(0.0, ends.low), ends.high)
        if a.low >= 0.0
        else Range(ends.low, min(0.0, ends.high))
    )


def _power(a: Range, exponent: int) -> Range:
    if exponent < 0:
        return _reciprocal(_power(a, -exponent))
    if exponent % 2:
        return _monotone(lambda c: c**exponent, UNRESTRICTED, UNRESTRICTED, a)
    return _even(lambda c: c**exponent, 0.0 if exponent else 1.0, a)


def _even(function: Callable[[float], float], least: float, a: Range) -> Range:
    """The range of an even function that rises with |a| from `least`, its value at 0."""
    near = 0.0 if a.low <= 0.0 <= a.high else min(abs(a.low), abs(a.high))
    rising = _monotone(function, UNRESTRICTED, Range(least, inf), Range(near, max(-a.low, a.high)))
    return Range(least, rising.high) if near == 0.0 else rising


def _monotone(function: Callable[[float], float], domain: Range, values: Range, a: Range) -> Range:
    """The range of a rising function that has these arguments and values."""

    def end(argument: float, otherwise: float) -> float:
        if not abs(argument) < inf:
            return otherwise
        try:
            return function(argument)
        except (ValueError, ArithmeticError):
            return otherwise

    inside = Range(max(a.low, domain.low), min(a.high, domain.high))
    low, high = _outward(end(inside.low, values.low), end(inside.high, values.high))
    return Range(max(low, values.low), min(high, values.high))
