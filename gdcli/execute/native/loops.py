"""Outermost loops: the function that runs one chunk, and the one that joins the chunks.

A chunk runs its iterations eight at a time, in blocks; a sum has eight partial sums in a block, and
blocks are joined by Neumaier's compensated sum. Between blocks the function asks whether it is to
stop. What is left over of the last chunk runs one by one. Each chunk leaves its results in the
frame, where they are joined in order.
"""

from __future__ import annotations

from gdcli.autodiff.tape import CARRY
from gdcli.execute.native.calls_ahead import CallsAhead
from gdcli.execute.native.code import LANES, Operand, integer
from gdcli.execute.native.context import CHUNK_NUMBER, FRAME_ADDRESS
from gdcli.execute.native.copies import Copies
from gdcli.execute.native.emitter import Emitter, numbers
from gdcli.execute.native.plan import LoopPlan
from gdcli.execute.native.reductions import Reduction, State, cut, flat
from gdcli.execute.native.strip_loops import StripLoop
from gdcli.execute.native.sum_table import SumTable, is_tabled
from gdcli.execute.native.windows import SlidingWindows

ITERATIONS_PER_BLOCK = 512
OPERATIONS_PER_BLOCK = 1 << 20  # at most, in a block of more than eight iterations


class Chunk:
    """The body of the function that runs chunk number `%chunk` of an outermost loop."""

    def __init__(self, emitter: Emitter, plan: LoopPlan) -> None:
        self.emitter = emitter
        self.code = emitter.code
        self.plan = plan
        self.reductions = _reductions(emitter, plan)
        self.strips = StripLoop(emitter, plan, self.reductions) if plan.strips else None
        self.copies = Copies(emitter, plan)
        self.windows = SlidingWindows(emitter, plan)

    def write(self) -> None:
        emitter, plan = self.emitter, self.plan
        first, high = self.ends()
        self.copies.begin()
        if is_tabled(emitter.context, plan.instruction):
            self.tabled(first, high)
            self.copies.end()
            return
        if plan.index_value not in emitter.context.vectors and self.strips is None:
            emitter.pack_ahead(
                plan.instruction, emitter.context.trips(plan.instruction) // plan.chunks
            )
        states = emitter.first_states(plan.instruction, self.reductions, first)
        if plan.index_value in emitter.context.vectors:
            first, states = self.blocks(first, high, states)
        if self.strips is not None:
            states = self.strips.write(first, high, states)
        else:
            states = emitter.serial(
                plan.instruction, self.reductions, (first, high), states, before=self.windows.scalar
            )
        emitter.unpack_behind()
        self.copies.end()
        _put(emitter, plan, CHUNK_NUMBER, states)

    def ends(self) -> tuple[Operand, Operand]:
        code, plan = self.code, self.plan
        if plan.ends is None:
            low, high, _ = self.emitter.bounds(plan.instruction)
            return low, high
        low, high = map(integer, plan.ends)
        if plan.chunks == 1:
            return low, high
        first = code.two("add", code.two("mul", CHUNK_NUMBER, integer(plan.size)), low)
        own = code.two("add", first, integer(plan.size - 1))
        last = code.compare("eq", CHUNK_NUMBER, integer(plan.chunks - 1))
        return first, code.select(last, high, own)

    def tabled(self, first: Operand, high: Operand) -> None:
        """Runs the iterations, whose many sums stand in a table."""
        emitter, plan = self.emitter, self.plan
        table = SumTable(emitter, plan)
        table.begin()

        def one(index: Operand, states: State) -> State:
            emitter.poll(plan.instruction, index)
            self.windows.scalar(index)
            table.add(emitter.iteration(plan.instruction, index, []))
            return states

        if plan.index_value in emitter.context.vectors:
            first, _ = self.blocks(first, high, [], table)
        self.code.cycle(f"v{plan.index_value}", first, ("sle", high), 1, [], one)

    def blocks(
        self, first: Operand, high: Operand, states: State, table: SumTable | None = None
    ) -> tuple[Operand, State]:
        """Runs what fills eight lanes, block by block; returns its end and the states there.

        With a `table` the states are there.
        """
        code, emitter = self.code, self.emitter
        cost = emitter.context.work.costs[self.plan.index_value]
        block = max(
            LANES, min(ITERATIONS_PER_BLOCK, OPERATIONS_PER_BLOCK // max(1, cost) // LANES * LANES)
        )
        end = emitter.vector_end(first, code.two("add", high, integer(1)))
        count = len(states)
        ahead = CallsAhead(emitter, self.plan.instruction, block)

        def body(start: Operand, operands: State) -> State:
            code.poll()
            plain = emitter.reductions(self.plan.instruction)
            lanes = plain if table is None else table.lanes()
            stop = code.two("add", start, integer(block))
            stop = code.select(code.compare("slt", stop, end), stop, end)
            begun = [code.broadcast(x) for x in flat([one.initial(start) for one in lanes])]
            ahead.compute(start, stop)

            def before(base: Operand) -> None:
                self.windows.before(base)
                ahead.read(start, base)

            done = emitter.by_eight(
                ahead.rest,
                lanes,
                (start, stop),
                [*begun, *operands[count:]],
                before,
                self.windows.after,
            )
            width = len(begun)
            if table is not None:
                table.add(done[:width])
                return done[width:]
            whole = [one.across(s) for one, s in zip(lanes, cut(lanes, done[:width]), strict=True)]
            old = cut(self.reductions, operands[:count])
            new = [r.joined(o, w) for r, o, w in zip(self.reductions, old, whole, strict=True)]
            return [*flat(new), *done[width:]]

        states = [*states, *self.windows.initial()]
        done = code.cycle("block", first, ("slt", end), block, states, body)
        self.windows.flush(end, done[count:])
        return end, done[:count]


def join_body(emitter: Emitter, plan: LoopPlan) -> None:
    """Writes the body of the function that joins the chunks and hands the loop's results on."""
    code, reductions = emitter.code, _reductions(emitter, plan)
    if is_tabled(emitter.context, plan.instruction):
        table = SumTable(emitter, plan)
        table.join()
        table.hand_out()
        Copies(emitter, plan).join()
        SlidingWindows(emitter, plan).join()
        return
    if plan.chunks == 1:
        states = _get(emitter, plan, integer(0))
    else:

        def body(chunk: Operand, operands: State) -> State:
            old, new = cut(reductions, operands), cut(reductions, _get(emitter, plan, chunk))
            joined = [r.joined(o, n) for r, o, n in zip(reductions, old, new, strict=True)]
            return flat(joined)

        begun = _get(emitter, plan, integer(0))
        states = code.cycle("chunk", integer(1), ("slt", integer(plan.chunks)), 1, begun, body)
    Copies(emitter, plan).join()
    SlidingWindows(emitter, plan).join()
    pairs = zip(reductions, cut(reductions, states), strict=True)
    made = [operand for reduction, state in pairs for operand in reduction.result(state)]
    for value, operand in zip(numbers(plan.instruction), made, strict=True):
        emitter.scope.define(value, operand)


def _reductions(emitter: Emitter, plan: LoopPlan) -> list[Reduction]:
    return emitter.reductions(plan.instruction, compensated=True)


def _partial(emitter: Emitter, plan: LoopPlan, chunk: Operand) -> Operand:
    code = emitter.code
    place = code.two("mul", chunk, integer(plan.width)) if plan.chunks > 1 else integer(0)
    start = code.address(FRAME_ADDRESS, plan.partial)
    return code.address(start, place)


def _put(emitter: Emitter, plan: LoopPlan, chunk: Operand, states: State) -> None:
    start = _partial(emitter, plan, chunk)
    for place, operand in enumerate(states):
        emitter.code.store(operand, emitter.code.address(start, place))


def _get(emitter: Emitter, plan: LoopPlan, chunk: Operand) -> State:
    code = emitter.code
    start = _partial(emitter, plan, chunk)
    kinds = flat([reduction.initial(integer(0)) for reduction in _shapes(emitter, plan)])
    return [code.load(code.address(start, place), kind=one.kind) for place, one in enumerate(kinds)]


def _shapes(emitter: Emitter, plan: LoopPlan) -> list[Reduction]:
    """Reductions whose states have the kinds of the loop's; a carry, one number, is a product."""
    return [
        Reduction(emitter.code, "product") if one.kind == CARRY else one
        for one in _reductions(emitter, plan)
    ]
