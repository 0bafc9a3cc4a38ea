"""ResolvedExpression: an expression with what each of its names stands for.

Comes in: the text of an expression; constant values for some of its names (numbers, or texts such
as `"1/3"`), sizes of arrays where the text leaves them open, and data: arrays of numbers, or files
of them, as `data.arrays` takes them. Goes out: the Expression, the roles of its names, its data and
the Layout of its points.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.autodiff.primitives import ARITIES
from gdcli.collector import collector_waits
from gdcli.errors import ExpressionError, PointError, Sentence, Setting, UsageError, brief
from gdcli.functions.arguments import is_boolean, shown
from gdcli.functions.doubles import double
from gdcli.functions.layout import Layout
from gdcli.language.lexer import normalised
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import (
    NO_ENTRIES,
    GivenShapes,
    Roles,
    assign,
    check_calls,
    has_whole_arrays,
    unreserved_calls,
)
from gdcli.language.subscripts import subscripting_arrays
from gdcli.language.syntax import (
    APPLY_NODE,
    NAME,
    NEGATE,
    SUBSCRIPT,
    Expression,
    Node,
)
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.functions.data import Array, DataSources
    from gdcli.language.semantics.scopes import WholeNumbers
    from gdcli.language.semantics.whole_arrays import Elaboration

Parameters = Mapping[str, float | str]


class ResolvedExpression(NamedTuple):
    """An expression, the roles of its names, its data by name, and the layout of its points.

    `doubts` are sentences on vectors of variables that may be meant to be columns of the data.
    `elaboration` is the expression where it has formulas of whole arrays. `labels` has, by the name
    of a column of texts, those that 1, 2, … stand for in it.
    """

    expression: Expression
    roles: Roles
    data: Mapping[str, Array]
    layout: Layout
    doubts: tuple[str, ...] = ()
    elaboration: Elaboration | None = None
    labels: Mapping[str, tuple[str, ...]] = NO_ENTRIES

    @property
    def negated(self) -> ResolvedExpression:
        """The expression with a minus before it; names and places in the text stay."""
        text, nodes, header, definitions = (
            getattr(self.expression, name) for name in ("text", "nodes", "header", "definitions")
        )
        minus = Node(APPLY_NODE, NEGATE, (len(nodes) - 1,), nodes[-1].span)
        negative = Expression(text, (*nodes, minus), header, definitions)
        elaboration = self.elaboration and self.elaboration.negated(negative)
        return self._replace(expression=negative, elaboration=elaboration)

    def point(self, text: str, noun: str, seed: int | None = None) -> Any:
        """The point that a text such as `1,2`, `x=pi/3,y=-1`, `x=[1,2,...]` writes.

        A list of floats, or an array where it is long. With a `seed` a variable may be drawn, as in
        `x=normal(0, 1)`. Raises PointError, which calls it `noun`.
        """
        from gdcli.functions.constants import constant
        from gdcli.language.points import draws, read_point

        if self.layout.has_arrays or (seed is not None and draws(text)):
            from gdcli.functions.points import read_floats

            return read_floats(text, self.layout, self.roles.sizes, noun, seed)
        expressions = read_point(text, self.layout.variables, ARITIES, noun)
        return [constant(expression, noun) for expression in expressions]


class GivenData(NamedTuple):
    """Data by name: the arrays, of those whose entries stand in subscripts their `numbers`, and of
    columns of texts the `labels` that 1, 2, … stand for."""

    arrays: dict[str, Array]
    numbers: Mapping[str, WholeNumbers] = NO_ENTRIES
    labels: Mapping[str, tuple[str, ...]] = NO_ENTRIES


@collector_waits()
def resolve(
    text: str,
    parameters: Parameters | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
) -> ResolvedExpression:
    """The expression that `text` writes, with what its names stand for.

    Raises ExpressionError for a text that cannot be read, UsageError for sizes and data that do not
    fit it.
    """
    expression = parse(text, ARITIES)
    if isinstance(data, list | dict) and not data:
        data = None
    given_data = GivenData({}) if data is None else _data(data, expression)
    arrays = given_data.arrays
    if arrays:
        from gdcli.language.semantics.clashes import check_parts

        check_parts(expression.definitions, arrays)
    given = GivenShapes(
        whole_sizes(sizes),
        {name: array.shape for name, array in arrays.items()},
        numbers=given_data.numbers,
    )
    held = held_values(parameters)
    elaboration = elaborated_where_whole(expression, given, held)
    if elaboration:
        given = given._replace(equal=elaboration.equal)
    try:
        roles = assign(elaboration or expression, ARITIES, held, given)
    except ExpressionError as error:
        own = {*held, *given.sizes, *arrays}
        raise _foreign_call(expression, error, own) or error from None
    lengths = {name: array.lengths for name, array in roles.arrays.items()}
    layout = Layout(roles.variables, lengths)
    doubts: tuple[str, ...] = ()
    if data is not None and layout.has_arrays and expression.header is None:
        from gdcli.functions.near_columns import near_columns

        doubts = near_columns(expression, roles, data)
    return ResolvedExpression(
        expression, roles, arrays, layout, doubts, elaboration, given_data.labels
    )


def elaborated_where_whole(
    expression: Expression, given: GivenShapes, parameters: Mapping[str, Expression]
) -> Elaboration | None:
    """The Elaboration of a text with formulas of whole arrays, None for every other text."""
    if not has_whole_arrays(expression, given):
        return None
    from gdcli.language.semantics.whole_arrays import elaborated

    check_calls(expression, ARITIES, parameters, given)
    return elaborated(expression, given, parameters)


def _foreign_call(
    expression: Expression, error: ExpressionError, own: set[str]
) -> ExpressionError | None:
    """The refusal of `Sin[x]` in the place of the error; `own` are the names that are given."""
    from gdcli.language.foreign import call_in_brackets

    own |= {*(expression.header.variables if expression.header else ())}
    own |= expression.index_names
    own |= {part.name for part in expression.definitions}
    place = error.span.start if error.span else len(expression.text)
    return call_in_brackets(expression.text, place, own, ARITIES, _is_readable)


def _is_readable(text: str) -> bool:
    """Whether the text is one of the language, and its names mean something."""
    try:
        assign(parse(text, ARITIES), ARITIES)
    except ExpressionError:
        return False
    return True


def mapping(given: Mapping[str, Any] | None, argument: str) -> Mapping[str, Any]:
    """The mapping of names that is given, if any; raises UsageError for anything else."""
    if given is None:
        return NO_ENTRIES
    if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
        return given
    example = Setting(argument, "Time" if argument == "columns" else "3", ("n",))
    raise UsageError(Sentence("{} are given by name: {}", argument, example))


def _data(given: DataSources, expression: Expression) -> GivenData:
    """The data that the text names; raises UsageError."""
    from gdcli.functions.data import arrays

    nodes = expression.nodes
    indices = expression.index_names
    for part in expression.definitions:  # data of the name of an index without a range are refused
        indices -= {one.name for one in part.subscripts if one.high is None}
    names = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)} - indices
    calls = unreserved_calls(expression, ARITIES)  # data of such a name are refused
    subscripting = subscripting_arrays(expression)
    if not subscripting:
        return GivenData(arrays(given, names, calls=calls))
    from gdcli.functions import subscript_columns as columns

    texts: dict[str, list[str]] = {name: [] for name in subscripting}
    found = arrays(given, names, texts, calls)
    labels = columns.numbered_texts(
        expression, {name: texts[name] for name in texts if name in found}
    )
    columns.refuse_texts_as_numbers(expression, labels)
    for name, one in labels.items():
        found[name] = columns.renumbered_column(found[name], texts[name], one)
    numbers = {
        name: columns.whole_numbers(name, found[name], labels.get(name, ()))
        for name in sorted(subscripting & found.keys())
    }
    return GivenData(found, numbers, labels)


def whole_sizes(given: Mapping[str, SupportsIndex] | None) -> dict[str, int]:
    """The sizes as Python's whole numbers; NumPy's may be given."""
    found = {}
    for name, size in mapping(given, "sizes").items():
        try:
            if isinstance(size, bool):
                raise TypeError
            found[normalised(name)] = index(size)
        except TypeError:
            message = f"the size {brief(name)} is a whole number, not {shown(size)}"
            raise UsageError(message) from None
    return found


def held_values(given: Parameters | None) -> dict[str, Expression]:
    """The values as constant expressions; a number is taken at its shortest decimal."""
    found = {}
    for name, value in mapping(given, "parameters").items():
        place = Sentence("{}", Setting("parameters", "", (brief(name),)))
        text = value if isinstance(value, str) else _shortest(value, place)
        from gdcli.language.points import read_constant

        found[normalised(name)] = read_constant(text, ARITIES, place)
    return found


def _shortest(value: Any, place: str) -> str:
    if is_boolean(value):
        raise PointError(Sentence("{}: {} is no number", place, value))
    number = double(value, place)
    try:
        return str(index(value))
    except TypeError:
        return repr(number)
