from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest

from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from gdcli.scenes.descents import descent, history, history_of
from gdcli.scenes.paths import path
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Path
from gdcli.scenes.section import section


def ran(f: Function, start: list[float], label: str = "", **options: object) -> Path:
    result = run_descent(f, start, **options)  # type: ignore[arg-type]
    rows = len(result.trace) + result.dropped
    return path(f, result.trace, rows, label, result.status, result.message)


BOWL = Function("x^2 + 3*y^2")


def test_the_path_is_the_iterates_and_lies_in_the_window() -> None:
    run = ran(BOWL, [1.0, 2.0], alpha=0.1)
    scene = descent(PictureRequest(section(BOWL, {}), paths=(run,), rule="α = 0.1"))
    assert scene.title == "x^2 + 3*y^2, α = 0.1"
    assert (scene.plane, scene.variables) == ((0, 1), ("x", "y"))
    x, y = 1.0, 2.0
    for k, step in enumerate(scene.paths[0].steps):
        assert step.k == k
        assert step.point == pytest.approx((x, y), rel=1e-13)
        assert step.gradient == pytest.approx((2 * x, 6 * y), rel=1e-13)
        x, y = x - 0.1 * 2 * x, y - 0.1 * 6 * y
    assert scene.grid is not None
    for axis, number in zip(scene.grid.axes, (0, 1), strict=True):
        assert all(axis.low < step.point[number] < axis.high for step in run.steps)
    assert scene.notes == (run.message,)


def test_a_problems_window_is_widened_to_the_start() -> None:
    f = function("rosenbrock")
    scene = descent(PictureRequest(section(f, {}), paths=(ran(f, [3.0, 1.0]),)))
    assert scene.grid is not None
    assert scene.grid.axes[0].low == -2.0
    assert scene.grid.axes[0].high > 3.0
    assert scene.minima[0][1:] == (1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("(x - 2)^2 + (y + 1)^2", [(0.0, 1.0), (0.0, 2.0)]),
        ("rosenbrock", [(-inf, 0.5), (-inf, inf)]),
        ("rosenbrock", [(2.0, 8.0), (0.0, inf)]),  # beside the window of the problem
        ("1/(1 + 1e4*(x - 1)^2) + y^2", [(1.001, 3.0), (-inf, inf)]),  # a way up to a top outside
        ("exp(x)/100 + sqrt(x)", [(1.0, inf)]),
        ("x^2", [(-inf, -1.0)]),
    ],
)
def test_nothing_outside_of_the_bounds_of_a_run_is_drawn_or_evaluated(
    text: str, bounds: list[tuple[float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    f = function(text)
    run = ran(f, [min(max(0.9, low), high) for low, high in bounds], bounds=bounds)
    seen: list[list[Any]] = []
    evaluated = Function.evaluate_grid

    def evaluate_grid(self: Function, columns: list[Any]) -> Any:
        seen.append(columns)
        return evaluated(self, columns)

    monkeypatch.setattr(Function, "evaluate_grid", evaluate_grid)
    within = section(f, {})._replace(bounds=dict(enumerate(bounds)))
    scene = descent(PictureRequest(within, paths=(run,)))
    axes = scene.grid.axes if scene.grid is not None else (scene.axis,)
    for number, (axis, (low, high)) in enumerate(zip(axes, bounds, strict=True)):
        assert axis is not None
        assert all(low <= column[number].min() <= column[number].max() <= high for column in seen)
        assert low <= axis.low < axis.high <= high
    assert "the picture ends at the bounds of x" in "; ".join(map(str, scene.notes))
    assert not any("no finite value" in note for note in scene.notes)


def test_iterates_outside_of_the_window_are_counted() -> None:
    run = ran(BOWL, [1.0, 2.0], alpha=0.1)
    asked = {"x": (-1.0, 0.75), "y": (-3.0, 3.0)}
    scene = descent(PictureRequest(section(BOWL, {}), window=asked, paths=(run,)))
    assert scene.grid is not None
    assert scene.grid.axes[0][1:] == (-1.0, 0.75)  # 1 and 0.8 are outside
    assert "2 iterates lie outside of the window; window shows more" in scene.notes


def test_a_path_that_runs_away_is_left_where_no_picture_holds_it() -> None:
    run = ran(BOWL, [1.0, 2.0], alpha=1.1)
    assert run.status == "diverged"
    scene = descent(PictureRequest(section(BOWL, {}), paths=(run,)))
    assert scene.grid is not None
    assert scene.grid.axes[1].high < 1e4
    assert 3 <= len(scene.paths[0].steps) < len(run.steps)
    assert any("leaves the picture for good at k =" in note for note in scene.notes)
    assert np.isfinite(scene.grid.f).all()


def test_the_line_that_leads_out_of_the_picture_is_drawn() -> None:
    cubic = Function("x^3")
    scene = descent(PictureRequest(section(cubic, {}), paths=(ran(cubic, [-0.5]),)))
    assert scene.axis is not None
    (path,) = scene.paths
    assert scene.axis.low < path.steps[-2].point[0] < path.steps[-1].k
    assert path.steps[-1].point[0] < scene.axis.low
    assert path.steps[-1].k < path.total - 1


def test_a_trace_that_lacks_rows_says_so() -> None:
    rows = [Iterate(k, [1.0 / (k + 1), 0.0], 1.0, 1.0, 0.1) for k in range(101)]
    for kept, told in ((rows[::10], "of 101 rows 11 are drawn"), (rows[19:], "of 101 rows 82 are")):
        notes = history_of("", (path(None, kept, 101),)).notes
        assert any(told in note for note in notes)
    assert history_of("", (path(None, rows, 101),)).notes == ()


def test_one_variable_has_its_curve() -> None:
    f = Function("x^2")
    scene = descent(PictureRequest(section(f, {}), paths=(ran(f, [2.0], alpha=0.25),)))
    assert scene.grid is None
    assert scene.axis is not None
    assert scene.curve is not None
    assert scene.plane == (0,)
    assert scene.curve.y == pytest.approx(scene.curve.x**2)
    assert scene.axis.low < 0.0 < 2.0 < scene.axis.high


def test_more_variables_have_their_shadow() -> None:
    f = Function("x^2 + y^2 + z^2")
    run = ran(f, [1.0, 2.0, 3.0], alpha=0.25)
    scene = descent(PictureRequest(section(f, {"y": 1.0}), paths=(run,)))
    assert scene.plane == (0, 2)
    assert scene.grid is not None
    assert [axis.name for axis in scene.grid.axes] == ["x", "z"]
    assert scene.grid.axes[1].high > 3.0
    first = scene.paths[0].steps[0]
    assert (first.point, first.f) == ([1.0, 2.0, 3.0], 14.0)
    assert first.height == 11.0  # of (1, 1, 3), on the surface that is drawn
    assert "shadow" in scene.notes[-1]


def test_several_paths_share_a_window_and_are_told_apart() -> None:
    runs = (ran(BOWL, [1.0, 1.0], "one"), ran(BOWL, [-8.0, 1.0], "two", alpha=0.01))
    scene = descent(PictureRequest(section(BOWL, {}), paths=runs))
    assert scene.grid is not None
    assert scene.grid.axes[0].low < -8.0
    assert scene.notes == ("converged: one; two",)


def test_how_several_runs_ended_is_told_in_a_line_each_ending() -> None:
    run = ran(BOWL, [1.0, 1.0])
    runs = [
        run._replace(label=label, status=status, message=f"{status} because")
        for label, status in (
            ("a", "max_iterations"),
            ("b", "converged"),
            ("c", "diverged"),
            ("d", "max_iterations"),
        )
    ]
    cut = run._replace(label="e", total=9, steps=(run.steps[0], run.steps[-1]._replace(k=8)))
    assert history_of("", (*runs, cut)).notes == (
        "converged: b; e",
        "stopped at a limit: a; d",
        "c: diverged because",
        "not all rows are drawn: e",
    )


def test_a_path_of_one_point_has_a_window() -> None:
    scene = descent(PictureRequest(section(BOWL, {}), paths=(ran(BOWL, [0.0, 0.0]),)))
    assert scene.grid is not None
    assert scene.grid.axes[0][1:] == (-5.0, 5.0)


def test_rows_left_out_are_told() -> None:
    rows = [Iterate(k, [1.0 / (k + 1), 0.0], 1.0, 1.0, 0.1) for k in range(5000)]
    thin = path(BOWL, rows, 5000)
    notes = descent(PictureRequest(section(BOWL, {}), paths=(thin,))).notes
    assert "of 5000 rows 2000 are drawn" in notes


def test_the_history_is_f_norm_and_step_size_over_k() -> None:
    run = ran(BOWL, [1.0, 2.0], alpha=0.1)
    scene = history(PictureRequest(section(BOWL, {}), paths=(run,), rule="α = 0.1"))
    assert [panel.name for panel in scene.panels] == ["f", "‖∇f‖∞", "α"]
    assert [panel.logarithmic for panel in scene.panels] == [True, True, False]
    f, norm, alpha = (panel.lines[0] for panel in scene.panels)
    assert f.x.tolist() == [step.k for step in run.steps]
    assert f.y.tolist() == [step.f for step in run.steps]
    assert norm.y.tolist() == [step.gradient_norm for step in run.steps]
    assert alpha.y[:-1].tolist() == [0.1] * (len(run.steps) - 1)
    assert np.isnan(alpha.y[-1])


def made(values: list[float]) -> Path:
    rows = [Iterate(k, [0.0], f, 1.0, None) for k, f in enumerate(values)]
    return path(None, rows, len(rows))


def test_f_below_0_is_shown_above_its_least_where_that_spans_decades() -> None:
    scene = history_of("it", (made([-1.0 + 10.0**-k for k in range(12)]),))
    first = scene.panels[0]
    assert (first.name, first.logarithmic) == ("f - least f", True)
    assert np.isnan(first.lines[0].y[-1])
    assert first.lines[0].y[3] == pytest.approx(1e-3)
    assert len(scene.panels) == 2  # no α was known


def test_f_that_is_maximized_is_shown_below_its_largest() -> None:
    rising = made([1.0 - 10.0**-k for k in range(12)])._replace(maximize=True)
    first = history_of("it", (rising,)).panels[0]
    assert (first.name, first.logarithmic) == ("largest f - f", True)
    assert first.lines[0].y[3] == pytest.approx(1e-3)


def test_f_that_hardly_changes_has_a_plain_axis() -> None:
    first = history_of("it", (made([-1.0, -2.0, -2.5, nan]),)).panels[0]
    assert (first.name, first.logarithmic) == ("f", False)
    assert np.isnan(first.lines[0].y[-1])


def test_f_of_more_decades_than_a_quotient_of_floats_holds_has_a_logarithmic_axis() -> None:
    assert history_of("it", (made([1e200, 1e-300]),)).panels[0].logarithmic
