"""Constant expressions, such as `pi/3` in a point or a problem file, as floats."""

from __future__ import annotations

from math import isfinite

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError, PointError, brief
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import interpret
from gdcli.functions.doubles import TOO_SMALL, losses
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import NUMBER, Expression

MANY_DIGITS = 50
LARGEST_ERROR = 1e-10  # of a value in floats, relative, up to which these are its digits


def check_literals(
    expression: Expression, place: str, error: type[GdcliError] = PointError
) -> None:
    """Raises `error`, which begins with `place`, for a literal that no float stands for."""
    for literal, what in losses(expression):
        raise error(f"{place}: `{brief(literal)}` {what}")


def constant(expression: Expression, place: str) -> float:
    """The float that a constant expression is; raises PointError where there is none."""
    node, *more = expression.nodes
    if node.kind == NUMBER and not more:  # a decimal is not worth a tape
        value = float(str(node.value))
        if isfinite(value):
            check_literals(expression, place)
    else:
        check_literals(expression, place)
        value = _computed(expression, place)
    if not isfinite(value):
        raise PointError(f"{place}: {expression} is not a finite number")
    return value


def _computed(expression: Expression, place: str) -> float:
    """The value in floats, or where they lose its digits the float of its value in many digits."""
    from gdcli.nonsmooth.bounded_pass import as_bounded
    from gdcli.numbers.bounded import system_of

    tape = lower(expression, assign(expression, ARITIES))
    value: float = FallbackFunction(tape)([])[0]
    for count in (None, MANY_DIGITS):
        found = as_bounded(interpret(tape, system_of(count), [])[0])
        if found.good and found.error <= abs(found.value) * LARGEST_ERROR:
            if found.value and not float(found.value):
                raise PointError(f"{place}: {expression} {TOO_SMALL}")
            return float(found.value) if count else value
    return value  # that may be 0
