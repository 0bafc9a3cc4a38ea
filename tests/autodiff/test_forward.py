"""Forward mode: tangents against gradients, and over gradients second derivatives by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import cos, fsum, log, prod, sin

import pytest

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import CARRIED, check, instructions
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from tests.expressions import WellPosed

Vector = list[float]
X, D = [0.5, -1.25, 2.0], [1.0, 0.25, -2.0]


def test_a_tangent_is_the_gradient_along_the_direction() -> None:
    writer = WellPosed(5)
    source = random.Random(5)
    for _ in range(150):
        text, known = writer.problem(3)
        function = Function(text)
        point = [known[name] for name in function.variables]
        direction = [source.uniform(-1, 1) for _ in point]
        gradient = function.evaluate_gradient(point)[1]
        wanted = fsum(g * d for g, d in zip(gradient, direction, strict=True))
        size = fsum(abs(g * d) for g, d in zip(gradient, direction, strict=True))
        [answer] = interpret(tangent(function.tape), IEEE, [*point, *direction])
        assert abs(answer - wanted) <= 1e-9 * size + 1e-14, text


@pytest.mark.parametrize(
    ("text", "point", "rows"),
    [
        ("x^2 + x*y", (1, 2), [[2, 1], [1, 0]]),
        ("x^2 - y^2", (5, 7), [[2, 0], [0, -2]]),
        ("x^y", (2, 0), [[0, 0.5], [0.5, log(2) ** 2]]),
        ("x^y", (2, 1), [[0, 1 + log(2)], [1 + log(2), 2 * log(2) ** 2]]),
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


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(
    "text", ["sum(x[i]*d_x[i]^2 for i in 1:n)", "sum(d_x[3]*x[i]^2 for i in 1:n)"]
)
def test_a_variable_may_be_called_as_the_direction_of_another(text: str, backend: str) -> None:
    function = Function(text, sizes={"n": 5}, backend=backend)
    same = Function(text.replace("d_x", "b"), sizes={"n": 5}, backend="python")
    for k in range(3):
        x = list(map(float, range(k, k + function.layout.size)))
        assert function.gradient(x).tolist() == same.gradient(x).tolist()
        assert function.hessian(x).tolist() == same.hessian(x).tolist()


def along(text: str, x: Vector, direction: Vector) -> float:
    """The derivative along a direction, by the tape of the value."""
    function = Function(text, sizes={"n": len(x)})
    tape = tangent(function.tape)
    check(tape)
    assert function.bindings is not None
    found: float = FallbackFunction(tape, function.bindings.doubled(len(x)))([*x, *direction])[0]
    return found


def but(x: Vector, *places: int) -> float:
    return prod(c for k, c in enumerate(x) if k not in places)


@pytest.mark.parametrize("x", [X, [0.5, 0.0, 2.0], [0.0, 0.0, 2.0]])
@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("sum(x[i]^2 for i in 1:n)", lambda x: [2 * c for c in x]),
        ("sum(sin(x[i])*i for i in 1:n)", lambda x: [i * cos(c) for i, c in enumerate(x, 1)]),
        ("prod(x[i] for i in 1:n)", lambda x: [but(x, k) for k in range(3)]),
        (
            "sum(prod(x[j] for j in 1:i) for i in 1:n)",
            lambda x: [sum(but(x[: i + 1], k) for i in range(k, 3)) for k in range(3)],
        ),
        ("max(x[i] for i in 1:n)", lambda x: [0, 0, 1]),
        ("sum(x[i]*x[j] for i in 1:n, j in 1:n)", lambda x: [2 * sum(x)] * 3),
    ],
)
def test_a_tangent_of_a_loop_is_the_gradient_along_the_direction(
    text: str, gradient: Callable[[Vector], Vector], x: Vector
) -> None:
    expected = sum(g * d for g, d in zip(gradient(x), D, strict=True))
    assert along(text, x, D) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_terms_that_tie_have_the_mean_of_their_tangents() -> None:
    assert along("max(x[i] for i in 1:n)", [3.0, 1.0, 3.0], [1.0, 7.0, 5.0]) == 3.0
    assert along("min(x[i] for i in 1:n)", [3.0, 3.0, 3.0], [1.0, 7.0, 4.0]) == 4.0


@pytest.mark.parametrize("x", [X, [0.5, 0.0, 2.0], [0.0, 0.0, 2.0]])
@pytest.mark.parametrize(
    ("text", "hessian"),
    [
        (
            "sum(x[i]^3 for i in 1:n)",
            lambda x: [[6 * x[i] * (i == j) for j in range(3)] for i in range(3)],
        ),
        (
            "prod(x[i] for i in 1:n)",
            lambda x: [[but(x, i, j) if i != j else 0.0 for j in range(3)] for i in range(3)],
        ),
        (
            "sin(sum(x[i] for i in 1:n))",
            lambda x: [[-sin(sum(x))] * 3] * 3,
        ),
        (
            "sum(x[i]^2*x[i+1] for i in 1:n-1)",
            lambda x: [
                [2 * x[1], 2 * x[0], 0.0],
                [2 * x[0], 2 * x[2], 2 * x[1]],
                [0.0, 2 * x[1], 0.0],
            ],
        ),
        (
            "sum(x[i]*x[j]^2 for i in 1:n, j in 1:i)",
            lambda x: [
                [2 * sum(x[max(i, j) :]) * (i == j) + 2 * (x[min(i, j)] + x[i] * (i == j))
                 for j in range(3)]
                for i in range(3)
            ],
        ),
        (
            "max(x[i] for i in 1:n)^2",
            lambda x: [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0]],
        ),
        ("x[1]*sum(x[i] for i in 2:n)", lambda x: [[0, 1, 1], [1, 0, 0], [1, 0, 0]]),
    ],
)  # fmt: skip
def test_second_derivatives_of_loops(
    text: str, hessian: Callable[[Vector], list[Vector]], x: Vector
) -> None:
    function = Function(text, sizes={"n": 3})
    rows = function.evaluate_hessian(x)
    for row, expected in zip(rows, hessian(x), strict=True):
        assert row == pytest.approx(expected, rel=1e-14, abs=1e-15)
    product = function.evaluate_hessian_product(x, D)
    by_rows = [sum(h * d for h, d in zip(row, D, strict=True)) for row in hessian(x)]
    assert product == pytest.approx(by_rows, rel=1e-13, abs=1e-14)


def test_scalars_and_matrices_together() -> None:
    """Of Σ aᵢWᵢⱼbⱼ times s the second derivatives are products of the others."""
    text = "f(s, W, b) = s*sum(W[i,j]*b[j] for i in 1:2, j in 1:2)"
    s, w, b = 2.0, [1.0, 2.0, 3.0, 4.0], [0.5, -1.0]
    rows = Function(text).evaluate_hessian([s, *w, *b])
    assert rows[0] == [0.0, 0.5, -1.0, 0.5, -1.0, 4.0, 6.0]
    assert rows[1] == [0.5, 0.0, 0.0, 0.0, 0.0, s, 0.0]
    assert rows[6] == [6.0, 0.0, s, 0.0, s, 0.0, 0.0]


def test_the_length_of_the_tape_does_not_depend_on_the_size() -> None:
    text = "sum((x[i] - prod(x[j] for j in 1:i))^2 for i in 1:n)"
    few, many = (Function(text, sizes={"n": n}).engine.hessian_product_tape for n in (3, 10**6))
    assert few == many


def test_a_product_that_no_input_moves_has_no_tangent() -> None:
    tape = tangent(Function("x*prod(i^2 + 1 for i in 1:n)", sizes={"n": 3}).tape)
    assert CARRIED not in {one.operation for one in instructions(tape.body)}
