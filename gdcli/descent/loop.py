"""The descent itself: a generator of iterates, which alone counts, stops and notices trouble.

Comes in: an objective, a start, a direction, a step size with or without a safeguard, limits.
Goes out: an `Iterate` for each point in order, sent when the α that leaves it is known (None for
the last), and then `ending`. At any time `here` is the current finite point and `best` the lowest.
An unguarded step is taken whatever f does and ends the run where f is not finite; a safeguarded
one is shortened. Every run ends: iterations, evaluations and the trials of one search are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite, nan

from gdcli.descent.burst import stretch
from gdcli.descent.direction import Direction
from gdcli.descent.iterate import Iterate, Placed, Step
from gdcli.descent.objective import Counted, Evaluation, Objective, Spent
from gdcli.descent.precision import Decrease, possible_decrease
from gdcli.descent.step_size import NonMonotone, StepSize
from gdcli.descent.stopping import Bounds, Ending, Limits, Outcome
from gdcli.descent.subgradient import RADIUS, at_kink
from gdcli.descent.terminations import (
    at_stationary_kink,
    beyond_numbers,
    no_step_size,
    no_way_down,
    to_machine_precision,
    too_short,
    undefined_at_start,
)
from gdcli.descent.vectors import (
    EPSILON,
    Vector,
    difference,
    dot,
    equal,
    largest,
    scaled,
    step,
)

TRIALS = 40  # of one search
PATIENCE = 30  # iterates that improve neither f nor its gradient, before a run looks for a kink
PRECISION = (
    10 * PATIENCE
)  # and before it asks whether f is at its rounding error: ∇f may still fall
JUMPS = 10  # of the gradient over next to no distance, before a run looks for a kink


class Descent:
    """One run. `iterates()` is to be exhausted once; then `ending` says how it ended."""

    def __init__(
        self,
        objective: Objective,
        start: Vector,
        direction: Direction,
        step_size: StepSize,
        safeguard: NonMonotone | None,
        limits: Limits,
    ) -> None:
        self.objective = Counted(objective, limits.max_evaluations)
        self.direction = direction
        self.step_size = self._first_step_size = step_size
        self.safeguard = safeguard
        self.limits = limits
        self.ending: Ending | None = None
        self.decrease: Decrease | None = None  # what the rule of machine precision measured
        self.k = 0
        self.left: Iterate | None = None  # the row of the point that was left last
        self.wants_rows = True  # else rows may be left out, in stretches of native code
        self.passed_over = 0  # rows that were
        self.start = self.here = Evaluation(start, nan, scaled(nan, start), nan)
        self.best = self.calmest = Placed(0, self.here)  # of lowest f; of lowest ‖∇f‖∞ lately
        self.bounds = Bounds(-inf, inf)
        self.waited = self._jumps = 0
        self._jumps_borne = JUMPS

    @property
    def answer(self) -> Placed:
        """The point that passed the test, else the finite iterate of lowest f."""
        converged = self.ending is not None and self.ending.outcome is Outcome.CONVERGED
        return self.calmest if converged else self.best

    def iterates(self) -> Iterator[Iterate]:
        """The rows in order. `ending` is set when the last is sent."""
        try:
            self._begin()
            while self.ending is None:
                for row in stretch(self):
                    self.left = row
                    yield row
                if self.ending is not None or (found := self._advance()) is None:
                    break
                self.left = self.row(found.alpha)
                self._move(found)
                yield self.left
        except Spent:
            self.ending = self.limits.out_of_evaluations()
        yield self.row(None)

    def row(self, alpha: float | None) -> Iterate:
        """The current point as a row."""
        return Iterate(self.k, self.here.x, self.here.f, self.here.gradient_norm, alpha)

    def resume(self, steps: int, here: Placed, best: Placed, calmest: Placed, waited: int) -> None:
        """Goes on from where so many ordinary steps have led."""
        self.k, self.here = here
        self.best, self.calmest, self.waited = best, calmest, waited
        self.objective.count(steps)
        if steps:
            self.ending = self.limits.ending(self.k, self.here, self.bounds)

    def _begin(self) -> None:
        self.here = self.objective.both(self.start.x)
        self.start = self.here = self._settled(self.here)
        self.best = self.calmest = Placed(0, self.here)
        self.bounds = Bounds.around(self.start)
        if self.here.finite:
            self._accept()
        else:
            failure = self.objective.objective.failure(self.here.x) or f"f is {self.here.f}"
            self.ending = undefined_at_start(failure)

    def _move(self, found: Step) -> None:
        """Take the step."""
        here, there = self.here, found.there
        self.step_size = self.step_size.after(here, there, found.alpha)
        self.direction = self.direction.after(here, there)
        if self.safeguard is not None:
            self._jumps += _jumped(here, there)
        self.k, self.here = self.k + 1, there
        self._accept()

    def _accept(self) -> None:
        """The current point, k, becomes part of the run's memory and is tested."""
        here, best, placed = self.here, self.best.at, Placed(self.k, self.here)
        fell = not here.f >= best.f - 4.0 * EPSILON * abs(best.f)
        self.decrease = None
        self.waited += 1
        if fell or here.gradient_norm < self.calmest.at.gradient_norm:
            self.calmest = placed
            self.waited = 0
        if not here.f >= best.f or (here.gradient_norm < best.gradient_norm and here.f == best.f):
            self.best = placed
        if self.safeguard is not None:
            self.safeguard = self.safeguard.after(here.f)
        self.ending = self.limits.ending(self.k, here, self.bounds)
        if self.limits.converged(here):
            self.calmest = placed

    def _advance(self) -> Step | None:
        """The next step; without one, `ending` says why."""
        if self.safeguard is not None:
            self._look_at_times()
        found = self._search()
        if found is None and self._other_way():
            found = self._search()
        if found is None and self.ending is None:
            self.ending = self._stalled()
        return found

    def _look_at_times(self) -> None:
        """Look why a run that still takes steps gets nowhere: seldom, for it costs evaluations."""
        idle = self.waited > 0 and self.waited % PATIENCE == 0
        if not idle and self._jumps < self._jumps_borne:
            return
        self._jumps = 0
        if self._at_precision_limit(self.waited >= PRECISION) or self._at_kink():
            return
        self._jumps_borne *= 2
        if idle:  # spectral steps may bounce about a kink for ever as long as f may rise
            self.safeguard = NonMonotone(memory=1).after(self.here.f)

    def _other_way(self) -> bool:
        """After a failed search: whether a kink's gradient or the first step size is worth one."""
        if self.ending is not None or self._at_precision_limit(True):
            return False
        if self.safeguard is not None and self._at_kink():
            return self.ending is None
        afresh = self.step_size != self._first_step_size
        self.step_size = self._first_step_size
        return afresh

    def _search(self) -> Step | None:
        """Trial steps along the direction until one is accepted; None where none is."""
        if self.ending is not None:
            return None
        alpha = self.step_size.at(self.k, self.here)
        if not 0.0 < alpha < inf:
            self.ending = no_step_size(self.k, alpha)
            return None
        direction = self.direction.at(self.here)
        if self.safeguard is None:
            return self._unguarded(alpha, direction)
        return self._guarded(alpha, direction, self.safeguard)

    def _unguarded(self, alpha: float, direction: Vector) -> Step | None:
        """The step as it is."""
        x = step(self.here.x, alpha, direction)
        if equal(x, self.here.x):
            return None
        there = self._settled(self.objective.both(x))
        if there.finite:
            return Step(alpha, there)
        self.ending = self._not_finite(there, "a smaller --alpha may avoid it")
        return None

    def _guarded(self, alpha: float, direction: Vector, safeguard: NonMonotone) -> Step | None:
        """The first of at most 40 ever shorter steps that the safeguard accepts."""
        here = there = self.here
        for trial in range(TRIALS):
            x = step(here.x, alpha, direction)
            if equal(x, here.x):
                break
            promised = -dot(scaled(alpha, direction), here.gradient)
            # A first trial is mostly accepted, so its gradient comes along; a later one is f alone.
            there = self.objective.value_only(x) if trial else self.objective.both(x)
            accepted = isfinite(there.f) and safeguard.accepts(there.f, promised)
            if accepted:
                there = self.objective.gradient(x, there.f) if trial else there
                there = self._settled(there)
                if there.finite:
                    return Step(alpha, there)
            seen = there.f if there.finite else nan
            alpha = safeguard.shorter(alpha, here.f, seen, promised)
        if not isfinite(there.f):
            self.ending = self._not_finite(there, "no smaller step avoids it")
        return None

    def _at_precision_limit(self, asked: bool) -> bool:
        """Whether, where `asked`, no step can improve f: then the run has converged."""
        if not asked:
            return False
        self.decrease = possible_decrease(self.objective.objective, self.calmest.at)
        if self.decrease.lost:
            self.ending = to_machine_precision(self.decrease)
        return self.decrease.lost

    def _at_kink(self) -> bool:
        """Whether the current point lies at a kink; it takes the least-norm gradient there.

        Where that is 0 the run has converged, else it goes on with it from here.
        """
        resolved = at_kink(self.objective, self.here, move=True)
        if resolved is None:
            return False
        self.here = resolved
        self.calmest = Placed(self.k, resolved)
        if resolved.f <= self.best.at.f:
            self.best = self.calmest
        if self.limits.converged(resolved):
            named = touched(self.objective.objective, resolved.x)
            self.ending = at_stationary_kink(named)
        self.safeguard = NonMonotone().after(resolved.f)
        self.step_size = self._first_step_size
        self.waited = 0
        return True

    def _settled(self, there: Evaluation) -> Evaluation:
        """`there`, with its least-norm gradient where f is finite and its gradient is not."""
        if there.finite or not isfinite(there.f):
            return there
        return at_kink(self.objective, there, move=False) or there

    def _not_finite(self, there: Evaluation, remedy: str) -> Ending:
        failure = self.objective.objective.failure(there.x)
        return beyond_numbers(there, failure or f"f is {there.f}", f"after step {self.k}", remedy)

    def _stalled(self) -> Ending:
        if self.safeguard is None:
            return too_short(self.here)
        return no_way_down(self.here, touched(self.objective.objective, self.here.x))


def touched(objective: Objective, x: Vector) -> str:
    """The names of the kinks within reach of a sample around x; empty where there are none."""
    names = objective.kinks(x, RADIUS * max(1.0, largest(x)))
    return " and ".join([*names[:3], *(["others"] if names[3:] else [])])


def _jumped(here: Evaluation, there: Evaluation) -> bool:
    """Whether the gradient changed by half its size over next to no distance."""
    moved, turned = difference(there.x, here.x), difference(there.gradient, here.gradient)
    near = largest(moved) <= RADIUS * max(1.0, largest(here.x))
    return near and largest(turned) >= 0.5 * here.gradient_norm
