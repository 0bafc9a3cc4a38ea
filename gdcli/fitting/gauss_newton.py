"""The Gauss-Newton tape: a Tape of one row becomes the sums over all rows that a fit needs.

Comes in: a Tape without loops over rows, whose first inputs are the parameters and whose others are
the columns. Goes out: a Tape with one loop over the rows, numbered 1 to ROW_COUNT, in which each
column is an array of data. One pass over the data computes them all.

The objective Q(θ) of a fit is the sum of w·ℓ(f, y): w is the weight of a row, f(θ, x) what the
model predicts for it, y its response and ℓ the Loss, of squares (f - y)²/2. Its gradient is the sum
of w·ℓ′·∇f, and its Gauss-Newton matrix the sum of w·ℓ″·∇f·∇fᵀ: the Hessian without what the second
derivatives of f add, which vanishes with the residuals.

Source: Björck, Numerical Methods for Least Squares Problems (1996), section 9.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import SUM, Element, Instruction, Loop, Subscript, Tape
from gdcli.fitting.losses import Loss

ROW_COUNT = "rows."  # the size that says how many rows there are; no name of the language
ROW_RESPONSE, ROW_WEIGHT = "response.", "weight."  # arrays of data beside the columns

Terms = Callable[[Builder, list[int], dict[str, int]], list[int]]


def gauss_newton(row: Tape, parameters: int, loss: Loss, weighted: bool) -> Tape:
    """The Tape of Q, the p entries of its gradient, and the upper triangle of its matrix by rows.

    `row` is the Tape of f, with p = `parameters`.
    """

    def terms(builder: Builder, outputs: list[int], columns: dict[str, int]) -> list[int]:
        f, *slopes = outputs
        known = {"f": f, "y": columns[ROW_RESPONSE]}
        value, slope, curvature = (
            lower_formula(builder, formula, known)
            for formula in (loss.value, loss.slope, loss.curvature)
        )
        if weighted:
            weight = columns[ROW_WEIGHT]
            value, slope = (builder.apply("*", weight, one) for one in (value, slope))
            curvature = weight if loss.curvature == "1" else builder.apply("*", weight, curvature)
        mine = slopes[:parameters]
        plain = loss.curvature == "1" and not weighted
        pulls = mine if plain else [builder.apply("*", curvature, one) for one in mine]
        gradient = [builder.apply("*", slope, one) for one in mine]
        matrix = [
            builder.apply("*", pulls[j], mine[k])
            for j in range(parameters)
            for k in range(j, parameters)
        ]
        return [value, *gradient, *matrix]

    return over_rows(reverse(row), parameters, terms, weighted)


def acceleration(row: Tape, parameters: int, weighted: bool) -> Tape:
    """The Tape of the sum of w·f″·f″, and of the p sums of w·f″·∂f/∂θⱼ.

    f″ is the second derivative of f along a direction, whose p entries are inputs behind the
    parameters. The columns stand behind both.
    """
    raise NotImplementedError


def column_array(number: int) -> str:
    """The array of data that holds the column with this number, from 0."""
    return f"column.{number}"


def over_rows(row: Tape, parameters: int, terms: Terms, weighted: bool) -> Tape:
    """The Tape of the sums over the rows of the `terms` of the outputs of `row`."""
    builder = Builder(row.inputs[:parameters])
    one, last = Subscript(1), Subscript(0, ((ROW_COUNT, 1),))
    index = builder.loop(Loop((one,), (last,)), ())
    entry = Subscript(0, (), (1,))
    names = [ROW_RESPONSE, *[ROW_WEIGHT] * weighted]
    columns = {name: builder.element(Element(name, (entry,)), [index]) for name in names}
    copy = _RowCopy(builder, row, parameters, index)
    outputs = terms(builder, copy.region(row.body), columns)
    return builder.tape(builder.close_loop([SUM] * len(outputs), outputs))


class _RowCopy(Copy):
    """A copy of a row's Tape in a loop over the rows: it reads columns where the Tape loads."""

    def __init__(self, builder: Builder, row: Tape, parameters: int, index: int) -> None:
        super().__init__(builder, [0] * row.size)
        self.parameters, self.index = parameters, index

    def instruction(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        place = instruction.payload
        if instruction.operation != opcode.LOAD or place < self.parameters:
            return super().instruction(instruction, operands)
        entry = Element(column_array(place - self.parameters), (Subscript(0, (), (1,)),))
        return [self.builder.element(entry, [self.index])]
