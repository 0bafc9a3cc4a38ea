"""The sentences of refusals: short whatever the text, and with advice that the parser accepts."""

from __future__ import annotations

import re

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import parse


def refusal(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        *("1/2x", "2^3x", "x^2y", "x^-2y", "2^3(x)", "2x^2y", "1/2(x+1)", "x^2sin(y)", "x/2sin(y)"),
        *("a*b/2x", "(a+b)/(c)(d)", "1/-2x", "x^(2)(y)", "1/2^3x", "2^3^4x"),
    ],
)
def test_both_readings_of_an_ambiguous_product_are_readings(text: str) -> None:
    match = re.search(r"write (.*) or (.*)$", refusal(text))
    assert match
    first, second = (parse(reading, ARITIES) for reading in match.groups())
    assert first != second


@pytest.mark.parametrize("text", ["x y", "2 2", "sin x", "x(y+1)", "pi(2)", "x 2", "sqrt 2"])
def test_advice_can_be_typed(text: str) -> None:
    match = re.search(r"write (\S+)$", refusal(text))
    assert match
    parse(match.group(1), ARITIES)


@pytest.mark.parametrize(
    "text",
    [
        f"({'(x+1)*' * 9000}x)^2x",
        f"1/({'x+' * 9000}1)x",
        f"{'x' * 60} {'y' * 60}",
        f"x({'y+' * 9000}1)",
        f"sin {'x' * 60}",
        f"1/{'9' * 900}x",
        f"max({'x,' * 9000}) y",
        f"atan2({'x,' * 9000}1)",
    ],
)
def test_sentences_stay_short(text: str) -> None:
    assert len(refusal(text)) < 400
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the expression is empty; write one, such as x^2 + y^2"),
        ("e(x)", "`e` is not a function; write e*(x), or exp(...)"),
        ("lg(x)", "`lg` is not a function; did you mean ln?"),
        ("arctg(x)", "`arctg` is not a function; did you mean arctan?"),
        ("foo(x)", "`foo` is not a function; write foo*(x)"),
        ("xy(2)", "`xy` is not a function; write xy*(2)"),
        ("sin^2(x)", "`sin` is a function and takes its argument in parentheses; "
         "write sin(x)^2 for a power of it"),
        ("ifelse(x < = 1, 2, 3)", "write `<=` without a space"),
        ("x = 1", "`x = ...` names a part; write `;` and then the function, "
         "as in `r = x^2; exp(-r)`"),
        ("2x = 1", "`=` names a part (`r = x^2; exp(-r)`) or declares variables (`f(x, y) = ...`); "
         "an equation is written as left - right"),
        ("x[1]", "vectors are not built yet; use x1, x2, x3"),
        ("()", "nothing stands between the parentheses"),
    ],
)  # fmt: skip
def test_sentences(text: str, sentence: str) -> None:
    assert refusal(text) == sentence
