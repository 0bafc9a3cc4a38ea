"""Least absolute deviations: parameters that make Σ |u| small, u being w·r.

Comes in: the Residuals of a model with the absolute loss, a start, limits and a Box. Goes out:
a Solution. First |u| is smoothed to u²/2t where |u| <= t and to |u| - t/2 beyond, and the
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
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.fitting.closing import MOST_OFFSET, Closing
from gdcli.fitting.levenberg_marquardt import (
    FitLimits,
    Solution,
    levenberg_marquardt,
)
from gdcli.fitting.losses import HUBER, SQUARED
from gdcli.fitting.residuals import NormalEquations, Residuals, TooManyPassesError
from gdcli.fitting.spread import Spread

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.execute.grid import Array
    from gdcli.fitting.residuals import Rows

THRESHOLD_RATIO, LEAST_THRESHOLD = 0.1, 1e-6  # to the one before, and beside the mean of |u|
MOST_LINEARISED_STEPS, MOST_SHORTENINGS = 30, 30
PIVOTS_A_PARAMETER = 200
DEPENDENT_ROW = 1e-10  # of the slopes of a row, which others have already, beside its length
MOST_MULTIPLIER_SWEEPS = 1000
FULL_MULTIPLIER = 1.0 + 1e-9  # beyond which a row of a vertex leaves 0
TIE_BREAKING = 1e-11  # beside the largest |u|, by which rows differ that would be 0 together
REST_DECREASE = 1e-13  # of the sum, which is rounding
SHORT_WAY, SAME_LEVEL = 1e-3, 1e-10  # of the mean of |u|, and of the sum, where it is level


def least_absolute(
    problem: Residuals,
    start: Sequence[float],
    limits: FitLimits,
    box: Box | None,
    linear: bool,
) -> Solution:
    """The run from `start`; `linear` says that the model is linear in its parameters together."""
    rows, passes = _with_roots(problem.rows), problem.passes
    smooth = Residuals(problem.model, rows, HUBER, problem.backend, passes=passes)
    if passes.most - passes.evaluations < 2:  # one to descend, and one to tell where that ends
        return Solution([*start], problem.normal_equations(start), "evaluations", 0)
    spread, last = Spread(smooth), passes.evaluations + limits.evaluations
    sizes = spread.sizes(start)
    threshold = float(sizes[len(sizes) // 2] or sizes[-1] or 1.0)
    here, iterations = [*start], 0
    while True:
        smooth.settings = [threshold]
        smooth.penalty = [threshold * c for c in problem.penalty]
        left = int(min(last, passes.most - 1)) - passes.evaluations
        limited = limits.after(iterations)._replace(evaluations=left)
        found = levenberg_marquardt(smooth, here, limited, box)
        here, iterations = found.parameters, iterations + found.iterations
        sizes = spread.sizes(here)
        least = max(LEAST_THRESHOLD * float(sum(sizes)) / len(sizes), spread.rounding)
        is_last = threshold <= least or (linear and not problem.penalty)
        if is_last or not found.at_rest or passes.most - passes.evaluations < 2:
            break
        threshold = max(THRESHOLD_RATIO * threshold, least)
    reason = found.reason
    if not found.is_cut_short and not problem.penalty:
        end = _LinearisedEnd(problem, here, box)
        iterations += end.finish(min(MOST_LINEARISED_STEPS, limits.iterations - iterations))
        reason = "step" if end.offset <= MOST_OFFSET else reason
        return Solution(end.here.tolist(), end.normal_equations(), reason, iterations)
    return Solution(here, problem.normal_equations(here), reason, iterations)


def closing_at(problem: Residuals, parameters: Sequence[float], box: Box | None) -> Closing:
    """What tells whether the parameters are at a minimum.

    Its offset is the part of the sum that the slopes say a step takes away; with a penalty it is
    the largest entry of a subgradient beside the sum of the sizes of its terms. Rows that are not
    determined have null directions.
    """
    end = _LinearisedEnd(problem, [*parameters], box)
    end.offset, vertex = end.decrease()
    if problem.penalty:
        end.offset = end.subgradient()
    null = np.zeros((0, len(parameters)))
    if not problem.penalty and len(vertex.rows) < len(end.free):
        spanned = np.vstack([vertex.directions, np.zeros(len(end.free))])
        null = np.zeros((len(end.free) - len(vertex.rows), len(parameters)))
        null[:, end.free] = np.linalg.svd(spanned)[2][len(vertex.rows) :]
    level = [] if problem.penalty or len(null) else end.level(vertex)
    return Closing(
        [*parameters], end.value, [], [], 0, end.free, end.offset, 1.0, null.tolist(), level=level
    )


def _with_roots(rows: Rows) -> Rows:
    """The rows with squared weights, so that √ of a weight times a residual is u."""
    if rows.weights is None:
        return rows
    squares: Any = [w * w for w in rows.weights]
    if not isinstance(rows.weights, list):
        squares = np.array(squares)
    return rows._replace(weights=squares, absolute=False)


class _LinearisedEnd:
    """The end of a run, where the slopes stand for the model.

    `u` has m entries, `slopes` ∂u/∂θ the shape (m, k), of the k parameters that no bound holds.
    """

    def __init__(self, problem: Residuals, here: list[float], box: Box | None) -> None:
        self.problem, self.box = problem, box
        rows, passes = _with_roots(problem.rows), problem.passes
        self.plain = Residuals(problem.model, rows, SQUARED, problem.backend, passes=passes)
        held = {} if box is None else box.active(here)
        self.free = [j for j in range(problem.p) if j not in held]
        self.here = np.array(here)
        self.penalty = np.array(problem.penalty) if problem.penalty else np.zeros(problem.p)
        self.u, self.slopes = self.at(self.here)
        self.value = float(abs(self.u).sum() + 0.5 * (self.penalty * self.here) @ self.here)
        self.offset = np.inf

    def at(self, parameters: Array) -> tuple[Array, Array]:
        parts = [*self.plain.blocks(parameters.tolist())]
        u = np.concatenate([one for one, _ in parts])
        return u, np.concatenate([slopes[:, self.free] for _, slopes in parts])

    def decrease(self) -> tuple[float, _Vertex]:
        """The part of the sum that a step to the linearised minimum takes away, and its vertex."""
        vertex = _Vertex(self.u, self.slopes)
        vertex.descend()
        before = float(abs(self.u).sum())
        lower = before - float(abs(self.u + self.slopes @ vertex.step(self.u)).sum())
        return (max(lower, 0.0) / before if before else 0.0), vertex

    def normal_equations(self) -> NormalEquations:
        """The sum, its gradient, and its Gauss-Newton matrix, which is 0."""
        gradient = self.penalty * self.here
        gradient[self.free] += np.sign(self.u) @ self.slopes
        p = len(gradient)
        return NormalEquations(self.value, gradient.tolist(), np.zeros((p, p)).tolist())

    def finish(self, most: int) -> int:
        """Takes steps to minima of the linearised sum while these lower the sum; how many."""
        steps, moves = 0, True
        while moves and steps < most:
            self.offset, vertex = self.decrease()
            try:
                moves = self.moved(vertex.step(self.u))
            except TooManyPassesError:
                break
            steps += 1
        return steps

    def moved(self, step: Array) -> bool:
        """Whether the step, or a part of it, lowers the sum: then it is taken."""
        for halvings in range(MOST_SHORTENINGS):
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

    def level(self, vertex: _Vertex) -> list[float]:
        """A direction of all parameters along which the sum stays the same; [] if there is none."""
        for along in vertex.edges():
            change = float(abs(self.slopes @ along).max(initial=0.0))
            for sign in (1.0, -1.0) if change else ():
                move = np.zeros(len(self.here))
                move[self.free] = sign * along
                there = self.here + SHORT_WAY * float(abs(self.u).mean()) / change * move
                if self.box is not None and [*self.box.project(there.tolist())] != there.tolist():
                    continue
                value = float(abs(self.at(there)[0]).sum())
                if value - self.value <= SAME_LEVEL * self.value:
                    return [float(d) for d in move / abs(move).max()]
        return []

    def subgradient(self) -> float:
        """The largest entry of the least subgradient found, beside the sum of its terms' sizes.

        Rows whose u is 0 beside the others take the multipliers between -1 and 1 that leave least.
        """
        small = abs(self.u) <= 10.0 * LEAST_THRESHOLD * float(abs(self.u).mean())
        pull = (self.penalty * self.here)[self.free]
        rest = np.sign(self.u[~small]) @ self.slopes[~small] + pull
        sizes = abs(self.slopes).sum(axis=0) + abs(pull)
        sizes[sizes == 0.0] = 1.0
        rest, rows = rest / sizes, self.slopes[small] / sizes
        multipliers, lengths = np.zeros(len(rows)), (rows * rows).sum(axis=1)
        for _ in range(MOST_MULTIPLIER_SWEEPS):
            if float(abs(rest).max(initial=0.0)) <= 0.1 * MOST_OFFSET:
                break
            for place in np.flatnonzero(lengths):
                row, before = rows[place], multipliers[place]
                after = min(1.0, max(-1.0, before - float(row @ rest) / lengths[place]))
                multipliers[place] = after
                rest = rest + (after - before) * row
        return float(abs(rest).max(initial=0.0))


class _Vertex:
    """A step d at which independent `rows` of u + J·d are 0, as many as J has rank."""

    def __init__(self, u: Array, slopes: Array) -> None:
        noise = np.arange(1, len(u) + 1) * 0.6180339887498949 % 1.0 - 0.5
        self.slopes = slopes
        self.u = u + TIE_BREAKING * abs(u).max(initial=0.0) * noise
        self.rows: list[int] = []
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
        self.directions = directions

    def step(self, u: Array) -> Array:
        """The d, of least length where it is not determined."""
        return np.asarray(np.linalg.lstsq(self.slopes[self.rows], -u[self.rows], rcond=None)[0])

    def multipliers(self, u: Array) -> Array:
        """The multiplier of each of the `rows`: at a minimum none is larger than 1."""
        r = u + self.slopes @ self.step(u)
        r[self.rows] = 0.0
        matrix = self.slopes[self.rows]
        return np.asarray(np.linalg.lstsq(matrix.T, -(np.sign(r) @ self.slopes), rcond=None)[0])

    def edges(self) -> list[Array]:
        """The steps that leave the vertex along an edge on which the linearised sum is level."""
        full = abs(self.multipliers(self.u)) > 2.0 - FULL_MULTIPLIER
        units = np.eye(len(self.rows))[full]
        matrix = self.slopes[self.rows]
        return [np.linalg.lstsq(matrix, unit, rcond=None)[0] for unit in units]

    def descend(self) -> None:
        """Moves over neighbouring vertices to that with the least sum."""
        for _ in range(PIVOTS_A_PARAMETER * len(self.rows)):
            r = self.u + self.slopes @ self.step(self.u)
            r[self.rows] = 0.0
            matrix, multipliers = self.slopes[self.rows], self.multipliers(self.u)
            leaving = int(np.argmax(abs(multipliers)))
            if abs(multipliers[leaving]) <= FULL_MULTIPLIER:
                return
            unit = np.zeros(len(self.rows))
            unit[leaving] = np.sign(multipliers[leaving])
            change = self.slopes @ np.linalg.lstsq(matrix, unit, rcond=None)[0]
            entering = _entering(r, change, 1.0 - abs(multipliers[leaving]), self.rows)
            if entering is None:
                return
            self.rows[leaving] = entering


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
