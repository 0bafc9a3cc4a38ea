"""The format plain: bare numbers separated by spaces, for `read x y <<< "$(gdcli ...)"`; bare names
one a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.report.formats import PointWriter, Writers
from gdcli.report.number_format import PrintableNumber, is_array, numbers, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.report.formats import Text
    from gdcli.report.listing import Listing
    from gdcli.report.predictions import PredictedRow
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen


def minimize(result: Result, view: MinimizeView) -> Text:  # noqa: ARG001
    if is_array(result.x):
        return pieces(result.x)
    return line(result.x if result.precise is None else result.precise.x)


def grad(answer: Gradient, view: GradView) -> Text:
    """The gradient, unless a component has no finite value, and the formulas, one a line."""
    formulas = view.formulas or {}
    if is_array(answer.gradient):  # which has no formulas: its text is too long
        return pieces(answer.gradient) if answer.status == "ok" else ""
    found = line(answer.gradient) if answer.status == "ok" else ""
    return found + "".join(f"{formula}\n" for formula in formulas.values())


class Gradients(PointWriter):
    """A writer of a gradient a line; the line is empty where a component has no finite value."""

    def line(self, number: int, answer: Gradient) -> str:  # noqa: ARG002
        return line(answer.gradient) if answer.status == "ok" else "\n"


class Values(PointWriter):
    """A writer of a value a line; the line is empty where none is finite."""

    def line(self, number: int, answer: FunctionValue) -> str:  # noqa: ARG002
        return line([answer.f])


class Predictions(PointWriter):
    """A writer of a prediction a line; the line is empty where none is finite."""

    def line(self, number: int, answer: PredictedRow) -> str:  # noqa: ARG002
        return line(answer.values) if answer.status == "ok" else "\n"


def value(answer: FunctionValue, view: GradView) -> str:
    return Values(view).row(1, answer) if answer.status == "ok" else ""


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001
    return found.text


def named(found: Sequence[Problem | Primitive], screen: Screen) -> str:  # noqa: ARG001
    return "".join(f"{one.name}\n" for one in found)


def tags(counts: Mapping[str, int], screen: Screen) -> str:  # noqa: ARG001
    return "".join(f"{tag}\n" for tag in counts)


def line(values: Sequence[PrintableNumber | None]) -> str:
    return " ".join(plain(value) for value in numbers(values) if value is not None) + "\n"


def pieces(array: Any) -> Iterator[str]:
    """The line of the numbers of an array."""
    from gdcli.report.long_numbers import blocks

    before = ""
    for block in blocks(array, " ", plain):
        yield before + block
        before = " "
    yield "\n"


WRITERS = Writers(
    minimize=minimize, grad=grad, gradients=Gradients, value=value, values=Values,
    predictions=Predictions, listing=listing, problems=named, tags=tags, functions=named,
    completion=str,
)  # fmt: skip
