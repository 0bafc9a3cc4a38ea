"""Pictures of a function of two variables in the terminal: contours, field, descents.

Paths, arrows and minima lie on the heights.
"""

from __future__ import annotations

from math import atan2, pi

from gdcli.report.number_format import cell
from gdcli.report.pictures.terminal.area import Area
from gdcli.report.pictures.terminal.canvas import ACROSS, DOWN, TEXT
from gdcli.report.pictures.terminal.figure import LegendEntry, TerminalFigure
from gdcli.report.pictures.terminal.heights import Heights
from gdcli.report.pictures.terminal.paths import (
    END_SIGN,
    draw_minima,
    draw_paths,
    minima_entry,
    path_entries,
    path_heads,
)
from gdcli.report.view import Screen
from gdcli.scenes.scene import Arrow, Contour, DescentScene, Field, Grid, Surface

DIRECTIONS = "→↗↑↖←↙↓↘"


def contour(scene: Contour | Surface, screen: Screen, height: int | None) -> str:
    """Contours, with the gradient's arrow where there is a point."""
    key = [_arrow_entry(scene.arrow, scene.grid)] if scene.arrow else []
    heights = Heights(scene.grid, screen)
    key += minima_entry(scene.minima)
    figure = TerminalFigure(screen, height, scene.title, key, scene.notes, heights.below)
    (area,) = heights.areas(figure)
    draw_minima(area, scene.minima)
    if scene.arrow:
        _long_arrow(area, scene.arrow)
    heights.explain(figure)
    return figure.text()


def field(scene: Field, screen: Screen, height: int | None) -> str:
    """Contours, with the direction of steepest descent at many points."""
    key = [LegendEntry("→", "−∇f, the direction of steepest descent"), *minima_entry(scene.minima)]
    heights = Heights(scene.grid, screen)
    figure = TerminalFigure(screen, height, scene.title, key, scene.notes, heights.below)
    (area,) = heights.areas(figure)
    for arrow in scene.arrows:
        if any(arrow.drawn):
            middle = [at + part / 2 for at, part in zip(arrow.at[:2], arrow.drawn, strict=True)]
            area.sign(middle[0], middle[1], head(area, arrow.drawn))
    draw_minima(area, scene.minima)
    heights.explain(figure)
    return figure.text()


def descent(scene: DescentScene, screen: Screen, height: int | None) -> str:
    """Contours with the paths on them, in a panel for each path where there is room."""
    assert scene.grid is not None
    key = [*path_entries(scene.paths, scene.variables), *minima_entry(scene.minima)]
    heights = Heights(scene.grid, screen, len(scene.paths))
    figure = TerminalFigure(screen, height, scene.title, key, scene.notes, heights.below)
    areas = heights.areas(figure, path_heads(scene.paths))
    first, second = scene.plane
    points = [
        ([step.point[first] for step in path.steps], [step.point[second] for step in path.steps])
        for path in scene.paths
    ]
    draw_paths(areas, points, scene.minima)
    heights.explain(figure)
    return figure.text()


# -- arrows ------------------------------------------------------------------------------------


def _arrow_entry(arrow: Arrow, grid: Grid) -> LegendEntry:
    at = ", ".join(cell(value, 4) for value in arrow.at[:2])
    parts = ", ".join(cell(value, 4) for value in arrow.gradient)
    names = ", ".join(axis.name for axis in grid.axes)
    return LegendEntry("→", f"∇f = ({parts}) at ({names}) = ({at}), f = {cell(arrow.at[2], 4)}")


def _long_arrow(area: Area, arrow: Arrow) -> None:
    x, y, _ = arrow.at
    to_x, to_y = x + arrow.drawn[0], y + arrow.drawn[1]
    area.line([x, to_x], [y, to_y], TEXT, alone=True)
    area.sign(x, y, END_SIGN)
    if any(arrow.drawn):
        area.sign(to_x, to_y, head(area, arrow.drawn))


def head(area: Area, drawn: tuple[float, float]) -> str:
    """The sign that points in the direction of a displacement on the screen."""
    across = drawn[0] / (area.x.high - area.x.low) * area.columns * ACROSS
    up = drawn[1] / (area.y.high - area.y.low) * area.rows * DOWN
    return DIRECTIONS[round(atan2(up, across) / (pi / 4)) % 8]
