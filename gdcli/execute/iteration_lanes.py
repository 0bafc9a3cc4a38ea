"""Iterations in lanes: what a loop needs whose iterations are computed all at once, over all boxes.

An Interval of R rows of B boxes has ends of shape (R·B,), box by box within a row. A row is an
iteration, or in nested loops one of each: those of the innermost loop are the slowest. So what was
computed outside a loop is repeated for its iterations by tiling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np

from gdcli.execute.bindings import ArrayBinding
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import Interval

LANES_AT_ONCE = 1 << 15  # of one value: what a body computes stays in the cache
# Within these a float that is a multiple of the step is the shortest decimal that names it, since
# it has 15 digits at most.
SHORT_DECIMALS = ((1.0, 1e15), (2.0**-10, 1e5))


class RowIndex(NamedTuple):
    """The index of the iteration in every row: an array of whole numbers."""

    numbers: Any


def boxes_of(box: Sequence[Interval]) -> int:
    """How many boxes the Intervals hold, 0 where they are scalars."""
    return max((np.size(end) for one in box for end in one if np.ndim(end)), default=0)


def tiled(numbers: Any, length: int) -> Any:
    """An array repeated to this length; a scalar stays."""
    if not np.ndim(numbers) or len(numbers) == length:
        return numbers
    return np.tile(numbers, length // len(numbers))


def lifted(one: Interval, length: int) -> Interval:
    """The Interval in as many lanes, or with scalars for all."""
    return Interval(*[tiled(numbers, length) for numbers in one])


def spread(one: Interval, length: int) -> Interval:
    """The Interval with arrays of this length for its ends and flags."""
    low, high, flags = lifted(one, length)
    kinds = (float, float, np.uint8)
    return Interval(
        *[
            np.broadcast_to(np.asarray(x, kind), length)
            for x, kind in zip((low, high, flags), kinds, strict=True)
        ]
    )


def joined(
    combine: Callable[[Interval, Interval], Interval], one: Interval, rows: int, width: int
) -> Interval:
    """The one row that rows of a width, of a spread Interval, are combined into by halves."""
    while rows > 1:
        half = rows // 2
        first, second, rest = (
            Interval(*[numbers[begin * width : end * width] for numbers in one])
            for begin, end in ((0, half), (half, 2 * half), (2 * half, rows))
        )
        one, rows = spread(combine(first, second), half * width), half
        if len(rest.low):
            one = Interval(*map(np.concatenate, zip(one, rest, strict=True)))
            rows += 1
    return one


def whole_numbers(numbers: Any, boxes: int) -> Interval:
    """The Interval of a whole number for each row."""
    lanes = np.repeat(np.asarray(numbers, float), boxes)
    return Interval(lanes, lanes)


def places(bound: ArrayBinding, subscripts: Sequence[Any], rows: int) -> Any:
    """Where in an array the entries of the rows are; the checks before running find others."""
    place = np.zeros(rows, np.int64)
    for subscript, length in zip(subscripts, bound.lengths, strict=True):
        if np.any(subscript < 1) or np.any(subscript > length):
            raise IndexError(f"a subscript that is not one of 1 to {length}")
        place = place * length + subscript - 1
    return place


def of_data(values: Sequence[float], place: Any, boxes: int) -> Interval:
    """The entries of data at the places of the rows: of the shortest decimals that name them."""
    numbers = np.asarray(values, float)[place]
    with np.errstate(all="ignore"):
        exact = np.zeros(len(numbers), bool)
        for step, most in SHORT_DECIMALS:
            exact |= (np.abs(numbers) <= most) & (numbers / step % 1.0 == 0.0)
        low = np.where(exact, numbers, np.nextafter(numbers, -inf))
        high = np.where(exact, numbers, np.nextafter(numbers, inf))
    return Interval(np.repeat(low, boxes), np.repeat(high, boxes))


def of_box(entries: Sequence[Interval], place: Any, boxes: int) -> Interval:
    """The entries of an array of the box at the places of the rows."""
    used, at = np.unique(place, return_inverse=True)
    columns = [spread(entries[k], boxes) for k in used]
    return Interval(*[np.stack(one)[at].reshape(-1) for one in zip(*columns, strict=True)])


def by_place(place: Any, added: Interval, boxes: int) -> list[tuple[int, int, Interval]]:
    """The places that rows have: each with the number of its rows, and what these add, spread."""
    order = np.argsort(place, kind="stable")
    rows = [np.reshape(numbers, (len(place), boxes))[order] for numbers in added]
    used, begin, counts = np.unique(place[order], return_index=True, return_counts=True)
    return [
        (int(k), int(n), Interval(*[numbers[b : b + n].reshape(-1) for numbers in rows]))
        for k, b, n in zip(used, begin, counts, strict=True)
    ]
