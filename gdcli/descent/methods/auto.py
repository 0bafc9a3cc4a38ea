"""The automatic choice: newton for up to 200 variables, lbfgs for more and where newton fails.

A run leaves newton, and never comes back, where a Hessian is not finite, where FAILING_STEPS in
turn needed more than MANY_TRIALS each, where newton finds no step, and after MOST_HESSIANS, for
each of many variables takes n³ operations. It begins with lbfgs where a Hessian costs more than
COSTLY_HESSIAN gradients a variable. At kinks the loop has its own method.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from gdcli.descent.methods.lbfgs import make as make_lbfgs
from gdcli.descent.methods.newton import make as make_newton
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import (
    Demands,
    DescentMethod,
    GradientAt,
    HessianAt,
    Request,
    State,
    Step,
    Steps,
    Stuck,
    Traits,
    ValueAt,
)
from gdcli.descent.search import AlphaRule
from gdcli.descent.vectors import Vector, finite
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

COSTLY_HESSIAN = 50.0  # times n, in evaluations of the gradient
FAILING_STEPS = 5  # in turn, after which newton is left
MANY_TRIALS = 10  # of one step
MOST_HESSIANS = {101: 20, 21: 100, 1: 1000}  # of a run of at least so many variables


class AutoState(NamedTuple):
    """The state of the method that is used, which is the second one where the `change` says why.

    `k` is the number of the iterate here, `failing` how many steps in turn needed many trials, and
    `hessians` how many newton has asked for.
    """

    inner: State
    k: int = 0
    failing: int = 0
    hessians: int = 0
    change: str = ""


class Auto(NamedTuple):
    """Newton's method, and the method to which a run may change; None where it begins with it."""

    newton: DescentMethod | None
    lbfgs: DescentMethod

    @property
    def adaptive(self) -> bool:
        return True

    def method_used(self, state: AutoState | None) -> tuple[str, str]:
        """The name of the method that a run in that state ended with, and the change to it."""
        changed = self.newton is None or (state is not None and bool(state.change))
        return ("lbfgs" if changed else "newton"), "" if state is None else state.change

    def begin(self, here: Evaluation) -> AutoState:
        return AutoState((self.newton or self.lbfgs).begin(here))

    def moved(self, state: AutoState, here: Evaluation) -> AutoState:
        """The state at a point to which the loop has moved the run."""
        method = self.lbfgs if state.change else self.newton or self.lbfgs
        return state._replace(inner=method.begin(here), failing=0)

    def step(self, state: AutoState, here: Evaluation, demands: Demands) -> Steps:
        if self.newton is not None and not state.change:
            state = state._replace(k=demands.k)
            found = yield from self._newton_step(state, here, demands)
            if not isinstance(found, str):
                return found
            state = self._changed(state, here, found)
        return _with((yield from self.lbfgs.step(state.inner, here, demands)), state)

    def _newton_step(
        self, state: AutoState, here: Evaluation, demands: Demands
    ) -> Generator[Request, Any, Step | Stuck | str]:
        """A step of newton's; why there is none, where the run is to change."""
        assert self.newton is not None
        if state.failing >= FAILING_STEPS:
            return f"{FAILING_STEPS} steps in turn needed more than {MANY_TRIALS} trials"
        if state.hessians == _most_hessians(len(here.x)):
            return f"{state.hessians} Hessians have not sufficed"
        steps = self.newton.step(state.inner, here, demands)
        trials, answer = 0, None
        while True:
            try:
                request = steps.send(answer)
            except StopIteration as end:
                failing = state.failing + 1 if trials > MANY_TRIALS else 0
                return _with(end.value, state._replace(failing=failing))
            if isinstance(request, HessianAt):
                state = state._replace(hessians=state.hessians + 1)
            trials += isinstance(request, (GradientAt, ValueAt))
            answer = yield request
            if isinstance(request, HessianAt) and not _all_finite(answer):
                return "the Hessian is not finite here"

    def restart(self, state: AutoState, here: Evaluation) -> AutoState | None:
        if self.newton is not None and not state.change:
            return self._changed(state, here, "newton finds no step")
        afresh = self.lbfgs.restart(state.inner, here)
        return None if afresh is None else state._replace(inner=afresh)

    def _changed(self, state: AutoState, here: Evaluation, why: str) -> AutoState:
        change = f"from k = {state.k} on by lbfgs, before by newton: {why}"
        return AutoState(self.lbfgs.begin(here), state.k, change=change)


def _with(found: Step | Stuck, state: AutoState) -> Step | Stuck:
    """The end of a step of the method that is used, as one of auto."""
    if isinstance(found, Stuck):
        return found
    return found._replace(state=state._replace(inner=found.state, k=state.k + 1))


def _most_hessians(n: int) -> int:
    return next(most for fewest, most in MOST_HESSIANS.items() if n >= fewest)


def _all_finite(rows: Sequence[Vector]) -> bool:
    return all(map(finite, rows))


def make(rule: AlphaRule, traits: Traits) -> Auto:
    costly = not traits.hessian or traits.hessian_cost > COSTLY_HESSIAN * traits.n
    newton = None
    if traits.n <= MOST_LISTED_COMPONENTS and not costly:
        newton = make_newton(rule, traits)
    return Auto(newton, make_lbfgs(rule, traits))
