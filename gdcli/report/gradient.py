"""Function, point → Gradient: the answer of `gdcli grad`, before a format turns it into text.

A component that is not finite stays so here; `status` says "undefined" and `message` names the
sub-expression. Length and direction are scaled, so that they neither overflow nor underflow
before they must; where a finite gradient has a length or slope that no double holds, `status`
stays "ok" and `message` names that number.
"""

from __future__ import annotations

from math import hypot, isfinite
from typing import TYPE_CHECKING, NamedTuple

from gdcli.errors import UsageError

if TYPE_CHECKING:
    from gdcli.scalar_function import Function


class Gradient(NamedTuple):
    """Value and gradient at a point, with what was asked for beside them."""

    variables: tuple[str, ...]
    at: list[float]
    value: float
    gradient: list[float]
    length: float | None  # Euclidean
    direction: list[float] | None  # of steepest descent, length 1; None where the slope is 0
    status: str  # "ok" or "undefined"
    message: str | None
    hessian: list[list[float]] | None = None
    along: list[float] | None = None  # V
    slope: float | None = None  # along V / its length
    derivative: float | None = None  # along V as given


def gradient_at(
    function: Function,
    at: list[float],
    along: list[float] | None = None,
    hessian: bool = False,
) -> Gradient:
    """The gradient of `function` at `at`; `along` asks for a directional derivative too."""
    if along is not None and not any(along):
        raise UsageError("--along needs a direction: every component of it is 0")
    value, gradient = function.evaluate_gradient(at)
    rows = function.evaluate_hessian(at) if hessian else None
    length, direction = _length_and_direction(gradient)
    slope = derivative = None
    if along is not None:
        _, backwards = _length_and_direction(along)
        derivative = dot(gradient, along)
        slope = -dot(gradient, backwards or along)
    numbers = [value, *gradient, *(entry for row in rows or () for entry in row)]
    defined = all(map(isfinite, numbers))
    message = _too_large(length, slope, derivative) if defined else _failure(function, at)
    return Gradient(
        function.variables,
        at,
        value,
        gradient,
        length,
        direction,
        "ok" if defined else "undefined",
        message,
        rows,
        along,
        slope,
        derivative,
    )


def dot(first: list[float], second: list[float]) -> float:
    """The sum of products, in order."""
    total = 0.0
    for a, b in zip(first, second, strict=True):
        total += a * b
    return total


def _failure(function: Function, at: list[float]) -> str:
    return function.failure(at) or "the Hessian has no finite value there"


def _too_large(length: float | None, slope: float | None, derivative: float | None) -> str | None:
    """Which of these numbers, of a finite gradient, are not finite."""
    named = {"the length": length, "the slope along V": slope, "the derivative along V": derivative}
    lost = [name for name, value in named.items() if value is not None and not isfinite(value)]
    return f"beyond the largest number there is: {', '.join(lost)}" if lost else None


def _length_and_direction(vector: list[float]) -> tuple[float | None, list[float] | None]:
    """‖v‖ and -v/‖v‖; None for what is not defined."""
    scale = max(map(abs, vector), default=0.0)
    if not all(map(isfinite, vector)):
        return None, None
    if scale == 0:
        return 0.0, None
    scaled = [component / scale for component in vector]
    length = hypot(*scaled)
    return scale * length, [(0.0 - component) / length for component in scaled]
