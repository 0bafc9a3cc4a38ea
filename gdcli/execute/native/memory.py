"""Memory: elements that are read, tables that are filled, and what is added to.

Neighbouring elements that the lanes of a vector loop touch are read or written as one vector; an
element that all lanes touch is read once; anything else goes lane by lane, through the functions of
`support.py`. A table that is made inside a vector loop has eight numbers, one for each lane, for
every entry. Nothing is checked here: subscripts were checked, for the whole range of every loop and
under the branches around them, before the tape was made. Lanes that are out of a loop's range, or
on the other side of a branch, touch no memory that may lie outside the array.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff.tape import Instruction
from gdcli.execute.native.code import LANES, LLVM_ZERO, Operand, integer
from gdcli.execute.native.context import (
    FRAME_ADDRESS,
    GRADIENT_ADDRESS,
    Position,
    Storage,
    StorageLayout,
)
from gdcli.execute.native.packing import split
from gdcli.execute.native.scope import Packed, Scope
from gdcli.named_tuples import NamedTuple

LANE_NUMBERS = Operand(f"<{', '.join(f'i64 {lane}' for lane in range(LANES))}>", "integer", True)


class ElementPlace(NamedTuple):
    """The places of the lanes' elements in their array.

    `first` is the first lane's; the others follow `apart` from one another. Where a lane's place is
    no multiple of its number, `each` holds what is to be added for every lane.
    """

    first: Operand
    apart: int
    each: Operand | None


class TableMemory(NamedTuple):
    """Where a table's entries are, and whether each has a number for every lane.

    One is `alike` that is made in a vector loop and has the same number for all lanes.
    """

    base: Operand
    lanes: bool
    alike: bool = False


class Memory:
    """The memory that one function's code reads and writes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.code = scope.code
        self.conditions: list[Operand] = []  # of the sides that are computed for every lane
        self.targets: dict[Storage, Operand] = {}  # by storage: where what is added goes
        self.by_lanes: dict[Storage, Packed] = {}  # by storage: entries that all lanes share
        self.own_sums: dict[tuple[Storage, Position], Packed] = {}  # by array and outer position
        self.windows: dict[int, list[Operand]] = {}  # by id of ACCUMULATE: what is added there
        self.tables: dict[Storage, TableMemory] = {}  # those of the loops that are open
        self.alike: set[Storage] = set()  # tables of a vector loop: those alike in all lanes
        self.rooms: dict[Storage, Operand] = {}
        self.handed_on: dict[int, Operand] = {}  # by id of EARLIER: what it reads
        self.sums: dict[Storage, Operand] = {}  # of accumulators: the entry that is added to

    # -- elements ---------------------------------------------------------------------------

    def element(self, instruction: Instruction, hint: str) -> Operand:
        """The value of an ELEMENT or EARLIER."""
        if id(instruction) in self.handed_on:
            return self.handed_on[id(instruction)]
        packed = self.in_packed(instruction, self.scope.packed)
        if packed is not None:
            return self.code.load(packed, True, hint)
        storage, place = self.storage(instruction), self.place(instruction)
        if not self.scope.vector or not self.conditions or not self.is_guarded(instruction):
            return self.read(storage, place, self.scope.mask, hint)
        if place.each is None and place.apart == 0:
            count = self.scope.context.count(storage)
            inside = self.code.set(f"icmp ult {place.first.typed}, {count}", "truth")
            place = place._replace(first=self.code.select(inside, place.first, integer(0)))
        return self.read(storage, place, self.taking_part(), hint)

    def read(
        self, storage: Storage, place: ElementPlace, mask: Operand | None, hint: str = "t"
    ) -> Operand:
        """The numbers at the places, of the lanes of the mask."""
        code, (base, lanes, _) = self.code, self.memory_of(storage)
        same = place.each is None and place.apart == 0
        if lanes and same:
            return code.load(self.lanes_address(base, place.first), True, hint)
        if same:
            return code.load(code.address(base, place.first), hint=hint)
        if mask is None and place.each is None and not lanes:
            first = code.address(base, place.first)
            if place.apart == 1:
                return code.load(first, True, hint)
            given = f"{first.pointer}, i64 {place.apart}"
            return code.read(f"call <8 x double> @load_apart({given})", lanes=True, hint=hint)
        places = self.own_places(place) if lanes else self.places(place)
        given = f"{base.pointer}, {places.typed}"
        if mask is None:
            return code.read(f"call <8 x double> @gather({given})", lanes=True, hint=hint)
        given += f", {code.broadcast(mask).typed}"
        return code.read(f"call <8 x double> @gather_some({given})", lanes=True, hint=hint)

    def storage(self, instruction: Instruction) -> Storage:
        return self.scope.context.accessed(instruction).storage

    def is_guarded(self, instruction: Instruction) -> bool:
        return self.scope.context.is_guarded(instruction)

    def taking_part(self) -> Operand | None:
        """Which lanes are in the range of their loop, and on this side of the branches around."""
        truths = [*self.conditions, *([self.scope.mask] if self.scope.mask else [])]
        if not truths:
            return None
        whole = truths[0]
        for truth in truths[1:]:
            whole = self.code.two("and", whole, truth)
        return whole

    def in_packed(
        self, instruction: Instruction, rows: dict[tuple[Storage, Position], Packed]
    ) -> Operand | None:
        """The address of an element in the copy of its row; None where there is no copy."""
        if not rows or not self.scope.vector:
            return None
        inside = frozenset(set(self.scope.indices) - self.scope.outside)
        if not inside:
            return None
        outer, row = split(self.scope.context.position(instruction), inside)
        packed = rows.get((self.storage(instruction), outer))
        if packed is None:
            return None
        place = self.scope.sum(row._replace(constant=row.constant - packed.low))
        return self.lanes_address(packed.base, place)

    def place(self, instruction: Instruction) -> ElementPlace:
        return self.located(self.scope.context.position(instruction))

    def located(self, whole: Position) -> ElementPlace:
        apart, each, uniform = 0, None, []
        for value, factor in whole.terms:
            operand = self.scope.integer(self.scope.value(value))
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

    def own_places(self, place: ElementPlace) -> Operand:
        """The place of every lane's number, where an entry has eight of them."""
        eights = self.code.two("mul", self.places(place), integer(LANES))
        return self.code.two("add", eights, LANE_NUMBERS)

    def lanes_address(self, base: Operand, place: Operand) -> Operand:
        """The address of the eight numbers, one for each lane, that are kept for a place."""
        return self.code.address(base, place, "<8 x double>")

    # -- tables -----------------------------------------------------------------------------

    def begin(self, table: int) -> None:
        """Gives a table its memory for the loop or accumulator that makes it."""
        scope, storage = self.scope, self.scope.context.layouts[table].storage
        if storage != table or storage in scope.context.framed:
            return
        alike = storage in self.alike
        lanes = scope.vector and not alike
        if storage not in self.rooms:
            count = scope.context.count(storage) * (LANES if lanes else 1)
            self.rooms[storage] = scope.room(count, f"table{storage}")
        self.tables[storage] = TableMemory(self.rooms[storage], lanes, scope.vector and alike)

    def clear(self, table: int) -> None:
        """Sets the entries of an accumulator to 0."""
        base, lanes, _ = self.memory_of(table)
        self.code.clear(base, self.scope.context.count(table) * (LANES if lanes else 1))

    def memory_of(self, storage: Storage) -> TableMemory:
        """The memory of an array or table."""
        if isinstance(storage, str):
            return TableMemory(self.scope.array(storage), False)
        if storage in self.scope.context.framed:
            place = self.scope.context.framed[storage]
            return TableMemory(self.code.address(FRAME_ADDRESS, place), False)
        return self.tables[storage]

    def first_lane(self, value: Operand) -> Operand:
        """The number of the first lane, where all have the same."""
        if not value.lanes:
            return value
        return self.code.set(f"extractelement {value.typed}, i64 0", value.kind)

    def put(self, layout: StorageLayout, value: Operand) -> None:
        """Stores the first entry of a table or row."""
        self.write(layout.storage, self.located(layout.start), value)

    def write(self, storage: Storage, place: ElementPlace, value: Operand) -> None:
        code, (base, lanes, alike) = self.code, self.memory_of(storage)
        if lanes:
            code.store(code.broadcast(value), self.lanes_address(base, place.first))
            return
        first = code.address(base, place.first)
        if alike or not self.scope.vector:
            code.store(self.first_lane(value), first)
        elif place.apart == 1:
            code.store(code.broadcast(value), first)
        else:
            given = f"{first.pointer}, i64 {place.apart}, {code.broadcast(value).typed}"
            code.line(f"call void @store_apart({given})")

    def copy_row(self, row: StorageLayout, target: StorageLayout) -> None:
        """Copies a table to a row of another."""
        code, source, there = self.code, self.located(row.start), self.located(target.start)

        def one(k: Operand, _: list[Operand]) -> list[Operand]:
            places = [at._replace(first=code.two("add", at.first, k)) for at in (source, there)]
            self.write(target.storage, places[1], self.read(row.storage, places[0], None))
            return []

        code.cycle("copied", integer(0), ("slt", integer(row.size)), 1, [], one)

    # -- derivatives and accumulators -------------------------------------------------------

    def accumulate(self, instruction: Instruction, values: Sequence[Operand] | None = None) -> None:
        """Adds the instruction's last operand to an entry, or several values one by one."""
        code, scope = self.code, self.scope
        added = values or [scope.value(instruction.operands[-1])]
        added = [scope.real(value) for value in added]
        storage = self.storage(instruction)
        if not scope.vector:
            address = code.address(self.target(storage), self.place(instruction).first)
            self.add(added, address, storage)
            return
        for truth in [*self.conditions, *([scope.mask] if scope.mask else [])]:
            added = [code.select(truth, value, LLVM_ZERO) for value in added]
        if storage in self.tables and self.tables[storage].alike:
            address = code.address(self.target(storage), self.place(instruction).first)
            self.add([self.first_lane(value) for value in added], address)
            return
        added = [code.broadcast(value) for value in added]
        if id(instruction) in self.windows:
            self.windows[id(instruction)] += added
            return
        own = self.in_packed(instruction, self.own_sums) if scope.mask is None else None
        if own is not None:
            self.add(added, own)
            return
        place = self.place(instruction)
        same = place.each is None and place.apart == 0
        lanes = storage in self.tables and self.tables[storage].lanes
        mask = scope.mask
        if self.conditions and self.is_guarded(instruction):
            mask = self.taking_part()
        if lanes and same:
            self.add(added, self.lanes_address(self.target(storage), place.first), storage)
        elif same and mask is scope.mask:
            self.add_all(storage, place.first, added)
        elif place.each is None and place.apart == 1 and mask is None:
            self.add(added, code.address(self.target(storage), place.first))
        else:
            places = self.own_places(place) if lanes else self.places(place)
            given = f"{self.target(storage).pointer}, {places.typed}"
            for value in added:
                if mask is None:
                    code.line(f"call void @scatter_all({given}, {value.typed})")
                    continue
                truth = code.broadcast(mask)
                code.line(f"call void @scatter({given}, {value.typed}, {truth.typed})")

    def add_all(self, storage: Storage, place: Operand, added: Sequence[Operand]) -> None:
        """Adds the numbers of all lanes to the one entry that they share."""
        code = self.code
        if storage in self.by_lanes:
            shared = self.by_lanes[storage]
            own = code.two("sub", place, integer(shared.low)) if shared.low else place
            self.add(added, self.lanes_address(shared.base, own))
            return
        totals = [code.set(f"call double @total({value.typed})") for value in added]
        self.add(totals, code.address(self.target(storage), place))

    def add(
        self, added: Sequence[Operand], address: Operand, storage: Storage | None = None
    ) -> None:
        """Adds values to what is at an address, or to what is known to be there."""
        known = self.sums.get(storage) if storage is not None else None
        total = known or self.code.load(address, added[0].lanes)
        for value in added:
            total = self.code.two("fadd", total, value)
        self.code.store(total, address)
        if known and storage is not None:
            self.sums[storage] = total

    def target(self, storage: Storage) -> Operand:
        """The address of the derivative by an array's first entry, or of a table's first entry."""
        if storage in self.targets:
            return self.targets[storage]
        if isinstance(storage, int):
            return self.memory_of(storage).base
        offset = self.scope.context.bindings.arrays[storage].offset
        return self.code.address(GRADIENT_ADDRESS, offset)
