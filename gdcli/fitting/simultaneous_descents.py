"""Descents from many points at once, in arrays: variable projection with damped steps.

Comes in: the Tape of one row of a model, columns and a response, and which parameters are drawn,
which follow from them because the model is linear in them, and which stand. Goes out: the sum of
squares at each of many points, and where steps lead from there. What all points share is computed
once, and a step of sixty points takes little longer than a step of one.

Source: Golub and Pereyra (1973); Kaufman, BIT 15 (1975) 49; Björck, Solving linear least squares
problems by Gram-Schmidt orthogonalization, BIT 7 (1967) 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.reverse import reverse
from gdcli.execute.grid import ARRAY_TARGET
from gdcli.execute.source import compile_tape
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.descent.box import Box
    from gdcli.execute.grid import Array
    from gdcli.execute.source import Compiled

DEPENDENT_SLOPE = 1e-10  # of its length is left of a column beside those before it
FIRST_DAMPING_OF_MANY, LEAST_DAMPING_OF_MANY, GIVEN_UP_DAMPING = 1e-2, 1e-10, 1e8
DAMPING_FALL, DAMPING_RISE = 0.2, 4.0
SETTLED_GAIN = 1e-9  # of the sum of squares, below which a step ends a descent


class Projections(NamedTuple):
    """The sums of squares at k points with what gives them; a point is a row of every array.

    `sums` (k) are the sums of squares, inf where there is none; `linear` (k, q) the parameters that
    follow; `left` (k, m) the residuals y - f; `basis` (k, q, m) orthonormal combinations of the
    slopes by the parameters that follow.
    """

    sums: Array
    linear: Array
    left: Array
    basis: Array

    def at(self, places: Any) -> Projections:
        """The Projections of some of the points."""
        return Projections(*(entries[places] for entries in self))

    def with_better(self, better: Any, other: Projections) -> Projections:
        """The Projections of each point, the other's where that is `better`."""
        pairs = zip(other, self, strict=True)
        return Projections(*(
            np.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old) for new, old in pairs
        ))  # fmt: skip


class SimultaneousDescents:
    """A model over data, evaluated at many points at once.

    A point has the values of the parameters at the places `drawn`; those at the places `linear`
    follow, and `given` has the others. `roots` are the roots of the m weights, or 1.
    """

    def __init__(
        self,
        row: Tape,
        columns: Sequence[Array],
        response: Array,
        roots: Array | float,
        drawn: Sequence[int],
        linear: Sequence[int],
        given: Mapping[int, float],
    ) -> None:
        self.columns = [column[None, :] for column in columns]
        self.response, self.roots = response, roots
        self.drawn, self.linear = drawn, linear
        self.held = [given.get(j, 0.0) for j in range(len(row.inputs) - len(columns))]
        gradient = reverse(row)

        def partials(places: Sequence[int]) -> Compiled:
            builder = Builder(gradient.inputs)
            numbers = builder.extend(gradient)
            outputs = [gradient.body.outputs[place] for place in (0, *(1 + j for j in places))]
            tape = builder.tape([numbers[output] for output in outputs])
            return compile_tape(check_infinities(tape), ARRAY_TARGET)

        self.slopes_of_linear, self.slopes_of_drawn = partials(linear), partials(drawn)

    def project(self, points: Array) -> Projections:
        """The Projections of points of shape (k, drawn), by Gram and Schmidt."""
        count, q = len(points), len(self.linear)
        left, slopes = self._evaluate(self.slopes_of_linear, points, np.zeros((count, q)))
        triangle, parts = np.zeros((count, q, q)), np.zeros((count, q))
        basis = np.zeros((count, q, len(self.response)))
        for k, slope in enumerate(slopes):
            length = np.sqrt(_dots(slope, slope))
            for i in range(k):
                triangle[:, i, k] = _dots(basis[:, i], slope)
                slope = slope - triangle[:, i, k, None] * basis[:, i]
            rest = np.sqrt(_dots(slope, slope))
            triangle[:, k, k] = np.where(rest > DEPENDENT_SLOPE * length, rest, np.inf)
            basis[:, k] = slope / triangle[:, k, k, None]
            parts[:, k] = _dots(basis[:, k], left)
            left = left - parts[:, k, None] * basis[:, k]
        linear = np.zeros((count, q))
        for k in range(q - 1, -1, -1):
            known = _dots(triangle[:, k, k + 1 :], linear[:, k + 1 :])
            linear[:, k] = (parts[:, k] - known) / triangle[:, k, k]
        sums = _dots(left, left)
        sums[~np.isfinite(sums)] = np.inf
        return Projections(sums, linear, left, basis)

    def descend(
        self, points: Array, steps: int, deadline: float, box: Box | None
    ) -> tuple[Array, Projections]:
        """Where damped Gauss-Newton steps lead from the points, and the Projections there."""
        low, high = (-np.inf, np.inf) if box is None else (
            np.array([ends[j] for j in self.drawn]) for ends in (box.low, box.high)
        )  # fmt: skip
        ends, found = points.copy(), self.project(points)
        active = np.flatnonzero(np.isfinite(found.sums))
        here = found.at(active)
        damping, scales = np.full(len(active), FIRST_DAMPING_OF_MANY), np.zeros((1, 1))
        for _ in range(steps):
            if not len(active) or not self.drawn or perf_counter() > deadline:
                break
            slopes = self._projected_slopes(ends[active], here)
            pull = (slopes @ here.left[:, :, None])[:, :, 0]
            below, above = ends[active] <= low, ends[active] >= high
            stopped = (below & (pull < 0.0)) | (above & (pull > 0.0))
            slopes, pull = np.where(stopped[:, :, None], 0.0, slopes), np.where(stopped, 0.0, pull)
            matrix = slopes @ slopes.transpose(0, 2, 1)
            scales = np.maximum(0.5 * scales, np.sqrt(np.einsum("kii->ki", matrix)))
            units = np.where(scales > 0.0, scales, 1.0)
            matrix = matrix / (units[:, :, None] * units[:, None, :])
            pull = pull / units
            finite = np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(pull).all(axis=1)
            matrix[~finite], pull[~finite] = 0.0, 0.0
            matrix += damping[:, None, None] * np.eye(len(self.drawn))
            moves = np.linalg.solve(matrix, pull[:, :, None])[:, :, 0] / units
            trial = np.clip(ends[active] + moves, low, high)
            there = self.project(trial)
            better = there.sums < here.sums
            settled = better & (here.sums - there.sums <= SETTLED_GAIN * there.sums)
            ends[active[better]] = trial[better]
            here = here.with_better(better, there)
            found.sums[active], found.linear[active] = here.sums, here.linear
            damping = np.where(better, DAMPING_FALL * damping, DAMPING_RISE * damping)
            damping = np.maximum(damping, LEAST_DAMPING_OF_MANY)
            goes_on = finite & ~settled & (damping < GIVEN_UP_DAMPING)
            active, damping, scales = active[goes_on], damping[goes_on], scales[goes_on]
            here = here.at(goes_on)
        return ends, found

    def _projected_slopes(self, points: Array, here: Projections) -> Array:
        """The slopes by the drawn parameters less what the linear ones make up for.

        Their shape is (k, drawn, m).
        """
        slopes = np.stack(self._evaluate(self.slopes_of_drawn, points, here.linear)[1], axis=1)
        left = slopes - (slopes @ here.basis.transpose(0, 2, 1)) @ here.basis
        lengths, rest = (np.sqrt(np.einsum("kim,kim->ki", one, one)) for one in (slopes, left))
        return np.where((rest > DEPENDENT_SLOPE * lengths)[:, :, None], left, 0.0)

    def _evaluate(self, program: Compiled, points: Array, linear: Array) -> tuple[Array, list[Any]]:
        """The weighted residuals y - f and slopes of the program, each of shape (k, m)."""
        inputs: list[Any] = [*self.held]
        for k, j in enumerate(self.drawn):
            inputs[j] = points[:, k, None]
        for k, j in enumerate(self.linear):
            inputs[j] = linear[:, k, None]
        f, slopes = program([*inputs, *self.columns])
        shape = len(points), len(self.response)
        left = np.broadcast_to(self.roots * (self.response - f), shape)
        return left, [np.broadcast_to(self.roots * slope, shape) for slope in slopes]


def _dots(a: Array, b: Array) -> Array:
    """The products of the rows of two arrays."""
    return np.asarray(np.einsum("ij,ij->i", a, b))
