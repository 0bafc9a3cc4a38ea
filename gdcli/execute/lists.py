"""Arrays as lists for Python source: each level's first entry is unused, so that they count from 1.

`W[2][3]` is then the entry that the language calls W[2,3]. A flat point is cut into such lists and
their entries are put together again, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from gdcli.execute.bindings import ArrayBinding


def entries(point: Sequence[float], start: int, length: int, *lengths: int) -> list[Any]:
    """The array of these lengths that begins at `start`, as lists that count from 1."""
    if not lengths:
        return [None, *point[start : start + length]]
    step = ArrayBinding(lengths).count
    return [None, *(entries(point, start + k * step, *lengths) for k in range(length))]


def zeros(length: int, *lengths: int) -> list[Any]:
    """An array of zeros, as lists that count from 1."""
    return [None, *(zeros(*lengths) if lengths else 0.0 for _ in range(length))]


def flat(array: list[Any]) -> list[float]:
    """The entries of such an array, row by row."""
    rows = array[1:]
    return (
        list(chain.from_iterable(map(flat, rows))) if rows and isinstance(rows[0], list) else rows
    )


def corrected(total: float, correction: float) -> float:
    """A compensated sum; one that is not finite has no correction."""
    return total + correction if correction - correction == 0.0 else total


def listed(point: Sequence[Any]) -> Sequence[Any]:
    """The point as a list, whose numbers raise where those of an array do not."""
    return point.tolist() if hasattr(point, "tolist") else point
