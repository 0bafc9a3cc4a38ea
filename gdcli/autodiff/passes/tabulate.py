"""Tables in place of work that is done again.

Comes in: a tape with loops, and the numbers that its sizes stand for. Goes out: a Tape of the same
outputs and effects. Before differentiation a value that costs a call or a loop, and does not depend
on a loop around the one that computes it, is found once, in front of that loop: the first layer of
a network whose second layer is a loop of its own. Behind differentiation a loop stores what a later
one over the same range would compute again.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import count
from math import prod
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.passes.joined_loops import flattened, nesting
from gdcli.autodiff.passes.trip_counts import (
    MOST_STORED_NUMBERS,
    Sizes,
    dimensions,
    numbers_in,
    trips_by_index,
)
from gdcli.autodiff.primitives import INLINE_PRIMITIVES
from gdcli.autodiff.regions import NO_NAMES, canonical, values_made, values_used
from gdcli.autodiff.tape import (
    CARRY,
    EXTREMA,
    TABLE,
    Element,
    Instruction,
    Region,
    Subscript,
    Tape,
    index_of,
    instructions,
    is_of_table,
)
from gdcli.named_tuples import NamedTuple

# Quicker to compute again than to read from memory; most integer powers are squares.
RECOMPUTED_PRIMITIVES = INLINE_PRIMITIVES - {"sqrt"} | {"pow-integer"}
MOST_TABLE_NUMBERS = 1 << 15  # of a table in front of a loop
MOST_TABULATED_NUMBERS = 1 << 17  # of all of them, 1 MB a thread
FEWEST_SAVED_STEPS = 64  # of a loop that a read of a long table takes the place of
EXTREMES = frozenset(EXTREMA)
PURE_OPERATIONS = (
    opcode.APPLY,
    opcode.ELEMENT,
    opcode.LOOP,
    opcode.INDEX,
    opcode.BRANCH,
    opcode.CARRIED,
)


def tabulate(tape: Tape, sizes: Sizes) -> Tape:
    """A value that does not depend on a loop around it is found in front of that, as a table.

    This is for the Tape of a value, before differentiation. What two loops compute becomes a table,
    too, so that its adjoint is one. Neither is done for an operand that only an extremum or a side
    reads: most of its entries have no adjoint.
    """
    hoisting = _Hoisting(Builder(tape.inputs, tape.arrays), tape, sizes)
    if hoisting.tabulated:
        tape = hoisting.builder.tape(hoisting.region(tape.body))
    return store(tape, sizes, read_plainly=True)


def store(tape: Tape, sizes: Sizes, *, read_plainly: bool = False) -> Tape:
    """A value that two loops compute is stored in a table by the first, the outer ones' first."""
    for level in range(nesting(tape.body)):
        storing = _Storing(tape, sizes, level, read_plainly=read_plainly)
        if storing.replaced or storing.rows:
            builder = Builder(tape.inputs, tape.arrays)
            body = storing.rebuilt(tape.body)
            numbers = builder.extend(tape._replace(body=body, size=storing.size))
            tape = builder.tape([numbers[output] for output in body.outputs])
    return tape


# -- values that skip a loop around them ----------------------------------------------------------


class Tabulated(NamedTuple):
    """Values that do not depend on a loop around, and what they are tables over.

    `loops` lead from that loop to the one whose body makes them, `over` are the INDEX values of
    those that the values depend on.
    """

    loops: tuple[Instruction, ...]
    over: tuple[int, ...]
    values: tuple[int, ...]

    @property
    def place(self) -> tuple[int, tuple[int, ...]]:
        """The INDEX of the loop that is skipped, and `over`."""
        return index_of(self.loops[0]), self.over


class _Hoisting(Copy):
    """Copies a tape, and finds in front of a loop what does not depend on it.

    `depends` are, by value, the INDEX values of the loops that it depends on; what a loop carries,
    or reads of a table that it fills, depends on the loop's state, -1 - INDEX, too.
    """

    def __init__(self, builder: Builder, tape: Tape, sizes: Sizes) -> None:
        super().__init__(builder, [0] * tape.size)
        self.trips = trips_by_index(tape, sizes)
        self.depends: dict[int, frozenset[int]] = {}
        self.made: dict[int, tuple[int, int, Instruction]] = {}  # by value: loop, place, maker
        self.places = count()
        self.numbers_left = MOST_TABULATED_NUMBERS
        self.tabulated: dict[int, dict[tuple[int, ...], Tabulated]] = {}  # by INDEX skipped, `over`
        self.tables: dict[int, tuple[int, tuple[int, ...]]] = {}  # by value: its table, and `over`
        self.find(tape.body, (), 0)

    # -- what skips a loop ------------------------------------------------------------------

    def find(self, region: Region, loops: tuple[Instruction, ...], first: int) -> None:
        """Finds what is tabulated in a region in `loops`; a branch is around the `first` ones."""
        worth: dict[int, Tabulated] = {}
        readers: dict[int, list[Instruction]] = {}
        for one in region.instructions:
            for inner in one.regions:
                if one.operation == opcode.LOOP:
                    self.find(inner, (*loops, one), first)
                else:
                    self.find(inner, loops, len(loops))
            self.note(one, loops)
            taken = values_used(one)
            for value in taken:
                readers.setdefault(value, []).append(one)
            found = self.place(one, loops[first:])
            if found is not None and (costs(one) or not worth.keys().isdisjoint(taken)):
                worth[one.results[0]] = found
        for value, found in worth.items():
            reading = readers.get(value, [])
            handed = value in region.outputs
            followed = all(
                one.results
                and one.results[0] in worth
                and worth[one.results[0]].place == found.place
                for one in reading
            )
            if handed or (not followed and any(_reads_plainly(one, value) for one in reading)):
                self.tabulate(found)

    def note(self, one: Instruction, loops: Sequence[Instruction]) -> None:
        """Notes what the results of an instruction depend on."""
        found = frozenset[int]().union(*[self.depends[value] for value in values_used(one)])
        if one.operation == opcode.INDEX:
            over = loops[-1].operands
            found = found.union([one.results[0]], *[self.depends[value] for value in over])
        elif one.operation == opcode.CARRIED:
            found |= {index_of(loops[-1]), -1 - index_of(loops[-1])}
        elif one.operation == opcode.EARLIER:
            found |= {-1 - one.operands[0]}
        else:
            code = [step for region in one.regions for step in instructions(region)]
            fillers = {step.operands[0] for step in code if step.operation == opcode.EARLIER}
            own = {step.results[0] for step in code if step.operation == opcode.INDEX}
            found |= {-1 - filler for filler in fillers - own}
        self.depends.update(dict.fromkeys(one.results, found))
        if one.operation != opcode.INDEX and loops:
            step = index_of(loops[-1]), next(self.places), one
            self.made.update(dict.fromkeys(values_made(one), step))

    def place(self, one: Instruction, loops: Sequence[Instruction]) -> Tabulated | None:
        """Where a value may be tabulated; `loops` are around it and no branch between them."""
        if one.operation not in (opcode.APPLY, opcode.BRANCH, opcode.LOOP) or len(one.results) > 1:
            return None
        if one.operation == opcode.LOOP and one.payload.reductions == (TABLE,):
            return None
        depends = self.depends[one.results[0]]
        skipped = [n for n, loop in enumerate(loops) if index_of(loop) not in depends]
        if not skipped or skipped[-1] == len(loops) - 1:
            return None
        inside = tuple(loops[skipped[0] :])
        over = [loop for loop in inside if index_of(loop) in depends]
        indices = {index_of(loop) for loop in inside}
        trips = [self.trips[index_of(loops[n])] for n in skipped]
        if (
            all(one.least for one in trips)
            and any(one.most > 1 for one in trips)
            and all(
                EXTREMES.isdisjoint(loop.payload.reductions)
                and all(indices.isdisjoint(self.depends[value]) for value in loop.operands)
                and -1 - index_of(loop) not in depends
                for loop in over
            )
        ):
            return Tabulated(inside, tuple([index_of(loop) for loop in over]), one.results)
        return None

    def tabulate(self, found: Tabulated) -> None:
        """Makes a value a table, where that is short enough."""
        numbers = prod(self.trips[index].most for index in found.over)
        if numbers <= min(MOST_TABLE_NUMBERS, self.numbers_left):
            self.numbers_left -= numbers
            skipped, over = found.place
            together = self.tabulated.setdefault(skipped, {})
            others = together[over].values if over in together else ()
            together[over] = found._replace(values=(*others, *found.values))

    # -- the copy ---------------------------------------------------------------------------

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        for found in self.tabulated.get(index_of(instruction), {}).values():
            self.fill(found)
        return super().loop(instruction, operands)

    def fill(self, found: Tabulated) -> None:
        """Copies the loops with what the values need, and yields these into tables."""
        needed = self.steps_of(found)
        for loop in found.loops:
            if index_of(loop) in found.over:
                indices = [self.numbers[operand] for operand in loop.operands]
                self.builder.origin = loop.origin
                over = loop.payload._replace(reductions=())
                self.numbers[index_of(loop)] = self.builder.loop(over, indices)
            code = [one for _, one in sorted(needed[index_of(loop)].items())]
            self.region(Region(tuple(code), ()))
        made: Sequence[int] = [self.numbers[value] for value in found.values]
        for _ in found.over:
            made = self.builder.close_loop([TABLE] * len(made), made)
        for value, table in zip(found.values, made, strict=True):
            self.tables[value] = table, found.over

    def steps_of(self, found: Tabulated) -> dict[int, dict[int, Instruction]]:
        """By INDEX of the loops: the instructions in it, by place, that the values need."""
        needed: dict[int, dict[int, Instruction]] = {index_of(loop): {} for loop in found.loops}
        pending = [*found.values]
        while pending:
            home, place, one = self.made.get(pending.pop(), (-1, 0, None))
            if one is not None and home in needed and place not in needed[home]:
                needed[home][place] = one
                pending += values_used(one)
        return needed

    def region(self, region: Region) -> list[int]:
        for one in region.instructions:
            known = self.tables.get(one.results[0]) if one.results else None
            if known is None:
                super().region(Region((one,), ()))
            else:
                table, over = known
                subscripts = [_nth(place) for place in range(len(over))]
                indices = [self.numbers[index] for index in over]
                self.builder.origin = one.origin
                self.numbers[one.results[0]] = self.builder.entry(table, subscripts, indices)
        return [self.numbers[output] for output in region.outputs]


def costs(instruction: Instruction) -> bool:
    """Whether an instruction is a loop or a call."""
    return instruction.operation == opcode.LOOP or (
        instruction.operation == opcode.APPLY and instruction.payload not in RECOMPUTED_PRIMITIVES
    )


def _reads_plainly(instruction: Instruction, value: int) -> bool:
    """Whether an instruction takes a value otherwise than on a side, or as one to pick from."""
    if value in instruction.operands:
        return instruction.operation != opcode.APPLY or instruction.payload not in EXTREMES
    if instruction.operation == opcode.BRANCH:
        return False
    return any(
        _reads_plainly(one, value) for region in instruction.regions for one in region.instructions
    ) or any(
        value == output and kind not in EXTREMES
        for region in instruction.regions
        for output, kind in zip(region.outputs, instruction.payload.reductions, strict=True)
    )


# -- what two loops compute ---------------------------------------------------------------------


class _Storing:
    """The loops of a tape that stand in `level` others, and what they store for one another.

    `added` are, by the INDEX of a loop, the values that it yields into tables besides, each with
    the number of its table; `replaced` are, by value, the reads that take the place of computing
    it. `rows` are, by table, the table of one dimension more that holds it for each iteration of
    some loops, and the indices of these.
    """

    def __init__(self, tape: Tape, sizes: Sizes, level: int, *, read_plainly: bool) -> None:
        self.size = tape.size
        self.trips = trips_by_index(tape, sizes)
        self.level = level
        self.read_plainly = read_plainly
        self.numbers_left = MOST_STORED_NUMBERS
        self.interned: dict[Any, int] = {}
        self.added: dict[int, dict[int, int]] = {}
        self.replaced: dict[int, Instruction] = {}
        self.rows: dict[int, tuple[int, ...]] = {}
        self.region(tape.body, 0)

    # -- what is stored ---------------------------------------------------------------------

    def region(self, region: Region, depth: int) -> None:
        """Stores what the loops of a region share, which stands in `depth` loops."""
        code = list(flattened(region.instructions))
        if depth == self.level:
            loops = [one for one in code if one.operation == opcode.LOOP]
            found = [self.worth(one, {}, 0) for one in loops] if len(loops) > 1 else []
            for place, second in enumerate(loops):
                for first, worth in zip(loops[:place], found, strict=False):
                    if not worth.isdisjoint(found[place]) and _range(first) == _range(second):
                        self.pair([first], [second], {})
        for one in code:
            within = depth + (one.operation == opcode.LOOP)
            for inner in one.regions if within <= self.level else ():
                self.region(inner, within)

    def worth(self, loop: Instruction, names: Mapping[int, Any], depth: int) -> set[int]:
        """The values of a loop that are worth a table, as numbers that are the same for equal ones.

        `names` are the names of the values of the `depth` loops around, alike for equal values.
        """
        known = {**names, index_of(loop): ("index", depth)}
        costly: set[int] = set()
        found: set[int] = set()
        for one in flattened(loop.regions[0].instructions):
            if _is_pure(one):
                number = self.interned.setdefault(_key(one, known), len(self.interned))
                known.update({result: ("value", number, n) for n, result in enumerate(one.results)})
                if self.costs(one, costly):
                    costly.update(one.results)
                    found.add(number)
            elif one.operation == opcode.LOOP:
                found |= self.worth(one, known, depth + 1)
        return found

    def pair(
        self,
        firsts: Sequence[Instruction],
        seconds: Sequence[Instruction],
        names: Mapping[int, int],
    ) -> set[int]:
        """Stores what the last of `seconds` finds and the last of `firsts` has found before.

        Each of them is a loop in a loop in a loop. `names` leads from the values of the second ones
        to equal values of the first. Goes out: what the second still needs from outside.
        """
        first, second = firsts[-1].regions[0], seconds[-1].regions[0]
        before = [one for one in flattened(first.instructions) if not self.is_gone(one)]
        after = [one for one in flattened(second.instructions) if not self.is_gone(one)]
        known = {_key(one, {}): one.results for one in before if _is_pure(one)}
        same = {**names, index_of(seconds[-1]): index_of(firsts[-1])}
        for one in after:
            if _is_pure(one):
                same.update(zip(one.results, known.get(_key(one, same), ()), strict=False))
        needed: set[int] = set(second.outputs)
        costly: set[int] = set()
        for one in after:
            if same.keys().isdisjoint(one.results):
                needed |= self.needs([*firsts], before, [*seconds, one], same)
            elif self.costs(one, costly):
                costly.update(one.results)
        for one in reversed(after):
            if needed.isdisjoint(one.results) or same.keys().isdisjoint(one.results):
                continue
            if not (
                costly.issuperset(one.results) and self.stored(one, needed, same, firsts, seconds)
            ):
                needed |= values_used(one)
        return needed.difference(*[one.results for one in after])

    def needs(
        self,
        firsts: Sequence[Instruction],
        before: Sequence[Instruction],
        seconds: Sequence[Instruction],
        names: Mapping[int, int],
    ) -> set[int]:
        """The values that the last of `seconds` takes from outside; `before` has no equal of it.

        Where it is a loop, what it shares with one of `before` over the same range is stored.
        """
        one = seconds[-1]
        if one.operation == opcode.LOOP:
            for partner in before:
                if partner.operation == opcode.LOOP and _range(partner) == _range(one, names):
                    return {*one.operands, *self.pair([*firsts, partner], seconds, names)}
        return values_used(one)

    def costs(self, instruction: Instruction, costly: Container[int]) -> bool:
        """Whether an instruction is worth a table; `costly` are values that are."""
        if any(operand in costly for operand in values_used(instruction)):
            return True
        if self.level == 0:  # its tables are as long as the data: they must save more than a read
            return (
                instruction.operation == opcode.LOOP
                and self.steps(instruction) >= FEWEST_SAVED_STEPS
            )
        return costs(instruction)

    def steps(self, instruction: Instruction) -> int:
        """How many instructions an instruction runs, those of its regions included."""
        inner = sum(
            self.steps(one) for region in instruction.regions for one in region.instructions
        )
        loops = instruction.operation == opcode.LOOP
        return 1 + inner * (self.trips[index_of(instruction)].most if loops else 1)

    def stored(
        self,
        one: Instruction,
        needed: Container[int],
        same: Mapping[int, int],
        firsts: Sequence[Instruction],
        seconds: Sequence[Instruction],
    ) -> bool:
        """Stores the results of an instruction of the last of `seconds`, where that is possible."""
        wanted = [result for result in one.results if result in needed]
        count = prod(self.trips[index_of(loop)].most for loop in firsts)
        numbers = sum(count * numbers_in(one, result, self.trips) for result in wanted)
        tables = [result for result in wanted if dimensions(one, result)]
        body = seconds[-1].regions[0]
        if numbers > self.numbers_left or not all(_is_read_alone(body, table) for table in tables):
            return False
        if self.read_plainly and not all(
            _reads_plainly(firsts[-1], same[result]) or _reads_plainly(seconds[-1], result)
            for result in wanted
        ):
            return False
        if self.level == 0:
            self.numbers_left -= numbers
        indices = [index_of(loop) for loop in seconds]
        for result in wanted:
            table = same[result]
            for loop in reversed(firsts):
                made = self.added.setdefault(index_of(loop), {})
                if table not in made:
                    made[table] = self.size
                    self.size += 1
                table = made[table]
            if result in tables:
                self.rows[result] = (table, *indices)
            else:
                subscripts = tuple([_nth(n) for n in range(len(indices))])
                entry = Element("", subscripts)
                self.replaced[result] = Instruction(
                    opcode.ELEMENT, entry, (table, *indices), (result,), (), one.origin
                )
        return True

    def is_gone(self, instruction: Instruction) -> bool:
        """Whether a read has taken the place of what it computes."""
        return any(one in self.replaced or one in self.rows for one in instruction.results)

    # -- what becomes of the tape -----------------------------------------------------------

    def rebuilt(self, region: Region) -> Region:
        """The region with the tables and the reads of them."""
        code: list[Instruction] = []
        for one in region.instructions:
            inner = tuple([self.rebuilt(each) for each in one.regions])
            results = tuple([self.anew(each) for each in one.results])
            if one.operation == opcode.LOOP and (made := self.added.get(index_of(one))):
                over = one.payload
                kinds = (*over.reductions, *[TABLE] * len(made))
                one = one._replace(payload=over._replace(reductions=kinds))
                results = (*results, *made.values())
                inner = (inner[0]._replace(outputs=(*inner[0].outputs, *made)),)
            elif one.operation == opcode.ELEMENT and one.operands and is_of_table(one):
                one = self.of_row(one)
            code.append(one._replace(results=results, regions=inner))
            code += [self.replaced[each] for each in one.results if each in self.replaced]
        return region._replace(instructions=tuple(code))

    def anew(self, result: int) -> int:
        """The number of a result, a new one where a read has the old one."""
        if result not in self.replaced:
            return result
        self.size += 1
        return self.size - 1

    def of_row(self, element: Instruction) -> Instruction:
        """The read of a table that is a row of a stored one now."""
        table, *inner = element.operands
        if table not in self.rows:
            return element
        whole, *indices = self.rows[table]
        outer = [_nth(n) for n in range(len(indices))]
        moved = [
            one._replace(coefficients=(*[0] * len(indices), *one.coefficients))
            for one in element.payload.subscripts
        ]
        payload = Element("", (*outer, *moved))
        return element._replace(payload=payload, operands=(whole, *indices, *inner))


def _nth(place: int) -> Subscript:
    """The subscript that is an operand."""
    return Subscript(0, (), (*[0] * place, 1))


def _is_read_alone(region: Region, table: int) -> bool:
    """Whether a region does nothing with a table but read its entries."""
    uses = [one for one in instructions(region) if table in one.operands]
    outputs = [inner.outputs for one in instructions(region) for inner in one.regions]
    return not any(table in handed for handed in [region.outputs, *outputs]) and all(
        one.operation == opcode.ELEMENT and one.operands.count(table) == 1 for one in uses
    )


def _range(loop: Instruction, names: Mapping[int, int] = NO_NAMES) -> tuple[Any, ...]:
    """The range of a loop, equal for loops over the same one, whichever way they run."""
    over = loop.payload
    operands = loop.operands[: len(loop.operands) - over.reductions.count(CARRY)]
    return over.low, over.high, tuple([names.get(operand, operand) for operand in operands])


def _is_pure(instruction: Instruction) -> bool:
    """Whether an instruction's results are those of an equal one; those of an index are not."""
    if instruction.operation == opcode.LOOP:
        if not set(instruction.payload.reductions).isdisjoint(EXTREMA):
            return False
        inside = list(instructions(instruction.regions[0]))
        indices = {one.results[0] for one in inside if one.operation == opcode.INDEX}
        indices.add(index_of(instruction))
        return all(
            one.operation in PURE_OPERATIONS
            or (one.operation == opcode.EARLIER and one.operands[0] in indices)
            for one in inside
        )
    return instruction.operation in (opcode.APPLY, opcode.ELEMENT)


def _key(instruction: Instruction, names: Mapping[int, Any]) -> Any:
    operands = tuple([names.get(operand, operand) for operand in instruction.operands])
    regions = tuple([canonical(region, names) for region in instruction.regions])
    return instruction.operation, instruction.payload, operands, regions
