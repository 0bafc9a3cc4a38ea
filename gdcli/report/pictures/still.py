"""Scenes to png, svg and pdf, by matplotlib's figures without its windows.

Each kind of scene has a function that lays out its figure; `figure` finds it, `drawn` writes the
bytes, which are the same in every run of the same matplotlib.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from gdcli.report.pictures import Motion, boxes, charts, descents, fits, plane, style, surface_plot
from gdcli.report.pictures.captions import captions
from gdcli.report.pictures.raster import painted, palette_of, with_palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from gdcli.scenes.scene import Contour, Field, Scene, Surface

WITHOUT_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def drawn(scene: Scene, ending: str, motion: Motion) -> bytes:  # noqa: ARG001 - a still has none
    with style.applied():
        buffer = BytesIO()
        made = figure(scene)
        if ending == "png":
            pixels = painted(made)
            picture = with_palette(pixels, palette_of(pixels))
            picture.save(buffer, format=ending, dpi=(style.DPI, style.DPI), optimize=True)
        else:
            made.savefig(buffer, format=ending, metadata=WITHOUT_DATE[ending])
        return buffer.getvalue()


def figure(scene: Scene) -> Figure:
    """matplotlib's figure of the scene; to be called within `style.applied`."""
    layouts: dict[str, Callable[..., Figure]] = {
        "Curve": charts.curve,
        "History": charts.history,
        "Steps": charts.steps,
        "Contour": contour,
        "Surface": surface,
        "Field": field,
        "DescentScene": descents.still,
        "Boxes": boxes.boxes,
        "FitScene": fits.fit,
    }
    return layouts[type(scene).__name__](scene)


def contour(scene: Contour) -> Figure:
    """Contours, with the gradient's arrow where there is a point."""
    figure = style.figure(style.PLANE_SIZE, scene.title)
    axes = figure.add_subplot()
    plane.bar(axes, plane.contours(axes, scene.grid), scene.grid)
    charts.stars(axes, scene.minima)
    charts.legend_below(figure, axes)
    if scene.arrow is not None:
        plane.arrow(axes, scene.arrow)
        axes.set_title(style.lines_of(captions(scene), plane.WINDOW_WIDTH), fontsize="small")
    return figure


def field(scene: Field) -> Figure:
    """Arrows of −∇f over contours."""
    figure = style.figure(style.PLANE_SIZE, scene.title)
    axes = figure.add_subplot()
    plane.bar(axes, plane.contours(axes, scene.grid, faint=True), scene.grid)
    charts.stars(axes, scene.minima)
    charts.legend_below(figure, axes)
    plane.arrows(axes, scene.arrows)
    return figure


def surface(scene: Surface) -> Figure:
    """The surface, with the gradient's arrow on it where there is a point."""
    figure = style.figure(style.PLANE_SIZE, scene.title, arranged=False)
    top = min(
        0.95, style.subtitle(figure, captions(scene)) + 0.025
    )  # a box leaves its corners free
    axes = surface_plot.space(figure, (0.0, 0.06, 0.95, top - 0.06))
    surface_plot.surface(axes, scene.grid)
    surface_plot.stars(axes, scene.grid, scene.minima)
    handles = surface_plot.star_handles(scene.minima)
    if scene.arrow is not None:
        handles += surface_plot.arrow(axes, scene.grid, scene.arrow)
    if handles:
        figure.legend(handles=handles, loc="lower center", ncols=len(handles))
    return figure
