"""The roles of names: which are variables, in which order, and which are something else.

Comes in: an Expression and the names that `--set` gives values to. Goes out: Roles. A name is, in
this order: set by the user, a part of the text, declared by the header, a constant, a variable.
A name that looks like a product written without its `*` is refused, since the gradient of another
function must never be the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from gdcli.autodiff.primitives import OFFERED
from gdcli.errors import ExpressionError, Span, UsageError, brief, listed
from gdcli.language.suggest import closest
from gdcli.language.syntax import NAME, Expression

CONSTANTS = {"pi": "pi", "e": "e"}


class Roles(NamedTuple):
    """`variables` in their order, and the constant expressions that `parameters` stand for."""

    variables: tuple[str, ...]
    parameters: Mapping[str, Expression]


def natural_order(name: str) -> list[tuple[int, str]]:
    """Sorts x2 before x10: letters by alphabet, numbers by size."""
    return [
        (int(piece), "") if piece.isdigit() else (-1, piece)
        for piece in re.split(r"([0-9]+)", name)
        if piece
    ]


def assign(expression: Expression, parameters: Mapping[str, Expression]) -> Roles:
    """The roles of every name in `expression`; raises ExpressionError or UsageError."""
    used: dict[str, Span] = {}
    for node in expression.nodes:
        if node.kind == NAME:
            used.setdefault(str(node.value), node.span)
    _check_parts(expression)
    parts = {part.name for part in expression.parts}
    header = expression.header.variables if expression.header else None
    _check_parameters(parameters, used, parts, header or ())
    given = parts | set(parameters) | (set(CONSTANTS) - set(header or ()))
    free = [name for name in used if name not in given]
    if header is not None:
        _check_header(expression, free, used, header)
        return Roles(header, parameters)
    _check_products(expression, free, used, parts)
    return Roles(tuple(sorted(free, key=natural_order)), parameters)


def _check_parts(expression: Expression) -> None:
    """A part is used only behind its own definition."""
    start = 0
    defined = {part.name: part.root for part in expression.parts}
    for part in expression.parts:
        if part.name in CONSTANTS:
            raise ExpressionError(
                f"`{part.name}` is a constant; choose another name", expression.text, part.span
            )
        for node in expression.nodes[start : part.root + 1]:
            if node.kind == NAME and defined.get(str(node.value), -1) >= part.root:
                raise ExpressionError(
                    f"the part `{node.value}` is used before it is defined",
                    expression.text,
                    node.span,
                )
        start = part.root + 1


def _check_parameters(
    parameters: Mapping[str, Expression],
    used: Mapping[str, Span],
    parts: set[str],
    header: tuple[str, ...],
) -> None:
    for name in map(brief, parameters):
        if name in header:
            raise UsageError(f"--set {name}: the header declares `{name}` as a variable")
        if name in parts:
            raise UsageError(f"--set {name}: the expression defines `{name}` itself")
        if name not in used:
            names = listed(sorted(used, key=natural_order)) or "none"
            raise UsageError(f"--set {name}: the expression has no such name (its names: {names})")


def _check_header(
    expression: Expression, free: list[str], used: Mapping[str, Span], header: tuple[str, ...]
) -> None:
    declared = set(header)
    for name in free:
        if name not in declared:
            assert expression.header is not None
            meant = closest(name, header, 1) if len(name) > 1 else []
            longer = ", ".join((*header, name))
            advice = (
                f"did you mean `{meant[0]}`?"
                if meant
                else f"declare it: `{expression.header.name}({longer}) = ...`, "
                f"or give its value: --set {name}=..."
            )
            raise ExpressionError(
                f"`{name}` is not among the variables of the header; {advice}",
                expression.text,
                used[name],
            )


def _check_products(
    expression: Expression, free: list[str], used: Mapping[str, Span], parts: set[str]
) -> None:
    """Refuses `xy` beside `x`, `ab` beside `bc`, `πx`, `sinx` beside `x`: signs left out."""
    letters = {name for name in (*used, *parts) if len(name) == 1}
    calls = {name: call for name in free if (call := _call_without_parentheses(name))}
    suspects = [name for name in free if "π" in name or re.fullmatch(r"[A-Za-z]{2,3}", name)]
    for name in dict.fromkeys((*calls, *suspects)):
        others = {letter for other in suspects if other != name for letter in other}
        arguments = letters | {argument for other, (_, argument) in calls.items() if other != name}
        if name in calls and calls[name][1] in arguments:
            advice = "{}({})".format(*calls[name])
        elif name in suspects and set(name) & (letters | others | {"π"}):
            advice = "*".join(re.findall("pi|.", name))
        else:
            continue
        variables = ", ".join(sorted(free, key=natural_order))
        raise ExpressionError(
            f"`{name}` is one name; write `{advice}`, or declare it: `f({variables}) = ...`",
            expression.text,
            used[name],
        )


def _call_without_parentheses(name: str) -> tuple[str, str] | None:
    """`sinx` as the function and the letter that it may have been meant to be."""
    return (name[:-1], name[-1]) if name[:-1] in OFFERED else None
