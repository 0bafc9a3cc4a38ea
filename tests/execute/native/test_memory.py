"""Elements near and far from one another, and buffers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.native_code import agrees, gradient, of


@pytest.mark.parametrize(
    "text",
    [
        "sum(x[2*i]*x[2*i-1] for i in 1:n)",
        "sum(x[n+1-i]*x[i] for i in 1:n)",
        "sum(W[i,i]*W[i,n+1-i] for i in 1:n)",
        "sum(sum(W[i,j]*W[j,i] for j in 1:n) for i in 1:n)",
        "sum(x[3]*x[i] for i in 1:n)",
        "sum(prod(W[i,j] + 2 for j in 1:n) for i in 1:n)",
        "sum(max(W[i,j] for j in 1:n)*W[i,1] for i in 1:n)",
    ],
)
def test_elements_of_every_pattern(text: str) -> None:
    for n in (8, 19):
        agrees(of(text, n=n), 1e-11)


def test_a_product_of_many_factors_keeps_what_was_before_each() -> None:
    n = 30_000
    x = np.random.default_rng(5).uniform(0.9, 1.1, n)
    value, slopes = gradient(of("prod(x[i] for i in 1:n)", n=n))(x)
    assert value == pytest.approx(np.exp(np.log(x).sum()), rel=1e-10)
    assert np.abs(slopes * x / value - 1.0).max() < 1e-11
