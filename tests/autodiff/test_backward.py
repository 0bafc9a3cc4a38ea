"""Gradients through loops against formulas worked out by hand, in NumPy where they are long."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from numpy.typing import NDArray

from gdcli.autodiff.tape import APPLY, instructions
from gdcli.scalar_function import Function

Vector = NDArray[np.float64]
RANDOM = np.random.default_rng(3)
ROSENBROCK = "sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1:n-1)"
NETWORK = (
    "sum((sum(v[k]*tanh(b[k] + sum(W[k,j]*A[i,j] for j in 1:c)) for k in 1:h) - y[i])^2 "
    "for i in 1:m)"
)
LOGISTIC = "sum(log(1 + exp(-y[i]*sum(A[i,j]*w[j] for j in 1:c))) for i in 1:m)"


def gradient(text: str, point: Vector | list[float], **given: object) -> Vector:
    function = Function(text, backend="python", **given)  # type: ignore[arg-type]
    return np.array(function.evaluate_gradient([float(component) for component in point])[1])


def test_chained_rosenbrock() -> None:
    x = RANDOM.uniform(-2, 2, 40)
    wanted = np.zeros(40)
    wanted[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    wanted[1:] += 200 * (x[1:] - x[:-1] ** 2)
    assert gradient(ROSENBROCK, x, sizes={"n": 40}) == pytest.approx(wanted, rel=1e-13, abs=1e-10)


def test_least_squares() -> None:
    matrix, b, x = RANDOM.normal(size=(7, 4)), RANDOM.normal(size=7), RANDOM.normal(size=4)
    text = "sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)"
    found = gradient(text, x, data={"A": matrix, "b": b})
    assert found == pytest.approx(2 * matrix.T @ (matrix @ x - b), rel=1e-12)


def test_logistic_regression() -> None:
    matrix, w = RANDOM.normal(size=(9, 3)), RANDOM.normal(size=3)
    y = np.sign(RANDOM.normal(size=9))
    wanted = matrix.T @ (-y / (1 + np.exp(y * (matrix @ w))))
    assert gradient(LOGISTIC, w, data={"A": matrix, "y": y}) == pytest.approx(wanted, rel=1e-12)


def test_a_network_of_one_hidden_layer() -> None:
    matrix, y = RANDOM.normal(size=(6, 2)), RANDOM.normal(size=6)
    weights, b, v = RANDOM.normal(size=(5, 2)), RANDOM.normal(size=5), RANDOM.normal(size=5)
    hidden = np.tanh(matrix @ weights.T + b)
    residual = 2 * (hidden @ v - y)
    inner = residual[:, None] * v * (1 - hidden**2)
    wanted = [*(inner.T @ matrix).ravel(), *inner.sum(axis=0), *(hidden.T @ residual)]
    found = gradient(
        "f(W[5,2], b, v) = " + NETWORK, [*weights.ravel(), *b, *v], data={"A": matrix, "y": y}
    )
    assert found == pytest.approx(wanted, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize(
    "x", [[2.0, -3.0, 0.5, 4.0], [2.0, 0.0, 0.5, 4.0], [0.0, 3.0, 0.0, 4.0], [0.0] * 4]
)
def test_a_product_with_factors_that_are_0(x: list[float]) -> None:
    others = [prod(x[:k]) * prod(x[k + 1 :]) for k in range(4)]
    assert gradient("prod(x[i] for i in 1:n)", x, sizes={"n": 4}) == pytest.approx(others)
    squares = [2 * x[k] * others[k] ** 2 for k in range(4)]
    assert gradient("prod(x[i]^2 for i in 1:n)", x, sizes={"n": 4}) == pytest.approx(squares)


def test_the_largest_of_many_sums() -> None:
    text = "max(sum(W[i,j]*i for j in 1:3) for i in 1:3)"
    rows = [[1.0, 2.0, 3.0], [0.0, 2.0, 1.0], [1.0, 1.0, 0.0]]  # 6, 6, 6
    assert gradient(text, np.ravel(rows)) == pytest.approx(np.repeat([1 / 3, 2 / 3, 1], 3))
    rows[1][0] = 1.0  # 8
    assert list(gradient(text, np.ravel(rows))) == [0, 0, 0, 2, 2, 2, 0, 0, 0]


def test_a_maximum_of_what_a_maximum_has_found() -> None:
    x = [3.0, -5.0, 4.0]
    text = "max((x[i] - min(x[j] for j in 1:n))^2 for i in 1:n)"
    assert list(gradient(text, x, sizes={"n": 3})) == [0, -18, 18]


def test_what_a_loop_captures() -> None:
    text = "m = sum(x[i] for i in 1:n)/n; sum((x[i] - m)^2 for i in 1:n)/n"
    x = RANDOM.normal(size=6)
    assert gradient(text, x, sizes={"n": 6}) == pytest.approx(2 * (x - x.mean()) / 6, abs=1e-15)


def test_one_vector_in_several_loops() -> None:
    text = "log(sum(exp(x[i]) for i in 1:n)) + x[n]*sum(x[i]*x[n+1-i] for i in 1:n)"
    x = RANDOM.normal(size=5)
    softmax = np.exp(x) / np.exp(x).sum()
    wanted = softmax + 2 * x[-1] * x[::-1]
    wanted[-1] += x @ x[::-1]
    assert gradient(text, x, sizes={"n": 5}) == pytest.approx(wanted, rel=1e-13)


def test_running_sums() -> None:
    x = RANDOM.normal(size=6)
    sums = np.cumsum(x)
    wanted = [2 * sums[k:].sum() for k in range(6)]
    text = "sum(sum(x[j] for j in 1:i)^2 for i in 1:n)"
    assert gradient(text, x, sizes={"n": 6}) == pytest.approx(wanted, rel=1e-12)


def test_sides_of_a_branch_that_are_not_taken() -> None:
    text = "sum(ifelse(x[i] > 0, log(x[i])*y, ifelse(i == 2, y/(i - 1), y/(i - 2))) for i in 1:n)"
    x = [2.0, -1.0, -3.0, 0.5, 7.0]
    wanted = [7 / 2, 0, 0, 7 / 0.5, np.log(2.0) + 1 + 1 + np.log(0.5)]
    assert gradient("f(x, y) = " + text, x, sizes={"n": 4}) == pytest.approx(wanted)


def tapes(text: str, **given: object) -> Function:
    return Function(text, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", [ROSENBROCK, "prod(x[i] for i in 1:n)", "max(x[i]^2 for i in 1:n)", "f(x[n]) = norm(x)"]
)
def test_the_tape_is_as_long_for_any_size(text: str) -> None:
    small, large = tapes(text, sizes={"n": 3}), tapes(text, sizes={"n": 10**9})
    assert str(small.gradient_tape) == str(large.gradient_tape)
    assert str(small.hessian_product_tape) == str(large.hessian_product_tape)


def test_a_gradient_costs_a_few_values() -> None:
    """Operations of the innermost loops, which are nearly all of the work."""
    ones = np.ones((3, 2))
    for text, given in (
        (ROSENBROCK, {"sizes": {"n": 9}}),
        (LOGISTIC, {"data": {"A": ones, "y": ones[:, 0]}}),
        (NETWORK, {"data": {"A": ones, "y": ones[:, 0]}, "sizes": {"h": 4}}),
        ("sum((a*exp(-b*t[i]) + c - y[i])^2 for i in 1:m)", {"data": {"t": [1, 2], "y": [1, 2]}}),
    ):
        function = tapes(text, **given)
        value, both = (
            sum(one.operation == APPLY for one in instructions(tape.body))
            for tape in (function.tape, function.gradient_tape)
        )
        assert both <= 4 * value
