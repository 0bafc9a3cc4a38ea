from __future__ import annotations

import numpy as np
import pytest

from gdcli.errors import UndefinedError, UsageError
from gdcli.library.lookup import function
from gdcli.scenes.curve import curve
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Curve
from gdcli.scenes.section import section


def drawn(source: str, **options: object) -> Curve:
    return curve(PictureRequest(section(function(source), {}), **options))  # type: ignore[arg-type]


def test_the_line_is_f_over_the_window() -> None:
    scene = drawn("sin(x)", window={"x": (0.0, 3.0)})
    assert scene.axis == ("x", 0.0, 3.0)
    assert scene.line.x[0] == 0.0
    assert scene.line.x[-1] == 3.0
    assert scene.line.y == pytest.approx(np.sin(scene.line.x))
    assert scene.limits == pytest.approx((0.0, 1.0), abs=1e-5)
    assert (scene.point, scene.tangent, scene.secant, scene.ends) == (None, None, None, None)


def test_tangent_and_secant_of_the_lecture() -> None:
    # f = x^4 - x^3 - 6x^2: f(-0.5) = -1.3125, f'(-0.5) = 4.75, f(-0.1) = -0.0589
    scene = drawn("x^4-x^3-6x^2", at=(-0.5,), secant=0.4)
    assert scene.point is not None
    assert scene.tangent is not None
    assert scene.secant is not None
    assert scene.ends is not None
    assert scene.point[1:3] == (-0.5, -1.3125)
    assert scene.ends[0] == scene.point
    assert scene.ends[1][1:3] == pytest.approx((-0.1, -0.0589))
    slopes = [
        (line.y[1] - line.y[0]) / (line.x[1] - line.x[0]) for line in (scene.tangent, scene.secant)
    ]
    assert slopes == pytest.approx([4.75, (1.3125 - 0.0589) / 0.4])
    assert scene.tangent.label == "tangent, slope 4.75"
    for line in (scene.tangent, scene.secant):
        assert np.interp(-0.5, line.x, line.y) == pytest.approx(-1.3125)
        assert (line.x[0], line.x[1]) == (scene.axis.low, scene.axis.high)
    low, high = scene.axis.low, scene.axis.high
    assert -2.5 < low < -0.5 < -0.1 < high < 2.0  # the secant fills a good part


def test_a_secant_may_go_back() -> None:
    scene = drawn("x^2", at=(1.0,), secant=-0.5)
    assert scene.ends is not None
    assert scene.ends[1][1:3] == (0.5, 0.25)
    assert scene.secant is not None
    assert scene.secant.label == "secant, slope 1.5"


def test_the_window_of_our_choice_shows_the_turning_points() -> None:
    scene = drawn("x^4-x^3-6x^2")  # between -5 and 5 it reaches 600, its turns lie within 17
    assert -5 < scene.axis.low < -1.4
    assert 2.2 < scene.axis.high < 5
    assert scene.limits[1] < 120
    assert drawn("x^4").axis[1:] == (-5.0, 5.0)
    assert drawn("sin(x)").axis[1:] == (-5.0, 5.0)


def test_the_window_of_our_choice_is_drawn_in_around_what_is_defined() -> None:
    axis = drawn("asin(x)").axis
    assert -1.2 < axis.low < -1.0 < 1.0 < axis.high < 1.2


def test_a_tangent_has_a_window_around_its_point() -> None:
    assert drawn("x^2", at=(100.0,)).axis[1:] == (50.0, 150.0)
    assert drawn("x^2", at=(1.0,)).axis[1:] == (-2.0, 4.0)
    axis = drawn("x^2", at=(7.0,), window={"x": (6.0, 8.0)}).axis
    assert axis[1:] == (6.0, 8.0)


def test_the_slope_at_a_kink_is_said_to_be_one() -> None:
    (note,) = drawn("abs(x)", at=(0.0,)).notes
    assert note.startswith("kink of abs(x) at x = 0: the slope shown is the one of least norm")
    assert drawn("abs(x)", at=(1.0,)).notes == ()


def test_a_pole_breaks_the_line() -> None:
    scene = drawn("1/(x - 0.01)", window={"x": (-1.0, 1.0)})
    y = scene.line.y
    gap = np.isnan(y)
    assert gap.any()
    assert np.abs(scene.line.x[gap] - 0.01).max() < 0.1
    assert np.nanmax(np.abs(y)) < 1000
    assert "cut off" in scene.notes[0]


@pytest.mark.parametrize("sharpness", [1e3, 1e6, 1e8])
def test_a_narrow_peak_is_drawn_to_its_top(sharpness: float) -> None:
    scene = drawn(f"1/(1 + {sharpness}*(x - 0.12345)^2)")
    top = int(np.argmax(scene.line.y))
    assert scene.line.x[top] == pytest.approx(0.12345, abs=1e-6)
    assert scene.line.y[top] == pytest.approx(1.0, abs=1e-3)
    assert scene.limits[1] >= scene.line.y[top]
    assert (np.diff(scene.line.x) > 0).all()
    assert scene.notes == ()


def test_what_changes_too_fast_is_told() -> None:
    assert "changes faster" in drawn("sin(10000*x)").notes[0]
    assert drawn("sin(50*x)").notes == ()


def test_what_is_undefined_is_a_gap() -> None:
    scene = drawn("log(x)", window={"x": (-1.0, 1.0)})
    assert (np.isnan(scene.line.y) == (scene.line.x <= 0.0)).all()
    assert scene.notes[0] == "f has no finite value in 50 % of the window: left blank"


def test_what_no_picture_can_hold_is_refused_or_told() -> None:
    with pytest.raises(UndefinedError, match="f is beyond 1e\\+200 in most of the window x=-5:5"):
        drawn("1e300*x^2")
    assert drawn("1e300*x^2", window={"x": (-1e-60, 1e-60)}).notes == ()
    (note,) = drawn("1e-300*x^2").notes
    assert note.startswith("f changes by no more than 2.5e-299 in the window")
    assert drawn("sqrt(1e-6 - x^2)").notes[0].startswith("f has no finite value in more than 99 %")


def test_known_minima_are_marked() -> None:
    scene = drawn("gramacy-lee")
    assert scene.minima
    for mark in scene.minima:
        assert scene.axis.low <= mark.x <= scene.axis.high
        assert mark.y == mark.f


@pytest.mark.parametrize(
    ("source", "at", "h"),
    [("log(x)", -1.0, None), ("log(x)", 1.0, -2.0), ("log(-1 - x^2)", None, None)],
)
def test_what_is_undefined_is_refused(source: str, at: float | None, h: float | None) -> None:
    with pytest.raises(UndefinedError):
        drawn(source, at=None if at is None else (at,), secant=h)


def test_a_secant_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(UsageError, match="leads nowhere"):
        drawn("x^2", at=(1e300,), secant=1.0)
    with pytest.raises(UsageError, match="outside of the window"):
        drawn("x^2", at=(3.0,), window={"x": (0.0, 1.0)})
