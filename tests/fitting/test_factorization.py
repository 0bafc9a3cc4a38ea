"""Factorizations against exact fractions and against mpmath's in 60 digits."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import mpmath
import numpy as np
import pytest

from gdcli.fitting.factorization import (
    MOST_LISTED_COLUMNS,
    cholesky,
    cholesky_solution,
    inverse_of_triangle,
    singular_values,
    transposed,
    triangle_of_blocks,
    triangle_of_columns,
)


def matrix(rows: int, columns: int, seed: int) -> list[list[float]]:
    draw = Random(seed)
    return [[draw.gauss(0.0, 1.0) for _ in range(columns)] for _ in range(rows)]


def products(rows: list[list[float]]) -> list[list[Fraction]]:
    """The exact products of the columns."""
    columns = [[*map(Fraction, column)] for column in zip(*rows, strict=True)]
    return [[sum(map(Fraction.__mul__, a, b), Fraction()) for a in columns] for b in columns]


@pytest.mark.parametrize(("m", "p"), [(1, 1), (3, 3), (40, 5), (2, 4), (7, 1)])
def test_the_triangle_has_the_products_of_the_columns(m: int, p: int) -> None:
    rows = matrix(m, p, seed=m + p)
    upper = triangle_of_columns(transposed(rows))
    assert all(upper[i][j] == 0.0 for i in range(p) for j in range(i))
    assert all(upper[i][i] >= 0.0 for i in range(p))
    for mine, exact in zip(products(upper), products(rows), strict=True):
        assert all(abs(a - b) <= 1e-14 * (m + p) for a, b in zip(mine, exact, strict=True))


def test_blocks_of_rows_have_the_triangle_of_all() -> None:
    rows = matrix(30, 4, seed=1)
    whole = triangle_of_columns(transposed(rows))
    cut = triangle_of_blocks(np.array(rows[first : first + 7]) for first in range(0, 30, 7))
    assert np.allclose(whole, cut, rtol=0, atol=1e-14)


def test_a_column_that_depends_on_others_leaves_a_pivot_of_rounding() -> None:
    rows = [[a, b, a - 2.0 * b] for a, b in matrix(20, 2, seed=2)]
    assert triangle_of_columns(transposed(rows))[2][2] < 1e-14


def test_columns_as_small_as_floats_can_be_have_a_triangle_too() -> None:
    columns = transposed(matrix(6, 3, seed=6))
    small = [[1e-220 * entry for entry in columns[0]], columns[1], columns[2]]
    plain, scaled = triangle_of_columns(columns), triangle_of_columns(small)
    assert scaled[0][1:] == pytest.approx(plain[0][1:], rel=1e-13)
    assert scaled[1:] == [pytest.approx(row, rel=1e-12) for row in plain[1:]]
    assert triangle_of_columns([[0.0, 0.0], [1.0, 2.0]])[1] == pytest.approx([0.0, 2.0])


def test_cholesky_solves_what_is_positive_definite_and_refuses_what_is_not() -> None:
    rows = matrix(9, 4, seed=3)
    exact = products(rows)
    lower = cholesky([[float(entry) for entry in row] for row in exact])
    assert lower is not None
    x = [1.0, -2.0, 3.0, 0.5]
    right = [float(sum(a * Fraction(b) for a, b in zip(row, x, strict=True))) for row in exact]
    assert cholesky_solution(lower, right) == pytest.approx(x, rel=1e-12)
    assert cholesky([[1.0, 0.0], [2.0, 1.0]]) is None
    assert cholesky([[0.0]]) is None
    assert cholesky([[float("nan")]]) is None


def test_small_singular_values_of_scaled_columns_keep_their_digits() -> None:
    upper = [[1.0, 0.9, 1.0], [0.0, 1e-5, 3e-6], [0.0, 0.0, 1e-11]]
    values, vectors, left = singular_values(upper)
    with mpmath.workdps(60):
        wanted = sorted(mpmath.svd_r(mpmath.matrix(upper), compute_uv=False), reverse=True)
        for mine, exact in zip(values, wanted, strict=True):
            assert abs(mine - exact) <= 1e-12 * exact
    for vector, value, image in zip(vectors, values, left, strict=True):
        assert np.allclose(np.array(upper) @ vector, value * np.array(image), rtol=0, atol=1e-15)
        assert np.linalg.norm(image) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("size", [6, MOST_LISTED_COLUMNS + 1])
def test_the_singular_values_are_those_that_a_matrix_is_made_of(size: int) -> None:
    lengths = np.geomspace(3.0, 1e-3, size)
    left, right = (
        np.eye(size) - 2.0 * np.outer(u, u) / (u @ u) for u in np.array(matrix(2, size, 4))
    )
    values, vectors, _ = singular_values(((left * lengths) @ right).tolist())
    assert values == pytest.approx(lengths, rel=1e-11)
    assert abs(np.array(vectors) @ right.T) == pytest.approx(np.eye(size), abs=1e-10)


def test_the_inverse_of_a_triangle_is_given_by_columns() -> None:
    upper = [[2.0, 1.0], [0.0, 4.0]]
    assert inverse_of_triangle(upper) == [[0.5, 0.0], [-0.125, 0.25]]
