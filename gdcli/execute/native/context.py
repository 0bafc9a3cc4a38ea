"""What is known of a tape before its text is written: numbers, positions, memory.

Comes in: a Tape and its Bindings. Goes out: `Context`, the constants of the text: where each array
and each scalar lies, how large the buffers are, and the frame, the memory in which functions hand
values to one another. Everything is decided by the tape and the sizes alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import CARRY, Instruction, Region, Tape, index_of, instructions
from gdcli.execute.bindings import DATA, Bindings
from gdcli.execute.native.code import LANES, Operand
from gdcli.execute.work import Range, Work

# Parameters of the functions of a module.
POINT_ADDRESS, GRADIENT_ADDRESS = Operand("%point"), Operand("%gradient")
FRAME_ADDRESS = Operand("%frame")
CHUNK_NUMBER = Operand("%chunk", "integer")

# Iterations that keep the lanes busy: a longer loop inside would gain little.
MANY_ITERATIONS = 64
# Inner loops whose work is so many times that of the rest of the body have the lanes themselves.
DOMINANT_RATIO = 32
MOST_STACK_NUMBERS = 4096  # numbers that a function may have on its stack, for one purpose


class Position(NamedTuple):
    """Where an element stands, counted from the first entry of its array.

    The place is `constant` + Σ coefficient·index value: sizes and strides are numbers here, so that
    one coefficient remains for each index value. No coefficient is 0.
    """

    constant: int
    terms: tuple[tuple[int, int], ...]  # (index value, coefficient), by value

    def coefficient(self, value: int) -> int:
        """How far apart the places of consecutive values of that index are."""
        return dict(self.terms).get(value, 0)

    def without(self, value: int) -> Position:
        """The position where that index value is 0."""
        return self._replace(terms=tuple(term for term in self.terms if term[0] != value))

    def reach(self, work: Work) -> Range:
        """The least and the greatest place, over the ranges of all index values."""
        low = high = self.constant
        for value, factor in self.terms:
            ends = [factor * end for end in work.ranges[value]]
            low, high = low + min(ends), high + max(ends)
        return low, high


class Arena:
    """Memory whose places are given out; `size` is how many numbers of it are taken."""

    def __init__(self) -> None:
        self.size = 0

    def take(self, count: int) -> int:
        """Takes `count` numbers; returns the place of the first, a multiple of eight."""
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
        outermost = {
            index_of(one) for one in tape.body.instructions if one.operation == opcode.LOOP
        }
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
            if instruction.operation in (opcode.CONSTANT, opcode.LOAD, opcode.SIZE)
        }

    def _choose(self, instruction: Instruction) -> None:
        """Makes a loop a vector loop, or else chooses among the loops inside it."""
        if instruction.operation == opcode.LOOP and self._goes_by_lanes(instruction):
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
        """Whether the range of a loop is known beforehand and no iteration needs the one before."""
        somewhere = self.work.found.isdisjoint(loop.operands)
        return somewhere and CARRY not in loop.payload.reductions

    def _is_mostly_inner(self, loop: Instruction) -> bool:
        """Whether most of a loop's work is in long plain loops inside it."""
        trips, costs = self.work.trips, self.work.costs
        inside = sum(
            trips[index_of(one)] * costs[index_of(one)]
            for one in loop.regions[0].instructions
            if one.operation == opcode.LOOP
            and trips[index_of(one)] >= MANY_ITERATIONS
            and self._is_plain(one)
        )
        return inside >= DOMINANT_RATIO * (costs[index_of(loop)] - inside)

    def _is_plain(self, loop: Instruction) -> bool:
        """Whether a loop can go by lanes and calls no function, so that lanes speed it up."""
        body = instructions(loop.regions[0])
        return self._goes_by_lanes(loop) and not any(self.work.is_call(one) for one in body)

    def position(self, instruction: Instruction) -> Position:
        """The position of the element that an ELEMENT or ACCUMULATE reads or adds to."""
        operands = instruction.operands
        if instruction.operation == opcode.ACCUMULATE:
            operands = operands[:-1]
        element = instruction.payload
        constant, factors = 0, dict.fromkeys(sorted(set(operands)), 0)
        strides = self.bindings.arrays[element.array].strides
        for subscript, stride in zip(element.subscripts, strides, strict=True):
            constant += stride * (self.work.constant(subscript) - 1)  # the first subscript is 1
            for operand, factor in zip(operands, subscript.coefficients, strict=False):
                factors[operand] += stride * factor
        return Position(constant, tuple(term for term in factors.items() if term[1]))


def accumulations(region: Region) -> list[Instruction]:
    return [one for one in instructions(region) if one.operation == opcode.ACCUMULATE]


def _loops(loop: Instruction) -> Iterator[Instruction]:
    return (one for one in instructions(loop.regions[0]) if one.operation == opcode.LOOP)


def _keepers(region: Region, loops: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Each buffer's number, with the index value of the loop that fills it."""
    for instruction in region.instructions:
        if instruction.operation == opcode.KEEP:
            yield instruction.payload, loops[-1]
        inside = (index_of(instruction),) if instruction.operation == opcode.LOOP else ()
        for inner in instruction.regions:
            yield from _keepers(inner, (*loops, *inside))


def _crossing(body: Region) -> Iterator[int]:
    """The values that are made in a side of a branch and used in a later side."""
    made: dict[int, tuple[int, ...]] = {}
    sides = 0

    def walk(region: Region, path: tuple[int, ...]) -> Iterator[int]:
        nonlocal sides
        for instruction in region.instructions:
            yield from used(instruction.operands, path)
            for inner in instruction.regions:
                sides += instruction.operation == opcode.BRANCH
                inside = (*path, sides) if instruction.operation == opcode.BRANCH else path
                yield from walk(inner, inside)
            for result in instruction.results:
                made[result] = path
        yield from used(region.outputs, path)

    def used(values: tuple[int, ...], path: tuple[int, ...]) -> Iterator[int]:
        return (value for value in values if path[: len(made[value])] != made[value])

    return walk(body, ())
