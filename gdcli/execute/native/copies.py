"""Copies of derivatives and accumulators to which several lanes or chunks of a loop add.

Where all lanes of a vector loop add to one entry, each lane has its own copy of it; the copies are
added up at the end of the chunk. Where chunks that run at the same time add to one entry of a small
array or accumulator, each chunk has its own copy of it, in the frame; they are added up in order.
"""

from __future__ import annotations

from functools import partial

from gdcli.execute.native.code import LANES, LLVM_ZERO, Operand, integer
from gdcli.execute.native.context import CHUNK_NUMBER, FRAME_ADDRESS, Storage
from gdcli.execute.native.emitter import Emitter
from gdcli.execute.native.plan import LoopPlan
from gdcli.execute.native.reductions import State
from gdcli.execute.native.scope import Packed

MOST_LANE_ENTRIES = 2048  # entries that have a copy for each lane


class Copies:
    """The copies that one outermost loop makes and adds up."""

    def __init__(self, emitter: Emitter, plan: LoopPlan) -> None:
        self.emitter = emitter
        self.code = emitter.code
        self.plan = plan
        self.memory = emitter.memory

    # -- in the function of a chunk ---------------------------------------------------------

    def begin(self) -> None:
        """Sets the copies of the chunk and of its lanes to 0."""
        for name, place in self.plan.private.items():
            count = self.count(name)
            own = self.code.two("mul", CHUNK_NUMBER, integer(count))
            start = self.code.address(FRAME_ADDRESS, self.code.two("add", own, integer(place)))
            self.code.clear(start, count)
            self.memory.targets[name] = start
        if self.plan.index_value in self.emitter.context.vectors:
            for name, (low, high) in self.reaches().items():
                room = self.emitter.scope.room((high - low + 1) * LANES, f"lanes_{name}")
                self.code.clear(room, (high - low + 1) * LANES)
                self.memory.by_lanes[name] = Packed(room, low)

    def end(self) -> None:
        """Adds up the copies of all lanes."""
        for name, (low, high) in self.reaches().items():
            if name in self.memory.by_lanes:
                add = partial(self.across, name)
                stays = ("sle", integer(high - low))
                self.code.cycle(f"up_{name}", integer(0), stays, 1, [], add)

    def across(self, name: Storage, place: Operand, states: State) -> State:
        code, memory = self.code, self.memory
        room, low = memory.by_lanes[name]
        lanes = code.load(memory.lanes_address(room, place), True)
        total = code.set(f"call double @total({lanes.typed})")
        there = code.two("add", place, integer(low)) if low else place
        memory.add([total], code.address(memory.target(name), there))
        return states

    def reaches(self) -> dict[Storage, tuple[int, int]]:
        """The range of the entries that all lanes add to, by storage, where it is small."""
        context, index = self.emitter.context, self.plan.index_value
        found: dict[Storage, tuple[int, int]] = {}
        windows = {window.storage for window in self.plan.windows}
        for one in context.accumulations(self.plan.instruction.regions[0]):
            position, name = context.position(one), context.accessed(one).storage
            if not context.is_known(position):
                continue
            if position.coefficient(index) == 0 and name not in windows:
                low, high = position.reach(context.work)
                before = found.get(name, (low, high))
                found[name] = (min(low, before[0]), max(high, before[1]))
        trips = context.work.trips[index] // self.plan.chunks
        return {
            name: (low, high)
            for name, (low, high) in found.items()
            if high - low < MOST_LANE_ENTRIES and trips >= 8 * LANES
        }

    def count(self, name: Storage) -> int:
        return self.emitter.context.count(name)

    # -- in the function that joins ---------------------------------------------------------

    def join(self) -> None:
        """Adds up the copies of all chunks, in their order."""
        for name in self.plan.private:
            count, cycle = self.count(name), self.code.cycle
            whole, add = integer(count // LANES * LANES), partial(self.along, name)
            eights = cycle(
                f"eight_{name}", integer(0), ("slt", whole), LANES, [], partial(add, True)
            )
            cycle(f"entry_{name}", whole, ("slt", integer(count)), 1, eights, partial(add, False))

    def along(self, name: Storage, lanes: bool, entry: Operand, states: State) -> State:
        """Adds up the copies of one entry, or of eight side by side."""
        code, memory = self.code, self.memory
        start = code.address(FRAME_ADDRESS, self.plan.private[name])

        def one(chunk: Operand, total: State) -> State:
            place = code.two("add", code.two("mul", chunk, integer(self.count(name))), entry)
            return [code.two("fadd", total[0], code.load(code.address(start, place), lanes))]

        chunks = ("slt", integer(self.plan.chunks))
        nothing = code.broadcast(LLVM_ZERO) if lanes else LLVM_ZERO
        total = code.cycle("chunk_of", integer(0), chunks, 1, [nothing], one)
        memory.add(total, code.address(memory.target(name), entry))
        return states
