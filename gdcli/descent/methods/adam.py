"""Adam: the step of RMSProp along a running mean of gradients, both means without their bias.

m ← β₁m + (1 - β₁)∇f and r² ← β₂r² + (1 - β₂)(∇f)² begin at 0, so at step t they are divided by
1 - β₁ᵗ and 1 - β₂ᵗ: x ← x - αm̂/(r̂ + ε); β₁ = 0.9, β₂ = 0.999, ε = 1e-8, α = 0.01 if not given.

Source: D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR (2015), algorithm 1.
"""

from __future__ import annotations

from math import sqrt

from gdcli.descent.methods.moments import mean, move, own_step_size, root_sum
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.step_size import StepSize
from gdcli.descent.vectors import Vector, scaled
from gdcli.named_tuples import NamedTuple

MEAN_DECAY, SQUARES_DECAY = 0.9, 0.999  # β₁, β₂


class Moments(NamedTuple):
    """The number t of steps made, the mean m of gradients, and the root r of that of squares."""

    t: int
    mean: Vector
    root: Vector


class Adam(NamedTuple):
    """Adam with a rule of step sizes."""

    step_size: StepSize
    adaptive: bool = False

    def begin(self, here: Evaluation) -> Moments:
        zero = scaled(0.0, here.gradient)
        return Moments(0, zero, zero)

    def step(self, state: Moments, here: Evaluation, demands: Demands) -> Steps:
        t = state.t + 1
        m = mean(MEAN_DECAY, state.mean, here.gradient, demands.free)
        r = root_sum(SQUARES_DECAY, state.root, 1.0 - SQUARES_DECAY, here.gradient)
        slopes = scaled(1.0 / (1.0 - MEAN_DECAY**t), m)
        root = scaled(1.0 / sqrt(1.0 - SQUARES_DECAY**t), r)
        found = yield from move(self.step_size, here, demands, slopes, root)
        if isinstance(found, Stuck):
            return found
        return Step(found.there, found.alpha, Moments(t, m, r))

    def restart(self, state: Moments, here: Evaluation) -> None:  # noqa: ARG002
        return None


def make(rule: AlphaRule, traits: Traits) -> Adam:  # noqa: ARG001
    return Adam(own_step_size(rule.step_size))
