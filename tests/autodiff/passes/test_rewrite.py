from __future__ import annotations

import math
from random import Random

import mpmath
import pytest

from gdcli.autodiff.passes.rewrite import RULES, rewrite
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.bounded import context_of
from gdcli.numbers.precise import digits

HYPOT = "sqrt(a^2 + b^2) -> hypot(a, b)"
POWER = "(a^2 + b^2)^0.5 -> hypot(a, b)"
LOGADDEXP = "log(exp(a) + exp(b)) -> logaddexp(a, b)"
SOFTPLUS = "log(1 + exp(a)) -> softplus(a)"
SIGMOID = "1/(1 + exp(-a)) -> sigmoid(a)"
LOGCOSH = "log(cosh(a)) -> logcosh(a)"

LOG_SUM_EXP = "log(sum(exp(a))) -> m + log(sum(exp(a - m))), m the greatest a"

LOG_SHARE = "logsumexp(a) - b -> logsumexp(a - b), b one of the a"

REWRITTEN = [
    ("sqrt(x^2 + y^2)", HYPOT),
    ("sqrt(x*x + (y - 1)^2)", HYPOT),
    ("(x^2 + y^2)^0.5", POWER),
    ("(y*y + x^2)^(1/2)", POWER),
    ("log(exp(x) + exp(y))", LOGADDEXP),
    ("log(exp(x) + exp(y) + exp(x*y))", LOGADDEXP),
    ("log(1 + exp(x - y))", SOFTPLUS),
    ("log(exp(x*y) + 1)", SOFTPLUS),
    ("1/(1 + exp(-x))", SIGMOID),
    ("1/(exp(-2*y) + 1)", SIGMOID),
    ("1/(1 + exp(x - y))", SIGMOID),
    ("log(cosh(x*y))", LOGCOSH),
]
KEPT = [
    "sqrt(x^2 - y^2)",
    "sqrt(x^2 + y^3)",
    "sqrt(1 + x^2 + y^2)",
    "(x^2 + y^2)^0.6",
    "log(exp(x))",
    "log(2 + exp(x))",
    "log(exp(x) - exp(y))",
    "2/(1 + exp(-x))",
    "1/(1 - exp(-x))",
    "log(sinh(x))",
    "x*exp(-y)/3",
]


@pytest.mark.parametrize(("text", "name"), REWRITTEN)
def test_each_is_named_and_placed(text: str, name: str) -> None:
    function = Function(f"f(x, y) = 3*y + {text}")
    ((made, origin),) = rewrite(function.tape).rewrites
    assert made == name
    assert function.expression.source(origin) == text


@pytest.mark.parametrize("text", KEPT)
def test_nothing_else_is_touched(text: str) -> None:
    tape = Function(f"f(x, y) = {text}").tape
    found = rewrite(tape)
    assert found.tape is tape
    assert found.rewrites == ()


@pytest.mark.parametrize(("text", "name"), REWRITTEN)
def test_it_is_the_same_function(text: str, name: str) -> None:  # noqa: ARG001
    # against the text itself in 60 digits: the rewritten tape, in 60 digits too
    function, system, number = Function(f"f(x, y) = {text}"), digits(60), context_of(60).mpf
    random = Random(3)
    for _ in range(20):
        point = [number(random.uniform(-3.0, 3.0)) for _ in range(2)]
        want = interpret(function.gradient_tape, system, point)
        found = interpret(function.engine.rewritten_gradient_tape, system, point)
        for a, b in zip(want, found, strict=True):
            assert abs(a - b) <= 1e-50 * (1 + abs(a))


@pytest.mark.parametrize(
    ("text", "point", "value", "slope"),
    [
        ("log(1 + exp(x))", 1000.0, 1000.0, 1.0),
        ("log(1 + exp(x))", -50.0, math.exp(-50.0), math.exp(-50.0)),
        ("1/(1 + exp(-x))", -700.0, math.exp(-700.0), math.exp(-700.0)),
        ("1/(1 + exp(-x))", 800.0, 1.0, 0.0),
        ("log(cosh(x))", 1000.0, 1000.0 - math.log(2.0), 1.0),
        ("log(cosh(x))", 1e-6, 5e-13, 1e-6),
        ("log(cosh(x))", -29.999, 29.999 - math.log(2.0), -1.0),
        ("log(cosh(x))", -30.001, 30.001 - math.log(2.0), -1.0),
        ("sqrt(x^2 + x^2)", 1e200, math.sqrt(2.0) * 1e200, math.sqrt(2.0)),
    ],
)
def test_floats_keep_digits_and_range(text: str, point: float, value: float, slope: float) -> None:
    found, gradient = Function(text).evaluate_gradient([point])
    assert found == pytest.approx(value, rel=1e-12)
    assert gradient == pytest.approx([slope], rel=1e-12)


def test_as_written_leaves_the_text_alone() -> None:
    function = Function("log(1 + exp(x))", as_written=True)
    assert function.engine.rewritten.tape is function.tape
    assert function.evaluate([1000.0]) == math.inf
    assert Function("log(1 + exp(x))").evaluate([1000.0]) == 1000.0


def test_the_tape_of_the_other_number_systems_stays_as_written() -> None:
    function = Function("sqrt(x^2 + y^2)")
    assert "hypot" not in str(function.tape) + str(function.gradient_tape)
    assert "hypot" in str(function.engine.rewritten.tape)


def test_both_sides_of_a_branch_are_rewritten_and_none_is_hoisted() -> None:
    function = Function("ifelse(x > 0, log(1 + exp(x)), sqrt(x^2 + y^2))")
    names = [name for name, _ in function.engine.rewritten.rewrites]
    assert names == [SOFTPLUS, HYPOT]
    assert function.evaluate([-3.0, 4.0]) == 5.0


def test_the_logarithm_of_a_sum_of_exponentials_is_taken_from_the_greatest() -> None:
    text = "log(sum(exp(x[i]*y) for i in 1:n))"
    function = Function(f"3*y + {text}", sizes={"n": 2})
    ((made, origin),) = rewrite(function.tape).rewrites
    assert made == LOG_SUM_EXP
    assert function.expression.source(origin) == text
    expected = 6.0 + 2000.0 + math.log1p(math.exp(-2.0))
    assert function.evaluate([1000.0, 999.0, 2.0]) == pytest.approx(expected, rel=1e-15)
    for kept in ("log(sum(exp(x[i]) for i in 1:n) + 1)", "log(sum(x[i] for i in 1:n))"):
        assert not rewrite(Function(kept, sizes={"n": 2}).tape).rewrites


@pytest.mark.parametrize(
    "text",
    [
        "f(x[3]) = logsumexp(x[i] for i in 1:3) - x[2]",
        "f(x[3]) = logsumexp(2*x[i]/2 for i in 1:3) - 2*x[2]/2",
        "f(x[3]) = z[i in 1:3] = x[i]; logsumexp(z[k] for k in 1:3) - z[2]",
        "f(a, b, c) = logsumexp(a, b, c) - b",
    ],
)
def test_a_share_of_a_sum_of_exponentials_keeps_its_digits(text: str) -> None:
    function = Function(text)
    ((made, _),) = rewrite(function.tape).rewrites
    assert made == LOG_SHARE
    for point in ([0.0, 60.0, 3.0], [700.0, -700.0, 2.0], [1.0, 1.0, 1.0], [0.5, -40.0, 3.0]):
        with mpmath.workdps(50):
            exact = [mpmath.exp(mpmath.mpf(one) - mpmath.mpf(point[1])) for one in point]
            value = mpmath.log1p(exact[0] + exact[2])
        assert function.evaluate(point) == pytest.approx(float(value), rel=4e-16)


@pytest.mark.parametrize(
    "text", ["logsumexp(x[i] for i in 1:3) - y", "logsumexp(x[i]^2 for i in 1:3) - x[1]"]
)
def test_other_differences_of_such_a_sum_stay(text: str) -> None:
    assert not rewrite(Function(f"f(x[3], y) = {text} + y").tape).rewrites


def test_every_rule_is_tried_above() -> None:
    names = {name for rules in RULES.values() for name, _ in rules}
    assert names == {name for _, name in REWRITTEN} | {LOG_SUM_EXP, LOG_SHARE}
