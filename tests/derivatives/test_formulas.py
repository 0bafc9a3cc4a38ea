from __future__ import annotations

import random

import pytest
import sympy

from gdcli.derivatives.formulas import formulas
from gdcli.derivatives.symbolic import Symbolic
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function

TEXTS = (
    "x^2*y + 1/(x^2+y^2+1)",
    "sqrt(x*y) + cbrt(x)",
    "abs(x - y) + max(x, y, 1) - min(x, 3)",
    "ifelse(x > y, x^2, sin(x)*y)",
    "atan2(y, x) + hypot(x, 2*y)",
    "relu(x - 1)*sign(y) + softplus(x)",
    "-x^-2/y^1.5 - 2^x/3",
    "x/(y*x + 1)/2 + pi*e^y",
    "tanh(x)*erf(y) + sigmoid(x*y)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_reads_back_to_the_derivative(text: str) -> None:
    function = Function(text)
    header = f"f({', '.join(function.variables)}) = "
    written = [Function(header + one) for one in formulas(Symbolic(function.tape))]
    draw = random.Random(3)
    for _ in range(10):
        point = [draw.uniform(0.2, 2.5) for _ in function.variables]
        expected = function.evaluate_gradient(point)[1]
        found = [one.evaluate(point) for one in written]
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_the_styles() -> None:
    symbolic = Symbolic(Function("x^2/(y+1)").tape)
    assert formulas(symbolic) == ["2*x/(y + 1)", "-x^2/(y + 1)^2"]
    assert formulas(symbolic, "latex")[0] == r"\frac{2 x}{y + 1}"
    assert "─" in formulas(symbolic, "unicode")[0]
    assert formulas(symbolic, "ascii")[0].isascii()


def test_what_the_language_cannot_write_is_refused() -> None:
    symbolic = Symbolic(Function("x^2").tape)
    x = symbolic.symbols[0]
    symbolic.gradient = [sympy.Piecewise((x, x > 0))]
    symbolic.simplified = symbolic.gradient
    with pytest.raises(UndefinedError, match="elsewhere"):
        formulas(symbolic)
