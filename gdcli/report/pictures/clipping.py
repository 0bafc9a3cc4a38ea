"""Polylines cut to a box, so that no renderer meets a coordinate it cannot draw.

A path may leave the window, reach 1e300 or be undefined; the parts within the box are kept.

Source: Liang and Barsky, A new concept and method for line clipping, ACM Trans. Graph. 3 (1984) 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Array


SEGMENT_ROWS = 3  # its start, its end, a gap


def inside(points: Array, low: Array, high: Array) -> Array:
    """The parts of a polyline's segments in a box; `points` (m, n), result (3 (m - 1), n).

    Each segment has a row for its start, one for its end and one of nan. All three are nan where no
    part of it is within, or where an end is not finite. So the first 3 k rows are the first k
    segments.
    """
    start, end = points[:-1], points[1:]
    with np.errstate(all="ignore"):  # what is not finite is sorted out below
        half = end / 2 - start / 2  # end - start may be larger than any float
        crossings = np.stack([(low / 2 - start / 2) / half, (high / 2 - start / 2) / half])
        between = (low <= start) & (start <= high)
        enter = np.where(half == 0, np.where(between, 0.0, np.inf), crossings.min(axis=0))
        leave = np.where(half == 0, 1.0, crossings.max(axis=0))
        first = enter.max(axis=1, initial=0)[:, None]
        last = leave.min(axis=1, initial=1)[:, None]
        ends = [
            np.where(
                within(one, low, high)[:, None], one, (start + 2 * share * half).clip(low, high)
            )
            for one, share in ((start, first), (end, last))
        ]
        finite = np.isfinite(np.hstack([start, end])).all(axis=1, keepdims=True)
        kept = np.logical_and(first <= last, finite)
    rows = [*(np.where(kept, one, np.nan) for one in ends), np.full_like(start, np.nan)]
    return np.stack(rows, axis=1).reshape(-1, points.shape[1])


def within(points: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    """Which points lie in the box, shape (m,)."""
    found: NDArray[np.bool_] = np.all((points >= low) & (points <= high), axis=1)
    return found
