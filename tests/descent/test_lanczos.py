from __future__ import annotations

import numpy as np
import pytest

from gdcli.descent.lanczos import negative_direction
from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function


@pytest.mark.parametrize("n", [201, 1000])
@pytest.mark.parametrize("weight", [-1.0, -1e-3])
def test_a_direction_of_negative_curvature_is_found(n: int, weight: float) -> None:
    text = f"sum(i*x[i]^2 for i in 1:n-1)/n + {weight}*x[n]^2"
    function = Function(text, sizes={"n": n})
    x = np.zeros(n)
    direction = negative_direction(function, x, np.ones(n))
    assert direction is not None
    product = np.asarray(function.evaluate_hessian_product(x, direction))
    assert (direction * direction).sum() == pytest.approx(1.0)
    assert float((direction * product).sum()) < 0.0


def test_where_all_curvature_is_positive_there_is_none() -> None:
    function = Function("sum(i*x[i]^2 for i in 1:n)/n", sizes={"n": 300})
    assert negative_direction(function, np.zeros(300), np.ones(300)) is None


def test_a_saddle_of_many_variables_is_told_and_a_minimum_left_open() -> None:
    text = "sum(x[i]^2 for i in 1:n-1) - x[n]^2 + x[n]^4"
    saddle = run_descent(Function(text, sizes={"n": 250}), [1.0] * 249 + [0.0], alpha=0.4)
    assert (saddle.exit_status, saddle.classification) == (5, "saddle")
    assert "f falls to -9.9" in str(saddle.verdict)
    minimum = run_descent(Function(text, sizes={"n": 250}), [1.0] * 250)
    assert (minimum.exit_status, minimum.classification) == (0, None)
    assert "was not looked at" in str(minimum.verdict)
