"""Searches along a line, on φ of one variable.

The functions and starts are those of Moré and Thuente (ACM Trans. Math. Softw. 20, 1994, 286), who
made them as hard for a search as they could.
"""

from collections.abc import Callable, Generator
from math import cos, inf, pi, sin, sqrt
from typing import Any

import pytest

from gdcli.descent.box import Box
from gdcli.descent.minimize import minimize
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, RoundingAt, Stuck, Traits, Trial, ValueAt
from gdcli.descent.search import SEARCHES
from gdcli.descent.search.exact import ExactSearch
from gdcli.descent.search.hager_zhang import HagerZhang
from gdcli.descent.search.trials import MOST_TRIALS
from gdcli.descent.search.wolfe import Wolfe
from gdcli.numbers.floats import EPSILON

Phi = Callable[[float], tuple[float, float]]


def first(alpha: float, beta: float = 2.0) -> tuple[float, float]:
    square = alpha * alpha + beta
    return -alpha / square, (alpha * alpha - beta) / square**2


def second(alpha: float, beta: float = 0.004) -> tuple[float, float]:
    moved = alpha + beta
    return moved**5 - 2.0 * moved**4, 5.0 * moved**4 - 8.0 * moved**3


def third(alpha: float, beta: float = 0.01, waves: float = 39.0) -> tuple[float, float]:
    if alpha <= 1.0 - beta:
        f, slope = 1.0 - alpha, -1.0
    elif alpha >= 1.0 + beta:
        f, slope = alpha - 1.0, 1.0
    else:
        f, slope = (alpha - 1.0) ** 2 / (2.0 * beta) + 0.5 * beta, (alpha - 1.0) / beta
    wave = 0.5 * waves * pi * alpha
    part = 1.0 - beta
    return f + 2.0 * part / (waves * pi) * sin(wave), slope + part * cos(wave)


def yanai(one: float, two: float) -> Phi:
    a = sqrt(1.0 + one * one) - one
    b = sqrt(1.0 + two * two) - two

    def phi(alpha: float) -> tuple[float, float]:
        left, right = sqrt((1.0 - alpha) ** 2 + two * two), sqrt(alpha * alpha + one * one)
        return a * left + b * right, a * (alpha - 1.0) / left + b * alpha / right

    return phi


STARTS = (1e-3, 1e-1, 1e1, 1e3)
# φ, c₁ and c₂, and the most evaluations that Moré and Thuente report for its four starts.
MORE_THUENTE = {
    "first": (first, 1e-3, 1e-1, 6, 3, 1, 4),
    "second": (second, 1e-1, 1e-1, 12, 8, 8, 11),
    "third": (third, 1e-1, 1e-1, 12, 12, 10, 13),
    "yanai 0.001 0.001": (yanai(1e-3, 1e-3), 1e-3, 1e-3, 4, 1, 3, 4),
    "yanai 0.01 0.001": (yanai(1e-2, 1e-3), 1e-3, 1e-3, 6, 3, 7, 8),
    "yanai 0.001 0.01": (yanai(1e-3, 1e-2), 1e-3, 1e-3, 13, 11, 8, 11),
}


def at(phi: Phi, alpha: float) -> Evaluation:
    f, slope = phi(alpha)
    return Evaluation([alpha], f, [slope], abs(slope))


def searched(
    steps: Generator[Any, Any, Trial | Stuck], phi: Phi, rounding: float = 0.0
) -> tuple[Trial | Stuck, int]:
    """What a search along φ ends with, and its evaluations."""
    answer: Any = None
    count = 0
    while True:
        try:
            request = steps.send(answer)
        except StopIteration as end:
            return end.value, count
        if isinstance(request, RoundingAt):
            answer = rounding
            continue
        assert isinstance(request, GradientAt | ValueAt)
        answer = at(phi, request.x[0])
        count += 1


@pytest.mark.parametrize("alpha", STARTS)
@pytest.mark.parametrize("name", MORE_THUENTE)
def test_wolfe_meets_both_conditions_in_hardly_more_trials_than_more_and_thuente(
    name: str, alpha: float
) -> None:
    phi, c1, c2, *published = MORE_THUENTE[name]
    here = at(phi, 0.0)
    found, count = searched(Wolfe(c1=c1, c2=c2).along(here, [1.0], alpha, Demands(0)), phi)
    assert isinstance(found, Trial)
    f, slope = phi(found.alpha)
    assert f <= here.f + c1 * found.alpha * here.gradient[0]
    assert abs(slope) <= c2 * abs(here.gradient[0])
    assert count <= 2 * published[STARTS.index(alpha)] + 4


def test_weak_conditions_are_met_at_a_kink_where_no_slope_is_small() -> None:
    def phi(alpha: float) -> tuple[float, float]:
        return abs(alpha - 0.3), -1.0 if alpha < 0.3 else 1.0

    here = at(phi, 0.0)
    found, count = searched(Wolfe(weak=True).along(here, [1.0], 1.0, Demands(0)), phi)
    assert isinstance(found, Trial)
    assert found.there.f < 0.3
    assert found.there.gradient == [1.0]
    assert count < MOST_TRIALS


def test_a_trial_that_is_not_finite_is_made_shorter_and_not_counted() -> None:
    def phi(alpha: float) -> tuple[float, float]:
        return (alpha * alpha - 1e-45 * alpha, 2.0 * alpha - 1e-45) if alpha < 1e-44 else (inf, inf)

    found, count = searched(Wolfe().along(at(phi, 0.0), [1.0], 1.0, Demands(0)), phi)
    assert isinstance(found, Trial)
    assert found.alpha < 1e-44
    assert count < 20


def test_near_rounding_slopes_decide_and_only_where_the_gradient_falls() -> None:
    def phi(alpha: float) -> tuple[float, float]:
        return 1.0 + (1e-16 if alpha else 0.0), 1e-9 * (alpha - 1.0)

    here = at(phi, 0.0)
    found, _ = searched(Wolfe().along(here, [1.0], 1.5, Demands(0)), phi, 1e-10)
    assert isinstance(found, Trial)
    assert found.near_rounding
    assert found.there.gradient_norm < here.gradient_norm
    exact, _ = searched(Wolfe().along(here, [1.0], 1.5, Demands(0)), phi, 0.0)
    assert isinstance(exact, Stuck) or not exact.near_rounding


# The searches by name, whatever they look for: each φ of above is lowered.
ALL_PHI = {name: row[0] for name, row in MORE_THUENTE.items()}


@pytest.mark.parametrize("alpha", STARTS)
@pytest.mark.parametrize("phi", ALL_PHI)
@pytest.mark.parametrize("name", SEARCHES)
def test_every_search_lowers_f(name: str, phi: str, alpha: float) -> None:
    here = at(ALL_PHI[phi], 0.0)
    search = SEARCHES[name].search(Traits(1)).after(here.f)
    found, count = searched(search.along(here, [1.0], alpha, Demands(0)), ALL_PHI[phi])
    assert isinstance(found, Trial)
    assert found.there.f < here.f
    assert found.there == at(ALL_PHI[phi], found.alpha)
    assert count <= MOST_TRIALS + 1


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_goes_uphill(name: str) -> None:
    """A slope that is denied by every value of f leads nowhere."""
    here = Evaluation([0.0], 1.0, [-1.0], 1.0)
    search = SEARCHES[name].search(Traits(1)).after(here.f)

    def rises(alpha: float) -> tuple[float, float]:
        return (1.0 + alpha, 1.0) if alpha else (1.0, -1.0)

    found, _ = searched(search.along(here, [1.0], 1.0, Demands(0)), rises)
    assert isinstance(found, Stuck) or found.there.f <= 1.0 + 4.0 * EPSILON


@pytest.mark.parametrize("alpha", STARTS)
@pytest.mark.parametrize("phi", ALL_PHI)
def test_hager_zhang_meets_one_of_its_two_pairs_of_conditions(phi: str, alpha: float) -> None:
    here = at(ALL_PHI[phi], 0.0)
    found, _ = searched(HagerZhang().along(here, [1.0], alpha, Demands(0)), ALL_PHI[phi])
    assert isinstance(found, Trial)
    f, slope = ALL_PHI[phi](found.alpha)
    begin = here.gradient[0]
    assert f < here.f
    assert slope >= 0.9 * begin
    assert f <= here.f + 0.1 * found.alpha * begin or slope <= -0.8 * begin


@pytest.mark.parametrize("alpha", STARTS)
@pytest.mark.parametrize("phi", ALL_PHI)
def test_the_exact_search_ends_where_the_slope_is_0(phi: str, alpha: float) -> None:
    here = at(ALL_PHI[phi], 0.0)
    found, _ = searched(ExactSearch().along(here, [1.0], alpha, Demands(0)), ALL_PHI[phi])
    assert isinstance(found, Trial)
    assert abs(found.there.gradient[0]) <= 1e-8 * abs(here.gradient[0]) + 1e-13


@pytest.mark.parametrize("alpha", [1e-6, 0.3, 1.0, 1e6])
def test_the_exact_alpha_of_a_quadratic_is_found_in_a_few_trials(alpha: float) -> None:
    """φ(α) = 3(α - 0.7)² has its minimum at 0.7, of whatever size the first trial is."""

    def phi(alpha: float) -> tuple[float, float]:
        return 3.0 * (alpha - 0.7) ** 2, 6.0 * (alpha - 0.7)

    found, count = searched(ExactSearch().along(at(phi, 0.0), [1.0], alpha, Demands(0)), phi)
    assert isinstance(found, Trial)
    assert found.alpha == pytest.approx(0.7, rel=4e-16)
    assert count <= 12


def test_exact_steepest_descent_zigzags_as_in_the_textbook() -> None:
    """On (x² + γy²)/2 from (γ, 1), x(k) = γ((γ-1)/(γ+1))ᵏ and y(k) = (-(γ-1)/(γ+1))ᵏ.

    Source: S. Boyd, L. Vandenberghe, Convex Optimization, section 9.3.2.
    """
    rows: list[Any] = []
    minimize("(x^2 + 10*y^2)/2", [10, 1], method="steepest", alpha="exact", on_iterate=rows.append)
    ratio = 9.0 / 11.0
    for k, row in enumerate(rows[:40]):
        assert row.x == pytest.approx([10.0 * ratio**k, (-ratio) ** k], rel=1e-9)
        assert row.alpha is None or row.alpha == pytest.approx(2.0 / 11.0, rel=1e-6)


def test_backtracking_makes_the_steps_of_the_parabola() -> None:
    """φ(α) = 1 - α + 5α²: at 1 it is too high, and the parabola's minimum 0.1 is accepted."""

    def phi(alpha: float) -> tuple[float, float]:
        return 1.0 - alpha + 5.0 * alpha * alpha, -1.0 + 10.0 * alpha

    here = at(phi, 0.0)
    search = SEARCHES["backtracking"].search(Traits(1)).after(here.f)
    found, count = searched(search.along(here, [1.0], 1.0, Demands(0)), phi)
    assert isinstance(found, Trial)
    assert found.alpha == pytest.approx(0.1)
    assert count == 3


@pytest.mark.parametrize("name", SEARCHES)
def test_a_step_in_a_box_lowers_f_beyond_the_first_bound_too(name: str) -> None:
    """f = (x-3)² + (y-1)² along (6, 1) from 0: x meets its bound 1 at α = 1/6."""
    box = Box([0.0, 0.0], [1.0, 5.0])

    def measured(x: list[float]) -> Evaluation:
        gradient = [2.0 * (x[0] - 3.0), 2.0 * (x[1] - 1.0)]
        return Evaluation(x, (x[0] - 3.0) ** 2 + (x[1] - 1.0) ** 2, gradient, 6.0)

    here = measured([0.0, 0.0])
    search = SEARCHES[name].search(Traits(2, box=box)).after(here.f)
    steps = search.along(here, [6.0, 1.0], 1.0, Demands(0, box))
    answer: Any = None
    while True:
        try:
            request = steps.send(answer)
        except StopIteration as end:
            found = end.value
            break
        answer = 0.0 if isinstance(request, RoundingAt) else measured(box.project(request.x))
    assert found.there.x == [1.0, found.alpha]
    assert found.there.f < here.f
