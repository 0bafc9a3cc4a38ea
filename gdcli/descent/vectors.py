"""The few operations through which descent reaches its vectors: lists of floats, or NumPy arrays.

Comes in: vectors of one kind and of equal length. Goes out: floats and new vectors of that kind. Up
to MOST_LISTED_COMPONENTS a vector is a list, for which nothing is imported and to which everything
that is known of small points applies; above it is an array. Over lists sums run from the left in
plain floating point (Python's own `sum` compensates from 3.12 on), so a run repeats bit for bit on
every version. Nothing is assumed finite: inf and nan pass through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite, sqrt
from typing import Any

from gdcli.descent import long_vectors
from gdcli.descent.long_vectors import Change
from gdcli.execute.buffers import reusing
from gdcli.numbers import linear_algebra
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

Vector = Any  # list[float], or an array of float64 of shape (n,)


def vector(components: Any) -> Vector:
    """The components as a list where they are few, else as a new array."""
    if len(components) <= MOST_LISTED_COMPONENTS:
        return [float(component) for component in components]
    import numpy

    return numpy.array(components, dtype=float)


@contextmanager
def arithmetic(a: Vector) -> Iterator[None]:
    """A context in which arrays as long as `a` overflow without a warning and are used again."""
    if isinstance(a, list):
        yield
        return
    import numpy

    with numpy.errstate(all="ignore"), reusing(len(a)):
        yield


def dot(a: Vector, b: Vector) -> float:
    if isinstance(a, list):
        found: float = linear_algebra.dot(a, b)
        return found
    return long_vectors.dot(a, b)


def step(x: Vector, alpha: float, direction: Vector) -> Vector:
    """`x + alpha*direction`; for the direction -g these are the bits of `x - alpha*g`."""
    if not isinstance(x, list):
        return long_vectors.step(x, alpha, direction)
    return [here + alpha * slope for here, slope in zip(x, direction, strict=True)]


def difference(a: Vector, b: Vector) -> Vector:
    if not isinstance(a, list):
        return long_vectors.difference(a, b)
    return [left - right for left, right in zip(a, b, strict=True)]


def slope_of(alpha: float, direction: Vector, gradient: Vector) -> float:
    """The inner product of `alpha*direction` and the gradient."""
    if not isinstance(direction, list):
        return alpha * long_vectors.dot(direction, gradient)
    return dot(scaled(alpha, direction), gradient)


def change(x0: Vector, x1: Vector, g0: Vector, g1: Vector) -> Change:
    """What the move from x₀ to x₁ changed, with the gradients there."""
    if not isinstance(x0, list):
        return long_vectors.change(x0, x1, g0, g1)
    s, y = difference(x1, x0), difference(g1, g0)
    moved, turned, curvature = largest(s), largest(y), dot(s, y)
    s, y = scaled(1.0 / (moved or 1.0), s), scaled(1.0 / (turned or 1.0), y)
    return Change(moved, turned, curvature, dot(s, s), dot(s, y), dot(y, y))


def scaled(factor: float, a: Vector) -> Vector:
    if not isinstance(a, list):
        return long_vectors.scaled(factor, a)
    return [factor * component for component in a]


def sizes(a: Vector) -> Vector:
    """The absolute values."""
    return abs(a) if not isinstance(a, list) else [abs(component) for component in a]


def larger(a: Vector, b: Vector) -> Vector:
    """The larger of each two components."""
    if isinstance(a, list):
        return [max(left, right) for left, right in zip(a, b, strict=True)]
    import numpy

    return numpy.maximum(a, b)


def reaching(reached: Vector, x: Vector) -> Vector:
    """The larger of `reached` and |x| in each component: `reached` itself where no x is beyond.

    An array is `reached` itself, in which that is done.
    """
    if isinstance(x, list):
        for most, component in zip(reached, x, strict=True):
            if not -most <= component <= most:
                return larger(reached, sizes(x))
        return reached
    return long_vectors.reach(reached, x)


def equal(a: Vector, b: Vector) -> bool:
    return a == b if isinstance(a, list) else long_vectors.equal(a, b)


def restricted(a: Vector, places: Sequence[int] | None) -> Vector:
    """The vector with 0 in all places but these; itself where they are None, which is all."""
    if places is None:
        return a
    if not isinstance(a, list):
        found = 0.0 * a
        found[places] = a[places]
        return found
    entries = [0.0] * len(a)
    for i in places:
        entries[i] = a[i]
    return entries


def same_places(a: Sequence[int] | None, b: Sequence[int] | None) -> bool:
    """Whether two sets of places, lists or arrays in order, are the same; None is all of them."""
    if a is None or b is None:
        return a is b
    return len(a) == len(b) and equal(a, b)


def finite(a: Vector) -> bool:
    return all(map(isfinite, a)) if isinstance(a, list) else isfinite(largest(a))


def largest(a: Vector) -> float:
    """The largest absolute value, ‖a‖∞; nan as soon as one component is."""
    if not isinstance(a, list):
        return long_vectors.largest(a)
    found = 0.0
    for component in a:
        if abs(component) > found or component != component:
            found = abs(component)
    return found


def length(a: Vector) -> float:
    """The Euclidean length, computed without overflow on the way."""
    scale = largest(a)
    if not scale > 0.0 or not isfinite(scale):
        return scale
    unit = [component / scale for component in a] if isinstance(a, list) else a / scale
    return scale * sqrt(dot(unit, unit))
