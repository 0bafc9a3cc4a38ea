"""The figure around a picture in the terminal: a title above, a key below, and room between.

A figure is as wide as the screen, 80 columns where there is none. It leaves the last lines of the
terminal to the prompt and the notes, one line at least. The picture always has some rows, even
where the terminal has fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

from gdcli.named_tuples import NamedTuple
from gdcli.report.pictures.terminal.area import AXIS_CELLS, Area, Scale, label_width
from gdcli.report.pictures.terminal.canvas import INKS, TEXT, Canvas, Ink
from gdcli.report.view import STANDARD_HEIGHT, STANDARD_WIDTH, Screen

PROMPT_LINES = 1  # after the picture
NOTE_PREFIX = "gdcli: "
TITLE_LINES = 2  # at most
FEWEST_ROWS = 6  # of a picture
AXIS_ROWS = 2  # of the bottom axis
HEAD_ROWS, PANEL_GAP = 1, 2  # rows above a panel, columns between two
SMALLEST_PANEL = (8, 5)  # columns, rows


class LegendEntry(NamedTuple):
    """A line of the key: what a sign, or a colour, stands for."""

    sign: str
    text: str
    ink: Ink = TEXT


class TerminalFigure:
    """A canvas with its title and key on it; `rows` rows from row `top` on are free.

    `below` more rows are free after them, before the key.
    """

    def __init__(
        self,
        screen: Screen,
        height: int | None,
        title: str,
        key: Sequence[LegendEntry] = (),
        notes: Sequence[str] = (),
        below: int = 0,
    ) -> None:
        self.width = screen.width or STANDARD_WIDTH
        transliterated = Canvas(0, 0, screen).transliterated
        heads = wrap(transliterated(title), self.width)
        if len(heads) > TITLE_LINES:
            heads = [heads[0], heads[1][: self.width - 3] + "..."]
        indent = " " * (2 + max((len(transliterated(entry.sign)) for entry in key), default=0))
        lines = [
            (entry, wrap(transliterated(entry.text), self.width - len(indent)) or [""])
            for entry in key
        ]
        used_rows = len(heads) + sum(len(texts) for _, texts in lines)
        self.top = len(heads)
        used_rows += below
        note_lines = sum(
            len(wrap(NOTE_PREFIX + transliterated(note), self.width, break_on_hyphens=False))
            for note in notes
        )
        left = PROMPT_LINES + max(1, note_lines)
        self.rows = max((height or STANDARD_HEIGHT) - left - used_rows, FEWEST_ROWS + AXIS_ROWS)
        self.canvas = Canvas(self.width, used_rows + self.rows, screen)
        for row, text in enumerate(heads):
            self.canvas.write(row, 0, text)
        row = self.top + self.rows + below
        for entry, texts in lines:
            self.canvas.write(row, 0, entry.sign, entry.ink)
            for text in texts:
                self.canvas.write(row, len(indent) - 1, text)
                row += 1

    def area(self, x: Scale, y: Scale, right: int = 0) -> Area:
        """Draws the axes; returns the area of all the room but for `right` columns."""
        rows = self.rows - AXIS_ROWS
        labels = self.labels([y], rows)
        left = labels + AXIS_CELLS
        area = Area(self.canvas, (left, self.top), (self.width - left - right, rows), x, y)
        area.left_axis(texts=labels > 0)
        area.bottom_axis()
        return area

    def areas(self, heads: Sequence[LegendEntry], x: Scale, y: Scale, right: int = 0) -> list[Area]:
        """Draws the axes of a panel for each head, with the head above it; returns their areas.

        The panels are as large as they can be. Where they would be too small, one area is returned
        for all of them.
        """
        labels = self.labels([y], self.rows)
        room = self.width - labels - right + PANEL_GAP
        down = _rows_of_panels(len(heads), room, self.rows)
        if not down:
            return [self.area(x, y, right)]
        across = -(-len(heads) // down)
        pitch, deep = room // across, self.rows // down
        found = []
        for number, head in enumerate(heads):
            row, column = divmod(number, across)
            left, top = labels + AXIS_CELLS + column * pitch, self.top + row * deep
            size = (pitch - AXIS_CELLS - PANEL_GAP, deep - HEAD_ROWS - AXIS_ROWS)
            area = Area(self.canvas, (left, top + HEAD_ROWS), size, x, y)
            area.left_axis(texts=not column and labels > 0)
            area.bottom_axis(first=not column, last=number == len(heads) - 1)
            text = f"{head.sign} {self.canvas.transliterated(head.text)}"
            self.canvas.write(top, left, text[: size[0] + AXIS_CELLS], head.ink)
            found.append(area)
        return found

    def labels(self, scales: Iterable[Scale], rows: int) -> int:
        """The columns of the texts beside left axes; 0 where too few columns would be left."""
        wanted = max(label_width(scale, rows) for scale in scales)
        return wanted if wanted <= self.width // 2 else 0

    def text(self) -> str:
        return self.canvas.text()


def _rows_of_panels(count: int, width: int, height: int) -> int:
    """The number of rows in which `count` panels are largest; 0 where they are always too small."""
    best = 0, 0
    for down in range(1, count + 1) if count > 1 else ():
        columns = width // -(-count // down) - AXIS_CELLS - PANEL_GAP
        rows = height // down - HEAD_ROWS - AXIS_ROWS
        if columns >= SMALLEST_PANEL[0] and rows >= SMALLEST_PANEL[1]:
            best = max(best, (min(columns, 2 * rows), -down))  # a cell is twice as high as wide
    return -best[1]


def letter(number: int) -> str:
    """The letter that names the path or line with that number: A, B, ..., Z, A, ..."""
    return chr(ord("A") + number % 26)


def ink_of(number: int) -> Ink:
    return INKS[number % len(INKS)]
