"""Lines over one axis, for plotly: a curve, a descent on it, a history, errors against h."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from gdcli.report.number_format import cell, number_row
from gdcli.report.pictures import style
from gdcli.report.pictures.page.layout import axis, layout, powers
from gdcli.report.pictures.page.player import Player
from gdcli.report.pictures.page.traces import minima, path_color, path_styles, starts
from gdcli.scenes.scene import Curve, DescentScene, History, Panel, Polyline, Steps

CHART_FIGURE = 0  # its number on the page, where it is the only one
PANEL_SPACING = 0.06  # of the page's height, between two panels
PAGE_LIMITS_MARGIN = 0.04  # of the f shown, above and below


def curve(scene: Curve) -> dict[str, Any]:
    """The curve of f, with the tangent and the secant where there are."""
    traces = [line_trace(scene.line, style.CURVE_COLOR)]
    if scene.tangent is not None:
        traces.append(line_trace(scene.tangent, style.ACCENT))
    if scene.secant is not None:
        traces.append(line_trace(scene.secant, style.SECOND_ACCENT, dash="dash"))
    marks = dict.fromkeys([*([scene.point] if scene.point else []), *(scene.ends or ())])
    traces += [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [mark.x],
            "y": [mark.y],
            "hovertemplate": f"{escape(scene.axis.name)} = {cell(mark.x)}<br>f = {cell(mark.f)}"
            "<extra></extra>",
            "marker": {"color": style.INK, "size": 10},
            "showlegend": False,
        }
        for mark in marks
    ]
    return chart([*traces, *minima(scene.minima)], scene.axis, scene.limits)


def descent(scene: DescentScene, player: Player) -> dict[str, Any]:
    """The curve of f, and on it every path with the point that moves along it."""
    assert scene.curve is not None
    assert scene.axis is not None
    begun = [(path.steps[0].point[scene.plane[0]], path.steps[0].f) for path in scene.paths]
    traces = [line_trace(scene.curve, style.CURVE_COLOR), *minima(scene.minima), starts(begun)]
    trace_styles = [path_styles(number, path.label) for number, path in enumerate(scene.paths)]
    columns = {"x": str(scene.plane[0]), "y": "height"}
    traces += player.traces(CHART_FIGURE, len(traces), columns, trace_styles)
    return chart(traces, scene.axis, scene.limits)


def history(scene: History) -> dict[str, Any]:
    """The panels, one below the other, over one axis of k."""
    count = len(scene.panels)
    each = (1 + PANEL_SPACING) / count
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {"xaxis": axis("k", anchor=f"y{count}" if count > 1 else "y")}
    for number, panel in enumerate(scene.panels):
        place = str(number + 1) if number else ""
        top = 1 - number * each
        domain = [max(0.0, top - each + PANEL_SPACING), top]
        kind = powers(_values(panel.lines)) if panel.logarithmic else {}
        axes[f"yaxis{place}"] = axis(panel.name, domain=domain, **kind)
        traces += [trace | {"yaxis": f"y{place}"} for trace in _panel(panel, number == 0)]
    return {"data": traces, "layout": layout(**axes)}


def steps(scene: Steps) -> dict[str, Any]:
    """A line for each formula, with its best h marked; both axes are logarithmic."""
    traces = [line_trace(line, path_color(number)) for number, line in enumerate(scene.lines)]
    best = {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.x for mark in scene.best],
        "y": [mark.y for mark in scene.best],
        "text": [f"{escape(mark.label)}<br>error {cell(mark.y)}" for mark in scene.best],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": style.PAPER, "size": 10, "line": {"color": style.INK, "width": 2}},
        "name": "least error, with its neighbours",
    }
    sizes = [h for line in scene.lines for h in line.x.tolist()]
    across, up = axis("h", **powers(sizes)), axis(scene.measure, **powers(_values(scene.lines)))
    axes = {"xaxis": across, "yaxis": up}
    return {"data": [*traces, best], "layout": layout(**axes)}


def chart(traces: list[dict[str, Any]], along: Any, limits: tuple[float, float]) -> dict[str, Any]:
    """A figure of traces over one variable and f."""
    room = PAGE_LIMITS_MARGIN * (limits[1] - limits[0])
    across = axis(along.name, (along.low, along.high))
    up = axis("f", (limits[0] - room, limits[1] + room))
    return {"data": traces, "layout": layout(xaxis=across, yaxis=up)}


def _values(lines: Sequence[Polyline]) -> list[float]:
    return [value for line in lines for value in line.y.tolist()]


def _panel(panel: Panel, in_key: bool) -> list[dict[str, Any]]:
    return [
        line_trace(line, path_color(number))
        | {"legendgroup": str(number), "showlegend": in_key and bool(line.label)}
        for number, line in enumerate(panel.lines)
    ]


def line_trace(line: Polyline, color: str, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(line.label),
        "x": number_row(line.x.tolist()),
        "y": number_row(line.y.tolist()),
        "line": {"color": color, "width": 2.5, "dash": dash},
        "hovertemplate": "%{x:.6g}, %{y:.6g}<extra>%{fullData.name}</extra>",
    }
