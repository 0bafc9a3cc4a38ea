from __future__ import annotations

import pytest

from gdcli.derivatives.check.claims import read_gradient, read_hessian
from gdcli.errors import GdcliError
from gdcli.functions.function import Function

F = Function("x^2*y")


@pytest.mark.parametrize(
    "text", ["2x*y, x^2", "x=2x*y, y=x^2", "y = x^2, x = 2*x*y", " 2*y*x , ifelse(x == 0, 0, x*x)"]
)
def test_the_order_is_that_of_the_variables(text: str) -> None:
    claims = read_gradient(text, F)
    assert [claim.name for claim in claims] == ["x", "y"]
    assert [claim.function.evaluate([3, 5]) for claim in claims] == [30, 9]


def test_a_hessian_row_by_row() -> None:
    claims = read_hessian("2y, 2x; 2x, 0;", F)
    assert [claim.places for claim in claims] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [claim.function.evaluate([3, 5]) for claim in claims] == [10, 6, 6, 0]


def test_formulas_use_what_the_function_uses() -> None:
    function = Function("f(y, x) = r = x^2 + b*y^2; s = r + 1; exp(-a*s)", {"a": "1/3", "b": 2})
    claims = read_gradient("-4*a*y*exp(-a*s), -2*a*x*exp(-a*(r + 1))", function)
    found = [claim.function.evaluate([0.5, 0.25]) for claim in claims]
    assert found == pytest.approx(function.evaluate_gradient([0.5, 0.25])[1], rel=1e-15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2x", "the gradient takes 2 formulas, in the order x, y, not 1"),
        ("", "not none"),
        ("1, 2, 3", "not 3"),
        ("2x*y,", "by y: a formula is missing"),
        ("x=1, 2", "`2` has no name; write y=2"),
        ("x=1, z=2", "`z` is no variable; the variables are x, y"),
        ("x=1, x=2", "`x` is given twice"),
        ("x=1", "no formula for y"),
        ("2xy, x^2", "did you mean x*y?"),
        ("2*x*z, x^2", "`z` is no name of the function"),
        ("2*x*/y, x^2", "the gradient, by x: "),
        ("f(x) = 2, x^2", "without a name of its own"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        read_gradient(text, F)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2y, 2x", "the Hessian has 1 row; it takes 2 x 2 formulas"),
        ("2y, 2x; 2x", "row 2 has 1 formula;"),
        ("2y, 2x; 2x, ", "by y and y: a formula is missing"),
    ],
)
def test_what_is_no_hessian_is_refused(text: str, message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        read_hessian(text, F)
    assert message in str(caught.value)


def test_a_constant_has_no_derivative_to_check() -> None:
    with pytest.raises(GdcliError, match="no variables"):
        read_gradient("", Function("3"))
