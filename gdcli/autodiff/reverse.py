"""Reverse mode: a Tape with one output f becomes its gradient Tape.

Comes in: a Tape without effects and carries. Goes out: a Tape that computes f and its derivative
by every input, for the cost of a few evaluations of f however many inputs there are; derivatives
by the elements of an array are accumulated.

The adjoint of a value v is ∂f/∂v. The instructions are walked from the last to the first: when the
sweep comes to the one that made v, it has passed all that uses v, so that the adjoint of v is
complete, and is passed on to the operands that v was made of. A branch becomes a branch under the
same comparison; a loop becomes a loop over the same range, in which the body runs again and is
swept back over. So the length of the gradient Tape depends on the length of the Tape, and never on
how often a loop runs.

A table of f's Tape has a table of adjoints: an accumulator that is open while all that reads the
table is swept back over. The loop that filled it is swept after that, each iteration with the
adjoint of its own entry. An entry to which nothing was added hands nothing on, whatever its slopes
are: where it is not plain that all entries are read, a second accumulator counts what was added,
and a branch passes over those with a count of 0.

Source: Linnainmaa (1976); Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial, reduce

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import active, or_zero, partials, product, softmax, total
from gdcli.autodiff.regions import is_recurrent, values_used
from gdcli.autodiff.tables import ReadPlace, Tables, are_all_read, stands_in
from gdcli.autodiff.tape import (
    CARRY,
    LOGSUMEXP,
    PRODUCT,
    SUM,
    TABLE,
    Accumulator,
    Extent,
    Instruction,
    Loop,
    LoopResult,
    Region,
    Subscript,
    Tape,
    index_of,
    is_of_table,
    loop_results,
    subscript_operands,
)
from gdcli.autodiff.ties import TIE_RANGE, tie_indicator
from gdcli.collector import collector_waits
from gdcli.errors import UsageError
from gdcli.named_tuples import NamedTuple

Adjoints = dict[int, int | None]  # by value of the tape; None is an exact 0
MOST_OPEN_TABLES = 100  # accumulators stand inside one another; the passes recurse once a level
ROUNDING_SLOT = -1  # among the adjoints, so that branches and loops hand on this sum as one of them


@collector_waits()
def reverse(tape: Tape) -> Tape:
    """The gradient Tape, whose outputs are f and ∂f/∂ each of `tape.inputs` in order."""
    builder = Builder(tape.inputs, tape.arrays)
    sweep = ReverseSweep(builder, tape)
    return builder.tape(sweep.gradient(sweep.from_output()))


def rounding(tape: Tape) -> Tape:
    """A Tape of Σ |adjoint·value| over all that `tape` computes.

    Times the unit of rounding it estimates the output's own rounding error to first order
    (Bauer 1974; Griewank and Walther, section 3.4).
    """
    builder = Builder(tape.inputs, tape.arrays)
    sweep = ReverseSweep(builder, tape, with_rounding=True)
    return builder.tape([or_zero(builder, sweep.from_output().get(ROUNDING_SLOT))])


class TableAdjoint(NamedTuple):
    """A table, or a row of one, that holds the adjoints of another table's entries.

    `counts` is the table of how often something was added to each, None where it was to each one.
    `subscripts` of `indices` lead to the row. While it is `open` its entries may still grow.
    """

    table: int
    counts: int | None
    open: bool
    subscripts: tuple[Subscript, ...] = ()
    indices: tuple[int, ...] = ()

    def row(self, index: int) -> TableAdjoint:
        """The row of an index."""
        last = Subscript(0, (), (0,) * len(self.indices) + (1,))
        return self._replace(subscripts=(*self.subscripts, last), indices=(*self.indices, index))

    def read(self, builder: Builder, index: int) -> tuple[int, int | None]:
        """The adjoint of the entry of an index, and its count."""
        row = self.row(index)

        def entry(table: int) -> int:
            if self.open:
                return builder.earlier(table, 0, row.subscripts, row.indices, index)
            return builder.entry(table, row.subscripts, row.indices)

        return entry(self.table), None if self.counts is None else entry(self.counts)


class OpenSums:
    """The open accumulators of a table's adjoints and of how many they are, and what reads it."""

    def __init__(self, builder: Builder, extents: Sequence[Extent], indices: Sequence[int]) -> None:
        self.builder = builder
        self.extents = extents
        self.indices = indices
        self.unfinished = builder.accumulator(Accumulator(tuple(extents)), indices)
        self.counts = builder.accumulator(Accumulator(tuple(extents)), indices)
        self.path = builder.path
        self.grown = False  # whether something was added
        self.read_places: list[ReadPlace] = []

    def add(
        self,
        subscripts: Sequence[Subscript],
        indices: Sequence[int],
        adjoint: int,
        count: int | None = None,
    ) -> None:
        """Adds an adjoint, or the sum of `count` of them, to an entry's."""
        builder = self.builder
        builder.add_to(self.unfinished, subscripts, indices, adjoint)
        counted = builder.constant(exact.ONE) if count is None else count
        builder.add_to(self.counts, subscripts, indices, counted)
        self.grown = True
        if count is None:
            self.read_places.append(ReadPlace(tuple(subscripts), tuple(indices), builder.path))

    def close(self) -> TableAdjoint | None:
        """Closes both; the adjoints, None where nothing was added."""
        covered = self.is_covered()
        counts, sums = self.builder.close_accumulator(), self.builder.close_accumulator()
        return TableAdjoint(sums, None if covered else counts, False) if self.grown else None

    def so_far(self) -> TableAdjoint:
        """The adjoints while they may still grow."""
        return TableAdjoint(self.unfinished, None if self.is_covered() else self.counts, True)

    def is_covered(self) -> bool:
        """Whether something is surely added to every entry, each time the builder comes here."""
        return are_all_read(self.read_places, self.extents, self.indices, self.builder.path)


class ReverseSweep:
    """The walk from the last instruction of a Tape to its first, which passes adjoints on."""

    def __init__(self, builder: Builder, tape: Tape, *, with_rounding: bool = False) -> None:
        self.builder = builder
        self.tape = tape
        self.numbers = [0] * tape.size  # by value of `tape`: the same in the tape being made
        self.copy = Copy(builder, self.numbers)
        self.copy.region(tape.body)
        self.active = active(tape)
        self.tables = Tables(tape)
        self.sums: dict[int, OpenSums] = {}  # by table
        self.rows: dict[int, list[TableAdjoint]] = {}  # by table that is a row: the others' rows
        self.with_rounding = with_rounding

    def from_output(self) -> dict[int, int]:
        """Sweeps back from f, whose adjoint is 1; the adjoints of the values that load an input."""
        one = self.builder.constant(exact.ONE)
        return self.swept(self.tape.body, [(self.tape.body.outputs[0], one)])

    def gradient(self, adjoints: Mapping[int, int]) -> list[int]:
        """The outputs of the gradient Tape: f, and each input's adjoint, 0 for one not used."""
        by_input: Adjoints = dict.fromkeys(range(len(self.tape.inputs)))
        for instruction in self.tape.body.instructions:
            if instruction.operation == opcode.LOAD:
                by_input[instruction.payload] = adjoints.get(instruction.results[0])
        f = self.numbers[self.tape.body.outputs[0]]
        return [f, *[or_zero(self.builder, adjoint) for adjoint in by_input.values()]]

    def swept(
        self,
        region: Region,
        seeds: Iterable[tuple[int, int | None]],
        adjoints: Adjoints | None = None,
    ) -> dict[int, int]:
        """Sweeps back over a region; the adjoints of the values that it takes from outside.

        `seeds` are its outputs, each with its adjoint; `adjoints` are those that values inside the
        region have already.
        """
        adjoints = {} if adjoints is None else adjoints
        for output, seed in seeds:
            if output in self.active:
                self.add(adjoints, output, seed)
        self.region(region, adjoints)
        return {value: adjoint for value, adjoint in adjoints.items() if adjoint is not None}

    def region(self, region: Region, adjoints: Adjoints) -> None:
        """Removes the adjoints of what the region makes; adds to those of what it takes."""
        openings = _openings(region) if self.tables.fillers else []
        opened: dict[int, list[int]] = {}

        def open_until(time: int) -> None:
            while openings and openings[-1][0] >= time:
                maker = -openings.pop()[1]
                opened[maker] = self.open_sums(region.instructions[maker])

        for place in reversed(range(len(region.instructions))):
            instruction = region.instructions[place]
            if openings:
                open_until(4 * place + 3)
            self.builder.origin = instruction.origin
            if instruction.operation == opcode.LOOP:
                tables, grows = self.entry_adjoints(instruction)
                open_until(4 * place + 1)
                self.loop(instruction, adjoints, tables, grows=grows)
            elif instruction.operation == opcode.APPLY:
                self.apply(instruction, adjoints)
            elif instruction.operation == opcode.BRANCH:
                open_until(4 * place + 1)
                self.branch(instruction, adjoints)
            elif instruction.operation in (opcode.ELEMENT, opcode.EARLIER):
                open_until(4 * place + 1)
                self.element(instruction, adjoints)
            for table in reversed(opened.pop(place, [])):
                if table in self.sums:
                    self.sums.pop(table).close()

    # -- tables -----------------------------------------------------------------------------

    def open_sums(self, instruction: Instruction) -> list[int]:
        """Opens an accumulator for the adjoints of each table that a loop or branch makes.

        Tables of the sides of a branch have theirs outside it, since later branches read them too.
        """
        tables = [table for table in _tables(instruction) if table in self.active]
        opened = [table for table in tables if table not in self.sums]
        for table in opened:
            extents, operands = self.tables.extents(table)
            indices = [self.numbers[operand] for operand in operands]
            self.sums[table] = OpenSums(self.builder, extents, indices)
        if len(self.sums) > MOST_OPEN_TABLES:
            raise UsageError(
                f"more than {MOST_OPEN_TABLES} array parts are read only when all of them are "
                "there; write them as one part with one subscript more"
            )
        return opened

    def add_rows(self, table: int, rows: Sequence[TableAdjoint]) -> None:
        """Adds rows of adjoints, entry by entry, to the sums of a table that is each of them."""
        builder = self.builder
        extents, operands = self.tables.extents(table)
        taken = [self.numbers[operand] for operand in operands]
        indices = [builder.loop(Loop(*extent), taken) for extent in extents]
        subscripts = [Subscript(0, (), (0,) * place + (1,)) for place in range(len(indices))]
        for row in rows:
            for index in indices[:-1]:
                row = row.row(index)
            self.sums[table].add(subscripts, indices, *row.read(builder, indices[-1]))
        for _ in indices:
            builder.close_loop()

    def entry_adjoints(
        self, instruction: Instruction
    ) -> tuple[list[tuple[LoopResult, list[TableAdjoint]]], bool]:
        """The tables that a loop fills, each with where its adjoints are; whether they may grow."""
        tables = [
            one
            for one in loop_results(instruction)
            if one.kind == TABLE and one.results[0] in self.active
        ]
        grows = is_recurrent(instruction)
        found = []
        for one in reversed(tables):
            table = one.results[0]
            rows = self.rows.pop(table, [])
            if grows or self.builder.path != self.sums[table].path:
                own: TableAdjoint | None = self.sums[table].so_far()
            else:
                own = self.sums.pop(table).close()
            found.append((one, rows if own is None else [*rows, own]))
        return [(one, where) for one, where in reversed(found) if where], grows

    def add(self, adjoints: Adjoints, value: int, share: int | None) -> None:
        adjoints[value] = total(self.builder, adjoints.get(value), share)

    def apply(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """y = φ(a, b): adds ∂φ/∂a times y's adjoint to a's, and ∂φ/∂b times y's adjoint to b's."""
        builder, numbers, result = self.builder, self.numbers, instruction.results[0]
        adjoint = adjoints.pop(result, None)
        if adjoint is None:
            return
        y = numbers[result]
        operands = [numbers[operand] for operand in instruction.operands]
        if self.with_rounding:
            self.round(adjoints, adjoint, y)
        moving = [n for n, operand in enumerate(instruction.operands) if operand in self.active]
        for place, slope in partials(builder, instruction.payload, operands, y, moving):
            value, share = instruction.operands[place], product(builder, adjoint, slope)
            adjoints[value] = total(builder, adjoints.get(value), share)

    def round(self, adjoints: Adjoints, adjoint: int, y: int) -> None:
        """Adds |adjoint·y| to the sum that `rounding` asks for."""
        size = self.builder.apply("abs", self.builder.apply("*", adjoint, y))
        self.add(adjoints, ROUNDING_SLOT, size)

    def element(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """An element x_i of a variable: its adjoint is a term of ∂f/∂x_i and is accumulated.

        That of a table's entry is a term of the adjoint of the entry.
        """
        adjoint = adjoints.pop(instruction.results[0], None)
        if adjoint is not None and (table := self.read_table(instruction)) is not None:
            indices = [self.numbers[operand] for operand in subscript_operands(instruction)]
            if table in self.sums:
                self.sums[table].add(instruction.payload.subscripts, indices, adjoint)
            return
        if adjoint is not None and not self.with_rounding:
            indices = [self.numbers[operand] for operand in instruction.operands]
            self.builder.accumulate(instruction.payload, indices, adjoint)

    def read_table(self, instruction: Instruction) -> int | None:
        """The table that an ELEMENT or EARLIER reads; None where it is an array with a name."""
        if instruction.operation == opcode.EARLIER:
            return self.tables.fillers[instruction.operands[0], instruction.payload.number]
        return instruction.operands[0] if is_of_table(instruction) else None

    def branch(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """A branch: the side that runs is swept back over, and the other hands out zeros."""
        seeds = [adjoints.pop(result, None) for result in instruction.results]
        inner = [self.inner(region, adjoints) for region in instruction.regions]
        tables = {value for region in instruction.regions for value in self.tables_of(region)}
        if not any(inner) and all(seed is None for seed in seeds) and not tables:
            return
        left, right = (self.numbers[operand] for operand in instruction.operands)
        holds, fails = instruction.regions
        self.builder.branch(instruction.payload, left, right)
        where_it_holds = self.swept(holds, zip(holds.outputs, seeds, strict=True), inner[0])
        self.builder.otherwise()
        elsewhere = self.swept(fails, zip(fails.outputs, seeds, strict=True), inner[1])
        self.builder.origin = instruction.origin
        values = sorted(where_it_holds.keys() | elsewhere.keys())
        results = self.builder.close(
            [or_zero(self.builder, where_it_holds.get(value)) for value in values],
            [or_zero(self.builder, elsewhere.get(value)) for value in values],
        )
        self.hand_out(adjoints, values, results)

    def inner(self, region: Region, adjoints: Adjoints) -> Adjoints:
        """Removes the adjoints of the values inside a region, and returns them.

        They come from later branches under the same guards, which use these values too.
        """
        found: Adjoints = {}
        for instruction in region.instructions:
            for value in instruction.results:
                if (adjoint := adjoints.pop(value, None)) is not None:
                    found[value] = adjoint
            for one in instruction.regions:
                found.update(self.inner(one, adjoints))
        return found

    def tables_of(self, region: Region) -> list[int]:
        """The tables that the loops of a region make and that something was added to."""
        made = [result for one in region.instructions for result in one.results]
        deeper = [self.tables_of(inner) for one in region.instructions for inner in one.regions]
        mine = [one for one in made if one in self.sums and self.sums[one].grown]
        return [*mine, *(table for tables in deeper for table in tables)]

    def hand_out(self, adjoints: Adjoints, values: Iterable[int], shares: Iterable[int]) -> None:
        """Adds the results of a branch or loop to the adjoints of the values they belong to."""
        for value, share in zip(values, shares, strict=True):
            self.add(adjoints, value, share)

    def loop(
        self,
        instruction: Instruction,
        adjoints: Adjoints,
        tables: Sequence[tuple[LoopResult, list[TableAdjoint]]],
        *,
        grows: bool,
    ) -> None:
        """A loop: one loop for its sums and tables, two for each product, one for each extremum."""
        terms = []
        for one in loop_results(instruction):
            if one.kind == TABLE:
                continue
            adjoint = adjoints.pop(one.results[0], None)
            if adjoint is None or one.output not in self.active:
                continue
            if self.with_rounding:
                self.round(adjoints, adjoint, self.numbers[one.results[0]])
            if one.kind in (SUM, LOGSUMEXP):
                terms.append((one, adjoint))
            elif one.kind == PRODUCT:
                self.product_rule(instruction, one.output, adjoint, adjoints)
            else:
                self.extremum_rule(instruction, one, adjoint, adjoints)
        if terms or tables:
            self.sum_rule(instruction, terms, adjoints, tables, descending=grows)

    def run_again(self, instruction: Instruction, *, descending: bool = False) -> None:
        """Opens a loop over the same range and computes the body in it."""
        over = instruction.payload._replace(descending=descending)
        indices = [self.numbers[operand] for operand in instruction.operands]
        self.copy.open(instruction.regions[0], over, indices)
        self.copy.region(instruction.regions[0])

    def sum_rule(
        self,
        instruction: Instruction,
        sums: Sequence[tuple[LoopResult, int]],
        adjoints: Adjoints,
        tables: Sequence[tuple[LoopResult, list[TableAdjoint]]] = (),
        *,
        descending: bool = False,
    ) -> None:
        """s = Σ t_k: the adjoint of each t_k is that of s; of a table's entry it is in a table.

        That of y = log Σ exp(t_k) is taken times exp(t_k - y - r), r being what y is rounded by.
        """
        self.run_again(instruction, descending=descending)
        index, body = self.numbers[index_of(instruction)], instruction.regions[0]
        terms: list[tuple[int, int | None]] = []
        for one, adjoint in sums:
            seed: int | None = adjoint
            if one.kind == LOGSUMEXP:
                y, rounded = (self.numbers[result] for result in one.results)
                share = softmax(self.builder, self.numbers[one.output], (y, rounded))
                seed = product(self.builder, adjoint, share)
            terms.append((one.output, seed))
        doubtful = []
        for one, found in tables:
            if self.tables.is_table(one.output):
                rows = [each.row(index) for each in found]
                if stands_in(instruction, one.output):
                    self.rows.setdefault(one.output, []).extend(rows)
                else:
                    self.add_rows(one.output, rows)
            else:
                adjoint, count = self.entry_adjoint(found, index)
                if count is None:
                    terms.append((one.output, adjoint))
                else:
                    doubtful.append((one.output, adjoint, count))
        shares: Adjoints = {**self.swept(body, terms)}
        for output, adjoint, count in doubtful:
            self.swept_if_read(body, output, adjoint, count, shares)
        self.builder.origin = instruction.origin
        totals = [or_zero(self.builder, share) for share in shares.values()]
        results = self.builder.close_loop([SUM] * len(totals), totals)
        self.hand_out(adjoints, shares, results)

    def entry_adjoint(self, found: list[TableAdjoint], index: int) -> tuple[int, int | None]:
        """The adjoint of an entry, and how often something was added; None where it surely was."""
        adjoints, counts = zip(*[each.read(self.builder, index) for each in found], strict=True)
        add = partial(self.builder.apply, "+")
        return reduce(add, adjoints), None if None in counts else reduce(add, counts)

    def swept_if_read(
        self, body: Region, output: int, adjoint: int, count: int, adjoints: Adjoints
    ) -> None:
        """Sweeps back from an entry of a table where something was added to its adjoint."""
        builder, zero = self.builder, self.builder.constant(exact.ZERO)
        builder.branch(">", count, zero)
        self.copy.region(body)  # once more: values inside its branches are not seen in this one
        shares = self.swept(body, [(output, adjoint)])
        builder.otherwise()
        self.hand_out(adjoints, shares, builder.close([*shares.values()], [zero] * len(shares)))

    def product_rule(
        self, instruction: Instruction, term: int, adjoint: int, adjoints: Adjoints
    ) -> None:
        """p = Π t_k: the adjoint of t_k is that of p times the product of all other terms.

        A first loop makes the table of the products of the terms before t_k; a second, from the
        last term to the first, carries the product of the terms after it. Nothing is divided, so
        a term may be 0.
        """
        builder, one = self.builder, self.builder.constant(exact.ONE)
        self.run_again(instruction)
        builder.origin = builder.defined[self.numbers[term]].origin
        before = builder.carried(0)
        carried = builder.apply("*", before, self.numbers[term])
        _, products = builder.close_loop([CARRY, TABLE], [carried, before], [one])

        self.run_again(instruction, descending=True)
        builder.origin = builder.defined[self.numbers[term]].origin
        after = builder.carried(0)
        index = self.numbers[index_of(instruction)]
        before = builder.entry(products, [Subscript(0, (), (1,))], [index])
        others = builder.apply("*", before, after)
        seed = product(builder, adjoint, others)
        carried = builder.apply("*", after, self.numbers[term])
        shares = self.swept(instruction.regions[0], [(term, seed)])
        builder.origin = instruction.origin
        reductions = [CARRY, *[SUM] * len(shares)]
        _, *results = builder.close_loop(reductions, [carried, *shares.values()], [one])
        self.hand_out(adjoints, shares, results)

    def extremum_rule(
        self, instruction: Instruction, extremum: LoopResult, adjoint: int, adjoints: Adjoints
    ) -> None:
        """m = max t_k: the terms that tie share the adjoint of m equally, the others' is 0."""
        builder, body = self.builder, instruction.regions[0]
        value, ties, first, last = (self.numbers[result] for result in extremum.results)
        share = builder.apply("/", adjoint, ties)
        index = self.copy.open(body, TIE_RANGE, (first, last))
        self.copy.region(body)
        term = self.numbers[extremum.output]
        tied = tie_indicator(builder, term, index, value, first, last)
        one, zero = builder.constant(exact.ONE), builder.constant(exact.ZERO)
        builder.branch("==", tied, one)
        self.copy.region(body)  # once more: values inside its branches are not seen in this one
        shares = self.swept(body, [(extremum.output, share)])
        builder.otherwise()
        terms = builder.close([*shares.values()], [zero] * len(shares))
        self.hand_out(adjoints, shares, builder.close_loop([SUM] * len(terms), terms))


def _tables(instruction: Instruction) -> list[int]:
    """The tables that a loop fills, or those that are filled in the sides of a branch."""
    if instruction.operation == opcode.LOOP:
        return [one.results[0] for one in loop_results(instruction) if one.kind == TABLE]
    return [
        table for side in instruction.regions for one in side.instructions for table in _tables(one)
    ]


def _openings(region: Region) -> list[tuple[int, int]]:
    """When the sums for what each instruction makes are opened, the last time first to come.

    They are open for as short as can be, so that those of layers do not stand in one another: from
    the last instruction that reads one of its tables to the one that makes them. Times are counted
    down; each has the place of the maker behind it, negative. At place n, what nothing reads is
    opened at 4n + 3, sums that are complete are closed at 4n + 2, those of what n reads are opened
    at 4n + 1, and the others closed at 4n.
    """
    read = dict.fromkeys(region.outputs, len(region.instructions))  # by value: where last
    found: list[tuple[int, int]] = []
    outer: list[tuple[int, int]] = []  # opened, closed: those in no other, so far
    for place in reversed(range(len(region.instructions))):
        one = region.instructions[place]
        if tables := _tables(one):
            last = max([read[table] for table in tables if table in read], default=-1)
            time = 4 * place + 3 if last < 0 else 4 * last + 1
            while outer and outer[-1][1] < time:
                time = max(time, outer.pop()[0])
            complete = one.operation == opcode.LOOP and not is_recurrent(one)
            outer.append((time, 4 * place + 2 * complete))
            found.append((time, -place))
        for value in values_used(one):
            read.setdefault(value, place)
    return sorted(found)
