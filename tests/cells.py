"""What a terminal would show of a text with the control sequences that we write, and no other."""

from __future__ import annotations

import re
from typing import NamedTuple

TOKEN = re.compile(r"\x1b\[0((?:;[34]8;5;\d+)*)m|(.)", re.DOTALL)
DOTS = {0x01: (0, 0), 0x02: (0, 1), 0x04: (0, 2), 0x40: (0, 3)} | {
    0x08: (1, 0),
    0x10: (1, 1),
    0x20: (1, 2),
    0x80: (1, 3),
}


class Cell(NamedTuple):
    """A sign, its colour and the one behind it, None where they are the terminal's own."""

    sign: str
    ink: int | None
    paper: int | None


def cells(text: str) -> list[list[Cell]]:
    """The lines, cell by cell."""
    lines = []
    for line in text.removesuffix("\n").split("\n"):
        ink = paper = None
        found = []
        for match in TOKEN.finditer(line):
            colors, sign = match.groups()
            if sign is not None:
                assert sign.isprintable(), f"an unknown control sequence in {line!r}"
                found.append(Cell(sign, ink, paper))
                continue
            ink = paper = None
            for kind, number in re.findall(r";([34])8;5;(\d+)", colors):
                ink, paper = (int(number), paper) if kind == "3" else (ink, int(number))
        assert ink is None, "the colours end with the line"
        assert paper is None, "the colours end with the line"
        lines.append(found)
    return lines


def halves(cell: Cell) -> tuple[int | None, int | None]:
    """The colours of the upper and the lower half of a cell without a sign."""
    return {
        " ": (cell.paper, cell.paper),
        "▀": (cell.ink, cell.paper),
        "▄": (cell.paper, cell.ink),
    }[cell.sign]


def dots(lines: list[str]) -> set[tuple[int, int]]:
    """(across, down) of every Braille dot, counted from the upper left."""
    return {
        (2 * column + across, 4 * row + down)
        for row, line in enumerate(lines)
        for column, sign in enumerate(line)
        if 0x2800 <= ord(sign) < 0x2900
        for bit, (across, down) in DOTS.items()
        if (ord(sign) - 0x2800) & bit
    }


def frame(lines: list[str]) -> tuple[int, int, int, int]:
    """Where the picture is: its first row and column, and how many there are of each."""
    bottom = next(row for row, line in enumerate(lines) if "└" in line or "++" in line)
    left = lines[1].index("┤") + 1
    return 1, left, bottom - 1, len(lines[bottom]) - left
