"""Function: the object a user holds.

Comes in: the text of an expression, and points in any spelling. Goes out: values, gradients and
Hessians; where floats raise, give no finite number or touch a kink, the careful answer
(`nonsmooth/`), or UndefinedError with the failing sub-expression and its place. What looks at every
step by itself, as the careful answer does, looks at `unrolled`: the same function over the
components of a point, its loops written out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError, UndefinedError, UsageError, listed
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.engine import Engine, Point, constant
from gdcli.functions.layout import MOST_LISTED_COMPONENTS, Layout
from gdcli.language.points import read_point
from gdcli.language.semantics.roles import NO_ENTRIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gdcli.nonsmooth.answer import Answer
    from gdcli.nonsmooth.provenance import Failure

MOST_DIAGNOSED_OPERATIONS = (
    4_000_000  # operations of a tape up to which it is asked step by step what fails
)
SHARED_ATTRIBUTES = (
    "text",
    "as_written",
    "backend",
    "problem",
    "expression",
    "parameters",
    "data",
    "sizes",
)


class Function(Engine):
    """A function with exact derivatives; made as an Engine is."""

    def __repr__(self) -> str:
        return f"gdcli.function({str(self.expression)!r})"

    @cached_property
    def unrolled(self) -> Function:
        """The same function over scalars, the components of a point; itself where it has no loops.

        Raises UsageError where written out it is too long.
        """
        return _Unrolled(self) if self.has_loops else self

    def evaluate_grid(self, arrays: Sequence[ArrayLike]) -> NDArray[np.float64]:
        """The values at many points: one array a component, of shapes that broadcast."""
        from gdcli.execute.grid import over_grid, point_by_point

        if self._unrolls:
            return over_grid(self.unrolled.rewritten.tape, arrays)
        return point_by_point(lambda point: self.evaluate(self._flat((point,))), arrays)

    def failure(self, point: Point) -> str | None:
        """What first had no finite value at `point`, as `log(x - y) at x=1, y=1: log(0)`."""
        found = self.failing(point)
        return None if found is None else found.message

    def failing(self, point: Point) -> Failure | None:
        """The same, with its place in the text; None too where a look at it takes too long."""
        from gdcli.nonsmooth.provenance import DiagnosedTape, Failure, failure

        numbers = point if isinstance(point, list | tuple) else point.tolist()
        for place, number in enumerate(numbers):
            if not isfinite(number):
                return Failure(f"{self.components[place]} = {number}", None)
        diagnosed = (
            DiagnosedTape("", self.rewritten.tape, self.bindings),
            DiagnosedTape(
                "the derivative of ", self.rewritten_gradient_tape, self.gradient_bindings
            ),
        )
        return failure(
            self.expression,
            [one for one in diagnosed if one.work <= MOST_DIAGNOSED_OPERATIONS],
            numbers,
        )

    def located(self, failure: Failure, point: Point) -> Failure:  # noqa: ARG002
        """What went wrong, with the iteration of a loop where it did."""
        return failure

    def undefined(self, point: Point, otherwise: str, advice: str = "") -> UndefinedError:
        """The error that says what has no finite value, `otherwise` where that is not found."""
        from gdcli.nonsmooth.provenance import Failure

        message, span = self.failing(point) or Failure(otherwise, None)
        return UndefinedError(f"undefined: {message}{advice}", self.expression.text, span)

    def kinks(self, point: Point, tolerance: float) -> list[str]:
        """The kinks within `tolerance` of `point`, as `abs(x) at x = 0`."""
        from gdcli.nonsmooth.provenance import kinks

        if self.has_loops:
            return self.unrolled.kinks(point, tolerance) if self._unrolls else []
        return kinks(self.expression, self.rewritten.tape, point, tolerance)

    # -- the user's side --------------------------------------------------------------------

    def __call__(self, /, *point: ArrayLike, **named: ArrayLike) -> float:
        """f(1, 2), f([1, 2]) or f(x=1, y=2); raises UndefinedError where no value is finite."""
        flat = self._flat(point, named)
        fast = self._value.without_fallback(flat)
        if fast is not None and isfinite(fast[0]) and not self._touches(flat):
            return fast[0]
        if not self._unrolls:
            raise self.undefined(flat, f"f is {self._value(flat)[0]}")
        found = self.answer(flat)
        if found.value is None:
            raise found.error
        return found.value

    def gradient(self, /, *point: ArrayLike, **named: ArrayLike) -> NDArray[np.float64]:
        """The gradient, an array of shape (n,)."""
        return self.value_and_gradient(*point, **named)[1]

    def value_and_gradient(
        self, /, *point: ArrayLike, **named: ArrayLike
    ) -> tuple[float, NDArray[np.float64]]:
        """The value and the gradient, an array of shape (n,)."""
        import numpy as np

        flat = self._flat(point, named)
        fast = self._value_and_gradient.without_fallback(flat)
        if fast is not None and _finite(fast) and not self._touches(flat):
            return fast[0], np.asarray(fast[1])
        if not self._unrolls:
            raise self.undefined(flat, "the value or a derivative is not finite")
        found = self.answer(flat)
        if found.value is None or found.status != "ok":
            raise found.error
        return found.value, np.array(found.gradient)

    def hessian(self, /, *point: ArrayLike, **named: ArrayLike) -> NDArray[np.float64]:
        """The matrix of second derivatives, an array of shape (n, n)."""
        import numpy as np

        flat = self._flat(point, named)
        n = self.layout.size
        rows = np.array(self.evaluate_hessian(flat)).reshape(n, n)
        if not np.isfinite(rows).all() and self._unrolls:
            from gdcli.nonsmooth.curvature import second_derivatives

            found = second_derivatives(self.unrolled, list(flat))
            rows = np.array(found, dtype=float).reshape(n, n)  # None becomes nan
        if not np.isfinite(rows).all():
            raise self.undefined(flat, "a second derivative is not finite")
        return rows

    def answer(self, /, *point: ArrayLike, **named: ArrayLike) -> Answer:
        """Value and gradient as `grad` gives them: every number right to 10 digits, or None.

        Never raises for a point; costs a hundred calls of `gradient`, which trusts floats where
        they give finite numbers off a kink, however many digits cancel.
        """
        from gdcli.nonsmooth.answer import answer

        return answer(self.unrolled, self._flat(point, named))

    def split(self, point: ArrayLike) -> dict[str, Any]:
        """A flat point by variable: numbers, and lists of them for arrays."""
        return self.layout.split(self._flat((point,)))

    def point(self, text: str, noun: str = "the point") -> Any:
        """The point that a text such as `1,2`, `x=pi/3,y=-1`, `x=[1,2,...]` writes.

        A list of floats, or an array where it is long; raises PointError, which calls it `noun`.
        """
        if self.layout.has_arrays:
            from gdcli.functions.points import read_floats

            return read_floats(text, self.layout, self.sizes, noun)
        expressions = read_point(text, self.variables, ARITIES, noun)
        return [constant(expression, noun) for expression in expressions]

    def _flat(self, point: tuple[Any, ...], named: Mapping[str, Any] = NO_ENTRIES) -> Any:
        if named and point:
            raise PointError("a point is given in order or by name, not both")
        if named:
            point = (self.layout.join(named),)
        values = point[0] if len(point) == 1 and hasattr(point[0], "__len__") else point
        if isinstance(values, str):
            return self.point(values)
        if len(values) != self.layout.size:
            raise PointError(
                f"a point of {self.expression} has {self.layout.size} values "
                f"({listed(self.components)}), not {len(values)}"
            )
        try:
            if self.layout.size > MOST_LISTED_COMPONENTS and not isinstance(values, list | tuple):
                import numpy as np

                return np.ascontiguousarray(values, dtype=float)
            return [float(value) for value in values]
        except (TypeError, ValueError, OverflowError):
            raise PointError(f"a point of {self.expression} is a flat list of numbers") from None

    @cached_property
    def _unrolls(self) -> bool:
        """Whether `unrolled` is short enough to be had."""
        try:
            return self.unrolled is not None
        except UsageError:
            return False

    @cached_property
    def _kink_distance(self) -> FallbackFunction | None:
        from gdcli.autodiff.passes.kink_distance import kink_distance

        if self.has_loops:
            return self.unrolled._kink_distance if self._unrolls else None
        tape = kink_distance(self.rewritten.tape)
        return None if tape is None else FallbackFunction(tape)

    def _touches(self, point: Any) -> bool:
        """Whether the point lies on a kink; a smooth function is not even asked."""
        return self._kink_distance is not None and self._kink_distance(point)[0] == 0.0


class _Unrolled(Function):
    """A function over the components of a point of another one, whose tape has no loops."""

    def __init__(self, function: Function) -> None:
        from gdcli.autodiff.passes.unroll import MAXIMUM_OPERATIONS, too_long, unroll
        from gdcli.execute.work import OPERATIONS_PER_CALL, Work

        vars(self).update({name: vars(function)[name] for name in SHARED_ATTRIBUTES})
        self.whole = function
        assert function.bindings is not None
        work = Work(function.tape, function.bindings).operations
        if max(function.layout.size, work / OPERATIONS_PER_CALL) > MAXIMUM_OPERATIONS:
            raise too_long()
        self.variables = tuple(function.components)
        self.layout = Layout(self.variables, {})
        self.components = self.variables
        self._programs = []
        self.tape = unroll(function.tape, function.bindings, self.variables)

    def failing(self, point: Point) -> Failure | None:
        """What first has no finite value, told by the loops that are written out here."""
        return self.whole.failing(point)

    def located(self, failure: Failure, point: Point) -> Failure:
        """The same, with the iteration, where floats fail at the same place."""
        found = self.failing(point)
        if found is None or found.span != failure.span:
            return failure
        tails = {one.message.rpartition(": ")[2] for one in (found, failure)}
        return found if len(tails) == 1 else failure


def _finite(fast: tuple[float, Any]) -> bool:
    value, gradient = fast
    if isinstance(gradient, list):
        return isfinite(value) and all(map(isfinite, gradient))
    import numpy as np

    return isfinite(value) and bool(np.isfinite(gradient).all())
