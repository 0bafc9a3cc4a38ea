"""AdaGrad, RMSProp and Adam against the recurrences of their papers, in 50 digits."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import mpmath
import pytest

from gdcli.descent.minimize import minimize
from gdcli.functions.function import Function

mp = mpmath.mp.clone()
mp.dps = 50
TEXT = "100*(y - x^2)^2 + (1 - x)^2"
START, ALPHA, STEPS = (-1.25, 1.0), 0.0078125, 60
EPSILON = mp.mpf(1e-8)


def gradient(x: Any) -> list[Any]:
    valley = x[1] - x[0] ** 2
    return [-400 * x[0] * valley - 2 * (1 - x[0]), 200 * valley]


def adagrad(alpha: float) -> Iterator[list[Any]]:
    """Equation (1) of Duchi, Hazan and Singer with the diagonal of G, δ added to its root."""
    x, total = [mp.mpf(c) for c in START], [mp.mpf(0)] * 2
    while True:
        yield x
        g = gradient(x)
        total = [s + c**2 for s, c in zip(total, g, strict=True)]
        x = [c - alpha * d / (EPSILON + mp.sqrt(s)) for c, d, s in zip(x, g, total, strict=True)]


def rmsprop(alpha: float) -> Iterator[list[Any]]:
    """Slide 29 of the lecture: MeanSquare(w, t) = 0.9 MeanSquare(w, t-1) + 0.1 (∂E/∂w)²."""
    x, square = [mp.mpf(c) for c in START], [mp.mpf(0)] * 2
    keep, take = mp.mpf("0.9"), mp.mpf("0.1")
    while True:
        yield x
        g = gradient(x)
        square = [keep * s + take * c**2 for s, c in zip(square, g, strict=True)]
        x = [c - alpha * d / (EPSILON + mp.sqrt(s)) for c, d, s in zip(x, g, square, strict=True)]


def adam(alpha: float) -> Iterator[list[Any]]:
    """Algorithm 1 of Kingma and Ba, with the settings that they recommend."""
    x, m, v, t = [mp.mpf(c) for c in START], [mp.mpf(0)] * 2, [mp.mpf(0)] * 2, 0
    first, second = mp.mpf("0.9"), mp.mpf("0.999")
    while True:
        yield x
        t, g = t + 1, gradient(x)
        m = [first * a + (1 - first) * c for a, c in zip(m, g, strict=True)]
        v = [second * a + (1 - second) * c**2 for a, c in zip(v, g, strict=True)]
        unbiased = [a / (1 - first**t) for a in m], [a / (1 - second**t) for a in v]
        x = [c - alpha * a / (mp.sqrt(b) + EPSILON) for c, a, b in zip(x, *unbiased, strict=True)]


METHODS = {"adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("alpha", [ALPHA, "auto"])
def test_the_recurrence_is_that_of_the_paper(method: str, alpha: float | str) -> None:
    result = minimize(Function(TEXT), START, method=method, alpha=alpha, max_iterations=STEPS)
    reference = METHODS[method](0.01 if alpha == "auto" else ALPHA)
    assert len(result.trace) == STEPS + 1
    for row, expected in zip(result.trace, reference, strict=False):
        assert list(row.x) == pytest.approx([*map(float, expected)], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e200])
def test_the_first_step_has_the_same_length_whatever_the_slopes(method: str, scale: float) -> None:
    result = minimize(
        Function(f"{scale!r}*(3*x + 1e-3*y)"), (0, 0), method=method, max_iterations=1
    )
    step = 0.01 / sqrt(0.1) if method == "rmsprop" else 0.01
    floor = 1e-8 / (1e-3 * scale)  # ε beside the smaller slope
    assert list(result.trace[1].x) == pytest.approx([-step, -step], rel=1e-9 + 4.0 * floor)


@pytest.mark.parametrize("method", METHODS)
def test_a_schedule_gives_each_step(method: str) -> None:
    result = minimize(Function("x^2"), (5,), method=method, alpha="1/(k+1)", max_iterations=4)
    assert [row.alpha for row in result.trace] == [1.0, 1 / 2, 1 / 3, 1 / 4, None]


def test_adam_keeps_no_speed_against_a_bound() -> None:
    f = Function("(x + 1)^2 + (y - 2)^2 + x*y")
    result = minimize(f, (0.5, 0), method="adam", alpha=0.1, bounds="x=0:")
    assert (result.status, list(result.multipliers)) == ("converged", ["x"])
    assert list(result.x) == pytest.approx([0.0, 2.0], abs=1e-7)
    assert all(row.x[0] >= 0.0 for row in result.trace)


@pytest.mark.parametrize("method", METHODS)
def test_many_variables_take_the_steps_of_few(method: str) -> None:
    row = "sum(i*(x[{0}] - 1)^2 + (x[{0}] - 1)^4 for i in 1:3)"
    few = Function(row.format("i"))
    many = Function(f"sum({row.format('i,j')} for j in 1:m)", sizes={"m": 100})
    start = (3.0, 2.0, 0.5)
    one = minimize(few, start, method=method, max_iterations=5)
    whole = [c for c in start for _ in range(100)]
    copies = minimize(many, whole, method=method, max_iterations=5)
    for row_of_one, row_of_many in zip(one.trace, copies.trace, strict=True):
        assert list(row_of_many.x[::100]) == pytest.approx(list(row_of_one.x), rel=1e-12)
