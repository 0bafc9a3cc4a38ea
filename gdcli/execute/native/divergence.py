"""Divergence: which values and tables of a vector loop differ from lane to lane.

Lanes differ in the index of their loop, and in whatever depends on it: by operands, by an entry of
a table that differs, or by where a branch or a range of a loop lets them take part.

Source: Coutinho, Sampaio, Pereira and Meira, Divergence analysis and optimizations (2011).
"""

from __future__ import annotations

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    CARRY,
    Instruction,
    Region,
    index_of,
    instructions,
    is_of_table,
    loop_results,
)
from gdcli.execute.native.context import Context, Storage


def alike_tables(context: Context, loop: Instruction) -> set[Storage]:
    """The tables that the body of a vector loop makes and that are the same in all lanes."""
    made = {
        context.layouts[value].storage
        for one in instructions(loop.regions[0])
        for value in one.results
        if value in context.layouts
    }
    if not made:
        return set()
    own = {context.layouts[v].storage for v in loop.results if v in context.layouts}
    divergence = _Divergence(context, index_of(loop))
    before = -1
    while before != (before := len(divergence.values) + len(divergence.tables)):
        divergence.region(loop.regions[0], apart=False)
    return made - own - divergence.tables


class _Divergence:
    """What has been found to differ; `region` finds more until there is no more."""

    def __init__(self, context: Context, index: int) -> None:
        self.context = context
        self.values = {index}
        self.tables: set[Storage] = set()

    def region(self, region: Region, *, apart: bool) -> None:
        """Goes over a region, in which lanes take part alike unless they are `apart`."""
        for one in region.instructions:
            if one.operation == opcode.LOOP:
                self.loop(one, apart=apart)
                continue
            differs = not self.values.isdisjoint(one.operands)
            if one.operation == opcode.BRANCH:
                for side in one.regions:
                    self.region(side, apart=apart or differs)
                differs |= any(not self.values.isdisjoint(side.outputs) for side in one.regions)
            elif one.operation == opcode.ACCUMULATOR:
                self.region(one.regions[0], apart=apart)
                continue
            elif one.operation == opcode.ACCUMULATE:
                if is_of_table(one) and (differs or apart):
                    self.tables.add(self.context.accessed(one).storage)
            elif one.operation == opcode.CARRIED:
                differs = True
            elif one.operation == opcode.EARLIER or (
                one.operation == opcode.ELEMENT and is_of_table(one)
            ):
                differs |= self.context.accessed(one).storage in self.tables
            if differs:
                self.values.update(one.results)

    def loop(self, loop: Instruction, *, apart: bool) -> None:
        carries = loop.payload.reductions.count(CARRY)
        ranging = loop.operands[: len(loop.operands) - carries]
        apart |= not self.values.isdisjoint(ranging)
        self.region(loop.regions[0], apart=apart)
        layouts = self.context.layouts
        for one in loop_results(loop):
            row = layouts[one.output].storage if one.output in layouts else None
            if not (apart or one.kind == CARRY or one.output in self.values or row in self.tables):
                continue
            for value in one.results:
                if value in layouts:
                    self.tables.add(layouts[value].storage)
                else:
                    self.values.add(value)
