"""Bare numbers separated by spaces, for `read x y <<< "$(gdcli ...)"`; bare names, one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.numerals import plain

if TYPE_CHECKING:
    from gdcli.autodiff.primitives import Primitive
    from gdcli.descent.result import Result
    from gdcli.problem_data import Problem
    from gdcli.report.gradient import Gradient
    from gdcli.report.view import GradView, MinimizeView, Screen


class Minimize:
    """The end point."""

    row = None  # takes no iterates

    def __init__(self, view: MinimizeView) -> None:
        pass

    def end(self, result: Result) -> str:
        """The one line."""
        return numbers(result.x)


def grad(answer: Gradient, view: GradView) -> str:  # noqa: ARG001 - the signature of every format
    """The gradient; nothing where a component has no finite value."""
    return numbers(answer.gradient) if answer.status == "ok" else ""


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    """The names."""
    return "".join(f"{problem.name}\n" for problem in found)


def functions(rows: list[Primitive], screen: Screen) -> str:  # noqa: ARG001
    """The names."""
    return "".join(f"{row.name}\n" for row in rows)


def numbers(values: list[float]) -> str:
    """One line of numbers."""
    return " ".join(map(plain, values)) + "\n"
