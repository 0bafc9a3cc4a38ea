"""Blocks of rows as NumPy arrays: slopes of some thousand rows at a time, and sums over all rows.

Comes in: the RowTapes of a model, and its columns, response and weights. Goes out: residuals and
slopes block by block, and the NormalEquations by one product of matrices a block, which costs less
than one sum in a loop for each entry where there are many parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.execute.grid import ARRAY_TARGET
from gdcli.execute.mapped import let_go
from gdcli.execute.source import compile_tape

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.execute.grid import Array
    from gdcli.fitting.gauss_newton import RowTapes

BLOCK_NUMBERS = 1 << 18  # residuals and slopes of a block: 2 MB
FEWEST_BLOCK_ROWS, MOST_BLOCK_ROWS = 512, 1 << 14  # so that intermediate values stay in the cache

Evaluate = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


class RowBlocks:
    """A model over data, evaluated in blocks of rows.

    `data` has the columns, the response and the weights, if there are any, each of m numbers.
    """

    def __init__(self, tapes: RowTapes, data: Sequence[Any]) -> None:
        self.tapes = tapes
        self.p = tapes.p
        self.data = [np.asarray(column, dtype=float) for column in data]
        self.m = len(self.data[0])
        rows = BLOCK_NUMBERS // (self.p + 1)
        self.block = min(max(rows, FEWEST_BLOCK_ROWS), MOST_BLOCK_ROWS)

    def sums(
        self, parameters: Sequence[float], settings: Sequence[float]
    ) -> tuple[float, Array, Array]:
        """Q, its gradient of shape (p,), and its Gauss-Newton matrix of shape (p, p)."""
        value, gradient, matrix = 0.0, np.zeros(self.p), np.zeros((self.p, self.p))
        for losses, slope, curvature, slopes in self._derivatives(parameters, settings):
            with np.errstate(all="ignore"):
                value += float(losses.sum())
                gradient += slopes @ slope
                bent = slopes if curvature is None else slopes * curvature
                matrix += slopes @ bent.T
        return value, gradient, matrix

    def accelerated(self, parameters: Sequence[float], behind: Sequence[float]) -> Array:
        """The p sums of w·ℓ″·f″·∂f/∂θⱼ, f″ being the second derivative of f along the direction.

        `behind` are the settings of the loss and the direction.
        """
        total = np.zeros(self.p)
        for (second, *_), slopes in self._run(self._second, parameters, 1, behind):
            with np.errstate(all="ignore"):
                total += slopes @ second
        return total

    def hessian(self, parameters: Sequence[float], settings: Sequence[float]) -> list[float]:
        """The upper triangle of the Hessian of Q, by rows."""
        total = np.zeros(self.p * (self.p + 1) // 2)
        for _, columns in self._blocks():
            with np.errstate(all="ignore"):
                first, others = self._bent([*parameters, *columns, *settings])
                rows = len(columns[0])
                total += [np.broadcast_to(one, rows).sum() for one in (first, *others)]
        triangle: list[float] = total.tolist()
        return triangle

    def rows(
        self, parameters: Sequence[float], settings: Sequence[float]
    ) -> Iterator[tuple[Array, Array]]:
        """The residuals w·ℓ′/√(w·ℓ″) and the slopes √(w·ℓ″)·∂f/∂θ of each block of rows.

        Both are 0 where ℓ″ is.
        """
        for _, slope, curvature, slopes in self._derivatives(parameters, settings):
            if curvature is None:
                yield slope, slopes.T
                continue
            with np.errstate(all="ignore"):
                root = np.sqrt(curvature)
                yield np.where(root == 0.0, 0.0, slope / root), (slopes * root).T

    def predictions(self, parameters: Sequence[float]) -> Array:
        """The m predictions."""
        found = np.empty(self.m)
        for place, columns in self._blocks():
            with np.errstate(all="ignore"):
                found[place] = self._prediction([*parameters, *columns[: self.columns]])[0]
        return found

    def first_undefined(self, parameters: Sequence[float], settings: Sequence[float]) -> int | None:
        """The place, from 0, of the first row whose loss or slopes are not all finite."""
        before = 0
        for outputs, slopes in self._run(self._first, parameters, 3, settings):
            good = np.all(np.isfinite(np.vstack([*outputs, slopes])), axis=0)
            if not good.all():
                return before + int(np.argmin(good))
            before += len(good)
        return None

    # -- blocks -----------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        """How many columns the model has."""
        return len(self.tapes.row.inputs) - self.p

    @cached_property
    def _first(self) -> Evaluate:
        return compiled(self.tapes.derivatives)

    @cached_property
    def _second(self) -> Evaluate:
        return compiled(self.tapes.second_derivatives)

    @cached_property
    def _bent(self) -> Evaluate:
        return compiled(self.tapes.hessian_of_row)

    @cached_property
    def _prediction(self) -> Evaluate:
        return compiled(self.tapes.row)

    def _blocks(self) -> Iterator[tuple[slice, list[Array]]]:
        """The places of each block, and its part of each column."""
        for first in range(0, self.m, self.block):
            place = slice(first, first + self.block)
            columns = [column[place] for column in self.data]
            yield place, columns
            let_go(columns)

    def _derivatives(
        self, parameters: Sequence[float], settings: Sequence[float]
    ) -> Iterator[tuple[Array, Array, Array | None, Array]]:
        """The w·ℓ, w·ℓ′, w·ℓ″ and slopes of each block; None stands for a curvature of 1."""
        for (value, slope, curvature), slopes in self._run(self._first, parameters, 3, settings):
            plain = self.tapes.is_plain
            yield value, slope, None if plain else curvature, slopes

    def _run(
        self,
        evaluate: Evaluate,
        parameters: Sequence[float],
        terms: int,
        behind: Sequence[float] = (),
    ) -> Iterator[tuple[list[Array], Array]]:
        """The first `terms` outputs in each block of rows, and the slopes, of shape (p, k)."""
        for _, columns in self._blocks():
            rows = len(columns[0])
            with np.errstate(all="ignore"):
                first, others = evaluate([*parameters, *columns, *behind])
                outputs = [np.broadcast_to(one, rows) for one in (first, *others[: terms - 1])]
                slopes = np.empty((self.p, rows))
                for place, slope in enumerate(others[terms - 1 :]):
                    slopes[place] = slope
            yield outputs, slopes


def compiled(tape: Tape) -> Evaluate:
    return compile_tape(check_infinities(tape), ARRAY_TARGET)
