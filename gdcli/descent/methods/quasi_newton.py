"""Quasi-Newton methods, d = -H∇f(x): H is learned from the steps and the changes of the gradient.

Comes in: a rule of step sizes, and a memory without entries, which is what such methods differ in.
Goes out: the method. Its first step, and each without memory, goes along -∇f; the α tried first is
then that of the minimum of the quadratic model, else 1. In a box H is that of the free variables,
and those that a bound holds go along -∇f.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.trials import Search
from gdcli.descent.step_size import SMALLEST_NORMAL, StepSize, first_step
from gdcli.descent.vectors import Vector, difference, dot, largest, restricted, scaled
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON


class InverseHessian(Protocol):
    """An approximate inverse H of the Hessian, as a run has learned it."""

    @property
    def known(self) -> int:
        """How many steps it was learned from."""

    def direction(self, gradient: Vector, free: Sequence[int] | None) -> Vector | None:
        """-Hg, with the H of the `free` variables; None where nothing is known of them."""

    def after(self, s: Vector, y: Vector, free: Sequence[int] | None) -> InverseHessian:
        """Return the matrix with one more step s and change y of the gradient, s·y > 0, known."""


class QuasiNewtonState(NamedTuple):
    """What has been learned of the Hessian, and the search with its memory."""

    inverse: InverseHessian
    search: Search


class QuasiNewton(NamedTuple):
    """A quasi-Newton method; `unlearned` gives its memory without entries, for n variables.

    `step_size` is the user's, if any; `product` says whether the Hessian can be multiplied.
    """

    unlearned: Callable[[int], InverseHessian]
    search: Search
    step_size: StepSize | None
    product: bool

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    def begin(self, here: Evaluation) -> QuasiNewtonState:
        return QuasiNewtonState(self.unlearned(len(here.x)), self.search.after(here.f))

    def step(self, state: QuasiNewtonState, here: Evaluation, demands: Demands) -> Steps:
        inverse, search = state
        direction: Vector | None = inverse.direction(here.gradient, demands.free)
        slope = 0.0 if direction is None else dot(direction, here.gradient)
        alpha = 1.0
        if direction is None or not slope < 0.0:
            inverse = self.unlearned(len(here.x)) if inverse.known else inverse
            direction = scaled(-1.0, here.gradient)
            slope = dot(direction, here.gradient)
            slopes = restricted(here.gradient, demands.free)
            whole = largest(slopes) == 0.0  # all variables are held
            alpha = yield from first_step(
                here if whole else here._replace(gradient=slopes), self.product
            )
        if self.step_size is not None:
            alpha = yield from self.step_size.first(here, demands.k)
            if not 0.0 < alpha < inf:
                return Stuck(alpha=alpha)
        found = yield from search.along(here, direction, alpha, demands)
        if isinstance(found, Stuck):
            return found
        there = found.there
        s, y = difference(there.x, here.x), difference(there.gradient, here.gradient)
        curvature = dot(s, y)
        seen = EPSILON * found.alpha * abs(slope)  # what is left of s·y among rounding errors
        if curvature >= SMALLEST_NORMAL and curvature > seen:
            inverse = inverse.after(s, y, demands.free)
        after = QuasiNewtonState(inverse, search.after(there.f))
        return Step(there, found.alpha, after, near_rounding=found.near_rounding)

    def restart(self, state: QuasiNewtonState, here: Evaluation) -> QuasiNewtonState | None:
        return self.begin(here) if state.inverse.known else None


def quasi_newton(
    unlearned: Callable[[int], InverseHessian], rule: AlphaRule, traits: Traits
) -> QuasiNewton:
    return QuasiNewton(unlearned, rule.search(traits), rule.step_size, traits.product)
