"""The gradient at a kink: the point of least norm in the hull of the gradients around it.

Comes in: a point where no step makes progress, or where the gradient is not finite. Goes out: the
same point, or a rounder one as low within reach, with the least-norm gradient in place of the
local rule's; None where f has no kink there, or too many variables. Its negative is a direction of
descent, and where it is 0 no direction is: the point is stationary (F. H. Clarke, Optimization and
Nonsmooth Analysis, 1983; sampled as in J. V. Burke, A. S. Lewis, M. L. Overton, SIAM J. Optim. 15
(2005) 751). `random` is imported here alone, when a run meets a kink.
"""

from __future__ import annotations

from math import inf

from gdcli.descent.objective import Counted, Evaluation
from gdcli.descent.vectors import Vector, difference, largest, step
from gdcli.numbers.linear_algebra import identity

KINK_RADIUS = 1e-6  # of the wider ring of samples, relative to max(1, ‖x‖∞)
INNER_RADIUS_RATIO = 1e-3  # the other ring; what both agree on is the kink's, not the curvature's
MOST_RISE_RATIO = 1e3  # how many times as fast as its gradient says f may change beside a kink
MOST_ROUND_DECIMALS = 3  # decimals of the round numbers an iterate may be moved to
MOST_KINK_VARIABLES = 50  # beyond which a kink is not sampled: it takes gradients for each
KINK_SEED = 1983


def at_kink(objective: Counted, here: Evaluation, move: bool) -> Evaluation | None:
    """`here` with the least-norm gradient of its kink; None without one.

    With `move` the point may become a round one near by, where f is not higher.
    """
    if len(here.x) > MOST_KINK_VARIABLES:
        return None
    radius = KINK_RADIUS * max(1.0, largest(here.x))
    x, f = _rounded(objective, here, radius) if move else (here.x, here.f)
    wide = _sampled_around(objective, x, radius)
    narrow = _sampled_around(objective, x, radius * INNER_RADIUS_RATIO)
    if here.finite and len(narrow) < sample_count(len(x)):
        return None  # an edge of the domain: beside it the gradient is as the formulas say
    if not wide or not narrow or _spread(narrow) <= 0.1 * _spread(wide):
        return None  # around a smooth point gradients differ in proportion to the radius
    steepest = max(there.gradient_norm for there in narrow)
    rise = max(abs(there.f - f) for there in narrow)
    if rise > MOST_RISE_RATIO * steepest * radius * INNER_RADIUS_RATIO:
        return None  # a pole or a jump: f is not even continuous
    from gdcli.nonsmooth.least_norm import least_norm

    gradient = least_norm([there.gradient for there in narrow])
    if (
        largest(gradient)
        <= KINK_RADIUS * steepest
        < largest(least_norm([w.gradient for w in wide]))
    ):
        return None  # stationary from near, but not from further away
    return Evaluation(x, f, gradient, largest(gradient))


def _sampled_around(objective: Counted, x: Vector, radius: float) -> list[Evaluation]:
    """The finite evaluations at x ± radius along each axis and seeded random directions."""
    from random import Random

    random = Random(KINK_SEED)
    n = len(x)
    directions = identity(n)
    directions += [[random.uniform(-1.0, 1.0) for _ in x] for _ in range(sample_count(n) // 2 - n)]
    sample_points = [step(x, sign * radius, d) for d in directions for sign in (1.0, -1.0)]
    sampled = [objective.both(sample_point) for sample_point in sample_points]
    return [there for there in sampled if there.finite]


def sample_count(n: int) -> int:
    """How many points are sampled around a point of n coordinates."""
    return 2 * (n + n + 4)


def _spread(sampled: list[Evaluation]) -> float:
    """The largest difference of a gradient from the first, in the ‖·‖∞ norm."""
    return max(largest(difference(there.gradient, sampled[0].gradient)) for there in sampled)


def _rounded(objective: Counted, here: Evaluation, radius: float) -> tuple[Vector, float]:
    """The roundest point within the radius at which f is not higher, else the point itself."""
    for decimals in range(MOST_ROUND_DECIMALS + 1):
        near = [round(c, decimals) + 0.0 for c in here.x]
        x = [n if abs(n - c) <= radius else c for n, c in zip(near, here.x, strict=True)]
        if x != here.x and -inf < (f := objective.value(x)) <= here.f:
            return x, f
    return here.x, here.f
