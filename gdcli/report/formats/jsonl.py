"""The format jsonl: an iterate, a point or a row of a listing a line, each a JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.formats import IterateWriter, PointWriter, Writers
from gdcli.report.formats.json import iterate_object, line, point_object, text, value_row

if TYPE_CHECKING:
    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.iterate import Iterate
    from gdcli.report.formats import Text
    from gdcli.report.listing import Listing
    from gdcli.report.predictions import PredictedRow
    from gdcli.report.view import GradView, ListingView


class Iterates(IterateWriter):
    """Iterates, one a line."""

    def row(self, iterate: Iterate) -> str:
        return line(iterate_object(self.view.layout or self.view.variables, iterate))


def grad(answer: Gradient, view: GradView) -> Text:
    return text(point_object(1, answer, view.layout))


class Gradients(PointWriter):
    """Gradients, one a line."""

    def line(self, number: int, answer: Gradient) -> str:
        return line(point_object(number, answer, self.view.layout))


def value(answer: FunctionValue, view: GradView) -> Text:
    return text(value_row(1, answer, view.layout))


class Values(PointWriter):
    """Values, one a line."""

    def line(self, number: int, answer: FunctionValue) -> str:
        return line(value_row(number, answer, self.view.layout))


class Predictions(PointWriter):
    """The new rows with their predictions, one a line."""

    def line(self, number: int, answer: PredictedRow) -> str:  # noqa: ARG002
        return line(answer.by_column(self.view))


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001
    return "".join(line(dict(zip(found.columns, row, strict=True))) for row in found.rows)


WRITERS = Writers(
    iterates=Iterates,
    grad=grad,
    gradients=Gradients,
    value=value,
    values=Values,
    predictions=Predictions,
    listing=listing,
)
