from __future__ import annotations

import pytest

from gdcli.descent.minimize import run_descent
from gdcli.descent.overshooting import WATCHED_ROWS, alternates
from gdcli.library.lookup import function

ALTERNATE = "the iterates alternate between two points"
OVERSHOOT = "steps overshoot"


def notes(text: str, start: list[float], alpha: float) -> tuple[list[str], str]:
    """What was told during the run, and the message of its end."""
    told: list[str] = []
    result = run_descent(
        function(text), start, alpha=alpha, max_iterations=WATCHED_ROWS, on_note=told.append
    )
    return told, result.message


@pytest.mark.parametrize(
    ("text", "start", "alpha", "sign", "at_end"),
    [
        ("x^2 + y^2", [0.9, 0.8], 1.0, ALTERNATE, True),  # 2/L exactly: x, -x, x, ...
        ("x^2 + y^2", [0.9, 0.8], 1.1, OVERSHOOT, False),
        ("x^2 + 10*y^2", [0.9, 0.8], 0.1, ALTERNATE, True),
        ("x^2 + 10*y^2", [0.9, 0.8], 0.101, OVERSHOOT, False),
        ("x^2/2 + 50*y^2 + 3*x", [0.5, 0.5], 0.0201, OVERSHOOT, False),
        ("abs(x) + y^2", [0.9, 0.8], 0.3, ALTERNATE, True),  # no fixed α comes to rest at a kink
        ("x^4 - x^2", [0.5], 0.6, OVERSHOOT, True),  # and in the end a period of two
        ("cos(x) + x^2/10", [1.0], 2.0, OVERSHOOT, True),
        ("five-well", [10.0, 10.0], 12.0, OVERSHOOT, False),  # above 2/L of every well
    ],
)
def test_a_fixed_step_that_is_too_long_is_told_once(
    text: str, start: list[float], alpha: float, sign: str, at_end: bool
) -> None:
    told, message = notes(text, start, alpha)
    assert [sign in one for one in told] == [True]
    assert (ALTERNATE in message) is at_end


@pytest.mark.parametrize(
    ("text", "start", "alpha"),
    [
        ("x^2 + y^2", [0.9, 0.8], 0.99),  # slow, from side to side
        ("x^2 + y^2", [0.9, 0.8], 1.0 - 1e-6),
        ("x^2 + 10*y^2", [0.9, 0.8], 0.0999),
        ("x^2 + y^2", [0.9, 0.8], 0.5),
        ("x^2 + y^2", [0.9, 0.8], 1e-18),  # x does not change
        ("x^2 + y^2", [1e-9, 1e-9], 1.0),  # converged at once
        ("rosenbrock", [-1.2, 1.0], 0.001),
        ("log(1 + x^2)", [2.0], 0.9),
        ("five-well", [10.0, 10.0], 1.0),
        ("lecture", [0.5, -0.5], 0.1),
    ],
)
def test_other_runs_are_not_told_of(text: str, start: list[float], alpha: float) -> None:
    told, message = notes(text, start, alpha)
    assert told == []
    assert "alternate" not in message


def test_the_limit_that_is_told_is_that_of_a_quadratic() -> None:
    """2/L with L = 20, the larger eigenvalue; half of it is safe."""
    told, _ = notes("x^2 + 10*y^2", [0.9, 0.8], 0.11)
    assert "below 2/L = 0.1002" in told[0]  # along steps that have a little of x in them
    told, _ = notes("x^2 + 10*y^2", [0.0, 0.8], 0.1)
    assert "below 2/L = 0.1 there" in told[0]


@pytest.mark.parametrize(
    ("text", "start", "alpha"),
    [
        ("x^4", [1.0], 1.0),  # every step that runs away is steeper than the one before
        ("x^4 - x^2", [0.5], 0.9),
        ("x^4 - x^2", [0.5], 0.6),
        ("abs(x)^3", [2.0], 0.5),
        ("himmelblau", [0.9, 0.8], 0.05),
        ("himmelblau", [0.9, 0.8], 0.1),
        ("rosenbrock", [-1.2, 1.0], 0.1),
        ("rosenbrock", [-1.2, 1.0], 0.01),
        ("rosenbrock", [-1.2, 1.0], 0.005),
        ("x^2*y^2 + x^2 + y^2", [3.0, 3.0], 0.3),
        ("(x-1)^2 + 100*(y-x^2)^2 + z^4", [2.0, 2.0, 2.0], 0.01),
        ("log(1 + x^2)", [2.0], 3.0),
        ("sin(x) + x^2/20", [4.0], 4.0),
        ("x^4 + 1000*y^2", [1.0, 1.0], 0.01),
        ("booth", [-5.0, 5.0], 0.3),
    ],
)
def test_the_step_size_that_is_advised_goes_down(
    text: str, start: list[float], alpha: float
) -> None:
    """With it no step overshoots, and in a thousand steps f falls by more than half of its way."""
    [told], _ = notes(text, start, alpha)
    advised = float(told.split("alpha=")[1].split()[0])
    again: list[str] = []
    result = run_descent(
        function(text), start, alpha=advised, max_iterations=WATCHED_ROWS, on_note=again.append
    )
    assert again == []
    least = run_descent(function(text), start).f
    assert result.f - least < 0.5 * (result.trace[0].f - least)


def test_the_note_says_where_the_limit_was_measured() -> None:
    """The step from 1 to -3 has the curvature (108 + 4)/4 = 28."""
    told, _ = notes("x^4", [1.0], 1.0)
    assert "2/L = 0.0714286 along the step from k = 0, try" in told[0]


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 5])
def test_a_run_of_few_steps_is_told_that_its_iterates_alternate(limit: int) -> None:
    for alpha, count in ((1.0, 1), (0.9, 0)):
        told: list[str] = []
        run_descent(function("x^2"), alpha=alpha, max_iterations=limit, on_note=told.append)
        assert len(told) == count
        assert all("2/L = 1 there, try alpha=0.5" in one for one in told)


def test_the_run_itself_is_the_same_to_the_bit() -> None:
    for text, alpha in (("five-well", 12.0), ("x^2 + y^2", 1.0), ("rosenbrock", 0.003)):
        watched = run_descent(function(text), alpha=alpha, max_iterations=300, on_note=print)
        alone = run_descent(function(text), alpha=alpha, max_iterations=300)
        assert watched.trace == alone.trace
        assert watched.evaluations == alone.evaluations
        assert alone.evaluations[:2] == (301, 301)


def test_more_iterations_are_no_advice_where_the_step_is_too_long() -> None:
    advice = run_descent(function("x^2 + y^2"), alpha=1.0).advice
    assert "The step size 1 is not below 2/L = 1" in advice[0]
    assert not any("allow more" in one for one in advice)


def test_three_points_alternate_where_the_third_is_the_first() -> None:
    assert alternates([1.0, 2.0], [3.0, 4.0], [1.0 + 1e-12, 2.0])
    assert not alternates([1.0, 2.0], [1.0, 2.0], [1.0, 2.0])
    assert not alternates([1.0, 2.0], [3.0, 4.0], [1.1, 2.0])
    assert not alternates([1.0], [float("inf")], [1.0])
