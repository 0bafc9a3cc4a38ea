"""What to try next: the sentences of --explain.

Comes in: how a run ended and what the Hessian said. Goes out: sentences in the order of their
weight, each true of this run; none where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.descent.stopping import Limits, Outcome
from gdcli.descent.verdict import Curvature, Verdict

SLOW_CONDITION_NUMBER = 1e4  # from which steepest descent is slow whatever its step size


def advice(
    outcome: Outcome,
    alpha: float | str,
    limits: Limits,
    curvature: Curvature | None,
    verdict: Verdict | None,
) -> tuple[str, ...]:
    """Sentences that say what happened in this run and what to try next."""
    converged = outcome is Outcome.CONVERGED
    sentences = [*_of_step(outcome, alpha, curvature)]
    if verdict is not None and not verdict.minimum:
        sentences.append(_of_verdict(verdict, limits))
    if not converged:
        sentences.append(_of_outcome(outcome, alpha, limits))
    if (
        curvature is not None
        and (condition := curvature.condition_number or 0.0) >= SLOW_CONDITION_NUMBER
    ):
        sentences.append(
            f"The condition number here is {condition:.2g}: the level lines are long and narrow, "
            "so steepest descent turns back and forth; scaling the variables helps."
        )
    return tuple(sentences)


def _of_step(outcome: Outcome, alpha: float | str, curvature: Curvature | None) -> Iterator[str]:
    """Compares a fixed α with 2/L."""
    limit = curvature.alpha_limit if curvature is not None else None
    if not isinstance(alpha, float) or limit is None:
        return
    if alpha >= limit:
        yield (
            f"The step size {alpha:.6g} is not below 2/L = {limit:.6g} (L is the largest "
            f"eigenvalue of the Hessian here): steps overshoot; try --alpha {0.5 * limit:.4g}."
        )
    elif outcome is Outcome.MAX_ITERATIONS and alpha < 0.1 * limit:
        yield (
            f"The step size {alpha:.6g} is small beside 2/L = {limit:.6g}: "
            f"try --alpha {0.5 * limit:.4g}, or --alpha auto."
        )


def _of_verdict(verdict: Verdict, limits: Limits) -> str:
    """What to try at a stationary point that is no minimum."""
    if verdict.classification in ("saddle", "maximum"):
        return (
            f"The gradient vanishes at a {verdict.classification} too: "
            "start a little beside this point, and the descent leaves it."
        )
    smaller = f"{1e-3 * limits.tolerance:.3g}" if limits.tolerance > 0.0 else "0"
    return (
        "The gradient is small because f is flat here, not because a minimum is near: "
        f"try another --start, or --tolerance {smaller}."
    )


def _of_outcome(outcome: Outcome, alpha: float | str, limits: Limits) -> str:
    """What to try after a run that did not converge."""
    if outcome is Outcome.MAX_ITERATIONS:
        fixed = "" if alpha == "auto" else ", or --alpha auto, which finds its own step sizes"
        return (
            "The run was still going: allow more with --max-iterations "
            f"{10 * max(1, limits.max_iterations)} and --max-evaluations "
            f"{10 * limits.max_evaluations}, ask less with a larger --tolerance{fixed}."
        )
    if outcome is Outcome.STALLED and alpha != "auto":
        return "The steps became too small to matter: try a larger step size, or --alpha auto."
    return {
        Outcome.STALLED: "The function may have a kink or a jump here: try another --start.",
        Outcome.UNBOUNDED: "There is no lowest value on this way down: check the signs in the "
        "expression; if it has a local minimum, start near it.",
        Outcome.DIVERGED: "The iterates grew without end: try a smaller --alpha, or --alpha auto.",
        Outcome.UNDEFINED: "The descent met the edge of where the function is defined: "
        "try another --start, or a smaller --alpha.",
        Outcome.INTERRUPTED: "The best point so far is shown; give it as --start to go on.",
    }[outcome]
