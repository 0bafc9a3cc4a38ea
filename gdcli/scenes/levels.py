"""Values of f to the levels of its contours, and to the range of f that is shown.

Comes in: an array of f, nan or infinite where it has no value. Goes out: ascending levels. They are
evenly spaced round numbers where those show structure. Else they are closer where most of the
window lies: closer and closer towards an end of f, so that a valley shows beside the steep walls
around it, or closer in the middle. A pole, where f leaps from one place of the grid to the next and
goes on growing between them, is cut off.
"""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Array

HIGHEST_VALUE = 1e200  # f beyond is left blank: the arithmetic of drawing it would overflow
LEAST_SPAN = 1e-200  # a shorter range of f counts as none, for the same reason
MOST_SHARE_BEYOND = 0.5  # of the finite f: if more are beyond HIGHEST_VALUE there is no picture
FLAT_SHARE = 1e-12  # of the size of f: a shorter range is made of rounding errors
EVEN_LEVELS = 16  # levels, about
UNEVEN_LEVELS = 15
# Levels are uneven where half of the window lies within the first share of the range of f, at
# either end of it, or the middle half of the window within the second.
STEEP_SHARE, CROWDED_SHARE = 0.15, 0.2
DEEPEST_SHARE = 1e-4  # of the range of f: no level is closer to its end
ABYSS_SHARE = 1e-24  # instead of it, where half of the window would lie beyond all levels
SHARE_BEYOND = 0.5  # of the range between the outer twentieths of f: what is shown beyond them


def drawable(values: Array) -> NDArray[np.bool_]:
    """Where f is a number that a picture can show, of the shape of `values`."""
    found: NDArray[np.bool_] = np.abs(values) <= HIGHEST_VALUE
    return found


def too_huge(values: Array) -> bool:
    """Whether f, where it is finite, is mostly too large to be drawn."""
    finite = np.isfinite(values)
    return bool((finite & ~drawable(values)).sum() > MOST_SHARE_BEYOND * finite.sum())


def is_flat(low: float, high: float) -> bool:
    """Whether a range of f is too short to be drawn: rounding errors, or next to nothing."""
    return not high - low > max(FLAT_SHARE * max(abs(low), abs(high)), LEAST_SPAN)


def finite_part(values: Array) -> Array:
    """The values that can be drawn, ascending, shape (m,)."""
    found: Array = np.sort(values[drawable(values)])
    return found


def quantile(ascending: Array, share: float) -> float:
    """The value below which a share of the values lies; NumPy's quantile imports numpy.ma."""
    return float(ascending[int(share * (ascending.size - 1))])


def limits(values: Array, pole: bool) -> tuple[float, float]:
    """The low and high f that are shown, low < high; at a pole f is cut off.

    `values` has at least one finite value.
    """
    finite = finite_part(values)
    low, high = float(finite[0]), float(finite[-1])
    if pole or np.isinf(values).any():
        inner, outer = quantile(finite, 0.05), quantile(finite, 0.95)
        room = SHARE_BEYOND * (outer - inner)
        low, high = max(low, inner - room), min(high, outer + room)
    if not is_flat(low, high):
        return low, high
    room = 0.5 * abs(low) if abs(low) > LEAST_SPAN else 1.0
    return low - room, high + room


def levels(values: Array, shown: tuple[float, float]) -> tuple[Array, bool]:
    """The levels within `shown`, at least two and ascending, and whether they are uneven."""
    low, high = shown
    finite = finite_part(np.clip(values, low, high))
    share = (quantile(finite, 0.5) - low) / (high - low)
    if finite[-1] - finite[0] < 0.5 * (high - low):  # a constant
        return even(low, high), False
    if not STEEP_SHARE <= share <= 1.0 - STEEP_SHARE:
        found = towards_end(finite, low, high, upward=share < STEEP_SHARE)
    elif quantile(finite, 0.75) - quantile(finite, 0.25) < CROWDED_SHARE * (high - low):
        found = by_crowd(finite, low, high)
    else:
        return even(low, high), False
    found = rounded(found)
    inside = found[(found > low) & (found < high)]
    return (inside, True) if inside.size >= 2 else (even(low, high), False)


def towards_end(finite: Array, low: float, high: float, upward: bool) -> Array:
    """Levels whose distances from an end of f grow geometrically; `upward` from the low end."""
    depths = finite - low if upward else (high - finite)[::-1]
    span = high - low
    share = DEEPEST_SHARE if quantile(depths, 0.5) > DEEPEST_SHARE * span else ABYSS_SHARE
    deepest = max(share * span, FLAT_SHARE * abs(low if upward else high))
    distances = np.geomspace(max(quantile(depths, 0.03), deepest), 0.9 * span, UNEVEN_LEVELS)
    found: Array = low + distances if upward else (high - distances)[::-1]
    return found


def by_crowd(finite: Array, low: float, high: float) -> Array:
    """Levels that are evenly spaced in the mean of the share of the window below and that of f."""
    heights = np.linspace(low, high, 1001)
    ranks = np.searchsorted(finite, heights) / finite.size
    shares = 0.5 * ranks + np.linspace(0.0, 0.5, heights.size)
    wanted = (np.arange(UNEVEN_LEVELS) + 0.5) / UNEVEN_LEVELS
    found: Array = np.interp(wanted, shares, heights)
    return found


def even(low: float, high: float) -> Array:
    """The multiples, between low and high, of 1, 2, 2.5 or 5 times a power of ten."""
    wanted = (high - low) / EVEN_LEVELS
    unit = 10.0 ** floor(log10(wanted))
    step = next(unit * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if unit * factor >= wanted)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    found: Array = step * np.arange(first, last + 1, dtype=float)
    digits = max(0, 2 - floor(log10(step)))
    found = np.round(found, digits) + 0.0  # no 0.30000000000000004, no -0
    distinct = found.size >= 2 and bool((np.diff(found) > 0.0).all())
    return found if distinct else np.linspace(low, high, 4)[1:3]


def rounded(found: Array) -> Array:
    """The levels with as few digits as tell each from its neighbours."""
    gaps = np.diff(found, prepend=2.0 * found[0] - found[1])
    distinct = {
        round(float(level), 1 - floor(log10(gap))) for level, gap in zip(found, gaps, strict=True)
    }
    return np.array(sorted(distinct))
