from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from gdcli.numbers.linear_algebra import dot, solution


def product(matrix: list[list[Any]], x: list[Any]) -> list[Any]:
    return [dot(row, x) for row in matrix]


def test_dot_adds_from_the_left_without_compensation() -> None:
    ones = [1.0, 1.0, 1.0]
    assert dot([1e16, 1.0, -1e16], ones) == 0.0
    assert dot([1e16, -1e16, 1.0], ones) == 1.0


def test_a_linear_system_is_solved_exactly_in_fractions() -> None:
    hilbert = [[Fraction(1, i + j + 1) for j in range(6)] for i in range(6)]
    x = [Fraction(k) for k in range(1, 7)]
    assert solution(hilbert, product(hilbert, x)) == x
    assert solution([[0, Fraction(1)], [Fraction(2), 0]], [3, 4]) == [2, 3]


def test_an_unknown_that_the_equations_leave_open_is_none() -> None:
    assert solution([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]], [1, 2]) == [
        None,
        Fraction(1, 2),
    ]
    assert solution([[0.0]], [0.0]) == [None]
    assert solution([[1.0, 0.0], [0.0, 1e-15]], [1.0, 1.0], tolerance=1e-14) == [1.0, None]


@pytest.mark.parametrize("seed", range(20))
def test_a_random_system_is_solved_to_the_rounding_of_floats(seed: int) -> None:
    random = Random(seed)
    n = random.randint(1, 12)
    matrix = [[random.gauss(0.0, 1.0) for _ in range(n)] for _ in range(n)]
    right = [random.gauss(0.0, 1.0) for _ in range(n)]
    x = solution(matrix, right)
    size = sum(map(abs, x))
    assert product(matrix, x) == pytest.approx(right, abs=1e-13 * size)
