"""Signs that a fixed α is too long: the iterates alternate between two points, or steps overshoot.

Comes in: the rows of a run, as they happen. Goes out: one sentence, with the first sign, while it
is still worth while to stop the run, or at its end. A step overshoots where f rises and the slope
behind it is steeper, in the direction of the step, than the one before it: then α is above 2/L for
the curvature L that f has along the step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf

from gdcli.descent.iterate import Iterate
from gdcli.descent.turning import said
from gdcli.descent.vectors import Vector, difference, dot, largest, scaled
from gdcli.errors import Sentence, Setting
from gdcli.named_tuples import NamedTuple

WATCHED_ROWS = 1000  # later ones come too late to be told of
ALTERNATION_TOLERANCE = 1e-9  # of a step: how far from x(k) the iterate x(k+2) may be
ALTERNATIONS = 3  # in turn
RECENT_STEPS = 12
OVERSHOOTING_STEPS = 3  # of the recent ones
SAME_CURVATURE = 2.0  # the ratio of two limits up to which L counts as one for both


def alternates(first: Vector, second: Vector, third: Vector) -> bool:
    """Whether the third of three iterates in turn is the first again, and the second is not."""
    away = largest(difference(third, first))
    return away < ALTERNATION_TOLERANCE * largest(difference(second, first)) < inf


class Overshoot(NamedTuple):
    """A step that overshoots: the f and the k that it begins at, and 2/L for L along it."""

    f: float
    k: int
    limit: float


class OvershootWatch:
    """Looks at the rows of a run with the fixed `alpha`, and tells once that it is too long."""

    def __init__(self, alpha: float, tell: Callable[[Sentence], None]) -> None:
        self._alpha, self._tell = alpha, tell
        self._rows: deque[Iterate] = deque(maxlen=3)
        self._alternations = 0
        self._recent: deque[Overshoot | None] = deque(maxlen=RECENT_STEPS)  # None where f fell

    def add(self, row: Iterate) -> None:
        self._rows.append(row)
        if len(self._rows) < 3 or row.k > WATCHED_ROWS:
            return
        first, second, third = self._rows
        step, next_step = difference(second.x, first.x), difference(third.x, second.x)
        moved = largest(step)
        if not 0.0 < moved < inf:
            return
        step, next_step = scaled(1.0 / moved, step), scaled(1.0 / moved, next_step)
        turned = dot(step, next_step) / dot(step, step)  # the slopes along the step: after/before
        overshoots = second.f > first.f and turned < -1.0
        limit = 2.0 * self._alpha / (1.0 - turned) if overshoots else inf
        self._recent.append(Overshoot(first.f, first.k, limit) if overshoots else None)
        again = alternates(first.x, second.x, third.x)
        self._alternations = self._alternations + 1 if again else 0
        if self._alternations >= ALTERNATIONS:
            self.tell_alternation()
        else:
            self._look_for_overshooting()

    def tell_alternation(self) -> None:
        """Tell that the iterates alternate: then 2/L along the step is α itself."""
        self._tell_once("the iterates alternate between two points", self._alpha, "there")

    def _look_for_overshooting(self) -> None:
        """Tell of steps that overshoot, with L where f is lowest: runaway steps say nothing of it.

        Steps with about the same L are one place, and the largest L among them counts.
        """
        steps = [one for one in self._recent if one is not None]
        if len(steps) < OVERSHOOTING_STEPS:
            return
        lowest = min(steps).limit
        limit, k = min((one.limit, one.k) for one in steps if one.limit * SAME_CURVATURE >= lowest)
        sign = said("steps overshoot, so that f {rises}")
        self._tell_once(sign, limit, f"along the step from k = {k}")

    def _tell_once(self, sign: str, limit: float, place: str) -> None:
        if self._rows.maxlen == 0:
            return
        self._rows = deque(maxlen=0)  # no more
        message = "α = {:.6g} is too long: {}; it must be below 2/L = {:.6g} {}, try {} or {}"
        shorter, auto = Setting("alpha", f"{0.5 * limit:.4g}"), Setting("alpha", "auto")
        self._tell(Sentence(message, self._alpha, sign, limit, place, shorter, auto))
