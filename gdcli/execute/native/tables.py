"""Tables that loops fill: each iteration stores what it has yielded as the entry of its index.

A row that is filled in its place stands there already; any other row is copied.
"""

from __future__ import annotations

from gdcli.autodiff.tape import TABLE, LoopResult
from gdcli.execute.native.code import Operand
from gdcli.execute.native.memory import Memory
from gdcli.execute.native.reductions import Reduction, State


class TableFill(Reduction):
    """A reduction without a state, whose steps write to memory."""

    def __init__(self, memory: Memory, index: int, table: LoopResult) -> None:
        super().__init__(memory.code, TABLE)
        layouts = memory.scope.context.layouts
        self.memory = memory
        self.width = 0
        self.entry = layouts[table.results[0]].row(index)
        self.row = layouts.get(table.output)
        memory.begin(table.results[0])

    def initial(self, low: Operand) -> State:  # noqa: ARG002
        return []

    def step(self, state: State, term: Operand, index: Operand) -> State:  # noqa: ARG002
        """Stores what an iteration has yielded."""
        if self.row is None:
            self.memory.put(self.entry, term)
        elif self.row != self.entry:
            self.memory.copy_row(self.row, self.entry)
        return []

    def joined(self, state: State, other: State) -> State:  # noqa: ARG002
        return []

    def across(self, state: State) -> State:  # noqa: ARG002
        return []
