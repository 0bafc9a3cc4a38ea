"""What is known of a tape before its text is written: numbers, positions, memory.

Comes in: a Tape and its Bindings. Goes out: `Context`, the constants of the text: where each
scalar, array and table lies, and the frame, the memory in which functions hand values to one
another. Everything is decided by the tape and the sizes alone.

A table that no loop is around lies in the frame, any other on the stack of a chunk's function or in
the scratch of its thread. The rows of a table that are filled in its loop are parts of its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import prod

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    CARRY,
    SUM,
    TABLE,
    Instruction,
    LoopResult,
    Region,
    Subscript,
    Tape,
    index_of,
    instructions,
    is_of_table,
    loop_results,
    subscript_operands,
)
from gdcli.execute.bindings import DATA, ArrayBinding, Bindings
from gdcli.execute.native.code import LANES, Operand
from gdcli.execute.work import Range, Work
from gdcli.named_tuples import NamedTuple

# Parameters of the functions of a module: those of all, before the data, and some of them.
FIRST_PARAMETERS = ("point", "gradient", "frame", "scratch", "stop")
POINT_ADDRESS, GRADIENT_ADDRESS = Operand("%point"), Operand("%gradient")
FRAME_ADDRESS = Operand("%frame")
CHUNK_NUMBER = Operand("%chunk", "integer")

# Iterations that keep the lanes busy: a longer loop inside would gain little.
MANY_ITERATIONS = 64
# Inner loops whose work is so many times that of the rest of the body have the lanes themselves.
DOMINANT_RATIO = 32
MOST_STACK_NUMBERS = 4096  # numbers that a function may have on its stack, for one purpose


# Unroll and jam: iterations of a loop that are written together, and what they may do.
JAMMED_ROWS = 4
JAMMED_OPERATIONS = (opcode.APPLY, opcode.ELEMENT, opcode.ACCUMULATE, opcode.INDEX)

# What has memory of its own: an array by its name, a table by the value that it is.
Storage = str | int


class Position(NamedTuple):
    """Where an element stands, counted from the first entry of its array or table.

    The place is `constant` + Σ coefficient·index value: sizes and strides are numbers here, so that
    one coefficient remains for each index value, or entry of data in a subscript. No coefficient is
    0.
    """

    constant: int
    terms: tuple[tuple[int, int], ...]  # (index value, coefficient), by value

    def coefficient(self, value: int) -> int:
        """How far apart the places of consecutive values of that index are."""
        return dict(self.terms).get(value, 0)

    def without(self, value: int) -> Position:
        """The position where that index value is 0."""
        return self._replace(terms=tuple(term for term in self.terms if term[0] != value))

    def moved(self, constant: int, factors: Iterable[tuple[int, int]]) -> Position:
        """The position plus a constant and other terms."""
        total = dict(self.terms)
        for value, factor in factors:
            total[value] = total.get(value, 0) + factor
        return Position(self.constant + constant, tuple(t for t in sorted(total.items()) if t[1]))

    def reach(self, work: Work) -> Range:
        """The least and the greatest place, over the ranges of all index values."""
        low = high = self.constant
        for value, factor in self.terms:
            ends = [factor * end for end in work.ranges[value]]
            low, high = low + min(ends), high + max(ends)
        return low, high


class StorageLayout(NamedTuple):
    """Where the entries of an array, a table or a row of a table lie in the memory of `storage`.

    `start` is the position of the first entry, whose subscripts are `lows`.
    """

    storage: Storage
    start: Position
    lows: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many entries there are."""
        return prod(self.lengths)

    @property
    def strides(self) -> tuple[int, ...]:
        """The distance of neighbouring entries along each dimension."""
        return ArrayBinding(self.lengths).strides

    def row(self, index: int) -> StorageLayout:
        """The row of the first dimension whose subscript is an index value."""
        stride = self.strides[0]
        start = self.start.moved(-stride * self.lows[0], [(index, stride)])
        return StorageLayout(self.storage, start, self.lows[1:], self.lengths[1:])


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
        self.steps = tuple(opened(tape.body.instructions))
        names = (*FIRST_PARAMETERS, *(f"data.{n}" for n in range(len(self.data))))
        self.arguments = ", ".join(f"ptr %{name}" for name in names)
        self.frame = Arena()
        self.frame.take(1)  # the first output
        self.slots: dict[int, int] = {}  # the places in the frame of values that are handed on
        self.scratch = Arena()
        self.crossing = frozenset(_crossing(tape.body))
        self.layouts: dict[int, StorageLayout] = {}  # by the value that is a table
        self.framed: dict[Storage, int] = {}  # the places in the frame of tables
        self._reductions: dict[int, list[LoopResult]] = {}  # by the index of a loop
        self._fillers = {  # by the value that is a table: the loop that fills it, and with what
            one.results[0]: (loop, one.output)
            for loop in instructions(tape.body)
            if loop.operation == opcode.LOOP
            for one in loop_results(loop)
            if one.kind == TABLE
        }
        self._lay_out(tape.body, in_loop=False)
        self.vectors: set[int] = set()  # the loops, by index, whose iterations run eight at a time
        for instruction in tape.body.instructions:
            if instruction.regions:
                self._choose(instruction)
        self.leaves = {
            instruction.results[0]: instruction
            for instruction in tape.body.instructions
            if instruction.operation in (opcode.CONSTANT, opcode.LOAD, opcode.SIZE)
        }

    # -- tables -----------------------------------------------------------------------------

    def _lay_out(self, region: Region, *, in_loop: bool) -> None:
        """Finds the layout of every table that is made in a region."""
        for one in region.instructions:
            if not one.regions:
                continue
            if one.operation == opcode.LOOP:
                self._lay_out_loop(one, in_loop=in_loop)
                continue
            if one.operation == opcode.ACCUMULATOR:
                spans = [
                    self.work.span(of.low, of.high, one.operands) for of in one.payload.extents
                ]
                self._own(one.results[0], spans, in_loop=in_loop)
                self.layouts[index_of(one)] = self.layouts[one.results[0]]
            for inner in one.regions:
                self._lay_out(inner, in_loop=in_loop)

    def _lay_out_loop(self, loop: Instruction, *, in_loop: bool) -> None:
        index, body = index_of(loop), loop.regions[0]
        self._reductions[index] = list(loop_results(loop))
        made = {value for one in opened(body.instructions) for value in one.results}
        for one in self._reductions[index]:
            if one.kind != TABLE:
                continue
            table, row = one.results[0], one.output
            if table not in self.layouts:
                self._own(table, self._spans(table), in_loop=in_loop)
            if row in self._fillers and row in made and row not in self.layouts:
                self.layouts[row] = self.layouts[table].row(index)
        self._lay_out(body, in_loop=True)

    def _spans(self, table: int) -> list[Range]:
        """The least and the greatest subscript of each dimension of a table."""
        if table in self._fillers:
            loop, row = self._fillers[table]
            return [self.work.ranges[index_of(loop)], *self._spans(row)]
        if table in self.layouts:  # of an accumulator
            made = self.layouts[table]
            return [(low, low + n - 1) for low, n in zip(made.lows, made.lengths, strict=True)]
        return []

    def _own(self, table: int, spans: list[Range], *, in_loop: bool) -> None:
        """Gives a table memory of its own."""
        lengths = tuple([max(1, high - low + 1) for low, high in spans])
        lows = tuple([low for low, _ in spans])
        layout = self.layouts[table] = StorageLayout(table, Position(0, ()), lows, lengths)
        if not in_loop:
            self.framed[table] = self.frame.take(layout.size)

    def layout(self, storage: Storage) -> StorageLayout:
        """The layout of an array, or of a table by the value that it is."""
        if isinstance(storage, int):
            return self.layouts[storage]
        lengths = self.bindings.arrays[storage].lengths
        return StorageLayout(storage, Position(0, ()), (1,) * len(lengths), lengths)

    def accessed(self, instruction: Instruction) -> StorageLayout:
        """The layout of what an ELEMENT, EARLIER or ACCUMULATE reads or adds to."""
        if instruction.operation == opcode.EARLIER:
            filler, number = instruction.operands[0], instruction.payload.number
            table = filler
            if filler in self._reductions:
                table = self._reductions[filler][number].results[0]
            return self.layouts[table]
        own = is_of_table(instruction)
        return self.layout(instruction.operands[0] if own else instruction.payload.array)

    def count(self, storage: Storage) -> int:
        """How many entries an array or table has."""
        return self.layout(storage).size

    def accumulations(self, region: Region) -> list[Instruction]:
        """Every ACCUMULATE of a region into what lies outside it."""
        found = [one for one in instructions(region) if one.operation == opcode.ACCUMULATE]
        inside = {
            one.results[0] for one in instructions(region) if one.operation == opcode.ACCUMULATOR
        }
        return [one for one in found if self.accessed(one).storage not in inside]

    def independent(self, loop: Instruction) -> bool:
        """Whether no iteration of a loop needs what another has done."""
        if CARRY in loop.payload.reductions:
            return False
        body, index = loop.regions[0], index_of(loop)
        reads = [one for one in instructions(body) if one.operation == opcode.EARLIER]
        if any(one.operands[0] == index for one in reads):
            return False
        made = {value for one in instructions(body) for value in one.results} if reads else set()
        return not reads or not any(
            self._meet(read, added, made) for added in self.accumulations(body) for read in reads
        )

    def _meet(self, read: Instruction, added: Instruction, made: set[int]) -> bool:
        """Whether an EARLIER in a loop may read what an ACCUMULATE there adds to.

        They do not where a subscript without the values `made` in the loop differs by a constant.
        """
        if self.accessed(read).storage != self.accessed(added).storage:
            return False
        pairs = zip(read.payload.subscripts, added.payload.subscripts, strict=True)
        for one, other in pairs:
            here, there = (
                self._affine(subscript, subscript_operands(of))
                for subscript, of in ((one, read), (other, added))
            )
            outside = all(value not in made for value, _ in here.terms)
            if outside and here.terms == there.terms and here.constant != there.constant:
                return False
        return True

    def _affine(self, subscript: Subscript, operands: tuple[int, ...]) -> Position:
        terms = zip(operands, subscript.coefficients, strict=False)
        return Position(0, ()).moved(self.work.constant(subscript), terms)

    # -- loops ------------------------------------------------------------------------------

    def trips(self, loop: Instruction) -> int:
        """How many iterations a loop has."""
        return self.work.trips[index_of(loop)]

    def jams(self, loop: Instruction) -> bool:
        """Whether iterations of a loop may be jammed: its inner loops go by lanes."""
        body, over = loop.regions[0], loop.payload
        inner = [one for one in body.instructions if one.operation == opcode.LOOP]
        steps = [*body.instructions, *(one for two in inner for one in two.regions[0].instructions)]
        plain = all(one in inner or one.operation in JAMMED_OPERATIONS for one in steps)
        sums = all(set(one.payload.reductions) <= {SUM} for one in inner)
        made = {value for one in instructions(body) for value in one.results}
        lanes = all(
            index_of(one) in self.vectors and made.isdisjoint(one.operands) for one in inner
        )
        if not inner or not plain or not sums or not lanes or over.descending:
            return False
        alone = index_of(loop) not in self.vectors and self.trips(loop) >= JAMMED_ROWS
        return alone and self.independent(loop)

    def _choose(self, instruction: Instruction) -> None:
        """Makes a loop a vector loop, or else chooses among the loops inside it."""
        if instruction.operation == opcode.LOOP and self._goes_by_lanes(instruction):
            trips = self.trips(instruction)
            inside = [self.trips(one) for one in _loops(instruction)]
            most = 0 if self._is_mostly_serial(instruction) else max(inside, default=0)
            enough = trips >= LANES and trips >= min(MANY_ITERATIONS, most)
            if enough and not self._is_mostly_inner(instruction):
                self.vectors.add(index_of(instruction))
                return
        for region in instruction.regions:
            for one in region.instructions:
                self._choose(one)

    def _goes_by_lanes(self, loop: Instruction) -> bool:
        """Whether the range of a loop is known beforehand and no iteration needs the one before."""
        return self.work.found.isdisjoint(loop.operands) and self.independent(loop)

    def _is_mostly_inner(self, loop: Instruction) -> bool:
        """Whether most of a loop's work is in long plain loops inside it."""
        inside = self._work_inside(
            loop, lambda one: self.trips(one) >= MANY_ITERATIONS and self._is_plain(one)
        )
        return inside >= DOMINANT_RATIO * (self.work.costs[index_of(loop)] - inside)

    def _is_mostly_serial(self, loop: Instruction) -> bool:
        """Whether half of a loop's work is in loops inside it that do not go by lanes."""
        serial = self._work_inside(loop, lambda one: not self._goes_by_lanes(one))
        return 2 * serial >= self.work.costs[index_of(loop)]

    def _work_inside(self, loop: Instruction, counts: Callable[[Instruction], bool]) -> int:
        """The operations of those loops, directly in an iteration of another, that count."""
        return sum(
            self.trips(one) * self.work.costs[index_of(one)]
            for one in opened(loop.regions[0].instructions)
            if one.operation == opcode.LOOP and counts(one)
        )

    def _is_plain(self, loop: Instruction) -> bool:
        """Whether a loop can go by lanes and calls no function, so that lanes speed it up."""
        body = instructions(loop.regions[0])
        return self._goes_by_lanes(loop) and not any(self.work.is_call(one) for one in body)

    # -- elements ---------------------------------------------------------------------------

    def position(self, instruction: Instruction) -> Position:
        """The position of the element that an instruction reads or adds to."""
        layout, operands = self.accessed(instruction), subscript_operands(instruction)
        position = layout.start
        for subscript, stride, low in zip(
            instruction.payload.subscripts, layout.strides, layout.lows, strict=True
        ):
            affine = self._affine(subscript, operands)
            terms = [(value, stride * factor) for value, factor in affine.terms]
            position = position.moved(stride * (affine.constant - low), terms)
        return position

    def reach(self, position: Position, storage: Storage) -> Range:
        """The least and greatest place in a storage; all of it where data are in a subscript."""
        return (
            position.reach(self.work) if self.is_known(position) else (0, self.count(storage) - 1)
        )

    def is_known(self, position: Position) -> bool:
        """Whether the loops alone decide where a position is, and not data."""
        return all(value in self.work.ranges for value, _ in position.terms)

    def is_guarded(self, instruction: Instruction) -> bool:
        """Whether an element may lie outside its array where the branches around it do not hold."""
        position, storage = self.position(instruction), self.accessed(instruction).storage
        low, high = self.reach(position, storage)
        return not self.is_known(position) or low < 0 or high >= self.count(storage)


def opened(code: Iterable[Instruction]) -> Iterator[Instruction]:
    """The instructions in the order they run, each ACCUMULATOR before what stands in it."""
    for one in code:
        if one.operation == opcode.ACCUMULATOR:
            yield one._replace(regions=())
            yield from opened(one.regions[0].instructions)
        else:
            yield one


def _loops(loop: Instruction) -> Iterator[Instruction]:
    return (one for one in instructions(loop.regions[0]) if one.operation == opcode.LOOP)


def _crossing(body: Region) -> Iterator[int]:
    """The values that are made in a side of a branch and used in a later side."""
    if not any(one.operation == opcode.BRANCH for one in instructions(body)):
        return iter(())
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
