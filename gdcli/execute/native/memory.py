"""Reading elements, adding to derivatives, and the buffers of KEEP and RECALL.

Where the lanes of a vector loop touch neighbouring elements they are read or written as one
vector, where all touch the same one it is read once; anything else goes lane by lane through the
functions of `support.py`. Nothing is checked here: subscripts were, for the whole range of every
loop, before the tape was made, and lanes that are out of a loop's range touch no memory.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.autodiff.tape import Instruction
from gdcli.execute.native.code import LANES, Operand, integer, number
from gdcli.execute.native.packing import split
from gdcli.execute.native.positions import Position
from gdcli.execute.native.scope import Packed, Scope

ZERO = number(0.0)
LANE_NUMBERS = Operand(f"<{', '.join(f'i64 {lane}' for lane in range(LANES))}>", "integer", True)
ALL_LANES = Operand(f"<{', '.join(['i1 true'] * LANES)}>", "truth", True)


class ElementAddress(NamedTuple):
    """Where the first lane's element is, and the others': `apart` from one another, or `each`."""

    first: Operand
    apart: int
    each: Operand | None


class Memory:
    """The memory that one function's code reads and writes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.code = scope.code
        self.truths: list[Operand] = []  # of the sides that are being computed for every lane
        self.targets: dict[str, Operand] = {}  # by array: where its derivatives are added
        self.by_lanes: dict[str, Packed] = {}  # by array: derivatives that all lanes share
        self.windows: dict[int, list[Operand]] = {}  # by id of ACCUMULATE: what is added there
        self.buffers: dict[int, Operand] = {}

    # -- conditions -------------------------------------------------------------------------

    def effects_where(self, truth: Operand) -> None:
        """Effects happen only where the truth holds, until `effects_everywhere`."""
        self.truths.append(truth)

    def effects_everywhere(self) -> None:
        """Ends the last `effects_where`."""
        self.truths.pop()

    def where_effective(self, value: Operand) -> Operand:
        """The value in the lanes whose effects happen, 0 in the others."""
        for truth in [*self.truths, *([self.scope.mask] if self.scope.mask else [])]:
            value = self.code.select(truth, value, ZERO)
        return value

    # -- elements ---------------------------------------------------------------------------

    def element(self, instruction: Instruction, hint: str) -> Operand:
        """The element's value."""
        code, array = self.code, instruction.payload.array
        packed = self.from_packed(instruction, hint)
        if packed is not None:
            return packed
        place = self.place(instruction)
        base, mask = self.scope.array(array), self.scope.mask
        if place.each is None and place.apart == 0:
            return code.load(code.address(base, place.first), hint=hint)
        if mask is not None:
            each = self.places(place)
            given = f"{base.pointer}, {each.typed}, {mask.typed}"
            return code.read(f"call <8 x double> @gather_some({given})", lanes=True, hint=hint)
        if place.each is not None:
            given = f"{base.pointer}, {self.places(place).typed}"
            return code.read(f"call <8 x double> @gather({given})", lanes=True, hint=hint)
        first = code.address(base, place.first)
        if place.apart == 1:
            return code.load(first, True, hint)
        given = f"{first.pointer}, i64 {place.apart}"
        return code.read(f"call <8 x double> @load_apart({given})", lanes=True, hint=hint)

    def from_packed(self, instruction: Instruction, hint: str) -> Operand | None:
        """The element from the copy of its row, where there is one."""
        if not self.scope.packed or not self.scope.vector:
            return None
        inside = frozenset(set(self.scope.indices) - self.scope.outside)
        if not inside:
            return None
        outer, row = split(self.scope.context.position(instruction), inside)
        packed = self.scope.packed.get((instruction.payload.array, outer))
        if packed is None:
            return None
        place = self.scope.sum(row._replace(constant=row.constant - packed.low))
        return self.code.load(self.lanes_address(packed.base, place), True, hint)

    def place(self, instruction: Instruction) -> ElementAddress:
        """Where the element of the instruction is, for each lane."""
        whole = self.scope.context.position(instruction)
        apart, each, uniform = 0, None, []
        for value, factor in whole.terms:
            operand = self.scope.value(value)
            if value in self.scope.bases:
                apart += factor
                uniform.append((value, factor))
            elif operand.lanes:
                share = self.code.two("mul", operand, integer(factor))
                each = share if each is None else self.code.two("add", each, share)
            else:
                uniform.append((value, factor))
        return ElementAddress(self.scope.sum(Position(whole.constant, tuple(uniform))), apart, each)

    def places(self, place: ElementAddress) -> Operand:
        """The place of every lane's element."""
        places = self.code.broadcast(place.first)
        if place.apart:
            steps = self.code.two("mul", LANE_NUMBERS, integer(place.apart))
            places = self.code.two("add", places, steps)
        return places if place.each is None else self.code.two("add", places, place.each)

    def lanes_address(self, base: Operand, place: Operand) -> Operand:
        """Where the eight numbers of that place are."""
        return self.code.address(base, place, "<8 x double>")

    # -- derivatives ------------------------------------------------------------------------

    def accumulate(self, instruction: Instruction) -> None:
        """Adds to a derivative."""
        code, scope = self.code, self.scope
        value = scope.real(scope.value(instruction.operands[-1]))
        array = instruction.payload.array
        if not scope.vector:
            self.add(value, code.address(self.target(array), self.place(instruction).first))
            return
        value = code.broadcast(self.where_effective(value))
        if id(instruction) in self.windows:
            self.windows[id(instruction)].append(value)
            return
        place = self.place(instruction)
        if place.each is None and place.apart == 0:
            self.add_all(array, place.first, value)
        elif place.each is None and place.apart == 1 and scope.mask is None:
            self.add(value, code.address(self.target(array), place.first))
        else:
            mask = scope.mask or ALL_LANES
            given = f"{self.target(array).pointer}, {self.places(place).typed}"
            code.line(f"call void @scatter({given}, {value.typed}, {mask.typed})")

    def add_all(self, array: str, place: Operand, value: Operand) -> None:
        """Adds the numbers of all lanes to the one derivative that they share."""
        code = self.code
        if array in self.by_lanes:
            shared = self.by_lanes[array]
            own = code.two("sub", place, integer(shared.low)) if shared.low else place
            self.add(value, self.lanes_address(shared.base, own))
            return
        total = code.set(f"call double @total({value.typed})")
        self.add(total, code.address(self.target(array), place))

    def add(self, value: Operand, address: Operand) -> None:
        """memory += value."""
        there = self.code.load(address, value.lanes)
        self.code.store(self.code.two("fadd", there, value), address)

    def target(self, array: str) -> Operand:
        """Where the derivatives by the array's entries begin."""
        if array in self.targets:
            return self.targets[array]
        offset = self.scope.context.bindings.arrays[array].offset
        return self.code.address(Operand("%gradient"), offset)

    # -- buffers ----------------------------------------------------------------------------

    def keep(self, buffer: int, value: Operand) -> None:
        """Keeps the value under the index of the loop around."""
        value = self.scope.real(value)
        address, lanes = self.kept(buffer)
        self.code.store(self.code.broadcast(value) if lanes else value, address)

    def recall(self, buffer: int, hint: str) -> Operand:
        """What was kept under the index of the loop around."""
        address, lanes = self.kept(buffer)
        return self.code.load(address, lanes, hint)

    def kept(self, buffer: int) -> tuple[Operand, bool]:
        """Where a buffer has the number, or the eight, of the current iteration."""
        scope, code = self.scope, self.code
        index, keeper = scope.indices[-1], scope.context.keepers[buffer]
        low = scope.context.work.ranges[keeper][0]
        place = self.scope.sum(Position(-low, ((index, 1),)))
        base = self.buffer(buffer, keeper)
        if index in scope.bases or not scope.vector:
            return code.address(base, place), scope.vector
        return self.lanes_address(base, place), True

    def buffer(self, buffer: int, keeper: int) -> Operand:
        """Where the buffer begins: on the stack if it is small."""
        if buffer not in self.buffers:
            context = self.scope.context
            count = context.work.trips[keeper] * LANES
            self.buffers[buffer] = self.scope.room(count, f"buffer{buffer}")
        return self.buffers[buffer]
