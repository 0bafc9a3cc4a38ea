"""An iterate a line, each a JSON object, as they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.json import iterate_object, line

if TYPE_CHECKING:
    from gdcli.descent.loop import Iterate
    from gdcli.descent.result import Result
    from gdcli.report.view import MinimizeView


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
