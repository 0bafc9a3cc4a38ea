"""RMSProp: each variable has its own step, α over the root of the mean of its squared slopes.

x(k+1) = x(k) - α∇f/(r + ε), where r² ← βr² + (1 - β)(∇f)²; β = 0.9, ε = 1e-8, and α = 0.01 where
none is given.

Source: T. Tieleman, G. Hinton, Lecture 6.5, Coursera: Neural Networks for Machine Learning (2012).
"""

from __future__ import annotations

from gdcli.descent.methods.moments import move, own_step_size, root_sum
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.step_size import StepSize
from gdcli.descent.vectors import Vector, scaled
from gdcli.named_tuples import NamedTuple

DECAY = 0.9  # β


class RMSProp(NamedTuple):
    """RMSProp with a rule of step sizes. It remembers r."""

    step_size: StepSize
    adaptive: bool = False

    def begin(self, here: Evaluation) -> Vector:
        return scaled(0.0, here.gradient)

    def step(self, state: Vector, here: Evaluation, demands: Demands) -> Steps:
        root = root_sum(DECAY, state, 1.0 - DECAY, here.gradient)
        found = yield from move(self.step_size, here, demands, here.gradient, root)
        return found if isinstance(found, Stuck) else Step(found.there, found.alpha, root)

    def restart(self, state: Vector, here: Evaluation) -> None:  # noqa: ARG002
        return None


def make(rule: AlphaRule, traits: Traits) -> RMSProp:  # noqa: ARG001
    return RMSProp(own_step_size(rule.step_size))
