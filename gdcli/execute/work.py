"""How much work a tape is: the ranges of its indices, and how many operations it takes.

Comes in: a Tape and Bindings. Goes out: `Work`. Counts are exact where the bounds of loops do not
depend on outer indices, else an upper bound from the least and greatest value of each index; they
depend on the tape and the sizes alone, never on a clock, so that what is decided by them repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.primitives import INLINE_PRIMITIVES
from gdcli.autodiff.tape import (
    EXTREMA,
    LOGSUMEXP,
    TABLE,
    Extent,
    Instruction,
    Loop,
    Region,
    Subscript,
    Tape,
    index_of,
    loop_results,
)
from gdcli.execute.bindings import Bindings

Range = tuple[int, int]
OPERATIONS_PER_CALL = 10  # operations that a call of the C library counts for


class Work:
    """The number of operations of a tape, and the ranges of its indices.

    `tables` has, by the value that is a table, how many numbers it holds, and `kept` is how many
    all of them hold, where the rows of a table are a part of it. `ranges` has the least and the
    greatest of each index value, `trips` the number of iterations by the index of a loop.
    """

    def __init__(self, tape: Tape, bindings: Bindings) -> None:
        self.sizes = bindings.sizes
        self.found: set[int] = set()  # the indices that a maximum or minimum was found at
        self.ranges: dict[int, Range] = {}
        self.trips: dict[int, int] = {}
        self.costs: dict[int, int] = {}  # by the index of a loop: operations of one iteration
        self.tables: dict[int, int] = {}
        self._rows: set[int] = set()  # the tables that are rows of others
        self._twos: set[int] = set()  # the values that are 2
        self.operations = self._region(tape.body)
        self.kept = sum(n for table, n in self.tables.items() if table not in self._rows)

    def constant(self, subscript: Subscript) -> int:
        """The value of a subscript at indices of 0."""
        sizes = sum(factor * self.sizes[name] for name, factor in subscript.sizes)
        return subscript.constant + sizes

    def reach(self, subscript: Subscript, operands: Sequence[int]) -> Range:
        """The least and greatest value of a subscript."""
        return subscript.reach(self.sizes, operands, self.ranges)

    def length(self, extent: Extent, operands: Sequence[int]) -> int:
        """The most subscripts that a dimension may have."""
        low, high = self.span(extent.low, extent.high, operands)
        return max(0, high - low + 1)

    def span(
        self, low: Sequence[Subscript], high: Sequence[Subscript], operands: Sequence[int]
    ) -> Range:
        """The least and the greatest of a range of integers, from max(low) to min(high)."""
        return (
            max(self.reach(end, operands)[0] for end in low),
            min(self.reach(end, operands)[1] for end in high),
        )

    def is_call(self, instruction: Instruction) -> bool:
        """Whether it is a call of the C library; a square is a product."""
        if instruction.operation != opcode.APPLY or instruction.payload in INLINE_PRIMITIVES:
            return False
        return instruction.payload != "pow-integer" or instruction.operands[1] not in self._twos

    def _region(self, region: Region) -> int:
        return sum(map(self._instruction, region.instructions))

    def _instruction(self, instruction: Instruction) -> int:
        if instruction.operation == opcode.APPLY:
            return OPERATIONS_PER_CALL if self.is_call(instruction) else 1
        if instruction.operation == opcode.LOOP:
            return self._loop(instruction)
        if instruction.operation == opcode.ACCUMULATOR:
            extents = instruction.payload.extents
            count = prod(self.length(one, instruction.operands) for one in extents)
            self.tables[instruction.results[0]] = count
            return count + self._region(instruction.regions[0])
        if instruction.operation == opcode.BRANCH:
            return 1 + sum(self._region(region) for region in instruction.regions)
        if instruction.operation == opcode.CONSTANT and instruction.payload == exact.TWO:
            self._twos |= set(instruction.results)
        free = (opcode.INDEX, opcode.UNFINISHED)
        return 0 if instruction.operation in free else 1

    def _loop(self, instruction: Instruction) -> int:
        over: Loop = instruction.payload
        low, high = self.span(over.low, over.high, instruction.operands)
        index = index_of(instruction)
        self.ranges[index] = (low, max(low, high))
        self.trips[index] = max(0, high - low + 1)
        body = instruction.regions[0]
        for one in loop_results(instruction):
            if one.kind in EXTREMA:
                for result in one.results[2:]:
                    self.ranges[result] = self.ranges[index]
                    self.found.add(result)
        joins = [OPERATIONS_PER_CALL if k == LOGSUMEXP else 1 for k in over.reductions]
        self.costs[index] = self._region(body) + sum(joins)
        for one in loop_results(instruction):
            if one.kind == TABLE:
                self._rows.add(one.output)
                count = self.trips[index] * self.tables.get(one.output, 1)
                self.tables[one.results[0]] = count
        return self.trips[index] * self.costs[index]
