"""Nonlinear conjugate gradients: d = -∇f(x) + β times the direction of the step before.

β = max(0, g·(g - g₋)/g₋·g₋), g₋ the gradient before (Polak and Ribière's, never negative); it is 0,
a restart, where g and g₋ are not almost orthogonal (Powell), and in a box where another set of
variables is free. The α tried first is predicted to change f by as much as the last step; for a
search that makes no step longer it is that of the quadratic model along d, by one product.
Of β by Hager and Zhang, Hestenes and Stiefel, Dai and Yuan none needed fewer evaluations.

Sources: E. Polak, G. Ribière, Rev. Fr. Inform. Rech. Opér. 3 (1969) 35; M. J. D. Powell, Math.
Program. 12 (1977) 241; J. C. Gilbert, J. Nocedal, SIAM J. Optim. 2 (1992) 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, ProductAt, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.nonmonotone import NonMonotone
from gdcli.descent.search.trials import Search
from gdcli.descent.search.wolfe import Wolfe
from gdcli.descent.step_size import Proposals, StepSize, first_step
from gdcli.descent.vectors import (
    Vector,
    difference,
    dot,
    largest,
    restricted,
    same_places,
    scaled,
    step,
)
from gdcli.named_tuples import NamedTuple

CONJUGATE_SLOPE = 0.1  # c₂ of the Wolfe conditions: a conjugate direction needs a longer search
LENGTHENED_PREDICTION = 4.0  # of the α that is predicted, where the search makes none longer
ORTHOGONALITY = 0.2  # |g·g₋|/g·g, from which on the directions are no longer taken for conjugate


class Conjugate(NamedTuple):
    """The last direction and gradient, of the free variables, and by what f was to change."""

    direction: Vector
    gradient: Vector
    free: Sequence[int] | None
    change: float


class ConjugateState(NamedTuple):
    """The search with its memory, and the last step, if there is one."""

    search: Search
    last: Conjugate | None = None


class ConjugateGradients(NamedTuple):
    """Conjugate gradients with a search; `step_size` is the user's, if any.

    `product` says whether the Hessian can be multiplied.
    """

    search: Search
    step_size: StepSize | None
    product: bool

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    def begin(self, here: Evaluation) -> ConjugateState:
        return ConjugateState(self.search.after(here.f))

    def step(self, state: ConjugateState, here: Evaluation, demands: Demands) -> Steps:
        last, search = state.last, state.search
        direction = scaled(-1.0, here.gradient)
        gradient = restricted(here.gradient, demands.free)
        if last is not None and same_places(last.free, demands.free):
            conjugate = step(direction, _beta(last.gradient, gradient), last.direction)
            if dot(conjugate, gradient) < 0.0:
                direction = conjugate
        slope = dot(direction, gradient)
        if self.step_size is not None:
            alpha = yield from self.step_size.first(here, demands.k)
            if not 0.0 < alpha < inf:
                return Stuck(alpha=alpha)
        else:
            alpha = last.change / slope if last is not None and slope < 0.0 else 0.0
            if isinstance(search, NonMonotone) and last is not None:
                model = 0.0
                if self.product:
                    model = yield from _model_step(here, restricted(direction, demands.free))
                alpha = model or LENGTHENED_PREDICTION * alpha
            if not 0.0 < alpha < inf:
                alpha = yield from first_step(here, self.product)
        found = yield from search.along(here, direction, alpha, demands)
        if isinstance(found, Stuck):
            return found
        free = demands.free
        made = Conjugate(restricted(direction, free), gradient, free, found.alpha * slope)
        after = ConjugateState(search.after(found.there.f), made)
        return Step(found.there, found.alpha, after, near_rounding=found.near_rounding)

    def restart(self, state: ConjugateState, here: Evaluation) -> ConjugateState | None:
        return None if state.last is None else self.begin(here)


def _model_step(here: Evaluation, direction: Vector) -> Proposals:
    """The α of the quadratic model's minimum along d, by one product; 0 where it has none."""
    norm = largest(direction)
    unit = scaled(1.0 / norm, direction)
    product = yield ProductAt(here.x, unit)
    curvature = dot(unit, product)
    alpha = -dot(unit, here.gradient) / norm / curvature if 0.0 < curvature < inf else 0.0
    return alpha if 0.0 < alpha < inf else 0.0


def _beta(before: Vector, gradient: Vector) -> float:
    old, new = dot(before, before), dot(gradient, gradient)
    if not (old > 0.0 and abs(dot(before, gradient)) < ORTHOGONALITY * new):
        return 0.0
    return max(0.0, dot(gradient, difference(gradient, before)) / old)


def make(rule: AlphaRule, traits: Traits) -> ConjugateGradients:
    search = rule.search(traits)
    if isinstance(search, Wolfe):
        search = search._replace(c2=CONJUGATE_SLOPE)
    return ConjugateGradients(search, rule.step_size, traits.product)
