"""Functions that count what is asked of them, and the same functions in other variables.

Comes in: a Function. Goes out: objectives that any minimizer can be given, ours or a peer's, which
count alike for all: an evaluation is one point at which f, or f and its gradient, were computed,
whoever asked, searches, verdicts and escapes included. Hessians and products are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from gdcli.functions.function import Function
from gdcli.nonsmooth.answer import Answer


class Calls(NamedTuple):
    """How many points f was computed at, and how many Hessians and products were."""

    evaluations: int = 0
    hessians: int = 0
    products: int = 0


class CountedFunction(Function):
    """A Function that counts its evaluations at the engine's door, so that none escapes."""

    def __init__(self, known: Function) -> None:
        super().__init__(known.resolved, problem=known.problem)
        self.calls = Calls()
        self._last: list[float] | bytes | None = None

    def _count(self, point: Any) -> None:
        """Counts the point, unless f was computed there just before."""
        x = list(point) if isinstance(point, list | tuple) else point.tobytes()
        if x != self._last:
            self._last = x
            self.calls = self.calls._replace(evaluations=self.calls.evaluations + 1)

    def evaluate(self, point: Any) -> float:
        self._count(point)
        return super().evaluate(point)

    def evaluate_gradient(self, point: Any) -> tuple[float, list[float]]:
        self._count(point)
        return super().evaluate_gradient(point)

    def rounding_error(self, point: Any) -> float:
        self._count(point)
        return super().rounding_error(point)

    def answer(self, /, *point: Any, **named: Any) -> Answer:
        self._count(self._flat(point, named))
        return super().answer(*point, **named)

    def evaluate_hessian(self, point: Any) -> list[list[float]]:
        calls = self.calls
        rows = super().evaluate_hessian(point)  # perhaps by products, which count as one Hessian
        self.calls = calls._replace(hessians=calls.hessians + 1)
        return rows

    def evaluate_hessian_product(self, point: Any, direction: Any) -> Any:
        self.calls = self.calls._replace(products=self.calls.products + 1)
        return super().evaluate_hessian_product(point, direction)

    def for_run(self) -> CountedFunction:
        """The function itself: it is made for one run, and a copy would count apart."""
        return self

    def for_steps(self, steps: int) -> None:  # noqa: ARG002
        """No native program of many steps: it would not count."""
        return


class Posing(NamedTuple):
    """Other variables y, and another unit of f: xᵢ = scaleᵢ·y[placeᵢ] + shiftᵢ, and factor·f.

    `noise`, relative to |f|, is added to f; it is the same at the same point.
    """

    scales: Sequence[float]
    places: Sequence[int]
    shifts: Sequence[float]
    factor: float = 1.0
    noise: float = 0.0

    @classmethod
    def of(cls, n: int) -> Posing:
        """The variables as they are."""
        return cls((1.0,) * n, range(n), (0.0,) * n)

    def x(self, y: Sequence[float]) -> list[float]:
        """The point in the function's own variables."""
        entries = zip(self.scales, self.places, self.shifts, strict=True)
        return [scale * y[place] + shift for scale, place, shift in entries]

    def y(self, x: Sequence[float]) -> list[float]:
        """The point in the other variables."""
        found = [0.0] * len(x)
        for i, place in enumerate(self.places):
            found[place] = (x[i] - self.shifts[i]) / self.scales[i]
        return found

    def f(self, f: float, x: Sequence[float]) -> float:
        """The value in the other unit, with its noise."""
        drawn = Random(repr(x)).uniform(-1.0, 1.0) if self.noise else 0.0
        return self.factor * (f + self.noise * drawn * abs(f))

    def slopes(self, gradient: Sequence[float]) -> list[float]:
        """A gradient, or a row of the Hessian, by the other variables."""
        found = [0.0] * len(gradient)
        for i, place in enumerate(self.places):
            found[place] = self.factor * self.scales[i] * gradient[i]
        return found


class PosedObjective:
    """An Objective of descent: a function in other variables, without what its text tells."""

    def __init__(self, function: CountedFunction, posing: Posing) -> None:
        self.function = function
        self.posing = posing
        self.components: Sequence[str] = function.components
        self.variables = tuple(self.components)

    def evaluate(self, point: Any) -> float:
        x = self.posing.x(point)
        return self.posing.f(self.function.evaluate(x), x)

    def evaluate_gradient(self, point: Any) -> tuple[float, list[float]]:
        x = self.posing.x(point)
        f, gradient = self.function.evaluate_gradient(x)
        return self.posing.f(f, x), self.posing.slopes(gradient)

    def evaluate_hessian(self, point: Any) -> list[list[float]]:
        rows = self.function.evaluate_hessian(self.posing.x(point))
        found: list[list[float]] = [[] for _ in rows]
        for i, place in enumerate(self.posing.places):
            row = self.posing.slopes(rows[i])
            found[place] = [self.posing.scales[i] * entry for entry in row]
        return found

    def evaluate_hessian_product(self, point: Any, direction: Any) -> Any:
        along = self.posing._replace(shifts=(0.0,) * len(direction)).x(direction)
        return self.posing.slopes(
            self.function.evaluate_hessian_product(self.posing.x(point), along)
        )

    def rounding_error(self, point: Any) -> float:
        return self.posing.factor * self.function.rounding_error(self.posing.x(point))

    def failure(self, point: Any) -> str | None:
        """What Function.failure says of the point in its own variables."""
        return self.function.failure(self.posing.x(point))

    def kinks(self, point: Any, distance: float) -> list[str] | None:
        """The kinks of the function that lie so near in its own variables."""
        reach = distance * max(self.posing.scales)
        return self.function.kinks(self.posing.x(point), reach)
