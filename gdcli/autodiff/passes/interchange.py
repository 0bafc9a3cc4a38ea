"""Interchange: in a nest of plain sums the loop over the rows of data becomes the outermost.

Comes in: the Tape of a value, before differentiation. Goes out: a Tape of the same value but for
the order in which the sums are added. Data lie row by row in memory, and what is found for a row,
such as the layers of a network, is found once for it where its loop is the outermost.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.passes.joined_loops import nesting
from gdcli.autodiff.passes.trip_counts import Sizes, trips_by_index
from gdcli.autodiff.tape import SUM, Instruction, Region, Tape, index_of, instructions, is_of_table


def interchange(tape: Tape, sizes: Sizes) -> Tape:
    """Each turn moves loops over rows one loop outwards."""
    for _ in range(nesting(tape.body) - 1):
        copying = _Interchanging(Builder(tape.inputs, tape.arrays), tape, sizes)
        outputs = copying.region(tape.body)
        if not copying.changed:
            break
        tape = copying.builder.tape(outputs)
    return tape


class _Interchanging(Copy):
    """Copies a tape and turns round the nests of two sums whose inner loop goes over rows."""

    def __init__(self, builder: Builder, tape: Tape, sizes: Sizes) -> None:
        super().__init__(builder, [0] * tape.size)
        self.arrays = tape.arrays
        self.trips = trips_by_index(tape, sizes)
        self.changed = False

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        inner = self.inner_rows(instruction)
        if inner is None:
            return super().loop(instruction, operands)
        self.changed = True
        steps = [one for one in instruction.regions[0].instructions[1:] if one is not inner]
        self.builder.origin = inner.origin
        for one in (inner, instruction):
            indices = [self.numbers[operand] for operand in one.operands]
            self.numbers[index_of(one)] = self.builder.loop(one.payload, indices)
        self.region(Region(tuple(steps), ()))
        outputs = self.region(inner.regions[0])
        self.builder.origin = instruction.origin
        return self.builder.close_loop([SUM], self.builder.close_loop([SUM], outputs))

    def inner_rows(self, outer: Instruction) -> Instruction | None:
        """The loop inside a sum that is all it adds up and goes over rows, where it does not."""
        body = outer.regions[0]
        inner = next((one for one in body.instructions if one.results == body.outputs), None)
        if (
            inner is None
            or inner.operation != opcode.LOOP
            or outer.payload.reductions != (SUM,)
            or inner.payload.reductions != (SUM,)
            or any(value in body_values(body) for value in inner.operands)
        ):
            return None
        longer = self.trips[index_of(inner)].most > self.trips[index_of(outer)].most
        rows = {
            index: any(self.goes_over_rows(one, index, longer=longer) for one in instructions(body))
            for index in (index_of(inner), index_of(outer))
        }
        return inner if rows[index_of(inner)] and not rows[index_of(outer)] else None

    def goes_over_rows(self, one: Instruction, index: int, *, longer: bool) -> bool:
        """Whether an index is the first subscript of data: of a matrix, or where it is `longer`."""
        if one.operation != opcode.ELEMENT or is_of_table(one) or one.payload.array in self.arrays:
            return False
        first, *others = one.payload.subscripts
        factors = dict(zip(one.operands, first.coefficients, strict=False))
        return bool(factors.get(index)) and (bool(others) or longer)


def body_values(body: Region) -> set[int]:
    """The values that a region makes itself."""
    return {result for one in body.instructions for result in one.results}
