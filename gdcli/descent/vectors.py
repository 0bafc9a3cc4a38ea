"""The few operations through which descent reaches its vectors, over lists of floats.

Comes in: lists of floats of equal length. Goes out: floats and new lists.
Sums run from the left in plain floating point (Python's own `sum` compensates from 3.12 on), so a
run repeats bit for bit on every version. Nothing is assumed finite: inf and nan pass through.
"""

from __future__ import annotations

from math import isfinite, sqrt

Vector = list[float]
EPSILON = 2.0**-52


def dot(a: Vector, b: Vector) -> float:
    """The inner product."""
    total = 0.0
    for left, right in zip(a, b, strict=True):
        total += left * right
    return total


def step(x: Vector, alpha: float, direction: Vector) -> Vector:
    """`x + alpha*direction`; for the direction -g these are the bits of `x - alpha*g`."""
    return [here + alpha * slope for here, slope in zip(x, direction, strict=True)]


def difference(a: Vector, b: Vector) -> Vector:
    """`a - b`."""
    return [left - right for left, right in zip(a, b, strict=True)]


def scaled(factor: float, a: Vector) -> Vector:
    """`factor*a`."""
    return [factor * component for component in a]


def largest(a: Vector) -> float:
    """The largest absolute value, ‖a‖∞; nan as soon as one component is."""
    found = 0.0
    for component in a:
        if abs(component) > found or component != component:
            found = abs(component)
    return found


def length(a: Vector) -> float:
    """The Euclidean length, without overflow on the way."""
    scale = largest(a)
    if not scale > 0.0 or not isfinite(scale):
        return scale
    unit = [component / scale for component in a]
    return scale * sqrt(dot(unit, unit))
