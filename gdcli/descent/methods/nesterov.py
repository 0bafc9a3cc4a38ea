"""Nesterov's accelerated gradient: a step -α∇f(y) from y = x(k) + β(k)(x(k) - x(k-1)).

β(k) grows from 0 to 1 as in the paper. Its own α is 1/L, and where f would rise, the last step is
forgotten.

Source: Yu. E. Nesterov, Soviet Math. Dokl. 27 (1983) 372.
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


class Nesterov(NamedTuple):
    """Nesterov's method with a rule of step sizes, or with 1/L where there is none.

    `product` says whether Hessians can be multiplied.
    """

    step_size: StepSize | None = None
    product: bool = True

    @property
    def adaptive(self) -> bool:
        return self.step_size is None

    def begin(self, here: Evaluation) -> Inertia:  # noqa: ARG002
        return Inertia()

    def step(self, state: Inertia, here: Evaluation, demands: Demands) -> Steps:
        if self.step_size is None:
            return (yield from self._adaptive_step(state, here, demands))
        alpha = yield from self.step_size.first(here, demands.k)
        if not 0.0 < alpha < inf:
            return Stuck(alpha=alpha)
        base, carried = here, state.carried(state.weight, demands.free)
        if carried is not None:
            base = yield GradientAt(step(here.x, 1.0, carried))
            if not base.finite:
                return Stuck(base)
        x = step(base.x, -alpha, base.gradient)
        if equal(x, here.x):
            return Stuck()
        there = yield GradientAt(x)
        return Step(there, alpha, state.after(here, there)) if there.finite else Stuck(there)

    def _adaptive_step(self, state: Inertia, here: Evaluation, demands: Demands) -> Steps:
        alpha = state.alpha or (yield from first_step(here, self.product))
        carried = state.carried(state.weight, demands.free)
        if carried is not None:
            base = yield GradientAt(step(here.x, 1.0, carried))
            if base.finite and base.gradient_norm > 0.0:
                found = yield from lemma_step(base, alpha)
                if not isinstance(found, Stuck):
                    there, longer = found.there, LENGTHENING if found.alpha == alpha else 1.0
                    alpha = found.alpha
                    if there.f <= here.f + 4.0 * EPSILON * abs(here.f):
                        after = state.after(here, there, longer * alpha)
                        return Step(there, alpha, after, near_rounding=found.near_rounding)
            state = Inertia()
        found = yield from lemma_step(here, alpha)
        if isinstance(found, Stuck):
            return found
        longer = LENGTHENING if found.alpha == alpha else 1.0
        after = state.after(here, found.there, longer * found.alpha)
        return Step(found.there, found.alpha, after, near_rounding=found.near_rounding)

    def restart(self, state: Inertia, here: Evaluation) -> Inertia | None:  # noqa: ARG002
        return None if state.alpha is None else Inertia()


def make(rule: AlphaRule, traits: Traits) -> Nesterov:
    return Nesterov(rule.step_size, traits.product)
