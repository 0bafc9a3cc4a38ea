"""Loops over rows by strips: the text that runs an outermost loop STRIP_ROWS rows at a time.

Comes in: an Emitter in the function of a chunk, and a StripPlan. Goes out: the lines that run the
chunk's rows. What belongs to a row lies in strips in the scratch of the thread: tables, what is
read of arrays, what is added to the derivatives of the row's own entries, and the values that one
step makes and another uses. Contractions are calls of `tiles.py`; everything else runs eight rows
at a time, as in a vector loop. Behind the last row a strip repeats it, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import zip_longest

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.regions import free_values
from gdcli.autodiff.tape import SUM, TABLE, Instruction, LoopResult, Region, index_of, loop_results
from gdcli.execute.native.code import LANES, LLVM_ZERO, TRUTHS, ZEROS, Code, Operand, integer
from gdcli.execute.native.context import Position, Storage
from gdcli.execute.native.emitter import TABLE_OUTPUT, Emitter
from gdcli.execute.native.memory import LANE_NUMBERS, ElementPlace, Memory, TableMemory
from gdcli.execute.native.plan import LoopPlan
from gdcli.execute.native.reductions import Reduction, State, cut
from gdcli.execute.native.strips import (
    Added,
    Contractions,
    Entries,
    Groups,
    Step,
    Strip,
    StripPlan,
    Sum,
    View,
)
from gdcli.execute.native.tables import TableFill
from gdcli.execute.native.tiles import STRIP_ROWS

# What `forward` is to fetch: where it begins, and the three distances.
Ahead = tuple[Operand, int, int, int]

ENTRIES_PER_BLOCK = 32  # entries of a row that are finished before the next ones are begun


class StripMemory(Memory):
    """The memory of a function that runs rows by strips."""

    def __init__(self, emitter: Emitter, plan: StripPlan, row: int) -> None:
        super().__init__(emitter.scope)
        self.plan = plan
        self.row = row
        self.place_of_group: Operand = integer(0)  # of its first row in the strip
        self.own: dict[Storage, Operand] = {}  # strips of tables of the row
        self.read_strips: dict[View, Operand] = {}
        self.write_strips: dict[View, Operand] = {}
        self.streams: dict[View, tuple[Strip, Operand]] = {}  # and the index of the first entry
        self.start: Operand | None = None

    def strip(self, entries: int, hint: str) -> Operand:
        """Memory for so many entries of a strip, which begins where a vector may."""
        code, scratch = self.code, self.scope.context.scratch
        if self.start is None:
            scratch.take(LANES)  # of which some are left out in front
            code.first += [
                "  %scratch.place = ptrtoint ptr %scratch to i64",
                "  %scratch.behind = add i64 %scratch.place, 63",
                "  %scratch.begin = and i64 %scratch.behind, -64",
                "  %strips = inttoptr i64 %scratch.begin to ptr",
            ]
            self.start = Operand("%strips")
        result = Operand(f"%{code.name(hint)}")
        place = scratch.take(entries * STRIP_ROWS)
        code.first.append(
            f"  {result.text} = getelementptr inbounds double, ptr %strips, i64 {place - LANES}"
        )
        return result

    # -- as Memory has them, for strips -------------------------------------------------------

    def lanes_address(self, base: Operand, place: Operand) -> Operand:
        return self.code.address(base, self.code.two("mul", place, integer(STRIP_ROWS)))

    def own_places(self, place: ElementPlace) -> Operand:
        rows = self.code.two("mul", self.places(place), integer(STRIP_ROWS))
        return self.code.two("add", rows, LANE_NUMBERS)

    def begin(self, table: int) -> None:
        """Does nothing: strips have their memory already."""

    def clear(self, table: int) -> None:
        storage = self.scope.context.layouts[table].storage
        if not self.scope.vector:
            self.code.clear(self.own[storage], self.scope.context.count(storage) * STRIP_ROWS)
            return

        def one(place: Operand, _: State) -> State:
            self.code.store(ZEROS, self.lanes_address(self.memory_of(storage).base, place))
            return []

        stays = ("slt", integer(self.scope.context.count(storage)))
        self.code.cycle("cleared", integer(0), stays, 1, [], one)

    def element(self, instruction: Instruction, hint: str) -> Operand:
        found = self.seen(instruction, self.plan.reads, self.read_strips)
        return (
            super().element(instruction, hint)
            if found is None
            else self.code.load(found, True, hint)
        )

    def accumulate(self, instruction: Instruction, values: Sequence[Operand] | None = None) -> None:
        found = self.seen(instruction, self.plan.writes, self.write_strips)
        if found is None:
            super().accumulate(instruction, values)
            return
        value = self.scope.real(self.scope.value(instruction.operands[-1]))
        for truth in self.conditions:
            value = self.code.select(truth, value, LLVM_ZERO)
        self.add([self.code.broadcast(value)], found)

    def seen(
        self, instruction: Instruction, strips: dict[View, Strip], places: dict[View, Operand]
    ) -> Operand | None:
        """The address of the group's numbers in a strip of an array; None where there is none."""
        position = self.scope.context.position(instruction)
        view = (self.storage(instruction), position.coefficient(self.row))
        rest = position.without(self.row)
        if self.scope.vector and places is self.read_strips and view in self.streams:
            strip, first = self.streams[view]
            entry = self.code.two("sub", self.scope.sum(strip.entry(rest)), first)
            return self.lanes_address(self.code.address(places[view], self.place_of_group), entry)
        if not self.scope.vector or view not in strips or self.is_guarded(instruction):
            return None
        if any(self.scope.value(value).lanes for value, _ in rest.terms):
            return None
        base = self.code.address(places[view], self.place_of_group)
        return self.lanes_address(base, self.scope.sum(strips[view].entry(rest)))

    def enter(self, group: Operand) -> None:
        """Has tables of the row be read and written at a group of rows."""
        self.place_of_group = self.code.two("mul", group, integer(LANES))
        for storage, strip in self.own.items():
            base = self.code.address(strip, self.place_of_group)
            self.tables[storage] = TableMemory(base, True)


class StripLoop:
    """The rows of a chunk, strip by strip."""

    def __init__(self, emitter: Emitter, plan: LoopPlan, reductions: list[Reduction]) -> None:
        assert plan.strips is not None
        self.emitter = emitter
        self.code: Code = emitter.code
        self.scope = emitter.scope
        self.context = emitter.context
        self.loop = plan.instruction
        self.strips = plan.strips
        self.reductions = reductions
        self.row = plan.index_value
        self.memory = StripMemory(emitter, plan.strips, self.row)
        emitter.memory = self.memory
        self.rows = self.groups = self.first = integer(0)  # of the strip
        self.values: dict[int, Operand] = {}  # strips of values that steps hand on

    def write(self, first: Operand, high: Operand, states: State) -> State:
        """Writes the loop over the strips from one row to another; the states after it."""
        self.reserve()
        code, end = self.code, self.code.two("add", high, integer(1))

        def strip(first_row: Operand, old: State) -> State:
            code.poll()
            self.first = first_row
            left = code.two("sub", end, first_row)
            whole = integer(STRIP_ROWS)
            self.rows = code.select(code.compare("slt", left, whole), left, whole)
            fours = code.two("add", self.rows, integer(31))
            self.groups = code.two("mul", code.set(f"lshr {fours.typed}, 5", "integer"), integer(4))
            self.begin()
            for step in self.strips.steps:
                self.step(step)
            self.unpack()
            return self.joined(old)

        return code.cycle("strip", first, ("slt", end), STRIP_ROWS, states, strip)

    # -- memory -----------------------------------------------------------------------------

    def reserve(self) -> None:
        """Gives strips their memory."""
        memory = self.memory
        for storage in self.strips.tables:
            memory.own[storage] = memory.strip(self.context.count(storage), f"table{storage}")
        for places, strips, hint in (
            (memory.read_strips, self.strips.reads, "rows"),
            (memory.write_strips, self.strips.writes, "grad"),
        ):
            for view, strip in strips.items():
                places[view] = memory.strip(strip.entries, f"{hint}_{view[0]}")
        for value in sorted(self.handed_on()):
            self.values[value] = memory.strip(1, f"strip{value}")

    def handed_on(self) -> set[int]:
        """The numbers of a row that one step makes and another uses."""
        handed = set(self.loop.regions[0].outputs)
        for step in self.strips.steps:
            if isinstance(step, Groups):
                handed |= free_values(Region(step.code, ()))
            elif isinstance(step, Entries):
                handed |= free_values(step.body) | {one.value for one in step.added}
        made = {result for step in self.strips.steps for result in self.provided(step)}
        return handed & made

    def provided(self, step: Step) -> set[int]:
        """The numbers that a step makes."""
        if isinstance(step, Sum):
            return {step.result}
        if isinstance(step, Entries):
            return {one.results[0] for one in loop_results(step.loop) if one.kind == SUM}
        if isinstance(step, Contractions):
            return set()
        found: set[int] = set()
        waiting = list(step.code)
        while waiting:
            one = waiting.pop()
            found |= set(one.results)
            if one.operation != opcode.LOOP:
                waiting += [inner for region in one.regions for inner in region.instructions]
        return {value for value in found - self.context.layouts.keys() if self.of_row(value)}

    def of_row(self, value: int) -> bool:
        return value in self.strips.of_row

    def begin(self) -> None:
        """Reads the strip's rows and sets what is added to their derivatives to 0."""
        code, memory = self.code, self.memory
        for view, strip in self.strips.reads.items():
            self.pack(view, strip, Position(strip.low, ()), integer(strip.entries))
        for view, strip in self.strips.writes.items():
            code.clear(memory.write_strips[view], strip.entries * STRIP_ROWS)

    def pack(self, view: View, strip: Strip, first: Position, count: Operand) -> None:
        """Makes a strip of `count` entries of an array, from the first one's position on."""
        code, memory, (storage, apart) = self.code, self.memory, view
        self.scope.values[self.row] = self.first
        place = self.scope.sum(first.moved(0, [(self.row, apart)]))
        source = code.address(memory.memory_of(storage).base, place)
        given = f"{source.pointer}, i64 {apart}, i64 {strip.unit}"
        more = f"{memory.read_strips[view].pointer}, {count.typed}"
        rows = f"{self.rows.typed}, {self.groups.typed}"
        code.line(f"call void @pack_strip({given}, {more}, {rows})")

    def unpack(self) -> None:
        """Adds what the strip's rows have to the derivatives of their own entries."""
        for view, strip in self.strips.writes.items():
            storage, apart = view
            place = Position(strip.low, ((self.row, apart),))
            self.hand_out(
                self.memory.write_strips[view], strip, self.memory.target(storage), place, adds=True
            )

    def hand_out(
        self, strip: Operand, shape: Strip, base: Operand, place: Position, *, adds: bool
    ) -> None:
        """Stores a strip at the place of its first row, or adds it to what is there."""
        self.scope.values[self.row] = self.first
        target = self.code.address(base, self.scope.sum(place))
        given = f"{strip.pointer}, {target.pointer}, i64 {place.coefficient(self.row)}"
        more = f"i64 {shape.unit}, i64 {shape.entries}, {self.rows.typed}, i1 {TRUTHS[not adds]}"
        self.code.line(f"call void @unpack_strip({given}, {more})")

    # -- steps ------------------------------------------------------------------------------

    def step(self, step: Step) -> None:
        if isinstance(step, Sum):
            self.alone(step)
        elif isinstance(step, Entries):
            EntryLoop(self, step).write()
        elif isinstance(step, Contractions):
            self.contractions(step)
        else:
            self.together(step.code)

    def alone(self, one: Sum) -> None:
        """A contraction in no loop over entries: the sum is one number of the row."""
        if one.result in self.values:
            strip = self.values[one.result]
            self.contract(one, strip, integer(1), None)
            if one.negative:
                self.code.cycle(
                    "group", integer(0), ("slt", self.groups), 1, [], partial(self.turn, strip)
                )

    def contractions(self, step: Contractions) -> None:
        """Runs the contractions of a loop, for all its iterations."""
        index, (low, high) = index_of(step.loop), self.span(step.loop)
        first, count = integer(low), integer(high - low + 1)
        for one, table in step.sums:
            self.scope.values[index] = first
            self.contract(one, self.memory.own[table], count, index)
        for added in step.added:
            self.scope.values[index] = first
            self.add(added, self.factors(added, index), first, count, step.loop)

    def factors(self, added: Added, index: int) -> tuple[Operand, int]:
        """Where the factors begin that are entries of a table, and how far they are apart."""
        assert added.table is not None
        table = self.context.position(added.table)
        place = self.code.two("mul", self.scope.sum(table), integer(STRIP_ROWS))
        base = self.memory.own[self.memory.storage(added.table)]
        return self.code.address(base, place), table.coefficient(index) * STRIP_ROWS

    def turn(self, strip: Operand, group: Operand, _: State) -> State:
        """Changes the signs of a group of rows."""
        self.put(strip, group, self.get(strip, group), negative=True)
        return []

    def together(self, code: Sequence[Instruction]) -> None:
        """Runs instructions for all rows, a group after the other."""
        for one in code:
            if one.operation == opcode.ACCUMULATOR:
                self.memory.clear(one.results[0])
        rest = self.shared_first([one for one in code if one.operation != opcode.ACCUMULATOR])
        handed = sorted(self.provided(Groups(tuple(rest))) & self.values.keys())

        def behind(group: Operand) -> None:
            for value in handed:
                self.put(self.values[value], group, self.scope.value(value))

        self.each_group(rest, (), behind)

    def shared_first(self, code: Iterable[Instruction]) -> list[Instruction]:
        """Writes the instructions that are the same for all rows; returns the others."""
        rest = []
        for one in code:
            shared = not any(map(self.of_row, (*one.results, *one.operands))) and not one.regions
            if shared and one.operation != opcode.ACCUMULATE:
                self.emitter.instruction(one)
            else:
                rest.append(one)
        return rest

    def each_group(
        self,
        code: Sequence[Instruction],
        wanted: Iterable[int],
        behind: Callable[[Operand], None],
        before: Callable[[Operand], None] | None = None,
    ) -> None:
        """Runs instructions for every group of rows; `behind` writes what is kept of it.

        What they add to an entry that all rows share is summed up first, for the whole strip.
        """
        writer, memory, scope = self.code, self.memory, self.scope
        shared = [one for one in code if one.operation == opcode.ACCUMULATE and self.is_shared(one)]
        targets = [
            writer.address(memory.target(memory.storage(one)), memory.place(one).first)
            for one in shared
        ]
        taken = (free_values(Region(tuple(code), tuple(wanted)))) & self.values.keys()

        def body(group: Operand, old: State) -> State:
            scope.vector = True
            memory.enter(group)
            place = writer.two("add", writer.broadcast(memory.place_of_group), LANE_NUMBERS)
            scope.mask = writer.compare("slt", place, self.rows)
            scope.values[self.row] = writer.two("add", place, self.first)
            for value in sorted(taken):
                scope.values[value] = self.get(self.values[value], group)
            if before:
                before(group)
            for one in shared:
                memory.windows[id(one)] = []
            for one in code:
                self.emitter.instruction(one)
            behind(group)
            new = []
            for one, before_group in zip(shared, old, strict=True):
                [added] = memory.windows.pop(id(one))
                new.append(writer.two("fadd", before_group, added))
            scope.mask, scope.vector = None, False
            return new

        stays = ("slt", self.groups)
        totals = writer.cycle("group", integer(0), stays, 1, [ZEROS] * len(shared), body)
        for total, target in zip(totals, targets, strict=True):
            memory.add([writer.set(f"call double @total({total.typed})")], target)

    def is_shared(self, one: Instruction) -> bool:
        """Whether an ACCUMULATE adds to an entry that is the same for all rows."""
        storage, position = self.memory.storage(one), self.context.position(one)
        return storage not in self.memory.own and not any(self.of_row(v) for v, _ in position.terms)

    def joined(self, states: State) -> State:
        """The states after the strip; what tables yield is stored."""
        results, new = list(loop_results(self.loop)), []
        totals = iter(self.totals([one.output for one in results if one.kind == SUM]))
        pairs = zip(self.reductions, results, cut(self.reductions, states), strict=True)
        for reduction, one, state in pairs:
            if one.kind == SUM:
                new += reduction.joined(state, [next(totals)])
            else:
                self.store(one)
        return new

    def store(self, one: LoopResult) -> None:
        """Stores what the rows yield in a table of the loop."""
        layouts = self.context.layouts
        table = layouts[one.results[0]]
        if one.output in layouts:
            strip = self.memory.own[layouts[one.output].storage]
        else:
            strip = self.values.get(one.output) or self.same(one.output)
        shape = Strip(0, 1, table.size // table.lengths[0])
        base = self.memory.memory_of(table.storage).base
        self.hand_out(strip, shape, base, table.row(self.row).start, adds=False)

    def same(self, value: int) -> Operand:
        """A strip of a number that is the same for all rows."""
        strip, number = self.memory.strip(1, f"strip{value}"), self.scope.value(value)

        def fill(group: Operand, _: State) -> State:
            self.put(strip, group, number)
            return []

        self.code.cycle("group", integer(0), ("slt", self.groups), 1, [], fill)
        return strip

    def totals(self, values: Sequence[int]) -> list[Operand]:
        """The sums of values over the rows of the strip."""
        code, scope = self.code, self.scope

        def body(group: Operand, old: State) -> State:
            place = code.two("mul", group, integer(LANES))
            rows = code.two("add", code.broadcast(place), LANE_NUMBERS)
            mask, new = code.compare("slt", rows, self.rows), []
            for value, total in zip(values, old, strict=True):
                if value in self.values:
                    term = self.get(self.values[value], group)
                else:
                    term = code.broadcast(scope.real(scope.value(value)))
                new.append(code.two("fadd", total, code.select(mask, term, LLVM_ZERO)))
            return new

        stays = ("slt", self.groups)
        totals = code.cycle("group", integer(0), stays, 1, [ZEROS] * len(values), body)
        return [code.set(f"call double @total({total.typed})") for total in totals]

    def get(self, base: Operand, group: Operand, *, negative: bool = False) -> Operand:
        """The numbers of a group of rows in a strip of one entry."""
        code = self.code
        found = code.load(code.address(base, code.two("mul", group, integer(LANES))), True)
        return code.set(f"fneg {found.typed}", lanes=True) if negative else found

    def put(self, base: Operand, group: Operand, value: Operand, *, negative: bool = False) -> None:
        code = self.code
        value = code.broadcast(self.scope.real(value))
        if negative:
            value = code.set(f"fneg {value.typed}", lanes=True)
        code.store(value, code.address(base, code.two("mul", group, integer(LANES))))

    # -- contractions -----------------------------------------------------------------------

    def span(self, loop: Instruction) -> tuple[int, int]:
        """The first and last index of a loop that is the same in every iteration around it."""
        constant = self.context.work.constant
        return max(map(constant, loop.payload.low)), min(map(constant, loop.payload.high))

    def contract(
        self, one: Sum, out: Operand, count: Operand, k: int | None, ahead: Ahead | None = None
    ) -> None:
        """Adds the sums for `count` entries, from the one whose index is set."""
        j, (low, high) = index_of(one.inner), self.span(one.inner)
        self.scope.values[j] = integer(low)
        for number, term in enumerate(one.terms):
            position = self.context.position(term.shared)
            across = 0 if k is None else position.coefficient(k)
            strip, apart = self.own_strip(term.own, j, low)
            self.forward(
                (self.shared_address(term.shared), across, position.coefficient(j)),
                (strip, apart),
                (out, STRIP_ROWS),
                (count, integer(high - low + 1)),
                more=number > 0,
                ahead=None if number else ahead,
            )

    def add(
        self,
        one: Added,
        factor: tuple[Operand, int],
        first: Operand,
        count: Operand,
        loop: Instruction,
    ) -> None:
        """Adds what is left of `count` entries from the first on, whose factors are in a strip."""
        code, scope, memory = self.code, self.scope, self.memory
        k, j, (low, high) = index_of(loop), index_of(one.inner), self.span(one.inner)
        length = integer(high - low + 1)
        scope.values[k], scope.values[j] = first, integer(low)
        target, storage = self.context.position(one.target), memory.storage(one.target)
        if self.is_shared(one.target):
            rows, columns = (*factor, count), (*self.own_strip(one.element, j, low), length)
            self.blank(*rows)
            self.blank(*columns)
            start, across = code.address(memory.target(storage), scope.sum(target)), k
            if target.coefficient(j) != 1:
                rows, columns, across = columns, rows, j
            given = f"{rows[0].pointer}, i64 {rows[1]}, {columns[0].pointer}, i64 {columns[1]}"
            more = f"i64 {target.coefficient(across)}, {rows[2].typed}, {columns[2].typed}"
            code.line(f"call void @outward({given}, {start.pointer}, {more}, {self.groups.typed})")
            return
        weights, (strip, apart) = self.context.position(one.element), factor
        along = weights.coefficient(k)
        if loop.payload.descending:
            last = code.two("sub", count, integer(1))
            scope.values[k] = code.two("add", first, last)
            strip = code.address(strip, code.two("mul", last, integer(apart)))
            along, apart = -along, -apart
        self.forward(
            (self.shared_address(one.element), weights.coefficient(j), along),
            (strip, apart),
            self.target_strip(one.target, j, low),
            (length, count),
        )

    def forward(
        self,
        weights: tuple[Operand, int, int],
        rows: tuple[Operand, int],
        out: tuple[Operand, int],
        counts: tuple[Operand, Operand],
        *,
        more: bool = True,
        ahead: Ahead | None = None,
    ) -> None:
        begin, *apart = ahead or (rows[0], 0, 0, 0)
        later = ", ".join([begin.pointer, *(f"i64 {one}" for one in apart)])
        given = f"{weights[0].pointer}, i64 {weights[1]}, i64 {weights[2]}"
        strips = f"{rows[0].pointer}, i64 {rows[1]}, {out[0].pointer}, i64 {out[1]}"
        sizes = f"{counts[0].typed}, {counts[1].typed}, {self.groups.typed}"
        self.code.line(
            f"call void @forward({given}, {strips}, {sizes}, i1 {TRUTHS[not more]}, {later})"
        )

    def blank(self, strip: Operand, apart: int, count: Operand) -> None:
        """Sets a strip to 0 behind the last row, where there is such a place."""
        code = self.code
        full = code.compare("eq", code.two("mul", self.groups, integer(LANES)), self.rows)
        name = code.name("blank")
        code.split(full, f"{name}.not", name)
        code.start(name)
        given = f"{strip.pointer}, i64 {apart}, {count.typed}"
        code.line(f"call void @blank_strip({given}, {self.rows.typed}, {self.groups.typed})")
        code.jump(f"{name}.not")
        code.start(f"{name}.not")

    def shared_address(self, element: Instruction) -> Operand:
        """The address of an element that all rows share, at the indices that are set."""
        base = self.memory.memory_of(self.memory.storage(element)).base
        return self.code.address(base, self.scope.sum(self.context.position(element)))

    def own_strip(self, element: Instruction, j: int, low: int) -> tuple[Operand, int]:
        """Where the row's elements begin in their strip, and how far apart they are."""
        return self.in_strip(element, j, low, self.strips.reads, self.memory.read_strips)

    def target_strip(self, target: Instruction, j: int, low: int) -> tuple[Operand, int]:
        return self.in_strip(target, j, low, self.strips.writes, self.memory.write_strips)

    def in_strip(
        self,
        one: Instruction,
        j: int,
        low: int,
        strips: dict[View, Strip],
        places: dict[View, Operand],
    ) -> tuple[Operand, int]:
        storage, position = self.memory.storage(one), self.context.position(one)
        if storage in self.memory.own:
            base = self.memory.own[storage]
        else:
            view = (storage, position.coefficient(self.row))
            base, position = places[view], strips[view].entry(position.without(self.row))
        step = position.coefficient(j)
        entry = position.constant + step * low
        return self.code.address(base, entry * STRIP_ROWS), step * STRIP_ROWS


class EntryLoop:
    """A loop over the entries of a strip, in blocks of them."""

    def __init__(self, strips: StripLoop, step: Entries) -> None:
        self.strips = strips
        self.step = step
        self.code = strips.code
        self.scope = strips.scope
        self.memory = strips.memory
        self.index = index_of(step.loop)
        self.low, high = strips.span(step.loop)
        self.count = high - self.low + 1
        self.most = min(self.count, ENTRIES_PER_BLOCK)
        self.sums = {one.result: self.strip(f"sum{one.result}") for one in step.sums}
        made = (one for one in step.added if one.table is None)
        keys = dict.fromkeys((one.value, one.negative) for one in made)
        rooms = iter(self.sums.values())  # each read at a place before a factor is written there
        self.factors = {key: next(rooms, None) or self.strip(f"factor{key[0]}") for key in keys}
        self.totals = {
            one.output: strips.values[one.results[0]]
            for one in loop_results(step.loop)
            if one.kind == SUM and one.results[0] in strips.values
        }
        self.tables = [one for one in loop_results(step.loop) if one.kind == TABLE]
        self.negative = {one.result for one in step.sums if one.negative}
        for view in step.streamed:
            self.memory.read_strips[view] = self.strip(f"rows_{view[0]}")

    def strip(self, hint: str) -> Operand:
        return self.memory.strip(self.most, hint)

    def write(self) -> None:
        """Writes the loop over the blocks."""
        for total in self.totals.values():
            self.code.clear(total, STRIP_ROWS)
        if self.most == self.count:
            self.block(integer(self.low), integer(self.count))
            return
        code, count, most = self.code, integer(self.count), integer(self.most)

        def block(place: Operand, _: State) -> State:
            left = code.two("sub", count, place)
            some = code.select(code.compare("slt", left, most), left, most)
            first = code.two("add", place, integer(self.low))
            if self.step.loop.payload.descending:
                behind = integer(self.low + self.count)
                first = code.two("sub", behind, code.two("add", place, some))
            self.block(first, some)
            return []

        code.cycle("block", integer(0), ("slt", count), self.most, [], block)

    def block(self, first: Operand, some: Operand) -> None:
        """Writes what is done for some entries from the first on."""
        code, scope, strips = self.code, self.scope, self.strips
        ahead = [self.ahead(view, strip, first) for view, strip in self.step.streamed.items()]
        for one, later in zip_longest(self.step.sums, ahead[: len(self.step.sums)]):
            scope.values[self.index] = first
            strips.contract(one, self.sums[one.result], some, self.index, later)
        for view, strip in self.step.streamed.items():
            scope.values[self.index] = first
            begin = Position(strip.low, ((self.index, strip.unit),))
            strips.pack(view, strip, begin, some)
            self.memory.streams[view] = (strip, first)
        code.cycle("entry", integer(0), ("slt", some), 1, [], partial(self.entry, first, some))
        for added in self.step.added:
            if added.table is None:
                factor = self.factors[added.value, added.negative], STRIP_ROWS
            else:
                scope.values[self.index] = first
                factor = strips.factors(added, self.index)
            strips.add(added, factor, first, some, self.step.loop)

    def ahead(self, view: View, strip: Strip, first: Operand) -> Ahead:
        """What the block after this one reads of an array, which is fetched meanwhile."""
        code, scope, (storage, apart) = self.code, self.scope, view
        start, step = integer(self.low), self.most
        if self.step.loop.payload.descending:
            start, step = integer(self.low + self.count - step), -step
        after = code.two("add", first, integer(step))
        inside = code.compare("slt", after, integer(self.low + self.count))
        if step < 0:
            inside = code.compare("sge", after, integer(self.low))
        row, scope.values[self.index] = self.strips.first, code.select(inside, after, start)
        below = code.two("add", row, integer(STRIP_ROWS))
        scope.values[self.strips.row] = code.select(inside, row, below)
        place = Position(strip.low, ((self.index, strip.unit),)).moved(
            0, [(self.strips.row, apart)]
        )
        begin = code.address(self.memory.memory_of(storage).base, scope.sum(place))
        scope.values[self.strips.row] = row
        if apart == 1:
            return begin, strip.unit, LANES * strip.unit, LANES
        return begin, apart, LANES, LANES * apart

    def entry(self, first: Operand, some: Operand, place: Operand, _: State) -> State:
        """Writes what is left of the body, for the entry at a place of the block."""
        code, scope = self.code, self.scope
        if self.step.loop.payload.descending:
            place = code.two("sub", code.two("sub", some, integer(1)), place)
        scope.values[self.index] = code.two("add", first, place)
        scope.indices.append(self.index)
        start = code.two("mul", place, integer(STRIP_ROWS))
        rest = self.strips.shared_first(self.step.body.instructions[1:])

        def before(group: Operand) -> None:
            for value, base in self.sums.items():
                at = code.address(base, start)
                scope.values[value] = self.strips.get(at, group, negative=value in self.negative)

        def behind(group: Operand) -> None:
            for one in self.tables:
                fill = TableFill(self.memory, self.index, one)
                fill.step([], self.term(one.output), scope.values[self.index])
            for value, base in self.totals.items():
                total = code.two("fadd", self.strips.get(base, group), self.term(value))
                self.strips.put(base, group, total)
            for (value, negative), base in self.factors.items():
                at = code.address(base, start)
                self.strips.put(at, group, scope.value(value), negative=negative)

        wanted = [*self.step.body.outputs, *(value for value, _ in self.factors)]
        if rest or self.tables or self.totals or self.factors:
            self.strips.each_group(rest, wanted, behind, before)
        scope.indices.pop()
        return []

    def term(self, value: int) -> Operand:
        """The number that an entry yields, or one that stands for a table."""
        tables = self.strips.context.layouts
        return TABLE_OUTPUT if value in tables else self.scope.real(self.scope.value(value))
