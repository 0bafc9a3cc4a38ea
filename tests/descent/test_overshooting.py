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


def test_the_run_itself_is_the_same_to_the_bit() -> None:
    for text, alpha in (("five-well", 12.0), ("x^2 + y^2", 1.0), ("rosenbrock", 0.003)):
        watched = run_descent(function(text), alpha=alpha, max_iterations=300, on_note=print)
        alone = run_descent(function(text), alpha=alpha, max_iterations=300)
        assert watched.trace == alone.trace
        assert watched.evaluations == alone.evaluations == (301, 301)


def test_more_iterations_are_no_advice_where_the_step_is_too_long() -> None:
    advice = run_descent(function("x^2 + y^2"), alpha=1.0).advice
    assert "The step size 1 is not below 2/L = 1" in advice[0]
    assert not any("allow more" in one for one in advice)


def test_three_points_alternate_where_the_third_is_the_first() -> None:
    assert alternates([1.0, 2.0], [3.0, 4.0], [1.0 + 1e-12, 2.0])
    assert not alternates([1.0, 2.0], [1.0, 2.0], [1.0, 2.0])
    assert not alternates([1.0, 2.0], [3.0, 4.0], [1.1, 2.0])
    assert not alternates([1.0], [float("inf")], [1.0])
