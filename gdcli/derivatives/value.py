"""Function, point → FunctionValue: what `gdcli eval` answers, before a format turns it into text.

Comes in: a Function, and the numbers to compute in. Goes out: `evaluating(function)`, a function of
a point that gives a FunctionValue: `gdcli.eval(f, point)` is `evaluating(f)(point)`. A value is
found as `grad` finds its own, by `gradient.py`, but of a function whose gradient has no components:
no derivative is computed, and none has to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.derivatives.exact_values import exact_point
from gdcli.derivatives.gradient import (
    Gradient,
    GradientNumber,
    GradientRequest,
    answering,
    in_floats,
)
from gdcli.errors import GdcliError, UsageError
from gdcli.functions import arguments
from gdcli.functions.arguments import public
from gdcli.functions.short_texts import number_text, point_text
from gdcli.library.lookup import as_function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers import MOST_DIGITS

if TYPE_CHECKING:
    from gdcli.derivatives.many_points import FloatAnswering
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates, Function
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

UNCHECKED_VALUE_NOTE = "too long to look at every step: digits that cancel would not be noticed"


class FunctionValue(NamedTuple):
    """The value of a function at a point: `f` is None where there is none, and `error` says why."""

    variables: Sequence[str]  # of a point's components
    at: Sequence[GradientNumber]
    f: GradientNumber | None
    error: GdcliError | None = None
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """`ok` or `undefined`."""
        return "ok" if self.error is None else "undefined"

    @property
    def message(self) -> str | None:
        """Why there is no finite value."""
        return None if self.error is None else self.error.message.removeprefix("undefined: ")

    def __repr__(self) -> str:
        found = f"f = {number_text(self.f)}" if self.error is None else f"undefined, {self.message}"
        return f"FunctionValue({found}, at {point_text(self.variables, self.at)})"


@public
def eval(
    f: Function | FunctionSource,
    point: Coordinates,
    *,
    exact: bool = False,
    digits: int | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> FunctionValue:
    """The value of `f` at a point in any spelling, as `gdcli eval` answers: no point raises.

    A float is right to 10 digits; `exact` asks for a fraction,
    `digits` for that many digits, both as texts. A text such as "x=1/3, y=pi" is then read exactly.
    """
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    if digits is not None:
        digits = arguments.whole(digits, "digits", 1, MOST_DIGITS)
    exact = arguments.flag(exact, "exact")
    if exact and digits is not None:
        raise UsageError("exact excludes digits: fractions have no number of digits")
    given: Sequence[Any] = function.point(point)
    if isinstance(point, str) and (exact or digits is not None):
        given = exact_point(function, point, digits)
    return evaluating(function, exact, digits)(given)


def evaluating(
    function: Function, exact: bool = False, digits: int | None = None
) -> Callable[[Sequence[Any]], FunctionValue]:
    """The function that finds the value at a point: n floats, or n constant expressions.

    The value is a float right to 10 digits, a fraction where it is `exact`, or a text of so many
    `digits`. Raises UsageError for loops that are too long for other numbers than floats.
    """
    try:
        answer = answering(function.value_alone, GradientRequest(exact=exact, digits=digits))
    except UsageError:
        if exact or digits is not None:
            raise
        function.refuse_long_point()
        return lambda point: _by_engine(function, point)

    def evaluated(point: Sequence[Any]) -> FunctionValue:
        return _value_of(answer(point))

    return evaluated


def values_in_floats(function: Function) -> FloatAnswering | None:
    """What answers `evaluating(function)` at many points at once, where floats are good enough.

    None where the loops are too long to look at every step.
    """
    from gdcli.derivatives.many_points import FloatAnswering

    try:
        function = function.value_alone
    except UsageError:
        return None
    found = in_floats(function, GradientRequest())
    if found is None:
        return None
    gradient_answer = found.answered

    def answered(point: list[float], value: float, gradient: list[float]) -> FunctionValue:
        return _value_of(gradient_answer(point, value, gradient))

    return FloatAnswering(function, answered)


def _value_of(found: Gradient) -> FunctionValue:
    return FunctionValue(found.variables, found.at, found.value, found.error, found.notes)


def _by_engine(function: Function, point: Sequence[float]) -> FunctionValue:
    """The value as floats give it: no step is examined by itself."""
    value = function.evaluate(point)
    found = FunctionValue(function.components, point, None, notes=(UNCHECKED_VALUE_NOTE,))
    if isfinite(value):
        return found._replace(f=value)
    return found._replace(error=function.undefined(point, f"f is {value}"))
