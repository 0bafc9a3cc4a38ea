"""Reverse mode: delicate points, branches, loops, the size of the tape, the rounding estimate."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, e, exp, inf, isnan, log, nan, pi, prod, sin, tanh

import mpmath
import pytest

from gdcli.autodiff.passes.schedule import schedule
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.tape import ACCUMULATOR, Region
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE

PRECISE = mpmath.MPContext()
PRECISE.dps = 60
Vector = list[float]
X = [0.5, -1.25, 2.0, 0.75]
WITH_ZERO = [0.5, 0.0, 2.0, 0.75]


def gradient(text: str, *point: float) -> list[float]:
    function = Function(text)
    tape = reverse(function.tape)
    interpreted = interpret(tape, IEEE, list(point))[1:]
    compiled = function.evaluate_gradient(list(point))[1]
    assert repr(interpreted) == repr(compiled)
    return compiled


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("(x^2+y^2)^1.2", (0, 0), [0, 0]),
        ("x^3", (0,), [0]),
        ("x^2", (0,), [0]),
        ("x^0 + 0*x", (0,), [0]),
        ("x^1", (0,), [1]),
        ("x^1.5", (0,), [0]),
        ("x^y", (0, 2), [0, 0]),
        ("x^y", (0, 1), [1, 0]),
        ("x^y", (2, 0), [0, log(2)]),
        ("x^y", (-2, 2), [-4, nan]),
        ("abs(x)", (0,), [0]),
        ("abs(x)", (-3,), [-1]),
        ("sign(x)", (0,), [0]),
        ("relu(x)", (0,), [0]),
        ("max(x, y)", (1, 1), [0.5, 0.5]),
        ("min(x, y)", (1, 1), [0.5, 0.5]),
        ("max(x, y, z)", (1, 1, 0), [0.5, 0.5, 0]),
        ("min(x, y, z, x)", (1, 1, 1), [0.5, 0.25, 0.25]),
        ("max(x, x)", (1,), [1]),
        ("max(x)", (4,), [1]),
        ("max(x, 0)", (0,), [0.5]),
        ("max(2x, 3x)", (0,), [2.5]),
        ("abs(x) + abs(y)", (0, -2), [0, -1]),
        ("abs(x)*y", (0, 5), [0, 0]),
        ("abs(abs(x))", (0,), [0]),
        ("hypot(x, y)", (0, 0), [0, 0]),
        ("hypot(3, y)", (4,), [0.8]),
        ("sqrt(x)", (0,), [inf]),
        ("cbrt(x)", (0,), [inf]),
        ("cbrt(x)", (-8,), [1 / 12]),
        ("x/(1+x^2)", (1,), [0]),
    ],
)
def test_delicate_points(text: str, point: tuple[float, ...], expected: list[float]) -> None:
    for answer, wanted in zip(gradient(text, *map(float, point)), expected, strict=True):
        assert answer == wanted or (isnan(answer) and isnan(wanted))


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("tanh(x)", 20.0, lambda x: PRECISE.sech(x) ** 2),
        ("tanh(x)", -300.0, lambda x: PRECISE.sech(x) ** 2),
        ("expm1(x)", -40.0, lambda x: PRECISE.exp(x)),
        ("expm1(x)", 1e-12, lambda x: PRECISE.exp(x)),
        ("log1p(x)", 1e-15, lambda x: 1 / (1 + x)),
        ("sigmoid(x)", 40.0, lambda x: 1 / (2 + PRECISE.exp(x) + PRECISE.exp(-x))),
        ("sigmoid(x)", -700.0, lambda x: 1 / (2 + PRECISE.exp(x) + PRECISE.exp(-x))),
        ("softplus(x)", -40.0, lambda x: 1 / (1 + PRECISE.exp(-x))),
        ("asin(x)", 1 - 1e-10, lambda x: 1 / PRECISE.sqrt(1 - x * x)),
        ("asin(x)", -1 + 1e-10, lambda x: 1 / PRECISE.sqrt(1 - x * x)),
        ("acos(x)", 1 - 1e-10, lambda x: -1 / PRECISE.sqrt(1 - x * x)),
        ("atanh(x)", 1 - 1e-10, lambda x: 1 / (1 - x * x)),
        ("acosh(x)", 1 + 1e-10, lambda x: 1 / PRECISE.sqrt(x * x - 1)),
        ("atan(x)", 1e200, lambda x: 1 / (1 + x * x)),
        ("asinh(x)", 1e200, lambda x: 1 / PRECISE.sqrt(1 + x * x)),
        ("hypot(x, 1e200)", 1e200, lambda x: 1 / PRECISE.sqrt(2)),
        ("erf(x)", 26.0, lambda x: 2 / PRECISE.sqrt(PRECISE.pi) * PRECISE.exp(-x * x)),
        ("logaddexp(x, 0)", -50.0, lambda x: 1 / (1 + PRECISE.exp(-x))),
        ("logaddexp(x, 1000)", 1000.0, lambda x: PRECISE.mpf(1) / 2),
        ("atan2(x, 1e-200)", 1e-200, lambda x: 1 / (2 * x)),
        ("log(x)", 5e-324, lambda x: 1 / x),
    ],
)
def test_slopes_keep_their_digits(text: str, x: float, slope: object) -> None:
    assert callable(slope)
    truth = slope(PRECISE.mpf(x))
    [answer] = gradient(text, x)
    if abs(truth) > 1.797e308:
        assert answer == inf
    elif abs(truth) < 1e-300:
        assert abs(answer - float(truth)) <= 1e-310
    else:
        assert abs(answer - truth) <= 1e-12 * abs(truth)


@pytest.mark.parametrize(
    ("text", "x", "value", "slope"),
    [
        ("softplus(x)", 1000.0, 1000.0, 1.0),
        ("softplus(x)", -1000.0, 0.0, 0.0),
        ("sigmoid(x)", 1000.0, 1.0, 0.0),
        ("sigmoid(x)", -1000.0, 0.0, 0.0),
        ("tanh(x)", 1000.0, 1.0, 0.0),
        ("tanh(x)", -1000.0, -1.0, 0.0),
    ],
)
def test_far_out(text: str, x: float, value: float, slope: float) -> None:
    function = Function(text)
    assert function.evaluate([x]) == value
    assert gradient(text, x) == [slope]


@pytest.mark.parametrize(
    ("text", "x", "value", "slope"),
    [
        ("ifelse(x > 0, log(x), x)", -1.0, -1.0, 1.0),
        ("ifelse(x > 0, log(x), x)", 0.0, 0.0, 1.0),
        ("ifelse(x > 0, log(x), x)", 2.0, log(2), 0.5),
        ("ifelse(x == 0, 1, sin(x)/x)", 0.0, 1.0, 0.0),
        ("ifelse(x != 0, 1/x, 0)", 0.0, 0.0, 0.0),
        ("ifelse(x < 0, 1, 2)", 5.0, 2.0, 0.0),
        ("3*ifelse(x >= 1, x^2, sqrt(-1 - x^2))^2", 1.0, 3.0, 12.0),
        ("exp(ifelse(x <= 0, x, 1/0))", -1.0, exp(-1), exp(-1)),
        ("ifelse(ifelse(x < 1, x, 2x) < 1.5, x^2, x^3)", 0.5, 0.25, 1.0),
        ("ifelse(ifelse(x < 1, x, 2x) < 1.5, x^2, x^3)", 2.0, 8.0, 12.0),
        ("ifelse(x < 1, ifelse(x < 0, -x, x^2), ifelse(x < 2, x^3, x^4))", -1.0, 1.0, -1.0),
        ("ifelse(x < 1, ifelse(x < 0, -x, x^2), ifelse(x < 2, x^3, x^4))", 0.5, 0.25, 1.0),
        ("ifelse(x < 1, ifelse(x < 0, -x, x^2), ifelse(x < 2, x^3, x^4))", 1.5, 3.375, 6.75),
        ("ifelse(x < 1, ifelse(x < 0, -x, x^2), ifelse(x < 2, x^3, x^4))", 3.0, 81.0, 108.0),
        ("ifelse(x > 0, sqrt(x), 0) + ifelse(x > 0, 2*sqrt(x), x)", 4.0, 6.0, 0.75),
        ("ifelse(x > 0, sqrt(x), 0) + ifelse(x > 0, 2*sqrt(x), x)", -4.0, -4.0, 1.0),
        ("ifelse(x > 0, sqrt(x), 0) * ifelse(x <= 0, sqrt(-x), 1)", 4.0, 2.0, 0.25),
        ("r = log(x); ifelse(x > 0, r, x)", -1.0, -1.0, 1.0),
        ("r = log(x); ifelse(x > 0, r, x) + ifelse(x > 0, r^2, 0)", e, 2.0, 3 / e),
        ("r = x^2; ifelse(r > 4, r, 4) + r", 3.0, 18.0, 12.0),
        ("r = sqrt(x); s = ifelse(x > 0, r, 0); ifelse(x > 1, s*r, s)", 4.0, 4.0, 1.0),
        ("r = sqrt(x); s = ifelse(x > 0, r, 0); ifelse(x > 1, s*r, s)", -4.0, 0.0, 0.0),
        ("abs(ifelse(x < 0, sin(x), x))", -1.0, sin(1), -cos(1)),
    ],
)
def test_branches(text: str, x: float, value: float, slope: float) -> None:
    function = Function(text)
    assert function.evaluate([x]) == pytest.approx(value, rel=1e-15)
    assert gradient(text, x) == [pytest.approx(slope, rel=1e-15)]


def gradients(text: str, point: Vector, **given: object) -> list[Vector]:
    """By the tape that reverse mode makes, and after every pass."""
    function = Function(text, **given)  # type: ignore[arg-type]
    tape = reverse(function.tape)
    return [
        FallbackFunction(one, function.engine.gradient_bindings)(point)[1]
        for one in (tape, schedule(tape, function.sizes))
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
def test_sums_and_products_of_a_loop(
    text: str, by_hand: Callable[[Vector], Vector], x: Vector
) -> None:
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
def test_maxima_and_minima_of_a_loop(text: str, x: Vector, expected: Vector) -> None:
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


def test_sine_of_a_shared_sum() -> None:
    text = "r = sum(x[i]^2 for i in 1:n); sin(r)*sum(r*x[i] for i in 1:n)"
    x, n = [0.3, -0.2, 0.9], 3
    r, s = sum(c * c for c in x), sum(x)
    for found in gradients(text, x, sizes={"n": n}):
        by_r = cos(r) * r * s + sin(r) * s
        assert found == pytest.approx([2 * c * by_r + sin(r) * r for c in x], rel=1e-13)


@pytest.mark.parametrize(
    "term",
    ["sin({}*x)", "x^{}.5", "{}^x", "max(x, {}, y)", "ifelse(x < {}, x*y, y)", "atan2(x, {})"],
)
def test_size_is_linear(term: str) -> None:
    def text(count: int) -> str:
        return "+".join(term.format(number) for number in range(2, count + 2))

    few, many = (Function(text(count)) for count in (50, 400))
    assert many.gradient_tape.size <= 8.5 * few.gradient_tape.size
    assert many.gradient_tape.size <= 30 * many.tape.size


def test_size_does_not_depend_on_the_number_of_variables() -> None:
    text = "*".join(f"x{number}" for number in range(200))
    function = Function(text)
    assert reverse(function.tape).size <= 5 * function.tape.size


def test_many_arguments_of_max_cost_little() -> None:
    text = f"max({', '.join(f'x{number}' for number in range(3000))})"
    answer = Function(text).evaluate_gradient([float(n % 1500) for n in range(3000)])[1]
    assert [place for place, slope in enumerate(answer) if slope] == [1499, 2999]
    assert answer[1499] == answer[2999] == 0.5


def test_an_unused_variable_has_slope_zero() -> None:
    assert Function("f(x, y) = x^2").evaluate_gradient([3.0, 1.0]) == (9.0, [6.0, 0.0])
    assert Function("3 + pi").evaluate_gradient([]) == (3 + pi, [])
    assert Function("f(x) = 3").evaluate_gradient([1.0]) == (3.0, [0.0])


@pytest.mark.parametrize(
    ("text", "point", "bound"),
    [
        ("x + y", (3, 4), 7),
        ("x*y", (3, 4), 12),
        ("x*y + 1", (3, 4), 12 + 13),
        ("(x + y)*x", (3, -4), 3 + 3),
        ("ifelse(x > 0, 2x, log(x))", (5,), 10),
        ("ifelse(x > 0, log(x), 2x)", (-5,), 10),
        ("3", (), 0),
        ("x", (3,), 0),
    ],
)
def test_rounding_is_the_sum_of_adjoint_times_value(
    text: str, point: tuple[float, ...], bound: float
) -> None:
    tape = rounding(Function(text).tape)
    assert interpret(tape, IEEE, list(map(float, point))) == [bound]


def test_rounding_bounds_the_error_of_a_cancelling_sum() -> None:
    function = Function("(x + 1e10) - 1e10")
    error = abs(function.evaluate([0.1]) - 0.1)
    assert 0 < error <= function.rounding_error([0.1]) < 1e-5


def test_rounding_goes_through_loops() -> None:
    function = Function("sum(x[i]*y[i] for i in 1:n)", sizes={"n": 2})
    found = FallbackFunction(rounding(function.tape), function.bindings)([1.0, -2.0, 3.0, 4.0])[0]
    assert 11.0 + 5.0 <= found <= 3 * 11.0 + 5.0  # |x·y| once at least, and the sum itself
    assert found < inf


def test_sums_of_layers_do_not_stand_in_one_another() -> None:
    """Each layer's adjoints are complete before those of the one below are opened."""

    def depth(region: Region) -> int:
        inner = [depth(each) for one in region.instructions for each in one.regions]
        sums = any(one.operation == ACCUMULATOR for one in region.instructions)
        return sums + max(inner, default=0)

    parts = "".join(f"h{k}[i in 1:n] = tanh(sum(h{k - 1}[j]*i for j in 1:n));" for k in range(1, 9))
    function = Function(f"h0[i in 1:n] = x[i]; {parts} sum(h8[i] for i in 1:n)", sizes={"n": 3})
    assert depth(reverse(function.tape).body) <= 2
