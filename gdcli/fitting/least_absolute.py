"""Least absolute deviations: parameters that make Σ |u| small, u being w·r.

Comes in: the Residuals of a model with the absolute loss, a start, limits and a Box. Goes out:
LeastAbsolute. First |u| is smoothed to u²/2t where |u| <= t and to |u| - t/2 beyond, and the
threshold t made smaller. Then the slopes stand for the model: a simplex method finds the step to
the least Σ |u + J·d|, where as many rows as parameters are 0. Of a linear model this is the
minimum; of another the steps are repeated, and shortened where they do not lower the sum. A
minimum is where no d lowers it.

Source: Madsen and Nielsen, A finite smoothing algorithm for linear l1 estimation, SIAM J. Optim. 3
(1993) 223; Barrodale and Roberts, An improved algorithm for discrete l1 linear approximation, SIAM
J. Numer. Anal. 10 (1973) 839; Osborne and Watson, On an algorithm for discrete nonlinear L1
approximation, Comput. J. 14 (1971) 184.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gdcli.fitting.closing import MOST_OFFSET
from gdcli.fitting.levenberg_marquardt import (
    DEFAULT_LIMITS,
    FitLimits,
    levenberg_marquardt,
)
from gdcli.fitting.losses import HUBER, SQUARED
from gdcli.fitting.minimisation import Spread
from gdcli.fitting.residuals import Residuals

if TYPE_CHECKING:
    from gdcli.descent.box import Box

    Array = np.ndarray[Any, np.dtype[np.float64]]

THRESHOLD_RATIO, LEAST_THRESHOLD = 0.1, 1e-6  # to the one before, and beside the mean of |u|
MOST_LINEARISED_STEPS, MOST_HALVINGS = 30, 30
PIVOTS_A_PARAMETER = 200
DEPENDENT_ROW = 1e-10  # of the slopes of a row, which others have already, beside its length
FULL_MULTIPLIER = 1e-9  # from 1: that of a row that leaves 0 without a higher sum
TIE_BREAKING = 1e-11  # beside the largest |u|, by which rows differ that would be 0 together
REST_DECREASE = 1e-13  # of the sum, which is rounding


class LeastAbsolute(NamedTuple):
    """Where a run of the absolute loss ended, and why: a `reason` is one of a Solution.

    `value` is Σ |u| and the penalty. `offset` is how much of it the slopes say that a step takes
    away: 0 at a minimum. `is_unique` is False where other parameters are known to have the same
    sum, and `determined` is how many combinations of parameters the slopes know.
    """

    parameters: list[float]
    value: float
    offset: float
    is_unique: bool
    determined: int
    reason: str
    iterations: int


def least_absolute(
    problem: Residuals,
    start: Sequence[float],
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
    linear: bool = False,
) -> LeastAbsolute:
    """The run from `start`; `linear` says that the model is linear in its parameters together."""
    rows = problem.rows
    if rows.weights is not None:
        squares: Any = [w * w for w in rows.weights]  # so that √ of a weight is w
        squares = squares if isinstance(rows.weights, list) else np.array(squares)
        rows = rows._replace(weights=squares, absolute=False)
    smooth = Residuals(problem.model, rows, HUBER, problem.backend)
    spread = Spread(smooth)
    sizes = spread.sizes(start)
    threshold = sizes[len(sizes) // 2] or sizes[-1] or 1.0
    here, iterations = [*start], 0
    while True:
        smooth.settings = [threshold]
        smooth.penalty = [threshold * c for c in problem.penalty]
        left = limits.evaluations - smooth.evaluations
        found = levenberg_marquardt(smooth, here, limits._replace(evaluations=left), box)
        here, iterations = found.parameters, iterations + found.iterations
        sizes = spread.sizes(here)
        least = max(LEAST_THRESHOLD * sum(sizes) / len(sizes), spread.rounding)
        if not found.at_rest or threshold <= least or (linear and not problem.penalty):
            break
        threshold = max(THRESHOLD_RATIO * threshold, least)
    slopes = Residuals(problem.model, rows, SQUARED, problem.backend)
    end = _End(slopes, here, box, iterations)
    if problem.penalty:
        end.compare(np.array(problem.penalty), threshold)
    elif found.reason not in ("undefined", "interrupted", "time"):
        end.finish()
    problem.evaluations += smooth.evaluations + slopes.evaluations
    reason = "step" if end.offset <= MOST_OFFSET else found.reason
    return LeastAbsolute(
        end.here.tolist(), end.value, end.offset, end.is_unique, end.determined, reason, end.steps
    )


class _End:
    """The end of a run, where the slopes stand for the model.

    `u` has m entries, `slopes` ∂u/∂θ the shape (m, k), of the k parameters that no bound holds.
    """

    def __init__(self, problem: Residuals, here: list[float], box: Box | None, steps: int) -> None:
        self.problem, self.box, self.steps = problem, box, steps
        held = {} if box is None else box.active(here)
        self.free = [j for j in range(problem.p) if j not in held]
        self.here = np.array(here)
        self.u, self.slopes = self.at(self.here)
        self.value = float(abs(self.u).sum())
        self.offset, self.is_unique, self.determined = np.inf, True, len(self.free)

    def at(self, parameters: Array) -> tuple[Array, Array]:
        self.problem.evaluations += 1
        u, slopes = self.problem.each_row(parameters.tolist())
        return np.array(u), np.array(slopes)[:, self.free]

    def finish(self) -> None:
        """Takes steps to minima of the linearised sum while these lower the sum."""
        for _ in range(MOST_LINEARISED_STEPS):
            vertex = _Vertex(self.u, self.slopes)
            step = vertex.descended()
            self.is_unique, self.determined = vertex.is_unique, len(vertex.rows)
            decrease = self.value - float(abs(self.u + self.slopes @ step).sum())
            self.offset = max(decrease, 0.0) / self.value if self.value else 0.0
            self.steps += 1
            if not self.moved(step):
                return

    def moved(self, step: Array) -> bool:
        """Whether the step, or a part of it, lowers the sum: then it is taken."""
        for halvings in range(MOST_HALVINGS):
            there = self.here.copy()
            there[self.free] += step * 0.5**halvings
            if self.box is not None:
                there = np.array(self.box.project(there.tolist()))
            u, slopes = self.at(there)
            value = float(abs(u).sum())
            if value < self.value:
                small = self.value - value <= REST_DECREASE * self.value
                self.here, self.u, self.slopes, self.value = there, u, slopes, value
                return not small
            if self.offset <= REST_DECREASE:
                return False
        return False

    def compare(self, penalty: Array, threshold: float) -> None:
        """The offset of a smoothed minimum: how far a subgradient is from 0 beside its terms."""
        multipliers = np.clip(self.u / threshold, -1.0, 1.0)
        pull = penalty * self.here
        subgradient = multipliers @ self.slopes + pull[self.free]
        sizes = abs(multipliers) @ abs(self.slopes) + abs(pull[self.free])
        self.value += 0.5 * float(pull @ self.here)
        self.offset = float(
            np.max(abs(subgradient) / np.where(sizes == 0.0, 1.0, sizes), initial=0)
        )


class _Vertex:
    """A step d at which independent `rows` of u + J·d are 0, as many as J has rank."""

    def __init__(self, u: Array, slopes: Array) -> None:
        noise = np.arange(1, len(u) + 1) * 0.6180339887498949 % 1.0 - 0.5
        self.exact, self.slopes = u, slopes
        self.u = u + TIE_BREAKING * abs(u).max(initial=0.0) * noise
        self.rows: list[int] = []
        self.is_unique = True
        directions = np.empty((0, slopes.shape[1]))
        for place in np.argsort(abs(u), kind="stable"):
            row = slopes[place]
            rest = row - (directions @ row) @ directions
            rest = rest - (directions @ rest) @ directions
            length = np.linalg.norm(rest)
            if length > DEPENDENT_ROW * np.linalg.norm(row):
                self.rows.append(int(place))
                directions = np.vstack([directions, rest / length])
            if len(self.rows) == slopes.shape[1]:
                break

    def step(self, u: Array) -> Array:
        """The d, of least length where it is not determined."""
        return np.asarray(np.linalg.lstsq(self.slopes[self.rows], -u[self.rows], rcond=None)[0])

    def descended(self) -> Array:
        """The d of the vertex with the least sum, reached over neighbouring vertices."""
        for _ in range(PIVOTS_A_PARAMETER * len(self.rows)):
            r = self.u + self.slopes @ self.step(self.u)
            r[self.rows] = 0.0
            signs = np.sign(r)
            matrix = self.slopes[self.rows]
            multipliers = np.linalg.lstsq(matrix.T, -(signs @ self.slopes), rcond=None)[0]
            leaving = int(np.argmax(abs(multipliers)))
            self.is_unique = bool((abs(multipliers) < 1.0 - FULL_MULTIPLIER).all())
            if abs(multipliers[leaving]) <= 1.0 + FULL_MULTIPLIER:
                break
            unit = np.zeros(len(self.rows))
            unit[leaving] = np.sign(multipliers[leaving])
            change = self.slopes @ np.linalg.lstsq(matrix, unit, rcond=None)[0]
            entering = _entering(r, change, 1.0 - abs(multipliers[leaving]), self.rows)
            if entering is None:
                break
            self.rows[leaving] = entering
        return self.step(self.exact)


def _entering(r: Array, change: Array, slope: float, rows: list[int]) -> int | None:
    """The row whose r is 0 where Σ |r + α·change| is least, α > 0; `slope` is its slope at 0."""
    with np.errstate(all="ignore"):
        ways = -r / change
    ways[rows] = np.inf
    places = np.flatnonzero((ways > 0.0) & np.isfinite(ways))
    order = places[np.argsort(ways[places], kind="stable")]
    slopes = slope + 2.0 * np.cumsum(abs(change[order]))
    after = np.flatnonzero(slopes >= 0.0)
    return int(order[after[0]]) if len(after) else None
