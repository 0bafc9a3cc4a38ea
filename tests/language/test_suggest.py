"""Edit distance, with a swap of neighbours as one edit."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.language.suggest import closest, distance
from tests.sweeps import examples

WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [
        ("", "", 0),
        ("abc", "", 3),
        ("sin", "sine", 1),
        ("sin", "sni", 1),
        ("five-wel", "five-well", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
        ("alhpa", "alpha", 1),
    ],
)
def test_distance(first: str, second: str, edits: int) -> None:
    assert distance(first, second) == distance(second, first) == edits


@examples(300)
@given(WORDS, WORDS)
def test_distance_is_that_of_its_definition(first: str, second: str) -> None:
    @cache
    def least(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        ways = [least(i - 1, j) + 1, least(i, j - 1) + 1]
        ways.append(least(i - 1, j - 1) + (first[i - 1] != second[j - 1]))
        if i > 1 and j > 1 and first[i - 2 : i] == second[j - 2 : j][::-1]:
            ways.append(least(i - 2, j - 2) + 1)
        return min(ways)

    assert distance(first, second) == least(len(first), len(second))


def test_closest_comes_first() -> None:
    assert closest("sinn", ["cos", "asin", "sinh", "sin"]) == ["sin", "sinh", "asin"]
    assert closest("sinn", ["cos", "tan"]) == []
    assert closest("ab", ["abc", "abcd"], 1) == ["abc"]
