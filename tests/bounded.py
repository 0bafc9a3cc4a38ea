"""Problems with bounds, and their solutions by hand: what every method must solve within a box.

Source: W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes (1981), problems
1-5, 38 and 45; the extended Rosenbrock function is cut off at half of its way to its minimum.
"""

from __future__ import annotations

from math import acos, cos, inf, pi, sqrt
from typing import Any, NamedTuple

import numpy as np

ROSENBROCK = "100*(x2 - x1^2)^2 + (1 - x1)^2"
WOOD = (
    "100*(x2 - x1^2)^2 + (1 - x1)^2 + 90*(x4 - x3^2)^2 + (1 - x3)^2"
    " + 10.1*((x2 - 1)^2 + (x4 - 1)^2) + 19.8*(x2 - 1)*(x4 - 1)"
)
A = sqrt(598.0 / 1200.0)
SECOND_MINIMIZER = 2.0 * A * cos(acos(1.0 / (400.0 * A**3)) / 3.0)
CUT_OFF = "sum(100*(x[2*i] - x[2*i-1]^2)^2 + (1 - x[2*i-1])^2 for i in 1:50)"


class BoundedProblem(NamedTuple):
    """A function, a start, a pair of bounds for each variable, and all minimizers within them.

    A local minimizer counts too.
    """

    name: str
    expression: str
    start: list[float]
    bounds: list[tuple[float, float]]
    minimizers: list[list[float]]


PROBLEMS = [
    BoundedProblem("HS1", ROSENBROCK, [-2.0, 1.0], [(-inf, inf), (-1.5, inf)], [[1.0, 1.0]]),
    BoundedProblem(
        "HS2",
        ROSENBROCK,
        [-2.0, 1.0],
        [(-inf, inf), (1.5, inf)],
        [[SECOND_MINIMIZER, 1.5], [-1.2210262, 1.5]],
    ),
    BoundedProblem(
        "HS3",
        "x2 + 0.00001*(x2 - x1)^2",
        [10.0, 1.0],
        [(-inf, inf), (0.0, inf)],
        [[0.0, 0.0]],
    ),
    BoundedProblem(
        "HS4", "(x1 + 1)^3/3 + x2", [1.125, 0.125], [(1.0, inf), (0.0, inf)], [[1.0, 0.0]]
    ),
    BoundedProblem(
        "HS5",
        "sin(x1 + x2) + (x1 - x2)^2 - 1.5*x1 + 2.5*x2 + 1",
        [0.0, 0.0],
        [(-1.5, 4.0), (-3.0, 3.0)],
        [[0.5 - pi / 3.0, -0.5 - pi / 3.0]],
    ),
    BoundedProblem("HS38", WOOD, [-3.0, -1.0, -3.0, -1.0], [(-10.0, 10.0)] * 4, [[1.0] * 4]),
    BoundedProblem(
        "HS45",
        "2 - x1*x2*x3*x4*x5/120",
        [2.0] * 5,
        [(0.0, float(i)) for i in range(1, 6)],
        [[1.0, 2.0, 3.0, 4.0, 5.0]],
    ),
    BoundedProblem(
        "extended Rosenbrock", CUT_OFF, [-1.2, 1.0] * 50, [(-2.0, 0.5)] * 100, [[0.5, 0.25] * 50]
    ),
]


class BoxQuadratic:
    """½x·Hx - c·x over [0, 1]^n, as an objective, with its solution by an independent rule."""

    def __init__(self, n: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        factor = random.standard_normal((n, n))
        self.hessian = factor @ factor.T + 0.05 * np.eye(n)
        self.slope = 3.0 * random.standard_normal(n)
        self.variables = self.components = tuple(f"x{i}" for i in range(1, n + 1))
        self.has_kinks = False

    def evaluate(self, point: Any) -> float:
        x = np.asarray(point)
        return float(0.5 * x @ self.hessian @ x - self.slope @ x)

    def evaluate_gradient(self, point: Any) -> tuple[float, list[float]]:
        return self.evaluate(point), (self.hessian @ np.asarray(point) - self.slope).tolist()

    def evaluate_hessian(self, point: Any) -> list[list[float]]:  # noqa: ARG002
        rows: list[list[float]] = self.hessian.tolist()
        return rows

    def evaluate_hessian_product(self, point: Any, direction: Any) -> list[float]:  # noqa: ARG002
        found: list[float] = (self.hessian @ np.asarray(direction)).tolist()
        return found

    def rounding_error(self, point: Any) -> float:
        x = abs(np.asarray(point))
        terms = x @ abs(self.hessian) @ x + abs(self.slope) @ x
        return float(1e-16 * len(x) * terms)

    def failure(self, point: Any) -> None:  # noqa: ARG002
        return None

    def kinks(self, point: Any, distance: float) -> list[str]:  # noqa: ARG002
        return []

    def solution(self) -> tuple[Any, Any]:
        """The minimizer, by coordinate descent and then the equations of its face, and ∇f there."""
        x = np.full(len(self.slope), 0.5)
        for _ in range(100_000):
            before = x.copy()
            for i in range(len(x)):
                step = (self.hessian[i] @ x - self.slope[i]) / self.hessian[i, i]
                x[i] = min(1.0, max(0.0, x[i] - step))
            if abs(x - before).max() < 1e-13:
                break
        free = (x > 0.0) & (x < 1.0)
        if free.any():
            right = self.slope[free] - self.hessian[np.ix_(free, ~free)] @ x[~free]
            x[free] = np.linalg.solve(self.hessian[np.ix_(free, free)], right)
        return x, self.hessian @ x - self.slope
