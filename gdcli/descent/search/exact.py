"""Exact line minimization: the first α found at which the slope ∇f(x + αd)·d is 0.

The slope is 0 to the rounding error of the product, or as near to it as steps of α come. For a
quadratic f two slopes tell that α. Beyond the first bound that the line meets, where the slope
jumps, sufficient decrease is enough.

Source: R. P. Brent, Algorithms for Minimization without Derivatives, 1973, for secant steps that
fall back to halving.
"""

from __future__ import annotations

from math import inf

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Stuck, Traits, Trial, Trials
from gdcli.descent.search.line import (
    LinePoint,
    LineTrial,
    cubic_minimizer,
    line_from,
    parabola_minimizer,
    secant_minimizer,
)
from gdcli.descent.search.trials import MOST_TRIALS
from gdcli.descent.vectors import Vector, dot, sizes
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

SUFFICIENT_DECREASE = 1e-4  # of what the slope predicts
SLOPE_ULPS = 8.0 * EPSILON  # of Σ|gᵢdᵢ| at the trial and g·d at x
NEGLIGIBLE_SLOPE = 1e-8  # of the one at x
NEAR_END = 0.01  # of α: a step that ends nearer to where f is not finite is long enough
VALUE_ULPS = 40.0 * EPSILON  # of f: two values nearer than that are taken for equal


class ExactSearch(NamedTuple):
    """The search for the minimum of f along a direction."""

    @property
    def adaptive(self) -> bool:
        return True

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """The trial at which the slope is 0; where none is after MOST_TRIALS, the lowest one."""
        way = line_from(here, direction, demands)
        if not way.slope < 0.0:
            return Stuck()
        low = last = way.begin
        high: LinePoint | None = None
        flattest: LineTrial | None = None
        lowest: LineTrial | None = None
        least = ceiling = width = inf
        not_finite: Evaluation | None = None
        for _ in range(MOST_TRIALS):
            found = yield from way.trial(alpha, low.alpha)
            if not isinstance(found, LineTrial):
                not_finite = found
                break
            there, ceiling = found.there, min(ceiling, found.undefined)
            at = LinePoint(found.alpha, there.f, way.slope_at(found))
            beyond = at.slope != at.slope
            if beyond and at.f <= here.f + SUFFICIENT_DECREASE * found.change:
                return _accepted(found, here)
            noise = VALUE_ULPS * abs(here.f)
            if at.f <= here.f + noise and not beyond:
                before = least
                if abs(at.slope) < least:
                    flattest, least = found, abs(at.slope)
                if lowest is None or at.f <= lowest.there.f:
                    lowest = found
                terms = dot(sizes(there.gradient), sizes(direction))
                lost = 0.5 * before < least <= NEGLIGIBLE_SLOPE * -way.slope  # in rounding errors
                if flattest and (lost or least <= SLOPE_ULPS * (terms - way.slope)):
                    return _accepted(flattest, here)
            if at.slope < 0.0 and at.f <= low.f + noise:
                low = at
            else:
                high = at
            if high is None:
                if ceiling - low.alpha <= NEAR_END * low.alpha:
                    break
                alpha = _beyond(last, low, ceiling)
            else:
                first = last.alpha == 0.0
                steep = abs(at.slope) > 0.1 * min(abs(last.slope), abs(way.slope))
                wide = high.alpha - low.alpha > 0.5 * width
                width = high.alpha - low.alpha
                alpha = low.alpha + 0.5 * width
                if first or not (steep and wide):
                    alpha = _between(last, at, low, high) or alpha
                if not low.alpha < alpha < high.alpha:
                    break
            last = at
        return Stuck(not_finite) if lowest is None else _accepted(lowest, here)

    def after(self, f: float) -> ExactSearch:  # noqa: ARG002
        return self


def _accepted(found: LineTrial, here: Evaluation) -> Trial:
    return Trial(found.alpha, found.there, near_rounding=not found.there.f < here.f)


def _beyond(last: LinePoint, low: LinePoint, ceiling: float) -> float:
    """A longer α: that of the secant, but no more than ten times as long."""
    longest = min(10.0 * low.alpha, low.alpha + 0.5 * (ceiling - low.alpha))
    proposal = secant_minimizer(last, low)
    return min(proposal, longest) if proposal > low.alpha else longest


def _between(last: LinePoint, at: LinePoint, low: LinePoint, high: LinePoint) -> float | None:
    """The α of the secant through the last two slopes, else by interpolation; None outside."""
    beyond = high.slope != high.slope
    safer = parabola_minimizer(low, high) if beyond else cubic_minimizer(low, high)
    for proposal in (secant_minimizer(last, at), safer):
        if low.alpha < proposal < high.alpha:
            return proposal
    return None


def make(traits: Traits) -> ExactSearch:  # noqa: ARG001
    return ExactSearch()
