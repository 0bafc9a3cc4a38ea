"""One Function to a family of them, so that a cost can be watched as it grows.

`chain` gives more variables: f(x1, x2) + f(x2, x3) + ..., which makes Rosenbrock's function of n
variables of his of two. `nest` gives more depth: f(f(...f(x)...)), in the first variable, which
makes the logistic map's iterates of 4x(1 - x). Both are texts that `gdcli grad` would take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gdcli.functions.function import Function
from gdcli.language.syntax import NAME, SUBSCRIPT, Expression, Node


def chain(function: Function, n: int) -> Function:
    """Σ f(xᵢ, ..., xᵢ₊ₖ₋₁) over i = 1 ... n - k + 1, for a Function of k variables, n ≥ k."""
    letter = _free_letter(function)
    names = [f"{letter}{i}" for i in range(1, n + 1)]
    k = len(function.variables)
    definitions: list[str] = []
    terms = []
    for i in range(n - k + 1):
        known = dict(zip(function.variables, names[i : i + k], strict=True))
        terms.append(_body(function.expression, known, f"{letter}part{i}", definitions))
    return _function(function, names, definitions, " + ".join(f"({term})" for term in terms))


def nest(function: Function, depth: int) -> Function:
    """f applied `depth` times to its first variable; the others stay what they are."""
    letter = _free_letter(function)
    names = [f"{letter}{i}" for i in range(1, len(function.variables) + 1)]
    known = dict(zip(function.variables, names, strict=True))
    definitions: list[str] = []
    for level in range(1, depth):
        inner = _body(function.expression, known, f"{letter}part{level}", definitions)
        definitions.append(f"{letter}level{level} = {inner}; ")
        known[function.variables[0]] = f"{letter}level{level}"
    body = _body(function.expression, known, f"{letter}part{depth}", definitions)
    return _function(function, names, definitions, body)


def _function(function: Function, names: list[str], definitions: list[str], body: str) -> Function:
    text = f"f({', '.join(names)}) = {''.join(definitions)}{body}"
    parameters = {name: str(value) for name, value in function.parameters.items()}
    return Function(text, parameters, as_written=function.as_written)


def _free_letter(function: Function) -> str:
    """A letter that begins no name of a parameter."""
    used_letters = {name[0] for name in function.parameters}
    return next(letter for letter in "xuvwzabcdghklmnopqrst" if letter not in used_letters)


def _body(
    expression: Expression, known: Mapping[str, str], prefix: str, definitions: list[str]
) -> str:
    """The function's formula under other names; its parts are added to `definitions`."""
    names = {
        **known,
        **{definition.name: f"{prefix}{n}" for n, definition in enumerate(expression.definitions)},
    }
    renamed = Expression("", tuple(_renamed(expression, names)), None, ())
    definitions += [
        f"{part._replace(name=names[part.name]).left_side} = {renamed.formula(part.root)}; "
        for part in expression.definitions
    ]
    return renamed.formula(len(expression.nodes) - 1)


def _renamed(expression: Expression, names: Mapping[str, str]) -> Iterator[Node]:
    for node in expression.nodes:
        known = node.kind in (NAME, SUBSCRIPT) and str(node.value) in names
        yield node._replace(value=names[str(node.value)]) if known else node
