"""The reverse of loops against derivatives by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, inf, prod, sin, tanh

import pytest

from gdcli.autodiff.passes.schedule import schedule
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.function import Function

Vector = list[float]
X = [0.5, -1.25, 2.0, 0.75]
WITH_ZERO = [0.5, 0.0, 2.0, 0.75]


def gradients(text: str, point: Vector, **given: object) -> list[Vector]:
    """By the tape that reverse mode makes, and after every pass."""
    function = Function(text, **given)  # type: ignore[arg-type]
    tape = reverse(function.tape)
    return [
        FallbackFunction(one, function.engine.gradient_bindings)(point)[1]
        for one in (tape, schedule(tape))
    ]


def others(x: Vector, place: int) -> float:
    return prod(x[:place] + x[place + 1 :])


@pytest.mark.parametrize("x", [X, WITH_ZERO])
@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("sum(x[i]^3 for i in 1:n)", lambda x: [3 * c * c for c in x]),
        ("sum(i*sin(x[i]) for i in 1:n)", lambda x: [i * cos(c) for i, c in enumerate(x, 1)]),
        (
            "sum(x[i]*x[i+1] for i in 1:n-1)",
            lambda x: [x[1], x[0] + x[2], x[1] + x[3], x[2]],
        ),
        ("sum(x[2*i] - x[2*i-1] for i in 1:2) + 0*x[n]", lambda x: [-1, 1, -1, 1]),
        ("sum(x[n+1-i]*i for i in 1:n)", lambda x: [4, 3, 2, 1]),
        ("sum(x[i] for i in 1:n)^2", lambda x: [2 * sum(x)] * 4),
        ("exp(sum(x[i] for i in 1:n)/n)", lambda x: [exp(sum(x) / 4) / 4] * 4),
        ("prod(x[i] for i in 1:n)", lambda x: [others(x, k) for k in range(4)]),
        (
            "prod(2 - x[i]^2 for i in 1:n)",
            lambda x: [-2 * x[k] * others([2 - c * c for c in x], k) for k in range(4)],
        ),
        (
            "prod(x[i] for i in 1:n)^2",
            lambda x: [2 * prod(x) * others(x, k) for k in range(4)],
        ),
        (
            "sum(prod(x[j] for j in i:n) for i in 1:n)",
            lambda x: [sum(others(x[i:], k - i) for i in range(k + 1)) for k in range(4)],
        ),
        ("sum(x[i]*x[j] for i in 1:n, j in 1:n)", lambda x: [2 * sum(x)] * 4),
        (
            "sum(x[i]*tanh(x[j]) for i in 1:n, j in 1:i)",
            lambda x: [
                sum(tanh(c) for c in x[: k + 1]) + sum(x[k:]) * (1 - tanh(x[k]) ** 2)
                for k in range(4)
            ],
        ),
        ("dot(x, x)/2 + 0*x[n]", lambda x: x),
        ("x[2]*sum(x[i] for i in 3:n)", lambda x: [0, x[2] + x[3], x[1], x[1]]),
    ],
)
def test_sums_and_products(text: str, by_hand: Callable[[Vector], Vector], x: Vector) -> None:
    for found in gradients(f"f(x[n]) = {text}", x, sizes={"n": 4}):
        assert found == pytest.approx(by_hand(x), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("max(x[i] for i in 1:n)", [1.0, 5.0, 2.0], [0, 1, 0]),
        ("min(x[i]^2 for i in 1:n)", [3.0, -2.0, 4.0], [0, -4, 0]),
        ("max(x[i] for i in 1:n)", [5.0, 1.0, 5.0], [0.5, 0, 0.5]),
        ("min(x[i] for i in 1:n)", [2.0, 2.0, 2.0], [1 / 3] * 3),
        ("max(x[i]*x[i+1] for i in 1:n-1)", [1.0, 2.0, 3.0], [0, 3, 2]),
        ("max(abs(x[i]) for i in 1:n)^2", [1.0, -7.0, 3.0], [0, -14, 0]),
        ("sum(max(x[i]*x[j] for j in i:n) for i in 1:n)", [1.0, 2.0, 3.0], [3, 3, 1 + 2 + 6]),
        ("max(sum(x[j] for j in 1:i) for i in 1:n)", [1.0, 2.0, -3.0], [1, 1, 0]),
        ("max(x[i] for i in 1:n) - min(x[i] for i in 1:n)", [1.0, 5.0, 2.0], [-1, 1, 0]),
    ],
)
def test_maxima_and_minima(text: str, x: Vector, expected: Vector) -> None:
    for found in gradients(text, x, sizes={"n": 3}):
        assert found == pytest.approx(expected, rel=1e-15)


def test_what_a_loop_takes_from_outside_collects_all_shares() -> None:
    t, y, a, b = [0.0, 1.0, 2.0], [1.0, 0.5, 0.2], 1.5, 0.7
    text = "sum((a*exp(-b*t[i]) - y[i])^2 for i in 1:n)"
    residuals = [a * exp(-b * s) - v for s, v in zip(t, y, strict=True)]
    by_a = sum(2 * r * exp(-b * s) for r, s in zip(residuals, t, strict=True))
    by_b = sum(-2 * r * a * s * exp(-b * s) for r, s in zip(residuals, t, strict=True))
    for found in gradients(text, [a, b], data={"t": t, "y": y}):
        assert found == pytest.approx([by_a, by_b], rel=1e-14)


def test_a_branch_in_a_loop_runs_one_side() -> None:
    text = "sum(ifelse(x[i] > 0, log(x[i]), x[i]^2) for i in 1:n)"
    for found in gradients(text, [2.0, -3.0, 0.0], sizes={"n": 3}):
        assert found == [0.5, -6.0, 0.0]


def test_a_loop_in_a_branch() -> None:
    text = "ifelse(a > 0, sum(a*x[i] for i in 1:n), prod(x[i] for i in 1:n))"
    for found in gradients(text, [2.0, 3.0, 4.0], sizes={"n": 2}):
        assert found == [7.0, 2.0, 2.0]
    for found in gradients(text, [-2.0, 3.0, 4.0], sizes={"n": 2}):
        assert found == [0.0, 4.0, 3.0]


def test_the_length_of_the_tape_does_not_depend_on_the_size() -> None:
    text = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
    few, many = (reverse(Function(text, sizes={"n": n}).tape) for n in (2, 10**9))
    assert few == many
    function = Function(text, sizes={"n": 3})
    assert reverse(function.tape).size <= 4 * function.tape.size


def test_rounding_goes_through_loops() -> None:
    function = Function("sum(x[i]*y[i] for i in 1:n)", sizes={"n": 2})
    found = FallbackFunction(rounding(function.tape), function.bindings)([1.0, -2.0, 3.0, 4.0])[0]
    assert 11.0 + 5.0 <= found <= 3 * 11.0 + 5.0  # |x·y| once at least, and the sum itself
    assert found < inf


def test_sine_of_a_shared_sum() -> None:
    text = "r = sum(x[i]^2 for i in 1:n); sin(r)*sum(r*x[i] for i in 1:n)"
    x, n = [0.3, -0.2, 0.9], 3
    r, s = sum(c * c for c in x), sum(x)
    for found in gradients(text, x, sizes={"n": n}):
        by_r = cos(r) * r * s + sin(r) * s
        assert found == pytest.approx([2 * c * by_r + sin(r) * r for c in x], rel=1e-13)
