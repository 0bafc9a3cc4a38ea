"""The text of a tape of scalars: straight-line assignments, with an `if` for each branch.

Comes in: a Tape, and a Target, which says how operations are written. Goes out: the text of a
Python function. A value used once is written into the expression that uses it, down to a depth
that every Python can parse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gdcli.autodiff.tape import LOAD, Instruction, Region, Tape, Walk, run
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import FLOAT_CONSTANTS, to_float

MAXIMUM_PARENTHESES = 12  # of parentheses in one assignment

OPPOSITE_COMPARISON = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Target(NamedTuple):
    """How operations are written: infix where `infix` says how, else as calls of `functions`.

    `unordered` is the statement for a comparison with nan, given the results; where it is empty,
    both sides of a branch are computed and `functions["select"]` picks among them.
    """

    infix: Mapping[str, str]
    functions: Mapping[str, Callable[..., Any]]
    unordered: str


INFIX = {"+": "{} + {}", "-": "{} - {}", "*": "{}*{}", "unary-minus": "-{}"}


def identifier(primitive: str) -> str:
    """A primitive's name as Python can spell it."""
    spelt = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
    return spelt.get(primitive, primitive.replace("-", "_")) + "_"


class OperandText(NamedTuple):
    """An operand as text; `depth` counts the parentheses an operator puts around it."""

    text: str
    depth: int = 0
    atom: bool = True

    def operand(self) -> str:
        """The text as an operand, in parentheses where it needs them."""
        return self.text if self.atom else f"({self.text})"


class Writer:
    """Writes a tape of scalars."""

    def __init__(self, tape: Tape, target: Target) -> None:
        self.tape = tape
        self.target = target
        self.lines: list[str] = []
        self.indent = "    "
        self.uses = Counter(_uses(tape.body))

    def text(self) -> str:
        """The whole text."""
        inputs = ", ".join(f"x{number}" for number in range(len(self.tape.inputs)))
        first, *others = run(self.tape, self.leaf, self.apply, self.branch)
        returned = f"{first.text}, [{', '.join(output.text for output in others)}]"
        unpacked = [f"    [{inputs}] = point"] if inputs else []
        return "\n".join(
            ["def evaluate(point):", *unpacked, *self.lines, f"    return {returned}", ""]
        )

    def names(self) -> dict[str, Any]:
        """What the text takes from outside, beside the target's functions."""
        return {}

    def line(self, text: str) -> None:
        """Writes a statement."""
        self.lines.append(self.indent + text)

    def leaf(self, instruction: Instruction) -> OperandText:
        """An input or a constant."""
        payload = instruction.payload
        if instruction.operation == LOAD:
            return OperandText(f"x{payload}")
        value = to_float(payload) if isinstance(payload, Decimal) else FLOAT_CONSTANTS[payload]
        return OperandText(repr(value), atom=value >= 0.0)

    def apply(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        """An operation."""
        name, infix = instruction.payload, self.target.infix.get(instruction.payload)
        if name == "pow-integer" and operands[1].text == "2.0":
            infix = text = f"{operands[0].operand()}*{operands[0].operand()}"
        elif name == "pow-integer":  # of every other exponent `pow` is as good
            text = f"pow_general_({operands[0].text}, {operands[1].text})"
        elif infix is not None:
            text = infix.format(*(operand.operand() for operand in operands))
        else:
            text = f"{identifier(name)}({', '.join(operand.text for operand in operands)})"
        depth = 1 + max(operand.depth for operand in operands)
        written = OperandText(text, depth, atom=infix is None and text.endswith(")"))
        return self.settle(instruction.results[0], written)

    def settle(self, value: int, written: OperandText) -> OperandText:
        """The value where it stands, or the name of the variable that now holds it."""
        if self.uses[value] == 1 and written.depth < MAXIMUM_PARENTHESES:
            return written
        self.line(f"v{value} = {written.text}")
        return OperandText(f"v{value}")

    def branch(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        """An `if` for each side, or a selection."""
        left, right = (operand.operand() for operand in operands)
        if not self.target.unordered:
            return self.selection(instruction, f"{left}, {right}", walk)
        results = [f"v{result}" for result in instruction.results]
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        for word, comparison, region in zip(
            ("if", "elif"), comparisons, instruction.regions, strict=True
        ):
            condition = f"{left} {comparison} {right}"
            if comparison == "!=":  # which a nan would pass
                condition = f"{left} < {right} or {left} > {right}"
            self.line(f"{word} {condition}:")
            self.side(region, results, walk)
        self.line("else:")
        unordered = self.target.unordered.format(" = ".join(results)) if results else "pass"
        self.line("    " + unordered)
        return [OperandText(result) for result in results]

    def selection(self, instruction: Instruction, sides: str, walk: Walk) -> Sequence[OperandText]:
        """Both sides, and a choice among their outputs."""
        pairs = zip(*(walk(region) for region in instruction.regions), strict=True)
        for result, (where_it_holds, elsewhere) in zip(instruction.results, pairs, strict=True):
            outputs = f"{where_it_holds.text}, {elsewhere.text}"
            self.line(f"v{result} = select_({sides}, {instruction.payload!r}, {outputs})")
        return [OperandText(f"v{result}") for result in instruction.results]

    def side(self, region: Region, results: list[str], walk: Walk) -> None:
        """One side, which sets the results."""
        self.indent += "    "
        for result, output in zip(results, walk(region), strict=True):
            self.line(f"{result} = {output.text}")
        if not results:
            self.line("pass")
        self.indent = self.indent[:-4]


def _uses(region: Region) -> list[int]:
    """Every use of a value; one from another region counts twice, so that it gets a name."""
    made: set[int] = set()
    uses = list(region.outputs)
    for instruction in region.instructions:
        made.update(instruction.results)
        uses += instruction.operands
        if instruction.regions or instruction.payload == "pow-integer":
            uses += instruction.operands  # written twice: once for each side, or a*a
        for inner in instruction.regions:
            uses += _uses(inner)
    return [*uses, *set(uses).difference(made)]
