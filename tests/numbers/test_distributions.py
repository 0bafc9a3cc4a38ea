"""Tails and quantiles of distributions, against mpmath at 50 digits."""

from __future__ import annotations

from random import Random
from typing import Any

import mpmath
import pytest

from gdcli.numbers.distributions import (
    chi_squared_tail,
    normal_quantile,
    normal_tail,
    student_t_density,
    student_t_quantile,
    student_t_tail,
)

FREEDOMS = [*range(1, 13), 19, 20, 39, 40, 41, 60, 100, 316, 1000, 10**4, 10**5, 10**6, 10**7]
TAILS = [0.4, 0.25, 0.16, 0.05, 0.025, 0.005, 1e-4, 1e-6, 1e-9]
DIGITS = mpmath.mp.clone()
DIGITS.dps = 50


def off(computed: float, exact: Any) -> float:
    return float(abs(computed / exact - 1))


def exact_normal_tail(z: float) -> Any:
    return DIGITS.erfc(DIGITS.mpf(z) / DIGITS.sqrt(2)) / 2


def exact_t_tail(t: float, freedom: int) -> Any:
    n, square = DIGITS.mpf(freedom), DIGITS.mpf(t) ** 2
    half = DIGITS.betainc(n / 2, 0.5, 0, n / (n + square), regularized=True) / 2
    return half if t >= 0 else 1 - half


def exact_chi_squared_tail(x: float, freedom: int) -> Any:
    return DIGITS.gammainc(DIGITS.mpf(freedom) / 2, DIGITS.mpf(x) / 2, regularized=True)


def check_at(freedom: int, z: float, tail: float) -> None:
    """Tails near z standard deviations from the mean, and the quantile of a tail."""
    assert off(student_t_tail(z, freedom), exact_t_tail(z, freedom)) < 1e-13
    x = max(freedom + z * (2 * freedom) ** 0.5, 0.05 * freedom)
    assert off(chi_squared_tail(x, freedom), exact_chi_squared_tail(x, freedom)) < 1e-13
    t = student_t_quantile(tail, freedom)
    error = (exact_t_tail(t, freedom) - tail) / student_t_density(t, freedom)
    assert abs(error / t) < 1e-13


def test_tails_and_quantiles_have_13_digits_for_all_degrees_of_freedom() -> None:
    random = Random(1)
    for freedom in FREEDOMS:
        check_at(freedom, random.uniform(-3.0, 6.0), random.choice(TAILS))


@pytest.mark.full
def test_tails_and_quantiles_have_13_digits_on_a_grid() -> None:
    for freedom in FREEDOMS:
        for z in (-5.0, -1.7, -0.1, 1e-3, 0.3, 1.0, 1.73, 1.74, 2.0, 3.0, 5.0, 8.0, 20.0):
            for tail in TAILS[: 1 + (z == 0.3) * len(TAILS)]:
                check_at(freedom, z, tail)


def test_the_normal_distribution_has_13_digits() -> None:
    for z in (-6.0, -1.0, 0.0, 0.1, 1.0, 1.96, 5.0, 10.0, 20.0):
        assert off(normal_tail(z), exact_normal_tail(z)) < 1e-13
    for tail in [*TAILS, 1e-20, 1e-100, 0.5, 0.9, 0.975]:
        z = normal_quantile(tail)
        density = DIGITS.exp(-(DIGITS.mpf(z) ** 2) / 2) / DIGITS.sqrt(2 * DIGITS.pi)
        assert abs((exact_normal_tail(z) - tail) / density) <= 1e-13 * abs(z)


def test_quantiles_are_those_of_the_printed_tables() -> None:
    """Abramowitz and Stegun, table 26.10, and 26.8 for χ²."""
    assert [round(student_t_quantile(0.025, n), 3) for n in (1, 2, 5, 10, 30, 120)] == [
        *(12.706, 4.303, 2.571, 2.228, 2.042, 1.980),
    ]
    assert round(chi_squared_tail(3.84146, 1), 5) == 0.05
    assert round(chi_squared_tail(18.3070, 10), 5) == 0.05


def test_quantiles_are_symmetric() -> None:
    assert student_t_quantile(0.5, 7) == normal_quantile(0.5) == 0.0
    assert student_t_quantile(0.975, 7) == -student_t_quantile(1 - 0.975, 7)
