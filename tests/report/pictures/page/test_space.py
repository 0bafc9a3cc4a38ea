from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.page import space
from gdcli.report.pictures.page.player import Player
from gdcli.scenes.scene import Surface
from tests import example_scenes as scenes

SURFACE = Surface("bowl", scenes.grid(), scenes.ARROW, scenes.MINIMA, ())


def test_the_surface_is_f() -> None:
    figure = space.surface(SURFACE)
    surface = figure["data"][0]
    x, y, z = (np.array(surface[name]) for name in "xyz")
    assert z.shape == (len(y), len(x))
    assert z == pytest.approx(x**2 + 3 * y[:, None] ** 2, rel=1e-5, abs=1e-5)
    assert np.array(surface["surfacecolor"]).shape == z.shape


def test_axes_show_the_window_and_the_limits() -> None:
    scene = space.surface(SURFACE)["layout"]["scene"]
    assert scene["xaxis"]["range"] == [-2, 2]
    assert scene["yaxis"]["range"] == [-1, 1.5]
    assert scene["zaxis"]["range"] == list(SURFACE.grid.limits)
    assert scene["xaxis"]["title"] == {"text": "x"}


def test_numbers_of_the_axes_are_round_and_none_stands_in_a_corner() -> None:
    scene = space.surface(SURFACE)["layout"]["scene"]
    assert scene["xaxis"]["tickvals"] == [-1, 0, 1]
    assert scene["yaxis"]["ticktext"] == ["−0.5", "0", "0.5", "1"]
    assert scene["zaxis"]["tickvals"] == [2, 4, 6, 8, 10]
    high = SURFACE.grid._replace(limits=(1e12, 1e12 + 50))
    texts = space.surface(SURFACE._replace(grid=high))["layout"]["scene"]["zaxis"]["ticktext"]
    assert texts[0] == "1000000000010"


def test_the_arrow_lies_in_the_tangent_plane() -> None:
    hill = scenes.grid(lambda x, y: 20 - scenes.height(x, y))
    arrow = scenes.ARROW._replace(at=(1.0, 0.5, 18.25), gradient=(-2.0, -3.0), drawn=(-0.4, -0.6))
    *_, shaft, tail = space.surface(SURFACE._replace(grid=hill, arrow=arrow))["data"]
    points = np.array([shaft[name] for name in "xyz"]).T
    way = points[space.SHAFT_PIECES - 1] - points[0]
    assert points[0] == pytest.approx([1.0, 0.5, 18.25], abs=0.1)
    assert way == pytest.approx([-0.4, -0.6, 2 * 0.4 + 3 * 0.6])
    assert tail["text"] == ["∇f = (−2, −3)<br>f = 18.25".replace("−", "-")]
    assert [tail[name] for name in "xyz"] == [[value] for value in points[0]]


def test_where_the_surface_would_hide_the_arrow_it_lies_on_it() -> None:
    *_, shaft, _ = space.surface(SURFACE)["data"]  # of a bowl, above all its tangents
    x, y, f = (np.array(shaft[name][: space.SHAFT_PIECES]) for name in "xyz")
    assert f == pytest.approx(x**2 + 3 * y**2, abs=0.1)


def test_an_arrow_has_a_head_that_is_seen_from_every_side() -> None:
    flat = scenes.grid(lambda x, y: 0 * x * y)._replace(limits=(-1.0, 1.0))
    arrow = scenes.ARROW._replace(at=(0.0, 0.0, 0.0), gradient=(1.0, 0.0), drawn=(0.5, 0.0))
    *_, shaft, _ = space.surface(SURFACE._replace(grid=flat, arrow=arrow))["data"]
    points = np.array([shaft[name] for name in "xyz"]).T - [0, 0, shaft["z"][0]]
    tip, ends = points[space.SHAFT_PIECES - 1], points[space.SHAFT_PIECES :: 2]
    assert (points[space.SHAFT_PIECES + 1 :: 2] == tip).all()
    assert (ends[:, 0] < tip[0]).all()
    assert ends[0, 1] == -ends[1, 1] != 0
    assert ends[2, 2] > ends[3, 2]
    assert ends.mean(axis=0) == pytest.approx(ends[:, 0].mean() * np.array([1, 0, 1]))


def test_an_arrow_of_no_length_is_a_point() -> None:
    arrow = scenes.ARROW._replace(drawn=(0.0, 0.0))
    *_, shaft, tail = space.surface(SURFACE._replace(arrow=arrow))["data"]
    assert (len(shaft["x"]), tail["x"]) == (1, [1.0])


def test_paths_lie_on_the_surface() -> None:
    player = Player([scenes.path()], ("x", "y"), (0, 1), 200)
    figure = space.descent(scenes.descent(), player)
    trail, point = figure["data"][-2:]
    steps = scenes.path().steps
    assert list(zip(trail["x"], trail["y"], strict=True)) == [step.point for step in steps]
    assert trail["z"] == pytest.approx([step.f for step in steps], abs=0.2)
    assert [point[name] for name in "xyz"] == [trail[name][-1:] for name in "xyz"]
    assert [(move.figure, move.trace) for move in player.moves] == [(0, 3), (0, 4)]
    start, minima = figure["data"][2], figure["data"][1]
    assert [start[name] for name in "xyz"] == [trail[name][:1] for name in "xyz"]
    assert (start["name"], minima["name"], minima["showlegend"]) == ("start", "known minimum", True)


def test_beyond_the_limits_the_surface_is_kept_short() -> None:
    grid = scenes.grid()._replace(limits=(0.0, 1.0))
    z = np.array(space.surface(SURFACE._replace(grid=grid))["data"][0]["z"])
    assert z.max() == 2.0  # plotly cuts at the axis; far away points would cost it its precision


def test_undefined_is_a_hole() -> None:
    grid = scenes.grid(lambda x, y: np.where(x < 0, np.nan, x + y))
    z = space.surface(SURFACE._replace(grid=grid, arrow=None))["data"][0]["z"]
    assert z[0][0] is None
    assert z[0][-1] == 1.0


def test_contours_are_lines_on_the_surface_where_they_are_even() -> None:
    levels = SURFACE.grid.levels
    lines = space.surface(SURFACE)["data"][0]["contours"]["z"]
    assert (lines["start"], lines["end"]) == (levels[0], levels[-1])
    uneven = SURFACE._replace(grid=SURFACE.grid._replace(uneven=True))
    assert "contours" not in space.surface(uneven)["data"][0]
