"""Where names of a tape lie in a flat point."""

from __future__ import annotations

from itertools import product

import pytest

from gdcli.execute.bindings import DATA, ArrayBinding, Bindings

MATRIX = ArrayBinding((2, 3), 4)
TABLE = ArrayBinding((2,), DATA, [0.5, 0.25])
BOUND = Bindings({"n": 2}, (0, 3), {"W": MATRIX, "t": TABLE}, 10)


def test_entries_lie_row_by_row() -> None:
    assert MATRIX.count == 6
    assert MATRIX.strides == (3, 1)
    assert ArrayBinding((2, 3, 4)).strides == (12, 4, 1)
    subscripts = list(product((1, 2), (1, 2, 3)))
    assert [BOUND.place("W", both) for both in subscripts] == [4, 5, 6, 7, 8, 9]


def test_data_are_numbers() -> None:
    assert BOUND.place("t", [2]) == 0.25
    assert isinstance(BOUND.place("t", [1]), float)


@pytest.mark.parametrize("subscripts", [(0, 1), (3, 1), (1, 4), (1, -1)])
def test_a_subscript_outside_is_an_error(subscripts: tuple[int, int]) -> None:
    with pytest.raises(IndexError, match="W"):
        BOUND.place("W", subscripts)


def test_a_direction_lies_behind_the_point() -> None:
    doubled = BOUND.doubled(10)
    assert doubled.inputs == (0, 3, 10, 13)
    assert doubled.place("_d_W", (1, 1)) == 14
    assert doubled.place("W", (1, 1)) == 4
    assert "_d_t" not in doubled.arrays
    assert doubled.length == 10
