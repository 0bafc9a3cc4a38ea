from __future__ import annotations

import math
from typing import Any

import pytest

from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import predicted_decrease
from gdcli.functions.function import Function
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS


def test_on_a_parabola_the_decrease_is_all_that_f_can_fall(parabola: Any) -> None:
    parabola.rounding = 1e-3
    decrease = predicted_decrease(parabola, Evaluation([0.25], 0.0625, [0.5], 0.5), [0.25])
    assert decrease.predicted == pytest.approx(0.0625)
    assert decrease.rounding == pytest.approx(1e-3)
    assert not decrease.lost
    parabola.rounding = 0.0625
    assert predicted_decrease(parabola, Evaluation([0.25], 0.0625, [0.5], 0.5), [0.25]).lost


def test_beside_a_kink_there_is_always_something_to_gain(line: Any) -> None:
    line.rounding = 1e300
    assert predicted_decrease(line, Evaluation([0.0], 0.0, [1.0], 1.0), [0.0]).predicted == math.inf


def test_where_the_gradient_is_zero_nothing_is_left(line: Any) -> None:
    assert predicted_decrease(line, Evaluation([0.0], 0.0, [0.0], 0.0), [0.0]).lost


def test_a_move_of_x_by_its_own_rounding_counts(parabola: Any) -> None:
    near = 2.0**-52
    far = 2.0**-40
    assert predicted_decrease(
        parabola, Evaluation([1.0], near**2, [2 * near], 2 * near), [1.0]
    ).lost
    assert not predicted_decrease(
        parabola, Evaluation([1.0], far**2, [2 * far], 2 * far), [1.0]
    ).lost


def test_a_move_of_x_by_its_own_rounding_counts_where_the_hessian_is_too_large_to_form() -> None:
    n = MOST_LISTED_COMPONENTS + 1
    function = Function("sum((x[i] - 1)^2 for i in 1:n)", sizes={"n": n})
    for distance, lost in ((2.0**-52, True), (2.0**-40, False)):
        x = [1.0 + distance] * n
        value, gradient = function.evaluate_gradient(x)
        here = Evaluation(x, value, gradient, max(map(abs, gradient)))
        assert predicted_decrease(function, here, here.x).lost is lost


def test_a_bound_that_is_not_finite_proves_nothing(parabola: Any) -> None:
    here = Evaluation([0.25], 0.0625, [0.5], 0.5)
    for rounding in (math.inf, math.nan):
        parabola.rounding = rounding
        assert not predicted_decrease(parabola, here, here.x).lost
    parabola.rounding = 1.0
    for curvature in (math.inf, math.nan):
        parabola.curvature = lambda _, c=curvature: [[c]]
        assert not predicted_decrease(parabola, here, here.x).lost


def test_creeping_along_a_valley_is_no_precision_limit() -> None:
    function = Function("100*(y - x^2)^2 + (1 - x)^2")
    x = [100000.0, 10000000000.0]  # steepest descent gains next to nothing here, Newton all
    value, gradient = function.evaluate_gradient(x)
    here = Evaluation(x, value, gradient, max(map(abs, gradient)))
    assert not predicted_decrease(function, here, here.x).lost
