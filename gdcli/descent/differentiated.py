"""A function whose gradient another method finds, as an objective for descent.

Comes in: a Function and the name of a method of `derivatives.registry`. Goes out: an Objective
whose gradient has the method's error and cost; the Hessian, the rounding error and what is said of
kinks and failures stay the function's own, which judge the run and do not steer it.
"""

from __future__ import annotations

from gdcli.derivatives.registry import METHODS
from gdcli.descent.objective import Cost
from gdcli.descent.vectors import Vector, vector
from gdcli.functions.arguments import choice
from gdcli.functions.function import Function
from gdcli.numbers.linear_algebra import as_list


class Differentiated:
    """A Function with the gradient that a method of differentiation finds.

    `step` and `points` are the settings of a difference method.
    """

    def __init__(
        self, function: Function, method: str, step: float | None = None, points: int | None = None
    ) -> None:
        found = METHODS[choice(method, "derivative", METHODS)]
        function = function.unrolled
        self._ready = found.prepare(function, step, points)
        self.unrolled = function
        self.problem = function.problem
        self.variables = function.variables
        self.components = function.components
        self.cost = Cost(
            both=self._ready.evaluations + (not self._ready.gives_value),
            gradient=self._ready.evaluations,
        )
        self.evaluate_hessian = function.evaluate_hessian
        self.evaluate_hessian_product = function.evaluate_hessian_product
        self.rounding_error = function.rounding_error
        self.failure = function.failure
        self.kinks = function.kinks

    def evaluate(self, point: Vector) -> float:
        return self._ready.value(as_list(point))

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        """f, and its n partial derivatives as the method finds them."""
        value, gradient = self._ready(as_list(point))
        return value, gradient if isinstance(point, list) else vector(gradient)
