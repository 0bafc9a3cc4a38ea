"""The step that is taken as it is, whatever f does there."""

from __future__ import annotations

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, Stuck, Trial, Trials
from gdcli.descent.vectors import Vector, equal, step
from gdcli.named_tuples import NamedTuple


class Unguarded(NamedTuple):
    """The search that accepts the first trial, of the α that a user has given."""

    adaptive: bool = False

    def along(
        self,
        here: Evaluation,
        direction: Vector,
        alpha: float,
        demands: Demands,  # noqa: ARG002
    ) -> Trials:
        x = step(here.x, alpha, direction)
        if equal(x, here.x):
            return Stuck()
        there = yield GradientAt(x)
        return Trial(alpha, there) if there.finite else Stuck(there)

    def after(self, f: float) -> Unguarded:  # noqa: ARG002
        return self
