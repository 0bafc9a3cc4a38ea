"""A rule of the user's: it stops a run at the first iterate where it is true, and says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.descent.stop_rule import QUANTITIES, WrittenRule
from gdcli.errors import UsageError
from gdcli.functions.function import Function

ROSENBROCK = "100*(y - x^2)^2 + (1 - x)^2"
START = [-1.2, 1.0]


def distance(one: Iterate, other: Iterate) -> float:
    return max(abs(a - b) for a, b in zip(one.x, other.x, strict=True))


@pytest.mark.parametrize("alpha", ["auto", 1e-3])
@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("f < 1e-3", lambda row, _: row.f < 1e-3),
        ("1e-3 >= f", lambda row, _: row.f <= 1e-3),
        ("f ≤ 0.5*4", lambda row, _: row.f <= 2.0),
        ("k >= 7", lambda row, _: row.k >= 7),
        ("k == 3", lambda row, _: row.k == 3),
        ("gradient_norm < 1e-2", lambda row, _: row.gradient_norm < 1e-2),
        ("dx < 1e-3", lambda row, before: distance(row, before) < 1e-3),
        ("|df| < 1e-4*(1 + |f|)", lambda row, before: abs(row.f - before.f) < 1e-4 * (1 + row.f)),
        ("df > 0", lambda row, before: row.f > before.f),
        ("ifelse(k < 5, 1, f) < 1", lambda row, _: row.k >= 5 and row.f < 1.0),
    ],
)
def test_a_run_stops_at_the_first_iterate_where_the_rule_holds(
    rule: str, holds: Callable[[Iterate, Iterate], bool], alpha: str | float
) -> None:
    limits: dict[str, Any] = {"alpha": alpha, "max_iterations": 2000}
    whole = run_descent(Function(ROSENBROCK), START, **limits)
    rows = whole.trace
    pairs = zip(rows[1:], rows, strict=False)
    first = next((row for row, before in pairs if holds(row, before)), None)
    result = run_descent(Function(ROSENBROCK), START, stop_when=rule, **limits)
    if first is None:
        assert (result.status, result.trace) == (whole.status, rows)
        return
    assert (result.status, result.exit_status, result.converged) == ("stopped", 0, False)
    assert result.last is not None
    assert (result.last.k, result.last.x, result.last.f) == first[:3]
    assert f"stopped at k = {first.k} by the rule" in result.message
    assert result.classification is not None  # the verdict is given all the same
    test = next(test for test in result.tests if test.name not in KNOWN_TESTS)
    assert test.met


KNOWN_TESTS = ("gradient", "iterations", "evaluations", "unbounded", "diverged")


def test_a_rule_is_told_with_what_it_compared_whichever_side_it_stands_on() -> None:
    for text in ("f < 1e-3", "1e-3 > f"):
        result = run_descent(Function(ROSENBROCK), START, stop_when=text)
        assert result.last is not None
        test = next(test for test in result.tests if test.name == text)
        assert tuple(test) == (text, result.last.f, 1e-3, True)
    converged = run_descent(Function("x^2"), [1.0], stop_when="k > 1000")
    assert ("k > 1000", float(converged.iterations), 1000.0, False) in [
        *map(tuple, converged.tests)
    ]


def test_changes_are_unknown_at_the_start() -> None:
    for rule in ("df <= 0", "df != 1", "dx >= 0", "dx < 9"):
        result = run_descent(Function("x^2"), [1.0], alpha=0.1, stop_when=rule)
        assert result.iterations == 1, rule


def test_a_gradient_that_passes_the_test_comes_before_a_rule() -> None:
    result = run_descent(Function("x^2"), [1.0], alpha=0.5, stop_when="f < 1e-3")
    assert (result.status, result.iterations) == ("converged", 1)


def test_a_rule_comes_before_a_limit() -> None:
    options: dict[str, Any] = {"alpha": 0.1, "max_iterations": 3}
    assert run_descent(Function("x^2"), [1.0], stop_when="k == 3", **options).status == "stopped"


def test_a_function_of_a_row_decides_too() -> None:
    seen: list[Iterate] = []

    def decide(row: Iterate) -> bool:
        seen.append(row)
        return row.k == 4

    result = run_descent(Function(ROSENBROCK), START, stop_when=decide)
    assert (result.status, result.iterations) == ("stopped", 4)
    assert [row[:4] for row in seen] == [row[:4] for row in result.trace]
    with pytest.raises(ZeroDivisionError):
        run_descent(Function("x^2"), [1.0], stop_when=lambda row: row.k / 0)


def test_a_stop_on_a_slope_is_called_one_and_at_a_minimum_a_minimum() -> None:
    slope = run_descent(Function(ROSENBROCK), START, stop_when="k == 3")
    assert (slope.classification, slope.exit_status) == ("flat", 0)
    assert "no minimum yet: a slope" in slope.message
    near = run_descent(Function("x^2 + y^2"), [1.0, 2.0], alpha=0.4, stop_when="f < 1e-14")
    assert (near.status, near.classification) == ("stopped", "minimum")


def test_a_rule_of_a_maximized_function_is_of_the_function() -> None:
    shown: list[Iterate] = []
    text, start = "5 - x^2 - 2*y^2", [1.0, 1.0]
    result = run_descent(
        Function(text),
        start,
        maximize=True,
        alpha=0.05,
        stop_when="f > 4.9",
        on_iterate=shown.append,
    )
    first = next(row for row in shown if row.f > 4.9)
    assert (result.status, result.iterations) == ("stopped", first.k)
    rising = run_descent(Function(text), start, maximize=True, alpha=0.05, stop_when="df > 0")
    assert rising.iterations == 1


NO_NUMBERS = ("1/0", "0/0", "log(-1)", "sqrt(-1)", "exp(1000)", "2^5000")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("f", "one comparison"),
        ("", "one comparison"),
        ("0 < f < 1", "one comparison"),
        ("f = 3", "stop_when f = 3: it is one comparison; write =="),
        ("f <", "stop_when f <: it is one comparison, such as"),
        ("< 1", "stop_when < 1: it is one comparison, such as"),
        *((f"f < {text}", f"`{re.escape(text)}` is not a finite") for text in NO_NUMBERS),
        ("-1/0 < k", "`-1/0` is not a finite number"),
        ("f < 1 and k > 3", "one comparison"),
        ("1 < 2", "nothing of the run"),
        (
            "x < 1",
            "stop_when x < 1: `x` has no value there; a rule speaks of f, df, dx, grad",
        ),
        ("f[1] < 2", "a formula of numbers"),
        ("f < 1e-6 +", "missing after"),
        ("f < 1e400", "too large for a float"),
        ("f < k & 3", "&"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        run_descent(Function("x^2"), [1.0], stop_when=rule)
    assert str(caught.value).startswith("stop_when")


def test_every_quantity_may_be_in_a_rule() -> None:
    for name in QUANTITIES:
        rule = WrittenRule(f"{name} >= 0")
        row = Iterate(1, [1.0], 2.0, 3.0, None)
        assert rule(row, row._replace(k=0), 0.5).met


@pytest.mark.parametrize(
    ("given", "seconds"), [(3, 3.0), ("2s", 2.0), ("1.5m", 90.0), ("1h", 3600.0)]
)
def test_a_time_may_be_written(given: float | str, seconds: float) -> None:
    result = run_descent(Function("x^2"), [1.0], max_time=given)
    assert [test.limit for test in result.tests if test.name == "seconds"] == [seconds]


@pytest.mark.parametrize(("alpha", "time"), [("auto", 0.005), (1e-7, 0.05)])
def test_a_run_ends_when_its_time_is_over(alpha: str | float, time: float) -> None:
    limits: dict[str, Any] = {"max_iterations": 10**9, "max_evaluations": 10**9, "tolerance": 0.0}
    function = Function("sum((x[i] - i)^4 for i in 1:n)", sizes={"n": 20})
    result = run_descent(function, alpha=alpha, max_time=time, keep=0, **limits)
    assert (result.status, result.exit_status) == ("max_iterations", 3)
    assert f"stopped after {time} s, the limit" in result.message
    assert time <= result.seconds < 5.0
    test = next(test for test in result.tests if test.name == "seconds")
    assert test.met
    assert test.value is not None
    assert test.value >= time


def test_a_slope_within_bounds_is_that_of_the_projected_gradient() -> None:
    # ∇f = (-10, 1.6): x is held at its bound, so that only y is free to move
    function, start = Function("-10*x + 0.8*y^2"), [1.0, 1.0]
    free = run_descent(function, start, stop_when="k == 0")
    held = run_descent(function, start, stop_when="k == 0", bounds={"x": (0.0, 1.0)})
    assert "a slope, the gradient's largest component is 10" in free.message
    assert "a slope, the projected gradient's largest component is 1.6" in held.message
