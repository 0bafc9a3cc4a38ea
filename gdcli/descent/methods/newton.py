"""Newton's method: to the minimum of the quadratic model, with curvature taken by its size.

The direction is d = -D|M|⁻¹D∇f for M = DHD, in which the diagonal of H is made ±1, so that badly
scaled variables count alike. |M| has the eigenvalues of M by absolute value, which turns uphill
directions of negative curvature down; those below LEAST_CURVATURE of the largest are made that
large. Variables that a bound holds take the gradient's step.

Sources: J. Greenstadt, Math. Comput. 21 (1967) 360; P. E. Gill, W. Murray, M. H. Wright, Practical
Optimization (1981), 4.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, sqrt
from typing import NamedTuple

from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Hessian, Iteration, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule, Search
from gdcli.descent.step_size import StepSize
from gdcli.descent.vectors import Vector, dot, finite, largest, scaled
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

LEAST_CURVATURE = 1e-12  # of the largest, in the direction of an eigenvector


class Newton(NamedTuple):
    """Newton's method with a search, which tries α = 1 first, or with a rule of step sizes."""

    step_size: StepSize | None
    search: Search

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    def begin(self, here: Evaluation) -> Search:
        return self.search.after(here.f)

    def step(self, state: Search, here: Evaluation, iteration: Iteration) -> Steps:
        alpha = 1.0
        if self.step_size is not None:
            alpha = yield from self.step_size.first(here, iteration.k)
        if not 0.0 < alpha < inf:
            return Stuck(alpha=alpha)
        hessian = yield Hessian(here.x)
        direction = newton_direction(here.gradient, hessian, iteration.free)
        found = yield from state.along(here, direction, alpha, iteration)
        if isinstance(found, Stuck):
            return found
        memory = state.after(found.there.f)
        return Step(found.there, found.alpha, memory, near_rounding=found.near_rounding)

    def restart(self, state: Search, here: Evaluation) -> Search | None:  # noqa: ARG002
        return None


def newton_direction(
    gradient: Vector, hessian: Sequence[Vector], free: Sequence[int] | None
) -> Vector:
    """The direction by the n rows of H; -∇f without a finite H, and in variables not free."""
    if free is not None:
        direction = scaled(-1.0, gradient)
        if free:
            rows = [[hessian[i][j] for j in free] for i in free]
            along = newton_direction([gradient[i] for i in free], rows, None)
            for i, component in zip(free, along, strict=True):
                direction[i] = component
        return direction
    if not all(isfinite(largest(row)) for row in hessian):
        return scaled(-1.0, gradient)
    units = [1.0 / sqrt(abs(row[i])) if row[i] else 1.0 for i, row in enumerate(hessian)]
    model = [
        [u * h * v for h, v in zip(row, units, strict=True)]
        for row, u in zip(hessian, units, strict=True)
    ]
    curvatures, vectors = symmetric_eigen(model)
    least = LEAST_CURVATURE * max(map(abs, curvatures)) or 1.0
    slopes = [u * g for u, g in zip(units, gradient, strict=True)]
    direction = [0.0] * len(gradient)
    for curvature, vector in zip(curvatures, vectors, strict=True):
        along = -dot(vector, slopes) / max(abs(curvature), least)
        direction = [d + along * v for d, v in zip(direction, vector, strict=True)]
    direction = [u * d for u, d in zip(units, direction, strict=True)]
    return direction if finite(direction) else scaled(-1.0, gradient)


def make(rule: AlphaRule, traits: Traits) -> Newton:
    """Raises UsageError where there are no second derivatives, or too many."""
    if not traits.hessian:
        message = "the method newton needs second derivatives, which are not given; write {}"
        raise UsageError(Sentence(message, Setting("method", "lbfgs")))
    if traits.n > MOST_LISTED_COMPONENTS:
        message = "the method newton is for at most {} variables, here are {:,}; write {}"
        parts = MOST_LISTED_COMPONENTS, traits.n, Setting("method", "lbfgs")
        raise UsageError(Sentence(message, *parts))
    return Newton(rule.step_size, rule.search(traits))
