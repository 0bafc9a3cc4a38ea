"""The minimum of a loss that is no sum of squares: the way to it.

Comes in: the Residuals of a model with a Loss, a start, limits and a Box. Goes out: a Solution. Its
steps are those of Levenberg and Marquardt, on the Gauss-Newton matrix (which for a logistic or
Poisson regression is Fisher's information), or with the exact Hessian on request. The Huber loss
has its scale estimated again after each descent, until both stay.

Source: Huber and Ronchetti, Robust Statistics (2009), 7.8, of the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan, sqrt
from typing import TYPE_CHECKING

from gdcli.fitting.closing import Closing, close
from gdcli.fitting.factorization import cholesky
from gdcli.fitting.levenberg_marquardt import (
    DEFAULT_LIMITS,
    FitLimits,
    Solution,
    levenberg_marquardt,
)
from gdcli.fitting.losses import ABSOLUTE, HUBER, SQUARED
from gdcli.fitting.residuals import NormalEquations, Residuals
from gdcli.fitting.variable_projection import least_squares
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.descent.box import Box

NORMAL_QUARTILE = 0.6744897501960817  # of the normal distribution: its median |r| in σ
SCALE_TOLERANCE = 1e-12  # by which a scale changes that stays


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
        """No correction: the Hessian knows how the predictions bend."""
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
    linear: Sequence[int] = (),
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
    exact: bool = False,
) -> Solution:
    """The run from `start`, which lies in the `box`; with the `exact` Hessian in each step.

    The model is linear in the parameters `linear` together.
    """
    if problem.loss.name == ABSOLUTE.name:
        from gdcli.fitting.least_absolute import least_absolute

        return least_absolute(problem, start, limits, box, len(linear) == problem.p)
    if problem.loss.name == HUBER.name:
        return with_scale(problem, start, limits, box, exact)
    if problem.loss.name == SQUARED.name and not exact and not problem.penalty:
        return least_squares(problem, start, linear, limits, box)
    return _descended(problem, start, limits, box, exact)


def closing_of(problem: Residuals, parameters: Sequence[float], box: Box | None = None) -> Closing:
    """The minimum beside the parameters at which a run came to rest."""
    if problem.loss.name == ABSOLUTE.name:
        from gdcli.fitting.least_absolute import closing_at

        return closing_at(problem, parameters, box)
    return close(problem, parameters, box)


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
    here, iterations, scale, last = [*start], 0, inf, problem.evaluations + limits.evaluations
    while True:
        limits = limits._replace(evaluations=last - problem.evaluations)
        new = spread.scale(here)
        problem.settings = [k * new]
        found = _descended(problem, here, limits, box, exact)
        iterations += found.iterations
        stays = abs(new - scale) <= SCALE_TOLERANCE * new
        here, scale = found.parameters, new
        if stays or not found.at_rest or problem.rows.absolute:
            return found._replace(iterations=iterations)


class Spread:
    """The residuals √w·r of a problem, and how far they spread."""

    def __init__(self, problem: Residuals) -> None:
        self.problem, self.rows = problem, problem.rows
        self.rounding = (
            8.0 * EPSILON * max((abs(float(y)) for y in self.rows.response), default=0.0)
        )

    def sizes(self, parameters: Sequence[float]) -> list[float]:
        """|√w·r| of the rows whose weight is not 0, the smallest first."""
        pairs = zip(self.problem.predictions(parameters), self.rows.response, strict=True)
        residuals = [abs(float(f - y)) for f, y in pairs]
        if self.rows.weights is not None:
            weighted = zip(self.rows.weights, residuals, strict=True)
            residuals = [sqrt(w) * r for w, r in weighted if w]
        return sorted(residuals)

    def scale(self, parameters: Sequence[float]) -> float:
        """The s of the Huber loss; not 0 even where most residuals are."""
        if self.rows.absolute:
            return 1.0
        sizes = self.sizes(parameters)
        middle = len(sizes) // 2
        median = 0.5 * (sizes[middle] + sizes[-middle - 1])
        return max(median / NORMAL_QUARTILE, self.rounding) or 1.0
