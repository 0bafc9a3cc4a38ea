from __future__ import annotations

from gdcli.descent.advice import advice
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.stopping import Limits, Outcome
from gdcli.descent.verdict import Curvature, Verdict

ROUND = Curvature([[2.0]], [2.0])
NARROW = Curvature([[1e-4, 0.0], [0.0, 2.0]], [1e-4, 2.0])
GOOD = Verdict("minimum", True, False, "a minimum")
SADDLE = Verdict("saddle", False, False, "a saddle")
FLAT = Verdict("flat", False, True, "levels off")


def said(
    outcome: Outcome,
    alpha: float | str = "auto",
    curvature: Curvature | None = ROUND,
    verdict: Verdict | None = None,
) -> str:
    return " ".join(advice(outcome, alpha, Limits(), curvature, verdict))


def test_where_all_is_well_there_is_nothing_to_say() -> None:
    assert said(Outcome.CONVERGED, verdict=GOOD) == ""
    assert said(Outcome.CONVERGED, 0.5, verdict=GOOD) == ""


def test_a_fixed_step_is_held_against_2_over_L() -> None:
    assert "2/L = 1 " in said(Outcome.DIVERGED, 1.0)
    assert "alpha=0.5" in said(Outcome.DIVERGED, 1.0)
    assert "2/L" not in said(Outcome.MAX_ITERATIONS, 0.5)
    assert "is small beside 2/L" in said(Outcome.MAX_ITERATIONS, 0.05)


def test_a_point_that_is_no_minimum_asks_for_another_start() -> None:
    assert "saddle" in said(Outcome.CONVERGED, verdict=SADDLE)
    assert "beside this point" in said(Outcome.CONVERGED, verdict=SADDLE)
    assert "tolerance=1e-11" in said(Outcome.CONVERGED, verdict=FLAT)


def test_a_long_valley_is_named_by_its_condition_number() -> None:
    assert "condition number here is 2e+04" in said(Outcome.MAX_ITERATIONS, curvature=NARROW)
    assert "condition" not in said(Outcome.MAX_ITERATIONS, curvature=ROUND)
    other = advice(Outcome.MAX_ITERATIONS, "auto", Limits(), NARROW, None, "newton")
    assert "condition" not in " ".join(other)  # which is no trouble of a method with curvature


def test_a_search_finds_its_own_step_sizes() -> None:
    for alpha in ("auto", "wolfe"):
        assert "alpha" not in said(Outcome.MAX_ITERATIONS, alpha)
        assert "larger step size" not in said(Outcome.STALLED, alpha)
    for fixed in (1e-20, "0.1/(k+1)"):
        assert 'alpha="auto"' in said(Outcome.MAX_ITERATIONS, fixed)
        assert "larger step size" in said(Outcome.STALLED, fixed)


def test_every_unfinished_run_gets_a_next_step() -> None:
    for outcome in Outcome:
        if outcome is not Outcome.CONVERGED:
            assert said(outcome, curvature=None)
    assert "max_iterations=100000" in said(Outcome.MAX_ITERATIONS)
    assert 'alpha="auto"' in said(Outcome.STALLED, 1e-20)


def test_2_over_L_is_held_against_the_steps_of_steepest_descent_alone() -> None:
    for method in DESCENT_METHODS:
        for outcome in Outcome:
            for alpha in (1e-3, 0.02, 1.0, "auto", "0.1/(k+1)"):
                found = " ".join(advice(outcome, alpha, Limits(), ROUND, None, method))
                assert method == "steepest" or "2/L" not in found


def test_a_rule_of_alpha_is_advised_where_it_helps() -> None:
    for method, row in DESCENT_METHODS.items():
        own_is_a_number = row.own == "0.01"
        for outcome in Outcome:
            automatic = " ".join(advice(outcome, "auto", Limits(), ROUND, None, method))
            assert ("smaller alpha" in automatic) is (
                own_is_a_number and outcome in (Outcome.DIVERGED, Outcome.UNDEFINED)
            )
            assert 'alpha="auto"' not in automatic  # which it has
        fixed = " ".join(advice(Outcome.MAX_ITERATIONS, 0.02, Limits(), None, None, method))
        assert ("finds its own step sizes" in fixed) is not own_is_a_number
