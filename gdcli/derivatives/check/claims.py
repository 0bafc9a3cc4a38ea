"""The formulas of a derivation → Claims, each a Function of the variables of the one derived.

Comes in: the text of a gradient or a Hessian and the Function it is a derivation of. Goes out: a
Claim for each component, `x[1]` among them. A formula may use what the function's own text uses:
its variables, parts, sizes, data and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Sentence, Span, UsageError, count_of, visible
from gdcli.functions.function import Function
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.parser import parse
from gdcli.language.points import split_outside_brackets
from gdcli.language.semantics.roles import unreserved_calls
from gdcli.language.suggest import closest
from gdcli.language.syntax import CONSTANT_NAMES, NAME, SUBSCRIPT, Expression
from gdcli.named_tuples import NamedTuple

PART = "slopes_of_array"  # what an array's formula is named, to take its entries
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

    The formula of a variable that is an array may be one of an array, as in `2*A'*(A*x - b)`.
    Raises UsageError for formulas that are missing or too many, ExpressionError for a wrong one.
    """
    variables = _variables(function)
    pieces = split_outside_brackets(text, ",")
    wanted = f"{noun} takes {_formulas(len(variables))}, in the order {', '.join(variables)}"
    heads = [match and match[1] for match in map(NAMED_FORMULA.match, pieces)]
    arrays = [name for name in function.variables if name in function.layout.shapes]
    if any(heads):
        whole = not {*heads}.isdisjoint(arrays)
        pieces = _by_name(pieces, function.variables if whole else variables, noun)
    else:
        whole = bool(arrays) and len(pieces) == len(function.variables) != len(variables)
    if whole and text.strip(BLANKS):
        otherwise = "" if any(heads) else f"; {wanted}, not {len(pieces)}"
        return _of_arrays(function, pieces, noun, otherwise)
    if len(pieces) != len(variables):
        raise UsageError(f"{wanted}, not {len(pieces) if text.strip(BLANKS) else 'none'}")
    return [
        _claim(function, (place,), piece, f"{noun}, by {variables[place]}")
        for place, piece in enumerate(pieces)
    ]


def _of_arrays(
    function: Function, formulas: Sequence[str], noun: str, otherwise: str
) -> list[Claim]:
    """The Claims of a gradient with one formula for each variable, arrays too.

    `otherwise` ends the message about a formula that is no array.
    """
    layout, claims = function.layout, list[Claim]()
    for variable, formula in zip(function.variables, formulas, strict=True):
        place, where = layout.offsets[variable], f"{noun}, by {variable}"
        shape = layout.shapes.get(variable)
        if shape is None:
            claims.append(_claim(function, (place,), formula, where))
            continue
        for component in range(place, place + prod(shape)):
            entry = layout.components[component].removeprefix(variable)
            claims.append(_claim(function, (component,), formula, where, entry, shape, otherwise))
    return claims


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


def _claim(
    function: Function,
    places: tuple[int, ...],
    text: str,
    where: str,
    entry: str = "",
    shape: tuple[int, ...] = (),
    otherwise: str = "",
) -> Claim:
    """The Claim of a formula, or of an `entry` of one that is an array of the `shape`."""
    if not text:
        raise UsageError(f"{where}: a formula is missing")
    try:
        expression = parse(text, ARITIES)
        _check(expression, function)
        formula = f"{PART} = {text}; {PART}{entry}" if entry else text
        claimed = formula_function(function, formula, expression)
        part = claimed.resolved.roles.parts.get(PART)
        if part is not None and part.lengths != shape:
            lengths, wanted = (" by ".join(map(str, one)) for one in (part.lengths, shape))
            message = f"the formula has {lengths} entries, not {wanted}"
            raise ExpressionError(message, text, Span(0, len(text)))
        text = f"({text}){entry}" if entry else text
    except ExpressionError as error:
        if PART in error.message:  # which the user has not written
            wanted = f"array of {' by '.join(map(str, shape))} numbers"
            message = f"the formula is no {wanted}{otherwise}"
            error = ExpressionError(message, text, Span(0, len(text)))
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
