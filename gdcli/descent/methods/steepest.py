"""Steepest descent, d = -∇f(x). (A.-L. Cauchy, 1847.)

Its own step sizes are spectral, with the non-monotone search that they need; with an α of the
user's they are taken as they are: x(k+1) = x(k) - α∇f(x(k)) to the last bit.
"""

from __future__ import annotations

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Step, Steps, Stuck, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.trials import Search
from gdcli.descent.step_size import Fixed, Spectral, StepSize
from gdcli.descent.vectors import scaled
from gdcli.named_tuples import NamedTuple


class SteepestState(NamedTuple):
    """The rule that proposes the next α, and the search that accepts it."""

    step_size: StepSize
    search: Search


class Steepest(NamedTuple):
    """Steepest descent with a rule of step sizes and a search."""

    step_size: StepSize
    search: Search

    @property
    def adaptive(self) -> bool:
        return self.search.adaptive

    @property
    def burst_alpha(self) -> float | None:
        """The fixed α with which native code may take many steps at once, None without one."""
        return self.step_size.alpha if isinstance(self.step_size, Fixed) else None

    def begin(self, here: Evaluation) -> SteepestState:
        return SteepestState(self.step_size, self.search.after(here.f))

    def step(self, state: SteepestState, here: Evaluation, demands: Demands) -> Steps:
        box = demands.box
        if box is not None:
            here = here._replace(gradient=box.inward(here.x, here.gradient))
        alpha = yield from state.step_size.first(here, demands.k)
        if not 0.0 < alpha < float("inf"):
            return Stuck(alpha=alpha)
        found = yield from state.search.along(here, scaled(-1.0, here.gradient), alpha, demands)
        if isinstance(found, Stuck):
            return found
        there = found.there if box is None else _where_moved(here, found.there)
        rule = state.step_size.after(here, there, found.alpha)
        after = SteepestState(rule, state.search.after(found.there.f))
        return Step(found.there, found.alpha, after, near_rounding=found.near_rounding)

    def restart(self, state: SteepestState, here: Evaluation) -> SteepestState | None:  # noqa: ARG002
        return (
            None if state.step_size == self.step_size else state._replace(step_size=self.step_size)
        )


def _where_moved(here: Evaluation, there: Evaluation) -> Evaluation:
    """`there` with the gradient of `here` in variables that a bound has kept in their place."""
    if not isinstance(here.x, list):
        import numpy

        gradient = numpy.where(here.x == there.x, here.gradient, there.gradient)
        return there._replace(gradient=gradient)
    entries = zip(here.x, there.x, here.gradient, there.gradient, strict=True)
    return there._replace(gradient=[g if c == d else h for c, d, g, h in entries])


def make(rule: AlphaRule, traits: Traits) -> Steepest:
    return Steepest(rule.step_size or Spectral(), rule.search(traits))
