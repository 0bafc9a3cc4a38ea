"""The exact gradient at a point of floats, and how far another is from it.

Comes in: a Function and a point. Goes out: a Reference, fractions where the function is rational
and 50 digits elsewhere. The point is the floats themselves, not the text they came from, so an
error is the method's own and holds nothing of the rounding of pi/3 to a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, nan
from typing import TYPE_CHECKING

from gdcli.derivatives import exact_values
from gdcli.errors import UndefinedError
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

    from gdcli.functions.function import Function

REFERENCE_DIGITS = 50


class Reference(NamedTuple):
    """The gradient to compare with; `rational` says that it is exact, else it has 50 digits."""

    gradient: list[Fraction]
    rational: bool


NO_REFERENCE = Reference([], False)  # at a point without a gradient


def reference(function: Function, point: Sequence[float]) -> Reference:
    """The exact gradient at `point`; raises UndefinedError where there is none."""
    from fractions import Fraction

    try:
        return Reference(exact_values.exact(function, point).gradient, True)
    except UndefinedError:
        pass  # not rational, or too long a fraction; undefined is refused with digits too
    texts = exact_values.digits(function, point, REFERENCE_DIGITS).gradient
    return Reference([Fraction(text) for text in texts], False)


def relative_error(gradient: Sequence[float], exact: Reference) -> float:
    """The largest error of a component, relative to that component of the exact gradient.

    A component that is exactly 0 is measured by the largest one, and where all are 0 the error is
    absolute. inf where a component is not finite, nan where there is no exact gradient.
    """
    from fractions import Fraction

    if not exact.gradient:
        return nan
    if not all(map(isfinite, gradient)):
        return inf
    largest = max(map(abs, exact.gradient), default=Fraction(0)) or Fraction(1)
    errors = [
        abs(Fraction(found) - right) / (abs(right) or largest)
        for found, right in zip(gradient, exact.gradient, strict=True)
    ]
    return float(max(errors, default=Fraction(0)))
