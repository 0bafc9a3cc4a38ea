"""The method of Levenberg and Marquardt for the parameters of a model, within bounds.

Comes in: a LeastSquares problem, a start and limits. Goes out: a Solution, whatever happens: at a
limit, at an interruption and where nothing helps it is the best point so far.

The damping follows Nielsen, the steps have the second-order correction of Transtrum and Sethna.
Parameters on a bound that the gradient presses them against are not moved; of the others those that
a step would carry over a bound are put on it, and the step of the rest is computed again.

Source: Levenberg (1944); Marquardt (1963); Nielsen, Damping parameter in Marquardt's method (1999);
Transtrum and Sethna, Improvements to the Levenberg-Marquardt algorithm (2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, sqrt
from time import perf_counter
from typing import Protocol

from gdcli.descent.box import Box
from gdcli.descent.stopping import UNBOUNDED_FACTOR
from gdcli.fitting.factorization import Matrix, cholesky, cholesky_solution, inner
from gdcli.fitting.residuals import NormalEquations, TooManyPassesError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-3, 1e-18, 1e60
SMALL_STEP = 1e-12  # relative to each parameter
MOST_ACCELERATION = 0.75  # 2‖a‖/‖v‖, beyond which a step is too long to be corrected


class LeastSquares(Protocol):
    """A problem as the method needs it: see `Residuals`."""

    p: int

    @property
    def evaluations(self) -> int:
        """How many passes over the data there were."""

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """Q at the p parameters, its gradient and its Gauss-Newton matrix."""

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        """The p sums of w·ℓ″·f″·∂f/∂θⱼ, f″ the second derivative of f along the direction."""


class FitLimits(NamedTuple):
    """The limits that end a run which has not converged."""

    iterations: int = 10_000
    evaluations: int = 200  # passes over the data, an attempt; PassCount has those of all
    deadline: float = inf  # of perf_counter

    def after(self, iterations: int) -> FitLimits:
        """The limits that are left after so many iterations."""
        return self._replace(iterations=self.iterations - iterations)


DEFAULT_LIMITS = FitLimits()


class Solution(NamedTuple):
    """Where a run ended: the p parameters, the NormalEquations there, and why.

    `reason` is one of `step` (no parameter moves any more), `rounding` (no step lowers Q by more
    than its rounding error), `stalled` (no damping gives a lower Q), `iterations`, `evaluations`,
    `time`, `interrupted`, `undefined` (there is no finite number at the start), `unbounded` (Q has
    fallen as far as `Bounds` of descents lets it).
    """

    parameters: list[float]
    normal: NormalEquations
    reason: str
    iterations: int

    @property
    def at_rest(self) -> bool:
        """Whether the run ended because it came to rest, not at a limit."""
        return self.reason in ("step", "rounding")

    @property
    def is_cut_short(self) -> bool:
        """Whether nothing is to be done where the run ended."""
        return self.reason in ("undefined", "interrupted", "time")


class _Step(NamedTuple):
    """A damped step: the move of each parameter, and what its correction needs.

    `moving` are the places of the parameters that no bound stops, `lower` the factor of their
    damped matrix, and `predicted` how much lower the linear model has Q. `is_cut` says that the
    step puts a parameter on its bound.
    """

    move: list[float]
    moving: list[int]
    lower: Matrix
    predicted: float
    is_cut: bool


def levenberg_marquardt(
    problem: LeastSquares,
    start: Sequence[float],
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> Solution:
    """The run from `start`, which lies in the `box`."""
    here, last = [*start], problem.evaluations + limits.evaluations
    normal = problem.normal_equations(here)
    if not normal.is_finite:
        return Solution(here, normal, "undefined", 0)
    damping, factor = FIRST_DAMPING, 2.0
    scales, k = [0.0] * problem.p, 0
    lowest = normal.value - UNBOUNDED_FACTOR * max(1.0, abs(normal.value))
    try:
        while True:
            if k >= limits.iterations:
                return Solution(here, normal, "iterations", k)
            if problem.evaluations >= last:
                return Solution(here, normal, "evaluations", k)
            if perf_counter() >= limits.deadline:
                return Solution(here, normal, "time", k)
            k += 1
            sizes = [sqrt(max(row[j], 0.0)) for j, row in enumerate(normal.matrix)]
            scales = column_scales(scales, sizes, here)
            step = damped_step(here, normal, scales, damping, box)
            if step is None:
                there, small = None, False
            else:
                small = is_small(step.move, here, sizes)
                at_rest = step.predicted <= EPSILON * normal.value and damping <= FIRST_DAMPING
                if at_rest and not step.is_cut:
                    return Solution(here, normal, "step" if small else "rounding", k)
                there = corrected(problem, here, step, scales, box)
            new = None if there is None else problem.normal_equations(there)
            if step and there and new and new.is_finite and new.value < normal.value:
                gain = (normal.value - new.value) / step.predicted if step.predicted > 0.0 else 1.0
                here, normal, factor = there, new, 2.0
                if normal.value < lowest:
                    return Solution(here, normal, "unbounded", k)
                shrink = max(0.1, 1.0 - (2.0 * min(gain, 1.0) - 1.0) ** 3)
                damping = max(damping * shrink, LEAST_DAMPING)
            else:
                damping *= factor
                factor *= 2.0
            if small:
                return Solution(here, normal, "step", k)
            if not damping <= MOST_DAMPING:
                return Solution(here, normal, "stalled", k)
    except TooManyPassesError:
        return Solution(here, normal, "evaluations", k - 1)
    except KeyboardInterrupt:
        return Solution(here, normal, "interrupted", k)


def column_scales(
    before: Sequence[float], sizes: Sequence[float], here: Sequence[float]
) -> list[float]:
    """D: the lengths of the slopes, which shrink by half an iteration at most.

    They are not so small that a parameter could change by itself, or by 1, and predictions by less
    than their rounding: a parameter without influence does not hold up the others.
    """
    largest = max((abs(x) * size for x, size in zip(here, sizes, strict=True)), default=0.0)
    return [
        max(0.5 * old, new, EPSILON * largest / max(1.0, abs(x))) or 1.0
        for old, new, x in zip(before, sizes, here, strict=True)
    ]


def damped_step(
    here: list[float],
    normal: NormalEquations,
    scales: list[float],
    damping: float,
    box: Box | None,
) -> _Step | None:
    """The step v of (A + λD²)·v = -g within the box; None where the matrix is singular."""
    p = len(here)
    move, is_cut = [0.0] * p, False
    moving = [*range(p)]
    if box is not None:
        moving = [j for j, g in enumerate(box.inward(here, normal.gradient)) if g or g != g]
        moving = [j for j in moving if box.low[j] < box.high[j]]
    while True:
        lower = cholesky(
            [
                [normal.matrix[j][i] / scales[j] / scales[i] + damping * (i == j) for i in moving]
                for j in moving
            ]
        )
        if lower is None:
            return None
        stopped = [i for i in range(p) if move[i]]
        pull = [
            -(
                normal.gradient[j]
                + inner([normal.matrix[j][i] for i in stopped], [move[i] for i in stopped])
            )
            / scales[j]
            for j in moving
        ]
        found = [v / scales[j] for j, v in zip(moving, cholesky_solution(lower, pull), strict=True)]
        kept, first = 1.0, -1
        for j, v in zip(moving, found, strict=True):
            if box is not None and not box.low[j] <= here[j] + v <= box.high[j]:
                room = (box.low[j] if v < 0.0 else box.high[j]) - here[j]
                if room / v < kept:
                    kept, first, move[j] = room / v, j, room
        if first < 0:
            break
        is_cut = True
        move = [d if j == first or j not in moving else 0.0 for j, d in enumerate(move)]
        moving.remove(first)
    for j, v in zip(moving, found, strict=True):
        move[j] = v
    curved = inner(move, [inner(row, move) for row in normal.matrix])
    predicted = -inner(normal.gradient, move) - 0.5 * curved
    return _Step(move, moving, lower, predicted, is_cut)


def corrected(
    problem: LeastSquares,
    here: list[float],
    step: _Step,
    scales: list[float],
    box: Box | None,
) -> list[float] | None:
    """The parameters after the step and half the acceleration along it, within the box.

    The acceleration a is the change of v along v: (A + λD²)·a = -Σ w·ℓ″·f″·∇f. None where it is not
    small beside v, which says that the linear model does not reach as far.
    """
    move = step.move
    bend = problem.accelerated(here, move)
    if all(map(isfinite, bend)) and step.moving:
        pull = [-bend[j] / scales[j] for j in step.moving]
        along = cholesky_solution(step.lower, pull)
        length = sqrt(inner(*[[move[j] * scales[j] for j in step.moving]] * 2))
        if 2.0 * sqrt(inner(along, along)) > MOST_ACCELERATION * length:
            return None
        move = [*move]
        for j, a in zip(step.moving, along, strict=True):
            move[j] += 0.5 * a / scales[j]
    there = [x + d for x, d in zip(here, move, strict=True)]
    return there if box is None else [*box.project(there)]


def is_small(move: Sequence[float], here: Sequence[float], sizes: Sequence[float]) -> bool:
    """Whether no parameter moves: relative to itself, or by less than predictions are rounded.

    The latter is what a parameter that is 0 can be held to: its part in the predictions beside the
    largest part of a parameter.
    """
    largest = max((abs(x) * size for x, size in zip(here, sizes, strict=True)), default=0.0)
    return all(
        abs(d) <= SMALL_STEP * abs(x) or abs(d) * size <= EPSILON * largest
        for d, x, size in zip(move, here, sizes, strict=True)
    )
