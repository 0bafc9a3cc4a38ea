"""Text for people: tables, labelled values and sentences, laid out for a screen.

Where it has its natural width and no colour, the layout is ours, to the bytes that rich gives: rich
takes longer to import than most runs take. Where a line is wrapped or coloured rich lays it out.
Where the screen is ASCII everything is transliterated first, so that columns stay aligned. With a
width, sentences are wrapped; without one a line is as long as it needs to be. Cells of numbers are
never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Literal

from gdcli.errors import formatted
from gdcli.report.cell_widths import cell_len
from gdcli.report.view import Screen

if TYPE_CHECKING:
    from rich.console import Console

UNLIMITED_WIDTH = 1_000_000  # characters
COLUMN_GAP = 2  # characters between columns
LEAST_FOLDED_WIDTH = 14  # characters that a folded column has at least


class TextDocument:
    """A text that grows line by line."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._buffer = StringIO()
        self.width = screen.width or UNLIMITED_WIDTH

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(
            file=self._buffer,
            _environ={},  # what it says is in the screen already
            width=UNLIMITED_WIDTH,  # what is printed is given its own width
            force_jupyter=False,
            force_terminal=self._screen.color,
            color_system="standard" if self._screen.color else None,
            no_color=not self._screen.color,
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
        words, width = self._words(sentence), width or self.width
        if words.isprintable() and cell_len(words) <= width and not (style and self._screen.color):
            self._buffer.write(f"{words}\n")
            return
        from rich.text import Text

        self._console.print(Text(words, style=style, overflow="fold"), width=width)

    def clauses(self, sentence: str) -> None:
        """Write the clauses of a sentence, divided by semicolons: as many as there is room for on
        one line, and at least the first.
        """
        shown, *more = self._words(sentence).split("; ")
        for clause in more:
            longer = f"{shown}; {clause}"
            if not self.has_room(longer):
                break
            shown = longer
        self.line(shown)

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
        """Write right-aligned columns, never cut: where the screen is narrow as tables below each
        other, which all begin with the column that names the rows.

        `gap` is a row and a text to stand before it.
        """
        for number, places in enumerate(self._parts(headers, rows)):
            if number:
                self.line()
            lines = self._table(*_chosen(places, headers, rows), "right", UNLIMITED_WIDTH)
            position, text = gap
            if text:
                head = len(lines) - len(rows)
                self._buffer.write("".join(lines[: head + position]))
                self.line(text, "dim")
                lines = lines[head + position :]
            self._buffer.write("".join(lines))

    def matrix(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write right-aligned columns, or where the screen is too narrow one entry a line."""
        (self.numbers if self.has_room_for(headers, rows) else self._stacked)(headers, rows)

    def texts(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], folding: tuple[int, ...] = ()
    ) -> None:
        """Write left-aligned columns; where the screen is narrow those in `folding` are folded, and
        headers of several words.

        Where that is not enough the columns stand in tables below each other, as those of numbers;
        where some fold, or one is too wide for that, each cell has its own line.
        """
        widths = self.column_widths(headers, rows)
        needed = [min(w, LEAST_FOLDED_WIDTH) if i in folding else w for i, w in enumerate(widths)]
        parts = [[*range(len(headers))]]
        if sum(needed) + COLUMN_GAP * (len(needed) - 1) > self.width:
            folded = self._folded(headers, rows)
            widths = self.column_widths(folded, rows)
            if folding or widths[0] + COLUMN_GAP + max(widths[1:], default=0) > self.width:
                self._stacked(headers, rows)
                return
            parts, fewer = self._parts(headers, rows), self._parts(folded, rows)
            if len(fewer) < len(parts):
                headers, parts = folded, fewer
        for number, places in enumerate(parts):
            if number:
                self.line()
            lines = self._table(*_chosen(places, headers, rows), "left", self.width, folding)
            self._buffer.write("".join(lines))

    def _folded(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
        """The headers, broken between words where they are wider than the cells below."""
        from textwrap import wrap

        cells = self.column_widths([""] * len(headers), rows)
        widths = [
            max(width, *map(cell_len, header.split(" ")))
            for header, width in zip(headers, cells, strict=True)
        ]
        return [
            "\n".join(wrap(header, width, break_on_hyphens=False)) if header else ""
            for header, width in zip(headers, widths, strict=True)
        ]

    def has_room(self, sentence: str) -> bool:
        """Whether the sentence is one line."""
        return cell_len(self._words(sentence)) <= self.width

    def has_room_for(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        """Whether such columns stand beside each other."""
        widths = self.column_widths(headers, rows)
        return sum(widths) + COLUMN_GAP * (len(widths) - 1) <= self.width

    def _parts(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[int]]:
        """The columns, by number, of the tables that take the place of one too wide: as few tables
        as fit, and none wider than it must be for that.
        """
        named = len({row[0] for row in rows}) == len(rows)
        widths, leading = self.column_widths(headers, rows), 1 if named else min(2, len(headers))
        parts = _fitted(widths, self.width, leading)
        for width in range(self.width, 0, -1) if len(parts) > 1 else ():
            narrower = _fitted(widths, width, leading)
            if len(narrower) > len(parts):
                break
            parts = narrower
        return parts

    def _stacked(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for i, row in enumerate(rows):
            if i:
                self.line()
            for header, cell in zip(headers, row, strict=True):
                if cell:
                    self.line(f"{header}: {cell}")

    def column_widths(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[int]:
        """The width that each column needs, without the gap between columns."""
        lines = [self._transliterated(header).split("\n") for header in headers]
        widths = [max(map(cell_len, parts)) for parts in lines]
        for row in rows:
            widths = [max(widths[i], cell_len(cell)) for i, cell in enumerate(row)]
        return widths

    def _table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        justify: Literal["left", "right"],
        width: int,
        folding: tuple[int, ...] = (),
    ) -> list[str]:
        """The lines of a table: its headers, the rule below them, and its rows."""
        cells = [[*map(self._transliterated, row)] for row in (headers, *rows)]
        columns = [*zip(*cells, strict=True)]
        widths = [max(map(cell_len, column)) for column in columns]
        whole = sum(widths) + COLUMN_GAP * (len(widths) - 1)
        shown = all(map(_is_shown, columns, widths))
        if self._screen.color or whole > width or not shown:
            return self._rich_table(cells, justify, width, folding)
        rule = "-" if self._screen.ascii else "─"
        lines = [_aligned(row, widths, justify) for row in cells]
        lines.insert(1, rule * (whole + max(widths[-1], 1) - widths[-1]) + "\n")
        return lines

    def _rich_table(
        self,
        cells: Sequence[Sequence[str]],
        justify: Literal["left", "right"],
        width: int,
        folding: tuple[int, ...],
    ) -> list[str]:
        from rich.box import SIMPLE_HEAD, Box
        from rich.table import Table

        ascii_head = Box(str(SIMPLE_HEAD).replace("─", "-"), ascii=True)
        box = ascii_head if self._screen.ascii else SIMPLE_HEAD
        table = Table(box=box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for i, header in enumerate(cells[0]):
            table.add_column(header, justify=justify, no_wrap=i not in folding, overflow="fold")
        for row in cells[1:]:
            table.add_row(*row)
        with self._console.capture() as capture:
            self._console.print(table, width=width)
        return capture.get().splitlines(keepends=True)

    def _words(self, sentence: str) -> str:
        return self._transliterated(formatted(sentence, self._screen.format_setting))

    def _transliterated(self, text: str) -> str:
        if not self._screen.ascii:
            return text
        from gdcli.report.transliteration import transliterated

        return transliterated(text)


def _is_shown(column: Sequence[str], width: int) -> bool:
    """Whether the cells of a column of this width can be written as they are."""
    return all(map(str.isprintable, column)) and (width > 0 or not any(column))


def _aligned(row: Sequence[str], widths: Sequence[int], justify: Literal["left", "right"]) -> str:
    """The line of a row of cells."""
    if justify == "right":
        row = [cell.rstrip() for cell in row]
    spaces = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
    pairs = zip(spaces, row, strict=True) if justify == "right" else zip(row, spaces, strict=True)
    return (" " * COLUMN_GAP).join(map("".join, pairs)) + "\n"


def _fitted(widths: Sequence[int], width: int, leading: int) -> list[list[int]]:
    """The places of columns of these widths in tables so wide, or wider where one must be; each has
    the `leading` columns, which name the rows.
    """
    names = [*range(leading)]
    room = width - sum(widths[:leading]) - COLUMN_GAP * (leading - 1)
    parts, left = [[*names]], room
    for place, needed in enumerate(widths[leading:], leading):
        if COLUMN_GAP + needed > left and len(parts[-1]) > leading:
            parts.append([*names])
            left = room
        parts[-1].append(place)
        left -= COLUMN_GAP + needed
    return parts


def _chosen(
    places: Sequence[int], headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    """The columns at these places."""
    return [headers[i] for i in places], [[row[i] for i in places] for row in rows]
