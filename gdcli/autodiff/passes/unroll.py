"""Unrolling: a tape with loops becomes a straight line over scalar inputs.

Comes in: the Tape of a value, and the numbers its sizes stand for. Goes out: a Tape of the same
value without loops, arrays, tables and sizes, whose inputs are the components of a point (`x[1]`,
`x[2]`, ...). What is exact stays exact: an index is an integer, and a number of the data the
shortest decimal that reads back as it. This is for small sizes: what needs every step by itself
works on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Protocol

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import rounded_off
from gdcli.autodiff.lower import decided, exact_value, power
from gdcli.autodiff.tape import (
    LOGSUMEXP,
    PRODUCT,
    SUM,
    TABLE,
    Instruction,
    Subscript,
    Tape,
    Walk,
    index_of,
    is_of_table,
    run,
    subscript_operands,
)
from gdcli.errors import UsageError
from gdcli.language.syntax import Decimal, read_decimal

MAXIMUM_OPERATIONS = 20_000


class TapeBindings(Protocol):
    """Where the scalars and arrays of a tape lie in a point, as the `Bindings` of `execute` say."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes by name."""

    @property
    def inputs(self) -> Sequence[int]:
        """The place in the point of each scalar input."""

    @property
    def arrays(self) -> Mapping[str, Any]:
        """The arrays by name, each with its `lengths`."""

    def place(self, array: str, subscripts: Sequence[int]) -> int | float:
        """The place in the point of an element, or the number that it is, where it is data."""


def unroll(tape: Tape, places: TapeBindings, components: Sequence[str]) -> Tape:
    """The straight-line Tape, of inputs `components`; raises UsageError where it is too long."""
    builder = Builder(components)
    unrolling = _Unrolling(builder, places)
    return builder.tape(run(tape, unrolling.leaf, unrolling.apply, unrolling.region))


def too_long() -> UsageError:
    return UsageError(
        f"unrolled, the sums are more than {MAXIMUM_OPERATIONS:,} operations, "
        "too many for this; give smaller sizes"
    )


Entries = dict[tuple[int, ...], int]  # of a table, by its subscripts


class _Unrolling:
    def __init__(self, builder: Builder, places: TapeBindings) -> None:
        self.builder = builder
        self.places = places
        self.index = 0  # of the iteration that begins: a body reads its index first
        self.filling: dict[int, list[Entries]] = {}  # by INDEX, and by reduction

    def leaf(self, instruction: Instruction) -> int:
        payload = instruction.payload
        self.builder.origin = instruction.origin
        if instruction.operation == opcode.INDEX:
            return self.integer(self.index)
        if instruction.operation == opcode.CONSTANT:
            return self.builder.constant(payload)
        if instruction.operation == opcode.LOAD:
            return self.builder.load(self.places.inputs[payload])
        return self.integer(self.number(payload, ()))

    def apply(self, instruction: Instruction, operands: list[Any]) -> int:
        self.builder.origin = instruction.origin
        if self.builder.size > MAXIMUM_OPERATIONS:
            raise too_long()
        if instruction.payload == "pow-general":  # its exponent may be an index
            return power(self.builder, *operands)
        if instruction.operation == opcode.APPLY:
            return self.builder.apply(instruction.payload, *operands)
        indices = operands[len(operands) - len(subscript_operands(instruction)) :]
        subscripts = instruction.payload.subscripts
        if instruction.operation == opcode.EARLIER:
            filling: Entries = self.filling[instruction.operands[0]][instruction.payload.number]
            return filling[tuple(self.number(one, indices) for one in subscripts)]
        if is_of_table(instruction):
            table: Entries = operands[0]
            return self.entry(
                lambda place: table[place],
                lambda: [max(ends) for ends in zip(*table, strict=True)],
                subscripts,
                indices,
            )
        array = instruction.payload.array
        return self.entry(
            lambda place: self.loaded(array, place),
            lambda: self.places.arrays[array].lengths,
            subscripts,
            indices,
        )

    def loaded(self, array: str, subscripts: Sequence[int]) -> int:
        """The entry of a variable or of data."""
        place = self.places.place(array, subscripts)
        return self.builder.load(place) if isinstance(place, int) else self.decimal(place)

    def entry(
        self,
        of: Callable[[tuple[int, ...]], int],
        lengths: Callable[[], Sequence[int]],
        subscripts: Sequence[Subscript],
        operands: Sequence[int],
    ) -> int:
        """The entry `of` an array that has these `lengths`.

        Where an operand is no number that is known, as the column of a row, branches compare it
        with the numbers that lead to an entry, in halves.
        """
        unknown = next((one for one in operands if exact_value(self.builder, one) is None), None)
        if unknown is None:
            return of(tuple(self.number(one, operands) for one in subscripts))

        def chosen(numbers: Sequence[int]) -> int:
            if len(numbers) == 1:
                number = self.integer(numbers[0])
                known = [number if one == unknown else one for one in operands]
                return self.entry(of, lengths, subscripts, known)
            middle = len(numbers) // 2
            between = exact.decimal(10 * numbers[middle] - 5, -1)
            assert between is not None
            self.builder.branch("<", unknown, self.builder.constant(between))
            below = chosen(numbers[:middle])
            self.builder.otherwise()
            above = chosen(numbers[middle:])
            return self.builder.close([below], [above])[0]

        place, zero = operands.index(unknown), self.builder.constant(exact.ZERO)
        subscript, length = next(
            pair for pair in zip(subscripts, lengths(), strict=True) if pair[0].coefficients[place]
        )
        factor = subscript.coefficients[place]
        rest = self.number(subscript, [zero if one == unknown else one for one in operands])
        first, last = sorted((factor * (1 - rest), factor * (length - rest)))
        return chosen(range(-(-first // factor**2), last // factor**2 + 1))

    def region(self, instruction: Instruction, operands: list[int], walk: Walk) -> Sequence[Any]:
        if instruction.operation != opcode.LOOP:
            return self.branch(instruction, operands, walk)
        kinds = instruction.payload.reductions
        tables: list[Entries] = [{} for _ in kinds]
        terms: list[list[int]] = [[] for _ in kinds]
        self.filling[index_of(instruction)] = tables
        for index in self.iterations(instruction, operands):
            for place, value in enumerate(walk(instruction.regions[0])):
                rows = value if isinstance(value, dict) else {(): value}
                tables[place].update({(index, *row): one for row, one in rows.items()})
                terms[place].append(value)
        self.builder.origin = instruction.origin
        pairs = zip(kinds, terms, tables, strict=True)
        made = [[table] if kind == TABLE else self.reduced(kind, of) for kind, of, table in pairs]
        return [result for results in made for result in results]

    def reduced(self, kind: str, terms: list[int]) -> list[int]:
        """The results of one reduction of a loop that makes numbers."""
        zero = self.builder.constant(exact.ZERO)
        if kind in (SUM, PRODUCT):
            sign, nothing = ("+", exact.ZERO) if kind == SUM else ("*", exact.ONE)
            if not terms:
                return [self.builder.constant(nothing)]
            return [reduce(lambda left, right: self.builder.apply(sign, left, right), terms)]
        if kind == LOGSUMEXP:
            y = self.builder.apply(kind, *terms) if terms else self.builder.apply("log", zero)
            return [y, rounded_off(self.builder, terms, y) if terms else zero]
        if not terms:  # hoisted out of a loop that does not run either
            terms = [zero]
        extremum = self.builder.apply(kind, *terms) if len(terms) > 1 else terms[0]
        return [extremum, zero, zero, zero]  # nothing asks where it is

    def branch(self, instruction: Instruction, operands: list[int], walk: Walk) -> Sequence[int]:
        holds = decided(self.builder, instruction.payload, *operands)
        if holds is not None:  # of indices and data
            return walk(instruction.regions[0 if holds else 1])
        self.builder.branch(instruction.payload, *operands)
        where_it_holds = walk(instruction.regions[0])
        self.builder.otherwise()
        elsewhere = walk(instruction.regions[1])
        self.builder.origin = instruction.origin
        return self.builder.close(where_it_holds, elsewhere)

    def iterations(self, instruction: Instruction, operands: list[int]) -> Iterator[int]:
        over = instruction.payload
        low = max(self.number(end, operands) for end in over.low)
        high = min(self.number(end, operands) for end in over.high)
        for index in range(low, high + 1):
            self.index = index
            yield index

    def number(self, subscript: Subscript, operands: Sequence[int]) -> int:
        total = subscript.constant
        total += sum(factor * self.places.sizes[name] for name, factor in subscript.sizes)
        for factor, operand in zip(subscript.coefficients, operands, strict=False):
            if not factor:
                continue
            value = exact_value(self.builder, operand)
            index = None if value is None else exact.integer(value)
            assert index is not None
            total += factor * index
        return total

    def integer(self, number: int) -> int:
        decimal = exact.decimal(number, 0)
        assert decimal is not None
        return self.builder.constant(decimal)

    def decimal(self, number: float) -> int:
        decimal = read_decimal(repr(abs(number)))
        assert decimal is not None
        sign = -1 if number < 0 else 1
        return self.builder.constant(Decimal(sign * decimal.coefficient, decimal.exponent))
