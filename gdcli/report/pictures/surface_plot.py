"""The surface f over the plane of two variables, seen from a corner.

Comes in: matplotlib's Axes3D and parts of a scene. Heights have the same colours as contours.
Beyond the limits of f the surface is cut off; where f is undefined it has a hole. matplotlib sorts
whole artists by depth, not points, so what the surface hides is found here and drawn faintly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import style
from gdcli.report.pictures.clipping import within
from gdcli.report.pictures.text_wrapping import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D
    from mpl_toolkits.mplot3d.axes3d import Axes3D
    from numpy.typing import NDArray

    from gdcli.scenes.scene import Array, Arrow, Grid, Mark


ELEVATION, AZIMUTH = 42, -62  # degrees
BOX_SIDES = (1.0, 1.0, 0.66)  # lengths of the axes' box
SURFACE_PATCHES = 100  # along a side, at most
LIGHT_DIRECTION = (0.55, -0.35, 0.76)  # towards the light, in units of the box
SIGHT_STEPS = 160  # along a ray of sight
CLEARANCE = 0.012  # of the box's height: a point no lower below the surface counts as on it
HIDDEN_ALPHA = 0.25
LINE_PIECES = 20  # of a straight line, to estimate how much of it is hidden
TANGENT_LABEL, SHADOW_LABEL = "up the slope, along ∇f", "∇f on the floor"
# Of the f that is shown: a patch that rises by more and leaves the limits may cross a pole.
POLE_RISE = 0.6


def space(figure: Figure | SubFigure, place: tuple[float, float, float, float]) -> Axes3D:
    """Empty axes of three dimensions in a part of the figure: (left, bottom, width, height)."""
    import mpl_toolkits.mplot3d  # noqa: F401 - it registers the projection

    axes: Any = figure.add_axes(place, projection="3d", computed_zorder=False)
    made: Axes3D = axes
    return made


def surface(axes: Axes3D, grid: Grid) -> None:
    """Draws f, its box and its names."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    corners, colors = patches(grid)
    drawn = Poly3DCollection(
        corners,
        facecolors=colors,
        edgecolors=colors,  # closes the seams between patches
        linewidths=0.4,
        zorder=1,
    )
    drawn.set_rasterized(True)  # thousands of patches would make a heavy svg or pdf
    axes.add_collection3d(drawn)
    box(axes, grid)


def patches(grid: Grid) -> tuple[Array, Array]:
    """The surface as patches: corners, shape (patches, 4, 3), and colours, shape (patches, 4)."""
    rows, columns = (thinned(len(along)) for along in (grid.y, grid.x))
    f = grid.f[np.ix_(rows, columns)]
    corners = patch_corners(grid.x[columns], grid.y[rows], f)
    kept = shown(corners[..., 2], grid.limits)
    corners[..., 2] = corners[..., 2].clip(*grid.limits)
    colors = style.heights()(style.places(corners[kept, :, 2].mean(axis=1), grid.levels))
    colors[:, :3] *= brightness(grid, f.clip(*grid.limits)).reshape(-1, 1)[kept]
    return corners[kept], colors.clip(0, 1)


def shown(heights: Array, limits: tuple[float, float]) -> NDArray[np.bool_]:
    """Which patches are shown, by the f of their corners, shape (patches, 4).

    A patch with a corner beyond the limits is cut there, unless it rises by much of what is shown:
    then it may lead across a pole, from one end to the other, where there is no surface.
    """
    low, high = limits
    within_them = (heights >= low) & (heights <= high)
    rise = np.ptp(heights.clip(low, high), axis=1)
    cut = (
        within_them.any(axis=1)
        & (rise < POLE_RISE * (high - low))
        & np.isfinite(heights).all(axis=1)
    )
    found: NDArray[np.bool_] = within_them.all(axis=1) | cut
    return found


def thinned(count: int) -> NDArray[np.intp]:
    """The places of the grid's lines that are drawn: evenly spaced, both ends included."""
    every = -(-(count - 1) // SURFACE_PATCHES)
    return np.unique([*range(0, count, every), count - 1]).astype(np.intp)


def patch_corners(x: Array, y: Array, f: Array) -> Array:
    """The patches between the lines of a grid, row by row, shape (patches, 4, 3)."""
    space = np.stack([*np.meshgrid(x, y), f], axis=-1)
    around = [space[:-1, :-1], space[:-1, 1:], space[1:, 1:], space[1:, :-1]]
    return np.stack(around, axis=2).reshape(-1, 4, 3)


def brightness(grid: Grid, f: Array) -> Array:
    """The brightness of each patch, around 1, by the slope of the surface within the box."""
    low, high = grid.limits
    scaled = np.nan_to_num((f - low) / (high - low)) * BOX_SIDES[2]
    rows, columns = f.shape
    across = np.diff(scaled, axis=1) * (columns - 1) / BOX_SIDES[0]
    up = np.diff(scaled, axis=0) * (rows - 1) / BOX_SIDES[1]
    slope_x = (across[:-1] + across[1:]) / 2
    slope_y = (up[:, :-1] + up[:, 1:]) / 2
    x, y, z = LIGHT_DIRECTION
    lit = (z - x * slope_x - y * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    bright: Array = 0.80 + 0.27 * lit
    return bright


def box(axes: Axes3D, grid: Grid) -> None:
    """Sets the limits, the names and the camera of the box."""
    across, up = grid.axes
    axes.set(xlim=(across.low, across.high), ylim=(up.low, up.high), zlim=grid.limits)
    axes.set_xlabel(style.words(name(across.name)), labelpad=6)
    axes.set_ylabel(style.words(name(up.name)), labelpad=6)
    low, high = grid.limits
    axes.text(across.high, up.high, high + 0.09 * (high - low), "f", ha="center")
    axes.set_proj_type("ortho")
    axes.view_init(elev=ELEVATION, azim=AZIMUTH)
    axes.set_box_aspect(BOX_SIDES, zoom=0.94)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
        axis.set_tick_params(pad=_pad(grid.limits) if axis is axes.zaxis else 1)
        # The lowest of y would stand where the highest of x does.
        axis.set_major_locator(style.few_ticks("lower" if axis is axes.yaxis else None))
        axis.set_major_formatter(style.in_full)


def _pad(limits: tuple[float, float]) -> float:
    """The distance in points of the numbers of f from their axis, where matplotlib centres them."""
    longest = max(len(style.in_full(tick, 0)) for tick in style.few_ticks().tick_values(*limits))
    return 5 + 3.3 * max(0, longest - 4)


def in_sight(grid: Grid, points: Array) -> NDArray[np.bool_]:
    """Which points the surface does not hide; `points` has the shape (m, 3), the answer (m,).

    From each point a ray goes towards the eye until it leaves the box; the point is hidden where
    the ray goes through the surface. The ray of a point on the surface starts above it.
    """
    lengths = np.array([axis.high - axis.low for axis in grid.axes] + [np.ptp(grid.limits)])
    step = sight() / np.array(BOX_SIDES) * lengths
    start = points + np.array([0, 0, CLEARANCE * lengths[2]])
    out = np.linspace(0, 1.6, SIGHT_STEPS)[None, :]  # 1.6: beyond the box's diagonal
    x, y, f = (start[:, i, None] + out * step[i] for i in range(3))
    with np.errstate(invalid="ignore"):  # nan hides nothing
        surface = heights_at(grid, x, y)
        hidden = (surface > f).any(axis=1) & (surface < f).any(axis=1)
    found: NDArray[np.bool_] = ~hidden
    return found


def sight() -> Array:
    """The direction towards the eye, in units of the box."""
    elevation, azimuth = np.radians([ELEVATION, AZIMUTH])
    flat = np.cos(elevation)
    return np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


def heights_at(grid: Grid, x: Array, y: Array) -> Array:
    """f by bilinear interpolation in the grid; nan outside of it and beyond the limits."""
    across = (x - grid.x[0]) / (grid.x[-1] - grid.x[0]) * (len(grid.x) - 1)
    up = (y - grid.y[0]) / (grid.y[-1] - grid.y[0]) * (len(grid.y) - 1)
    column = np.clip(np.nan_to_num(across).astype(np.intp), 0, len(grid.x) - 2)
    row = np.clip(np.nan_to_num(up).astype(np.intp), 0, len(grid.y) - 2)
    s, t = across - column, up - row
    low, high = grid.limits
    f = np.where((grid.f >= low) & (grid.f <= high), grid.f, np.nan)
    lower = f[row, column] * (1 - s) + f[row, column + 1] * s
    upper = f[row + 1, column] * (1 - s) + f[row + 1, column + 1] * s
    inside_grid = (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    found: Array = np.where(inside_grid, lower * (1 - t) + upper * t, np.nan)
    return found


def corners_of(grid: Grid) -> tuple[Array, Array]:
    """The lowest and the highest corner of the box, (x, y, f), with a margin of f."""
    across, up = grid.axes
    low, high = style.wider(grid.limits)
    return np.array([across.low, up.low, low]), np.array([across.high, up.high, high])


def stars(axes: Axes3D, grid: Grid, marks: Sequence[Mark]) -> None:
    """Draws the known minima, faint where the surface hides them."""
    points = np.array([(mark.x, mark.y, mark.f) for mark in marks]).reshape(-1, 3)
    shown = within(points, *corners_of(grid))
    for near in (True, False):
        chosen = points[shown & (in_sight(grid, points) == near)]
        properties = style.star_style(len(marks)) | {"alpha": 1.0 if near else HIDDEN_ALPHA}
        axes.plot(*chosen.T, **properties)


def star_handles(marks: Sequence[Mark]) -> list[Line2D]:
    """The entries of known minima in a legend; none without minima."""
    from matplotlib.lines import Line2D

    return [Line2D([], [], **style.star_style(len(marks)))] if marks else []


def arrow(axes: Axes3D, grid: Grid, drawn: Arrow) -> list[Line2D]:
    """Draws the gradient along the tangent uphill, and its projection on the box's floor.

    Returns the entries of both in a legend; none where there is no arrow to draw.
    """
    from matplotlib.lines import Line2D

    at = np.array(drawn.at)
    handles = []
    if any(drawn.drawn) and within(at[None], *corners_of(grid)).all():
        tip = at + np.array([*drawn.drawn, np.dot(drawn.gradient, drawn.drawn)])
        tangent = np.array([at, tip])
        shadow = np.column_stack([tangent[:, :2], np.full(2, grid.limits[0])])
        for ends, width, color, alpha, label in (
            (shadow, 2, style.INK, visibility(grid, shadow), SHADOW_LABEL),
            (tangent, 3, style.ACCENT, 1.0, TANGENT_LABEL),
        ):
            shaft(axes, ends, color, width, alpha)
            handles.append(Line2D([], [], color=color, linewidth=width, label=label))
    axes.plot(*at[:, None], "o", color=style.ACCENT, markeredgecolor=style.PAPER, zorder=7)
    return handles[::-1]


def visibility(grid: Grid, ends: Array) -> float:
    """The alpha of a straight line: 1, or faint where the surface hides most of it."""
    between = np.linspace(ends[0], ends[1], LINE_PIECES)
    return 1.0 if in_sight(grid, between).mean() > 0.5 else 2 * HIDDEN_ALPHA


def shaft(axes: Axes3D, ends: Array, color: str, width: float, alpha: float = 1.0) -> None:
    """Draws an arrow in space, with its head flat in the picture."""
    from mpl_toolkits.mplot3d import proj3d

    towards = axes.get_proj()
    (x0, x1), (y0, y1), _ = proj3d.proj_transform(*ends.T, towards)
    axes.annotate(
        "",
        xy=(x1, y1),
        xytext=(x0, y0),
        arrowprops=style.arrow_style(color, width) | {"alpha": alpha},
        annotation_clip=False,
        zorder=6,
    )
