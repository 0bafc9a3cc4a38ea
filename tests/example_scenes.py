"""Scenes made by hand, for what draws them: small, and not alike in x and y."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from gdcli.proofs.paving import Reason
from gdcli.scenes.scene import (
    Arrow,
    Axis,
    Band,
    Boxes,
    BoxGroup,
    Contour,
    Curve,
    DescentScene,
    Field,
    FitPanel,
    FitScene,
    Grid,
    History,
    Mark,
    Panel,
    Path,
    PathRow,
    Polyline,
    Scatter,
    Scene,
    Steps,
    Surface,
)

ACROSS, UP = Axis("x", -2.0, 2.0), Axis("y", -1.0, 1.5)
PLACES = (41, 26)


def height(x: float, y: float) -> float:
    """f of the scenes: x^2 + 3y^2."""
    return x**2 + 3 * y**2


def grid(f: Callable[..., object] = height) -> Grid:
    """f over the window."""
    x = np.linspace(ACROSS.low, ACROSS.high, PLACES[0])
    y = np.linspace(UP.low, UP.high, PLACES[1])
    values = np.asarray(f(x[None, :], y[:, None]), float)
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    return Grid((ACROSS, UP), x, y, values, np.linspace(low, high, 9), (low, high), False)


def path(label: str = "", start: tuple[float, float] = (1.5, 1.0), rows: int = 12) -> Path:
    """Steps of x^2 + 3y^2 with α = 0.1."""
    steps, (x, y) = [], start
    for k in range(rows):
        gradient = (2 * x, 6 * y)
        alpha = 0.1 if k < rows - 1 else None
        steps.append(PathRow(k, (x, y), height(x, y), gradient, max(map(abs, gradient)), alpha))
        x, y = x - 0.1 * gradient[0], y - 0.1 * gradient[1]
    return Path(label, tuple(steps), rows, "max_iterations", "the limit was reached")


def descent(*paths: Path) -> DescentScene:
    """Paths over x^2 + 3y^2."""
    shown = grid()
    minimum = Mark("", 0.0, 0.0, 0.0)
    names, held = ("x", "y"), paths or (path(),)
    return DescentScene(
        "bowl", names, (0, 1), shown, None, None, shown.limits, held, (minimum,), ()
    )


def slide() -> DescentScene:
    """A path of one variable, on x^2."""
    x = np.linspace(-2.0, 2.0, 41)
    values = (1.5 * 0.8**k for k in range(10))
    steps = tuple(PathRow(k, (v,), v * v, (2 * v,), 2 * v, 0.1) for k, v in enumerate(values))
    held = Path("", steps, 10, "converged", "")
    line = Polyline("f(x)", x, x * x)
    return DescentScene("x^2", ("x",), (0,), None, line, ACROSS, (0.0, 4.0), (held,), (), ())


def curve() -> Curve:
    """1/x with its tangent and secant at 1."""
    x = np.linspace(-2.0, 2.0, 41)
    with np.errstate(divide="ignore"):
        f = np.where(x == 0, np.nan, 1 / x)
    ends = Mark("x", 1.0, 1.0, 1.0), Mark("x + h", 2.0, 0.5, 0.5)
    wide = np.array([-2.0, 2.0])
    return Curve(
        "1/x",
        ACROSS,
        (-5.0, 5.0),
        Polyline("f(x)", x, f),
        ends[0],
        Polyline("tangent, slope -1", wide, 2 - wide),
        Polyline("secant, slope -0.5", wide, 1.5 - 0.5 * wide),
        ends,
        (),
        (),
    )


def history() -> History:
    """f on a logarithmic axis, α on a plain one; one run much longer than the other."""
    k, few = np.arange(101.0), np.arange(4.0)
    f = Panel("f", True, (Polyline("α = 0.1", k, 0.5**k), Polyline("α = 1", few, 0.1**few)))
    ones = Panel(
        "α", False, (Polyline("α = 0.1", k, 0.1 + 0 * k), Polyline("α = 1", few, 1 + 0 * few))
    )
    return History("two runs", (f, ones), (path("α = 0.1"), path("α = 1")), ())


def steps() -> Steps:
    """An error that falls as h, and one of 0."""
    h = 10.0 ** -np.arange(1.0, 9.0)
    lines = Polyline("forward-difference", h, h), Polyline("complex-step", h, 0 * h)
    best = Mark("h = 1e-8", 1e-8, 1e-8, 1e-8), Mark("h = 1e-8", 1e-8, 0.0, 0.0)
    return Steps("sin(x) at x = 0", "relative error", lines, best, (("x", 1.0),), 1e-17, ())


def fit() -> FitScene:
    """Seven rows about 1 + x/2, with error bars, both bands and residuals."""
    x, grid = np.arange(7.0) - 3.0, np.linspace(-3.2, 3.2, 65)
    off = np.array([0.1, -0.2, 0.0, 0.3, -0.1, -0.2, 0.1])
    line, spread = 1 + grid / 2, 0.1 + 0.05 * np.abs(grid)
    across, up, left = Axis("x", -3.2, 3.2), Axis("y", -1.5, 3.5), Axis("residual/σ", -2.0, 2.0)
    bands = tuple(
        Band(label, grid, line - wide * spread, line + wide * spread)
        for label, wide in (("95 % prediction band", 4), ("95 % confidence band", 1))
    )
    data = Scatter("data", x, 1 + x / 2 + off, np.full(7, 0.2))
    zero = Polyline("", np.array([-3.2, 3.2]), np.zeros(2))
    panels = (
        FitPanel(across, up, (data,), (Polyline("fit", grid, line),), bands, 0.7),
        FitPanel(across, left, (Scatter("", x, off / 0.2),), (zero,), (), 0.3),
    )
    return FitScene("y ~ a + b*x", ("a = 1 ± 0.1", "b = 0.5 ± 0.04"), panels, ())


def classes() -> FitScene:
    """Rows of three classes over a logarithmic axis, and the probability of each."""
    x = np.geomspace(1.0, 1000.0, 30)
    across, names = Axis("dose", 0.9, 1100.0), ("low", "middle", "high")
    rows = tuple(Scatter("", x[k::3], np.full(10, float(k))) for k in range(3))
    chances = np.exp(np.stack([1 - np.log(x), 0 * x, np.log(x) - 4]))
    lines = tuple(
        Polyline(one, x, p) for one, p in zip(names, chances / chances.sum(axis=0), strict=True)
    )
    panels = (
        FitPanel(across, Axis("observed", -0.6, 2.6), rows, (), (), 0.4, True, names),
        FitPanel(across, Axis("probability", -0.05, 1.05), (), lines, (), 0.6, True),
    )
    return FitScene("class ~ b[k]*log(dose)", (), panels, ())


def boxes() -> Boxes:
    """The window in quarters, one of them in halves, around the minimum of x^2 + 3y^2."""
    ends = [(-2.0, -1.0, 0.0, 0.25), (0.0, -1.0, 2.0, 0.25), (-2.0, 0.25, 0.0, 0.875),
            (-2.0, 0.875, 0.0, 1.5), (0.0, 0.25, 2.0, 1.5)]  # fmt: skip
    corner = np.array(ends)
    kept = {Reason.VALUE: [2, 3], Reason.MONOTONE: [4], Reason.UNIQUE: [0], Reason.LEFT: [1]}
    groups = tuple(
        BoxGroup(reason, f"{reason.name.lower()} ({len(few)})", corner[few, :2], corner[few, 2:])
        for reason, few in kept.items()
    )
    shown = grid()
    least = Fraction(-1, 10**12), Fraction(0)
    return Boxes("bowl", least, "proved", 9, shown, None, None, shown.limits, groups, MINIMA,
                 "the global minimizer", False, ())  # fmt: skip


def boxed_curve() -> Boxes:
    """x^2 over four boxes, of which one has no lower bound that can be shown."""
    x = np.linspace(-2.0, 2.0, 41)
    low, high = np.array([-2.0, -1.0, 0.0, 1.0]), np.array([-1.0, 0.0, 1.0, 2.0])
    bottom, top = np.array([-2.0, -1.0, 0.0, 1.0]), np.array([4.0, 1.0, 1.0, 4.0])
    corners = np.stack([low, bottom], axis=1), np.stack([high, top], axis=1)
    groups = tuple(
        BoxGroup(reason, f"{reason.name.lower()} (2)", corners[0][few], corners[1][few])
        for reason, few in ((Reason.VALUE, [0, 3]), (Reason.CANDIDATE, [1, 2]))
    )
    line = Polyline("f(x)", x, x * x)
    return Boxes("x^2", (-1e-9, 0.0), "proved", 7, None, line, ACROSS, (-2.0, 4.0), groups, MINIMA,
                 "the global minimizer", False, ())  # fmt: skip


ARROW = Arrow((1.0, 0.5, height(1.0, 0.5)), (2.0, 3.0), (0.4, 0.6))
MINIMA = (Mark("", 0.0, 0.0, 0.0),)


def every() -> dict[str, Scene]:
    """One of each kind."""
    against = tuple(
        Arrow((x, y, height(x, y)), (2 * x, 6 * y), (-0.2 * x, -0.2 * y))
        for x in (-1.0, 0.0, 1.0)
        for y in (-0.5, 0.0, 0.5)
    )
    return {
        "curve": curve(),
        "contour": Contour("bowl", grid(), ARROW, MINIMA, ()),
        "surface": Surface("bowl", grid(), ARROW, MINIMA, ()),
        "field": Field("bowl", grid(), against, MINIMA, ()),
        "descent": descent(),
        "descents": descent(path("α = 0.1"), path("α = 0.2", (-1.0, 0.5))),
        "slide": slide(),
        "history": history(),
        "steps": steps(),
        "boxes": boxes(),
        "boxed curve": boxed_curve(),
        "fit": fit(),
        "classes": classes(),
    }
