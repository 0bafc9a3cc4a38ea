from __future__ import annotations

from math import log10

import pytest

from gdcli.report.pictures.page import fits
from tests import example_scenes as scenes


def test_a_fit_has_bands_points_and_lines_in_two_panels() -> None:
    scene = scenes.fit()
    figure = fits.fit(scene)
    *bands, data, curve, left, zero = figure["data"]
    for place, band in enumerate(scene.panels[0].bands):
        low, high = bands[2 * place : 2 * place + 2]
        assert (low["y"], high["y"]) == (band.low.tolist(), band.high.tolist())
        assert high["fill"] == "tonexty"  # to the trace before
        assert high["name"] == band.label
    assert data["y"] == scene.panels[0].points[0].y.tolist()
    assert data["error_y"]["array"] == [0.2] * 7
    assert curve["y"] == scene.panels[0].lines[0].y.tolist()
    assert left["y"] == scene.panels[1].points[0].y.tolist()
    assert [one["yaxis"] for one in (data, curve, left, zero)] == ["y", "y", "y2", "y2"]
    shown = figure["layout"]
    assert shown["xaxis"]["anchor"] == "y2"
    low, high = shown["yaxis2"]["domain"], shown["yaxis"]["domain"]
    assert 0 <= low[0] < low[1] < high[0] < high[1] == 1
    assert (high[1] - high[0]) / (low[1] - low[0]) == pytest.approx(0.7 / 0.3)
    named = [trace["name"] for trace in figure["data"] if trace.get("showlegend", True)]
    assert named == ["95 % prediction band", "95 % confidence band", "data", "fit"]


def test_classes_stand_at_their_names_over_a_logarithmic_axis() -> None:
    figure = fits.fit(scenes.classes())
    assert figure["layout"]["yaxis"]["ticktext"] == ["low", "middle", "high"]
    across = figure["layout"]["xaxis"]
    assert across["type"] == "log"
    assert across["range"] == pytest.approx([log10(0.9), log10(1100)])
