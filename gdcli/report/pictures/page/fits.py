"""Fits, for plotly: the data with the curve and its bands, and below them what is left over."""

from __future__ import annotations

from html import escape
from math import log10
from typing import Any

from gdcli.report.number_format import number_row
from gdcli.report.pictures import style
from gdcli.report.pictures.fits import BAND_OPACITIES, POINT_COLORS
from gdcli.report.pictures.page.charts import PANEL_SPACING, line_trace
from gdcli.report.pictures.page.layout import axis, layout, powers
from gdcli.report.pictures.page.traces import Trace
from gdcli.scenes.scene import Band, FitPanel, FitScene, Scatter

CURVE_RGB = ",".join(str(int(style.CURVE_COLOR[place : place + 2], 16)) for place in (1, 3, 5))
FEW_PAGE_POINTS = 100
PAGE_SYMBOLS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x")


def fit(scene: FitScene) -> dict[str, Any]:
    """The panels below one another, with one axis across."""
    count = len(scene.panels)
    room = 1 - PANEL_SPACING * (count - 1)
    whole = sum(panel.share for panel in scene.panels)
    traces: list[Trace] = []
    axes: dict[str, Any] = {}
    top = 1.0
    for number, panel in enumerate(scene.panels, 1):
        place = str(number) if number > 1 else ""
        bottom = max(0.0, top - room * panel.share / whole)
        axes[f"yaxis{place}"] = _up(panel) | {"domain": [bottom, top]}
        traces += [trace | {"yaxis": f"y{place}"} for trace in _traces(panel)]
        top = bottom - PANEL_SPACING
    anchor = {"anchor": f"y{place}"}
    return {"data": traces, "layout": layout(xaxis=_across(scene.panels[0]) | anchor, **axes)}


def _across(panel: FitPanel) -> dict[str, Any]:
    name, low, high = panel.across
    if panel.logarithmic:
        return axis(name, (log10(low), log10(high)), **powers((low, high)))
    return axis(name, (low, high))


def _up(panel: FitPanel) -> dict[str, Any]:
    texts = [escape(text) for text in panel.texts]
    ticks = {"tickvals": list(range(len(texts))), "ticktext": texts} if texts else {}
    return axis(panel.up.name, panel.up[1:], **ticks)


def _traces(panel: FitPanel) -> list[Trace]:
    """The bands, on them the points, and on these the lines."""
    traces: list[Trace] = []
    for number, band in enumerate(panel.bands, len(BAND_OPACITIES) - len(panel.bands)):
        traces += _band(band, BAND_OPACITIES[number])
    traces += [_points(points, number) for number, points in enumerate(panel.points)]
    colors = (style.CURVE_COLOR,) if len(panel.lines) == 1 else POINT_COLORS
    for number, line in enumerate(panel.lines):
        color = colors[number % len(colors)] if line.label else style.QUIET_INK
        traces.append(line_trace(line, color) | {"showlegend": bool(line.label)})
    return traces


def _band(band: Band, opacity: float) -> list[Trace]:
    """The two edges of a band, and between them its colour."""
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    group = {"legendgroup": band.label, "x": number_row(band.x.tolist())}
    low = edge | group | {"y": number_row(band.low.tolist()), "showlegend": False}
    high = (
        edge
        | group
        | {
            "y": number_row(band.high.tolist()),
            "fill": "tonexty",
            "fillcolor": f"rgba({CURVE_RGB},{opacity})",
            "name": escape(band.label),
        }
    )
    return [low, high]


def _points(points: Scatter, number: int) -> Trace:
    """Points as marks, with their error bars."""
    few = len(points.x) <= FEW_PAGE_POINTS
    color = POINT_COLORS[number % len(POINT_COLORS)]
    bars = {} if points.error is None else {
        "error_y": {"array": number_row(points.error.tolist()), "width": 0, "color": color}
    }  # fmt: skip
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escape(points.label),
        "showlegend": bool(points.label),
        "x": number_row(points.x.tolist()),
        "y": number_row(points.y.tolist()),
        "marker": {
            "color": color,
            "size": 8 if few else 4,
            "opacity": 1 if few else 0.5,
            "symbol": PAGE_SYMBOLS[number % len(PAGE_SYMBOLS)],
        },
        "hovertemplate": "%{x:.6g}, %{y:.6g}<extra></extra>",
    } | bars
