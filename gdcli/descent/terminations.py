"""The sentences in which a run ends that no limit ended: kinks, rounding, steps, numbers.

Comes in: what the loop saw. Goes out: an `Ending`. The endings by a limit are stopping.py's.
"""

from __future__ import annotations

from math import inf

from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import Decrease
from gdcli.descent.stopping import Ending, Outcome


def to_machine_precision(decrease: Decrease) -> Ending:
    """The gradient is above the tolerance, but f cannot be improved."""
    return Ending(
        Outcome.CONVERGED,
        "converged to machine precision: no step can improve f, because the predicted decrease "
        f"{decrease.possible:.3g} is below its rounding error {decrease.rounding:.3g}",
    )


def at_stationary_kink(named: str) -> Ending:
    """The least-norm gradient at a kink is 0."""
    place = f"at the kink {named}" if named else "at an unnamed kink"
    return Ending(Outcome.CONVERGED, f"converged {place}: the least-norm gradient there is 0")


def no_way_down(here: Evaluation, named: str) -> Ending:
    """No trial step of a search was accepted."""
    place = f" at the kink {named}" if named else ""
    norm = f"the gradient's largest component is {here.gradient_norm:.3g}"
    return Ending(Outcome.STALLED, f"stalled{place}: no step lowers f, though {norm}")


def too_short(here: Evaluation) -> Ending:
    """x - α∇f = x."""
    norm = f"the gradient's largest component is {here.gradient_norm:.3g}"
    return Ending(
        Outcome.STALLED, f"stalled: the step size is too small to change x, though {norm}"
    )


def no_step_size(k: int, alpha: float) -> Ending:
    """A schedule gave something else than a positive number."""
    return Ending(
        Outcome.STALLED,
        f"stalled: the step size at k = {k} is {alpha:.6g}, not a positive finite number",
    )


def undefined_at_start(failure: str) -> Ending:
    """f or its gradient is not finite at the start."""
    return Ending(Outcome.UNDEFINED, f"undefined at the start: {failure}; give another --start")


def beyond_numbers(there: Evaluation, failure: str, when: str, remedy: str) -> Ending:
    """A step led to `there`, where f or its gradient is not finite."""
    if there.f == -inf:
        return Ending(Outcome.UNBOUNDED, f"unbounded: f falls to minus infinity {when}")
    outcome = Outcome.DIVERGED if there.f == inf else Outcome.UNDEFINED
    return Ending(outcome, f"{outcome.status} {when}: {failure}; {remedy}")
