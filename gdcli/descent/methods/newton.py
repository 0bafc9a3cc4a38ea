"""Newton's method: to the minimum of the quadratic model, with each curvature taken by its size.

The direction is d = -D|M|⁻¹D∇f for M = DHD, in which the diagonal of H is made ±1, so that badly
scaled variables count alike. |M| has the eigenvalues of M by absolute value, which turns uphill
directions of negative curvature down; those below LEAST_CURVATURE of the largest are made that
large. Variables that a bound holds take the gradient's step.

Sources: J. Greenstadt, Math. Comput. 21 (1967) 360; P. E. Gill, W. Murray, M. H. Wright, Practical
Optimization (1981), 4.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import NEGLIGIBLE_DECREASE
from gdcli.descent.requests import (
    Demands,
    GradientAt,
    HessianAt,
    RoundingAt,
    Step,
    Steps,
    Stuck,
    Traits,
)
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.trials import Search
from gdcli.descent.spectrum import LEAST_CURVATURE, spectrum
from gdcli.descent.step_size import StepSize
from gdcli.descent.vectors import Vector, difference, dot, finite, scaled, step
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

if TYPE_CHECKING:
    from gdcli.descent.box import Box


class NewtonState(NamedTuple):
    """The search for the next step; a `patient` one is made even where rounding hides its gain."""

    search: Search
    patient: bool = False


class Newton(NamedTuple):
    """Newton's method with a search, which tries α = 1 first, or with a rule of step sizes."""

    step_size: StepSize | None
    search: Search

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    def begin(self, here: Evaluation) -> NewtonState:
        return NewtonState(self.search.after(here.f))

    def step(self, state: NewtonState, here: Evaluation, demands: Demands) -> Steps:
        alpha = 1.0
        if self.step_size is not None:
            alpha = yield from self.step_size.first(here, demands.k)
        if not 0.0 < alpha < inf:
            return Stuck(alpha=alpha)
        hessian = yield HessianAt(here.x)
        direction = newton_direction(here.gradient, hessian, demands.free)
        if demands.box is not None:
            direction = _within(demands.box, here, hessian, demands.free, direction)
        if self.adaptive and not state.patient:
            decrease = -0.5 * dot(direction, here.gradient)
            if decrease <= NEGLIGIBLE_DECREASE * abs(here.f):
                rounding = yield RoundingAt(here.x)
                if decrease <= rounding:
                    there = yield GradientAt(step(here.x, 1.0, direction))
                    if not (there.finite and there.gradient_norm < here.gradient_norm):
                        return Stuck()
                    return Step(
                        there, 1.0, NewtonState(state.search.after(there.f)), near_rounding=True
                    )
        found = yield from state.search.along(here, direction, alpha, demands)
        if isinstance(found, Stuck):
            return found
        memory = NewtonState(state.search.after(found.there.f))
        return Step(found.there, found.alpha, memory, near_rounding=found.near_rounding)

    def restart(self, state: NewtonState, here: Evaluation) -> NewtonState | None:  # noqa: ARG002
        return None if state.patient or not self.adaptive else state._replace(patient=True)


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
    model = spectrum(hessian)
    if model is None:
        return scaled(-1.0, gradient)
    least = LEAST_CURVATURE * model.largest_curvature or 1.0
    slopes = model.slopes(gradient)
    direction = model.step(
        [-c / max(abs(size), least) for c, size in zip(slopes, model.curvatures, strict=True)]
    )
    return direction if finite(direction) else scaled(-1.0, gradient)


def _within(
    box: Box, here: Evaluation, hessian: Sequence[Vector], free: Sequence[int] | None, way: Vector
) -> Vector:
    """The Newton direction cut to the box: where it leaves, bounds hold more variables.

    The others then take the Newton step of the model with those on their bounds. The direction
    `way` stands where the model is not lower there than at the end of that, projected.
    """
    x, gradient = here.x, here.gradient
    direction = way
    free = [*range(len(x))] if free is None else [*free]
    while True:
        inside = difference(box.project(step(x, 1.0, direction)), x)
        beyond = {i for i in free if inside[i] != direction[i]}
        move = [0.0 if i in free and i not in beyond else c for i, c in enumerate(inside)]
        free = [i for i in free if i not in beyond]
        if not beyond or not free:
            direction = inside if not beyond else move
            break
        rows = [[hessian[i][j] for j in free] for i in free]
        slopes = [gradient[i] + dot(hessian[i], move) for i in free]
        for i, component in zip(free, newton_direction(slopes, rows, None), strict=True):
            move[i] = component
        direction = move
    projected = difference(box.project(step(x, 1.0, way)), x)
    lower = _change(hessian, gradient, direction) < _change(hessian, gradient, projected)
    return direction if lower and dot(direction, gradient) < 0.0 else way


def _change(hessian: Sequence[Vector], gradient: Vector, move: Vector) -> float:
    """What the quadratic model changes by; nan where it is not finite."""
    return dot(gradient, move) + 0.5 * dot(move, [dot(row, move) for row in hessian])


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
