"""The tape: a Wengert list with loops, the walk over it, and its printing.

A tape is a list of instructions in single assignment; its values are numbered by position. An
instruction computes a constant, loads an input, applies a primitive, or holds regions (lists of
instructions with outputs): a branch has two and runs one of them, a loop has one and runs it for
every index of a range. So a sum over a million terms is one loop of a few instructions. A value
made in a loop is seen in that loop alone; one made in a side of a branch may be used there, and in
any later side that is entered under the same guards: the reverse sweep of a branch reads what its
forward run has kept. Constants stay exact, sizes stay names, and nothing is folded.

A value is a number or a table: an array that a loop has filled, an entry an iteration, or that an
accumulator has summed up. A table is complete when it is a value, so reading its entries is pure;
while it is being filled only EARLIER reads it.

Two ways lead in: `Builder` (equal pure instructions become one), and a pass that makes a Tape from
another. `check` holds either to the rules above.

Source: Wengert, A simple automatic derivative evaluation program, Comm. ACM 7 (1964) 463.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gdcli.named_tuples import NamedTuple

CONSTANT, LOAD, APPLY, BRANCH = "constant", "load", "apply", "branch"
SIZE, INDEX, ELEMENT, LOOP, CARRIED = "size", "index", "element", "loop", "carried"
ACCUMULATE, ACCUMULATOR = "accumulate", "accumulator"
EARLIER, UNFINISHED = "earlier", "unfinished"
DIRECTION_PREFIX = "_d_"  # of the array of a direction, by its array; no name in a text begins so
MAXIMUM_NESTED_BRANCHES = 64  # branches inside branches; the passes recurse once a level

SUM, PRODUCT, MAX, MIN, CARRY = "sum", "product", "max", "min", "carry"
TABLE, LOGSUMEXP = "table", "logsumexp"
EXTREMA = (MAX, MIN)

COMPARATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Subscript(NamedTuple):
    """An integer that is affine in sizes, and in the index values among an instruction's operands.

    `constant` + Σ coefficient·size + Σ coefficients[k]·operands[k].
    """

    constant: int
    sizes: tuple[tuple[str, int], ...] = ()
    coefficients: tuple[int, ...] = ()

    def reach(
        self,
        sizes: Mapping[str, int],
        operands: Sequence[int],
        ranges: Mapping[int, tuple[int, int]],
    ) -> tuple[int, int]:
        """The least and greatest value; `ranges` has those of the operands that count."""
        low = high = self.constant + sum(factor * sizes[name] for name, factor in self.sizes)
        for factor, operand in zip(self.coefficients, operands, strict=False):
            ends = [factor * end for end in ranges[operand]] if factor else [0]
            low, high = low + min(ends), high + max(ends)
        return low, high

    def text(self, operands: Sequence[str]) -> str:
        """The subscript as one writes it: `v3 - 2*n + 1`."""
        terms = [*zip(operands, self.coefficients, strict=False), *self.sizes]
        pieces = [
            (factor, name if abs(factor) == 1 else f"{abs(factor)}*{name}")
            for name, factor in terms
            if factor
        ]
        if self.constant or not pieces:
            pieces.append((self.constant, str(abs(self.constant))))
        signed = "".join(f" {'-' if factor < 0 else '+'} {text}" for factor, text in pieces)
        return signed.removeprefix(" + ").replace(" - ", "-", signed.startswith(" - "))


class Element(NamedTuple):
    """`array[subscripts]`, subscripts counted from 1.

    Where `array` is empty it is the table that the instruction's first operand is, whose
    subscripts are the indices of the loops that filled it.
    """

    array: str
    subscripts: tuple[Subscript, ...]


class Earlier(NamedTuple):
    """An entry of a table that is being filled.

    `number` says which of the reductions of its loop the table is, 0 of an accumulator.
    """

    number: int
    subscripts: tuple[Subscript, ...]


class Extent(NamedTuple):
    """The subscripts of one dimension, from the greatest of `low` to the least of `high`."""

    low: tuple[Subscript, ...]
    high: tuple[Subscript, ...]


class Accumulator(NamedTuple):
    """The dimensions of a table of sums, each of which begins at 0."""

    extents: tuple[Extent, ...]


class Loop(NamedTuple):
    """The range of a loop, from the greatest of `low` to the least of `high`, and what it yields.

    reduction    results                                                    of no iteration
    SUM          the sum of the region's output                             0
    PRODUCT      its product                                                1
    MAX, MIN     its extremum, how many tie, and the first and last index   nothing
    LOGSUMEXP    log Σ exp of the region's output, and what rounding has    -infinity
                 taken from that: 0 in exact numbers
    TABLE        the table of its values, by index; of tables, the table    an empty table
                 of one dimension more, whose inner ranges are the same
                 in every iteration
    CARRY        its last value; CARRIED gives the one of the iteration     its initial value
                 before, whose first is an operand of the loop
    Carries stand first. `descending` says that the iterations run from high to low.
    """

    low: tuple[Subscript, ...]
    high: tuple[Subscript, ...]
    reductions: tuple[str, ...] = ()
    descending: bool = False


class Region(NamedTuple):
    """Instructions in the order they run, and the values they hand out."""

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]


class Instruction(NamedTuple):
    """One step of a tape.

    operation   payload                               operands                       regions
    CONSTANT    a Decimal, or "pi" or "e"             none                           none
    LOAD        the number of the scalar input        none                           none
    SIZE        a Subscript without operands          none                           none
    APPLY       the name of a row of the table        arguments                      none
    BRANCH      a comparison, < <= > >= == !=         left, right                    holds, not
    LOOP        a Loop                                indices in its range; initial  its body
                                                      values of its carries
    INDEX       None; first in the body of a loop     none                           none
    CARRIED     the number of a carry of its loop     none                           none
    ELEMENT     an Element                            the table, if it is of one;    none
                                                      indices in its subscripts
    ACCUMULATE  an Element                            the same, of an accumulator    none
                                                      its UNFINISHED; last what is
                                                      added to the derivative or sum
    EARLIER     an Earlier                            the INDEX of the loop that     none
                                                      fills the table, or an
                                                      UNFINISHED; an INDEX that
                                                      holds it in its place;
                                                      indices in its subscripts
    ACCUMULATOR an Accumulator                        indices in its extents         what adds to it
    UNFINISHED  None; first in an ACCUMULATOR         none                           none
    ACCUMULATE has no result; it is an effect, never merged and never moved. EARLIER sees the
    entries of complete iterations, or sums to which no more is added once they are read, and never
    leaves the loop of either of its first operands. The region of an ACCUMULATOR runs
    once, and its values are seen behind it; ACCUMULATE and EARLIER name it by its UNFINISHED, and
    its result is the table of the sums. A subscript's operand may also be an ELEMENT of data whose
    entries are whole numbers. `origin` is the node of the Expression that the step computes or
    differentiates, -1 for none.
    """

    operation: str
    payload: Any
    operands: tuple[int, ...]
    results: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    origin: int = -1


def is_of_table(instruction: Instruction) -> bool:
    """Whether an ELEMENT reads, or an ACCUMULATE adds to, a table that is one of the values."""
    return not instruction.payload.array


def subscript_operands(instruction: Instruction) -> tuple[int, ...]:
    """The operands that the subscripts of an ELEMENT, ACCUMULATE or EARLIER are affine in."""
    if instruction.operation == EARLIER:
        return instruction.operands[2:]
    indices = instruction.operands[1 if is_of_table(instruction) else 0 :]
    return indices[:-1] if instruction.operation == ACCUMULATE else indices


def instructions(region: Region) -> Iterator[Instruction]:
    """Every instruction of a region and of the regions inside it, in order."""
    code = region.instructions
    return _nested(code) if any(map(operator.attrgetter("regions"), code)) else iter(code)


def _nested(code: Iterable[Instruction]) -> Iterator[Instruction]:
    for instruction in code:
        yield instruction
        for inner in instruction.regions:
            yield from instructions(inner)


class LoopResult(NamedTuple):
    """One reduction of a loop: its kind, the output of the body that it takes, and its results."""

    kind: str
    output: int
    results: tuple[int, ...]


def loop_results(loop: Instruction) -> Iterator[LoopResult]:
    """The reductions of a loop in order."""
    first = 0
    for kind, output in zip(loop.payload.reductions, loop.regions[0].outputs, strict=True):
        after = first + result_count(kind)
        yield LoopResult(kind, output, loop.results[first:after])
        first = after


def tables_by_filler(tape: Tape) -> dict[tuple[int, int], int]:
    """The tables of a tape, by the INDEX or UNFINISHED and the number that EARLIER has of them."""
    found: dict[tuple[int, int], int] = {}
    for one in instructions(tape.body):
        if one.operation == ACCUMULATOR:
            found[index_of(one), 0] = one.results[0]
        elif one.operation == LOOP:
            for number, reduction in enumerate(loop_results(one)):
                if reduction.kind == TABLE:
                    found[index_of(one), number] = reduction.results[0]
    return found


def index_of(loop: Instruction) -> int:
    """The INDEX value of a loop, or UNFINISHED value of an accumulator, by which it is known."""
    return loop.regions[0].instructions[0].results[0]


def result_count(reduction: str) -> int:
    """How many results a reduction of a loop has."""
    return 4 if reduction in EXTREMA else 2 if reduction == LOGSUMEXP else 1


class Tape(NamedTuple):
    """A body, what it may load, and `size`, how many values it has.

    `inputs` names the scalar variables. `arrays` names the variables that are arrays: other arrays
    are data. A gradient tape accumulates into the derivatives of `arrays`, which begin at 0.
    """

    inputs: tuple[str, ...]
    body: Region
    size: int
    arrays: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([*_lines(self.body, 0), "return " + _names(self.body.outputs)])

    @property
    def has_loops(self) -> bool:
        """Whether the tape has an array, a loop or a size."""
        return bool(self.arrays) or any(
            one.operation in (LOOP, ELEMENT, SIZE) for one in instructions(self.body)
        )


def check(tape: Tape) -> None:
    """Raises ValueError unless every value is made once, before its use, and visible there.

    EARLIER and ACCUMULATE must stand where the table that they name is being filled.
    """
    made: dict[int, tuple[Any, ...]] = {}
    filling: dict[int, tuple[str, ...]] = {}  # by INDEX or UNFINISHED: what is reduced there

    def visible(value: int, path: tuple[Any, ...]) -> None:
        if value not in made or path[: len(made[value])] != made[value]:
            raise ValueError(f"v{value} is used where it has no value\n{tape}")

    def make(value: int, path: tuple[Any, ...]) -> None:
        if value in made or not 0 <= value < tape.size:
            raise ValueError(f"v{value} is made twice, or beyond the size\n{tape}")
        made[value] = path

    def region(body: Region, path: tuple[Any, ...]) -> None:
        for instruction in body.instructions:
            for operand in instruction.operands:
                if made.get(operand) is not path:  # where it is, the operand is of this region
                    visible(operand, path)
            if instruction.operation == APPLY:
                make(instruction.results[0], path)
                continue
            table = filled_table(instruction)
            if table is not None and filling.get(table[0], ())[table[1] :][:1] != (TABLE,):
                raise ValueError(f"v{table[0]} fills no table {table[1]} there\n{tape}")
            handed = len(instruction.results)
            if instruction.operation == LOOP:
                handed = len(instruction.payload.reductions)
            for side, inner in enumerate(instruction.regions):
                guard = (instruction.payload, *instruction.operands, side)
                inside = (*path, len(made) if instruction.operation == LOOP else guard)
                if instruction.operation == LOOP:
                    filling[index_of(instruction)] = instruction.payload.reductions
                elif instruction.operation == ACCUMULATOR:
                    filling[index_of(instruction)] = (TABLE,)
                region(inner, path if instruction.operation == ACCUMULATOR else inside)
                if instruction.operation in (LOOP, ACCUMULATOR):
                    del filling[index_of(instruction)]
                if instruction.operation != ACCUMULATOR and len(inner.outputs) != handed:
                    raise ValueError(f"a branch hands out too few or too many values\n{tape}")
            for result in instruction.results:
                make(result, path)
        for output in body.outputs:
            visible(output, path)

    region(tape.body, ())


def filled_table(instruction: Instruction) -> tuple[int, int] | None:
    """What EARLIER or ACCUMULATE names a table by: INDEX or UNFINISHED, and the reduction."""
    if instruction.operation == EARLIER:
        return instruction.operands[0], instruction.payload.number
    if instruction.operation == ACCUMULATE and is_of_table(instruction):
        return instruction.operands[0], 0
    return None


Walk = Callable[[Region], list[Any]]


def run(
    tape: Tape,
    leaf: Callable[[Instruction], Any],
    apply: Callable[[Instruction, list[Any]], Any],
    region: Callable[[Instruction, list[Any], Walk], Sequence[Any]],
) -> list[Any]:
    """The outputs of a tape, by the one walk that interpreters and compilers share.

    `leaf` gives the value of an instruction without operands, `apply` of one with them (of
    ACCUMULATE it is thrown away). `region` is given a function that walks a region and
    hands back its outputs, and gives the results of a branch or loop: an interpreter walks one
    side of a branch, and the body of a loop many times; a compiler walks each of them once.
    """
    values: list[Any] = [None] * tape.size

    def walk(body: Region) -> list[Any]:
        for instruction in body.instructions:
            if instruction.regions:
                operands = [values[operand] for operand in instruction.operands]
                handed = region(instruction, operands, walk)
                for result, value in zip(instruction.results, handed, strict=True):
                    values[result] = value
            elif instruction.operands:
                operands = [values[operand] for operand in instruction.operands]
                value = apply(instruction, operands)
                if instruction.results:
                    values[instruction.results[0]] = value
            elif instruction.operation == ELEMENT:  # with constant subscripts
                values[instruction.results[0]] = apply(instruction, [])
            else:
                values[instruction.results[0]] = leaf(instruction)
        return [values[output] for output in body.outputs]

    return walk(tape.body)


def _names(values: Iterable[int]) -> str:
    return ", ".join(f"v{value}" for value in values)


def _lines(region: Region, depth: int) -> list[str]:
    lines = []
    for instruction in region.instructions:
        results = instruction.results
        start = "  " * depth + (f"{_names(results)} = " if results else "")
        lines.append(start + _step(instruction))
        for number, inner in enumerate(instruction.regions, 1):
            handed = _names(inner.outputs)
            if instruction.operation == ACCUMULATOR:
                lines += [*_lines(inner, depth + 1), "  " * depth + "}"]
                continue
            if instruction.operation == LOOP:
                kinds = zip(inner.outputs, instruction.payload.reductions, strict=True)
                handed = ", ".join(f"v{output} by {kind}" for output, kind in kinds)
            lines += _lines(inner, depth + 1)
            lines.append("  " * (depth + 1) + "yield " + handed)
            lines.append("  " * depth + ("} else {" if number < len(instruction.regions) else "}"))
    return lines


def _step(instruction: Instruction) -> str:
    """The text of an instruction behind `v3 = `; of one with regions its first line."""
    operation, payload, operands = instruction[:3]
    names = [f"v{operand}" for operand in operands]
    if operation == BRANCH:
        return f"branch {names[0]} {payload} {names[1]} {{"
    if operation == LOOP:
        low, high = (
            _bound(ends, names, word)
            for ends, word in ((payload.low, "max"), (payload.high, "min"))
        )
        carries = names[len(names) - payload.reductions.count(CARRY) :]
        carrying = f" carrying {', '.join(carries)}" if carries else ""
        return f"loop {low} : {high}{' descending' if payload.descending else ''}{carrying} {{"
    if operation in (ELEMENT, ACCUMULATE, EARLIER):
        indices = [f"v{operand}" for operand in subscript_operands(instruction)]
        subscripts = ", ".join(subscript.text(indices) for subscript in payload.subscripts)
        added = f" += {names[-1]}" if operation == ACCUMULATE else ""
        if operation == EARLIER:
            table = names[0] + (f".{payload.number}" if payload.number else "")
        else:
            grad = "grad " if operation == ACCUMULATE else ""
            table = names[0] if is_of_table(instruction) else grad + payload.array
        return f"{operation} {table}[{subscripts}]{added}"
    if operation == ACCUMULATOR:
        extents = ", ".join(
            f"{_bound(one.low, names, 'max')} : {_bound(one.high, names, 'min')}"
            for one in payload.extents
        )
        return f"accumulator {extents} {{"
    if operation == SIZE:
        return f"size {payload.text([])}"
    shown = [operation, *([] if payload is None else [str(payload)]), ", ".join(names)]
    return " ".join(word for word in shown if word)


def _bound(ends: tuple[Subscript, ...], names: Sequence[str], word: str) -> str:
    texts = [end.text(names) for end in ends]
    return texts[0] if len(texts) == 1 else f"{word}({', '.join(texts)})"
