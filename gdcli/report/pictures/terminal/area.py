"""Areas: rectangles of a canvas with two axes; coordinates in, dots and signs of the canvas out.

Lines are cut off at the edges of the rectangle and have a gap where a coordinate is nan. Ticks
stand at round numbers, on a logarithmic axis at powers of ten.
"""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np

from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import cell
from gdcli.report.pictures.clipping import SEGMENT_ROWS, inside, within
from gdcli.report.pictures.terminal.canvas import ACROSS, DOWN, FAINT, TEXT, Canvas, Ink
from gdcli.report.transliteration import transliterated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gdcli.scenes.scene import Array


TICK_COLUMNS, TICK_ROWS = 9, 2  # from tick to tick, at least
FEWEST_LEFT_TICKS = 3  # however low the axis is
TICK_DIGITS = 4
MOST_TICK_DIGITS = 15
LONGEST_AXIS_NAME = 10  # in letters
AXIS_CELLS = 1  # columns, and rows, of an axis itself
UNIT_SQUARE = np.zeros(2), np.ones(2)


class Scale(NamedTuple):
    """An axis from `low` to `high`, low < high; both are above 0 where it is logarithmic.

    `texts` stand at 0, 1, 2, … in place of numbers. `whole` says that it counts something, so that
    ticks are whole numbers.
    """

    name: str
    low: float
    high: float
    logarithmic: bool = False
    whole: bool = False
    texts: tuple[str, ...] = ()

    def share(self, values: ArrayLike) -> Array:
        """The places of values on the axis, 0 at the low end, 1 at the high one; nan for none."""
        numbers = np.asarray(values, dtype=float)
        with np.errstate(all="ignore"):
            if self.logarithmic:
                low, high = log10(self.low), log10(self.high)
                shares = (np.log10(numbers) - low) / (high - low)
            else:  # halves, since high - low may be beyond the largest float
                shares = (numbers / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return np.where(np.isfinite(shares), shares, np.nan)

    def ticks(self, most: int) -> dict[float, str]:
        """About `most` round numbers on the axis, and their texts."""
        if self.texts:
            return {float(place): short(text) for place, text in enumerate(self.texts)}
        found = self._powers(max(most, 1)) if self.logarithmic else []
        if len(found) > 1:
            return {value: cell(value, TICK_DIGITS) for value in found}
        step = _round_step(self.low, self.high, max(most, 1))
        if floor(self.high / step) <= ceil(self.low / step):  # one alone gives no scale
            step = _round_step(self.low, self.high, 2 * max(most, 1))
        step = max(step, 1.0 if self.whole else 0.0)
        first, last = ceil(self.low / step), floor(self.high / step)
        size = max(abs(self.low), abs(self.high))
        digits = min(max(TICK_DIGITS, ceil(log10(size / step)) + 1), MOST_TICK_DIGITS)
        return {k * step: cell(k * step, digits) for k in range(first, last + 1)}

    def _powers(self, most: int) -> list[float]:
        low, high = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
        step = next((s for s in (1, 2, 3, 5, 10, 20, 50) if (high - low) // s < most), 100)
        first = ceil(low / step) * step
        return [10.0**power for power in range(first, high + 1, step)]


def _round_step(low: float, high: float, most: int) -> float:
    """1, 2 or 5 times a power of ten: the distance of about `most` ticks."""
    length = high / most - low / most
    power: float = 10.0 ** floor(log10(length))
    return next((power * k for k in (1, 2, 5) if power * k >= length * (1 - 1e-9)), power * 10)


class Area:
    """`columns` x `rows` cells of a canvas, the first at column `left` and row `top`."""

    def __init__(
        self, canvas: Canvas, corner: tuple[int, int], size: tuple[int, int], x: Scale, y: Scale
    ) -> None:
        self.canvas = canvas
        self.left, self.top = corner
        self.columns, self.rows = size
        self.x, self.y = x, y

    def line(self, x: ArrayLike, y: ArrayLike, ink: Ink, alone: bool = False) -> None:
        """Draws dots along the straight lines from point to point, and at each point."""
        across, up = self.x.share(x), self.y.share(y)
        points = np.column_stack([across, up])
        segments = inside(points, *UNIT_SQUARE).reshape(-1, SEGMENT_ROWS * 2)[:, :4]
        seen = points[within(points, *UNIT_SQUARE)]
        drawn = [segments[np.isfinite(segments[:, 0])], np.column_stack([seen, seen])]
        x0, y0, x1, y1 = np.concatenate(drawn).T
        x0, dx = self._across(x0), self._across(x1) - self._across(x0)
        y0, dy = self._down(y0), self._down(y1) - self._down(y0)
        steps = np.ceil(np.maximum(abs(dx), abs(dy))).astype(int)
        part = np.repeat(np.arange(len(steps)), steps + 1)
        before = np.cumsum(steps + 1) - (steps + 1)
        share = (np.arange(len(part)) - before[part]) / np.maximum(steps, 1)[part]
        self.canvas.dots(x0[part] + dx[part] * share, y0[part] + dy[part] * share, ink, alone)

    def dots(self, x: ArrayLike, y: ArrayLike, ink: Ink) -> None:
        """Draws a dot at each point inside."""
        points = np.column_stack([self.x.share(x), self.y.share(y)])
        across, up = points[within(points, *UNIT_SQUARE)].T
        self.canvas.dots(self._across(across), self._down(up), ink)

    def shade(self, x: Array, low: Array, high: Array, color: int) -> None:
        """Gives the pixels between two lines over x a colour of paper."""
        places = (np.arange(self.columns) + 0.5) / self.columns
        known = self.x.share(x)
        ends = [np.interp(places, known, self.y.share(line)) for line in (low, high)]
        up = 1 - (np.arange(2 * self.rows) + 0.5) / (2 * self.rows)
        inside = (up[:, None] >= ends[0]) & (up[:, None] <= ends[1])
        rows = slice(2 * self.top, 2 * (self.top + self.rows))
        self.canvas.paper[rows, self.left : self.left + self.columns][inside] = color

    def cells(self, x: ArrayLike, y: ArrayLike) -> list[tuple[int, int]]:
        """The cells, (row, column) of the canvas, of all points inside, in their order."""
        across, up = self.x.share(x), self.y.share(y)
        seen = within(np.column_stack([across, up]), *UNIT_SQUARE)
        columns = np.floor(self._across(across[seen]) / ACROSS).astype(int)
        rows = np.floor(self._down(up[seen]) / DOWN).astype(int)
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    def sign(self, x: float, y: float, sign: str, ink: Ink = TEXT) -> None:
        """Writes a sign on the cell of a point, if the point is inside."""
        for row, column in self.cells([x], [y]):
            self.canvas.write(row, column, sign, ink)

    def _across(self, share: Array) -> Array:
        end = ACROSS * self.columns
        return ACROSS * self.left + np.minimum(share * end, end - 0.5)

    def _down(self, share: Array) -> Array:
        end = DOWN * self.rows
        return DOWN * self.top + np.minimum((1 - share) * end, end - 0.5)

    # -- axes --------------------------------------------------------------------------------

    def left_axis(self, texts: bool = True) -> None:
        """Draws the left axis with its ticks, and with their texts before it if `texts`."""
        marked = {}
        for value, text in self.y.ticks(max(FEWEST_LEFT_TICKS, self.rows // TICK_ROWS)).items():
            row = int(self._down(self.y.share([value]))[0]) // DOWN
            marked[row] = self.canvas.transliterated(text)
        for row in range(self.top, self.top + self.rows):
            sign = "┤" if row in marked else "│"
            self.canvas.write(row, self.left - AXIS_CELLS, sign, FAINT)
            text = marked.get(row, "") if texts else ""
            self.canvas.write(row, self.left - AXIS_CELLS - len(text), text)
        free = next(row for row in range(self.top, self.top + self.rows + 1) if row not in marked)
        if texts:
            self.canvas.write(free, 0, self.canvas.transliterated(short(self.y.name)))

    def bottom_axis(self, first: bool = True, last: bool = True) -> None:
        """Draws the bottom axis with its ticks, and their texts and its name under it.

        A text that would touch another one is left out. Of several areas side by side, those after
        the `first` keep to their own columns, and only the `last` has the name.
        """
        row = self.top + self.rows
        self.canvas.write(row, self.left - AXIS_CELLS, "└" + "─" * self.columns, FAINT)
        edge = self.left + self.columns
        free, end = (
            0 if first else self.left - AXIS_CELLS,
            self.canvas.columns if last else edge + 1,
        )
        gaps = []
        for value, text in self.x.ticks(max(2, self.columns // TICK_COLUMNS)).items():
            column = int(self._across(self.x.share([value]))[0]) // ACROSS
            self.canvas.write(row, column, "┬", FAINT)
            start = max(min(column - len(text) // 2, end - len(text)), 0)
            if free <= start:
                self.canvas.write(row + 1, start, text)
                gaps.append((free, start - 1))
                free = start + len(text) + 1
        if last:
            self._name(row + 1, [*gaps, (free, end)])

    def _name(self, row: int, gaps: Sequence[tuple[int, int]]) -> None:
        """Writes the name of the bottom axis in the last gap between its texts that has room."""
        name = self.canvas.transliterated(short(self.x.name))
        for free, end in reversed(gaps):
            middle = free + (end - free - len(name)) // 2
            at_end = min(self.left + self.columns + 1, end - len(name))
            place = max(free, at_end if end == self.canvas.columns else middle)
            if place + len(name) <= end:
                self.canvas.write(row, place, name)
                return

    def signs(self) -> set[str]:
        rows = range(self.top, self.top + self.rows)
        return {
            self.canvas.sign(row, column)
            for row in rows
            for column in range(self.left, self.left + self.columns)
        }


def short(name: str) -> str:
    """The name of an axis, or the beginning of a long one."""
    return name if len(name) <= LONGEST_AXIS_NAME else name[: LONGEST_AXIS_NAME - 1] + "…"


def label_width(scale: Scale, rows: int) -> int:
    """How many columns the texts beside a left axis of `rows` rows take."""
    return max(
        map(
            len,
            [
                transliterated(short(scale.name)),
                *scale.ticks(max(FEWEST_LEFT_TICKS, rows // TICK_ROWS)).values(),
            ],
        )
    )
