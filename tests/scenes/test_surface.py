from __future__ import annotations

from collections.abc import Callable
from math import hypot

import numpy as np
import pytest

from gdcli.errors import UndefinedError, UsageError
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Contour, Surface
from gdcli.scenes.section import section
from gdcli.scenes.surface import FIELD_ARROWS, contour, field, surface


def request(source: str, **options: object) -> PictureRequest:
    return PictureRequest(section(function(source), {}), **options)  # type: ignore[arg-type]


def test_the_grid_is_f_over_the_window_asked_for() -> None:
    scene = contour(request("x^2 + 3*y", window={"x": (0.0, 2.0), "y": (-1.0, 1.0)}))
    grid = scene.grid
    assert (grid.axes[0], grid.axes[1]) == (("x", 0.0, 2.0), ("y", -1.0, 1.0))
    assert (grid.x[0], grid.x[-1], grid.y[0], grid.y[-1]) == (0.0, 2.0, -1.0, 1.0)
    assert grid.f.shape == (grid.y.size, grid.x.size)
    assert grid.f == pytest.approx(grid.x[None, :] ** 2 + 3 * grid.y[:, None])
    assert grid.limits == (-3.0, 7.0)
    assert (scene.title, scene.arrow, scene.minima, scene.notes) == ("x^2 + 3*y", None, (), ())


def test_a_problem_has_its_window_and_its_minima() -> None:
    scene = contour(request("five-well"))
    assert [axis[1:] for axis in scene.grid.axes] == [(-20.0, 20.0), (-20.0, 20.0)]
    assert len(scene.minima) == 5
    assert min(scene.minima, key=lambda mark: mark.f)[1:] == pytest.approx(
        (4.93228927112572, -10.00051590302335, -1.15423384652360905)
    )
    near = contour(request("five-well", window={"x": (0.0, 20.0), "y": (-20.0, 0.0)}))
    assert len(near.minima) == 2


def test_the_arrow_is_the_gradient_at_the_point() -> None:
    # of x^2*y + 1/(x^2+y^2+1) at (1/2, -1/2): 2xy - 2x/(...)^2 = -17/18, x^2 - 2y/(...)^2 = 25/36
    arrow = surface(request("lecture", at=(0.5, -0.5))).arrow
    assert arrow is not None
    assert arrow.at == pytest.approx((0.5, -0.5, 13 / 24))
    assert arrow.gradient == pytest.approx((-17 / 18, 25 / 36))
    assert arrow.drawn == arrow.gradient  # in the units of the axes


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_an_arrow_too_long_or_too_short_is_scaled_and_said_so(factor: float) -> None:
    window = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}
    scene = contour(request(f"{factor}*(3*x + 4*y)", at=(0.0, 0.0), window=window))
    assert scene.arrow is not None
    assert scene.arrow.gradient == pytest.approx((3 * factor, 4 * factor))
    dx, dy = scene.arrow.drawn
    assert dy / dx == pytest.approx(4 / 3)
    assert 0.2 < hypot(dx, dy) < 1.0
    assert "times its length" in scene.notes[0]


@pytest.mark.parametrize("build", [contour, surface])
@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("rosenbrock", (-1.2, 1.0)),
        ("sphere", (1.8, 1.8)),
        ("sin(x)*cos(y)", (4.6, 0.3)),
        ("exp(3*x) + y", (4.4, 0.0)),
    ],
)
def test_an_arrow_ends_within_the_picture_and_its_length_is_told(
    build: Callable[[PictureRequest], Contour | Surface], source: str, at: tuple[float, float]
) -> None:
    scene = build(request(source, at=at))
    arrow = scene.arrow
    assert arrow is not None
    assert all(
        axis.low < place + part < axis.high
        for axis, place, part in zip(scene.grid.axes, at, arrow.drawn, strict=True)
    )
    if build is surface:
        rise = np.dot(arrow.gradient, arrow.drawn)
        assert scene.grid.limits[0] < arrow.at[2] + rise < scene.grid.limits[1]
    scale = hypot(*arrow.drawn) / hypot(*arrow.gradient)
    assert f"the gradient's arrow is drawn {scale:.3g} times its length" in scene.notes


@pytest.mark.parametrize("build", [contour, surface])
def test_at_the_very_edge_an_arrow_can_be_seen_all_the_same(
    build: Callable[[PictureRequest], Contour | Surface],
) -> None:
    arrow = build(request("x^2 + y^2", at=(5.0, 5.0))).arrow
    assert arrow is not None
    rise = np.dot(arrow.gradient, arrow.drawn) if build is surface else 0.0
    shares = hypot(arrow.drawn[0] / 10, arrow.drawn[1] / 10, rise / 50)
    assert shares == pytest.approx(0.1 if build is surface else 0.05)


def test_where_the_gradient_is_0_there_is_no_arrow_to_see() -> None:
    scene = contour(request("x^2 + y^2", at=(0.0, 0.0)))
    assert scene.arrow is not None
    assert scene.arrow.drawn == (0.0, 0.0)
    assert scene.notes == ("the gradient at at is 0: it has no arrow",)


def test_a_point_outside_of_the_window_asked_for_or_undefined_is_refused() -> None:
    with pytest.raises(UsageError, match="outside of the window"):
        contour(request("x*y", at=(9.0, 0.0), window={"x": (0.0, 1.0)}))
    with pytest.raises(UndefinedError, match="log"):
        contour(request("log(x*y)", at=(-1.0, 1.0)))


def test_the_field_points_down_the_slope_and_fits_the_picture() -> None:
    scene = field(request("x^2 + 10*y^2"))
    assert len(scene.arrows) == FIELD_ARROWS[0] * FIELD_ARROWS[1]
    for arrow in scene.arrows:
        x, y, f = arrow.at
        assert f == pytest.approx(x**2 + 10 * y**2)
        assert arrow.gradient == pytest.approx((2 * x, 20 * y))
        assert arrow.drawn[0] * 20 * y == pytest.approx(arrow.drawn[1] * 2 * x)  # parallel
        assert arrow.drawn[0] * 2 * x + arrow.drawn[1] * 20 * y <= 0.0
        assert hypot(*arrow.drawn) <= 10.0 / FIELD_ARROWS[0]
    steepest = max(scene.arrows, key=lambda arrow: hypot(*arrow.gradient))
    assert hypot(*steepest.drawn) > 0.5 * 10.0 / FIELD_ARROWS[0]


def test_arrows_stand_where_there_is_a_gradient() -> None:
    scene = field(request("sqrt(x) + 0*y", window={"x": (-1.0, 1.0), "y": (-1.0, 1.0)}))
    assert scene.arrows
    assert all(arrow.at[0] > 0 for arrow in scene.arrows)
    assert all(arrow.drawn == (0.0, 0.0) for arrow in field(request("f(x, y) = 3")).arrows)


def test_undefined_regions_are_blank_and_said_so() -> None:
    scene = contour(request("log(x) + y", window={"x": (-1.0, 1.0), "y": (0.0, 1.0)}))
    blank = np.isnan(scene.grid.f).all(axis=0)
    assert (blank == (scene.grid.x <= 0.0)).all()
    assert "f has no finite value in 50 % of the window: left blank" in scene.notes
    few = contour(request("1/x + y", window={"x": (-1.0, 1.0), "y": (0.0, 1.0)}))
    assert "less than 1 %" in few.notes[0]
    assert "cut off" in few.notes[1]


def test_a_window_of_our_choice_is_drawn_in_around_what_is_defined() -> None:
    scene = contour(request("sqrt(1 - x^2 - (y-3)^2)"))
    x, y = scene.grid.axes
    assert -1.4 < x.low < -1.0 < 1.0 < x.high < 1.4
    assert 1.6 < y.low < 2.0 < 4.0 < y.high < 4.4


def test_numbers_beyond_drawing_are_blank() -> None:
    scene = contour(request("1e199*x*y"))
    assert np.nanmax(np.abs(scene.grid.f)) <= 1e200
    assert "or none below 1e+200" in scene.notes[0]


@pytest.mark.parametrize("text", ["1e300*x*y", "1e300*(x^2 + y^2)"])  # 0 on a cross, at a place
def test_what_is_mostly_beyond_drawing_is_refused(text: str) -> None:
    with pytest.raises(UndefinedError) as caught:
        contour(request(text))
    assert "f is beyond 1e+200 in most of the window x=-5:5,y=-5:5" in caught.value.message
    assert caught.value.exit_status == 4


def test_what_is_drawn_as_a_constant_and_is_none_is_told() -> None:
    (note,) = contour(request("1e-300*x^2 + 1e-300*y^2")).notes
    assert note.startswith("f changes by no more than 5e-299 in the window")
    assert contour(request("1e-190*x^2 + 1e-190*y^2")).notes == ()
    assert contour(request("f(x, y) = 3")).notes == ()


def test_nothing_to_draw() -> None:
    with pytest.raises(UndefinedError) as caught:
        contour(request("log(-1 - x^2 - y^2)"))
    assert caught.value.message == (
        "f has no finite value in the window x=-5:5,y=-5:5; choose another window"
    )
    assert caught.value.exit_status == 4


def test_a_slice_is_drawn_like_a_function_of_two() -> None:
    part = section(Function("x^2 + y*z + z"), {"y": 2.0})
    scene = contour(PictureRequest(part, at=(1.0, 1.0)))
    assert [axis.name for axis in scene.grid.axes] == ["x", "z"]
    assert scene.grid.f[-1, 0] == pytest.approx(25.0 + 3 * 5.0)
    assert scene.arrow is not None
    assert scene.arrow.gradient == (2.0, 3.0)
    assert scene.title.endswith(", y = 2")
