"""Paths of descents and known minima, which lie on contours and on curves alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from gdcli.report.number_format import cell
from gdcli.report.pictures.style import minima_name
from gdcli.report.pictures.terminal.area import Area
from gdcli.report.pictures.terminal.canvas import Ink
from gdcli.report.pictures.terminal.figure import LegendEntry, ink_of, letter
from gdcli.scenes.scene import Mark, Path

PATH_DIGITS = 4
SPARSE_SPACING = 2  # cells from iterate to iterate, on average: if more, each is marked
PATH_LETTER_SPACING = 6  # cells from letter to letter along a path
NEARBY_CELLS = [(x, y) for reach in range(4) for y in (0, -1, 1) for x in (reach, -reach)]
START_SIGN, END_SIGN, ITERATE_SIGN, MINIMUM_SIGN = "○", "●", "•", "×"

Points = tuple[Sequence[float], Sequence[float]]


def draw_paths(
    areas: Sequence[Area], paths: Sequence[Points], minima: Sequence[Mark], inks_from: int = 0
) -> None:
    """Draws the paths, one on each area or all on the only one, and known minima on all areas."""
    placed = [
        (areas[number % len(areas)], points, ink_of(inks_from + number), end_of(number, len(paths)))
        for number, points in enumerate(paths)
    ]
    letters = len(paths) > 1 and not areas[0].canvas.screen.color
    for area, points, ink, end in placed:
        draw_path(area, points, ink, end if letters else "")
    for area in areas:
        draw_minima(area, minima)
    taken = (
        {place for area in areas for place in _places(area, minima)} if len(paths) > 1 else set()
    )
    for area, (x, y), ink, end in placed:
        for row, column in area.cells(x[-1:], y[-1:]):
            place = _free(area, row, column, taken)
            taken.add(place)
            area.canvas.write(*place, end, ink)


def _places(area: Area, minima: Sequence[Mark]) -> list[tuple[int, int]]:
    return area.cells([known.x for known in minima], [known.y for known in minima])


def _free(area: Area, row: int, column: int, taken: Collection[tuple[int, int]]) -> tuple[int, int]:
    """The cell itself or, where it is taken, the nearest free one in the area."""
    for across, down in NEARBY_CELLS:
        place = row + down, column + across
        inside = area.left <= place[1] < area.left + area.columns
        if inside and area.top <= place[0] < area.top + area.rows and place not in taken:
            return place
    return row, column


def draw_path(area: Area, points: Points, ink: Ink, letter: str = "") -> None:
    """Draws a path: a line, signs on the start and on iterates if these are few, its letter."""
    x, y = points
    area.line(x, y, ink, alone=True)
    cells = list(dict.fromkeys(area.cells(x, y)))
    length = sum(max(abs(b[0] - a[0]), abs(b[1] - a[1])) for a, b in pairwise(cells))
    if length >= SPARSE_SPACING * (len(cells) - 1):
        for row, column in cells:
            area.canvas.write(row, column, letter or ITERATE_SIGN, ink)
    elif letter:
        for row, column in cells[PATH_LETTER_SPACING // 2 :: PATH_LETTER_SPACING]:
            area.canvas.write(row, column, letter, ink)
    area.sign(x[0], y[0], START_SIGN, ink)


def end_of(number: int, count: int) -> str:
    """The sign at the end of a path: its letter where there are several paths."""
    return letter(number) if count > 1 else END_SIGN


def path_entries(
    paths: Sequence[Path], variables: Sequence[str], inks_from: int = 0
) -> list[LegendEntry]:
    """The entries of a key that say where each path ended."""
    entries = []
    for number, path in enumerate(paths):
        last = path.steps[-1]
        at = ", ".join(
            f"{name} = {cell(value, PATH_DIGITS)}"
            for name, value in zip(variables, last.point, strict=True)
        )
        label = f"{path.label}: " if path.label else ""
        text = f"{label}k = {last.k}, f = {cell(last.f, PATH_DIGITS)}, {at}"
        signs = f"{START_SIGN} {end_of(number, len(paths))}"
        entries.append(LegendEntry(signs, text, ink_of(inks_from + number)))
    return entries


def path_heads(paths: Sequence[Path], inks_from: int = 0) -> list[LegendEntry]:
    return [
        LegendEntry(letter(number), path.label, ink_of(inks_from + number))
        for number, path in enumerate(paths)
    ]


def minima_entry(minima: Sequence[Mark]) -> list[LegendEntry]:
    """The entry of known minima in a key; none without minima."""
    return [LegendEntry(MINIMUM_SIGN, minima_name(len(minima)))] if minima else []


def draw_minima(area: Area, minima: Sequence[Mark]) -> None:
    for known in minima:
        area.sign(known.x, known.y, MINIMUM_SIGN)
