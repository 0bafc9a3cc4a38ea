"""The format json: one object, its keys as users' scripts rely on them; a number that is not finite
is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gdcli
from gdcli.errors import formatted
from gdcli.functions.layout import Layout
from gdcli.report.formats import GradientWriter, Writers
from gdcli.report.number_format import PrintableNumber, number_or_null, number_row

if TYPE_CHECKING:
    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.descent.iterate import Iterate
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.library.verification import Check
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen

ComponentNames = Sequence[str] | Layout  # of the components of a point


def minimize(result: Result, view: MinimizeView) -> str:
    """The end of the run, and its trace where that was asked for."""
    names, eigenvalues = view.layout or view.variables, result.hessian_eigenvalues
    answer: dict[str, Any] = {
        "gdcli": gdcli.__version__,
        "expression": view.expression,
        "variables": view.variables,
        "method": result.method,
        "alpha": result.alpha,
        "start": by_variable(names, result.start),
        "status": result.status,
        "converged": result.converged,
        "message": formatted(result.message, view.screen.format_setting),
        "iterations": result.iterations,
        "evaluations": result.evaluations._asdict(),
        **_end_point(names, result),
        "iterate": result.iterate,
        "last": iterate_object(names, result.last),
        "tests": [{**test._asdict(), "value": number_or_null(test.value)} for test in result.tests],
        "classification": result.classification,
        "degenerate": result.degenerate if result.minimum else None,
        "hessian_eigenvalues": None if eigenvalues is None else number_row(eigenvalues),
        "condition_number": number_or_null(result.condition_number),
        "alpha_limit": number_or_null(result.alpha_limit),
        "derivative_method": result.derivative,
        "seconds": result.seconds,
    }
    if view.trace:
        answer["trace"] = [iterate_object(names, iterate) for iterate in result.trace]
        if result.dropped:  # from the middle: a trace in memory is bounded
            answer["trace_dropped"] = result.dropped
    return line(answer)


def _end_point(names: ComponentNames, result: Result) -> dict[str, Any]:
    """The end point: numbers, or texts where more digits than a float's were asked for."""
    if result.precise is None:
        return {
            "x": by_variable(names, result.x),
            "f": number_or_null(result.f),
            "gradient": by_variable(names, result.gradient),
            "gradient_norm": number_or_null(result.gradient_norm),
        }
    x, f, gradient, norm = result.precise
    return {
        "x": by_variable(names, list(map(finite_text, x))),
        "f": finite_text(f),
        "gradient": by_variable(names, list(map(finite_text, gradient))),
        "gradient_norm": finite_text(norm),
    }


def finite_text(number: str) -> str | None:
    """The text of a number, or None where it is nan or inf."""
    return None if number.lstrip("-") in ("nan", "inf") else number


def grad(answer: Gradient, view: GradView) -> str:
    found = gradient_object(answer, view.layout)
    symbolic = {} if view.formulas is None else {"symbolic": view.formulas}
    return line(head(view) | found | symbolic)


class Gradients(GradientWriter):
    """One object for all gradients, written as they come; at its end, how many are undefined."""

    def __init__(self, view: GradView) -> None:
        super().__init__(view)
        self._before = line(head(view)).rstrip("}\n") + ', "points": ['
        self._points = self._undefined = 0

    def row(self, number: int, answer: Gradient) -> str:
        before, self._before = self._before, ","
        self._points += 1
        self._undefined += answer.status != "ok"
        return f"{before}\n{point_line(number, answer, self.view.layout)}".rstrip("\n")

    def end(self) -> str:
        message = f"{self._undefined} of {self._points} points are undefined"
        status = {"status": "undefined", "message": message} if self._undefined else {
            "status": "ok", "message": None
        }  # fmt: skip
        return "\n], " + line(status).lstrip("{")


def head(view: GradView) -> dict[str, Any]:
    return {"gdcli": gdcli.__version__, "expression": view.expression, "variables": view.variables}


def point_line(number: int, answer: Gradient, layout: Layout | None) -> str:
    """The object of one point of many, with the number of the line that it came from."""
    return line({"line": number} | gradient_object(answer, layout))


def gradient_object(answer: Gradient, layout: Layout | None) -> dict[str, Any]:
    """The value, the gradient and its geometry at one point, and what else was asked for."""
    names = layout or answer.variables
    content: dict[str, Any] = {
        "at": by_variable(names, answer.at),
        "gradient": by_variable(names, answer.gradient),
        "value": number_or_null(answer.value),
        "length": number_or_null(answer.length),
        "direction": by_variable(names, answer.direction) if answer.direction else None,
        "derivative_method": answer.method,
        "status": answer.status,
        "message": answer.message,
    }
    if answer.evaluations is not None:
        content["evaluations"] = answer.evaluations
        content["step"] = by_variable(names, answer.step) if answer.step else None
    if answer.hessian is not None:
        content["hessian"] = [number_row(row) for row in answer.hessian]
    if answer.along is not None:
        content["along"] = by_variable(names, answer.along)
        content["slope"] = number_or_null(answer.slope)
        content["derivative"] = number_or_null(answer.derivative)
    if answer.directions is not None:
        content["directions"] = [
            {**one._asdict(), "direction": by_variable(names, one.direction)}
            for one in answer.directions
        ]
    if answer.notes:
        content["notes"] = answer.notes
    return content


def listing(found: Listing, view: ListingView) -> str:
    content: dict[str, Any] = {
        "gdcli": gdcli.__version__,
        "expression": view.expression,
        "variables": view.variables,
        view.key: found.name,
    }
    if view.at is not None:
        content["at"] = by_variable(view.layout or view.variables, view.at)
        content["status"] = "undefined" if found.message else "ok"
        content["message"] = found.message
    return line(plainly(content | found.content))


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    return line(list(map(problem_object, found)))


def problems_in_full(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    return "".join(line(problem_object(one)) for one in found)


def verify(checks: list[Check], screen: Screen) -> str:  # noqa: ARG001
    """The stated points, each with what was found there."""
    return line([check._asdict() for check in checks])


def functions(rows: list[Primitive], screen: Screen) -> str:  # noqa: ARG001
    keys = ("name", "aliases", "arguments", "variadic", "partials", "singular", "definition")
    return line([{key: getattr(row, key) for key in keys} for row in rows])


def problem_object(one: Problem) -> dict[str, Any]:
    """A problem without the path of its file, which is of no use to a script."""
    content: dict[str, Any] = plainly(one)
    content.pop("path")
    return content


def iterate_object(names: ComponentNames, iterate: Iterate | None) -> dict[str, Any] | None:
    return iterate and {
        "k": iterate.k,
        "x": by_variable(names, iterate.x),
        "f": number_or_null(iterate.f),
        "gradient_norm": number_or_null(iterate.gradient_norm),
        "alpha": number_or_null(iterate.alpha),
    }


def by_variable(names: ComponentNames, values: Sequence[PrintableNumber | None]) -> dict[str, Any]:
    """The components of a point or a gradient by variable, those of an array as a list."""
    row = number_row(values)
    return names.split(row) if isinstance(names, Layout) else dict(zip(names, row, strict=True))


def plainly(value: Any) -> Any:
    """The value, all the way down, with named tuples as mappings, other tuples as lists, and None
    for a number that is not finite.
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: plainly(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, frozenset)):  # of finite floats, as of most long ones, soon
        return [one if type(one) is float and one - one == 0.0 else plainly(one) for one in value]
    return number_or_null(value) if isinstance(value, float) else value


def line(content: object) -> str:
    return json.dumps(plainly(content), allow_nan=False) + "\n"


WRITERS = Writers(
    minimize=minimize, grad=grad, gradients=Gradients, listing=listing, problems=problems,
    problems_in_full=problems_in_full, verify=verify, functions=functions,
)  # fmt: skip
