"""Residuals: a model over data, evaluated.

Comes in: a RegressionModel and the Rows of data. Goes out: the NormalEquations at given parameters,
one pass over the data; what geodesic acceleration adds, another; and single rows of residuals and
slopes, where a factorisation needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.execute import AUTO
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.fitting.gauss_newton import (
    ROW_COUNT,
    ROW_RESPONSE,
    ROW_WEIGHT,
    column_array,
    gauss_newton,
)
from gdcli.fitting.losses import SQUARED, Loss

if TYPE_CHECKING:
    from gdcli.execute.tiers import Tiered
    from gdcli.fitting.model import RegressionModel


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
    source: str = ""  # the name of the file, without its folders
    dropped: Sequence[int] = ()
    labels: Mapping[str, Sequence[str]] = {}  # of a column of texts, by the number they stand for

    @property
    def count_of_rows(self) -> int:
        return len(self.response)


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


class Residuals:
    """The residuals r = f(θ, x) - y of a model on rows of data, with what their derivatives give.

    `evaluations` counts the passes over the data for r and its slopes, `accelerations` those for
    second derivatives.
    """

    def __init__(
        self, model: RegressionModel, rows: Rows, loss: Loss = SQUARED, backend: str = AUTO
    ) -> None:
        self.model = model
        self.rows = rows
        self.loss = loss
        self.backend = backend
        self.p = model.layout.size
        self.m = rows.count_of_rows
        self.evaluations = self.accelerations = 0

    @property
    def row_tape(self) -> Any:
        """The Tape of f on one row: inputs are the p parameters, then the columns."""
        return self.model.right.unrolled.engine.rewritten.tape

    def _bindings(self, inputs: int) -> Bindings:
        arrays = {column_array(k): ArrayBinding((self.m,), values=column)
                  for k, column in enumerate(self.rows.columns)}  # fmt: skip
        arrays[ROW_RESPONSE] = ArrayBinding((self.m,), values=self.rows.response)
        if self.rows.weights is not None:
            arrays[ROW_WEIGHT] = ArrayBinding((self.m,), values=self.rows.weights)
        return Bindings({ROW_COUNT: self.m}, tuple(range(inputs)), arrays)

    def _program(self, tape: Any, inputs: int) -> Tiered:
        from gdcli.autodiff.passes.schedule import schedule
        from gdcli.execute.tiers import Tiered

        return Tiered(schedule(tape), self._bindings(inputs), self.backend)

    @cached_property
    def _normal_program(self) -> Tiered:
        tape = gauss_newton(self.row_tape, self.p, self.loss, self.rows.weights is not None)
        return self._program(tape, self.p)

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        """Q, its gradient and its Gauss-Newton matrix at the p parameters."""
        self.evaluations += 1
        value, others = self._normal_program([*parameters])
        entries = iter([*others])
        gradient = [next(entries) for _ in range(self.p)]
        matrix = [[0.0] * self.p for _ in range(self.p)]
        for j in range(self.p):
            for k in range(j, self.p):
                matrix[j][k] = matrix[k][j] = next(entries)
        return NormalEquations(value, gradient, matrix)

    def each_row(self, parameters: Sequence[float]) -> tuple[list[float], list[list[float]]]:
        """The m residuals √w·r, and the m rows of their p slopes √w·∂f/∂θ.

        Entries are nan where there is no finite number.
        """
        evaluate = self.model.right.unrolled.evaluate_gradient
        residuals, slopes = [], []
        weights = self.rows.weights if self.rows.weights is not None else [1.0] * self.m
        for place in range(self.m):
            f, partials = evaluate([*parameters, *(column[place] for column in self.rows.columns)])
            root = sqrt(weights[place])
            residuals.append(root * (f - self.rows.response[place]))
            slopes.append([root * slope for slope in partials[: self.p]])
        return residuals, slopes

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        """The p sums of w·f″·∂f/∂θⱼ, f″ being the second derivative of f along the direction."""
        raise NotImplementedError


NOWHERE = NormalEquations(inf, [nan], [[nan]])
