"""A canvas of character cells, with colours, dots finer than a cell and signs, as lines of text.

A cell has two pixels of `paper`, one above the other: colours of the 256 of xterm, or DEFAULT_COLOR
where the terminal's own shows. It has 2 x 4 dots; a sign covers the dots of its cell. Dots and
signs have an ink, which is dark on light paper and light on dark paper. What has no colour is left
to the terminal, so that a canvas can be read on light and dark backgrounds alike. In ASCII dots
become strokes and papers fill whole cells; without colour there is no paper.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.named_tuples import NamedTuple
from gdcli.report.transliteration import transliterated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.report.view import Screen

ACROSS, DOWN = 2, 4  # dots of a cell
DEFAULT_COLOR = -1
DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
BRAILLE = 0x2800
LIGHT_LUMINANCE = 0.25  # of paper: from it on black is read better than white
CUBE_LEVELS = (0, 95, 135, 175, 215, 255)
ASCII = str.maketrans("●○•×━┤┬└→↗↑↖←↙↓↘", "*o+x-+++>/^\\</v\\")


class Ink(NamedTuple):
    """A colour of the 256 on dark paper, on light paper, and on the terminal's own."""

    on_dark: int
    on_light: int
    bare: int


TEXT, FAINT = Ink(231, 16, DEFAULT_COLOR), Ink(252, 238, 102)
INKS = (  # any kind of colour vision tells them apart, by their lightness too
    Ink(231, 16, DEFAULT_COLOR),
    Ink(223, 88, 166),
    Ink(225, 53, 133),
    Ink(159, 17, 31),
    Ink(193, 22, 64),
)


class Canvas:
    """`columns` x `rows` cells, row 0 on top; nothing is drawn outside of them."""

    def __init__(self, columns: int, rows: int, screen: Screen) -> None:
        self.screen = screen
        self.columns = columns
        self.rows = rows
        self.paper = np.full((2 * rows, columns), DEFAULT_COLOR)
        self._bits = np.zeros((rows, columns), dtype=np.uint8)
        self._inks: list[list[Ink]] = [[TEXT] * columns for _ in range(rows)]
        self._signs: list[list[str]] = [[""] * columns for _ in range(rows)]

    def dots(self, x: NDArray[Any], y: NDArray[Any], ink: Ink, alone: bool = False) -> None:
        """Draws dots, counted from the left and from the top.

        If `alone`, the other dots in their cells are removed. A cell has one ink, the last one.
        """
        across, down = np.floor(x).astype(int), np.floor(y).astype(int)
        inside = (across >= 0) & (across < ACROSS * self.columns)
        inside &= (down >= 0) & (down < DOWN * self.rows)
        across, down = across[inside], down[inside]
        columns, rows = across // ACROSS, down // DOWN
        if alone:
            self._bits[rows, columns] = 0
        np.bitwise_or.at(self._bits, (rows, columns), DOT_BITS[down % DOWN, across % ACROSS])
        for row, column in set(zip(rows.tolist(), columns.tolist(), strict=True)):
            self._inks[row][column] = ink

    def write(self, row: int, column: int, text: str, ink: Ink = TEXT) -> None:
        """Writes signs from a cell on, each one column wide."""
        for place, sign in enumerate(self.transliterated(text), column):
            if 0 <= row < self.rows and 0 <= place < self.columns:
                self._signs[row][place] = sign if sign.isprintable() else "?"
                self._inks[row][place] = ink

    def sign(self, row: int, column: int) -> str:
        """The sign that was written on a cell, empty where there is none."""
        return self._signs[row][column]

    def transliterated(self, text: str) -> str:
        """The text as the canvas writes it: in ASCII it may be longer."""
        return transliterated(text.translate(ASCII)) if self.screen.ascii else text

    def text(self) -> str:
        """The lines of the canvas, without spaces at their ends, each with a line break."""
        line = self._colored if self.screen.color else self._bare
        return "".join(line(row) + "\n" for row in range(self.rows))

    def _bare(self, row: int) -> str:
        return "".join(self._sign(row, column) for column in range(self.columns)).rstrip(" ")

    def _colored(self, row: int) -> str:
        pieces: list[str] = []
        before = (DEFAULT_COLOR, DEFAULT_COLOR)
        for column in range(self._end(row)):
            sign, ink, paper = self._cell(row, column)
            if (ink, paper) != before:
                pieces.append(escape(ink, paper))
                before = (ink, paper)
            pieces.append(sign)
        return "".join(pieces) + (
            escape(DEFAULT_COLOR, DEFAULT_COLOR) if before != (DEFAULT_COLOR, DEFAULT_COLOR) else ""
        )

    def _end(self, row: int) -> int:
        """The column after the last one of the row that shows anything."""
        papers = self.paper[2 * row : 2 * row + 2].max(axis=0)
        for column in reversed(range(self.columns)):
            drawn = self._signs[row][column].strip() or self._bits[row, column]
            if drawn or papers[column] != DEFAULT_COLOR:
                return column + 1
        return 0

    def _cell(self, row: int, column: int) -> tuple[str, int, int]:
        """The sign of a cell, its colour, and the colour behind it."""
        upper, lower = map(int, self.paper[2 * row : 2 * row + 2, column])
        sign = self._sign(row, column)
        if sign != " ":
            ink = self._inks[row][column]
            return sign, (ink.bare if upper == DEFAULT_COLOR else ink_on(upper, ink)), upper
        if self.screen.ascii or upper == lower:
            return " ", DEFAULT_COLOR, upper
        return ("▀", upper, lower) if upper != DEFAULT_COLOR else ("▄", lower, DEFAULT_COLOR)

    def _sign(self, row: int, column: int) -> str:
        if sign := self._signs[row][column]:
            return sign
        bits = int(self._bits[row, column])
        if not bits:
            return " "
        return stroke(bits) if self.screen.ascii else chr(BRAILLE + bits)


def escape(ink: int, paper: int) -> str:
    """The control sequence that sets these two colours and nothing else."""
    return (
        "\x1b[0"
        + (f";38;5;{ink}" if ink != DEFAULT_COLOR else "")
        + (f";48;5;{paper}" if paper != DEFAULT_COLOR else "")
        + "m"
    )


@cache
def ink_on(paper: int, ink: Ink) -> int:
    """The colour of an ink that can be read on a colour of paper."""
    return ink.on_dark if luminance(paper) < LIGHT_LUMINANCE else ink.on_light


def luminance(color: int) -> float:
    """The relative luminance, 0 to 1, of one of the colours 16 to 255. Source: WCAG 2.2."""
    grey = [8 + 10 * (color - 232)] * 3
    place = color - 16
    cube = (
        [CUBE_LEVELS[place // 36], CUBE_LEVELS[place // 6 % 6], CUBE_LEVELS[place % 6]]
        if color < 232
        else grey
    )
    parts = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 3294.6 for c in cube]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@cache
def stroke(bits: int) -> str:
    """The ASCII sign that looks most like a cell with these dots."""
    sides = [
        [row for row in range(DOWN) if bits & int(DOT_BITS[row, side])] for side in range(ACROSS)
    ]
    every = sides[0] + sides[1]
    if len(every) > 5:
        return "#"
    middle = sum(every) / max(1, len(every))
    level = "'" if middle < 0.8 else "-" if middle < 2.4 else "_"
    if not sides[0] or not sides[1]:
        return "|" if len(every) > 2 else level.replace("_", ".") if every else " "
    fall = sum(sides[1]) / len(sides[1]) - sum(sides[0]) / len(sides[0])
    if max(every) - min(every) > 1 and abs(fall) < 1:
        return "|"
    return level if abs(fall) < 1 else "\\" if fall > 0 else "/"
