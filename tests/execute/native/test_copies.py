"""Derivatives that lanes and chunks add to together, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.native_code import gradient, of


@pytest.mark.parametrize("rows", [5, 64, 9001])
def test_a_linear_model(rows: int) -> None:
    draw = np.random.default_rng(rows)
    a, b, x = draw.standard_normal((rows, 30)), draw.standard_normal(rows), np.ones(30) / 3
    function = of("sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)", {"A": a, "b": b})
    value, slopes = gradient(function)(x)
    rest = a @ x - b
    assert value == pytest.approx(rest @ rest, rel=1e-12)
    wanted = 2.0 * a.T @ rest
    assert np.abs(slopes - wanted).max() <= 1e-11 * np.abs(wanted).max()


def test_one_array_that_lanes_share_and_do_not_share() -> None:
    n = 2000
    x = np.random.default_rng(2).uniform(-1.0, 1.0, n)
    value, slopes = gradient(of("sum(x[i]*x[j] for i in 1:n, j in 1:n)", n=n))(x)
    assert value == pytest.approx(x.sum() ** 2, rel=1e-10)
    assert np.abs(slopes - 2.0 * x.sum()).max() < 1e-10
