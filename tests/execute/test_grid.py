"""NumPy arrays against the interpreter, point by point."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from gdcli.execute.grid import ARRAY_TARGET, point_by_point
from gdcli.execute.interpret import interpret
from gdcli.execute.source import compile_tape
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from tests.expressions import WellPosed

SPECIAL = [0.0, 1.0, -1.0, 2.5, -0.75, 1e-310, 1e200, 800.0, -800.0, math.inf, -math.inf, math.nan]


def close(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or abs(one - other) <= 1e-9 * abs(other) + 1e-12


def test_arrays_and_interpreter_agree_on_generated_expressions() -> None:
    writer, source = WellPosed(31), random.Random(31)
    compared = 0
    for number in range(200):
        text, known = writer.guarded() if number % 5 == 0 else writer.problem(2)
        function = Function(text)
        centre = [known[name] for name in function.variables]
        points = [[x * source.uniform(1 - 1e-3, 1 + 1e-3) for x in centre] for _ in range(6)]
        with np.errstate(all="ignore"):
            evaluate = compile_tape(function.gradient_tape, ARRAY_TARGET)
            first, others = evaluate(list(np.array(points).T))
        for place, point in enumerate(points):
            for output, value in zip(
                [first, *others], interpret(function.gradient_tape, IEEE, point), strict=True
            ):
                found = float(np.broadcast_to(output, len(points))[place])
                assert close(found, value) or abs(value) > 1e9, (text, point)
                compared += 1
    assert compared > 2000


@pytest.mark.parametrize(
    "text",
    [
        *("ifelse(x < 0, sqrt(-x), sqrt(x))", "ifelse(x > 0, log(x), x)", "ifelse(x == 1, 1/0, x)"),
        *(
            "max(x, 1, -x)",
            "min(x, 1)",
            "abs(x)",
            "sign(x)",
            "relu(x)",
            "softplus(x)",
            "sigmoid(x)",
        ),
        *(
            "erf(x)",
            "cbrt(x)",
            "x^2",
            "x^3",
            "x^-1",
            "x^0.5",
            "2^x",
            "logaddexp(x, 2)",
            "hypot(x, 1)",
        ),
        *("atan2(x, -1)", "ifelse(x <= 1, ifelse(x != 0, 1/x, 5), 7)", "tanh(x)", "expm1(x)"),
    ],
)
def test_special_points(text: str) -> None:
    function = Function(text)
    grid = function.evaluate_grid([SPECIAL])
    for found, x in zip(grid, SPECIAL, strict=True):
        if (text, x) == ("x^0.5", -math.inf):
            continue  # NumPy takes the root, nan; C and IEEE 754 say inf
        assert close(float(found), function.evaluate([x])), x


def test_shapes_broadcast() -> None:
    x, y = np.linspace(0, 1, 5)[:, None], np.linspace(2, 3, 7)[None, :]
    grid = Function("x*y + 1").evaluate_grid([x, y])
    assert grid.shape == (5, 7)
    assert np.array_equal(grid, x * y + 1)
    for text in ("f(x, y) = 3", "f(x, y) = x", "f(x, y) = ifelse(x < 2, 1, y)"):
        assert Function(text).evaluate_grid([x, y]).shape == (5, 7)
    assert Function("2*pi").evaluate_grid([]).shape == ()
    assert Function("erf(x)").evaluate_grid([np.zeros((0, 3))]).shape == (0, 3)


def test_integers_and_lists_are_taken_and_nothing_is_warned_of() -> None:
    assert Function("1/x").evaluate_grid([[0, 1, 2]]).tolist() == [math.inf, 1.0, 0.5]
    assert Function("log(x)/0").evaluate_grid([[-1]]).tolist() != [0.0]
    assert Function("x^-2").evaluate_grid([[2]]).tolist() == [0.25]


def test_the_result_is_the_callers_own() -> None:
    x = np.array([1.0, 2.0])
    result = Function("x").evaluate_grid([x])
    result[0] = 5.0
    assert x[0] == 1.0


@pytest.mark.parametrize("shape", [(700, 99), (99, 700), (1, 70_000), (70_000, 1), (70_000,)])
def test_a_large_grid_is_that_of_its_blocks(shape: tuple[int, ...]) -> None:
    function = Function("sin(x)*y + exp(-x*y)")
    x = np.linspace(-1.0, 2.0, shape[-1])
    y = np.linspace(0.0, 1.0, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    grid = function.evaluate_grid([x, y])
    assert grid.shape == np.broadcast_shapes(x.shape, y.shape)
    assert np.allclose(grid, np.sin(x) * y + np.exp(-x * y), rtol=1e-14, atol=0.0)


def test_one_number_beside_a_grid() -> None:
    x = np.linspace(0.0, 1.0, 70_000).reshape(700, 100)
    assert np.array_equal(Function("x*y + z").evaluate_grid([x, 2.0, x[:1]]), x * 2.0 + x[:1])


def test_point_by_point_is_the_same_grid() -> None:
    function = Function("sin(x)*y + z")
    x, y = np.linspace(0.0, 1.0, 5)[None, :], np.linspace(-1.0, 1.0, 3)[:, None]
    asked: list[list[float]] = []

    def evaluate(point: Any) -> float:
        asked.append(point.tolist())
        return function.evaluate(point.tolist())

    grid = point_by_point(evaluate, [x, y, 2.0])
    assert grid == pytest.approx(function.evaluate_grid([x, y, 2.0]), rel=1e-15)
    assert asked[1] == [0.25, -1.0, 2.0]
    assert len(asked) == 15
