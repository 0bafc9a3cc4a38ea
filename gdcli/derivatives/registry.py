"""Every way to differentiate a function, by its name, each counting what it does.

Comes in: a Function. Goes out: Prepared, a callable of a point that gives the value and gradient
that the method finds, with the evaluations of f that the gradient takes and the operations of the
tapes it runs. `prepare` does what is done once: compiling, symbolic differentiation. Accuracy
rewrites are for `reverse` and `tangent`; the others work on f as it is written. No method raises
for a point: where it finds no finite number the components are inf or nan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import differences
from gdcli.autodiff.differences import CENTRAL, FORWARD
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.derivatives import DERIVATIVES
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.execute.fallback import FallbackFunction, FloatPoint
from gdcli.execute.interpret import Watch, interpret
from gdcli.execute.source import IEEE_TARGET, compile_tape
from gdcli.functions.arguments import number, whole
from gdcli.named_tuples import NamedTuple
from gdcli.numbers import complexes
from gdcli.numbers.floats import IEEE
from gdcli.numbers.linear_algebra import identity

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.functions.function import Function


class Prepared:
    """A method made ready for a function: called with a point it gives the value and the gradient.

    `evaluations` of f are those the gradient takes: one pass of reverse mode, n passes of tangent
    mode, n complex ones, none of a formula; `gives_value` says whether the value at the point is
    one of them, as it is of forward differences (n + 1; central ones take 2n).
    """

    evaluations = 1
    gives_value = False
    rewrites = False  # whether it runs f with its accuracy rewrites

    def __init__(self, function: Function) -> None:
        self.function = function
        self.n = len(function.variables)

    @cached_property
    def value(self) -> Callable[[FloatPoint], float]:
        """The program of f, with the accuracy rewrites where the method uses them."""
        if self.rewrites or not self.function.engine.rewritten.rewrites:
            return self.function.evaluate
        written = compile_tape(check_infinities(self.function.tape), IEEE_TARGET)
        return lambda point: written(point)[0]

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        """The value and the gradient at `point`."""
        raise NotImplementedError

    def operations(self, point: FloatPoint) -> int:
        """How many primitives the gradient at `point` takes."""
        raise NotImplementedError

    def steps(self, point: FloatPoint) -> list[float] | None:  # noqa: ARG002
        """The step h in each variable; None where the method has none."""
        return None


Make = Callable[["Function", float | None, int | None], Prepared]


class Method(NamedTuple):
    """A way to differentiate; `make` is given the function, a step and a number of points.

    `options` names those of the two that it takes.
    """

    name: str
    make: Make
    options: tuple[str, ...] = ()

    def prepare(
        self, function: Function, step: float | None = None, points: int | None = None
    ) -> Prepared:
        """The method, ready for `function`; raises UsageError for an option it does not take."""
        for option, given in (("step", step), ("points", points)):
            if given is not None and option not in self.options:
                takers = " and ".join(m.name for m in METHODS.values() if option in m.options)
                message = "{} has no meaning for {}; it is for {}"
                raise UsageError(Sentence(message, Setting(option), self.name, takers))
        if step is not None:
            step = number(step, "step", "a positive number", lambda h: h > 0)
        if points is not None:
            points = whole(points, "points", 2)
        return self.make(function, step, points)


class Tally:
    """A watch for `interpret` that counts the steps it is shown."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_: object) -> None:
        self.count += 1


def operations(tape: Tape, point: Sequence[Any]) -> int:
    """How many primitives and comparisons a run of `tape` at `point` computes."""
    tally = Tally()
    interpret(tape, IEEE, point, tally)
    return tally.count


class Reverse(Prepared):
    """Reverse mode: one pass over the gradient tape."""

    gives_value = True
    rewrites = True

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        return self.function.evaluate_gradient(point)

    def operations(self, point: FloatPoint) -> int:
        return operations(self.function.engine.rewritten_gradient_tape, point)


class Differences(Prepared):
    """Differences by the formula of `kind`, in one variable after the other."""

    def __init__(
        self, function: Function, kind: str, step: float | None, points: int | None
    ) -> None:
        super().__init__(function)
        self.rule = differences.formula(kind, points)
        self.step = step
        self.gives_value = 0 in self.rule.offsets
        self.evaluations = self.n * (len(self.rule.offsets) - self.gives_value) + self.gives_value

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        return self.measured(point, self.value)

    def measured(
        self, point: FloatPoint, f: Callable[[FloatPoint], float], value: float | None = None
    ) -> tuple[float, list[float]]:
        """The value and the gradient from evaluations by `f`; `value` is f's where it is known."""
        value = f(point) if value is None else value
        return value, differences.gradient(f, point, self.rule, self.steps(point), value)

    def steps(self, point: FloatPoint) -> list[float]:
        if self.step is not None:
            return [self.step] * self.n
        return [differences.recommended_step(self.rule, x) for x in point]

    def operations(self, point: FloatPoint) -> int:
        count = 0

        def counted(there: FloatPoint) -> float:
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
        self.tape = tangent(function.engine.rewritten.tape)
        self.along = FallbackFunction(self.tape)

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        passes = [self.along([*point, *unit])[0] for unit in identity(self.n)]
        return self.value(point), passes

    def operations(self, point: FloatPoint) -> int:
        return sum(operations(self.tape, [*point, *unit]) for unit in identity(self.n))


class ComplexStep(Prepared):
    """The complex step: Im f(x + ih eᵢ) / h, one complex evaluation for each variable."""

    def __init__(self, function: Function, step: float | None) -> None:
        super().__init__(function)
        self.evaluations = self.n
        self.tape = check_infinities(function.tape)
        self.step = complexes.IMAGINARY_STEP if step is None else step

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        return self.value(point), [self.partial(point, i) for i in range(self.n)]

    def partial(self, point: FloatPoint, i: int, watch: Watch | None = None) -> float:
        """The derivative by variable i; nan where complex numbers do not lead to one."""
        moved: list[complex] = [*point]
        moved[i] = complex(point[i], self.step)
        try:
            found = interpret(self.tape, complexes.COMPLEX, moved, watch)[0]
        except (ArithmeticError, ValueError):
            return nan
        return float(found.imag) / self.step if isfinite(found.real) else nan

    def steps(self, point: FloatPoint) -> list[float]:  # noqa: ARG002
        return [self.step] * self.n

    def operations(self, point: FloatPoint) -> int:
        tally = Tally()
        for i in range(self.n):
            self.partial(point, i, tally)
        return tally.count


class SympyFormulas(Prepared):
    """SymPy's formulas, evaluated in floats; `symbolic` holds them."""

    evaluations = 0

    def __init__(self, function: Function) -> None:
        from gdcli.derivatives.symbolic_gradient import SymbolicGradient

        super().__init__(function)
        self.symbolic = SymbolicGradient(function.tape)

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        return self.value(point), self.symbolic.evaluate(point)

    def operations(self, point: FloatPoint) -> int:  # noqa: ARG002 - the formulas are as they are
        return self.symbolic.size


def _differences(kind: str) -> Make:
    return lambda function, step, points: Differences(function, kind, step, points)


_MAKERS: dict[str, tuple[Make, tuple[str, ...]]] = {  # and the options that each takes
    "reverse": (lambda function, *_: Reverse(function), ()),
    "tangent": (lambda function, *_: Tangent(function), ()),
    FORWARD: (_differences(FORWARD), ("step", "points")),
    CENTRAL: (_differences(CENTRAL), ("step", "points")),
    "complex-step": (lambda function, step, _: ComplexStep(function, step), ("step",)),
    "symbolic": (lambda function, *_: SympyFormulas(function), ()),
}
METHODS = {name: Method(name, *_MAKERS[name]) for name in DERIVATIVES}
