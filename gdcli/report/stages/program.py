"""A program: a Tape as lines that read as mathematics, `v3 = v1*v2`, branches and loops indented.

Comes in: a Tape. Goes out: its lines in the order in which it runs, each with the instruction it
stands for. Constants are written where they are used, too: `v2 = 2`, then `v3 = v0^2`. A line of a
side of an `ifelse` that is not taken has no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.lifted import step
from gdcli.autodiff.tape import (
    CARRY,
    EXTREMA,
    LOGSUMEXP,
    Instruction,
    Subscript,
    Tape,
    index_of,
    instructions,
    is_of_table,
    loop_results,
    subscript_operands,
    tables_by_filler,
)
from gdcli.execute.interpret import region_taken
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import full

INDENT = "  "


class ProgramLine(NamedTuple):
    """A line of a program, with the instruction it stands for and the value it gives.

    A line where a region begins has neither. `side` is the side of the branch, its instruction,
    whose result the line gives.
    """

    text: str
    depth: int = 0
    instruction: Instruction | None = None
    result: int | None = None
    side: int | None = None

    def __str__(self) -> str:
        return INDENT * self.depth + self.text


class ValueNames:
    """The names of the values of a Tape: `v0`, `v1`, ..., or the constant itself.

    The inputs from the number `variables_from` on are called by their own names.
    """

    def __init__(self, tape: Tape, *, variables_from: int | None = None) -> None:
        self._leaves: dict[int, str | Decimal] = {}
        self._unfinished = tables_by_filler(tape) if tape.has_loops else {}
        for one in instructions(tape.body) if self._unfinished else ():
            if one.operation == opcode.ACCUMULATOR:  # what is added to is named as the sums are
                self._leaves[index_of(one)] = f"v{one.results[0]}"
        for instruction in tape.body.instructions:
            if instruction.operation == opcode.CONSTANT:
                self._leaves[instruction.results[0]] = instruction.payload
            elif (
                instruction.operation == opcode.LOAD
                and variables_from is not None
                and instruction.payload >= variables_from
            ):
                self._leaves[instruction.results[0]] = tape.inputs[instruction.payload]

    def __call__(self, value: int) -> str | Decimal:
        return self._leaves.get(value, f"v{value}")

    def text(self, value: int) -> str:
        return str(self(value))

    def entry(self, instruction: Instruction) -> str:
        """The text of what ELEMENT and EARLIER read and ACCUMULATE adds to: `x[v3 + 1]`."""
        indices = list(map(self.text, subscript_operands(instruction)))
        subscripts = ", ".join(one.text(indices) for one in instruction.payload.subscripts)
        if instruction.operation == opcode.EARLIER:
            table = self._unfinished[instruction.operands[0], instruction.payload.number]
            return f"v{table}[{subscripts}]"
        of_table = is_of_table(instruction)
        name = self.text(instruction.operands[0]) if of_table else instruction.payload.array
        return f"{name}[{subscripts}]"

    def ends(
        self, low: Sequence[Subscript], high: Sequence[Subscript], operands: Sequence[int]
    ) -> str:
        """The text of a range: `1 : n - 1`, `max(1, v3) : n`."""
        names = list(map(self.text, operands))
        return " : ".join(
            ends[0].text(names)
            if len(ends) == 1
            else f"{word}({', '.join(end.text(names) for end in ends)})"
            for ends, word in ((low, "max"), (high, "min"))
        )


def lines(tape: Tape) -> list[ProgramLine]:
    names = ValueNames(tape)
    return [
        line for one in tape.body.instructions for line in instruction_lines(one, tape, names, 0)
    ]


def instruction_lines(
    instruction: Instruction, tape: Tape, names: ValueNames, depth: int
) -> Iterator[ProgramLine]:
    """The lines of one instruction; a branch and a loop have several."""
    if instruction.operation == opcode.LOOP:
        yield from loop(instruction, tape, names, depth)
        return
    if instruction.operation == opcode.UNFINISHED:
        return
    if instruction.operation == opcode.ACCUMULATOR:
        extents = [
            names.ends(one.low, one.high, instruction.operands)
            for one in instruction.payload.extents
        ]
        (result,) = instruction.results
        text = f"v{result} = sums over {', '.join(extents)}:"
        yield ProgramLine(text, depth, instruction, result)
        for inner in instruction.regions[0].instructions:
            yield from instruction_lines(inner, tape, names, depth + 1)
        return
    if instruction.operation == opcode.ACCUMULATE:
        yield ProgramLine(effect(instruction, names), depth, instruction)
    elif instruction.operation != opcode.BRANCH:
        yield assignment(instruction, tape, names, depth)
    for side, region in enumerate(instruction.regions):
        yield ProgramLine(region_header(instruction, side, names), depth)
        for inner in region.instructions:
            yield from instruction_lines(inner, tape, names, depth + 1)
        yield from branch_results(instruction, side, names, depth + 1)


def assignment(instruction: Instruction, tape: Tape, names: ValueNames, depth: int) -> ProgramLine:
    operation, payload, result = instruction.operation, instruction.payload, instruction.results[0]
    if operation == opcode.LOAD:
        right = tape.inputs[payload]
    elif operation == opcode.ELEMENT:
        right = names.entry(instruction)
    elif operation == opcode.EARLIER:
        right = f"earlier {names.entry(instruction)}"
    elif operation == opcode.SIZE:
        right = payload.text(())
    elif operation == opcode.CARRIED:
        right = f"{operation}({payload})"
    else:
        right = step(instruction, names)
    return ProgramLine(f"v{result} = {right}", depth, instruction, result)


def effect(instruction: Instruction, names: ValueNames) -> str:
    """The text of an instruction without results: `grad x[v3] += v19`, or `v2[v3] += v19`."""
    value = names.text(instruction.operands[-1])
    grad = "" if is_of_table(instruction) else "grad "
    return f"{grad}{names.entry(instruction)} += {value}"


def loop(
    instruction: Instruction, tape: Tape, names: ValueNames, depth: int
) -> Iterator[ProgramLine]:
    """The lines of a loop: `for v3 in 1 : n - 1:`, its body, and a line for each result."""
    over, body = instruction.payload, instruction.regions[0]
    index, *steps = body.instructions
    operands = list(map(names.text, instruction.operands))
    backwards = ", backwards" if over.descending else ""
    ends = names.ends(over.low, over.high, instruction.operands)
    yield ProgramLine(f"for v{index.results[0]} in {ends}{backwards}:", depth)
    for inner in steps:
        yield from instruction_lines(inner, tape, names, depth + 1)
    carries = iter(operands[len(operands) - over.reductions.count(CARRY) :])
    for kind, term, made in loop_results(instruction):
        output = names.text(term)
        right = f"last {output}, from {next(carries)}" if kind == CARRY else f"{kind} of {output}"
        further = ""
        if kind in EXTREMA:
            further = f", with v{made[1]} ties from v{made[2]} to v{made[3]}"
        elif kind == LOGSUMEXP:
            further = f", rounded by v{made[1]}"
        yield ProgramLine(f"v{made[0]} = {right}{further}", depth, instruction, made[0])


def region_header(instruction: Instruction, side: int, names: ValueNames) -> str:
    """The line before a side of a branch: `if v0 > 0:` or `else:`."""
    left, right = map(names.text, instruction.operands)
    return "else:" if side else f"if {left} {instruction.payload} {right}:"


def branch_results(
    instruction: Instruction, side: int, names: ValueNames, depth: int
) -> Iterator[ProgramLine]:
    """The lines that give a branch's results on one of its sides."""
    region = instruction.regions[side]
    for result, output in zip(instruction.results, region.outputs, strict=True):
        yield ProgramLine(f"v{result} = {names.text(output)}", depth, instruction, result, side)


# -- values beside lines -------------------------------------------------------------------------


def answer(names: ValueNames, value: int, values: dict[int, float] | None) -> str:
    """The text of an output: `v4 = 2`, `v4` where its value is not known, or the constant it is."""
    text = names.text(value)
    return text if values is None or text != f"v{value}" else f"{text} = {full(values[value])}"


def value_of(line: ProgramLine, values: dict[int, float]) -> float | None:
    """The value that a line gives; None where the line does not run."""
    instruction = line.instruction
    if instruction is None or line.result is None:
        return None
    if line.side is not None:
        left, right = (values.get(operand) for operand in instruction.operands)
        if left is None or right is None or region_taken(instruction, left, right) != line.side:
            return None
    return values.get(line.result)
