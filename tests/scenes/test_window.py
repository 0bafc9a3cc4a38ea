from __future__ import annotations

import math

import pytest

from gdcli.errors import PointError, UsageError
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from gdcli.scenes.section import Section, section
from gdcli.scenes.window import (
    AxisBounds,
    known_window,
    read_window,
    refuse_outside,
    widened,
    window,
)


def whole(source: str) -> Section:
    return section(function(source), {})


PLANE = section(Function("x^2 + y^2"), {})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x=-25:25,y=0:pi", {"x": (-25.0, 25.0), "y": (0.0, math.pi)}),
        ("y=-1/2:1/2", {"y": (-0.5, 0.5)}),
        (" -1 : 1 , 2:max(3,4)", {"x": (-1.0, 1.0), "y": (2.0, 4.0)}),
        (None, {}),
    ],
)
def test_windows_are_read(text: str | None, found: dict[str, AxisBounds]) -> None:
    assert read_window(text, ("x", "y"), ("x", "y")) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q=0:1", "`q` is no variable; x, y can be shown"),
        ("z=0:1", "`z` is held fixed by slice; x, y can be shown"),
        ("x=0:1,x=0:1", "`x` is given twice"),
        ("x=1:0", "the low end comes first"),
        ("x=1:1", "the low end comes first"),
        ("x=0", "the two ends of x with a colon between them"),
        ("x=0:1:2", "the two ends of x"),
        ("0:1", "1 stretch without a name"),
        ("0:1,1:2,2:3", "3 stretches without a name"),
        ("", "is empty; write the window x=-5:5,y=-5:5"),
        ("x=nan:1", "`nan` is not a number"),
        ("x=:1", "a value is missing"),
        ("x=-1e308:1.7e308", "-1e+308:1.7e+308 is wider than the largest float"),
        ("x=1.0000000000000002:1", "not 1.0000000000000002:1.0"),
    ],
)
def test_what_is_no_window_is_refused(text: str, message: str) -> None:
    with pytest.raises(PointError) as caught:
        read_window(text, ("x", "y", "z"), ("x", "y"))
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ((0.1, 0.1 + 1e-15), "from 0.1 to 0.100000000000001: the ends are too close together"),
        ((1.0, 1.0000000000000002), "from 1.0 to 1.0000000000000002: the ends are too close"),
        ((0.0, 1e-250), "from 0 to 1e-250: the ends are too close together"),
        ((-1e250, 0.0), "from -1e+250 to 0: ends beyond 1e+200 are too large"),
        ((1e20, 1e20 + 1e10), "the ends are too close together"),
    ],
)
def test_what_floats_cannot_tell_apart_is_refused(bounds: AxisBounds, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        window(PLANE, {"y": bounds})
    assert "no picture can show y from " in caught.value.message
    assert why in caught.value.message
    assert caught.value.message.endswith("; choose another window")


def test_what_is_asked_for_is_taken_as_it_is() -> None:
    asked = {"x": (0.0, 1.0), "y": (2.0, 3.0)}
    assert window(whole("rosenbrock"), asked, [(9.0, 9.0)], [(7.0, 7.0)]) == ((0, 1), (2, 3))


def test_the_problems_window_is_widened_to_hold_the_points() -> None:
    rosenbrock = whole("rosenbrock")
    assert window(rosenbrock, {}) == ((-2, 2), (-1, 3))
    assert window(rosenbrock, {}, [(1.0, 1.0)], [(50.0, 50.0)]) == ((-2, 2), (-1, 3))
    (low, high), other = window(rosenbrock, {}, [(4.0, 1.0)])
    assert (low, other) == (-2, (-1, 3))
    assert 4 < high < 6
    assert known_window(PLANE, {}) == {}


def test_a_slice_has_the_windows_of_its_free_variables() -> None:
    part = section(function("rosenbrock"), {"x": 1.0})
    assert window(part, {}) == ((-1, 3),)


def test_without_a_problem_the_window_lies_around_the_path() -> None:
    (x, y) = window(PLANE, {}, [], [(1.0, 10.0), (3.0, 20.0), (2.0, 12.0)])
    assert x[0] < 1 < 3 < x[1]
    assert y[0] < 10 < 20 < y[1]
    assert y[1] - y[0] == pytest.approx(10 * 1.3)
    assert x[1] - x[0] == pytest.approx(0.25 * 10 * 1.3)  # not thinner than a quarter


def test_where_nothing_is_known_the_window_is_the_default_with_the_points() -> None:
    assert window(PLANE, {}) == ((-5, 5), (-5, 5))
    assert window(PLANE, {}, [], [(1.0, 1.0), (1.0, 1.0)]) == ((-5, 5), (-5, 5))
    (_, high), _ = window(PLANE, {}, [(20.0, 0.0)])
    assert high > 20


def test_widening_leaves_the_other_end_alone() -> None:
    assert widened((0.0, 1.0), [0.5]) == (0.0, 1.0)
    assert widened((0.0, 1.0), [3.0]) == (0.0, 3.0 + 0.15 * 3.0)
    assert widened((0.0, 1.0), [-1.0]) == (-1.0 - 0.15 * 2.0, 1.0)


def test_a_point_outside_of_the_window_asked_for_is_refused() -> None:
    refuse_outside((0.5,), ((0.0, 1.0),), ("x",))
    with pytest.raises(UsageError, match="at lies outside of the window: y = 7 is not in 0:1"):
        refuse_outside((0.5, 7.0), ((0.0, 1.0), (0.0, 1.0)), ("x", "y"))
