"""How a run ends: the outcomes, the limits, the stopping tests and the sentence for each case.

Comes in: an evaluated point, the start, the counts. Goes out: a `Termination` or None, and the list
of tests that a report prints. A stopping test is a field of Limits or Bounds, a case of the
`termination` there and a row of the `tests` there; what a test remembers from point to point is
counted in `Descent._accept` of `loop.py`. Bursts of native code must test the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from math import inf, isfinite

from gdcli.descent.objective import Evaluation, Evaluations
from gdcli.descent.precision import Decrease
from gdcli.descent.turning import Height, said
from gdcli.errors import Sentence, Setting, count_of, interruption
from gdcli.functions.arguments import number, whole
from gdcli.named_tuples import NamedTuple

UNBOUNDED_FACTOR = 1e20  # how much further than the start counts as without bound, for f and for x
TIME_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
OUTCOME_EXIT_STATUS = {
    "converged": 0,
    "stopped": 0,
    "max_iterations": 3,
    "stalled": 3,
    "unbounded": 4,
    "diverged": 4,
    "undefined": 4,
    "interrupted": 130,
}


class Outcome(Enum):
    """What became of a run; the value is the sentence that is shown."""

    CONVERGED = "converged: the gradient is zero within the tolerance"
    STOPPED = "stopped: a rule of the user's became true"
    MAX_ITERATIONS = "stopped at a limit before the gradient was zero within the tolerance"
    STALLED = "stalled: no step makes progress, though the gradient is not zero"
    UNBOUNDED = "unbounded: f falls without bound"
    DIVERGED = "diverged: the iterates run away"
    UNDEFINED = "undefined: the function or its gradient is not a finite number"
    INTERRUPTED = "interrupted"

    @property
    def status(self) -> str:
        """The word a script reads, as in 'max_iterations'."""
        return self.name.lower()

    @property
    def exit_status(self) -> int:
        """What the command line ends with, but for a converged run at no minimum: see `Result`."""
        return OUTCOME_EXIT_STATUS[self.status]


class Termination(NamedTuple):
    """An outcome, and a sentence with the numbers of this run.

    `manner` follows the word `converged` where the tolerance is not why: ` to machine precision`.
    """

    outcome: Outcome
    message: str
    manner: str = ""


class StoppingTest(NamedTuple):
    """What a stopping test measured, its limit, and whether it is met."""

    name: str
    value: float | None
    limit: float
    met: bool


class Bounds(NamedTuple):
    """How far a run may get: f below `lowest` is unbounded, ‖x‖∞ beyond `furthest` diverged."""

    lowest: float
    furthest: float

    @classmethod
    def around(cls, start: Evaluation) -> Bounds:
        """f₀ - 1e20·max(1, |f₀|) and 1e20·max(1, ‖x₀‖∞)."""
        lowest = start.f - UNBOUNDED_FACTOR * max(1.0, abs(start.f))
        return cls(lowest, UNBOUNDED_FACTOR * max(1.0, start.size))

    def termination(self, here: Evaluation) -> Termination | None:
        """The termination of a run that is at `here`, if that is too far."""
        if here.f < self.lowest:
            message = "unbounded: f {falls} without bound; it reached {:.3g}"
            return Termination(Outcome.UNBOUNDED, said(message, Height(here.f)))
        if here.size > self.furthest:
            far = f"the largest coordinate reached {here.size:.3g}"
            return Termination(Outcome.DIVERGED, f"{Outcome.DIVERGED.value}; {far}")
        return None

    def tests(self, here: Evaluation) -> tuple[StoppingTest, ...]:
        far = here.size
        return (
            StoppingTest("unbounded", here.f, self.lowest, here.f < self.lowest),
            StoppingTest("diverged", far, self.furthest, far > self.furthest),
        )


class Limits(NamedTuple):
    """The tolerance of ‖∇f‖∞, and how long a run may be."""

    tolerance: float = 1e-8
    max_iterations: int = 10_000
    max_evaluations: int = 50_000
    max_time: float | None = None  # seconds

    @property
    def tested(self) -> str:
        """What the tolerance is of, in words."""
        return "gradient"

    def check(self) -> Limits:
        """The limits as Python's numbers. Raises `UsageError` for one that means nothing."""
        return Limits(
            number(self.tolerance, "tolerance", "0 or a positive number", lambda t: t >= 0),
            whole(self.max_iterations, "max_iterations", 0),
            whole(self.max_evaluations, "max_evaluations", 1),
            self.max_time,
        )

    def converged(self, here: Evaluation) -> bool:
        return here.gradient_norm <= self.tolerance

    def out_of_time(self, seconds: float) -> bool:
        return self.max_time is not None and seconds >= self.max_time

    def termination(
        self,
        k: int,
        here: Evaluation,
        bounds: Bounds,
        seconds: float = 0.0,
        rule: StoppingTest | None = None,
    ) -> Termination | None:
        """The termination of a run whose iterate k is the finite point `here`, if it ends here.

        So many `seconds` have passed, and `rule` is the test of a rule of the user's, if any.
        """
        if found := bounds.termination(here):
            return found
        if here.gradient_norm <= self.tolerance:
            return self.passed(here)
        if rule is not None and rule.met:
            return stopped_by(rule, k)
        return self.out(k, seconds)

    def out(self, k: int, seconds: float) -> Termination | None:
        """The termination of a run at the limit of iterations or of time."""
        if k >= self.max_iterations:
            return self.out_of_iterations()
        if self.out_of_time(seconds):
            return self._at_limit(f"{self.max_time:g} s")
        return None

    def passed(self, here: Evaluation) -> Termination:
        """The termination of a run whose gradient passed the test."""
        return Termination(
            Outcome.CONVERGED,
            f"converged: the largest component of the {self.tested}, {here.gradient_norm:.3g}, "
            f"is within the tolerance {self.tolerance:.3g}",
        )

    def out_of_iterations(self) -> Termination:
        return self._at_limit(count_of(self.max_iterations, "iteration"))

    def out_of_evaluations(self) -> Termination:
        return self._at_limit(f"{count_of(self.max_evaluations, 'evaluation')} of f")

    def _at_limit(self, limit: str) -> Termination:
        return Termination(
            Outcome.MAX_ITERATIONS,
            f"stopped after {limit}, the limit, before the gradient was zero within the tolerance",
        )

    def tests(
        self, gradient_norm: float, k: int, count: Evaluations, seconds: float = 0.0
    ) -> tuple[StoppingTest, ...]:
        tests = (
            _at_most(self.tested, gradient_norm, self.tolerance),
            _at_least("iterations", k, self.max_iterations),
            _at_least("evaluations", count.value, self.max_evaluations),
        )
        return (
            tests
            if self.max_time is None
            else (*tests, _at_least("seconds", seconds, self.max_time))
        )


def duration(given: object, argument: str) -> float:
    """The seconds that a number, or a text such as `10s`, `2m` and `1h`, gives; positive.

    Raises UsageError for another.
    """
    wanted = "a positive number of seconds, or a time such as 10s, 2m or 1h"
    if isinstance(given, str):
        count, unit = given.strip(), 1.0
        if count[-1:] in TIME_UNITS:
            count, unit = count[:-1].rstrip(), TIME_UNITS[count[-1]]
        with suppress(ValueError):
            given = float(count if count.isascii() and "_" not in count else "") * unit
    return number(given, argument, wanted, lambda seconds: seconds > 0)


def stopped_by(rule: StoppingTest, k: int) -> Termination:
    """The termination of a run that a rule of the user's has stopped at iterate k."""
    value = "undefined" if rule.value is None else f"{rule.value:.6g}"
    return Termination(
        Outcome.STOPPED, f"stopped at k = {k} by the rule {rule.name}: the value is {value}"
    )


class BoxLimits(Limits):
    """The limits of a run in a box, where the tolerance is that of ‖x - P(x - ∇f)‖∞."""

    __slots__ = ()

    @property
    def tested(self) -> str:
        return "projected gradient"


def to_machine_precision(decrease: Decrease) -> Termination:
    """The termination of a run that no step improves; the gradient is above the tolerance."""
    return Termination(
        Outcome.CONVERGED,
        said(
            "converged to machine precision: no step can improve f, because the predicted "
            "{decrease} {:.3g} is below its rounding error {:.3g}",
            *(decrease.predicted, decrease.rounding),
        ),
        " to machine precision",
    )


def at_stationary_kink(kink_name: str) -> Termination:
    place = f"at the kink {kink_name}" if kink_name else "at an unnamed kink"
    message = f"converged {place}: the least-norm gradient there is 0"
    return Termination(Outcome.CONVERGED, message, " at a kink")


def at_edges(names: Sequence[str], passed: Termination) -> Termination:
    """The termination of a run that passed the test with coordinates held at edges."""
    where = f"converged at the edge of {' and '.join(names)}"
    message = passed.message
    if isinstance(message, Sentence):
        message = Sentence(message.template.replace("converged", where, 1), *message.parts)
    else:
        message = message.replace("converged", where, 1)
    return Termination(Outcome.CONVERGED, message, " at an edge of the domain")


def falling_towards(place: str, here: Evaluation) -> Termination:
    """The termination of a run to whose last pole f falls without bound."""
    message = "unbounded: f {falls} without bound towards a pole {}; it reached {:.3g}"
    return Termination(Outcome.UNBOUNDED, said(message, place, Height(here.f)))


def no_descent_step(here: Evaluation, kink_name: str, tested: str = "gradient") -> Termination:
    place = f" at the kink {kink_name}" if kink_name else ""
    norm = f"the {tested}'s largest component is {here.gradient_norm:.3g}"
    sentence = said("stalled{}: no step {lowers} f, though {}", place, norm)
    return Termination(Outcome.STALLED, sentence)


def step_too_short(here: Evaluation, tested: str = "gradient") -> Termination:
    """The termination of a run whose step is lost in rounding: x - α∇f = x."""
    norm = f"the {tested}'s largest component is {here.gradient_norm:.3g}"
    return Termination(
        Outcome.STALLED, f"stalled: the step size is too small to change x, though {norm}"
    )


def no_step_size(k: int, alpha: float) -> Termination:
    return Termination(
        Outcome.STALLED,
        f"stalled: the step size at k = {k} is {alpha:.6g}, not a positive finite number",
    )


def undefined_at_start(failure: str) -> Termination:
    message = "undefined at the start: {}; give another {}"
    return Termination(Outcome.UNDEFINED, Sentence(message, failure, Setting("start")))


def non_finite_step(there: Evaluation, failure: str, when: str, remedy: str) -> Termination:
    """The termination of a run that stepped to `there`, where f or its gradient is not finite."""
    if there.f == -inf:
        sentence = said("unbounded: f {falls} to {minus} infinity {}", when)
        return Termination(Outcome.UNBOUNDED, sentence)
    outcome = Outcome.DIVERGED if there.f == inf else Outcome.UNDEFINED
    message = Sentence("{} {}: {}; {}", outcome.status, when, failure, remedy)
    return Termination(outcome, message)


def interrupted(interrupt: KeyboardInterrupt, k: int) -> Termination:
    after = f"after {count_of(k, 'iteration')}; the best point is kept"
    return Termination(Outcome.INTERRUPTED, f"{interruption(interrupt)} {after}")


def interrupted_late(interrupt: KeyboardInterrupt, work: str, message: str) -> Termination:
    """The termination of a run that was over, as `message` says, but for the `work` after it."""
    sentence = Sentence("{} while {}, before that it {}", interruption(interrupt), work, message)
    return Termination(Outcome.INTERRUPTED, sentence)


def _at_most(name: str, value: float, limit: float) -> StoppingTest:
    return StoppingTest(name, value if isfinite(value) else None, limit, value <= limit)


def _at_least(name: str, value: float, limit: float) -> StoppingTest:
    return StoppingTest(name, value, limit, value >= limit)
