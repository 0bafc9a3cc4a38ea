"""Advice: the sentences that say what to try next after a run.

Comes in: how a run ended and what the Hessian said. Goes out: sentences in the order of their
weight, each true of this run; none where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.search import SEARCHES
from gdcli.descent.stopping import Limits, Outcome
from gdcli.descent.turning import Word, said
from gdcli.descent.verdict import Curvature, Verdict
from gdcli.errors import Sentence, Setting

SLOW_CONDITION_NUMBER = 1e4  # from which steepest descent is slow whatever its step size
ADAPTIVE_RULES = ("auto", *SEARCHES)  # of α, which find their own step sizes
START, ALPHA, ALPHA_AUTO = Setting("start"), Setting("alpha"), Setting("alpha", "auto")
OUTCOME_ADVICE = {
    Outcome.STALLED: Sentence(
        "The function may have a kink or a jump here: try another {}.", START
    ),
    Outcome.UNBOUNDED: said(
        "There is no {lowest} value on this way {down}: check the signs in the expression; if it "
        "has a local {minimum}, start near it."
    ),
    Outcome.DIVERGED: Sentence(
        "The iterates grew without end: try a smaller {}, or {}.", ALPHA, ALPHA_AUTO
    ),
    Outcome.UNDEFINED: Sentence(
        "The descent met the edge of where the function is defined: "
        "try another {}, or a smaller {}.",
        *(START, ALPHA),
    ),
    Outcome.INTERRUPTED: Sentence("The best point so far is shown; give it as {} to go on.", START),
}

ADAPTIVE_ADVICE = {  # where no α could be made smaller
    Outcome.DIVERGED: Sentence("The iterates grew without end: try another {}.", START),
    Outcome.UNDEFINED: Sentence(
        "The descent met the edge of where the function is defined: try another {}.", START
    ),
}


def advice(
    outcome: Outcome,
    alpha: float | str,
    limits: Limits,
    curvature: Curvature | None,
    verdict: Verdict | None,
    method: str = "steepest",
) -> tuple[str, ...]:
    """Sentences that say what happened in this run and what to try next."""
    if outcome is Outcome.STOPPED:
        return (Sentence("Without {} the run goes on.", Setting("stop_when")),)
    converged = outcome is Outcome.CONVERGED
    limit = curvature.alpha_limit if curvature is not None and method == "steepest" else None
    sentences = [*_of_step(outcome, alpha, limit)]
    too_long = isinstance(alpha, float) and limit is not None and alpha >= limit
    if verdict is not None and not verdict.minimum:
        sentences.append(_of_verdict(verdict, limits))
    if not converged and not (too_long and outcome is Outcome.MAX_ITERATIONS):
        sentences.append(_of_outcome(outcome, alpha, limits, method))
    if (
        method == "steepest"
        and curvature is not None
        and (condition := curvature.condition_number or 0.0) >= SLOW_CONDITION_NUMBER
    ):
        sentences.append(
            f"The condition number here is {condition:.2g}: the level lines are long and narrow, "
            "so steepest descent turns back and forth; scaling the variables helps."
        )
    return tuple(sentences)


def _of_step(outcome: Outcome, alpha: float | str, limit: float | None) -> Iterator[str]:
    """Compares a fixed α with the `limit` 2/L, which holds for steepest descent."""
    if not isinstance(alpha, float) or limit is None:
        return
    if alpha >= limit:
        yield said(
            "The step size {:.6g} is not below 2/L = {:.6g} (L is the largest "
            "eigenvalue of {the_Hessian} here): steps overshoot; try {}.",
            *(alpha, limit, Setting("alpha", f"{0.5 * limit:.4g}")),
        )
    elif outcome is Outcome.MAX_ITERATIONS and alpha < 0.1 * limit:
        yield Sentence(
            "The step size {:.6g} is small beside 2/L = {:.6g}: try {}, or {}.",
            *(alpha, limit, Setting("alpha", f"{0.5 * limit:.4g}"), ALPHA_AUTO),
        )


def _of_verdict(verdict: Verdict, limits: Limits) -> str:
    """What to try at a stationary point that is no minimum."""
    if verdict.classification in ("saddle", "maximum"):
        return Sentence(
            "The gradient vanishes at a {} too: start a little beside this point, and the descent "
            "leaves it.",
            Word(verdict.classification),
        )
    smaller = f"{1e-3 * limits.tolerance:.3g}" if limits.tolerance > 0.0 else "0"
    return said(
        "The gradient is small because f is flat here, not because a {minimum} is near: "
        "try another {}, or {}.",
        *(START, Setting("tolerance", smaller)),
    )


def _of_outcome(outcome: Outcome, alpha: float | str, limits: Limits, method: str) -> str:
    """What to try after a run that did not converge."""
    own_adapts = DESCENT_METHODS[method].own_adapts
    adapts = alpha in SEARCHES or (alpha == "auto" and own_adapts)
    if outcome is Outcome.MAX_ITERATIONS:
        iterations, evaluations = 10 * max(1, limits.max_iterations), 10 * limits.max_evaluations
        automatic = Sentence(", or {}, which finds its own step sizes", ALPHA_AUTO)
        return Sentence(
            "The run was still going: allow more with {} and {}{}, ask less with a larger {}{}.",
            Setting("max_iterations", str(iterations)),
            Setting("max_evaluations", str(evaluations)),
            "" if limits.max_time is None else Sentence(" and {}", Setting("max_time")),
            Setting("tolerance"),
            "" if adapts or not own_adapts else automatic,
        )
    if adapts and outcome in (Outcome.DIVERGED, Outcome.UNDEFINED):
        return ADAPTIVE_ADVICE[outcome]
    if alpha == "auto" and outcome is Outcome.DIVERGED:  # of a method whose own α is a number
        return Sentence("The iterates grew without end: try a smaller {}.", ALPHA)
    if outcome is Outcome.STALLED and alpha not in ADAPTIVE_RULES:
        small = "The steps became too small to matter: try a larger step size, or {}."
        return Sentence(small, ALPHA_AUTO)
    return OUTCOME_ADVICE[outcome]
