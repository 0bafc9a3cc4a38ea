"""Entries that nothing reads: where one of a table has no value, f has none.

Comes in: the Tape of a value. Goes out: a Tape of the same value, undefined where an entry of one
of its tables is. The nan of an entry that is read goes on to f by itself. A table some of whose
entries may be passed over has a sum beside it, of entry - entry, and what its region hands out
becomes `if-defined` of itself and that sum: a derivative has nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.primitives import IF_DEFINED
from gdcli.autodiff.tables import Path, ReadPlace, Tables, are_all_read, stands_in
from gdcli.autodiff.tape import (
    TABLE,
    Instruction,
    LoopResult,
    Region,
    Tape,
    index_of,
    is_of_table,
    loop_results,
    subscript_operands,
)


def check_unread_entries(tape: Tape) -> Tape:
    """The tape, undefined where an entry of a table is; itself where all are read."""
    tables = Tables(tape)
    unread = set(_unread(tape.body, (), tables, list(_reads(tape.body, ()))))
    covered = [table for table in tables.fillers.values() if table not in unread]
    for table in covered:  # and so is a row of it that stands before its loop
        if tables.is_table(row := tables.output(table)) and row in unread:
            unread.remove(row)
            covered.append(row)
    if not unread:
        return tape
    builder = Builder(tape.inputs, tape.arrays)
    return builder.tape(_UnreadChecks(builder, tape, tables, unread).region(tape.body))


def _reads(region: Region, path: Path) -> Iterator[tuple[int, ReadPlace]]:
    """Every place where a finished table is read, with the table."""
    for one in region.instructions:
        if one.operation == opcode.ELEMENT and is_of_table(one):
            place = ReadPlace(one.payload.subscripts, subscript_operands(one), path)
            yield one.operands[0], place
        for side, inner in enumerate(one.regions):
            yield from _reads(inner, (*path, _guard(one, side)))


def _guard(instruction: Instruction, side: int) -> tuple[object, ...]:
    if instruction.operation == opcode.LOOP:
        return "loop", index_of(instruction), instruction.payload, instruction.operands
    return "branch", instruction.payload, instruction.operands, side


def _unread(
    region: Region, path: Path, tables: Tables, reads: Sequence[tuple[int, ReadPlace]]
) -> Iterator[int]:
    """The tables some of whose entries may be read by nothing; rows of another count with it."""
    for one in region.instructions:
        rows = []
        if one.operation == opcode.LOOP:
            filled = [each for each in loop_results(one) if each.kind == TABLE]
            rows = [each.output for each in filled]
            for table in (each.results[0] for each in filled):
                extents, operands = tables.extents(table)
                places = [place for of, place in reads if of == table]
                if not are_all_read(places, extents, operands, path):
                    yield table
        for side, inner in enumerate(one.regions):
            found = _unread(inner, (*path, _guard(one, side)), tables, reads)
            yield from (table for table in found if table not in rows)


class _UnreadChecks(Copy):
    """Copies a tape and puts sums beside the tables that are `unread`."""

    def __init__(self, builder: Builder, tape: Tape, tables: Tables, unread: set[int]) -> None:
        super().__init__(builder, [0] * tape.size)
        self.tables = tables
        self.unread = unread
        self.summed = {*unread}  # and the rows of such tables
        self.sums: dict[int, int] = {}  # by table: Σ (entry - entry)

    def region(self, region: Region) -> list[int]:
        outputs = super().region(region)
        for one in region.instructions:
            for table in sorted(self.sums.keys() & self.unread.intersection(one.results)):
                outputs = [
                    new
                    if self.tables.is_table(old)
                    else self.builder.apply(IF_DEFINED, new, self.sums[table])
                    for old, new in zip(region.outputs, outputs, strict=True)
                ]
        return outputs

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        checked = [one for one in loop_results(instruction) if self.is_checked(instruction, one)]
        rows = [one.output for one in checked if self.tables.is_table(one.output)]
        self.summed.update(rows)
        made = self.loop_beside(instruction, operands, lambda: [*map(self.nothing, checked)])
        results = len(instruction.results)
        self.sums.update(zip((one.results[0] for one in checked), made[results:], strict=True))
        return made[:results]

    def is_checked(self, loop: Instruction, one: LoopResult) -> bool:
        """Whether a loop sums up beside a table; a row that stands before the loop has its own."""
        if one.results[0] not in self.summed:
            return False
        return not self.tables.is_table(one.output) or stands_in(loop, one.output)

    def nothing(self, one: LoopResult) -> int:
        """What an iteration adds: 0 where all that it has yielded is defined, else nan."""
        if self.tables.is_table(one.output):
            return self.sums[one.output]
        entry = self.numbers[one.output]
        return self.builder.apply("-", entry, entry)
