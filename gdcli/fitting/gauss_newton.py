"""Derivatives of one row, and their sums over the rows, as Tapes: what a fit needs of a model.

Comes in: the Tape of a prediction f, without loops, whose first inputs are the p parameters and
whose others are the columns; and a Loss. Goes out, of one row: a Tape with the response, and the
weight if rows have one, behind the columns. Of all rows: a Tape of the parameters with one loop
over the rows, numbered 1 to ROW_COUNT, in which each column is an array of data, so that one pass
over the data computes all of its sums.

The objective Q(θ) of a fit is the sum of w·ℓ(f, y): w is the weight of a row, f(θ, x) what the
model predicts for it, y its response and ℓ the Loss, of squares (f - y)²/2. Its gradient is the sum
of w·ℓ′·∇f, and its Gauss-Newton matrix the sum of w·ℓ″·∇f·∇fᵀ: the Hessian without what the second
derivatives of f add, which vanishes with the residuals.

Source: Björck, Numerical Methods for Least Squares Problems (1996), section 9.2; of the second
derivative along a direction Transtrum and Sethna, Improvements to the Levenberg-Marquardt algorithm
(2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import or_zero, product
from gdcli.autodiff.forward import direction, tangent
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import SUM, Element, Instruction, Loop, Subscript, Tape
from gdcli.fitting.losses import Loss

ROW_COUNT = "rows."  # the size that says how many rows there are; no name of the language
RECENT_MODELS = 16  # whose Tapes are kept
ROW_RESPONSE, ROW_WEIGHT = "response.", "weight."  # arrays of data beside the columns

Terms = Callable[[Builder, list[int]], list[int]]  # of the outputs of one row's Tape


@lru_cache(maxsize=RECENT_MODELS)
def row_tapes(row: Tape, parameters: int, loss: Loss, weighted: bool) -> RowTapes:
    """The RowTapes, made once of the models of late, which are fitted to other rows too."""
    return RowTapes(row, parameters, loss, weighted)


class RowTapes:
    """The Tapes of a model and a Loss; `row` is the Tape of f, of so many `parameters`."""

    def __init__(self, row: Tape, parameters: int, loss: Loss, weighted: bool) -> None:
        self.row = row
        self.p = parameters
        self.loss = loss
        columns = range(len(row.inputs) - parameters)
        self.arrays = [column_array(k) for k in columns]
        self.arrays += [ROW_RESPONSE, *[ROW_WEIGHT] * weighted]
        self.settings = loss.settings  # inputs behind the parameters, of a row behind its numbers

    @property
    def is_plain(self) -> bool:
        """Whether w·ℓ″ is 1 in every row."""
        return self.loss.curvature == "1" and ROW_WEIGHT not in self.arrays

    # -- of one row -------------------------------------------------------------------------

    @cached_property
    def derivatives(self) -> Tape:
        """The Tape of w·ℓ, w·ℓ′, w·ℓ″ and the p slopes ∂f/∂θ of one row."""
        builder = self._builder()
        f, *slopes = self._outputs(builder, reverse(self.row))
        return builder.tape([*self._loss_terms(builder, f), *slopes[: self.p]])

    @cached_property
    def second_derivatives(self) -> Tape:
        """The Tape of w·ℓ″·f″ and the p slopes, f″ the second derivative of f along a direction.

        The p entries of the direction are the last inputs.
        """
        n, p = len(self.row.inputs), self.p
        along = self.row._replace(inputs=(*self.row.inputs, *self._directions))
        directions = [*range(n, n + p), *[None] * n]
        second = tangent(tangent(along, directions), directions)
        builder = self._builder(self._directions)
        f, *slopes = self._outputs(builder, reverse(self.row))
        bent = self._loss_terms(builder, f)[2]
        return builder.tape([times(builder, bent, self._outputs(builder, second)[0]), *slopes[:p]])

    @property
    def _directions(self) -> Sequence[str]:
        return [direction(name) for name in self.row.inputs[: self.p]]

    def _builder(self, more: Sequence[str] = ()) -> Builder:
        """A builder of a row's Tape: the response and the weight are inputs behind the columns."""
        beside = self.arrays[len(self.row.inputs) - self.p :]
        return Builder((*self.row.inputs, *beside, *self.settings, *more))

    def _outputs(self, builder: Builder, tape: Tape) -> list[int]:
        """The outputs of a Tape that knows no response, which is copied."""
        behind = len(self.arrays) + self.p + len(self.settings)
        places = [*range(len(self.row.inputs)), *range(behind, behind + self.p)]
        return _InputCopy(builder, tape, places).region(tape.body)

    def _loss_terms(self, builder: Builder, f: int) -> list[int]:
        """The value, the slope and the curvature of the loss at a prediction, times the weight."""
        names = (*self.arrays, *self.settings)
        known = {name: builder.load(self.p + k) for k, name in enumerate(names)}
        weight = known.get(ROW_WEIGHT)
        one = builder.constant(exact.ONE) if weight is None else weight
        made = self.loss.terms(builder, {**known, "f": f, "y": known[ROW_RESPONSE], "w": one})
        return made if weight is None else [times(builder, weight, one) for one in made]

    # -- of all rows ------------------------------------------------------------------------

    @cached_property
    def objective(self) -> Tape:
        """The Tape of Q alone."""
        return self._over_rows(self.derivatives, lambda _, outputs: outputs[:1])

    @cached_property
    def normal_equations(self) -> Tape:
        """The Tape of Q, the p entries of its gradient, and the upper triangle of its matrix by
        rows."""

        def terms(builder: Builder, outputs: list[int]) -> list[int]:
            value, slope, curvature, *slopes = outputs
            bent = [times(builder, curvature, one) for one in slopes]
            gradient = [times(builder, slope, one) for one in slopes]
            pairs = [(j, one) for j in range(self.p) for one in slopes[j:]]
            return [value, *gradient, *[times(builder, bent[j], one) for j, one in pairs]]

        return self._over_rows(self.derivatives, terms)

    @cached_property
    def hessian(self) -> Tape:
        """The Tape of the upper triangle of the Hessian of Q, by rows."""
        return self._over_rows(self.hessian_of_row, lambda _, outputs: outputs)

    @cached_property
    def hessian_of_row(self) -> Tape:
        """The Tape of the upper triangle of the Hessian of w·ℓ of one row, by its rows."""
        builder = self._builder()
        f = self._outputs(builder, self.row)[0]
        gradient = reverse(builder.tape(self._loss_terms(builder, f)[:1]))
        inputs, made = range(len(gradient.inputs)), self._builder()
        seconds: list[int] = []
        for j in range(self.p):
            along = tangent(gradient, [exact.ONE if k == j else None for k in inputs])
            outputs = _InputCopy(made, along, inputs).region(along.body)
            seconds += outputs[1 + j : 1 + self.p]
        return made.tape(seconds)

    @cached_property
    def acceleration(self) -> Tape:
        """The Tape of the p sums of w·ℓ″·f″·∂f/∂θⱼ.

        The p entries of the direction are inputs behind the parameters.
        """

        def terms(builder: Builder, outputs: list[int]) -> list[int]:
            second, *slopes = outputs
            return [times(builder, second, one) for one in slopes]

        return self._over_rows(self.second_derivatives, terms, self._directions)

    def _over_rows(self, row: Tape, terms: Terms, more: Sequence[str] = ()) -> Tape:
        """The Tape of the sums over the rows of the `terms` of the outputs of one row's Tape."""
        more = (*self.settings, *more)
        builder = Builder((*row.inputs[: self.p], *more))
        one, last = Subscript(1), Subscript(0, ((ROW_COUNT, 1),))
        index = builder.loop(Loop((one,), (last,)), ())
        entries = [Element(name, (Subscript(0, (), (1,)),)) for name in self.arrays]
        behind = range(self.p, self.p + len(more))
        copy = _InputCopy(builder, row, [*range(self.p), *entries, *behind], index)
        made = terms(builder, copy.region(row.body))
        return builder.tape(builder.close_loop([SUM] * len(made), made))


def column_array(number: int) -> str:
    """The array of data that holds the column with this number, from 0."""
    return f"column.{number}"


def times(builder: Builder, factor: int, by: int) -> int:
    """The product of two values, which is not computed where one is exactly 0, 1 or -1."""
    return or_zero(builder, product(builder, factor, by))


class _InputCopy(Copy):
    """A copy of a Tape with other inputs: by number, the input or the Element that each becomes.

    Elements are read at `index`, that of the loop around.
    """

    def __init__(
        self, builder: Builder, tape: Tape, places: Sequence[int | Element], index: int = -1
    ) -> None:
        super().__init__(builder, [0] * tape.size)
        self.places = places
        self.index = index

    def instruction(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        if instruction.operation != opcode.LOAD:
            return super().instruction(instruction, operands)
        place = self.places[instruction.payload]
        if isinstance(place, Element):
            return [self.builder.element(place, [self.index])]
        return [self.builder.load(place)]
