"""The search of CG_DESCENT: Wolfe conditions, at the end by slopes alone, and double secant steps.

φ(α) = f(x + αd). An interval with φ'(a) < 0, φ(a) <= φ(0) + ϵ and φ'(b) >= 0 shrinks until one end
meets φ(α) <= φ(0) + δαφ'(0) and φ'(α) >= σφ'(0), or (2δ - 1)φ'(0) >= φ'(α) >= σφ'(0) with
φ(α) <= φ(0) + ϵ. ϵ is 0, or the rounding error of f where that hides what f falls by. Beyond the
first bound that the line meets, where the slope jumps, sufficient decrease is enough.

Source: W. W. Hager, H. Zhang, SIAM J. Optim. 16 (2005) 170, whose names of steps are used, and ACM
Trans. Math. Softw. 32 (2006) 113.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import Any

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Request, RoundingAt, Stuck, Traits, Trial, Trials
from gdcli.descent.search.line import LinePoint, LineTrial, SearchLine, line_from, secant_minimizer
from gdcli.descent.search.trials import MOST_TRIALS
from gdcli.descent.search.wolfe import HIDDEN_ERRORS, MOST_HIDDEN_TRIALS, MOST_LENGTHENING
from gdcli.descent.vectors import Vector
from gdcli.named_tuples import NamedTuple

SECANT_SHRINKING = 0.66  # γ: of the interval by two secant steps; else it is halved
EXPANSION = 5.0  # ρ: of a trial from which f still falls


class HagerZhang(NamedTuple):
    """The search of CG_DESCENT with its δ and σ."""

    delta: float = 0.1
    sigma: float = 0.9

    @property
    def adaptive(self) -> bool:
        return True

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """A trial that meets one of the two pairs of conditions; at the end the lowest of all."""
        way = line_from(here, direction, demands)
        if not way.slope < 0.0:
            return Stuck()
        run = _Interval(self, way)
        run.longest = MOST_LENGTHENING * alpha
        yield from run.trial(alpha)
        while run.goes_on:
            low, high = run.low, run.high
            if high is None:
                alpha = min(EXPANSION * low.alpha, low.alpha + 0.5 * (run.ceiling - low.alpha))
                yield from run.trial(alpha)
            elif not high.slope >= 0.0:  # f is too high there
                yield from run.trial(0.5 * (low.alpha + high.alpha))
            else:
                yield from run.double_secant(low, high)
                width = run.high.alpha - run.low.alpha
                if run.goes_on and width > SECANT_SHRINKING * (high.alpha - low.alpha):
                    yield from run.trial(run.low.alpha + 0.5 * width)
        lowest = run.lowest
        if run.accepted is None and lowest is not None:
            return Trial(lowest.alpha, lowest.there)
        return run.accepted or Stuck(run.not_finite)

    def after(self, f: float) -> HagerZhang:  # noqa: ARG002
        return self


class _Interval:
    """The interval of one search, and what its trials have come to."""

    def __init__(self, rule: HagerZhang, way: SearchLine) -> None:
        self.rule, self.way = rule, way
        self.low = way.begin
        self.high: Any = None  # a LinePoint, once there is one
        self.ceiling = inf  # the least α at which f was not finite
        self.accepted: Trial | None = None
        self.lowest: LineTrial | None = None  # of those where f falls enough
        self.not_finite: Evaluation | None = None  # the last trial, where none was
        self.rounding: float | None = None
        self.trials = self.hidden = 0
        self.ended = False
        self.longest = inf  # the α up to which trials are lengthened

    @property
    def goes_on(self) -> bool:
        """Whether another trial may be made."""
        fewer = self.trials < MOST_TRIALS and self.hidden < MOST_HIDDEN_TRIALS
        return fewer and self.accepted is None and not self.ended

    def double_secant(self, low: LinePoint, high: LinePoint) -> Generator[Request, Any, None]:
        """Two secant steps, the second one at the end that the first has moved."""
        middle = 0.5 * (low.alpha + high.alpha)
        alpha = secant_minimizer(low, high)
        yield from self.trial(alpha if low.alpha < alpha < high.alpha else middle)
        moved, other = (self.high, high) if self.low is low else (self.low, low)
        if self.goes_on and moved.alpha != other.alpha:
            alpha = secant_minimizer(moved, other)
            if self.low.alpha < alpha < self.high.alpha:
                yield from self.trial(alpha)

    def trial(self, alpha: float) -> Generator[Request, Any, None]:
        """Makes a trial, which is accepted or becomes an end of the interval."""
        if alpha in (self.low.alpha, self.high and self.high.alpha):
            self.ended = True
            return
        found = yield from self.way.trial(alpha, self.low.alpha)
        if not isinstance(found, LineTrial):
            self.ended, self.not_finite = True, found
            return
        self.trials += 1
        self.ceiling = min(self.ceiling, found.undefined)
        there, begin, slope = found.there, self.way.begin, self.way.slope_at(found)
        lower = there.f <= begin.f + self.rule.delta * found.change
        if lower and (self.lowest is None or there.f < self.lowest.there.f):
            self.lowest = found
        flat = slope != slope or slope >= self.rule.sigma * begin.slope
        if not (lower and flat) and not there.f < begin.f and self.rounding is None:
            self.rounding = yield RoundingAt(self.way.here.x)
        near = HIDDEN_ERRORS * (self.rounding or 0.0)
        hidden = not lower and abs(found.change) <= near and there.f <= begin.f + near
        falls = there.gradient_norm < self.way.here.gradient_norm
        agrees = flat and slope <= (2.0 * self.rule.delta - 1.0) * begin.slope
        if (lower and flat) or (agrees and (there.f < begin.f or (hidden and falls))):
            self.accepted = Trial(found.alpha, there, near_rounding=not there.f < begin.f)
            return
        self.hidden += hidden
        at = LinePoint(found.alpha, there.f, slope)
        if slope < 0.0 and there.f <= begin.f + near:
            self.low = at
            edge = self.ceiling - at.alpha <= at.alpha or at.alpha >= self.longest
            self.ended = self.high is None and self.lowest is not None and edge
        else:
            self.high = at


def make(traits: Traits) -> HagerZhang:  # noqa: ARG001
    return HagerZhang()
