"""Descents of sums of squares: where they end, what they never do, and what ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf

import numpy as np
import pytest

import gdcli
from gdcli.descent.box import Box
from gdcli.fitting.levenberg_marquardt import (
    DEFAULT_LIMITS,
    FitLimits,
    Solution,
    column_scales,
    levenberg_marquardt,
)
from gdcli.fitting.residuals import NormalEquations, TooManyPassesError
from gdcli.fitting.variable_projection import ProjectedProblem, least_squares

X = [0.5 * i for i in range(1, 13)]
Row = Callable[[Sequence[float], float], tuple[float, list[float], list[list[float]]]]


class HandWritten:
    """Squares of residuals with derivatives written by hand: f, its p slopes, p × p Hessian.

    It remembers where it was evaluated.
    """

    stop: type[BaseException] = KeyboardInterrupt

    def __init__(self, row: Row, p: int, y: Sequence[float], stop_after: float = inf) -> None:
        self.row, self.p, self.y, self.stop_after = row, p, y, stop_after
        self.points: list[list[float]] = []

    @property
    def evaluations(self) -> int:
        return len(self.points)

    def rows(self, at: Sequence[float]) -> list[tuple[float, list[float], list[list[float]]]]:
        return [self.row(at, x) for x in X]

    def normal_equations(self, parameters: Sequence[float]) -> NormalEquations:
        if len(self.points) >= self.stop_after:
            raise self.stop
        self.points.append([*parameters])
        try:
            rows = self.rows(parameters)
        except OverflowError:
            return NormalEquations(inf, [inf] * self.p, [[inf] * self.p] * self.p)
        r = [f - y for (f, _, _), y in zip(rows, self.y, strict=True)]
        slopes = [g for _, g, _ in rows]
        return NormalEquations(
            sum(one * one for one in r) / 2.0,
            [sum(a * g[j] for a, g in zip(r, slopes, strict=True)) for j in range(self.p)],
            [[sum(g[j] * g[k] for g in slopes) for k in range(self.p)] for j in range(self.p)],
        )

    def accelerated(self, parameters: Sequence[float], direction: Sequence[float]) -> list[float]:
        found = [0.0] * self.p
        for _, g, h in self.rows(parameters):
            bend = sum(
                direction[i] * h[i][k] * direction[k] for i in range(self.p) for k in range(self.p)
            )
            found = [one + bend * slope for one, slope in zip(found, g, strict=True)]
        return found


def decay(at: Sequence[float], x: float) -> tuple[float, list[float], list[list[float]]]:
    """a·exp(-b·x) + c."""
    a, b, c = at
    e = exp(-b * x)
    mixed = -x * e
    return (
        a * e + c,
        [e, -a * x * e, 1.0],
        [[0.0, mixed, 0.0], [mixed, a * x * x * e, 0.0], [0.0, 0.0, 0.0]],
    )


TRUE = [3.0, 0.7, -1.0]
Y = [decay(TRUE, x)[0] + 0.01 * (-1) ** round(2 * x) for x in X]


def run(
    start: Sequence[float], limits: FitLimits = DEFAULT_LIMITS, box: Box | None = None
) -> tuple[HandWritten, Solution]:
    problem = HandWritten(decay, 3, Y)
    return problem, levenberg_marquardt(problem, start, limits, box)


STARTS = [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-2.0, 0.1, 2.0], [3.0, -0.5, 0.0], [-1.0, 1.0, 0.0]]


@pytest.mark.parametrize("start", STARTS)
def test_a_descent_comes_to_rest_where_the_gradient_is_zero(start: list[float]) -> None:
    problem = HandWritten(decay, 3, Y)
    found = least_squares(problem, start, [0, 2])
    assert found.at_rest
    assert found.parameters == pytest.approx(TRUE, abs=0.1)
    assert max(abs(g) for g in found.normal.gradient) < 1e-6
    assert problem.evaluations < 300


def test_a_parameter_whose_true_value_is_zero_comes_to_rest_too() -> None:
    problem = HandWritten(decay, 3, [3.0 * exp(-0.7 * x) for x in X])
    found = levenberg_marquardt(problem, [1.0, 1.0, 1.0])
    assert found.at_rest
    assert found.parameters == pytest.approx([3.0, 0.7, 0.0], abs=1e-8)


def test_nothing_is_evaluated_outside_the_bounds() -> None:
    box = Box([0.0, 0.0, -0.5], [2.5, inf, inf])
    problem, found = run([1.0, 1.0, 0.0], box=box)
    assert found.at_rest
    for point in problem.points:
        assert all(low <= x <= high for low, x, high in zip(box.low, point, box.high, strict=True))
    assert (found.parameters[0], found.parameters[2]) == (2.5, -0.5)
    assert found.normal.gradient[0] < 0.0 < found.normal.gradient[2], "both press outward"
    assert abs(found.normal.gradient[1]) < 1e-6


def test_a_bound_frees_a_parameter_that_the_gradient_leads_inward() -> None:
    box = Box([0.0, 0.0, -inf], [5.0, 5.0, inf])
    _, found = run([5.0, 5.0, 0.0], box=box)
    assert found.parameters == pytest.approx(TRUE, abs=0.1)


def test_a_parameter_with_one_value_is_not_moved() -> None:
    _, found = run([1.0, 0.5, 0.0], box=Box([-inf, 0.5, -inf], [inf, 0.5, inf]))
    assert found.at_rest
    assert found.parameters[1] == 0.5


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (FitLimits(iterations=2), "iterations"),
        (FitLimits(evaluations=3), "evaluations"),
        (FitLimits(deadline=0.0), "time"),
    ],
)
def test_a_limit_ends_a_descent_with_the_best_parameters(limits: FitLimits, reason: str) -> None:
    problem, found = run([1.0, 5.0, 10.0], limits)
    assert found.reason == reason
    assert found.normal.value == min(
        HandWritten(decay, 3, Y).normal_equations(point).value for point in problem.points
    )
    assert problem.evaluations <= 3


def test_an_interruption_ends_a_descent_with_the_best_parameters() -> None:
    problem = HandWritten(decay, 3, Y, stop_after=4)
    found = levenberg_marquardt(problem, [1.0, 5.0, 10.0])
    assert found.reason == "interrupted"
    assert found.parameters in problem.points
    assert found.normal.value < HandWritten(decay, 3, Y).normal_equations([1.0, 5.0, 10.0]).value


def test_a_start_without_a_finite_number_is_undefined() -> None:
    assert run([1.0, -1e4, 0.0])[1].reason == "undefined"


def test_a_parameter_without_influence_does_not_hold_up_the_others() -> None:
    _, found = run([1.0, 300.0, 10.0])
    mean = sum(Y) / len(Y)
    assert found.at_rest
    assert found.parameters[2] == pytest.approx(mean)
    assert column_scales([0.0, 0.0], [1.0, 1e-300], [2.0, 50.0])[1] > 1e-20


def test_projection_has_the_least_sum_over_linear_parameters_and_its_gradient() -> None:
    problem = HandWritten(decay, 3, Y)
    projected = ProjectedProblem(problem, [0, 2], [1.0, 0.7, 0.0])
    h, at = 1e-5, 0.9

    def least(b: float) -> float:
        return projected.normal_equations([b]).value

    normal = projected.normal_equations([at])
    assert normal.gradient[0] == pytest.approx((least(at + h) - least(at - h)) / (2 * h), rel=1e-6)
    a, _, c = projected.known[(at,)].parameters
    for near in ([a + 0.01, at, c], [a, at, c - 0.01]):
        assert problem.normal_equations(near).value > normal.value
    # Kaufman's matrix: the slopes by b, less their part in the space of exp(-b·x) and 1
    slopes = [-a * x * exp(-at * x) for x in X]
    basis = [[1.0] * len(X), [exp(-at * x) for x in X]]
    middle = sum(basis[1]) / len(X)
    basis[1] = [one - middle for one in basis[1]]
    for one in basis:
        part = sum(map(float.__mul__, one, slopes)) / sum(map(float.__mul__, one, one))
        slopes = [s - part * t for s, t in zip(slopes, one, strict=True)]
    assert normal.matrix[0][0] == pytest.approx(sum(s * s for s in slopes), rel=1e-10)


def test_a_descent_at_its_limit_goes_on_by_projection() -> None:
    problem = HandWritten(decay, 3, Y)
    limits = FitLimits(evaluations=4)
    alone = levenberg_marquardt(HandWritten(decay, 3, Y), [1.0, 5.0, 10.0], limits)
    found = least_squares(problem, [1.0, 5.0, 10.0], [0, 2], limits)
    assert alone.reason == "evaluations"
    assert found.normal.value < alone.normal.value
    held_back = HandWritten(decay, 3, Y, stop_after=6)
    held_back.stop = TooManyPassesError
    assert least_squares(held_back, [1.0, 5.0, 10.0], [0, 2], limits).reason == "evaluations"
    few = least_squares(HandWritten(decay, 3, Y), [1.0, 5.0, 10.0], [0, 2], FitLimits(2, 4))
    assert few.iterations == 2


def test_two_rates_that_have_met_do_not_hold_up_a_fit() -> None:
    """Where b = d the sums of a and c alone matter, and Gauss-Newton steps lead nowhere."""
    draw = np.random.default_rng(50)
    x = np.linspace(0.0, 5.0, 30)
    y = 3.0 * np.exp(-draw.uniform(0.3, 3.0) * x)
    y += draw.uniform(-2.0, 4.0) * np.exp(-draw.uniform(0.1, 2.0) * x)
    y += 0.1 * draw.standard_normal(30)
    start = dict(zip("abcd", draw.uniform(0.1, 4.0, 4).tolist(), strict=True))
    fit = gdcli.fit("y ~ a*exp(-b*x) + c*exp(-d*x)", {"x": x, "y": y}, start=start)
    assert fit.outcome.name == "CONVERGED"
    single = gdcli.fit("y ~ a*exp(-b*x)", {"x": x, "y": y}, start={"a": 5.0, "b": 1.0})
    assert fit.f <= single.f * (1.0 + 1e-9)
