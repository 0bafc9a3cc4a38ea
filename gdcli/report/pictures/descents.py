"""Figures of descents: a column for each path, with contours and surface, or with the curve.

A figure with all of every path is a still; one whose paths grow frame by frame is a film.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import counted
from gdcli.report.pictures import charts, plane, style, surface_plot
from gdcli.report.pictures.path_artists import (
    CaptionArtist,
    PathArtist,
    PlanePathArtist,
    SurfacePathArtist,
)
from gdcli.scenes.descents import history_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from gdcli.scenes.scene import Array, DescentScene, Path


PANEL_SIDE = 5.4  # inches, of the panel of a single path
NARROW_PANEL_SIDE = 3.7  # inches, of a panel among several
HEAD_MARGIN = 0.2  # inches, on each side of the head of a panel
FILM_SIZE = (9.6, 6.4)  # inches, of a film with one descent
PANEL_COLUMNS = 4  # more paths go into another row, without their surfaces


class DescentFigure(NamedTuple):
    """A figure, the artists that show each path, and the number of each path's last row."""

    figure: Figure
    path_artists: list[list[PathArtist]]
    ends: list[int]


def still(scene: DescentScene) -> Figure:
    """The figure with every path drawn to its end."""
    descent_figure = single(scene) if len(scene.paths) == 1 else several(scene)
    for path_artists, end in zip(descent_figure.path_artists, descent_figure.ends, strict=True):
        for path_artist in path_artists:
            path_artist.show(end)
    return descent_figure.figure


def film(scene: DescentScene) -> DescentFigure:
    """The figure of a film: the paths, and beside them f over k and the numbers of a row."""
    if len(scene.paths) > 1:
        return several(scene, moving=True)
    path = scene.paths[0]
    figure = style.figure(FILM_SIZE, scene.title, arranged=False)
    words = figure.text(0.03, 0.885, "", family="monospace", fontsize="medium")
    path_artists: list[PathArtist] = [CaptionArtist(words, path)]
    if scene.grid is None:
        path_artists.append(on_curve(figure.add_axes((0.11, 0.13, 0.5, 0.7)), scene, path))
        path_artists.append(value_curve(figure.add_axes((0.73, 0.13, 0.24, 0.7)), path))
    else:
        path_artists.append(on_surface(figure, (0.0, 0.0, 0.56, 0.88), scene, path))
        path_artists.append(on_contours(figure.add_axes((0.66, 0.47, 0.33, 0.38)), scene, path))
        path_artists.append(value_curve(figure.add_axes((0.71, 0.11, 0.26, 0.22)), path))
    return DescentFigure(figure, [path_artists], [len(path.steps) - 1])


def single(scene: DescentScene) -> DescentFigure:
    """The figure of one path: contours beside the surface, or the curve."""
    path = scene.paths[0]
    if scene.grid is None:
        figure = style.figure(style.WIDE_SIZE, scene.title)
        axes = figure.add_subplot()
        path_artist = on_curve(axes, scene, path)
        axes.set_title(outcome(path), fontsize="small")
        axes.legend()
        return DescentFigure(figure, [[path_artist]], [len(path.steps) - 1])
    figure = style.figure((2.1 * PANEL_SIDE, PANEL_SIDE + 0.4), scene.title)
    parts: Any = figure.subfigures(1, 2, width_ratios=(1.1, 1))
    left, right = parts
    axes = left.add_subplot()
    flat = on_contours(axes, scene, path, scale=True)
    axes.set_title(outcome(path), fontsize="small")
    charts.legend_below(left, axes)
    path_artists = [flat, on_surface(right, (0.0, 0.0, 0.94, 1.0), scene, path)]
    return DescentFigure(figure, [path_artists], [len(path.steps) - 1])


def several(scene: DescentScene, moving: bool = False) -> DescentFigure:
    """The figure of several paths side by side, each with its contours and, below, its surface."""
    count = len(scene.paths)
    rows = -(-count // PANEL_COLUMNS)
    across = -(-count // rows)
    below = rows == 1 and scene.grid is not None
    size = across * NARROW_PANEL_SIDE, (rows + below) * NARROW_PANEL_SIDE + 0.6
    figure = style.figure(size, scene.title)
    cells = figure.subfigures(rows + below, across, squeeze=False)
    path_artists: list[list[PathArtist]] = []
    for place, path in enumerate(scene.paths):
        cell = cells[divmod(place, across)]
        axes = cell.add_subplot()
        made: list[PathArtist] = [flat(axes, scene, path)]
        ended = outcome(path).replace(", ", "\n")
        head = style.lines_of([path.label], NARROW_PANEL_SIDE - 2 * HEAD_MARGIN)
        above = axes.set_title(f"{head}\n{ended}", fontsize="small")
        if moving:
            made.append(CaptionArtist(above, path, head))
        if below:
            made.append(on_surface(cells[1, place], (0.0, 0.05, 0.92, 0.95), scene, path))
        path_artists.append(made)
    if not moving:
        charts.legend_below(figure, axes)
    return DescentFigure(figure, path_artists, [len(path.steps) - 1 for path in scene.paths])


def flat(axes: Axes, scene: DescentScene, path: Path) -> PathArtist:
    """The path in the plane of two variables, or on the curve of one."""
    if scene.grid is None:
        return on_curve(axes, scene, path)
    return on_contours(axes, scene, path)


def on_curve(axes: Axes, scene: DescentScene, path: Path) -> PathArtist:
    assert scene.axis is not None
    assert scene.curve is not None
    charts.graph(axes, scene.axis, scene.limits, scene.curve)
    charts.stars(axes, scene.minima)
    points = in_space(scene, path)
    window = (scene.axis.low, scene.axis.high)
    low, high = zip(window, style.wider(scene.limits), strict=True)
    return PlanePathArtist(axes, points, np.array(low), np.array(high))


def on_contours(axes: Axes, scene: DescentScene, path: Path, scale: bool = False) -> PathArtist:
    """The path over contours, with their colour bar if `scale`."""
    assert scene.grid is not None
    filled = plane.contours(axes, scene.grid, faint=True)
    if scale:
        plane.bar(axes, filled, scene.grid)
    charts.stars(axes, scene.minima)
    low, high = surface_plot.corners_of(scene.grid)
    return PlanePathArtist(axes, in_space(scene, path)[:, :2], low[:2], high[:2])


def on_surface(
    figure: Figure | SubFigure,
    place: tuple[float, float, float, float],
    scene: DescentScene,
    path: Path,
) -> PathArtist:
    assert scene.grid is not None
    axes = surface_plot.space(figure, place)
    surface_plot.surface(axes, scene.grid)
    return SurfacePathArtist(axes, scene.grid, in_space(scene, path))


def value_curve(axes: Axes, path: Path) -> PathArtist:
    """The path's f over k, as a history shows it."""
    from matplotlib.ticker import MaxNLocator

    panel = history_of("", (path,)).panels[0]
    (line,) = panel.lines
    axes.set_yscale("log" if panel.logarithmic else "linear")
    axes.plot(line.x, line.y, color="none")  # for the limits
    axes.set_xlabel("k")
    axes.xaxis.set_major_locator(MaxNLocator(style.AXIS_TICKS, integer=True))
    axes.set_title(panel.name, fontsize="small", loc="left")
    axes.grid(True)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    low, high = np.array([left, bottom]), np.array([right, top])
    return PlanePathArtist(
        axes, np.column_stack([line.x, line.y]), low, high, style.CURVE_COLOR, marks=False
    )


def in_space(scene: DescentScene, path: Path) -> Array:
    """The points of the path on the surface, shape (m, 3), or on a curve, shape (m, 2)."""
    return np.array(
        [(*(one.point[number] for number in scene.plane), one.height) for one in path.steps]
    )


def outcome(path: Path) -> str:
    """How the path ended and when, with f there unless its last rows are not drawn."""
    last = path.steps[-1]
    ended = "limit reached" if path.status == "max_iterations" else path.status
    steps = f"{ended} after {counted(path.total - 1, 'step')}".lstrip()
    return f"{steps}, f = {style.number(last.f)}" if last.k == path.total - 1 else steps
