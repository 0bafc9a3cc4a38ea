"""A run that ends at a saddle leaves it, and says so; one that was asked about its start stays."""

from __future__ import annotations

import pytest

from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function

# Saddles on the way down by symmetry: the gradient has no part along the direction that leaves it.
LEFT = [
    ("x^2 - y^2", [1.0, 0.0], "unbounded", 4),
    ("x^3", [1.0], "unbounded", 4),
    ("x^3 + y^2", [1.0, 1.0], "unbounded", 4),
    ("x^2 - y^2 + y^4", [1.0, 0.0], "converged", 0),
    ("(x^2 - 1)^2 + y^2 - 0.1", [0.0, 1.0], "converged", 0),
    ("x^2 + (y^2 - 1)^2 + (z^2 - 1)^2", [1.0, 0.0, 0.0], "converged", 0),
    ("cos(x) + y^2", [0.0, 1.0], "converged", 0),
]


@pytest.mark.parametrize(("text", "start", "status", "exit_status"), LEFT)
def test_a_saddle_on_the_way_down_is_left(
    text: str, start: list[float], status: str, exit_status: int
) -> None:
    result = run_descent(Function(text), start)
    assert (result.status, result.exit_status) == (status, exit_status)
    left = [row for row in result.trace if row.event == "escape"]
    assert left
    for row in left:
        following = result.trace[row.k + 1]
        assert row.alpha is None
        assert following.f < row.f
    assert [row.k for row in result.trace] == list(range(result.iterations + 1))
    assert result.evaluations.value > result.iterations + 1


@pytest.mark.parametrize(("text", "start"), [("x^2 - y^2", [0.0, 0.0]), ("x^3", [0.0])])
def test_a_run_that_starts_on_a_stationary_point_stays(text: str, start: list[float]) -> None:
    result = run_descent(Function(text), start)
    assert (result.iterations, result.exit_status) == (0, 5)


def test_a_run_of_fixed_steps_stays() -> None:
    result = run_descent(Function("x^2 - y^2 + y^4"), [1.0, 0.0], alpha=0.1)
    assert (result.exit_status, result.classification) == (5, "saddle")


def test_what_levels_off_is_no_saddle() -> None:
    for text, start in (("exp(-x)", 0.9), ("log(1 + exp(-x))", 1.0), ("1/x", 1.0)):
        result = run_descent(Function(text), [start])
        assert result.exit_status in (4, 5)
        assert not any(row.event for row in result.trace)


@pytest.mark.parametrize(
    ("text", "start", "bounds", "f"),
    [
        ("x^3", [1.5], "x=-5:5", -125.0),
        ("x^3 + y^2", [1.5, 2.0], "x=-1:2, y=-3:3", -1.0),
        ("x^3 + y^3", [1.0, 1.0], "x=-0.5:2, y=0.5:2", 0.0),
        ("x^2 - y^2", [1.0, 0.0], "y=-2:3", -9.0),
    ],
)
@pytest.mark.parametrize("method", ["steepest", "newton", "lbfgs"])
def test_a_saddle_in_a_box_is_left_for_its_bound(
    text: str, start: list[float], bounds: str, f: float, method: str
) -> None:
    result = run_descent(Function(text), start, bounds=bounds, method=method)
    assert result.exit_status == 0
    assert result.f <= f + 1e-8
    assert any(row.event == "escape" for row in result.trace)
