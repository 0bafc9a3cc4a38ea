"""The minimum of a loss from a start, by the way that the loss asks for.

Comes in: the Residuals of a model with a Loss, a start, limits and a Box. Goes out: a Solution.
Squares go by `least_squares`, |r| by `least_absolute`. The steps of all others are those of
Levenberg and Marquardt, on the Gauss-Newton matrix (which for a logistic or Poisson regression is
Fisher's information), or with the exact Hessian on request. The Huber loss has its scale estimated
again after each descent, until both stay.

Source: Huber and Ronchetti, Robust Statistics (2009), 7.8, of the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt
from typing import TYPE_CHECKING

from gdcli.fitting.closing import Closing, close
from gdcli.fitting.factorization import cholesky
from gdcli.fitting.levenberg_marquardt import FitLimits, Solution, levenberg_marquardt
from gdcli.fitting.residuals import NormalEquations, Residuals, TooManyPassesError
from gdcli.fitting.spread import Spread
from gdcli.fitting.variable_projection import least_squares

if TYPE_CHECKING:
    from gdcli.descent.box import Box

# Relative changes of a scale from where on secants are taken, minima closed on, and it stays.
NEAR_SCALE, CLOSE_SCALE, SCALE_TOLERANCE = 0.01, 1e-4, 1e-12


class ExactCurvature:
    """A problem whose matrix is the exact Hessian, where that is positive definite."""

    def __init__(self, problem: Residuals) -> None:
        self.problem = problem
        self.p = problem.p

    @property
    def evaluations(self) -> int:
        return self.problem.evaluations

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """Q at the p parameters, its gradient and its Hessian."""
        normal = self.problem.normal_equations(parameters)
        if not normal.is_finite:
            return normal
        hessian = self.problem.hessian(parameters)
        return normal if cholesky(scaled(hessian)[0]) is None else normal._replace(matrix=hessian)

    def accelerated(self, *_: Sequence[float]) -> list[float]:
        """Numbers that are none, for no correction: the Hessian knows how the predictions bend."""
        return [nan] * self.p


def scaled(matrix: Sequence[Sequence[float]]) -> tuple[list[list[float]], list[float]]:
    """The matrix with a diagonal of 1, and the roots of the diagonal that it had."""
    scales = [sqrt(row[j]) if row[j] > 0.0 else 1.0 for j, row in enumerate(matrix)]
    return [
        [entry / (scale * other) for entry, other in zip(row, scales, strict=True)]
        for row, scale in zip(matrix, scales, strict=True)
    ], scales


def minimised(
    problem: Residuals,
    start: Sequence[float],
    linear: Sequence[int],
    limits: FitLimits,
    box: Box | None,
    exact: bool,
) -> Solution:
    """The run from `start`, which lies in the `box`; with the `exact` Hessian in each step.

    The model is linear in the parameters `linear` together.
    """
    if not problem.loss.has_curvature:
        from gdcli.fitting.least_absolute import least_absolute

        return least_absolute(problem, start, limits, box, len(linear) == problem.p)
    if problem.loss.settings:
        return with_scale(problem, start, limits, box, exact)
    if limits.iterations and is_solved_once(problem, linear):
        here = [*start]
        if box is not None:
            here = close(problem, start, is_linear=True).parameters
        if box is None or box.project(here) == here:
            normal = problem.normal_equations(here)
            known = normal.is_finite or problem.precise_gradient(here) is not None
            return Solution(here, normal, "step" if known else "undefined", 1)
    if problem.loss.is_squared and not exact and not problem.penalty:
        return least_squares(problem, start, linear, limits, box)
    return _descended(problem, start, limits, box, exact)


def closing_of(
    problem: Residuals,
    parameters: Sequence[float],
    box: Box | None,
    refine: bool,
    linear: Sequence[int],
) -> Closing:
    """The minimum beside the parameters; without steps unless `refine`.

    The model is linear in the parameters `linear` together.
    """
    if not problem.loss.has_curvature:
        from gdcli.fitting.least_absolute import closing_at

        return closing_at(problem, parameters, box)
    return close(problem, parameters, box, refine, is_solved_once(problem, linear))


def is_solved_once(problem: Residuals, linear: Sequence[int]) -> bool:
    """Whether Q is a quadratic function of the parameters, whose minimum needs no descent."""
    return problem.loss.is_squared and len(linear) == problem.p


def _descended(
    problem: Residuals, start: Sequence[float], limits: FitLimits, box: Box | None, exact: bool
) -> Solution:
    return levenberg_marquardt(ExactCurvature(problem) if exact else problem, start, limits, box)


def with_scale(
    problem: Residuals, start: Sequence[float], limits: FitLimits, box: Box | None, exact: bool
) -> Solution:
    """The run of the Huber loss, its threshold k·s set again until s stays.

    s is the median of |√w·r| over NORMAL_QUARTILE, of rows whose weight is not 0; with absolute
    weights it is 1. A scale below the rounding of the response is that.
    """
    k = problem.loss.k or 0.0
    spread = Spread(problem)
    here, iterations, last = [*start], 0, problem.evaluations + limits.evaluations
    scale, before = spread.scale(here), (nan, nan)
    found: Solution | None = None
    while True:
        problem.settings = [k * scale]
        left = limits.after(iterations)._replace(evaluations=last - problem.evaluations)
        try:
            found = _descended(problem, here, left, box, exact)
            iterations, here = iterations + found.iterations, found.parameters
            found = found._replace(iterations=iterations)
            change = spread.scale(here) - scale
            if found.at_rest and abs(change) <= CLOSE_SCALE * scale:  # a descent leaves some digits
                here = close(problem, here, box).parameters
                found = found._replace(parameters=here, normal=problem.normal_equations(here))
                change = spread.scale(here) - scale
        except TooManyPassesError:
            if found is None:
                raise
            return found._replace(reason="evaluations")
        if abs(change) <= SCALE_TOLERANCE * scale or not found.at_rest or problem.rows.absolute:
            return found
        slope = (change - before[1]) / (scale - before[0])
        before = scale, change
        # the step of the secant, from a tenth to ten times the plain change
        factor = -1.0 / slope if -10.0 < slope < -0.1 and abs(change) <= NEAR_SCALE * scale else 1.0
        scale += factor * change
