"""Loops over rows that go by strips: which contractions their bodies have, and in which steps.

Comes in: a Context and an outermost loop. Goes out: `StripPlan`, the steps in which a strip of rows
runs, or None where the loop has no contraction that is worth it.

A contraction is Σ_j w[k, j]·x[j], where w is the same for all rows and x belongs to the row; or the
adding of a·x[j] to an entry [k, j] that all rows share, or of a·w[k, j] to an entry j of the row.
It stands in a loop over j, directly or in a loop over k, and is taken out of these loops: sums
before the loop over k, what is added behind it. What is left of the loop over k runs entry by
entry, each for all rows of the strip, and everything else of the body eight rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import gcd

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.regions import needed_code
from gdcli.autodiff.tape import (
    SUM,
    TABLE,
    Element,
    Instruction,
    LoopResult,
    Region,
    Subscript,
    index_of,
    instructions,
    is_of_table,
    loop_results,
    subscript_operands,
)
from gdcli.execute.native.context import Context, Position, Storage, StorageLayout, opened
from gdcli.execute.work import Range
from gdcli.named_tuples import NamedTuple

FEWEST_ROW_PRODUCTS = 256  # of the contractions of a row
TURNED = -2  # minus the number of a value: that of the value with the other sign
PRODUCTS_PER_READ = 8  # for each entry of an array that is read into a strip
MOST_STRIP_ENTRIES = 1 << 15  # entries of all strips together: 32 MB

View = tuple[Storage, int]  # a storage, and how far apart the places of consecutive rows are


class ContractionTerm(NamedTuple):
    """A product of a contraction: an element that all rows share times one of the row."""

    shared: Instruction
    own: Instruction


class Sum(NamedTuple):
    """Σ_j of products, a result of the loop `inner`; with a minus sign where it is `negative`."""

    result: int
    inner: Instruction
    terms: tuple[ContractionTerm, ...]
    negative: bool


class Added(NamedTuple):
    """What an ACCUMULATE in the loop `inner` adds: the row's `value` times an element.

    The element is the row's own where the target is shared by all rows, else it is shared. `table`
    is the ELEMENT of a table of the row that the value is, if it is one.
    """

    target: Instruction
    inner: Instruction
    value: int
    negative: bool
    element: Instruction
    table: Instruction | None


class Entries(NamedTuple):
    """A loop over entries of the row: its sums, the rest of its body, and what is added behind.

    `streamed` has the views of which an iteration reads the one entry that no other reads.
    """

    loop: Instruction
    sums: tuple[Sum, ...]
    body: Region
    added: tuple[Added, ...]
    streamed: dict[View, Strip]


class Groups(NamedTuple):
    """Instructions that run eight rows at a time."""

    code: tuple[Instruction, ...]


class Contractions(NamedTuple):
    """Sums that are made before a loop, each in a table, or what is added behind it by tables."""

    loop: Instruction
    sums: tuple[tuple[Sum, int], ...]
    added: tuple[Added, ...]


Step = Entries | Groups | Sum | Contractions


class Strip(NamedTuple):
    """What a view keeps of each row: `entries` places, `unit` apart, from `low` on."""

    low: int
    unit: int
    entries: int

    def entry(self, rest: Position) -> Position:
        """Which entry of the strip a position is, that has no row in it any more."""
        terms = tuple((value, factor // self.unit) for value, factor in rest.terms)
        return Position((rest.constant - self.low) // self.unit, terms)


class StripPlan(NamedTuple):
    """How a strip of rows runs.

    `reads` are the strips that are made of arrays, `writes` those that are added to derivatives;
    `tables` are the tables of a row, `of_row` the values that may differ from row to row.
    """

    steps: tuple[Step, ...]
    tables: tuple[int, ...]
    of_row: frozenset[int]
    reads: dict[View, Strip]
    writes: dict[View, Strip]


def strip_plan(context: Context, loop: Instruction) -> StripPlan | None:
    """The plan of an outermost loop; None where it does not go by strips.

    Where it does, a row of a table that the loop fills has memory of its own from here on.
    """
    if not context.independent(loop) or set(loop.payload.reductions) - {SUM, TABLE}:
        return None
    before = dict(context.layouts)
    for one in loop_results(loop):
        if one.kind == TABLE and one.output in before:
            _detach(context, one, index_of(loop))
    body = _Body(context, loop)
    plan = body.plan() if body.is_simple() else None
    if plan is None:
        context.layouts.clear()
        context.layouts.update(before)
    return plan


def _detach(context: Context, filled: LoopResult, index: int) -> None:
    """Lays the rows of a table out as tables of their own."""
    table, row = context.layouts[filled.results[0]], filled.output
    behind = table.strides[0] * table.lows[0]
    for value, layout in context.layouts.items():
        if layout.storage == table.storage and layout.start.coefficient(index):
            start = layout.start.without(index).moved(behind, [])
            context.layouts[value] = layout._replace(storage=row, start=start)


class _Body:
    """The body of a loop over rows, with the indices that each of its values rests on."""

    def __init__(self, context: Context, loop: Instruction) -> None:
        self.context = context
        self.loop = loop
        self.row = index_of(loop)
        self.rests: dict[int, frozenset[int]] = {}  # by value: the indices that it rests on
        self.made: dict[int, Instruction] = {}
        self.local: set[int] = set()  # tables of the row
        self.walk(loop.regions[0])
        keys = [
            self.key(made, one)
            for one in opened(loop.regions[0].instructions)
            if one.operation == opcode.LOOP
            for inner in one.regions[0].instructions
            if inner.operation == opcode.LOOP
            for made in self.sums(inner, one)
        ]
        self.repeated = {key for key in keys if keys.count(key) > 1}
        self.tables: dict[tuple[object, ...], int] = {}  # of repeated sums

    def walk(self, region: Region) -> None:
        """Finds what every value of a region rests on."""
        nothing: frozenset[int] = frozenset()
        for one in region.instructions:
            rests = nothing.union(*(self.rests.get(value, nothing) for value in one.operands))
            if one.operation == opcode.INDEX:
                rests = frozenset(one.results)
            elif one.operation in (opcode.UNFINISHED, opcode.ACCUMULATOR, opcode.EARLIER):
                rests |= {self.row}
            for inner in one.regions:
                self.walk(inner)
                rests = rests.union(*(self.rests.get(value, nothing) for value in inner.outputs))
            if one.operation == opcode.LOOP:
                rests -= {index_of(one)}
            for result in one.results:
                self.made[result] = one
                self.rests[result] = rests
                if result in self.context.layouts:
                    storage = self.context.layouts[result].storage
                    assert isinstance(storage, int), "a table has a number"
                    self.local.add(storage)

    def of_row(self, value: int) -> bool:
        """Whether a value may differ from row to row."""
        return self.row in self.rests.get(value, ())

    def is_simple(self) -> bool:
        """Whether no table of the loop is read while it is added to from outside the row."""
        found = list(instructions(self.loop.regions[0]))
        read = {self.storage(one) for one in found if one.operation == opcode.EARLIER}
        added = {self.storage(one) for one in found if one.operation == opcode.ACCUMULATE}
        tables = [value for value in self.loop.regions[0].outputs if value in self.context.layouts]
        own = all(self.context.layouts[value].storage in self.local for value in tables)
        return own and read & added <= self.local

    def storage(self, one: Instruction) -> Storage:
        return self.context.accessed(one).storage

    # -- steps ------------------------------------------------------------------------------

    def plan(self) -> StripPlan | None:
        steps: list[Step] = []
        code: list[Instruction] = []
        for one in opened(self.loop.regions[0].instructions):
            before, rest, behind = (
                self.steps(one) if one.operation == opcode.LOOP else ([], [one], [])
            )
            if before and code:
                steps.append(Groups(tuple(code)))
                code = []
            steps += before
            code += rest
            if behind:
                steps += [Groups(tuple(code)), *behind]
                code = []
        if code:
            steps.append(Groups(tuple(code)))
        products = sum(map(self.products, steps))
        if products < FEWEST_ROW_PRODUCTS:
            return None
        reads, writes = self.views(opcode.ELEMENT), self.views(opcode.ACCUMULATE)
        read = sum(strip.entries for strip in reads.values())
        given = set(map(id, chain.from_iterable(map(_own_elements, steps))))
        steps = [
            self.streaming(one, reads, given) if isinstance(one, Entries) else one for one in steps
        ]
        tables = sum(map(self.context.count, self.local))
        entries = sum(strip.entries for strip in (*reads.values(), *writes.values()))
        if tables + entries > MOST_STRIP_ENTRIES or products < PRODUCTS_PER_READ * read:
            return None
        of_row = frozenset(filter(self.of_row, self.rests))
        return StripPlan(tuple(steps), tuple(sorted(self.local)), of_row, reads, writes)

    def products(self, step: Step) -> int:
        """How many products the contractions of a step have for each row."""
        trips = self.context.work.trips
        if isinstance(step, Sum):
            return len(step.terms) * trips[index_of(step.inner)]
        if isinstance(step, Groups):
            return 0
        sums = [one for one, _ in step.sums] if isinstance(step, Contractions) else step.sums
        inside = sum(map(self.products, sums))
        inside += sum(trips[index_of(one.inner)] for one in step.added)
        return trips[index_of(step.loop)] * inside

    def steps(self, loop: Instruction) -> tuple[list[Step], list[Instruction], list[Step]]:
        """The steps before a loop, what is left of it for groups of rows, and the steps behind."""
        first: list[Step] = []
        sums = self.sums(loop, None)
        rest = _without(loop, sums, [])
        if not rest.results and not _has_effects(rest):
            return list(sums), [], []
        entries = self.entries(rest, first)
        if entries is not None:
            return [*sums, *first, entries], [], []
        rest, behind = self.around(rest, first)
        return [*sums, *first], [rest], behind

    def around(self, loop: Instruction, first: list[Step]) -> tuple[Instruction, list[Step]]:
        """The loop without its contractions, and what is added behind it; sums come `first`.

        It reads the entries of tables of the sums, and fills tables of the factors.
        """
        inside = list(instructions(loop.regions[0]))
        read = {self.storage(one) for one in inside if one.operation == opcode.EARLIER}
        added: list[Added] = []
        code: list[Instruction] = []
        fixed = self.span(loop) is not None
        for one in loop.regions[0].instructions:
            if one.operation != opcode.LOOP:
                code.append(one)
                continue
            before = self.sums(one, loop)
            if not fixed:
                before = [made for made in before if self.key(made, loop) in self.tables]
            for made in before:
                table = self.table_of(made, loop, first)
                code += self.entry(loop, table, made.result, negative=made.negative)
            behind = self.added(one, loop) if fixed else []
            behind = [addend for addend in behind if self.storage(addend.target) not in read]
            added += behind
            rest = _without(one, before, behind)
            code += [rest] if rest.results or _has_effects(rest) else []
        factors: dict[int, int] = {}  # by value: its table
        for place, addend in enumerate(added):
            if addend.table is None:
                factor = addend.value
                if addend.negative:
                    factor = TURNED - factor
                    turned = Instruction(opcode.APPLY, "unary-minus", (addend.value,), (factor,))
                    code += [turned] if factor not in factors else []
                if factor not in factors:
                    factors[factor] = self.new_table(loop)
                [element] = self.entry(loop, factors[factor], factor, negative=False)
                added[place] = addend._replace(table=element)
        body = Region(tuple(code), (*loop.regions[0].outputs, *factors))
        kinds = (*loop.payload.reductions, *[TABLE] * len(factors))
        rest = loop._replace(
            payload=loop.payload._replace(reductions=kinds),
            results=(*loop.results, *factors.values()),
            regions=(body,),
        )
        return rest, [Contractions(loop, (), tuple(added))] if added else []

    def key(self, made: Sum, loop: Instruction) -> tuple[object, ...]:
        """What sums in loops over entries have in common that are the same but for their sign."""
        j, k = index_of(made.inner), index_of(loop)
        places: list[object] = [self.span(made.inner), self.context.work.ranges[k]]
        for element in (one for term in made.terms for one in term):
            position = self.context.position(element)
            factors = [position.coefficient(index) for index in (j, k, self.row)]
            places += [self.storage(element), position.constant, *factors]
        return tuple(places)

    def table_of(self, made: Sum, loop: Instruction, first: list[Step]) -> int:
        """The table of a sum for all iterations of a loop, which is made `first` if it is new."""
        key = self.key(made, loop)
        if key not in self.tables:
            self.tables[key] = self.new_table(loop)
            first.append(Contractions(loop, ((made, self.tables[key]),), ()))
        return self.tables[key]

    def new_table(self, loop: Instruction) -> int:
        """A table of the row with an entry for each iteration of a loop."""
        layouts, span = self.context.layouts, self.span(loop)
        assert span is not None
        table = max(self.context.tape.size - 1, *layouts) + 1 if layouts else self.context.tape.size
        layouts[table] = StorageLayout(table, Position(0, ()), span[:1], (span[1] - span[0] + 1,))
        self.local.add(table)
        return table

    def entry(
        self, loop: Instruction, table: int, value: int, *, negative: bool
    ) -> list[Instruction]:
        """The instructions that read a table's entry of an iteration as a value."""
        element = Element("", (Subscript(0, (), (1,)),))
        read = Instruction(opcode.ELEMENT, element, (table, index_of(loop)), (value,))
        if not negative:
            return [read]
        turned = TURNED - value
        return [
            read._replace(results=(turned,)),
            Instruction(opcode.APPLY, "unary-minus", (turned,), (value,)),
        ]

    def entries(self, loop: Instruction, first: list[Step]) -> Entries | None:
        """The loop as one over entries, where its iterations may be cut into steps."""
        body = loop.regions[0]
        inside = list(instructions(body))
        if set(loop.payload.reductions) - {SUM, TABLE} or self.span(loop) is None:
            return None
        read = {self.storage(one) for one in inside if one.operation == opcode.EARLIER}
        added = {self.storage(one) for one in inside if one.operation == opcode.ACCUMULATE}
        filled = {
            self.context.layouts[one.results[0]].storage
            for one in loop_results(loop)
            if one.kind == TABLE
        }
        if read & (added | filled):
            return None
        sums: list[Sum] = []
        taken: list[Added] = []
        code: list[Instruction] = []
        for one in body.instructions:
            if one.operation != opcode.LOOP:
                code.append(one)
                continue
            before, behind = self.sums(one, loop), self.added(one, loop)
            for made in before:
                if self.key(made, loop) in self.repeated:
                    table = self.table_of(made, loop, first)
                    code += self.entry(loop, table, made.result, negative=made.negative)
                else:
                    sums.append(made)
            taken += behind
            code.append(_without(one, before, behind))
        effects = TABLE in loop.payload.reductions or bool(added)
        if not sums and not taken and not effects:
            return None  # it may go eight rows at a time, by the tables of its sums
        wanted = {*body.outputs, *(one.value for one in taken if one.table is None)}
        wanted |= {
            one.operands[0]
            for one in inside
            if one.operation == opcode.ACCUMULATE and is_of_table(one)
        }
        kept = needed_code(code, wanted)
        return Entries(loop, tuple(sums), Region(kept, body.outputs), tuple(taken), {})

    def span(self, loop: Instruction) -> Range | None:
        """The range of a loop, where it is the same in every iteration around it."""
        over = loop.payload
        if any(any(end.coefficients) for end in (*over.low, *over.high)):
            return None
        low = max(map(self.context.work.constant, over.low))
        high = min(map(self.context.work.constant, over.high))
        return (low, high) if low <= high else None

    # -- contractions -----------------------------------------------------------------------

    def sums(self, inner: Instruction, outer: Instruction | None) -> list[Sum]:
        """The sums of a loop over j that are contractions, for the index of a loop over k."""
        if self.span(inner) is None or inner.payload.descending:
            return []
        found = []
        for one in loop_results(inner):
            terms = _terms(self.made, one.output) if one.kind == SUM else []
            made = [self.term(*product[1:], inner, outer) for product in terms]
            if made and all(made) and len({negative for negative, _, _ in terms}) == 1:
                given = tuple(term for term in made if term)
                found.append(Sum(one.results[0], inner, given, terms[0][0]))
        return found

    def term(
        self, left: int, right: int, inner: Instruction, outer: Instruction | None
    ) -> ContractionTerm | None:
        """The product as one of an element of all rows and one of the row itself."""
        j, k = index_of(inner), index_of(outer) if outer else -1
        for shared, own in ((left, right), (right, left)):
            weights, rows = self.made.get(shared), self.made.get(own)
            if weights is None or rows is None:
                continue
            if self.is_shared(weights, {j, k}) and self.is_own(rows, j, k):
                return ContractionTerm(weights, rows)
        return None

    def added(self, inner: Instruction, outer: Instruction) -> list[Added]:
        """What a loop over j in a loop over k adds by contractions."""
        if self.span(inner) is None or inner.payload.descending:
            return []
        found = []
        for one in inner.regions[0].instructions:
            if one.operation == opcode.ACCUMULATE:
                terms = _terms(self.made, one.operands[-1])
                made = [self.addend(one, product, inner, outer) for product in terms]
                if made and all(made):
                    found += [addend for addend in made if addend]
        return found

    def addend(
        self,
        target: Instruction,
        product: tuple[bool, int, int],
        inner: Instruction,
        outer: Instruction,
    ) -> Added | None:
        negative, *factors = product
        j, k = index_of(inner), index_of(outer)
        position = self.context.position(target)
        indices = {value for value, _ in position.terms}
        shared = self.storage(target) not in self.local and not self.rests_on_row(position)
        if shared:
            fits = indices == {j, k} and 1 in (position.coefficient(j), position.coefficient(k))
        else:
            fits = indices <= {j, self.row} and position.coefficient(j) != 0
        if not fits or self.context.is_guarded(target):
            return None
        inside = {made for one in instructions(inner.regions[0]) for made in one.results}
        for value, factor in (factors, factors[::-1]):
            element = self.made.get(factor)
            if element is None or j in self.rests.get(value, ()) or not self.of_row(value):
                continue
            if value in inside:  # as a sum is that an effect keeps there
                continue
            fits = self.is_shared(element, {j, k})
            if shared:
                fits = self.is_own(element, j, k) and not self.is_subscript(element)
            if fits:
                table = None if negative else self.table(value, k)
                return Added(target, inner, value, negative, element, table)
        return None

    def table(self, value: int, k: int) -> Instruction | None:
        """The ELEMENT of the index k of a table of the row that a value is, if it is one."""
        one = self.made[value]
        if one.operation != opcode.ELEMENT or self.storage(one) not in self.local:
            return None
        return one if [index for index, _ in self.context.position(one).terms] == [k] else None

    def rests_on_row(self, position: Position) -> bool:
        return any(self.of_row(value) for value, _ in position.terms)

    def is_shared(self, element: Instruction, indices: set[int]) -> bool:
        """Whether it is an element that all rows share, of these indices alone."""
        if element.operation != opcode.ELEMENT or self.of_row(element.results[0]):
            return False
        indices_of = {value for value, _ in self.context.position(element).terms}
        return self.storage(element) not in self.local and indices_of <= indices

    def is_own(self, element: Instruction, j: int, k: int) -> bool:
        """Whether it is an element of the row, of the index j alone."""
        rests = self.rests.get(element.results[0], frozenset()) if element.results else frozenset()
        if element.operation != opcode.ELEMENT or self.row not in rests or k in rests:
            return False
        position = self.context.position(element)
        indices = {value for value, _ in position.terms}
        if self.context.is_guarded(element) or not position.coefficient(j):
            return False
        return indices == ({j} if self.storage(element) in self.local else {j, self.row})

    def is_subscript(self, element: Instruction) -> bool:
        """Whether entries of the element's array are subscripts, which nothing may change."""
        storage = self.storage(element)
        return any(
            value in self.made
            and self.made[value].operation == opcode.ELEMENT
            and self.storage(self.made[value]) == storage
            for one in instructions(self.loop.regions[0])
            if one.operation in (opcode.ELEMENT, opcode.ACCUMULATE, opcode.EARLIER)
            for value in subscript_operands(one)
        )

    # -- strips of arrays -------------------------------------------------------------------

    def views(self, operation: str) -> dict[View, Strip]:
        """The strips for what is read of arrays, or added to their derivatives."""
        found: dict[View, list[Position]] = {}
        for one in instructions(self.loop.regions[0]):
            if one.operation == operation and (view := self.view(one)) is not None:
                found.setdefault(view, []).append(self.context.position(one).without(self.row))
        strips = {}
        for view, positions in found.items():
            reaches = [one.reach(self.context.work) for one in positions]
            low, high = min(low for low, _ in reaches), max(high for _, high in reaches)
            factors = [factor for one in positions for _, factor in one.terms]
            unit = gcd(*factors, *(one.constant - positions[0].constant for one in positions)) or 1
            strips[view] = Strip(low, unit, (high - low) // unit + 1)
        return strips

    def streaming(self, step: Entries, reads: dict[View, Strip], given: set[int]) -> Entries:
        """The step with the views that are read in it alone, each taken out of `reads`.

        `given` are the elements, by id, of which contractions take whole rows.
        """
        index, streamed = index_of(step.loop), {}
        direct = {id(one) for one in step.body.instructions} - given
        read: dict[View, list[Instruction]] = {}
        for one in instructions(self.loop.regions[0]):
            if one.operation == opcode.ELEMENT and (view := self.view(one)) is not None:
                read.setdefault(view, []).append(one)
        for view, found in read.items():
            places = {self.context.position(one).without(self.row) for one in found}
            if len(places) == 1 and all(id(one) in direct for one in found):
                [place] = places
                if [value for value, _ in place.terms] == [index]:
                    del reads[view]
                    streamed[view] = Strip(place.constant, place.coefficient(index), 1)
        return step._replace(streamed=streamed)

    def view(self, one: Instruction) -> View | None:
        """The view by which an element of the row is seen; None where it is another element."""
        if (storage := self.storage(one)) in self.local:
            return None
        position = self.context.position(one)
        apart = position.coefficient(self.row)
        rest = position.without(self.row)
        known = self.context.is_known(position) and not self.rests_on_row(rest)
        return (storage, apart) if apart and known and not self.context.is_guarded(one) else None


def _own_elements(step: Step) -> Iterator[Instruction]:
    """The elements of rows that the contractions of a step take."""
    if isinstance(step, Sum):
        yield from (term.own for term in step.terms)
    elif not isinstance(step, Groups):
        sums = [one for one, _ in step.sums] if isinstance(step, Contractions) else step.sums
        yield from chain.from_iterable(map(_own_elements, sums))
        yield from (one.element for one in step.added)


def _terms(made: dict[int, Instruction], value: int) -> list[tuple[bool, int, int]]:
    """The products that a value is a sum of, each with whether it has a minus sign.

    There are none where it is something else.
    """
    one = made.get(value)
    if one is None or one.operation != opcode.APPLY:
        return []
    if one.payload == "*":
        return [(False, one.operands[0], one.operands[1])]
    if one.payload == "unary-minus":
        return [(not negative, a, b) for negative, a, b in _terms(made, one.operands[0])]
    if one.payload not in ("+", "-"):
        return []
    left, right = (_terms(made, operand) for operand in one.operands)
    flip = one.payload == "-"
    changed = [(negative != flip, a, b) for negative, a, b in right]
    return [*left, *changed] if left and right else []


def _has_effects(loop: Instruction) -> bool:
    return any(one.operation == opcode.ACCUMULATE for one in instructions(loop.regions[0]))


def _without(loop: Instruction, sums: list[Sum], added: list[Added]) -> Instruction:
    """The loop without what was taken out of it."""
    gone = {id(one.target) for one in added}
    taken = {one.result for one in sums}
    left = [one for one in loop_results(loop) if one.results[0] not in taken]
    body = [one for one in loop.regions[0].instructions if id(one) not in gone]
    return loop._replace(
        payload=loop.payload._replace(reductions=tuple([one.kind for one in left])),
        results=tuple([result for one in left for result in one.results]),
        regions=(Region(tuple(body), tuple([one.output for one in left])),),
    )
