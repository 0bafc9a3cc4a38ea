"""Bare numbers separated by spaces, for `read x y <<< "$(gdcli ...)"`; bare names, one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.number_format import PrintableNumber, numbers, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen


class Minimize:
    """The end point."""

    row = None  # takes no iterates

    def __init__(self, view: MinimizeView) -> None:
        pass

    def end(self, result: Result) -> str:
        """The one line."""
        if result.precise is not None:
            return " ".join(map(str, result.precise.x)) + "\n"
        return line(result.x)


def grad(answer: Gradient, view: GradView) -> str:
    """The gradient, nothing where a component has no finite value; the formulas, one a line."""
    formulas = view.formulas or {}
    found = line(answer.gradient) if answer.status == "ok" else ""
    return found + "".join(f"{formula}\n" for formula in formulas.values())


class Gradients:
    """A gradient a line; an empty line where a component has no finite value."""

    def __init__(self, view: GradView) -> None:
        pass

    def row(self, number: int, answer: Gradient) -> str:  # noqa: ARG002
        """One line."""
        return line(answer.gradient) if answer.status == "ok" else "\n"

    def end(self) -> str:
        """Nothing more."""
        return ""


def listing(found: Listing, view: ListingView) -> str:  # noqa: ARG001
    """The lines, without columns."""
    return found.text


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    """The names."""
    return "".join(f"{problem.name}\n" for problem in found)


def functions(rows: list[Primitive], screen: Screen) -> str:  # noqa: ARG001
    """The names."""
    return "".join(f"{row.name}\n" for row in rows)


def line(values: Sequence[PrintableNumber | None]) -> str:
    """One line of numbers."""
    return " ".join(plain(value) for value in numbers(values) if value is not None) + "\n"
