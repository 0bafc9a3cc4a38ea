from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.page import charts
from gdcli.report.pictures.page.player import Player
from tests import example_scenes as scenes


def test_a_curve_has_its_tangent_and_secant() -> None:
    figure = charts.curve(scenes.curve())
    curve, tangent, secant, *marks = figure["data"]
    assert curve["x"] == scenes.curve().line.x.tolist()
    assert curve["y"][20] is None  # 1/0
    assert curve["y"][30] == pytest.approx(1.0)
    assert tangent["name"] == "tangent, slope -1"
    assert secant["y"] == [2.5, 0.5]
    assert [(mark["x"], mark["y"]) for mark in marks] == [([1.0], [1.0]), ([2.0], [0.5])]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < -5 < 5 < high < 6
    assert figure["layout"]["xaxis"]["range"] == [-2, 2]


def test_a_path_of_one_variable_lies_on_its_curve() -> None:
    scene = scenes.slide()
    player = Player(scene.paths, scene.variables, scene.plane, 200)
    curve, start, trail, point = charts.descent(scene, player)["data"]
    assert (start["x"], start["y"], start["name"]) == (trail["x"][:1], trail["y"][:1], "start")
    assert curve["name"] == "f(x)"
    assert "legendgroup" not in trail  # a legend of groups sets what is in one below each other
    assert trail["y"] == pytest.approx([x * x for x in trail["x"]])
    assert point["x"] == trail["x"][-1:]
    assert [(move.figure, move.trace) for move in player.moves] == [(0, 2), (0, 3)]


def test_a_history_has_a_panel_each_over_one_k() -> None:
    figure = charts.history(scenes.history())
    shown = figure["layout"]
    assert shown["yaxis"]["type"] == "log"
    assert shown["yaxis"]["dtick"] > 1
    assert "type" not in shown["yaxis2"]
    assert shown["yaxis"]["domain"][0] > shown["yaxis2"]["domain"][1] > 0.4
    assert shown["yaxis2"]["domain"][0] == 0
    assert shown["xaxis"]["anchor"] == "y2"
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y", "y2", "y2"]
    assert [trace["showlegend"] for trace in figure["data"]] == [True, True, False, False]
    k = np.arange(101)
    assert figure["data"][0]["x"] == k.tolist()
    assert figure["data"][0]["y"] == pytest.approx(0.5**k)


def test_one_panel_alone_fills_the_figure() -> None:
    scene = scenes.history()
    shown = charts.history(scene._replace(panels=scene.panels[:1]))["layout"]
    assert shown["yaxis"]["domain"] == [0, 1]
    assert shown["xaxis"]["anchor"] == "y"


def test_errors_are_drawn_against_h_with_their_least() -> None:
    figure = charts.steps(scenes.steps())
    *lines, best = figure["data"]
    assert [line["name"] for line in lines] == ["forward-difference", "complex-step"]
    assert lines[0]["x"] == lines[0]["y"]
    assert best["x"] == [1e-8, 1e-8]
    assert best["text"][0] == "h = 1e-8<br>error 1e-08"
    assert {figure["layout"][axis]["type"] for axis in ("xaxis", "yaxis")} == {"log"}
