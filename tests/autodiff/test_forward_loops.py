"""Second derivatives through loops against formulas worked out by hand."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from numpy.typing import NDArray

from gdcli.autodiff.forward import tangent
from gdcli.execute.source import FLOAT_TARGET, compile_tape
from gdcli.scalar_function import Function

Vector = NDArray[np.float64]
RANDOM = np.random.default_rng(4)


def hessian(text: str, point: Vector | list[float], **given: object) -> Vector:
    function = Function(text, backend="python", **given)  # type: ignore[arg-type]
    return np.array(function.evaluate_hessian([float(component) for component in point]))


def test_least_squares() -> None:
    matrix, b = RANDOM.normal(size=(7, 3)), RANDOM.normal(size=7)
    text = "sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)"
    found = hessian(text, [1.0, 2.0, 3.0], data={"A": matrix, "b": b})
    assert found == pytest.approx(2 * matrix.T @ matrix, rel=1e-12)


def test_chained_rosenbrock() -> None:
    x = RANDOM.uniform(-2, 2, 7)
    wanted = np.zeros((7, 7))
    for i in range(6):
        wanted[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        wanted[i + 1, i + 1] += 200
        wanted[i, i + 1] = wanted[i + 1, i] = -400 * x[i]
    text = "sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1:n-1)"
    assert hessian(text, x, sizes={"n": 7}) == pytest.approx(wanted, rel=1e-12, abs=1e-9)


def test_log_sum_exp() -> None:
    x = RANDOM.normal(size=5)
    softmax = np.exp(x) / np.exp(x).sum()
    wanted = np.diag(softmax) - np.outer(softmax, softmax)
    for text in ("log(sum(exp(x[i]) for i in 1:n))", "f(x[n]) = log(sum(exp(x[i]) for i in 1:n))"):
        assert hessian(text, x, sizes={"n": 5}) == pytest.approx(wanted, abs=1e-15)


@pytest.mark.parametrize("x", [[2.0, -3.0, 0.5, 4.0], [2.0, 0.0, 0.5, 4.0], [0.0, 3.0, 0.0, 4.0]])
def test_products(x: list[float]) -> None:
    def others(*without: int) -> float:
        return prod(one for place, one in enumerate(x) if place not in without)

    wanted = [[0.0 if i == j else others(i, j) for j in range(4)] for i in range(4)]
    assert hessian("prod(x[i] for i in 1:n)", x, sizes={"n": 4}) == pytest.approx(np.array(wanted))


def test_a_sum_of_products_of_sums() -> None:
    """(x1 + x2)(x1 + x2 + x3): the first factor is x1 alone where i is 1."""
    x = [2.0, 3.0, 5.0]
    text = "prod(sum(x[j] for j in 1:i) for i in 2:n)"
    wanted = [[2, 2, 1], [2, 2, 1], [1, 1, 0]]
    assert hessian(text, x, sizes={"n": 3}) == pytest.approx(np.array(wanted))


def test_the_largest_term() -> None:
    wanted = np.zeros((3, 3))
    wanted[1, 1] = 6 * 4.0
    text = "max(x[i]^3 for i in 1:n)"
    assert hessian(text, [1.0, 4.0, 2.0], sizes={"n": 3}) == pytest.approx(wanted)


def test_the_tangent_of_a_maximum_is_the_mean_of_those_that_tie() -> None:
    function = Function("max(x[i] for i in 1:n)", sizes={"n": 4})
    assert function.bindings is not None
    along = compile_tape(tangent(function.tape), FLOAT_TARGET, function.bindings.doubled(4))
    assert along([1.0, 3.0, 2.0, 3.0, 10.0, 5.0, 20.0, 7.0])[0] == 6.0


def test_the_tangent_of_a_value_is_the_slope() -> None:
    """Forward over a value, which reverse mode has not touched, against reverse mode."""
    text = (
        "f(x, y, a) = sum(prod(x[i] + a*j for j in 1:i)*y[i] for i in 1:n)*max(y[i] for i in 1:n)"
    )
    function = Function(text, sizes={"n": 3})
    assert function.bindings is not None
    point, direction = RANDOM.normal(size=7).tolist(), RANDOM.normal(size=7).tolist()
    along = compile_tape(tangent(function.tape), FLOAT_TARGET, function.bindings.doubled(7))
    gradient = function.evaluate_gradient(point)[1]
    assert along([*point, *direction])[0] == pytest.approx(np.dot(gradient, direction), rel=1e-12)


def test_a_sum_and_a_maximum_over_one_range() -> None:
    """Σ x[i]^3 y^2 + max x[i] y, at x = (1, 2), y = 3."""
    text = "f(x, y) = sum(x[i]^3*y^2 for i in 1:n) + max(x[i]*y for i in 1:n)"
    wanted = [[54, 0, 18], [0, 108, 73], [18, 73, 18]]
    assert hessian(text, [1.0, 2.0, 3.0], sizes={"n": 2}) == pytest.approx(np.array(wanted))


def test_hessians_are_symmetric() -> None:
    text = "sum(prod(x[i] - x[j+1]*y for j in 1:i) for i in 1:n) + max(x[i]*y for i in 1:n)^2"
    found = hessian("f(x, y) = " + text, RANDOM.normal(size=6), sizes={"n": 4})
    assert found == pytest.approx(found.T, rel=1e-12, abs=1e-12)
