from __future__ import annotations

from math import atan2, degrees

import numpy as np
import pytest

from gdcli.report.pictures.page import plane
from gdcli.report.pictures.page.player import Player
from gdcli.scenes.scene import Contour, Field
from tests import example_scenes as scenes

CONTOUR = Contour("bowl", scenes.grid(), scenes.ARROW, scenes.MINIMA, ())


def test_contours_hold_f_and_its_place_among_the_levels() -> None:
    drawn = plane.contour(CONTOUR)["data"][0]
    f = np.array(drawn["customdata"])
    x, y = np.array(drawn["x"]), np.array(drawn["y"])
    assert f == pytest.approx(x**2 + 3 * y[:, None] ** 2, rel=1e-5, abs=1e-5)
    levels = CONTOUR.grid.levels  # 0 and 10.75 at the ends, evenly spaced
    assert np.array(drawn["z"]) == pytest.approx(8 * f / 10.75, abs=1e-4)
    assert levels == pytest.approx(np.linspace(0, 10.75, 9))
    assert drawn["contours"] == {"start": 0, "end": 8, "size": 1}
    assert drawn["colorbar"]["ticktext"][-1] == "10.8"


def test_axes_show_the_window() -> None:
    shown = plane.contour(CONTOUR)["layout"]
    assert (shown["xaxis"]["range"], shown["yaxis"]["range"]) == ([-2, 2], [-1, 1.5])
    assert shown["yaxis"]["title"]["text"] == "y"
    assert shown["yaxis"]["scaleanchor"] == "x"
    assert shown["xaxis"]["constrain"] == shown["yaxis"]["constrain"] == "domain"


def test_an_oblong_window_fills_the_figure() -> None:
    axes = scenes.ACROSS, scenes.UP._replace(high=1e3)
    shown = plane.contour(CONTOUR._replace(grid=CONTOUR.grid._replace(axes=axes)))["layout"]
    assert "scaleanchor" not in shown["yaxis"]
    assert "constrain" not in shown["xaxis"]


def test_the_gradients_arrow_goes_from_its_point_along_what_is_drawn() -> None:
    *_, shaft, tail = plane.contour(CONTOUR)["data"]
    assert shaft["x"][:2] == pytest.approx([1.0, 1.4])
    assert shaft["y"][:2] == pytest.approx([0.5, 1.1])
    assert (tail["x"], tail["y"]) == ([1.0], [0.5])
    assert tail["text"] == ["∇f = (2, 3)<br>f = 1.75"]


@pytest.mark.parametrize("high", [1.5, 999.0])
def test_an_arrow_has_a_symmetric_head_as_the_figure_is_drawn(high: float) -> None:
    axes = scenes.ACROSS, scenes.UP._replace(high=high)
    *_, shaft, _ = plane.contour(CONTOUR._replace(grid=CONTOUR.grid._replace(axes=axes)))["data"]
    sides = (1, 1) if high < 2 else (4, 1000)
    x, y = np.array(shaft["x"][:5]) / sides[0], np.array(shaft["y"][:5]) / sides[1]
    turns = [
        degrees(atan2(y[1] - y[k], x[1] - x[k]) - atan2(y[1] - y[0], x[1] - x[0])) for k in (2, 4)
    ]
    assert turns[0] == pytest.approx(-turns[1])
    assert 15 < abs(turns[0]) < 45


def test_a_field_has_all_arrows_with_gaps_between() -> None:
    scene = scenes.every()["field"]
    assert isinstance(scene, Field)
    *_, shafts, tails = plane.field(scene)["data"]
    assert shafts["x"].count(None) == len(scene.arrows) == len(tails["x"])
    assert shafts["hoverinfo"] == "skip"  # or a label would show at every end of a head


def test_without_an_arrow_or_minima_there_are_contours_alone() -> None:
    alone = CONTOUR._replace(arrow=None, minima=())
    assert [trace["type"] for trace in plane.contour(alone)["data"]] == ["contour"]


def test_several_paths_have_names_and_colours() -> None:
    scene = scenes.descent(scenes.path("α < 1"), scenes.path("α = 2", (-1.0, 0.5)))
    player = Player(scene.paths, scene.variables, scene.plane, 200)
    one, _, other, _ = plane.descent(scene, player)["data"][-4:]
    assert (one["name"], other["name"]) == ("α &lt; 1", "α = 2")
    assert one["line"]["color"] != other["line"]["color"]
    assert one["x"][0] == 1.5
    assert other["x"][0] == -1.0
    assert {move.figure for move in player.moves} == {1}


def test_starts_and_minima_are_marked_and_named() -> None:
    scene = scenes.descent(scenes.path("α = 1"), scenes.path("α = 2", (-1.0, 0.5)))
    player = Player(scene.paths, scene.variables, scene.plane, 200)
    _, minima, starts, one, end, other, _ = plane.descent(scene, player)["data"]
    assert (starts["x"], starts["y"], starts["name"]) == ([1.5, -1.0], [1.0, 0.5], "start")
    assert starts["marker"]["line"]["color"] == [one["line"]["color"], other["line"]["color"]]
    assert (minima["name"], minima["showlegend"]) == ("known minimum", True)
    assert minima["zorder"] > starts["zorder"] > 0  # on the paths
    assert end["marker"]["color"] == one["line"]["color"]  # a start is an open ring, an end is not
