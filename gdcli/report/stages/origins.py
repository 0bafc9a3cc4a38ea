"""Origins: where what a stage shows comes from in the function's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff.tape import LOAD
from gdcli.errors import visible
from gdcli.functions.function import Function
from gdcli.language.syntax import NAME, Expression
from gdcli.report.listing import Listing
from gdcli.report.stages.instructions import place
from gdcli.report.stages.program import ProgramLine

if TYPE_CHECKING:
    from gdcli.report.formats import objects

LONGEST_CELL_TEXT = 48  # characters of source text in a cell


class Origins:
    """The position of the Expression's node that a line comes from, -1 where there is none."""

    def __init__(self, expression: Expression) -> None:
        nodes = enumerate(expression.nodes)
        named = [(str(node.value), position) for position, node in nodes if node.kind == NAME]
        self._loads = dict(reversed(named))  # the first place where a name stands

    def __call__(self, line: ProgramLine) -> int:
        instruction = line.instruction
        if instruction is None:
            return -1
        if instruction.operation == LOAD:
            return self._loads.get(line.text.partition(" = ")[2], instruction.origin)
        return instruction.origin


def text_and_columns(expression: Expression, position: int) -> tuple[str, str]:
    """The text of a node, shortened, and the columns where it stands; empty for position -1."""
    if position < 0:
        return "", ""
    start, end = expression.nodes[position].span
    return short(expression.source(position)), f"{start + 1}-{end}"


def short(text: str) -> str:
    """A text with its middle left out where it is too long for a cell."""
    text = " ".join(visible(text).split())
    return (
        text
        if len(text) <= LONGEST_CELL_TEXT
        else f"{text[: LONGEST_CELL_TEXT - 20]} ... {text[-15:]}"
    )


def with_rewrites(function: Function, stage: Listing) -> Listing:
    """The stage with the accuracy rewrites that are in it, as data and as notes."""
    made: list[objects.RewriteObject] = [
        {"rewrite": name, **place(function.elaborated, origin)}
        for name, origin in function.engine.rewritten.rewrites
    ]
    return stage._replace(
        content={**stage.content, "rewrites": made}, notes=tuple(rewrite_notes(function))
    )


def rewrite_notes(function: Function) -> list[str]:
    return [
        f"rewritten for accuracy: {short(function.elaborated.source(origin))}, by {name}"
        for name, origin in function.engine.rewritten.rewrites
    ]
