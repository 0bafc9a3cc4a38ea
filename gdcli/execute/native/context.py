"""What is known of a tape before its text is written: numbers, places, memory.

Comes in: a Tape and its Bindings. Goes out: `Context`, the constants of the text: where each array
and each scalar lies, how large the buffers are, and the frame, the memory in which functions hand
values to one another. Everything is decided by the tape and the sizes alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.autodiff.tape import (
    ACCUMULATE,
    BRANCH,
    CARRY,
    CONSTANT,
    ELEMENT,
    KEEP,
    LOAD,
    LOOP,
    SIZE,
    Instruction,
    Region,
    Tape,
    instructions,
)
from gdcli.execute.bindings import DATA, Bindings
from gdcli.execute.native.code import LANES
from gdcli.execute.native.positions import Position, position
from gdcli.execute.work import Work, index_of

MANY_ITERATIONS = (
    64  # iterations that keep lanes busy, so that a longer loop inside would gain little
)
DOMINANT_RATIO = 32  # times the rest of a body: what loops inside are to have the lanes themselves
MOST_STACK_NUMBERS = 4096  # numbers that a function may have on its stack, for one purpose


class Arena:
    """Memory that is given out number by number; `size` is how much of it is taken."""

    def __init__(self) -> None:
        self.size = 0

    def take(self, count: int) -> int:
        """The place of the first of `count` numbers, at a multiple of eight."""
        place = self.size
        self.size += (count + 7) // 8 * 8
        return place


class Context:
    """A tape with numbers for its sizes and places for its names."""

    def __init__(self, tape: Tape, bindings: Bindings) -> None:
        self.tape = tape
        self.bindings = bindings
        self.work = Work(tape, bindings)
        self.data = tuple(n for n, array in bindings.arrays.items() if array.offset == DATA)
        self.frame = Arena()
        self.slots: dict[int, int] = {}  # the places in the frame of values that are handed on
        self.scratch = Arena()
        self.keepers = dict(_keepers(tape.body, ()))
        outermost = {index_of(one) for one in tape.body.instructions if one.operation == LOOP}
        self.shared_buffers = {
            buffer: self.frame.take(self.work.trips[keeper])
            for buffer, keeper in self.keepers.items()
            if keeper in outermost
        }
        self.crossing = frozenset(_crossing(tape.body))
        self.vectors: set[int] = set()  # the loops, by index, whose iterations run eight at a time
        for instruction in tape.body.instructions:
            self._choose(instruction)
        self.leaves = {
            instruction.results[0]: instruction
            for instruction in tape.body.instructions
            if instruction.operation in (CONSTANT, LOAD, SIZE)
        }

    def _choose(self, instruction: Instruction) -> None:
        """The loop itself is a vector loop, or those inside it may be."""
        if instruction.operation == LOOP and self._goes_by_lanes(instruction):
            trips = self.work.trips[index_of(instruction)]
            inside = [self.work.trips[index_of(one)] for one in _loops(instruction)]
            enough = trips >= LANES and trips >= min(MANY_ITERATIONS, max(inside, default=0))
            if enough and not self._is_mostly_inner(instruction):
                self.vectors.add(index_of(instruction))
                return
        for region in instruction.regions:
            for one in region.instructions:
                self._choose(one)

    def _goes_by_lanes(self, loop: Instruction) -> bool:
        """Whether its iterations need not run one after another, in a range known beforehand."""
        somewhere = self.work.found.isdisjoint(loop.operands)
        return somewhere and CARRY not in loop.payload.reductions

    def _is_mostly_inner(self, loop: Instruction) -> bool:
        """Whether long plain loops inside, which read memory as it lies, are most of its work."""
        trips, costs = self.work.trips, self.work.costs
        inside = sum(
            trips[index_of(one)] * costs[index_of(one)]
            for one in loop.regions[0].instructions
            if one.operation == LOOP
            and trips[index_of(one)] >= MANY_ITERATIONS
            and self._is_plain(one)
        )
        return inside >= DOMINANT_RATIO * (costs[index_of(loop)] - inside)

    def _is_plain(self, loop: Instruction) -> bool:
        """Whether lanes are well used inside: by memory and arithmetic, without calls."""
        body = instructions(loop.regions[0])
        return self._goes_by_lanes(loop) and not any(self.work.is_call(one) for one in body)

    def position(self, instruction: Instruction) -> Position:
        """Where the element of an ELEMENT or ACCUMULATE lies in its array."""
        operands = instruction.operands
        if instruction.operation == ACCUMULATE:
            operands = operands[:-1]
        element = instruction.payload
        return position(self.work, self.bindings.arrays[element.array], element, operands)


def _loops(loop: Instruction) -> Iterator[Instruction]:
    """All loops inside a loop."""
    return (one for one in instructions(loop.regions[0]) if one.operation == LOOP)


def _keepers(region: Region, loops: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The index of the loop in which each buffer is filled, by its number."""
    for instruction in region.instructions:
        if instruction.operation == KEEP:
            yield instruction.payload, loops[-1]
        inside = (index_of(instruction),) if instruction.operation == LOOP else ()
        for inner in instruction.regions:
            yield from _keepers(inner, (*loops, *inside))


def _crossing(body: Region) -> Iterator[int]:
    """The values made in a side of a branch that are used in a later side."""
    made: dict[int, tuple[int, ...]] = {}
    sides = 0

    def walk(region: Region, path: tuple[int, ...]) -> Iterator[int]:
        nonlocal sides
        for instruction in region.instructions:
            yield from used(instruction.operands, path)
            for inner in instruction.regions:
                sides += instruction.operation == BRANCH
                inside = (*path, sides) if instruction.operation == BRANCH else path
                yield from walk(inner, inside)
            for result in instruction.results:
                made[result] = path
        yield from used(region.outputs, path)

    def used(values: tuple[int, ...], path: tuple[int, ...]) -> Iterator[int]:
        return (value for value in values if path[: len(made[value])] != made[value])

    return walk(body, ())


def elements(region: Region, operation: str = ELEMENT) -> Iterator[Instruction]:
    """Every ELEMENT, or ACCUMULATE, of a region."""
    return (one for one in instructions(region) if one.operation == operation)
