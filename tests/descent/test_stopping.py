from __future__ import annotations

import math

import pytest

from gdcli.descent.objective import Evaluation, Evaluations
from gdcli.descent.precision import Decrease
from gdcli.descent.stopping import (
    Bounds,
    Limits,
    Outcome,
    Termination,
    at_stationary_kink,
    no_descent_step,
    no_step_size,
    non_finite_step,
    step_too_short,
    to_machine_precision,
    undefined_at_start,
)
from gdcli.errors import UsageError

BOUNDS = Bounds.around(Evaluation([3.0], 50.0, [1.0], 1.0))


def outcome(termination: Termination | None) -> str | None:
    return None if termination is None else termination.outcome.status


def termination(k: int = 0, x: float = 0.0, f: float = 0.0, norm: float = 1.0) -> str | None:
    return outcome(Limits().termination(k, Evaluation([x], f, [norm], norm), BOUNDS))


def test_every_outcome_has_an_exit_status_and_only_success_has_0() -> None:
    successes = [outcome for outcome in Outcome if not outcome.exit_status]
    assert successes == [Outcome.CONVERGED, Outcome.STOPPED]


def test_the_gradient_test_is_met_at_the_tolerance() -> None:
    assert termination(norm=1e-8) == "converged"
    assert termination(norm=math.nextafter(1e-8, 1.0)) is None


def test_the_iterations_end_at_their_limit_unless_converged_there() -> None:
    assert termination(k=9_999) is None
    assert termination(k=10_000) == "max_iterations"
    assert termination(k=10_000, norm=0.0) == "converged"


def test_f_is_unbounded_1e20_times_its_start_below_it() -> None:
    threshold = 50.0 - 1e20 * 50.0
    assert termination(f=threshold) is None
    assert termination(f=math.nextafter(threshold, -math.inf)) == "unbounded"


def test_x_has_diverged_beyond_1e20_times_its_start() -> None:
    assert termination(x=-3e20) is None
    assert termination(x=math.nextafter(-3e20, -math.inf)) == "diverged"


def test_running_away_is_no_success_however_small_the_gradient() -> None:
    assert termination(x=1e21, norm=0.0) == "diverged"
    assert termination(f=-1e30, norm=0.0) == "unbounded"


@pytest.mark.parametrize(
    "limits",
    [
        Limits(tolerance=-1e-9),
        Limits(tolerance=math.nan),
        Limits(tolerance=math.inf),
        Limits(max_iterations=-1),
        Limits(max_evaluations=0),
    ],
)
def test_limits_that_mean_nothing_are_refused(limits: Limits) -> None:
    with pytest.raises(UsageError):
        limits.check()


def test_limits_at_their_edges_are_allowed() -> None:
    limits = Limits(tolerance=0.0, max_iterations=0, max_evaluations=1)
    assert limits.check() == limits


def test_every_test_is_told_with_value_limit_and_answer() -> None:
    tests = Limits().tests(0.5, 10_000, Evaluations(12, 11))
    assert [tuple(test) for test in tests] == [
        ("gradient", 0.5, 1e-8, False),
        ("iterations", 10_000, 10_000, True),
        ("evaluations", 12, 50_000, False),
    ]
    timed = Limits(max_time=2.0).tests(0.5, 10_000, Evaluations(12, 11), 2.5)
    assert tuple(timed[3]) == ("seconds", 2.5, 2.0, True)
    assert len(timed) == len(Limits._fields)
    assert Limits().tests(math.nan, 0, Evaluations(1, 1))[0].value is None
    unbounded, diverged = BOUNDS.tests(Evaluation([-4e20], 1.0, [1.0], 1.0))
    assert tuple(unbounded) == ("unbounded", 1.0, -5e21, False)
    assert tuple(diverged) == ("diverged", 4e20, 3e20, True)


def test_one_is_singular() -> None:
    assert "stopped after 1 iteration, the" in Limits(max_iterations=1).out_of_iterations().message
    assert "after 1 evaluation of f" in Limits(max_evaluations=1).out_of_evaluations().message


def at(f: float) -> Evaluation:
    return Evaluation([1.0], f, [2.0], 2.0)


@pytest.mark.parametrize(
    ("f", "status"),
    [(-math.inf, "unbounded"), (math.inf, "diverged"), (math.nan, "undefined"), (1.0, "undefined")],
)
def test_what_is_no_number_ends_by_its_kind(f: float, status: str) -> None:
    outcome, message, _ = non_finite_step(at(f), "log(x) at x=0: log(0)", "after step 3", "so")
    assert outcome.status == status
    assert message.startswith(status)
    assert "after step 3" in message


def test_the_other_sentences_name_what_they_saw() -> None:
    assert undefined_at_start("log(0)").message == (
        "undefined at the start: log(0); give another start"
    )
    assert at_stationary_kink("abs(x) at x = 0").message == (
        "converged at the kink abs(x) at x = 0: the least-norm gradient there is 0"
    )
    assert "at the kink abs(x) at x = 0" in no_descent_step(at(1.0), "abs(x) at x = 0").message
    assert "kink" not in no_descent_step(at(1.0), "").message
    assert "k = 7 is nan" in no_step_size(7, math.nan).message
    assert "too small to change x" in step_too_short(at(1.0)).message
    precise = to_machine_precision(Decrease(1e-20, 1e-16)).message
    assert "1e-20" in precise
    assert "1e-16" in precise
