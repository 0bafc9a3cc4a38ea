"""The reader of formulas: one after another in a text, and the bounds of nesting."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.formulas import MAXIMUM_NESTING, TAKEN_NAMES, FormulaParser
from gdcli.language.lexer import tokens
from gdcli.language.parser import parse


def test_formulas_are_read_one_after_another() -> None:
    text = "x + 1; sum(y[i] for i in 1:2)"
    reader = FormulaParser(text, tokens(text), ARITIES)
    first = reader.formula()
    assert reader.peek().kind == ";"
    reader.next()
    second = reader.formula()
    assert (first, second) == (2, len(reader.nodes) - 1)
    assert reader.operands == []
    assert reader.depth == 0


@pytest.mark.parametrize("opening", ["x[", "sum(", "max(x[", "norm("])
def test_nesting_of_every_bracket_is_bounded(opening: str) -> None:
    with pytest.raises(ExpressionError, match=r"^more than 1000 brackets"):
        parse(opening * (MAXIMUM_NESTING + 1), ARITIES)


def test_names_that_mean_something_are_taken() -> None:
    for name in TAKEN_NAMES:
        with pytest.raises(ExpressionError):
            parse(f"f({name}) = 1", ARITIES)
        with pytest.raises(ExpressionError):
            parse(f"{name} = 1; 2", ARITIES)
        with pytest.raises(ExpressionError):
            parse(f"sum(1 for {name} in 1:3)", ARITIES)


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"x[{number}]" for number in range(1, 9_000)),
        "sum(" * 900 + "x[1]" + " for i in 1:2)" * 900,
        f"sum(x[i] for {', '.join(f'i{number} in 1:n' for number in range(8_000))})",
        f"f({','.join(f'x{number}[n]' for number in range(8_000))}) = x1[1]",
        f"x[{'1+' * 40_000}1]",
    ],
)
def test_a_hundred_kilobytes_of_vectors(text: str) -> None:
    expression = parse(text, ARITIES)
    assert parse(str(expression), ARITIES) == expression
