"""Every way to differentiate a function, each by its name, each counting what it does.

Comes in: a Function and a point. Goes out: Measured, the value and gradient that the method finds,
the evaluations of f it takes for the gradient and the operations of the tapes it runs. `prepare`
does what needs doing once (compiling, symbolic differentiation) and gives what a descent or a
stopwatch calls again and again. Accuracy rewrites are for `reverse` and `tangent`; the others work
on f as it is written. Where a method finds no finite number its components are inf or nan: it
never raises for a point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff import differences
from gdcli.autodiff.differences import CENTRAL, FORWARD
from gdcli.derivatives.exact_values import DecimalGradient, FractionGradient, digits, exact
from gdcli.errors import UsageError
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import Watch, interpret
from gdcli.execute.source import IEEE_TARGET, compile_tape
from gdcli.numbers import complexes
from gdcli.numbers.floats import IEEE
from gdcli.numbers.linear_algebra import identity

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.functions.function import Function

__all__ = [
    "METHODS",
    "DecimalGradient",
    "FractionGradient",
    "Measured",
    "Method",
    "Prepared",
    "digits",
    "exact",
]

Point = Sequence[float]


class Measured(NamedTuple):
    """What a method found at a point, and what it took.

    `evaluations` of f are those the gradient takes: one pass of reverse mode, n passes of tangent
    mode, n complex ones, none of a formula; the value at the point itself is counted where the
    gradient uses it (forward differences: n + 1, central ones: 2n). `operations` are the
    primitives that all passes apply. `step` is the h used in each variable, None without one.
    """

    value: float
    gradient: list[float]
    evaluations: int
    operations: int
    step: list[float] | None


class Prepared:
    """A method made ready for a function: call it with a point for value and gradient.

    `evaluations` of f that a gradient takes, and whether the value at the point is one of them.
    """

    evaluations = 1
    gives_value = False
    rewrites = False  # whether it runs f with its accuracy rewrites

    def __init__(self, function: Function) -> None:
        self.function = function
        self.n = len(function.variables)

    @cached_property
    def value(self) -> Callable[[Point], float]:
        """f, as it is written where the method takes it so."""
        if self.rewrites or not self.function.rewritten.rewrites:
            return self.function.evaluate
        written = compile_tape(self.function.tape, IEEE_TARGET)
        return lambda point: written(point)[0]

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        raise NotImplementedError

    def operations(self, point: Point) -> int:
        """How many primitives the gradient at `point` takes."""
        raise NotImplementedError

    def steps(self, point: Point) -> list[float] | None:  # noqa: ARG002
        """The step h in each variable; None where the method has none."""
        return None


Make = Callable[["Function", float | None, int | None], Prepared]


class Method(NamedTuple):
    """A way to differentiate; `make` is given the function, --step and --points.

    `options` names those of the two that it takes.
    """

    name: str
    title: str
    make: Make
    options: tuple[str, ...] = ()

    def prepare(
        self, function: Function, step: float | None = None, points: int | None = None
    ) -> Prepared:
        """The method for one function. Raises UsageError for an option it does not take."""
        for option, given in (("--step", step), ("--points", points)):
            if given is not None and option[2:] not in self.options:
                takers = [m.name for m in METHODS.values() if option[2:] in m.options]
                raise UsageError(
                    f"{option} has no meaning for {self.name}; it is for {' and '.join(takers)}"
                )
        if step is not None:
            differences.checked_step(step)
        return self.make(function, step, points)

    def gradient(
        self,
        function: Function,
        point: Point,
        step: float | None = None,
        points: int | None = None,
    ) -> Measured:
        """Value and gradient at `point`, and what they took."""
        ready = self.prepare(function, step, points)
        value, gradient = ready(point)
        return Measured(
            value, gradient, ready.evaluations, ready.operations(point), ready.steps(point)
        )


class Tally:
    """Counts the steps that an interpreter shows it."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_: object) -> None:
        """One step more."""
        self.count += 1


def operations(tape: Tape, point: Sequence[Any]) -> int:
    """How many primitives and comparisons a run of `tape` at `point` computes."""
    tally = Tally()
    interpret(tape, IEEE, point, tally)
    return tally.count


class Reverse(Prepared):
    """One pass forwards and back over the gradient tape."""

    gives_value = True
    rewrites = True

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        return self.function.evaluate_gradient(point)

    def operations(self, point: Point) -> int:
        """Those of the gradient tape."""
        return operations(self.function.rewritten_gradient_tape, point)


class Differences(Prepared):
    """The formula of `kind` with so many points, in one variable after the other."""

    def __init__(
        self, function: Function, kind: str, step: float | None, points: int | None
    ) -> None:
        super().__init__(function)
        self.rule = differences.formula(kind, points)
        self.step = step
        self.gives_value = 0 in self.rule.offsets
        self.evaluations = self.n * (len(self.rule.offsets) - self.gives_value) + self.gives_value

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        return self.measured(point, self.value)

    def measured(
        self, point: Point, f: Callable[[Point], float], value: float | None = None
    ) -> tuple[float, list[float]]:
        """The same from any way to evaluate f, and from a value that is known already."""
        value = f(point) if value is None else value
        return value, differences.gradient(f, point, self.rule, self.steps(point), value)

    def steps(self, point: Point) -> list[float]:
        """The step as given, else the one recommended."""
        if self.step is not None:
            return [self.step] * self.n
        return [differences.recommended_step(self.rule, x) for x in point]

    def operations(self, point: Point) -> int:
        """Those of every evaluation of f."""
        count = 0

        def counted(there: Point) -> float:
            nonlocal count
            count += operations(self.function.tape, there)
            return 0.0

        self.measured(point, counted, None if self.gives_value else 0.0)
        return count


class Tangent(Prepared):
    """Forward mode: one pass over the tangent tape for each variable."""

    rewrites = True

    def __init__(self, function: Function) -> None:
        from gdcli.autodiff.forward import tangent

        super().__init__(function)
        self.evaluations = self.n
        self.tape = tangent(function.rewritten.tape)
        self.along = FallbackFunction(self.tape)

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        passes = [self.along([*point, *unit])[0] for unit in identity(self.n)]
        return self.value(point), passes

    def operations(self, point: Point) -> int:
        """Those of every pass."""
        return sum(operations(self.tape, [*point, *unit]) for unit in identity(self.n))


class ComplexStep(Prepared):
    """One complex evaluation for each variable: Im f(x + ih eᵢ) / h."""

    def __init__(self, function: Function, step: float | None) -> None:
        super().__init__(function)
        self.evaluations = self.n
        self.step = complexes.IMAGINARY_STEP if step is None else step

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        return self.value(point), [self.partial(point, i) for i in range(self.n)]

    def partial(self, point: Point, i: int, watch: Watch | None = None) -> float:
        """The derivative by variable i; nan where complex numbers do not lead to one."""
        moved: list[complex] = [*point]
        moved[i] = complex(point[i], self.step)
        try:
            found = interpret(self.function.tape, complexes.COMPLEX, moved, watch)[0]
        except (ArithmeticError, ValueError):
            return nan
        return float(found.imag) / self.step if isfinite(found.real) else nan

    def steps(self, point: Point) -> list[float]:  # noqa: ARG002
        """The imaginary step."""
        return [self.step] * self.n

    def operations(self, point: Point) -> int:
        """Those of every evaluation, each of complex numbers."""
        tally = Tally()
        for i in range(self.n):
            self.partial(point, i, tally)
        return tally.count


class SympyFormulas(Prepared):
    """SymPy's formulas, evaluated in floats; `symbolic` holds them."""

    evaluations = 0

    def __init__(self, function: Function) -> None:
        from gdcli.derivatives.symbolic import Symbolic

        super().__init__(function)
        self.symbolic = Symbolic(function.tape)

    def __call__(self, point: Point) -> tuple[float, list[float]]:
        """The value and the gradient."""
        return self.value(point), self.symbolic.evaluate(point)

    def operations(self, point: Point) -> int:  # noqa: ARG002 - the formulas are as they are
        """Those written in the formulas, none shared."""
        return self.symbolic.size


def _differences(kind: str) -> Make:
    return lambda function, step, points: Differences(function, kind, step, points)


_METHODS = (
    Method("reverse", "reverse mode", lambda function, *_: Reverse(function)),
    Method("tangent", "forward mode", lambda function, *_: Tangent(function)),
    Method(FORWARD, "forward difference", _differences(FORWARD), ("step", "points")),
    Method(CENTRAL, "central difference", _differences(CENTRAL), ("step", "points")),
    Method(
        "complex-step",
        "complex step",
        lambda function, step, _: ComplexStep(function, step),
        ("step",),
    ),
    Method("symbolic", "formulas by SymPy", lambda function, *_: SympyFormulas(function)),
)
METHODS = {method.name: method for method in _METHODS}
