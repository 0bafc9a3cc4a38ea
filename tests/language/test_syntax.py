"""Expressions as data: the normal form, equality, and that printing parses back."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, Span
from gdcli.language.affine import Affine
from gdcli.language.parser import parse
from gdcli.language.syntax import Decimal, Expression, Node
from tests.expressions import texts, vector_texts
from tests.sweeps import examples


def tree(expression: Expression) -> list[Node]:
    return [node._replace(span=Span(0, 0)) for node in expression.nodes]


@examples(250)
@given(texts | vector_texts)
def test_printing_parses_back(text: str) -> None:
    try:
        expression = parse(text, ARITIES)
    except ExpressionError:
        return  # two readings: `2^3x`
    again = parse(str(expression), ARITIES)
    assert again == expression
    assert hash(again) == hash(expression)
    assert str(again) == str(expression)
    assert tree(again) == tree(expression)
    assert "**" not in str(expression)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("x+y-z", "x + y - z"),
        ("x-(y-z)", "x - (y - z)"),
        ("x+(y+z)", "x + (y + z)"),
        ("(x*y)*z", "x*y*z"),
        ("x*(y*z)", "x*(y*z)"),
        ("x/(y/z)/2", "x/(y/z)/2"),
        ("((x))", "x"),
        ("(x^y)^z", "(x^y)^z"),
        ("x^(y^z)", "x^y^z"),
        ("(-x)^2", "(-x)^2"),
        ("-(x^2)", "-x^2"),
        ("x^(-y)", "x^-y"),
        ("x^(-y^2)", "x^-y^2"),
        ("x^(-y*2)", "x^(-y*2)"),
        ("-(x*y)", "-(x*y)"),
        ("-(x+y)", "-(x + y)"),
        ("--x", "--x"),
        ("x - -y", "x - -y"),
        ("x*-y", "x*-y"),
        ("2x", "2*x"),
        ("+x", "x"),
        ("x**2", "x^2"),
        ("max( x,y , 1.50 )", "max(x, y, 1.5)"),
        ("ifelse(x<=0,-x,x)", "ifelse(x <= 0, -x, x)"),
        ("f(x,y)=x;", "f(x, y) = x"),
        ("r=x^2 ;s = r; s+r", "r = x^2; s = r; s + r"),
        ("r=2;f(x)=r*x", "f(x) = r = 2; r*x"),
        ("π*x₁", "pi*x1"),
        ("ln(x)", "ln(x)"),
        ("x[ i + 1 ] + 1", "x[i+1] + 1"),
        ("x[-(i - j)]", "x[-(i-j)]"),
        ("W[i,j] - (x[2*(i+1)] - 1)", "W[i, j] - (x[2*(i+1)] - 1)"),
        ("sum( x[i] + 1 for i in 1 + 1 : n - 1 )", "sum(x[i] + 1 for i in 1+1:n-1)"),
        (
            "max(x[i] for i in max(1, n - 2):min(n,m + 1))",
            "max(x[i] for i in max(1, n-2):min(n, m+1))",
        ),
        ("f(x[ n + 1 ],b) = x[1]", "f(x[n+1], b) = x[1]"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert str(parse(text, ARITIES)) == normal
    assert parse(normal, ARITIES) == parse(text, ARITIES)


@pytest.mark.parametrize(
    "number",
    [
        *("0", "1", "10", "1200", "0.5", "0.001", "123.456", "1e3", "1e30", "1e-30", "12e-5"),
        *("2.50e1", "000.100", "1e10000", "123456789012345678901234567890", "9" * 900, "1e-10000"),
        *("0.00000000000000000001", "0.0e500", "100000000000000000000", "1000000000000000000000"),
    ],
)
def test_numbers_keep_their_exact_decimal(number: str) -> None:
    expression = parse(number, ARITIES)
    kept = expression.nodes[0].value
    assert isinstance(kept, Decimal)
    assert Fraction(str(expression)) == Fraction(number)
    assert kept.coefficient * Fraction(10) ** kept.exponent == Fraction(number)
    assert kept.coefficient % 10 or kept == Decimal(0, 0)


def test_equality_is_of_what_is_written_not_of_where() -> None:
    assert parse("x+ (y)", ARITIES) == parse("(x + y)", ARITIES)
    assert parse("0.10", ARITIES) == parse(".1", ARITIES) == parse("1e-1", ARITIES)
    different = ["x+y", "y+x", "f(x,y)=x+y", "f(y,x)=x+y", "r=x+y; r", "x-y", "x+y+0", "g(x,y)=x+y"]
    assert len({parse(text, ARITIES) for text in different}) == len(different)


def test_source_and_formula_of_a_node() -> None:
    expression = parse("2 * (x+y) ^ 2", ARITIES)
    written = [expression.source(position) for position in range(len(expression.nodes))]
    assert written == ["2", "x", "y", "(x+y)", "2", "(x+y) ^ 2", "2 * (x+y) ^ 2"]
    assert expression.formula(5) == "(x + y)^2"
    assert repr(expression) == "Expression('2*(x + y)^2')"


def test_the_nodes_of_a_loop() -> None:
    expression = parse("sum(x[i+1]^2 for i in 1:n-1, j in 2:i)", ARITIES)
    assert [node[:3] for node in tree(expression)] == [
        ("name", "i", ()),
        ("number", Decimal(1, 0), ()),
        ("apply", "+", (0, 1)),
        ("subscript", "x", (2,)),
        ("number", Decimal(2, 0), ()),
        ("apply", "^", (3, 4)),
        ("index", "i", ()),
        ("number", Decimal(1, 0), ()),
        ("name", "n", ()),
        ("number", Decimal(1, 0), ()),
        ("apply", "-", (8, 9)),
        ("index", "j", ()),
        ("number", Decimal(2, 0), ()),
        ("name", "i", ()),
        ("loop", "sum", (6, 7, 10, 11, 12, 13, 5)),
    ]
    assert expression.source(3) == "x[i+1]"
    assert expression.source(14) == expression.text
    assert expression.formula(14) == expression.text


def test_the_lengths_of_a_header() -> None:
    header = parse("f(x[2*n+1], b, W[m,3]) = b", ARITIES).header
    assert header is not None
    assert header.variables == ("x", "b", "W")
    n, m = Affine(1, (("n", 2),)), Affine(0, (("m", 1),))
    assert header.shapes == ((n,), None, (m, Affine(3)))
    assert [header.spans[0], header.spans[2]] == [Span(2, 3), Span(15, 16)]
    assert parse("f(x[n]) = 1", ARITIES) != parse("f(x) = 1", ARITIES)
