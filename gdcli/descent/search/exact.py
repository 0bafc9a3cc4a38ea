"""Exact line minimization: the first α found at which the slope ∇f(x + αd)·d is 0.

The slope is 0 to the rounding error of the product, or as near to it as steps of α come. For a
quadratic f two slopes tell that α. Beyond the first bound that the line meets, where the slope
jumps, sufficient decrease is enough.

Source: R. P. Brent, Algorithms for Minimization without Derivatives, 1973, for secant steps that
fall back to halving.
"""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import NamedTuple

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
from gdcli.numbers.floats import EPSILON

SUFFICIENT_DECREASE = 1e-4  # of what the slope predicts
SLOPE_ULPS = 8.0 * EPSILON  # of Σ|gᵢdᵢ| at the trial and g·d at x
NEGLIGIBLE_SLOPE = 1e-8  # of the one at x
EDGE_DISTANCE = 0.01  # of α: a step that ends nearer to where f is not finite is long enough
VALUE_ULPS = 40.0 * EPSILON  # of f: two values nearer than that are taken for equal


class ExactSearch(NamedTuple):
    """The search for the minimum of f along a direction."""

    @property
    def adaptive(self) -> bool:
        return True

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """The trial at which the slope is 0; after MOST_TRIALS the one where it is smallest."""
        way = line_from(here, direction, demands)
        if not way.slope < 0.0:
            return Stuck()
        low = last = way.begin
        high: LinePoint | None = None
        best: LineTrial | None = None
        furthest: LineTrial | None = None  # that of low
        least = ceiling = inf
        for _ in range(MOST_TRIALS):
            found = yield from way.trial(alpha, low.alpha)
            if not isinstance(found, LineTrial):
                if best is None and found is not None:
                    return Stuck(found)
                break
            there, ceiling = found.there, min(ceiling, found.undefined)
            at = LinePoint(found.alpha, there.f, way.slope_at(found))
            noise = VALUE_ULPS * abs(here.f)
            beyond = at.slope != at.slope
            if beyond and at.f <= here.f + SUFFICIENT_DECREASE * found.change:
                return Trial(at.alpha, there)
            before = least
            if abs(at.slope) < least and at.f <= here.f + noise:
                best, least = found, abs(at.slope)
            terms = dot(sizes(there.gradient), sizes(direction))
            if least <= SLOPE_ULPS * (terms - way.slope):
                break
            if 0.5 * before < least <= NEGLIGIBLE_SLOPE * -way.slope:
                break  # rounding errors keep it from falling
            if at.slope < 0.0 and at.f <= low.f + noise:
                low, furthest = at, found
            else:
                high = at
            if high is None and ceiling - low.alpha <= EDGE_DISTANCE * low.alpha:
                break
            alpha = self.next_trial(last, at, low, high, ceiling, least <= 0.5 * before)
            last = at
            nearest = 2.0 * EPSILON * alpha
            if abs(alpha - low.alpha) <= nearest or (high and abs(high.alpha - alpha) <= nearest):
                break
        if high is None and furthest is not None and furthest.there.f < here.f:
            best = furthest
        if best is None:
            return Stuck()
        return Trial(best.alpha, best.there, near_rounding=best.there.f >= here.f)

    def next_trial(
        self,
        last: LinePoint,
        at: LinePoint,
        low: LinePoint,
        high: LinePoint | None,
        ceiling: float,
        better: bool,
    ) -> float:
        """The secant's α where it lies inside and the last slope was `better`, else a safer one."""
        proposal = secant_minimizer(last, at) if last.slope == last.slope else nan
        if high is None:
            longest = min(10.0 * low.alpha, low.alpha + 0.5 * (ceiling - low.alpha))
            return min(proposal, longest) if proposal > low.alpha else longest
        if better and low.alpha < proposal < high.alpha:
            return proposal
        if not better:
            return 0.5 * (low.alpha + high.alpha)
        beyond = high.slope != high.slope
        proposal = parabola_minimizer(low, high) if beyond else cubic_minimizer(low, high)
        inside = isfinite(proposal) and low.alpha < proposal < high.alpha
        return proposal if inside else 0.5 * (low.alpha + high.alpha)

    def after(self, f: float) -> ExactSearch:  # noqa: ARG002
        return self


def make(traits: Traits) -> ExactSearch:  # noqa: ARG001
    return ExactSearch()
