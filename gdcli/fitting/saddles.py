"""Leaving a saddle: a descent may come to rest where the loss falls to both sides.

Symmetric models do so, as y ~ a*b*x from a = b = 0. Comes in: the Closing of such an end. Goes out:
the Solution and the Closing of the descent that goes on from a lower point beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gdcli.descent.box import Box
from gdcli.fitting.closing import Closing
from gdcli.fitting.levenberg_marquardt import Solution

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Residuals

MOST_SADDLES = 4  # from one start
ESCAPE_SIZES = (0.01, 0.1, 1.0)  # of the largest move, relative to its parameter or to 1


def beyond_saddles(
    problem: Residuals,
    solution: Solution,
    closing: Closing,
    descend: Callable[[Sequence[float]], Solution],
    close: Callable[[Sequence[float]], Closing],
    box: Box | None,
) -> tuple[Solution, Closing]:
    """The end that is no saddle any more, of as many descents as that takes; what comes in if not.

    `descend` goes from a start, `close` closes on where it ends.
    """
    for _ in range(MOST_SADDLES):
        beside = lower_beside(problem, closing, box) if closing.descent else None
        if beside is None:
            break
        found = descend(beside)
        if not found.normal.value < closing.value:
            break
        solution = found._replace(iterations=solution.iterations + found.iterations)
        closing = close(solution.parameters)
    return solution, closing


def lower_beside(problem: Residuals, closing: Closing, box: Box | None) -> list[float] | None:
    """A point of lower loss in the direction in which it bends down; None where none is found."""
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
