"""The descent itself: a generator of iterates, which alone counts, stops and notices trouble.

Comes in: an objective, a start, a method, limits, and bounds where there are some. Goes out: an
`Iterate` for each point in order, sent when the step that leaves it is known (the last one has
none), and then `termination`. At any time `here` is the current finite point and `best` the lowest.
The loop answers what a method asks for (`requests.py`). Nothing else evaluates f on the way, so
that nothing is evaluated outside the box, or uncounted. A method that is not adaptive takes its
steps whatever f does, and ends the run where f is not finite. Every run ends: iterations,
evaluations and the trials of one search are bounded.

Steps of a fixed α are taken in native code where the objective has a program for them: a burst of
many, to the bit where the loop would be step by step. The step that ends a run is the loop's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite, nan
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gdcli.descent.box import ACTIVE_DISTANCE, LANDING_DISTANCE
from gdcli.descent.iterate import Iterate
from gdcli.descent.objective import Counted, Evaluation, Judging, Objective, Spent
from gdcli.descent.poles import Pole, Poles, falls_towards, poles
from gdcli.descent.precision import Decrease, predicted_decrease, predicted_in_box
from gdcli.descent.requests import (
    Demands,
    DescentMethod,
    GradientAt,
    HessianAt,
    ProductAt,
    Request,
    Step,
    Steps,
    Stuck,
    Traits,
    ValueAt,
)
from gdcli.descent.result import Escape
from gdcli.descent.scales import coordinate_scales, scaled_hessian
from gdcli.descent.stopping import (
    Bounds,
    Limits,
    Outcome,
    StoppingTest,
    Termination,
    at_edges,
    at_stationary_kink,
    falling_towards,
    interrupted_late,
    no_descent_step,
    no_step_size,
    non_finite_step,
    step_too_short,
    to_machine_precision,
    undefined_at_start,
)
from gdcli.descent.subgradient import (
    KINK_RADIUS,
    around_kink,
    at_kink,
    confirmed,
    kink_names,
    near_kink,
    on_kink,
    slope_failure,
)
from gdcli.descent.turning import Height
from gdcli.descent.vectors import (
    Vector,
    difference,
    dot,
    equal,
    largest,
    reaching,
    scaled,
    sizes,
    step,
    vector,
)
from gdcli.descent.verdict import (
    Curvature,
    Verdict,
    curvature,
    judged_in_box,
    unshown,
    verdict,
    verdict_at_edge,
    verdict_on_slope,
)
from gdcli.errors import Sentence, Setting
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.descent.edges import DomainEdge
    from gdcli.descent.stop_rule import StopRule

UNFINISHED_OUTCOMES = (Outcome.MAX_ITERATIONS, Outcome.STALLED)
MOST_BURST_ROWS = 250  # of a burst whose rows are wanted: an interrupt waits until they are sent
STALLED_ITERATIONS = 30  # that lower neither f nor its gradient, before a run looks for a kink
PRECISION_ITERATIONS = 10 * STALLED_ITERATIONS  # before it asks for f's rounding: ∇f may yet fall
MOST_STEPS_NEAR_ROUNDING = 5  # that lower neither, before it asks for f's rounding too
MOST_ESCAPE_LENGTHS = 5  # each ten times as far from a saddle as the one before
MOST_CONFIRMATIONS = 3  # by `grad` of kinks that floats take for stationary: each takes long
KINK_METHOD = "bfgs"
NEAR_KINK_STEPS = 10  # after which a second kink hands over a method that knows curvature alone
MOST_KINK_EVALUATIONS = 5000  # of another one, before it hands over too
MOST_GRADIENT_JUMPS = 10  # of the gradient over next to no distance, before a run looks for a kink


class IndexedEvaluation(NamedTuple):
    """An evaluated point and its number k in the run."""

    k: int
    at: Evaluation


class Descent:
    """One run: `iterates()` is exhausted once, and then `termination` says how it ended.

    It stays in the `box`, where there is one, and leaves up to `most_escapes` saddles. A
    `stop_rule` is asked at each iterate. `began` is when the run began, by the clock.
    """

    def __init__(
        self,
        objective: Objective,
        start: Vector,
        method: DescentMethod,
        limits: Limits,
        box: Box | None = None,
        most_escapes: int = 0,
        stop_rule: StopRule | None = None,
        seed: int = 0,
    ) -> None:
        self.objective = Counted(objective, limits.max_evaluations)
        self.method = method
        self.state: Any = None  # what the method remembers
        self.limits = limits
        self.box = self.given_box = box
        self.most_escapes = most_escapes
        self.escapes: list[Escape] = []
        self.stop_rule = stop_rule
        self.seed = seed  # of the random directions in which a verdict looks
        self.rule_test: StoppingTest | None = None  # of the rule, at the last iterate
        self.began = perf_counter()
        self.scales: Vector | None = None  # s, where the method descends by y = x/s
        self.termination: Termination | None = None
        self.judged = False
        self.curvature: Curvature | None = None
        self.verdict: Verdict | None = None
        self.decrease: Decrease | None = None  # what the rule of machine precision measured
        self.k = 0
        self.poles: Poles | None = None  # those that adaptive steps stay before
        self.edges: list[DomainEdge] = []  # of the domain, on which coordinates are held
        self._pole: Pole | None = None  # that a trial of this step met last
        self._left_domain = False  # whether a trial of this step has
        self._left_steps = 0  # how many steps had such a trial
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
        self._sampled: Evaluation | None = None  # stationary by samples, which `grad` may deny
        self.successor = ""  # the method that has gone on, if another has
        self._kink_k = -inf  # of the last kink that was resolved
        self._monotone = False
        self._near_rounding_count = 0  # steps in turn, since one lowered f or its gradient
        # Whether the formula has any; None where there is no formula.
        self._has_kinks: bool | None = getattr(objective, "has_kinks", None)
        # The fixed α with which native code may take many steps at once, None where there is none.
        self.burst_alpha: float | None = getattr(method, "burst_alpha", None)

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return perf_counter() - self.began

    @property
    def answer(self) -> IndexedEvaluation:
        """The point that passed a test, else the finite iterate of lowest f."""
        converged = self.termination is not None and self.termination.outcome is Outcome.CONVERGED
        return self.best_by_gradient if converged else self.best

    def iterates(self) -> Iterator[Iterate]:
        """The rows in order; `termination` is set before the last is sent."""
        try:
            self._begin()
            self._examine_gradient("start")
            while self.termination is None:
                if self.burst_alpha is not None:
                    for row in self._burst(self.burst_alpha):
                        self.last_row = row
                        yield row
                if self.termination is None and (found := self._advance()) is not None:
                    self.last_row = self.row(found.alpha, found.radius)
                    self._move(found)
                    yield self.last_row
                if self.termination is not None and self._escape():
                    yield self.last_row
        except Spent:
            late = self.limits.out(self.k, self.seconds)
            self.termination = late or self.limits.out_of_evaluations()
        self._finish()
        if self.k:
            self._examine_gradient("end")
        yield self.row(None)

    def row(
        self, alpha: float | None, radius: float | None = None, event: str | None = None
    ) -> Iterate:
        here = self.here
        return Iterate(self.k, here.x, here.f, here.gradient_norm, alpha, radius, event)

    def _burst(self, alpha: float) -> Iterator[Iterate]:
        """Takes some 50 ms of steps in native code, if it can; between two bursts Ctrl-C is heard.

        Yields the rows of the points that were left.
        """
        limits, counted = self.limits, self.objective
        if self.box is not None or self.stop_rule is not None:
            return
        left = min(limits.max_iterations - self.k, limits.max_evaluations - counted.values)
        offers = getattr(counted.objective, "for_steps", None)
        program: Any = offers(left) if offers and left > 0 and 0.0 < alpha < inf else None
        if program is None:
            return
        from gdcli.execute.native import DescentPoint, Settings

        first, began = self.k, self.row(alpha)

        def given(k: int, at: Evaluation) -> DescentPoint:
            return DescentPoint(k - first, *at[:4])

        def found(k: int, *at: Any) -> IndexedEvaluation:
            return IndexedEvaluation(first + k, Evaluation(*at))

        most = MOST_BURST_ROWS if self.wants_rows else program.steps_per_burst
        made = program.descend(
            Settings(alpha, limits.tolerance, self.bounds.lowest, self.bounds.furthest),
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
                *(Iterate(k, x, f, norm, alpha) for k, (*x, f, norm) in rows),
            ]
        self.k, self.here = found(*made.here)
        self.best, self.best_by_gradient = found(*made.best), found(*made.best_by_gradient)
        self.stalled_count = made.stalled_count
        self.reached = reaching(self.reached, self.here.x)
        counted.count(made.steps)
        if made.steps:
            self._confirm()
            self.termination = self._termination()
        if not self.wants_rows:
            self.skipped_rows += made.steps
        elif made.steps:
            yield from self.burst_rows

    def _begin(self) -> None:
        start = self.start.x if self.box is None else self.box.project(self.start.x)
        local = self._measured(self.objective.both(start))
        there = self._on_kink(local)
        self.start = self.here = self._with_kink_gradient(local) if there is local else there
        self.best = self.best_by_gradient = IndexedEvaluation(0, self.here)
        self.bounds = Bounds.around(self.start)
        if self.here.finite:
            self.state = self.method.begin(self._seen(self.here))
            self._accept(self._landed(self.here) if self.limits.converged(self.here) else self.here)
        else:
            self.termination = undefined_at_start(self._failure(self.here))

    def _move(self, found: Step) -> None:
        here, there = self.here, found.there
        self.state = found.state
        if self._has_kinks is not False and self.method.adaptive:
            self._jump_count += _gradient_jumped(here, there, largest(self.reached))
        self.k += 1
        self._accept(there)
        if found.near_rounding and self.stalled_count:
            self._near_rounding_count += 1
        else:
            self._near_rounding_count = 0

    def _accept(self, there: Evaluation) -> None:
        """Remembers `there` as iterate k and tests whether the run ends there.

        A start beside a bound on which f is -∞ is kept, and the run ends.
        """
        if self.termination is not None:
            return
        self.here = there
        if self.limits.converged(there):
            self._confirm()
        here, best, indexed = self.here, self.best.at, IndexedEvaluation(self.k, self.here)
        self.reached = reaching(self.reached, here.x)
        fell = not here.f >= best.f - 4.0 * EPSILON * abs(best.f)
        self.decrease = None
        self.stalled_count += 1
        if fell or here.gradient_norm < self.best_by_gradient.at.gradient_norm:
            self.best_by_gradient = indexed
            self.stalled_count = 0
        if not here.f >= best.f or (here.gradient_norm < best.gradient_norm and here.f == best.f):
            self.best = indexed
        self.termination = self._termination()
        if self.limits.converged(here):
            self.best_by_gradient = indexed

    def _landed(self, here: Evaluation) -> Evaluation:
        """A point with its variables on bounds close by to which -∇f leads.

        Where f is not higher there. What passes only because it is close to a bound may have a pole
        there: where f falls without bound to it the run ends before it.
        """
        if self.box is None:
            return here
        scales = coordinate_scales(here.x, self.reached)
        distances = [scaled(part, scales) for part in (LANDING_DISTANCE, ACTIVE_DISTANCE)]
        distances.append(vector([here.gradient_norm] * len(here.x)))  # where scales are tiny
        for distance in distances:
            x = self.box.landed(here.x, here.gradient, distance)
            if equal(x, here.x):
                continue
            there = self._with_kink_gradient(self._measured(self.objective.both(x)))
            if there.f == -inf:
                self.termination = self._not_finite(there, "")
            elif not isfinite(there.f) and falls_towards(
                self.objective, x, here.gradient, self.box
            ):
                self.termination = falling_towards("on a bound", here)
            if self.termination is not None:
                self._left_domain = False
                break
            if there.f <= here.f:
                return there
        return here

    def _confirm(self) -> None:
        """Asks `grad` where a gradient passes the test: at a kink the local rule may be wrong."""
        if self.k and self.limits.converged(self.here):
            self._replace(self.k, self._on_kink(self.here))

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
            seconds = 0.0 if self.limits.max_time is None else self.seconds
            if self.stop_rule is not None:
                self.rule_test = self.stop_rule(self.row(None), self.last_row, self.seconds)
            limits = self.limits
            found = limits.termination(self.k, self.here, self.bounds, seconds, self.rule_test)
            if self.edges and found is not None and found.outcome is Outcome.CONVERGED:
                return at_edges([edge.name for edge in self.edges], found)
            return found
        return self._not_finite(self.here, Sentence("another {} may avoid it", Setting("start")))

    def _examine_gradient(self, place: str) -> None:
        """Ends the run where an objective whose gradient was given says that it is not that of f.

        Such a run has not converged.
        """
        examined = getattr(self.objective.objective, "wrong_gradient", None)
        found = None if examined is None else examined(self.answer.at, place)
        if found is not None:
            known = None if self.termination is None else self.termination.outcome
            outcome = Outcome.STALLED if known in (None, Outcome.CONVERGED) else known
            self.termination = Termination(outcome, f"{outcome.status}: {found}")

    def _finish(self) -> None:
        """Gives the point that is the run's answer the gradient that `grad` answers there.

        Where a limit has stopped the run at a kink where that is 0, it has converged.
        """
        k, there = self.answer
        if k == 0 or not there.finite or self.limits.converged(there):
            return  # the start has it, and so has what passed the test
        try:
            there = self._on_kink(there)
        except Spent:
            return  # on a bound a kink is told by evaluations, and none are left
        self._replace(k, there)
        stopped = self.termination and self.termination.outcome in UNFINISHED_OUTCOMES
        if stopped and self.limits.converged(there):
            self.best_by_gradient = IndexedEvaluation(k, there)
            kink_name = kink_names(self.objective.objective, there.x)
            self.termination = at_stationary_kink(kink_name)

    def _advance(self) -> Step | None:
        """Finds the next step; without one, `termination` is set."""
        if self.method.adaptive:
            if self.last_row is None:  # at the first step
                self.poles = poles(self.objective.objective)
            if self._left_domain:
                self._left_steps += 1
                if self._at_edge(stuck=self._left_steps % STALLED_ITERATIONS == 0):
                    return None
            self._diagnose_stall()
        found = self._search()
        if (
            found is None
            and self._left_domain
            and self.method.adaptive
            and self._at_edge(stuck=True)
        ):
            return None
        if found is None and self._can_restart():
            found = self._search()
        stuck = found is None and self.termination is None
        if stuck and self._has_kinks and self._hands_over(sure=True):
            found = self._search()
        if found is None and self.termination is None and self._has_kinks:
            found = self._leaves_samples()
        if found is None and self.termination is None and self.method.adaptive:
            self._landed(self.here)  # a pole on a bound may be why
        if found is None and self.termination is None:
            self.termination = self._stalled()
        return found

    def _leaves_samples(self) -> Step | None:
        """A step from a point beside kinks, by the samples further around.

        Where these say that it is stationary, or those near by do, the run has converged. To `grad`
        it may not be, for floats need not lie on kinks: 3x = -0.5 has no solution among them.
        """
        here, known = self.here, self._sampled
        if not self.method.adaptive or not near_kink(self.objective.objective, here.x):
            return None
        if known is not None and equal(known.x, here.x):
            samples = iter([known])
        elif self.box is None:
            samples = around_kink(self.objective, here)
        else:
            return None
        for sampled in samples:
            self.here = sampled
            if self.limits.converged(sampled):
                self.best_by_gradient = IndexedEvaluation(self.k, sampled)
                kink_name = kink_names(self.objective.objective, sampled.x)
                self.termination = at_stationary_kink(kink_name)
                return None
            self.state = self.method.begin(self._seen(sampled))
            found = self._search()
            if found is not None or self.termination is not None:
                return found
        self.here = here
        return None

    def _diagnose_stall(self) -> None:
        """Asks, now and then, why steps make no progress: at machine precision, or at a kink.

        Seldom, for it costs evaluations. At neither, a run may no longer let f rise.
        """
        if self._has_kinks and self.k and self.k % STALLED_ITERATIONS == 0:
            counted = self.objective
            if counted.hessians or counted.values >= MOST_KINK_EVALUATIONS:
                self._hands_over()
        if not (self.stalled_count or self._jump_count):
            return
        if self._near_rounding_count >= MOST_STEPS_NEAR_ROUNDING:
            self._near_rounding_count = 0
            if self._at_precision_limit():
                return
        idle = self.stalled_count > 0 and self.stalled_count % STALLED_ITERATIONS == 0
        if not idle and self._jump_count < self._jump_limit:
            return
        self._jump_count = 0
        long = self.stalled_count >= PRECISION_ITERATIONS
        if (long and self._at_precision_limit()) or self._at_kink():
            return
        self._jump_limit *= 2
        self._monotone |= idle  # spectral steps may bounce about a kink for ever if f may rise

    def _at_edge(self, stuck: bool = False) -> bool:
        """Ends the run near a pole to which f falls; holds coordinates at edges of the domain.

        False where the point is near neither.
        """
        self._left_domain = False
        if self._falls_to_pole():
            return True
        here, counted = self.here, self.objective
        from gdcli.descent.edges import DOMAIN_EDGE_DISTANCE, STUCK_EDGE_DISTANCE, Held, edges

        whole = self._unheld
        held = [one.coordinate for one in self.edges]
        for edge in edges(
            whole, here.x, held, STUCK_EDGE_DISTANCE if stuck else DOMAIN_EDGE_DISTANCE
        ):
            x = here.x.copy()
            x[edge.coordinate] = edge.place
            if self.box is not None and self.box.project(x) != x:
                continue
            if edge.open and falls_towards(counted, x, here.gradient, self.box):
                self.termination = falling_towards(f"of {edge.name}", here)
                return True
            f = counted.value(x)
            if isfinite(f) and f <= here.f + 4.0 * EPSILON * abs(here.f):
                self.edges.append(edge)
                here = here._replace(x=x)
        if here is self.here:
            return False
        counted.objective = Held(whole, self.edges)
        self.box = self._held_box()
        self.here = self._measured(counted.both(here.x))
        self.best_by_gradient = IndexedEvaluation(self.k, self.here)
        if self.here.f <= self.best.at.f:
            self.best = self.best_by_gradient
        self.termination = self._termination()
        self._begin_anew()
        self.stalled_count, self._monotone = 0, False
        return True

    def _falls_to_pole(self) -> bool:
        """Ends the run where f falls without bound to a pole, on which it all but is."""
        here, pole = self.here, self._pole
        self._pole = None
        if self.poles is not None and not (pole is not None and pole.is_near(here.x)):
            pole = self.poles.at_hand(here.x, here.gradient)
        if pole is None or not falls_towards(self.objective, pole.x, here.gradient, self.box):
            return False
        self.termination = falling_towards(f"of {pole.name}", here)
        return True

    def _is_cut_off(self, x: Vector, there: Vector) -> bool:
        """Whether a pole lies between two points."""
        ahead = None if self.poles is None else self.poles.ahead(self.objective, x, there)
        return ahead is not None

    def _leave_edges(self) -> None:
        """Lets the coordinates go that are held at edges of the domain."""
        if self.edges:
            self.objective.objective = self._unheld
            self.box, self.edges = self.given_box, []

    @property
    def _unheld(self) -> Objective:
        """The objective with all its slopes."""
        objective = self.objective.objective
        found: Objective = getattr(objective, "unheld", objective)
        return found

    @property
    def gradient(self) -> Vector:
        """The gradient at the answer; at an edge of the domain its slopes may be infinite."""
        here = self.answer.at
        return self._unheld.evaluate_gradient(here.x)[1] if self.edges else here.gradient

    def _held_box(self) -> Box:
        """The box in which the coordinates at edges stay where they are."""
        from gdcli.descent.box import Box

        n = len(self.here.x)
        low, high = ([-inf] * n, [inf] * n) if self.box is None else map(list, self.box)
        for edge in self.edges:
            low[edge.coordinate] = high[edge.coordinate] = edge.place
        return Box(low, high)

    def _can_restart(self) -> bool:
        """Whether another step is worth while: from a kink, or with nothing remembered."""
        if self.termination is not None or self._at_precision_limit():
            return False
        if self.method.adaptive and self._at_kink():
            return self.termination is None
        afresh = self.method.restart(self.state, self._seen(self.here))
        if afresh is None:
            return False
        self.state = afresh
        return True

    def _search(self) -> Step | None:
        """The method's next step; None where it finds none, or where the run has ended."""
        if self.termination is not None:
            return None
        try:
            found = self._driven()
        except _Overflow:
            self.scales = coordinate_scales(self.here.x, self.reached)
            self._begin_anew()
            found = self._driven()
        if isinstance(found, Step):
            found = found if self.scales is None else found._replace(there=self._told(found.there))
            if self.box is not None and self.limits.converged(found.there):
                found = found._replace(there=self._landed(found.there))
            return found if self.termination is None else None
        if found.alpha is not None:
            self.termination = no_step_size(self.k, found.alpha)
        elif found.there is not None and found.there.reach is None:
            remedy: str = "no smaller step avoids it"
            if not self.method.adaptive:
                remedy = Sentence("a smaller {} may avoid it", Setting("alpha"))
            if self.method.adaptive:
                self._landed(self.here)
            if self.termination is None:
                self.termination = self._not_finite(self._told(found.there), remedy)
        return None

    def _begin_anew(self) -> None:
        """Tells the method that the loop has moved the run here."""
        here = self._seen(self.here)
        moved = getattr(self.method, "moved", None)
        self.state = moved(self.state, here) if moved else self.method.begin(here)

    def _driven(self) -> Step | Stuck:
        """What the method's step ends with, once all that it asks for is answered."""
        box, here, free = self.box, self.here, None
        here = here if self.scales is None else self._seen(here)
        if box is not None:
            free = box.free(self.here.x, self.here.gradient)
            box = box if self.scales is None else box.scaled(self.scales)
        steps: Steps = self.method.step(
            self.state, here, Demands(self.k, box, free, self._monotone)
        )
        answer: Any = None
        while True:
            try:
                request = steps.send(answer)
            except StopIteration as end:
                found: Step | Stuck = end.value
                return found
            answer = self._answered(request)

    def _answered(self, request: Request) -> Any:
        """The answer to what a method asks. Raises `_Overflow` where that needs scales."""
        counted, scales = self.objective, self.scales
        if self.limits.max_time is not None and self.limits.out_of_time(self.seconds):
            raise Spent
        x = request.x if scales is None else _products(scales, request.x)
        if isinstance(request, (GradientAt, ValueAt)):
            aim, kept = x, 1.0
            if self.box is not None:
                x = self.box.project(x)
            if self.poles is not None:
                pole = self.poles.ahead(counted, self.here.x, x)
                if pole is not None:
                    self._pole, self._left_domain = pole, True
                    if self.box is not None:
                        kept = self.box.kept_part(self.here.x, aim)
                    there = Evaluation(x, inf, [], inf, kept * pole.reach)
                    return there if scales is None else self._seen(there)
            if isinstance(request, ValueAt):
                there = counted.value_only(x)
            else:
                here, f = self.here, request.f
                there = counted.both(x, here) if f is None else counted.gradient(x, f, here)
                there = there if self.box is None else self._measured(there)
                if not there.finite:
                    there = self._with_kink_gradient(there)
            if not isfinite(there.f):
                self._left_domain = True
            return there if scales is None else self._seen(there)
        if isinstance(request, HessianAt):
            return self._hessian(x)
        if isinstance(request, ProductAt):
            return self._product(x, request.direction)
        return counted.objective.rounding_error(x)

    def _hessian(self, x: Vector) -> list[Vector] | None:
        rows: list[Vector] = self.objective.hessian(x)
        if self.scales is None and all(isfinite(largest(row)) for row in rows):
            return rows
        known = rows if all(isfinite(largest(row)) for row in rows) else None
        scales = self.scales or coordinate_scales(x, self.reached)
        found = scaled_hessian(self.objective.objective, x, scales, known)
        if self.scales is None and found is not None:
            raise _Overflow
        return rows if found is None else found

    def _product(self, x: Vector, direction: Vector) -> Vector:
        if self.scales is not None:
            along = self.objective.product(x, _products(self.scales, direction))
            return _products(self.scales, along)
        found = self.objective.product(x, direction)
        if isinstance(x, list) and not isfinite(dot(direction, found)):
            scales = coordinate_scales(x, self.reached)
            along = _products(scales, self.here.gradient)
            along = _products(scales, scaled(1.0 / (largest(along) or 1.0), along))
            if isfinite(largest(_products(scales, self.objective.product(x, along)))):
                raise _Overflow
        return found

    def _measured(self, there: Evaluation) -> Evaluation:
        """`there` with the norm that the stopping test is of."""
        if self.box is None:
            return there
        return there._replace(gradient_norm=self.box.residual(there.x, there.gradient))

    def _seen(self, there: Evaluation) -> Evaluation:
        """A point as the method sees it: by y = x/s, where there are scales."""
        if self.scales is None or there.gradient == []:
            return there if self.scales is None else there._replace(x=self._inward(there.x))
        slopes = _products(self.scales, there.gradient)
        return there._replace(x=self._inward(there.x), gradient=slopes)

    def _told(self, there: Evaluation) -> Evaluation:
        """The point that a method has seen so."""
        if self.scales is None:
            return there
        slopes = [g / s for g, s in zip(there.gradient, self.scales, strict=False)]
        return there._replace(x=_products(self.scales, there.x), gradient=slopes)

    def _inward(self, x: Vector) -> Vector:
        return [c / s for c, s in zip(x, self.scales or [], strict=True)]

    def judge(self) -> None:
        """Finds the curvature at the answer, and the verdict on it.

        There is none on a run that has neither converged nor been stopped by a rule; where that has
        stopped it on a slope, the verdict says so.
        """
        assert self.termination is not None
        self.judged = True
        outcome, here = self.termination.outcome, self.answer.at
        counting = Judging(self.objective.objective)
        try:
            self._judge(counting, here, outcome in (Outcome.CONVERGED, Outcome.STOPPED))
        finally:
            self.objective.judged += counting.count
        if outcome is Outcome.CONVERGED and not self.limits.converged(here):
            self.verdict = unshown(self.objective.objective, here, self.verdict)
        if outcome is Outcome.STOPPED and not (
            self.verdict is None or self.verdict.minimum or self.limits.converged(here)
        ):
            self.verdict = verdict_on_slope(here, self.limits.tested)

    def _judge(self, objective: Any, here: Evaluation, whole: bool) -> None:
        """Finds the curvature, and if `whole` the verdict."""
        if examine := getattr(objective, "examine_hessian", None):
            examine(here)
        edge = (
            f"at the edge of {' and '.join(one.name for one in self.edges)}" if self.edges else ""
        )
        box = self.given_box
        if box is not None:
            if here.finite and (whole or not edge):
                tolerance = self.limits.tolerance if whole else None
                self.curvature, self.verdict = judged_in_box(
                    objective, here, self.reached, box, tolerance, self.seed, edge
                )
            return
        if edge:
            if whole:
                self.verdict = verdict_at_edge(objective, here, self.reached, edge, self.seed)
            return
        if here.finite:
            self.curvature = curvature(objective, here.x)
        if whole:
            self.verdict = verdict(objective, here, self.reached, self.curvature, self.seed)

    def _escape(self) -> bool:
        """Leaves the saddle at which the run has converged, for a point where f is lower.

        A run that has made no step stays: it was asked about its start.
        """
        assert self.termination is not None
        converged = self.termination.outcome is Outcome.CONVERGED
        if not converged or self.k == 0 or len(self.escapes) == self.most_escapes:
            return False
        before = self.objective.judged
        try:
            self.judge()
        except KeyboardInterrupt as interrupt:
            message = self.termination.message
            self.termination = interrupted_late(interrupt, "the end was judged", message)
            return False
        if self.verdict is None or self.verdict.witness is None:
            return False
        if self._is_cut_off(self.answer.at.x, self.verdict.witness):
            return False
        kind, witness = self.verdict.classification, self.verdict.witness
        self.objective.count(0, self.objective.judged - before)
        self.objective.judged = before
        k, saddle = self.answer
        self._leave_edges()
        x = self._further(saddle, witness)
        there = self._with_kink_gradient(self._measured(self.objective.both(x)))
        if not there.finite or largest(there.gradient) <= self.limits.tolerance:
            return False  # what is level below the tolerance is no way down
        self.escapes.append(Escape(k, saddle.x, saddle.f, kind))
        self.last_row = self.row(None, event="escape")
        self.termination = self.verdict = self.curvature = None
        self.judged = False
        self.k, self.here = self.k + 1, there
        self.stalled_count, self._monotone = 0, False
        self._begin_anew()
        self.best_by_gradient = IndexedEvaluation(self.k, there)
        self._accept(there)
        return True

    def _further(self, saddle: Evaluation, x: Vector) -> Vector:
        """The point beyond x on the way from the saddle up to which f falls, ten times as far each
        time.
        """
        lowest = self.objective.value(x)
        for _ in range(MOST_ESCAPE_LENGTHS):
            beyond = step(saddle.x, 10.0, difference(x, saddle.x))
            beyond = beyond if self.box is None else self.box.project(beyond)
            if self._is_cut_off(x, beyond):
                break
            f = self.objective.value(beyond)
            if not f < lowest:
                break
            x, lowest = beyond, f
        return x

    def _at_precision_limit(self) -> bool:
        """Whether no step can improve f; then the run has converged."""
        here, objective = self.best_by_gradient.at, self.objective.objective
        if self.box is None:
            self.decrease = predicted_decrease(objective, here, self.reached)
        else:
            self.decrease = predicted_in_box(objective, here, self.reached, self.box)
        if not self.decrease.lost or self._is_at_infinite_slope(here.x, self.decrease):
            return False
        if not self._falls_to_pole():
            self.termination = to_machine_precision(self.decrease)
        return True

    def _is_at_infinite_slope(self, x: Vector, decrease: Decrease) -> bool:
        """Whether a kink at x is why the rounding of f hides what a step could bring.

        Where sqrt(abs(u)) is 0 the bound of its rounding has no bound itself, and a little beside
        it is what it is in the valley that leads on.
        """
        objective = self.objective.objective
        if not self._has_kinks or not near_kink(objective, x):
            return False
        beside = [c + KINK_RADIUS * max(1.0, abs(c)) for c in x]
        return decrease.predicted > objective.rounding_error(beside)

    def _at_kink(self) -> bool:
        """Resolves a kink at the current point: gives it the least-norm gradient, if there is one.

        The run has converged where that gradient is 0. False without a kink, and where `grad` has
        denied so often that one is stationary that floats are not believed any more.
        """
        if not near_kink(self.objective.objective, self.here.x):
            return False
        resolved = at_kink(self.objective, self.here, move=True, box=self.box)
        if resolved is not None and self.limits.converged(resolved):
            if self._confirmations == MOST_CONFIRMATIONS:
                return False
            self._confirmations += 1
            self._sampled = resolved
            if self.box is None or not self.box.active(resolved.x):
                resolved = self._measured(confirmed(self.objective.objective, resolved))
        if resolved is None or not resolved.finite:
            return False
        self.here = resolved
        self.best_by_gradient = IndexedEvaluation(self.k, resolved)
        if resolved.f <= self.best.at.f:
            self.best = self.best_by_gradient
        if self.limits.converged(resolved):
            kink_name = kink_names(self.objective.objective, resolved.x)
            self.termination = at_stationary_kink(kink_name)
        self._begin_anew()
        self._monotone = False
        self.stalled_count = 0
        near, self._kink_k = self.k - self._kink_k <= NEAR_KINK_STEPS, self.k
        if self.termination is None and near and self.objective.hessians:
            self._hands_over(sure=True)
        return True

    def _hands_over(self, sure: bool = False) -> bool:
        """Lets bfgs go on near a kink, where the memory of its slopes is what leads along it.

        False a second time, and where none is near, unless that is `sure`.
        """
        if not self.method.adaptive or self.successor:
            return False
        if not (sure or near_kink(self.objective.objective, self.here.x)):
            return False
        from gdcli.descent.methods import DESCENT_METHODS
        from gdcli.descent.search import AlphaRule

        self.successor = KINK_METHOD
        record = DESCENT_METHODS[KINK_METHOD]
        traits = Traits(len(self.here.x), kinks=True, box=self.box, tolerance=self.limits.tolerance)
        self.method = record.make(AlphaRule(record.own), traits)
        self.state = self.method.begin(self._seen(self.here))
        self._monotone = False
        return True

    def _on_kink(self, here: Evaluation) -> Evaluation:
        """`here`, at a kink with the gradient of `grad`, or on bounds with a sampled one."""
        there = on_kink(self.objective.objective, here)
        if there is here or self.box is None:
            return there
        if self.box.active(here.x):
            return at_kink(self.objective, here, move=False, box=self.box) or here
        return self._measured(there)

    def _with_kink_gradient(self, there: Evaluation) -> Evaluation:
        """`there`, with its least-norm gradient where f is finite and its gradient is not."""
        if there.finite or not isfinite(there.f):
            return there
        return at_kink(self.objective, there, move=False, box=self.box) or there

    def _not_finite(self, there: Evaluation, remedy: str) -> Termination:
        return non_finite_step(there, self._failure(there), f"after step {self.k}", remedy)

    def _failure(self, there: Evaluation) -> str:
        objective = self.objective.objective
        known = objective.failure(there.x) or slope_failure(objective, there.x)
        return known or Sentence("f is {}", Height(there.f))

    def _stalled(self) -> Termination:
        if not self.method.adaptive:
            return step_too_short(self.here, self.limits.tested)
        kink_name = kink_names(self.objective.objective, self.here.x)
        return no_descent_step(self.here, kink_name, self.limits.tested)


class _Overflow(Exception):
    """Raised in place of second derivatives by x that are finite only in the scales of x."""


def _products(a: Vector, b: Vector) -> Vector:
    return [left * right for left, right in zip(a, b, strict=True)]


def _gradient_jumped(here: Evaluation, there: Evaluation, reached: float) -> bool:
    """Whether the gradient changed by half its size over next to no distance beside `reached`."""
    least = KINK_RADIUS * (reached or 1.0)
    if there.change is not None:
        return there.change.moved <= least and there.change.turned >= 0.5 * here.gradient_norm
    if largest(difference(there.x, here.x)) > least:
        return False
    return largest(difference(there.gradient, here.gradient)) >= 0.5 * here.gradient_norm
