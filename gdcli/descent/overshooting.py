"""Signs that a fixed α is too long: the iterates alternate between two points, or steps overshoot.

Comes in: the rows of a run, as they happen. Goes out: one sentence, with the first sign, while it
is still worth while to stop the run. A step overshoots where f rises and the slope behind it is
steeper, in the direction of the step, than the one before it: then α is above 2/L for the curvature
L that f has along the step.
"""

from __future__ import annotations

from collections import deque
from math import inf

from gdcli.descent.iterate import Iterate
from gdcli.descent.vectors import Vector, difference, dot, largest, scaled
from gdcli.errors import Sentence, Setting

WATCHED_ROWS = 1000  # later ones come too late to be told of
ALTERNATION_TOLERANCE = 1e-9  # of a step: how far from x(k) the iterate x(k+2) may be
ALTERNATIONS = 3  # in turn
RECENT_STEPS = 12
OVERSHOOTING_STEPS = 3  # of the recent ones


def alternates(first: Vector, second: Vector, third: Vector) -> bool:
    """Whether the third of three iterates in turn is the first again, and the second is not."""
    away = largest(difference(third, first))
    return away < ALTERNATION_TOLERANCE * largest(difference(second, first)) < inf


class OvershootWatch:
    """Looks at the rows of a run with the fixed `alpha`, and speaks once."""

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha
        self._rows: deque[Iterate] = deque(maxlen=3)
        self._alternations = 0
        self._limits: deque[float] = deque(maxlen=RECENT_STEPS)  # 2/L by step, inf where f fell

    def add(self, row: Iterate) -> Sentence | None:
        """What to say after this row; None where there is nothing, or it has been said."""
        self._rows.append(row)
        if len(self._rows) < 3 or row.k > WATCHED_ROWS:
            return None
        first, second, third = self._rows
        step, next_step = difference(second.x, first.x), difference(third.x, second.x)
        moved = largest(step)
        if not 0.0 < moved < inf:
            return None
        step, next_step = scaled(1.0 / moved, step), scaled(1.0 / moved, next_step)
        turned = dot(step, next_step) / dot(step, step)  # the slopes along the step: after/before
        limit = 2.0 * self._alpha / (1.0 - turned) if turned < 1.0 else inf
        self._limits.append(limit if second.f > first.f and turned < -1.0 else inf)
        again = alternates(first.x, second.x, third.x)
        self._alternations = self._alternations + 1 if again else 0
        return self._sentence(limit)

    def _sentence(self, limit: float) -> Sentence | None:
        overshooting = sum(one < inf for one in self._limits)
        if self._alternations >= ALTERNATIONS:
            sign = "the iterates alternate between two points"
        elif overshooting >= OVERSHOOTING_STEPS:
            sign, limit = "steps overshoot, so that f rises", min(self._limits)
        else:
            return None
        self._rows = deque(maxlen=0)  # no more
        message = "α = {:.6g} is too long: {}; it must be below 2/L = {:.6g} there, try {} or {}"
        shorter = Setting("alpha", f"{0.5 * limit:.4g}")
        return Sentence(message, self._alpha, sign, limit, shorter, Setting("alpha", "auto"))
