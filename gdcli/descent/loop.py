"""The descent itself: a generator of iterates, which alone counts, stops and notices trouble.

Comes in: an objective, a start, a direction, a step size with or without a safeguard, limits.
Goes out: an `Iterate` for each point in order, sent when the α that leaves it is known (None for
the last), and then `termination`. At any time `here` is the current finite point and `best` the
lowest.
An unguarded step is taken whatever f does and ends the run where f is not finite; a safeguarded
one is shortened. Every run ends: iterations, evaluations and the trials of one search are bounded.

Unguarded steps of fixed α are taken in native code where the objective has a program for them: a
burst of many, to the bit where the loop would be step by step. The step that ends a run is the
loop's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite, isnan, nan
from typing import Any, NamedTuple

from gdcli.descent.direction import Direction, Steepest
from gdcli.descent.iterate import Iterate
from gdcli.descent.objective import Counted, Evaluation, Objective, Spent
from gdcli.descent.precision import Decrease, predicted_decrease
from gdcli.descent.scales import coordinate_scales
from gdcli.descent.step_size import Fixed, NonMonotone, Spectral, StepSize, cauchy_step
from gdcli.descent.stopping import (
    Bounds,
    Limits,
    Outcome,
    Termination,
    at_stationary_kink,
    no_descent_step,
    no_step_size,
    non_finite_step,
    step_too_short,
    to_machine_precision,
    undefined_at_start,
)
from gdcli.descent.subgradient import (
    KINK_RADIUS,
    at_kink,
    confirmed,
    kink_names,
    near_kink,
    on_kink,
    slope_failure,
)
from gdcli.descent.vectors import (
    Vector,
    difference,
    dot,
    equal,
    larger,
    largest,
    scaled,
    sizes,
    step,
)
from gdcli.errors import Sentence, Setting
from gdcli.numbers.floats import EPSILON

STOPPED = (Outcome.MAX_ITERATIONS, Outcome.STALLED)
MOST_BURST_ROWS = 250  # of a burst whose rows are wanted: an interrupt waits until they are sent
MOST_TRIALS = 40  # of one search
MOST_UNDEFINED_TRIALS = 60  # of one search
REDUCTION = 0.1  # of a step to a point that is not finite
FAR_REDUCTION = 1e-10  # of one that was reduced FIRST_FAR_TRIAL times: it may be far too long
FIRST_FAR_TRIAL = 5
STALLED_ITERATIONS = 30  # that lower neither f nor its gradient, before a run looks for a kink
PRECISION_ITERATIONS = 10 * STALLED_ITERATIONS  # before it asks for f's rounding: ∇f may yet fall
MOST_CONFIRMATIONS = 3  # by `grad` of kinks that floats take for stationary: each takes long
MOST_GRADIENT_JUMPS = 10  # of the gradient over next to no distance, before a run looks for a kink


class Step(NamedTuple):
    """A step size and the point it leads to."""

    alpha: float
    there: Evaluation


class IndexedEvaluation(NamedTuple):
    """An evaluated point and its number k in the run."""

    k: int
    at: Evaluation


class Descent:
    """One run: `iterates()` is exhausted once, and then `termination` says how it ended."""

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
        self.wants_rows = True  # else the rows of bursts are left out
        self.burst_rows: list[Iterate] = []  # of the last burst
        self.skipped_rows = 0  # how many were
        self.start = self.here = Evaluation(start, nan, scaled(nan, start), nan)
        self.reached = sizes(start)  # the largest each coordinate was at an iterate that was seen
        # The points of lowest f, and of lowest ‖∇f‖∞ since f fell last.
        self.best = self.best_by_gradient = IndexedEvaluation(0, self.here)
        self.bounds = Bounds(-inf, inf)
        self.stalled_count = self._jump_count = 0
        self._jump_limit = MOST_GRADIENT_JUMPS
        self._confirmations = 0

    @property
    def answer(self) -> IndexedEvaluation:
        """The point that passed a test, else the finite iterate of lowest f."""
        converged = self.termination is not None and self.termination.outcome is Outcome.CONVERGED
        return self.best_by_gradient if converged else self.best

    def iterates(self) -> Iterator[Iterate]:
        """The rows in order; `termination` is set before the last is sent."""
        try:
            self._begin()
            while self.termination is None:
                for row in self._burst():
                    self.last_row = row
                    yield row
                if self.termination is not None or (found := self._advance()) is None:
                    break
                self.last_row = self.row(found.alpha)
                self._move(found)
                yield self.last_row
        except Spent:
            self.termination = self.limits.out_of_evaluations()
        self._finish()
        yield self.row(None)

    def row(self, alpha: float | None) -> Iterate:
        return Iterate(self.k, self.here.x, self.here.f, self.here.gradient_norm, alpha)

    def _burst(self) -> Iterator[Iterate]:
        """Takes some 50 ms of steps in native code, if it can; between two bursts Ctrl-C is heard.

        Yields the rows of the points that were left.
        """
        limits, counted, rule = self.limits, self.objective, self.step_size
        left = min(limits.max_iterations - self.k, limits.max_evaluations - counted.values)
        offers = getattr(counted.objective, "for_steps", None)
        if not (offers and left > 0 and self.safeguard is None and isinstance(rule, Fixed)):
            return
        program: Any = offers(left) if isinstance(self.direction, Steepest) else None
        if program is None or not 0.0 < rule.alpha < inf:
            return
        from gdcli.execute.native import DescentPoint, Settings

        first, began = self.k, self.row(rule.alpha)

        def given(k: int, at: Evaluation) -> DescentPoint:
            return DescentPoint(k - first, *at)

        def found(k: int, *at: Any) -> IndexedEvaluation:
            return IndexedEvaluation(first + k, Evaluation(*at))

        most = MOST_BURST_ROWS if self.wants_rows else program.steps_per_burst
        made = program.descend(
            Settings(rule.alpha, limits.tolerance, self.bounds.lowest, self.bounds.furthest),
            given(first, self.here),
            given(*self.best),
            given(*self.best_by_gradient),
            self.stalled_count,
            min(left, most, program.steps_per_burst),
            self.wants_rows,
        )
        if self.wants_rows and made.steps:
            rows = enumerate(made.rows[:-1], first + 1)
            self.burst_rows = [
                began,
                *(Iterate(k, x, f, norm, rule.alpha) for k, (*x, f, norm) in rows),
            ]
        self.k, self.here = found(*made.here)
        self.best, self.best_by_gradient = found(*made.best), found(*made.best_by_gradient)
        self.stalled_count = made.stalled_count
        self.reached = larger(self.reached, sizes(self.here.x))
        counted.count(made.steps)
        if made.steps:
            self._confirm()
            self.termination = self._termination()
        if not self.wants_rows:
            self.skipped_rows += made.steps
        elif made.steps:
            yield from self.burst_rows

    def _begin(self) -> None:
        local = self.objective.both(self.start.x)
        there = on_kink(self.objective.objective, local)
        self.start = self.here = self._with_kink_gradient(local) if there is local else there
        self.best = self.best_by_gradient = IndexedEvaluation(0, self.here)
        self.bounds = Bounds.around(self.start)
        if self.here.finite:
            self._take_scales()
            self._accept()
        else:
            self.termination = undefined_at_start(self._failure(self.here))

    def _take_scales(self) -> None:
        """Lets steps be in the scales of x where the Hessian overflows, but not in these scales."""
        objective, start, here = self.objective.objective, self.start.x, self.here
        spectral = isinstance(self.step_size, Spectral) and isinstance(self.direction, Steepest)
        if not (spectral and isinstance(start, list) and here.gradient_norm > 0.0):
            return
        scales = coordinate_scales(start, self.reached)
        if isnan(cauchy_step(objective, here, None)) and isfinite(
            cauchy_step(objective, here, scales)
        ):
            self.direction = Steepest(scales)
            self.step_size = self._first_step_size = Spectral(scales=scales)

    def _move(self, found: Step) -> None:
        here, there = self.here, found.there
        self.step_size = self.step_size.after(here, there, found.alpha)
        self.direction = self.direction.after(here, there)
        if self.safeguard is not None:
            self._jump_count += _gradient_jumped(here, there, largest(self.reached))
        self.k, self.here = self.k + 1, there
        self._accept()

    def _accept(self) -> None:
        """Remembers the current point as iterate k and tests whether the run ends there."""
        self._confirm()
        here, best, indexed = self.here, self.best.at, IndexedEvaluation(self.k, self.here)
        self.reached = larger(self.reached, sizes(here.x))
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
        self.termination = self._termination()
        if self.limits.converged(here):
            self.best_by_gradient = indexed

    def _confirm(self) -> None:
        """Asks `grad` where a gradient passes the test: at a kink the local rule may be wrong."""
        if self.k and self.limits.converged(self.here):
            self._replace(self.k, on_kink(self.objective.objective, self.here))

    def _replace(self, k: int, there: Evaluation) -> None:
        """Gives iterate k another gradient."""
        if k == self.k:
            self.here = there
        if k == self.best.k:
            self.best = IndexedEvaluation(k, there)
        if k == self.best_by_gradient.k:
            self.best_by_gradient = IndexedEvaluation(k, there)

    def _termination(self) -> Termination | None:
        if self.here.finite:
            return self.limits.termination(self.k, self.here, self.bounds)
        return self._not_finite(self.here, Sentence("another {} may avoid it", Setting("start")))

    def _finish(self) -> None:
        """Gives the point that is the run's answer the gradient that `grad` answers there.

        Where a limit has stopped the run at a kink where that is 0, it has converged.
        """
        k, there = self.answer
        if k == 0 or not there.finite or self.limits.converged(there):
            return  # the start has it, and so has what passed the test
        there = on_kink(self.objective.objective, there)
        self._replace(k, there)
        stopped = self.termination and self.termination.outcome in STOPPED
        if stopped and self.limits.converged(there):
            self.best_by_gradient = IndexedEvaluation(k, there)
            kink_name = kink_names(self.objective.objective, there.x)
            self.termination = at_stationary_kink(kink_name)

    def _advance(self) -> Step | None:
        """Finds the next step; without one, `termination` is set."""
        if self.safeguard is not None:
            self._diagnose_stall()
        found = self._search()
        if found is None and self._can_restart():
            found = self._search()
        if found is None and self.termination is None:
            self.termination = self._stalled()
        return found

    def _diagnose_stall(self) -> None:
        """Asks, now and then, why steps make no progress: at machine precision, or at a kink.

        Seldom, for it costs evaluations. At neither, a run may no longer let f rise.
        """
        idle = self.stalled_count > 0 and self.stalled_count % STALLED_ITERATIONS == 0
        if not idle and self._jump_count < self._jump_limit:
            return
        self._jump_count = 0
        long = self.stalled_count >= PRECISION_ITERATIONS
        if (long and self._at_precision_limit()) or self._at_kink():
            return
        self._jump_limit *= 2
        if idle:  # spectral steps may bounce about a kink for ever as long as f may rise
            self.safeguard = NonMonotone(memory=1).after(self.here.f)

    def _can_restart(self) -> bool:
        """Whether another search is worth while: from a kink, or with the first step size."""
        if self.termination is not None or self._at_precision_limit():
            return False
        if self.safeguard is not None and self._at_kink():
            return self.termination is None
        afresh = self.step_size != self._first_step_size
        self.step_size = self._first_step_size
        return afresh

    def _search(self) -> Step | None:
        """Tries steps along the direction until one is accepted; None where none is."""
        if self.termination is not None:
            return None
        alpha = self.step_size.at(self.k, self.here, self.objective.objective)
        if not 0.0 < alpha < inf:
            self.termination = no_step_size(self.k, alpha)
            return None
        direction = self.direction.at(self.here)
        if self.safeguard is None:
            return self._unguarded(alpha, direction)
        return self._guarded(alpha, direction, self.safeguard)

    def _unguarded(self, alpha: float, direction: Vector) -> Step | None:
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
        """The first of at most MOST_TRIALS ever shorter steps that the safeguard accepts.

        Those that are not finite do not count, but are at most MOST_UNDEFINED_TRIALS.
        """
        here = there = self.here
        trials = undefined = 0
        while trials < MOST_TRIALS and undefined < MOST_UNDEFINED_TRIALS:
            x = step(here.x, alpha, direction)
            if equal(x, here.x):
                break
            linear_decrease = -dot(scaled(alpha, direction), here.gradient)
            # A first trial is mostly accepted, so its gradient comes along; a later one is f alone.
            first = trials + undefined == 0
            there = self.objective.both(x) if first else self.objective.value_only(x)
            accepted = isfinite(there.f) and safeguard.accepts(there.f, linear_decrease)
            if accepted:
                there = there if first else self.objective.gradient(x, there.f)
                there = self._with_kink_gradient(there)
                if there.finite:
                    return Step(alpha, there)
            if there.finite:
                trials += 1
                alpha = safeguard.shorter(alpha, here.f, there.f, linear_decrease)
            else:
                undefined += 1
                alpha *= FAR_REDUCTION if undefined >= FIRST_FAR_TRIAL else REDUCTION
        if not isfinite(there.f):
            self.termination = self._not_finite(there, "no smaller step avoids it")
        return None

    def _at_precision_limit(self) -> bool:
        """Whether no step can improve f; then the run has converged."""
        self.decrease = predicted_decrease(
            self.objective.objective, self.best_by_gradient.at, self.reached
        )
        if self.decrease.lost:
            self.termination = to_machine_precision(self.decrease)
        return self.decrease.lost

    def _at_kink(self) -> bool:
        """Resolves a kink at the current point: gives it the least-norm gradient, if there is one.

        The run has converged where that gradient is 0. False without a kink, and where `grad` has
        denied so often that one is stationary that floats are not believed any more.
        """
        if not near_kink(self.objective.objective, self.here.x):
            return False
        resolved = at_kink(self.objective, self.here, move=True)
        if resolved is not None and self.limits.converged(resolved):
            if self._confirmations == MOST_CONFIRMATIONS:
                return False
            self._confirmations += 1
            resolved = confirmed(self.objective.objective, resolved)
        if resolved is None or not resolved.finite:
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
        return non_finite_step(there, self._failure(there), f"after step {self.k}", remedy)

    def _failure(self, there: Evaluation) -> str:
        objective = self.objective.objective
        known = objective.failure(there.x) or slope_failure(objective, there.x)
        return known or f"f is {there.f}"

    def _stalled(self) -> Termination:
        if self.safeguard is None:
            return step_too_short(self.here)
        return no_descent_step(self.here, kink_names(self.objective.objective, self.here.x))


def _gradient_jumped(here: Evaluation, there: Evaluation, reached: float) -> bool:
    """Whether the gradient changed by half its size over next to no distance beside `reached`."""
    moved, turned = difference(there.x, here.x), difference(there.gradient, here.gradient)
    near = largest(moved) <= KINK_RADIUS * (reached or 1.0)
    return near and largest(turned) >= 0.5 * here.gradient_norm
