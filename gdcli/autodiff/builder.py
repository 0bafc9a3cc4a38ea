"""The builder of tapes: instructions come in one by one, and an equal pure one is used again.

Each instruction stands in the outermost loop that holds its operands, so that what does not change
in a loop is computed before it; nothing leaves a branch. Branches and loops are opened and closed
like brackets. The values it hands out are numbers of its own; `tape` numbers by position what the
outputs and the effects need, and leaves out the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.regions import canonical, free_values, needed_code, outward, renumbered
from gdcli.autodiff.tape import (
    CARRY,
    SUM,
    TABLE,
    Accumulator,
    Earlier,
    Element,
    Instruction,
    Loop,
    Region,
    Subscript,
    Tape,
    check,
    index_of,
    is_of_table,
    loop_results,
    result_count,
)
from gdcli.language.syntax import Decimal

Apply = Callable[[str, list[int]], int]
LEAF_OPERATIONS = (opcode.CONSTANT, opcode.LOAD, opcode.SIZE)


class Builder:
    """Collects instructions; an equal pure instruction that is visible is used again."""

    def __init__(self, inputs: Sequence[str], arrays: Sequence[str] = ()) -> None:
        self.inputs = tuple(inputs)
        self.arrays = tuple(arrays)
        self.size = 0
        self.origin = -1
        self.defined: list[Instruction] = []  # by value: the instruction that made it
        self.exact: dict[int, Decimal | None] = {}  # by value: what lowering has found it to be
        self._homes: list[int] = []  # by value: how many branches and loops are around it
        self._path: tuple[Any, ...] = ()  # of the open regions: the guard of a side, or the loop
        self._floors = [0]  # by region: the innermost region around that is the side of a branch
        self._exits: dict[int, int] = {}  # by such a region: where what is made outside it may go
        self._tables: dict[tuple[Any, ...], dict[Any, int]] = {(): {}}
        self._visible = [self._tables[()]]
        self._outermost: list[Instruction] = []
        self._open: list[list[Instruction]] = [self._outermost]
        self._first_sides: list[list[Instruction]] = []  # of the branches that are open
        self._around: list[tuple[list[Instruction], Accumulator, tuple[int, ...]]] = []

    # -- instructions -----------------------------------------------------------------------

    def constant(self, number: Decimal | str) -> int:
        """An exact decimal, or the name of a constant."""
        return self._leaf(opcode.CONSTANT, number)

    def load(self, number: int) -> int:
        return self._leaf(opcode.LOAD, number)

    def size_of(self, size: Subscript) -> int:
        """A number that is affine in sizes."""
        return self._leaf(opcode.SIZE, size)

    def _leaf(self, operation: str, payload: Any) -> int:
        # Leaves cost nothing and depend on nothing, so all of them stand outside any branch, and
        # outside any accumulator.
        key = (operation, payload)
        value = self._visible[0].get(key)
        if value is None:
            inside, self._open[0] = self._open[0], self._outermost
            value = self._visible[0][key] = self._emit_one(0, operation, payload, ())
            self._open[0] = inside
        return value

    def apply(self, primitive: str, *operands: int) -> int:
        return self._pure(opcode.APPLY, primitive, operands, (primitive, *operands))

    def element(self, element: Element, indices: Sequence[int]) -> int:
        """An element of an array, variable or data; `indices` are its subscripts' operands."""
        return self._pure(opcode.ELEMENT, element, tuple(indices), (element, *indices))

    def _pure(self, operation: str, payload: Any, operands: tuple[int, ...], key: Any) -> int:
        for table in self._visible:  # as `known` has it
            if key in table:
                return table[key]
        place = self._place(operands) if self._path else 0
        value = self._visible[place][key] = self._emit_one(place, operation, payload, operands)
        return value

    def accumulate(self, element: Element, indices: Sequence[int], value: int) -> None:
        """Adds `value` to the derivative by an element of a variable."""
        self._emit(-1, opcode.ACCUMULATE, element, (*indices, value), 0)

    def entry(self, table: int, subscripts: Sequence[Subscript], indices: Sequence[int]) -> int:
        """An entry of a table that is a value; `indices` are the subscripts' operands."""
        return self.element(Element("", tuple(subscripts)), (table, *indices))

    def earlier(
        self,
        filler: int,
        number: int,
        subscripts: Sequence[Subscript],
        indices: Sequence[int],
        pin: int,
    ) -> int:
        """An entry of a table that is being filled, as EARLIER says."""
        payload, operands = Earlier(number, tuple(subscripts)), (filler, pin, *indices)
        if self.defined[filler].operation == opcode.UNFINISHED:  # it may change any time
            return self._emit(-1, opcode.EARLIER, payload, operands, 1)[0]
        return self._pure(opcode.EARLIER, payload, operands, (payload, *operands))

    def add_to(
        self, unfinished: int, subscripts: Sequence[Subscript], indices: Sequence[int], value: int
    ) -> None:
        """Adds `value` to an entry of an open accumulator."""
        element = Element("", tuple(subscripts))
        self._emit(-1, opcode.ACCUMULATE, element, (unfinished, *indices, value), 0)

    def carried(self, number: int) -> int:
        """The value that a carry of the loop around has when the iteration begins."""
        key = (opcode.CARRIED, number)
        value = self._visible[-1].get(key)
        if value is None:
            value = self._visible[-1][key] = self._emit(-1, opcode.CARRIED, number, (), 1)[0]
        return value

    def known(self, key: Any) -> int | None:
        """The value filed under `key` in an open region, None where there is none."""
        for table in self._visible:
            if key in table:
                return table[key]
        return None

    def know(self, key: Any, value: int) -> None:
        """Files a value under `key`, for as long as it is visible."""
        self._visible[-1][key] = value

    def _place(self, operands: Iterable[int]) -> int:
        """The outermost open region where the operands are visible, inside the same branches."""
        floor = place = self._floors[-1]
        if place < len(self._path) or place in self._exits:
            place = max((self._homes[operand] for operand in operands), default=0)
            while place <= self._exits.get(floor, -1):
                floor = self._floors[self._exits[floor]]
        return max(place, floor)

    def _emit_one(self, place: int, operation: str, payload: Any, operands: tuple[int, ...]) -> int:
        """Emits an instruction of one result, as most are."""
        value = self.size
        instruction = Instruction(operation, payload, operands, (value,), (), self.origin)
        self.size = value + 1
        self.defined.append(instruction)
        self._homes.append(place)
        self._open[place].append(instruction)
        return value

    def _emit(
        self,
        place: int,
        operation: str,
        payload: Any,
        operands: tuple[int, ...],
        results: int,
        regions: tuple[Region, ...] = (),
    ) -> tuple[int, ...]:
        numbers = tuple(range(self.size, self.size + results))
        instruction = Instruction(operation, payload, operands, numbers, regions, self.origin)
        self.size += results
        self.defined.extend([instruction] * results)
        self._homes.extend([place if place >= 0 else len(self._path)] * results)
        self._open[place].append(instruction)
        return numbers

    # -- branches ---------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """How many branches and loops are open."""
        return len(self._path)

    @property
    def path(self) -> tuple[Any, ...]:
        """The sides of branches and the loops that are open.

        A side is its comparison with both operands and which one it is; a loop is "loop", its
        index, its range and the operands of that.
        """
        return self._path

    def branch(self, comparison: str, left: int, right: int, around: int = -1) -> None:
        """Opens the region that runs where the comparison holds.

        With `around` both sides run, in some iteration of a loop with so many regions around it:
        what depends on nothing inside that loop is computed before it.
        """
        self._enter((comparison, left, right, True), len(self._path) + 1, around)

    def otherwise(self) -> None:
        """Closes the region that `branch` opened and opens its alternative."""
        around = self._exits.get(len(self._path), -1)
        comparison, left, right, _ = self._leave()
        self._first_sides.append(self._open.pop())
        self._enter((comparison, left, right, False), len(self._path) + 1, around)

    def close(self, where_it_holds: Sequence[int], elsewhere: Sequence[int]) -> tuple[int, ...]:
        """Closes the alternative; the branch's results, one for each pair of outputs."""
        comparison, left, right, _ = self._leave()
        sides = (self._first_sides.pop(), where_it_holds), (self._open.pop(), elsewhere)
        regions = tuple([Region(tuple(code), tuple(outputs)) for code, outputs in sides])
        return self._emit(
            -1, opcode.BRANCH, comparison, (left, right), len(where_it_holds), regions
        )

    def _enter(self, guard: Any, floor: int, around: int = -1) -> None:
        self._path = (*self._path, guard)
        if around >= 0:
            self._exits[len(self._path)] = around
        self._floors.append(floor)
        self._visible.append(self._tables.setdefault(self._path, {}))
        self._open.append([])

    def _leave(self) -> Any:
        guard = self._path[-1]
        self._exits.pop(len(self._path), None)
        self._path = self._path[:-1]
        self._floors.pop()
        self._visible.pop()
        return guard

    # -- loops ------------------------------------------------------------------------------

    def loop(self, over: Loop, indices: Sequence[int]) -> int:
        """Opens the body of a loop over the range of `over`; its index.

        `indices` are the operands of the range's subscripts.
        """
        guard = ("loop", self.size, over._replace(reductions=()), tuple(indices))
        self._enter(guard, self._floors[-1])
        return self._emit(-1, opcode.INDEX, None, (), 1)[0]

    def close_loop(
        self,
        reductions: Sequence[str] = (),
        outputs: Sequence[int] = (),
        initial: Sequence[int] = (),
    ) -> tuple[int, ...]:
        """Closes the body; the loop's results in order, four of an extremum.

        `initial` are the first values of the carries, which are the first reductions.
        """
        _, _, over, indices = self._leave()
        body = Region(tuple(self._open.pop()), tuple(outputs))
        payload, operands = over._replace(reductions=tuple(reductions)), (*indices, *initial)
        count = sum(map(result_count, reductions))
        if outward(body, self.defined):
            return self._emit(-1, opcode.LOOP, payload, operands, count, (body,))
        if not count:  # nothing would be seen of it
            return ()
        key = (opcode.LOOP, payload, operands, canonical(body))
        first = self.known(key)
        if first is None:
            place = self._place((*operands, *free_values(body)))
            first = self._emit(place, opcode.LOOP, payload, operands, count, (body,))[0]
            self._visible[place][key] = first
        return tuple(range(first, first + count))

    # -- accumulators -----------------------------------------------------------------------

    def accumulator(self, extents: Accumulator, indices: Sequence[int]) -> int:
        """Opens a table of sums; its UNFINISHED. `indices` are the operands of the extents.

        What is built until `close_accumulator` at this place stands in its region.
        """
        self._around.append((self._open[-1], extents, tuple(indices)))
        self._open[-1] = []
        return self._emit(-1, opcode.UNFINISHED, None, (), 1)[0]

    def close_accumulator(self) -> int:
        """Closes the newest open accumulator; the table of its sums."""
        outer, extents, indices = self._around.pop()
        region = Region(tuple(self._open[-1]), ())
        self._open[-1] = outer
        return self._emit(-1, opcode.ACCUMULATOR, extents, indices, 1, (region,))[0]

    # -- places -----------------------------------------------------------------------------

    def outermost(self) -> int:
        """How many regions are left around when all loops are left that may be.

        The side of a branch stays, unless a loop around it decides whether it runs.
        """
        depth = len(self._path)
        while depth:
            guard = self._path[depth - 1]
            if guard[0] != "loop":
                decided = max(self._homes[guard[1]], self._homes[guard[2]])
                if all(outer[0] != "loop" for outer in self._path[:decided]):
                    break
            depth -= 1
        return depth

    @contextmanager
    def outside(self, depth: int) -> Iterator[None]:
        """Builds in the open region with `depth` around it, in front of what is inside."""
        inside = self._path, self._floors, self._visible, self._open
        exits = self._exits
        self._exits = {region: around for region, around in exits.items() if region <= depth}
        self._path, self._floors = self._path[:depth], self._floors[: depth + 1]
        self._visible, self._open = self._visible[: depth + 1], self._open[: depth + 1]
        yield
        self._path, self._floors, self._visible, self._open = inside
        self._exits = exits

    # -- whole tapes ------------------------------------------------------------------------

    def extend(self, tape: Tape, apply: Apply | None = None) -> list[int]:
        """Appends all of `tape`; the new number of each of its values.

        `apply` may build something else than the primitive it is given with its operands.
        """
        numbers = [0] * tape.size
        Copy(self, numbers, apply).region(tape.body)
        return numbers

    def tape(self, outputs: Sequence[int]) -> Tape:
        """The Tape of what `outputs` need, numbered by position."""
        return self.numbered(outputs)[0]

    def numbered(self, outputs: Sequence[int]) -> tuple[Tape, dict[int, int]]:
        """The Tape of what `outputs` need, and the number in it of each of the builder's values."""
        needed: set[Any] = set(outputs)
        body = Region(needed_code(self._open[0], needed), tuple(outputs))
        numbers: dict[int, int] = {}
        tape = Tape(self.inputs, renumbered(body, numbers), len(numbers), self.arrays)
        check(tape)
        return tape, numbers

    def whole(self) -> Tape:
        """The Tape of every instruction built, needed or not, under the builder's own numbers."""
        return Tape(self.inputs, Region(tuple(self._open[0]), ()), self.size, self.arrays)


class Copy:
    """Copies regions of a tape to where the builder stands; `numbers` leads from old to new."""

    def __init__(
        self, builder: Builder, numbers: list[int], apply: Apply | None = None, effects: bool = True
    ) -> None:
        self.builder = builder
        self.numbers = numbers
        self.apply = apply
        self.effects = effects
        self.filling: set[int] = set()  # INDEX or UNFINISHED of what is being copied
        self.finished: dict[tuple[int, int], int] = {}  # by INDEX or UNFINISHED, and reduction

    def region(self, region: Region) -> list[int]:
        """Copies a region; the new numbers of its outputs."""
        builder, numbers, apply = self.builder, self.numbers, self.apply
        for instruction in region.instructions:
            builder.origin = instruction.origin
            operands = [numbers[operand] for operand in instruction.operands]
            if instruction.operation == opcode.APPLY:
                name = instruction.payload
                made = apply(name, operands) if apply else builder.apply(name, *operands)
                numbers[instruction.results[0]] = made
                continue
            others = self.instruction(instruction, operands)
            for result, number in zip(instruction.results, others, strict=True):
                numbers[result] = number
        return [numbers[output] for output in region.outputs]

    def instruction(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        builder, operation, payload = self.builder, instruction.operation, instruction.payload
        if operation in LEAF_OPERATIONS:
            return [builder._leaf(operation, payload)]
        if operation == opcode.BRANCH:
            return self.branch(instruction, operands)
        if operation == opcode.LOOP:
            return self.loop(instruction, operands)
        if operation == opcode.ELEMENT:
            return [builder.element(payload, operands)]
        if operation == opcode.ACCUMULATOR:
            return [self.accumulator(instruction, operands)]
        if operation == opcode.EARLIER:
            return [self.earlier(instruction, operands)]
        if operation == opcode.CARRIED:
            return [builder.carried(payload)]
        if operation == opcode.ACCUMULATE and (
            instruction.operands[0] in self.filling if is_of_table(instruction) else self.effects
        ):
            builder.accumulate(payload, operands[:-1], operands[-1])
        return [self.numbers[result] for result in instruction.results]  # INDEX: `loop` sets it

    def branch(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        self.builder.branch(instruction.payload, *operands)
        where_it_holds = self.region(instruction.regions[0])
        self.builder.otherwise()
        elsewhere = self.region(instruction.regions[1])
        self.builder.origin = instruction.origin
        return self.builder.close(where_it_holds, elsewhere)

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        return self.loop_beside(instruction, operands)

    def loop_beside(
        self,
        instruction: Instruction,
        operands: list[int],
        terms: Callable[[], Sequence[int]] = tuple,
    ) -> Sequence[int]:
        """Copies a loop, which then sums up `terms` too; its results and the sums."""
        reductions = instruction.payload.reductions
        indices = len(operands) - reductions.count(CARRY)
        self.open(instruction.regions[0], instruction.payload, operands[:indices])
        filler = index_of(instruction)
        self.filling.add(filler)
        outputs = self.region(instruction.regions[0])
        self.filling.remove(filler)
        self.builder.origin = instruction.origin
        beside = terms()
        kinds = (*reductions, *[SUM] * len(beside))
        made = self.builder.close_loop(kinds, [*outputs, *beside], operands[indices:])
        for number, one in enumerate(loop_results(instruction)):
            if one.kind == TABLE:
                place = instruction.results.index(one.results[0])
                self.finished[filler, number] = made[place]
        return made

    def accumulator(self, instruction: Instruction, operands: list[int]) -> int:
        """Copies an accumulator with all that is added to it; the table of its sums."""
        unfinished = index_of(instruction)
        self.numbers[unfinished] = self.builder.accumulator(instruction.payload, operands)
        self.filling.add(unfinished)
        self.region(Region(instruction.regions[0].instructions[1:], ()))
        self.filling.remove(unfinished)
        self.builder.origin = instruction.origin
        table = self.finished[unfinished, 0] = self.builder.close_accumulator()
        return table

    def earlier(self, instruction: Instruction, operands: list[int]) -> int:
        """Copies an EARLIER; where the table is finished by now, an ELEMENT of it."""
        filler, pin, *indices = operands
        number, subscripts = instruction.payload
        if instruction.operands[0] in self.filling:
            return self.builder.earlier(filler, number, subscripts, indices, pin)
        table = self.finished[instruction.operands[0], number]
        return self.builder.entry(table, subscripts, indices)

    def open(self, body: Region, over: Loop, indices: Sequence[int]) -> int:
        """Opens a loop for a copy of `body`, over any range; its index stands for the old one."""
        index = self.builder.loop(over, indices)
        self.numbers[body.instructions[0].results[0]] = index
        return index
