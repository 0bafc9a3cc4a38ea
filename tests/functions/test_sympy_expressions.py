"""SymPy in and out: a function and its expression have the same values and gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import sympy

import gdcli
from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.errors import ExpressionError, GdcliError, UndefinedError, UsageError
from gdcli.functions import sympy_expressions
from tests.sweeps import sampled

x, y, z = sympy.symbols("x y z")
TEXTS = [
    *("x^2 + x*y", "1/(x^2 + y^2)", "x^y", "2^x - e^y + pi", "x^-3*y^(1/2)", "0.1*x - 1e-7*y"),
    *("ifelse(x < y, x^2, y)", "ifelse(x == 0.5, 1, x*y)", "max(x, y, 0.7) - min(x*y, 2)"),
    *("abs(x - y)*sign(y)", "(x + y)^7", "sqrt(x)*cbrt(y)", "r = x^2 + y^2; exp(-r) + r"),
    *(
        "sum(i*z[i]^2 for i in 1:4)",
        "prod(z[i] for i in 1:3)*norm(z)",
        "W[1,2]*W[2,1] + z[3]",
    ),
    *("logaddexp(x, y)", "hypot(x, y) + atan2(y, x)", "x1 + x2*x10", "α*β^2", "(1 - cos(x))/x^2"),
]


def calls() -> list[str]:
    """A call of every function of the language, with variables for its arguments."""
    found = []
    for name, row in LANGUAGE_FUNCTIONS.items():
        names = ["2", "x"] if name == "polygamma" else ["x", "y", "w"][: len(row.arguments)]
        names += ["y", "w"] if row.variadic else []
        found.append(f"{name}({', '.join(names)})")
    return found


def assert_same_numbers(function: gdcli.Function, other: gdcli.Function) -> None:
    draws = random.Random(5)
    compared = 0
    for _ in range(60):
        point = {
            name: [draws.uniform(0.1, 2) for _ in range(int(np.prod(function.layout.shapes[name])))]
            if name in function.layout.shapes
            else draws.uniform(-2, 2.5)
            for name in function.variables
        }
        flat = [number for value in point.values() for number in np.ravel(value)]
        try:
            value, gradient = function.value_and_gradient(flat)
        except UndefinedError:
            continue
        placed = dict(zip(function.components, flat, strict=True))
        at = [placed[name] for name in other.components]
        found, slopes = other.value_and_gradient(at)
        assert found == pytest.approx(value, rel=1e-11, abs=1e-13)
        by_name = dict(zip(other.components, slopes, strict=True))
        for name, slope in zip(function.components, gradient, strict=True):
            assert by_name.get(name, 0.0) == pytest.approx(slope, rel=1e-9, abs=1e-11)
        compared += 1
    assert compared >= 5


@pytest.mark.parametrize("text", sampled(dict.fromkeys([*TEXTS, *calls()]), 24))
def test_a_function_comes_back_from_sympy(text: str) -> None:
    function = gdcli.function(text)
    assert_same_numbers(function, gdcli.function(function.to_sympy()))


def test_every_function_of_the_language_is_tried() -> None:
    assert {text.partition("(")[0] for text in calls()} == {*LANGUAGE_FUNCTIONS}


def test_an_expression_is_what_a_person_would_write() -> None:
    assert gdcli.function("x^2 + x*y").to_sympy() == x**2 + x * y
    assert gdcli.function("0.1*x").to_sympy() == x / 10
    assert gdcli.function("a*x", parameters={"a": "1/3"}).to_sympy() == x / 3
    entry = sympy.IndexedBase("x")
    assert gdcli.function("sum(x[i]^2 for i in 1:2)").to_sympy() == entry[1] ** 2 + entry[2] ** 2
    data = gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": [1, 2.5]})
    assert data.to_sympy() == sympy.Rational(7, 2) * x


# Expressions as people make them, each with a point and its value there by SymPy itself.
EXPRESSIONS: list[Any] = [
    sympy.sec(x) + sympy.csc(y) * sympy.cot(x),
    sympy.sech(x) - sympy.csch(y) + sympy.coth(x) * sympy.acot(y),
    sympy.asec(3 + x)
    + sympy.acsc(2 + y)
    + sympy.asech(x / 3)
    + sympy.acsch(y)
    + sympy.acoth(2 + x),
    sympy.sinc(x) + sympy.factorial(x),
    sympy.Piecewise((x, x > 5), (y, (x < 1) & (y > 0)), (x * y, True)),
    sympy.Piecewise((1, (x > 2) | (y < 0)), (x, sympy.Ne(x, y)), (0, True)),
    sympy.Heaviside(x - y, 0) + sympy.Heaviside(x) * y,
    sympy.Max(x, y, sympy.Rational(1, 7)) * sympy.Min(x, 2 * y),
    sympy.Abs(x - y) ** sympy.Rational(3, 2) + sympy.sign(x),
    sympy.Float("0.1") * x + sympy.Float("1.5e-7", 30) * y,
    sympy.GoldenRatio * x + sympy.EulerGamma * y + sympy.E**sympy.pi,
    sympy.erf(x) + sympy.erfc(y) + sympy.loggamma(x) + sympy.polygamma(1, y),
    sympy.sqrt(x) / sympy.cbrt(y) + 1 / sympy.sqrt(x + y),
    sympy.UnevaluatedExpr(x + y) * sympy.Mul(2, 3, evaluate=False),
    sympy.Sum(z**x, (z, 1, 4)) + sympy.Product(x + z, (z, 2, 3)),
    sympy.Symbol("x", positive=True) + sympy.Symbol("y", integer=True),
    sympy.atan2(y, x) + sympy.log(x, 2) - (-x) ** 3,
]


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)))
def test_an_expression_of_sympys_has_its_values(number: int) -> None:
    expression = EXPRESSIONS[number]
    for at in ((0.7, 1.3), (1.9, 0.6)):
        if number == 2:
            at = (at[0] / 2, at[1])
        named = {one: at["xy".index(one.name)] for one in expression.free_symbols}
        try:
            wanted = float(expression.doit().evalf(30, subs=named))
        except TypeError:
            continue
        function = gdcli.function(expression)
        assert function({one.name: value for one, value in named.items()}) == pytest.approx(
            wanted, rel=1e-12
        )


def test_the_order_of_variables_is_natural_and_parameters_are_none() -> None:
    names = sympy.symbols("x10 x2 a")
    function = gdcli.function(sum(names), parameters={"a": 2})
    assert function.variables == ("x2", "x10")
    assert function(1, 3) == 6


NO_FUNCTIONS: list[Any] = [
    *(sympy.Integral(x, x), sympy.Derivative(sympy.Function("u")(x), x), sympy.floor(x)),
    *(sympy.I * x, sympy.oo * x, sympy.zoo, sympy.nan, sympy.Function("u")(x), sympy.besselj(0, x)),
    *(sympy.Matrix([x]), sympy.MatrixSymbol("A", 2, 2), sympy.Eq(x, y), x > y, sympy.true),
    *(
        sympy.Piecewise((x, x > 0)),
        sympy.DiracDelta(x),
        sympy.Mod(x, 2),
        sympy.re(x),
        sympy.Catalan,
    ),
    *(sympy.Symbol("sin") ** 2, sympy.Symbol("for"), sympy.Symbol("x_{1}"), sympy.Symbol("a b")),
    *(
        sympy.Symbol("gamma") * sympy.gamma(x),
        sympy.S.EmptySet,
        sympy.Interval(0, 1),
        sympy.Order(x),
    ),
    sympy.MatrixSymbol("W", 2, 2)[1, 1],
    *(sympy.Lambda(x, x), sympy.Tuple(x, y), sympy.Pow(3, 10**5) * x, sympy.Limit(x, x, 0)),
]


@pytest.mark.parametrize("number", range(len(NO_FUNCTIONS)))
def test_what_the_language_cannot_write_is_refused(number: int) -> None:
    with pytest.raises(ExpressionError):
        gdcli.function(NO_FUNCTIONS[number])


i, whole = sympy.Symbol("i"), sympy.Symbol("i", integer=True)
positive = sympy.Symbol("x", positive=True)
A = sympy.IndexedBase("A")


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (x - positive, "x"),
        (x**positive, "x"),
        (x * sympy.Dummy("x"), "x"),
        (sympy.Dummy("t") - sympy.Dummy("t"), "t"),
        (A[1] - sympy.IndexedBase("A", positive=True)[1], "A"),
        (sympy.Sum(i * whole, (i, 1, 3)), "i"),
        (sympy.Sum(sympy.Sum(i * whole, (i, 1, 2)), (whole, 1, 3)), "i"),
        (sympy.Product(A[sympy.Idx("i")] * i, (sympy.Idx("i"), 1, 3)), "i"),
        (sympy.Sum(x * A[i], (i, 1, 3)) + positive, "x"),
    ],
)
def test_two_symbols_of_one_name_are_refused(expression: Any, name: str) -> None:
    with pytest.raises(ExpressionError, match=f"several symbols of SymPy's are called `{name}`"):
        gdcli.function(expression)
    with pytest.raises(ExpressionError, match="several symbols"):
        gdcli.function(expression, parameters={name: 1})


def test_two_loops_may_have_indices_of_one_name() -> None:
    both = sympy.Sum(x * whole, (whole, 1, 3)) + sympy.Sum(i**2, (i, 1, 2))
    assert gdcli.function(both)(2) == 17


def test_names_of_constants_stay_names() -> None:
    function = gdcli.function(sympy.Symbol("pi") * sympy.pi + sympy.Symbol("e") * sympy.E)
    assert function(e=1, pi=2) == pytest.approx(np.e + 2 * np.pi, rel=1e-15)


ENDLESS = ["2^(10^9)*x", "gamma(10^7)*x", "(2*x)^(10^9)", "9^9^9^9 + x"]


def test_a_process_with_limits_computes_numbers_that_may_be_huge() -> None:
    for text in ENDLESS:
        assert sympy_expressions._computes_numbers(gdcli.function(text).tape)
    for text in ("x^2*y^2.5 + 2*sin(3)", "sqrt(2)*exp(x)", "abs(x)", "ifelse(x < 1, 2, 3)"):
        assert not sympy_expressions._computes_numbers(gdcli.function(text).tape)


@pytest.mark.full
@pytest.mark.parametrize("text", ENDLESS)
def test_numbers_without_end_are_refused_in_time(text: str) -> None:
    with pytest.raises((UsageError, UndefinedError)):
        gdcli.function(text).to_sympy()


def test_long_sums_are_refused() -> None:
    with pytest.raises(UsageError, match="SymPy would take too long for"):
        gdcli.function("sum(x[i]^2 for i in 1:4000)").to_sympy()
    with pytest.raises(UsageError):
        gdcli.function("sum(x[i]^2 for i in 1:n)", sizes={"n": 10**7}).to_sympy()


def test_deep_expressions_are_refused_in_words() -> None:
    deep = x
    for _ in range(3000):
        deep = sympy.sin(deep, evaluate=False)
    with pytest.raises(GdcliError):
        gdcli.function(deep)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("x^2 + x*y", r"x^{2} + x y"),
        ("x/x", r"\frac{x}{x}"),
        ("1 - cos(x) - 0.05*x1", r"1 - \cos{\left(x \right)} - 0.05 x_{1}"),
        ("sum(x[i]^2 for i in 1:2)", "{x}_{1}^{2} + {x}_{2}^{2}"),
        ("abs(x)", r"\left|{x}\right|"),
    ],
)
def test_latex_is_the_formula_as_it_is_written(text: str, formula: str) -> None:
    function = gdcli.function(text)
    written = function._repr_latex_()
    assert written is not None
    assert written.endswith(f" = {formula}$")
    assert function._repr_html_() == written


def test_a_long_formula_is_shown_as_its_text() -> None:
    function = gdcli.function("sum(x[i]^2 for i in 1:500) < 1".removesuffix(" < 1"))
    assert function._repr_latex_() is None
    assert function._repr_html_() == "<code>sum(x[i]^2 for i in 1:500)</code>"
    assert "&lt;" in gdcli.function("+".join(["ifelse(x < 1, x, 2)"] * 40))._repr_html_()
