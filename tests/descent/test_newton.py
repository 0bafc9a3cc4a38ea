"""Newton's method against linear algebra in NumPy, and on problems whose minima are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.methods.newton import newton_direction
from gdcli.descent.minimize import run_descent
from gdcli.descent.requests import Traits
from gdcli.descent.search import AlphaRule
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.library.lookup import function as named

ROSENBROCK = "100*(y-x^2)^2 + (1-x)^2"
QUADRATIC = "sum(sum(A[i,j]*(x[i]-1)*(x[j]-1) for j in 1:n) for i in 1:n)/2"


def rotated(n: int, condition: float) -> NDArray[np.float64]:
    """A symmetric matrix with eigenvalues from 1 to the condition, in no direction of an axis."""
    draw = np.random.default_rng(n)
    axes, _ = np.linalg.qr(draw.standard_normal((n, n)))
    found: NDArray[np.float64] = (axes * np.logspace(0.0, np.log10(condition), n)) @ axes.T
    transposed: NDArray[np.float64] = found.T
    return np.asarray(0.5 * (found + transposed))


@pytest.mark.parametrize("n", [2, 3, 7, 15])
def test_the_direction_is_that_of_the_root_of_the_square_of_the_scaled_hessian(n: int) -> None:
    draw = np.random.default_rng(n)
    half = draw.standard_normal((n, n))
    hessian, gradient = half + half.T, draw.standard_normal(n)
    units = np.diag(np.abs(np.diag(hessian)) ** -0.5)
    values, axes = np.linalg.eigh(units @ hessian @ units @ units @ hessian @ units)
    size = (axes * np.sqrt(values)) @ axes.T
    wanted = -units @ np.linalg.solve(size, units @ gradient)
    found = newton_direction(gradient.tolist(), hessian.tolist(), None)
    np.testing.assert_allclose(found, wanted, rtol=1e-8)
    assert np.dot(found, gradient) < 0.0


def test_the_direction_scales_as_the_variables_do() -> None:
    hessian, gradient = [[3.0, 1.0], [1.0, -2.0]], [1.0, -0.5]
    wanted = newton_direction(gradient, hessian, None)
    s = [2.0**40, 2.0**-30]
    rows = [
        [h * a * b for h, b in zip(row, s, strict=True)] for row, a in zip(hessian, s, strict=True)
    ]
    found = newton_direction([g * a for g, a in zip(gradient, s, strict=True)], rows, None)
    assert [c * a for c, a in zip(found, s, strict=True)] == pytest.approx(wanted, rel=1e-14)


def test_variables_that_a_bound_holds_take_the_step_of_the_gradient() -> None:
    hessian, gradient = [[2.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 5.0]], [2.0, 3.0, 10.0]
    assert newton_direction(gradient, hessian, [0, 2]) == pytest.approx([-1.0, -3.0, -2.0])
    assert newton_direction(gradient, hessian, []) == [-2.0, -3.0, -10.0]


@pytest.mark.parametrize("hessian", [[[np.inf, 0.0], [0.0, 1.0]], [[np.nan, 0.0], [0.0, 1.0]]])
def test_without_a_finite_hessian_the_direction_is_that_of_the_gradient(
    hessian: list[list[float]],
) -> None:
    assert newton_direction([1.0, -2.0], hessian, None) == [-1.0, 2.0]


def test_the_fixed_step_size_1_is_the_pure_newton_step() -> None:
    result = run_descent(
        Function(ROSENBROCK), [-1.2, 1.0], method="newton", alpha=1.0, max_iterations=3
    )
    x = np.array([-1.2, 1.0])
    for row in result.trace:
        np.testing.assert_allclose(row.x, x, rtol=1e-10)
        a, b = x
        gradient = np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])
        hessian = np.array([[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200.0]])
        x = x - np.linalg.solve(hessian, gradient)
    assert len(result.trace) == 4


@pytest.mark.parametrize("condition", [1e8, 1e12])
@pytest.mark.parametrize("n", [50, pytest.param(200, marks=pytest.mark.full)])
def test_rotated_quadratics_are_solved_in_a_few_hessians(n: int, condition: float) -> None:
    function = Function(QUADRATIC, data={"A": rotated(n, condition)})
    result = run_descent(function, [0.0] * n, method="newton", keep=0)
    assert result.converged
    assert result.f <= 1e-8
    assert result.evaluations.hessian <= 10


@pytest.mark.parametrize("factor", ["1", "1e20"])
def test_a_large_factor_of_f_leaves_the_minimum_where_it_is(factor: str) -> None:
    result = run_descent(Function(f"{factor}*((x^2-y)^2 + (x-1)^2)"), [5.0, -3.0], method="newton")
    assert result.converged
    assert result.minimum
    assert result.x == pytest.approx([1.0, 1.0], rel=1e-8)


def test_rounding_that_hides_what_f_falls_by_ends_a_run_at_once() -> None:
    result = run_descent(named("meyer"), method="newton", keep=0)
    assert result.converged
    assert result.f == pytest.approx(87.9458, abs=1e-4)
    assert result.evaluations.value <= 300


@pytest.mark.parametrize("traits", [Traits(201), Traits(2, hessian=False)])
def test_newton_without_second_derivatives_or_of_many_variables_leads_to_lbfgs(
    traits: Traits,
) -> None:
    with pytest.raises(UsageError, match='method="lbfgs"'):
        DESCENT_METHODS["newton"].make(AlphaRule("wolfe"), traits)
