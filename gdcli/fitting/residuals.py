"""Residuals: a model over data, evaluated.

Comes in: a RegressionModel and the Rows of data. Goes out: the NormalEquations at given parameters,
one pass over the data; what geodesic acceleration adds, another; and single rows of residuals and
slopes, where a factorisation needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from math import fsum, inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any

from gdcli.execute import AUTO, NATIVE
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.mapped import large_parts, let_go, parts
from gdcli.execute.source import compile_tape
from gdcli.fitting.gauss_newton import ROW_COUNT, row_tapes
from gdcli.fitting.losses import SQUARED, Loss
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import as_list, dot

if TYPE_CHECKING:
    from decimal import Decimal

    from gdcli.autodiff.tape import Tape
    from gdcli.errors import Span
    from gdcli.execute.grid import Array
    from gdcli.execute.source import Compiled
    from gdcli.execute.tiers import Tiered
    from gdcli.fitting.gauss_newton import RowTapes
    from gdcli.fitting.model import RegressionModel
    from gdcli.fitting.row_blocks import RowBlocks
    from gdcli.functions.engine import Engine

MOST_LOOP_PARAMETERS = 40  # for which all entries of the matrix are sums of one loop
USUAL_PASSES = 20  # of a fit over its data
MOST_TRIANGLE_PARAMETERS = 12  # for which the Hessian has a tape of its own
KINK_DISTANCES, MOST_KINK_ROWS = (1e-8, 1e-5, 1e-3), 200
OTHER_VALUES = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 0.01, -0.01, 100.0, -100.0, 1e4, -1e4)
MOST_PRECISE_OPERATIONS = 30_000  # of sums in decimals, about 1 µs each


class Rows(NamedTuple):
    """The m rows of a fit: the columns of the right side, the response and the weights.

    Every column is a list of m floats, of many rows an array of shape (m,). `columns` has one for
    each component that a column of the model has. `weights` multiply the squared residuals, None
    where all are 1; where they are `absolute` they are 1/σ², known and not relative. `numbers` has
    the number of each row in its file, from 1 below the names; None where they are 1 to m.
    """

    columns: Sequence[Any]
    response: Any
    weights: Any | None = None
    absolute: bool = False
    numbers: Sequence[int] | None = None

    @property
    def count_of_rows(self) -> int:
        return len(self.response)

    @property
    def largest_response(self) -> float:
        """The largest |y|."""
        if isinstance(self.response, list):
            return float(max(map(abs, self.response)))
        return max(float(abs(part).max()) for [part] in parts([self.response]))

    def number(self, place: int) -> int:
        """The number of the row at a place, in its file."""
        return place + 1 if self.numbers is None else int(self.numbers[place])

    def each(self, change: Callable[[Any], Any]) -> Rows:
        """The rows with every column changed, such as cut to the same of their places."""
        return Rows(
            [*map(change, self.columns)],
            change(self.response),
            None if self.weights is None else change(self.weights),
            self.absolute,
            None if self.numbers is None else change(self.numbers),
        )


class NormalEquations(NamedTuple):
    """Q at the parameters, its gradient of p entries, and the p rows of its Gauss-Newton matrix.

    Q is the sum of weight times loss over the rows, of the squared loss half the sum of w·r²; it is
    inf or nan where a row has no finite number.
    """

    value: float
    gradient: list[float]
    matrix: list[list[float]]

    @property
    def is_finite(self) -> bool:
        rows = [*self.matrix, self.gradient, [self.value]]
        return all(isfinite(entry) for row in rows for entry in row)

    def penalised(self, penalty: Sequence[float], parameters: Sequence[float]) -> NormalEquations:
        """The equations of Q plus c·θ²/2 of each parameter θ, `penalty` having the p numbers c."""
        if not penalty:
            return self
        pulls = [c * x for c, x in zip(penalty, parameters, strict=True)]
        value = self.value + 0.5 * dot(pulls, parameters)
        gradient = [g + pull for g, pull in zip(self.gradient, pulls, strict=True)]
        return NormalEquations(value, gradient, with_diagonal(self.matrix, penalty))


class TooManyPassesError(Exception):
    """A pass over the data that a limit does not leave."""


class PassCount:
    """How often data were passed over: for residuals and their slopes, and for second derivatives.

    Residuals that share it are counted together. A pass of the first kind beyond `most` raises
    TooManyPassesError.
    """

    def __init__(self, most: float = inf) -> None:
        self.evaluations = self.accelerations = 0
        self.most = most

    def evaluate(self) -> None:
        """Count a pass for residuals and their slopes."""
        if self.evaluations >= self.most:
            raise TooManyPassesError
        self.evaluations += 1


def symmetric(triangle: Iterable[float], p: int) -> list[list[float]]:
    """The p rows of a symmetric matrix, of its upper triangle by rows."""
    entries = iter(triangle)
    matrix = [[0.0] * p for _ in range(p)]
    for j in range(p):
        for k in range(j, p):
            matrix[j][k] = matrix[k][j] = next(entries)
    return matrix


def with_diagonal(matrix: list[list[float]], added: Sequence[float]) -> list[list[float]]:
    """The matrix with the numbers added to its diagonal; itself where there are none."""
    if not added:
        return matrix
    found = [[*row] for row in matrix]
    for j, number in enumerate(added):
        found[j][j] += number
    return found


class UndefinedRow(NamedTuple):
    """A row without a finite number: what has none, `log(x - a) at x=2, a=3: log(-1)`.

    `number` is the row's in its file, `span` the place of the failing step in the model's text.
    `is_hopeless` says that the model was defined at no other parameters that were tried either.
    """

    number: int
    message: str
    span: Span | None
    is_hopeless: bool = False

    def __str__(self) -> str:
        return f"row {self.number}: {self.message}"


class Residuals:
    """The residuals r = f(θ, x) - y of a model on rows of data, with what their derivatives give.

    `passes` counts the passes over the data for r and its slopes, and those for second derivatives;
    those for predictions alone are not counted. Numbers are inf or nan where a row has no finite
    one; only a pass beyond the most that `passes` allows raises, TooManyPassesError.

    Data in lists are passed over in Python source, which imports no NumPy, until machine code pays;
    arrays in machine code. Blocks of arrays take its place where there are too many parameters for
    all entries of the matrix to be sums of one loop, where passes are so few or short that they end
    before it is compiled, and where it cannot be had. Rows are counted, so that runs repeat.

    `penalty` has a number c for each parameter θ where Q has c·θ²/2 in it too, as ridge regression
    does; rows know nothing of it.
    """

    def __init__(
        self,
        model: RegressionModel,
        rows: Rows,
        loss: Loss = SQUARED,
        backend: str = AUTO,
        penalty: Sequence[float] = (),
        passes: PassCount | None = None,
    ) -> None:
        self.model = model
        self.rows = rows
        self.loss = loss
        self.backend = backend
        self.p = model.layout.size
        self.m = rows.count_of_rows
        self.passes = passes or PassCount()
        self.penalty = penalty
        self.settings = [nan] * len(loss.settings)  # of the loss: numbers that a fit may change

    @property
    def evaluations(self) -> int:
        """How many passes over the data there were for r and its slopes."""
        return self.passes.evaluations

    @property
    def row_tape(self) -> Tape:
        """The Tape of f on one row: inputs are the p parameters, then the columns."""
        return self.model.right.unrolled.engine.rewritten.tape

    @cached_property
    def tapes(self) -> RowTapes:
        """The Tapes of one row and of all."""
        return row_tapes(self.row_tape, self.p, self.loss, self.rows.weights is not None)

    @property
    def data(self) -> list[Any]:
        """What the rows have, in the order of the inputs of a row's Tape."""
        rows = self.rows
        return [*rows.columns, rows.response, *([] if rows.weights is None else [rows.weights])]

    # -- sums over all rows -----------------------------------------------------------------

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """Q, its gradient and its Gauss-Newton matrix at the p parameters."""
        self.passes.evaluate()
        return self._sums(parameters).penalised(self.penalty, parameters)

    def without_penalty(self, objective: float, parameters: Sequence[float]) -> float:
        """The sum of the weighted losses alone, of Q at the parameters."""
        return objective - 0.5 * fsum(
            c * x * x for c, x in zip(self.penalty, parameters, strict=False)
        )

    def _sums(self, parameters: Sequence[float]) -> NormalEquations:
        if self._in_blocks:
            value, slopes, rows = self._row_blocks.sums(parameters, self.settings)
            return NormalEquations(value, slopes.tolist(), rows.tolist())
        value, *others = _summed(self._normal_programs, [*parameters, *self.settings])
        gradient, triangle = others[: self.p], others[self.p :]
        matrix = symmetric(triangle, self.p)
        return NormalEquations(value, gradient, matrix)

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        """The p sums of w·ℓ″·f″·∂f/∂θⱼ, f″ being the second derivative of f along the direction."""
        self.passes.accelerations += 1
        if self._in_blocks:
            sums: list[float] = self._row_blocks.accelerated(
                parameters, [*self.settings, *direction]
            ).tolist()
            return sums
        return _summed(self._acceleration_programs, [*parameters, *self.settings, *direction])

    def hessian(self, parameters: Sequence[float]) -> list[list[float]]:
        """The p rows of the matrix of second derivatives of Q, by one pass over the data, or
        of many parameters by p."""
        is_triangle = self.p <= MOST_TRIANGLE_PARAMETERS
        self.passes.accelerations += 1 if is_triangle else self.p
        if is_triangle:
            if self._in_blocks:
                triangle = self._row_blocks.hessian(parameters, self.settings)
            else:
                triangle = _summed(self._hessian_programs, [*parameters, *self.settings])
            return with_diagonal(symmetric(triangle, self.p), self.penalty)
        places = range(self.p)  # without those of settings
        matrix = [[0.0] * self.p for _ in places]
        for objective in self._objectives:
            rows = objective.hessian_product.rows([*parameters, *self.settings])
            for j in places:
                for k in places:
                    matrix[j][k] += 0.5 * (rows[j][k] + rows[k][j])
            if len(self._objectives) > 1 and objective.bindings is not None:
                let_go([array.values for array in objective.bindings.arrays.values()])
        return with_diagonal(matrix, self.penalty)

    def precise_gradient(
        self, parameters: Sequence[float | Decimal]
    ) -> tuple[Decimal, list[Decimal], list[list[Decimal]]] | None:
        """Q, its gradient and the rows of its Gauss-Newton matrix up to their diagonal, computed
        with decimals of 40 digits, the same on every system.

        A number of the data, and a float among the parameters, is read as the shortest decimal that
        names it. None where there is no number, where the rows are too many, and with a penalty.
        """
        from gdcli.fitting.precise_sums import precise_sums

        work = self._row_work + self.p * (self.p + 1)  # terms of a row, and products of slopes
        if self.penalty or self.m * work > MOST_PRECISE_OPERATIONS:
            return None
        self.passes.evaluate()
        return precise_sums(self._precise_row, self._precise_rows, parameters, self.settings)

    @cached_property
    def _precise_rows(self) -> list[list[Decimal]]:
        from gdcli.execute.decimals import shortest_decimal

        columns = [as_list(column) for column in self.data]
        return [[*map(shortest_decimal, row)] for row in zip(*columns, strict=True)]

    @cached_property
    def _row_work(self) -> int:
        from gdcli.execute.work import Work

        operations = Work(self.tapes.derivatives, Bindings({}, (), {})).operations
        return operations + self.p * (self.p + 1) // 2  # of the matrix

    @cached_property
    def _precise_row(self) -> Compiled:
        from gdcli.execute.decimals import DECIMAL_TARGET

        return compile_tape(self.tapes.derivatives, DECIMAL_TARGET)

    @property
    def is_large(self) -> bool:
        """Whether the data are arrays."""
        return not isinstance(self.rows.response, list)

    @property
    def _in_blocks(self) -> bool:
        """Whether the next pass goes over blocks of arrays."""
        if self.p > MOST_LOOP_PARAMETERS:
            return True
        if not self.is_large or self.backend != AUTO:
            return False
        passes = max(USUAL_PASSES, self.passes.evaluations + self.passes.accelerations)
        return passes * self.m < self._rows_worth_compiling or self._is_refused

    @property
    def _rows_worth_compiling(self) -> int:
        """How many rows, of all passes, take as much longer in blocks as compiling takes."""
        sums = (self.p + 1) * (self.p + 2) // 2
        return 8_000_000 + 10 * (sums + 4 * self.row_tape.size) ** 2

    @cached_property
    def _is_refused(self) -> bool:
        """Whether machine code cannot be had."""
        from gdcli.execute.native import available

        return available() is not None

    @cached_property
    def _normal_programs(self) -> list[Tiered]:
        return self._programs(self.tapes.normal_equations, self._inputs)

    @cached_property
    def _acceleration_programs(self) -> list[Tiered]:
        return self._programs(self.tapes.acceleration, self._inputs + self.p)

    @cached_property
    def _hessian_programs(self) -> list[Tiered]:
        return self._programs(self.tapes.hessian, self._inputs)

    @cached_property
    def _objectives(self) -> list[Engine]:
        from gdcli.functions.engine import Engine

        tape, n = self.tapes.objective, self._inputs
        return [
            Engine(tape, bindings, n, True, self._backend, unlimited=True)
            for bindings in self._bindings(n)
        ]

    @property
    def _inputs(self) -> int:
        """How many scalar inputs the Tapes of all rows have."""
        return self.p + len(self.settings)

    @property
    def _backend(self) -> str:
        return NATIVE if self.is_large and self.backend == AUTO else self.backend

    def _programs(self, tape: Tape, inputs: int) -> list[Tiered]:
        from gdcli.execute.tiers import Tiered

        return [Tiered(tape, bindings, self._backend) for bindings in self._bindings(inputs)]

    def _bindings(self, inputs: int) -> list[Bindings]:
        """The bindings of each part of the data; of data that are not mapped there is one."""
        every = large_parts(self.data) if self.is_large else [self.data]
        return [
            Bindings(
                {ROW_COUNT: len(part[0])},
                tuple(range(inputs)),
                {
                    name: ArrayBinding((len(column),), values=column)
                    for name, column in zip(self.tapes.arrays, part, strict=True)
                },
            )
            for part in every
        ]

    @cached_property
    def _row_blocks(self) -> RowBlocks:
        from gdcli.fitting.row_blocks import RowBlocks

        return RowBlocks(self.tapes, self.data)

    # -- single rows ------------------------------------------------------------------------

    @cached_property
    def _prediction_function(self) -> FallbackFunction:
        return FallbackFunction(self.row_tape)

    @cached_property
    def _row_function(self) -> FallbackFunction:
        return FallbackFunction(self.tapes.derivatives)

    def each_row(self, parameters: Sequence[float]) -> tuple[list[float], list[list[float]]]:
        """The m residuals w·ℓ′/√(w·ℓ″), and the m rows of their p slopes √(w·ℓ″)·∂f/∂θ.

        For squares these are √w·r and its slopes. Where ℓ″ is 0 both are 0. Entries are nan where
        there is no finite number.
        """
        if self.is_large:
            blocks = [(r.tolist(), slopes.tolist()) for r, slopes in self.blocks(parameters)]
            return [r for block, _ in blocks for r in block], [r for _, of in blocks for r in of]
        self.passes.evaluate()
        run, point = self._row_function, [*parameters]
        residuals, slopes = [], []
        for row in zip(*self.data, strict=True):
            _, (slope, curvature, *mine) = run([*point, *row, *self.settings])
            if curvature == 1.0:
                residuals.append(slope)
                slopes.append(mine)
                continue
            root = sqrt(curvature) if curvature >= 0.0 else nan
            residuals.append(slope / root if root else 0.0)
            slopes.append([root * one for one in mine])
        return residuals, slopes

    def blocks(self, parameters: Sequence[float]) -> Iterator[tuple[Array, Array]]:
        """The residuals and slopes of `each_row` as arrays of shapes (k,) and (k, p).

        Each is a block of rows, a few MB, so that not all slopes are there at once.
        """
        self.passes.evaluate()
        return self._row_blocks.rows(parameters, self.settings)

    def predictions(self, parameters: Sequence[float]) -> Any:
        """The m predictions f(θ, x), in a list or an array as the data are."""
        if self.is_large:
            return self._row_blocks.predictions(parameters)
        run, point = self._prediction_function, [*parameters]
        if not self.rows.columns:
            return [run(point)[0]] * self.m
        return [run([*point, *row])[0] for row in zip(*self.rows.columns, strict=True)]

    # -- what is undefined ------------------------------------------------------------------

    def undefined_row(self, parameters: Sequence[float]) -> UndefinedRow | None:
        """The first row without a finite loss or slope at the parameters; None where there is
        none."""
        place = self._first_undefined([*parameters])
        if place is None:
            return None
        number = self.rows.number(place)
        at = [*parameters, *(float(column[place]) for column in self.rows.columns)]
        found = self.model.right.unrolled.failing(at)
        if found is not None:
            is_hopeless = all(
                self.model.right.unrolled.failing([*other, *at[self.p :]])
                for other in _other_parameters(self.p)
            )
            return UndefinedRow(number, found.message, found.span, is_hopeless)
        response, f = float(self.rows.response[place]), self.model.right.evaluate(at)
        message = f"the {self.loss.name} loss of f={f:.7g}, y={response:.7g} is not finite"
        if self.rows.weights is not None:
            message += f" with the weight {float(self.rows.weights[place]):.7g}"
        return UndefinedRow(number, message, None)

    def kink(self, parameters: Sequence[float]) -> str:
        """The kink of the model beside the parameters, as `abs(a) at a = 0`; "" if none is known.

        It is looked for in some rows, and is not one that columns alone have.
        """
        model = self.model.right.unrolled
        places = range(0, self.m, max(1, self.m // MOST_KINK_ROWS)) if model.has_kinks else ()
        for distance in KINK_DISTANCES:
            here = [0.0 if abs(x) <= distance else x for x in parameters]
            for place in places:
                row = [float(column[place]) for column in self.rows.columns]
                elsewhere = [x + 0.37 * max(1.0, abs(x)) for x in parameters]
                of_columns = model.kinks([*elsewhere, *row], distance) or ()
                for name in model.kinks([*here, *row], distance) or ():
                    if name not in of_columns:
                        return name
        return ""

    def _first_undefined(self, point: list[float]) -> int | None:
        if self.is_large:
            return self._row_blocks.first_undefined(point, self.settings)
        for place, row in enumerate(zip(*self.data, strict=True)):
            value, others = self._row_function([*point, *row, *self.settings])
            if not (isfinite(value) and all(map(isfinite, others))):
                return place
        return None


def _other_parameters(p: int) -> Iterator[list[float]]:
    """Points far apart, of p numbers each: of both signs, whole ones among them."""
    for k in range(len(OTHER_VALUES)):
        yield [OTHER_VALUES[(k + j * (k + 1)) % len(OTHER_VALUES)] for j in range(p)]
        yield [OTHER_VALUES[k] * (1.0 + j) for j in range(p)]


def _summed(programs: Sequence[Tiered], point: list[float]) -> list[float]:
    """The sums of the outputs of programs over the parts of the data, each let go in its turn."""
    total: list[float] = []
    for program in programs:
        value, others = program(point)
        outputs = [value, *others]
        total = [a + b for a, b in zip(total, outputs, strict=True)] if total else outputs
        if len(programs) > 1 and program.bindings is not None:
            let_go([array.values for array in program.bindings.arrays.values()])
    return total
