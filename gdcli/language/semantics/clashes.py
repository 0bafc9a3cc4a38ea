"""Names that are used in two ways: as an index and a variable, as a vector and a number.

Comes in: the Scopes of an Expression, and what else says what its names are. Goes out: nothing, or
ExpressionError at the second use, UsageError where data make the clash.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gdcli.errors import ExpressionError, Sentence, Setting, Span, UsageError
from gdcli.language.semantics.scopes import Scopes
from gdcli.language.syntax import Definition

CONSTANT_ROLE, DEFINITION_ROLE, PARAMETER_ROLE, VARIABLE_ROLE = (
    "a constant",
    "a part",
    "set to a value",
    "a variable",
)
VECTOR_ROLE, DATA_ROLE, PART_ROLE = "a vector", "an array of data", "an array part"


def check(
    scopes: Scopes,
    taken: Mapping[str, str],
    data: Collection[str],
    vectors: Collection[str],
    sizes: Collection[str],
    bare: Collection[str],
) -> None:
    """Refuses a name that has two roles.

    `taken` has the role of each constant, part, parameter and declared variable; `data` are the
    names of data, `vectors` those of variables whose lengths the header declares, `sizes` those
    of the sizes in these lengths, `bare` the indices of left sides without a range.
    """
    _check_data(scopes, [name for name in data if name not in bare], taken)
    taken = {**taken, **dict.fromkeys(data, DATA_ROLE), **dict.fromkeys(vectors, VECTOR_ROLE)}
    arrays = scopes.arrays
    for name, span in scopes.indices.items():
        what = VECTOR_ROLE if name in arrays else taken.get(name, DATA_ROLE)
        left = scopes.left_sides.get(name)
        if what != DATA_ROLE or (left and (name in sizes or (name in data and name in bare))):
            what = "a size" if name in sizes else taken.get(name, what)
            message = f"`{name}` is {what} here; choose another name for the index"
            if left is not None:
                message = f"`{name}` is {what} here; choose another index for {left.name}"
                span = next(one.span for one in left.subscripts if one.name == name)
            raise ExpressionError(message, scopes.expression.text, span)
    for name, span in scopes.sizes.items():
        what = VECTOR_ROLE if name in arrays else taken.get(name, PARAMETER_ROLE)
        if what != PARAMETER_ROLE:
            message = _no_size(name, what)
            if what == DATA_ROLE and name not in scopes.ends:
                message += f", or of one entry of data: write {name}[i] where an index i runs"
            raise ExpressionError(message, scopes.expression.text, span)
    for name, span in arrays.items():
        if taken.get(name) in (CONSTANT_ROLE, DEFINITION_ROLE):
            message = f"`{name}` is {taken[name]}, one number: it has no entries"
            raise ExpressionError(message, scopes.expression.text, span)
    for name, span in scopes.numbers.items():
        if name in arrays or taken.get(name) in (VECTOR_ROLE, DATA_ROLE, PART_ROLE):
            raise _no_number(scopes, name, span, taken.get(name, VECTOR_ROLE))


def check_parts(parts: Iterable[Definition], data: Collection[str]) -> None:
    """Refuses data of the name of a part, before a shape is taken of them."""
    for part in parts:
        if part.name in data:
            raise _wrong_data(part.name, f"is {PART_ROLE if part.subscripts else DEFINITION_ROLE}")


def _check_data(scopes: Scopes, names: Collection[str], taken: Mapping[str, str]) -> None:
    """Refuses data of a name that the text has not, or that has another role."""
    arrays = scopes.arrays
    for name in names:
        if taken.get(name, CONSTANT_ROLE) != CONSTANT_ROLE:
            raise _wrong_data(name, f"is {taken[name]}")
        if name not in arrays and name not in scopes.numbers and name not in scopes.sizes:
            index = name in scopes.indices
            what = "is a loop's index" if index else "is no name of the expression"
            raise _wrong_data(name, what)


def _wrong_data(name: str, what: str) -> UsageError:
    return UsageError(Sentence("{}: `{}` {}", Setting("data", "", (name,)), name, what))


def _no_size(name: str, what: str) -> str:
    if what == VARIABLE_ROLE:
        return f"`{name}` is a size, no variable: leave it out of the header"
    return f"`{name}` is {what}; subscripts and ranges are made of indices, sizes, whole numbers"


def _no_number(scopes: Scopes, name: str, span: Span, what: str) -> ExpressionError:
    index = next(iter(scopes.indices), "1")
    entry = f"{name}[{index}]"
    if what == PART_ROLE:
        part = next(one for one in scopes.expression.definitions if one.name == name)
        entry = f"{name}[{', '.join(one.name or str(one.low) for one in part.subscripts)}]"
    what = what if what in (DATA_ROLE, PART_ROLE) else VECTOR_ROLE
    message = f"`{name}` is {what}; write one of its entries, such as {entry}"
    return ExpressionError(message, scopes.expression.text, span)
