"""The line along which a search looks for a step: trials on it, and what f and its slope are there.

Comes in: an evaluated point x and a direction d. Goes out, for each α asked for: an evaluation at
P(x + αd), the nearest point of the box, or x + αd where there is no box. Up to α = `straight` the
two are the same. A trial that is not finite is made shorter here, so that a search sees only finite
ones.
"""

from __future__ import annotations

from collections.abc import Generator
from math import copysign, inf, isfinite, nan, sqrt
from typing import Any

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, Request
from gdcli.descent.search.trials import MOST_UNDEFINED_TRIALS, REDUCTION, reduction
from gdcli.descent.vectors import Vector, difference, dot, equal, scaled, step
from gdcli.named_tuples import NamedTuple


class LinePoint(NamedTuple):
    """A point of a line: its α, f and the slope dφ/dα there; nan where there is no slope."""

    alpha: float
    f: float
    slope: float


class LineTrial(NamedTuple):
    """A finite evaluation on a line, and the smallest α that was tried in vain before it.

    `change` is the first-order prediction g·(P(x + αd) - x) of what f changes by.
    """

    alpha: float
    there: Evaluation
    change: float
    undefined: float = inf


class SearchLine(NamedTuple):
    """The points P(x + αd), α > 0, with f and the slope g·d at x, which is α = 0."""

    here: Evaluation
    direction: Vector
    slope: float
    straight: float = inf

    @property
    def begin(self) -> LinePoint:
        return LinePoint(0.0, self.here.f, self.slope)

    def trial(
        self, alpha: float, low: float
    ) -> Generator[Request, Any, LineTrial | Evaluation | None]:
        """A finite trial at α, or on the way from α to `low` where there is none before.

        None where x + αd is x; the last trial where no finite one was found.
        """
        here, direction = self.here, self.direction
        undefined, ceiling = 0, inf
        while True:
            x = step(here.x, alpha, direction)
            if equal(x, here.x):
                return None
            there: Evaluation = yield GradientAt(x)
            if there.finite:
                change = alpha * self.slope
                if alpha > self.straight:
                    change = dot(difference(there.x, here.x), here.gradient)
                return LineTrial(alpha, there, change, ceiling)
            undefined += 1
            if undefined == MOST_UNDEFINED_TRIALS:
                return there
            ceiling = alpha
            if there.reach is not None and alpha * there.reach > low:
                alpha *= there.reach  # a part of the way from x
            else:
                part = REDUCTION if there.reach is not None else reduction(there, undefined)
                alpha = low + part * (alpha - low)
                if alpha == ceiling:
                    return there

    def slope_at(self, trial: LineTrial) -> float:
        """The slope at a trial; nan where it is on or beyond a bound, where φ has kinks."""
        return nan if trial.alpha >= self.straight else dot(trial.there.gradient, self.direction)


def line_from(here: Evaluation, direction: Vector, demands: Demands) -> SearchLine:
    """The line from a point along a direction, which is cut where it leaves the box at once."""
    box = demands.box
    if box is None:
        return SearchLine(here, direction, dot(here.gradient, direction))
    direction = scaled(-1.0, box.inward(here.x, scaled(-1.0, direction)))
    slope = dot(here.gradient, direction)
    return SearchLine(here, direction, slope, box.first_breakpoint(here.x, direction))


def cubic_minimizer(a: LinePoint, b: LinePoint) -> float:
    """The α at which the cubic through two points and their slopes has its minimum; nan if none.

    Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., equation (3.59).
    """
    width = b.alpha - a.alpha
    if not width:
        return nan
    one = a.slope + b.slope - 3.0 * ((b.f - a.f) / width)
    square = one * one - a.slope * b.slope
    if not 0.0 <= square < inf:
        return nan
    two = copysign(sqrt(square), width)
    divisor = b.slope - a.slope + 2.0 * two
    return b.alpha - width * ((b.slope + two - one) / divisor) if divisor else nan


def secant_minimizer(a: LinePoint, b: LinePoint) -> float:
    """The α at which the line through two slopes is 0; nan where it rises nowhere."""
    width = b.alpha - a.alpha
    rise = (b.slope - a.slope) / width if width else nan
    return a.alpha - a.slope / rise if rise > 0.0 else nan


def parabola_minimizer(a: LinePoint, b: LinePoint) -> float:
    """The α at which the parabola through two points and the slope at a is least; nan if none."""
    width = b.alpha - a.alpha
    excess = (b.f - a.f) - a.slope * width
    found = a.alpha - 0.5 * a.slope * width * (width / excess) if excess > 0.0 else nan
    return found if isfinite(found) else nan
