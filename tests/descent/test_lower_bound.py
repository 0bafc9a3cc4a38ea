from __future__ import annotations

import math
import random

import pytest

from gdcli.autodiff.primitives import ROWS
from gdcli.descent.lower_bound import lower_bound
from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.library import lookup
from tests.problem_list import PROBLEMS

INSIDE = {  # an argument that covers each function's domain, or much of it
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "gamma", "lgamma", "digamma"), "x^2"),
    **dict.fromkeys(("asin", "acos", "atanh"), "sin(x)"),
    "log1p": "x^2 - 0.5",
    "acosh": "1 + x^2",
}


def bound(text: str) -> float:
    return lower_bound(Function(text).unrolled.tape)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2 + y^2", 0.0),
        ("100*(y - x^2)^2 + (1 - x)^2", 0.0),
        ("(x - 1)^2 + 3", 3.0),
        ("x*x*2 - 1/4", -0.25),
        ("abs(x) - 2", -2.0),
        ("-exp(-x^2)", -1.0),
        ("-1/(1 + x^2)", -1.0),
        ("log(1 + x^2)", 0.0),
        ("1 - cos(x)", 0.0),
        ("sqrt(1 + x^2)", 1.0),
        ("cosh(x)", 1.0),
        ("ifelse(x > 0, x^2, 1 + x^2)", 0.0),
        ("max(x^2, y^2) - 1", -1.0),
        ("x^-2", 0.0),
        ("softplus(x) + sigmoid(y)", 0.0),
        ("sum(x[i]^2 - 10*cos(2*pi*x[i]) + 10 for i in 1:5)", 0.0),
        ("1e200*x^2 + 1e-300", 1e-300),
    ],
)
def test_the_bound_of_a_form(text: str, expected: float) -> None:
    assert bound(text) <= expected
    assert bound(text) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("text", ["x*y", "x^3", "x^4 - x^2", "exp(x) - x", "-x^2", "tan(x)"])
def test_a_form_that_gives_none(text: str) -> None:
    assert bound(text) == -math.inf


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.name.isidentifier()])
@pytest.mark.parametrize("factor", [1, -1])
def test_no_primitive_is_below_its_bound(name: str, factor: int) -> None:
    arguments = next(row.arguments for row in ROWS if row.name == name)
    first = "2" if name == "polygamma" else INSIDE.get(name, "3*sin(x) + 1")
    inside = ", ".join([first, "2*cos(y) + 0.5", "x"][: len(arguments)])
    function = Function(f"f(x, y) = {factor}*{name}({inside})")
    least, source = lower_bound(function.tape), random.Random(name)
    for _ in range(300):
        f = function.evaluate([source.uniform(-4, 4), source.uniform(-4, 4)])
        assert not f < least


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_no_value_of_a_problem_is_below_its_bound(problem: object) -> None:
    function = lookup.function(problem.name)  # type: ignore[attr-defined]
    least, source = lower_bound(function.unrolled.tape), random.Random(0)
    points = [list(known.at) for known in problem.minima]  # type: ignore[attr-defined]
    for _ in range(20):
        points.append([source.uniform(a, b) for a, b in problem.window])  # type: ignore[attr-defined]
    for point in points:
        f = function.evaluate(point)
        assert not f < least - function.rounding_error(point)


def test_a_verdict_says_that_a_minimum_is_global_only_where_the_form_does() -> None:
    for text, start, said in (
        ("(x - 1)^2 + 3", 4.0, True),
        ("(x^2 - 1)^2 + (x - 1)^2/9", -1.3, False),  # the other minimum, at 1, is 0
        ("x^4 - x^2", 1.0, False),
        ("abs(x - 1)", 3.0, True),
    ):
        verdict = run_descent(Function(text), [start]).verdict
        assert (" by the form of f" in str(verdict)) is said
