"""What all pictures share: colours that the colour-blind tell apart, sizes fit for a slide, words.

Lines take the palette of Okabe and Ito (2008), Color Universal Design; each has a mark and a dash
of its own too, so that they differ in print without colour. Heights run from deep blue to pale
yellow, their lightness rising all the way. A figure is the same whatever the user's matplotlibrc
says, and its bytes are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from gdcli.report.numerals import cell, distinct

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.ticker import MaxNLocator
    from numpy.typing import NDArray

INK = "#222222"
QUIET = "#6e6e6e"
PAPER = "#ffffff"
ACCENT = "#d55e00"  # the path, the arrow, the tangent
CURVE = "#0072b2"
SECOND = "#009e73"
LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)))
MARKS = ("o", "s", "^", "D", "v", "P", "X")
HEIGHTS = ("#0b2f5e", "#185a97", "#2f86b5", "#5cabc2", "#93cbc8", "#c9e3c5", "#f2efbd")

PLANE = (8.0, 6.6)  # widths and heights of figures, in inches
WIDE = (8.0, 5.4)
TALL = (8.0, 7.2)
DPI = 120  # of png; svg and pdf have none
FONT = 14  # in points, beside which "small" is 12
COLUMNS = 8.0  # characters of a title to an inch
TITLE_LINES = 2
DIGITS = 4  # of a number in a picture
SCALE_DIGITS = 3  # of the numbers beside a scale of colours, at least
TICKS = 5
TICK_DIGITS = 14  # of a tick's number at most: one less than rounding leaves it
LONG = 6  # characters of a tick's number, from which on it is better with an exponent
ROOM = 0.05  # of the f that is shown, above and below

SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
    "font.size": FONT,
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "legend.framealpha": 0.9,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.grid.which": "major",
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
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
    """Within it figures are made and written in this style, whatever else is configured."""
    import matplotlib
    import numpy as np

    settings: Any = SETTINGS | {"figure.dpi": dpi, "savefig.dpi": dpi}
    with matplotlib.rc_context(), np.errstate(all="ignore"):  # f may be as small as 1e-300
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        yield


def sheet(size: tuple[float, float], heading: str, arranged: bool = True) -> Figure:
    """An empty figure with its title; `arranged` where matplotlib finds places for its panels."""
    from matplotlib.figure import Figure

    made = Figure(figsize=size, layout="constrained" if arranged else None, facecolor=PAPER)
    columns = int(size[0] * COLUMNS)
    made.suptitle(title(heading, columns), fontsize="medium")
    return made


def heights() -> LinearSegmentedColormap:
    """The colours of f, from low to high."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heights", list(HEIGHTS))


def places(f: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each f stands among the levels, from 0 (the lowest and below) to 1; nan stays nan."""
    import numpy as np

    found: NDArray[np.float64] = np.interp(f, levels, np.linspace(0, 1, len(levels)))
    return found


def wider(limits: tuple[float, float]) -> tuple[float, float]:
    """The limits of f with some room, in which a minimum lies that a grid just misses."""
    low, high = limits
    room = ROOM * (high - low)
    return low - room, high + room


def line_style(number: int) -> dict[str, Any]:
    """The looks of the line with that number, unlike those of its neighbours without colour too."""
    return {
        "color": LINES[number % len(LINES)],
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKS[number % len(MARKS)],
    }


def words(text: str) -> str:
    """A text that matplotlib shows unchanged: no dollar begins a formula, nothing breaks a line."""
    return "".join(one if one.isprintable() else " " for one in text).replace("$", r"\$")


def title(text: str, columns: int) -> str:
    """A title in at most two lines; what is longer ends in three dots."""
    lines = wrap(text, columns)
    if len(lines) > TITLE_LINES:
        lines = [*lines[: TITLE_LINES - 1], lines[TITLE_LINES - 1][: columns - 4] + " ..."]
    return "\n".join(map(words, lines))


def number(value: float | None, digits: int = DIGITS) -> str:
    """A number as it stands in a picture, with a true minus sign."""
    return cell(value, digits).replace("-", "−")


def numbers(values: Sequence[float], digits: int) -> list[str]:
    """Numbers beside a scale, with as many digits more as tell them apart."""
    return [text.replace("-", "−") for text in distinct(values, digits)]


def halo(text: Text, width: float = 3) -> None:
    """Set a text off from the lines under it."""
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=width, foreground=PAPER)])


def star_looks(count: int) -> dict[str, Any]:
    """Known minima: white stars."""
    return {
        "linestyle": "none",
        "marker": "*",
        "markersize": 10,
        "color": PAPER,
        "markeredgecolor": INK,
        "markeredgewidth": 0.9,
        "label": "known minimum" if count == 1 else "known minima",
        "zorder": 9,  # on the end of a path that came there
    }


def arrow_looks(color: str, width: float) -> dict[str, Any]:
    """An arrow that ends exactly where it points."""
    head = f"-|>,head_width={0.12 * width:g},head_length={0.24 * width:g}"
    return {"arrowstyle": head, "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0}


def few_ticks(prune: str | None = None) -> MaxNLocator:
    """Round numbers on an axis, about five; `prune` leaves out the lowest or highest."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10], prune=prune)


def in_full(value: float, place: float) -> str:  # noqa: ARG001 - a tick's formatter is given both
    """A tick's number, all of it: no factor stands at the end of the axis."""
    whole, short = cell(value, TICK_DIGITS), cell(value, 3)
    shorter = len(whole) > LONG and float(short) == float(whole)
    return number(value, 3 if shorter else TICK_DIGITS)
