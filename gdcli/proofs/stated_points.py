"""Problem, Checks → Checks: are the points that a problem states proved to be what it says?

Comes in: a problem, and the checks of its stated points in floats. Goes out: the checks, each with
the status of a proof and a sentence, and one more for the problem's window: whether the lowest of
the minima stated in it has the least value of f there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gdcli.errors import UndefinedError
from gdcli.functions.enclosure_texts import is_infinite, with_radius
from gdcli.functions.function import Function
from gdcli.functions.problem import Problem
from gdcli.library.verification import LOWEST_KIND, Check, StatedProof
from gdcli.numbers.floats import EPSILON
from gdcli.proofs.certificate import (
    DISPROVED,
    INTERRUPTED,
    PROVED,
    UNRESOLVED,
    VALUE_CLAIM,
    Certificate,
)

if TYPE_CHECKING:
    from gdcli.proofs.certificate import Ends

WINDOW_SECONDS = 10.0  # that the search over the window of a problem may take
COARSEST_UNIT = 1e-6  # of the last digit of a number, as a part of it, or of 1
STATED_ROUNDING = 16 * EPSILON  # of a number stated as a formula, as a part of it, or of 1


def proved_checks(
    problem: Problem, checks: Sequence[Check], watch: Callable[[Any], object] | None = None
) -> Iterator[Check]:
    """The checks with what is proved of each, and one for the window, if the problem has one.

    `watch` is called with the progress of the search. An interrupt is raised again.
    """
    function = Function(problem.expression, sizes=problem.sizes, data=problem.data)
    for check in checks:
        yield _of_point(function, check)
    inside = [check for check in checks if check.kind == "minimum" and _is_in(problem, check.at)]
    if inside:
        lowest = min(inside, key=lambda check: check.stated or 0.0)
        yield _of_window(function, problem, lowest, watch)


def _is_in(problem: Problem, at: Sequence[float]) -> bool:
    sides = zip(problem.window, at, strict=False)
    return bool(problem.window) and all(low <= x <= high for (low, high), x in sides)


def _of_point(function: Function, check: Check) -> Check:
    """The check, with a proof that one stationary point is stated, of this kind, by its digits."""
    from gdcli.proofs.stationary import certify_point

    try:
        found = _uninterrupted(certify_point(function, check.at))
    except UndefinedError as error:
        return check._replace(proof=StatedProof(UNRESOLVED, error.message))
    if found.status != PROVED:
        return check._replace(proof=StatedProof(found.status, found.message))
    [point] = found.minimizers
    names = [*function.components, "f"]
    stated = [*check.at, check.stated]
    wrong = [
        f"{name} is {with_radius(*ends)} there"
        for name, number, ends in zip(names, stated, (*point.x, point.f), strict=True)
        if number is not None and not _agrees(number, ends)
    ]
    if point.kind != check.kind:
        wrong.insert(0, f"it is a {point.kind}")
    proof = StatedProof(DISPROVED if wrong else PROVED, "; ".join(wrong))
    return check._replace(proof=proof)


def _of_window(
    function: Function, problem: Problem, lowest: Check, watch: Callable[[Any], object] | None
) -> Check:
    """The check whether a stated minimum has the least value in the problem's window."""
    from gdcli.proofs.window import certify_window

    limits: Any = {"claim": VALUE_CLAIM, "max_seconds": WINDOW_SECONDS, "watch": watch}
    found = _uninterrupted(certify_window(function, problem.window, **limits))
    stated, (low, high) = lowest.stated or 0.0, found.f
    proof = StatedProof(found.status, "" if found else found.message)
    if not _agrees(stated, (low, high)):
        proof = StatedProof(DISPROVED, f"the least value there is {with_radius(low, high)}")
    return lowest._replace(kind=LOWEST_KIND, proof=proof)


def _uninterrupted(found: Certificate) -> Certificate:
    if found.status == INTERRUPTED:
        raise KeyboardInterrupt
    return found


def _agrees(stated: float, ends: Ends) -> bool:
    """Whether a number lies between the ends, or no farther away than its last printed digit.

    It may have been stated as a formula, whose value in floats is rounded.
    """
    digit = Fraction(10) ** int(Decimal(repr(stated)).as_tuple().exponent)
    size = max(1.0, abs(stated))
    unit = max(Fraction(STATED_ROUNDING * size), min(digit, Fraction(COARSEST_UNIT * size)))
    low, high = ends
    above = is_infinite(low) or Fraction(low) - unit <= stated
    return above and (is_infinite(high) or stated <= Fraction(high) + unit)
