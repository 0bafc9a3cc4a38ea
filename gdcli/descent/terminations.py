"""The sentences in which a run ends that no limit ended: kinks, rounding, steps, numbers.

Comes in: what the loop saw. Goes out: an `Termination`. The endings by a limit are stopping.py's.
"""

from __future__ import annotations

from math import inf

from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import Decrease
from gdcli.descent.stopping import Outcome, Termination
from gdcli.errors import Sentence, Setting


def to_machine_precision(decrease: Decrease) -> Termination:
    """The gradient is above the tolerance, but f cannot be improved."""
    return Termination(
        Outcome.CONVERGED,
        "converged to machine precision: no step can improve f, because the predicted decrease "
        f"{decrease.predicted:.3g} is below its rounding error {decrease.rounding:.3g}",
    )


def at_stationary_kink(kink_name: str) -> Termination:
    """The least-norm gradient at a kink is 0."""
    place = f"at the kink {kink_name}" if kink_name else "at an unnamed kink"
    return Termination(Outcome.CONVERGED, f"converged {place}: the least-norm gradient there is 0")


def no_descent_step(here: Evaluation, kink_name: str) -> Termination:
    """No trial step of a search was accepted."""
    place = f" at the kink {kink_name}" if kink_name else ""
    norm = f"the gradient's largest component is {here.gradient_norm:.3g}"
    return Termination(Outcome.STALLED, f"stalled{place}: no step lowers f, though {norm}")


def step_too_short(here: Evaluation) -> Termination:
    """x - α∇f = x."""
    norm = f"the gradient's largest component is {here.gradient_norm:.3g}"
    return Termination(
        Outcome.STALLED, f"stalled: the step size is too small to change x, though {norm}"
    )


def no_step_size(k: int, alpha: float) -> Termination:
    """A schedule gave something else than a positive number."""
    return Termination(
        Outcome.STALLED,
        f"stalled: the step size at k = {k} is {alpha:.6g}, not a positive finite number",
    )


def undefined_at_start(failure: str) -> Termination:
    """f or its gradient is not finite at the start."""
    message = "undefined at the start: {}; give another {}"
    return Termination(Outcome.UNDEFINED, Sentence(message, failure, Setting("start")))


def non_finite_step(there: Evaluation, failure: str, when: str, remedy: str) -> Termination:
    """A step led to `there`, where f or its gradient is not finite."""
    if there.f == -inf:
        return Termination(Outcome.UNBOUNDED, f"unbounded: f falls to minus infinity {when}")
    outcome = Outcome.DIVERGED if there.f == inf else Outcome.UNDEFINED
    message = Sentence("{} {}: {}; {}", outcome.status, when, failure, remedy)
    return Termination(outcome, message)
