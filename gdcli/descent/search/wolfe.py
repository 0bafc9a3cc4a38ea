"""The Wolfe conditions: f falls enough, and its slope along the line becomes less steep.

φ(α) = f(x + αd). Strong: φ(α) <= φ(0) + c₁αφ'(0) and |φ'(α)| <= c₂|φ'(0)|. Weak, where f has kinks:
the second is φ'(α) >= c₂φ'(0). A step is made longer until the interval from the best trial holds
one that meets them, and that interval then shorter, by cubic interpolation. Where rounding hides
what f falls by, the slopes decide (Hager and Zhang's approximate conditions).

Sources: P. Wolfe, SIAM Rev. 11 (1969) 226; J. J. Moré, D. J. Thuente, ACM Trans. Math. Softw. 20
(1994) 286; W. W. Hager, H. Zhang, SIAM J. Optim. 16 (2005) 170; A. S. Lewis, M. L. Overton, Math.
Program. 141 (2013) 135 for kinks.
"""

from __future__ import annotations

from math import inf, isfinite

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, RoundingAt, Stuck, Traits, Trial, Trials
from gdcli.descent.search.line import (
    LinePoint,
    LineTrial,
    SearchLine,
    cubic_minimizer,
    line_from,
    parabola_minimizer,
    secant_minimizer,
)
from gdcli.descent.search.trials import MOST_TRIALS
from gdcli.descent.vectors import Vector
from gdcli.named_tuples import NamedTuple

HIDDEN_ERRORS = 10.0  # of f: a predicted decrease below so many is judged by slopes
NEGLIGIBLE_CHANGE = 1e-8  # of |f|: below it a search asks for f's rounding error
MOST_HIDDEN_TRIALS = 3  # of one search
MOST_LENGTHENING = 1e10  # in one search
LEAST_LENGTHENING, USUAL_LENGTHENING, LARGEST_LENGTHENING = 1.5, 4.0, 10.0  # of one trial
INTERVAL_MARGIN = 0.05  # of an interval, in which no trial is made
SLOW_SHRINKING = 0.66  # of an interval by two trials; then it is halved


class Wolfe(NamedTuple):
    """The search for a point that meets the strong or the weak Wolfe conditions."""

    weak: bool = False
    c1: float = 1e-4
    c2: float = 0.9

    @property
    def adaptive(self) -> bool:
        return True

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """A trial that meets the conditions; after MOST_TRIALS the lowest that meets the first.

        Beyond the first bound that the line meets, the first one alone is asked for.
        """
        way = line_from(here, direction, demands)
        if not way.slope < 0.0:
            return Stuck()
        low = previous = way.begin
        high: LinePoint | None = None
        best: LineTrial | None = None
        rounding: float | None = None
        hidden_trials = 0
        ceiling, longest = inf, MOST_LENGTHENING * alpha
        widths = inf, inf
        for _ in range(MOST_TRIALS):
            found = yield from way.trial(alpha, low.alpha)
            if not isinstance(found, LineTrial):
                return _accepted(best) if best or not found else Stuck(found)
            there, ceiling = found.there, min(ceiling, found.undefined)
            at = LinePoint(found.alpha, there.f, way.slope_at(found))
            lower = there.f <= here.f + self.c1 * found.change
            if lower and self.flat_enough(at, way):
                return _accepted(found)
            hidden = False
            if lower:
                if best is None or there.f < best.there.f:
                    best = found
            elif at.slope == at.slope:
                like_model = self.slopes_agree(at, way) and there.gradient_norm < here.gradient_norm
                small = abs(found.change) <= NEGLIGIBLE_CHANGE * abs(here.f)
                if rounding is None and (like_model or small):
                    rounding = yield RoundingAt(here.x)
                if rounding is not None:
                    near = HIDDEN_ERRORS * rounding
                    hidden = abs(found.change) <= near and there.f <= here.f + near
                    if hidden and like_model:
                        return Trial(at.alpha, there, near_rounding=True)
                    hidden_trials += hidden
                    if hidden_trials == MOST_HIDDEN_TRIALS:
                        break
            falls = at.slope < 0.0
            if falls and (hidden or (lower and (low.alpha == 0.0 or at.f < low.f))):
                previous, low = low, at
            else:
                high = at
            if high is not None:
                width = high.alpha - low.alpha
                slow = width > SLOW_SHRINKING * widths[0]
                widths = widths[1], width
                alpha = low.alpha + 0.5 * width if slow else _between(low, high, hidden)
            elif ceiling < inf:
                if best and ceiling - low.alpha <= low.alpha:
                    return _accepted(best)
                alpha = min(_beyond(previous, low), low.alpha + 0.5 * (ceiling - low.alpha))
            else:
                if low.alpha >= longest and best:
                    return _accepted(best)
                alpha = _beyond(previous, low)
            if alpha == low.alpha or (high is not None and alpha == high.alpha):
                break
        return _accepted(best)

    def after(self, f: float) -> Wolfe:  # noqa: ARG002
        return self

    def flat_enough(self, at: LinePoint, way: SearchLine) -> bool:
        """Whether the slope meets the second condition; it need not beyond a bound."""
        if at.slope != at.slope:
            return True
        steepest = self.c2 * way.slope
        return at.slope >= steepest and (self.weak or at.slope <= -steepest)

    def slopes_agree(self, at: LinePoint, way: SearchLine) -> bool:
        """Whether the slope alone tells that both conditions hold, f being almost quadratic."""
        return self.c2 * way.slope <= at.slope <= (2.0 * self.c1 - 1.0) * way.slope


def _accepted(found: LineTrial | None) -> Trial | Stuck:
    return Stuck() if found is None else Trial(found.alpha, found.there)


def _beyond(previous: LinePoint, low: LinePoint) -> float:
    """A longer α, by the change of slope between the last two points."""
    proposal = secant_minimizer(previous, low)
    longer = proposal if isfinite(proposal) else USUAL_LENGTHENING * low.alpha
    return min(max(longer, LEAST_LENGTHENING * low.alpha), LARGEST_LENGTHENING * low.alpha)


def _between(low: LinePoint, high: LinePoint, hidden: bool) -> float:
    """An α inside the interval, by interpolation; by slopes alone where f does not tell."""
    width = high.alpha - low.alpha
    if high.slope != high.slope:
        proposal = parabola_minimizer(low, high)
    elif hidden or abs(high.f - low.f) <= 1e-9 * abs(low.f):
        proposal = secant_minimizer(low, high)
    else:
        proposal = cubic_minimizer(low, high)
    if not isfinite(proposal):
        proposal = low.alpha + 0.5 * width
    return min(
        max(proposal, low.alpha + INTERVAL_MARGIN * width), high.alpha - INTERVAL_MARGIN * width
    )


def make(traits: Traits) -> Wolfe:
    return Wolfe(weak=traits.kinks)
