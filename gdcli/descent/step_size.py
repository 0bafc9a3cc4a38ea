"""How far to go: a step size proposes α, a safeguard accepts the step or asks for a shorter one.

Comes in: the number k of the iterate and the evaluated point, later the step that was taken.
Goes out: α > 0. `Fixed` and `Schedule` are taken as they are, whatever f does. `Spectral` needs
the safeguard `NonMonotone`. All are small and frozen; `after` gives the one for the next step.

Sources: J. Barzilai, J. M. Borwein, IMA J. Numer. Anal. 8 (1988) 141; L. Grippo, F. Lampariello,
S. Lucidi, SIAM J. Numer. Anal. 23 (1986) 707; M. Raydan, SIAM J. Optim. 7 (1997) 26.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.vectors import Vector, difference, dot, largest, scaled
from gdcli.errors import GdcliError, Sentence, UsageError, visible
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.functions.function import Function

LONGEST_STEP = 1e100  # in ‖x‖∞ or 1: α‖g‖∞ never exceeds it, nor MOST_LENGTH
MOST_LENGTH = 1e300  # a step stays far from overflow
SMALLEST_NORMAL = 2.0**-1022


class StepSize(Protocol):
    """A rule that proposes the step size α."""

    def at(self, k: int, here: Evaluation, objective: Objective) -> float:
        """The α to try first at iterate k, the point `here` of the objective."""

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> StepSize:
        """The rule for the step after the one of α from `here` to `there`."""


class Fixed(NamedTuple):
    """One α for every step: x(k+1) = x(k) - α∇f(x(k)) to the last bit."""

    alpha: float

    def at(self, k: int, here: Evaluation, objective: Objective) -> float:  # noqa: ARG002
        return self.alpha

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Fixed:  # noqa: ARG002
        return self


class Schedule(NamedTuple):
    """α as a function of k = 0, 1, 2, …"""

    of: Callable[[int], float]

    def at(self, k: int, here: Evaluation, objective: Objective) -> float:  # noqa: ARG002
        return self.of(k)

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Schedule:  # noqa: ARG002
        return self


def parse_schedule(text: str, place: str = "alpha") -> Callable[[int], float]:
    """The function of k that a text such as `0.5/sqrt(k+1)` writes.

    `place` is named in the UsageError for a text that is no expression in k.
    """
    function = expression_in_k(text, place)
    values = len(function.variables)
    return lambda k: function.evaluate([float(k)] * values)


def expression_in_k(text: str, place: str) -> Function:
    """The text as a Function of k or of no variable. Raises UsageError."""
    from gdcli.functions.constants import check_literals
    from gdcli.functions.function import Function

    try:
        function = Function(text)
    except GdcliError as error:
        raise UsageError(Sentence("{}: {}", place, error.whole)) from None
    check_literals(function.expression, place, UsageError)
    strangers = [name for name in function.variables if name != "k"]
    if strangers:
        raise UsageError(
            f"{place} {visible(text)}: `{strangers[0]}` has no value there;"
            ' write a number, auto, or an expression in k such as "0.5/sqrt(k+1)"'
        )
    return function


class Spectral(NamedTuple):
    """The inverse of the curvature along the last step (Barzilai and Borwein, 1988).

    Lengths and slopes are those by y = x/s where there are `scales` s.
    """

    proposal: float | None = None
    scales: Vector | None = None

    def at(self, k: int, here: Evaluation, objective: Objective) -> float:  # noqa: ARG002
        """The proposal; at the start the α that minimizes the quadratic model along the gradient.

        The first step is no longer than ‖x‖∞, or 1 where that is 0. Where the model has no minimum
        α is 1/max(1, ‖g‖∞) in the unit of that length.
        """
        gradient = _in_scales(here.gradient, self.scales)
        norm = largest(gradient)
        size = largest(here.x) or 1.0 if self.scales is None else 1.0
        alpha = self.proposal
        if alpha is None:
            model = cauchy_step(objective, here, self.scales)
            alpha = min(model, size / norm) if model > 0.0 else min(size * size, size / norm)
        longest = min(LONGEST_STEP * max(1.0, size), MOST_LENGTH)
        return min(alpha, longest / norm) if norm > 1.0 else min(alpha, longest)

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Spectral:
        s, y = difference(there.x, here.x), difference(there.gradient, here.gradient)
        if self.scales is not None:
            s = [c / scale for c, scale in zip(s, self.scales, strict=True)]
        return self._replace(proposal=_barzilai_borwein(s, _in_scales(y, self.scales), alpha))


def cauchy_step(objective: Objective, here: Evaluation, scales: Vector | None) -> float:
    """gᵀg/gᵀHg, by one product; 0 where that is not positive, nan where it is not finite."""
    gradient = _in_scales(here.gradient, scales)
    unit = scaled(1.0 / largest(gradient), gradient)
    product = objective.evaluate_hessian_product(here.x, _in_scales(unit, scales))
    curvature = dot(unit, _in_scales(product, scales))
    if not isfinite(curvature):
        return nan
    alpha = dot(unit, unit) / curvature if curvature > 0.0 else 0.0
    return alpha if alpha < inf else 0.0


def _in_scales(gradient: Vector, scales: Vector | None) -> Vector:
    """The gradient by y = x/s, or the direction by x that one by y is."""
    if scales is None:
        return gradient
    return [s * g for s, g in zip(scales, gradient, strict=True)]


def _barzilai_borwein(s: Vector, y: Vector, alpha: float) -> float | None:
    """s·s/s·y, or the shorter s·y/y·y where their ratio, cos²(s, y), is below 1/2."""
    if not dot(s, y) >= SMALLEST_NORMAL:
        return 10.0 * alpha  # no curvature, or downwards: go further
    moved, turned = largest(s), largest(y)
    s, y = scaled(1.0 / moved, s), scaled(1.0 / turned, y)  # or y·y overflows at slopes of 1e155
    ss, sy, yy = dot(s, s), dot(s, y), dot(y, y)
    shorter = sy * sy < 0.5 * ss * yy
    proposal = moved / turned * (sy / yy if shorter else ss / sy)
    return proposal if proposal >= SMALLEST_NORMAL and isfinite(proposal) else None


class NonMonotone(NamedTuple):
    """Sufficient decrease below the worst of the last values (Grippo, Lampariello, Lucidi, 1986).

    It lets f rise now and then, which spectral steps need, and never for long.
    """

    recent: tuple[float, ...] = ()
    memory: int = 10
    gamma: float = 1e-4

    def accepts(self, f: float, linear_decrease: float) -> bool:
        """Whether f <= f_max - γ·linear_decrease + 4ε|f_max|; `linear_decrease` is -α·g·d."""
        worst = max(self.recent)
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
