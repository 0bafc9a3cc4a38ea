"""The plane of two variables seen from above: contours in colour, arrows, the colour bar.

Comes in: matplotlib's Axes and parts of a scene. Lengths are equal in both directions wherever the
window allows it, so that a gradient stands at a right angle on its contour. What is undefined stays
blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import style
from gdcli.report.pictures.text_wrapping import name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet

    from gdcli.scenes.scene import Arrow, Axis, Grid

MOST_OBLONG_RATIO = 3.0  # of a window's sides; a more oblong one fills the panel
BAR_TICKS = 8
WINDOW_WIDTH = 5.6  # inches: of the window in the middle of a figure, beside the colour bar


def contours(axes: Axes, grid: Grid, faint: bool = False) -> QuadContourSet:
    """Fills the window with the colours of f and draws its contours; `faint` under paths."""
    f = np.ma.masked_invalid(grid.f)
    colors, extend = _layers(grid)
    filled = axes.contourf(grid.x, grid.y, f, levels=grid.levels, colors=colors, extend=extend)
    axes.contour(
        *(grid.x, grid.y, f),
        levels=grid.levels,
        colors=style.HEIGHT_COLORS[0],
        linestyles="solid",
        linewidths=0.5,
        alpha=0.35 if faint else 0.6,
    )
    window(axes, grid.axes)
    return filled


def window(axes: Axes, shown: tuple[Axis, Axis]) -> None:
    """Sets the limits and names of both variables."""
    across, up = shown
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(up.low, up.high)
    axes.set_xlabel(style.words(name(across.name)))
    style.name_upward(axes, up.name)
    width = min(1.0, proportion(shown)) if equal(shown) else 1.0  # a narrow plane has fewer ticks
    for axis, room in ((axes.xaxis, width), (axes.yaxis, 1.0)):
        axis.set_major_locator(style.few_ticks(room=room))
        axis.set_major_formatter(style.in_full)
    if equal(shown):
        axes.set_aspect("equal", adjustable="box")


def equal(shown: tuple[Axis, Axis]) -> bool:
    """Whether units of both variables are drawn with the same length."""
    return 1 / MOST_OBLONG_RATIO <= proportion(shown) <= MOST_OBLONG_RATIO


def proportion(shown: tuple[Axis, Axis]) -> float:
    """The window's width over its height, in units of the variables."""
    across, up = shown
    return (across.high - across.low) / (up.high - up.low)


def bar(axes: Axes, filled: QuadContourSet, grid: Grid) -> None:
    beside = axes.inset_axes((1.04, 0, 0.04, 1))
    drawn = axes.figure.colorbar(filled, cax=beside, spacing="uniform")
    every = -(-len(grid.levels) // BAR_TICKS)
    ticks = [float(level) for level in grid.levels[::every]]
    drawn.set_ticks(ticks, labels=style.numbers(ticks, style.SCALE_DIGITS))
    beside.set_title("f", fontsize="medium")
    if grid.uneven:
        drawn.set_label("levels are not evenly spaced", fontsize="small")


def _layers(grid: Grid) -> tuple[list[Any], Any]:
    """The colours between the levels, and matplotlib's word for where f goes beyond them."""
    count = len(grid.levels) - 1
    finite = grid.f[np.isfinite(grid.f)]
    below = bool(finite.size) and bool(finite.min() < grid.levels[0])
    above = bool(finite.size) and bool(finite.max() > grid.levels[-1])
    shades = np.linspace(0, 1, count + below + above)
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}
    return list(style.heights()(shades)), extend[below, above]


def arrow(axes: Axes, drawn: Arrow) -> None:
    """Draws the gradient at a point, an arrow uphill."""
    x, y, _ = drawn.at
    if any(drawn.drawn):
        axes.annotate(
            "",
            xy=(x + drawn.drawn[0], y + drawn.drawn[1]),
            xytext=(x, y),
            arrowprops=style.arrow_style(style.ACCENT, 3),
            annotation_clip=False,  # at the window's very edge it may lead beyond
            zorder=6,
        )
    axes.plot([x], [y], "o", color=style.ACCENT, markeredgecolor=style.PAPER, zorder=7)


def arrows(axes: Axes, drawn: Sequence[Arrow]) -> None:
    """Draws a field of arrows, each from its point; where the gradient is 0 there is none."""
    drawn = [one for one in drawn if any(one.drawn)]
    axes.quiver(
        [one.at[0] for one in drawn],
        [one.at[1] for one in drawn],
        [one.drawn[0] for one in drawn],
        [one.drawn[1] for one in drawn],
        angles="xy",
        scale_units="xy",
        scale=1,
        color=style.INK,
        edgecolor=style.PAPER,
        linewidth=0.4,
        width=0.004,
        headwidth=4.5,
        headlength=5,
        headaxislength=4.5,
        minlength=0.5,
        zorder=5,
    )
