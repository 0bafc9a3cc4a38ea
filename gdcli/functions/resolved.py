"""ResolvedExpression: an expression with what each of its names stands for.

Comes in: the text of an expression; constant values for some of its names (numbers, or texts such
as `"1/3"`), sizes of arrays where the text leaves them open, and data: arrays of numbers, or files
of them, as `data.arrays` takes them. Goes out: the Expression, the roles of its names, its data and
the Layout of its points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, PointError, Sentence, Setting, Span, brief
from gdcli.functions.constants import constant
from gdcli.functions.doubles import double
from gdcli.functions.layout import Layout
from gdcli.language.lexer import normalised
from gdcli.language.parser import parse
from gdcli.language.points import read_constant, read_point
from gdcli.language.semantics.roles import GivenShapes, Roles, assign, unreserved_calls
from gdcli.language.suggest import closest
from gdcli.language.syntax import INDEX_NODE, NAME, SUBSCRIPT, Expression

if TYPE_CHECKING:
    from gdcli.functions.data import Array, Source

Parameters = Mapping[str, float | str]


class ResolvedExpression(NamedTuple):
    """An expression, the roles of its names, its data by name, and the layout of its points."""

    expression: Expression
    roles: Roles
    data: Mapping[str, Array]
    layout: Layout

    def point(self, text: str, noun: str) -> Any:
        """The point that a text such as `1,2`, `x=pi/3,y=-1`, `x=[1,2,...]` writes.

        A list of floats, or an array where it is long. Raises PointError, which calls it `noun`.
        """
        if self.layout.has_arrays:
            from gdcli.functions.points import read_floats

            return read_floats(text, self.layout, self.roles.sizes, noun)
        expressions = read_point(text, self.layout.variables, ARITIES, noun)
        return [constant(expression, noun) for expression in expressions]


def resolve(
    text: str,
    parameters: Parameters | None = None,
    sizes: Mapping[str, int] | None = None,
    data: Source | Sequence[Source] | None = None,
) -> ResolvedExpression:
    """The expression that `text` writes, with what its names stand for.

    Raises ExpressionError for a text that cannot be read, UsageError for sizes and data that do not
    fit it.
    """
    expression = parse(text, ARITIES)
    if isinstance(data, list | dict) and not data:
        data = None
    arrays = {} if data is None else _data(data, expression)
    given = GivenShapes(sizes or {}, {name: array.shape for name, array in arrays.items()})
    roles = assign(expression, ARITIES, _parameters(parameters or {}), given)
    if data is not None and expression.header is None:
        _refuse_near_columns(expression, roles, data)
    lengths = {name: array.lengths for name, array in roles.arrays.items()}
    return ResolvedExpression(expression, roles, arrays, Layout(roles.variables, lengths))


def _data(given: Source | Sequence[Source], expression: Expression) -> dict[str, Array]:
    """The arrays of the data that the text names; raises UsageError."""
    from gdcli.functions.data import arrays

    nodes = expression.nodes
    indices = {node.value for node in nodes if node.kind == INDEX_NODE}
    names = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)}
    names |= unreserved_calls(expression, ARITIES).keys()  # data of such a name are refused
    return arrays(given, names - indices)


def _refuse_near_columns(
    expression: Expression, roles: Roles, data: Source | Sequence[Source]
) -> None:
    """Refuses a vector of variables that has nearly the name of a column that is not used."""
    variables = (array for array in roles.arrays.values() if not array.data)
    vectors = [array.name for array in variables if len(array.lengths) == 1]
    if not vectors:
        return
    from gdcli.functions.data import unread_columns

    headings = unread_columns(data, {str(node.value) for node in expression.nodes})
    for name in vectors:
        for heading in headings:
            if _is_near(name, heading):
                node = next(node for node in expression.nodes if node.value == name)
                raise ExpressionError(
                    f"`{name}` is a vector of variables, and the data have a column "
                    f"`{brief(heading)}` that is not used; name both alike, or declare it: "
                    f"`f({', '.join(roles.variables)}) = ...`",
                    expression.text,
                    Span(node.span.start, node.span.start + len(name)),
                )


def _is_near(name: str, heading: str) -> bool:
    """Whether a column may be meant: its first word is the name but for case, units and a letter.

    Names that differ in a digit, p1 and p2, are two; and so are names of one letter each.
    """
    word = re.split(r"[^\w]", normalised(heading).casefold(), maxsplit=1)[0]
    name = name.casefold()
    siblings = re.sub("[0-9]", "0", name) == re.sub("[0-9]", "0", word)
    near = len(name) > 1 and not siblings and bool(closest(name, [word], 1))
    return near or name == word


def _parameters(given: Parameters) -> dict[str, Expression]:
    """The values as constant expressions; a number is taken at its shortest decimal."""
    found = {}
    for name, value in given.items():
        place = Sentence("{}", Setting("parameters", "", (brief(name),)))
        text = value if isinstance(value, str) else _shortest(value, place)
        found[normalised(name)] = read_constant(text, ARITIES, place)
    return found


def _shortest(value: Any, place: str) -> str:
    if str(value) in ("True", "False"):  # NumPy's too
        raise PointError(Sentence("{}: {} is no number", place, value))
    number = double(value, place)
    try:
        return str(index(value))
    except TypeError:
        return repr(number)
