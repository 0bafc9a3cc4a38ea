"""Variable projection: least squares over the nonlinear parameters alone, as the second attempt.

Comes in: a LeastSquares problem and the places of parameters in which its model is linear. Goes
out: the problem of the others, for which the linear ones are always the best; and `least_squares`,
the run that resorts to it where the method of Levenberg and Marquardt has not come to rest.

Where Q is least over the linear parameters c, its gradient by the others is that of Q, and their
Gauss-Newton matrix is A - B·C⁻¹·Bᵀ, C being the block of c and B the mixed one: the slopes of a
model less what the linear parameters make up for, which is Kaufman's form.

Source: Golub and Pereyra (1973); Kaufman, A variable projection method for solving separable
nonlinear least squares problems, BIT 15 (1975) 49.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt

from gdcli.descent.box import Box
from gdcli.fitting.factorization import Matrix, cholesky, cholesky_solution, inner
from gdcli.fitting.levenberg_marquardt import (
    DEFAULT_LIMITS,
    FitLimits,
    LeastSquares,
    Solution,
    levenberg_marquardt,
)
from gdcli.fitting.residuals import NormalEquations, TooManyPassesError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

LITTLE_BETTER = 0.999  # of Q, above which a run by projection has led nowhere
APART = 1.5  # by which neighbouring parameters are moved where they have met, as two rates do
SMALL_PIVOT = 1e-6  # of the triangle of slopes of length 1, below which they are nearly dependent
RIDGE = 1e-14  # added to the scaled normal equations of the linear parameters


class _Elimination(NamedTuple):
    """All parameters where the linear ones are best, and how those follow each of the others."""

    parameters: list[float]
    response: Matrix


class ProjectedProblem:
    """The LeastSquares problem of the p parameters that are not `linear`.

    A point costs two passes over the data. The linear parameters are looked for from those of
    `around`, all parameters.
    """

    def __init__(
        self, problem: LeastSquares, linear: Sequence[int], around: Sequence[float]
    ) -> None:
        self.problem = problem
        self.linear = [*linear]
        self.others = [j for j in range(problem.p) if j not in linear]
        self.p = len(self.others)
        self.around = [*around]
        self.known: dict[tuple[float, ...], _Elimination] = {}

    @property
    def evaluations(self) -> int:
        return self.problem.evaluations

    def whole(self, point: Sequence[float]) -> list[float]:
        """All parameters at a point that has been evaluated."""
        return self.known[tuple(point)].parameters

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """The least Q over the linear parameters, its gradient and its Gauss-Newton matrix."""
        whole = [*self.around]
        for j, entry in zip(self.others, parameters, strict=True):
            whole[j] = entry
        normal = self.problem.normal_equations(whole)
        lower, scales = self._linear_block(normal)
        if lower is None:
            return normal._replace(value=inf)
        for j, change in zip(
            self.linear, self._followed(lower, scales, normal.gradient), strict=True
        ):
            whole[j] += change
        normal = self.problem.normal_equations(whole)
        lower, scales = self._linear_block(normal)
        if lower is None:
            return normal._replace(value=inf)
        response = [self._followed(lower, scales, normal.matrix[j]) for j in self.others]
        self.known[tuple(parameters)] = _Elimination(whole, response)
        mixed = [[normal.matrix[j][k] for k in self.linear] for j in self.others]
        matrix = [
            [
                normal.matrix[j][i] + inner(row, answer)
                for i, answer in zip(self.others, response, strict=True)
            ]
            for j, row in zip(self.others, mixed, strict=True)
        ]
        return NormalEquations(normal.value, [normal.gradient[j] for j in self.others], matrix)

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        """The p sums of w·ℓ″·f″·∂f/∂θⱼ along a direction that the linear parameters follow."""
        whole, response = self.known[tuple(parameters)]
        move = [0.0] * self.problem.p
        for j, along in zip(self.others, direction, strict=True):
            move[j] = along
        for place, k in enumerate(self.linear):
            move[k] = inner(direction, [answer[place] for answer in response])
        bend = self.problem.accelerated(whole, move)
        of_linear = [bend[k] for k in self.linear]
        return [
            bend[j] + inner(of_linear, answer)
            for j, answer in zip(self.others, response, strict=True)
        ]

    def _linear_block(self, normal: NormalEquations) -> tuple[Matrix | None, list[float]]:
        """The factor of the scaled normal equations of the linear parameters, and the scales."""
        if not normal.is_finite:
            return None, []
        scales = [normal.matrix[k][k] ** 0.5 or 1.0 for k in self.linear]
        block = [
            [
                normal.matrix[j][k] / scales[a] / scales[b] + RIDGE * (a == b)
                for b, k in enumerate(self.linear)
            ]
            for a, j in enumerate(self.linear)
        ]
        return cholesky(block), scales

    def _followed(self, lower: Matrix, scales: list[float], row: Sequence[float]) -> list[float]:
        """-C⁻¹ times the entries of the row that belong to the linear parameters."""
        pull = [-row[k] / scale for k, scale in zip(self.linear, scales, strict=True)]
        found = cholesky_solution(lower, pull)
        return [entry / scale for entry, scale in zip(found, scales, strict=True)]


def least_squares(
    problem: LeastSquares,
    start: Sequence[float],
    linear: Sequence[int] = (),
    limits: FitLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> Solution:
    """The run from `start`, and by variable projection where it has not ended at a clear minimum.

    The model is linear in the parameters `linear` together. Projection goes on from where the run
    ended; where that leads nowhere, from the other parameters of the start: a run may have gone to
    infinity on its way to the other side of 0, as a·exp(b·x) + c does, or to where a parameter has
    no influence; last from parameters moved apart, where two rates have met. The lowest Q wins.
    """
    best = levenberg_marquardt(problem, start, limits, box)
    if box is not None:
        linear = [j for j in linear if box.low[j] == -inf and box.high[j] == inf]
    if not 0 < len(linear) < problem.p:
        return best
    done, first = best.iterations, best
    apart = [x * (APART if j % 2 else 1.0 / APART) for j, x in enumerate(first.parameters)]
    apart = apart if box is None else [*box.project(apart)]
    for around in (first.parameters, start, apart):
        if around is apart and not is_nearly_singular(best):
            break
        at_limit = first.reason in ("evaluations", "stalled")
        if done >= limits.iterations or not (at_limit or is_nearly_singular(first)):
            break
        try:
            found = _projected(problem, around, linear, limits.after(done), box)
        except TooManyPassesError:
            break
        done += found.iterations
        if found.reason in ("interrupted", "time"):
            best = best._replace(reason=found.reason)
            break
        if found.reason != "undefined" and found.normal.value <= best.normal.value:
            best = found
            if found.normal.value < LITTLE_BETTER * first.normal.value:
                break
    return best._replace(iterations=done)


def is_nearly_singular(found: Solution) -> bool:
    """Whether a run has ended where parameters are hardly determined, or one is not at all."""
    matrix = found.normal.matrix
    sizes = [sqrt(max(row[j], 0.0)) for j, row in enumerate(matrix)]
    parts = [size * max(1.0, abs(x)) for size, x in zip(sizes, found.parameters, strict=True)]
    if not found.at_rest or min(parts) <= EPSILON * max(parts):
        return found.at_rest
    lower = cholesky(
        [[entry / size / other for entry, other in zip(row, sizes, strict=True)]
         for row, size in zip(matrix, sizes, strict=True)]
    )  # fmt: skip
    return lower is None or min(row[-1] for row in lower) < SMALL_PIVOT


def _projected(
    problem: LeastSquares,
    around: Sequence[float],
    linear: Sequence[int],
    limits: FitLimits,
    box: Box | None,
) -> Solution:
    """The run over the nonlinear parameters from those of `around`, and then over all."""
    projected = ProjectedProblem(problem, linear, around)
    part = [around[j] for j in projected.others]
    face = None
    if box is not None:
        face = Box([box.low[j] for j in projected.others], [box.high[j] for j in projected.others])
    rough = levenberg_marquardt(projected, part, limits, face)
    if rough.is_cut_short:
        return rough
    whole = projected.whole(rough.parameters)
    found = levenberg_marquardt(problem, whole, limits.after(rough.iterations), box)
    return found._replace(iterations=rough.iterations + found.iterations)
