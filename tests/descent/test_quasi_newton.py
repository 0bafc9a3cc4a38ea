"""BFGS and conjugate gradients against their theory, and all three methods in a box."""

import random
from typing import Any

import numpy
import pytest

from gdcli.descent.methods.bfgs import DenseInverse
from gdcli.descent.minimize import minimize, run_descent
from gdcli.errors import UsageError
from gdcli.functions.function import Function

METHODS = ("cg", "bfgs", "lbfgs")


def quadratic(n: int, seed: int, condition: float = 1e2) -> tuple[str, Any, Any]:
    """The text of ½xᵀAx - b·x, with A and b."""
    chance = random.Random(seed)
    q, _ = numpy.linalg.qr([[chance.gauss(0.0, 1.0) for _ in range(n)] for _ in range(n)])
    matrix = (q * condition ** numpy.linspace(0.0, 1.0, n)) @ q.T
    right = matrix @ [chance.gauss(0.0, 2.0) for _ in range(n)]
    squares = "sum(0.5*A[i,j]*x[i]*x[j] for i in 1:n, j in 1:n)"
    return f"{squares} - sum(b[i]*x[i] for i in 1:n)", 0.5 * (matrix + matrix.T), right


def minimized(n: int, seed: int, condition: float = 1e2, **rest: Any) -> tuple[Any, Any, Any]:
    text, matrix, right = quadratic(n, seed, condition)
    return minimize(text, data={"A": matrix, "b": right}, **rest), matrix, right


@pytest.mark.parametrize("n", [1, 2, 5, 13])
def test_updates_meet_the_secant_condition(n: int) -> None:
    """H·y = s for the last pair, H is symmetric, and stays so where a variable is held."""
    chance = random.Random(n)
    inverse = DenseInverse()
    for _ in range(4):
        s = [chance.gauss(0.0, 1.0) for _ in range(n)]
        y = [c + 0.1 * chance.gauss(0.0, 1.0) * c for c in s]
        inverse = inverse.after(s, y, None)
        direction = inverse.direction(y, None)
        assert direction == pytest.approx([-c for c in s], rel=1e-9)
        rows = numpy.asarray(inverse.rows)
        assert (rows == rows.T).all()
        assert numpy.linalg.eigvalsh(rows).min() > 0.0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [2, 6, 15])
def test_exact_searches_end_on_a_quadratic_after_n_steps(method: str, n: int) -> None:
    """With them all three are the method of conjugate gradients (Nocedal and Wright, 6.4)."""
    for condition in (1e1, 1e2):
        result, matrix, right = minimized(
            n, n, condition, method=method, alpha="exact", tolerance=1e-6
        )
        most = n if condition == 1e1 else steps_of_conjugate_gradients(matrix, right, 1e-6) + 1
        assert result.status == "converged"
        assert result.iterations <= most
        assert result.x == pytest.approx(numpy.linalg.solve(matrix, right), abs=1e-6)


def steps_of_conjugate_gradients(matrix: Any, right: Any, tolerance: float) -> int:
    """The steps of Nocedal and Wright's algorithm 5.2, which rounding makes more than n."""
    x, steps = numpy.zeros(len(right)), 0
    gradient = matrix @ x - right
    direction = -gradient
    while abs(gradient).max() > tolerance:
        x += gradient @ gradient / (direction @ matrix @ direction) * direction
        before, gradient = gradient, matrix @ x - right
        direction = gradient @ gradient / (before @ before) * direction - gradient
        steps += 1
    return steps


@pytest.mark.parametrize("alpha", ["backtracking", "nonmonotone"])
@pytest.mark.parametrize("derivative", ["reverse", "central-difference"])
@pytest.mark.parametrize("bounds", [None, {"x": (-2.0, 0.5)}])
def test_searches_that_only_shorten_steps_do_not_keep_them_short(
    alpha: str, derivative: str, bounds: Any
) -> None:
    """Where each step may be as long as the last one at most, runs take thousands of them."""
    rosenbrock = "(1 - x)^2 + 100*(y - x^2)^2"
    for method in ("steepest", *METHODS):
        rest: Any = {"alpha": alpha, "derivative": derivative, "bounds": bounds}
        result = run_descent(Function(rosenbrock), [-1.2, 1.0], method=method, **rest)
        assert (result.status, result.classification) == ("converged", "minimum")
        assert result.x == pytest.approx([1.0, 1.0] if bounds is None else [0.5, 0.25], abs=1e-5)
        assert result.evaluations.value < 1000, method


def test_the_first_iterates_of_bfgs_and_cg_on_a_quadratic_are_the_same() -> None:
    rows: dict[str, list[Any]] = {}
    for method in METHODS:
        seen: list[Any] = rows.setdefault(method, [])
        minimized(8, 3, method=method, alpha="exact", max_iterations=6, on_iterate=seen.append)
    for first, second, third in zip(*(seen[:6] for seen in rows.values()), strict=True):
        assert first.x == pytest.approx(second.x, rel=1e-5, abs=1e-5)
        assert first.x == pytest.approx(third.x, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [5, 20])
def test_quadratic_problems_in_a_box_meet_the_optimality_conditions(method: str, n: int) -> None:
    """Each variable is on a bound that g pushes it to, or g is 0."""
    for seed in range(4):
        bounds = [(-1.0, 1.0)] * n
        result, matrix, right = minimized(n, seed, method=method, bounds=bounds)
        assert result.status == "converged"
        gradient = matrix @ result.x - right
        for c, g in zip(result.x, gradient, strict=True):
            assert -1.0 <= c <= 1.0
            assert abs(g) <= 1e-6 or (c == 1.0 and g < 0.0) or (c == -1.0 and g > 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_a_fixed_alpha_is_taken_as_it_is(method: str) -> None:
    rows: list[Any] = []
    minimize("x^2 + y^2", [1, 2], method=method, alpha=0.25, on_iterate=rows.append)
    assert {row.alpha for row in rows[:-1]} == {0.25}
    assert rows[1].x == pytest.approx([0.5, 1.0])


def test_bfgs_refuses_what_it_has_no_memory_for() -> None:
    with pytest.raises(UsageError, match=r"at most 1,000 variables.*write lbfgs"):
        minimize("sum(x[i]^2 for i in 1:1001)", method="bfgs")
