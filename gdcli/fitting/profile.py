"""Profile intervals: the values of a parameter at which no fit of the others is good enough.

Comes in: the minimum of a fit, s, and the quantile t of the interval. Goes out: for each parameter
the ends, where |τ| = t. τ(θⱼ) is ±√(2(Q̃ - Q)/s²), Q̃ being the least Q with θⱼ held: with squares
2Q is S, the sum of w·r². Each point begins at its neighbour's parameters, moved along the path.

Where the model is linear the ends are those of Wald; elsewhere they do not rest on its being so.

Source: Bates and Watts, Nonlinear Regression Analysis and Its Applications (1988), 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt

from gdcli.descent.box import Box
from gdcli.descent.step_size import SMALLEST_NORMAL
from gdcli.fitting.levenberg_marquardt import FitLimits, LeastSquares, levenberg_marquardt
from gdcli.named_tuples import NamedTuple

TAU_TOLERANCE = 1e-6  # of |τ| = t at an end
LOWER_MINIMUM = 1e-6  # in τ²: how much lower Q̃ - Q must be to count as a lower minimum
MOST_POINTS = 100  # of one side
STRIDES_TO_END = 4  # of about so many the way to an end is made, so that the path is not left
LEAST_STRIDE = 1e-3  # in standard errors
FARTHEST_END = 1e3  # in standard errors: an interval that is longer counts as open


class ProfileProblem(NamedTuple):
    """A minimum whose parameters are to be profiled.

    `value` is Q at the `parameters`, computed as the `problem` computes it, and `rounding` a bound
    of its rounding error. `s` is the standard deviation that τ is measured in, `quantile` the |τ|
    of the ends, and `covariance` of p rows gives the first steps.
    """

    problem: LeastSquares
    parameters: Sequence[float]
    value: float
    rounding: float
    s: float
    quantile: float
    covariance: Sequence[Sequence[float | None]]
    box: Box | None
    limits: FitLimits


class ProfileEnd(NamedTuple):
    """An end of an interval; None with the reason where it is open.

    `lower` are the parameters of a lower Q, if one was met, at which the search stopped.
    """

    value: float | None
    reason: str = ""
    lower: list[float] | None = None


class _PathPoint(NamedTuple):
    """A point of the path of a profile: the held parameter's distance from the minimum, and |τ|."""

    distance: float
    tau: float
    parameters: Sequence[float]


def profile_end(of: ProfileProblem, place: int, side: int) -> ProfileEnd:
    """The end of the interval of the parameter at the place, below for side -1, above for 1."""
    middle = of.parameters[place]
    error = sqrt(of.covariance[place][place] or 0.0)
    room = inf
    if of.box is not None:
        room = abs((of.box.low if side < 0 else of.box.high)[place] - middle)
    below = _PathPoint(0.0, 0.0, of.parameters)
    above: _PathPoint | None = None
    stride, blocked = of.quantile * error / STRIDES_TO_END, inf
    reason = "open: the loss rises too little, however far it is moved"
    for _ in range(MOST_POINTS):
        if above is None:
            distance = min(below.distance + stride, room)
            if distance >= blocked:
                distance = 0.5 * (below.distance + blocked)
        else:
            distance = _between(below, above, of.quantile)
        at = middle + side * distance
        if above is not None and at in [middle + side * one.distance for one in (below, above)]:
            return ProfileEnd(at)  # no number lies between, or Q is rounded
        try:
            there = _minimised(of, place, at, below)
        except TimeoutError:
            return ProfileEnd(None, "the time was up before it was found")
        if there is None:
            blocked = distance
            reason = f"open: no fit is found with it at {at:.7g}"
            if blocked - below.distance <= LEAST_STRIDE * error:
                break
        elif there.tau < 0.0:
            return ProfileEnd(None, "a lower minimum was found", [*there.parameters])
        elif abs(there.tau - of.quantile) <= TAU_TOLERANCE:
            return ProfileEnd(at)
        elif there.tau > of.quantile:
            above = there
        elif above is not None:
            below = there
        elif distance >= room:
            return ProfileEnd(None, f"open: it meets its bound {at:.7g} before")
        elif distance > FARTHEST_END * error:
            break
        else:
            rise = (
                there.tau - below.tau
            ) / of.quantile  # of which a stride is to be 1/STRIDES_TO_END
            longer = 1.0 / (STRIDES_TO_END * rise) if rise > 0.0 else inf
            stride, below = stride * min(max(longer, 0.5), 2.0), there
    return ProfileEnd(None, reason)


def _between(below: _PathPoint, above: _PathPoint, quantile: float) -> float:
    """The distance at which τ is the quantile if it is linear; kept off the ends by 1 %."""
    width = above.distance - below.distance
    rise = above.tau - below.tau
    part = (quantile - below.tau) / rise if rise > 0.0 else 0.5
    return below.distance + min(max(part, 0.01), 0.99) * width


def _minimised(
    of: ProfileProblem, place: int, at: float, neighbour: _PathPoint
) -> _PathPoint | None:
    """The least Q with the parameter held, with τ < 0 for one below the minimum.

    None where no fit comes to rest. Raises TimeoutError and KeyboardInterrupt.
    """
    p = len(of.parameters)
    low = [-inf] * p if of.box is None else [*of.box.low]
    high = [inf] * p if of.box is None else [*of.box.high]
    low[place] = high[place] = at
    box = Box(low, high)
    step = at - neighbour.parameters[place]
    along = [(one or 0.0) / (of.covariance[place][place] or inf) for one in of.covariance[place]]
    moved = [x + step * d for x, d in zip(neighbour.parameters, along, strict=True)]
    for start in (moved, neighbour.parameters):
        found = levenberg_marquardt(of.problem, box.project([*start]), of.limits, box)
        if found.reason == "interrupted":
            raise KeyboardInterrupt
        if found.reason == "time":
            raise TimeoutError
        if found.at_rest:
            variance = of.s * of.s or SMALLEST_NORMAL
            square = 2.0 * (found.normal.value - of.value) / variance
            lower = max(LOWER_MINIMUM, 2.0 * of.rounding / variance)
            tau = -sqrt(-square) if square < -lower else sqrt(max(square, 0.0))
            return _PathPoint(abs(at - of.parameters[place]), tau, found.parameters)
    return None
