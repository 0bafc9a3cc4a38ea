"""Intervals: what an interval is, what its flags promise, and what an interval system offers.

Two systems give these records. `interval_lanes.py` computes with NumPy arrays of ends, many boxes
at once, and only searches. `interval_ends.py` computes with one box at a time in arb, or in mpmath
without it, and is what proofs rest on.

The interval that a tape gives over a box holds every value that the tape's real function takes at
those points of the box where it is defined. It is EMPTY (low = +inf, high = -inf) where there is no
such point. Its flags say more of the function over the closed box:

DEFINED      it has a value at every point of the box
CONTINUOUS   no operation jumps inside the box: no sign, comparison or subscript is undecided, and
             none is decided differently at a point of the box's boundary
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf
from typing import Any

from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import NumberSystem

DEFINED, CONTINUOUS = 1, 2
DEFINED_AND_CONTINUOUS = DEFINED | CONTINUOUS


class Interval(NamedTuple):
    """The real numbers from `low` to `high`; `flags` is a sum of DEFINED and CONTINUOUS.

    In lanes the ends are float64 arrays of shape (boxes,) and the flags uint8 of that shape; ends
    that every box has, and flags that every box has, may be scalars instead.
    """

    low: Any
    high: Any
    flags: Any = DEFINED_AND_CONTINUOUS


class IntervalSystem(NamedTuple):
    """One kind of intervals.

    `numbers` has the constants and primitives, as functions of Intervals. `branch` takes a
    comparison's name, its two sides, and two functions that compute the results of the region where
    it holds and of the one where it does not; where it is undecided it gives their hull, not
    CONTINUOUS. `of` makes the Interval of two exact ends, rounded outward where they are no numbers
    of the system; in lanes the ends may be arrays of floats. `ends` gives those of one Interval
    exactly: Fractions, or floats where they are infinite; of many boxes the least and the greatest.
    `in_lanes` says that one Interval may hold many boxes.
    """

    numbers: NumberSystem
    branch: Callable[
        [
            str,
            Interval,
            Interval,
            Callable[[], Sequence[Interval]],
            Callable[[], Sequence[Interval]],
        ],
        Sequence[Interval],
    ]
    of: Callable[[Any, Any], Interval]
    ends: Callable[[Interval], tuple[Fraction | float, Fraction | float]]
    in_lanes: bool = False


def decisions(comparison: str, left: Interval, right: Interval) -> tuple[Any, Any]:
    """Where a comparison holds for all numbers of two intervals, and where it fails for all."""
    if comparison in (">", ">="):
        return decisions("<" if comparison == ">" else "<=", right, left)
    if comparison == "<":
        return left.high < right.low, left.low >= right.high
    if comparison == "<=":
        return left.high <= right.low, left.low > right.high
    apart = (left.high < right.low) | (left.low > right.high)
    equal = (left.low == right.high) & (left.high == right.low)
    return (equal, apart) if comparison == "==" else (apart, equal)


def is_bounded(interval: Interval) -> bool:
    """Whether the Interval of one box has finite ends, and is not EMPTY."""
    return bool(-inf < interval.low <= interval.high < inf)
