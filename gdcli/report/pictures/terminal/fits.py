"""Fits in the terminal: the data with the curve and its bands, and below them what is left over.

With colour a band is shaded; without, its edges are dotted, and in ASCII it has none. Few points
are signs, many are dots.
"""

from __future__ import annotations

from textwrap import wrap

import numpy as np

from gdcli.report.pictures.terminal.area import AXIS_CELLS, Area, Scale
from gdcli.report.pictures.terminal.canvas import ACROSS, FAINT, TEXT, Ink
from gdcli.report.pictures.terminal.figure import (
    AXIS_ROWS,
    FEWEST_ROWS,
    LegendEntry,
    TerminalFigure,
    ink_of,
)
from gdcli.report.pictures.terminal.lines import draw_lines, line_entries
from gdcli.report.transliteration import transliterated
from gdcli.report.view import STANDARD_WIDTH, Screen
from gdcli.scenes.scene import FitPanel, FitScene

POINT_SIGNS = ("•", "○", "×", "+")
CROWDED_CELLS_SHARE = 0.15  # of an area's cells: more points are dots
BAND_COLORS = (153, 110)  # of the wider band, and of the narrower one on it
DOT_DISTANCE = 4  # dots from dot to dot on the edge of a band
FEWEST_PANEL_ROWS = 3
UP_NAME_ROWS = 1  # above a panel
PARAMETER_LINES = 3  # below a picture, at most
KEPT_BLANK = "\xa0"  # at which no line is broken


def fit(scene: FitScene, screen: Screen, height: int | None) -> str:
    """The panels below one another, over one axis."""
    figure = TerminalFigure(screen, height, scene.title, _key(scene, screen), scene.notes)
    panels = scene.panels
    if figure.rows - AXIS_ROWS < FEWEST_ROWS + FEWEST_PANEL_ROWS + UP_NAME_ROWS * len(panels):
        panels = panels[:1]  # the rest has no room
    heights = _heights(panels, figure.rows - AXIS_ROWS - UP_NAME_ROWS * len(panels))
    up = [Scale("", *panel.up[1:], texts=panel.texts) for panel in panels]
    labels = max(figure.labels([one], rows) for one, rows in zip(up, heights, strict=True))
    left, top = labels + AXIS_CELLS, figure.top
    for panel, scale, rows in zip(panels, up, heights, strict=True):
        figure.canvas.write(top, left, panel.up.name)
        top += UP_NAME_ROWS
        size = (figure.width - left, rows)
        along = Scale(*panel.across, panel.logarithmic)
        area = Area(figure.canvas, (left, top), size, along, scale)
        area.left_axis(texts=labels > 0)
        _draw(area, panel)
        top += rows
    area.bottom_axis()
    return figure.text()


def _heights(panels: tuple[FitPanel, ...], rows: int) -> list[int]:
    """The rows of each panel."""
    whole = sum(panel.share for panel in panels)
    later = [max(FEWEST_PANEL_ROWS, round(rows * one.share / whole)) for one in panels[1:]]
    return [rows - sum(later), *later]


def _key(scene: FitScene, screen: Screen) -> list[LegendEntry]:
    """The bands, the points and the lines that are several, and the parameters in few lines."""
    entries = []
    for panel in scene.panels:
        if panel.bands and (screen.color or not screen.ascii):
            bands = ", ".join(band.label for band in reversed(panel.bands))
            sign, ink = ("▒", Ink(*BAND_COLORS[1:] * 3)) if screen.color else ("⠂", FAINT)
            entries.append(LegendEntry(sign, bands, ink))
        for number, points in enumerate(panel.points):
            if points.label and len(panel.points) > 1:
                entries.append(LegendEntry(_sign(number), points.label, _ink(panel, number)))
        entries += line_entries(panel.lines, screen) if len(panel.lines) > 1 else []
    if scene.parameters:
        width = (screen.width or STANDARD_WIDTH) - 3
        shown = map(transliterated, scene.parameters) if screen.ascii else scene.parameters
        whole = ", ".join(one.replace(" ", KEPT_BLANK) for one in shown)
        lines = wrap(
            whole, width, max_lines=PARAMETER_LINES, placeholder=" …", break_long_words=False
        )
        entries += [LegendEntry("", line.replace(KEPT_BLANK, " ")) for line in lines]
    return entries


def _sign(number: int) -> str:
    return POINT_SIGNS[number % len(POINT_SIGNS)]


def _ink(panel: FitPanel, number: int) -> Ink:
    """The ink of the points with that number: another than that of a line through them."""
    return ink_of(number + (len(panel.lines) == 1))


def _draw(area: Area, panel: FitPanel) -> None:
    """Draws the bands, the line of zero, the points and, below signs or on dots, the lines."""
    for number, band in enumerate(panel.bands, len(BAND_COLORS) - len(panel.bands)):
        if area.canvas.screen.color:
            area.shade(band.x, band.low, band.high, BAND_COLORS[number])
        elif not area.canvas.screen.ascii:
            places = np.linspace(area.x.low, area.x.high, ACROSS * area.columns // DOT_DISTANCE)
            for edge in (band.low, band.high):
                area.dots(places, np.interp(places, band.x, edge), FAINT)
    named = [line for line in panel.lines if line.label]
    for line in panel.lines:
        if not line.label:
            area.line(line.x, line.y, FAINT)
    count = sum(len(points.x) for points in panel.points)
    many = count > CROWDED_CELLS_SHARE * area.columns * area.rows
    if many:
        for number, points in enumerate(panel.points):
            area.dots(points.x, points.y, _ink(panel, number))
    if len(named) == 1:
        area.line(named[0].x, named[0].y, TEXT, alone=many)
    else:
        draw_lines(area, named)
    for number, points in enumerate(() if many else panel.points):
        ink = _ink(panel, number)
        bars = () if points.error is None else zip(points.x, points.y, points.error, strict=True)
        for x, y, error in bars:
            area.line([x, x], [y - error, y + error], ink)
        for x, y in zip(points.x, points.y, strict=True):
            area.sign(x, y, _sign(number), ink)
