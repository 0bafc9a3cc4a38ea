"""Derivatives through a window: any offsets, lengths, and chunks against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.native_code import agrees, gradient, of


@pytest.mark.parametrize("n", [8, 9, 15, 16, 17, 530, 1041])
def test_any_length(n: int) -> None:
    agrees(of("sum(x[i]^2*x[i+3] for i in 1:n)", n=n), 1e-12)


def test_entries_that_no_iteration_reaches_are_zero() -> None:
    function = of("f(x[n]) = sum(x[i]^2 for i in 5:n-20)", n=60)
    point = np.arange(60.0)
    wanted = np.where((point >= 4) & (point < 40), 2.0 * point, 0.0)
    assert (gradient(function)(point)[1] == wanted).all()


def test_a_second_loop_adds_to_what_the_first_wrote() -> None:
    agrees(of("sum(x[i]*x[i+1] for i in 1:n) + sum(x[i]^3 for i in 1:n+1)", n=70), 1e-12)


def test_chunks_join_at_their_ends() -> None:
    n = 300_003
    function = of("sum(x[i]^2*x[i+2] + x[i+1] for i in 1:n-2)", n=n)
    x = np.random.default_rng(7).uniform(-1.0, 1.0, n)
    wanted = np.zeros(n)
    wanted[:-2] += 2.0 * x[:-2] * x[2:]
    wanted[2:] += x[:-2] ** 2
    wanted[1:-1] += 1.0
    found = gradient(function)(x)
    assert found[0] == pytest.approx(np.sum(x[:-2] ** 2 * x[2:] + x[1:-1]), rel=1e-11)
    assert np.abs(found[1] - wanted).max() <= 1e-14
