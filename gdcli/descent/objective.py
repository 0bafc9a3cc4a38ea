"""What descent asks of a function, and what it then knows of a point.

Comes in: a `Function`, or anything else with the same evaluations. Goes out: `Evaluation`, a point
with the value and gradient there. A `Counted` objective counts each evaluation and refuses the
first one past the limit by raising `Spent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, Protocol

from gdcli.descent.long_vectors import Change
from gdcli.descent.vectors import Vector, change, largest
from gdcli.named_tuples import NamedTuple

NORM_LABEL = "‖∇f‖∞"  # a gradient_norm as it is written for people
RESIDUAL_LABEL = "‖x − P(x − ∇f)‖∞"  # the same in a box


class Objective(Protocol):
    """A function of n variables that is evaluated in IEEE numbers and never raises for them."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of scalar and array variables, in order."""

    @property
    def components(self) -> Sequence[str]:
        """The n names of a point's components, as `x[1]`; of scalars the variables."""

    def evaluate(self, point: Vector) -> float:
        """f at the point."""

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        """f and its n partial derivatives."""

    def evaluate_hessian(self, point: Vector) -> list[list[float]]:
        """The n rows of second derivatives."""

    def evaluate_hessian_product(self, point: Vector, direction: Vector) -> Vector:
        """The matrix of second derivatives times the direction."""

    def rounding_error(self, point: Vector) -> float:
        """A bound of the rounding error of f at the point."""

    def failure(self, point: Vector) -> str | None:
        """The sub-expression that first became non-finite, in value or gradient."""

    def kinks(self, point: Vector, distance: float) -> list[str] | None:
        """The kinks within `distance` of the point, as in 'abs(x) at x = 0'; None if unknown."""


class Evaluation(NamedTuple):
    """A point, f and its gradient there, and the largest absolute component of the gradient.

    In a box `gradient_norm` is ‖x - P(x - ∇f)‖∞. Where f was not evaluated because a pole lies on
    the way there, f is inf and `reach` the part of the way that may be gone. Of a long vector there
    is the `change` since the iterate that the run was at.
    """

    x: Vector
    f: float
    gradient: Vector
    gradient_norm: float
    reach: float | None = None
    change: Change | None = None

    @property
    def finite(self) -> bool:
        return isfinite(self.f) and isfinite(self.gradient_norm)

    @property
    def size(self) -> float:
        """‖x‖∞."""
        return largest(self.x) if self.change is None else self.change.size

    @property
    def slope(self) -> float:
        """‖∇f‖∞, in a box too."""
        return largest(self.gradient) if self.change is None else self.change.slope


class Evaluations(NamedTuple):
    """How often f and its derivatives were evaluated; a combined call counts in both first ones.

    `hessian` counts whole Hessians and `product` products of a Hessian with a vector. `verdict`
    counts the points at which the end was judged, not among those of `value`, nor limited.
    """

    value: int
    gradient: int
    hessian: int = 0
    product: int = 0
    verdict: int = 0

    def more(self, both: int) -> Evaluations:
        """The counts with so many more combined calls."""
        return self._replace(value=self.value + both, gradient=self.gradient + both)


class Cost(NamedTuple):
    """How many evaluations of f it costs to get f with its gradient, and each derivative alone."""

    both: int = 1  # reverse mode: f comes with the gradient
    gradient: int = 0
    hessian: int = 0
    product: int = 0


class Spent(Exception):
    """Raised in place of an evaluation of f beyond the limit."""


class Judging:
    """An objective that counts the points at which it is evaluated, without a limit."""

    def __init__(self, objective: Any) -> None:
        self._objective = objective
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objective, name)

    def evaluate(self, point: Vector) -> float:
        self.count += 1
        found: float = self._objective.evaluate(point)
        return found

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        self.count += 1
        found: tuple[float, Vector] = self._objective.evaluate_gradient(point)
        return found


class Counted:
    """An objective that counts its evaluations and stops at `limit` evaluations of f."""

    def __init__(self, objective: Objective, limit: int) -> None:
        self.objective = objective
        self.limit = limit
        self.cost: Cost = getattr(objective, "cost", Cost())
        self.values = 0
        self.gradients = 0
        self.hessians = 0
        self.products = 0
        self.judged = 0  # points at which an end was judged

    @property
    def evaluations(self) -> Evaluations:
        return Evaluations(self.values, self.gradients, self.hessians, self.products, self.judged)

    def value(self, x: Vector) -> float:
        """f at x. Raises `Spent` at the limit."""
        self._spend(1)
        return self.objective.evaluate(x)

    def both(self, x: Vector, here: Evaluation | None = None) -> Evaluation:
        """f and its gradient at x in one call, with the change of long vectors since `here`.

        Raises `Spent` at the limit.
        """
        self._spend(self.cost.both)
        self.gradients += 1
        f, gradient = self.objective.evaluate_gradient(x)
        return _evaluation(x, f, gradient, here)

    def value_only(self, x: Vector) -> Evaluation:
        """f at x as an Evaluation without a gradient. Raises `Spent` at the limit."""
        return Evaluation(x, self.value(x), [], 0.0)

    def gradient(self, x: Vector, f: float, here: Evaluation | None = None) -> Evaluation:
        """As `both`, where f is known already. Raises `Spent` at the limit."""
        self._spend(self.cost.gradient)
        self.gradients += 1
        return _evaluation(x, f, self.objective.evaluate_gradient(x)[1], here)

    def hessian(self, x: Vector) -> list[list[float]]:
        """The n rows of second derivatives at x. Raises `Spent` at the limit."""
        self._spend(self.cost.hessian)
        self.hessians += 1
        return self.objective.evaluate_hessian(x)

    def product(self, x: Vector, direction: Vector) -> Vector:
        """The matrix of second derivatives at x times the direction. Raises `Spent` likewise."""
        self._spend(self.cost.product)
        self.products += 1
        return self.objective.evaluate_hessian_product(x, direction)

    def count(self, steps: int, values: int = 0) -> None:
        """Counts steps that native code took, an evaluation of f and gradient each, and values."""
        self.values += steps + values
        self.gradients += steps

    def _spend(self, count: int) -> None:
        if self.values + count > self.limit:
            raise Spent
        self.values += count


def _evaluation(x: Vector, f: float, gradient: Vector, here: Evaluation | None) -> Evaluation:
    if here is None or isinstance(x, list):
        return Evaluation(x, f, gradient, largest(gradient))
    found = change(here.x, x, here.gradient, gradient)
    return Evaluation(x, f, gradient, found.slope, change=found)
