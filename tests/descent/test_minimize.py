from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import minimize, run_descent
from gdcli.errors import PointError, UsageError
from gdcli.functions.function import Function
from gdcli.functions.problem import Problem

PARABOLA = "x^2 + 4*y^2"  # L = 8, 2/L = 0.25


def test_a_result_holds_all_that_a_report_asks_for() -> None:
    result = run_descent(Function(PARABOLA), [3.0, 1.0])
    assert result.variables == ("x", "y")
    assert (result.method, result.alpha, result.start) == ("steepest", "auto", [3.0, 1.0])
    assert (result.status, result.converged, result.exit_status) == ("converged", True, 0)
    assert result.x == pytest.approx([0.0, 0.0], abs=1e-8)
    assert result.gradient_norm == max(map(abs, result.gradient)) <= 1e-8
    assert result.iterations == result.iterate == len(result.trace) - 1
    assert result.last == result.trace[-1]
    assert result.evaluations.gradient <= result.evaluations.value + result.iterations
    assert (result.classification, result.degenerate) == ("minimum", False)
    assert result.hessian_eigenvalues == [2.0, 8.0]
    assert (result.condition_number, result.alpha_limit, result.safe_alpha) == (4.0, 0.25, None)
    assert [test.name for test in result.tests] == [
        "gradient",
        "iterations",
        "evaluations",
        "unbounded",
        "diverged",
    ]
    assert [test.met for test in result.tests] == [True, False, False, False, False]
    assert result.seconds > 0.0


def test_the_start_is_the_given_one_the_problems_own_or_the_default() -> None:
    function = Function("x1^2 + x2^2 + x3^2 + x4^2 + x5^2 + x6^2 + x7^2")
    result = run_descent(function)
    assert result.start == [0.9, 0.8, 0.7, 0.6, 0.5, 0.9, 0.8]
    assert result.default_start

    problem = Problem("bowl", "x^2+y^2", "mine", "mine.toml", start=(7, 8))
    function = Function("x^2+y^2", problem=problem)
    result = run_descent(function)
    assert (result.start, result.default_start) == ([7.0, 8.0], True)
    assert not run_descent(function, [1, 2]).default_start


@pytest.mark.parametrize("start", [[1.0], [1.0, 2.0, 3.0], [math.nan, 1.0], [math.inf, 1.0]])
def test_a_wrong_start_names_the_variables_in_order(start: list[float]) -> None:
    with pytest.raises(PointError, match="x, y"):
        run_descent(Function("x^2+y^2"), start)


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 0.0},
        {"alpha": -0.1},
        {"alpha": math.nan},
        {"alpha": math.inf},
        {"alpha": lambda k: -1.0 + k},
        {"alpha": "fast"},
        {"method": "simple"},
        {"method": "trust-region", "alpha": 0.1},
        {"escape": "yes"},
        {"escape": -1},
        {"seed": -1},
        {"maximize": 1},
        {"max_time": 0},
        {"max_time": "2 days"},
        {"stop_when": "f"},
        {"stop_when": 3},
        {"tolerance": -1.0},
        {"max_iterations": -1},
        {"max_evaluations": 0},
    ],
)
def test_a_request_that_means_nothing_is_refused_before_anything_is_sent(
    options: dict[str, Any],
) -> None:
    sent: list[Iterate] = []
    with pytest.raises(UsageError):
        run_descent(Function("x^2"), [1.0], on_iterate=sent.append, **options)
    assert sent == []


def test_each_iterate_is_sent_once_in_order() -> None:
    sent: list[Iterate] = []
    result = run_descent(Function(PARABOLA), [1.0, 1.0], on_iterate=sent.append)
    assert sent == result.trace
    assert [row.k for row in sent] == list(range(result.iterations + 1))
    assert [row.k for row in sent if row.alpha is None] == [result.iterations]


def test_a_long_trace_is_bounded_and_says_so() -> None:
    result = run_descent(Function("x^2"), [1.0], alpha=1e-4, max_iterations=999, keep=10)
    assert [row.k for row in result.trace] == [0, 1, 2, 3, 4, 995, 996, 997, 998, 999]
    assert result.dropped == 990
    assert run_descent(Function("x^2"), [1.0], keep=10).dropped == 0


# -- exit statuses and messages ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "alpha", "status", "classification", "exit_status"),
    [
        ("x^2", 0.9, "auto", "converged", "minimum", 0),
        ("x^4", 0.9, "auto", "converged", "minimum", 0),
        ("abs(x)", 0.9, "auto", "converged", "minimum", 0),
        ("x^3", 1.0, "auto", "unbounded", None, 4),
        ("x^3", 0.0, "auto", "converged", "saddle", 5),
        ("exp(-x)", 0.9, "auto", "converged", "flat", 5),
        ("-x^2", 0.0, "auto", "converged", "maximum", 5),
        ("-abs(x)", 0.0, "auto", "converged", "maximum", 5),
        ("-x^2 + x^4", 0.3, "auto", "converged", "minimum", 0),
        ("x^2", 0.9, 1e-5, "max_iterations", None, 3),
        ("x^2", 0.9, 1e-18, "stalled", None, 3),
        ("x", 0.9, "auto", "unbounded", None, 4),
        ("x^2", 0.9, 1.5, "diverged", None, 4),
        ("log(x)", -1.0, "auto", "undefined", None, 4),
    ],
)
def test_every_status_has_its_exit(
    text: str,
    start: float,
    alpha: str | float,
    status: str,
    classification: str | None,
    exit_status: int,
) -> None:
    result = run_descent(Function(text), [start], alpha=alpha)
    assert (result.status, result.classification) == (status, classification)
    assert result.exit_status == exit_status
    assert result.message.startswith("stopped" if status == "max_iterations" else status)


def test_the_lecture_has_no_minimum_on_the_way_down() -> None:
    result = run_descent(Function("x^2*y + 1/(x^2+y^2+1)"), [0.5, -0.5])
    assert (result.status, result.exit_status) == ("unbounded", 4)


def test_a_saddle_is_called_one() -> None:
    result = run_descent(Function("x^2 - y^2"), [1.0, 0.0], escape="no")
    assert (result.exit_status, result.classification) == (5, "saddle")
    assert "saddle" in result.message
    assert any("beside this point" in sentence for sentence in result.advice)


def test_an_end_that_is_no_number_has_no_last_iterate() -> None:
    result = run_descent(Function("log(x - y)"), [1.0, 1.0])
    assert result.status == "undefined"
    assert "log(0)" in result.message
    assert result.x == [1.0, 1.0]
    assert not math.isfinite(result.f)
    assert result.last is None
    assert len(result.trace) == 1


def test_the_best_finite_point_is_given_where_a_run_fails() -> None:
    result = run_descent(Function(PARABOLA), [1.0, 1.0], alpha=0.3)
    assert result.status == "diverged"
    assert result.f == min(row.f for row in result.trace)
    assert result.trace[result.iterate].x == result.x
    assert result.last is not None
    assert math.isfinite(result.last.f)


def test_a_fixed_step_above_the_limit_is_given_a_safe_one() -> None:
    above = run_descent(Function(PARABOLA), [1.0, 1.0], alpha=0.25, max_iterations=100)
    assert (above.status, above.alpha_limit, above.safe_alpha) == ("max_iterations", 0.25, 0.125)
    assert any("alpha=0.125" in sentence for sentence in above.advice)
    below = run_descent(Function(PARABOLA), [1.0, 1.0], alpha=0.2499, max_iterations=100_000)
    assert (below.status, below.safe_alpha) == ("converged", None)


def test_machine_precision_is_among_the_tests_where_it_ended_the_run() -> None:
    result = run_descent(Function("100*(y-x^2)^2 + (1/7-x)^2"), [-1.2, 1.0], tolerance=0.0)
    assert "machine precision" in result.message
    assert result.tests[-1].name == "machine precision"
    assert result.tests[-1].met
    assert not result.tests[0].met


def test_a_run_held_up_at_a_kink_names_it() -> None:
    function = Function("abs(x - 1) + 100*abs(y - x^2)")
    result = run_descent(function, [-1.2, 1.0], max_evaluations=1000)
    assert result.status == "max_iterations"
    assert "abs(y - x^2) at" in result.message


def test_a_kink_met_nearly_is_judged_as_a_kink() -> None:
    result = run_descent(Function("abs(x - 1/3)"), [0.9])
    assert (result.exit_status, result.classification) == (0, "minimum")
    assert result.x == pytest.approx([1 / 3], abs=1e-9)
    assert result.hessian_eigenvalues is None
    assert "kink" in (result.verdict or "")


def test_a_schedule_shows_its_label() -> None:
    result = run_descent(
        Function("x^2"), [1.0], alpha=lambda k: 0.5 / (k + 1), label="0.5/(k+1)", max_iterations=3
    )
    assert result.alpha == "0.5/(k+1)"
    assert [row.alpha for row in result.trace] == [0.5, None]  # the first step leads to 0
    assert result.safe_alpha is None


# -- Ctrl-C ------------------------------------------------------------------------------------


def interrupting(at: int) -> Callable[[Iterate], None]:
    def on_iterate(row: Iterate) -> None:
        if row.k == at:
            raise KeyboardInterrupt

    return on_iterate


def test_an_interrupt_in_the_function_gives_the_best_point(by_hand: Any) -> None:
    calls = iter(range(5))

    def gradient(p: list[float]) -> list[float]:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return [2.0 * p[0]]

    slow = by_hand(lambda p: p[0] ** 2, gradient, lambda _: [[2.0]])
    sent: list[Iterate] = []
    result = run_descent(slow, [1.0], alpha=0.25, on_iterate=sent.append)
    assert (result.status, result.exit_status) == ("interrupted", 130)
    assert result.x == [2.0**-4]
    assert [row.k for row in sent] == [0, 1, 2, 3, 4]
    assert [row.alpha for row in sent] == [0.25] * 4 + [None]
    assert result.classification is None


def test_an_interrupt_of_the_verdict_keeps_the_point(by_hand: Any) -> None:
    def hessian(p: list[float]) -> list[list[float]]:
        if p == [0.0]:
            raise KeyboardInterrupt
        return [[2.0]]

    slow = by_hand(lambda p: p[0] ** 2, lambda p: [2.0 * p[0]], hessian)
    result = run_descent(slow, [1.0])
    assert (result.status, result.exit_status, result.x) == ("interrupted", 130, [0.0])
    assert "before that it converged" in result.message
    assert result.classification is None


@pytest.mark.parametrize("at", [0, 3])
def test_an_interrupt_while_a_row_is_sent_sends_no_row_twice(at: int) -> None:
    sent: list[Iterate] = []
    interrupt = interrupting(at)

    def on_iterate(row: Iterate) -> None:
        sent.append(row)
        interrupt(row)

    result = run_descent(Function("x^2"), [1.0], alpha=0.25, on_iterate=on_iterate)
    assert (result.status, result.exit_status) == ("interrupted", 130)
    assert [row.k for row in sent] == list(range(at + 2))
    assert sent[-1].alpha is None
    assert result.trace == sent
    assert result.x == [2.0 ** -(at + 1)]


# -- the library's side: arrays and texts -------------------------------------------------------


def test_points_are_arrays_going_in_and_coming_out() -> None:
    result = minimize(Function("(x-1)^2 + 3*(y+2)^2"), start=np.array([3.0, 4.0]))
    assert isinstance(result.x, np.ndarray)
    assert result.x == pytest.approx([1.0, -2.0], abs=1e-8)
    assert np.shape(result.x) == np.shape(result.gradient) == (2,)
    assert (result.status, result.converged, result.exit_status) == ("converged", True, 0)
    assert result.iterations == len(result.trace) - 1


def test_a_text_and_every_option_are_taken() -> None:
    seen: list[int] = []
    result = minimize(
        "x^2 + y^2",
        [1, 1],
        alpha=0.25,
        tolerance=0.0,
        max_iterations=3,
        on_iterate=lambda row: seen.append(row.k),
    )
    assert result.x == pytest.approx([0.125, 0.125])
    assert seen == [0, 1, 2, 3]


def test_what_minimize_cannot_do_is_a_declared_error() -> None:
    with pytest.raises(PointError, match="x, y"):
        minimize("x^2 + y^2", [1.0])
    with pytest.raises(UsageError):
        minimize("x^2 + y^2", alpha=-1.0)


def test_start_and_alpha_may_be_written() -> None:
    result = minimize("x^2 + y^2", start="x=1, y=1/2", alpha="0.4/(k+1)", max_iterations=2)
    by_hand = [1.0, 0.5]
    for alpha in (0.4, 0.2):
        by_hand = [c - alpha * (2.0 * c) for c in by_hand]
    assert list(result.x) == by_hand
    assert result.alpha == "0.4/(k+1)"


def test_nothing_to_minimize() -> None:
    with pytest.raises(UsageError, match=r"no variables, it is 5$"):
        minimize("5")


def test_a_point_on_the_slope_of_a_flat_bowl_is_said_to_be_that() -> None:
    result = minimize("1e-10*x^2", start=[0.9])
    assert (result.exit_status, result.classification) == (5, "flat")
    assert result.verdict is not None
    assert "a slope, the minimum lies a Newton step of length 0.9 away" in result.verdict
    assert minimize("1e-10*x^2", start=[0.9], tolerance=1e-18).exit_status == 0


# -- the main path imports nothing heavy --------------------------------------------------------


def test_the_usual_run_imports_no_numpy() -> None:
    import subprocess
    import sys

    program = (
        "import sys; from gdcli.functions.function import Function;"
        "from gdcli.descent.minimize import run_descent, minimize;"
        "run_descent(Function('x^2+y^2')); heavy = {'numpy', 'sympy', 'random', 'dataclasses',"
        "'fractions', 'decimal', 'statistics'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# -- functions of many components ----------------------------------------------------------------


def squares(n: int, **given: Any) -> Function:
    return Function("sum(i*(x[i] - 1)^2 for i in 1:n)/n", sizes={"n": n}, **given)


@pytest.mark.parametrize("error", [ZeroDivisionError("mine"), TypeError("mine"), StopIteration()])
def test_an_error_of_the_users_own_function_is_passed_on(error: Exception) -> None:
    def failing(_: object) -> float:
        raise error

    with pytest.raises(type(error)) as caught:
        minimize("x^2", start=1, on_iterate=failing)
    assert caught.value is error
    with pytest.raises(type(error)) as caught:
        minimize("x^2", start=1, alpha=failing)
    assert caught.value is error


def test_a_long_point_is_an_array_all_along() -> None:
    rows: list[Iterate] = []
    found = run_descent(squares(1000), on_iterate=rows.append)
    assert found.converged
    assert found.x == pytest.approx([1.0] * 1000, abs=1e-4)
    assert found.gradient_norm == max(map(abs, found.gradient.tolist())) <= 1e-8
    assert all(np.shape(row.x) == (1000,) for row in rows)
    assert len(rows) == found.iterations + 1
    assert found.start[:6].tolist() == [0.9, 0.8, 0.7, 0.6, 0.5, 0.9]
    assert (found.variables[0], found.variables[-1]) == ("x[1]", "x[1000]")


@pytest.mark.parametrize(("n", "kind"), [(3, "minimum"), (200, "minimum"), (201, None)])
def test_the_verdict_ends_at_200_components(n: int, kind: str | None) -> None:
    found = run_descent(squares(n))
    assert found.converged
    assert found.classification == kind
    assert found.exit_status == 0
    if kind is None:
        assert (found.hessian_eigenvalues, found.alpha_limit, found.minimum) == (None,) * 3
    else:
        assert found.alpha_limit == pytest.approx(
            1.0, rel=1e-9
        )  # the largest second derivative is 2


def test_iterates_of_arrays_are_not_written_over() -> None:
    found = run_descent(squares(300), alpha=0.5, max_iterations=5)
    ones = [list(row.x) for row in found.trace]
    assert len({tuple(one) for one in ones}) == 6
    assert ones[0] == found.start.tolist()
    expected = [s - 0.5 * 2 * i / 300 * (s - 1) for i, s in enumerate(ones[0], 1)]
    assert ones[1] == pytest.approx(expected, rel=1e-14)


def test_a_trace_of_long_points_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.descent.iterate.KEPT_NUMBERS", 2500)
    found = run_descent(squares(500), alpha=0.5, max_iterations=8)
    assert [row.k for row in found.trace] == [0, 1, 6, 7, 8]
    assert found.dropped == 4


@pytest.mark.parametrize(("alpha", "status"), [(5.0, "diverged"), ("auto", "converged")])
def test_how_a_run_of_arrays_ends(alpha: Any, status: str) -> None:
    assert run_descent(squares(500), alpha=alpha).status == status


def test_arrays_with_no_lowest_value() -> None:
    found = run_descent(Function("sum(x[i] for i in 1:n)", sizes={"n": 500}), alpha=1e19)
    assert found.status == "unbounded"


def test_an_array_start_that_is_not_finite_is_refused() -> None:
    start = [1.0] * 499 + [math.nan]
    with pytest.raises(PointError, match="finite"):
        run_descent(squares(500), start)
    with pytest.raises(PointError, match="the start has 3 numbers, not 500"):
        run_descent(squares(500), [1.0, 2.0, 3.0])


def test_a_pole_at_the_start_of_a_long_run_is_undefined() -> None:
    found = run_descent(Function("sum(log(x[i]) for i in 1:n)", sizes={"n": 300}), [0.0] * 300)
    assert (found.status, found.exit_status) == ("undefined", 4)


def test_many_digits_need_few_variables() -> None:
    with pytest.raises(UsageError, match="at most 100 variables"):
        run_descent(squares(101), digits=20)
    found = run_descent(squares(3), digits=20)
    assert found.precise is not None
    assert found.precise.x == ["1", "1", "1"]


@pytest.mark.parametrize("derivative", ["central-difference", "forward-difference", "tangent"])
def test_other_ways_to_differentiate_long_points(derivative: str) -> None:
    function = Function("sum((x[i] - 1/3)^2 for i in 1:n)", sizes={"n": 201})
    found = run_descent(function, derivative=derivative, tolerance=1e-6)
    assert found.converged
    assert found.x == pytest.approx([1 / 3] * 201, abs=1e-6)
    assert found.gradient.shape == (201,)


def test_a_text_is_minimized_with_its_sizes_data_and_parameters() -> None:
    text = "sum((x[i] - a*y[i])^2 for i in 1:n)"
    given: dict[str, Any] = {"data": {"y": np.array([1.0, 2.0])}, "parameters": {"a": 3}}
    assert minimize(text, [0.0, 0.0], **given).x.tolist() == pytest.approx([3.0, 6.0])
    assert len(minimize("sum(x[i]^2 for i in 1:n)", sizes={"n": 3}).x) == 3
    with pytest.raises(UsageError, match="a Function has its sizes already"):
        minimize(Function("x^2"), sizes={"n": 3})
