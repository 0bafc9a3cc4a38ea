"""Charts, pictures with one variable across: a curve with its secant, a history, errors over h."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import style
from gdcli.report.pictures.captions import captions
from gdcli.report.pictures.text_wrapping import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from gdcli.scenes.scene import Axis, Curve, History, Mark, Panel, Polyline, Steps

LOGARITHMIC_LENGTH_RATIO = 20  # of the longest run to the shortest: beyond it k is logarithmic
MOST_MARKED_POINTS = 60  # of a line: its points are marked if it has no more


def curve(scene: Curve) -> Figure:
    """f over its variable, with the tangent and the secant that were asked for."""
    figure = style.figure(style.WIDE_SIZE, scene.title)
    axes = figure.add_subplot()
    graph(axes, scene.axis, scene.limits, scene.line)
    if scene.secant is not None:
        straight(axes, scene.secant, color=style.SECOND_ACCENT, linestyle=style.DASHES[1])
    if scene.tangent is not None:
        straight(axes, scene.tangent, color=style.ACCENT)
    for mark in scene.ends or ():
        spot(axes, mark, style.SECOND_ACCENT)
    if scene.point is not None:
        spot(axes, scene.point, style.ACCENT)
    stars(axes, scene.minima)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend()
    return figure


def graph(axes: Axes, across: Axis, limits: tuple[float, float], line: Polyline) -> None:
    """Draws the curve within its window, with gaps where f is undefined."""
    shown = np.where(np.isfinite(line.y), line.y, np.nan)
    label = style.words(line.label) or "_f"
    axes.plot(line.x, shown, color=style.CURVE_COLOR, linewidth=2.5, label=label, zorder=3)
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(*style.wider(limits))
    axes.set_xlabel(style.words(name(across.name)))
    style.name_upward(axes, "f")
    axes.grid(True)


def straight(axes: Axes, line: Polyline, **properties: Any) -> None:
    """Draws a tangent or secant, to the edges of the window."""
    (x0, x1), (y0, y1) = line.x[[0, -1]], line.y[[0, -1]]
    properties |= {"label": style.words(line.label), "zorder": 4, "linewidth": 2}
    axes.axline((float(x0), float(y0)), (float(x1), float(y1)), **properties)


def spot(axes: Axes, mark: Mark, color: str) -> None:
    """Draws a point on the curve, with its label beside it."""
    axes.plot([mark.x], [mark.y], "o", color=color, markeredgecolor=style.PAPER, ms=9, zorder=6)
    text = axes.annotate(
        style.words(mark.label),
        (mark.x, mark.y),
        xytext=(8, -16),
        textcoords="offset points",
        fontsize="small",
        color=color,
        zorder=7,
    )
    style.halo(text)


def stars(axes: Axes, marks: Sequence[Mark], **properties: Any) -> None:
    """Draws the known minima, in the plane or on a curve; `properties` are matplotlib's."""
    if marks:
        x, y = [mark.x for mark in marks], [mark.y for mark in marks]
        axes.plot(x, y, **style.star_style(len(marks)) | properties)


def legend_below(figure: Figure | SubFigure, axes: Axes) -> None:
    """Puts the legend of a panel below it, where the panel has labels."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))


def history(scene: History) -> Figure:
    """f, ‖∇f‖∞ and α over k, in panels below one another."""
    figure = style.figure(style.TALL_SIZE, scene.title)
    below = figure.subplots(len(scene.panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(below, scene.panels, strict=True):
        over_k(axes, panel)
    below[-1].set_xlabel("k")
    figure.align_ylabels(below)
    legend_below(figure, below[0])
    return figure


def over_k(axes: Axes, panel: Panel) -> None:
    """Draws a panel over k, which is logarithmic where runs differ much in length."""
    from matplotlib.ticker import MaxNLocator

    axes.set_yscale("log" if panel.logarithmic else "linear")
    for place, line in enumerate(panel.lines):
        properties = style.line_style(place)
        if len(line.x) > MOST_MARKED_POINTS:
            properties["marker"] = ""
        axes.plot(line.x, line.y, label=style.words(line.label) or "_", **properties, markersize=4)
    axes.set_ylabel(style.words(panel.name))
    lengths = [float(line.x[-1]) for line in panel.lines]
    axes.set_xlim(0, 1.02 * max(1.0, *lengths))
    if max(lengths) > LOGARITHMIC_LENGTH_RATIO * max(1.0, min(lengths)):
        axes.set_xscale("symlog", linthresh=1)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(True)


def steps(scene: Steps) -> Figure:
    """Errors over h, both logarithmic; a ring marks the best h of each formula."""
    figure = style.figure(style.WIDE_SIZE, scene.title)
    axes = figure.add_subplot()
    axes.set(xscale="log", yscale="log", xlabel="h", ylabel=scene.measure)
    for place, line in enumerate(scene.lines):
        drawn = np.maximum(line.y, scene.floor)
        size = max(3.0, 8.0 - 1.5 * place)  # a line that lies on another leaves it to be seen
        properties = style.line_style(place) | {"markersize": size, "linewidth": 0.4 * size}
        axes.plot(line.x, drawn, label=style.words(line.label), **properties)
    for mark in scene.best:
        ring: dict[str, Any] = {
            "markersize": 16,
            "markerfacecolor": "none",
            "markeredgecolor": style.INK,
        }
        axes.plot([mark.x], [max(mark.y, scene.floor)], "o", markeredgewidth=1.5, **ring, zorder=5)
    axes.grid(True)
    axes.legend(loc="best")
    phrases = [*captions(scene), " (rings: least error, with its neighbours)"]
    axes.set_title(style.lines_of(phrases, style.WIDE_SIZE[0] - 1), fontsize="small")
    return figure
