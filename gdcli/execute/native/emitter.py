"""Regions of a tape as LLVM instructions, with their branches and loops.

An Emitter writes into one function. Outside a vector loop a branch is a branch; inside one both
sides are computed, and every value and effect that leaves a side is selected by the comparison,
unless all lanes compare the same and a side has loops or reads that the branch guards.

A plain loop runs its iterations one after another. Inside a vector loop the range of an inner loop
may differ from lane to lane: the inner loop runs over the union of their ranges, and a mask says
which lanes take part in an iteration. A loop becomes a vector loop if none of its iterations needs
the one before: eight consecutive iterations are the lanes, and the rest run one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    CARRY,
    LOGSUMEXP,
    TABLE,
    Instruction,
    LoopResult,
    Region,
    Subscript,
    index_of,
    instructions,
    loop_results,
)
from gdcli.execute.native.code import LANES, READ_SOON, Code, Operand, integer, number
from gdcli.execute.native.context import (
    FRAME_ADDRESS,
    GRADIENT_ADDRESS,
    JAMMED_ROWS,
    POINT_ADDRESS,
    Context,
)
from gdcli.execute.native.divergence import alike_tables
from gdcli.execute.native.memory import LANE_NUMBERS, Memory
from gdcli.execute.native.operations import ARITHMETIC, NAN, Primitives
from gdcli.execute.native.packing import PackedRow, PackedRows, copy, rows, rows_ahead
from gdcli.execute.native.pieces import OUTPUT, PIECE
from gdcli.execute.native.reductions import LogSum, Reduction, State, cut, flat
from gdcli.execute.native.scalar_replacement import ScalarReplacement
from gdcli.execute.native.scope import Packed, Scope
from gdcli.execute.native.tables import TableFill
from gdcli.execute.source import OPPOSITE_COMPARISON
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import FLOAT_CONSTANTS, to_float

PREDICATES = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "one"}
FARTHEST_INDEX = 2**62
OPERATIONS_PER_POLL = 1_000_000  # operations after which a loop asks whether it is to stop
ITERATIONS_PER_POLL = 1024


TABLE_OUTPUT = number(0.0)  # stands for a table among the outputs of a body


def numbers(loop: Instruction) -> tuple[int, ...]:
    """The results of a loop that are no tables."""
    kinds = (one for one in loop_results(loop) if one.kind != TABLE)
    return tuple([result for one in kinds for result in one.results])


class Emitter:
    """Writes the instructions of a tape into one function; `called` collects library functions."""

    def __init__(self, context: Context, code: Code, called: set[tuple[str, bool]]) -> None:
        self.context = context
        self.code = code
        self.scope = Scope(context, code)
        self.memory = Memory(self.scope)
        self.ahead: list[PackedRows] = []
        self.behind: list[PackedRows] = []
        self.primitives = Primitives(code, called)

    def region(self, region: Region) -> list[Operand]:
        for instruction in region.instructions:
            self.instruction(instruction)
        tables = self.context.layouts
        return [TABLE_OUTPUT if o in tables else self.scope.value(o) for o in region.outputs]

    def instruction(self, instruction: Instruction) -> None:
        operation, results = instruction.operation, instruction.results
        if operation == opcode.APPLY:  # as most are
            self.scope.define(results[0], self.applied(instruction))
            return
        if operation == opcode.BRANCH:
            made: Sequence[Operand] = self.branch(instruction)
        elif operation == opcode.LOOP:
            made = self.loop(instruction)
            results = numbers(instruction)
        elif operation == opcode.ACCUMULATOR:
            self.memory.begin(results[0])
            self.memory.clear(results[0])
            for inner in instruction.regions:
                self.region(inner)
            return
        elif operation == opcode.ACCUMULATE:
            made = []
            self.memory.accumulate(instruction)
        elif operation in (opcode.INDEX, opcode.UNFINISHED):
            return  # the loop or accumulator has made it
        elif operation == OUTPUT:
            self.output(instruction)
            return
        elif operation == PIECE:
            self.code.line(f"call void @{instruction.payload}({self.context.arguments})")
            results = tuple([one for one in results if one not in self.context.layouts])
            self.take(results)  # tables have memory of their own
            made = [self.scope.values[result] for result in results]
        else:
            made = [self.simple(instruction)]
        for result, operand in zip(results, made, strict=True):
            self.scope.define(result, operand)

    def applied(self, instruction: Instruction) -> Operand:
        """The result of a primitive."""
        scope, name, hint = self.scope, instruction.payload, f"v{instruction.results[0]}"
        operands = [
            one
            if (one := scope.values[operand]).kind == "double" and operand not in scope.slots
            else scope.real(scope.value(operand))
            for operand in instruction.operands
        ]
        word = ARITHMETIC.get(name)
        if word is None:
            return self.primitives.apply(name, operands, hint)
        left, right = operands
        if left.lanes or right.lanes:
            return self.code.two(word, left, right, hint)
        return self.code.set(f"{word} double {left.text}, {right.text}", hint=hint)

    def simple(self, instruction: Instruction) -> Operand:
        """The result of an instruction without regions, effects or numbers as operands."""
        scope, operation, payload = self.scope, instruction.operation, instruction.payload
        hint = f"v{instruction.results[0]}"
        if operation == opcode.CONSTANT:
            return number(
                to_float(payload) if isinstance(payload, Decimal) else FLOAT_CONSTANTS[payload]
            )
        if operation == opcode.SIZE:
            return integer(self.context.work.constant(payload))
        if operation == opcode.LOAD:
            address = self.code.address(POINT_ADDRESS, self.context.bindings.inputs[payload])
            if scope.point_lanes:
                apart = f"{address.pointer}, i64 {len(self.context.tape.inputs)}"
                return self.code.read(
                    f"call <8 x double> @load_apart({apart})", lanes=True, hint=hint
                )
            return self.code.load(address, hint=hint)
        if operation in (opcode.ELEMENT, opcode.EARLIER):
            return self.memory.element(instruction, hint)
        assert operation == opcode.CARRIED, operation
        return scope.carried[-1][int(payload)]

    # -- what functions hand on --------------------------------------------------------------

    def take(self, values: Iterable[int]) -> None:
        """Reads values that other functions have made, but for those it has already."""
        known, tables = self.scope.values, self.context.layouts
        for value in values:
            if value not in known and value not in tables:
                leaf = self.context.leaves.get(value)
                known[value] = self.simple(leaf) if leaf else self.handed_on(value)

    def handed_on(self, value: int) -> Operand:
        """The value as another function has left it in the frame."""
        kind = "integer" if value in self.context.work.found else "double"
        address = self.code.address(FRAME_ADDRESS, self.context.slots[value])
        return self.code.load(address, self.scope.point_lanes, f"v{value}", kind)

    def output(self, instruction: Instruction) -> None:
        address, place = FRAME_ADDRESS, instruction.payload
        value = self.scope.real(self.scope.value(instruction.operands[0]))
        if place is not None:
            address = self.code.address(GRADIENT_ADDRESS, place)
        if self.scope.point_lanes:
            value, apart = self.code.broadcast(value), 1
            if place is not None:
                apart = len(self.context.tape.body.outputs) - 1
            given = f"{address.pointer}, i64 {apart}, {value.typed}"
            self.code.line(f"call void @store_apart({given})")
        else:
            self.code.store(value, address)

    # -- branches ---------------------------------------------------------------------------

    def branch(self, instruction: Instruction) -> list[Operand]:
        scope, code = self.scope, self.code
        left, right = (scope.real(scope.value(operand)) for operand in instruction.operands)
        if scope.vector and (left.lanes or right.lanes or not self.is_worth_a_branch(instruction)):
            return self.selected(instruction, left, right)
        scope.sides += 1
        name = code.name("branch")
        done = f"{name}.done"
        handed: list[tuple[list[Operand], str]] = []
        sums = dict(self.memory.sums)
        sums_by_side = []
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        for side, region, comparison in zip("ab", instruction.regions, comparisons, strict=True):
            block, other = f"{name}.{side}", f"{name}.not_{side}"
            code.split(code.compare(PREDICATES[comparison], left, right), block, other)
            code.start(block)
            outputs = [scope.real(output) for output in self.region(region)]
            if scope.vector:
                outputs = [code.broadcast(output) for output in outputs]
            handed.append((outputs, code.block))
            sums_by_side.append(self.memory.sums)
            self.memory.sums = dict(sums)
            code.jump(done)
            code.start(other)
        undefined = code.broadcast(NAN) if scope.vector else NAN
        handed.append(([undefined] * len(instruction.results), code.block))
        sums_by_side.append(sums)
        code.jump(done)
        code.start(done)
        scope.sides -= 1
        for storage in sums:
            ways = [(of[storage], side[1]) for of, side in zip(sums_by_side, handed, strict=True)]
            if len({operand for operand, _ in ways}) > 1:
                self.memory.sums[storage] = code.phi(ways)
        return [
            code.phi([(outputs[n], block) for outputs, block in handed], f"v{result}")
            for n, result in enumerate(instruction.results)
        ]

    def is_worth_a_branch(self, instruction: Instruction) -> bool:
        """Whether a side has loops, or touches what may lie outside its array on the other one."""
        guarded = (opcode.ELEMENT, opcode.EARLIER, opcode.ACCUMULATE)
        return any(
            one.operation == opcode.LOOP
            or (one.operation in guarded and self.context.is_guarded(one))
            for region in instruction.regions
            for one in instructions(region)
        )

    def selected(self, instruction: Instruction, left: Operand, right: Operand) -> list[Operand]:
        """Computes both sides; of their outputs each lane takes those of its own side."""
        code = self.code
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        truths, handed = [], []
        for region, comparison in zip(instruction.regions, comparisons, strict=True):
            truth = code.compare(PREDICATES[comparison], left, right)
            truths.append(truth)
            self.memory.conditions.append(truth)
            handed.append(self.side(region, truth))
            self.memory.conditions.pop()
        results = []
        for result, yes, no in zip(instruction.results, *handed, strict=True):
            other = code.select(truths[1], no, NAN)
            results.append(code.select(truths[0], yes, other, f"v{result}"))
        return results

    def side(self, region: Region, truth: Operand) -> list[Operand]:
        """Computes a side for all lanes; where the lanes are points, only if one of them takes it.

        A function of the C library is called for each lane, which takes longer than to ask.
        """
        code, scope = self.code, self.scope
        if not scope.point_lanes or not any(
            one.operation == PIECE or self.context.work.is_call(one) for one in instructions(region)
        ):
            return [scope.real(output) for output in self.region(region)]
        some, before = truth, code.block
        if truth.lanes:
            some = code.set(f"call i1 @llvm.vector.reduce.or.v{LANES}i1({truth.typed})", "truth")
        name = code.name("side")
        code.split(some, name, f"{name}.done")
        code.start(name)
        scope.sides += 1  # so that what a later side uses is in memory
        outputs = [code.broadcast(scope.real(output)) for output in self.region(region)]
        scope.sides -= 1
        after = code.block
        code.jump(f"{name}.done")
        code.start(f"{name}.done")
        none = code.broadcast(NAN)
        return [code.phi([(output, after), (none, before)]) for output in outputs]

    # -- loops inside a function ------------------------------------------------------------

    def loop(self, instruction: Instruction) -> list[Operand]:
        low, high, lanes = self.bounds(instruction)
        reductions = self.reductions(instruction)
        if not self.scope.vector and index_of(instruction) in self.context.vectors:
            end = self.vector_end(low, self.code.two("add", high, integer(1)))
            first = flat([reduction.initial(low) for reduction in reductions])
            states = [self.code.broadcast(one) for one in first]
            poll = partial(self.poll, instruction)
            states = self.by_eight(instruction, reductions, (low, end), states, poll)
            pairs = zip(reductions, cut(reductions, states), strict=True)
            whole = flat([one.across(state) for one, state in pairs])
            states = self.serial(instruction, reductions, (end, high), whole)
        else:
            states = self.first_states(instruction, reductions, low)
            if self.scope.vector:
                states = [self.code.broadcast(one) for one in states]
            states = self.serial(instruction, reductions, (low, high), states, lanes)
        pairs = zip(reductions, cut(reductions, states), strict=True)
        return flat([one.result(state) for one, state in pairs])

    def reductions(self, instruction: Instruction, *, compensated: bool = False) -> list[Reduction]:
        """The reductions of a loop, whose tables are given their memory."""
        index = index_of(instruction)

        def made(one: LoopResult) -> Reduction:
            if one.kind == TABLE:
                return TableFill(self.memory, index, one)
            if one.kind == LOGSUMEXP:
                return LogSum(self.primitives)
            return Reduction(self.code, one.kind, compensated=compensated)

        return [made(one) for one in loop_results(instruction)]

    def first_states(
        self, instruction: Instruction, reductions: list[Reduction], low: Operand
    ) -> State:
        carries = instruction.payload.reductions.count(CARRY)
        given = instruction.operands[len(instruction.operands) - carries :]
        initial = [[self.scope.real(self.scope.value(operand))] for operand in given]
        return flat([*initial, *(reduction.initial(low) for reduction in reductions[carries:])])

    def serial(
        self,
        instruction: Instruction,
        reductions: list[Reduction],
        ends: tuple[Operand, Operand],
        states: State,
        lanes: Callable[[Operand], Operand | None] | None = None,
        before: Callable[[Operand], None] | None = None,
    ) -> State:
        """Runs the iterations from one end to the other, one by one; returns the states after them.

        `lanes` says which lanes take part in an iteration; `before` is written ahead of the body.
        """
        scope, code, index_value = self.scope, self.code, index_of(instruction)
        outer, count = scope.mask, len(states)
        replaced = ScalarReplacement(self.memory, instruction)

        def body(index: Operand, operands: State) -> State:
            self.poll(instruction, index)
            scope.mask = lanes(index) if lanes else outer
            if before:
                before(index)
            scope.values[index_value] = index
            replaced.begin(operands[count:])
            old = cut(reductions, operands[:count])
            outputs = self.iteration(instruction, index, [state[0] for state in old if state])
            new = [
                reduction.step(state, output, index)
                for reduction, state, output in zip(reductions, old, outputs, strict=True)
            ]
            made = [*flat(new), *replaced.end(outputs)]
            if lanes and scope.mask:
                made = [
                    code.select(scope.mask, after, before)
                    for after, before in zip(made, operands, strict=True)
                ]
            scope.mask = outer
            return made

        low, high = ends
        hint = f"v{index_value}"
        if not scope.vector and self.context.jams(instruction):
            low, states = self.jammed(instruction, reductions, ends, states)
        start, stays, step = low, ("sle", high), 1
        if instruction.payload.descending:
            start, stays, step = high, ("sge", low), -1
        states = [*states, *replaced.initial(start)]
        return code.cycle(hint, start, stays, step, states, body)[:count]

    def jammed(
        self,
        instruction: Instruction,
        reductions: list[Reduction],
        ends: tuple[Operand, Operand],
        states: State,
    ) -> tuple[Operand, State]:
        """Runs the iterations from one end on, some at a time; where they end, and the states."""
        code, index_value = self.code, index_of(instruction)

        def body(base: Operand, operands: State) -> State:
            self.poll(instruction, base)
            jam = Jam(self, instruction)
            for row, outputs in enumerate(jam.iterations(base)):
                index = code.two("add", base, integer(row))
                self.scope.values[index_value] = index
                operands = flat(
                    [
                        reduction.step(state, output, index)
                        for reduction, state, output in zip(
                            reductions, cut(reductions, operands), outputs, strict=True
                        )
                    ]
                )
            return operands

        low, high = ends
        end = self.vector_end(low, code.two("add", high, integer(1)), JAMMED_ROWS)
        hint = f"v{index_value}.rows"
        return end, code.cycle(hint, low, ("slt", end), JAMMED_ROWS, states, body)

    def iteration(self, instruction: Instruction, index: Operand, carried: State) -> list[Operand]:
        """Writes the body for an index; returns its outputs, as real numbers."""
        scope, index_value = self.scope, index_of(instruction)
        scope.values[index_value] = index
        scope.indices.append(index_value)
        scope.carried.append(carried)
        outputs = [scope.real(output) for output in self.region(instruction.regions[0])]
        scope.carried.pop()
        scope.indices.pop()
        return outputs

    def poll(self, instruction: Instruction, index: Operand) -> None:
        """In a loop that may run long, asks now and then whether the function is to stop."""
        work, index_value, code = self.context.work, index_of(instruction), self.code
        cost = work.costs[index_value] * (LANES if self.scope.vector else 1)
        if cost * work.trips[index_value] < OPERATIONS_PER_POLL:
            return
        if cost * ITERATIONS_PER_POLL < OPERATIONS_PER_POLL:
            some = code.two("and", index, integer(ITERATIONS_PER_POLL - LANES))
            name = code.name("look")
            code.split(code.compare("eq", some, integer(0)), name, f"{name}.not")
            code.start(name)
            code.poll()
            code.jump(f"{name}.not")
            code.start(f"{name}.not")
        else:
            code.poll()

    # -- ranges -----------------------------------------------------------------------------

    def bounds(
        self, instruction: Instruction
    ) -> tuple[Operand, Operand, Callable[[Operand], Operand | None] | None]:
        """The first and last index, and which lanes take part in which iteration."""
        over = instruction.payload
        low = self.end_of(instruction, over.low, "sgt")
        high = self.end_of(instruction, over.high, "slt")
        if not low.lanes and not high.lanes:
            return low, high, None
        code, outer = self.code, self.scope.mask

        def lanes(index: Operand) -> Operand:
            begun, on = code.compare("sge", index, low), code.compare("sle", index, high)
            inside = code.two("and", begun, on)
            return code.two("and", inside, outer) if outer else inside

        return self.union(low, "smin"), self.union(high, "smax"), lanes

    def union(self, end: Operand, which: str) -> Operand:
        """The least or the greatest end of the lanes that take part."""
        if not end.lanes:
            return end
        if self.scope.mask:
            nowhere = integer(FARTHEST_INDEX if which == "smin" else -FARTHEST_INDEX)
            end = self.code.select(self.scope.mask, end, nowhere)
        return self.code.set(f"call i64 @llvm.vector.reduce.{which}.v8i64({end.typed})", "integer")

    def end_of(self, instruction: Instruction, ends: tuple[Subscript, ...], closer: str) -> Operand:
        """The greatest of the low ends, or the least of the high ones."""
        code, found = self.code, None
        for end in ends:
            one = self.subscript(end, instruction.operands)
            found = (
                one if found is None else code.select(code.compare(closer, one, found), one, found)
            )
        assert found is not None
        return found

    def subscript(self, affine: Subscript, operands: tuple[int, ...]) -> Operand:
        """An affine number of index values."""
        code, constant = self.code, integer(self.context.work.constant(affine))
        total: Operand | None = None
        for factor, operand in zip(affine.coefficients, operands, strict=False):
            if factor:
                term = self.scope.integer(self.scope.value(operand))
                term = term if factor == 1 else code.two("mul", term, integer(factor))
                total = term if total is None else code.two("add", total, term)
        if total is None:
            return constant
        return total if constant.text == "0" else code.two("add", total, constant)

    # -- eight iterations at a time ---------------------------------------------------------

    def vector_end(self, first: Operand, end: Operand, count: int = LANES) -> Operand:
        """Where the iterations that fill eight lanes end, or groups of another power of two."""
        code = self.code
        whole = code.two("and", code.two("sub", end, first), integer(-count))
        some = code.compare("sgt", whole, integer(0))
        return code.two("add", first, code.select(some, whole, integer(0)))

    def by_eight(
        self,
        instruction: Instruction,
        reductions: list[Reduction],
        ends: tuple[Operand, Operand],
        states: State,
        before: Callable[[Operand], None] | None = None,
        after: Callable[[Operand, State], State] | None = None,
    ) -> State:
        """Runs the iterations of the range, eight at a time; returns the states with lanes.

        `states` may have more than those of the reductions: `after` is given those, once the body
        is written, and returns the new ones. `before` is written ahead of the body.
        """
        scope, code, index_value = self.scope, self.code, index_of(instruction)
        count = sum(reduction.width for reduction in reductions)

        def body(base: Operand, operands: State) -> State:
            scope.vector = True
            self.memory.alike = alike_tables(self.context, instruction)
            scope.bases[index_value] = base
            index = code.two("add", code.broadcast(base), LANE_NUMBERS)
            scope.values[index_value] = index
            if before:
                before(base)
            self.pack(instruction)
            old = cut(reductions, operands[:count])
            outputs = self.iteration(instruction, index, [])
            new = [
                reduction.step(state, code.broadcast(output), index)
                for reduction, state, output in zip(reductions, old, outputs, strict=True)
            ]
            more = after(base, operands[count:]) if after else []
            scope.vector = False
            scope.packed.clear()
            self.memory.own_sums.clear()
            del scope.bases[index_value]
            return [*flat(new), *more]

        low, end = ends
        return code.cycle(f"v{index_value}.lanes", low, ("slt", end), LANES, states, body)

    def pack(self, loop: Instruction) -> None:
        """Copies the rows that the body of a vector loop reads again and again."""
        scope, index_value = self.scope, index_of(loop)
        scope.outside = {*scope.indices, index_value}
        pairs = ((self.ahead, scope.packed), (self.behind, self.memory.own_sums))
        for all_rows, packed in pairs:
            for some in all_rows:
                if some.vector_index == index_value:
                    base = self.block(some, scope.bases[index_value])
                    packed[some.row.array, some.row.outer] = Packed(base, some.row.low)
        for row in rows(self.context, loop):
            if (row.array, row.outer) not in scope.packed:
                room = scope.room(row.places * LANES, f"row_{row.array}")
                self.copy(row, index_value, room)
                scope.packed[row.array, row.outer] = Packed(room, row.low)

    def copy(self, row: PackedRow, index: int, room: Operand) -> None:
        """Copies a row of eight iterations of the vector loop, whose index is set."""
        first = self.scope.sum(row.outer._replace(constant=row.low))
        start = self.code.address(self.scope.array(row.array), first)
        copy(self.code, start, row.outer.coefficient(index), row.places, room)

    def pack_ahead(self, loop: Instruction, often: int) -> None:
        """Copies the rows that vector loops inside a loop read again in its iterations.

        Those to which they add again begin with 0.
        """
        self.ahead = self.reserved(loop, often, opcode.ELEMENT)
        for some in self.ahead:
            self.each_block("ahead", some, self.copy_block)
        self.behind = self.reserved(loop, often, opcode.ACCUMULATE)
        for some in self.behind:
            self.code.clear(some.room, some.size)

    def unpack_behind(self) -> None:
        """Adds what was added to rows that are packed to the derivatives."""
        for some in self.behind:
            self.each_block("behind", some, self.add_block)

    def reserved(self, loop: Instruction, often: int, operation: str) -> list[PackedRows]:
        """The rows that stay the same in a loop, with their memory."""
        return [
            PackedRows(
                row,
                index_of(inner),
                ends,
                self.scope.room((ends[1] - ends[0]) * row.places, f"rows_{row.array}"),
            )
            for inner, row, ends in rows_ahead(self.context, loop, often, operation)
        ]

    def each_block(
        self, hint: str, some: PackedRows, write: Callable[[PackedRows, Operand, State], State]
    ) -> None:
        low, end = map(integer, some.ends)
        self.code.cycle(hint, low, ("slt", end), LANES, [], partial(write, some))

    def block(self, some: PackedRows, base: Operand) -> Operand:
        """Where the rows of eight iterations from `base` on are packed."""
        block = self.code.two("sub", base, integer(some.ends[0]))
        return self.code.address(some.room, self.code.two("mul", block, integer(some.row.places)))

    def copy_block(self, some: PackedRows, base: Operand, _: State) -> State:
        self.scope.values[some.vector_index] = base
        self.copy(some.row, some.vector_index, self.block(some, base))
        return []

    def add_block(self, some: PackedRows, base: Operand, _: State) -> State:
        code, begin = self.code, self.block(some, base)
        apart = some.row.outer.coefficient(some.vector_index)
        lanes = code.two("mul", LANE_NUMBERS, integer(apart))
        first = code.two("add", code.two("mul", base, integer(apart)), integer(some.row.low))

        def add(place: Operand, _: State) -> State:
            value = code.load(code.address(begin, place, f"<{LANES} x double>"), True)
            places = code.two("add", code.broadcast(code.two("add", first, place)), lanes)
            target = self.memory.target(some.row.array).pointer
            code.line(f"call void @scatter_all({target}, {places.typed}, {value.typed})")
            return []

        code.cycle("place", integer(0), ("slt", integer(some.row.places)), 1, [], add)
        return []


class Jam:
    """Unroll and jam: four iterations of a loop at a time, whose inner loops become one.

    The inner loop of A·x over the columns j adds to one sum, so that each addition waits for the
    one before, and reads x[j] again for every row i. Of four rows together the additions are
    independent, and what is the same for all rows is read once; where all rows add to one entry it
    is read and written once. Each sum has its terms in the same order as before.

    Source: Allen and Kennedy, Optimizing Compilers for Modern Architectures (2001), section 8.5.
    """

    def __init__(self, emitter: Emitter, loop: Instruction) -> None:
        self.emitter = emitter
        self.loop = loop
        self.varying: set[int] = set()  # values that differ from row to row
        self.rows: list[dict[int, Operand]] = [{} for _ in range(JAMMED_ROWS)]  # which they are

    def iterations(self, base: Operand) -> list[list[Operand]]:
        """Writes the bodies from an index on; the outputs of each row."""
        code, index, body = self.emitter.code, index_of(self.loop), self.loop.regions[0]
        self.varying.add(index)
        for place, row in enumerate(self.rows):
            row[index] = code.two("add", base, integer(place))
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
                    self.fetch(one)
                self.varying.update(one.results)

    def fetch(self, one: Instruction) -> None:
        """Fetches what the next four rows read, while these are worked on."""
        memory, scope, code = self.emitter.memory, self.emitter.scope, self.emitter.code
        if one.operation != opcode.ELEMENT or not scope.vector:
            return
        position = self.emitter.context.position(one)
        apart = position.coefficient(index_of(self.loop))
        base, lanes, _ = memory.memory_of(memory.storage(one))
        place = memory.located(position.moved(JAMMED_ROWS * apart, []))
        if apart and not lanes and place.apart == 1 and place.each is None:
            code.fetch(code.address(base, place.first), READ_SOON)

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
            return [states[row * width : (row + 1) * width] for row in range(JAMMED_ROWS)]

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

        first = flat([reduction.initial(low) for reduction in reductions]) * JAMMED_ROWS
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
