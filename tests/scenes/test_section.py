from __future__ import annotations

import math

import numpy as np
import pytest

from gdcli.errors import PointError, UndefinedError
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from gdcli.scenes.section import read_slice, section

THREE = Function("f(x, y, z) = x^2*y + z")


def test_two_of_three_variables_are_drawn_as_two_of_two_are() -> None:
    part = section(THREE, {"y": 3.0})
    assert (part.names, part.free, part.whole) == (("x", "z"), (0, 2), False)
    assert part.place((2.0, 5.0)) == [2.0, 3.0, 5.0]
    assert part.value((2.0, 5.0)) == 17.0
    assert part.slopes((2.0, 5.0)) == (17.0, (12.0, 1.0))
    assert part.nonsmooth_slopes((2.0, 5.0)) == (17.0, (12.0, 1.0))
    x, z = np.array([[1.0, 2.0]]), np.array([[0.0], [1.0]])
    assert part.over([x, z]).tolist() == [[3.0, 12.0], [4.0, 13.0]]


def test_the_title_names_what_is_held_fixed() -> None:
    assert section(THREE, {"y": 3.0}).title == "f(x, y, z) = x^2*y + z, y = 3"
    assert section(function("five-well"), {}).title == "five-well"
    assert len(section(Function("+".join(["x"] * 900)), {}).title) < 100


def test_a_slice_is_read() -> None:
    assert read_slice("y=pi/2, z = -1/2", THREE) == {"y": math.pi / 2, "z": -0.5}
    assert read_slice(None, THREE) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q=1", "`q` is no variable; the variables are x, y, z"),
        ("z", "takes variables and values, as z=0, not `z`"),
        ("", "not ``"),
        ("z=1,z=2", "`z` is given twice"),
        ("z=", "the slice for z: a value is missing"),
        ("z=x", "`x` is not a number"),
        ("z=1/0", "is not a finite number"),
    ],
)
def test_what_is_no_slice_is_refused(text: str, message: str) -> None:
    with pytest.raises(PointError) as caught:
        read_slice(text, THREE)
    assert message in caught.value.message


VECTOR = Function("a^2 + b*sum((x[i] - i)^2 for i in 1:n)", sizes={"n": 3})


def test_a_slice_may_hold_a_vector() -> None:
    assert read_slice("x=1", VECTOR) == {"x[1]": 1.0, "x[2]": 1.0, "x[3]": 1.0}
    assert read_slice("x[i]=i/n, x[2]=7,b=2", VECTOR) == {
        "b": 2.0, "x[1]": 1 / 3, "x[2]": 7.0, "x[3]": 1.0
    }  # fmt: skip
    assert read_slice("x[3]=1", VECTOR) == {"x[3]": 1.0}
    assert section(VECTOR, read_slice("x=1", VECTOR)).names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [("x=[1,2]", "the list has 2 numbers, not 3"), ("x[4]=1", "x"), ("x=1,x=2", "given twice")],
)
def test_a_slice_that_fits_no_vector_is_refused(text: str, message: str) -> None:
    with pytest.raises(PointError, match=message):
        read_slice(text, VECTOR)


def test_points_of_vectors_are_written_in_every_way() -> None:
    whole = section(VECTOR, {})
    assert whole.read("a=1,b=2,x=0.5") == (1.0, 2.0, 0.5, 0.5, 0.5)
    assert whole.read("1,2,3,4,5") == (1.0, 2.0, 3.0, 4.0, 5.0)
    entries = section(VECTOR, {"a": 0.0, "b": 1.0})
    assert entries.read("x=[1,2,3]") == (1.0, 2.0, 3.0)
    part = section(VECTOR, {"b": 1.0, "x[2]": 0.0, "x[3]": 0.0})
    assert part.read("4,5") == (4.0, 5.0)


def test_a_title_names_few_of_the_variables_held_fixed() -> None:
    long = Function("a^2 + sum(x[i]^2 for i in 1:n)", sizes={"n": 9})
    assert section(long, read_slice("x=1", long)).title.endswith("n), 9 variables held fixed")


def test_a_function_that_takes_long_is_drawn_at_fewer_places() -> None:
    assert section(THREE, {"y": 3.0}).places(201) == 201
    text = "sum((a*i - b)^2 for i in 1:n)"
    long = section(Function(text, sizes={"n": 100_000}), {})
    assert 41 <= long.places(201) < 201
    assert long.places(201) % 2 == 1
    a = np.array([[0.0, 1.0]])
    f = section(Function(text, sizes={"n": 8_000}), {}).over([a, np.array([[0.0], [2.0]])])
    squares, numbers = 8_000 * 8_001 * 16_001 / 6, 8_000 * 8_001 / 2
    assert f == pytest.approx(
        np.array([[0.0, squares], [4 * 8_000, squares - 4 * numbers + 4 * 8_000]])
    )


def test_points_are_those_of_the_free_variables() -> None:
    part = section(THREE, {"y": 3.0})
    assert part.read("z=1,x=2") == (2.0, 1.0)
    with pytest.raises(PointError, match="has 3 values; it takes 2 values, in the order x, z"):
        part.read("1,2,3")


def test_where_there_is_no_value() -> None:
    part = section(Function("log(x)"), {})
    with pytest.raises(UndefinedError):
        part.value((-1.0,))
    with pytest.raises(UndefinedError):
        part.nonsmooth_slopes((-1.0,))
    assert math.isnan(part.slopes((-1.0,))[0])
