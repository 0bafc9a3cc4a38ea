"""Artists of a descent's path, which can be drawn up to any row: for stills and for films.

They belong to one panel and are made once; `show(row)` draws the path from the start to that row,
with the moving point there. In space, what the surface hides is faint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gdcli.report.pictures import style, surface_plot
from gdcli.report.pictures.clipping import SEGMENT_ROWS, inside, within

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from mpl_toolkits.mplot3d.axes3d import Axes3D
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Array, Grid, Path, PathRow


MOST_DOTTED_ROWS = 120  # of a path: its iterates are marked if it has no more
PIECE_LENGTH = 0.03  # of the box: of the pieces of a path, each of which is in sight or hidden
MOST_PATH_PIECES = 30_000


class PathArtist(Protocol):
    """What shows a path in a panel; `artists` are drawn anew in every frame of a film."""

    artists: list[Artist]

    def show(self, row: int) -> None:
        """Draws the path up to that row."""


class PlanePathArtist:
    """A path in a plane: points of shape (m, 2), `low` and `high` the corners of the window."""

    def __init__(
        self,
        axes: Axes,
        points: Array,
        low: Array,
        high: Array,
        color: str = style.ACCENT,
        marks: bool = True,
    ) -> None:
        self._points = masked(points, within(points, low, high))
        self._lines = inside(points, low, high)
        self._dotted = marks and len(points) <= MOST_DOTTED_ROWS
        (self._line,) = axes.plot([], [], **path_line_style(color))
        (self._dots,) = axes.plot([], [], ".", **dot_style(color))
        (start,) = axes.plot(
            *self._points[: int(marks)].T, "o", label="start", clip_on=False, **start_style(color)
        )
        (self._now,) = axes.plot([], [], "o", label="end", **point_style(color))
        self.artists: list[Artist] = [self._line, self._dots, start, self._now]

    def show(self, row: int) -> None:
        self._line.set_data(*self._lines[: SEGMENT_ROWS * row].T)
        if self._dotted:
            self._dots.set_data(*self._points[: row + 1].T)
        self._now.set_data(*self._points[row : row + 1].T)


class SurfacePathArtist:
    """A path on a surface: its points have shape (m, 3)."""

    def __init__(self, axes: Axes3D, grid: Grid, points: Array) -> None:
        low, high = surface_plot.corners_of(grid)
        self._points = masked(points, within(points, low, high))
        self._near, self._far, self._ends = visible_and_hidden(grid, points)
        self._in_sight = surface_plot.in_sight(grid, self._points)
        properties = path_line_style(style.ACCENT)
        (self._hidden,) = axes.plot([], [], [], alpha=surface_plot.HIDDEN_ALPHA, **properties)
        (self._line,) = axes.plot([], [], [], **properties)
        (self._dots,) = axes.plot([], [], [], ".", **dot_style(style.ACCENT))
        (start,) = axes.plot(*self._points[:1].T, "o", **start_style(style.ACCENT))
        (self._now,) = axes.plot([], [], [], "o", **point_style(style.ACCENT))
        self.artists: list[Artist] = [self._hidden, self._line, self._dots, start, self._now]
        self._dotted = len(points) <= MOST_DOTTED_ROWS

    def show(self, row: int) -> None:
        end = self._ends[row]
        self._line.set_data_3d(*self._near[:end].T)
        self._hidden.set_data_3d(*self._far[:end].T)
        if self._dotted:
            self._dots.set_data_3d(*self._points[: row + 1][self._in_sight[: row + 1]].T)
        self._now.set_data_3d(*self._points[row : row + 1].T)
        self._now.set_alpha(1.0 if self._in_sight[row] else 2 * surface_plot.HIDDEN_ALPHA)


class CaptionArtist:
    """The numbers of a row, beside a film, or under a `head` above one of several panels."""

    def __init__(self, text: Text, path: Path, head: str = "") -> None:
        self._text = text
        self._path = path
        self._head = head
        self.artists: list[Artist] = [text]

    def show(self, row: int) -> None:
        step = self._path.steps[row]
        self._text.set_text(
            row_caption_lines(self._head, step) if self._head else row_caption(step)
        )


def row_caption(step: PathRow) -> str:
    """k, f, ‖∇f‖∞ and α of a row in one line, each always in the same column."""
    norm = f"‖∇f‖∞ = {style.number(step.gradient_norm)}"
    return f"k = {step.k:<5} f = {style.number(step.f):<10} {norm:<19} {alpha_of(step)}"


def row_caption_lines(head: str, step: PathRow) -> str:
    """k, α and f of a row in lines under the head of its path."""
    return f"{head}\nk = {step.k}   {alpha_of(step)}\nf = {style.number(step.f)}"


def alpha_of(step: PathRow) -> str:
    """The words for the step size of a row; none for the last."""
    return "" if step.alpha is None else f"α = {style.number(step.alpha)}"


def path_line_style(color: str) -> dict[str, Any]:
    return {"color": color, "linewidth": 1.8, "solid_capstyle": "round", "zorder": 5}


def dot_style(color: str) -> dict[str, Any]:
    return {"color": color, "markersize": 5, "zorder": 6}


def point_style(color: str) -> dict[str, Any]:
    """The style of the moving point, which ends where the descent does."""
    return {
        "color": color,
        "markersize": 12,
        "markeredgecolor": style.PAPER,
        "markeredgewidth": 1.5,
        "zorder": 8,
    }


def start_style(color: str) -> dict[str, Any]:
    """The style of the open ring at the start of a path."""
    return {
        "color": color,
        "markersize": 9,
        "markerfacecolor": style.PAPER,
        "markeredgewidth": 2,
        "zorder": 7,
    }


def masked(points: Array, kept: NDArray[np.bool_]) -> Array:
    """The points, with nan for those that are not kept."""
    return np.where(kept[:, None], points, np.nan)


def visible_and_hidden(grid: Grid, points: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """A path in pieces: the pieces in sight, the hidden ones, and where each row ends.

    Both polylines have the shape (p, 3); each has nan where the other has the piece, and gaps of
    nan between pieces. The first `ends[k]` of their rows lead to row k of the path.
    """
    low, high = surface_plot.corners_of(grid)
    whole = inside(points, low, high).reshape(-1, SEGMENT_ROWS, 3)
    start, end = whole[:, 0], whole[:, 1]
    with np.errstate(all="ignore"):
        lengths = np.nan_to_num(np.abs((end - start) / (high - low)).max(axis=1, initial=0))
    counts = np.ceil(lengths / PIECE_LENGTH).astype(np.intp).clip(1)
    if counts.sum() > MOST_PATH_PIECES:
        counts = np.ones_like(counts)
    ends = np.concatenate([[0], np.cumsum(counts)])
    part = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
    share = (part / np.repeat(counts, counts))[:, None]
    after = ((part + 1) / np.repeat(counts, counts))[:, None]
    a, b = np.repeat(start, counts, axis=0), np.repeat(end, counts, axis=0)
    first, last = a + share * (b - a), a + after * (b - a)
    in_sight = surface_plot.in_sight(grid, (first + last) / 2)[:, None]
    near, far = (
        np.stack(
            [np.where(on, first, np.nan), np.where(on, last, np.nan), np.full_like(a, np.nan)], 1
        )
        for on in (in_sight, ~in_sight)
    )
    return near.reshape(-1, 3), far.reshape(-1, 3), SEGMENT_ROWS * ends
