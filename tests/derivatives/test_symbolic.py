from __future__ import annotations

import math

import pytest
import sympy

from gdcli.autodiff.primitives import Primitive
from gdcli.derivatives import symbolic
from gdcli.derivatives.symbolic import Symbolic, size
from gdcli.derivatives.symbolic_gradient import evaluating
from gdcli.errors import UndefinedError
from gdcli.library.lookup import function
from tests.mathematics import DIFFERENTIATED, FUNCTIONS, mp, names, points, slope, typed, varied


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_sympys_derivative_of_every_function(row: Primitive) -> None:
    """The formulas themselves, at 40 digits: in floats SymPy's 1 - tanh(a)^2 loses them all."""
    found = Symbolic(function(typed(row)).tape)
    assert [str(symbol) for symbol in found.symbols] == list(names(row))
    for point in points(row, 5):
        exactly = {
            symbol: sympy.Rational(number)
            for symbol, number in zip(found.symbols, point, strict=True)
        }
        for i in varied(row):
            partial = found.gradient[i].xreplace(exactly).replace(sympy.DiracDelta, lambda _: 0)
            true = slope(FUNCTIONS[row.name], point, i)
            assert abs(mp.mpf(str(sympy.N(partial, 40))) - true) <= 1e-20 * abs(true), point


def test_the_formulas_are_those_of_a_textbook() -> None:
    found = Symbolic(function("f(x, y) = x^2*sin(y) + y/3").tape)
    x, y = found.symbols
    assert found.gradient == [2 * x * sympy.sin(y), x**2 * sympy.cos(y) + sympy.Rational(1, 3)]
    assert found.size == size(found.gradient) == 8  # 2*x*sin(y): 3; x^2*cos(y) + 1/3: 5
    assert evaluating(found.source)([2.0, 0.5]) == [4 * math.sin(0.5), 4 * math.cos(0.5) + 1 / 3]


def test_simplification_shortens_and_is_given_up_on_what_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    square = "f(x) = (x^2 + 2*x + 1)/(x + 1)"
    found = Symbolic(function(square).tape)
    assert found.simplified == [1]
    assert found.size > 0 == found.simplified_size
    monkeypatch.setattr(symbolic, "MOST_SIMPLIFIED_OPERATIONS", 3)
    large = Symbolic(function(square).tape)
    assert (large.simplified, large.simplified_size) == (None, None)


def test_a_branch_is_a_piecewise_and_is_evaluated_on_its_side() -> None:
    found = Symbolic(function("ifelse(x > 1, log(x - 1), x^2) + ifelse(x == 2, x, 3)").tape)
    assert found.gradient[0].has(sympy.Piecewise)
    assert evaluating(found.source)([-3.0]) == [-6.0]
    assert evaluating(found.source)([5.0]) == [0.25]
    assert evaluating(found.source)([2.0]) == [2.0]


def test_names_that_python_cannot_spell_are_no_obstacle() -> None:
    found = Symbolic(function("f(lambda, π) = lambda^2*π").tape)
    assert evaluating(found.source)([3.0, 2.0]) == [12.0, 9.0]


def test_what_has_no_value_is_nan() -> None:
    for text, at in (("log(x)*0 + 1/x", 0.0), ("sqrt(x)", -1.0), ("exp(exp(x))", 50.0)):
        assert all(map(math.isnan, evaluating(Symbolic(function(text).tape).source)([at])))


def test_what_sympy_cannot_do_is_refused() -> None:
    deep = "sin(" * 600 + "x" + ")" * 600
    with pytest.raises(UndefinedError, match="SymPy cannot differentiate this formula"):
        Symbolic(function(f"({deep})^2").tape)
