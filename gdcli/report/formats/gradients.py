"""Gradients in the format table: one as a table of its variables, many with a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from gdcli.derivatives.gradient import Gradient, GradientNumber, SecondDerivatives
from gdcli.errors import Sentence, Setting
from gdcli.report.formats import PointWriter
from gdcli.report.number_format import (
    CELL_DIGITS,
    LEADING_COMPONENTS,
    MOST_COMPONENTS,
    cell,
    counted,
    defined,
    elided,
    full,
    point,
    shown_indices,
)
from gdcli.report.text_document import TextDocument
from gdcli.report.view import GradView

if TYPE_CHECKING:
    from gdcli.derivatives.many_points import AnswerBlock

USUAL_CELL_WIDTH = 13  # columns of -1.234567e-10, the longest usual cell


def gradient(document: TextDocument, answer: Gradient) -> None:
    """Write the partial derivatives, and below them the value, the length, the gradient in full and
    the slopes.
    """
    direction: Sequence[GradientNumber] | None = answer.direction
    count = len(answer.variables)
    rows = [
        (
            answer.variables[place],
            cell(answer.at[place]),
            defined(answer.gradient[place]),
            "" if direction is None else cell(direction[place]),
        )
        for place in shown_indices(count)
    ]
    if count > MOST_COMPONENTS:
        rows.insert(
            LEADING_COMPONENTS,
            ("…", f"{counted(count - LEADING_COMPONENTS - 1, 'component')} between", "…", "…"),
        )
    if rows:
        headers = ("variable", "at", "∂f", "steepest descent")
        shown = len(headers) - (count == 1)  # of one variable it is the sign of ∂f alone
        document.texts(headers[:shown], [row[:shown] for row in rows])
        document.line()
    labelled = [("f", defined(answer.value, full)), ("‖∇f‖", full(answer.length))]
    if answer.status == "ok":
        labelled.append(("∇f", point(answer.gradient)))
    if answer.along is not None:
        labelled += [("slope along V", full(answer.slope))]
        labelled += [("derivative along V", full(answer.derivative))]
    if answer.evaluations is not None:
        labelled += [("method", answer.method), ("evaluations of f", str(answer.evaluations))]
        labelled += [("h", ", ".join(full(step) for step in sorted({*(answer.step or ())})))]
    document.pairs([(label, value) for label, value in labelled if value])
    if not rows:
        document.line("a constant: it has no variables")
    elif answer.length in (0, "0"):
        document.line("the gradient is 0: a stationary point, no direction descends")


def directions(document: TextDocument, answer: Gradient) -> None:
    """Write the sample of unit directions, and what it shows."""
    sample = answer.directions or []
    document.line()
    count = len(answer.at)
    plane = count == 2
    shown = shown_indices(count)
    names = elided([answer.variables[place] for place in shown], count)
    headers = ("angle", *names, "slope", "")
    rows = [
        (
            "" if one.angle is None else f"{one.angle:.5g}°",
            *elided([cell(one.direction[place]) for place in shown], count),
            cell(one.slope),
            one.note,
        )
        for one in sample
    ]
    cut = 0 if plane else 1
    document.texts(headers[cut:], [row[cut:] for row in rows])
    document.line()
    length = full(answer.length)
    document.line(f"no unit direction falls faster than −∇f/‖∇f‖, whose slope is −‖∇f‖ = -{length}")


def hessian(document: TextDocument, variables: Sequence[str], rows: SecondDerivatives) -> None:
    """Write the matrix of second derivatives; of a large one its corners."""
    count = len(variables)
    shown = shown_indices(count)
    names = [variables[place] for place in shown]
    cells = [
        [name, *elided([defined(rows[place][other]) for other in shown], count)]
        for name, place in zip(names, shown, strict=True)
    ]
    if count > MOST_COMPONENTS:
        cells.insert(LEADING_COMPONENTS, ["…"] * len(cells[0]))
    document.matrix(("∂²f", *elided(names, count)), cells)
    if count > MOST_COMPONENTS:
        document.line()
        corners = "the corners of {} x {} second derivatives: {} has all"
        document.line(Sentence(corners, count, count, Setting("format", "json")))


class ValueColumns(PointWriter):
    """Values, one a row; columns are as wide as cells can be, since the next is not known."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        headers = self._headers(view.layout.components if view.layout else view.variables)
        self._ascii = view.screen.ascii
        if self._ascii:
            from gdcli.report.transliteration import transliterated

            headers = [transliterated(header) for header in headers]
        self._widths = [max(USUAL_CELL_WIDTH, len(header)) for header in headers]
        rule = "-" if self._ascii else "─"
        self._header = (
            self._line(headers) + rule * (sum(self._widths) + 2 * len(headers) - 2) + "\n"
        )

    def line(self, number: int, answer: Any) -> str:  # noqa: ARG002
        return self._line(self._cells(answer))

    def lines(self, numbers: Sequence[int], block: AnswerBlock) -> str:
        if not block.is_regular:
            return super().lines(numbers, block)
        columns = [(column + 0.0).tolist() for column in block.columns()[: len(self._widths)]]
        line = "  ".join([f"%{width}.{CELL_DIGITS}g" for width in self._widths]) + "\n"
        return (line * len(numbers)) % tuple(chain.from_iterable(zip(*columns, strict=True)))

    def _headers(self, names: Sequence[str]) -> list[str]:
        return [*names, "f"]

    def _cells(self, answer: Any) -> list[str]:
        return [*map(cell, answer.at), defined(answer.f)]

    def _line(self, cells: Sequence[str]) -> str:
        padded = (one.rjust(width) for one, width in zip(cells, self._widths, strict=True))
        return "  ".join(padded) + "\n"


class GradientColumns(ValueColumns):
    """Gradients, one a row; columns are as wide as cells can be, since the next is not known."""

    def _headers(self, names: Sequence[str]) -> list[str]:
        headers = [*names, "f", *(f"∂f/∂{name}" for name in names), "‖∇f‖"]
        headers += ["slope", "derivative"] if self.view.along else []
        if self.view.hessian:
            headers += [f"∂²f/∂{one}∂{other}" for one in names for other in names]
        return headers

    def _cells(self, answer: Any) -> list[str]:
        cells = [*map(cell, answer.at), *map(defined, [answer.value, *answer.gradient])]
        cells.append(cell(answer.length))
        cells += [cell(answer.slope), cell(answer.derivative)] if self.view.along else []
        if self.view.hessian:
            n = len(answer.at)
            cells += [defined(entry) for row in answer.hessian or [[None] * n] * n for entry in row]
        return cells
