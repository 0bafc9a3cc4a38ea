"""The roles of names: which are variables, in which order, and which are something else.

Comes in: an Expression, the parameters (names that are set to a value, declared ones too), the
sizes and data given. Goes out: Roles. A name is, in this order: an index of a loop, data, a
parameter, a size (it stands in a subscript or the end of a range), a part of the text, declared by
the header, a constant, a variable: a vector where it has subscripts, else a number. A name that
looks like a product written without its `*` is refused, since the gradient of another function must
never be the answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gdcli.errors import ExpressionError, Sentence, Setting, Span, UsageError, brief, listed
from gdcli.language.lexer import PRIME
from gdcli.language.parser import LATER_WORDS, Arities
from gdcli.language.suggest import closest
from gdcli.language.syntax import (
    APPLY_NODE,
    CONSTANT_NAMES,
    INDEX_NODE,
    LOOP_NODE,
    NAME,
    SUBSCRIPT,
    TRANSPOSE,
    VECTOR_FUNCTIONS,
    Expression,
    takes_an_array,
)
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.language.affine import Affine
    from gdcli.language.semantics.array_parts import Measured, Piece
    from gdcli.language.semantics.recurrences import Recurrence
    from gdcli.language.semantics.scopes import Scopes, WholeNumbers
    from gdcli.language.semantics.shapes import EqualLengths, Shapes


class EmptyMapping(Mapping[str, Any]):
    """A mapping that has no entries and takes none; a MappingProxyType could not be pickled."""

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[str]:
        return iter(())


NO_ENTRIES = EmptyMapping()


class Array(NamedTuple):
    """An array: its lengths as affine numbers of sizes and as numbers, and whether it is data.

    `numbers` are those of data whose entries stand in subscripts.
    """

    name: str
    shape: tuple[Affine, ...]
    lengths: tuple[int, ...]
    data: bool
    numbers: WholeNumbers | None = None


class ArrayPart(NamedTuple):
    """A part that is an array: its lengths over sizes and as numbers, its pieces and its loop.

    `pieces` are in the order written, their ends affine in sizes. Parts that need each other have
    one `recurrence`.
    """

    name: str
    shape: tuple[Affine, ...]
    lengths: tuple[int, ...]
    pieces: tuple[Piece, ...]
    recurrence: Recurrence


class GivenShapes(NamedTuple):
    """The sizes and the shapes of data that are given beside the text, by name.

    `columns` are names of data too, that stand for the number in a row. `numbers` are those of the
    data whose entries stand in subscripts. `equal` are lengths that whole arrays make equal.
    """

    sizes: Mapping[str, int] = NO_ENTRIES
    data: Mapping[str, tuple[int, ...]] = NO_ENTRIES
    columns: Collection[str] = ()
    numbers: Mapping[str, WholeNumbers] = NO_ENTRIES
    equal: Sequence[EqualLengths] = ()


NO_SHAPES_GIVEN = GivenShapes()


class Roles(NamedTuple):
    """The roles of the names of an Expression.

    `variables` are in their order; `parameters` have the constant expressions they stand for;
    `arrays` are the variables that are vectors, and the data; `sizes` are all names of sizes,
    with "x.1" for a first length of x that is no affine number of others; `parts` are the array
    parts.
    """

    variables: tuple[str, ...]
    parameters: Mapping[str, Expression]
    arrays: Mapping[str, Array] = NO_ENTRIES
    sizes: Mapping[str, int] = NO_ENTRIES
    parts: Mapping[str, ArrayPart] = NO_ENTRIES


def has_whole_arrays(expression: Expression, given: GivenShapes) -> bool:
    """Whether the text has a formula of whole arrays, which must be elaborated."""
    header = expression.header
    ranks = {name: len(shape) for name, shape in given.data.items()}
    if header:
        declared = zip(header.variables, header.shapes, strict=True)
        ranks |= {name: len(shape) for name, shape in declared if shape is not None}
    counts = {part.name: len(part.subscripts) for part in expression.definitions if part.subscripts}
    ranks |= {name: -1 if count == 1 else count for name, count in counts.items()}
    whole = set[int]()  # the places of names that functions of vectors take
    for node in expression.nodes:
        if node.kind == APPLY_NODE:
            if takes_an_array(expression.nodes, node):
                return True
            if node.value in VECTOR_FUNCTIONS:
                arguments = [expression.nodes[place] for place in node.arguments]
                if any(one.kind != NAME or ranks.get(str(one.value), 1) != 1 for one in arguments):
                    return True
                whole.update(node.arguments)
        elif node.kind == SUBSCRIPT and len(node.arguments) < ranks.get(str(node.value), 0):
            return True
    return bool(ranks) and any(
        node.kind == NAME and node.value in ranks and position not in whole
        for position, node in enumerate(expression.nodes)
    )


def natural_order(name: str) -> list[tuple[int, str]]:
    """The key that sorts names by alphabet and the numbers in them by size: x2 before x10."""
    return [
        (int(piece), "") if piece.isdigit() else (-1, piece)
        for piece in re.split(r"([0-9]+)", name)
        if piece
    ]


def assign(
    expression: Expression,
    functions: Arities,
    parameters: Mapping[str, Expression] = NO_ENTRIES,
    given: GivenShapes = NO_SHAPES_GIVEN,
) -> Roles:
    """The roles of every name in `expression`; raises ExpressionError or UsageError.

    `functions` are the language's own, as `parse` is handed them.
    """
    used: dict[str, Span] = {}
    header = expression.header
    vectors = bool(given.sizes or given.data or (header and any(header.shapes)))
    vectors = vectors or any(definition.subscripts for definition in expression.definitions)
    for node in expression.nodes:
        if node.kind == NAME:
            used.setdefault(str(node.value), node.span)
        elif node.kind in (SUBSCRIPT, LOOP_NODE, INDEX_NODE) or node.value in VECTOR_FUNCTIONS:
            vectors = True
            if node.kind != LOOP_NODE and node.kind != APPLY_NODE:
                start = node.span.start
                used.setdefault(str(node.value), Span(start, start + len(str(node.value))))
    check_calls(expression, functions, parameters, given)
    _check_definitions(expression)
    if vectors:
        return _with_vectors(expression, functions, parameters, given, used)
    definitions = {definition.name for definition in expression.definitions}
    _check_parameters(parameters, {*used, *(header.variables if header else ())}, definitions)
    known = {*definitions, *parameters}
    variables = _variables(expression, functions, known, used, columns=given.columns)
    return Roles(variables, parameters)


def check_calls(
    expression: Expression,
    functions: Arities,
    parameters: Mapping[str, Expression],
    given: GivenShapes,
) -> None:
    """Refuses a call such as `gamma(x)` where the name is something else too."""
    for name, position in unreserved_calls(expression, functions).items():
        _check_call(expression, position, _declared(name, expression, parameters, given))


def unreserved_calls(expression: Expression, functions: Arities) -> dict[str, int]:
    """The functions called whose names are not reserved, each with the node of a call."""
    found = {}
    for position, node in enumerate(expression.nodes):
        if node.kind in (APPLY_NODE, LOOP_NODE):
            name = called_word(expression, position)
            arity = functions.get(name)
            if name in LATER_WORDS or (arity and not arity.reserved):
                found[name] = position
    return found


def called_word(expression: Expression, position: int) -> str:
    """The name before the `(` of a call; `A'` may have been written as a call of transpose."""
    value = str(expression.nodes[position].value)
    if value == PRIME and expression.source(position).startswith(TRANSPOSE):
        return TRANSPOSE
    return value


def _declared(
    name: str,
    expression: Expression,
    parameters: Mapping[str, Expression],
    given: GivenShapes,
) -> str | None:
    """What the name is, beside a function's; None where it is nothing else."""
    header = expression.header
    lengths = [length for shape in (header.shapes if header else ()) for length in shape or ()]
    roles = {
        "the name of the function itself": header and header.name == name,
        "an array of data": name in given.data,
        "set to a value": name in parameters,
        "a size": name in given.sizes or any(name in dict(length.terms) for length in lengths),
        "a part": any(definition.name == name for definition in expression.definitions),
        "a variable": (header and name in header.variables)
        or any(
            node.value == name and node.kind in (NAME, SUBSCRIPT, INDEX_NODE)
            for node in expression.nodes
        ),
    }
    return next((role for role, holds in roles.items() if holds), None)


def _check_call(expression: Expression, position: int, role: str | None) -> None:
    """Refuses `gamma(x)` where gamma is something else too: it could be read in two ways."""
    if role is None:
        return
    node, written = expression.nodes[position], expression.source(position)
    name = called_word(expression, position)
    product = f"{name}*{written[written.index('(') :]}"
    factor = len(node.arguments) == 1 and "function" not in role
    advice = f"write {brief(product)} for the product, or rename it" if factor else "rename it"
    raise ExpressionError(
        f"`{brief(written)}`: {name} is {role} here; {advice} to use the function {name}",
        expression.text,
        node.span,
    )


def _variables(
    expression: Expression,
    functions: Arities,
    known: set[str],
    used: Mapping[str, Span],
    sizes: Collection[str] = (),
    scopes: Scopes | None = None,
    columns: Collection[str] = (),
) -> tuple[str, ...]:
    """The variables: the header's, or every name, without those of another role, which are `known`.

    `sizes` are those not given.
    """
    header = expression.header.variables if expression.header else None
    known = known | (set(CONSTANT_NAMES) - set(header or ()))
    free = [name for name in used if name not in known]
    if header is not None:
        _check_header(expression, free, used, header, scopes)
        return tuple(name for name in header if name not in known)
    _check_products(expression, functions, free, used, sizes, scopes, columns)
    return tuple(sorted(free, key=natural_order))


def _with_vectors(
    expression: Expression,
    functions: Arities,
    parameters: Mapping[str, Expression],
    given: GivenShapes,
    used: Mapping[str, Span],
) -> Roles:
    """The roles where there are loops, vectors, sizes or data."""
    from gdcli.language.semantics import clashes
    from gdcli.language.semantics.scopes import Scopes
    from gdcli.language.semantics.shapes import solve

    header = expression.header
    declared = dict(zip(header.variables, header.shapes, strict=True)) if header else {}
    shapes = {name: shape for name, shape in declared.items() if shape is not None}
    sizes = {name for shape in shapes.values() for length in shape for name, _ in length.terms}
    declared_sizes = set(sizes)
    lengths_of_data: dict[str, int] = {}
    measured: Measured | None = None
    if any(definition.subscripts for definition in expression.definitions):
        measured, lengths_of_data = _measured(expression, shapes, given)
        expression = measured.expression
    scopes = Scopes(expression, given.numbers, given.columns)
    sizes.update(scopes.sizes.keys() - lengths_of_data.keys())
    definitions = {definition.name for definition in expression.definitions}
    taken = {
        **dict.fromkeys(CONSTANT_NAMES, clashes.CONSTANT_ROLE),
        **dict.fromkeys(definitions, clashes.DEFINITION_ROLE),
        **{part.name: clashes.PART_ROLE for part in expression.definitions if part.subscripts},
        **dict.fromkeys(declared, clashes.VARIABLE_ROLE),
        **dict.fromkeys(parameters.keys() - (declared.keys() & sizes), clashes.PARAMETER_ROLE),
    }
    _check_parameters(parameters, {*used, *sizes, *declared}, definitions)
    for name in parameters:
        if name not in shapes and name not in scopes.arrays:
            continue
        leave = " leave it out of the header and" if name in declared else ""
        entries = Setting("data", "FILE", (name,))
        if given.columns:  # of a model, whose data are columns
            entries = Setting("bounds", "2:2", (name,))
        message = "`{}` is a vector, not one number;{} give its entries: {}"
        raise _wrong_parameter(name, Sentence(message, name, leave, entries))
    bare = {subscript.name for _, subscript, _ in measured.lengths} if measured else ()
    clashes.check(scopes, taken, given.data, shapes, declared_sizes, bare)
    known_sizes = _sizes(sizes, parameters, given.sizes)
    set_only = {name: value for name, value in parameters.items() if name not in sizes}
    known = {*definitions, *set_only, *scopes.indices, *given.data, *sizes}
    unknown = sizes - known_sizes.keys()
    variables = _variables(expression, functions, known, used, unknown, scopes, given.columns)
    if measured is None:
        solved = solve(scopes, shapes, given.data, known_sizes, equal=given.equal)
        return Roles(variables, set_only, _arrays(solved, given), solved.sizes)
    from gdcli.language.semantics import array_parts

    pieces: dict[str, list[Piece]] = {}

    def check(sizes: Mapping[str, int]) -> None:
        array_parts.check_lengths(measured, sizes)
        pieces.update(array_parts.pieces(expression, sizes))

    known_sizes.update(lengths_of_data)
    ends = array_parts.range_ends(expression)
    solved = solve(scopes, shapes, given.data, known_sizes, ends, given.equal, check)
    parts, replaced = _parts(scopes, solved, pieces, ends, given.data)
    known_sizes = {name: value for name, value in solved.sizes.items() if name not in replaced}
    return Roles(variables, set_only, _arrays(solved, given, parts), known_sizes, parts)


def _measured(
    expression: Expression, shapes: Mapping[str, tuple[Affine, ...]], given: GivenShapes
) -> tuple[Measured, dict[str, int]]:
    """The expression with a range for each index of its array parts, and the lengths of data.

    A range may end at such a length, which is a size, `x.1`, until the sizes are solved.
    """
    from gdcli.language.semantics.array_parts import measured
    from gdcli.language.semantics.shapes import length_of

    lengths = {
        name: [length_of(name, place) for place in range(len(shape))]
        for name, shape in given.data.items()
    }
    numbers = {
        str(length): number
        for name, shape in given.data.items()
        for length, number in zip(lengths[name], shape, strict=True)
    }
    return measured(expression, {**shapes, **lengths}, {**numbers, **given.sizes}), numbers


def _parts(
    scopes: Scopes,
    solved: Shapes,
    pieces: Mapping[str, list[Piece]],
    ends: Mapping[str, list[list[Affine]]],
    data: Collection[str],
) -> tuple[dict[str, ArrayPart], set[str]]:
    """The array parts by name, and the lengths of data that are called otherwise in them.

    The length of data that is a size, or of a part that a size reaches, is called by the size.
    """
    from gdcli.language.semantics.recurrences import recurrences
    from gdcli.language.semantics.shapes import length_of

    loops = recurrences(scopes, pieces, solved.sizes)
    arrays = solved.arrays
    names = {
        length_of(name, place): length
        for name in data
        for place, length in enumerate(arrays[name].symbolic)
    }
    for name, places in ends.items():
        for found, length in zip(places, arrays[name].symbolic, strict=True):
            names.update((end, length) for end in found if names.get(end) == end)
    parts = {
        name: ArrayPart(
            name,
            tuple(names.get(length, length) for length in arrays[name].symbolic),
            arrays[name].lengths,
            tuple(piece.over(names) for piece in several),
            loops[name],
        )
        for name, several in pieces.items()
    }
    return parts, {str(length) for length, other in names.items() if other != length}


def _arrays(solved: Shapes, given: GivenShapes, parts: Collection[str] = ()) -> dict[str, Array]:
    """The arrays that are variables or data."""
    return {
        name: Array(
            name, shape.symbolic, shape.lengths, name in given.data, given.numbers.get(name)
        )
        for name, shape in solved.arrays.items()
        if name not in parts
    }


def _sizes(
    names: set[str], parameters: Mapping[str, Expression], given: Mapping[str, int]
) -> dict[str, int]:
    from gdcli.language.subscripts import LARGEST_INTEGER, affine

    for name in given:
        if name not in names:
            known = listed(sorted(names, key=natural_order)) or "none"
            message = "{}: the expression has no such size (its sizes: {})"
            raise UsageError(Sentence(message, Setting("sizes", "", (brief(name),)), known))
    found = dict(given)
    for name in names & parameters.keys():
        value = affine(parameters[name], len(parameters[name].nodes) - 1)
        if value is None or value.terms:
            message = "`{}` is a size, a whole number; give {}"
            raise _wrong_parameter(name, Sentence(message, name, Setting("sizes", "100", (name,))))
        if name in given:
            message = "`{}` has its value by {}"
            raise _wrong_parameter(name, Sentence(message, name, Setting("sizes")))
        found[name] = value.constant
    for name, size in found.items():
        if not 0 <= size <= LARGEST_INTEGER:
            wrong = size if abs(size) < 10**100 else "a far larger one"
            most = f"{LARGEST_INTEGER:.0e}"
            raise UsageError(f"the size {name} is a whole number from 0 to {most}, not {wrong}")
    return found


def _check_definitions(expression: Expression) -> None:
    """Refuses a part that is used before its definition or has the name of a constant."""
    start = 0
    defined = {definition.name: definition.root for definition in expression.definitions}
    for definition in expression.definitions:
        if definition.name in CONSTANT_NAMES:
            raise ExpressionError(
                f"`{definition.name}` is a constant; choose another name",
                expression.text,
                definition.span,
            )
        for node in expression.nodes[start : definition.root + 1]:
            if node.kind == NAME and defined.get(str(node.value), -1) >= definition.root:
                raise ExpressionError(
                    f"the part `{node.value}` is used before it is defined",
                    expression.text,
                    node.span,
                )
        start = definition.root + 1


def _check_parameters(
    parameters: Mapping[str, Expression], names: Collection[str], definitions: set[str]
) -> None:
    for name in map(brief, parameters):
        if name in definitions:
            raise _wrong_parameter(name, f"the expression defines `{name}` itself")
        if name not in names:
            known = listed(sorted(names, key=natural_order)) or "none"
            raise _wrong_parameter(name, f"the expression has no such name (its names: {known})")


def _wrong_parameter(name: str, message: str) -> UsageError:
    return UsageError(Sentence("{}: {}", Setting("parameters", "", (name,)), message))


def _check_header(
    expression: Expression,
    free: list[str],
    used: Mapping[str, Span],
    header: tuple[str, ...],
    scopes: Scopes | None,
) -> None:
    declared = set(header)
    for name in free:
        if name not in declared:
            assert expression.header is not None
            meant = closest(name, header, 1) if len(name) > 1 else []
            longer = ", ".join((*header, name))
            entry = _entry_meant(name, expression, scopes)
            meant = [entry] if entry else meant
            given = Sentence("value: {}", Setting("parameters", "...", (name,)))
            if _is_array(scopes, name):
                given = Sentence("values: {}", Setting("data", "FILE", (name,)))
            declare = "declare it: `{}({}) = ...`, or give its {}"
            advice = (
                f"did you mean `{meant[0]}`?"
                if meant
                else Sentence(declare, expression.header.name, longer, given)
            )
            message = "`{}` is not among the variables of the header; {}"
            raise ExpressionError(Sentence(message, name, advice), expression.text, used[name])


def _entry_meant(name: str, expression: Expression, scopes: Scopes | None) -> str:
    """The entry that a name looks like: `x[i]` of `x_i` beside an index i, `x[1]` of `x1` where the
    header has a vector x; empty for another name.
    """
    array, _, indices = name.partition("_")
    subscripts = [indices] if scopes and indices in scopes.indices else [*indices.replace("_", "")]
    if scopes and array and indices and scopes.indices.keys() >= {*subscripts}:
        return f"{array}[{','.join(subscripts)}]"
    header = expression.header
    shapes = dict(zip(header.variables, header.shapes, strict=True)) if header else {}
    numbered = re.fullmatch(r"(\w*?)_?([0-9]+)", name)
    vector = numbered and len(shapes.get(numbered[1]) or ()) == 1
    return f"{numbered[1]}[{int(numbered[2])}]" if numbered and vector else ""


def _is_array(scopes: Scopes | None, name: str) -> bool:
    return scopes is not None and name in scopes.arrays


def _check_products(
    expression: Expression,
    functions: Arities,
    free: list[str],
    used: Mapping[str, Span],
    sizes: Collection[str],
    scopes: Scopes | None,
    columns: Collection[str],
) -> None:
    """Refuses products without `*`: `xy` beside `x`, `ab` beside `bc`, `sinx` beside `x`.

    Beside columns of data a name is one only if each of its letters is a name: `tau` beside a
    column `t` is a parameter, `xt` beside columns `x` and `t` is refused. `dt` beside an index `t`
    of an array part is a step.
    """
    names = [name for name in free if name not in columns]
    names += [name for name in sizes if name in used]
    letters = {
        name for name in (*used, *(p.name for p in expression.definitions)) if len(name) == 1
    }
    steps = {"d" + one.name for part in expression.definitions for one in part.subscripts}
    calls = {name: call for name in names if (call := _call_without_parentheses(name, functions))}
    suspects = [one for one in names if len(one) in (2, 3) and one.isascii() and one.isalpha()]
    entries = {one: _entry_meant(one, expression, scopes) for one in names if "_" in one}
    for name in dict.fromkeys((*calls, *suspects, *entries)):
        others = {letter for other in suspects if other != name for letter in other}
        arguments = letters | {argument for other, (_, argument) in calls.items() if other != name}
        if entries.get(name):
            advice = entries[name]
        elif name in calls and calls[name][1] in arguments:
            advice = "{}({})".format(*calls[name])
        elif name in suspects and (
            letters.issuperset(name) if columns else set(name) & (letters | others)
        ):
            if name in steps and "d" not in letters:
                continue
            entry = (
                scopes is not None and name[-1] in scopes.indices and not _is_array(scopes, name)
            )
            advice = f"{name[:-1]}[{name[-1]}]" if entry else "*".join(name)
        else:
            continue
        variables = ", ".join(sorted(free, key=natural_order))
        declare = f"declare it: `f({variables}) = ...`"
        if name in sizes:
            declare = Sentence("give it: {}", Setting("sizes", "100", (name,)))
        message = "`{}` is one name; write `{}`, or {}"
        raise ExpressionError(Sentence(message, name, advice, declare), expression.text, used[name])


def _call_without_parentheses(name: str, functions: Arities) -> tuple[str, str] | None:
    """The function and the letter of a name such as `sinx`; None for other names."""
    function = functions.get(name[:-1])
    return (name[:-1], name[-1]) if function and function.reserved else None
