"""Constant expressions, such as `pi/3` in a point or a problem file, as floats."""

from __future__ import annotations

from math import isfinite

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError
from gdcli.execute.fallback import FallbackFunction
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import NUMBER, Expression


def constant(expression: Expression, place: str) -> float:
    """The float that a constant expression is; raises PointError where it is not finite."""
    node, *more = expression.nodes
    if node.kind == NUMBER and not more:  # a decimal is not worth a tape
        value = float(str(node.value))
    else:
        value = FallbackFunction(lower(expression, assign(expression, ARITIES)))([])[0]
    if not isfinite(value):
        raise PointError(f"{place}: {expression} is not a finite number")
    return value
