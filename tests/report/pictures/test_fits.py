from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from gdcli.report.pictures import fits, style
from gdcli.report.pictures.captions import captions
from gdcli.scenes.scene import Scatter
from tests import example_scenes as scenes


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.applied():
        yield


def test_a_fit_has_its_data_curve_and_bands_above_and_its_residuals_below() -> None:
    scene = scenes.fit()
    figure: Any = fits.fit(scene)
    above, below = figure.axes
    data, curve = above.lines
    assert np.array_equal(data.get_xdata(), scene.panels[0].points[0].x)
    assert np.array_equal(data.get_ydata(), scene.panels[0].points[0].y)
    assert np.array_equal(curve.get_ydata(), scene.panels[0].lines[0].y)
    wide, narrow, bars = above.collections
    for drawn, band in zip((wide, narrow), scene.panels[0].bands, strict=True):
        y = drawn.get_paths()[0].vertices[:, 1]
        assert (y.min(), y.max()) == (band.low.min(), band.high.max())
    ends = np.array(bars.get_segments())[:, :, 1]
    assert np.allclose(ends[:, 1] - ends[:, 0], 0.4)
    left, zero = below.lines
    assert np.array_equal(left.get_ydata(), scene.panels[1].points[0].y)
    assert not np.any(zero.get_ydata())
    assert above.get_xlim() == below.get_xlim() == (-3.2, 3.2)
    assert (above.get_ylabel(), below.get_ylabel()) == ("y", "residual/σ")
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["95 % prediction band", "95 % confidence band", "data", "fit"]
    assert above.get_title() == "a = 1 ± 0.1,  b = 0.5 ± 0.04"


def test_classes_have_their_names_beside_the_axis_and_their_colours_in_both_panels() -> None:
    figure: Any = fits.fit(scenes.classes())
    above, below = figure.axes
    assert [text.get_text() for text in above.get_yticklabels()] == ["low", "middle", "high"]
    assert above.get_xscale() == below.get_xscale() == "log"
    colors = [[line.get_color() for line in axes.lines] for axes in (above, below)]
    assert colors[0] == colors[1]
    assert len({*colors[0]}) == 3


def test_many_points_are_an_image_in_svg_and_faint() -> None:
    scene = scenes.fit()
    x = np.linspace(-3.0, 3.0, 2_000)
    above = scene.panels[0]._replace(points=(Scatter("data", x, 1 + x / 2),))
    figure: Any = fits.fit(scene._replace(panels=(above,)))
    (axes,) = figure.axes
    drawn = axes.lines[0]
    assert drawn.get_rasterized()
    assert drawn.get_alpha() == fits.FAINTEST_POINT
    few: Any = fits.fit(scenes.fit())
    assert not few.axes[0].lines[0].get_rasterized()


def test_a_minus_sign_in_a_caption_is_a_true_one() -> None:
    assert captions(scenes.fit()._replace(parameters=("a = -1", "b = 1e-05"))) == [
        "a = −1, ",
        "b = 1e−05",
    ]
