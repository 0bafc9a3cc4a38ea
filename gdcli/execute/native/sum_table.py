"""Many sums of one loop: their states stand in the frame, and a loop over them takes terms in.

Written out one by one, as few sums are, a hundred of them would be thousands of lines that LLVM
needs seconds for, though only a block in 512 iterations runs them. The steps, and so the bits, are
the same.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.autodiff.tape import SUM, Instruction
from gdcli.execute.native.code import LANES, Code, Operand, integer
from gdcli.execute.native.context import CHUNK_NUMBER, FRAME_ADDRESS, GRADIENT_ADDRESS, Context
from gdcli.execute.native.emitter import Emitter
from gdcli.execute.native.plan import LoopPlan
from gdcli.execute.native.reductions import Reduction, State

FEWEST_TABLED_SUMS = 8
MOST_REGISTER_SUMS = (
    64  # whose eight lanes each are values of the loop; those of more are in memory
)


def is_tabled(context: Context, loop: Instruction) -> bool:
    """Whether an outermost loop yields many sums, which are all that the tape hands out."""
    kinds = loop.payload.reductions
    alone = context.tape.body.outputs == loop.results and not context.bindings.length
    return alone and len(kinds) >= FEWEST_TABLED_SUMS and set(kinds) == {SUM}


class SumTable:
    """The compensated sums of each chunk of an outermost loop; a state is a pair of numbers."""

    def __init__(self, emitter: Emitter, plan: LoopPlan) -> None:
        self.emitter = emitter
        self.code = emitter.code
        self.plan = plan
        self.count = len(plan.instruction.payload.reductions)
        self.reduction = Reduction(self.code, SUM, compensated=True)
        self.mine = integer(0)  # the address of the chunk's own states, once they are begun
        self.room = integer(0)  # that of the lanes of a block's sums, where they are in memory

    def _states(self, chunk: Operand) -> Operand:
        code = self.code
        start = code.address(FRAME_ADDRESS, self.plan.partial)
        place = code.two("mul", chunk, integer(self.plan.width)) if self.plan.chunks > 1 else None
        return start if place is None else code.address(start, place)

    def begin(self) -> None:
        """Sets the sums of the chunk to 0."""
        self.mine = self._states(CHUNK_NUMBER)
        self.code.clear(self.mine, self.plan.width)

    def lanes(self) -> list[Reduction]:
        """The sums of a block, by lanes, before its first iterations."""
        code = self.code
        if self.count <= MOST_REGISTER_SUMS:
            return [Reduction(code, SUM) for _ in range(self.count)]
        self.room = self.emitter.scope.room(self.count * LANES, "lanes")
        code.clear(self.room, self.count * LANES)
        return [_SumInMemory(code, self.room, k * LANES) for k in range(self.count)]

    def add(self, terms: State) -> None:
        """Takes one term of each sum in, or of a term with lanes their total.

        Without terms, those are added up in memory.
        """
        lanes = not terms or any(one.lanes for one in terms)
        code, width = self.code, LANES if lanes else 1
        room = self.room if not terms else self.emitter.scope.room(self.count * width, "terms")
        for place, term in enumerate(terms):
            code.store(code.broadcast(term) if lanes else term, code.address(room, place * width))

        def one(k: Operand, state: State) -> State:
            term = code.load(code.address(room, code.two("mul", k, integer(width))), lanes)
            if lanes:
                term = Reduction(code, SUM).across([term])[0]
            return self.reduction.joined(state, [term])

        self._each(self.mine, one)

    def join(self) -> None:
        """Adds the sums of all chunks to those of the first."""
        code, first = self.code, self._states(integer(0))

        def add(chunk: Operand, _: State) -> State:
            states = self._states(chunk)

            def one(k: Operand, state: State) -> State:
                return self.reduction.joined(state, self._load(states, k))

            self._each(first, one)
            return []

        if self.plan.chunks > 1:
            code.cycle("chunk", integer(1), ("slt", integer(self.plan.chunks)), 1, [], add)

    def hand_out(self) -> None:
        """Stores the sums, once they are joined, where the tape's outputs go."""
        code, states = self.code, self._states(integer(0))

        def result(k: Operand) -> Operand:
            return self.reduction.result(self._load(states, k))[0]

        def one(k: Operand, _: State) -> State:
            code.store(result(k), code.address(GRADIENT_ADDRESS, code.two("sub", k, integer(1))))
            return []

        code.store(result(integer(0)), FRAME_ADDRESS)
        code.cycle("result", integer(1), ("slt", integer(self.count)), 1, [], one)

    def _each(self, states: Operand, new: Callable[[Operand, State], State]) -> None:
        """Replaces the state of each sum by the `new` one, which depends on its number."""
        code = self.code

        def body(k: Operand, _: State) -> State:
            total, lost = new(k, self._load(states, k))
            place = code.two("mul", k, integer(2))
            code.store(total, code.address(states, place))
            code.store(lost, code.address(states, code.two("add", place, integer(1))))
            return []

        code.cycle("sum", integer(0), ("slt", integer(self.count)), 1, [], body)

    def _load(self, states: Operand, k: Operand) -> State:
        code, place = self.code, self.code.two("mul", k, integer(2))
        return [
            code.load(
                code.address(states, code.two("add", place, integer(part)) if part else place)
            )
            for part in range(2)
        ]


class _SumInMemory(Reduction):
    """A sum whose eight lanes are at an address, so that it has no state of its own."""

    def __init__(self, code: Code, room: Operand, place: int) -> None:
        super().__init__(code, SUM)
        self.room, self.place = room, place
        self.width = 0

    def initial(self, low: Operand) -> State:  # noqa: ARG002
        """No state."""
        return []

    def step(self, state: State, term: Operand, index: Operand) -> State:  # noqa: ARG002
        """Adds eight terms to those at the address."""
        address = self.code.address(self.room, self.place)
        before = self.code.load(address, lanes=True)
        self.code.store(self.code.two("fadd", before, term), address)
        return state
