"""The format csv: comma-separated values under a line of names."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from gdcli.descent.iterate import trace_columns
from gdcli.report.formats import IterateWriter, PointWriter, Writers
from gdcli.report.number_format import (
    TEXT_BLOCK,
    is_array,
    number_or_null,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.iterate import Iterate
    from gdcli.functions.problem import Problem
    from gdcli.report.formats import Text
    from gdcli.report.listing import Listing
    from gdcli.report.predictions import PredictedRow
    from gdcli.report.view import GradView, ListingView, MinimizeView, PredictionView, Screen

    Numbers = Sequence[str | float | None] | NDArray[np.float64]


class Iterates(IterateWriter):
    """Iterates, one a line."""

    def __init__(self, view: MinimizeView) -> None:
        super().__init__(view)
        components = view.layout.components if view.layout else view.variables
        self._header = record(trace_columns(components))

    def row(self, iterate: Iterate) -> str:
        end = [iterate.f, iterate.gradient_norm, iterate.alpha]
        line = "".join(row_pieces([str(iterate.k)], iterate.x, end))
        header, self._header = self._header, ""
        return header + line

    def end(self) -> str:
        """The header, where the run had no iterates."""
        return self._header


class Gradients(PointWriter):
    """Gradients, one a line; a component without a finite value is empty."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        self._header = record(gradient_columns(view))

    def line(self, number: int, answer: Gradient) -> str:  # noqa: ARG002
        return "".join(gradient_pieces(answer, self.view))


def gradient_columns(view: GradView) -> Iterator[str]:
    """The names of the columns of gradients, the point's first; `x.f` beside a column `f`."""
    names = view.layout.components if view.layout else view.variables
    beside = ["length", *(["slope", "derivative"] if view.along else [])]
    taken = {"f", *beside, "status"}
    yield from (f"x.{name}" if name in taken else name for name in names)
    yield "f"
    yield from (f"df/d{name}" for name in names)
    yield from beside
    if view.hessian:
        yield from (f"d2f/d{one}d{other}" for one in names for other in names)
    yield "status"


def gradient_pieces(answer: Gradient, view: GradView) -> Iterator[str]:
    """The line of a gradient under these columns."""
    end = [answer.length, *([answer.slope, answer.derivative] if view.along else [])]
    if view.hessian:
        rows = answer.hessian or [[None] * len(answer.at)] * len(answer.at)
        end += [entry for row in rows for entry in row]
    parts = answer.at, [answer.value], answer.gradient, [*end, answer.status]
    return row_pieces(*parts, of_array=lambda one: written(number_or_null(one)))


def grad(answer: Gradient, view: GradView) -> Text:
    pieces = chain(record_pieces(gradient_columns(view)), gradient_pieces(answer, view))
    return pieces if is_array(answer.gradient) else "".join(pieces)


class Values(PointWriter):
    """Values, one a line; one that is not finite is empty."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        self._header = record(value_columns(view))

    def line(self, number: int, answer: FunctionValue) -> str:  # noqa: ARG002
        return "".join(row_pieces(answer.at, [answer.f, answer.status]))


def value_columns(view: GradView) -> Iterator[str]:
    """The names of the columns of values, the point's first; `x.f` beside a column `f`."""
    names = view.layout.components if view.layout else view.variables
    yield from (f"x.{name}" if name in ("f", "status") else name for name in names)
    yield from ("f", "status")


def value(answer: FunctionValue, view: GradView) -> Text:
    row = row_pieces(answer.at, [answer.f, answer.status])
    pieces = chain(record_pieces(value_columns(view)), row)
    return pieces if is_array(answer.at) else "".join(pieces)


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
    return "".join(record_pieces(fields))


def record_pieces(fields: Iterable[str]) -> Iterator[str]:
    """The line of fields, many at once."""
    rest, before = iter(fields), ""
    while block := [*islice(rest, TEXT_BLOCK)]:
        text = ",".join(block)
        bare = text.count(",") == len(block) - 1 and not any(mark in text for mark in '"\n\r')
        yield before + (text if bare else ",".join(map(quoted, block)))
        before = ","
    yield "\n"


def row_pieces(*parts: Numbers, of_array: Callable[[Any], str] = written) -> Iterator[str]:
    """The line of numbers and of words without commas; `of_array` writes a number of an array."""
    before = ""
    for part in parts:
        if is_array(part):
            from gdcli.report.long_numbers import blocks

            texts = blocks(part, ",", of_array)
        else:
            texts = iter([",".join(map(written, part))] if len(part) else [])
        for text in texts:
            yield before + text
            before = ","
    yield "\n"


def quoted(field: str) -> str:
    if any(character in field for character in ',"\n\r'):
        return '"' + field.replace('"', '""') + '"'
    return field


WRITERS = Writers(
    iterates=Iterates, grad=grad, gradients=Gradients, value=value, values=Values,
    predictions=Predictions, listing=listing, problems=problems, tags=tags,
)  # fmt: skip
