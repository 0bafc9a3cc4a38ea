from __future__ import annotations

import math

import numpy as np
import pytest

from gdcli.errors import PointError, UndefinedError
from gdcli.library import function
from gdcli.pictures.section import read_slice, section
from gdcli.scalar_function import Function

THREE = Function("f(x, y, z) = x^2*y + z")


def test_two_of_three_variables_are_drawn_as_two_of_two_are() -> None:
    part = section(THREE, {"y": 3.0})
    assert (part.names, part.free, part.whole) == (("x", "z"), (0, 2), False)
    assert part.place((2.0, 5.0)) == [2.0, 3.0, 5.0]
    assert part.value((2.0, 5.0)) == 17.0
    assert part.slopes((2.0, 5.0)) == (17.0, (12.0, 1.0))
    assert part.careful_slopes((2.0, 5.0)) == (17.0, (12.0, 1.0))
    x, z = np.array([[1.0, 2.0]]), np.array([[0.0], [1.0]])
    assert part.over([x, z]).tolist() == [[3.0, 12.0], [4.0, 13.0]]


def test_the_title_names_what_is_held_fixed() -> None:
    assert section(THREE, {"y": 3.0}).title == "f(x, y, z) = x^2*y + z, y = 3"
    assert section(function("five-well"), {}).title == "five-well"
    assert len(section(Function("+".join(["x"] * 900)), {}).title) < 100


def test_a_slice_is_read() -> None:
    assert read_slice("y=pi/2, z = -1/2", THREE.variables) == {"y": math.pi / 2, "z": -0.5}
    assert read_slice(None, THREE.variables) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q=1", "`q` is no variable; the variables are x, y, z"),
        ("z", "takes variables and values, as z=0, not `z`"),
        ("", "not ``"),
        ("z=1,z=2", "`z` is given twice"),
        ("z=", "--slice for z: a value is missing"),
        ("z=x", "`x` is not a number"),
        ("z=1/0", "is not a finite number"),
    ],
)
def test_what_is_no_slice_is_refused(text: str, message: str) -> None:
    with pytest.raises(PointError) as caught:
        read_slice(text, THREE.variables)
    assert message in caught.value.message


def test_points_are_those_of_the_free_variables() -> None:
    part = section(THREE, {"y": 3.0})
    assert part.read("z=1,x=2", "--at") == (2.0, 1.0)
    with pytest.raises(PointError, match="--at takes 2 values, in the order x, z"):
        part.read("1,2,3", "--at")


def test_where_there_is_no_value() -> None:
    part = section(Function("log(x)"), {})
    with pytest.raises(UndefinedError):
        part.value((-1.0,))
    with pytest.raises(UndefinedError):
        part.careful_slopes((-1.0,))
    assert math.isnan(part.slopes((-1.0,))[0])
