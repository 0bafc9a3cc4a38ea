"""Reverse mode at the delicate points, its size, and branches; and its rounding estimate."""

from __future__ import annotations

import math

import mpmath
import pytest

from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.tape import Tape
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE

PRECISE = mpmath.MPContext()
PRECISE.dps = 60


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
        ("x^y", (2, 0), [0, math.log(2)]),
        ("x^y", (-2, 2), [-4, math.nan]),
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
        ("sqrt(x)", (0,), [math.inf]),
        ("cbrt(x)", (0,), [math.inf]),
        ("cbrt(x)", (-8,), [1 / 12]),
        ("x/(1+x^2)", (1,), [0]),
    ],
)
def test_delicate_points(text: str, point: tuple[float, ...], expected: list[float]) -> None:
    for answer, wanted in zip(gradient(text, *map(float, point)), expected, strict=True):
        assert answer == wanted or (math.isnan(answer) and math.isnan(wanted))


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
        assert answer == math.inf
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
        ("ifelse(x > 0, log(x), x)", 2.0, math.log(2), 0.5),
        ("ifelse(x == 0, 1, sin(x)/x)", 0.0, 1.0, 0.0),
        ("ifelse(x != 0, 1/x, 0)", 0.0, 0.0, 0.0),
        ("ifelse(x < 0, 1, 2)", 5.0, 2.0, 0.0),
        ("3*ifelse(x >= 1, x^2, sqrt(-1 - x^2))^2", 1.0, 3.0, 12.0),
        ("exp(ifelse(x <= 0, x, 1/0))", -1.0, math.exp(-1), math.exp(-1)),
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
        ("r = log(x); ifelse(x > 0, r, x) + ifelse(x > 0, r^2, 0)", math.e, 2.0, 3 / math.e),
        ("r = x^2; ifelse(r > 4, r, 4) + r", 3.0, 18.0, 12.0),
        ("r = sqrt(x); s = ifelse(x > 0, r, 0); ifelse(x > 1, s*r, s)", 4.0, 4.0, 1.0),
        ("r = sqrt(x); s = ifelse(x > 0, r, 0); ifelse(x > 1, s*r, s)", -4.0, 0.0, 0.0),
        ("abs(ifelse(x < 0, sin(x), x))", -1.0, math.sin(1), -math.cos(1)),
    ],
)
def test_branches(text: str, x: float, value: float, slope: float) -> None:
    function = Function(text)
    assert function.evaluate([x]) == pytest.approx(value, rel=1e-15)
    assert gradient(text, x) == [pytest.approx(slope, rel=1e-15)]


def _instructions(tape: Tape) -> int:
    return tape.size


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
    assert Function("3 + pi").evaluate_gradient([]) == (3 + math.pi, [])
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
