"""Loops that become one: contraction before differentiation, fusion behind it; no value changes.

Comes in: a tape with loops. Goes out: a Tape of the same outputs and effects that goes over memory
less often. Loops over the same range become one where none needs what another hands out, but for
the entries of a table at its own index: a sum and its reverse, whose adjoint is known before, or
the layers of a network for one row after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.passes.trip_counts import (
    MOST_STORED_NUMBERS,
    NO_SIZES,
    Sizes,
    numbers_in,
    trips_by_index,
)
from gdcli.autodiff.regions import is_recurrent, values_made, values_used
from gdcli.autodiff.tape import (
    CARRY,
    TABLE,
    Instruction,
    Region,
    Subscript,
    Tape,
    index_of,
    instructions,
    is_of_table,
    loop_results,
    result_count,
)


def contract(tape: Tape, sizes: Sizes) -> Tape:
    """A loop that fills a table becomes one with the loops that read it, which then need no table.

    All of them have the same range, and read the entry of their own index alone. Where they cannot
    all be one, and the table is too long to be stored, each of them finds its entries anew.
    """
    if not any(TABLE in one.payload.reductions for one in _loops(tape.body)):
        return tape
    return _joined(_computed_anew(tape, sizes), sizes, tables_only=True)


def _computed_anew(tape: Tape, sizes: Sizes) -> Tape:
    """The tape with a loop of its own, for each loop that reads it, in place of one for a table.

    Tables of more than MOST_STORED_NUMBERS are meant, all of whose readers read it at their own
    index but cannot become one loop: residuals less their mean.
    """
    trips = trips_by_index(tape, sizes)
    while True:
        order = Arrangement(tape.body, sizes, tables_only=True)
        together = [group for group in order.groups if len(group) > 1]
        joined = {table for group in together for table in order.tables_in(group)[1]}
        makers = {result: one for one in order.code for result in one.results}
        table = next(
            (
                one
                for one, readers in reversed(order.direct.items())
                if one not in joined
                and len(readers) > 1
                and numbers_in(makers[one], one, trips) > MOST_STORED_NUMBERS
            ),
            None,
        )
        if table is None:
            return tape
        code, size = order.code, tape.size
        for number, reader in enumerate(order.direct[table][1:]):
            place = reader + number  # behind the loops that have been added
            inside = [makers[table], *instructions(makers[table].regions[0])]
            values = [result for one in inside for result in one.results]
            anew = dict(zip(values, range(size, size + len(values)), strict=True))
            size += len(values)
            trips.update({anew[one]: trips[one] for one in values if one in trips})
            code[place] = renamed(code[place], {table: anew[table]})
            code = [*code[:place], renamed(makers[table], anew), *code[place:]]
        tape = tape._replace(body=tape.body._replace(instructions=tuple(code)), size=size)


def renamed(instruction: Instruction, numbers: Mapping[int, int]) -> Instruction:
    """An instruction whose values have other numbers, those that `numbers` has."""
    regions = [
        Region(
            tuple([renamed(one, numbers) for one in region.instructions]),
            tuple([numbers.get(output, output) for output in region.outputs]),
        )
        for region in instruction.regions
    ]
    return instruction._replace(
        operands=tuple([numbers.get(one, one) for one in instruction.operands]),
        results=tuple([numbers.get(one, one) for one in instruction.results]),
        regions=tuple(regions),
    )


def fuse(tape: Tape, _: Sizes = NO_SIZES) -> Tape:
    """Loops over the same range become one, where neither needs what the other hands out.

    Ranges are the same where they are so for all sizes: a tape is as fast, and adds in the same
    order, whatever the sizes are.
    """
    return _joined(tape, NO_SIZES, tables_only=False)


def _joined(tape: Tape, sizes: Sizes, *, tables_only: bool) -> Tape:
    """The outer loops come first, since that brings inner ones together."""
    for level in range(nesting(tape.body)):
        everywhere, orders = _uses(tape.body), []
        for region in _regions_at(tape.body, level):
            uses = _uses(region)
            elsewhere = {value for value, count in everywhere.items() if count > uses[value] > 0}
            order = Arrangement(region, sizes, elsewhere, tables_only=tables_only)
            orders.append((region, order))
        if any(len(group) > 1 for _, order in orders for group in order.groups):
            builder = Builder(tape.inputs, tape.arrays)
            by_region = {id(region): order for region, order in orders}
            joining = _Joining(builder, [0] * tape.size, level, by_region)
            tape = builder.tape(joining.region(tape.body))
    return tape


def _regions_at(region: Region, level: int) -> Iterator[Region]:
    """The region itself, for level 0, and those inside it that stand in `level` loops."""
    if level == 0:
        yield region
    for one in flattened(region.instructions):
        for inner in one.regions:
            if one.operation == opcode.BRANCH or (one.operation == opcode.LOOP and level):
                yield from _regions_at(inner, level - (one.operation == opcode.LOOP))


class _Joining(Copy):
    """Copies a tape and joins the loops that stand in `level` other loops."""

    def __init__(
        self, builder: Builder, numbers: list[int], level: int, orders: Mapping[int, Arrangement]
    ) -> None:
        super().__init__(builder, numbers)
        self.level = level
        self.orders = orders  # by the id of a region
        self.loops_around = 0
        self.entries: dict[int, int] = {}  # by table: its entry at the index of the joined loop
        self.places: dict[tuple[int, int], int] = {}  # by old INDEX and reduction: the new one

    def region(self, region: Region) -> list[int]:
        if self.loops_around != self.level:
            return super().region(region)
        order = self.orders.get(id(region))
        if order is None:
            return super().region(region)
        for place, group in enumerate(order.groups):
            for sums in order.openings.get(place, ()):
                self.open_sums(sums)
            if len(group) > 1:
                self.joined(group, *order.tables_in(group))
            elif group[0].operation == opcode.ACCUMULATOR:
                self.close_sums(group[0])
            else:
                super().region(Region((group[0],), ()))
        return [self.numbers[output] for output in region.outputs]

    def open_sums(self, sums: Instruction) -> None:
        """Opens an accumulator that was laid out flat."""
        self.builder.origin = sums.origin
        operands = [self.numbers[operand] for operand in sums.operands]
        self.numbers[index_of(sums)] = self.builder.accumulator(sums.payload, operands)
        self.filling.add(index_of(sums))

    def close_sums(self, sums: Instruction) -> None:
        """Closes an accumulator that was laid out flat."""
        self.builder.origin = sums.origin
        self.filling.remove(index_of(sums))
        table = self.builder.close_accumulator()
        self.numbers[sums.results[0]] = self.finished[index_of(sums), 0] = table

    def instruction(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        if instruction.operation == opcode.ELEMENT and is_of_table(instruction):
            entry = self.entries.get(instruction.operands[0])
            if entry is not None:
                shorter, indices = shortened(instruction.payload.subscripts[1:], operands[1:])
                return [self.builder.entry(entry, shorter, indices) if shorter else entry]
        return super().instruction(instruction, operands)

    def earlier(self, instruction: Instruction, operands: list[int]) -> int:
        payload = instruction.payload
        number = self.places.get((instruction.operands[0], payload.number), payload.number)
        moved = instruction._replace(payload=payload._replace(number=number))
        return super().earlier(moved, operands)

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        self.loops_around += 1
        results = super().loop(instruction, operands)
        self.loops_around -= 1
        return results

    def joined(
        self, loops: Sequence[Instruction], direct: Container[int], contracted: Container[int]
    ) -> None:
        """One loop that does what each of `loops` does.

        Reads of the `direct` tables become the values themselves; `contracted` ones are not handed
        out.
        """
        first = loops[0]
        self.builder.origin = first.origin
        index = self.builder.loop(first.payload, [self.numbers[o] for o in first.operands])
        self.loops_around += 1
        yielded: list[tuple[str, int]] = []
        handed: list[tuple[int, tuple[int, ...]]] = []  # place in `yielded`, old results
        for one in loops:
            filler = index_of(one)
            reductions = list(loop_results(one))
            stays = [each.results[0] not in contracted for each in reductions]
            for number, stay in enumerate(stays):
                self.places[filler, number] = len(yielded) + sum(stays[:number]) if stay else -1
            self.numbers[filler] = index
            self.filling.add(filler)
            found = self.region(one.regions[0])
            self.filling.remove(filler)
            recurrent = is_recurrent(one)
            for each, output, stay in zip(reductions, found, stays, strict=True):
                if each.results[0] in direct:
                    self.entries[each.results[0]] = output
                if stay:
                    pair = each.kind, output
                    if recurrent or pair not in yielded:
                        yielded.append(pair)
                    handed.append((yielded.index(pair), each.results))
        self.loops_around -= 1
        self.builder.origin = first.origin
        kinds, outputs = [kind for kind, _ in yielded], [output for _, output in yielded]
        made = self.builder.close_loop(kinds, outputs)
        starts = [sum(map(result_count, kinds[:place])) for place in range(len(kinds))]
        for place, results in handed:
            for number, result in enumerate(results, starts[place]):
                self.numbers[result] = made[number]
                self.entries.pop(result, None)


class Arrangement:
    """The instructions of a region in an order they can run in, loops that become one together.

    `groups` are instructions that belong together, accumulators laid out flat: an ACCUMULATOR that
    is left stands where its sums are complete, and its region has no more than UNFINISHED.
    `openings` are, by group, the accumulators that must be open from it on, the outer ones first.
    With `tables_only` loops become one only where that saves a table. What other regions use, the
    later sides under the same guards, are `elsewhere`.
    """

    def __init__(
        self,
        region: Region,
        sizes: Sizes = NO_SIZES,
        elsewhere: Container[int] = (),
        *,
        tables_only: bool = False,
    ) -> None:
        self.elsewhere = elsewhere
        self.code = list(flattened(region.instructions))
        self.sizes = sizes
        self.loops = [
            n
            for n, one in enumerate(self.code)
            if one.operation == opcode.LOOP and CARRY not in one.payload.reductions
        ]
        self.sums = {index_of(one) for one in self.code if one.operation == opcode.ACCUMULATOR}
        self.used = (
            [values_used(one) for one in self.code] if len(self.loops) > 1 or self.sums else []
        )
        self.direct: dict[int, list[int]] = {}  # by table: the places of all loops that read it
        places = [[n] for n in range(len(self.code))]
        if len(self.loops) > 1:
            self.find_needs(region)
            self.contract_loops()
            if not tables_only:
                self.fuse_loops()
            places = self.ordered()
        self.groups = [[self.code[n] for n in group] for group in places]
        self.openings = self.find_openings(places) if self.sums else {}

    def find_needs(self, region: Region) -> None:
        """Finds by instruction what it needs, and the tables that loops read at their index alone.

        `needs` are the places of the instructions whose results, or whose effects on an
        accumulator, an instruction needs to have before it, `waived` those of them that it does not
        need where both are one loop. `inside` are the loops of an instruction's group and `above`
        those that must run before it, one bit for each of `loops`.
        """
        maker = {value: n for n, one in enumerate(self.code) for value in values_made(one)}
        readers: dict[int, list[int]] = {}
        for n, used in enumerate(self.used):
            for value in used:
                readers.setdefault(value, []).append(n)
        watched = {
            one.operands[0] for one in instructions(region) if one.operation == opcode.EARLIER
        }
        for place in self.loops:
            loop = self.code[place]
            for one in loop_results(loop):
                found = readers.get(one.results[0], [])
                if (
                    one.kind == TABLE
                    and index_of(loop) not in watched
                    and one.results[0] not in region.outputs
                    and one.results[0] not in self.elsewhere
                    and self.are_direct(one.results[0], loop, found)
                ):
                    self.direct[one.results[0]] = found
        self.needs: list[set[int]] = []
        self.waived: list[set[int]] = []
        for place, used in enumerate(self.used):
            values = [value for value in used if value in maker]
            needs = {maker[value] for value in values} - {place}
            strict = {maker[value] for value in values if value not in self.direct}
            self.needs.append(needs)
            self.waived.append(needs - strict)
        for n, sums in enumerate(self.code):  # complete when all has been added
            if sums.operation == opcode.ACCUMULATOR:
                self.needs[n].update(readers.get(index_of(sums), []))
        added = {
            one.operands[0]
            for one in instructions(region)
            if one.operation == opcode.ACCUMULATE and is_of_table(one)
        }
        for value in watched & added:  # read meanwhile in one order, those around the region too
            for before, after in pairwise(readers.get(value, [])):
                self.needs[after].add(before)
        self.group = [[n] for n in range(len(self.code))]  # by place: the places of its group
        self.inside, self.above = [0] * len(self.code), [0] * len(self.code)
        for number, place in enumerate(self.loops):
            self.inside[place] = 1 << number
        self.users: list[list[int]] = [[] for _ in self.code]
        for place, needs in enumerate(self.needs):
            for need in needs:
                self.above[place] |= self.inside[need] | self.above[need]
                self.users[need].append(place)

    def are_direct(self, table: int, loop: Instruction, readers: Sequence[int]) -> bool:
        """Whether all that read a table are loops of the range of `loop`, each at its own index.

        One read at least stands on no side of a branch: the adjoint of an entry that is read on a
        side alone must not be computed on the other.
        """
        plain = False
        for n in readers:
            reader = self.code[n]
            if n not in self.loops or self.range(reader) != self.range(loop):
                return False
            for is_direct, on_a_side in _reads(reader.regions[0], table, index_of(reader)):
                if not is_direct:
                    return False
                plain = plain or not on_a_side
        return plain

    def range(self, loop: Instruction) -> Any:
        """The range of a loop, equal for loops over the same one."""
        over = loop.payload
        if loop.operands or not self.sizes:
            return over.low, over.high, over.descending, loop.operands
        low, high = (
            [one.constant + sum(k * self.sizes[name] for name, k in one.sizes) for one in ends]
            for ends in (over.low, over.high)
        )
        return max(low), min(high), over.descending

    def contract_loops(self) -> None:
        """Brings loops together where that saves a table, the last ones first.

        So what fills a table joins what has joined already: a copy of a loop stays with its reader.
        """
        for place in reversed(self.loops):
            for table in self.code[place].results:
                if table in self.direct:
                    self.join([place, *self.direct[table]])

    def fuse_loops(self) -> None:
        """Brings each loop together with the first one over its range that it can be one with."""
        before: dict[Any, int] = {}  # by range: its loops that have been met
        for number, place in enumerate(self.loops):
            over, inside = self.range(self.code[place]), self.inside[place]
            candidates = before.get(over, 0) & ((inside & -inside) - 1)
            if candidates:
                candidates &= ~self.apart(place)
            while candidates:
                first = self.loops[(candidates & -candidates).bit_length() - 1]
                if self.join([first, place]):
                    break
                candidates &= ~self.inside[first]
            before[over] = before.get(over, 0) | 1 << number

    def apart(self, place: int) -> int:
        """The loops that must run before the group of a place and cannot be one with it."""
        found = 0
        for member in self.group[place]:
            for need in self.needs[member] - set(self.group[place]):
                found |= self.above[need]
                if need not in self.waived[member]:
                    found |= self.inside[need]
        return found

    def join(self, places: Iterable[int]) -> bool:
        """Makes one group of those of the places, unless instructions then need each other."""
        groups = {self.group[place][0]: self.group[place] for place in places}
        members = sorted(place for group in groups.values() for place in group)
        inside, above = sum(self.inside[first] for first in groups), 0
        for first, group in groups.items():
            above |= self.above[first]
            if not self.above[first] & inside:
                continue
            for place in group:
                for need in self.needs[place]:
                    if self.inside[need] & inside:
                        if need not in self.waived[place]:
                            return False
                    elif self.above[need] & inside:
                        return False
        for place in members:
            self.group[place] = members
            self.inside[place], self.above[place] = inside, above & ~inside
        above |= inside
        waiting = list(members)
        while waiting:  # what needs the group needs all that it needs
            for user in self.users[waiting.pop()]:
                if not self.inside[user] & inside and above & ~self.above[user]:
                    waiting += self.group[user]
                    for place in self.group[user]:
                        self.above[place] |= above
        return True

    def ordered(self) -> list[list[int]]:
        """The groups, each after what it needs: those that can come next in order, again and again.

        A group comes in the first round through all of them in which what it needs has come.
        """
        groups = {group[0]: group for group in self.group}
        missing = {
            first: {self.group[need][0] for place in group for need in self.needs[place]} - {first}
            for first, group in groups.items()
        }
        users = dict[int, list[int]]()
        for first, needed in missing.items():
            for need in needed:
                users.setdefault(need, []).append(first)
        ready = [(0, first) for first, needed in missing.items() if not needed]
        heapify(ready)
        rounds, ordered = dict.fromkeys(missing, 0), []
        while ready:
            number, done = heappop(ready)
            ordered.append(groups[done])
            for first in users.get(done, []):
                rounds[first] = max(rounds[first], number + (first < done))
                missing[first].remove(done)
                if not missing[first]:
                    heappush(ready, (rounds[first], first))
        return ordered

    def tables_in(self, group: Sequence[Instruction]) -> tuple[set[int], set[int]]:
        """The tables that loops of a group make and read, and those that no other loop reads."""
        indices = {index_of(one) for one in group}
        direct = {result for one in group for result in one.results if result in self.direct}
        inside = {
            table
            for table in direct
            if all(index_of(self.code[n]) in indices for n in self.direct[table])
        }
        return direct, inside

    def find_openings(self, groups: list[list[int]]) -> dict[int, list[Instruction]]:
        """By group: the accumulators that are open from it on, so that brackets nest."""
        first_use: dict[int, int] = {}
        spans: list[tuple[int, Instruction]] = []  # the first group, as they close
        outer: list[tuple[int, int]] = []  # first and last group of those in no other, so far
        for number, group in enumerate(groups):
            for place in group:
                for value in self.used[place]:
                    first_use.setdefault(value, number)
            closing = self.code[group[0]]
            if closing.operation == opcode.ACCUMULATOR:
                first = min(first_use.get(index_of(closing), number), number)
                while outer and outer[-1][1] >= first:
                    first = min(first, outer.pop()[0])
                outer.append((first, number))
                spans.append((first, closing))
        openings: dict[int, list[Instruction]] = {}
        for first, sums in reversed(spans):
            openings.setdefault(first, []).append(sums)
        return openings


def _uses(region: Region) -> Counter[int]:
    """How often each value is an operand."""
    return Counter(operand for one in instructions(region) for operand in one.operands)


def flattened(code: Iterable[Instruction]) -> Iterator[Instruction]:
    """The instructions of a region and of its accumulators; each of these behind its own."""
    for one in code:
        if one.operation == opcode.ACCUMULATOR:
            first, *inner = one.regions[0].instructions
            yield from flattened(inner)
            yield one._replace(regions=(Region((first,), ()),))
        else:
            yield one


def _reads(
    region: Region, table: int, index: int, on_a_side: bool = False
) -> Iterator[tuple[bool, bool]]:
    """Every use of a table in a loop of `index`: whether it is of its own entry; if on a side."""
    for one in region.instructions:
        if table in one.operands:
            direct = one.operation == opcode.ELEMENT and one.operands.index(table) == 0
            yield direct and is_index(one.payload.subscripts[0], one.operands[1:], index), on_a_side
        for inner in one.regions:
            branches = on_a_side or one.operation == opcode.BRANCH
            yield from _reads(inner, table, index, branches)
    if table in region.outputs:
        yield False, on_a_side


def shortened(
    subscripts: Sequence[Subscript], operands: Sequence[int]
) -> tuple[list[Subscript], list[int]]:
    """The subscripts without the operands that none of them takes, so that equal reads are one."""
    filled = [
        [*one.coefficients, *[0] * (len(operands) - len(one.coefficients))] for one in subscripts
    ]
    places = [n for n in range(len(operands)) if any(factors[n] for factors in filled)]
    found = [
        one._replace(coefficients=tuple([factors[n] for n in places]))
        for one, factors in zip(subscripts, filled, strict=True)
    ]
    return found, [operands[n] for n in places]


def is_index(subscript: Subscript, operands: Sequence[int], index: int) -> bool:
    """Whether a subscript of `operands` is the value `index` and nothing else."""
    factors = [
        (operand, k) for operand, k in zip(operands, subscript.coefficients, strict=False) if k
    ]
    return not subscript.constant and not subscript.sizes and factors == [(index, 1)]


def _loops(region: Region) -> Iterator[Instruction]:
    return (one for one in instructions(region) if one.operation == opcode.LOOP)


def nesting(region: Region) -> int:
    """How many loops stand inside one another."""
    return max(
        (
            (one.operation == opcode.LOOP) + max(map(nesting, one.regions))
            for one in region.instructions
            if one.regions
        ),
        default=0,
    )
