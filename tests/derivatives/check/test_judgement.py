"""Derivations judged: SymPy derives and rewrites them, so that right ones are right for sure."""

from __future__ import annotations

import random

import pytest
import sympy
from sympy.printing.str import StrPrinter

from gdcli.derivatives.check.claims import read_gradient, read_hessian
from gdcli.derivatives.check.judgement import Judgement, judge
from gdcli.functions.function import Function
from tests.sweeps import sampled

X, Y = sympy.symbols("x y")
FUNCTIONS = (
    "x**2*y + 1/(x**2 + y**2 + 1)",
    "exp(-x**2)*sin(3*y)",
    "log(1 + x**2*y**2)/x",
    "sqrt(x**2 + y**2 + 1)*atan(x*y)",
    "(1 - cos(x))/x**2 + y*x",
    "tanh(x - y)*cosh(x)",
    "x**y + y**3*x",
    "log(cosh(x)) + log(exp(x) + exp(y))",
    "((x + 10**9) - 10**9)**2 + sin(x)**2 + cos(x)**2 + y",
    "(x - y)**7/(x**4 + y**4 + 3)",
)


def judged(text: str, formulas: str) -> Judgement:
    function = Function(text)
    return judge(function, read_gradient(formulas, function))


def ours(formula: sympy.Expr) -> str:
    return str(StrPrinter().doprint(formula)).replace("**", "^")


@pytest.mark.parametrize("text", sampled(FUNCTIONS, 1))
def test_right_derivations_in_any_form_are_right_and_wrong_ones_wrong(text: str) -> None:
    formula = sympy.sympify(text)
    written = text.replace("**", "^")
    partials = [sympy.diff(formula, name) for name in (X, Y)]
    forms = [sympy.together, sympy.factor, sympy.expand]
    for form in forms:
        right = [form(partial) for partial in partials]
        assert judged(written, ", ".join(map(ours, right))).status == "right"
    wrong = [
        -partials[0],
        partials[0] * 2,
        partials[0] * (1 + sympy.Rational(1, 10**6)),
        partials[0] + sympy.Rational(1, 10**9),
        partials[1],
    ]
    for one in wrong:
        judgement = judged(written, f"{ours(one)}, {ours(partials[1])}")
        assert judgement.status == "wrong"
        assert [finding.right for finding in judgement.findings] == [False, True]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("2^x", "0.6931471805599453*2^x"),
        ("x^2 + 1", "(1e30 + 2*x) - 1e30"),
        ("x", "sin(x)^2 + cos(x)^2"),
        ("5*y - 5*y + x", "x=1, y=0"),
        ("x*y - y*x", "sin(x)^2 + cos(x)^2 - 1, 0"),
        ("log(x - 100)", "1/(x - 100)"),
        ("asin(x)", "1/sqrt(1 - x^2)"),
        ("abs(x)", "x/abs(x)"),
        ("abs(3*x - 0.3)", "ifelse(x > 0.1, 3, -3)"),
        ("max(x, y)", "ifelse(x > y, 1, 0), ifelse(x > y, 0, 1)"),
        ("ifelse(x > 500, x^2, x)", "ifelse(x > 500, 2x, 1)"),
        ("exp(800*x)", "800*exp(800*x)"),
        ("rosenbrock", "-400*x*(y-x^2) - 2*(1-x), 200*(y-x^2)"),
    ],
)
def test_right(text: str, formulas: str) -> None:
    from gdcli.library import lookup

    function = lookup.function(text)
    judgement = judge(function, read_gradient(formulas, function))
    assert judgement.status == "right", judgement.sentences
    assert judgement.points >= 50


@pytest.mark.parametrize(
    ("text", "formulas", "perhaps"),
    [
        ("x^2*y", "2*x*y, x", "a factor is missing: x"),
        ("sin(x^2)", "cos(x^2)", "a factor is missing: the derivative of x^2"),
        ("cos(x)", "sin(x)", "the sign is the other way round"),
        ("x^2", "x", "yours is the derivative times 1/2"),
        ("log10(x)", "1/x", "yours is the derivative times 2.302585"),
        ("x*sin(x)", "x*cos(x)", "a term is missing: sin(x)"),
        ("x*y^2", "2x*y, y^2", "yours is the derivative by y: the order of the variables is x, y"),
        ("x^2 + sin(x)", "2x - cos(x)", "a term has the wrong sign: the derivative of sin(x)"),
        ("x^3 + x^2", "3x^2", "a term is missing: the derivative of x^2"),
        ("exp(x)", "0", "yours is 0 everywhere, and the derivative is not"),
        ("ifelse(x > 500, x^2, x)", "1", None),
        ("max(x, 123)", "ifelse(x > 0, 1, 0)", None),
        ("x^2 + 1e-10*x", "2x", None),
        ("x^2 + exp(-(100*(x - 0.37))^2)", "2x", None),
    ],
)
def test_wrong_and_perhaps_why(text: str, formulas: str, perhaps: str | None) -> None:
    judgement = judged(text, formulas)
    assert judgement.status == "wrong"
    hints = [finding.hint for finding in judgement.findings if finding.right is False]
    assert hints[0] == perhaps or perhaps is None


def test_the_counterexample_is_one() -> None:
    function = Function("x^2*y")
    wrong = judge(function, read_gradient("2*x*y, x", function)).findings[1].counterexample
    assert wrong is not None
    x = wrong.at[0]
    assert [wrong.yours, wrong.derivative] == pytest.approx([x, x * x])
    assert wrong.texts == (f"{x:g}", f"{x * x:.7g}")


def test_a_difference_in_late_digits_is_shown() -> None:
    wrong = judged("x^2", "2.000000000003*x").findings[0].counterexample
    assert wrong is not None
    assert wrong.texts[0] != wrong.texts[1]


def test_where_one_side_is_undefined_is_skipped_and_counted() -> None:
    finding = judged("log(x)", "1/x").findings[0]
    assert finding.skipped > 10
    assert finding.missing == 0
    judgement = judged("cbrt(x)", "1/3*x^(-2/3)")
    assert judgement.findings[0].missing > 10
    assert "has no value at" in judgement.sentences[1]


@pytest.mark.parametrize(
    "formulas", sampled(["1/0, 2y", "log(-1 - x^2), 2y", "x=2x, y=sqrt(-1)"], 1)
)
def test_nothing_to_compare_is_neither_right_nor_wrong(formulas: str) -> None:
    judgement = judged("x^2 + y^2", formulas)
    assert judgement.status == "undefined"
    assert {finding.right for finding in judgement.findings} == {None, True}


def test_why_the_function_is_undefined_everywhere() -> None:
    judgement = judged("log(-1 - x^2)", "1")
    assert judgement.status == "undefined"
    assert "log(-1 - x^2) at x=" in str(judgement.undefined)


def test_second_derivatives() -> None:
    function = Function("x^2*y + sin(x*y)")
    entries = sympy.hessian(X**2 * Y + sympy.sin(X * Y), (X, Y))
    rows = [[ours(entries[i, j]) for j in range(2)] for i in range(2)]
    text = "; ".join(", ".join(row) for row in rows)
    assert judge(function, read_hessian(text, function)).status == "right"
    rows[0][1] += " + y^2"
    text = "; ".join(", ".join(row) for row in rows)
    judgement = judge(function, read_hessian(text, function))
    assert [finding.right for finding in judgement.findings] == [True, False, True, True]
    assert judgement.sentences[0].startswith("wrong in ∂²f/∂x∂y at ")


@pytest.mark.parametrize("seed", sampled(range(10), 2))
def test_generated_polynomials(seed: int) -> None:
    draw = random.Random(seed)
    terms = [
        sympy.Integer(draw.randint(-9, 9)) * X ** draw.randint(0, 4) * Y ** draw.randint(0, 4)
        for _ in range(4)
    ]
    formula = sum(terms) + X**5 * Y
    slopes = [sympy.diff(formula, X), sympy.factor(sympy.diff(formula, Y))]
    text = ours(formula)
    assert judged(text, ", ".join(map(ours, slopes))).status == "right", text
    lacking = slopes[0] - sympy.Add.make_args(slopes[0])[0]
    assert judged(text, f"{ours(lacking)}, {ours(slopes[1])}").status == "wrong", text
