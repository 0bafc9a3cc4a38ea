"""Arrays as lists that count from 1."""

from __future__ import annotations

import math

import pytest

from gdcli.execute.lists import corrected, entries, flat, zeros


@pytest.mark.parametrize("lengths", [(4,), (2, 3), (3, 2, 2), (0,), (0, 3), (2, 0)])
def test_cut_and_put_together(lengths: tuple[int, ...]) -> None:
    count = math.prod(lengths)
    point = [float(number) for number in range(20)]
    assert flat(entries(point, 5, *lengths)) == point[5 : 5 + count]
    assert flat(zeros(*lengths)) == [0.0] * count


def test_subscripts_begin_at_1() -> None:
    matrix = entries([10.0, 11.0, 12.0, 13.0, 14.0, 15.0], 0, 2, 3)
    assert matrix[1][1:] == [10.0, 11.0, 12.0]
    assert matrix[2][3] == 15.0


def test_rows_are_not_shared() -> None:
    matrix = zeros(2, 2)
    matrix[1][1] = 1.0
    assert flat(matrix) == [1.0, 0.0, 0.0, 0.0]


def test_only_finite_sums_are_corrected() -> None:
    assert corrected(1.0, 2.0**-60) == 1.0 + 2.0**-60
    assert corrected(math.inf, math.nan) == math.inf
    assert corrected(math.inf, -math.inf) == math.inf
    assert math.isnan(corrected(math.nan, math.nan))
