"""What is known while a function is being written: the values so far, the open loops, the lanes.

Outside a vector loop a value is one number. Inside one it has eight lanes, unless it is the same in
all of them; `mask` then says which lanes are in a loop whose range differs from lane to lane.
"""

from __future__ import annotations

from gdcli.execute.bindings import DATA
from gdcli.execute.native.code import Code, Operand, integer, number
from gdcli.execute.native.context import (
    FRAME_ADDRESS,
    MOST_STACK_NUMBERS,
    POINT_ADDRESS,
    Context,
    Position,
    Storage,
)
from gdcli.named_tuples import NamedTuple


class Packed(NamedTuple):
    """Memory that has eight numbers, one for each lane, for each place from `low` on."""

    base: Operand
    low: int


class Scope:
    """The values of a tape that one function has, and the loops and lanes it is in."""

    def __init__(self, context: Context, code: Code) -> None:
        self.context = context
        self.code = code
        self.values: dict[int, Operand] = {}
        self.bases: dict[int, Operand] = {}  # by index with lanes: its value in the first lane
        self.carried: list[list[Operand]] = []  # of the open loops
        self.indices: list[int] = []  # of the open loops
        self.slots: dict[int, Operand] = {}  # where values are that a later side may use
        self.outside: set[int] = set()  # the indices of the vector loop and those around it
        self.packed: dict[tuple[Storage, Position], Packed] = {}  # by array and outer position
        self.vector = False
        self.point_lanes = False  # whether each lane is a point of its own, the whole function long
        self.sides = 0  # of branches inside the vector loop that all lanes take together
        self.mask: Operand | None = None

    def define(self, value: int, operand: Operand) -> None:
        self.values[value] = operand
        context = self.context
        if value in context.slots:
            address = self.code.address(FRAME_ADDRESS, context.slots[value])
            self.code.store(self.code.broadcast(operand) if self.vector else operand, address)
        if self.slots:
            self.slots.pop(value, None)
        if value in context.crossing and (self.sides or not self.vector):
            slot = self.code.reserve(operand.type, 1, f"slot{value}")
            self.slots[value] = slot
            self.code.line(f"store {operand.typed}, ptr {slot.text}")

    def value(self, value: int) -> Operand:
        operand = self.values[value]
        if value not in self.slots:
            return operand
        return self.code.read(
            f"load {operand.type}, ptr {self.slots[value].text}", operand.kind, operand.lanes
        )

    def real(self, operand: Operand) -> Operand:
        """The operand as a double: an index value is converted."""
        if operand.kind == "double":
            return operand
        if not operand.lanes and not operand.text.startswith("%"):
            return number(float(operand.text))
        wanted = operand._replace(kind="double").type
        text = f"sitofp {operand.typed} to {wanted}"
        return self.code.set(text, "double", operand.lanes)

    def integer(self, operand: Operand) -> Operand:
        """The operand as an integer: a number that stands in a subscript is converted."""
        if operand.kind == "integer":
            return operand
        wanted = operand._replace(kind="integer").type
        text = f"fptosi {operand.typed} to {wanted}"
        return self.code.set(text, "integer", operand.lanes)

    def room(self, count: int, hint: str) -> Operand:
        """Memory for `count` numbers: on the stack, or in the scratch of the thread."""
        if count <= MOST_STACK_NUMBERS:
            return self.code.reserve("double", count, hint)
        place = self.context.scratch.take(count)
        result = Operand(f"%{self.code.name(hint)}")
        line = f"  {result.text} = getelementptr inbounds double, ptr %scratch, i64 {place}"
        self.code.first.append(line)
        return result

    def array(self, name: str) -> Operand:
        """The address of the array's first entry."""
        binding = self.context.bindings.arrays[name]
        if binding.offset == DATA:
            return Operand(f"%data.{self.context.data.index(name)}")
        return self.code.address(POINT_ADDRESS, binding.offset)

    def sum(self, position: Position) -> Operand:
        """The position as an integer; of an index with lanes it takes the first lane's."""
        total: Operand | None = None
        for value, factor in position.terms:
            term = self.bases.get(value) or self.integer(self.value(value))
            if factor != 1:
                term = self.code.two("mul", term, integer(factor))
            total = term if total is None else self.code.two("add", total, term)
        if total is None:
            return integer(position.constant)
        if position.constant == 0:
            return total
        return self.code.two("add", total, integer(position.constant))
