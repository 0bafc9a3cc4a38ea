"""Heights on a page: the place of each f among the levels, its colour, and the key of colours.

A height is a place among the levels: 0 at the lowest level, 1 at the next, -1 at the low end of the
f shown and the number of levels at its high end, so that uneven levels have even colours. plotly
draws contours where heights, interpolated linearly between places of the grid, are whole numbers.
So a height must be a smooth function of f, or contours are jagged where uneven levels meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Grid

DRAWN_DIGITS = 6  # of a number that is only drawn
MOST_KEY_NUMBERS = 12


def places(f: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """The place of each f among the levels of the grid; nan stays nan."""
    levels, (low, high) = grid.levels.tolist(), grid.limits
    known = dict(zip(levels, range(len(levels)), strict=True))
    below = {low: -1} if low < levels[0] else {}
    above = {high: len(levels)} if high > levels[-1] else {}
    nodes = below | known | above
    return smooth(f, np.array([*nodes]), np.array([*nodes.values()], float))


def smooth(
    f: NDArray[np.float64], nodes: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A smooth and rising function at `f`; at the nodes it has the values, both ascending.

    Beyond the nodes it is constant. Source: Fritsch and Butland, A method for constructing local
    monotone piecewise cubic interpolants, SIAM J. Sci. Stat. Comput. 5 (1984) 300.
    """
    lengths = np.diff(nodes)
    secants = np.diff(values) / lengths
    inner = 2 / (1 / secants[1:] + 1 / secants[:-1])
    slopes = np.concatenate([secants[:1], inner, secants[-1:]])
    piece = np.clip(np.searchsorted(nodes, f, side="right") - 1, 0, len(lengths) - 1)
    h = lengths[piece]
    t = np.clip((f - nodes[piece]) / h, 0, 1)
    rise = t * t * (3 - 2 * t) * secants[piece]
    bend = t * (1 - t) * ((1 - t) * slopes[piece] - t * slopes[piece + 1])
    found: NDArray[np.float64] = values[piece] + h * (rise + bend)
    return found


def thinned(count: int, most: int) -> NDArray[np.intp]:
    """The numbers of at most `most` + 1 evenly spaced lines of a grid, the ends included."""
    return np.unique(np.round(np.linspace(0, count - 1, min(count, most + 1))).astype(np.intp))


def palette() -> list[list[Any]]:
    """The colours of heights as a plotly colour scale: pairs of a share and a colour."""
    last = len(style.HEIGHT_COLORS) - 1
    return [[number / last, color] for number, color in enumerate(style.HEIGHT_COLORS)]


def key(grid: Grid) -> dict[str, Any]:
    """The colour bar beside a figure, with the levels as its numbers."""
    every = -(-len(grid.levels) // MOST_KEY_NUMBERS)
    return {
        "title": {"text": "f"},
        "tickvals": list(range(0, len(grid.levels), every)),
        "ticktext": style.numbers(grid.levels[::every].tolist(), style.SCALE_DIGITS),
        "thickness": 14,
        "len": 0.9,
        "outlinewidth": 0,
    }


def short(values: NDArray[np.float64]) -> list[Any]:
    """The values as nested lists for JSON: with few digits, None where one is not finite."""
    if values.ndim > 1:
        return [short(row) for row in values]
    return [float(f"{v:.{DRAWN_DIGITS}g}") if v - v == 0 else None for v in values.tolist()]
