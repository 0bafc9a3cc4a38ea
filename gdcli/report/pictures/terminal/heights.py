"""Heights in the terminal: bands of colour between contours, or contours with letters, and a key.

With colour, each band between two levels has its own colour, dark below and light above. Without,
contours are lines with letters on them. The key says what f is there; it stands beside the picture
where that leaves enough room, else below it. It is drawn last, because it lists only letters that
are seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gdcli.report.number_format import distinct
from gdcli.report.pictures.terminal.area import Area, Scale
from gdcli.report.pictures.terminal.canvas import ACROSS, DEFAULT_COLOR, DOWN, TEXT, Canvas
from gdcli.report.pictures.terminal.figure import AXIS_ROWS, TerminalFigure
from gdcli.report.pictures.terminal.figure import LegendEntry as Head
from gdcli.report.view import STANDARD_WIDTH, Screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Array, Grid


# The colours of the 256 from blue to pale yellow whose lightness rises most evenly.
RAMP = (17, 18, 19, 20, 21, 25, 27, 30, 67, 36, 110, 78, 150, 187, 157, 230)
# The key is beside the picture on a screen of so many columns, of which it takes a third at most.
SIDE_KEY_COLUMNS, SIDE_KEY_DIVISOR = 48, 3
BAR_COLUMNS = 3  # of the key beside the picture, before its text
SWATCH_COLUMNS = 2
KEY_LINES, KEY_GAP = 2, 2  # lines of a key below, at most, and columns between two entries
MOST_LETTERED_LEVELS = 7  # more levels are thinned where there is no colour
KEY_DIGITS = 3
LETTER_DISTANCE = (12, 4)  # columns, rows between two letters on contours

# A band's colour or a contour's letter, and a text that says what f is there.
BandEntry: TypeAlias = tuple[int | str, str]
Key: TypeAlias = list[BandEntry]


class Heights:
    """The heights of a grid as a screen shows them, in one panel or several."""

    def __init__(self, grid: Grid, screen: Screen, panels: int = 1) -> None:
        self._grid = thinned(grid, screen.color, panels)
        self._color = screen.color
        self._key = key(self._grid, screen.color)
        self._transliterated = Canvas(0, 0, screen).transliterated
        width = screen.width or STANDARD_WIDTH
        beside = 1 + BAR_COLUMNS + max(len(self._transliterated(text)) for _, text in self._key)
        self._right = (
            beside if width >= SIDE_KEY_COLUMNS and SIDE_KEY_DIVISOR * beside <= width else 0
        )
        self.below = 0 if self._right else len(self._lines(self._key, width))
        self._areas: list[Area] = []

    def areas(self, figure: TerminalFigure, heads: Sequence[Head] = ()) -> list[Area]:
        """Draws the heights on the areas of a figure, one or one for each head; returns these."""
        x, y = (Scale(*axis) for axis in self._grid.axes)
        self._areas = figure.areas(heads, x, y, self._right)
        for area in self._areas:
            (fill if self._color else outline)(area, self._grid)
        return self._areas

    def explain(self, figure: TerminalFigure) -> None:
        """Draws the key; of contours, those whose letters are seen."""
        signs = {sign for area in self._areas for sign in area.signs()}
        seen = [entry for entry in self._key if self._color or entry[0] in signs]
        if self._right:
            left = max(area.left + area.columns for area in self._areas) + 1
            every = -(-len(seen) // (figure.rows - AXIS_ROWS)) or 1
            for row, entry in enumerate(seen[::-1][::every], figure.top):
                draw_entry(figure.canvas, (row, left), entry, BAR_COLUMNS)
            return
        for row, line in enumerate(self._lines(seen, figure.width), figure.top + figure.rows):
            for left, entry in line:
                draw_entry(figure.canvas, (row, left), entry, self._before)

    @property
    def _before(self) -> int:
        """How many columns an entry below the picture has before its text."""
        return SWATCH_COLUMNS + 1 if self._color else 2

    def _lines(self, entries: Key, width: int) -> list[list[tuple[int, BandEntry]]]:
        """The entries in lines of the key below the picture, each with its column.

        Where the lines would be too many, every second entry is left out, or more.
        """
        for every in range(1, len(entries) + 1):
            lines: list[list[tuple[int, BandEntry]]] = []
            end = width
            for entry in entries[::every]:
                columns = self._before + len(self._transliterated(entry[1]))
                if end + columns > width:
                    lines.append([])
                    end = 0
                lines[-1].append((end, entry))
                end += columns + KEY_GAP
            if len(lines) <= KEY_LINES:
                return lines
        return []


def thinned(grid: Grid, color: bool, panels: int) -> Grid:
    """The grid with only as many levels as can be told apart."""
    if len(grid.levels) <= (len(RAMP) - 1 if color else MOST_LETTERED_LEVELS):
        return grid
    return grid._replace(levels=grid.levels[:: 4 if panels > 1 and not color else 2])


def key(grid: Grid, color: bool) -> Key:
    """An entry for every band, or for every contour, from low to high."""
    texts = distinct(grid.levels.tolist(), KEY_DIGITS)
    if not color:
        return [(mark(number), text) for number, text in enumerate(texts)]
    count = len(texts) + 1
    above = [(color_of(band, count), f"≥ {text}") for band, text in enumerate(texts, 1)]
    lowest = [(color_of(0, count), f"< {texts[0]}")]
    return [*(lowest if grid.limits[0] < grid.levels[0] else []), *above]


def draw_entry(canvas: Canvas, place: tuple[int, int], entry: BandEntry, before: int) -> None:
    """Draws a swatch of a colour, or a letter, and `before` columns after its place the text."""
    (row, left), (band, text) = place, entry
    canvas.write(row, left + before, text)
    if isinstance(band, str):
        canvas.write(row, left, band)
    else:
        canvas.paper[2 * row : 2 * row + 2, left : left + SWATCH_COLUMNS] = band


# -- on the areas ------------------------------------------------------------------------------


def fill(area: Area, grid: Grid) -> None:
    """Gives each half of a cell the colour of its band."""
    count = len(grid.levels) + 1
    colors = np.array([*(color_of(band, count) for band in range(count)), DEFAULT_COLOR])
    rows = slice(2 * area.top, 2 * (area.top + area.rows))
    area.canvas.paper[rows, area.left : area.left + area.columns] = colors[
        bands(area, grid, (1, 2))
    ]


def outline(area: Area, grid: Grid) -> None:
    """Draws contours: a dot where the next place right or below is in another band; letters."""
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
    """Writes the letters of levels on their contours, each far enough from the others."""
    while levels.size:
        column, row = int(columns[0]), int(rows[0])
        area.canvas.write(area.top + row, area.left + column, mark(int(levels[0])))
        free = (abs(columns - column) >= LETTER_DISTANCE[0]) | (
            abs(rows - row) >= LETTER_DISTANCE[1]
        )
        levels, columns, rows = levels[free], columns[free], rows[free]


def mark(level: int) -> str:
    return chr(ord("a") + level) if level < 26 else "?"


def color_of(band: int, count: int) -> int:
    return RAMP[round(band * (len(RAMP) - 1) / max(1, count - 1))]


def bands(area: Area, grid: Grid, fine: tuple[int, int]) -> NDArray[np.int64]:
    """How many levels f reaches, DEFAULT_COLOR where undefined, at the places of an area.

    `fine` is how many places a cell has, across and down.
    """
    (x, y), (across, down) = grid.axes, fine
    u = (np.arange(area.columns * across) + 0.5) / (area.columns * across)
    v = 1 - (np.arange(area.rows * down) + 0.5) / (area.rows * down)
    f = sampled(grid, x.low * (1 - u) + x.high * u, y.low * (1 - v) + y.high * v)
    return np.where(np.isnan(f), DEFAULT_COLOR, np.searchsorted(grid.levels, f, side="right"))


def sampled(grid: Grid, x: Array, y: Array) -> Array:
    """f at columns x and rows y, interpolated linearly between the points of the grid."""
    i, u = _between(grid.x, x)
    j, v = _between(grid.y, y)
    with np.errstate(all="ignore"):
        lower = grid.f[np.ix_(j, i)] * (1 - u) + grid.f[np.ix_(j, i + 1)] * u
        upper = grid.f[np.ix_(j + 1, i)] * (1 - u) + grid.f[np.ix_(j + 1, i + 1)] * u
        return np.asarray(lower * (1 - v[:, None]) + upper * v[:, None])


def _between(known: Array, wanted: Array) -> tuple[NDArray[np.int64], Array]:
    """The number of the interval that holds each wanted one, and its share of the way through."""
    places = np.interp(wanted, known, np.arange(len(known)))
    whole = np.minimum(places.astype(int), len(known) - 2)
    return whole, places - whole
