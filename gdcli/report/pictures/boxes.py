"""The boxes of a search for the global minimum, in the colours of what became of them.

Over two variables the contours are drawn on the boxes, over one the curve, and across it the best
value: what lies above it is excluded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import charts, plane, style
from gdcli.report.pictures.captions import captions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gdcli.scenes.scene import Array, Boxes, BoxGroup

MOST_VECTOR_BOXES = 3_000  # of a picture: more of them would make a heavy svg or pdf
BOX_EDGE, CONTOUR_COLOR = "#52606d", "#185a97"
FACE_WIDTH = 3.0  # points, of boxes that lie in a face
FEW_BOXES, EDGE_WIDTHS = 300, (0.9, 0.4)  # of the edges, in points, of few boxes and of many
BEST_LABEL = "best value"
SMALL_REASONS = ("UNIQUE", "LEFT", "CANDIDATE")  # however small, their boxes must be seen
HATCHED_REASON = "UNDEFINED"
SMALL_STAR, SMALL_EDGE = 7.5, 2.0  # points: a small box is seen through the star
FILLS, CONTOURS, EDGES, SMALL_BOXES = 1.0, 2.0, 2.5, 3.0  # what is drawn upon what


def boxes(scene: Boxes) -> Figure:
    """The boxes under contours, or under the curve."""
    figure = style.figure(style.TALL_SIZE, scene.title)
    axes = figure.add_subplot()
    count = sum(len(group.low) for group in scene.groups)
    for group in scene.groups:
        _draw(axes, group, EDGE_WIDTHS[count > FEW_BOXES], count > MOST_VECTOR_BOXES)
    if scene.grid is not None:
        f = np.ma.masked_invalid(scene.grid.f)
        axes.contour(
            *(scene.grid.x, scene.grid.y, f),
            levels=scene.grid.levels,
            colors=CONTOUR_COLOR,
            linestyles="solid",
            linewidths=0.7,
            alpha=0.5,
            zorder=CONTOURS,
        )
        plane.window(axes, scene.grid.axes)
    if scene.curve is not None and scene.axis is not None:
        charts.graph(axes, scene.axis, scene.limits, scene.curve)
        axes.set_axisbelow(True)
        best: dict[str, Any] = {"color": style.ACCENT, "linestyle": style.DASHES[1]}
        axes.axhline(
            float(scene.least[1]), linewidth=1.2, zorder=SMALL_BOXES, label=BEST_LABEL, **best
        )
    star: Any = {"markersize": SMALL_STAR, "markerfacecolor": "none"}
    charts.stars(axes, scene.minimizers, label=scene.minimizers_label, **star)
    phrases = style.lines_of(captions(scene), style.TALL_SIZE[0] - 1)
    axes.set_title(phrases, fontsize="small")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _draw(axes: Axes, group: BoxGroup, width: float, many: bool) -> None:
    """Draws the boxes of a group, and those that have no area as lines."""
    from matplotlib.collections import LineCollection, PolyCollection

    color = style.BOX_COLORS[group.reason.name][0]
    small = group.reason.name in SMALL_REASONS
    flat = (group.low == group.high).any(axis=1)
    areas: Any = corners(group.low[~flat], group.high[~flat])
    ends: Any = np.stack([group.low[flat], group.high[flat]], axis=1)
    edge, order = (color, SMALL_BOXES) if small else (BOX_EDGE, FILLS)
    hatch = "///" if group.reason.name == HATCHED_REASON else None
    filled = PolyCollection(
        areas,
        facecolors=color,
        edgecolors=edge,
        linewidths=SMALL_EDGE if small else 0.5,
        hatch=hatch,
        zorder=order,
    )
    filled.set_label(style.words(group.label))
    for collection in (
        filled,
        PolyCollection(areas, facecolors="none", edgecolors=edge, linewidths=width, zorder=EDGES),
        LineCollection(ends, colors=color, linewidths=FACE_WIDTH, zorder=EDGES, clip_on=False),
    ):
        collection.set_rasterized(many)
        axes.add_collection(collection, autolim=False)


def corners(low: Array, high: Array) -> Array:
    """The four corners of boxes in a plane, in order around each, shape (m, 4, 2)."""
    (x0, y0), (x1, y1) = low.T, high.T
    around = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return np.stack([np.column_stack(corner) for corner in around], axis=1)
