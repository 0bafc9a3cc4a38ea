"""Comma-separated values: the trace of a descent as it happens, a list of problems,
a stage of a function.

A variable named like a column of ours has its name prefixed: `x.k`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.number_format import numbers, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gdcli.derivatives.gradient import Gradient
    from gdcli.descent.iterate import Iterate
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen

ITERATE_COLUMNS = ("k", "f", "gradient_norm", "alpha")


class Minimize:
    """The header, then the iterates."""

    def __init__(self, view: MinimizeView) -> None:
        components = view.layout.components if view.layout else view.variables
        names = [f"x.{name}" if name in ITERATE_COLUMNS else name for name in components]
        self._header = record(["k", *names, "f", "gradient_norm", "alpha"])

    def row(self, iterate: Iterate) -> str:
        """One line, after the header where it is the first."""
        header, self._header = self._header, ""
        values = [*numbers(iterate.x), iterate.f, iterate.gradient_norm]
        alpha = "" if iterate.alpha is None else plain(iterate.alpha)
        return header + ",".join([str(iterate.k), *map(written, values), alpha]) + "\n"

    def end(self, result: Result) -> str:  # noqa: ARG002 - the rows have said it
        """The header of a run that had no rows."""
        return self._header


class Gradients:
    """The header, then a point a line; what has no finite value is empty."""

    def __init__(self, view: GradView) -> None:
        names = view.layout.components if view.layout else view.variables
        columns = [*(f"df/d{name}" for name in names), "length"]
        columns += ["slope", "derivative"] if view.along else []
        if view.hessian:
            columns += [f"d2f/d{one}d{other}" for one in names for other in names]
        taken = ("f", *columns, "status")
        points = [f"x.{name}" if name in taken else name for name in names]
        self._header = record([*points, "f", *columns, "status"])
        self._view = view

    def row(self, number: int, answer: Gradient) -> str:  # noqa: ARG002 - an answer a line
        """One line, after the header where it is the first."""
        header, self._header = self._header, ""
        found = [*answer.at, answer.value, *answer.gradient, answer.length]
        found += [answer.slope, answer.derivative] if self._view.along else []
        if self._view.hessian:
            rows = answer.hessian or [[None] * len(answer.at)] * len(answer.at)
            found += [entry for row in rows for entry in row]
        return header + record([*map(written, found), answer.status])

    def end(self) -> str:
        """Nothing more."""
        return ""


def grad(answer: Gradient, view: GradView) -> str:
    """One point, under the header."""
    return Gradients(view).row(1, answer)


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001 - the signature of all
    """A problem a line, its start and tags separated by spaces, its best known f."""
    rows = [record(["name", "title", "expression", "start", "f", "tags"])]
    for problem in found:
        start = " ".join(map(plain, problem.start))
        best = plain(min(known.f for known in problem.minima)) if problem.minima else ""
        tags = " ".join(problem.tags)
        rows.append(record([problem.name, problem.title, problem.expression, start, best, tags]))
    return "".join(rows)


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001
    """The rows under their columns."""
    return record(found.columns) + "".join(record(map(written, row)) for row in found.rows)


def written(entry: str | float | None) -> str:
    """A text as it is, a number that reads back, nothing for None."""
    return entry if isinstance(entry, str) else "" if entry is None else plain(entry)


def record(fields: Iterable[str]) -> str:
    """One line, quoted where RFC 4180 asks for it."""
    return ",".join(map(quoted, fields)) + "\n"


def quoted(field: str) -> str:
    """`field` as it stands in a record."""
    if any(character in field for character in ',"\n\r'):
        return '"' + field.replace('"', '""') + '"'
    return field
