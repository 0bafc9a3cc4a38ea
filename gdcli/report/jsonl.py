"""An iterate a line, each a JSON object, as they happen; a row of a stage a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.json import iterate_object, line, plainly, point_line

if TYPE_CHECKING:
    from gdcli.descent.loop import Iterate
    from gdcli.descent.result import Result
    from gdcli.methods.gradient import Gradient
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001 - the signature of every format
    """A row a line."""
    return "".join(line(plainly(dict(zip(found.columns, row, strict=True)))) for row in found.rows)


def grad(answer: Gradient, view: GradView) -> str:  # noqa: ARG001
    """One point, as the only line."""
    return point_line(1, answer)


class Gradients:
    """The points."""

    def __init__(self, view: GradView) -> None:
        pass

    def row(self, number: int, answer: Gradient) -> str:
        """One line."""
        return point_line(number, answer)

    def end(self) -> str:
        """Nothing more."""
        return ""


class Minimize:
    """The iterates."""

    def __init__(self, view: MinimizeView) -> None:
        self._variables = view.variables

    def row(self, iterate: Iterate) -> str:
        """One line."""
        return line(iterate_object(self._variables, iterate))

    def end(self, result: Result) -> str:  # noqa: ARG002 - the rows have said it
        """Nothing more."""
        return ""
