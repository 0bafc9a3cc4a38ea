"""Notes on what was read as another thing than it says, where that need be no mistake.

Comes in: a ResolvedExpression. Goes out: sentences: on parts of the text that are not used, on
literals of the text and of parameters that floats do not hold, on parameters with the name of a
constant, on names that are vectors because a matrix stands before them, on data that are longer
than what the text reads of them, and on vectors of variables that may be meant to be columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gdcli.errors import Sentence, Setting, brief, listed
from gdcli.functions.doubles import losses
from gdcli.language.syntax import CONSTANT_NAMES, NAME, SUBSCRIPT

if TYPE_CHECKING:
    from gdcli.functions.resolved import ResolvedExpression
    from gdcli.language.syntax import Expression


def reading_notes(resolved: ResolvedExpression, floats: bool = True) -> Iterator[str]:
    """The notes; those on literals only where the function is evaluated in `floats`."""
    expression, roles = resolved.expression, resolved.roles
    for name in expression.unused_parts():
        yield f"part `{name}` is not used"
    if floats:
        for written in (expression, *roles.parameters.values()):
            for literal, what in losses(written):
                message = "`{}` {}; {} keeps it"
                yield Sentence(message, brief(literal), what, Setting("digits"))
    for name in CONSTANT_NAMES:
        if name in roles.parameters:
            given = Setting("parameters", brief(str(roles.parameters[name])), (name,))
            yield Sentence("{}: `{}` is no longer the constant", given, name)
    if elaboration := resolved.elaboration:
        for name, (matrix, length) in elaboration.vectors.items():
            yield f"`{name}` is a vector of {length}, as many as {brief(matrix)} has columns"
    yield from resolved.doubts
    if resolved.data:
        yield from _unread(resolved)


def order_note(expression: Expression, variables: Sequence[str]) -> str | None:
    """The note on a point without names; None where the text has the variables in this order."""
    if expression.header is not None:
        return None
    first: dict[str, int] = {}
    for node in expression.nodes:
        if node.kind in (NAME, SUBSCRIPT):
            name, place = str(node.value), node.span[0]
            first[name] = min(first.get(name, place), place)
    written = sorted(variables, key=lambda name: first.get(name, 0))
    if written == [*variables]:
        return None
    return f"the values are those of {listed(variables)} in this order"


def _unread(resolved: ResolvedExpression) -> Iterator[str]:
    """The notes on arrays of data of which the last entries are never read."""
    from gdcli.language.semantics.scopes import Scopes
    from gdcli.language.semantics.spaces import IterationSpaces, extent

    numbers = {name: one.numbers for name, one in resolved.roles.arrays.items() if one.numbers}
    expression: Expression = resolved.elaboration or resolved.expression
    if parts := resolved.roles.parts:
        from gdcli.language.semantics.array_parts import with_pieces

        pieces = (piece for part in parts.values() for piece in part.pieces)
        expression = with_pieces(expression, pieces)
    scopes = Scopes(expression, numbers)
    spaces = IterationSpaces(expression, resolved.roles.sizes)
    whole = {name for _, names in scopes.vector_calls for name in names}
    for name, array in resolved.data.items():
        entries = [entry for entry in scopes.entries if entry.array == name]
        if name in whole or not entries:
            continue
        for place, length in enumerate(array.shape):
            found = [spaces.reached(entry, place) for entry in entries]
            most = max((reached[1] for reached in found if reached is not None), default=0)
            if most < length:
                which = "" if array.ndim == 1 else f" by its subscript {place + 1}"
                yield f"{extent(name, array.shape)}, of which the first {most} are read{which}"
