"""Scalar replacement: what one iteration of a recurrence leaves to the next stays in registers.

An iteration of `p[t] = φ(p[t-1])` reads what the one before has stored, and a load that waits for a
store takes longer than the arithmetic. So the last entry is handed on as a state of the loop. The
sweep back adds to entry t-1 of a table of adjoints what the next iteration, that of t-1, reads:
the sum is handed on likewise, and also stored, since others may read it later.

Source: Callahan, Carr and Kennedy, Improving register allocation for subscripted variables (1990).
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import TABLE, Instruction, Region, index_of, instructions, loop_results
from gdcli.execute.native.code import LLVM_ZERO, Operand, integer
from gdcli.execute.native.context import Context, Position, Storage
from gdcli.execute.native.memory import Memory
from gdcli.execute.native.reductions import State
from gdcli.named_tuples import NamedTuple


class LastEntry(NamedTuple):
    """The reduction that is a table, and the EARLIERs that read its last entry."""

    number: int
    reads: tuple[int, ...]


class NextSum(NamedTuple):
    """An accumulator, what reads its entry at the index, and the entry that is added to."""

    storage: Storage
    here: Position
    after: Position
    reads: tuple[int, ...]


def last_entries(context: Context, loop: Instruction) -> list[LastEntry]:
    """The tables of numbers that a loop fills, whose last entry it reads."""
    index, found = index_of(loop), []
    reads = [one for one in straight(loop.regions[0]) if one.operation == opcode.EARLIER]
    for number, table in enumerate(loop_results(loop)):
        if table.kind != TABLE or table.output in context.layouts or loop.payload.descending:
            continue
        entry = context.layouts[table.results[0]].row(index).start
        before = entry.moved(-entry.coefficient(index), ())
        own = tuple(
            id(one)
            for one in reads
            if one.operands[0] == index
            and one.payload.number == number
            and context.position(one) == before
        )
        if own:
            found.append(LastEntry(number, own))
    return found


def next_sums(context: Context, loop: Instruction) -> list[NextSum]:
    """The accumulators of which each iteration reads an entry and adds to the next one alone."""
    index, body = index_of(loop), loop.regions[0]
    direct = {id(one) for one in straight(body)}
    by_storage: dict[Storage, list[Instruction]] = {}
    for one in instructions(body):
        added = one.operation == opcode.ACCUMULATE
        if added or (one.operation == opcode.EARLIER and one.operands[0] != index):
            by_storage.setdefault(context.accessed(one).storage, []).append(one)
    found = []
    for storage, uses in by_storage.items():
        reads, adds = (
            [one for one in uses if one.operation == operation]
            for operation in (opcode.EARLIER, opcode.ACCUMULATE)
        )
        if not reads or not adds or any(id(one) not in direct for one in uses):
            continue
        here = context.position(reads[0])
        step = -1 if loop.payload.descending else 1
        after = here.moved(step * here.coefficient(index), ())
        same = all(context.position(one) == here for one in reads)
        if same and here != after and all(context.position(one) == after for one in adds):
            found.append(NextSum(storage, here, after, tuple(map(id, reads))))
    return found


def straight(region: Region) -> Iterator[Instruction]:
    """The instructions of a region that are in no loop inside it."""
    for one in region.instructions:
        yield one
        if one.operation != opcode.LOOP:
            for inner in one.regions:
                yield from straight(inner)


class ScalarReplacement:
    """The states by which the iterations of one loop hand on entries."""

    def __init__(self, memory: Memory, loop: Instruction) -> None:
        self.memory = memory
        self.entries = last_entries(memory.scope.context, loop)
        self.sums = next_sums(memory.scope.context, loop)
        if memory.scope.vector:  # where an entry is one of each lane's own
            self.sums = [one for one in self.sums if self.memory.memory_of(one.storage).lanes]
        self.reads = [one.reads for one in self.entries] + [one.reads for one in self.sums]
        self.index = index_of(loop)

    def initial(self, first: Operand) -> State:
        """The states before the first iteration, whose index is `first`."""
        self.memory.scope.values[self.index] = first
        sums = [self.read(one.storage, one.here) for one in self.sums]
        states = [*[LLVM_ZERO for _ in self.entries], *sums]  # the first entry reads none
        if self.memory.scope.vector:
            states = [self.memory.code.broadcast(state) for state in states]
        return states

    def read(self, storage: Storage, position: Position) -> Operand:
        """The number at a position, of an index that may be one outside its range."""
        code, place = self.memory.code, self.memory.located(position)
        count = self.memory.scope.context.count(storage)
        inside = code.set(f"icmp ult {place.first.typed}, {count}", "truth")
        place = place._replace(first=code.select(inside, place.first, integer(0)))
        return self.memory.read(storage, place, None)

    def begin(self, states: State) -> None:
        """Makes the states those of an iteration, ahead of its body."""
        for reads, state in zip(self.reads, states, strict=True):
            self.memory.handed_on.update(dict.fromkeys(reads, state))
        for one in self.sums:
            self.memory.sums[one.storage] = self.read(one.storage, one.after)

    def end(self, outputs: list[Operand]) -> State:
        """The states after an iteration."""
        entries = [outputs[entry.number] for entry in self.entries]
        states = [*entries, *[self.memory.sums.pop(added.storage) for added in self.sums]]
        for reads in self.reads:
            for one in reads:
                del self.memory.handed_on[one]
        return states
