"""The descent itself: a generator of iterates, which alone counts, stops and notices trouble.

Comes in: an objective, a start, a direction, a step size with or without a safeguard, limits.
Goes out: an `Iterate` for each point in order, sent when the α that leaves it is known (None for
the last), and then `termination`. At any time `here` is the current finite point and `best` the
lowest.
An unguarded step is taken whatever f does and ends the run where f is not finite; a safeguarded
one is shortened. Every run ends: iterations, evaluations and the trials of one search are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite, nan

from gdcli.descent.burst import burst
from gdcli.descent.direction import Direction
from gdcli.descent.iterate import IndexedEvaluation, Iterate, Step
from gdcli.descent.objective import Counted, Evaluation, Objective, Spent
from gdcli.descent.precision import Decrease, predicted_decrease
from gdcli.descent.step_size import NonMonotone, StepSize
from gdcli.descent.stopping import Bounds, Limits, Outcome, Termination
from gdcli.descent.subgradient import KINK_RADIUS, at_kink
from gdcli.descent.terminations import (
    at_stationary_kink,
    no_descent_step,
    no_step_size,
    non_finite_step,
    step_too_short,
    to_machine_precision,
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
from gdcli.errors import Sentence, Setting

MOST_TRIALS = 40  # of one search
STALLED_ITERATIONS = (
    30  # iterates that improve neither f nor its gradient, before a run looks for a kink
)
PRECISION_ITERATIONS = (
    10 * STALLED_ITERATIONS
)  # and before it asks whether f is at its rounding error: ∇f may still fall
MOST_GRADIENT_JUMPS = 10  # of the gradient over next to no distance, before a run looks for a kink


class Descent:
    """One run. `iterates()` is to be exhausted once; then `termination` says how it ended."""

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
        self.termination: Termination | None = None
        self.decrease: Decrease | None = None  # what the rule of machine precision measured
        self.k = 0
        self.last_row: Iterate | None = None  # the row of the point that was left last
        self.wants_rows = True  # else rows may be left out, in stretches of native code
        self.skipped_rows = 0  # rows that were
        self.start = self.here = Evaluation(start, nan, scaled(nan, start), nan)
        self.best = self.best_by_gradient = IndexedEvaluation(
            0, self.here
        )  # of lowest f; of lowest ‖∇f‖∞ lately
        self.bounds = Bounds(-inf, inf)
        self.stalled_count = self._jump_count = 0
        self._jump_limit = MOST_GRADIENT_JUMPS

    @property
    def answer(self) -> IndexedEvaluation:
        """The point that passed the test, else the finite iterate of lowest f."""
        converged = self.termination is not None and self.termination.outcome is Outcome.CONVERGED
        return self.best_by_gradient if converged else self.best

    def iterates(self) -> Iterator[Iterate]:
        """The rows in order. `termination` is set when the last is sent."""
        try:
            self._begin()
            while self.termination is None:
                for row in burst(self):
                    self.last_row = row
                    yield row
                if self.termination is not None or (found := self._advance()) is None:
                    break
                self.last_row = self.row(found.alpha)
                self._move(found)
                yield self.last_row
        except Spent:
            self.termination = self.limits.out_of_evaluations()
        yield self.row(None)

    def row(self, alpha: float | None) -> Iterate:
        """The current point as a row."""
        return Iterate(self.k, self.here.x, self.here.f, self.here.gradient_norm, alpha)

    def resume(
        self,
        steps: int,
        here: IndexedEvaluation,
        best: IndexedEvaluation,
        best_by_gradient: IndexedEvaluation,
        stalled_count: int,
    ) -> None:
        """Goes on from where so many ordinary steps have led."""
        self.k, self.here = here
        self.best, self.best_by_gradient, self.stalled_count = best, best_by_gradient, stalled_count
        self.objective.count(steps)
        if steps:
            self.termination = self.limits.termination(self.k, self.here, self.bounds)

    def _begin(self) -> None:
        self.here = self.objective.both(self.start.x)
        self.start = self.here = self._with_kink_gradient(self.here)
        self.best = self.best_by_gradient = IndexedEvaluation(0, self.here)
        self.bounds = Bounds.around(self.start)
        if self.here.finite:
            self._accept()
        else:
            failure = self.objective.objective.failure(self.here.x) or f"f is {self.here.f}"
            self.termination = undefined_at_start(failure)

    def _move(self, found: Step) -> None:
        """Take the step."""
        here, there = self.here, found.there
        self.step_size = self.step_size.after(here, there, found.alpha)
        self.direction = self.direction.after(here, there)
        if self.safeguard is not None:
            self._jump_count += _gradient_jumped(here, there)
        self.k, self.here = self.k + 1, there
        self._accept()

    def _accept(self) -> None:
        """The current point, k, becomes part of the run's memory and is tested."""
        here, best, indexed = self.here, self.best.at, IndexedEvaluation(self.k, self.here)
        fell = not here.f >= best.f - 4.0 * EPSILON * abs(best.f)
        self.decrease = None
        self.stalled_count += 1
        if fell or here.gradient_norm < self.best_by_gradient.at.gradient_norm:
            self.best_by_gradient = indexed
            self.stalled_count = 0
        if not here.f >= best.f or (here.gradient_norm < best.gradient_norm and here.f == best.f):
            self.best = indexed
        if self.safeguard is not None:
            self.safeguard = self.safeguard.after(here.f)
        self.termination = self.limits.termination(self.k, here, self.bounds)
        if self.limits.converged(here):
            self.best_by_gradient = indexed

    def _advance(self) -> Step | None:
        """The next step; without one, `termination` says why."""
        if self.safeguard is not None:
            self._diagnose_stall()
        found = self._search()
        if found is None and self._can_restart():
            found = self._search()
        if found is None and self.termination is None:
            self.termination = self._stalled()
        return found

    def _diagnose_stall(self) -> None:
        """Look why a run that still takes steps gets nowhere: seldom, for it costs evaluations."""
        idle = self.stalled_count > 0 and self.stalled_count % STALLED_ITERATIONS == 0
        if not idle and self._jump_count < self._jump_limit:
            return
        self._jump_count = 0
        if self._at_precision_limit(self.stalled_count >= PRECISION_ITERATIONS) or self._at_kink():
            return
        self._jump_limit *= 2
        if idle:  # spectral steps may bounce about a kink for ever as long as f may rise
            self.safeguard = NonMonotone(memory=1).after(self.here.f)

    def _can_restart(self) -> bool:
        """After a failed search: whether a kink's gradient or the first step size is worth one."""
        if self.termination is not None or self._at_precision_limit(True):
            return False
        if self.safeguard is not None and self._at_kink():
            return self.termination is None
        afresh = self.step_size != self._first_step_size
        self.step_size = self._first_step_size
        return afresh

    def _search(self) -> Step | None:
        """Trial steps along the direction until one is accepted; None where none is."""
        if self.termination is not None:
            return None
        alpha = self.step_size.at(self.k, self.here)
        if not 0.0 < alpha < inf:
            self.termination = no_step_size(self.k, alpha)
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
        there = self._with_kink_gradient(self.objective.both(x))
        if there.finite:
            return Step(alpha, there)
        remedy = Sentence("a smaller {} may avoid it", Setting("alpha"))
        self.termination = self._not_finite(there, remedy)
        return None

    def _guarded(self, alpha: float, direction: Vector, safeguard: NonMonotone) -> Step | None:
        """The first of at most 40 ever shorter steps that the safeguard accepts."""
        here = there = self.here
        for trial in range(MOST_TRIALS):
            x = step(here.x, alpha, direction)
            if equal(x, here.x):
                break
            linear_decrease = -dot(scaled(alpha, direction), here.gradient)
            # A first trial is mostly accepted, so its gradient comes along; a later one is f alone.
            there = self.objective.value_only(x) if trial else self.objective.both(x)
            accepted = isfinite(there.f) and safeguard.accepts(there.f, linear_decrease)
            if accepted:
                there = self.objective.gradient(x, there.f) if trial else there
                there = self._with_kink_gradient(there)
                if there.finite:
                    return Step(alpha, there)
            seen = there.f if there.finite else nan
            alpha = safeguard.shorter(alpha, here.f, seen, linear_decrease)
        if not isfinite(there.f):
            self.termination = self._not_finite(there, "no smaller step avoids it")
        return None

    def _at_precision_limit(self, asked: bool) -> bool:
        """Whether, where `asked`, no step can improve f: then the run has converged."""
        if not asked:
            return False
        self.decrease = predicted_decrease(self.objective.objective, self.best_by_gradient.at)
        if self.decrease.lost:
            self.termination = to_machine_precision(self.decrease)
        return self.decrease.lost

    def _at_kink(self) -> bool:
        """Whether the current point lies at a kink; it takes the least-norm gradient there.

        Where that is 0 the run has converged, else it goes on with it from here.
        """
        resolved = at_kink(self.objective, self.here, move=True)
        if resolved is None:
            return False
        self.here = resolved
        self.best_by_gradient = IndexedEvaluation(self.k, resolved)
        if resolved.f <= self.best.at.f:
            self.best = self.best_by_gradient
        if self.limits.converged(resolved):
            kink_name = kink_names(self.objective.objective, resolved.x)
            self.termination = at_stationary_kink(kink_name)
        self.safeguard = NonMonotone().after(resolved.f)
        self.step_size = self._first_step_size
        self.stalled_count = 0
        return True

    def _with_kink_gradient(self, there: Evaluation) -> Evaluation:
        """`there`, with its least-norm gradient where f is finite and its gradient is not."""
        if there.finite or not isfinite(there.f):
            return there
        return at_kink(self.objective, there, move=False) or there

    def _not_finite(self, there: Evaluation, remedy: str) -> Termination:
        failure = self.objective.objective.failure(there.x)
        return non_finite_step(there, failure or f"f is {there.f}", f"after step {self.k}", remedy)

    def _stalled(self) -> Termination:
        if self.safeguard is None:
            return step_too_short(self.here)
        return no_descent_step(self.here, kink_names(self.objective.objective, self.here.x))


def kink_names(objective: Objective, x: Vector) -> str:
    """The names of the kinks within reach of a sample around x; empty where there are none."""
    names = objective.kinks(x, KINK_RADIUS * max(1.0, largest(x)))
    return " and ".join([*names[:3], *(["others"] if names[3:] else [])])


def _gradient_jumped(here: Evaluation, there: Evaluation) -> bool:
    """Whether the gradient changed by half its size over next to no distance."""
    moved, turned = difference(there.x, here.x), difference(there.gradient, here.gradient)
    near = largest(moved) <= KINK_RADIUS * max(1.0, largest(here.x))
    return near and largest(turned) >= 0.5 * here.gradient_norm
