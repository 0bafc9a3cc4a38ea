"""Functions with loops: against formulas by hand, and against themselves unrolled."""

from __future__ import annotations

import math
from math import exp, log

import numpy as np
import pytest

from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.numbers.linear_algebra import identity
from tests.native_code import bits

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"


def rosenbrock_slopes(x: list[float]) -> list[float]:
    """The gradient of Rosenbrock's function, derived by hand."""
    slopes = [0.0] * len(x)
    for i in range(len(x) - 1):
        inner = x[i + 1] - x[i] ** 2
        slopes[i] += -400 * x[i] * inner - 2 * (1 - x[i])
        slopes[i + 1] += 200 * inner
    return slopes


def test_the_gradient_of_a_sum() -> None:
    function = Function(ROSENBROCK, sizes={"n": 5})
    x = [-1.2, 1.0, -0.7, 0.9, 1.1]
    value, gradient = function.evaluate_gradient(x)
    assert value == pytest.approx(function.evaluate(x), rel=1e-15)
    assert gradient == pytest.approx(rosenbrock_slopes(x), rel=1e-13)
    assert function.unrolled.gradient(x) == pytest.approx(gradient, rel=1e-13)


def test_second_derivatives_and_products_with_them() -> None:
    function = Function(ROSENBROCK, sizes={"n": 3})
    x, d = [-1.2, 1.0, 0.5], [1.0, -2.0, 3.0]
    hessian = [
        [1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0], 0.0],
        [-400 * x[0], 200 + 1200 * x[1] ** 2 - 400 * x[2] + 2, -400 * x[1]],
        [0.0, -400 * x[1], 200.0],
    ]
    np.testing.assert_allclose(function.evaluate_hessian(x), hessian, rtol=1e-13)
    found = function.evaluate_hessian_product(x, d)
    np.testing.assert_allclose(found, np.array(hessian) @ d, rtol=1e-13)


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(
    ("text", "sizes", "points"),
    [
        ("x^3*y + exp(x*y) + max(x, y)^2", {}, [[0.3, -0.7], [1.0, 1.0], [800.0, 900.0]]),
        ("x^2/y + sqrt(x)", {}, [[2.0, 0.5], [0.0, 0.0], [-1.0, math.inf], [math.nan, 1.0]]),
        (ROSENBROCK, {"n": 7}, [[0.3 * k - 1.0 for k in range(7)], [1e200] * 7]),
        ("prod(x[i] for i in 1:n) + max(x[i]^2 for i in 1:n)", {"n": 5}, [[1.0, 2, 0, 2, -1]]),
    ],
)
def test_a_hessian_has_the_bits_of_products_with_unit_directions(
    text: str, sizes: dict[str, int], points: list[list[float]], backend: str
) -> None:
    function = Function(text, sizes=sizes, backend=backend)
    for point in points:
        n = len(point)
        rows = [function.evaluate_hessian_product(point, unit) for unit in identity(n)]
        whole = function.evaluate_hessian_product(point, [1.0] * n)
        for found in (function.evaluate_hessian(point), function.evaluate_hessian(point)):
            assert list(map(bits, found)) == list(map(bits, rows))
        assert bits(function.evaluate_hessian_product(point, [1.0] * n)) == bits(whole)


@pytest.mark.parametrize(("n", "shared"), [(300_000, False), (3_000_000, True)])
def test_a_hessian_of_loops_of_chunks_is_that_of_its_products(n: int, shared: bool) -> None:
    text = "sum(exp(-(j*a)^2)*b^2 for j in 1:n)"
    native = Function(text, sizes={"n": n}, backend="native")
    rows = [native.evaluate_hessian_product([1e-5, 2.0], unit) for unit in identity(2)]
    program = native.engine.hessian_product.program
    assert program is not None
    assert program.has_rows != shared
    assert native.evaluate_hessian([1e-5, 2.0]) == rows


def test_lists_and_arrays_are_answered_alike() -> None:
    function = Function(ROSENBROCK, sizes={"n": 400})
    x = np.linspace(-1.0, 1.0, 400)
    value, gradient = function.value_and_gradient(x)
    assert value == pytest.approx(function(list(x)), rel=1e-13)
    np.testing.assert_allclose(gradient, rosenbrock_slopes(x.tolist()), rtol=1e-11, atol=1e-11)


def test_data_are_arrays_by_name() -> None:
    t, y = [0.0, 1.0, 2.0], [3.0, 2.0, 1.5]
    function = Function("sum((a*exp(-b*t[i]) - y[i])^2 for i in 1:n)", data={"t": t, "y": y})
    assert function.variables == ("a", "b")
    a, b = 2.5, 0.5
    residuals = [a * exp(-b * s) - z for s, z in zip(t, y, strict=True)]
    by_a = sum(2 * r * exp(-b * s) for r, s in zip(residuals, t, strict=True))
    by_b = sum(-2 * r * a * s * exp(-b * s) for r, s in zip(residuals, t, strict=True))
    assert function([a, b]) == pytest.approx(sum(r * r for r in residuals), rel=1e-15)
    assert function.gradient([a, b]) == pytest.approx([by_a, by_b], rel=1e-14)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_data_stay_as_they_were_given(backend: str) -> None:
    a = np.arange(1.0, 4.0)
    function = Function("sum(a[i] for i in 1:n)*x", data={"a": a}, backend=backend)
    assert function.evaluate([1.0]) == 6.0
    a[0] = np.nan
    assert function.evaluate([1.0]) == 6.0


def test_a_logarithm_of_a_sum_of_exponentials_does_not_overflow() -> None:
    function = Function("log(sum(exp(x[i]) for i in 1:n))", sizes={"n": 3})
    assert function([1000.0, 1000.0, 999.0]) == pytest.approx(1000 + log(2 + exp(-1)), rel=1e-15)
    weights = np.array([1.0, 1.0, exp(-1)])
    expected = weights / weights.sum()
    assert function.gradient([1000.0, 1000.0, 999.0]) == pytest.approx(expected, rel=1e-14)


def test_the_rounding_error_of_a_sum_is_about_that_of_its_terms_written_out() -> None:
    function = Function(ROSENBROCK, sizes={"n": 5})
    x = [-1.2, 1.0, -0.7, 0.9, 1.1]
    assert 0.2 < function.rounding_error(x) / function.unrolled.rounding_error(x) < 2.0


def test_data_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="no array of real numbers"):
        Function("sum(y[i] for i in 1:n)", data={"y": ["one"]})
    with pytest.raises(UsageError, match="not a finite"):
        Function("sum(y[i]*a for i in 1:n)", data={"y": [float("nan")]})
