"""Forward mode against differences, and over gradients against the second derivatives by hand."""

from __future__ import annotations

import math
import random

import pytest

from gdcli.autodiff.forward import tangent
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from tests.expressions import WellPosed


def test_a_tangent_is_the_gradient_along_the_direction() -> None:
    writer = WellPosed(5)
    source = random.Random(5)
    for _ in range(150):
        text, known = writer.problem(3)
        function = Function(text)
        point = [known[name] for name in function.variables]
        direction = [source.uniform(-1, 1) for _ in point]
        gradient = function.evaluate_gradient(point)[1]
        wanted = math.fsum(g * d for g, d in zip(gradient, direction, strict=True))
        size = math.fsum(abs(g * d) for g, d in zip(gradient, direction, strict=True))
        [answer] = interpret(tangent(function.tape), IEEE, [*point, *direction])
        assert abs(answer - wanted) <= 1e-9 * size + 1e-14, text


@pytest.mark.parametrize(
    ("text", "point", "rows"),
    [
        ("x^2 + x*y", (1, 2), [[2, 1], [1, 0]]),
        ("x^2 - y^2", (5, 7), [[2, 0], [0, -2]]),
        ("x^y", (2, 0), [[0, 0.5], [0.5, math.log(2) ** 2]]),
        ("x^y", (2, 1), [[0, 1 + math.log(2)], [1 + math.log(2), 2 * math.log(2) ** 2]]),
        ("100*(y-x^2)^2 + (1-x)^2", (1, 1), [[802, -400], [-400, 200]]),
        ("ifelse(x > 0, x^3, log(-1 - x^2)) + y", (2, 0), [[12, 0], [0, 0]]),
        ("ifelse(x > y, x*y, x/0)", (2, 1), [[0, 1], [1, 0]]),
        ("r = x*y; ifelse(x > 0, r, 0)*ifelse(x > 0, r, 1)", (2, 3), [[18, 24], [24, 8]]),
        ("abs(x)*y", (-2, 3), [[0, -1], [-1, 0]]),
        ("max(x, y)*x", (3, 2), [[2, 0], [0, 0]]),
        ("(x^2+y^2)^2", (0, 0), [[0, 0], [0, 0]]),
        ("x^3 + y^0", (0, 0), [[0, 0], [0, 0]]),
        ("softplus(x) + sigmoid(y)", (1000, -1000), [[0, 0], [0, 0]]),
        ("atan2(y, x)", (1, 1), [[0.5, 0], [0, -0.5]]),
        ("f(x, y) = 3*x", (1, 1), [[0, 0], [0, 0]]),
        ("f(x, y) = 3", (1, 1), [[0, 0], [0, 0]]),
    ],
)
def test_second_derivatives(text: str, point: tuple[int, ...], rows: list[list[float]]) -> None:
    answer = Function(text).evaluate_hessian(list(map(float, point)))
    for row, wanted in zip(answer, rows, strict=True):
        assert row == pytest.approx(wanted, rel=1e-14, abs=1e-15)


def test_a_tape_of_twice_the_inputs() -> None:
    tape = tangent(Function("sin(x)*y").tape)
    assert tape.inputs == ("x", "y", "d_x", "d_y")
    assert interpret(tape, IEEE, [0.0, 3.0, 1.0, 5.0]) == [3.0]
