"""The method of Levenberg and Marquardt for the parameters of a model.

Comes in: a LeastSquares problem, a start and limits. Goes out: a Solution, whatever happens.

Source: Levenberg (1944); Marquardt (1963); Nielsen, Damping parameter in Marquardt's method (1999);
Transtrum and Sethna, Improvements to the Levenberg-Marquardt algorithm (2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite
from typing import NamedTuple, Protocol

from gdcli.descent.box import Box
from gdcli.fitting.residuals import NormalEquations
from gdcli.numbers.linear_algebra import dot, solution

FIRST_DAMPING = 1e-3
SMALL_STEP = 1e-12  # relative to each parameter


class LeastSquares(Protocol):
    """What the method needs of a problem: see `Residuals`."""

    p: int
    evaluations: int

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """Q at the p parameters, its gradient and its Gauss-Newton matrix."""

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        """The p sums of w·f″·∂f/∂θⱼ, f″ being the second derivative of f along the direction."""


class FitLimits(NamedTuple):
    """What ends a run that has not converged."""

    iterations: int = 10_000
    evaluations: int = 200  # passes over the data, an attempt
    deadline: float = inf  # of perf_counter


DEFAULT_LIMITS = FitLimits()


class Solution(NamedTuple):
    """Where a run ended: the p parameters, the NormalEquations there, and why.

    `reason` is one of `step` (no parameter moves any more), `stalled` (no damping gives a lower Q),
    `iterations`, `evaluations`, `time`, `undefined` (there is no finite number at the start).
    """

    parameters: list[float]
    normal: NormalEquations
    reason: str
    iterations: int


def levenberg_marquardt(
    problem: LeastSquares,
    start: Sequence[float],
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> Solution:
    """The run from `start`, which lies in the `box`."""
    here = [*start]
    normal = problem.normal_equations(here)
    if not normal.is_finite:
        return Solution(here, normal, "undefined", 0)
    damping, factor, most = FIRST_DAMPING, 2.0, problem.evaluations + limits.evaluations
    scales = [0.0] * problem.p
    for k in range(limits.iterations):
        sizes = [normal.matrix[j][j] ** 0.5 for j in range(problem.p)]
        scales = [max(0.5 * old, new) or 1.0 for old, new in zip(scales, sizes, strict=True)]
        matrix = [
            [entry / (scales[j] * scales[i]) for i, entry in enumerate(row)]
            for j, row in enumerate(normal.matrix)
        ]
        right = [g / scale for g, scale in zip(normal.gradient, scales, strict=True)]
        damped = [
            [entry + damping * (i == j) for i, entry in enumerate(row)]
            for j, row in enumerate(matrix)
        ]
        v = [-(entry or 0.0) for entry in solution(damped, right)]
        step = [entry / scale for entry, scale in zip(v, scales, strict=True)]
        there = [x + d for x, d in zip(here, step, strict=True)]
        if box is not None:
            there = [*box.project(there)]
        small = all(abs(d) <= SMALL_STEP * abs(x) for x, d in zip(here, step, strict=True))
        predicted = -dot(right, v) - 0.5 * dot(v, [dot(row, v) for row in matrix])
        new = problem.normal_equations(there)
        if new.is_finite and new.value < normal.value:
            gain = (normal.value - new.value) / predicted if predicted > 0.0 else 1.0
            here, normal = there, new
            damping = max(damping * max(0.1, 1.0 - (2.0 * min(gain, 2.0) - 1.0) ** 3), 1e-18)
            factor = 2.0
        else:
            damping *= factor
            factor *= 2.0
        if small:
            return Solution(here, normal, "step", k + 1)
        if not isfinite(damping) or damping > 1e60:
            return Solution(here, normal, "stalled", k + 1)
        if problem.evaluations >= most:
            return Solution(here, normal, "evaluations", k + 1)
    return Solution(here, normal, "iterations", limits.iterations)
