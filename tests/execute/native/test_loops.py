"""Outermost loops: blocks, what is left over, and compensated sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.native_code import gradient, of

SUM = "f(a) = sum(a*d[i] for i in 1:n)"


def total(data: np.ndarray) -> float:
    return float(gradient(of(SUM, {"d": data}))([1.0])[0])


@pytest.mark.parametrize("n", [1, 7, 8, 511, 512, 513, 1024, 5003, 400_001])
def test_any_number_of_terms(n: int) -> None:
    data = np.random.default_rng(n).uniform(-1.0, 1.0, n)
    bound = 1e-15 * float(np.abs(data).sum())
    assert abs(total(data) - math.fsum(data)) <= bound


def test_blocks_are_joined_by_a_compensated_sum() -> None:
    data = np.repeat([1e16, 1.0, -1e16], 512)
    assert float(np.cumsum(data)[-1]) != 512.0
    assert total(data) == 512.0


def test_an_infinite_sum_stays_infinite() -> None:
    data = np.repeat([1e308, 1e308, 1.0], 512)
    assert total(data) == math.inf
