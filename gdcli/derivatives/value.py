"""Function, point → FunctionValue: what `gdcli eval` answers, before a format turns it into text.

Comes in: a Function, and the numbers to compute in. Goes out: `evaluating(function)`, a function of
a point that gives a FunctionValue: `gdcli.eval(f, point)` is `evaluating(f)(point)`. A value is
found as `grad` finds its own, by `gradient.py`, but of a function whose gradient has no components:
no derivative is computed, and none has to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.derivatives.gradient import GradientNumber, GradientRequest, answering
from gdcli.errors import GdcliError, UsageError
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    from gdcli.functions.function import Function

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
        found = answer(point)
        return FunctionValue(found.variables, found.at, found.value, found.error, found.notes)

    return evaluated


def _by_engine(function: Function, point: Sequence[float]) -> FunctionValue:
    """The value as floats give it: no step is examined by itself."""
    value = function.evaluate(point)
    found = FunctionValue(function.components, as_list(point), None, notes=(UNCHECKED_VALUE_NOTE,))
    if isfinite(value):
        return found._replace(f=value)
    return found._replace(error=function.undefined(point, f"f is {value}"))
