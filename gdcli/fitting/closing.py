"""The closing of a fit: the last digits of the parameters, and whether they are a minimum.

Comes in: Residuals and parameters at which a descent has come to rest. Goes out: a Closing,
whatever they are. The gradient is computed in decimals of 40 digits where the data are few, in
floats where they are many. Steps are Newton's with the exact Hessian, and those of Gauss and Newton
where that is not positive definite, both through the QR factorization of the slopes, which has the
digits that normal equations lose.

Source: Björck (1996), 2.9 and 9.2; Bates and Watts, A relative offset orthogonality convergence
criterion for nonlinear least squares, Technometrics 23 (1981) 179.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from math import fsum, hypot, inf, isfinite, sqrt
from operator import mul
from typing import TYPE_CHECKING, Any

from gdcli.descent.box import Box
from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.execute.decimals import in_decimals
from gdcli.execute.mapped import parts
from gdcli.fitting.factorization import (
    MOST_LISTED_COLUMNS,
    Matrix,
    cholesky,
    cholesky_solution,
    forward_solution,
    inner,
    singular_values,
    transposed,
    triangle_of_blocks,
    triangle_of_columns,
)
from gdcli.fitting.losses import NUMBERS
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.fitting.residuals import NormalEquations, Residuals

MOST_OFFSET = 1e-6  # Bates and Watts' relative offset at a minimum
MOST_CONDITION = 1e10  # of the scaled slopes, beyond which parameters are not identifiable
MOST_SOLVED_CONDITION = 1e14  # beyond which slopes that are combined are rounding errors
MOST_CHOLESKY_CONDITION = 1e4  # beyond which the factor is not that of the normal equations
MOST_CLOSING_STEPS = 12
SEEN_IN_SINGLE_ROWS = 100  # rows of which the rounding errors are bounded, where there are more
SMALL_RESIDUALS = 1e-8  # beside the response, below which they are compared with rounding errors
LEAST_SIZE = 1e-130  # of responses, whose rounding errors have squares that underflow
ROUNDING_FACTOR = 8.0  # times the bound of rounding errors
LAST_STEP = 1e-14  # relative to each parameter: after a step of Newton's as small nothing is left
FAR_STEP = 1e-4  # relative to a parameter, after which the Hessian is computed again
DEPENDENT_SQUARE = Decimal("1e-30")  # the square of what a column of length 1 adds to the others
FEW_DIGITS = 1e-10  # of a curvature is left beside the others: no digits to rely on
SEEN_CURVATURE = 1e-6  # of Q, of a parameter that is changed by itself or by 1
MOST_NOISE = 0.1  # of the Hessian's rounding errors, relative to its least curvature


class Closing(NamedTuple):
    """The end of a fit, closed on, and what tells of what kind it is.

    `factor` is R, the p rows of an upper triangle, and `scales` are the p lengths d of the columns
    of the slopes √(w·ℓ″)·∂f/∂θ, so that the slopes are Q·R·diag(d) with orthonormal Q; d is 0 for a
    parameter without influence. `value` is Q(θ), the objective, with all its digits also where the
    residuals are as small as rounding errors. `free` are the places of the parameters that no bound
    holds; what follows is of them.

    `offset` is the relative offset of Bates and Watts, `condition` that of the scaled slopes.
    `null_directions` are those, of all p parameters, along which the loss does not change.
    `descent` is a direction in which the exact Hessian has a negative eigenvalue, empty at a
    minimum.
    `size` is the length of the weighted responses, beside which Q is rounded.
    `is_exact` says that the residuals are no larger than the rounding errors of the model.
    `decimals` are the parameters with more digits than floats have, where those are known.
    `level` is a direction in which the loss stays the same for a while, where it has kinks.
    """

    parameters: list[float]
    value: float
    factor: Matrix
    scales: list[float]
    steps: int
    free: Sequence[int] = ()
    offset: float = inf
    condition: float = inf
    null_directions: Sequence[Sequence[float]] = ()
    descent: Sequence[float] = ()
    size: float = 0.0
    is_exact: bool = False
    decimals: Sequence[Decimal] | None = None
    level: Sequence[float] = ()

    @property
    def has_converged(self) -> bool:
        """Whether the loss is least to within a millionth of what the data leave uncertain."""
        return self.is_exact or self.offset <= MOST_OFFSET

    @property
    def is_minimum(self) -> bool:
        """Whether all parameters are determined, at a minimum."""
        return self.has_converged and not self.null_directions and not self.descent


class _Slopes(NamedTuple):
    """The slopes of a model: R and d of all parameters, and what they say of the `free` ones.

    `sizes` and `vectors` are the singular values and right vectors of the slopes of the free
    parameters, each divided by its d. `parts` are those of the residuals that changes of them make
    up for, by singular vector, and `rest` is the length of what they do not.
    """

    factor: Matrix
    scales: list[float]
    free: list[int]
    sizes: list[float]
    vectors: Matrix
    parts: list[float]
    rest: float

    @property
    def condition(self) -> float:
        """The condition of the scaled slopes; inf where a parameter has no influence."""
        return self.sizes[0] / self.sizes[-1] if self.sizes and self.sizes[-1] else inf

    @property
    def determined(self) -> int:
        """How many directions change the predictions: the rank."""
        return sum(size * MOST_CONDITION > self.sizes[0] for size in self.sizes)

    @property
    def seen_condition(self) -> float:
        """The condition in the directions that are determined."""
        return self.sizes[0] / self.sizes[self.determined - 1] if self.determined else 1.0

    def parts_of(self, gradient: Sequence[float]) -> list[float]:
        """The `parts` of the residuals that have this gradient."""
        pull = [gradient[j] / self.scales[j] if self.scales[j] else 0.0 for j in self.free]
        pairs = zip(self.vectors, self.sizes, strict=True)
        return [inner(vector, pull) / size if size else 0.0 for vector, size in pairs]

    @property
    def across(self) -> list[float]:
        """The parts of the residuals in the directions that are determined."""
        return self.parts[: self.determined]

    @property
    def solvable(self) -> list[float]:
        """The parts in all directions whose slopes are more than rounding errors."""
        rank = sum(size * MOST_SOLVED_CONDITION > self.sizes[0] for size in self.sizes)
        return self.parts[:rank]

    def move(self, along: Sequence[float]) -> list[float]:
        """The change of all p parameters that changes predictions by `along`."""
        weights = [part / size for part, size in zip(along, self.sizes, strict=False)]
        parts = zip(*self.vectors[: len(along)], strict=True)
        return self.of_all([inner(weights, part) for part in parts])

    def of_all(self, scaled: Sequence[float]) -> list[float]:
        """The change of all p parameters of a change of the scaled free ones."""
        move = [0.0] * len(self.scales)
        for j, entry in zip(self.free, scaled, strict=False):
            move[j] = entry / (self.scales[j] or 1.0)
        return move


_Influences = Callable[[Sequence[float]], list[float]]


class _Place(NamedTuple):
    """Parameters, with Q, its gradient and the slopes there.

    `exact` are the parameters in decimals, where Q and its gradient are computed in those.
    """

    here: list[float]
    exact: list[Decimal] | None
    value: float
    gradient: list[float]
    slopes: _Slopes

    @property
    def is_finite(self) -> bool:
        return all(map(isfinite, [self.value, *self.gradient, *self.slopes.sizes]))

    def offset(self, problem: Residuals) -> float:
        """How far residuals are from where no parameter changes them, relative to the rest.

        Of a likelihood it is relative to the standard errors, which do not depend on the rest.
        """
        rank, part = self.slopes.determined, hypot(*self.slopes.across)
        rest = 1.0 if problem.loss.likelihood else self.slopes.rest / sqrt(max(1, problem.m - rank))
        spread = rest * sqrt(max(1, rank))
        return part / spread if spread else (inf if part else 0.0)


def close(
    problem: Residuals,
    parameters: Sequence[float],
    box: Box | None = None,
    refine: bool = True,
    is_linear: bool = False,
) -> Closing:
    """The minimum beside the parameters, at which Q is finite; without steps unless `refine`.

    Where the model `is_linear` in all parameters and the loss is squared, the first step is the
    solution, from wherever it starts, and the others refine it; they go also in directions that the
    data hardly determine.
    """
    size = _size(problem)
    decimals = [Decimal(repr(float(x))) for x in parameters]
    place = _place(problem, [*parameters], decimals, box, size, is_linear)
    hessian = [] if is_linear else problem.hessian(place.here)
    before, steps = inf, 0
    while steps < MOST_CLOSING_STEPS * refine:
        if is_linear:
            along = [-part for part in place.slopes.solvable]
            change, move = hypot(*along), place.slopes.move(along)
        else:
            change, move = _newton(place, hessian)
        if not change < 0.5 * before:
            break
        here, exact = _moved(place, move, box)
        before, steps = change, steps + 1
        if all(abs(d) <= LAST_STEP * abs(x) for d, x in zip(move, here, strict=True)):
            if place.offset(problem) > MOST_OFFSET:
                place = _place(problem, here, exact, box, size, is_linear)
            else:
                lower = 0.5 * inner(place.gradient, move)
                place = place._replace(here=here, exact=exact, value=place.value + lower)
            break
        found = _place(problem, here, exact, box, size, is_linear)
        if is_linear:
            worse = found.value > place.value
        else:
            worse = hypot(*found.slopes.across) > hypot(*place.slopes.across)
        if worse or not found.is_finite:
            break
        far = any(abs(d) > FAR_STEP * abs(x) for d, x in zip(move, here, strict=True))
        if far and not is_linear:
            hessian = problem.hessian(here)
        place = found
    return _closing(problem, place, hessian, steps, size)


def _place(
    problem: Residuals,
    here: list[float],
    exact: list[Decimal] | None,
    box: Box | None,
    size: float,
    is_linear: bool,
) -> _Place:
    """Parameters with Q, its gradient and the slopes there, in decimals where these can be had."""
    found = None if exact is None else problem.precise_gradient(exact)
    normal = None
    if found is None:
        normal = problem.normal_equations(here)
        exact, value, gradient = None, normal.value, normal.gradient
    else:
        value, gradient = float(found[0]), [float(g) for g in found[1]]
    free = [*range(problem.p)]
    if box is not None:
        held, inward = box.active(here), box.inward(here, gradient)
        free = [j for j in free if j not in held or (inward[j] and box.low[j] < box.high[j])]
    normal = normal or (problem.normal_equations(here) if problem.is_large else None)

    def influences(lengths: Sequence[float]) -> list[float]:
        """The lengths of columns of slopes, 0 where a parameter has no influence on predictions.

        That is so where they change by less than their rounding if it is changed by itself, or by
        1; in a linear model, whose columns are known, where these are rounding errors.
        """
        return [
            d
            if d * max(1.0, abs(x)) > EPSILON * size
            or (is_linear and d > ROUNDING_FACTOR * _rounding_of_column(problem, j))
            else 0.0
            for j, (d, x) in enumerate(zip(lengths, here, strict=True))
        ]

    if found is not None and problem.loss.is_squared:
        slopes = _slopes_of_decimals(*found, free, influences)
    elif problem.is_large and normal is not None:
        slopes = _slopes_of_blocks(problem, here, normal, free, influences)
    else:
        slopes = _slopes_of_lists(problem, here, free, influences)
    if not problem.loss.is_squared:  # rows where ℓ″ is 0 are not among the slopes
        slopes = slopes._replace(parts=slopes.parts_of(gradient))
    return _Place(here, exact, value, gradient, slopes)


def _slopes_of_decimals(
    value: Decimal,
    gradient: list[Decimal],
    matrix: list[list[Decimal]],
    free: list[int],
    influences: _Influences,
) -> _Slopes:
    """The slopes by Cholesky's factorization of what they and the residuals have as products.

    40 digits are enough for the square of every condition. A column that depends on those before
    it has a row of 0 in R.
    """
    with in_decimals():
        roots = [row[-1].sqrt() for row in matrix]
        scales = influences([float(root) for root in roots])
        divisors = [root if d else Decimal(0) for root, d in zip(roots, scales, strict=True)]
        divisors.append(Decimal(1))
        lower: list[list[Decimal]] = []
        for entries, d in zip([*matrix, [*gradient, 2 * value]], divisors, strict=True):
            row: list[Decimal] = []
            for above, e in zip(lower, divisors, strict=False):
                known = above[-1] and d and e
                rest = entries[len(row)] / d / e if known else Decimal(0)
                row.append((rest - sum(map(mul, row, above))) / above[-1] if known else rest)
            pivot = entries[-1] / d / d - sum(x * x for x in row) if d else Decimal(0)
            least = DEPENDENT_SQUARE if len(row) < len(matrix) else 0
            lower.append([*row, pivot.sqrt() if pivot > least else Decimal(0)])
        rows = [[*map(float, row), *[0.0] * (len(lower) - len(row))] for row in lower]
    return _decomposed(transposed(rows), scales, free)


def _slopes_of_lists(
    problem: Residuals, here: list[float], free: list[int], influences: _Influences
) -> _Slopes:
    """The slopes by the QR factorization of lists."""
    residuals, rows = problem.each_row(here)
    columns = transposed(rows) or [[] for _ in here]
    for j, weight in enumerate(problem.penalty):
        residuals.append(sqrt(weight) * here[j])
        for k, column in enumerate(columns):
            column.append(sqrt(weight) * (j == k))
    scales = influences([hypot(*column) for column in columns])
    scaled = [
        [x / d if d else 0.0 for x in column] for column, d in zip(columns, scales, strict=True)
    ]
    return _decomposed(triangle_of_columns([*scaled, residuals]), scales, free)


def _slopes_of_blocks(
    problem: Residuals,
    here: list[float],
    normal: NormalEquations,
    free: list[int],
    influences: _Influences,
) -> _Slopes:
    """The slopes of many rows: by their normal equations, where these keep their digits."""
    import numpy

    scales = influences([sqrt(row[j]) for j, row in enumerate(normal.matrix)])
    divisors = [d or inf for d in scales]
    lower = cholesky(
        [[entry / d / e for entry, e in zip(row, divisors, strict=True)]
         for row, d in zip(normal.matrix, divisors, strict=True)]
    )  # fmt: skip
    if lower is not None and problem.loss.has_deviance:
        upper = transposed([[*row, *[0.0] * (problem.p - len(row))] for row in lower])
        pull = [g / d for g, d in zip(normal.gradient, divisors, strict=True)]
        last = [*forward_solution(lower, pull), 0.0]
        rows = zip([*upper, [0.0] * problem.p], last, strict=True)
        square = [[*row, c] for row, c in rows]
        found = _decomposed(square, scales, free)
        if found.condition <= MOST_CHOLESKY_CONDITION:
            return found._replace(
                rest=sqrt(max(0.0, 2.0 * normal.value - inner(found.parts, found.parts)))
            )

    def blocks() -> Iterator[Any]:
        for residuals, rows in problem.blocks(here):
            with numpy.errstate(all="ignore"):  # a number that is not finite ends the closing
                scaled = rows / divisors
            yield numpy.column_stack([scaled, residuals])
        roots = numpy.sqrt(numpy.array(problem.penalty))
        if len(roots):
            yield numpy.column_stack([numpy.diag(roots / divisors), roots * here])

    return _decomposed(triangle_of_blocks(blocks()), scales, free)


def _decomposed(upper: Matrix, scales: list[float], free: list[int]) -> _Slopes:
    """The slopes of the triangle R that has Qᵀr and the rest of the residuals as last column."""
    factor = [row[:-1] for row in upper[:-1]]
    if len(free) < len(scales):
        columns = transposed(upper)
        upper = triangle_of_columns([*(columns[j] for j in free), columns[-1]])
    sizes, vectors, left = singular_values([row[:-1] for row in upper[:-1]])
    parts = [inner(vector, [row[-1] for row in upper[:-1]]) for vector in left]
    return _Slopes(factor, scales, free, sizes, vectors, parts, abs(upper[-1][-1]))


def _newton(place: _Place, hessian: Matrix) -> tuple[float, list[float]]:
    """The move of all parameters to the minimum of the quadratic model of Q, behind the length of
    the change of predictions that it makes.

    Without the second derivatives of the model where Q bends down, or where they are not known
    beside the rounding errors of the Hessian. Where they are all there is of a parameter, as of a
    in a^2*x at 0, the step is that of the parameters themselves.
    """
    across = place.slopes.across
    if EPSILON * place.slopes.seen_condition**2 < MOST_NOISE:
        bent = _curvatures(place, hessian)
        lower = cholesky(bent)
        if lower is not None and all(
            row[-1] * row[-1] > FEW_DIGITS * bent[j][j] for j, row in enumerate(lower)
        ):
            across = cholesky_solution(lower, across)
        elif found := _newton_of_parameters(place, hessian):
            return found
    along = [-part for part in across]
    return hypot(*along), place.slopes.move(along)


def _newton_of_parameters(place: _Place, hessian: Matrix) -> tuple[float, list[float]] | None:
    """Newton's step of the free parameters, each scaled by its own curvature; None if Q bends
    down."""
    free = place.slopes.free
    if not all(hessian[j][j] > 0.0 for j in free):
        return None
    scales = [sqrt(hessian[j][j]) for j in free]
    lower = cholesky(
        [[hessian[j][i] / a / b for i, b in zip(free, scales, strict=True)]
         for j, a in zip(free, scales, strict=True)]
    )  # fmt: skip
    if lower is None or min(row[-1] for row in lower) ** 2 <= FEW_DIGITS:
        return None
    pull = [-place.gradient[j] / a for j, a in zip(free, scales, strict=True)]
    move = [0.0] * len(place.here)
    for j, step, a in zip(free, cholesky_solution(lower, pull), scales, strict=True):
        move[j] = step / a
    return hypot(*cholesky_solution(lower, pull)), move


def _curvatures(place: _Place, hessian: Matrix) -> Matrix:
    """The Hessian of the free parameters by the directions of `across`.

    It is the identity where the second derivatives of the model do not matter.
    """
    slopes, rank = place.slopes, place.slopes.determined
    if rank > MOST_LISTED_COLUMNS:
        import numpy

        divisors = numpy.array([slopes.scales[j] or 1.0 for j in slopes.free])
        columns = numpy.array(slopes.vectors[:rank]) / divisors
        columns /= numpy.array(slopes.sizes[:rank])[:, None]
        rows = numpy.array(hessian)[numpy.ix_(slopes.free, slopes.free)]
        found: Matrix = (columns @ rows @ columns.T).tolist()
        return found
    moves = [slopes.move([0.0] * k + [1.0]) for k in range(rank)]
    bent = [[inner(row, move) for row in hessian] for move in moves]
    return [[inner(one, move) for move in moves] for one in bent]


def _moved(
    place: _Place, move: list[float], box: Box | None
) -> tuple[list[float], list[Decimal] | None]:
    """The parameters after a move within the box, as floats and as decimals."""
    if place.exact is None:
        here = [x + d for x, d in zip(place.here, move, strict=True)]
        return (here if box is None else [*box.project(here)]), None
    exact = [x + Decimal(d) for x, d in zip(place.exact, move, strict=True)]
    here = [float(x) for x in exact]
    if box is not None:
        kept = [*box.project(here)]
        exact = [
            x if a == b else Decimal(repr(b)) for x, a, b in zip(exact, here, kept, strict=True)
        ]
        here = kept
    return here, exact


def _closing(
    problem: Residuals, place: _Place, hessian: Matrix, steps: int, size: float
) -> Closing:
    """The record of a place that no step leaves."""
    slopes = place.slopes
    null = [slopes.of_all(vector) for vector in slopes.vectors[slopes.determined :]]
    descent = _descent(place, hessian, null) if hessian else []
    if hessian and not descent:
        null = _straight(place, hessian, null)
    return Closing(
        place.here,
        place.value,
        slopes.factor,
        slopes.scales,
        steps,
        slopes.free,
        place.offset(problem),
        slopes.condition if slopes.free else 1.0,
        null,
        descent,
        size,
        _is_exact(problem, place, size),
        place.exact,
    )


def _descent(place: _Place, hessian: Matrix, null: Matrix) -> list[float]:
    """A direction of all parameters in which Q bends down; empty where there is none."""
    slopes = place.slopes
    if null:
        units = [[x / hypot(*v) for x in v] for v in null]
        rows = [[inner(v, [inner(row, w) for row in hessian]) for w in units] for v in units]
        values, vectors = symmetric_eigen(rows)
        if values[0] < -sqrt(EPSILON) * max(abs(h) for row in hessian for h in row):
            return [inner(vectors[0], column) for column in zip(*units, strict=True)]
    if slopes.determined:
        values, vectors = symmetric_eigen(_curvatures(place, hessian))
        noise = ROUNDING_FACTOR * EPSILON * slopes.seen_condition**2 * len(slopes.free)
        if values[0] < -noise * max(1.0, values[-1]):
            return slopes.move(vectors[0])
    return []


def _straight(place: _Place, hessian: Matrix, null: Matrix) -> Matrix:
    """The directions, of those along which predictions do not change, in which Q is no higher
    beside the minimum either, by its second derivatives."""
    found = []
    for v in null:
        longest = max(abs(d) / max(1.0, abs(x)) for d, x in zip(v, place.here, strict=True))
        unit = [d / longest for d in v]
        terms = [a * h * b for a, row in zip(unit, hessian, strict=True)
                 for h, b in zip(row, unit, strict=True)]  # fmt: skip
        if not fsum(terms) > SEEN_CURVATURE * max(place.value, *map(abs, terms)):
            found.append(v)
    return found


def _size(problem: Residuals) -> float:
    """The length of the weighted responses."""
    rows = problem.rows
    if problem.is_large:
        columns = [rows.response] if rows.weights is None else [rows.response, rows.weights]
        squares = (w[0] * y * y if w else y * y for y, *w in parts(columns))
        return sqrt(fsum(float(one.sum()) for one in squares))
    weights = rows.weights or [1.0] * problem.m
    return hypot(*(sqrt(w) * y for w, y in zip(weights, rows.response, strict=True)))


def _sum_of_squares(problem: Residuals, here: list[float]) -> float:
    """The sum of w·r² over all rows."""
    rows, predictions = problem.rows, problem.predictions(here)
    if problem.is_large:
        weights = 1.0 if rows.weights is None else rows.weights
        return float((weights * (predictions - rows.response) ** 2).sum())
    every = zip(rows.weights or [1.0] * problem.m, predictions, rows.response, strict=True)
    return fsum(w * (f - y) * (f - y) for w, f, y in every)


def _is_exact(problem: Residuals, place: _Place, size: float) -> bool:
    """Whether the residuals are no larger than rounding errors make them."""
    squares = max(0.0, 2.0 * place.value)
    if not problem.loss.is_squared:
        if problem.loss.response != NUMBERS:
            return False
        squares = _sum_of_squares(problem, place.here)
    if sqrt(squares) > SMALL_RESIDUALS * size or 0.0 < size < LEAST_SIZE:
        return False
    return sqrt(squares) <= ROUNDING_FACTOR * _rounding(problem, place.here, problem.rows.response)


def _rounding_of_column(problem: Residuals, j: int) -> float:
    """A bound of the rounding errors of the slopes by a parameter of a linear model."""
    unit = [float(k == j) for k in range(problem.p)]
    return _rounding(problem, unit, [0.0] * problem.m)


def _rounding(problem: Residuals, here: Sequence[float], response: Any) -> float:
    """A bound of the length of the rounding errors of weighted predictions and responses.

    One of a prediction and one of a response differ, so that their squares add up; each is half of
    EPSILON at most.
    """
    rows, every, bound = problem.rows, max(1, problem.m // SEEN_IN_SINGLE_ROWS), 0.0
    for i in range(0, problem.m, every):
        point = [*here, *(float(column[i]) for column in rows.columns)]
        error = problem.model.right.unrolled.rounding_error(point)
        weight = 1.0 if rows.weights is None else float(rows.weights[i])
        bound += every * weight * (error**2 + (EPSILON * float(response[i])) ** 2)
    return 0.5 * sqrt(bound)
