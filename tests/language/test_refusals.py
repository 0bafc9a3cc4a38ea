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
        *("1/2x[i+1]", "x[i]^2y[i]", "2^3sum(x[i] for i in 1:n)"),
        *("a*b/2x", "(a+b)/(c)(d)", "1/-2x", "x^(2)(y)", "1/2^3x", "2^3^4x"),
    ],
)
def test_both_readings_of_an_ambiguous_product_are_readings(text: str) -> None:
    match = re.search(r"write (.*) or (.*)$", refusal(text))
    assert match
    first, second = (parse(reading, ARITIES) for reading in match.groups())
    assert first != second


@pytest.mark.parametrize(
    "text", ["x y", "2 2", "sin x", "x(y+1)", "pi(2)", "x 2", "sqrt 2", "x[i]y"]
)
def test_advice_can_be_typed(text: str) -> None:
    match = re.search(r"write (\S+)$", refusal(text))
    assert match
    parse(match.group(1), ARITIES)


@pytest.mark.parametrize(
    "text",
    [
        f"({'(x+1)*' * 900}x)^2x",
        f"1/({'x+' * 900}1)x",
        f"{'x' * 60} {'y' * 60}",
        f"x({'y+' * 900}1)",
        f"sin {'x' * 60}",
        f"1/{'9' * 900}x",
        f"max({'x,' * 900}) y",
        f"atan2({'x,' * 900}1)",
        f"x[{'y+' * 900}1] y",
        f"sum(x for i in {'y+' * 900}1)",
        f"f(x[{'y*' * 900}1]) = 1",
    ],
)
def test_sentences_stay_short(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    assert len(caught.value.message) < 400
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the expression is empty; write one, such as x^2 + y^2"),
        ("e(x)", "`e` is not a function; write e*(x) or exp(x)"),
        ("lg(x)", "`lg(x)`: lg is no function of the language; write log10(x) or log2(x)"),
        ("arctg(x)", "`arctg(x)`: arctg is no function of the language; write atan(x)"),
        ("foo(x)", "`foo` is not a function, nor a variable of the text: put its formula here"),
        ("xy + xy(2)", "`xy` is not a function; write xy*(2)"),
        ("sin^2(x)", "`sin` is a function and takes its argument in parentheses; "
         "write sin(x)^2 for a power of it"),
        ("ifelse(x < = 1, 2, 3)", "write `<=` without a space"),
        ("x = 1", "`x =` says nothing here; write the formula alone: 1"),
        ("x = 1, 2", "a comma separates the arguments of a function, and this is none"),
        ("2x = 1", "`=` names a part (`r = x^2; exp(-r)`) or declares variables (`f(x, y) = ...`); "
         "an equation is written as left - right"),
        ("x[]", "a subscript stands between the brackets: x[i], x[1]"),
        ("[1, 2]", "an expression begins with a number, a name or `(`"),
        ("2*[1, 2]", "a list of numbers stands only in a point; write a vector's name: x[i]"),
        ("2[1]", "a subscript follows the name of a vector: x[i], or W[i, j] of a table"),
        ("x[i][j]", "a subscript follows the name of a vector: x[i], or W[i, j] of a table"),
        ("x[1:n]", "a subscript is one number; sum over the entries: `sum(x[i] for i in 1:n)`"),
        ("x[1)", "`[` is closed by `]`, not by `)`"),
        ("(x]", "`(` is closed by `)`, not by `]`"),
        ("x]", "this `]` closes nothing; is a `[` missing?"),
        ("x[1", "this `[` is never closed; is a `]` missing?"),
        ("x[1]y", "an operator is missing between `x[1]` and `y`; write x[1]*y"),
        ("W[i,x[2]]sin(y)", "an operator is missing between `W[i,x[2]]` and `sin`; "
         "write W[i,x[2]]*sin(y)"),
        ("1/2x[i]", "`1/2x[i]` can be read in two ways; write (1/2)*x[i] or 1/(2*x[i])"),
        ("x:y", "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"),
        ("(x:y)", "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"),
        ("sum(x:y)", "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"),
        ("prod x", "`prod` is a function and takes its argument in parentheses; "
         "write prod(x[i] for i in 1:n)"),
        ("sum(x[i], i in 1:n)", "sum takes one formula, and then the range of each index: "
         "`sum(x[i]*y[j] for i in 1:n, j in 1:m)`"),
        ("max(x[i], y for i in 1:n)", "max takes either formulas or one formula and `for`; "
         "write max(y, max(x[i] for i in 1:n))"),
        ("sum(x[i] for i=1:n)", "write `i in 1:n` for a range"),
        ("sum(x[i] for i in 1..n)", "`..` is not of the language; a range is written 1:n"),
        ("sum(x[i] for i in n+1)", "a range has two ends: write 1:n+1"),
        ("sum(x[i] for i in 1:2:n)", "a range has two ends, and its steps are 1: `i in 1:n`"),
        ("sum(x[i] for i in range(n))", "`range` is not a function; "
         "a range is written with its two ends: `for i in 1:n`"),
        ("sum(x[i] for i in 1:n for j in 1:n)", "write one `for`: `for i in 1:n, j in 1:m`"),
        ("sum(for i in 1:n, x[i])", "`for` stands behind the formula: `sum(x[i]^2 for i in 1:n)`"),
        ("sum(x[i] for 1:n)", "`for` is followed by an index: `for i in 1:n, j in 1:m`"),
        ("sum(x[i] for sin in 1:n)", "`sin` cannot be an index: the name is taken"),
        ("sum(x[i] for i in 1:n if i > 2)", "there is no `if` in the language; "
         "write ifelse(a < b, u, v)"),
        ("x for i in 1:n", "`for` stands only in sum, prod, max, min, mean and logsumexp: "
         "`sum(x[i]^2 for i in 1:n)`"),
        ("sin(x[i] for i in 1:n)", "`for` stands only in sum, prod, max, min, mean and logsumexp: "
         "`sum(x[i]^2 for i in 1:n)`"),
        ("(A*x)[i]", "a subscript follows the name of a vector: x[i], or W[i, j] of a table; "
         "of a formula name the array: y = A*x; y[i]"),
        ("2*tanh(y)[i,1]+1", "a subscript follows the name of a vector: x[i], or W[i, j] of a "
         "table; of a formula name the array: z = tanh(y); z[i,1]"),
        ("A'[2]", "a subscript follows the name of a vector: x[i], or W[i, j] of a table; "
         "of a formula name the array: y = A'; y[2]"),
        ("A[:,k]", "a subscript is one number; a column is a part: c[i] = A[i,k];"),
        ("c[:, i] + 1", "a subscript is one number; a column is a part: u[j] = c[j,i];"),
        ("A[k, :]", "a subscript is one number; a row is A[k]"),
        ("A[2*i, :]", "a subscript is one number; W[i] is a row, and a column is a part: "
         "c[i] = W[i,k];"),
        ("x[:]", "a subscript is one number; W[i] is a row, and a column is a part: "
         "c[i] = W[i,k];"),
        ("norm(x, y)", "norm takes 1 argument, not 2"),
        ("f(x[1.5]) = 1", "a length is a whole number from 1, or one made of sizes: "
         "`x[10]`, `x[2*n+1]`"),
        ("f(x[0]) = 1", "a length is a whole number from 1, or one made of sizes: "
         "`x[10]`, `x[2*n+1]`"),
        ("f(x[n*m]) = 1", "a length is a whole number from 1, or one made of sizes: "
         "`x[10]`, `x[2*n+1]`"),
        ("f(x,) = 1", "a header lists names: `f(x, y) = ...`, `f(x[n], W[m, 3]) = ...`"),
        ("()", "nothing stands between the parentheses"),
    ],
)  # fmt: skip
def test_sentences(text: str, sentence: str) -> None:
    assert refusal(text) == sentence
