"""Function: text, tapes and callables joined; the object a user holds.

Comes in: the text of an expression. Goes out: its value, gradient and Hessian at any point. Every
stage is made when it is first needed and kept. `evaluate…` is the engine's side: lists of floats
in, and inf or nan where there is no finite answer. Calling the function, `gradient`, `hessian`
and the like is the user's side: any spelling of a point in, UndefinedError with the failing
sub-expression in place of inf or nan.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.roles import Roles, assign
from gdcli.autodiff.tape import Tape
from gdcli.errors import PointError, UndefinedError, brief
from gdcli.execute.source import FLOAT_TARGET, IEEE_TARGET, compile_tape
from gdcli.language.lexer import normalised
from gdcli.language.parser import parse
from gdcli.language.points import read_constant, read_point
from gdcli.language.syntax import Expression

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gdcli.problem_data import Problem

EPSILON = 2.0**-52
Point = Sequence[float]


class Function:
    """A function of scalar variables, with exact derivatives.

    `variables` names them in the order in which a point, a flat vector of floats of shape (n,),
    lists them. `parameters` gives names in the text constant values (numbers, or texts such as
    `"1/3"`). Raises ExpressionError for a text that cannot be read.
    """

    def __init__(
        self,
        text: str,
        parameters: Mapping[str, float | str] | None = None,
        problem: Problem | None = None,
    ) -> None:
        self.text = text
        self.problem = problem
        self.expression: Expression = parse(text, ARITIES)
        self._roles: Roles = assign(self.expression, _parameters(parameters or {}))
        self.variables = self._roles.variables

    def __repr__(self) -> str:
        return f"gdcli.function({str(self.expression)!r})"

    @cached_property
    def tape(self) -> Tape:
        """The value's Tape."""
        return lower(self.expression, self._roles)

    @cached_property
    def gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives."""
        return reverse(self.tape)

    # -- the engine's side: lists of floats, inf and nan ------------------------------------

    @cached_property
    def _value(self) -> _TwoLooks:
        return _TwoLooks(self.tape)

    @cached_property
    def _value_and_gradient(self) -> _TwoLooks:
        return _TwoLooks(self.gradient_tape)

    @cached_property
    def _tangent(self) -> _TwoLooks:
        from gdcli.autodiff.forward import tangent

        return _TwoLooks(tangent(self.gradient_tape))

    @cached_property
    def _rounding(self) -> _TwoLooks:
        return _TwoLooks(rounding(self.tape))

    def evaluate(self, point: Point) -> float:
        """The value at `point`."""
        return self._value(point)[0]

    def evaluate_gradient(self, point: Point) -> tuple[float, list[float]]:
        """The value and the n partial derivatives at `point`."""
        return self._value_and_gradient(point)

    def evaluate_hessian(self, point: Point) -> list[list[float]]:
        """The n rows of second derivatives at `point`, by one forward sweep a row."""
        n = len(self.variables)
        rows = []
        for row in range(n):
            unit = [1.0 if column == row else 0.0 for column in range(n)]
            rows.append(self._tangent([*point, *unit])[1])
        return rows

    def evaluate_grid(self, arrays: Sequence[ArrayLike]) -> NDArray[np.float64]:
        """The values at many points: one array a variable, of shapes that broadcast."""
        import numpy as np

        from gdcli.execute.arrays import ARRAY_TARGET

        columns = [np.asarray(array, dtype=float) for array in arrays]
        shape = np.broadcast_shapes(*(column.shape for column in columns))
        with np.errstate(all="ignore"):
            values = compile_tape(self.tape, ARRAY_TARGET)(columns)[0]
        return np.broadcast_to(np.asarray(values, dtype=float), shape).copy()

    def rounding_error(self, point: Point) -> float:
        """A first-order bound of the rounding error of the value at `point`."""
        return EPSILON * self._rounding(point)[0]

    def failure(self, point: Point) -> str | None:
        """What first had no finite value at `point`, as `log(x - y) at x=1, y=1: log(0)`."""
        from gdcli.execute.diagnose import failure

        tapes = (("", self.tape), ("the derivative of ", self.gradient_tape))
        return failure(self.expression, tapes, point)

    def kinks(self, point: Point, tolerance: float) -> list[str]:
        """The kinks within `tolerance` of `point`, as `abs(x) at x = 0`."""
        from gdcli.execute.diagnose import kinks

        return kinks(self.expression, self.tape, point, tolerance)

    # -- the user's side --------------------------------------------------------------------

    def __call__(self, *point: ArrayLike) -> float:
        """f(1, 2), or f([1, 2]); raises UndefinedError where there is no finite value."""
        flat = self._flat(point)
        value = self.evaluate(flat)
        self._require(math.isfinite(value), flat)
        return value

    def gradient(self, *point: ArrayLike) -> NDArray[np.float64]:
        """The gradient, an array of shape (n,)."""
        return self.value_and_gradient(*point)[1]

    def value_and_gradient(self, *point: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """The value and the gradient, an array of shape (n,)."""
        import numpy as np

        flat = self._flat(point)
        value, gradient = self.evaluate_gradient(flat)
        self._require(math.isfinite(value) and all(map(math.isfinite, gradient)), flat)
        return value, np.array(gradient)

    def hessian(self, *point: ArrayLike) -> NDArray[np.float64]:
        """The matrix of second derivatives, an array of shape (n, n)."""
        import numpy as np

        flat = self._flat(point)
        n = len(self.variables)
        rows = np.array(self.evaluate_hessian(flat)).reshape(n, n)
        self._require(bool(np.isfinite(rows).all()), flat)
        return rows

    def split(self, point: ArrayLike) -> dict[str, float]:
        """A flat point as numbers by variable."""
        return dict(zip(self.variables, self._flat((point,)), strict=True))

    def point(self, text: str, option: str = "--at") -> list[float]:
        """The point that a text such as `1,2` or `x=pi/3,y=-1` writes; raises PointError."""
        expressions = read_point(text, self.variables, ARITIES, option)
        return [constant(expression, option) for expression in expressions]

    def _flat(self, point: tuple[Any, ...]) -> list[float]:
        values = point[0] if len(point) == 1 and hasattr(point[0], "__len__") else point
        if isinstance(values, str):
            return self.point(values, "the point")
        if len(values) != len(self.variables):
            raise PointError(
                f"a point of {self.expression} has {len(self.variables)} values "
                f"({', '.join(self.variables)}), not {len(values)}"
            )
        try:
            return [float(value) for value in values]
        except (TypeError, ValueError, OverflowError):
            raise PointError(f"a point of {self.expression} is a flat list of numbers") from None

    def _require(self, finite: bool, point: list[float]) -> None:
        if not finite:
            what = self.failure(point) or "a second derivative is not finite"
            raise UndefinedError(f"undefined: {what}")


def constant(expression: Expression, place: str) -> float:
    """The float that a constant expression is; raises PointError where it is not finite."""
    tape = lower(expression, assign(expression, {}))
    value = _TwoLooks(tape)([])[0]
    if not math.isfinite(value):
        raise PointError(f"{place}: {expression} is not a finite number")
    return value


def _parameters(given: Mapping[str, float | str]) -> dict[str, Expression]:
    """The constant expressions of `--set`; a number is taken at its shortest decimal."""
    return {
        normalised(name): read_constant(
            str(value) if isinstance(value, str | int) else repr(float(value)),
            ARITIES,
            f"--set {brief(name)}",
        )
        for name, value in given.items()
    }


class _TwoLooks:
    """A tape as a function of floats that never raises.

    The first look calls `math` directly; where that raises, the second is taken, and from then on
    it is the only one, since the same region is likely to be met again.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.second = False
        self.look = compile_tape(tape, FLOAT_TARGET)

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        try:
            return self.look(point)
        except (ValueError, OverflowError, ZeroDivisionError):
            if self.second:
                raise
        self.second = True
        self.look = compile_tape(self.tape, IEEE_TARGET)
        return self.look(point)
