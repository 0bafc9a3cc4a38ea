"""RegressionModel: the text `y ~ a*exp(-b*x) + c`, read.

Comes in: the text, the data, and what is held or sized, as `resolve` takes them. Goes out: a
RegressionModel: the right side as a Function of one row, whose variables are the parameters and
then the columns; the left side as one of columns alone; and the columns that the two name.

A text has parts, split at `;`. Exactly one `~` stands in the last part, outside brackets. A name
that the data have is a column, one value a row; every other name is a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Span, UsageError, brief, listed
from gdcli.functions.function import Function
from gdcli.functions.layout import Layout
from gdcli.functions.resolved import Parameters, ResolvedExpression, held_values
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import NO_ENTRIES, GivenShapes, assign, natural_order
from gdcli.language.syntax import INDEX_NODE, NAME, SUBSCRIPT, Expression

RELATION = "~"
OPENING, CLOSING = "([", ")]"


class RegressionModel(NamedTuple):
    """A model of a response: `right` is what it predicts, of parameters and a row of data.

    `right` is a Function without loops whose `components` are those of the parameters, which
    `layout` has alone, and after them those of the `columns`. `left` is the response, a Function of
    columns alone, and `response` its name where it is one column. `columns` are those of the right
    side in order, a column of vectors with its length in `lengths`.
    """

    text: str
    right: Function
    left: Function
    layout: Layout
    columns: tuple[str, ...]
    lengths: Mapping[str, int]

    @property
    def response(self) -> str:
        """The name of the predicted column: the left side's own where it is one, `response`."""
        written = str(self.left.expression)
        return written if written in self.left.variables else "response"

    @property
    def parameters(self) -> Sequence[str]:
        """The names of the p numbers to be fitted: `a`, or `a[1]` of a vector."""
        return self.layout.components


def sides(text: str) -> tuple[str, str]:
    """The left and the right side of a model, each as long as the text, with its parts at right.

    So that places in either are places in the text. Raises ExpressionError.
    """
    depth, last_part, relation = 0, 0, -1
    for place, character in enumerate(text):
        depth += (character in OPENING) - (character in CLOSING)
        if character == ";" and text[place + 1 :].strip():
            last_part = place + 1
        if character != RELATION or depth:
            continue
        if relation >= 0:
            message = "a model has one `~`, as in y ~ a + b*x"
            raise ExpressionError(message, text, Span(place, place + 1))
        relation = place
    if relation < last_part:
        message = "a model has a `~` in its last part, as in y ~ a + b*x"
        raise ExpressionError(message, text, Span(last_part, len(text)))
    blank = " " * (relation - last_part)
    left = " " * last_part + text[last_part:relation] + " " * (len(text) - relation)
    right = text[:last_part] + blank + " " + text[relation + 1 :]
    return left, right


def names(expression: Expression) -> set[str]:
    """The names that an expression uses for numbers: neither indices nor parts."""
    nodes = expression.nodes
    indices = {str(node.value) for node in nodes if node.kind == INDEX_NODE}
    used = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)}
    return used - indices - {part.name for part in expression.definitions}


def parse_sides(text: str) -> tuple[Expression, Expression]:
    """The Expressions of the left and the right side; raises ExpressionError."""
    left, right = (parse(side, ARITIES) for side in sides(text))
    left, right = (
        Expression(text, side.nodes, side.header, side.definitions) for side in (left, right)
    )
    return left, right


def read_model(
    text: str,
    columns: Mapping[str, int | None],
    parameters: Parameters | None = None,
    sizes: Mapping[str, int] | None = None,
) -> RegressionModel:
    """The model that `text` writes, of data with these columns, each with the length of its vectors
    or None where it has one number a row.

    Raises ExpressionError for a text that cannot be read, UsageError for data and settings that do
    not fit it.
    """
    left, right = parse_sides(text)
    lengths = {name: length for name, length in columns.items() if length is not None}
    used = {name: lengths.get(name) for name in sorted(names(right), key=natural_order)}
    mine = tuple(name for name in used if name in columns)
    function = _row_function(right, mine, lengths, parameters, sizes)
    unknown = sorted(names(left) - columns.keys() - {"pi", "e"})
    if unknown:
        raise UsageError(
            f"`{brief(unknown[0])}` on the left side is no column of the data"
            f" (the columns: {listed([*columns])})"
        )
    response = _row_function(left, tuple(sorted(names(left) & columns.keys())), {}, None, None)
    variables = tuple(name for name in function.variables if name not in mine)
    layout = Layout(variables, function.layout.shapes)
    if not variables:
        raise ExpressionError("there is no parameter to fit; write y ~ a + b*x", text, None)
    return RegressionModel(text, function, response, layout, mine, lengths)


def _row_function(
    expression: Expression,
    columns: tuple[str, ...],
    lengths: Mapping[str, int],
    parameters: Parameters | None,
    sizes: Mapping[str, int] | None,
) -> Function:
    """The Function of one row: of the parameters in their order, then of the columns in theirs."""
    shapes = {name: (lengths[name],) for name in columns if name in lengths}
    held = held_values(parameters)
    roles = assign(expression, ARITIES, held, GivenShapes(sizes or {}, shapes))
    arrays = {name: array._replace(data=False) for name, array in roles.arrays.items()}
    own = tuple(name for name in roles.variables if name not in columns)
    roles = roles._replace(variables=(*own, *columns), arrays=arrays or NO_ENTRIES)
    layout = Layout(roles.variables, {name: array.lengths for name, array in arrays.items()})
    return Function(ResolvedExpression(expression, roles, {}, layout))
