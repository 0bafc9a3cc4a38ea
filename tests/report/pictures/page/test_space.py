from __future__ import annotations

import numpy as np
import pytest

from gdcli.pictures.scene import Surface
from gdcli.report.pictures.page import space
from gdcli.report.pictures.page.player import Player
from tests import scenes

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


def test_the_arrow_lies_in_the_tangent_plane() -> None:
    shaft = space.surface(SURFACE)["data"][-1]
    (x, to_x), (y, to_y), (f, to_f) = (shaft[name] for name in "xyz")
    assert (x, y) == scenes.ARROW.at[:2]
    assert (to_x - x, to_y - y) == pytest.approx(scenes.ARROW.drawn)
    assert to_f - f == pytest.approx(2 * 0.4 + 3 * 0.6)
    assert f == pytest.approx(1.75, abs=0.1)
    assert shaft["text"][0] == "∇f = (2, 3)<br>f = 1.75"


def test_paths_lie_on_the_surface() -> None:
    player = Player([scenes.path()], ("x", "y"), (0, 1), 200)
    figure = space.descent(scenes.descent(), player)
    trail, point = figure["data"][-2:]
    steps = scenes.path().steps
    assert list(zip(trail["x"], trail["y"], strict=True)) == [step.point for step in steps]
    assert trail["z"] == pytest.approx([step.f for step in steps], abs=0.2)
    assert [point[name] for name in "xyz"] == [trail[name][-1:] for name in "xyz"]
    assert [(move.figure, move.trace) for move in player.moves] == [(0, 2), (0, 3)]


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
