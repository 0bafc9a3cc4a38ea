"""Memory: elements that are read, derivatives that are added to, the buffers of KEEP and RECALL.

Neighbouring elements that the lanes of a vector loop touch are read or written as one vector; an
element that all lanes touch is read once; anything else goes lane by lane, through the functions of
`support.py`. Nothing is checked here: subscripts were checked, for the whole range of every loop,
before the tape was made, and lanes that are out of a loop's range touch no memory.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.autodiff.tape import Instruction
from gdcli.execute.native.code import LANES, LLVM_ZERO, Operand, integer
from gdcli.execute.native.context import GRADIENT_ADDRESS, Position
from gdcli.execute.native.packing import split
from gdcli.execute.native.scope import Packed, Scope

LANE_NUMBERS = Operand(f"<{', '.join(f'i64 {lane}' for lane in range(LANES))}>", "integer", True)
ALL_LANES = Operand(f"<{', '.join(['i1 true'] * LANES)}>", "truth", True)


class ElementPlace(NamedTuple):
    """The places of the lanes' elements in their array.

    `first` is the first lane's; the others follow `apart` from one another. Where a lane's place is
    no multiple of its number, `each` holds what is to be added for every lane.
    """

    first: Operand
    apart: int
    each: Operand | None


class Memory:
    """The memory that one function's code reads and writes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.code = scope.code
        self.conditions: list[Operand] = []  # of the sides that are computed for every lane
        self.targets: dict[str, Operand] = {}  # by array: where its derivatives are added
        self.by_lanes: dict[str, Packed] = {}  # by array: derivatives that all lanes share
        self.windows: dict[int, list[Operand]] = {}  # by id of ACCUMULATE: what is added there
        self.buffers: dict[int, Operand] = {}

    # -- elements ---------------------------------------------------------------------------

    def element(self, instruction: Instruction, hint: str) -> Operand:
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
        """The element, read from the copy of its row; None where there is no copy."""
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

    def place(self, instruction: Instruction) -> ElementPlace:
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
        return ElementPlace(self.scope.sum(Position(whole.constant, tuple(uniform))), apart, each)

    def places(self, place: ElementPlace) -> Operand:
        """The place of every lane's element, as one operand with lanes."""
        places = self.code.broadcast(place.first)
        if place.apart:
            steps = self.code.two("mul", LANE_NUMBERS, integer(place.apart))
            places = self.code.two("add", places, steps)
        return places if place.each is None else self.code.two("add", places, place.each)

    def lanes_address(self, base: Operand, place: Operand) -> Operand:
        """The address of the eight numbers, one for each lane, that are kept for a place."""
        return self.code.address(base, place, "<8 x double>")

    # -- derivatives ------------------------------------------------------------------------

    def accumulate(self, instruction: Instruction) -> None:
        code, scope = self.code, self.scope
        value = scope.real(scope.value(instruction.operands[-1]))
        array = instruction.payload.array
        if not scope.vector:
            self.add(value, code.address(self.target(array), self.place(instruction).first))
            return
        for truth in [*self.conditions, *([scope.mask] if scope.mask else [])]:
            value = code.select(truth, value, LLVM_ZERO)
        value = code.broadcast(value)
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
        there = self.code.load(address, value.lanes)
        self.code.store(self.code.two("fadd", there, value), address)

    def target(self, array: str) -> Operand:
        """The address of the derivative by the array's first entry."""
        if array in self.targets:
            return self.targets[array]
        offset = self.scope.context.bindings.arrays[array].offset
        return self.code.address(GRADIENT_ADDRESS, offset)

    # -- buffers ----------------------------------------------------------------------------

    def keep(self, buffer: int, value: Operand) -> None:
        """Stores the value in the buffer, at the index of the loop around."""
        value = self.scope.real(value)
        address, lanes = self.kept(buffer)
        self.code.store(self.code.broadcast(value) if lanes else value, address)

    def recall(self, buffer: int, hint: str) -> Operand:
        """The value that the buffer holds at the index of the loop around."""
        address, lanes = self.kept(buffer)
        return self.code.load(address, lanes, hint)

    def kept(self, buffer: int) -> tuple[Operand, bool]:
        """The address of the current iteration's number in a buffer, and whether it is eight."""
        scope, code = self.scope, self.code
        index, keeper = scope.indices[-1], scope.context.keepers[buffer]
        low = scope.context.work.ranges[keeper][0]
        place = self.scope.sum(Position(-low, ((index, 1),)))
        base = self.buffer(buffer, keeper)
        if index in scope.bases or not scope.vector:
            return code.address(base, place), scope.vector
        return self.lanes_address(base, place), True

    def buffer(self, buffer: int, keeper: int) -> Operand:
        """The address of the buffer, which is given its memory when it is first used."""
        if buffer not in self.buffers:
            context = self.scope.context
            count = context.work.trips[keeper] * LANES
            self.buffers[buffer] = self.scope.room(count, f"buffer{buffer}")
        return self.buffers[buffer]
