from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from gdcli.report.pictures import charts, style
from tests import example_scenes as scenes


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.applied():
        yield


def only(figure: Figure) -> Any:
    (axes,) = figure.axes
    return axes


def test_a_curve_is_f_with_its_tangent_and_secant() -> None:
    scene = scenes.curve()
    axes = only(charts.curve(scene))
    line = axes.lines[0]
    assert np.array_equal(line.get_xdata(), scene.line.x)
    assert np.array_equal(line.get_ydata(), scene.line.y, equal_nan=True)  # a gap at the pole
    assert axes.get_xlim() == (-2, 2)
    assert axes.get_ylim() == (-5.5, 5.5)
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["f(x)", "secant, slope -0.5", "tangent, slope -1"]
    assert [text.get_text() for text in axes.texts] == ["x", "x + h", "x"]
    marks = {
        (*one.get_xdata(), *one.get_ydata()) for one in axes.lines if len(one.get_xdata()) == 1
    }
    assert marks == {(1.0, 1.0), (2.0, 0.5)}


def test_straight_lines_keep_their_slope() -> None:
    axes = only(charts.curve(scenes.curve()))
    slopes = {}
    for line in axes.lines:
        if hasattr(line, "get_xy1"):
            (x0, y0), (x1, y1) = line.get_xy1(), line.get_xy2()
            slopes[line.get_label()] = ((y1 - y0) / (x1 - x0), y0 - x0 * (y1 - y0) / (x1 - x0))
    assert slopes == {"tangent, slope -1": (-1, 2), "secant, slope -0.5": (-0.5, 1.5)}


def test_a_lone_curve_needs_no_legend() -> None:
    bare = scenes.curve()._replace(point=None, tangent=None, secant=None, ends=None)
    axes = only(charts.curve(bare))
    assert axes.get_legend() is None


def test_a_history_has_a_panel_a_quantity_and_a_line_a_run() -> None:
    scene = scenes.history()
    figure = charts.history(scene)
    axes: Any
    for axes, panel in zip(figure.axes, scene.panels, strict=True):
        assert axes.get_ylabel() == panel.name
        assert (axes.get_yscale() == "log") == panel.logarithmic
        for drawn, line in zip(axes.lines, panel.lines, strict=True):
            assert np.array_equal(drawn.get_xdata(), line.x)
            assert np.array_equal(drawn.get_ydata(), line.y)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["α = 0.1", "α = 1"]
    assert figure.axes[-1].get_xlabel() == "k"


def test_k_is_logarithmic_where_runs_are_unlike() -> None:
    scene = scenes.history()
    assert charts.history(scene).axes[0].get_xscale() == "symlog"
    alike = tuple(panel._replace(lines=panel.lines[:1]) for panel in scene.panels)
    assert charts.history(scene._replace(panels=alike)).axes[0].get_xscale() == "linear"


def test_errors_are_drawn_over_h_both_logarithmic() -> None:
    scene = scenes.steps()
    axes = only(charts.steps(scene))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    forward, exact, *rings = axes.lines
    assert np.array_equal(forward.get_ydata(), scene.lines[0].y)
    assert (exact.get_ydata() == scene.floor).all()  # 0 has no place on the axis
    assert [(*ring.get_xdata(), *ring.get_ydata()) for ring in rings] == [
        (1e-8, 1e-8),
        (1e-8, 1e-17),
    ]
    assert "∂f/∂x = 1 " in axes.get_title()


def test_an_exact_gradient_of_many_components_stays_on_the_paper() -> None:
    exact = tuple((f"x{number}", 1 / 3) for number in range(9))
    figure = charts.steps(scenes.steps()._replace(exact=exact))
    figure.draw_without_rendering()
    title: Any = only(figure).title
    box = title.get_window_extent()
    assert 0 < box.x0 < box.x1 < figure.bbox.x1
    assert box.y1 < figure.bbox.y1
