"""Figures of fits: the data with the curve and its bands, and below them what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gdcli.report.pictures import charts, style
from gdcli.report.pictures.captions import captions
from gdcli.report.pictures.text_wrapping import name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gdcli.scenes.scene import FitPanel, FitScene, Scatter

MOST_VECTOR_POINTS = 300  # of one kind: of more, svg and pdf hold an image
LARGEST_POINT, SMALLEST_POINT = 7.0, 2.5  # diameters of few points and of many
FAINTEST_POINT = 0.35  # the opacity of many points
BAND_OPACITIES = (0.14, 0.28)  # of the wider band, and of the narrower one on it
POINT_COLORS = (style.INK, style.ACCENT, *style.LINE_COLORS[2:])


def fit(scene: FitScene) -> Figure:
    """The panels of a fit below one another, with one axis across."""
    figure = style.figure(style.TALL_SIZE, scene.title)
    shares = [panel.share for panel in scene.panels]
    below = figure.subplots(len(shares), 1, sharex=True, squeeze=False, height_ratios=shares)[:, 0]
    for axes, panel in zip(below, scene.panels, strict=True):
        _panel(axes, panel)
    across = scene.panels[-1].across
    below[-1].set_xlabel(style.words(name(across.name)))
    phrases = captions(scene)
    below[0].set_title(style.lines_of(phrases, style.TALL_SIZE[0] - 1), fontsize="small")
    for axes in below:
        charts.legend_below(figure, axes)
    figure.align_ylabels(below)
    return figure


def _panel(axes: Axes, panel: FitPanel) -> None:
    """Draws the bands, on them the points, and on these the lines."""
    for number, band in enumerate(panel.bands):
        axes.fill_between(
            *(band.x, band.low, band.high),
            color=style.CURVE_COLOR,
            alpha=BAND_OPACITIES[number - len(panel.bands)],
            linewidth=0,
            label=style.words(band.label),
        )
    for number, points in enumerate(panel.points):
        _points(axes, points, number)
    colors = (style.CURVE_COLOR,) if len(panel.lines) == 1 else POINT_COLORS
    for number, line in enumerate(panel.lines):
        axes.plot(
            *(line.x, line.y),
            color=colors[number % len(colors)] if line.label else style.QUIET_INK,
            linewidth=2.5 if line.label else 1.2,
            label=style.words(line.label) or "_",
            zorder=4,
        )
    axes.set_xscale("log" if panel.logarithmic else "linear")
    axes.set_xlim(panel.across.low, panel.across.high)
    axes.set_ylim(panel.up.low, panel.up.high)
    if panel.texts:
        axes.set_yticks(range(len(panel.texts)), [style.words(name(one)) for one in panel.texts])
    style.name_upward(axes, panel.up.name)
    axes.grid(True)


def _points(axes: Axes, points: Scatter, number: int) -> None:
    """Draws points, smaller and fainter the more there are."""
    count = max(len(points.x), 1)
    crowd = min(1.0, max(0.0, float(np.log10(count / 30)) / 1.8))  # from 30 to 2,000 points
    color = POINT_COLORS[number % len(POINT_COLORS)]
    (drawn,) = axes.plot(
        *(points.x, points.y),
        style.MARKS[number % len(style.MARKS)],
        color=color,
        markersize=LARGEST_POINT + crowd * (SMALLEST_POINT - LARGEST_POINT),
        markeredgewidth=0,
        alpha=1 + crowd * (FAINTEST_POINT - 1),
        label=style.words(points.label) or "_",
        zorder=3,
    )
    drawn.set_rasterized(count > MOST_VECTOR_POINTS)
    if points.error is not None:
        bars = axes.vlines(points.x, points.y - points.error, points.y + points.error)
        bars.set(color=color, linewidth=1.2, alpha=drawn.get_alpha(), zorder=2)
        bars.set_rasterized(count > MOST_VECTOR_POINTS)
