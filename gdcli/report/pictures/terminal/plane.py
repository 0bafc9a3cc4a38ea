"""Pictures of a function of two variables in the terminal: contours, field, descents.

With colour, each band between two contours has its own, dark below and light above. Without, the
contours are lines with letters on them. A key says what f is there. Paths, arrows and minima lie
on top.
"""

from __future__ import annotations

from math import atan2, pi
from typing import TYPE_CHECKING

import numpy as np

from gdcli.report.numerals import cell, distinct
from gdcli.report.pictures.terminal.area import Area, Scale
from gdcli.report.pictures.terminal.board import BELOW, Board, Entry
from gdcli.report.pictures.terminal.canvas import ACROSS, DOWN, NONE, TEXT
from gdcli.report.pictures.terminal.paths import (
    END,
    draw_minima,
    draw_paths,
    minima_entry,
    path_entries,
    path_heads,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gdcli.pictures.scene import Arrow, Contour, Descent, Field, Grid, Surface
    from gdcli.report.pictures.terminal.canvas import Canvas
    from gdcli.report.view import Screen

    Array = NDArray[np.float64]

RAMP = (17, 18, 19, 20, 24, 25, 31, 36, 37, 42, 78, 114, 150, 186, 222, 229)  # ever lighter
DIRECTIONS = "→↗↑↖←↙↓↘"
WIDE = 48  # columns from which on there is a key of heights
BAR = 4  # columns of it before its text
SWATCH = 2
FEW = 7  # levels of which every one has its contour where there is no colour
LEVEL_DIGITS = 3
APART = (12, 4)  # columns, rows between two letters on contours


def contour(scene: Contour | Surface, screen: Screen, height: int | None) -> str:
    """Contours and the gradient's arrow."""
    key = [_arrow_entry(scene.arrow, scene.grid)] if scene.arrow else []
    board = Board(screen, height, scene.title, key + minima_entry(scene.minima), scene.notes)
    (area,) = _planes(board, scene.grid)
    draw_minima(area, scene.minima)
    if scene.arrow:
        _long_arrow(area, scene.arrow)
    return board.text()


def field(scene: Field, screen: Screen, height: int | None) -> str:
    """Contours, and the direction of steepest descent at many points."""
    key = [Entry("→", "−∇f, the direction of steepest descent"), *minima_entry(scene.minima)]
    board = Board(screen, height, scene.title, key, scene.notes)
    (area,) = _planes(board, scene.grid)
    for arrow in scene.arrows:
        if any(arrow.drawn):
            middle = [at + part / 2 for at, part in zip(arrow.at[:2], arrow.drawn, strict=True)]
            area.sign(middle[0], middle[1], head(area, arrow.drawn))
    draw_minima(area, scene.minima)
    return board.text()


def descent(scene: Descent, screen: Screen, height: int | None) -> str:
    """Contours and the paths on them, a panel each where there is room."""
    assert scene.grid is not None
    key = [*path_entries(scene.paths, scene.variables), *minima_entry(scene.minima)]
    board = Board(screen, height, scene.title, key, scene.notes)
    areas = _planes(board, scene.grid, path_heads(scene.paths))
    first, second = scene.plane
    points = [
        ([step.point[first] for step in path.steps], [step.point[second] for step in path.steps])
        for path in scene.paths
    ]
    draw_paths(areas, points, scene.minima)
    return board.text()


# -- heights -----------------------------------------------------------------------------------


def _planes(board: Board, grid: Grid, heads: Sequence[Entry] = ()) -> list[Area]:
    """Areas with the heights on them, one or that of each head, and a key for all."""
    screen = board.canvas.screen
    x, y = (Scale(*axis) for axis in grid.axes)
    if not screen.color and len(grid.levels) > FEW:
        grid = grid._replace(levels=grid.levels[:: 4 if len(heads) > 1 else 2])
    bar = _bar(grid, screen.color, board.rows - BELOW) if board.width >= WIDE else []
    widths = [BAR + len(board.canvas.spelled(text)) for _, text in bar]
    areas = board.areas(heads, x, y, max(widths, default=0))
    for area in areas:
        (_fill if screen.color else _outline)(area, grid)
    right = max(area.left + area.columns for area in areas) + 1
    for row, (band, text) in enumerate(bar, board.top):
        _draw_bar(board.canvas, (row, right), band, text)
    return areas


def bands(area: Area, grid: Grid, fine: tuple[int, int]) -> NDArray[np.int64]:
    """How many levels f reaches, on `fine` (columns, rows) places a cell; NONE where undefined."""
    (x, y), (across, down) = grid.axes, fine
    u = (np.arange(area.columns * across) + 0.5) / (area.columns * across)
    v = 1 - (np.arange(area.rows * down) + 0.5) / (area.rows * down)
    f = sampled(grid, x.low * (1 - u) + x.high * u, y.low * (1 - v) + y.high * v)
    return np.where(np.isnan(f), NONE, np.searchsorted(grid.levels, f, side="right"))


def sampled(grid: Grid, x: Array, y: Array) -> Array:
    """f on columns x and rows y, linear between the points of the grid."""
    i, u = _between(grid.x, x)
    j, v = _between(grid.y, y)
    with np.errstate(all="ignore"):
        lower = grid.f[np.ix_(j, i)] * (1 - u) + grid.f[np.ix_(j, i + 1)] * u
        upper = grid.f[np.ix_(j + 1, i)] * (1 - u) + grid.f[np.ix_(j + 1, i + 1)] * u
        return np.asarray(lower * (1 - v[:, None]) + upper * v[:, None])


def _between(known: Array, wanted: Array) -> tuple[NDArray[np.int64], Array]:
    """The interval that holds each number, and the share of the way through it."""
    places = np.interp(wanted, known, np.arange(len(known)))
    whole = np.minimum(places.astype(int), len(known) - 2)
    return whole, places - whole


def color_of(band: int, count: int) -> int:
    """The colour of a band among `count`."""
    return RAMP[round(band * (len(RAMP) - 1) / max(1, count - 1))]


def _fill(area: Area, grid: Grid) -> None:
    count = len(grid.levels) + 1
    colors = np.array([*(color_of(band, count) for band in range(count)), NONE])
    rows = slice(2 * area.top, 2 * (area.top + area.rows))
    area.canvas.paper[rows, area.left : area.left + area.columns] = colors[
        bands(area, grid, (1, 2))
    ]


def _outline(area: Area, grid: Grid) -> None:
    """A dot wherever the next place to the right or below lies in another band; letters."""
    found = bands(area, grid, (ACROSS, DOWN))
    beside, below = np.zeros_like(found), np.zeros_like(found)
    beside[:, :-1] = np.where((found[:, 1:] >= 0) & (found[:, :-1] >= 0), np.diff(found), 0)
    below[:-1] = np.where((found[1:] >= 0) & (found[:-1] >= 0), np.diff(found, axis=0), 0)
    down, across = np.nonzero((beside != 0) | (below != 0))
    area.canvas.dots(across + ACROSS * area.left, down + DOWN * area.top, TEXT)
    step = np.where(beside != 0, beside, below)[down, across]
    single = abs(step) == 1
    level = (found[down, across] + np.minimum(step, 0))[single]
    _letters(area, level, across[single] // ACROSS, down[single] // DOWN)


def _letters(area: Area, levels: Array, columns: Array, rows: Array) -> None:
    """The level's letter on its contour, far enough from every other one."""
    while levels.size:
        column, row = int(columns[0]), int(rows[0])
        area.canvas.write(area.top + row, area.left + column, mark(int(levels[0])))
        free = (abs(columns - column) >= APART[0]) | (abs(rows - row) >= APART[1])
        levels, columns, rows = levels[free], columns[free], rows[free]


def mark(level: int) -> str:
    """The letter of a contour."""
    return chr(ord("a") + level) if level < 26 else "?"


def _bar(grid: Grid, color: bool, rows: int) -> list[tuple[int | str, str]]:
    """From the top down: a band's colour or a contour's letter, and the f above it or on it."""
    count = len(grid.levels) + 1
    texts = distinct(grid.levels.tolist(), LEVEL_DIGITS)
    shown = range(count - 1, 0, -((count - 1) // rows + 1))
    if not color:
        return [(mark(band - 1), texts[band - 1]) for band in shown]
    above: list[tuple[int | str, str]] = [
        (color_of(band, count), f"≥ {texts[band - 1]}") for band in shown
    ]
    if grid.limits[0] >= grid.levels[0]:
        return above[:rows]
    return [*above[: rows - 1], (color_of(0, count), f"< {texts[0]}")]


def _draw_bar(canvas: Canvas, place: tuple[int, int], band: int | str, text: str) -> None:
    row, left = place
    canvas.write(row, left + BAR - 1, text)
    if isinstance(band, str):
        canvas.write(row, left, band)
    else:
        canvas.paper[2 * row : 2 * row + 2, left : left + SWATCH] = band


# -- arrows ------------------------------------------------------------------------------------


def _arrow_entry(arrow: Arrow, grid: Grid) -> Entry:
    at = ", ".join(cell(value, 4) for value in arrow.at[:2])
    parts = ", ".join(cell(value, 4) for value in arrow.gradient)
    names = ", ".join(axis.name for axis in grid.axes)
    return Entry("→", f"∇f = ({parts}) at ({names}) = ({at}), f = {cell(arrow.at[2], 4)}")


def _long_arrow(area: Area, arrow: Arrow) -> None:
    x, y, _ = arrow.at
    to_x, to_y = x + arrow.drawn[0], y + arrow.drawn[1]
    area.line([x, to_x], [y, to_y], TEXT, alone=True)
    area.sign(x, y, END)
    if any(arrow.drawn):
        area.sign(to_x, to_y, head(area, arrow.drawn))


def head(area: Area, drawn: tuple[float, float]) -> str:
    """The sign that points as a displacement does on the screen, where dots are square."""
    across = drawn[0] / (area.x.high - area.x.low) * area.columns * ACROSS
    up = drawn[1] / (area.y.high - area.y.low) * area.rows * DOWN
    return DIRECTIONS[round(atan2(up, across) / (pi / 4)) % 8]
