"""Text for people: tables, labelled values and sentences, laid out by rich for a screen.

Where the screen is ASCII everything is transliterated first, so that columns stay aligned. With a
width, sentences are wrapped; without one a line is as long as it needs to be. Cells of numbers are
never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Literal

from rich.box import SIMPLE_HEAD, Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gdcli.errors import formatted
from gdcli.report.transliteration import transliterated
from gdcli.report.view import Screen

UNLIMITED_WIDTH = 1_000_000  # characters
COLUMN_GAP = 2  # characters between columns
LEAST_FOLDED_WIDTH = 14  # characters that a folded column has at least
ASCII_HEAD = Box(str(SIMPLE_HEAD).replace("─", "-"), ascii=True)


class TextDocument:
    """A text that grows line by line."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._buffer = StringIO()
        self.width = screen.width or UNLIMITED_WIDTH
        self._console = Console(
            file=self._buffer,
            _environ={},  # what it says is in the screen already
            width=UNLIMITED_WIDTH,  # what is printed is given its own width
            force_jupyter=False,
            force_terminal=screen.color,
            color_system="standard" if screen.color else None,
            no_color=not screen.color,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def text(self) -> str:
        """The text so far, without spaces at the ends of lines."""
        lines = self._buffer.getvalue().split("\n")
        return "\n".join(line.rstrip(" ") for line in lines)

    def line(self, sentence: str = "", style: str = "", width: int | None = None) -> None:
        """Write a sentence, wrapped at words to `width`, else to the width of the screen."""
        words = self._transliterated(formatted(sentence, self._screen.format_setting))
        text = Text(words, style=style, overflow="fold")
        self._console.print(text, width=width or self.width)

    def pairs(self, labelled: Iterable[tuple[str, str]]) -> None:
        """Write lines `label = value`, the equal signs under each other where there is room."""
        rows = [
            (self._transliterated(label), self._transliterated(value)) for label, value in labelled
        ]
        labels, values = self.column_widths(("", ""), rows)
        align = labels + len(" = ") + values <= self.width
        for label, value in rows:
            indent = " " * (labels - cell_len(label)) if align else ""
            line = f"{indent}{label} = {value}"
            self.line(line, width=max(self.width, *map(cell_len, line.split())))

    def numbers(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], gap: tuple[int, str] = (0, "")
    ) -> None:
        """Write right-aligned columns, never cut; `gap` is a row and a text to stand before it."""
        table = self._table(headers, rows, "right")
        lines = self._rendered(table, UNLIMITED_WIDTH)
        position, text = gap
        if text:
            head = len(lines) - len(rows)
            self._buffer.write("".join(lines[: head + position]))
            self.line(text, "dim")
            lines = lines[head + position :]
        self._buffer.write("".join(lines))

    def matrix(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write right-aligned columns, or where the screen is too narrow one entry a line."""
        if sum(self.column_widths(headers, rows)) + COLUMN_GAP * (len(headers) - 1) > self.width:
            self._stacked(headers, rows)
        else:
            self.numbers(headers, rows)

    def texts(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], folding: tuple[int, ...] = ()
    ) -> None:
        """Write left-aligned columns; where the screen is narrow those in `folding` are folded, and
        where that is not enough each cell has its own line.
        """
        widths = self.column_widths(headers, rows)
        needed = [min(w, LEAST_FOLDED_WIDTH) if i in folding else w for i, w in enumerate(widths)]
        if sum(needed) + COLUMN_GAP * (len(needed) - 1) > self.width:
            self._stacked(headers, rows)
            return
        table = self._table(headers, rows, "left", folding)
        self._buffer.write("".join(self._rendered(table, self.width)))

    def _stacked(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for i, row in enumerate(rows):
            if i:
                self.line()
            for header, cell in zip(headers, row, strict=True):
                if cell:
                    self.line(f"{header}: {cell}")

    def column_widths(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[int]:
        """The width that each column needs, without the gap between columns."""
        widths = [cell_len(self._transliterated(header)) for header in headers]
        for row in rows:
            widths = [max(widths[i], cell_len(cell)) for i, cell in enumerate(row)]
        return widths

    def _table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        justify: Literal["left", "right"],
        folding: tuple[int, ...] = (),
    ) -> Table:
        box = ASCII_HEAD if self._screen.ascii else SIMPLE_HEAD
        table = Table(box=box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for i, header in enumerate(headers):
            name = self._transliterated(header)
            table.add_column(name, justify=justify, no_wrap=i not in folding, overflow="fold")
        for row in rows:
            table.add_row(*map(self._transliterated, row))
        return table

    def _rendered(self, table: Table, width: int) -> list[str]:
        with self._console.capture() as capture:
            self._console.print(table, width=width)
        return capture.get().splitlines(keepends=True)

    def _transliterated(self, text: str) -> str:
        return transliterated(text) if self._screen.ascii else text
