"""Iterates in the format table: k, as many variables as fit, f, ‖∇f‖∞ and α; both ends of a long
run.
"""

from __future__ import annotations

from gdcli.descent.objective import NORM_LABEL
from gdcli.descent.result import Result
from gdcli.errors import Sentence, Setting
from gdcli.report.number_format import LEADING_COMPONENTS, MOST_COMPONENTS, cell, counted
from gdcli.report.text_document import COLUMN_GAP, TextDocument

REQUIRED_COLUMNS = ("k", "f")  # whatever the width

IterateColumns = dict[str, list[str]]


def iterates(document: TextDocument, result: Result, digits: int) -> None:
    """Write the trace of `result`, which must not be empty, with so many digits in a cell."""
    trace = result.trace
    columns = {
        "k": [str(row.k) for row in trace],
        "f": [cell(row.f, digits) for row in trace],
        NORM_LABEL: [cell(row.gradient_norm, digits) for row in trace],
        "α": [cell(row.alpha, digits) for row in trace],
    }
    names = result.variables
    leading = len(names) if len(names) <= MOST_COMPONENTS else LEADING_COMPONENTS
    points = [(names[i], [cell(float(row.x[i]), digits) for row in trace]) for i in range(leading)]
    if leading < len(names):  # of many components the ends
        last = [cell(float(row.x[-1]), digits) for row in trace]
        points += [("…", ["…"] * len(trace)), (names[-1], last)]
    shown, count = _fitting(document, columns, points)
    points = points[:count]
    headers = ["k", *(name for name, _ in points), *shown[1:]]
    cells = [columns["k"], *(own for _, own in points), *(columns[name] for name in shown[1:])]
    where = "between" if len(trace) > 1 else "before"
    gap = f"⋮ {counted(result.dropped, 'row')} {where}" if result.dropped else ""
    document.numbers(headers, list(zip(*cells, strict=True)), (len(trace) // 2, gap))
    hidden = [name for name in columns if name not in shown]
    if count < leading:
        hidden.insert(0, f"{len(names) - count} of {counted(len(names), 'variable')}")
    if hidden:
        no_room = "… no room for {}: widen the window, or use {}"
        document.line(Sentence(no_room, ", ".join(hidden), Setting("format", "csv")), "dim")


def _fitting(
    document: TextDocument, columns: IterateColumns, points: list[tuple[str, list[str]]]
) -> tuple[list[str], int]:
    """The names of the columns that there is room for, and the number of variables in `points`."""
    room = document.width + COLUMN_GAP
    shown = []
    for name, cells in columns.items():
        width = _width(document, name, cells)
        if width <= room or name in REQUIRED_COLUMNS:
            room -= width
            shown.append(name)
    for count, (name, cells) in enumerate(points):
        room -= _width(document, name, cells)
        if room < 0:
            return shown, count
    return shown, len(points)


def _width(document: TextDocument, name: str, cells: list[str]) -> int:
    return document.column_widths([name], [[text] for text in cells])[0] + COLUMN_GAP
