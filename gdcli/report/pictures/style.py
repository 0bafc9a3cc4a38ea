"""The style of all pictures: colours that the colour-blind can tell apart, sizes, text.

Lines have the palette of Okabe and Ito (2008), Color Universal Design, those colours first that
stand out from every height; each line has a mark and a dash of its own too, so that lines differ in
print without colour. Heights run from deep blue to pale yellow, their lightness rising all the way.
A figure is the same whatever the user's matplotlibrc says, and its bytes are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.number_format import cell, distinct
from gdcli.report.pictures.text_wrapping import POINTS_PER_INCH, name, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.ticker import MaxNLocator
    from numpy.typing import NDArray

INK = "#222222"
QUIET_INK = "#6e6e6e"
PAPER = "#ffffff"
ACCENT = "#d55e00"  # the path, the arrow, the tangent
CURVE_COLOR = "#0072b2"
SECOND_ACCENT = "#009e73"
LINE_COLORS = (ACCENT, "#000000", SECOND_ACCENT, "#e69f00", "#cc79a7", "#56b4e9", CURVE_COLOR)
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)))
MARKS = ("o", "s", "^", "D", "v", "P", "X")
# Of boxes, by the name of their reason; and the colour that is like it of the 256 of a terminal.
BOX_COLORS = {
    "VALUE": ("#c6dcf2", 153),
    "CONTRACTED": ("#8fbfee", 68),
    "MONOTONE": ("#f6d58e", 222),
    "STATIONARY": ("#cc79a7", 175),
    "UNDEFINED": ("#ffffff", 239),
    "UNIQUE": ("#009e73", 29),
    "LEFT": ("#000000", 16),
    "CANDIDATE": ("#d55e00", 166),
}
HEIGHT_COLORS = ("#0b2f5e", "#185a97", "#2f86b5", "#5cabc2", "#93cbc8", "#c9e3c5", "#f2efbd")

PLANE_SIZE = (8.0, 6.6)  # widths and heights of figures, in inches
WIDE_SIZE = (8.0, 5.4)
TALL_SIZE = (8.0, 7.2)
DPI = 120  # of png; svg and pdf have none
FONT_SIZE, SMALL_FONT_SIZE = 14, 12  # in points
LINE_SPACING = 1.2  # in heights of a letter
TITLE_TOP = 0.98  # of a figure's height: where its title begins
TITLE_SHARE = 0.97  # of a figure's width: the most that its title takes
SUBTITLE_LINES = 3
LONGEST_LEVEL_NAME = 4  # letters of the name of a vertical axis: a longer one is turned
PICTURE_DIGITS = 4  # of a number in a picture
SCALE_DIGITS = 3  # of a number beside a scale of colours, at least
AXIS_TICKS = 5
EXACT_TICK_DIGITS = 14  # of a tick's number, at most: rounding errors show from the next on
LONGEST_TICK_TEXT = 6  # characters of a tick's number: a longer one has an exponent
LIMITS_MARGIN = 0.05  # of the f that is shown, above and below

MATPLOTLIB_SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
    "font.size": FONT_SIZE,
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "legend.framealpha": 0.9,
    "text.color": INK,
    "axes.edgecolor": QUIET_INK,
    "axes.labelcolor": INK,
    "axes.grid.which": "major",
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.8,
    "xtick.color": QUIET_INK,
    "ytick.color": QUIET_INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "svg.hashsalt": "gdcli",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@contextmanager
def applied(dpi: float = DPI) -> Iterator[None]:
    """A context in which figures are made and written in this style, whatever is configured."""
    import matplotlib

    settings: Any = MATPLOTLIB_SETTINGS | {"figure.dpi": dpi, "savefig.dpi": dpi}
    with matplotlib.rc_context(), np.errstate(all="ignore"):  # f may be as small as 1e-300
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        yield


def figure(size: tuple[float, float], heading: str, arranged: bool = True) -> Figure:
    """An empty figure with a title; where `arranged`, matplotlib finds places for its panels."""
    from matplotlib.figure import Figure

    made = Figure(figsize=size, layout="constrained" if arranged else None, facecolor=PAPER)
    text, points = title(heading, TITLE_SHARE * size[0])
    made.suptitle(text, fontsize=points)
    return made


def subtitle(figure: Figure, phrases: Sequence[str]) -> float:
    """Writes phrases below the title of a figure that is not arranged.

    Returns the share of the figure's height at which the texts end.
    """
    wide, high = map(float, figure.get_size_inches())
    above, text = figure.get_suptitle(), lines_of(phrases, TITLE_SHARE * wide)
    line = LINE_SPACING / POINTS_PER_INCH / high
    begin = TITLE_TOP - (SMALL_FONT_SIZE * line * 2 if "\n" in above else FONT_SIZE * line)
    if not text:
        return begin
    begin -= 0.3 * SMALL_FONT_SIZE * line
    figure.text(0.5, begin, text, fontsize=SMALL_FONT_SIZE, ha="center", va="top")
    return begin - SMALL_FONT_SIZE * line * (1 + text.count("\n"))


def heights() -> LinearSegmentedColormap:
    """matplotlib's colour map of heights, from low to high."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heights", list(HEIGHT_COLORS))


def places(f: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The place of each f among the levels, from 0 (the lowest and below) to 1; nan stays nan."""
    found: NDArray[np.float64] = np.interp(f, levels, np.linspace(0, 1, len(levels)))
    return found


def wider(limits: tuple[float, float]) -> tuple[float, float]:
    """The limits of f with a margin, so that a minimum that the grid just misses is within."""
    low, high = limits
    room = LIMITS_MARGIN * (high - low)
    return low - room, high + room


def line_style(number: int) -> dict[str, Any]:
    """The colour, dash and mark of the line with that number: neighbours differ in all three."""
    return {
        "color": LINE_COLORS[number % len(LINE_COLORS)],
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKS[number % len(MARKS)],
    }


def words(text: str) -> str:
    """The text so escaped that no dollar begins a formula and nothing breaks a line."""
    return "".join(one if one.isprintable() else " " for one in text).replace("$", r"\$")


def title(text: str, inches: float) -> tuple[str, int]:
    """A title at most `inches` wide, and the size of its letters: small ones in two lines."""
    whole = wrapped(text.split(), inches, FONT_SIZE, 2)
    if len(whole) < 2:
        return "\n".join(map(words, whole)), FONT_SIZE
    return "\n".join(map(words, wrapped(text.split(), inches, SMALL_FONT_SIZE, 2))), SMALL_FONT_SIZE


def lines_of(phrases: Sequence[str], inches: float) -> str:
    """The phrases as SUBTITLE_LINES lines of small letters at most, `inches` wide."""
    return "\n".join(map(words, wrapped(phrases, inches, SMALL_FONT_SIZE, SUBTITLE_LINES)))


def name_upward(axes: Axes, text: str) -> None:
    """Writes the name of the vertical axis beside its numbers: level where it is short."""
    if len(text) <= LONGEST_LEVEL_NAME:
        axes.set_ylabel(words(text), rotation=0, labelpad=6, ha="right", va="center")
    else:
        axes.set_ylabel(words(name(text)))


def number(value: float | None, digits: int = PICTURE_DIGITS) -> str:
    """The text of a number in a picture, with a true minus sign."""
    return cell(value, digits).replace("-", "−")


def numbers(values: Sequence[float], digits: int) -> list[str]:
    """The texts of numbers beside a scale, with as many more digits as tell them apart."""
    return [text.replace("-", "−") for text in distinct(values, digits)]


def halo(text: Text, width: float = 3) -> None:
    """Gives a text an outline of paper, which sets it off from the lines under it."""
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=width, foreground=PAPER)])


def minima_name(count: int) -> str:
    """The words for known minima in a legend."""
    return "known minimum" if count == 1 else "known minima"


def star_style(count: int) -> dict[str, Any]:
    """The style of the white stars that mark known minima, with their name in a legend."""
    return {
        "linestyle": "none",
        "marker": "*",
        "markersize": 10,
        "color": PAPER,
        "markeredgecolor": INK,
        "markeredgewidth": 0.9,
        "label": minima_name(count),
        "zorder": 9,  # on the end of a path that came there
    }


def arrow_style(color: str, width: float) -> dict[str, Any]:
    """The style of an arrow whose tip is exactly at its end."""
    head = f"-|>,head_width={0.12 * width:g},head_length={0.24 * width:g}"
    return {"arrowstyle": head, "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0}


def few_ticks(prune: str | None = None, room: float = 1.0) -> MaxNLocator:
    """About five round numbers on an axis, fewer where there is less `room` than 1.

    `prune` leaves out the lowest or highest.
    """
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(max(2, round(AXIS_TICKS * room)), steps=[1, 2, 2.5, 5, 10], prune=prune)


def in_full(value: float, place: float) -> str:  # noqa: ARG001 - a tick's formatter is given both
    """The text of a tick's number in full, so that no factor stands at the end of the axis."""
    whole, short = cell(value, EXACT_TICK_DIGITS), cell(value, 3)
    shorter = len(whole) > LONGEST_TICK_TEXT and float(short) == float(whole)
    return number(value, 3 if shorter else EXACT_TICK_DIGITS)
