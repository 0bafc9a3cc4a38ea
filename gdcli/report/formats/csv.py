"""The format csv: comma-separated values under a line of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.descent.iterate import trace_columns
from gdcli.report.formats import IterateWriter, PointWriter, Writers
from gdcli.report.number_format import number_or_null, numbers, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.iterate import Iterate
    from gdcli.functions.problem import Problem
    from gdcli.report.listing import Listing
    from gdcli.report.predictions import PredictedRow
    from gdcli.report.view import GradView, ListingView, MinimizeView, PredictionView, Screen


class Iterates(IterateWriter):
    """Iterates, one a line."""

    def __init__(self, view: MinimizeView) -> None:
        super().__init__(view)
        components = view.layout.components if view.layout else view.variables
        self._header = record(trace_columns(components))

    def row(self, iterate: Iterate) -> str:
        values = [*numbers(iterate.x), iterate.f, iterate.gradient_norm]
        alpha = "" if iterate.alpha is None else plain(iterate.alpha)
        line = ",".join([str(iterate.k), *map(written, values), alpha]) + "\n"
        header, self._header = self._header, ""
        return header + line

    def end(self) -> str:
        """The header, where the run had no iterates."""
        return self._header


class Gradients(PointWriter):
    """Gradients, one a line; a component without a finite value is empty."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        names = view.layout.components if view.layout else view.variables
        columns = [*(f"df/d{name}" for name in names), "length"]
        columns += ["slope", "derivative"] if view.along else []
        if view.hessian:
            columns += [f"d2f/d{one}d{other}" for one in names for other in names]
        taken = ("f", *columns, "status")
        points = [f"x.{name}" if name in taken else name for name in names]
        self._header = record([*points, "f", *columns, "status"])

    def line(self, number: int, answer: Gradient) -> str:  # noqa: ARG002
        found = [*answer.at, answer.value, *answer.gradient, answer.length]
        found += [answer.slope, answer.derivative] if self.view.along else []
        if self.view.hessian:
            rows = answer.hessian or [[None] * len(answer.at)] * len(answer.at)
            found += [entry for row in rows for entry in row]
        return record([*map(written, found), answer.status])


def grad(answer: Gradient, view: GradView) -> str:
    return Gradients(view).row(1, answer)


class Values(PointWriter):
    """Values, one a line; one that is not finite is empty."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        names = view.layout.components if view.layout else view.variables
        points = [f"x.{name}" if name in ("f", "status") else name for name in names]
        self._header = record([*points, "f", "status"])

    def line(self, number: int, answer: FunctionValue) -> str:  # noqa: ARG002
        return record([*map(written, [*answer.at, answer.f]), answer.status])


def value(answer: FunctionValue, view: GradView) -> str:
    return Values(view).row(1, answer)


class Predictions(PointWriter):
    """The new rows with their predictions; one that is not finite is empty."""

    def __init__(self, view: PredictionView) -> None:
        super().__init__(view)
        self._header = record([*view.headings, *view.added])

    def line(self, number: int, answer: PredictedRow) -> str:  # noqa: ARG002
        values = map(written, map(number_or_null, answer.values))
        return record([*answer.cells, *values])


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    """Problems, one a line; the numbers of a start are separated by spaces, and so are tags."""
    rows = [record(["name", "title", "expression", "start", "f", "tags"])]
    for problem in found:
        start = " ".join(map(plain, problem.start))
        best = plain(min(known.f for known in problem.minima)) if problem.minima else ""
        tags = " ".join(problem.tags)
        rows.append(record([problem.name, problem.title, problem.expression, start, best, tags]))
    return "".join(rows)


def tags(counts: Mapping[str, int], screen: Screen) -> str:  # noqa: ARG001
    rows = [("tag", "problems"), *((tag, str(count)) for tag, count in counts.items())]
    return "".join(map(record, rows))


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001
    return record(found.columns) + "".join(record(map(written, row)) for row in found.rows)


def written(entry: str | float | None) -> str:
    """The text of a field: a text as it is, a number that reads back, "" for None."""
    return entry if isinstance(entry, str) else "" if entry is None else plain(entry)


def record(fields: Iterable[str]) -> str:
    """A line of fields, quoted where RFC 4180 asks for it."""
    return ",".join(map(quoted, fields)) + "\n"


def quoted(field: str) -> str:
    if any(character in field for character in ',"\n\r'):
        return '"' + field.replace('"', '""') + '"'
    return field


WRITERS = Writers(
    iterates=Iterates, grad=grad, gradients=Gradients, value=value, values=Values,
    predictions=Predictions, listing=listing, problems=problems, tags=tags,
)  # fmt: skip
