"""What failed, and which kinks are touched, in words."""

from __future__ import annotations

import math
from itertools import product

import pytest

from gdcli.functions.function import Function
from tests.sweeps import sampled


@pytest.mark.parametrize(
    ("text", "point", "sentence"),
    [
        ("log(x - y)", (1, 1), "log(x - y) at x=1, y=1: log(0)"),
        ("log(x - y) + 1", (1, 2), "log(x - y) at x=1, y=2: log(-1)"),
        ("1/x", (0,), "1/x at x=0: 1/0"),
        ("x/y", (0, 0), "x/y at x=0, y=0: 0/0"),
        ("2 + exp(x)", (1000,), "exp(x) at x=1000: exp(1000)"),
        ("ifelse(exp(x) < exp(2*x), x, 1)", (1000,), "exp(x) at x=1000: exp(1000)"),
        ("x^0.5", (-8,), "x^0.5 at x=-8: (-8)^0.5"),
        ("sqrt(x)", (0,), "the derivative of sqrt(x) at x=0: 1/0"),
        ("r = x^2 - 1; log(r)*y", (1, 2), "log(r) at x=1: log(0)"),
        ("ifelse(x > 0, x, log(x))", (-1,), "log(x) at x=-1: log(-1)"),
        ("f(x, y) = asin(2*y)", (0, 1), "asin(2*y) at y=1: asin(2)"),
        ("x + y", (1, math.nan), "y = nan"),
        ("x + y", (math.inf, 1), "x = inf"),
    ],
)
def test_failure(text: str, point: tuple[float, ...], sentence: str) -> None:
    assert Function(text).failure(list(map(float, point))) == sentence


LOG = "sum(log(x[i]) for i in 1:n)"


FAILING_LOOPS = [
    (LOG, "log(x[i]) at i=3: log(0)"),
    ("sum(j*log(x[i]) for i in 1:n, j in 1:2)", "log(x[i]) at i=3: log(0)"),
    ("sum(log(j*x[i+1]) for j in 1:2, i in 0:n-1)", "log(j*x[i+1]) at j=1, i=2: log(0)"),
    ("prod(2 for i in 1:4) + sum(i/x[n+1-i] for i in 1:n)", "i/x[n+1-i] at i={}: {}/0"),
    ("f(x, a) = sum(log(a*x[i]) for i in 1:n)", "log(a*x[i]) at a=2, i=3: log(0)"),
    ("sum(sqrt(x[i]) for i in 1:n)", "the derivative of sqrt(x[i]) at i=3: 1/0"),
]


@pytest.mark.parametrize(
    ("looped", "n"),  # unrolled, and not
    [*product(FAILING_LOOPS, [5]), *sampled(product(FAILING_LOOPS, [30_000]), 1)],
)
def test_the_first_iteration_that_fails_is_named(looped: tuple[str, str], n: int) -> None:
    text, sentence = looped
    function = Function(text, sizes={"n": n})
    point = [1.0] * n + [2.0] * (function.layout.size - n)
    point[2] = point[4] = 0.0
    first = n + 1 - 5  # of a loop from the end
    assert function.failure(point) == sentence.format(first, first)


def test_what_is_too_long_to_be_looked_at_has_no_place() -> None:
    function = Function(LOG, sizes={"n": 1_000_000})
    assert function.failing([0.0] * 1_000_000) is None


@pytest.mark.parametrize(
    ("text", "point"),
    [("x^2", (3,)), ("ifelse(x > 0, log(x), x)", (0,)), ("1/(1 + exp(-x))", (700,)), ("3", ())],
)
def test_no_failure(text: str, point: tuple[float, ...]) -> None:
    assert Function(text).failure(list(map(float, point))) is None


def test_a_long_sub_expression_is_shortened() -> None:
    text = "log(" + " + ".join(f"x{n}" for n in range(200)) + ")"
    said = Function(text).failure([0.0] * 200)
    assert said is not None
    assert said.startswith("log(x0 + x1")
    assert said.endswith(": log(0)")


@pytest.mark.parametrize(
    ("text", "point", "kinks"),
    [
        ("abs(x)", (0,), ["abs(x) at x = 0"]),
        ("abs(x)", (1e-12,), ["abs(x) at x = 1e-12"]),
        ("abs(x)", (1e-3,), []),
        ("abs(x - y) + relu(y)", (2, 2), ["abs(x - y) at x = 2, y = 2"]),
        ("abs(x) + abs(x)", (0,), ["abs(x) at x = 0"]),
        ("max(x, y)", (1, 1), ["max(x, y) at x = 1, y = 1"]),
        ("min(x, y, 3)", (1, 2), []),
        ("max(x, y, 5)", (1, 1), []),
        ("max(x)", (1,), []),
        ("sign(x) + sqrt(y)", (0, 0), ["sign(x) at x = 0", "sqrt(y) at y = 0"]),
        ("hypot(x, y)", (0, 0), ["hypot(x, y) at x = 0, y = 0"]),
        ("x^0.5", (0,), ["x^0.5 at x = 0"]),
        ("x^2^2 + x^3", (0,), []),
        ("ifelse(x < 1, x, x^2)", (1,), ["ifelse(x < 1, x, x^2) at x = 1"]),
        ("ifelse(x < 1, abs(x), 0)", (2,), []),
        ("x^2 + sin(x)", (0,), []),
        # near is near in x, whatever the units of the operand
        ("abs(1e9*x)", (1e-10,), ["abs(1000000000*x) at x = 1e-10"]),
        ("abs(1e-9*x)", (0.5,), []),
        ("abs(1e9 + x)", (1e-3,), []),
        # what is bounded away from 0 has no kink, however little
        ("sqrt(x^2 + 1e-30)", (0,), []),
        ("sqrt(x^2 + 1e-30)", (1e-12,), []),
        ("hypot(x, 1e-12)", (0,), []),
        ("(x^4 + 1e-40)^0.3", (1e-12,), []),
        ("sqrt(x^4 + y^2)", (1e-12, 1e-11), ["sqrt(x^4 + y^2) at x = 1e-12, y = 1e-11"]),
        (
            "hypot(x - 1/3, y)",
            (1 / 3 + 1e-10, 1e-10),
            ["hypot(x - 1/3, y) at x = 0.3333333, y = 1e-10"],
        ),
        (
            "sqrt((x - 1/3)^2 + y^2)",
            (1 / 3 + 1e-10, 1e-10),
            ["sqrt((x - 1/3)^2 + y^2) at x = 0.3333333, y = 1e-10"],
        ),
        ("ifelse(y > 0, sqrt(x^2), 0)", (1e-11, 1), ["sqrt(x^2) at x = 1e-11"]),
    ],
)
def test_kinks(text: str, point: tuple[float, ...], kinks: list[str]) -> None:
    assert Function(text).kinks(list(map(float, point)), 1e-9) == kinks
