from __future__ import annotations

from typing import Any

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


MATRIX = [[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("norm(A*x - b)^2", "2*A'*(A*x - b)"),
        ("norm(A*x - b)^2", "x = 2*A'*(A*x - b)"),
        ("norm(A*x - b)^2", "2*(A*x - b)'*A"),
        ("r = A*x - b; norm(r)^2", "2*A'*r"),
        ("f(W[3, 2], c) = norm(W*A .- c)^2", "2*(W*A .- c)*A', -2*sum(W*A .- c)"),
        ("f(c, x[3]) = c*sum(A*x)", "x = c*(A[1] + A[2]), c = sum(A*x)"),
    ],
)
def test_a_variable_that_is_an_array_takes_one_formula(text: str, formula: str) -> None:
    data: dict[str, Any] = {"A": MATRIX, "b": [2.0, -1.0]} if "b" in text else {"A": MATRIX}
    function = Function(text, data=data)
    claims = read_gradient(formula, function)
    assert [claim.name for claim in claims] == [*function.components]
    point = [0.3 + 0.7 * place for place in range(function.layout.size)]
    found = [claim.function.evaluate(point) for claim in claims]
    assert found == pytest.approx(function.evaluate_gradient(point)[1], rel=1e-13)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("2*(A*x - b)", "by x: the formula has 2 entries, not 3"),
        ("A", "by x: the formula is no array of 3 numbers"),
        ("3", "by x: the formula is no array of 3 numbers"),
        ("2*A*(A*x - b)", r"by x: 2\*A is 2 by 3, and A\*x - b is a vector of 2"),
        ("2*A'*(A*y - b)", "by x: `y` is no name of the function"),
        ("1, 2", "the gradient takes 3 formulas"),
        ("x = ", "by x: a formula is missing"),
    ],
)
def test_an_arrays_formula_of_another_shape_is_refused(formula: str, message: str) -> None:
    function = Function("norm(A*x - b)^2", data={"A": MATRIX, "b": [2.0, -1.0]})
    with pytest.raises(GdcliError, match=message):
        read_gradient(formula, function)
