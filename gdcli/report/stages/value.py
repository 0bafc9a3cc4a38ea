"""Function → Listing: the stages that `gdcli show` lays open, before a format turns
them into text.

Each stage has rows for people (and csv, jsonl), bare lines for `plain`, and its data as objects
for json. With a point, values stand beside the lines; what is not computed there, on a side of an
`ifelse` that is not taken, has none. Gradients and graphs are in modules beside.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from gdcli.autodiff.tape import LOAD, Instruction
from gdcli.errors import visible
from gdcli.execute.interpret import observe, region_taken
from gdcli.execute.source import FLOAT_TARGET, source
from gdcli.language.syntax import NAME, Expression
from gdcli.numbers.floats import IEEE
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import full
from gdcli.report.stages.instructions import InstructionObjects, place
from gdcli.report.stages.program import ProgramLine, ValueNames, lines

if TYPE_CHECKING:
    from gdcli.functions.function import Function

LONGEST_CELL_TEXT = 48  # characters of source text in a cell


def expression_stage(function: Function) -> Listing:
    """The tree of the Expression, drawn, and its nodes."""
    expression = function.expression
    rows: list[tuple[Cell, ...]] = []
    for definition in expression.definitions:
        rows += [(f"{definition.name} =", "", ""), *_tree(expression, definition.root)]
    rows += [("f =", "", "")] if expression.definitions else []
    rows += _tree(expression, len(expression.nodes) - 1)
    nodes = [
        {
            "position": position,
            "kind": node.kind,
            "value": str(node.value),
            "arguments": node.arguments,
            **place(expression, position),
        }
        for position, node in enumerate(expression.nodes)
    ]
    definitions = [
        {"name": definition.name, "root": definition.root} for definition in expression.definitions
    ]
    content = {"nodes": nodes, "parts": definitions, "normal_form": str(expression)}
    return Listing("expression", ("tree", "text", "columns"), rows, f"{expression}\n", content)


def _tree(expression: Expression, root: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    pending = [(root, "", "")]
    while pending:
        position, before, below = pending.pop()
        node = expression.nodes[position]
        label = str(node.value).replace("unary-minus", "-")
        rows.append((before + label, *text_and_columns(expression, position)))
        for argument in reversed(node.arguments):
            last = argument == node.arguments[-1]
            turn, straight = ("└── ", "    ") if last else ("├── ", "│   ")
            pending.append((argument, below + turn, below + straight))
    return rows


def tape_stage(function: Function, at: list[float] | None) -> Listing:
    """The Wengert list."""
    tape, expression = function.engine.rewritten.tape, function.expression
    values = None if at is None else observe(tape, IEEE, at)
    origins = Origins(expression)
    listing = lines(tape)
    rows = [
        (str(line), *_column(values, line), *text_and_columns(expression, origins(line)))
        for line in listing
    ]
    names = ValueNames(tape)
    content = {
        "instructions": InstructionObjects(tape, expression, values).region(tape.body),
        "outputs": tape.body.outputs,
    }
    output = names.text(tape.body.outputs[0])
    columns = ("line", *(("value",) if values is not None else ()), "text", "columns")
    return Listing(
        "tape",
        columns,
        rows,
        "".join(f"{line}\n" for line in listing) + f"return {output}\n",
        content,
        (("f", answer(names, tape.body.outputs[0], values)),),
        message=undefined(function, at),
    )


def with_rewrites(function: Function, stage: Listing) -> Listing:
    """The stage, and the accuracy rewrites that are in it."""
    made = [
        {"rewrite": name, **place(function.expression, origin)}
        for name, origin in function.engine.rewritten.rewrites
    ]
    return stage._replace(
        content={**stage.content, "rewrites": made}, notes=tuple(rewrite_notes(function))
    )


def rewrite_notes(function: Function) -> list[str]:
    """Each rewrite in a sentence."""
    return [
        f"rewritten for accuracy: {short(function.expression.source(origin))}, by {name}"
        for name, origin in function.engine.rewritten.rewrites
    ]


def source_stage(function: Function) -> Listing:
    """The Python source of the value, and of the value with the gradient."""
    texts = {
        "value": source(function.engine.rewritten.tape, FLOAT_TARGET, function.bindings),
        "gradient": source(
            function.engine.rewritten_gradient_tape, FLOAT_TARGET, function.engine.gradient_bindings
        ),
    }
    text = "".join(f"# {note}\n" for note in rewrite_notes(function))
    text += "# the value\n{value}\n# the value and the gradient\n{gradient}".format(**texts)
    rows: list[tuple[Cell, ...]] = [(line,) for line in text.splitlines()]
    return Listing("source", ("source",), rows, text, texts, verbatim=True)


class Origins:
    """Where each line comes from: a node of the Expression, -1 where the text has none."""

    def __init__(self, expression: Expression) -> None:
        nodes = enumerate(expression.nodes)
        named = [(str(node.value), position) for position, node in nodes if node.kind == NAME]
        self._loads = dict(reversed(named))  # the first place where a name stands

    def __call__(self, line: ProgramLine) -> int:
        """The position of the node."""
        instruction = line.instruction
        if instruction is None:
            return -1
        if instruction.operation == LOAD:
            return self._loads.get(line.text.partition(" = ")[2], instruction.origin)
        return instruction.origin


def text_and_columns(expression: Expression, position: int) -> tuple[str, str]:
    """The text of a node, short, and the columns where it stands; empty for none."""
    if position < 0:
        return "", ""
    start, end = expression.nodes[position].span
    return short(expression.source(position)), f"{start + 1}-{end}"


def short(text: str) -> str:
    """A text that fits a cell."""
    text = " ".join(visible(text).split())
    return (
        text
        if len(text) <= LONGEST_CELL_TEXT
        else f"{text[: LONGEST_CELL_TEXT - 20]} ... {text[-15:]}"
    )


def answer(names: ValueNames, value: int, values: dict[int, float] | None) -> str:
    """An output: `v4`, with its number where there is one, or the constant that it is."""
    text = names.text(value)
    return text if values is None or text != f"v{value}" else f"{text} = {full(values[value])}"


def _column(values: dict[int, float] | None, line: ProgramLine) -> tuple[Cell, ...]:
    return () if values is None else (value_of(line, values),)


def value_of(line: ProgramLine, values: dict[int, float]) -> float | None:
    """The value that a line gives; None where it does not run."""
    instruction = line.instruction
    if instruction is None or line.result is None:
        return None
    if line.side is not None and not _runs(instruction, line.side, values):
        return None
    return values.get(line.result)


def _runs(instruction: Instruction, side: int, values: dict[int, float]) -> bool:
    left, right = (values.get(operand) for operand in instruction.operands)
    return left is not None and right is not None and region_taken(instruction, left, right) == side


def undefined(function: Function, at: list[float] | None) -> str | None:
    """Why the value or the gradient is not finite at the point; None where they are."""
    if at is None:
        return None
    value, gradient = function.evaluate_gradient(at)
    if all(map(isfinite, (value, *gradient))):
        return None
    return function.failure(at) or "no finite value"
