"""L-BFGS: the quasi-Newton direction of the last pairs of steps and changes of the gradient.

The first step, and each without memory, goes along -∇f to the minimum of the quadratic model.

Source: D. C. Liu, J. Nocedal, Math. Program. 45 (1989) 503.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.descent.methods.pairs import Pairs, no_pairs
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.trials import Search
from gdcli.descent.step_size import SMALLEST_NORMAL, first_step
from gdcli.descent.vectors import Vector, difference, dot, scaled
from gdcli.numbers.floats import EPSILON


class LBFGS(NamedTuple):
    """Limited-memory BFGS with a search; `product` says whether Hessians can be multiplied."""

    search: Search
    product: bool

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    def begin(self, here: Evaluation) -> Pairs:
        return no_pairs(len(here.x))

    def step(self, state: Pairs, here: Evaluation, demands: Demands) -> Steps:
        direction: Vector | None = state.direction(here.gradient, demands.free)
        alpha = 1.0
        if direction is None or not dot(direction, here.gradient) < 0.0:
            state, direction = self.begin(here), scaled(-1.0, here.gradient)
            alpha = yield from first_step(here, self.product)
        found = yield from self.search.along(here, direction, alpha, demands)
        if isinstance(found, Stuck):
            return found
        there = found.there
        s, y = difference(there.x, here.x), difference(there.gradient, here.gradient)
        sy = dot(s, y)
        if sy >= SMALLEST_NORMAL and sy > EPSILON * abs(dot(s, here.gradient)):
            state = state.after(s, y, sy)
        return Step(there, found.alpha, state, near_rounding=found.near_rounding)

    def restart(self, state: Pairs, here: Evaluation) -> Pairs | None:
        return self.begin(here) if state.known else None


def make(rule: AlphaRule, traits: Traits) -> LBFGS:
    return LBFGS(rule.search(traits), traits.product)
