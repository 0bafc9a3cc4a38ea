from __future__ import annotations

import math

import pytest

from gdcli.descent.vectors import difference, dot, largest, length, scaled, step


def test_a_step_along_the_negative_gradient_has_the_bits_of_a_minus_alpha_b() -> None:
    x, gradient, alpha = [0.1, -0.0, 1e-300, 7.3], [0.3, 0.0, 1e-10, -1.7], 0.03
    taken = step(x, alpha, [-c for c in gradient])
    wanted = [a - alpha * b for a, b in zip(x, gradient, strict=True)]
    assert list(map(float.hex, taken)) == list(map(float.hex, wanted))


def test_dot_adds_from_the_left_without_compensation() -> None:
    ones = [1.0, 1.0, 1.0]
    assert dot([1e16, 1.0, -1e16], ones) == 0.0
    assert dot([1e16, -1e16, 1.0], ones) == 1.0


def test_largest_is_the_largest_absolute_value_and_nan_beside_any_nan() -> None:
    assert largest([1.0, -3.0, 2.0]) == 3.0
    assert largest([0.0, -math.inf]) == math.inf
    for place in range(3):
        vector = [1.0, math.inf, 5.0]
        vector[place] = math.nan
        assert math.isnan(largest(vector))


def test_length_does_not_overflow_on_the_way() -> None:
    assert length([3.0, -4.0]) == 5.0
    assert length([3e200, 4e200]) == pytest.approx(5e200, rel=1e-15)
    assert length([3e-200, 4e-200]) == pytest.approx(5e-200, rel=1e-15)
    assert length([0.0, 0.0]) == 0.0
    assert length([math.inf, 0.0]) == math.inf


def test_differences_and_multiples() -> None:
    assert difference([3.0, 1.0], [1.0, 4.0]) == [2.0, -3.0]
    assert scaled(-2.0, [1.0, 0.5]) == [-2.0, -1.0]
