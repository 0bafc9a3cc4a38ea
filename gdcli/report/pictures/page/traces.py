"""plotly's traces that several figures of a page share: paths, their starts, known minima.

They lie in a plane; `space.py` replaces what differs on a surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from gdcli.report.number_format import cell
from gdcli.report.pictures import style
from gdcli.scenes.scene import Arrow, Mark

Trace = dict[str, Any]


def path_color(number: int) -> str:
    return style.LINE_COLORS[number % len(style.LINE_COLORS)]


def path_styles(
    number: int,
    label: str,
    kind: str = "scatter",
    widths: tuple[float, float] = (2, 1.5),
    sizes: tuple[float, float] = (5, 13),
) -> tuple[Trace, Trace]:
    """The style of a path's trail, and that of the point at its end.

    `widths` are those of the trail and of the point's edge, `sizes` those of the marks on either.
    """
    color = path_color(number)
    grouped = {"legendgroup": str(number)} if label else {}
    both: Trace = {"type": kind, "name": escape(label)} | grouped
    trail = both | {
        "mode": "lines+markers",
        "line": {"color": color, "width": widths[0]},
        "marker": {"color": color, "size": sizes[0]},
        "showlegend": bool(label),
    }
    edge = {"color": style.PAPER, "width": widths[1]}
    point = both | {
        "mode": "markers",
        "marker": {"color": color, "size": sizes[1], "line": edge},
        "showlegend": False,
    }
    return trail, point


def starts(points: Sequence[tuple[float, ...]]) -> Trace:
    """Rings in the paths' colours where they begin, x and y of each."""
    colors = [path_color(number) for number in range(len(points))]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [point[0] for point in points],
        "y": [point[1] for point in points],
        "hoverinfo": "skip",  # the first iterate lies there
        "marker": {"color": style.PAPER, "size": 9, "line": {"color": colors, "width": 2.5}},
        "name": "start",
        "zorder": 1,
    }


def minima(found: Sequence[Mark], label: str | None = None) -> list[Trace]:
    """The known minima, or those that the label names, in one trace; no trace without minima."""
    if not found:
        return []
    each = escape(label or style.minima_name(1))
    marker = {"symbol": "star", "size": 12, "color": style.PAPER}
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [known.x for known in found],
        "y": [known.y for known in found],
        "text": [f"{each}<br>f = {cell(known.f)}" for known in found],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": marker | {"line": {"color": style.INK, "width": 1}},
        "name": label or style.minima_name(len(found)),
        "showlegend": True,
        "zorder": 2,  # on the end of a path that came there
    }
    return [marks]


def arrow_text(arrow: Arrow) -> str:
    """The hover text of an arrow: the gradient, and f where it begins."""
    return f"∇f = ({', '.join(map(cell, arrow.gradient))})<br>f = {cell(arrow.at[2])}"
