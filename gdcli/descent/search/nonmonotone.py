"""Sufficient decrease below the worst of the last values, which lets f rise now and then.

Sources: L. Grippo, F. Lampariello, S. Lucidi, SIAM J. Numer. Anal. 23 (1986) 707; M. Raydan, SIAM
J. Optim. 7 (1997) 26; E. G. Birgin, J. M. Martínez, M. Raydan, SIAM J. Optim. 10 (2000) 1196.
"""

from __future__ import annotations

from math import isfinite

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, Stuck, Traits, Trial, Trials, ValueAt
from gdcli.descent.search.trials import MOST_TRIALS, MOST_UNDEFINED_TRIALS, reduction
from gdcli.descent.vectors import Vector, difference, dot, equal, slope_of, step
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON


class NonMonotone(NamedTuple):
    """Sufficient decrease below the worst of the last values.

    It lets f rise now and then, which spectral steps need, and never for long.
    """

    recent: tuple[float, ...] = ()
    memory: int = 10
    gamma: float = 1e-4

    @property
    def adaptive(self) -> bool:
        return True

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """The first of at most MOST_TRIALS ever shorter steps that lowers f enough.

        Those that are not finite do not count, but are at most MOST_UNDEFINED_TRIALS.
        """
        there = here
        trials = undefined = 0
        while trials < MOST_TRIALS and undefined < MOST_UNDEFINED_TRIALS:
            x = step(here.x, alpha, direction)
            if equal(x, here.x):
                break
            # A first trial is mostly accepted, so its gradient comes along; a later one is f alone.
            first = trials + undefined == 0
            there = yield (GradientAt(x) if first else ValueAt(x))
            if demands.box is None:
                linear_decrease = -slope_of(alpha, direction, here.gradient)
            else:  # which may have shortened the step
                linear_decrease = -dot(difference(there.x, here.x), here.gradient)
            if isfinite(there.f) and self.accepts(there.f, linear_decrease, demands.monotone):
                if not first:
                    there = yield GradientAt(there.x, there.f)
                if there.finite:
                    return Trial(alpha, there)
            if there.finite:
                trials += 1
                alpha = self.shorter(alpha, here.f, there.f, linear_decrease)
            else:
                undefined += 1
                alpha *= reduction(there, undefined)
        return Stuck(None if isfinite(there.f) else there)

    def accepts(self, f: float, linear_decrease: float, monotone: bool = False) -> bool:
        """Whether f <= f_max - γ·linear_decrease + 4ε|f_max|; `linear_decrease` is -α·g·d.

        f_max is the worst of the last values, of a monotone run the last one.
        """
        worst = self.recent[-1] if monotone else max(self.recent)
        return f <= worst - self.gamma * linear_decrease + 4.0 * EPSILON * abs(worst)

    def shorter(self, alpha: float, f: float, trial: float, linear_decrease: float) -> float:
        """The α that minimizes the parabola through f, its slope and the trial, in [0.1α, 0.5α]."""
        excess = trial - f + linear_decrease
        if not isfinite(excess):
            return 0.1 * alpha
        ratio = 0.5 * linear_decrease / excess if excess > linear_decrease else 0.5
        return alpha * max(0.1, ratio)

    def after(self, f: float) -> NonMonotone:
        return self._replace(recent=(*self.recent, f)[-self.memory :])


def make(traits: Traits) -> NonMonotone:  # noqa: ARG001
    return NonMonotone()
