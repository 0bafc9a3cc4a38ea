"""Rows of a descent to the Path that a picture shows.

Comes in: rows as descent made them, or as a trace holds them. Goes out: a Path of at most
MOST steps, the first and the last among them, with gradients where there is a function to ask.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from gdcli.pictures.scene import Path, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.descent.iterate import Iterate
    from gdcli.scalar_function import Function

MOST = 2_000  # steps that a picture shows apart


def path(
    function: Function | None,
    rows: Sequence[Iterate],
    total: int,
    label: str = "",
    status: str = "",
    message: str = "",
) -> Path:
    """The path of `rows`, which are in order of k and at least one."""
    steps = tuple(_step(function, row) for row in thinned(rows))
    return Path(label, steps, total, status, message)


def thinned(rows: Sequence[Iterate]) -> Sequence[Iterate]:
    """At most MOST rows, evenly spaced, from the first to the last."""
    if len(rows) <= MOST:
        return rows
    last = len(rows) - 1
    return [rows[place * last // (MOST - 1)] for place in range(MOST)]


def _step(function: Function | None, row: Iterate) -> Step:
    gradient = None
    if function is not None:
        found = function.evaluate_gradient(row.x)[1]
        gradient = tuple(found) if all(map(isfinite, found)) else None
    return Step(row.k, tuple(row.x), row.f, gradient, row.gradient_norm, row.alpha)
