"""Iterates in the format table: k, the variables, f, ‖∇f‖∞ and α; both ends of a long run.

The radius of a trust region stands in the place of α, and so does the word for what is no step.

Where the screen is narrow cells have fewer digits, then α and ‖∇f‖∞ have no columns. Variables for
which there is no room even so stand in tables below the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.descent.iterate import Iterate
from gdcli.descent.result import Result
from gdcli.report.number_format import (
    CELL_DIGITS,
    LEADING_COMPONENTS,
    MOST_COMPONENTS,
    cell,
    counted,
    shown_indices,
)
from gdcli.report.text_document import TextDocument

FEWEST_CELL_DIGITS = 3  # of an iterate
OMITTED = "…"  # the header in the place of columns for which there is no room

Columns = list[tuple[str, list[str]]]  # each header with its cells


def iterates(document: TextDocument, result: Result, digits: int | None) -> None:
    """Write the trace of `result`, which must not be empty, with so many digits in a cell; with
    None in the usual number of them, or fewer where there is no room.
    """
    for columns in _candidates(result, digits):
        if document.has_room_for(*_table(columns)):
            break
    count = len(result.trace)
    where = "between" if count > 1 else "before"
    gap = f"⋮ {counted(result.dropped, 'row')} {where}" if result.dropped else ""
    document.numbers(*_table(columns), (count // 2, gap))


def _table(columns: Columns) -> tuple[list[str], list[tuple[str, ...]]]:
    """The headers and the rows of the columns."""
    return [header for header, _ in columns], [*zip(*(cells for _, cells in columns), strict=True)]


def _candidates(result: Result, digits: int | None) -> Iterator[Columns]:
    """The columns in ever narrower forms: with fewer digits, without α, without ‖∇f‖∞ too."""
    fewer = range(CELL_DIGITS, FEWEST_CELL_DIGITS - 1, -1) if digits is None else (digits,)
    mark = (OMITTED, [""] * len(result.trace))
    for shown, marks in ((None, []), (-1, [mark]), (-2, [mark]), (-2, [])):
        for count in fewer:
            yield [*_columns(result, count)[:shown], *marks]


def _columns(result: Result, digits: int) -> Columns:
    """All columns, of many variables the first and the last."""
    trace, count = result.trace, len(result.variables)
    shown = shown_indices(count)
    points = [[cell(float(row.x[place]), digits) for row in trace] for place in shown]
    names = [result.variables[place] for place in shown]
    if count > MOST_COMPONENTS:
        names.insert(LEADING_COMPONENTS, OMITTED)
        points.insert(LEADING_COMPONENTS, [OMITTED] * len(trace))
    return [
        ("k", [str(row.k) for row in trace]),
        *zip(names, points, strict=True),
        ("f", [cell(row.f, digits) for row in trace]),
        (result.norm_label, [cell(row.gradient_norm, digits) for row in trace]),
        ("radius" if trace[0].radius is not None else "α", [_reach(row, digits) for row in trace]),
    ]


def _reach(row: Iterate, digits: int) -> str:
    """How far the step from a row reached: its α, or its trust region; or what it was instead."""
    return row.event or cell(row.alpha if row.radius is None else row.radius, digits)
