"""The plane of two variables, for plotly: contours, and on them arrows, minima and paths."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import atan2, cos, hypot, pi, sin
from typing import Any

from gdcli.report.pictures import style
from gdcli.report.pictures.page.heights import key, palette, places, short
from gdcli.report.pictures.page.layout import axis, layout
from gdcli.report.pictures.page.player import Player
from gdcli.report.pictures.page.traces import arrow_text, minima, path_styles, starts
from gdcli.report.pictures.plane import equal
from gdcli.scenes.scene import Arrow, Contour, DescentScene, Field, Grid

PLANE_FIGURE = 1  # its number on the page of a descent, after the surface
HEAD_SHARE, LONGEST_HEAD = 0.35, 0.04  # of the arrow, and at most of the figure
HEAD_HALF_ANGLE = 0.45  # radians


def contour(scene: Contour) -> dict[str, Any]:
    """Contours, and the gradient's arrow."""
    arrows = () if scene.arrow is None else (scene.arrow,)
    traces = [_contours(scene.grid), *minima(scene.minima), *_arrows(arrows, scene.grid, 3)]
    return {"data": traces, "layout": plane_layout(scene.grid)}


def field(scene: Field) -> dict[str, Any]:
    """Contours, and the arrows of steepest descent."""
    traces = [_contours(scene.grid), *minima(scene.minima), *_arrows(scene.arrows, scene.grid, 1.5)]
    return {"data": traces, "layout": plane_layout(scene.grid)}


def descent(scene: DescentScene, player: Player) -> dict[str, Any]:
    """Contours, and on them every path with the point that moves along it."""
    assert scene.grid is not None
    first, second = scene.plane
    begun = [(path.steps[0].point[first], path.steps[0].point[second]) for path in scene.paths]
    traces = [_contours(scene.grid), *minima(scene.minima), starts(begun)]
    columns = {"x": str(first), "y": str(second)}
    trace_styles = [path_styles(number, path.label) for number, path in enumerate(scene.paths)]
    traces += player.traces(PLANE_FIGURE, len(traces), columns, trace_styles)
    return {"data": traces, "layout": plane_layout(scene.grid)}


def _contours(grid: Grid) -> dict[str, Any]:
    count = len(grid.levels)
    names = [escape(one.name) for one in grid.axes]
    return {
        "type": "contour",
        "x": short(grid.x),
        "y": short(grid.y),
        "z": short(places(grid.f, grid)),
        "customdata": short(grid.f),
        "zmin": -1,
        "zmax": count,
        "contours": {"start": 0, "end": count - 1, "size": 1},
        "line": {"color": style.PAPER, "width": 0.7},
        "colorscale": palette(),
        "colorbar": key(grid),
        "hovertemplate": f"{names[0]} = %{{x:.5g}}<br>{names[1]} = %{{y:.5g}}"
        "<br>f = %{customdata:.5g}<extra></extra>",
    }


def contour_lines(grid: Grid, color: str) -> dict[str, Any]:
    """Contours without colours between them, and without a key."""
    drawn = _contours(grid)
    bare = {"contours": drawn["contours"] | {"coloring": "none"}, "line": {"color": color}}
    return drawn | bare | {"showscale": False, "showlegend": False, "zorder": 1}


def _arrows(arrows: Sequence[Arrow], grid: Grid, width: float) -> list[dict[str, Any]]:
    """Two traces: all arrows as one line with gaps, and their tails, with the hover texts."""
    if not arrows:
        return []
    x: list[float | None] = []
    y: list[float | None] = []
    for arrow in arrows:
        for across, up in _stroke(arrow, grid):
            x.append(across)
            y.append(up)
        x.append(None)
        y.append(None)
    color = style.ACCENT if len(arrows) == 1 else style.INK
    both = {"type": "scatter", "showlegend": False}
    shafts = both | {"x": x, "y": y, "mode": "lines", "hoverinfo": "skip"}
    tails = both | {
        "x": [arrow.at[0] for arrow in arrows],
        "y": [arrow.at[1] for arrow in arrows],
        "mode": "markers",
        "marker": {"color": color, "size": 3 * width},
        "text": [arrow_text(arrow) for arrow in arrows],
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [shafts | {"line": {"color": color, "width": width}}, tails]


def _stroke(arrow: Arrow, grid: Grid) -> list[tuple[float, float]]:
    """The polyline of an arrow: its tail, its tip, and the two ends of its head.

    Lengths and angles are those of the figure, which is square where units are not of equal length.
    """
    (x, y, _), (dx, dy) = arrow.at, arrow.drawn
    sides = [one.high - one.low for one in grid.axes]
    if equal(grid.axes):
        sides = [max(sides)] * 2
    across, up = dx / sides[0], dy / sides[1]
    length, angle = min(HEAD_SHARE * hypot(across, up), LONGEST_HEAD), atan2(up, across)
    tip = (x + dx, y + dy)
    ends = [
        (
            tip[0] + sides[0] * length * cos(angle + pi + turn),
            tip[1] + sides[1] * length * sin(angle + pi + turn),
        )
        for turn in (-HEAD_HALF_ANGLE, HEAD_HALF_ANGLE)
    ]
    return [(x, y), tip, ends[0], tip, ends[1]]


def plane_layout(grid: Grid) -> dict[str, Any]:
    """The layout of a figure of the plane."""
    across, up = grid.axes
    held = {"constrain": "domain"} if equal(grid.axes) else {}
    alike = {"scaleanchor": "x", "scaleratio": 1} if held else {}
    return layout(
        xaxis=axis(across.name, (across.low, across.high), **held),
        yaxis=axis(up.name, (up.low, up.high), **held, **alike),
    )
