"""FORMATS: how results become the text that people or programs read, a row for each format.

A format is a row and the module of this package that has its name. The module's WRITERS hold a
function or a class for each kind of result that the row offers; loading the table loads no module.
In formats for programs every number reads back to the same double.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.many_points import AnswerBlock
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.iterate import Iterate
    from gdcli.descent.result import Result
    from gdcli.functions.function import Function
    from gdcli.functions.problem import Problem
    from gdcli.library.verification import Check
    from gdcli.report.formats.row_template import RowTemplate
    from gdcli.report.graph import Graph
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView, PredictionView, Screen

    Text = str | Iterator[str]  # one with arrays comes in pieces, each made when it is taken


class IterateWriter(ABC):
    """A writer of the iterates of a descent, while it runs."""

    def __init__(self, view: MinimizeView) -> None:
        self.view = view

    @abstractmethod
    def row(self, iterate: Iterate) -> str:
        """The text of one iterate, for the first with what stands above it."""

    def end(self) -> str:
        """The text after the last iterate."""
        return ""


class PointWriter(ABC):
    """A writer of the answers at many points, point by point."""

    def __init__(self, view: Any) -> None:
        self.view = view
        self._header = ""  # what stands above the first point
        self._template: RowTemplate | None = None

    def row(self, number: int, answer: Any) -> str:
        """The text of one point, for the first with what stands above it.

        `number` is that of its line in the file of points.
        """
        header, self._header = self._header, ""
        return header + self.line(number, answer)

    @abstractmethod
    def line(self, number: Any, answer: Any) -> str:
        """The text of one point; its numbers may be texts that stand for them."""

    def rows(self, numbers: Sequence[int], block: AnswerBlock) -> list[str]:
        """The texts of many points, as `row` writes them one by one."""
        lines = self.lines(numbers, block).splitlines(keepends=True)  # Ctrl-C may come
        header, self._header = self._header, ""
        return [header, *lines]

    def lines(self, numbers: Sequence[int], block: AnswerBlock) -> str:
        """The text of many points, as `line` writes them one by one."""
        if not block.is_regular:
            return "".join(map(self.line, numbers, block.answers()))
        if self._template is None:
            from gdcli.report.formats.row_template import RowTemplate

            self._template = RowTemplate(self.line, block)
        return self._template.filled(numbers, block)

    def end(self, stopped: str | None = None) -> str:  # noqa: ARG002
        """The text after the last point; `stopped` says why there are no more, after an error."""
        return ""


def not_offered(*_: object) -> NoReturn:
    """The writer in the place of one that a format does not offer."""
    raise NotImplementedError


class Writers(NamedTuple):
    """The writers of a format, one for each kind of result; their text is whole lines."""

    minimize: Callable[[Result, MinimizeView], Text] = not_offered
    iterates: Callable[[MinimizeView], IterateWriter] = not_offered
    grad: Callable[[Gradient, GradView], Text] = not_offered
    gradients: Callable[[GradView], PointWriter] = not_offered
    value: Callable[[FunctionValue, GradView], Text] = not_offered
    values: Callable[[GradView], PointWriter] = not_offered
    predictions: Callable[[PredictionView], PointWriter] = not_offered
    listing: Callable[[Listing, ListingView], str] = not_offered  # of compare, check and show
    graph: Callable[[Graph, Screen], str] = not_offered
    problems: Callable[[list[Problem], Screen], str] = not_offered
    problems_in_full: Callable[[list[Problem], Screen], str] = not_offered
    verify: Callable[[list[Check], Screen], str] = not_offered
    tags: Callable[[Mapping[str, int], Screen], str] = not_offered  # of how many problems each is
    functions: Callable[[list[Primitive], Screen], str] = not_offered
    completion: Callable[[str], str] = not_offered


class Format(NamedTuple):
    """A row of FORMATS.

    `offers` names the kinds of results that it writes, which are fields of Writers: of a descent
    `minimize`, written at its end, or `iterates`, written while it runs. The text of a result in
    `bare`, and of iterates, does not hold the outcome and the notes, which are told beside it.
    A file's name that ends in `ending` asks for the format.
    """

    name: str
    help: str
    offers: tuple[str, ...]
    bare: tuple[str, ...] = ()
    shows_rows: bool = False  # the first and the last iterates, as many as are asked for
    holds_trace: bool = False  # every iterate, where the trace is asked for
    ending: str = ""
    fields: tuple[Any, ...] = ()  # those of the answer that are written; their names at first

    @property
    def streams(self) -> bool:
        """Whether the iterates of a descent are written as they happen."""
        return "iterates" in self.offers

    def of_answers(
        self,
        schema: str,
        function: Function | None = None,
        note: Callable[[str], object] = str,
        listing: tuple[Listing, ListingView] | None = None,
        **asked: object,
    ) -> Format:
        """The format with its fields looked up in answers of that schema, about a function.

        Of a `listing` its columns are fields too. `note` is told of a name that a variable has too,
        and of a field that is null since the setting for it, one of those `asked`, was not given.
        Raises UsageError for a field that the answers lack.
        """
        if not self.fields:
            return self
        about = (schema, function, note, asked)
        fields = self.module
        answers = fields.of_listing(*about, *listing) if listing else fields.Answers(*about)
        return self._replace(fields=tuple(map(answers.steps, self.fields)))

    @property
    def module(self) -> Any:
        return import_module(f"gdcli.report.formats.{self.name}")

    def writers(self) -> Writers:
        found: Writers = self.module.writers(self.fields) if self.fields else self.module.WRITERS
        return found


GRADIENT_RESULTS = ("grad", "gradients", "value", "values", "listing")
LIBRARY_RESULTS = ("problems", "problems_in_full", "verify", "tags", "functions")
FORMATS = {
    row.name: row
    for row in (
        Format("table", "tables and sentences for a person",
               ("minimize", *GRADIENT_RESULTS, *LIBRARY_RESULTS), shows_rows=True),
        Format("json", "one JSON object",
               ("minimize", *GRADIENT_RESULTS, "predictions", *LIBRARY_RESULTS), holds_trace=True,
               ending=".json"),
        Format("jsonl", "a JSON object a line: each iterate as it happens, each point, each row",
               ("iterates", *GRADIENT_RESULTS, "predictions"), bare=("listing",), ending=".jsonl"),
        Format("csv", "comma-separated values: each iterate as it happens, each point, each row",
               ("iterates", *GRADIENT_RESULTS, "predictions", "problems", "tags"),
               bare=GRADIENT_RESULTS,
               ending=".csv"),
        Format("plain", "bare numbers separated by spaces; bare names a line each",
               ("minimize", *GRADIENT_RESULTS, "predictions", "problems", "tags", "functions",
                "completion"),
               bare=("minimize", *GRADIENT_RESULTS)),
        Format("dot", "a computational graph for Graphviz", ("graph",), ending=".dot"),
        Format("mermaid", "a computational graph for Mermaid", ("graph",), ending=".mmd"),
    )
}  # fmt: skip

# Not in the table: its fields are named in the place of a format.
PRINTED = Format(
    "fields", "a line of chosen fields of the object", FORMATS["json"].offers,
    bare=("minimize", *GRADIENT_RESULTS), holds_trace=True,
)  # fmt: skip


def offering(*results: str) -> tuple[str, ...]:
    """The names of the formats that write at least one of the results."""
    return tuple(row.name for row in FORMATS.values() if {*results} & {*row.offers})
