"""What the methods that carry on their last step share: its weight β, and steps of 1/L.

With an α of its own a method steps to x - α∇f(x) with the α that the descent lemma allows, which is
1/L where L bounds the curvature: it is made shorter until f falls as a function of curvature 1/α
does at least, and a little longer after each step that needed no trial. Where f would rise the last
step is forgotten.

Sources: Yu. E. Nesterov, Soviet Math. Dokl. 27 (1983) 372; B. O'Donoghue, E. Candès, Found. Comput.
Math. 15 (2015) 715, where f rises; A. Beck, M. Teboulle, SIAM J. Imaging Sci. 2 (2009) 183.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import GradientAt, RoundingAt, Stuck, Trial, Trials
from gdcli.descent.search.trials import MOST_TRIALS, MOST_UNDEFINED_TRIALS, reduction
from gdcli.descent.vectors import Vector, difference, dot, equal, restricted, scaled, step
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

SHORTENING = 0.5  # of α where f does not fall as it should
LENGTHENING = 1.05  # of α after a step that needed no trial
HIDDEN_DECREASE = 1e-8  # of |f|: a smaller one is compared with the rounding error of f


class Inertia(NamedTuple):
    """The last step x(k) - x(k-1), None where it is forgotten; Nesterov's t; and the next α."""

    velocity: Vector | None = None
    t: float = 0.0
    alpha: float | None = None

    @property
    def next_t(self) -> float:
        return 0.5 + sqrt(0.25 + self.t * self.t)

    @property
    def weight(self) -> float:
        """β(k) = (t(k) - 1)/t(k+1), where t(1) = 1: it is 0 at first and tends to 1."""
        return (self.t - 1.0) / self.next_t

    def carried(self, weight: float, free: Sequence[int] | None) -> Vector | None:
        """The last step with that weight, 0 in variables that a bound holds; None where all is."""
        if self.velocity is None or not weight:
            return None
        moved = scaled(weight, self.velocity)
        return restricted(moved, free)

    def after(self, here: Evaluation, there: Evaluation, alpha: float | None = None) -> Inertia:
        """Return the state after the step from `here` to `there`."""
        return Inertia(difference(there.x, here.x), self.next_t, alpha)


def lemma_step(base: Evaluation, alpha: float) -> Trials:
    """The step -α∇f from `base`, α made shorter until the descent lemma holds for L = 1/α.

    That is f(x) <= f(base) + ∇f·s + s·s/2α for the step s, but for rounding.
    """
    direction = scaled(-1.0, base.gradient)
    there, trials, undefined, rounding = base, 0, 0, 4.0 * EPSILON * abs(base.f)
    asked = False
    while trials < MOST_TRIALS and undefined < MOST_UNDEFINED_TRIALS:
        x = step(base.x, alpha, direction)
        if equal(x, base.x):
            break
        there = yield GradientAt(x)
        if not there.finite:
            undefined += 1
            alpha *= reduction(there, undefined)
            continue
        moved = difference(there.x, base.x)
        change = dot(moved, base.gradient) + 0.5 / alpha * dot(moved, moved)
        excess = there.f - base.f - change
        if not asked and excess > rounding and -change <= HIDDEN_DECREASE * abs(base.f):
            asked = True
            rounding = max(rounding, (yield RoundingAt(base.x)))
        if excess <= rounding:
            return Trial(alpha, there, near_rounding=-change <= rounding)
        trials += 1
        alpha *= SHORTENING
    return Stuck(None if isfinite(there.f) else there)
