"""Derived quantities: numbers computed of the parameters of a fit, with their errors.

Comes in: texts such as `half = log(2)/b`, and the RegressionModel. Goes out: each value, and by the
delta method its standard error √(gᵀCg), g being its gradient by the parameters, which is exact.

Source: Casella and Berger, Statistical Inference (2002), 5.5.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Sentence, Setting, UsageError, brief, listed
from gdcli.functions.function import Function
from gdcli.language.lexer import NAME_TOKEN, tokens
from gdcli.language.parser import parse
from gdcli.language.points import name_and_value
from gdcli.language.syntax import NAME
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel


class DerivedQuantity(NamedTuple):
    """A number computed of the parameters: its name, its text, and its Function.

    `places` are those of the Function's variables among the p parameters.
    """

    name: str
    expression: str
    function: Function
    places: Sequence[int]

    def at(self, parameters: Sequence[float]) -> tuple[float, list[float]]:
        """The value, and its p partial derivatives by the parameters."""
        unrolled = self.function.unrolled
        value, partials = unrolled.evaluate_gradient([parameters[place] for place in self.places])
        gradient = [0.0] * len(parameters)
        for place, partial in zip(self.places, partials, strict=True):
            gradient[place] = partial
        return value, gradient


def read_derived(
    given: str | Sequence[str] | Mapping[str, str], model: RegressionModel
) -> tuple[DerivedQuantity, ...]:
    """The derived quantities that texts such as `half = log(2)/b` write.

    A mapping has the expressions by name. Raises ExpressionError and UsageError for one that cannot
    be read, that uses other names than those of parameters, or whose name is taken.
    """
    if isinstance(given, Mapping):
        pairs = [(str(name), str(text)) for name, text in given.items()]
    else:
        pairs = [_parts(text) for text in ([given] if isinstance(given, str) else given)]
    found: list[DerivedQuantity] = []
    taken = {*model.layout.variables, *model.columns, *model.right.held}
    for name, text in pairs:
        if name in taken:
            kind = "derived twice" if any(one.name == name for one in found) else "taken"
            message = "{}: the name `{}` is {}; give the quantity one of its own"
            raise UsageError(Sentence(message, Setting("derive"), brief(name), kind))
        taken.add(name)
        found.append(_read(name, text, model))
    return tuple(found)


def _parts(text: str) -> tuple[str, str]:
    """The name and the expression."""
    name, expression = name_and_value(text)
    words = [one.text for one in tokens(name) if one.kind == NAME_TOKEN] if name else []
    if len(words) != 1 or words[0] != name or not expression:
        message = "{} takes a name, `=` and an expression, such as half = log(2)/b; not {}"
        raise UsageError(Sentence(message, Setting("derive"), brief(text)))
    return name, expression


def _function(
    text: str,
    used: Collection[str],
    model: RegressionModel,
    held: Mapping[str, float | str],
    sizes: Mapping[str, int],
) -> Function:
    """The Function of the text, which may have formulas of whole vectors of the parameters."""
    shapes = model.layout.shapes
    lengths = {one: ", ".join(map(str, shapes[one])) for one in model.variables if one in shapes}
    nodes = parse(text, ARITIES).nodes
    if any(node.kind == NAME and node.value in lengths for node in nodes):
        variables = [one for one in model.variables if one in used]
        declared = (f"{one}[{lengths[one]}]" if one in lengths else one for one in variables)
        text = f"f({', '.join(declared)}) = {text}"
    return Function(text, held, sizes)


def _read(name: str, text: str, model: RegressionModel) -> DerivedQuantity:
    used = {one.text for one in tokens(text) if one.kind == NAME_TOKEN}
    held = {one: value for one, value in model.right.held.items() if one in used}
    sizes = {one: size for one, size in model.right.sizes.items() if one in used}
    function = _function(text, used, model, held, sizes)
    known = [*model.components]
    unknown = [one for one in function.variables if one not in model.layout.variables]
    unknown += [one for one in function.components if not unknown and one not in known]
    if unknown:
        what = "is a column" if unknown[0] in model.columns else "is no parameter of the model"
        message = "{}: `{}` {}; a derived quantity is computed of the parameters ({})"
        raise UsageError(
            Sentence(message, Setting("derive"), brief(unknown[0]), what, listed(known))
        )
    if not function.variables:
        raise ExpressionError(f"{brief(name)} depends on no parameter ({listed(known)})", text)
    return DerivedQuantity(name, text, function, [known.index(one) for one in function.components])
