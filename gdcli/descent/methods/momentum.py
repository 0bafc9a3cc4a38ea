"""Momentum, the heavy ball: x(k+1) = x(k) - α∇f(x(k)) + β(x(k) - x(k-1)).

With an α of the user's β is 0.9. Its own α is 1/L, β grows with k, and where f would rise, the last
step is forgotten.

Source: B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1.
"""

from __future__ import annotations

from math import inf

from gdcli.descent.methods.inertia import LENGTHENING, Inertia, lemma_step
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.step_size import StepSize, first_step
from gdcli.descent.vectors import equal, step
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

WEIGHT = 0.9  # β beside an α of the user's
AT_REST = Inertia(t=1.0)  # whose first step is carried on already, by β(1) = 0.28


class Momentum(NamedTuple):
    """Momentum with a rule of step sizes, or with 1/L where there is none.

    `product` says whether Hessians can be multiplied.
    """

    step_size: StepSize | None = None
    product: bool = True

    @property
    def adaptive(self) -> bool:
        return self.step_size is None

    def begin(self, here: Evaluation) -> Inertia:  # noqa: ARG002
        return AT_REST

    def step(self, state: Inertia, here: Evaluation, demands: Demands) -> Steps:
        if self.step_size is None:
            return (yield from self._adaptive_step(state, here, demands))
        alpha = yield from self.step_size.first(here, demands.k)
        if not 0.0 < alpha < inf:
            return Stuck(alpha=alpha)
        x = step(here.x, -alpha, here.gradient)
        carried = state.carried(WEIGHT, demands.free)
        if carried is not None:
            x = step(x, 1.0, carried)
        if equal(x, here.x):
            return Stuck()
        there = yield GradientAt(x)
        return Step(there, alpha, state.after(here, there)) if there.finite else Stuck(there)

    def _adaptive_step(self, state: Inertia, here: Evaluation, demands: Demands) -> Steps:
        alpha = state.alpha or (yield from first_step(here, self.product))
        carried = state.carried(state.weight, demands.free)
        if carried is not None:
            x = step(step(here.x, -alpha, here.gradient), 1.0, carried)
            there = yield GradientAt(x)
            if there.finite and there.f <= here.f + 4.0 * EPSILON * abs(here.f):
                return Step(there, alpha, state.after(here, there, alpha))
        found = yield from lemma_step(here, alpha)
        if isinstance(found, Stuck):
            return found
        longer = LENGTHENING if found.alpha == alpha and carried is None else 1.0
        after = AT_REST.after(here, found.there, longer * found.alpha)
        return Step(found.there, found.alpha, after, near_rounding=found.near_rounding)

    def restart(self, state: Inertia, here: Evaluation) -> Inertia | None:  # noqa: ARG002
        return None if state.alpha is None else AT_REST


def make(rule: AlphaRule, traits: Traits) -> Momentum:
    return Momentum(rule.step_size, traits.product)
