"""Searches along a line, on φ of one variable.

The functions and starts are those of Moré and Thuente (ACM Trans. Math. Softw. 20, 1994, 286), who
made them as hard for a search as they could.
"""

from collections.abc import Callable, Generator
from math import cos, inf, pi, sin, sqrt
from typing import Any

import pytest

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, RoundingAt, Stuck, Trial, ValueAt
from gdcli.descent.search.trials import MOST_TRIALS
from gdcli.descent.search.wolfe import Wolfe

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
