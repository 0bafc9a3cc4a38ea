"""Scenes: all that a picture shows, as plain values that every renderer draws from.

A builder of this folder makes a scene from a function; `report/pictures/` turns it into text or a
file. A scene holds no colours, fonts or sizes, and a renderer computes nothing of a function.
Arrays are NumPy float64. What is undefined is nan and left blank, and `notes` says so: sentences
that are written to standard error beside the picture. `f` stands for the function's value
everywhere; all coordinates are those of the axes, however the renderer scales them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdcli.proofs.certificate import Ends
    from gdcli.proofs.paving import Reason

Array: TypeAlias = "NDArray[np.float64]"


class Axis(NamedTuple):
    """A variable, and the interval of it that is shown, low < high."""

    name: str
    low: float
    high: float


class Polyline(NamedTuple):
    """A drawn line: `x` and `y` of one shape (m,), a gap where y is nan."""

    label: str
    x: Array
    y: Array


class Mark(NamedTuple):
    """A marked point: (x, y) in a plane, (x, f) on a curve; `f` is the value there."""

    label: str
    x: float
    y: float
    f: float


class Arrow(NamedTuple):
    """An arrow in the plane of two variables.

    It starts at (x, y), `at` holding (x, y, f); `gradient` is (∂f/∂x, ∂f/∂y) there, and `drawn` the
    displacement (to x, to y) that shows it in the units of the axes: along the gradient for the
    arrow at a point, against it in a field, of a length that fits the picture.
    """

    at: tuple[float, float, float]
    gradient: tuple[float, float]
    drawn: tuple[float, float]


class Grid(NamedTuple):
    """f over a window of two variables.

    `x` has shape (columns,), `y` (rows,), `f` (rows, columns), nan where f is undefined. `levels`
    are the values of the contours, ascending and at least two, chosen so that steep and flat parts
    both show structure: colours go by the place among them, not by f itself. `limits` are the low
    and high f to be shown on a vertical axis: beyond them (a pole) the surface is cut off.
    `uneven` says that the levels are not evenly spaced.
    """

    axes: tuple[Axis, Axis]
    x: Array
    y: Array
    f: Array
    levels: Array
    limits: tuple[float, float]
    uneven: bool


class PathRow(NamedTuple):
    """Row k of a descent: the whole point, f, the gradient, ‖∇f‖∞ and α.

    `gradient` is None where it is not known. `alpha` leads to the next point; it is None in the
    last row. `shadow` is f at the projection of the point on the plane that is drawn, where that is
    another point.
    """

    k: int
    point: Sequence[float]
    f: float
    gradient: tuple[float, ...] | None
    gradient_norm: float
    alpha: float | None
    shadow: float | None = None

    @property
    def height(self) -> float:
        """The f at which the point is drawn on a surface."""
        return self.f if self.shadow is None else self.shadow


class Path(NamedTuple):
    """A descent: its label ("α = 0.03", "from (1, 2)", empty for the only one), steps and ending.

    The steps are in order of k, at least one. `total` is the number of rows the run made; where
    some of them are left out of the steps, a note says so. `maximize` says that it was to lead up.
    """

    label: str
    steps: tuple[PathRow, ...]
    total: int
    status: str
    message: str
    maximize: bool = False


class Curve(NamedTuple):
    """A function of one variable: `line` is f, `limits` the f to be shown (poles are cut off).

    `point` is the point asked for, on the curve, `tangent` the tangent there (two points, the label
    says its slope), `secant` the line through `ends`, the points at x and x + h.
    """

    title: str
    axis: Axis
    limits: tuple[float, float]
    line: Polyline
    point: Mark | None
    tangent: Polyline | None
    secant: Polyline | None
    ends: tuple[Mark, Mark] | None
    minima: tuple[Mark, ...]
    notes: tuple[str, ...]


class Contour(NamedTuple):
    """Contours of f; `arrow` is the gradient at a point asked for, else None."""

    title: str
    grid: Grid
    arrow: Arrow | None
    minima: tuple[Mark, ...]
    notes: tuple[str, ...]


class Surface(NamedTuple):
    """The surface f over the plane; `arrow` is the gradient at a point asked for, else None."""

    title: str
    grid: Grid
    arrow: Arrow | None
    minima: tuple[Mark, ...]
    notes: tuple[str, ...]


class Field(NamedTuple):
    """Arrows of −∇f over contours."""

    title: str
    grid: Grid
    arrows: tuple[Arrow, ...]
    minima: tuple[Mark, ...]
    notes: tuple[str, ...]


class DescentScene(NamedTuple):
    """One or several descents, side by side, each in a panel of its own.

    For a function of two or more variables, `grid` is f over the two variables number plane[0] and
    plane[1] of a point, and `curve` is None. For one variable, `curve` is f, `grid` is None and
    `plane` is (0,). `axis` is the axis of a curve, `limits` the f shown. With more than two
    variables a path is the projection of its points on the plane.
    """

    title: str
    variables: tuple[str, ...]
    plane: tuple[int, ...]
    grid: Grid | None
    curve: Polyline | None
    axis: Axis | None
    limits: tuple[float, float]
    paths: tuple[Path, ...]
    minima: tuple[Mark, ...]
    notes: tuple[str, ...]


class Panel(NamedTuple):
    """A part of a history: a quantity over k ("f", "f - least f", "‖∇f‖∞", "α"), a line a path.

    Where its axis is logarithmic, numbers that are 0 or below are nan.
    """

    name: str
    logarithmic: bool
    lines: tuple[Polyline, ...]


class History(NamedTuple):
    """f, ‖∇f‖∞ and α over k, a panel each, one below the other."""

    title: str
    panels: tuple[Panel, ...]
    paths: tuple[Path, ...]
    notes: tuple[str, ...]


class Steps(NamedTuple):
    """The error of each difference formula against h, both axes logarithmic.

    `measure` says which error: relative, or absolute where the whole gradient is 0. Each formula
    has a line; `best` marks on each the h where the error is least together with its neighbours (x
    is the h, y and f are the error). `exact` is the true gradient, by variable; errors below
    `floor` are drawn at it.
    """

    title: str
    measure: str
    lines: tuple[Polyline, ...]
    best: tuple[Mark, ...]
    exact: tuple[tuple[str, float], ...]
    floor: float
    notes: tuple[str, ...]


class BoxGroup(NamedTuple):
    """The boxes of a search that met with the same end; `label` says which, and how many they are.

    `low` and `high` are corners, shape (m, 2): in the plane of two variables, or over one variable
    and f, from the lower bound of f over the box to the highest point of the curve in it.
    """

    reason: Reason
    label: str
    low: Array
    high: Array


class Boxes(NamedTuple):
    """The boxes into which a search for the global minimum has cut the window.

    For a function of two variables `grid` is f over the window and `curve` is None; for one
    variable it is the other way round, and `axis` and `limits` are those of the curve. `least` are
    the ends of the global minimum, `verdict` says in a few words whether they are proved,
    `searched` counts all boxes. `minimizers` lie in the boxes that are left for them,
    `minimizers_label` says what they are.
    """

    title: str
    least: Ends
    verdict: str
    searched: int
    grid: Grid | None
    curve: Polyline | None
    axis: Axis | None
    limits: tuple[float, float]
    groups: tuple[BoxGroup, ...]
    minimizers: tuple[Mark, ...]
    minimizers_label: str
    interrupted: bool
    notes: tuple[str, ...]


class Scatter(NamedTuple):
    """Points that are no line: x and y of shape (m,), and where they have error bars their half
    lengths."""

    label: str
    x: Array
    y: Array
    error: Array | None = None


class Band(NamedTuple):
    """The area between two lines over x, all three of shape (m,), with a gap where one is nan."""

    label: str
    x: Array
    low: Array
    high: Array


class FitPanel(NamedTuple):
    """A part of the picture of a fit: points, lines through them and bands about these.

    `share` is that of the height of all panels. Bands are ordered from the widest to the narrowest.
    The axis across may be `logarithmic`; `texts`, where there are any, stand at 0, 1, 2, … of the
    axis up in place of numbers.
    """

    across: Axis
    up: Axis
    points: tuple[Scatter, ...]
    lines: tuple[Polyline, ...]
    bands: tuple[Band, ...]
    share: float
    logarithmic: bool = False
    texts: tuple[str, ...] = ()


class FitScene(NamedTuple):
    """Data and what a model fitted to them predicts; below, what is left over.

    The panels have one axis across. `parameters` are phrases, one a parameter.
    """

    title: str
    parameters: tuple[str, ...]
    panels: tuple[FitPanel, ...]
    notes: tuple[str, ...]


Scene: TypeAlias = (
    Curve | Contour | Surface | Field | DescentScene | History | Steps | Boxes | FitScene
)
