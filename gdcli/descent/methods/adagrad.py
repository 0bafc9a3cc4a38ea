"""AdaGrad: each variable has its own step, α over the root of the sum of its squared slopes.

x(k+1) = x(k) - α∇f/(r + ε), where r² = Σ(∇f)² over all steps; ε = 1e-8, α = 0.01 if not given.

Source: J. Duchi, E. Hazan, Y. Singer, J. Mach. Learn. Res. 12 (2011) 2121.
"""

from __future__ import annotations

from gdcli.descent.methods.moments import move, own_step_size, root_sum
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.step_size import StepSize
from gdcli.descent.vectors import Vector, scaled
from gdcli.named_tuples import NamedTuple


class AdaGrad(NamedTuple):
    """AdaGrad with a rule of step sizes. It remembers r."""

    step_size: StepSize
    adaptive: bool = False

    def begin(self, here: Evaluation) -> Vector:
        return scaled(0.0, here.gradient)

    def step(self, state: Vector, here: Evaluation, demands: Demands) -> Steps:
        root = root_sum(1.0, state, 1.0, here.gradient)
        found = yield from move(self.step_size, here, demands, here.gradient, root)
        return found if isinstance(found, Stuck) else Step(found.there, found.alpha, root)

    def restart(self, state: Vector, here: Evaluation) -> None:  # noqa: ARG002
        return None


def make(rule: AlphaRule, traits: Traits) -> AdaGrad:  # noqa: ARG001
    return AdaGrad(own_step_size(rule.step_size))
