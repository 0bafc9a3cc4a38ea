"""Subscripts and the ends of ranges, read as affine numbers.

Comes in: the position of a node of an Expression. Goes out: its Affine, or None if it has none.
The low end of a range may be the `max` of several, the high end the `min`. In a subscript an entry
of an array, as in `a[group[i]+1]`, counts as a name: the text `group[i]`.
"""

from __future__ import annotations

from gdcli.language.affine import Affine
from gdcli.language.syntax import APPLY_NODE, NAME, NEGATE, NUMBER, SUBSCRIPT, Decimal, Expression

MOST_NAMES = 16  # in one affine number
LARGEST_INTEGER = 10**15  # of a constant or coefficient: far from overflow


def ends(expression: Expression, position: int, chooser: str) -> list[Affine] | None:
    """The affine numbers whose `chooser`, "max" or "min", is the end of a range.

    An end without a `chooser` is one affine number. None where the end is none of these.
    """
    node = expression.nodes[position]
    several = node.kind == APPLY_NODE and node.value == chooser
    found = [affine(expression, place) for place in (node.arguments if several else [position])]
    return [end for end in found if end is not None] if None not in found else None


def whole_number(number: Decimal) -> int | None:
    """The decimal as an int; None where it has a fraction or is beyond LARGEST_INTEGER."""
    if number.exponent < 0 or number.exponent > 15:
        return None
    value = number.coefficient * int(10**number.exponent)
    return value if abs(value) <= LARGEST_INTEGER else None


def entries_within(expression: Expression, position: int) -> list[int]:
    """The positions of the array entries in a formula, without those in their own subscripts."""
    found, pending = [], [position]
    while pending:
        place = pending.pop()
        node = expression.nodes[place]
        if node.kind == SUBSCRIPT:
            found.append(place)
        else:
            pending.extend(reversed(node.arguments))
    return found


def subscripting_arrays(expression: Expression) -> set[str]:
    """The names of the arrays whose entries stand in subscripts."""
    return {
        str(expression.nodes[place].value)
        for node in expression.nodes
        if node.kind == SUBSCRIPT
        for argument in node.arguments
        for place in entries_within(expression, argument)
    }


def affine(expression: Expression, position: int, entries: bool = False) -> Affine | None:
    """The node at `position` as an Affine, whatever the roles of its names; None if it has none.

    With `entries` an entry of an array may stand in it as a name does.
    """
    values: list[Affine] = []
    pending = [(position, False)]
    while pending:
        place, ready = pending.pop()
        node = expression.nodes[place]
        found: Affine | None = None
        if ready:
            operands = values[-len(node.arguments) :]
            del values[-len(node.arguments) :]
            found = _combined(str(node.value), operands)
        elif node.kind == APPLY_NODE and node.value in ("+", "-", "*", NEGATE):
            pending.append((place, True))
            pending.extend((argument, False) for argument in reversed(node.arguments))
            continue
        elif node.kind == NAME:
            found = Affine(0, ((str(node.value), 1),))
        elif node.kind == SUBSCRIPT and entries:
            found = Affine(0, ((expression.formula(place), 1),))
        elif node.kind == NUMBER and isinstance(node.value, Decimal):
            number = whole_number(node.value)
            found = None if number is None else Affine(number)
        if found is None or _too_large(found):
            return None
        values.append(found)
    return values[0]


def _combined(operation: str, operands: list[Affine]) -> Affine | None:
    first, last = operands[0], operands[-1]
    if operation == NEGATE:
        return first.scaled(-1)
    if operation == "+":
        return first + last
    if operation == "-":
        return first - last
    if first.terms and last.terms:
        return None
    return first.scaled(last.constant) if first.terms else last.scaled(first.constant)


def _too_large(number: Affine) -> bool:
    factors = (number.constant, *(factor for _, factor in number.terms))
    return len(number.terms) > MOST_NAMES or max(map(abs, factors)) > LARGEST_INTEGER
