"""Forward mode through loops: tangents, and second derivatives by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, prod, sin

import pytest

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import check
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.function import Function

Vector = list[float]
X, D = [0.5, -1.25, 2.0], [1.0, 0.25, -2.0]


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
def test_a_tangent_is_the_gradient_along_the_direction(
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
def test_second_derivatives(
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
