"""An iterate a line, each a JSON object, as they happen; a row of a stage a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.formats.json import iterate_object, line, plainly, point_line

if TYPE_CHECKING:
    from gdcli.derivatives.gradient import Gradient
    from gdcli.descent.iterate import Iterate
    from gdcli.descent.result import Result
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001 - the signature of every format
    """A row a line."""
    return "".join(line(plainly(dict(zip(found.columns, row, strict=True)))) for row in found.rows)


def grad(answer: Gradient, view: GradView) -> str:
    """One point, as the only line."""
    return point_line(1, answer, view.layout)


class Gradients:
    """The points."""

    def __init__(self, view: GradView) -> None:
        self._layout = view.layout

    def row(self, number: int, answer: Gradient) -> str:
        """One line."""
        return point_line(number, answer, self._layout)

    def end(self) -> str:
        """Nothing more."""
        return ""


class Minimize:
    """The iterates."""

    def __init__(self, view: MinimizeView) -> None:
        self._names = view.layout or view.variables

    def row(self, iterate: Iterate) -> str:
        """One line."""
        return line(iterate_object(self._names, iterate))

    def end(self, result: Result) -> str:  # noqa: ARG002 - the rows have said it
        """Nothing more."""
        return ""
