"""Momentum and Nesterov's method against the recurrences of their papers, in 50 digits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from typing import Any

import mpmath
import pytest

from gdcli.descent.minimize import minimize
from gdcli.functions.function import Function

mp = mpmath.mp.clone()
mp.dps = 50
TEXT = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"  # Himmelblau's function
START, ALPHA, STEPS = (0.5, -0.25), 0.01, 40


def gradient(x: Any) -> list[Any]:
    a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return [4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b]


def polyak() -> Iterator[list[Any]]:
    before = here = [mp.mpf(c) for c in START]
    alpha, beta = mp.mpf(ALPHA), mp.mpf("0.9")
    while True:
        yield here
        slopes = gradient(here)
        ahead = [
            c - alpha * g + beta * (c - b) for c, g, b in zip(here, slopes, before, strict=True)
        ]
        before, here = here, ahead


def nesterov() -> Iterator[list[Any]]:
    """Equations (1.4) and (1.5) of the paper: a(k+1) = (1 + √(4a(k)² + 1))/2, a(0) = 1."""
    here = y = [mp.mpf(c) for c in START]
    a = mp.mpf(1)
    while True:
        yield here
        ahead = [c - mp.mpf(ALPHA) * g for c, g in zip(y, gradient(y), strict=True)]
        after = (1 + mp.sqrt(4 * a**2 + 1)) / 2
        y = [c + (a - 1) / after * (c - b) for c, b in zip(ahead, here, strict=True)]
        here, a = ahead, after


@pytest.mark.parametrize(("method", "reference"), [("momentum", polyak), ("nesterov", nesterov)])
def test_with_a_fixed_step_size_the_recurrence_is_that_of_the_paper(
    method: str, reference: Any
) -> None:
    result = minimize(
        Function(TEXT), START, method=method, alpha=ALPHA, max_iterations=STEPS, tolerance=0.0
    )
    for row, expected in zip(result.trace, reference(), strict=False):
        assert list(row.x) == pytest.approx([*map(float, expected)], rel=1e-12)
    assert len(result.trace) == STEPS + 1


def test_momentum_converges_as_fast_as_polyak_proves() -> None:
    root = sqrt(0.9)  # of β, by which an error shrinks where √(L/μ) = (1 + √β)/(1 - √β)
    low, high = 1.0, ((1.0 + root) / (1.0 - root)) ** 2
    alpha = 4.0 / (sqrt(low) + sqrt(high)) ** 2
    f = Function(f"({low!r}*x^2 + {high!r}*y^2)/2")
    steps = 400
    result = minimize(
        f, (1, 1), method="momentum", alpha=alpha, max_iterations=steps, tolerance=0.0
    )
    last = max(map(abs, result.trace[-1].x))
    assert 0.01 * root**steps < last < 10.0 * steps * root**steps


def test_nesterov_keeps_his_bound_and_leaves_steepest_descent_behind() -> None:
    n, steps = 41, 20
    f = Function(  # Nesterov's own worst function, L = 4
        "(x[1]^2 + sum((x[i] - x[i+1])^2 for i in 1:n-1) + x[n]^2)/2 - x[1]", sizes={"n": n}
    )
    solution = [1.0 - (i + 1.0) / (n + 1.0) for i in range(n)]
    lowest, distance = f.evaluate(solution), sum(c * c for c in solution)

    def excess(method: str) -> list[float]:
        result = minimize(
            f, [0.0] * n, method=method, alpha=0.25, max_iterations=steps, tolerance=0.0
        )
        bounds = [2.0 * 4.0 * distance / (row.k + 1) ** 2 for row in result.trace]
        return [(row.f - lowest) / bound for row, bound in zip(result.trace, bounds, strict=True)]

    assert max(excess("nesterov")) <= 1.0
    assert excess("nesterov")[-1] < 0.5 * excess("steepest")[-1]


@pytest.mark.parametrize("method", ["momentum", "nesterov"])
def test_with_its_own_step_size_f_never_rises(method: str) -> None:
    result = minimize(Function("100*(y - x^2)^2 + (1 - x)^2"), (-1.2, 1), method=method)
    values = [row.f for row in result.trace]
    assert result.classification == "minimum"
    assert all(after <= before * (1.0 + 1e-15) for before, after in pairwise(values))


@pytest.mark.parametrize("method", ["momentum", "nesterov"])
def test_a_bound_takes_the_speed_of_its_variable(method: str) -> None:
    result = minimize(
        Function("(x + 1)^2 + 3*(y - 2)^2 + x*y"), (3, -1), method=method, bounds="x=0:"
    )
    assert (result.classification, list(result.multipliers)) == ("minimum", ["x"])
    assert list(result.x) == pytest.approx([0.0, 2.0], abs=1e-8)


@pytest.mark.parametrize("method", ["momentum", "nesterov"])
@pytest.mark.parametrize("alpha", ["auto", 0.05])
def test_many_variables_take_the_steps_of_few(method: str, alpha: str | float) -> None:
    row = "sum(i*(x[{0}] - 1)^2 + (x[{0}] - 1)^4 for i in 1:3)"
    few = Function(row.format("i"))
    many = Function(f"sum({row.format('i,j')} for j in 1:m)", sizes={"m": 100})
    start = (3.0, 2.0, 0.5)
    one = minimize(few, start, method=method, alpha=alpha)
    copies = minimize(many, [c for c in start for _ in range(100)], method=method, alpha=alpha)
    assert one.iterations > 3
    for row_of_one, row_of_many in zip(one.trace[:4], copies.trace[:4], strict=True):
        assert list(row_of_many.x[::100]) == pytest.approx(list(row_of_one.x), rel=1e-10)
