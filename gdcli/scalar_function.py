"""Function: text, tapes and callables joined; the object a user holds.

Comes in: the text of an expression. Goes out: its value, gradient and Hessian at any point. Every
stage is made when it is first needed and kept. `evaluate…` is the engine's side: lists of floats
in, and inf or nan where there is no finite answer. Calling the function, `gradient`, `hessian`
and the like is the user's side: any spelling of a point in, and where floats raise, give no finite
number or touch a kink, the careful answer (`careful/`), or UndefinedError with the failing
sub-expression and its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.rewrite import Rewritten, rewrite
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

    from gdcli.careful.answer import Answer
    from gdcli.execute.diagnose import Failure
    from gdcli.problem_data import Problem

EPSILON = 2.0**-52
RAISED = (ValueError, OverflowError, ZeroDivisionError)
Point = Sequence[float]


class Function:
    """A function of scalar variables, with exact derivatives.

    `variables` names them in the order in which a point, a flat vector of floats of shape (n,),
    lists them. `parameters` gives names in the text constant values (numbers, or texts such as
    `"1/3"`). In floats the accuracy rewrites of `autodiff/rewrite.py` apply, unless the function
    is to be taken `as_written`. Raises ExpressionError for a text that cannot be read.
    """

    def __init__(
        self,
        text: str,
        parameters: Mapping[str, float | str] | None = None,
        problem: Problem | None = None,
        as_written: bool = False,
    ) -> None:
        self.text = text
        self.as_written = as_written
        self.problem = problem
        self.expression: Expression = parse(text, ARITIES)
        self._roles: Roles = assign(self.expression, _parameters(parameters or {}))
        self.variables = self._roles.variables
        self.parameters = self._roles.parameters  # constant expressions by name

    def __repr__(self) -> str:
        return f"gdcli.function({str(self.expression)!r})"

    @cached_property
    def tape(self) -> Tape:
        """The value's Tape, as the text says."""
        return lower(self.expression, self._roles)

    @cached_property
    def gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as the text says."""
        return reverse(self.tape)

    @cached_property
    def rewritten(self) -> Rewritten:
        """The value's Tape as floats run it, and the accuracy rewrites in it."""
        return Rewritten(self.tape, ()) if self.as_written else rewrite(self.tape)

    @cached_property
    def rewritten_gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as floats run it."""
        return reverse(self.rewritten.tape) if self.rewritten.rewrites else self.gradient_tape

    # -- the engine's side: lists of floats, inf and nan ------------------------------------

    @cached_property
    def _value(self) -> TwoLooks:
        return TwoLooks(self.rewritten.tape)

    @cached_property
    def _value_and_gradient(self) -> TwoLooks:
        return TwoLooks(self.rewritten_gradient_tape)

    @cached_property
    def _tangent(self) -> TwoLooks:
        from gdcli.autodiff.forward import tangent

        return TwoLooks(tangent(self.rewritten_gradient_tape))

    @cached_property
    def _rounding(self) -> TwoLooks:
        return TwoLooks(rounding(self.rewritten.tape))

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
        from gdcli.execute.arrays import over_grid

        return over_grid(self.rewritten.tape, arrays)

    def rounding_error(self, point: Point) -> float:
        """A first-order bound of the rounding error of the value at `point`."""
        return EPSILON * self._rounding(point)[0]

    def failure(self, point: Point) -> str | None:
        """What first had no finite value at `point`, as `log(x - y) at x=1, y=1: log(0)`."""
        found = self.failing(point)
        return None if found is None else found.message

    def failing(self, point: Point) -> Failure | None:
        """The same, with its place in the text."""
        from gdcli.execute.diagnose import failure

        gradient = self.rewritten_gradient_tape
        tapes = (("", self.rewritten.tape), ("the derivative of ", gradient))
        return failure(self.expression, tapes, point)

    def kinks(self, point: Point, tolerance: float) -> list[str]:
        """The kinks within `tolerance` of `point`, as `abs(x) at x = 0`."""
        from gdcli.execute.diagnose import kinks

        return kinks(self.expression, self.rewritten.tape, point, tolerance)

    # -- the user's side --------------------------------------------------------------------

    def __call__(self, *point: ArrayLike) -> float:
        """f(1, 2), or f([1, 2]); raises UndefinedError where there is no finite value."""
        flat = self._flat(point)
        fast = self._value.first(flat)
        if fast is not None and isfinite(fast[0]) and not self._touches(flat):
            return fast[0]
        found = self.answer(flat)
        if found.value is None:
            raise found.error
        return found.value

    def gradient(self, *point: ArrayLike) -> NDArray[np.float64]:
        """The gradient, an array of shape (n,)."""
        return self.value_and_gradient(*point)[1]

    def value_and_gradient(self, *point: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """The value and the gradient, an array of shape (n,)."""
        import numpy as np

        flat = self._flat(point)
        fast = self._value_and_gradient.first(flat)
        if fast is not None and _finite(fast) and not self._touches(flat):
            return fast[0], np.array(fast[1])
        found = self.answer(flat)
        if found.value is None or found.status != "ok":
            raise found.error
        return found.value, np.array(found.gradient)

    def hessian(self, *point: ArrayLike) -> NDArray[np.float64]:
        """The matrix of second derivatives, an array of shape (n, n)."""
        import numpy as np

        flat = self._flat(point)
        n = len(self.variables)
        rows = np.array(self.evaluate_hessian(flat)).reshape(n, n)
        if not np.isfinite(rows).all():
            found = self.failing(flat)
            if found is None:
                raise UndefinedError("undefined: a second derivative is not finite")
            text = self.expression.text
            raise UndefinedError(f"undefined: {found.message}", text, found.span)
        return rows

    def answer(self, *point: ArrayLike) -> Answer:
        """Value and gradient as `grad` gives them: every number right to 10 digits, or None.

        Never raises for a point; costs a hundred calls of `gradient`, which trusts floats where
        they give finite numbers off a kink, however many digits cancel.
        """
        from gdcli.careful.answer import answer

        return answer(self, self._flat(point))

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

    @cached_property
    def _kink_distance(self) -> TwoLooks | None:
        from gdcli.autodiff.kinks import kink_distance

        tape = kink_distance(self.rewritten.tape)
        return None if tape is None else TwoLooks(tape)

    def _touches(self, point: list[float]) -> bool:
        """Whether the point lies on a kink; a smooth function is not even asked."""
        return self._kink_distance is not None and self._kink_distance(point)[0] == 0.0


def _finite(fast: tuple[float, list[float]]) -> bool:
    return isfinite(fast[0]) and all(map(isfinite, fast[1]))


def constant(expression: Expression, place: str) -> float:
    """The float that a constant expression is; raises PointError where it is not finite."""
    tape = lower(expression, assign(expression, {}))
    value = TwoLooks(tape)([])[0]
    if not isfinite(value):
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


class TwoLooks:
    """A tape as a function of floats that never raises.

    The first look calls `math` directly; where that raises, the second is taken, and from then on
    it is the only one, since the same region is likely to be met again.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.second = False
        self.look = self._first = compile_tape(tape, FLOAT_TARGET)

    def first(self, point: Point) -> tuple[float, list[float]] | None:
        """The first look; None where it raises, as it does at a pole that IEEE would hide."""
        try:
            return self._first(point)
        except RAISED:
            return None

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The outputs, inf and nan where there is no number."""
        try:
            return self.look(point)
        except RAISED:
            if self.second:
                raise
        self.second = True
        self.look = compile_tape(self.tape, IEEE_TARGET)
        return self.look(point)
