"""Unroll and jam: four iterations of a loop at a time, whose inner loops become one.

The inner loop of A·x over the columns j adds to one sum, so that each addition waits for the one
before, and reads x[j] again for every row i. Of four rows together the additions are independent,
and what is the same for all rows is read once; where all rows add to one entry it is read and
written once. Each sum has its terms in the same order as before.

Source: Allen and Kennedy, Optimizing Compilers for Modern Architectures (2001), section 8.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import SUM, Instruction, Region, index_of, instructions
from gdcli.execute.native.code import LANES, Operand, integer
from gdcli.execute.native.context import Context
from gdcli.execute.native.memory import LANE_NUMBERS
from gdcli.execute.native.reductions import State, cut, flat

if TYPE_CHECKING:
    from gdcli.execute.native.emitter import Emitter

ROWS = 4
PLAIN_OPERATIONS = (opcode.APPLY, opcode.ELEMENT, opcode.ACCUMULATE, opcode.INDEX)


def jams(context: Context, loop: Instruction) -> bool:
    """Whether iterations of a loop may be jammed: its inner loops go by lanes, over one range."""
    index, over = index_of(loop), loop.payload
    inner = [one for one in loop.regions[0].instructions if one.operation == opcode.LOOP]
    direct = {one.operation for one in loop.regions[0].instructions} - {opcode.LOOP}
    nested = {one.operation for loop in inner for one in loop.regions[0].instructions}
    if not inner or not (direct | nested).issubset(PLAIN_OPERATIONS):
        return False
    kinds = {kind for one in inner for kind in one.payload.reductions}
    if not kinds <= {SUM} or index in context.vectors or over.descending:
        return False
    made = {value for one in instructions(loop.regions[0]) for value in one.results}
    lanes = all(index_of(one) in context.vectors and made.isdisjoint(one.operands) for one in inner)
    return lanes and context.trips(loop) >= ROWS and context.independent(loop)


class Jam:
    """Writes four iterations of a loop."""

    def __init__(self, emitter: Emitter, loop: Instruction) -> None:
        self.emitter = emitter
        self.loop = loop
        self.varying: set[int] = set()  # values that differ from row to row
        self.rows: list[dict[int, Operand]] = [{} for _ in range(ROWS)]  # which they are

    def iterations(self, base: Operand) -> list[list[Operand]]:
        """Writes the bodies from an index on; the outputs of each row."""
        code, index, body = self.emitter.code, index_of(self.loop), self.loop.regions[0]
        self.varying.add(index)
        for number, row in enumerate(self.rows):
            row[index] = code.two("add", base, integer(number))
        self.region(body)
        return [self.outputs(row, body) for row in self.rows]

    def enter(self, row: dict[int, Operand]) -> None:
        """Makes a row's values those of the scope."""
        self.emitter.scope.values.update(row)

    def outputs(self, row: dict[int, Operand], body: Region) -> list[Operand]:
        self.enter(row)
        scope = self.emitter.scope
        return [scope.real(scope.value(output)) for output in body.outputs]

    def region(self, region: Region) -> None:
        for one in region.instructions:
            if one.operation == opcode.LOOP:
                self.inner(one)
            elif one.operation == opcode.ACCUMULATE:
                self.accumulate(one)
            elif self.varying.isdisjoint(one.operands):
                self.emitter.instruction(one)
            else:
                for row in self.rows:
                    self.enter(row)
                    self.emitter.instruction(one)
                    row[one.results[0]] = self.emitter.scope.values[one.results[0]]
                self.varying.update(one.results)

    def accumulate(self, instruction: Instruction) -> None:
        """Adds what the rows have for one entry together, or each row to its own."""
        emitter, added = self.emitter, instruction.operands[-1]
        position = emitter.context.position(instruction)
        values = []
        for row in self.rows:
            self.enter(row)
            values.append(emitter.scope.value(added))
            if not self.varying.isdisjoint(value for value, _ in position.terms):
                emitter.memory.accumulate(instruction, values)
                values = []
        if values:
            emitter.memory.accumulate(instruction, values)

    def inner(self, loop: Instruction) -> None:
        """Writes an inner loop for all rows, eight iterations at a time and then one by one."""
        emitter, code, index = self.emitter, self.emitter.code, index_of(loop)
        scope, reductions = emitter.scope, emitter.reductions(loop)
        low, high, _ = emitter.bounds(loop)
        end = emitter.vector_end(low, code.two("add", high, integer(1)))
        width = sum(one.width for one in reductions)

        def each(states: State) -> list[State]:
            return [states[row * width : (row + 1) * width] for row in range(ROWS)]

        def stepped(at: Operand, states: State) -> State:
            self.region(loop.regions[0])
            made = []
            for row, state in zip(self.rows, each(states), strict=True):
                outputs, old = self.outputs(row, loop.regions[0]), cut(reductions, state)
                if scope.vector:
                    outputs = [code.broadcast(output) for output in outputs]
                made += [
                    reduction.step(before, output, at)
                    for reduction, before, output in zip(reductions, old, outputs, strict=True)
                ]
            return flat(made)

        def eight(base: Operand, states: State) -> State:
            emitter.poll(loop, base)
            scope.vector, scope.bases[index] = True, base
            at = scope.values[index] = code.two("add", code.broadcast(base), LANE_NUMBERS)
            made = stepped(at, states)
            scope.vector = False
            del scope.bases[index]
            return made

        def one(at: Operand, states: State) -> State:
            scope.values[index] = at
            return stepped(at, states)

        first = flat([reduction.initial(low) for reduction in reductions]) * ROWS
        lanes = [code.broadcast(state) for state in first]
        lanes = code.cycle(f"v{index}.lanes", low, ("slt", end), LANES, lanes, eight)
        whole = [
            reduction.across(state)
            for states in each(lanes)
            for reduction, state in zip(reductions, cut(reductions, states), strict=True)
        ]
        done = code.cycle(f"v{index}", end, ("sle", high), 1, flat(whole), one)
        for row, state in zip(self.rows, each(done), strict=True):
            row.update(zip(loop.results, state, strict=True))
        self.varying.update(loop.results)
