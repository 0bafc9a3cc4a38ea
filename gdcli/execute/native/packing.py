"""Rows of an array copied lane by lane, so that inner loops read them as vectors.

The eight lanes of a loop over i read A[i, j] far apart from one another, and in an inner loop they
would do so again and again. Where a row is read at least twice, the part of it that inner loops
read is copied once, ahead of the body: eight numbers, one for each lane, for every place. Rows that
stay the same while loops around go on, as the weights of a recurrence, are copied ahead of these,
and what is added to such rows is handed out behind them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gdcli.autodiff.tape import (
    ELEMENT,
    LOOP,
    Instruction,
    Region,
    index_of,
    instructions,
    is_of_table,
)
from gdcli.execute.native.code import LANES, Code, Operand, integer
from gdcli.execute.native.context import Context, Position
from gdcli.execute.work import Range
from gdcli.named_tuples import NamedTuple

MOST_PACKED_PLACES = 1024
MOST_NUMBERS_AHEAD = 1 << 15  # of the rows of an array, all that a loop reads: 256 kB
PLACES_PER_PACK = 4


class PackedRow(NamedTuple):
    """The part of an array that is copied: `places` places from `low` on, after `outer`."""

    array: str
    outer: Position
    low: int
    places: int


class PackedRows(NamedTuple):
    """The rows for all lanes of a vector loop, whose index goes from one end to before the other.

    In `room` the rows of eight iterations lie behind those of the eight before.
    """

    row: PackedRow
    vector_index: int
    ends: Range
    room: Operand

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return (self.ends[1] - self.ends[0]) * self.row.places


def rows(
    context: Context, loop: Instruction, often: int = 1, operation: str = ELEMENT
) -> list[PackedRow]:
    """The rows that a vector loop copies at the start of its body, which runs so often for one.

    With ACCUMULATE, the rows to which it adds instead.
    """
    index = index_of(loop)
    reaches: dict[tuple[str, Position], tuple[int, int]] = {}
    reads: dict[tuple[str, Position], int] = {}
    for element, inner, times in _elements(context, loop.regions[0], frozenset(), often, operation):
        whole = context.position(element)
        if not inner or whole.coefficient(index) in (0, 1):
            continue
        outer, row = split(whole, inner)
        if any(
            value in context.work.found or value not in context.work.ranges
            for value, _ in whole.terms
        ):
            continue
        key = (element.payload.array, outer)
        low, high = row.reach(context.work)
        before = reaches.get(key, (low, high))
        reaches[key] = (min(low, before[0]), max(high, before[1]))
        reads[key] = reads.get(key, 0) + times
    found = []
    for (array, outer), (low, high) in reaches.items():
        count = high - low + 1
        first, last = outer.reach(context.work)
        fits = first + low >= 0 and last + high < context.bindings.arrays[array].count
        if fits and count <= MOST_PACKED_PLACES and reads[array, outer] >= 2 * count:
            found.append(PackedRow(array, outer, low, count))
    return found


def rows_ahead(
    context: Context, loop: Instruction, often: int, operation: str = ELEMENT
) -> Iterator[tuple[Instruction, PackedRow, Range]]:
    """The rows of vector loops inside a loop that stay the same, and the range that lanes fill."""
    for one in instructions(loop.regions[0]):
        if one.operation != LOOP or index_of(one) not in context.vectors:
            continue
        over, constant = one.payload, context.work.constant
        if any(any(end.coefficients) for end in (*over.low, *over.high)):
            continue
        low, high = max(map(constant, over.low)), min(map(constant, over.high))
        whole = (high - low + 1) // LANES * LANES
        for row in rows(context, one, often, operation):
            alone = [value for value, _ in row.outer.terms] == [index_of(one)]
            if alone and 0 < whole * row.places <= MOST_NUMBERS_AHEAD:
                yield one, row, (low, low + whole)


def split(whole: Position, inner: frozenset[int]) -> tuple[Position, Position]:
    """The part of a position that inner loops do not change, and the rest."""
    outer = tuple(term for term in whole.terms if term[0] not in inner)
    rest = tuple(term for term in whole.terms if term[0] in inner)
    return Position(0, outer), Position(whole.constant, rest)


def _elements(
    context: Context, region: Region, inner: frozenset[int], times: int, operation: str
) -> Iterator[tuple[Instruction, frozenset[int], int]]:
    """Every such operation, with the index values of the loops around it and how often it runs."""
    for one in region.instructions:
        if one.operation == operation and not is_of_table(one):
            yield one, inner, times
        inside, often = inner, times
        if one.operation == LOOP:
            inside = inner | {index_of(one)}
            often = times * context.work.trips[index_of(one)]
        for body in one.regions:
            yield from _elements(context, body, inside, often, operation)


def copy(code: Code, start: Operand, apart: int, count: int, room: Operand) -> None:
    """Writes the copying of a row, whose place p of lane l stands at start + p + apart·l."""

    def some(place: Operand, _: list[Operand]) -> list[Operand]:
        if count >= PLACES_PER_PACK:
            last = integer(count - PLACES_PER_PACK)
            place = code.select(code.compare("slt", place, last), place, last)
        source = code.address(start, place)
        target = code.address(room, place, "<8 x double>")
        name = "pack_four" if count >= PLACES_PER_PACK else "pack_one"
        code.line(f"call void @{name}({source.pointer}, i64 {apart}, {target.pointer})")
        return []

    step = PLACES_PER_PACK if count >= PLACES_PER_PACK else 1
    code.cycle("pack", integer(0), ("slt", integer(count)), step, [], some)
