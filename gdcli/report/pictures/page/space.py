"""The surface of a function in space, for plotly: heights in the colours of the contours.

The gradient's arrow and the paths lie on the surface, lifted by a trifle lest it hide them. Beyond
the limits of f the surface is cut off.
"""

from __future__ import annotations

from html import escape
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.numerals import cell
from gdcli.report.pictures import style
from gdcli.report.pictures.page.heights import key, palette, places, short, thinned
from gdcli.report.pictures.page.layout import layout, path_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.pictures.scene import Arrow, Descent, Grid, Mark, Surface
    from gdcli.report.pictures.page.player import Player

FIGURE = 0  # its number on the page
BOX = {"x": 1.0, "y": 1.0, "z": 0.66}  # lengths of the axes' box
ELEVATION, AZIMUTH, DISTANCE = radians(38), radians(-62), 2.0
CELLS = 100  # patches of the surface along a side, at most: it turns smoothly
TICKS = 6  # on an axis, at most
LIFT = 0.006  # of the height shown


def surface(scene: Surface) -> dict[str, Any]:
    """The surface, known minima, the gradient's arrow."""
    traces = [_surface(scene.grid, with_key=True), *_minima(scene.minima, scene.grid)]
    if scene.arrow is not None:
        traces += _arrow(scene.arrow, scene.grid)
    return {"data": traces, "layout": _layout(scene.grid)}


def descent(scene: Descent, player: Player) -> dict[str, Any]:
    """The surface, and on it every path with the point that walks along it."""
    assert scene.grid is not None
    traces = [_surface(scene.grid, with_key=False), *_minima(scene.minima, scene.grid)]
    player.lift(LIFT * (scene.grid.limits[1] - scene.grid.limits[0]))
    columns = {"x": str(scene.plane[0]), "y": str(scene.plane[1]), "z": "lifted"}
    looks = [_looks(number, path.label) for number, path in enumerate(scene.paths)]
    traces += player.traces(FIGURE, len(traces), columns, looks)
    return {"data": traces, "layout": _layout(scene.grid)}


def _looks(number: int, label: str) -> tuple[dict[str, Any], dict[str, Any]]:
    color = path_color(number)
    both: dict[str, Any] = {"type": "scatter3d", "name": escape(label), "legendgroup": str(number)}
    trail = both | {
        "mode": "lines+markers",
        "line": {"color": color, "width": 6},
        "marker": {"color": color, "size": 3},
        "showlegend": bool(label),
    }
    point = both | {
        "mode": "markers",
        "marker": {"color": style.PAPER, "size": 7, "line": {"color": color, "width": 3}},
        "showlegend": False,
    }
    return trail, point


def _surface(grid: Grid, with_key: bool) -> dict[str, Any]:
    low, high = grid.limits
    across, up = grid.axes
    names = (escape(across.name), escape(up.name))
    rows, columns = (thinned(len(along), CELLS) for along in (grid.y, grid.x))
    f = grid.f[np.ix_(rows, columns)]
    drawn = {
        "type": "surface",
        "x": short(grid.x[columns]),
        "y": short(grid.y[rows]),
        "z": short(np.clip(f, low - (high - low), high + (high - low))),
        "surfacecolor": short(places(f, grid)),
        "cmin": -1,
        "cmax": len(grid.levels),
        "colorscale": palette(),
        "showscale": with_key,
        "colorbar": key(grid),
        "lighting": {"ambient": 0.75, "diffuse": 0.5, "specular": 0.05},
        "hovertemplate": f"{names[0]} = %{{x:.5g}}<br>{names[1]} = %{{y:.5g}}"
        "<br>f = %{z:.5g}<extra></extra>",
    }
    if not grid.uneven:
        first, last, size = grid.levels[0], grid.levels[-1], grid.levels[1] - grid.levels[0]
        lines = {"show": True, "start": float(first), "end": float(last), "size": float(size)}
        drawn["contours"] = {"z": lines | {"color": style.QUIET, "width": 1}}
    return drawn


def _minima(minima: Sequence[Mark], grid: Grid) -> list[dict[str, Any]]:
    if not minima:
        return []
    lift = LIFT * (grid.limits[1] - grid.limits[0])
    return [
        {
            "type": "scatter3d",
            "mode": "markers",
            "x": [known.x for known in minima],
            "y": [known.y for known in minima],
            "z": [known.f + lift for known in minima],
            "text": [f"known minimum<br>f = {cell(known.f)}" for known in minima],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"symbol": "x", "size": 4, "color": style.INK},
            "showlegend": False,
        }
    ]


def _arrow(arrow: Arrow, grid: Grid) -> list[dict[str, Any]]:
    """Along the tangent plane: a line, and a cone at its end."""
    (x, y, f), (dx, dy) = arrow.at, arrow.drawn
    df = arrow.gradient[0] * dx + arrow.gradient[1] * dy
    lift = LIFT * (grid.limits[1] - grid.limits[0])
    text = f"∇f = ({', '.join(map(cell, arrow.gradient))})<br>f = {cell(f)}"
    shaft = {
        "type": "scatter3d",
        "mode": "lines+markers",
        "x": [x, x + dx],
        "y": [y, y + dy],
        "z": [f + lift, f + df + lift],
        "text": [text, text],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": style.ACCENT, "width": 8},
        "marker": {"color": style.ACCENT, "size": [6, 0]},
        "showlegend": False,
    }
    return [shaft]


def _layout(grid: Grid) -> dict[str, Any]:
    flat = cos(ELEVATION) * DISTANCE
    eye = {"x": flat * cos(AZIMUTH), "y": flat * sin(AZIMUTH), "z": sin(ELEVATION) * DISTANCE}
    across, up = grid.axes
    scene = {
        "xaxis": _axis(across.name, (across.low, across.high)),
        "yaxis": _axis(up.name, (up.low, up.high)),
        "zaxis": _axis("f", grid.limits),
        "aspectmode": "manual",
        "aspectratio": BOX,
        "camera": {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.16}},
        "dragmode": "orbit",
    }
    return layout(scene=scene, margin={"l": 0, "r": 0, "t": 40, "b": 0})


def _axis(name: str, shown: tuple[float, float]) -> dict[str, Any]:
    return {"title": {"text": escape(name)}, "range": list(shown), "nticks": TICKS}
