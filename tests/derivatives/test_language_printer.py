from __future__ import annotations

import pytest
import sympy

from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from gdcli.functions.sympy_expressions import Printer

X, Y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (X**Y, "x^y"),
        ((X + 1) ** -2, "(x + 1)^(-2)"),
        (sympy.sqrt(X) / 2, "sqrt(x)/2"),
        (1 / sympy.sqrt(X + Y), "1/sqrt(x + y)"),
        (sympy.E * X + sympy.pi, "e*x + pi"),
        (sympy.Abs(X) + sympy.Max(X, Y), "abs(x) + max(x, y)"),
        (sympy.Heaviside(X), "ifelse(x > 0, 1, ifelse(x < 0, 0, 1/2))"),
        (sympy.zoo, "1/0"),
    ],
)
def test_it_is_written_in_our_language(formula: sympy.Expr, text: str) -> None:
    assert Printer().doprint(formula).replace("y + x", "x + y") == text


def test_conditions_that_are_joined_are_nested() -> None:
    both = sympy.And(X > 1, Y < 2, evaluate=False)
    either = sympy.Or(X > 5, Y > 5, evaluate=False)
    formula = sympy.Piecewise((X, both), (Y, either), (X * Y, True), evaluate=False)
    function = Function(f"f(x, y) = {Printer().doprint(formula)}")
    for x in (0.0, 1.5, 6.0):
        for y in (0.0, 3.0, 7.0):
            assert function.evaluate([x, y]) == float(formula.subs({X: x, Y: y}))


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(UndefinedError, match="no way to write"):
        Printer().doprint(sympy.Piecewise((X, sympy.Not(X > Y, evaluate=False)), (Y, True)))
    with pytest.raises(UndefinedError, match="elsewhere"):
        Printer().doprint(sympy.Piecewise((X, X > 0)))
