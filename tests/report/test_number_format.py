from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.report.number_format import (
    cell,
    counted,
    distinct,
    elided,
    full,
    number_or_null,
    plain,
    shown_indices,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.3333333"),
        (3.0, "3"),
        (-0.0, "0"),
        (1e-300, "1e-300"),
        (123456789.0, "1.234568e+08"),
        (None, ""),
        (math.nan, "nan"),
    ],
)
def test_a_cell_shows_seven_digits(value: float | None, text: str) -> None:
    assert cell(value) == text


def test_a_cell_shows_as_many_digits_as_asked() -> None:
    assert cell(math.pi, 3) == "3.14"
    assert cell(math.pi, 17) == "3.1415926535897931"


@given(st.floats(allow_nan=False))
def test_plain_reads_back_to_the_same_double(value: float) -> None:
    back = float(plain(value))
    assert (back, math.copysign(1, back)) == (value, math.copysign(1, value))
    assert not plain(value).endswith(".0")


@given(st.floats(allow_nan=False))
def test_full_reads_back_and_has_no_negative_zero(value: float) -> None:
    assert float(full(value)) == value
    assert full(value) != "-0"


def test_json_never_gets_what_it_cannot_hold() -> None:
    values = [1.0, math.inf, -math.inf, math.nan, None]
    assert list(map(number_or_null, values)) == [1.0, None, None, None, None]


def test_counts_are_grouped_and_have_a_plural() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(12345, "row") == "12 345 rows"


def test_of_many_components_the_first_and_the_last_are_shown() -> None:
    assert list(shown_indices(12)) == list(range(12))
    assert list(shown_indices(13)) == [0, 1, 2, 3, 12]
    assert elided(["a", "b"], 2) == ["a", "b"]
    assert elided(["a", "b", "c", "d", "z"], 26) == ["a", "b", "c", "d", "…", "z"]


def test_numbers_beside_a_scale_are_told_apart_by_as_few_digits_as_do() -> None:
    assert distinct([0.1, 0.25, 1 / 3], 3) == ["0.1", "0.25", "0.333"]
    assert distinct([1e12 + 10, 1e12 + 20], 3) == ["1000000000010", "1000000000020"]
    assert distinct([1.0, 1.0 + 2**-52], 3) == ["1", "1.0000000000000002"]
    assert distinct([0.12345, 0.12346], 2) == ["0.12345", "0.12346"]
    assert distinct([7.0, 7.0], 3) == ["7", "7"]
    assert distinct([], 3) == []


def test_numbers_beside_a_scale_have_an_exponent_where_that_is_shorter() -> None:
    assert distinct([2264.4, 123456.0, 1e-7, 1e21], 3) == ["2260", "123000", "1e-07", "1e+21"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), unique=True), st.integers(1, 9))
def test_numbers_that_differ_have_different_texts(values: list[float], digits: int) -> None:
    assert len(set(distinct(values, digits))) == len(values)


def test_numpys_numbers_are_numbers() -> None:
    import numpy as np

    assert [plain(np.float64(1 / 3)), full(np.float64(2.0))] == ["0.3333333333333333", "2"]
