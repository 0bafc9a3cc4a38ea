"""The formulas of a derivation → Claims, each a Function of the variables of the one derived.

Comes in: the text of a gradient or a Hessian and the Function it is a derivation of. Goes out: a
Claim for each component, `x[1]` among them. A formula may use what the function's own text uses:
its variables, parts, sizes, data and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Sentence, UsageError, count_of, visible
from gdcli.functions.function import Function
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.parser import parse
from gdcli.language.points import split_outside_brackets
from gdcli.language.semantics.roles import unreserved_calls
from gdcli.language.suggest import closest
from gdcli.language.syntax import CONSTANT_NAMES, NAME, SUBSCRIPT, Expression

NAMED_FORMULA = re.compile(  # y = 2*y, and not y == 2
    r"\s*([^\W\d]\w*(?:\[[\d,\s]+\])?)\s*=(?!=)"
)


class Claim(NamedTuple):
    """A formula for the derivative by the components at `places`: one, or two of a Hessian.

    `function` is the formula as a Function of all components, `name` is of those at `places`.
    """

    places: tuple[int, ...]
    name: str
    text: str
    function: Function


def read_gradient(text: str, function: Function, noun: str = "the gradient") -> list[Claim]:
    """The Claims of a gradient, one a component in their order.

    Raises UsageError for formulas that are missing or too many, ExpressionError for a wrong one.
    """
    variables = _variables(function)
    pieces = split_outside_brackets(text, ",")
    wanted = f"{noun} takes {_formulas(len(variables))}, in the order {', '.join(variables)}"
    if any(NAMED_FORMULA.match(piece) for piece in pieces):
        pieces = _by_name(pieces, variables, noun)
    if len(pieces) != len(variables):
        raise UsageError(f"{wanted}, not {len(pieces) if text.strip(BLANKS) else 'none'}")
    return [
        _claim(function, (place,), piece, f"{noun}, by {variables[place]}")
        for place, piece in enumerate(pieces)
    ]


def read_hessian(text: str, function: Function, noun: str = "the Hessian") -> list[Claim]:
    """The Claims of a Hessian, one an entry, row by row.

    Raises UsageError for formulas that are missing or too many, ExpressionError for a wrong one.
    """
    variables = _variables(function)
    count = len(variables)
    order = (
        f"{count} x {count} formulas, rows separated by `;`, in the order {', '.join(variables)}"
    )
    rows = [
        split_outside_brackets(row, ",") for row in split_outside_brackets(text.rstrip("; "), ";")
    ]
    if len(rows) != count:
        raise UsageError(f"{noun} has {len(rows)} row{'s' * (len(rows) != 1)}; it takes {order}")
    for number, row in enumerate(rows, 1):
        if len(row) != count:
            raise UsageError(f"{noun}: row {number} has {_formulas(len(row))}; it takes {order}")
    return [
        _claim(function, (i, j), piece, f"{noun}, by {variables[i]} and {variables[j]}")
        for i, row in enumerate(rows)
        for j, piece in enumerate(row)
    ]


def formula_function(function: Function, formula: str, expression: Expression) -> Function:
    """The Function of a formula in the components of `function`; `expression` is it, read."""
    own = function.expression
    parts = own.definitions
    used = _names(expression)
    shapes = function.layout.shapes
    variables = [f"{v}{list(shapes[v])}" if v in shapes else v for v in function.variables]
    head = f"f({', '.join(variables)}) = "
    if used & {part.name for part in parts}:
        head += "".join(f"{part.left_side} = {own.formula(part.root)}; " for part in parts)
        used |= _names(own).union(*(part.sizes for part in parts))
    parameters = {name: str(value) for name, value in function.parameters.items() if name in used}
    sizes = {name: size for name, size in function.sizes.items() if name in used}
    data = {name: array for name, array in function.data.items() if name in used}
    return Function(head + formula, parameters, sizes=sizes, data=data).unrolled


def _variables(function: Function) -> tuple[str, ...]:
    if not function.variables:
        raise UsageError(f"{function.text} has no variables, so there is no derivative to check")
    return tuple(function.components)


def _formulas(count: int) -> str:
    return count_of(count, "formula")


def _by_name(pieces: Sequence[str], variables: Sequence[str], noun: str) -> list[str]:
    """The formulas of pieces such as `y = 2*x`, in the order of the variables."""
    known = ", ".join(variables)
    formulas: dict[str, str] = {}
    for piece in pieces:
        match = NAMED_FORMULA.match(piece)
        if match is None:
            raise UsageError(f"{noun}: `{visible(piece)}` has no name; write y={visible(piece)}")
        name = "".join(normalised(match[1]).split())
        if name not in variables:
            raise UsageError(f"{noun}: `{visible(name)}` is no variable; the variables are {known}")
        if name in formulas:
            raise UsageError(f"{noun}: `{name}` is given twice")
        formulas[name] = piece[match.end() :].strip(BLANKS)
    missing = [name for name in variables if name not in formulas]
    if missing:
        raise UsageError(f"{noun}: there is no formula for {', '.join(missing)}")
    return [formulas[name] for name in variables]


def _claim(function: Function, places: tuple[int, ...], text: str, where: str) -> Claim:
    if not text:
        raise UsageError(f"{where}: a formula is missing")
    try:
        expression = parse(text, ARITIES)
        _check(expression, function)
        claimed = formula_function(function, text, expression)
    except ExpressionError as error:
        message = Sentence("{}: {}", where, error.message)
        raise ExpressionError(message, error.text, error.span) from None
    name = ", ".join(function.components[place] for place in places)
    return Claim(places, name, text, claimed)


def _check(expression: Expression, function: Function) -> None:
    """Raise ExpressionError for what is no bare formula in the names that `function` uses."""
    if expression.header or expression.definitions:
        raise ExpressionError("write the formula alone, without a name of its own")
    definitions = [definition.name for definition in function.expression.definitions]
    known = {*function.variables, *function.parameters, *function.sizes, *function.data}
    known |= {*definitions, *CONSTANT_NAMES}
    indices = expression.index_names
    for node in expression.nodes:
        if node.kind in (NAME, SUBSCRIPT) and node.value not in known | indices:
            name = str(node.value)
            near = closest(name, known, 1) if len(name) > 2 else []
            if not set(name) - known:
                near = ["*".join(name)]
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            message = f"`{name}` is no name of the function; {advice}"
            raise ExpressionError(message, expression.text, node.span)


def _names(expression: Expression) -> set[str]:
    """The names in the expression, and those of functions that may be declared names too."""
    used = {str(node.value) for node in expression.nodes if node.kind in (NAME, SUBSCRIPT)}
    return used | unreserved_calls(expression, ARITIES).keys()
