"""The surface of a function in space, for plotly: heights in the colours of the contours.

The gradient's arrow and the paths lie slightly above the surface, so that it does not hide them.
Beyond the limits of f the surface is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, cos, floor, log10, radians, sin
from typing import Any

import numpy as np

from gdcli.report.pictures import style
from gdcli.report.pictures.page.heights import key, palette, places, short, thinned
from gdcli.report.pictures.page.layout import layout
from gdcli.report.pictures.page.player import Player
from gdcli.report.pictures.page.traces import Trace, arrow_text, path_color, path_styles, starts
from gdcli.report.pictures.page.traces import minima as flat_minima
from gdcli.report.pictures.surface_plot import heights_at
from gdcli.report.pictures.text_wrapping import name as shortened
from gdcli.scenes.scene import Array, Arrow, DescentScene, Grid, Mark, Surface

SURFACE_FIGURE = 0  # its number on the page
BOX_ASPECT = {"x": 1.0, "y": 1.0, "z": 0.66}  # lengths of the axes' box
CAMERA_ELEVATION, CAMERA_AZIMUTH, CAMERA_DISTANCE = radians(38), radians(-62), 2.3
PAGE_PATCHES = 100  # of the surface along a side, at most: so it turns smoothly
MOST_BOX_TICKS = 6  # on an axis
CORNER_SHARE = 0.04  # of an axis at each end, without a number
LIFT = 0.006  # of the height shown
SPACE_HEAD_SHARE, LONGEST_SPACE_HEAD = 0.3, 0.08  # of the arrow, and at most of the box
HEAD_HALF_WIDTH = 0.45  # of an arrow's head, as a share of its length
SHAFT_PIECES = 16  # of an arrow's shaft


def surface(scene: Surface) -> dict[str, Any]:
    """The surface, with known minima and the gradient's arrow on it."""
    traces = [_surface(scene.grid, with_key=True), *_minima(scene.minima, scene.grid)]
    if scene.arrow is not None:
        traces += _arrow(scene.arrow, scene.grid)
    return {"data": traces, "layout": _layout(scene.grid)}


def descent(scene: DescentScene, player: Player) -> dict[str, Any]:
    """The surface, and on it every path with the point that moves along it."""
    assert scene.grid is not None
    traces = [_surface(scene.grid, with_key=False), *_minima(scene.minima, scene.grid)]
    lift = LIFT * (scene.grid.limits[1] - scene.grid.limits[0])
    traces.append(_starts(scene, lift))
    player.lift(lift)
    columns = {"x": str(scene.plane[0]), "y": str(scene.plane[1]), "z": "lifted"}
    trace_styles = [
        path_styles(number, path.label, "scatter3d", widths=(6, 1), sizes=(3, 7))
        for number, path in enumerate(scene.paths)
    ]
    traces += player.traces(SURFACE_FIGURE, len(traces), columns, trace_styles)
    return {"data": traces, "layout": _layout(scene.grid)}


def _starts(scene: DescentScene, lift: float) -> Trace:
    steps = [path.steps[0] for path in scene.paths]
    points = [
        (*(step.point[number] for number in scene.plane), step.height + lift) for step in steps
    ]
    marker = {"symbol": "circle-open", "size": 7, "color": [*map(path_color, range(len(steps)))]}
    flat = starts(points) | {"type": "scatter3d", "z": [point[2] for point in points]}
    return flat | {"marker": marker | {"line": {"width": 3}}}


def _surface(grid: Grid, with_key: bool) -> dict[str, Any]:
    low, high = grid.limits
    across, up = grid.axes
    names = (escape(across.name), escape(up.name))
    rows, columns = (thinned(len(along), PAGE_PATCHES) for along in (grid.y, grid.x))
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
        "colorbar": key(grid) | {"x": 1, "xanchor": "right"},  # over what the box leaves free
        "lighting": {"ambient": 0.75, "diffuse": 0.5, "specular": 0.05},
        "hovertemplate": f"{names[0]} = %{{x:.5g}}<br>{names[1]} = %{{y:.5g}}"
        "<br>f = %{z:.5g}<extra></extra>",
    }
    if not grid.uneven:
        first, last, size = grid.levels[0], grid.levels[-1], grid.levels[1] - grid.levels[0]
        lines = {"show": True, "start": float(first), "end": float(last), "size": float(size)}
        drawn["contours"] = {"z": lines | {"color": style.QUIET_INK, "width": 1}}
    return drawn


def _minima(minima: Sequence[Mark], grid: Grid) -> list[Trace]:
    lift = LIFT * (grid.limits[1] - grid.limits[0])
    heights = {"type": "scatter3d", "z": [known.f + lift for known in minima]}
    smaller = {"symbol": "diamond", "size": 5}
    return [flat | heights | {"marker": flat["marker"] | smaller} for flat in flat_minima(minima)]


def _arrow(arrow: Arrow, grid: Grid) -> list[dict[str, Any]]:
    """The gradient's arrow up the tangent plane, raised to the surface where that would hide it."""
    both = {"type": "scatter3d", "showlegend": False}
    points = _lifted(_strokes(arrow, grid), grid)
    shaft = both | {
        "mode": "lines",
        **dict(zip("xyz", points.T.tolist(), strict=True)),
        "hoverinfo": "skip",
        "line": {"color": style.ACCENT, "width": 8},
    }
    tail = both | {
        "mode": "markers",
        **{name: [value] for name, value in zip("xyz", points[0].tolist(), strict=True)},
        "text": [arrow_text(arrow)],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": style.ACCENT, "size": 6},
    }
    return [shaft, tail]


def _strokes(arrow: Arrow, grid: Grid) -> Array:
    """The polyline of an arrow: from the tail to the tip, and to each end of the head and back.

    Its shape is (m, 3). The head has four ends, at right angles about the shaft in the box that is
    drawn, so that it is seen from every side.
    """
    low = np.array([*(axis.low for axis in grid.axes), grid.limits[0]])
    high = np.array([*(axis.high for axis in grid.axes), grid.limits[1]])
    unit = (high - low) / np.array([*BOX_ASPECT.values()])  # of the box, in those of the axes
    tail = np.array(arrow.at)
    way = np.array([*arrow.drawn, np.dot(arrow.gradient, arrow.drawn)])
    along = way / unit
    length = np.linalg.norm(along)
    if not length:
        return tail[None]
    along /= length
    level = np.array([-along[1], along[0], 0.0]) / np.hypot(along[0], along[1])
    tip, size = tail + way, min(SPACE_HEAD_SHARE * length, LONGEST_SPACE_HEAD)
    points = [tail + share * way for share in np.linspace(0, 1, SHAFT_PIECES)]
    for beside in (level, -level, np.cross(along, level), -np.cross(along, level)):
        points += [tip + size * unit * (HEAD_HALF_WIDTH * beside - along), tip]
    return np.array(points)


def _lifted(points: Array, grid: Grid) -> Array:
    """The points by LIFT higher, after those below the surface were raised to it."""
    x, y, f = points.T
    lift = LIFT * (grid.limits[1] - grid.limits[0])
    return np.column_stack([x, y, np.fmax(f, heights_at(grid, x, y)) + lift])


def _layout(grid: Grid) -> dict[str, Any]:
    flat = cos(CAMERA_ELEVATION) * CAMERA_DISTANCE
    eye = {
        "x": flat * cos(CAMERA_AZIMUTH),
        "y": flat * sin(CAMERA_AZIMUTH),
        "z": sin(CAMERA_ELEVATION) * CAMERA_DISTANCE,
    }
    across, up = grid.axes
    scene = {
        "xaxis": _axis(across.name, (across.low, across.high)),
        "yaxis": _axis(up.name, (up.low, up.high)),
        "zaxis": _axis("f", grid.limits),
        "aspectmode": "manual",
        "aspectratio": BOX_ASPECT,
        "camera": {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.16}},
        "dragmode": "orbit",
    }
    return layout(scene=scene, margin={"l": 0, "r": 0, "t": 40, "b": 0})


def _axis(name: str, shown: tuple[float, float]) -> dict[str, Any]:
    ticks = _ticks(*shown)
    texts = [style.in_full(tick, 0) for tick in ticks]
    numbered = {"tickvals": ticks, "ticktext": texts}
    return {"title": {"text": escape(shortened(name))}, "range": list(shown)} | numbered


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers for an axis, none so near a corner of the box that it lies on another's."""
    least = (high - low) / MOST_BOX_TICKS
    power = 10.0 ** floor(log10(least))
    step = power * next(factor for factor in (1, 2, 5, 10) if power * factor >= least)
    room = CORNER_SHARE * (high - low)
    first, last = ceil((low + room) / step), floor((high - room) / step)
    return [number * step for number in range(first, last + 1)]
