"""Derivatives that several iterations of an outermost loop add to.

All lanes of a vector loop may add to one entry: then each lane has its own copy of it, and they
are added up at the end of the chunk. Chunks that run at the same time may add to one entry: then
each chunk has its own copy of a small array, in the frame, and they are added up in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff.tape import ACCUMULATE
from gdcli.execute.native.code import LANES, Operand, integer, number
from gdcli.execute.native.context import elements
from gdcli.execute.native.scope import Packed

if TYPE_CHECKING:
    from gdcli.execute.native.emitter import Emitter
    from gdcli.execute.native.plan import LoopPlan

MOST = 2048  # entries that have a copy for each lane
FRAME = Operand("%frame")


class Shared:
    """What one outermost loop does about its derivatives."""

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
            own = self.code.two("mul", Operand("%chunk", "integer"), integer(count))
            start = self.code.address(FRAME, self.code.two("add", own, integer(place)))
            self.clear(start, count)
            self.memory.targets[name] = start
        if self.plan.index_value in self.emitter.context.vectors:
            for name, (low, high) in self.reaches().items():
                room = self.emitter.room((high - low + 1) * LANES, f"lanes_{name}")
                self.clear(room, (high - low + 1) * LANES)
                self.memory.by_lanes[name] = Packed(room, low)

    def end(self) -> None:
        """Adds up the lanes' copies."""
        code, memory = self.code, self.memory
        for name, (low, high) in self.reaches().items():
            if name not in memory.by_lanes:
                continue
            room, target = memory.by_lanes[name].base, memory.target(name)

            def add(place: Operand, _: list[Operand], room=room, target=target, low=low):  # type: ignore[no-untyped-def]
                lanes = code.load(memory.lanes_address(room, place), True)
                total = code.set(f"call double @total({lanes.typed})")
                there = code.two("add", place, integer(low)) if low else place
                memory.add(total, code.address(target, there))
                return []

            code.cycle(f"up_{name}", integer(0), ("sle", integer(high - low)), 1, [], add)

    def reaches(self) -> dict[str, tuple[int, int]]:
        """By array the range of the entries that all lanes add to, where it is small."""
        context, index = self.emitter.context, self.plan.index_value
        found: dict[str, tuple[int, int]] = {}
        windows = {window.array for window in self.plan.windows}
        for one in elements(self.plan.instruction.regions[0], ACCUMULATE):
            position = context.position(one)
            name = one.payload.array
            if position.coefficient(index) == 0 and name not in windows:
                low, high = position.reach(context.work)
                before = found.get(name, (low, high))
                found[name] = (min(low, before[0]), max(high, before[1]))
        trips = context.work.trips[index] // self.plan.chunks
        return {
            name: (low, high)
            for name, (low, high) in found.items()
            if high - low < MOST and trips >= 8 * LANES
        }

    def count(self, name: str) -> int:
        """How many entries the array has."""
        return self.emitter.context.bindings.arrays[name].count

    def clear(self, start: Operand, count: int) -> None:
        """Sets `count` numbers to 0."""
        given = f"{start.pointer}, i8 0, i64 {8 * count}, i1 false"
        self.code.line(f"call void @llvm.memset.p0.i64({given})")

    # -- in the function that joins ---------------------------------------------------------

    def join(self) -> None:
        """Adds up the copies of the chunks, in their order."""
        code, memory = self.code, self.memory
        for name, place in self.plan.private.items():
            count, target = self.count(name), memory.target(name)
            start = code.address(FRAME, place)

            def entry(number_: Operand, _: list[Operand], start=start, target=target, count=count):  # type: ignore[no-untyped-def]
                def one(chunk: Operand, total: list[Operand]) -> list[Operand]:
                    at = code.two("add", code.two("mul", chunk, integer(count)), number_)
                    return [code.two("fadd", total[0], code.load(code.address(start, at)))]

                chunks = ("slt", integer(self.plan.chunks))
                total = code.cycle("chunk_of", integer(0), chunks, 1, [number(0.0)], one)
                memory.add(total[0], code.address(target, number_))
                return []

            code.cycle(f"entry_{name}", integer(0), ("slt", integer(count)), 1, [], entry)
