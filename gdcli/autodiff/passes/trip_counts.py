"""Trip counts: how often loops run, and how long tables are, by the numbers of the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from types import MappingProxyType

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    TABLE,
    Instruction,
    Tape,
    index_of,
    instructions,
    loop_results,
)
from gdcli.named_tuples import NamedTuple

Sizes = Mapping[str, int]
NO_SIZES: Sizes = MappingProxyType({})
MOST_STORED_NUMBERS = 1 << 23  # 64 MB: in a table, and in all that stand in no loop


class Trips(NamedTuple):
    """How often a loop runs each time, at least and at most, and the ends of what its index is."""

    least: int
    most: int
    low: int
    high: int


def trips_by_index(tape: Tape, sizes: Sizes) -> dict[int, Trips]:
    """The Trips of every loop, by its INDEX; bounds where they depend on outer indices."""
    ends: dict[int, tuple[int, int]] = {}
    found: dict[int, Trips] = {}

    for one in instructions(tape.body):
        if one.operation == opcode.LOOP:
            lows = [end.reach(sizes, one.operands, ends) for end in one.payload.low]
            highs = [end.reach(sizes, one.operands, ends) for end in one.payload.high]
            low, high = max(a for a, _ in lows), min(b for _, b in highs)
            least = min(a for a, _ in highs) - max(b for _, b in lows) + 1
            index = index_of(one)
            found[index] = Trips(max(0, least), max(0, high - low + 1), low, high)
            for place in (index, *one.results):  # an extremum's place is such an index, too
                ends[place] = low, max(low, high)
    return found


def dimensions(loop: Instruction, result: int) -> list[int]:
    """The indices of the loops that fill a result which is a table; none of a number."""
    if loop.operation != opcode.LOOP:
        return []
    reduction = next(one for one in loop_results(loop) if result in one.results)
    if reduction.kind != TABLE:
        return []
    inside = (one for one in loop.regions[0].instructions if reduction.output in one.results)
    rows = [dimensions(one, reduction.output) for one in inside]
    return [index_of(loop), *(rows[0] if rows else [])]


def numbers_in(loop: Instruction, result: int, trips: Mapping[int, Trips]) -> int:
    """How many numbers a result is: 1, or those of a table."""
    return prod(trips[index].most for index in dimensions(loop, result))
