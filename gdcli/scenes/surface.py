"""Two variables: f on a grid, as contours, as a surface, and under the field of −∇f.

Comes in: a Request whose section has two free variables. Goes out: a Contour, Surface or Field. The
grid is evaluated in one batch. Raises UndefinedError where f has no finite value in the whole
window, or none at the point asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cbrt, hypot, inf, isfinite

import numpy as np

from gdcli.errors import Sentence, Setting, UndefinedError
from gdcli.scenes.levels import HIGHEST_VALUE, drawable, is_flat, levels, limits, quantile, too_huge
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.resolution import resolution_notes, summit
from gdcli.scenes.scene import Array, Arrow, Axis, Contour, Field, Grid, Mark, Surface
from gdcli.scenes.section import Section
from gdcli.scenes.window import (
    AxisBounds,
    PlotWindow,
    known_window,
    refuse_outside,
    widened,
    window,
)

GRID_POINTS = 201  # in each direction; odd, so that the middle is one of them
FIELD_ARROWS = (19, 15)  # across and up
# Lengths of an arrow as shares of the window: outside of the first two it is drawn as the third.
SHORTEST_ARROW, LONGEST_ARROW, FITTED_ARROW = 0.06, 0.4, 0.22
EDGE_MARGIN = 0.01  # of the window: an arrow ends no nearer to its edge
# The least length of an arrow at the edge, as a share of the window, by the number of axes.
SHORTEST_STUBS = {2: 0.05, 3: 0.1}


def contour(request: PictureRequest) -> Contour:
    """Contours, and the gradient's arrow at the point asked for."""
    shown, notes = grid_and_notes(request)
    arrow = _arrow(request, shown, False, notes)
    minima = known_minima(request.section, shown.axes)
    return Contour(request.section.title, shown, arrow, minima, tuple(notes))


def surface(request: PictureRequest) -> Surface:
    """The surface, and the gradient's arrow at the point asked for."""
    shown, notes = grid_and_notes(request)
    arrow = _arrow(request, shown, True, notes)
    minima = known_minima(request.section, shown.axes)
    return Surface(request.section.title, shown, arrow, minima, tuple(notes))


def field(request: PictureRequest) -> Field:
    """Arrows of −∇f over contours; their lengths go by the cube root of ‖∇f‖."""
    shown, notes = grid_and_notes(request)
    minima = known_minima(request.section, shown.axes)
    arrows = _arrows(request.section, shown)
    return Field(request.section.title, shown, arrows, minima, tuple(notes))


def grid_and_notes(request: PictureRequest) -> tuple[Grid, list[str]]:
    section, held = request.section, [request.at] if request.at is not None else []
    shown = window(section, request.window, held)
    if request.at is not None:
        refuse_outside(request.at, shown, section.names)
    free = not known_window(section, request.window)
    return grid(section, shown, held if free else None)


def grid(
    section: Section, shown: PlotWindow, held: Sequence[Sequence[float]] | None = None
) -> tuple[Grid, list[str]]:
    """f over the window, and notes on it.

    Where `held` is given, the window shrinks to the part of it in which f is defined and which
    holds these points.
    """
    (x, y), f = sampled(section, shown, GRID_POINTS)
    if held is not None and not drawable(f).all():
        across, up = defined_part((x, y), f, shown)
        part = widened(across, [at for at, _ in held]), widened(up, [at for _, at in held])
        (x, y), f = sampled(section, part, GRID_POINTS)
    way = summit(section, (x, y), f)
    low_and_high = limits(f, way is not None and way.pole)
    found, uneven = levels(f, low_and_high)
    notes = remarks(f, low_and_high) + resolution_notes(section, (x, y), f, low_and_high, way)
    names = section.names
    axes = (Axis(names[0], float(x[0]), float(x[-1])), Axis(names[1], float(y[0]), float(y[-1])))
    return Grid(axes, x, y, blank(f), found, low_and_high, uneven), notes


def sampled(section: Section, shown: PlotWindow, most: int) -> tuple[list[Array], Array]:
    """About `most` evenly spaced places along each drawn variable, and f on their grid.

    Raises UndefinedError where there is nothing to draw.
    """
    places = [np.linspace(low, high, section.places(most)) for low, high in shown]
    f = section.over(np.meshgrid(*places, sparse=True))
    refuse_empty(section, shown, f)
    return places, f


def refuse_empty(section: Section, shown: PlotWindow, f: Array) -> None:
    """Raise an UndefinedError where the window holds next to nothing that can be drawn."""
    where = ",".join(
        f"{name}={low:.6g}:{high:.6g}"
        for name, (low, high) in zip(section.names, shown, strict=True)
    )
    if too_huge(f):
        huge = (
            "f is beyond {:g} in most of the window {}, which no picture can show;"
            " choose another {}, or divide f by a power of ten"
        )
        raise UndefinedError(Sentence(huge, HIGHEST_VALUE, where, Setting("window")))
    if not drawable(f).any():
        message = "f has no finite value in the window {}; choose another {}"
        raise UndefinedError(Sentence(message, where, Setting("window")))


def _huge(f: Array) -> str:
    """Words for a note, where some of the f that cannot be drawn is finite."""
    return f" or none below {HIGHEST_VALUE:g}" if np.isfinite(f[~drawable(f)]).any() else ""


def defined_part(places: tuple[Array, ...], f: Array, shown: PlotWindow) -> PlotWindow:
    """The box of the places where f can be drawn, with a margin, within `shown`."""
    defined = drawable(f)
    found: list[AxisBounds] = []
    for axis, (values, (low, high)) in enumerate(zip(places[::-1], shown[::-1], strict=True)):
        others = tuple(other for other in range(f.ndim) if other != axis)
        where = np.flatnonzero(defined.any(axis=others))
        if where.size == 1:  # which other places would miss
            return shown
        room = 0.05 * (values[where[-1]] - values[where[0]]) + 2.0 * (values[1] - values[0])
        ends = float(values[where[0]] - room), float(values[where[-1]] + room)
        found.append((max(low, ends[0]), min(high, ends[1])))
    return tuple(found[::-1])


def blank(f: Array) -> Array:
    """f, with nan wherever it cannot be drawn."""
    found: Array = np.where(drawable(f), f, np.nan)
    return found


def remarks(f: Array, shown: tuple[float, float]) -> list[str]:
    """Notes on what a picture of f leaves out."""
    notes = []
    missing = float(np.mean(~drawable(f)))
    if missing:
        share = f"{100.0 * missing:.0f} %"
        if not 0.01 <= missing <= 0.99:
            share = "less than 1 %" if missing < 0.01 else "more than 99 %"
        notes.append(f"f has no finite value{_huge(f)} in {share} of the window: left blank")
    finite = f[drawable(f)]
    change = float(finite.max() - finite.min())
    if change and is_flat(float(finite.min()), float(finite.max())):
        notes.append(
            f"f changes by no more than {change:.2g} in the window, too little for a picture:"
            " it is drawn as a constant"
        )
    if finite.max() > shown[1] or finite.min() < shown[0]:
        notes.append(
            f"f leaves the picture at a pole: it is cut off at {shown[0]:.4g} and {shown[1]:.4g}"
        )
    return notes


def known_minima(section: Section, axes: tuple[Axis, ...]) -> tuple[Mark, ...]:
    """The problem's minima that lie within the axes, one or two; none for a slice of it."""
    problem = section.problem
    if problem is None or not section.whole:
        return ()
    return tuple(
        Mark(
            minimum.note, minimum.at[0], (*minimum.at, minimum.f)[1], minimum.f
        )  # a curve's y is f
        for minimum in problem.minima
        if all(axis.low <= v <= axis.high for v, axis in zip(minimum.at, axes, strict=True))
    )


def _arrow(request: PictureRequest, shown: Grid, rises: bool, notes: list[str]) -> Arrow | None:
    """The gradient at `request.at`: its own length in the units of the axes where that can be seen.

    It ends within the window and, where it `rises` along the tangent of a surface, within the
    limits of f; at their very edge it is as long as SHORTEST_STUBS says, even if it leads beyond.
    """
    if request.at is None:
        return None
    value, (dx, dy) = request.section.nonsmooth_slopes(request.at)
    notes += request.section.kinks(request.at)
    x, y = request.at
    shown_length = _shown_length(dx, dy, shown.axes)
    if not shown_length:
        notes.append(Sentence("the gradient at {} is 0: it has no arrow", Setting("at")))
        return Arrow((x, y, value), (dx, dy), (0.0, 0.0))
    wanted = 1.0 if SHORTEST_ARROW <= shown_length <= LONGEST_ARROW else FITTED_ARROW / shown_length
    sides = [(axis.low, axis.high) for axis in shown.axes]
    point, way = [x, y], [wanted * dx, wanted * dy]
    if rises and shown.limits[0] <= value <= shown.limits[1]:
        sides, point, way = (
            [*sides, shown.limits],
            [*point, value],
            [*way, dx * way[0] + dy * way[1]],
        )
    length = hypot(*(part / (high - low) for part, (low, high) in zip(way, sides, strict=True)))
    scale = wanted * min(1.0, max(_room(point, way, sides), SHORTEST_STUBS[len(sides)] / length))
    if scale != 1.0:
        notes.append(f"the gradient's arrow is drawn {scale:.3g} times its length")
    return Arrow((x, y, value), (dx, dy), (scale * dx, scale * dy))


def _room(point: Sequence[float], way: Sequence[float], sides: Sequence[AxisBounds]) -> float:
    """The factor by which `way` may be stretched from the point before it meets the box's edge."""
    return min(
        (
            ((high if step > 0 else low) - at) / step - EDGE_MARGIN * (high - low) / abs(step)
            for at, step, (low, high) in zip(point, way, sides, strict=True)
            if step
        ),
        default=inf,
    )


def _shown_length(dx: float, dy: float, axes: tuple[Axis, Axis]) -> float:
    """The length of a displacement as a share of the window's sides."""
    across, up = (axis.high - axis.low for axis in axes)
    return hypot(dx / across, dy / up)


def _arrows(section: Section, shown: Grid) -> tuple[Arrow, ...]:
    """−∇f at evenly spaced places, the steepest as long as the places are apart."""
    across, up = shown.axes
    columns, rows = FIELD_ARROWS
    found = []
    for row in range(rows):
        for column in range(columns):
            x = across.low + (column + 0.5) / columns * (across.high - across.low)
            y = up.low + (row + 0.5) / rows * (up.high - up.low)
            value, (dx, dy) = section.slopes((x, y))
            if isfinite(value) and isfinite(dx) and isfinite(dy):
                found.append(((x, y, value), (dx, dy), _shown_length(dx, dy, shown.axes)))
    largest = quantile(np.sort([length for *_, length in found] or [0.0]), 0.98)
    return tuple(
        Arrow(at, (dx, dy), _against(dx, dy, length, largest)) for at, (dx, dy), length in found
    )


def _against(dx: float, dy: float, length: float, largest: float) -> tuple[float, float]:
    if not length or not largest:
        return (0.0, 0.0)
    share = min(1.0, cbrt(length / largest)) * 0.9 / max(FIELD_ARROWS)
    return -dx / length * share, -dy / length * share
