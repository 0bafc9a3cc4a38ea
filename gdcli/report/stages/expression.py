"""The stage `expression`: the tree of the Expression, drawn, and its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.functions.function import Function
from gdcli.language.syntax import Expression
from gdcli.report.listing import Cell, Listing
from gdcli.report.stages.instructions import place
from gdcli.report.stages.origins import text_and_columns

if TYPE_CHECKING:
    from gdcli.report.formats import objects

TREE_INDENT = 4  # characters before a label, for each node above it


def expression_stage(function: Function) -> Listing:
    expression = function.expression
    rows: list[tuple[Cell, ...]] = []
    for definition in expression.definitions:
        rows += [(f"{definition.left_side} =", "", ""), *_tree(expression, definition.root)]
    rows += [("f =", "", "")] if expression.definitions else []
    rows += _tree(expression, len(expression.nodes) - 1)
    nodes: list[objects.NodeObject] = [
        {
            "position": position,
            "kind": node.kind,
            "value": str(node.value),
            "arguments": node.arguments,
            **place(expression, position),
        }
        for position, node in enumerate(expression.nodes)
    ]
    parts: list[objects.PartObject] = []
    for definition in expression.definitions:
        parts.append({"name": definition.name, "root": definition.root})
        if definition.subscripts:
            parts[-1]["subscripts"] = [str(one) for one in definition.subscripts]
    content: objects.ExpressionContent = {
        "nodes": nodes,
        "parts": parts,
        "normal_form": str(expression),
    }
    notes: tuple[str, ...] = ()
    if elaboration := function.resolved.elaboration:
        entries = elaboration.entries
        content["entries"] = str(entries)
        lines = (f"{one.left_side} = {entries.formula(one.root)};" for one in entries.definitions)
        notes = ("by entries:", *lines, entries.formula(len(entries.nodes) - 1))
    columns = ("tree", "text", "columns")
    return Listing("expression", columns, rows, f"{expression}\n", content, notes=notes)


def drawn_width(expression: Expression) -> int:
    """How many characters lie before the labels of all rows together."""
    depths = [0] * len(expression.nodes)
    for position in reversed(range(len(expression.nodes))):  # operands stand before their operation
        for argument in expression.nodes[position].arguments:
            depths[argument] = depths[position] + 1
    return TREE_INDENT * sum(depths)


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
