"""Lengths and slopes of long gradients: of arrays what `gradient.py` finds of lists, bit by bit.

Comes in: arrays of shape (n,). Goes out: floats and arrays. Numbers are taken in blocks, so that
there is never a list of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import fsum, isfinite, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.numbers.bounded import SPLITTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LENGTH_BLOCK = 1 << 13  # numbers at a time


def as_array(vector: Any) -> Array:
    return np.asarray(vector, dtype=float)


def is_finite(vector: Array) -> bool:
    return bool(np.isfinite(vector).all())


def length_and_direction(vector: Array) -> tuple[float | None, Array | None]:
    """‖v‖, None where no float holds it, and -v/‖v‖, None for the vector 0."""
    scale = float(max(vector.max(), -vector.min()))
    if scale == 0:
        return 0.0, None
    scaled = vector / scale
    length = hypot(scaled)
    np.subtract(0.0, scaled, out=scaled)
    scaled /= length
    found = scale * length
    return found if isfinite(found) else None, scaled


def directional_derivative(gradient: Array, direction: Array) -> float | None:
    """The gradient times the direction, rounded once.

    None where it is no finite number, or needs a component that is none.
    """
    products = (_products(gradient[part], direction[part]) for part in _blocks(gradient))
    try:
        found = fsum(chain.from_iterable(products))
    except (OverflowError, ValueError):  # of inf - inf
        return None
    return found if isfinite(found) else None


def _products(gradient: Array, direction: Array) -> list[float]:
    """The products of the components; what is not finite times 0 is 0."""
    with np.errstate(all="ignore"):
        found: list[float] = np.where(direction != 0.0, gradient * direction, 0.0).tolist()
    return found


def hypot(vector: Array) -> float:
    """The Euclidean length of numbers of at most 1, rounded as that of `math.hypot`.

    Squares and sums are exact: each is a float and what it lacks, which are added apart (Dekker,
    Numerische Mathematik 18, 1971; Knuth, The Art of Computer Programming 2, 4.2.2).
    """
    sums, rest = np.zeros(min(LENGTH_BLOCK, len(vector))), np.zeros(min(LENGTH_BLOCK, len(vector)))
    for part in _blocks(vector):
        square, lost = _squares(vector[part])
        sum_ = sums[: len(square)]
        total = sum_ + square
        added = total - sum_
        rest[: len(square)] += lost + (square - added) + (sum_ - (total - added))
        sums[: len(square)] = total
    terms = [*sums.tolist(), *rest.tolist()]
    length = sqrt(fsum(terms))
    square, lost = _squares(as_array([length]))
    return length + fsum([*terms, -square[0], -lost[0]]) / (2.0 * length)


def _squares(numbers: Array) -> tuple[Array, Array]:
    """The squares of the numbers, and what each lacks as a float."""
    upper = SPLITTER * numbers
    upper -= upper - numbers
    lower = numbers - upper
    square = numbers * numbers
    return square, ((upper * upper - square) + 2.0 * upper * lower) + lower * lower


def _blocks(vector: Array) -> Iterator[slice]:
    return (slice(first, first + LENGTH_BLOCK) for first in range(0, len(vector), LENGTH_BLOCK))
