"""Left sides of array parts: which names in them are sizes, and how they are written.

Comes in: an Expression as it has been parsed. Goes out: its definitions, in which `u[n]` beside
other pieces of u is the entry of the size n, if ranges or the header have this size; else n is an
index. `u[t+1] = ...` is refused where no range has a size t.
"""

from __future__ import annotations

from collections import Counter

from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.syntax import (
    LOOP_NODE,
    NAME,
    Definition,
    Expression,
    PartSubscript,
)


def written(expression: Expression, definition: Definition) -> str:
    """The left side of an array part as it is written in the text."""
    start, end = definition.span.start, definition.subscripts[-1].span.end
    return expression.text[start:end] + "]"


def with_range(
    definition: Definition, index: str, low: Affine, high: Affine, name: str | None = None
) -> Definition:
    """The definition with this range for an index of its left side, under another name if given."""
    subscripts = [
        one._replace(name=name or index, low=low, high=high) if one.name == index else one
        for one in definition.subscripts
    ]
    return definition._replace(subscripts=tuple(subscripts))


def with_entries(expression: Expression) -> tuple[Definition, ...]:
    """The definitions, the entries of sizes told from indices; raises ExpressionError."""
    sizes = _sizes_of_ranges(expression) - expression.loop_indices
    pieces = Counter(definition.name for definition in expression.definitions)
    found = []
    for definition in expression.definitions:
        subscripts = []
        for one in definition.subscripts:
            if one.name in sizes and one.low is None and pieces[definition.name] > 1:
                number = Affine(0, ((one.name, 1),))
                one = PartSubscript("", number, number, one.span)
            elif not one.name and one.low:
                for name, _ in one.low.terms:
                    if name not in sizes:
                        raise _no_size(expression, definition, one, name)
            subscripts.append(one)
        found.append(definition._replace(subscripts=tuple(subscripts)))
    return tuple(found)


def _sizes_of_ranges(expression: Expression) -> set[str]:
    """The names in the ends of ranges and the lengths of the header."""
    nodes = expression.nodes
    found: set[str] = set()
    for node in nodes:
        pending = [*node.arguments[:-1]] if node.kind == LOOP_NODE else []
        while pending:
            one = nodes[pending.pop()]
            pending += one.arguments
            if one.kind == NAME:
                found.add(str(one.value))
    shapes = expression.header.shapes if expression.header else ()
    numbers = [length for shape in shapes for length in shape or ()]
    for definition in expression.definitions:
        for subscript in definition.subscripts:
            if subscript.name and subscript.low and subscript.high:
                numbers += [subscript.low, subscript.high]
    return found.union(name for number in numbers for name, _ in number.terms)


def _no_size(
    expression: Expression, definition: Definition, subscript: PartSubscript, index: str
) -> ExpressionError:
    """The refusal of `u[t+1] = ...`, with the range to write."""
    number = subscript.low
    assert number is not None
    begin, instead = Affine(1), ""
    if number.terms == ((index, 1),):
        begin = Affine(max(1, 1 + number.constant))
        other = Affine(-number.constant, number.terms)
        instead = f", with {other} in place of {index} in its formula" if number.constant else ""
    ranged = subscript._replace(name=index, low=begin, high=Affine(0, (("n", 1),)))
    several = [ranged if one is subscript else one for one in definition.subscripts]
    left = definition._replace(subscripts=tuple(several)).left_side
    return ExpressionError(
        f"`{written(expression, definition)}` is one entry, and no range has a size `{index}`; "
        f"for every {index} write `{left} = ...`{instead}",
        expression.text,
        subscript.span,
    )
