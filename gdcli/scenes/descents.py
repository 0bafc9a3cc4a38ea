"""Descents: their paths over contours, surface or curve, and f, ‖∇f‖∞ and α over k.

Comes in: a PictureRequest with at least one Path. Goes out: a DescentScene or a History.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite

import numpy as np

from gdcli.descent.objective import NORM_LABEL
from gdcli.errors import Sentence, Setting, listed
from gdcli.scenes.curve import sampled_curve
from gdcli.scenes.levels import HIGHEST_VALUE, drawable
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Array, DescentScene, History, Panel, Path, PathRow, Polyline
from gdcli.scenes.section import Section
from gdcli.scenes.surface import grid, known_minima
from gdcli.scenes.window import PlotWindow, window

TERMINATION_WORDS = {"converged": "converged", "max_iterations": "stopped at a limit"}
LOGARITHMIC_RATIO = 100.0  # of the largest value to the least: a greater one has a logarithmic axis
RUNAWAY_STATUSES = ("diverged", "unbounded")  # of paths that no window holds
# A path that many times as long as its first step runs away, whatever its status.
ENDLESS_RATIO = 1e6
RUNAWAY_REACH = 20.0  # times its first step: the part of such a path that the window is to hold
FARTHEST_REACH = 100.0  # times the window's side: a path is drawn no farther outside of it


def descent(request: PictureRequest) -> DescentScene:
    """The paths over contours or over the curve of f."""
    section = request.section
    shown = _window(request)
    notes: list[str] = []
    drawn = tuple(_in_reach(path, section, shown, notes) for path in request.paths)
    notes += _outside(drawn, section, shown)
    found = axis = line = None
    if len(section.free) == 1:
        axis, limits, line, remarks = sampled_curve(section, shown)
        minima = known_minima(section, (axis,))
    else:
        found, remarks = grid(section, shown)
        limits, minima = found.limits, known_minima(section, found.axes)
    notes = [*_terminations(drawn), *remarks, *notes, *_at_bounds(section, shown)]
    if not section.whole:
        drawn = tuple(_shadowed(path, section) for path in drawn)
        notes.append("the path is the shadow of its points on the plane that is drawn")
    return DescentScene(
        title=", ".join(filter(None, [section.title, request.rule])),
        variables=tuple(section.function.components),
        plane=section.free,
        grid=found,
        curve=line,
        axis=axis,
        limits=limits,
        paths=drawn,
        minima=minima,
        notes=tuple(notes),
    )


def _at_bounds(section: Section, shown: PlotWindow) -> list[str]:
    """A note on the variables whose bounds are edges of the picture."""
    names = [
        name
        for number, name, ends in zip(section.free, section.names, shown, strict=True)
        if set(ends) & set(section.bounds.get(number, ()))
    ]
    return [f"the picture ends at the bounds of {listed(names)}"] if names else []


def _shadowed(path: Path, section: Section) -> Path:
    """The path with f at the projection of each of its points on the plane that is drawn."""
    places = np.array([_place(section, step) for step in path.steps])
    heights = section.over([*places.T]).tolist()
    steps = (one._replace(shadow=f) for one, f in zip(path.steps, heights, strict=True))
    return path._replace(steps=tuple(steps))


def _window(request: PictureRequest) -> PlotWindow:
    """The window asked for or known, widened to hold every start, else one around the paths."""
    section = request.section
    starts = [_place(section, path.steps[0]) for path in request.paths]
    points = [
        point
        for path in request.paths
        for point in _near([_place(section, step) for step in path.steps], path.status)
    ]
    return window(section, request.window, starts, points)


def _place(section: Section, step: PathRow) -> tuple[float, ...]:
    return tuple(step.point[number] for number in section.free)


def _near(points: Sequence[tuple[float, ...]], status: str) -> Sequence[tuple[float, ...]]:
    """The points of a path; where it runs away, those of its beginning, the start at least."""
    start = points[0]
    distances = [
        max(abs(there - here) for there, here in zip(point, start, strict=True)) for point in points
    ]
    first = next(filter(None, distances), inf)
    if status not in RUNAWAY_STATUSES and max(distances) <= ENDLESS_RATIO * first:
        return points
    return [p for p, far in zip(points, distances, strict=True) if far <= RUNAWAY_REACH * first]


def _in_reach(path: Path, section: Section, shown: PlotWindow, notes: list[str]) -> Path:
    """The path, cut off where it is too far outside of the window to be drawn."""
    for number, step in enumerate(path.steps):
        far = any(
            not low - FARTHEST_REACH * (high - low) <= value <= high + FARTHEST_REACH * (high - low)
            for value, (low, high) in zip(_place(section, step), shown, strict=True)
        )
        if number and (far or not abs(step.f) <= HIGHEST_VALUE):
            who = f"{path.label}: " if path.label else ""
            notes.append(f"{who}the path leaves the picture for good at k = {step.k}")
            leading_out = max(map(abs, (step.f, *step.point))) <= HIGHEST_VALUE
            return path._replace(steps=path.steps[: number + leading_out])
    return path


def _outside(paths: Sequence[Path], section: Section, shown: PlotWindow) -> list[str]:
    """A note on how many iterates lie outside of the window."""
    outside = sum(
        any(
            not low <= value <= high
            for value, (low, high) in zip(_place(section, step), shown, strict=True)
        )
        for path in paths
        for step in path.steps
    )
    are = "iterates lie" if outside != 1 else "iterate lies"
    message = "{} {} outside of the window; {} shows more"
    return [Sentence(message, outside, are, Setting("window"))] if outside else []


def _terminations(paths: Sequence[Path]) -> list[str]:
    """Notes on how each run ended and which rows are left out; for several runs in few words."""
    cut = [path for path in paths if _is_cut(path)]
    if len(paths) == 1:
        found = [path.message for path in paths if path.message]
        return found + [f"of {path.total} rows {len(path.steps)} are drawn" for path in cut]
    found = []
    for status, words in TERMINATION_WORDS.items():
        if who := [path.label for path in paths if path.status == status]:
            found.append(f"{words}: {'; '.join(who)}")
    others = [path for path in paths if path.message and path.status not in TERMINATION_WORDS]
    found += [Sentence("{}: {}", path.label, path.message) for path in others]
    if cut:
        found.append(f"not all rows are drawn: {'; '.join(path.label for path in cut)}")
    return found


def _is_cut(path: Path) -> bool:
    """Whether the path lacks rows of the run before the last that is drawn."""
    return path.steps[-1].k + 1 > len(path.steps)


def history(request: PictureRequest) -> History:
    """f, ‖∇f‖∞ and α over k, logarithmic where that helps."""
    title = ", ".join(filter(None, [request.section.title, request.rule]))
    return history_of(title, request.paths)


def history_of(title: str, paths: tuple[Path, ...]) -> History:
    """The history of paths alone, without a function."""
    panels = [_value_panel(paths), _panel(NORM_LABEL, paths, lambda step: step.gradient_norm)]
    if any(step.alpha is not None for path in paths for step in path.steps):
        panels.append(_panel("α", paths, lambda step: np.nan if step.alpha is None else step.alpha))
    return History(title, tuple(panels), paths, tuple(_terminations(paths)))


def _value_panel(paths: Sequence[Path]) -> Panel:
    """f over k, or how far f is from its best value where only that spans decades."""
    plain = _panel("f", paths, lambda step: step.f)
    known = [step.f for path in paths for step in path.steps if isfinite(step.f)] or [0.0]
    if all(path.maximize for path in paths):
        best = max(known)
        away = _panel("largest f - f", paths, lambda step: best - step.f)
    else:
        best = min(known)
        away = _panel("f - least f", paths, lambda step: step.f - best)
    spans = _span([line.y for line in away.lines])
    return away if not plain.logarithmic and spans > LOGARITHMIC_RATIO**2 else plain


def _panel(name: str, paths: Sequence[Path], read: Callable[[PathRow], float]) -> Panel:
    lines = []
    for path in paths:
        k = np.array([step.k for step in path.steps], dtype=float)
        values = np.array([read(step) for step in path.steps], dtype=float)
        values[~drawable(values)] = np.nan
        lines.append(Polyline(path.label, k, values))
    all_values = [line.y for line in lines]
    positive = all(bool((values[np.isfinite(values)] >= 0.0).all()) for values in all_values)
    logarithmic = positive and _span(all_values) > LOGARITHMIC_RATIO
    if logarithmic:
        lines = [line._replace(y=np.where(line.y > 0.0, line.y, np.nan)) for line in lines]
    return Panel(name, logarithmic, tuple(lines))


def _span(all_values: Sequence[Array]) -> float:
    """The ratio of the largest number to the least positive one."""
    values = np.concatenate(all_values)
    values = values[values > 0.0]
    return float(values.max()) / float(values.min()) if values.size else 1.0
