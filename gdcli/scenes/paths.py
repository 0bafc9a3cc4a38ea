"""Rows of a descent to the Path that a picture shows.

Comes in: rows as descent made them, or as a trace holds them. Goes out: a Path of at most
MOST_PATH_STEPS steps, the first and the last among them, with gradients if there is a function.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from gdcli.descent.iterate import Iterate
from gdcli.functions.function import Function
from gdcli.scenes.scene import Path, PathRow

MOST_PATH_STEPS = 2_000
MOST_GRADIENT_VARIABLES = 12  # of a point whose gradient is shown


def path(
    function: Function | None,
    rows: Sequence[Iterate],
    total: int,
    label: str = "",
    status: str = "",
    message: str = "",
    maximize: bool = False,
) -> Path:
    """The path of `rows`, which are in order of k and at least one."""
    steps = tuple(_step(function, row) for row in thinned(rows))
    return Path(label, steps, total, status, message, maximize)


def thinned(rows: Sequence[Iterate]) -> Sequence[Iterate]:
    """At most MOST_PATH_STEPS of the rows.

    Half of them are the first rows, because an axis of k may be logarithmic; the other half are
    evenly spaced over all that follow, to the last.
    """
    if len(rows) <= MOST_PATH_STEPS:
        return rows
    half = MOST_PATH_STEPS // 2
    last = len(rows) - 1
    return [
        *rows[:half],
        *(rows[half + place * (last - half) // (half - 1)] for place in range(half)),
    ]


def _step(function: Function | None, row: Iterate) -> PathRow:
    gradient = None
    if function is not None and len(row.x) <= MOST_GRADIENT_VARIABLES:
        found = function.evaluate_gradient(row.x)[1]
        gradient = tuple(found) if all(map(isfinite, found)) else None
    return PathRow(row.k, row.x, row.f, gradient, row.gradient_norm, row.alpha)
