"""Descents laid out: a column for each path, contours and surface, or the curve; tracks on them.

The same layouts, with all of a path, are a still, and empty at first the stage of a film.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.report.numerals import counted
from gdcli.report.pictures import charts, plane, relief, style
from gdcli.report.pictures.tracks import Caption, Flat, Spatial, Track
from gdcli.scenes.descents import history_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Descent, Path

    Array = NDArray[np.float64]

SIDE = 5.4  # inches, of a panel of a single path
NARROW = 3.7  # of one among several
BESIDE = 0.2  # of what stands above a panel, free on each side
FILM = (9.6, 6.4)  # of the stage of a film with one descent
COLUMNS = 4  # of panels; more paths go into another row, without their surfaces


class Stage(NamedTuple):
    """A figure, for each path the tracks that show it, and the number of its last row."""

    figure: Figure
    tracks: list[list[Track]]
    ends: list[int]


def still(scene: Descent) -> Figure:
    """All of every path."""
    stage = single(scene) if len(scene.paths) == 1 else several(scene)
    for tracks, end in zip(stage.tracks, stage.ends, strict=True):
        for track in tracks:
            track.show(end)
    return stage.figure


def film(scene: Descent) -> Stage:
    """Where a film is played: beside the paths the falling loss and the numbers of a row."""
    if len(scene.paths) > 1:
        return several(scene, moving=True)
    path = scene.paths[0]
    sheet = style.sheet(FILM, scene.title, arranged=False)
    words = sheet.text(0.03, 0.885, "", family="monospace", fontsize="medium")
    tracks: list[Track] = [Caption(words, path)]
    if scene.grid is None:
        tracks.append(on_curve(sheet.add_axes((0.11, 0.13, 0.5, 0.7)), scene, path))
        tracks.append(falling(sheet.add_axes((0.73, 0.13, 0.24, 0.7)), path))
    else:
        tracks.append(on_surface(sheet, (0.0, 0.0, 0.56, 0.88), scene, path))
        tracks.append(on_contours(sheet.add_axes((0.66, 0.47, 0.33, 0.38)), scene, path))
        tracks.append(falling(sheet.add_axes((0.71, 0.11, 0.26, 0.22)), path))
    return Stage(sheet, [tracks], [len(path.steps) - 1])


def single(scene: Descent) -> Stage:
    """One path: contours beside the surface, or the curve."""
    path = scene.paths[0]
    if scene.grid is None:
        sheet = style.sheet(style.WIDE, scene.title)
        axes = sheet.add_subplot()
        track = on_curve(axes, scene, path)
        axes.set_title(outcome(path), fontsize="small")
        axes.legend()
        return Stage(sheet, [[track]], [len(path.steps) - 1])
    sheet = style.sheet((2.1 * SIDE, SIDE + 0.4), scene.title)
    parts: Any = sheet.subfigures(1, 2, width_ratios=(1.1, 1))
    left, right = parts
    axes = left.add_subplot()
    flat = on_contours(axes, scene, path, scale=True)
    axes.set_title(outcome(path), fontsize="small")
    charts.legend_below(left, axes)
    tracks = [flat, on_surface(right, (0.0, 0.0, 0.94, 1.0), scene, path)]
    return Stage(sheet, [tracks], [len(path.steps) - 1])


def several(scene: Descent, moving: bool = False) -> Stage:
    """Several paths side by side, each with its contours and below them its surface."""
    count = len(scene.paths)
    rows = -(-count // COLUMNS)
    across = -(-count // rows)
    below = rows == 1 and scene.grid is not None
    size = across * NARROW, (rows + below) * NARROW + 0.6
    sheet = style.sheet(size, scene.title)
    cells = sheet.subfigures(rows + below, across, squeeze=False)
    tracks: list[list[Track]] = []
    for place, path in enumerate(scene.paths):
        cell = cells[divmod(place, across)]
        axes = cell.add_subplot()
        made: list[Track] = [flat(axes, scene, path)]
        ended = outcome(path).replace(", ", "\n")
        head = style.lines_of([path.label], NARROW - 2 * BESIDE)
        above = axes.set_title(f"{head}\n{ended}", fontsize="small")
        if moving:
            made.append(Caption(above, path, head))
        if below:
            made.append(on_surface(cells[1, place], (0.0, 0.05, 0.92, 0.95), scene, path))
        tracks.append(made)
    if not moving:
        charts.legend_below(sheet, axes)
    return Stage(sheet, tracks, [len(path.steps) - 1 for path in scene.paths])


def flat(axes: Axes, scene: Descent, path: Path) -> Track:
    """The path in the plane of two variables, or on the curve of one."""
    if scene.grid is None:
        return on_curve(axes, scene, path)
    return on_contours(axes, scene, path)


def on_curve(axes: Axes, scene: Descent, path: Path) -> Track:
    """The path of one variable: points on the curve."""
    import numpy as np

    assert scene.axis is not None
    assert scene.curve is not None
    charts.graph(axes, scene.axis, scene.limits, scene.curve)
    charts.stars(axes, scene.minima)
    points = in_space(scene, path)
    window = (scene.axis.low, scene.axis.high)
    low, high = zip(window, style.wider(scene.limits), strict=True)
    return Flat(axes, points, np.array(low), np.array(high))


def on_contours(axes: Axes, scene: Descent, path: Path, scale: bool = False) -> Track:
    """The path over contours, with the scale of their colours or without."""
    assert scene.grid is not None
    filled = plane.contours(axes, scene.grid, faint=True)
    if scale:
        plane.bar(axes, filled, scene.grid)
    charts.stars(axes, scene.minima)
    low, high = relief.corners_of(scene.grid)
    return Flat(axes, in_space(scene, path)[:, :2], low[:2], high[:2])


def on_surface(
    figure: Figure | SubFigure,
    place: tuple[float, float, float, float],
    scene: Descent,
    path: Path,
) -> Track:
    """The path on the surface, in that part of the figure."""
    assert scene.grid is not None
    axes = relief.space(figure, place)
    relief.surface(axes, scene.grid)
    return Spatial(axes, scene.grid, in_space(scene, path))


def falling(axes: Axes, path: Path) -> Track:
    """f over k, as a history shows it."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    panel = history_of("", (path,)).panels[0]
    (line,) = panel.lines
    axes.set_yscale("log" if panel.logarithmic else "linear")
    axes.plot(line.x, line.y, color="none")  # for the limits
    axes.set_xlabel("k")
    axes.xaxis.set_major_locator(MaxNLocator(style.TICKS, integer=True))
    axes.set_title(panel.name, fontsize="small", loc="left")
    axes.grid(True)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    low, high = np.array([left, bottom]), np.array([right, top])
    return Flat(axes, np.column_stack([line.x, line.y]), low, high, style.CURVE, marks=False)


def in_space(scene: Descent, path: Path) -> Array:
    """The path on the surface, shape (m, 3), or on a curve, shape (m, 2)."""
    import numpy as np

    return np.array(
        [(*(one.point[number] for number in scene.plane), one.height) for one in path.steps]
    )


def outcome(path: Path) -> str:
    """How it ended and when, and f there unless the last rows are not shown."""
    last = path.steps[-1]
    ended = "limit reached" if path.status == "max_iterations" else path.status
    steps = f"{ended} after {counted(path.total - 1, 'step')}".lstrip()
    return f"{steps}, f = {style.number(last.f)}" if last.k == path.total - 1 else steps
