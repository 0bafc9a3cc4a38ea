"""Points: a text to one constant expression for each variable.

Comes in: a text such as `1,2`, `1 2` or `x=pi/3,y=-sqrt(2)` and the variables in order. Goes out:
the expressions in that order, still exact; or PointError, which names the variables. A start may
have `x=normal(0, 1)` or `x=uniform(-1, 1)` among them, whose arguments `distribution` takes apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from gdcli.errors import ExpressionError, PointError, Sentence, Setting, brief, listed
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.parser import Arities, parse
from gdcli.language.syntax import (
    APPLY_NODE,
    CONSTANT_NAMES,
    LOOP_NODE,
    NAME,
    Expression,
    reads_an_array,
)

DISTRIBUTIONS = {  # by name: what its arguments are
    "normal": ("a mean", "a standard deviation"),
    "uniform": ("a lower end", "an upper end"),
}
DISTRIBUTION_PATTERN = rf"(?s:({'|'.join(DISTRIBUTIONS)})\s*\((.*)\))"
NAMED_PIECE = r"(?s:([^=<>!()]*)=(?!=)(.*))"  # a piece that begins with a name


def read_point(
    text: str, variables: Sequence[str], functions: Arities, noun: str = "the point"
) -> list[Expression]:
    """One constant expression for each variable; raises PointError, which calls it `noun`."""
    pieces = pieces_of(within_brackets(text))
    named = [name_and_value(piece) for piece in pieces]
    wanted = f"it takes {_listed(variables)}"
    if not pieces and not variables:
        return []
    if not pieces:
        raise PointError(f"{noun} is empty; {wanted}")
    if any(name for name, _ in named):
        return _by_name(named, variables, functions, noun)
    if len(pieces) != len(variables):
        plural = "" if len(pieces) == 1 else "s"
        raise PointError(f"{noun} has {len(pieces)} value{plural}; {wanted}")
    return [
        read_constant(piece, functions, f"{noun} for {variable}")
        for piece, variable in zip(pieces, variables, strict=True)
    ]


def read_constant(
    text: str, functions: Arities, place: str, known: Collection[str] = ()
) -> Expression:
    """A constant expression such as `1/2` or `pi/3`; `place` is named in the PointError.

    Names that are `known` may stand in it too.
    """
    if not text:
        raise PointError(Sentence("{}: a value is missing", place))
    if distribution(text):
        message = "{}: `{}` is drawn at random, as whole variables of a start may be: {}"
        start = Setting("start", brief(text), ("x",))
        raise PointError(Sentence(message, place, brief(text), start))
    try:
        expression = parse(text, functions)
    except ExpressionError as error:
        problem = Sentence("{}: {}", place, error.message)
        raise PointError(problem, error.text, error.span) from None
    if expression.header is not None:
        message = "{}: a function is not a number; write one such as 0.5 or pi/3"
        raise PointError(Sentence(message, place))
    for node in expression.nodes:
        named = node.kind == NAME and node.value not in CONSTANT_NAMES and node.value not in known
        if named or node.kind == LOOP_NODE or reads_an_array(expression.nodes, node):
            what = f"`{node.value}`" if named else f"`{brief(text[slice(*node.span)])}`"
            message = "{}: {} is not a number; write one such as 0.5, 1/2 or pi/3"
            raise PointError(Sentence(message, place, what), text, node.span)
        if node.kind == APPLY_NODE and node.value in known:
            message = "{}: {} is a number here; rename it to use the function {}"
            raise PointError(Sentence(message, place, node.value, node.value), text, node.span)
    return expression


def _listed(variables: Sequence[str]) -> str:
    count = f"{len(variables)} value" + ("" if len(variables) == 1 else "s")
    return f"{count}, in the order {listed(variables)}" if variables else "none"


def _by_name(
    named: Sequence[tuple[str, str]], variables: Sequence[str], functions: Arities, noun: str
) -> list[Expression]:
    values: dict[str, Expression] = {}
    known = set(variables)
    for name, text in named:
        if name not in known:
            what = f"`{brief(name)}` is no variable" if name else f"`{brief(text)}` has no name"
            raise PointError(f"{noun}: {what}; the variables are {listed(variables)}")
        if name in values:
            raise PointError(f"{noun}: `{name}` is given twice")
        values[name] = read_constant(text, functions, f"{noun} for {name}")
    missing = [variable for variable in variables if variable not in values]
    if missing:
        raise PointError(f"{noun}: no value for {listed(missing)}; give every variable one")
    return [values[variable] for variable in variables]


def distribution(text: str) -> tuple[str, list[str]] | None:
    """The name and the arguments of `normal(0, 0.1)` or `uniform(-1, 1)`; None for other texts."""
    found = re.fullmatch(DISTRIBUTION_PATTERN, text)
    if found is None:
        return None
    return found[1], split_outside_brackets(found[2], ",") if found[2].strip(BLANKS) else []


def draws(text: str) -> bool:
    """Whether some of the values in the text of a point are drawn at random."""
    pieces = pieces_of(within_brackets(text))
    return any(distribution(name_and_value(piece)[1]) for piece in pieces)


def name_and_value(piece: str) -> tuple[str, str]:
    """The name before `=` in a piece of a point, and the value; no name where there is no `=`."""
    found = re.fullmatch(NAMED_PIECE, piece)
    return (normalised(found[1].strip(BLANKS)), found[2].strip(BLANKS)) if found else ("", piece)


def within_brackets(text: str, opening: str = "([") -> str:
    """The text within the one pair of brackets that encloses it all, or else the text itself."""
    bare, depth = text.strip(BLANKS), 0
    if not bare or bare[0] not in opening:
        return text
    for position, character in enumerate(bare):
        depth += (character in "([") - (character in ")]")
        if depth == 0:
            closes = position == len(bare) - 1 and bare[0] + character in ("()", "[]")
            return bare[1:-1] if closes else text
    return text


def pieces_of(text: str) -> list[str]:
    """The text split at commas outside brackets, or at blanks where there is no such comma."""
    pieces = split_outside_brackets(text, ",")
    if len(pieces) > 1 or "=" in text:
        return pieces
    return [piece for piece in split_outside_brackets(text, BLANKS) if piece]


def split_outside_brackets(text: str, separators: str) -> list[str]:
    """The text split at the separators outside brackets, each piece without outer blanks."""
    places, depth = [-1], 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character in separators and depth == 0:
            places.append(position)
    ends = [*places[1:], len(text)]
    return [text[start + 1 : end].strip(BLANKS) for start, end in zip(places, ends, strict=True)]
