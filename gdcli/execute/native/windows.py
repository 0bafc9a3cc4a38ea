"""Adding through a window: iteration i adds to the entries i + constant, a few apart.

Written plainly, each store would feed the next load, and no eight iterations could run at a time.
Instead, the eight entries that begin at the window are added up in registers, together with what
the lanes before have for them, and written once. So the first loop that adds to an array need not
read it.
"""

from __future__ import annotations

from functools import partial

from gdcli.execute.native.code import LANES, LLVM_ZERO, ZEROS, Operand, integer
from gdcli.execute.native.context import CHUNK_NUMBER, FRAME_ADDRESS
from gdcli.execute.native.emitter import Emitter
from gdcli.execute.native.plan import LoopPlan, SlidingWindow
from gdcli.execute.native.reductions import State


class SlidingWindows:
    """The windows of one outermost loop.

    Their states are what the last eight lanes add to each offset but the first.
    """

    def __init__(self, emitter: Emitter, plan: LoopPlan) -> None:
        self.emitter = emitter
        self.code = emitter.code
        self.plan = plan
        self.moved = [(w, offset) for w in plan.windows for offset in w.offsets[1:]]

    def initial(self) -> State:
        """The states before the first eight lanes."""
        return [ZEROS for _ in self.moved]

    def before(self, base: Operand) -> None:  # noqa: ARG002
        """Has the memory collect what the body adds through a window, ahead of the body."""
        context = self.emitter.context
        windowed = {window.storage for window in self.plan.windows}
        for instruction in context.accumulations(self.plan.instruction.regions[0]):
            if context.accessed(instruction).storage in windowed:
                self.emitter.memory.windows[id(instruction)] = []

    def after(self, base: Operand, states: State) -> State:
        """Writes the entries that are complete; returns the new states."""
        code = self.code
        added = self.added()
        old = dict(zip(self.moved, states, strict=True))
        for window in self.plan.windows:
            start = self.address(window, base)
            parts = [added[window, window.offsets[0]]]
            for offset in window.offsets[1:]:
                apart = offset - window.offsets[0]
                parts.append(self.shifted(old[window, offset], added[window, offset], apart))
            if not window.first:
                parts.append(code.load(start, True))
            code.store(self.sum(parts), start)
        self.emitter.memory.windows.clear()
        return [added[one] for one in self.moved]

    def added(self) -> dict[tuple[SlidingWindow, int], Operand]:
        """What the eight lanes add, by window and offset."""
        collected: dict[tuple[SlidingWindow, int], list[Operand]] = {}
        windows = {window.storage: window for window in self.plan.windows}
        context = self.emitter.context
        for instruction in context.accumulations(self.plan.instruction.regions[0]):
            window = windows.get(context.accessed(instruction).storage)
            if window is not None:
                offset = context.position(instruction).constant
                made = self.emitter.memory.windows[id(instruction)]
                collected.setdefault((window, offset), []).extend(made)
        return {key: self.sum(values) for key, values in collected.items()}

    def sum(self, parts: list[Operand]) -> Operand:
        total = parts[0]
        for part in parts[1:]:
            total = self.code.two("fadd", total, part)
        return total

    def shifted(self, old: Operand, new: Operand, apart: int) -> Operand:
        """Eight numbers: the last `apart` of the old lanes, then the first of the new."""
        order = ", ".join(f"i32 {LANES - apart + lane}" for lane in range(LANES))
        text = f"shufflevector {old.typed}, {new.typed}, <{LANES} x i32> <{order}>"
        return self.code.set(text, lanes=True)

    def address(self, window: SlidingWindow, index: Operand, more: int = 0) -> Operand:
        """The address of the window's first entry at an index, or of one `more` entries on."""
        target = self.emitter.memory.target(window.storage)
        place = integer(window.offsets[0] + more)
        return self.code.address(target, self.code.two("add", index, place))

    # -- at the ends ------------------------------------------------------------------------

    def flush(self, end: Operand, states: State) -> None:
        """Writes what the last lanes have for the entries after theirs.

        The last chunk adds it to these entries, every other one puts it aside.
        """
        code, plan = self.code, self.plan
        for window in plan.windows:
            rests = [
                self.shifted(state, ZEROS, offset - window.offsets[0])
                for (of, offset), state in zip(self.moved, states, strict=True)
                if of is window
            ]
            if not rests:
                continue
            rest = self.sum(rests)
            start = self.address(window, end)
            if plan.chunks > 1:
                last = code.compare("eq", CHUNK_NUMBER, integer(plan.chunks - 1))
                place = code.two("mul", CHUNK_NUMBER, integer(window.spread))
                place = code.two("add", place, integer(window.aside))
                aside = code.address(FRAME_ADDRESS, place)
            for lane in range(window.spread):
                one = code.set(f"extractelement {rest.typed}, i64 {lane}")
                there = code.address(start, lane)
                if plan.chunks > 1:
                    there = self.either(last, there, code.address(aside, lane))
                if not window.first:
                    one = self.plus(one, there, last if plan.chunks > 1 else None)
                code.store(one, there)

    def either(self, truth: Operand, yes: Operand, no: Operand) -> Operand:
        return self.code.set(f"select {truth.typed}, {yes.pointer}, {no.pointer}")

    def plus(self, value: Operand, there: Operand, where: Operand | None) -> Operand:
        """The value plus what is there already, or only where `where` holds."""
        before = self.code.load(there)
        if where is not None:
            before = self.code.select(where, before, LLVM_ZERO)
        return self.code.two("fadd", value, before)

    def scalar(self, index: Operand) -> None:
        """Sets the last entry of an iteration that runs alone to 0: nothing was added to it yet."""
        for window in self.plan.windows:
            if window.first:
                self.code.store(LLVM_ZERO, self.address(window, index, window.spread))

    def join(self) -> None:
        """Adds what all chunks have put aside."""
        plan = self.plan
        for window in plan.windows:
            if plan.chunks > 1 and window.spread:
                stays = ("slt", integer(plan.chunks - 1))
                add = partial(self.put_back, window)
                self.code.cycle(f"aside_{window.storage}", integer(0), stays, 1, [], add)

    def put_back(self, window: SlidingWindow, chunk: Operand, states: State) -> State:
        """Adds what one chunk has put aside to the entries that come after its own."""
        code, plan = self.code, self.plan
        low = plan.ends[0] if plan.ends else 0
        index = code.two("mul", code.two("add", chunk, integer(1)), integer(plan.size))
        start = self.address(window, code.two("add", index, integer(low)))
        place = code.two("mul", chunk, integer(window.spread))
        aside = code.address(FRAME_ADDRESS, code.two("add", place, integer(window.aside)))
        for lane in range(window.spread):
            value = code.load(code.address(aside, lane))
            self.emitter.memory.add([value], code.address(start, lane))
        return states
