"""The tape: a Wengert list, the builder that makes one, the walk over it, and its printing.

A tape is a list of instructions in single assignment; its values are numbered by position. An
instruction computes a constant, loads an input, applies a primitive, or is a branch, which holds
two regions (lists of instructions with outputs) and runs one of them. A value made inside a region
may be used there, and in any later region that is entered under the same guards: the reverse sweep
of a branch reads what its forward run has kept. Constants stay exact, and nothing is folded.

Two ways lead in: `Builder` (equal pure instructions become one), and a pass that makes a Tape from
another. `check` holds either to the rules above.

Source: Wengert, A simple automatic derivative evaluation program, Comm. ACM 7 (1964) 463.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gdcli.language.syntax import Decimal

CONSTANT, LOAD, APPLY, BRANCH = "constant", "load", "apply", "branch"
MAXIMUM_DEPTH = 64  # branches inside branches; the passes recurse once a level

Guard = tuple[str, int, int, bool]  # comparison, left, right, and whether it holds


class Region(NamedTuple):
    """Instructions in the order they run, and the values they hand out."""

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]


class Instruction(NamedTuple):
    """One step.

    operation  payload                               operands     regions
    CONSTANT   a Decimal, or "pi" or "e"             none         none
    LOAD       the number of the input               none         none
    APPLY      the name of a row of the table        arguments    none
    BRANCH     a comparison, < <= > >= == !=         left, right  where it holds, where not
    `origin` is the node of the Expression that the step computes or differentiates, -1 for none.
    """

    operation: str
    payload: Any
    operands: tuple[int, ...]
    results: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    origin: int = -1


def payloads(region: Region) -> Iterator[Any]:
    """What the instructions say beside their operands: primitives, constants, comparisons."""
    for instruction in region.instructions:
        yield instruction.payload
        for inner in instruction.regions:
            yield from payloads(inner)


class Tape(NamedTuple):
    """`inputs` names, a body that may load them, and `size`, how many values it has."""

    inputs: tuple[str, ...]
    body: Region
    size: int

    def __str__(self) -> str:
        return "\n".join([*_lines(self.body, 0), "return " + _names(self.body.outputs)])


class Builder:
    """Collects instructions; an equal pure instruction that is visible is used again."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.inputs = tuple(inputs)
        self.size = 0
        self.origin = -1
        self.defined: list[Instruction] = []  # by value: the instruction that made it
        self.exact: dict[int, Decimal | None] = {}  # by value: what lowering has found it to be
        self._path: tuple[Guard, ...] = ()
        self._tables: dict[tuple[Guard, ...], dict[Any, int]] = {(): {}}
        self._visible = [self._tables[()]]
        self._open: list[list[Instruction]] = [[]]

    def constant(self, number: Decimal | str) -> int:
        """An exact decimal, or the name of a constant."""
        return self._leaf(CONSTANT, number)

    def load(self, number: int) -> int:
        """The input of that number."""
        return self._leaf(LOAD, number)

    def _leaf(self, operation: str, payload: Any) -> int:
        # Leaves cost nothing and depend on nothing, so all of them stand outside any branch.
        key = (operation, payload)
        value = self._visible[0].get(key)
        if value is None:
            value = self._visible[0][key] = self._emit(0, operation, payload, (), 1)[0]
        return value

    def apply(self, primitive: str, *operands: int) -> int:
        """The primitive of that name, applied to earlier values."""
        key = (primitive, *operands)
        value = self.known(key)
        if value is None:
            value = self._emit(-1, APPLY, primitive, operands, 1)[0]
            self.know(key, value)
        return value

    def known(self, key: Any) -> int | None:
        """What `know` has filed under `key` here or in a region around."""
        for table in self._visible:
            if key in table:
                return table[key]
        return None

    def know(self, key: Any, value: int) -> None:
        """Files a value under `key`, for as long as it is visible."""
        self._visible[-1][key] = value

    def _emit(
        self, place: int, operation: str, payload: Any, operands: tuple[int, ...], results: int
    ) -> tuple[int, ...]:
        numbers = tuple(range(self.size, self.size + results))
        instruction = Instruction(operation, payload, operands, numbers, (), self.origin)
        self.size += results
        self.defined.extend([instruction] * results)
        self._open[place].append(instruction)
        return numbers

    @property
    def depth(self) -> int:
        """How many branches are open."""
        return len(self._path)

    def branch(self, comparison: str, left: int, right: int) -> None:
        """Opens the region that runs where the comparison holds."""
        self._enter((comparison, left, right, True))

    def otherwise(self) -> None:
        """Closes the region that `branch` opened and opens its alternative."""
        comparison, left, right, _ = self._leave()
        self._enter((comparison, left, right, False))

    def close(self, where_it_holds: Sequence[int], elsewhere: Sequence[int]) -> tuple[int, ...]:
        """Closes the alternative; the branch's results, one for each pair of outputs."""
        comparison, left, right, _ = self._leave()
        regions = tuple(
            Region(tuple(self._open.pop()), tuple(outputs))
            for outputs in (elsewhere, where_it_holds)
        )
        numbers = self._emit(-1, BRANCH, comparison, (left, right), len(where_it_holds))
        self._open[-1][-1] = self._open[-1][-1]._replace(regions=regions[::-1])
        return numbers

    def _enter(self, guard: Guard) -> None:
        self._path = (*self._path, guard)
        self._visible.append(self._tables.setdefault(self._path, {}))
        self._open.append([])

    def _leave(self) -> Guard:
        guard = self._path[-1]
        self._path = self._path[:-1]
        self._visible.pop()
        return guard

    def extend(self, tape: Tape, apply: Callable[[str, list[int]], int] | None = None) -> list[int]:
        """Appends all of `tape`; the new number of each of its values.

        `apply` may build something else than the primitive it is given with its operands.
        """
        numbers = [0] * tape.size

        def copy(region: Region) -> list[int]:
            for instruction in region.instructions:
                self.origin = instruction.origin
                operands = [numbers[operand] for operand in instruction.operands]
                if instruction.operation == BRANCH:
                    self.branch(instruction.payload, *operands)
                    where_it_holds = copy(instruction.regions[0])
                    self.otherwise()
                    elsewhere = copy(instruction.regions[1])
                    self.origin = instruction.origin
                    results = self.close(where_it_holds, elsewhere)
                    for result, number in zip(instruction.results, results, strict=True):
                        numbers[result] = number
                elif instruction.operation == APPLY:
                    name = instruction.payload
                    made = apply(name, operands) if apply else self.apply(name, *operands)
                    numbers[instruction.results[0]] = made
                else:
                    leaf = self._leaf(instruction.operation, instruction.payload)
                    numbers[instruction.results[0]] = leaf
            return [numbers[output] for output in region.outputs]

        copy(tape.body)
        return numbers

    def tape(self, outputs: Sequence[int]) -> Tape:
        """The Tape of what `outputs` need, numbered by position."""
        return self.numbered(outputs)[0]

    def numbered(self, outputs: Sequence[int]) -> tuple[Tape, dict[int, int]]:
        """The same, with the number there of each value of the builder's that is needed."""
        needed = set(outputs)
        body = Region(_needed(self._open[0], needed), tuple(outputs))
        numbers: dict[int, int] = {}
        tape = Tape(self.inputs, _renumbered(body, numbers), len(numbers))
        check(tape)
        return tape, numbers

    def whole(self) -> Tape:
        """All that was built, needed or not, under the builder's own numbers."""
        return Tape(self.inputs, Region(tuple(self._open[0]), ()), self.size)


def _needed(instructions: Iterable[Instruction], needed: set[int]) -> tuple[Instruction, ...]:
    """The instructions that `needed` rests on; what they need in turn is added to it."""
    kept: list[Instruction] = []
    for instruction in reversed(list(instructions)):
        if instruction.operation == BRANCH:
            shown = [place for place, r in enumerate(instruction.results) if r in needed]
            regions = []
            for region in instruction.regions:
                outputs = tuple(region.outputs[place] for place in shown)
                needed.update(outputs)
                regions.append(Region(_needed(region.instructions, needed), outputs))
            if not shown and not any(region.instructions for region in regions):
                continue
            results = tuple(instruction.results[place] for place in shown)
            instruction = instruction._replace(results=results, regions=tuple(regions))
        elif instruction.results[0] not in needed:
            continue
        needed.update(instruction.operands)
        kept.append(instruction)
    return tuple(reversed(kept))


def _renumbered(region: Region, numbers: dict[int, int]) -> Region:
    instructions = []
    for operation, payload, old_operands, old_results, regions, origin in region.instructions:
        operands = tuple([numbers[operand] for operand in old_operands])
        inner = tuple([_renumbered(old, numbers) for old in regions]) if regions else ()
        first = len(numbers)
        results = tuple(range(first, first + len(old_results)))
        numbers.update(zip(old_results, results, strict=True))
        instructions.append(Instruction(operation, payload, operands, results, inner, origin))
    return Region(tuple(instructions), tuple(numbers[output] for output in region.outputs))


def check(tape: Tape) -> None:
    """Raises ValueError unless every value is made once, before its use, and visible there."""
    made: dict[int, tuple[Guard, ...]] = {}

    def visible(value: int, path: tuple[Guard, ...]) -> None:
        if value not in made or path[: len(made[value])] != made[value]:
            raise ValueError(f"v{value} is used where it has no value\n{tape}")

    def region(body: Region, path: tuple[Guard, ...]) -> None:
        for instruction in body.instructions:
            for operand in instruction.operands:
                visible(operand, path)
            for holds, inner in zip((True, False), instruction.regions, strict=False):
                region(inner, (*path, (instruction.payload, *instruction.operands, holds)))
                if len(inner.outputs) != len(instruction.results):
                    raise ValueError(f"a branch hands out too few or too many values\n{tape}")
            for result in instruction.results:
                if result in made or not 0 <= result < tape.size:
                    raise ValueError(f"v{result} is made twice, or beyond the size\n{tape}")
                made[result] = path
        for output in body.outputs:
            visible(output, path)

    region(tape.body, ())


Walk = Callable[[Region], list[Any]]


def run(
    tape: Tape,
    leaf: Callable[[Instruction], Any],
    apply: Callable[[Instruction, list[Any]], Any],
    branch: Callable[[Instruction, list[Any], Walk], Sequence[Any]],
) -> list[Any]:
    """The one walk over a tape; the outputs.

    `leaf` and `apply` give an instruction's value. `branch` is given a function that walks a
    region and hands back its outputs, and gives the branch's results: an interpreter walks one of
    the regions, a compiler both.
    """
    values: list[Any] = [None] * tape.size

    def walk(region: Region) -> list[Any]:
        for instruction in region.instructions:
            if instruction.operation == APPLY:
                operands = [values[operand] for operand in instruction.operands]
                values[instruction.results[0]] = apply(instruction, operands)
            elif instruction.operation == BRANCH:
                operands = [values[operand] for operand in instruction.operands]
                handed = branch(instruction, operands, walk)
                for result, value in zip(instruction.results, handed, strict=True):
                    values[result] = value
            else:
                values[instruction.results[0]] = leaf(instruction)
        return [values[output] for output in region.outputs]

    return walk(tape.body)


def _names(values: Iterable[int]) -> str:
    return ", ".join(f"v{value}" for value in values)


def _lines(region: Region, depth: int) -> list[str]:
    lines = []
    for operation, payload, operands, results, regions, _ in region.instructions:
        start = "  " * depth + (f"{_names(results)} = " if results else "")
        if operation != BRANCH:
            lines.append(f"{start}{operation} {payload} {_names(operands)}".rstrip())
            continue
        lines.append(f"{start}branch v{operands[0]} {payload} v{operands[1]} {{")
        for inner, end in zip(regions, ("} else {", "}"), strict=True):
            lines += _lines(inner, depth + 1)
            lines.append("  " * (depth + 1) + "yield " + _names(inner.outputs))
            lines.append("  " * depth + end)
    return lines
