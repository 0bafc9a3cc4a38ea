"""One attempt of a fit: the descent from a start, by every way there is, to a minimum closed on.

Comes in: Residuals, a start, and the places of parameters in which the model is linear. Goes out:
an Attempt, whatever happens. Where the descent has not come to rest it goes on by variable
projection; where it rests on a saddle it is left along the direction in which the loss bends down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gdcli.descent.box import Box
from gdcli.fitting.closing import Closing, close
from gdcli.fitting.levenberg_marquardt import DEFAULT_LIMITS, FitLimits, Solution
from gdcli.fitting.variable_projection import least_squares

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Residuals

MOST_ESCAPES = 4  # from saddles, an attempt
ESCAPE_SIZES = (0.01, 0.1, 1.0)  # of the largest move, relative to its parameter or to 1


class Attempt(NamedTuple):
    """The Solution of the descent and what it was closed on; nothing where that is not finite."""

    solution: Solution
    closing: Closing | None


def attempt(
    problem: Residuals,
    start: Sequence[float],
    linear: Sequence[int] = (),
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> Attempt:
    """The minimum that the descent from `start` leads to."""
    if problem.loss.name != "squared":
        linear = ()
    solution = least_squares(problem, start, linear, limits, box)
    if solution.reason == "undefined":
        return Attempt(solution, None)
    cut_short = solution.reason in ("interrupted", "time")
    try:
        closing = close(problem, solution.parameters, box, refine=not cut_short)
        for _ in range(0 if cut_short else MOST_ESCAPES):
            beside = _beside(problem, closing, box) if closing.descent else None
            if beside is None:
                break
            found = least_squares(problem, beside, linear, limits, box)
            if not found.normal.value < closing.value:
                break
            solution = found._replace(iterations=solution.iterations + found.iterations)
            closing = close(problem, solution.parameters, box)
    except KeyboardInterrupt:
        return Attempt(solution._replace(reason="interrupted"), None)
    return Attempt(solution, closing)


def _beside(problem: Residuals, closing: Closing, box: Box | None) -> list[float] | None:
    """A lower point beside a saddle, in the direction that it is left in; None where none is."""
    here, lowest, found = closing.parameters, closing.value, None
    pairs = zip(closing.descent, here, strict=True)
    longest = max(abs(d) / max(1.0, abs(x)) for d, x in pairs)
    for size in ESCAPE_SIZES:
        for t in (size / longest, -size / longest):
            there = [x + t * d for x, d in zip(here, closing.descent, strict=True)]
            if box is not None:
                there = [*box.project(there)]
            value = problem.normal_equations(there).value
            if value < lowest:
                lowest, found = value, there
    return found
