"""The tables of a tape: who fills them, what their dimensions are, whether all entries are read.

Comes in: a Tape. Nothing here says what is done with a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from gdcli.autodiff.tape import (
    CARRY,
    Extent,
    Instruction,
    Subscript,
    Tape,
    instructions,
    loop_results,
    tables_by_filler,
)
from gdcli.named_tuples import NamedTuple

Path = tuple[Any, ...]  # the guards of the loops and sides of branches around, outermost first


class Tables:
    """The tables of a tape, known by their values."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self.fillers = tables_by_filler(tape)
        self._tables = set(self.fillers.values())

    @cached_property
    def makers(self) -> dict[int, Instruction]:
        """By value, the instruction that made it."""
        steps = instructions(self._tape.body)
        return {result: instruction for instruction in steps for result in instruction.results}

    def extents(self, table: int) -> tuple[tuple[Extent, ...], tuple[int, ...]]:
        """The dimensions of a table of the tape, and the operands of their subscripts."""
        loop, output = self.makers[table], self.output(table)
        ranging = loop.operands[: len(loop.operands) - loop.payload.reductions.count(CARRY)]
        own = Extent(loop.payload.low, loop.payload.high)
        if not self.is_table(output):
            return (own,), ranging
        inner, operands = self.extents(output)
        moved = [
            Extent(*(tuple([_behind(end, len(ranging)) for end in ends]) for ends in extent))
            for extent in inner
        ]
        return (own, *moved), (*ranging, *operands)

    def output(self, table: int) -> int:
        """What an iteration of its loop yields for a table: an entry, or a row."""
        results = loop_results(self.makers[table])
        return next(one.output for one in results if one.results[0] == table)

    def is_table(self, value: int) -> bool:
        """Whether a value of the tape is a table, which loops alone make."""
        return value in self._tables


def stands_in(loop: Instruction, table: int) -> bool:
    """Whether a table is made in the body of a loop, not hoisted out of it."""
    return any(table in one.results for one in instructions(loop.regions[0]))


class ReadPlace(NamedTuple):
    """Where a table's entry is read: its subscripts, and the branches and loops around.

    The guard of a loop is "loop", its index, its range and the operands of that.
    """

    subscripts: tuple[Subscript, ...]
    indices: tuple[int, ...]
    path: Path

    def covers(self, extents: Sequence[Extent], operands: Sequence[int], around: Path) -> bool:
        """Whether every entry is surely met, each time that `around` is entered.

        Each subscript is the index of a loop behind that, over the whole dimension, and no loop is
        empty.
        """
        path = self.path[len(around) :]
        loops = {guard[1]: guard[2:] for guard in path if guard[0] == "loop"}
        if self.path[: len(around)] != around or len(loops) < len(path):  # by a branch
            return False
        for subscript, extent in zip(self.subscripts, extents, strict=True):
            index = resolved(subscript, self.indices)
            found = [loop for loop in loops if index == (0, (), ((loop, 1),))]
            if not found:
                return False
            over, taken = loops.pop(found[0])
            for bounds, ends in ((over.low, extent.low), (over.high, extent.high)):
                wanted = {resolved(end, operands) for end in ends}
                if not {resolved(bound, taken) for bound in bounds} <= wanted:
                    return False
        return all(
            over.low == (Subscript(1),) and all(map(_is_positive, over.high))
            for over, _ in loops.values()
        )


def are_all_read(
    places: Iterable[ReadPlace], extents: Sequence[Extent], operands: Sequence[int], around: Path
) -> bool:
    """Whether every entry of a table is surely read each time that `around` is entered.

    One place covers the table, or places of single entries are all that there are.
    """
    single = set()
    for place in places:
        if place.covers(extents, operands, around):
            return True
        ends = [resolved(one, place.indices) for one in place.subscripts]
        if place.path == around and not any(sizes or terms for _, sizes, terms in ends):
            single.add(tuple([constant for constant, _, _ in ends]))
    ranges = [_constants(extent) for extent in extents]
    if not single or None in ranges:
        return False
    lengths = [range(*ends) for ends in ranges if ends is not None]
    return prod(map(len, lengths)) <= len(single) and set(product(*lengths)) <= single


def _constants(extent: Extent) -> tuple[int, int] | None:
    """The first subscript of a dimension and the one behind its last; None where sizes say them."""
    if any(end.sizes or any(end.coefficients) for end in (*extent.low, *extent.high)):
        return None
    return max(end.constant for end in extent.low), 1 + min(end.constant for end in extent.high)


def resolved(subscript: Subscript, operands: Sequence[int]) -> tuple[Any, ...]:
    """A subscript's constant, sizes and index values, each with its factor."""
    terms = zip(operands, subscript.coefficients, strict=False)
    return subscript.constant, subscript.sizes, tuple([(v, k) for v, k in terms if k])


def _is_positive(end: Subscript) -> bool:
    """Whether the end of a range is at least 1, where sizes are."""
    factors = [factor for _, factor in end.sizes]
    growing = not any(end.coefficients) and all(factor > 0 for factor in factors)
    return growing and end.constant + sum(factors) >= 1


def _behind(subscript: Subscript, operands: int) -> Subscript:
    """The subscript with its own operands behind so many others."""
    return subscript._replace(coefficients=(0,) * operands + subscript.coefficients)
