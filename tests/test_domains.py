"""Nothing is defined where a sub-expression is not, though its factor or exponent is 0."""

from __future__ import annotations

import re
from itertools import product
from math import isfinite

import numpy as np
import pytest

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.derivatives.exact_values import digits, exact
from gdcli.derivatives.registry import METHODS
from gdcli.descent.minimize import minimize
from gdcli.errors import GdcliError, UndefinedError
from gdcli.execute.interpret import interpret
from gdcli.execute.native import Program, available
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from tests.sweeps import sampled

# A sub-expression in x, where it has no value, and where it has one.
LOSSES = (
    ("log(x)", -1.0, 2.0),
    ("1/x", 0.0, 2.0),
    ("sqrt(x)", -1.0, 4.0),
    ("(x^2 - 1)^0.5", 0.0, 3.0),
    ("asin(x)", 2.0, 0.5),
    ("acosh(x)", 0.5, 2.0),
    ("atanh(x)", 1.0, 0.5),
    ("log1p(x)", -2.0, 1.0),
    ("x^(-2)", 0.0, 3.0),
    ("1/(x - x)", 1.0, None),
    ("log(x - 3)", 3.0, 5.0),
    ("gamma(x)", -2.0, 3.0),
    ("log(log(x))", 0.5, 20.0),
    ("1/(x^2 - 4)", 2.0, 3.0),
)
VANISHING = (
    *(
        "0*{0}",
        "{0}*0",
        "({0})^0",
        "({0})^(1 - 1)",
        "{0} - {0}",
        "0^2*{0}",
        "(y - y)*{0}",
        "-0*{0}",
    ),
    *("({0})/({0})", "({0})^y", "1^({0})", "({0})^0 + y", "abs({0})^0", "0*sign({0})", "({0})^0^2"),
    *("ifelse({0} > 0, 2, 2)", "ifelse({0} != {0}, 1, 2)", "0*hypot({0}, 1)", "min({0}, {0})*0"),
    *("0*atan({0})", "0*exp({0})", "exp(-({0})^2)*0", "1/({0})", "0*max({0}, 5)", "0*tanh({0})"),
    *(
        "-0*{0}",
        "0*(y + {0})",
        "r = {0}; 0*r",
        "r = {0}; s = r^0; s + y",
        "0*relu({0})",
        "0*atan2(1, {0})",
    ),
    *(
        "({0})^0*({0})^0",
        "(0*{0})^0",
        "0/(1 + ({0})^2)",
        "0*sigmoid({0})",
        "(y^2*{0})^0",
        "0^({0})^2",
        "ifelse(y < 1, {0}, y)^0",
    ),
)
UNITS = [(vanishing, *loss) for vanishing in VANISHING for loss in LOSSES]
SAMPLE = [unit for number, unit in enumerate(UNITS) if number % 9 == 0]
REST = [pytest.param(*u, marks=pytest.mark.full) for n, u in enumerate(UNITS) if n % 9]
Y = 0.0  # the exponent or the factor that vanishes


def function_of(text: str, backend: str = "auto") -> Function:
    *parts, body = text.split("; ")
    return Function("; ".join([*parts, f"{body} + 0*(x + y)"]), backend=backend)


@pytest.mark.parametrize(("vanishing", "loss", "outside", "inside"), [*SAMPLE, *REST])
def test_no_way_to_ask_gives_a_number(
    vanishing: str, loss: str, outside: float, inside: float | None
) -> None:
    text = vanishing.format(f"({loss})")
    function = function_of(text)
    point = [outside, Y]
    answer = function.answer(point)
    assert (answer.value, answer.status, answer.gradient) == (None, "undefined", [None, None])
    assert answer.message is not None
    for ask in (function, function.gradient, function.value_and_gradient, function.hessian):
        with pytest.raises(UndefinedError):
            ask(*point)
    assert not isfinite(function.evaluate(point))
    assert not isfinite(function.evaluate_gradient(point)[0])
    assert not isfinite(interpret(check_infinities(function.tape), IEEE, point)[0])
    assert not np.isfinite(function.evaluate_grid([[outside, outside], [Y, Y]])).any()
    for name, method in METHODS.items():
        if name != "symbolic":
            assert not isfinite(method.prepare(function)(point)[0]), name
    with pytest.raises(GdcliError):
        digits(function, point, 10)
    with pytest.raises(GdcliError):
        exact(function, point)
    assert minimize(function, start=point, max_iterations=3).status == "undefined"
    if inside is not None and "^y" not in vanishing:
        assert isfinite(function(inside, Y))
        assert function.answer([inside, Y]).value == pytest.approx(function(inside, Y))


@pytest.mark.skipif(available() is not None, reason="no machine code here")
@pytest.mark.parametrize("number", sampled(range(len(LOSSES)), 5))
def test_machine_code_and_loops_give_no_number(number: int) -> None:
    loss, outside, _ = LOSSES[number]
    for vanishing in VANISHING[number % 3 :: 3]:
        text = vanishing.format(f"({loss})")
        function = function_of(text)
        assert not isfinite(Program(function.gradient_tape)([outside, Y])[0]), text
        if ";" in text or number % 4:
            continue
        looped = re.sub(r"\bx\b", "x[i]", text)
        function = Function(
            f"f(x[n], y) = sum({looped} for i in 1:n)", sizes={"n": 9}, backend="native"
        )
        assert not isfinite(function.evaluate([outside] * 9 + [Y])), looped
        with pytest.raises(UndefinedError):
            function(*[outside] * 9, Y)


@pytest.mark.parametrize(
    ("backend", "loop"),
    sampled(
        product(["python", "native"], ["sum({0}*i for i in 1:3)", "prod({0} for i in 1:2)"]), 2
    ),
)
def test_a_loop_to_the_power_0_keeps_its_domain(loop: str, backend: str) -> None:
    for loss, outside, inside in LOSSES:
        text = f"({loop.format(loss)})^0 + x"
        function = Function(text, backend=backend)
        assert not isfinite(function.evaluate([outside])), text
        assert function.answer(outside).value is None, text
        for ask in (function, function.gradient, function.hessian):
            with pytest.raises(UndefinedError):
                ask(outside)
        if inside is not None:
            assert function(inside) == 1.0 + inside


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("x^0", [0.0], 1.0),
        ("0^0 + x", [1.0], 2.0),
        ("0*x", [0.0], 0.0),
        ("(x - 1)^0", [1.0], 1.0),
        ("ifelse(x > 0, log(x), 3)", [-1.0], 3.0),
        ("ifelse(1 < 2, x, log(x))", [-1.0], -1.0),
        ("r = log(x); x^2", [-1.0], 1.0),
        ("prod(log(x - i) for i in 1:0) + x", [-1.0], 0.0),
        ("sum(0*log(x + i) for i in 1:3)", [0.5], 0.0),
        ("exp(x)^0", [1000.0], 1.0),
        ("abs(x)^0", [0.0], 1.0),
        ("sqrt(x)^0", [0.0], 1.0),
        ("0*exp(x)", [1000.0], 0.0),
        ("exp(x)/exp(x)", [1000.0], 1.0),
    ],
)
def test_what_is_defined_stays_so(text: str, point: list[float], value: float) -> None:
    function = Function(text)
    assert function(*point) == value
    answer = function.answer(point)
    assert (answer.value, answer.status) == (value, "ok")
