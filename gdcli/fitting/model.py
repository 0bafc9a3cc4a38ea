"""RegressionModel: the text `y ~ a*exp(-b*x) + c`, read.

Comes in: the text, the data, and what is held or sized, as `resolve` takes them. Goes out: a
RegressionModel: the right side as a Function of one row, whose variables are the parameters and
then the columns; the left side as one of columns alone; and the columns that the two name.

A text has parts, split at `;`. Exactly one `~` stands in the last part, outside brackets. A name
that the data have is a column, one value a row; every other name is a parameter. A column may
stand in a subscript: `a[group]` is a parameter for each group. At the end `for k in classes` may
stand: a score for each class, of which the right side is the sum then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Sentence, Setting, Span, UsageError, brief, listed
from gdcli.functions.function import Function
from gdcli.functions.layout import Layout
from gdcli.functions.resolved import (
    Parameters,
    ResolvedExpression,
    elaborated_where_whole,
    held_values,
)
from gdcli.functions.subscript_columns import sharing_columns
from gdcli.language.lexer import BLANKS
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import NO_ENTRIES, GivenShapes, assign, natural_order
from gdcli.language.semantics.scopes import WholeNumbers
from gdcli.language.suggest import closest, distance
from gdcli.language.syntax import (
    APPLY_NODE,
    CONSTANT_NAMES,
    LOOP_NODE,
    NAME,
    SUBSCRIPT,
    Expression,
)
from gdcli.named_tuples import NamedTuple

RELATION = "~"
DIGITS = "0123456789"
OPENING, CLOSING = "([", ")]"
WORD_PATTERN = re.compile(r"\w+")  # of a heading such as Time (s)
CLASSES = "classes"  # the size that says how many classes have a score
SCORES_PATTERN = re.compile(
    rf"(?P<score>.*?)\s+for\s+(?P<index>\w+)\s+in\s+{CLASSES}[\s;]*", re.DOTALL
)


class RegressionModel(NamedTuple):
    """A model of a response: `right` is what it predicts, of parameters and a row of data.

    `right` is a Function without loops whose `components` are those of the parameters, which
    `layout` has alone, and after them those of the `columns`. `left` is the response, a Function of
    columns alone, and `response` its name where it is one column. `columns` are those of the right
    side in order, a column of vectors with its length in `lengths`; `subscripts` has the least
    and the greatest number of those that stand in subscripts.
    """

    text: str
    right: Function
    left: Function
    layout: Layout
    columns: tuple[str, ...]
    lengths: Mapping[str, int]
    subscripts: Mapping[str, tuple[int, int]]

    @property
    def response(self) -> str:
        """The name of the predicted column: the left side's own where it is one, `response`."""
        written = str(self.left.expression)
        return written if written in self.left.variables else "response"

    @property
    def components(self) -> Sequence[str]:
        """The names of the p numbers to be fitted: `a`, or `a[1]` of a vector."""
        return self.layout.components

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self.layout.variables

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.right.sizes


def has_scores(text: str) -> bool:
    """Whether the text of a model writes a score for each class."""
    return SCORES_PATTERN.fullmatch(text) is not None


def sides(text: str) -> tuple[str, str]:
    """The left and the right side of a model, the parts before it at the right side.

    Blanks stand in each for the other, so that places in either are places in the text; a score is
    without `for k in classes`. Raises ExpressionError.
    """
    depth, last_part, relations = 0, 0, []
    for place, character in enumerate(text):
        depth += (character in OPENING) - (character in CLOSING)
        if character == ";" and text[place + 1 :].strip():
            last_part = place + 1
        elif character == RELATION:
            if depth > 0:
                raise _misplaced("`~` stands outside of brackets, as in y ~ a + b*x", text, place)
            relations.append(place)
    if not relations:
        raise _no_relation(text, last_part)
    if len(relations) > 1:
        raise _misplaced("a model has one `~`, as in y ~ a + b*x", text, relations[1])
    [relation] = relations
    if relation < last_part:
        message = "`~` stands in the last part of a model, as in k2 = 1 - k1; y ~ k1 + k2*x"
        raise _misplaced(message, text, relation)
    for side, where in ((text[last_part:relation], "left"), (text[relation + 1 :], "right")):
        if not side.strip(f"{BLANKS};"):
            message = f"nothing stands on the {where} of `~`; write y ~ a + b*x"
            raise _misplaced(message, text, relation)
    blank = " " * (relation - last_part)
    left = " " * last_part + text[last_part:relation]
    parts, body = text[:last_part] + blank + " ", text[relation + 1 :]
    scores = SCORES_PATTERN.fullmatch(body)
    return left, parts + (scores["score"] if scores else body)


def _misplaced(message: str, text: str, place: int) -> ExpressionError:
    return ExpressionError(message, text, Span(place, place + 1))


def _no_relation(text: str, last_part: int) -> ExpressionError:
    """The error for a text without `~`, with what to write where it has `=` in its place."""
    equals = text.find("=", last_part)
    if equals < 0 or text[equals - 1 : equals] in tuple("<>!") or text[equals + 1 :][:1] == "=":
        message = "a model has `~` between a column and its prediction, as in y ~ a + b*x"
        return ExpressionError(message, text, Span(last_part, len(text)))
    message = f"a model has `~` where this has `=`: write {brief(_related(text, equals))}"
    return _misplaced(message, text, equals)


def _related(text: str, place: int) -> str:
    return f"{text[:place].rstrip()} {RELATION} {text[place + 1 :].strip()}"


def names(expression: Expression) -> set[str]:
    """The names that an expression uses for numbers: neither indices nor parts."""
    nodes = expression.nodes
    used = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)}
    return used - expression.index_names - {part.name for part in expression.definitions}


def parse_sides(text: str, classes: str = f"1:{CLASSES}") -> tuple[Expression, Expression]:
    """The Expressions of the left and the right side; raises ExpressionError.

    The right side of a model with scores is the sum of those of the `classes`.
    """
    try:
        left, right = (parse(side, ARITIES) for side in sides(text))
        if scores := SCORES_PATTERN.fullmatch(text):
            right = _summed(right, scores["index"], classes, Span(*scores.span("index")))
    except ExpressionError as error:
        raise ExpressionError(error.message, error.span and text, error.span) from None
    for part in (left.header, *left.definitions):
        if part is not None:
            message = "the left side of a model is a formula of columns, as in log(y) ~ a + b*x"
            raise ExpressionError(message, text, Span(0, text.index(RELATION)))
    left, right = (
        Expression(text, side.nodes, side.header, side.definitions) for side in (left, right)
    )
    return left, right


def _summed(score: Expression, index: str, classes: str, place: Span) -> Expression:
    """The sum of a score over an index, which stands at `place` in the text."""
    try:
        loop = parse(f"sum(0 for {index} in {classes})", ARITIES).nodes[1:]
    except ExpressionError as error:
        raise ExpressionError(error.message, score.text, place) from None
    root = len(score.nodes) - 1  # in place of the 0
    nodes = [
        node._replace(arguments=tuple(root + one for one in node.arguments), span=place)
        for node in loop
    ]
    return Expression(score.text, (*score.nodes, *nodes), score.header, score.definitions)


def plain_text(text: str, left: Expression, right: Expression) -> str:
    """The text of a model, in its normal form where it is written as on paper."""
    if left.plain == text:
        return text
    body = right.formula(len(right.nodes) - 1)
    bare = str(Expression(right.text, right.nodes, None, right.definitions))
    header, before = str(right).removesuffix(bare), bare.removesuffix(body)
    if scores := SCORES_PATTERN.fullmatch(text):
        body = right.formula(right.nodes[-1].arguments[-1])
        body += f" for {scores['index']} in {CLASSES}"
    return f"{before}{left} {RELATION} {header}{body}"


def read_model(
    text: str,
    columns: Mapping[str, int | None],
    parameters: Parameters | None = None,
    sizes: Mapping[str, int] | None = None,
    headings: Collection[str] = (),
    numbers: Mapping[str, WholeNumbers] = NO_ENTRIES,
) -> RegressionModel:
    """The model that `text` writes, of data with these columns, each with the length of its vectors
    or None where it has one number a row; `headings` has the names of other columns too, `numbers`
    has those of columns that stand in subscripts.

    Raises ExpressionError for a text that cannot be read, UsageError for data and settings that do
    not fit it.
    """
    left, right = parse_sides(text)
    lengths = {name: length for name, length in columns.items() if length is not None}
    used = {name: lengths.get(name) for name in sorted(names(right), key=natural_order)}
    mine = tuple(name for name in used if name in columns)
    response = _response(text, left, columns, headings or columns)
    _refuse_columns(right, columns, lengths, held_values(parameters))
    _refuse_whole_part(left, right)
    known = {*columns, *(sizes or ()), *(parameters or ())}
    _refuse_unknown_subscripts(right, known, headings or columns)
    function = _row_function(right, mine, lengths, parameters, sizes, numbers)
    variables = tuple(name for name in function.variables if name not in mine)
    if not variables and not parameters:
        message = "there is no parameter to fit: {}; write y ~ a + b*x"
        why = f"{listed(mine)} {'are columns' if len(mine) > 1 else 'is a column'}"
        raise ExpressionError(message.format(why if mine else "no name stands on the right"))
    layout = Layout(variables, function.layout.shapes)
    plain = plain_text(text, left, right)
    subscripts = {name: (one.least, one.greatest) for name, one in numbers.items()}
    return RegressionModel(plain, function, response, layout, mine, lengths, subscripts)


def _refuse_columns(
    right: Expression, columns: Collection[str], vectors: Collection[str], held: Collection[str]
) -> None:
    """Raises UsageError for a column that is held, ExpressionError for one that has a subscript and
    is none of the columns of `vectors`."""
    for name in held:
        if name in columns:
            setting = Setting("parameters", "", (brief(name),))
            raise UsageError(Sentence("{}: `{}` is a column of the data", setting, brief(name)))
    for part in right.definitions:
        for one in part.subscripts:
            if one.high is None and one.name in columns:
                message = f"`{one.name}` is a column of the data; choose another index for "
                raise ExpressionError(message + part.name, right.text, one.span)
    for node in right.nodes:
        if node.kind == SUBSCRIPT and node.value in columns and node.value not in vectors:
            message = "`{}` is a column of the data, one number a row: write it without a subscript"
            message += ", or give the vector of parameters another name"
            raise ExpressionError(message.format(node.value), right.text, node.span)


def _refuse_whole_part(left: Expression, right: Expression) -> None:
    """Raises ExpressionError where the model is all of an array part, as `u` or `u[t]`."""
    body = right.nodes[-1]
    own = {
        one.name for part in right.definitions if part.name == body.value for one in part.subscripts
    }
    whole = body.kind == SUBSCRIPT and any(right.nodes[one].value in own for one in body.arguments)
    if own and (body.kind == NAME or whole):
        message = (
            "a model is of one row: write {0}[k] with a column k of whole numbers; or minimize "
        )
        message += f"a function of all rows, such as sum(({left}[i] - {{0}}[i])^2 for i in 1:n)"
        raise ExpressionError(message.format(body.value), right.text, body.span)


def _refuse_unknown_subscripts(
    right: Expression, known: Collection[str], headings: Collection[str]
) -> None:
    """Raises ExpressionError for a name in a subscript that is neither `known` nor the size of a
    range or of a vector: a column is meant."""
    shapes = right.header.shapes if right.header else ()
    sizes = {name for shape in shapes for length in shape or () for name, _ in length.terms}
    ends = [
        end for part in right.definitions for one in part.subscripts for end in (one.low, one.high)
    ]
    sizes.update(name for end in ends if end for name, _ in end.terms)
    pending = [
        place for node in right.nodes if node.kind == LOOP_NODE for place in node.arguments[:-1]
    ]
    while pending:
        node = right.nodes[pending.pop()]
        sizes.add(str(node.value))
        pending.extend(node.arguments)
    for name in sorted(names(right) - {*known} - sizes):
        if not sharing_columns(right, [name]):
            continue
        folded = {one.casefold(): one for one in headings}
        near = closest(name.casefold(), folded, 1)
        advice = f"the columns are {listed([*headings])}"
        if near:
            advice = f"did you mean `{brief(folded[near[0]])}`?"
        span = next(node.span for node in right.nodes if node.value == name)
        message = "`{}` in a subscript is no column of the data, no index and no size; {}"
        raise ExpressionError(message.format(brief(name), advice), right.text, span)


def _response(
    text: str, left: Expression, columns: Collection[str], headings: Collection[str]
) -> Function:
    """The Function of the left side. Raises ExpressionError where it is none of columns alone."""
    used = names(left)
    for node in left.nodes:
        name = str(node.value)
        if node.kind in (NAME, SUBSCRIPT) and name in used - {*columns} - {*CONSTANT_NAMES}:
            known = f"the columns are {listed([*headings])}" if headings else "the data have none"
            message = f"`{brief(name)}` on the left of `~` is no column of the data; {known}"
            raise ExpressionError(message, text, node.span)
    if not used & {*columns}:
        message = "the left side of a model names a column, as y in y ~ a + b*x"
        raise ExpressionError(message, text, Span(0, text.index(RELATION)))
    return _row_function(left, tuple(sorted(used & {*columns})), {}, None, None)


def has_constant_e(model: RegressionModel) -> bool:
    """Whether `e` is the constant in a place where a parameter may be meant: not in `e^(-b*x)`."""
    nodes = model.right.expression.nodes
    declared = {*model.right.variables, *model.right.held}
    bases = {node.arguments[0] for node in nodes if node.kind == APPLY_NODE and node.value == "^"}
    places = {place for place, node in enumerate(nodes) if (node.kind, node.value) == (NAME, "e")}
    return bool(places - bases) and "e" not in declared


def refuse_near_columns(
    model: RegressionModel, headings: Collection[str], meant: Collection[str]
) -> None:
    """Raise ExpressionError for a parameter with nearly the name of a column, which may be meant.

    That is a name that differs in case alone, in one letter of several, or in the number at its
    end, from the name of a column or from the first word of `Time (s)`. `x0` beside a column `x` is
    a parameter: numbers mark places. Names that are `meant`, as in
    a start, are no mistakes, nor are those of a header.
    """
    expression = model.right.expression
    declared = expression.header.variables if expression.header else ()
    for name in model.variables:
        if name in meant or name in declared:
            continue
        for heading in headings:
            word = WORD_PATTERN.match(heading)
            if word is not None and _is_near(name, word[0]):
                shown = brief(heading)
                advice: Any = shown
                if word[0] != heading:
                    advice = Setting("columns", shown, (name,))
                message = "`{}` would be a parameter, and the data have a column `{}`; write {}{}"
                start = Setting("start", "1", (name,))
                other = Sentence(", or if it is a parameter say where it begins: {}", start)
                span = next(node.span for node in expression.nodes if node.value == name)
                raise ExpressionError(
                    Sentence(message, name, shown, advice, other),
                    expression.text,
                    Span(span.start, span.start + len(name)),
                )


def _is_near(name: str, heading: str) -> bool:
    if name.casefold() == heading.casefold():
        return True
    word, other = name.rstrip(DIGITS), heading.rstrip(DIGITS)
    if word == other:  # x3 beside x1 and x2
        return len(word) < len(name) and len(other) < len(heading)
    longer = min(len(word), len(other)) > 1  # b1 beside x1 is a parameter
    return longer and distance(name.casefold(), heading.casefold()) < 2


def _row_function(
    expression: Expression,
    columns: tuple[str, ...],
    lengths: Mapping[str, int],
    parameters: Parameters | None,
    sizes: Mapping[str, int] | None,
    numbers: Mapping[str, WholeNumbers] = NO_ENTRIES,
) -> Function:
    """The Function of one row: of the parameters in their order, then of the columns in theirs."""
    shapes = {name: (lengths[name],) for name in columns if name in lengths}
    held = held_values(parameters)
    if header := expression.header:  # which may have the parameters alone
        taken = (*header.variables, *shapes)  # vectors of data are no variables here
        more = tuple(name for name in columns if name not in taken)
        header = header._replace(
            variables=(*header.variables, *more), shapes=(*header.shapes, *[None] * len(more))
        )
        expression = Expression(expression.text, expression.nodes, header, expression.definitions)
    given = GivenShapes(sizes or {}, shapes, columns, numbers)
    elaboration = elaborated_where_whole(expression, given, held)
    if elaboration:
        given = given._replace(equal=elaboration.equal)
    roles = assign(elaboration or expression, ARITIES, held, given)
    arrays = {name: array._replace(data=False) for name, array in roles.arrays.items()}
    own = tuple(name for name in roles.variables if name not in columns)
    roles = roles._replace(variables=(*own, *columns), arrays=arrays or NO_ENTRIES)
    layout = Layout(roles.variables, {name: array.lengths for name, array in arrays.items()})
    return Function(ResolvedExpression(expression, roles, {}, layout, elaboration=elaboration))
