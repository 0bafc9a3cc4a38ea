"""Forward mode: a Tape becomes its tangent Tape.

Comes in: any Tape. Goes out: a Tape with twice the inputs and arrays, the point and a direction,
which computes the derivative of every output along that direction, and accumulates the derivative
of what the Tape accumulates. Over a gradient Tape these are the Hessian-vector products H·d.

The tangent dv of a value v is its derivative along the direction. The instructions are walked in
their order: when the sweep comes to one, the tangents of its operands are known, and its own is
made of them. A branch becomes a branch under the same comparison; a loop becomes a loop over the
same range, in which the body runs again with the tangents beside it. The tangents of a table's
entries are a table too, and those of what an accumulator sums up are summed up by another.

Source: Wengert (1964); Pearlmutter, Fast exact multiplication by the Hessian (1994).
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import active, or_zero, partials, product, softmax, total
from gdcli.autodiff.tape import (
    CARRY,
    DIRECTION_PREFIX,
    EXTREMA,
    LOGSUMEXP,
    PRODUCT,
    SUM,
    TABLE,
    Instruction,
    LoopResult,
    Region,
    Tape,
    instructions,
    is_of_table,
    loop_results,
    subscript_operands,
    tables_by_filler,
)
from gdcli.autodiff.ties import TIE_RANGE, choose, tie_indicator
from gdcli.language.syntax import Decimal


def tangent(tape: Tape, directions: Sequence[int | Decimal | None] | None = None) -> Tape:
    """The Tape of the outputs' derivatives along the direction given by the second inputs.

    `directions` may say instead, by scalar input, which of the inputs holds its direction, or what
    number that is; None where it does not move.
    """
    builder = doubled(tape) if directions is None else Builder(tape.inputs, tape.arrays)
    sweep = ForwardSweep(builder, tape, directions)
    sweep.region(tape.body)
    return builder.tape([sweep.tangent(output) for output in tape.body.outputs])


def direction(name: str) -> str:
    """The name of the input that holds the direction."""
    return f"d_{name}"


def doubled(tape: Tape) -> Builder:
    """A builder with the inputs and arrays of `tape` and as many for the direction."""
    inputs = (*tape.inputs, *map(direction, tape.inputs))
    return Builder(inputs, (*tape.arrays, *(DIRECTION_PREFIX + name for name in tape.arrays)))


class ForwardSweep:
    """The walk from the first instruction of a Tape to its last, which makes the tangents."""

    def __init__(
        self, builder: Builder, tape: Tape, directions: Sequence[int | Decimal | None] | None = None
    ) -> None:
        self.builder = builder
        self.tape = tape
        self.directions = directions or range(len(tape.inputs), 2 * len(tape.inputs))
        self.numbers = [0] * tape.size  # by value of `tape`: the same in the tape being made
        self.copy = Copy(builder, self.numbers, effects=False)
        self.copy.region(tape.body)
        still = {place for place, along in enumerate(self.directions) if along is None}
        self.active = active(tape, still)
        self.tangents: dict[int, int | None] = {}  # by value of `tape`; None is an exact 0
        self.fillers = tables_by_filler(tape)
        self.filling: dict[int, tuple[int, int]] = {}  # by table: its tangents', while it is filled
        self.carries = 0  # of the loop around; their tangents are carried behind them

    def tangent(self, value: int) -> int:
        return or_zero(self.builder, self.tangents.get(value))

    def operands(self, instruction: Instruction) -> list[int]:
        """The instruction's operands, in the tape being made."""
        return [self.numbers[operand] for operand in instruction.operands]

    def region(self, region: Region) -> None:
        """Makes the tangent of every value that the region makes.

        That of an input, or of an element of an array, is the direction's. What is carried has its
        tangent carried beside it; of what is accumulated the tangent is.
        """
        builder = self.builder
        for instruction in region.instructions:
            builder.origin = instruction.origin
            operation, payload, results = instruction[0], instruction[1], instruction.results
            if operation == opcode.APPLY:
                self.tangents[results[0]] = self.apply(instruction)
            elif operation == opcode.BRANCH:
                self.branch(instruction)
            elif operation == opcode.LOOP:
                self.loop(instruction)
            elif operation == opcode.LOAD and (along := self.directions[payload]) is not None:
                made = (
                    builder.constant(along) if isinstance(along, Decimal) else builder.load(along)
                )
                self.tangents[results[0]] = made
            elif operation == opcode.ELEMENT and payload.array in self.tape.arrays:
                entry = payload._replace(array=DIRECTION_PREFIX + payload.array)
                self.tangents[results[0]] = builder.element(entry, self.operands(instruction))
            elif operation == opcode.EARLIER or (
                operation == opcode.ELEMENT and is_of_table(instruction)
            ):
                self.tangents[results[0]] = self.entry(instruction)
            elif operation == opcode.ACCUMULATOR:
                self.accumulator(instruction)
            elif operation == opcode.CARRIED:
                self.tangents[results[0]] = builder.carried(self.carries + payload)
            elif operation == opcode.ACCUMULATE:
                indices = self.operands(instruction)[:-1]
                if (added := self.tangents.get(instruction.operands[-1])) is not None:
                    if is_of_table(instruction):
                        table = self.fillers[instruction.operands[0], 0]
                        indices[0] = self.filling[table][0]
                    builder.accumulate(payload, indices, added)

    def entry(self, instruction: Instruction) -> int | None:
        """The tangent of an entry of a table, which may be finished or not."""
        payload = instruction.payload
        indices = [self.numbers[operand] for operand in subscript_operands(instruction)]
        if instruction.operation == opcode.ELEMENT:
            table = instruction.operands[0]
        else:
            table = self.fillers[instruction.operands[0], payload.number]
            if table in self.filling:
                filler, number = self.filling[table]
                pin = self.numbers[instruction.operands[1]]
                return self.builder.earlier(filler, number, payload.subscripts, indices, pin)
        if (tangents := self.tangents.get(table)) is None:
            return None
        return self.builder.entry(tangents, payload.subscripts, indices)

    def accumulator(self, instruction: Instruction) -> None:
        """Sums the tangents of what an accumulator sums up."""
        region, table = instruction.regions[0], instruction.results[0]
        if table not in self.active:
            return self.region(region)
        unfinished = self.builder.accumulator(instruction.payload, self.operands(instruction))
        self.filling[table] = unfinished, 0
        self.region(region)
        del self.filling[table]
        self.builder.origin = instruction.origin
        self.tangents[table] = self.builder.close_accumulator()

    def apply(self, instruction: Instruction) -> int | None:
        """y = φ(a, b): dy = ∂φ/∂a·da + ∂φ/∂b·db."""
        y = self.numbers[instruction.results[0]]
        tangents = [self.tangents.get(operand) for operand in instruction.operands]
        moving = [place for place, one in enumerate(tangents) if one is not None]
        dy: int | None = None
        operands = self.operands(instruction)
        for place, slope in partials(self.builder, instruction.payload, operands, y, moving):
            dy = total(self.builder, dy, product(self.builder, tangents[place], slope))
        return dy

    def branch(self, instruction: Instruction) -> None:
        """A branch: the tangents of its results are those of the side that runs."""
        if self.active.isdisjoint(instruction.results) and not any(
            region.instructions for region in instruction.regions
        ):
            return
        left, right = self.operands(instruction)
        sides = []
        self.builder.branch(instruction.payload, left, right)
        for region in instruction.regions:
            self.region(region)
            sides.append([self.tangent(output) for output in region.outputs])
            if len(sides) == 1:
                self.builder.otherwise()
        self.builder.origin = instruction.origin
        tangents = self.builder.close(*sides)
        for result, tangent_of_it in zip(instruction.results, tangents, strict=True):
            self.tangents[result] = tangent_of_it if result in self.active else None

    def loop(self, instruction: Instruction) -> None:
        """A loop: one for all but its extrema, one for each extremum."""
        body = instruction.regions[0]
        moving = [one for one in loop_results(instruction) if one.results[0] in self.active]
        carries, products, sums, tables = (
            [one for one in moving if one.kind in kinds]
            for kinds in ((CARRY,), (PRODUCT,), (SUM, LOGSUMEXP), (TABLE,))
        )
        effects = any(one.operation == opcode.ACCUMULATE for one in instructions(body))
        if carries or products or sums or tables or effects:
            self.tangent_loop(instruction, carries, products, sums, tables)
        for one in moving:
            if one.kind in EXTREMA:
                self.tangents[one.results[0]] = self.extremum_rule(body, one)

    def run_again(self, body: Region, carries: int) -> None:
        """Computes the body of a loop that has been opened, and the tangents along it."""
        outer, self.carries = self.carries, carries
        self.copy.region(body)
        self.region(body)
        self.carries = outer

    def tangent_loop(
        self,
        instruction: Instruction,
        carries: Sequence[LoopResult],
        products: Sequence[LoopResult],
        sums: Sequence[LoopResult],
        tables: Sequence[LoopResult],
    ) -> None:
        """s = Σ t_k: ds = Σ dt_k. A carry c has dc carried beside it; a product is carried too.

        The table of the t_k has the table of the dt_k, and y = log Σ exp(t_k) has
        dy = Σ exp(t_k - y - r)·dt_k, r being what y is rounded by.
        """
        builder, body, count = self.builder, instruction.regions[0], len(carries)
        ranging = len(instruction.operands) - count
        initial = instruction.operands[ranging:]
        over, indices = instruction.payload, self.operands(instruction)[:ranging]
        index = self.copy.open(body, over, indices)
        first = 2 * (count + len(products)) + len(sums)
        for number, one in enumerate(tables, first):
            self.filling[one.results[0]] = index, number
        self.run_again(body, count)
        for one in tables:
            del self.filling[one.results[0]]
        pairs = [self.product_rule(2 * (count + n), one.output) for n, one in enumerate(products)]
        carried = [
            *[self.numbers[one.output] for one in carries],
            *[self.tangent(one.output) for one in carries],
            *[value for pair in pairs for value in pair],
        ]
        terms = [self.term_rule(one) for one in (*sums, *tables)]
        first_values = [
            *[self.numbers[value] for value in initial],
            *[self.tangent(value) for value in initial],
            *[builder.constant(exact.ONE), builder.constant(exact.ZERO)] * len(products),
        ]
        builder.origin = instruction.origin
        kinds = [*[CARRY] * len(carried), *[SUM] * len(sums), *[TABLE] * len(tables)]
        made = builder.close_loop(kinds, [*carried, *terms], first_values)
        of_products, of_terms = made[2 * count + 1 : len(carried) : 2], made[len(carried) :]
        tangents = [*made[count : 2 * count], *of_products, *of_terms]
        for one, tangent_of_it in zip([*carries, *products, *sums, *tables], tangents, strict=True):
            self.tangents[one.results[0]] = tangent_of_it

    def term_rule(self, one: LoopResult) -> int:
        """What an iteration adds to the tangent of a sum, or puts into that of a table."""
        tangent = self.tangent(one.output)
        if one.kind != LOGSUMEXP:
            return tangent
        y, rounded = (self.numbers[result] for result in one.results)
        share = softmax(self.builder, self.numbers[one.output], (y, rounded))
        return or_zero(self.builder, product(self.builder, tangent, share))

    def product_rule(self, carry: int, term: int) -> tuple[int, int]:
        """p = Π t_k: p and dp are carried, and become p·t and dp·t + p·dt."""
        builder, t = self.builder, self.numbers[term]
        p, dp = builder.carried(carry), builder.carried(carry + 1)
        share = product(builder, p, self.tangents.get(term))
        after = total(builder, builder.apply("*", dp, t), share)
        assert after is not None
        return builder.apply("*", p, t), after

    def extremum_rule(self, body: Region, extremum: LoopResult) -> int:
        """m = max t_k: dm is the mean of dt_k over the terms that tie."""
        builder = self.builder
        value, ties, first, last = (self.numbers[result] for result in extremum.results)
        index = self.copy.open(body, TIE_RANGE, (first, last))
        self.run_again(body, 0)
        term = self.numbers[extremum.output]
        tied = tie_indicator(builder, term, index, value, first, last)
        zero, one = builder.constant(exact.ZERO), builder.constant(exact.ONE)
        share = choose(builder, "==", tied, one, self.tangent(extremum.output), zero)
        return builder.apply("/", builder.close_loop([SUM], [share])[0], ties)
