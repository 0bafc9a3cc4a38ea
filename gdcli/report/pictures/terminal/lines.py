"""Pictures of lines in the terminal: a curve, a descent on it, a history, errors over h.

Every line has its own ink; where there is no colour, letters along a line name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import float_info

import numpy as np

from gdcli.report.number_format import cell
from gdcli.report.pictures.terminal.area import AXIS_CELLS, Area, Scale
from gdcli.report.pictures.terminal.figure import (
    AXIS_ROWS,
    LegendEntry,
    TerminalFigure,
    ink_of,
    letter,
)
from gdcli.report.pictures.terminal.paths import (
    END_SIGN,
    draw_minima,
    draw_paths,
    minima_entry,
    path_entries,
    path_heads,
)
from gdcli.report.view import Screen
from gdcli.scenes.scene import Array, Curve, DescentScene, History, Polyline, Steps

LETTER_SPACING = 14  # columns between two letters on a line
LETTER_PLACES = 2000  # of a line, at which a letter may stand
STROKE = "━━"
FAR_END_SIGN = "○"  # of a secant
NAME_ROWS = 1  # above a panel
AXIS_MARGIN = 0.03  # of an axis, beyond what it shows


def curve(scene: Curve, screen: Screen, height: int | None) -> str:
    """The curve of f, with the tangent and the secant where there are."""
    lines = [line for line in (scene.line, scene.tangent, scene.secant) if line is not None]
    key = line_entries(lines, screen) if len(lines) > 1 else []
    if scene.point is not None:
        at = f"{scene.axis.name} = {cell(scene.point.x)}"
        key.append(LegendEntry(END_SIGN, f"{at}, f = {cell(scene.point.f)}", ink_of(0)))
    figure = TerminalFigure(
        screen, height, scene.title, [*key, *minima_entry(scene.minima)], scene.notes
    )
    area = figure.area(Scale(*scene.axis), _scale("f", [np.array(scene.limits)]))
    draw_lines(area, lines)
    draw_minima(area, scene.minima)
    for end in scene.ends or ():
        area.sign(end.x, end.y, FAR_END_SIGN, ink_of(len(lines) - 1))
    if scene.point is not None:
        area.sign(scene.point.x, scene.point.y, END_SIGN, ink_of(0))
    return figure.text()


def descent(scene: DescentScene, screen: Screen, height: int | None) -> str:
    """The curve of f with the iterates on it, in a panel for each path where there is room."""
    assert scene.axis is not None
    assert scene.curve is not None
    key = path_entries(scene.paths, scene.variables, 1)
    figure = TerminalFigure(
        screen, height, scene.title, [*key, *minima_entry(scene.minima)], scene.notes
    )
    up = _scale("f", [np.array(scene.limits)])
    areas = figure.areas(path_heads(scene.paths, 1), Scale(*scene.axis), up)
    for area in areas:
        area.line(scene.curve.x, scene.curve.y, ink_of(0))
    points = [
        ([step.point[scene.plane[0]] for step in path.steps], [step.f for step in path.steps])
        for path in scene.paths
    ]
    draw_paths(areas, points, scene.minima, 1)
    return figure.text()


def history(scene: History, screen: Screen, height: int | None) -> str:
    """f, ‖∇f‖∞ and α over k, in panels below one another."""
    several = len(scene.paths) > 1
    key = line_entries(scene.panels[0].lines, screen) if several else []
    figure = TerminalFigure(screen, height, scene.title, key, scene.notes)
    up = [_scale("", (line.y for line in panel.lines), panel.logarithmic) for panel in scene.panels]
    counts = (line.x for panel in scene.panels for line in panel.lines)
    along = _scale("k", counts, margin=0.0)._replace(whole=True)
    each, more = divmod(figure.rows - AXIS_ROWS, len(up))
    labels = figure.labels(up, each)
    left = labels + AXIS_CELLS
    top = figure.top
    for number, (panel, scale) in enumerate(zip(scene.panels, up, strict=True)):
        figure.canvas.write(top, left, panel.name)
        top, rows = top + NAME_ROWS, each - NAME_ROWS + (number < more)
        area = Area(figure.canvas, (left, top), (figure.width - left, rows), along, scale)
        area.left_axis(texts=labels > 0)
        if number == len(up) - 1:
            area.bottom_axis()
        draw_lines(area, panel.lines)
        top += rows
    return figure.text()


def steps(scene: Steps, screen: Screen, height: int | None) -> str:
    """A line for each formula, with its best h marked."""
    best = {mark.label.partition(":")[0]: mark.label for mark in scene.best}
    lines = [line._replace(label=best.get(line.label, line.label)) for line in scene.lines]
    key = line_entries(lines, screen)
    if best:
        key.append(LegendEntry(END_SIGN, "least error, with its neighbours"))
    figure = TerminalFigure(screen, height, scene.title, key, scene.notes)
    along = _scale("h", (line.x for line in scene.lines), logarithmic=True, margin=0.0)
    area = figure.area(along, _scale("error", (line.y for line in scene.lines), logarithmic=True))
    draw_lines(area, scene.lines)
    for mark in scene.best:
        area.sign(mark.x, mark.y, END_SIGN)
    return figure.text()


def line_entries(lines: Sequence[Polyline], screen: Screen) -> list[LegendEntry]:
    return [
        LegendEntry(STROKE if screen.color else letter(number), line.label, ink_of(number))
        for number, line in enumerate(lines)
    ]


def draw_lines(area: Area, lines: Sequence[Polyline]) -> None:
    for number, line in reversed(list(enumerate(lines))):
        area.line(line.x, line.y, ink_of(number))
    if area.canvas.screen.color or len(lines) == 1:
        return
    for number, line in enumerate(lines):
        first = area.left + (number + 1) * LETTER_SPACING // (len(lines) + 1)
        wanted = set(range(first, area.left + area.columns, LETTER_SPACING))
        place = np.linspace(0, len(line.x) - 1, LETTER_PLACES)
        x, y = (np.interp(place, np.arange(len(line.x)), values) for values in (line.x, line.y))
        for row, column in area.cells(x, y):
            if column in wanted:
                wanted.remove(column)
                area.canvas.write(row, column, letter(number))


def _scale(
    name: str, values: Iterable[Array], logarithmic: bool = False, margin: float = AXIS_MARGIN
) -> Scale:
    """The axis on which all the values lie."""
    every = np.concatenate([np.ravel(array) for array in values])
    found = every[np.isfinite(every) & ((every > 0) | (not logarithmic))]
    low, high = (float(found.min()), float(found.max())) if found.size else (0.1, 1.0)
    if logarithmic:
        span = min(max(high / low, 2.0), float_info.max)  # high / low may be infinite
        ratio = span**margin if high > low else 2.0
        return Scale(name, low / ratio or low, high * ratio, True)
    room = margin * (high - low) if high > low else 0.5 * (abs(low) or 1.0)
    return Scale(name, low - room, high + room)
