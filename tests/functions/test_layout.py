"""Layout: places, names, and points taken apart."""

from __future__ import annotations

from itertools import product

import pytest

from gdcli.errors import PointError
from gdcli.functions.layout import Components, Layout


def test_scalars_are_their_own_components() -> None:
    layout = Layout(("x", "y"), {})
    assert layout.components == ("x", "y")
    assert not layout.has_arrays
    assert layout.split([1.0, 2.0]) == {"x": 1.0, "y": 2.0}


def test_arrays_lie_row_by_row_between_scalars() -> None:
    layout = Layout(("a", "W", "b"), {"W": (2, 3)})
    assert layout.size == 8
    assert layout.offsets == {"a": 0, "W": 1, "b": 7}
    assert layout.components == (
        "a", "W[1,1]", "W[1,2]", "W[1,3]", "W[2,1]", "W[2,2]", "W[2,3]", "b",
    )  # fmt: skip
    assert layout.split(range(8)) == {"a": 0, "W": [[1, 2, 3], [4, 5, 6]], "b": 7}


def test_names_of_many_components_are_made_when_asked_for() -> None:
    layout = Layout(("x", "c"), {"x": (1_000_000,)})
    names = layout.components
    assert isinstance(names, Components)
    assert len(names) == 1_000_001
    assert names[999_999] == "x[1000000]"
    assert names[-1] == "c"
    assert names[:2] == ["x[1]", "x[2]"]
    with pytest.raises(IndexError):
        names[1_000_001]


@pytest.mark.parametrize("shape", [(1200,), (40, 30), (5, 6, 40), (1200, 1), (1, 1, 1200)])
def test_names_made_together_are_those_made_alone(shape: tuple[int, ...]) -> None:
    layout = Layout(("a", "none", "W", "b", "v"), {"none": (0, 3), "W": shape, "v": (2,)})
    names = layout.components
    subscripts = [",".join(map(str, place)) for place in product(*(range(1, m + 1) for m in shape))]
    assert isinstance(names, Components)
    assert [*names] == ["a", *(f"W[{one}]" for one in subscripts), "b", "v[1]", "v[2]"]
    assert [names[place] for place in range(len(names))] == [*names]
    assert names[37:45] + names[45:1100:7] == [*names][37:45] + [*names][45:1100:7]
    assert names[-3:] == ["b", "v[1]", "v[2]"]
    assert names[5:5] == []


def test_an_array_without_entries_takes_no_place() -> None:
    layout = Layout(("x", "y"), {"x": (0,), "y": (2,)})
    assert layout.components == ("y[1]", "y[2]")
    assert layout.split([1.0, 2.0]) == {"x": [], "y": [1.0, 2.0]}


def test_a_numpy_point_comes_apart_into_numbers_of_python() -> None:
    numpy = pytest.importorskip("numpy")
    parts = Layout(("x",), {"x": (2,)}).split(numpy.array([1.5, 2.5]))
    assert parts == {"x": [1.5, 2.5]}
    assert type(parts["x"][0]) is float


def test_join_is_the_inverse_of_split() -> None:
    layout = Layout(("a", "W", "e", "E", "b"), {"W": (2, 3), "e": (0,), "E": (0, 2)})
    point = [float(number) for number in range(8)]
    assert layout.join(layout.split(point)) == point


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ({"a": 1}, "the point by name has a value for each of a, x, not for a"),
        ({"a": 1, "x": [1, 2], "b": 3},
         "the point by name has a value for each of a, x, not for a, x, b"),
        ({"a": [1], "x": [1, 2]}, "the point's a is a number, not an array of 1"),
        ({"a": 1, "x": [1, 2, 3]}, "the point's x is an array of 2, not an array of 3"),
        ({"a": 1, "x": 1}, "the point's x is an array of 2, not a number"),
        ({"a": "one", "x": [1, 2]}, "the point's a: it is no array of real numbers, but of <U3"),
        ({"a": 1, "x": [1, [2]]}, "the point's x: its rows have different lengths"),
    ],
)  # fmt: skip
def test_parts_that_make_no_point(parts: dict[str, object], whole: str) -> None:
    with pytest.raises(PointError) as caught:
        Layout(("a", "x"), {"x": (2,)}).join(parts)
    assert str(caught.value) == whole
