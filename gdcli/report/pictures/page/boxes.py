"""The boxes of a search for the global minimum, for plotly, under contours or under the curve."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from gdcli.report.pictures import style
from gdcli.report.pictures.boxes import (
    BEST_LABEL,
    BOX_EDGE,
    CONTOUR_COLOR,
    HATCHED_REASON,
    SMALL_REASONS,
    corners,
)
from gdcli.report.pictures.page.charts import chart, line_trace
from gdcli.report.pictures.page.heights import short
from gdcli.report.pictures.page.plane import contour_lines, plane_layout
from gdcli.report.pictures.page.traces import Trace, minima
from gdcli.scenes.scene import Boxes, BoxGroup, Polyline


def boxes(scene: Boxes) -> dict[str, Any]:
    """The boxes of each group as one trace, which the legend shows and hides."""
    traces = [_boxes(group) for group in scene.groups]
    stars = minima(scene.minimizers, scene.minimizers_label)
    if scene.grid is not None:
        traces += [contour_lines(scene.grid, CONTOUR_COLOR), *stars]
        return {"data": traces, "layout": plane_layout(scene.grid)}
    assert scene.axis is not None
    assert scene.curve is not None
    best = np.array([scene.axis.low, scene.axis.high]), np.full(2, float(scene.least[1]))
    traces.append(line_trace(Polyline(BEST_LABEL, *best), style.ACCENT, dash="dash"))
    traces.append(line_trace(scene.curve, style.CURVE_COLOR))
    return chart([*traces, *stars], scene.axis, scene.limits)


def _boxes(group: BoxGroup) -> Trace:
    """The boxes of a group as one line with gaps, filled."""
    outline = corners(group.low, group.high)[:, [0, 1, 2, 3, 0, 0]]
    outline[:, -1] = np.nan
    x, y = outline.reshape(-1, 2).T
    color = style.BOX_COLORS[group.reason.name][0]
    small = group.reason.name in SMALL_REASONS
    hatch = {"fillpattern": {"shape": "/", "fgcolor": style.QUIET_INK, "bgcolor": color}}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(group.label),
        "x": short(x),
        "y": short(y),
        "fill": "toself",
        "fillcolor": color,
        "line": {"color": color if small else BOX_EDGE, "width": 2 if small else 0.6},
        "hoverinfo": "name",
        "hoveron": "fills",
        "showlegend": True,
    } | (hatch if group.reason.name == HATCHED_REASON else {})
