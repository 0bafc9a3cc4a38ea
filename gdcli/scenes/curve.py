"""One variable: the curve of f, the tangent at a point, the secant of a difference quotient.

Comes in: a Request whose section has one free variable. Goes out: a Curve. f is evaluated in one
batch; the line has a gap where f has no finite value and where it leaves the picture at a pole.
Raises UndefinedError where f has no finite value at all, none at the point asked for, or none
where the secant ends.
"""

from __future__ import annotations

from math import isfinite

import numpy as np

from gdcli.errors import Sentence, Setting, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.scenes.levels import drawable, limits
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.resolution import Summit, resolution_notes, summit
from gdcli.scenes.scene import Array, Axis, Curve, Mark, Polyline
from gdcli.scenes.section import Section
from gdcli.scenes.surface import blank, defined_part, known_minima, remarks, sampled
from gdcli.scenes.window import AxisBounds, PlotWindow, known_window, refuse_outside, window

CURVE_POINTS = 1201
SECANT_BEFORE, SECANT_AFTER = 4.0, 5.0  # of the window before and after the point, in units of h
TANGENT_REACH = 3.0  # of the window on either side of the point
TURNING_SHARE = 0.2  # of the range of f: what turning points should fill where the window is ours


class SampledCurve(NamedTuple):
    """f along its axis; `limits` are the f that is shown, `notes` says what is left out."""

    axis: Axis
    limits: tuple[float, float]
    line: Polyline
    notes: list[str]


def curve(request: PictureRequest) -> Curve:
    """The curve, with the tangent and the secant where they are asked for."""
    section, at = request.section, request.at
    end = None if at is None or request.secant is None else _end(at[0], request.secant)
    shown = _window(request)
    free = not known_window(section, request.window) and at is None
    axis, (low, high), line, notes = sampled_curve(section, shown, may_shrink=free)
    point = tangent = secant = ends = None
    if at is not None:
        refuse_outside(at, shown, section.names)
        value, (slope,) = section.nonsmooth_slopes(at)
        notes += section.kinks(at)
        point = Mark(section.names[0], at[0], value, value)
        tangent = _straight("tangent", axis, point, slope)
    if point is not None and end is not None:
        value = section.value((end,))
        there = Mark(f"{section.names[0]} + h", end, value, value)
        ends = (point, there)
        secant = _straight("secant", axis, point, (there.f - point.f) / (there.x - point.x))
    marks = [mark.f for mark in (point, *(ends or ())) if mark is not None]
    shown_f = min([low, *marks]), max([high, *marks])
    minima = known_minima(section, (axis,))
    return Curve(
        section.title, axis, shown_f, line, point, tangent, secant, ends, minima, tuple(notes)
    )


def sampled_curve(section: Section, shown: PlotWindow, may_shrink: bool = False) -> SampledCurve:
    """f over the window, or with `may_shrink` over the part of it where f has values and turns."""
    (x,), f = sampled(section, shown, CURVE_POINTS)
    if may_shrink:
        if not drawable(f).all():
            shown = defined_part((x,), f, shown)
            (x,), f = sampled(section, shown, CURVE_POINTS)
        (x,), f = sampled(section, (turning_part(x, f, shown[0]),), CURVE_POINTS)
    way = summit(section, (x,), f)
    pole = way is not None and way.pole
    drawn_x, drawn_f = (x, f) if way is None or pole else _with_summit(way, x, f)
    low, high = limits(drawn_f, pole)
    notes = remarks(f, (low, high)) + resolution_notes(section, (x,), f, (low, high), way)
    name, room = section.names[0], high - low
    outside = (drawn_f > high + room) | (drawn_f < low - room)
    line = Polyline(f"f({name})", drawn_x, blank(np.where(outside, np.nan, drawn_f)))
    return SampledCurve(Axis(name, float(x[0]), float(x[-1])), (low, high), line, notes)


def _with_summit(way: Summit, x: Array, f: Array) -> tuple[Array, Array]:
    """The points of the curve together with those on the way up that lie within its ends."""
    climbed = way.points[:, 0]
    inside = (climbed > x[0]) & (climbed < x[-1])
    every, first = np.unique(np.concatenate([x, climbed[inside]]), return_index=True)
    return every, np.concatenate([f, way.f[inside]])[first]


def _window(request: PictureRequest) -> PlotWindow:
    """The window asked for or known, else one around the secant or the point."""
    section, at = request.section, request.at
    held = [] if at is None else [at]
    if at is None or known_window(section, request.window):
        return window(section, request.window, held)
    if request.secant is not None:
        h = abs(request.secant)
        before, after = (
            (SECANT_BEFORE, SECANT_AFTER) if request.secant > 0 else (SECANT_AFTER, SECANT_BEFORE)
        )
        return window(section, {section.names[0]: (at[0] - before * h, at[0] + after * h)})
    near = max(TANGENT_REACH, 0.5 * abs(at[0]))
    return window(section, {section.names[0]: (at[0] - near, at[0] + near)})


def turning_part(x: Array, f: Array, shown: AxisBounds) -> AxisBounds:
    """The part of the window in which the turning points of f can be seen.

    Where f at the edges dwarfs f between its turning points, it is the part where f is within a few
    times their range; else it is the whole window.
    """
    inner = f[1:-1]
    with np.errstate(invalid="ignore", over="ignore"):
        turns = (inner - f[:-2]) * (f[2:] - inner) < 0.0
    heights = inner[turns & np.isfinite(inner)]
    if heights.size < 2 or not drawable(f).all():
        return shown
    low, high = float(heights.min()), float(heights.max())
    if high - low >= TURNING_SHARE * float(f.max() - f.min()) or high == low:
        return shown
    room = (high - low) / TURNING_SHARE - (high - low)
    places = np.flatnonzero(turns) + 1
    near = (f >= low - room) & (f <= high + room)
    first, last = int(places[0]), int(places[-1])
    while first > 0 and near[first - 1]:
        first -= 1
    while last < x.size - 1 and near[last + 1]:
        last += 1
    return float(x[first]), float(x[last])


def _end(x: float, h: float) -> float:
    """The x of the secant's other end. Raises UsageError where it cannot be told from x."""
    if not isfinite(x + h) or abs(h) < 1e-9 * abs(x):
        secant = Setting("secant", f"{h:.7g}")
        message = "{} leads nowhere from {:.7g} that a picture can show"
        raise UsageError(Sentence(message, secant, x))
    return x + h


def _straight(label: str, axis: Axis, through: Mark, slope: float) -> Polyline:
    """The line of that slope through a point, from one side of the window to the other."""
    x = np.array([axis.low, axis.high])
    return Polyline(f"{label}, slope {slope:.5g}", x, through.f + slope * (x - through.x))
