"""Windows: which interval of each drawn variable is shown.

Comes in: the text of a window, as `x=-25:25,y=0:pi`, a Section, and the points that a picture has
to hold. Goes out: a Window, a (low, high) for each free variable. What is asked for is taken as it
is; else the problem's own window is, widened to hold the points, else one around the points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError, Sentence, Setting, UsageError, brief, listed
from gdcli.functions.constants import constant
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.points import read_constant, split_outside_brackets
from gdcli.scenes.section import Section

AxisBounds = tuple[float, float]
PlotWindow = tuple[AxisBounds, ...]

DEFAULT_HALF_WIDTH = 5.0  # the window is -5 to 5 where nothing is known
LEAST_SHARE_WITHIN_BOUNDS = 0.01  # of a window, to be shown alone
WINDOW_MARGIN = 0.15  # of the extent of the points, on either side
SAME_POINT_DISTANCE = 1e-6  # of their size: points no farther apart are one
CLOSEST_AXIS_ENDS = 1e-9  # of their size: how far apart the ends of an axis must be
LARGEST_COORDINATE = 1e200
THINNEST_SIDE = 0.25  # of the widest side of a window: where the points hardly differ, that wide


def read_window(
    text: str | None, variables: Sequence[str], free: Sequence[str], noun: str = "the window"
) -> dict[str, AxisBounds]:
    """The stretches of a window by variable. Raises PointError, in which the window is `noun`."""
    pieces = split_outside_brackets(text, ",") if text is not None else []
    if pieces == [""]:
        raise PointError(f"{noun} is empty; write {noun} {_example(free)}")
    named: dict[str, AxisBounds] = {}
    for number, piece in enumerate(pieces):
        name, equals, bounds = piece.partition("=")
        name, bounds = (normalised(name.strip(BLANKS)), bounds) if equals else ("", piece)
        if not equals and len(pieces) == len(free):
            name = free[number]
        if not equals and not name:
            raise PointError(
                f"{noun} has {len(pieces)} stretch{'es' * (len(pieces) != 1)} without a name;"
                f" the variables drawn are {listed(free)}: {noun} {_example(free)}"
            )
        if name not in free:
            held = Sentence("held fixed by {}", Setting("slice"))
            what = held if name in variables else "no variable"
            message = "{}: `{}` is {}; {} can be shown"
            raise PointError(Sentence(message, noun, brief(name), what, listed(free)))
        if name in named:
            raise PointError(f"{noun}: `{name}` is given twice")
        named[name] = _bounds(bounds, name, free, noun)
    return named


def _bounds(text: str, name: str, free: Sequence[str], noun: str) -> AxisBounds:
    ends = split_outside_brackets(text, ":")
    if len(ends) != 2:
        raise PointError(
            f"{noun} takes the two ends of {name} with a colon between them, {noun}"
            f" {_example(free)}, not `{brief(text.strip(BLANKS))}`"
        )
    place = f"{noun} for {name}"
    low, high = (constant(read_constant(end, ARITIES, place), place) for end in ends)
    if not low < high:
        raise PointError(
            f"{place}: the low end comes first and the ends differ, not {_ends(low, high)}"
        )
    if not isfinite(high - low):
        raise PointError(
            f"{place}: {_ends(low, high)} is wider than the largest float; no picture reaches"
            f" beyond {LARGEST_COORDINATE:g}"
        )
    return low, high


def _ends(low: float, high: float, between: str = ":") -> str:
    """The ends as text, with as many digits as tell them apart where they differ."""
    texts = f"{low:.7g}", f"{high:.7g}"
    if texts[0] == texts[1] and low != high:
        texts = repr(low), repr(high)
    return between.join(texts)


def _example(free: Sequence[str]) -> str:
    return ",".join(f"{name}=-5:5" for name in free)


def known_window(
    section: Section, asked: Mapping[str, AxisBounds], points: Sequence[Sequence[float]] = ()
) -> dict[str, AxisBounds]:
    """The bounds by variable: those `asked` for, else the problem's, widened to hold `points`."""
    problem = section.problem
    known = dict(asked)
    for place, (number, name) in enumerate(zip(section.free, section.names, strict=True)):
        if problem is not None and problem.window and name not in known:
            low, high = problem.window[number]
            known[name] = widened((low, high), [point[place] for point in points])
    return known


def window(
    section: Section,
    asked: Mapping[str, AxisBounds],
    held: Sequence[Sequence[float]] = (),
    path: Sequence[Sequence[float]] = (),
) -> PlotWindow:
    """The window of a picture.

    `held` are points of the free variables that must be in it (a start, a point asked for), `path`
    those that it is laid around where no problem says otherwise.
    """
    known = known_window(section, asked, held)
    points = [*path, *held]
    around = _around(points) if path else None
    if around is None:
        values = [[point[place] for point in points] for place in range(len(section.free))]
        around = [widened((-DEFAULT_HALF_WIDTH, DEFAULT_HALF_WIDTH), of_one) for of_one in values]
    found = []
    for number, name, bounds in zip(section.free, section.names, around, strict=True):
        shown = known.get(name, bounds)
        if number in section.bounds:
            shown = _within(shown, section.bounds[number])
        found.append(_showable(name, shown))
    return tuple(found)


def _within(shown: AxisBounds, bounds: AxisBounds) -> AxisBounds:
    """The part of a stretch within the bounds; where there is next to none, one beside it."""
    (low, high), (lowest, highest) = shown, bounds
    part = max(low, lowest), min(high, highest)
    width = high - low
    if part[1] - part[0] >= LEAST_SHARE_WITHIN_BOUNDS * width:
        return part
    if part[0] == lowest:
        return lowest, min(highest, lowest + width)
    return max(lowest, highest - width), highest


def _showable(name: str, bounds: AxisBounds) -> AxisBounds:
    """The bounds. Raises UsageError where floats cannot compute an axis between them."""
    low, high = bounds
    size = max(abs(low), abs(high))
    if size > LARGEST_COORDINATE:
        why = f"ends beyond {LARGEST_COORDINATE:g} are too large"
    elif high - low < max(CLOSEST_AXIS_ENDS * size, 1.0 / LARGEST_COORDINATE):
        why = "the ends are too close together"
    else:
        return bounds
    message = "no picture can show {} from {}: {}; choose another {}"
    raise UsageError(Sentence(message, name, _ends(low, high, " to "), why, Setting("window")))


def widened(bounds: AxisBounds, values: Sequence[float]) -> AxisBounds:
    """The bounds, moved outwards with a margin where a value lies beyond them."""
    low, high = min([bounds[0], *values]), max([bounds[1], *values])
    margin = WINDOW_MARGIN * (high - low)
    return (low if low == bounds[0] else low - margin, high if high == bounds[1] else high + margin)


def _around(points: Sequence[Sequence[float]]) -> list[AxisBounds] | None:
    """The box of the points with a margin, no side of it much thinner than the others.

    None where the points hardly differ at all.
    """
    sides = [(min(values), max(values)) for values in zip(*points, strict=True)]
    widest = max(high - low for low, high in sides)
    if widest < SAME_POINT_DISTANCE * max(1.0, *(abs(end) for side in sides for end in side)):
        return None
    return [_wide(low, high, THINNEST_SIDE * widest) for low, high in sides]


def _wide(low: float, high: float, least: float) -> AxisBounds:
    middle = low + (high - low) / 2.0
    half = (0.5 + WINDOW_MARGIN) * max(high - low, least)
    return middle - half, middle + half


def refuse_outside(point: Sequence[float], shown: PlotWindow, names: Sequence[str]) -> None:
    for value, (low, high), name in zip(point, shown, names, strict=True):
        if not low <= value <= high:
            where = f"{name} = {value:.7g} is not in {low:.7g}:{high:.7g}"
            raise UsageError(Sentence("{} lies outside of the window: {}", Setting("at"), where))
