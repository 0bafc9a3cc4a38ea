"""The format json: one object, its keys as users' scripts rely on them; a number that is not finite
is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from json.encoder import JSONEncoder
from typing import TYPE_CHECKING, Any, Final

import gdcli
from gdcli.errors import formatted
from gdcli.functions.layout import Layout
from gdcli.report.formats import PointWriter, Writers
from gdcli.report.number_format import PrintableNumber, is_array, number_or_null, number_row

if TYPE_CHECKING:
    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.many_points import AnswerBlock
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.iterate import Iterate
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.library.verification import Check
    from gdcli.report.formats import Text, objects
    from gdcli.report.listing import Listing
    from gdcli.report.predictions import PredictedRow
    from gdcli.report.view import GradView, ListingView, MinimizeView, PredictionView, Screen

ENCODER = JSONEncoder(allow_nan=False, default=lambda array: plainly(array.tolist()))
JSON_SCHEMA: Final = 1  # within it keys are only added

ComponentNames = Sequence[str] | Layout  # of the components of a point


def minimize(result: Result, view: MinimizeView) -> Text:
    return text(minimize_object(result, view))


def minimize_object(result: Result, view: MinimizeView) -> objects.MinimizeObject:
    """The end of the run, and its trace where that was asked for."""
    names, eigenvalues = view.layout or view.variables, result.hessian_eigenvalues
    return {
        **head(view),
        "method": result.method,
        "method_used": result.method_used,
        "alpha": result.alpha,
        "maximize": result.maximize,
        "seed": result.seed,
        "start": by_variable(names, result.start),
        "status": result.status,
        "converged": result.converged,
        "message": formatted(result.message, view.screen.format_setting),
        "iterations": result.iterations,
        "evaluations": {
            "value": result.evaluations.value,
            "gradient": result.evaluations.gradient,
            "hessian": result.evaluations.hessian,
            "product": result.evaluations.product,
            "verdict": result.evaluations.verdict,
        },
        **_end_point(names, result),
        "iterate": result.iterate,
        "bounds": _bounds(names, result),
        "multipliers": _multipliers(names, result),
        "escapes": [{"k": k, "x": by_variable(names, x), "f": f} for k, x, f, _ in result.escapes],
        "last": None if result.last is None else iterate_object(names, result.last),
        "tests": [
            {"name": test.name, "value": test.value, "limit": test.limit, "met": test.met}
            for test in result.tests
        ],
        "classification": result.classification,
        "degenerate": result.degenerate if result.minimum else None,
        "hessian_eigenvalues": None if eigenvalues is None else [*map(float, eigenvalues)],
        "condition_number": result.condition_number,
        "alpha_limit": result.alpha_limit,
        "derivative_method": result.derivative,
        "seconds": result.seconds,
        **_trace(names, result, view),
    }


def _bounds(names: ComponentNames, result: Result) -> dict[str, list[Any]]:
    """The [low, high] of each variable that has bounds."""
    if result.bounds is None:
        return {}
    low, high = (by_variable(names, ends) for ends in result.bounds)
    pairs = {name: _paired(low[name], high[name]) for name in low}
    return {name: pair for name, pair in pairs.items() if _has_number(pair)}


def _paired(low: Any, high: Any) -> Any:
    """The pair of two ends, of an array a pair for each entry."""
    if is_array(low):
        import numpy as np

        return np.stack((low, high), axis=-1)
    if isinstance(low, list):
        return [_paired(*ends) for ends in zip(low, high, strict=True)]
    return [low, high]


def _has_number(value: Any) -> bool:
    if is_array(value):
        import numpy as np

        return bool(np.isfinite(value).any())
    return any(map(_has_number, value)) if isinstance(value, list) else value is not None


def _multipliers(names: ComponentNames, result: Result) -> dict[str, Any]:
    """The multipliers by variable, of those that lie on a bound."""
    found = result.multipliers
    if not found:
        return {}
    whole = by_variable(names, [found.get(name, 0.0) for name in result.variables])
    held = {name.partition("[")[0] for name in found}
    return {name: value for name, value in whole.items() if name in held}


def _trace(names: ComponentNames, result: Result, view: MinimizeView) -> objects.TraceContent:
    content: objects.TraceContent = {}
    if view.trace:
        content["trace"] = [iterate_object(names, iterate) for iterate in result.trace]
        if result.dropped:  # from the middle: a trace in memory is bounded
            content["trace_dropped"] = result.dropped
    return content


def _end_point(names: ComponentNames, result: Result) -> objects.EndPoint:
    """The end point: numbers, or texts where more digits than a float's were asked for."""
    if result.precise is None:
        return {
            "x": by_variable(names, result.x),
            "f": result.f,
            "gradient": by_variable(names, result.gradient),
            "gradient_norm": result.gradient_norm,
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


def grad(answer: Gradient, view: GradView) -> Text:
    return text(gradient_object(answer, view))


def gradient_object(answer: Gradient, view: GradView) -> objects.GradientObject:
    formulas: objects.Formulas = {} if view.formulas is None else {"symbolic": view.formulas}
    return {**head(view), **gradient_content(answer, view.layout), **formulas}


class Points(PointWriter):
    """One object for all points, written as they come; at its end, how many are undefined."""

    noun = "points"

    def __init__(self, view: GradView | PredictionView) -> None:
        super().__init__(view)
        first = line(head(view))
        self._before = first.removesuffix("}\n") + f', "{self.noun}": ['
        self._points = self._undefined = 0

    def row(self, number: int, answer: Any) -> str:
        before, self._before = self._before, ","
        self._points += 1
        self._undefined += answer.status != "ok"
        return f"{before}\n{self.line(number, answer)}".rstrip("\n")

    def rows(self, numbers: Sequence[int], block: AnswerBlock) -> list[str]:
        lines = self.lines(numbers, block).split("\n")[:-1]
        before, self._before = self._before, ","
        self._points += len(numbers)
        return [f"{before}\n{lines[0]}", *[f",\n{line}" for line in lines[1:]]]

    def end(self, stopped: str | None = None) -> str:
        status, message = "ok", None
        if stopped is not None:
            status, message = "incomplete", formatted(stopped, self.view.screen.format_setting)
        elif self._undefined:
            status = "undefined"
            message = f"{self._undefined} of {self._points} {self.noun} are undefined"
        return "\n], " + line({"status": status, "message": message}).lstrip("{")


class Gradients(Points):
    """One object for the gradients at all points."""

    def line(self, number: int, answer: Gradient) -> str:
        return line(point_object(number, answer, self.view.layout))


class Values(Points):
    """One object for the values at all points."""

    def line(self, number: int, answer: FunctionValue) -> str:
        return line(value_row(number, answer, self.view.layout))


class Predictions(Points):
    """One object for the predictions of all rows."""

    noun = "rows"

    def line(self, number: int, answer: PredictedRow) -> str:  # noqa: ARG002
        return line(answer.by_column(self.view))


def release() -> objects.Release:
    return {"gdcli": gdcli.__version__, "schema": JSON_SCHEMA}


def head(view: MinimizeView | GradView | ListingView | PredictionView) -> objects.FunctionHead:
    """The first keys of every object that answers about one expression."""
    found: objects.FunctionHead = {
        "gdcli": gdcli.__version__,
        "schema": JSON_SCHEMA,
        "expression": view.expression,
        "variables": view.variables,
        "held": view.held,
    }
    if view.labels:
        found["labels"] = view.labels
    return found


def point_object(number: int, answer: Gradient, layout: Layout | None) -> objects.GradientRow:
    """The object of one point of many, with the number of the line that it came from."""
    return {"line": number, **gradient_content(answer, layout)}


def gradient_content(answer: Gradient, layout: Layout | None) -> objects.GradientContent:
    """The value, the gradient and its geometry at one point, and what else was asked for."""
    names = layout or answer.variables
    content: objects.GradientContent = {
        "at": by_variable(names, answer.at),
        "gradient": by_variable(names, answer.gradient),
        "value": answer.value,
        "f": answer.value,
        "length": answer.length,
        "direction": None if answer.direction is None else by_variable(names, answer.direction),
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
        content["slope"] = answer.slope
        content["derivative"] = answer.derivative
    if answer.directions is not None:
        content["directions"] = [
            {
                "direction": by_variable(names, one.direction),
                "slope": one.slope,
                "angle": one.angle,
                "note": one.note,
            }
            for one in answer.directions
        ]
    if answer.notes:
        content["notes"] = answer.notes
    return content


def value(answer: FunctionValue, view: GradView) -> Text:
    return text(value_object(answer, view))


def value_object(answer: FunctionValue, view: GradView) -> objects.ValueObject:
    return {**head(view), **value_content(answer, view.layout)}


def value_row(number: int, answer: FunctionValue, layout: Layout | None) -> objects.ValueRow:
    """The object of the value at one point of many, with the number of the point's line."""
    return {"line": number, **value_content(answer, layout)}


def value_content(answer: FunctionValue, layout: Layout | None) -> objects.ValueContent:
    content: objects.ValueContent = {
        "at": by_variable(layout or answer.variables, answer.at),
        "f": answer.f,
        "status": answer.status,
        "message": answer.message,
    }
    if answer.notes:
        content["notes"] = answer.notes
    return content


def listing(found: Listing, view: ListingView) -> str:
    return line(listing_object(found, view))


def listing_object(found: Listing, view: ListingView) -> dict[str, Any]:
    """The envelope and the data of the listing, which may have a status or a message of its own."""
    named = {view.key: found.name}
    content: dict[str, Any] = {**head(view), **named}
    if view.at is not None:
        content["at"] = by_variable(view.layout or view.variables, view.at)
        content["f"] = view.f
    content["status"] = "undefined" if found.message else "ok"
    content["message"] = found.message
    return {**content, **named, **found.content}


def problems(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    return line(list(map(problem_object, found)))


def problems_in_full(found: list[Problem], screen: Screen) -> str:  # noqa: ARG001
    outcome: objects.OutcomeContent = {"status": "ok", "message": None}
    return "".join(line({**release(), **outcome, **problem_object(one)}) for one in found)


def verify(checks: list[Check], screen: Screen) -> str:  # noqa: ARG001
    """The stated points, each with what was found there."""
    objects = [check._asdict() for check in checks]
    return line([{k: v for k, v in one.items() if (k, v) != ("proof", None)} for one in objects])


def tags(counts: Mapping[str, int], screen: Screen) -> str:  # noqa: ARG001
    return line([{"tag": tag, "problems": count} for tag, count in counts.items()])


def functions(rows: list[Primitive], screen: Screen) -> str:  # noqa: ARG001
    keys = ("name", "aliases", "arguments", "variadic", "partials", "singular", "definition")
    return line([{key: getattr(row, key) for key in keys} for row in rows])


def problem_object(one: Problem) -> dict[str, Any]:
    """A problem without the path of its file, which is of no use to a script, with the least f."""
    content: dict[str, Any] = plainly(one)
    content.pop("path")
    content["f"] = min((known.f for known in one.minima), default=None)
    return content


def iterate_object(names: ComponentNames, iterate: Iterate) -> objects.IterateObject:
    found: objects.IterateObject = {
        "k": iterate.k,
        "x": by_variable(names, iterate.x),
        "f": iterate.f,
        "gradient_norm": iterate.gradient_norm,
        "alpha": iterate.alpha,
    }
    if iterate.radius is not None:
        found["radius"] = iterate.radius
    if iterate.event is not None:
        found["event"] = iterate.event
    return found


def by_variable(names: ComponentNames, values: Sequence[PrintableNumber | None]) -> dict[str, Any]:
    """The components of a point or a gradient by variable, those of an array as a list.

    Those that are an array of NumPy are views of it, with what is not finite as it is.
    """
    if is_array(values) and isinstance(names, Layout):
        views = names.views(values)
        return {name: one if is_array(one) else number_or_null(one) for name, one in views.items()}
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
    return ENCODER.encode(plainly(content)) + "\n"


def text(content: object) -> Text:
    """The line of the content: in pieces where it holds arrays, so that it is never there whole."""
    plain = plainly(content)
    return chain(_pieces(plain), "\n") if holds_array(plain) else ENCODER.encode(plain) + "\n"


def holds_array(plain: Any) -> bool:
    """Whether an array of NumPy is somewhere in mappings and lists."""
    if isinstance(plain, dict):
        return any(map(holds_array, plain.values()))
    nested = isinstance(plain, list) and bool(plain) and not isinstance(plain[0], float)
    return any(map(holds_array, plain)) if nested else is_array(plain)


def _pieces(plain: Any) -> Iterator[str]:
    """The text of mappings, lists and arrays, which are long."""
    if not holds_array(plain):
        yield ENCODER.encode(plain)
    elif is_array(plain):
        from gdcli.report.long_numbers import json_list

        yield from json_list(plain)
    else:
        named = isinstance(plain, dict)
        before, end = "{}" if named else "[]"
        for key in plain if named else range(len(plain)):
            yield before + (f"{ENCODER.encode(key)}: " if named else "")
            yield from _pieces(plain[key])
            before = ", "
        yield end


WRITERS = Writers(
    minimize=minimize, grad=grad, gradients=Gradients, value=value, values=Values,
    predictions=Predictions, listing=listing, problems=problems, problems_in_full=problems_in_full,
    verify=verify, tags=tags, functions=functions,
)  # fmt: skip
