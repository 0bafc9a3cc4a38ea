"""What lies on top of contours and curves alike: paths of descents, and known minima."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gdcli.report.numerals import cell
from gdcli.report.pictures.terminal.board import Entry, ink_of, letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.pictures.scene import Mark, Path
    from gdcli.report.pictures.terminal.area import Area
    from gdcli.report.pictures.terminal.canvas import Ink

DIGITS = 4
SPARSE = 2  # cells from iterate to iterate, on average, from which on each is marked
START, END, ITERATE, MINIMUM = "○", "●", "•", "×"


def draw_path(
    area: Area, points: tuple[Sequence[float], Sequence[float]], ink: Ink, end: str
) -> None:
    """A line, a sign on each iterate while they are few, one on the start and on the end."""
    x, y = points
    area.line(x, y, ink, alone=True)
    cells = list(dict.fromkeys(area.cells(x, y)))
    length = sum(max(abs(b[0] - a[0]), abs(b[1] - a[1])) for a, b in pairwise(cells))
    if length >= SPARSE * (len(cells) - 1):
        for row, column in cells:
            area.canvas.write(row, column, ITERATE, ink)
    area.sign(x[0], y[0], START, ink)
    area.sign(x[-1], y[-1], end, ink)


def end_of(number: int, count: int) -> str:
    """The sign at the end of a path, which has a letter where there are several."""
    return letter(number) if count > 1 else END


def path_entries(
    paths: Sequence[Path], variables: Sequence[str], inks_from: int = 0
) -> list[Entry]:
    """Where each path came to."""
    entries = []
    for number, path in enumerate(paths):
        last = path.steps[-1]
        at = ", ".join(
            f"{name} = {cell(value, DIGITS)}"
            for name, value in zip(variables, last.point, strict=True)
        )
        label = f"{path.label}: " if path.label else ""
        text = f"{label}k = {last.k}, f = {cell(last.f, DIGITS)}, {at}"
        signs = f"{START} {end_of(number, len(paths))}"
        entries.append(Entry(signs, text, ink_of(inks_from + number)))
    return entries


def minima_entry(minima: Sequence[Mark]) -> list[Entry]:
    """What the sign of a known minimum means, where there is one."""
    return [Entry(MINIMUM, f"known {'minima' if len(minima) > 1 else 'minimum'}")] if minima else []


def draw_minima(area: Area, minima: Sequence[Mark]) -> None:
    """A sign on each."""
    for known in minima:
        area.sign(known.x, known.y, MINIMUM)
