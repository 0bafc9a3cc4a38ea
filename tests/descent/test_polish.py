from __future__ import annotations

from functools import partial

import mpmath
import pytest

from gdcli.descent.minimize import run_descent
from gdcli.descent.stopping import Outcome
from gdcli.library.lookup import function


@pytest.mark.parametrize("count", [20, 50, 400])
def test_the_five_wells_to_any_number_of_digits(count: int) -> None:
    """Against the roots that mpmath finds of the gradient, differentiated by mpmath."""
    result = run_descent(function("five-well"), [5.0, -10.0], digits=count)
    assert (result.status, result.classification) == ("converged", "minimum")
    assert result.precise is not None
    with mpmath.workdps(count + 20):
        x, y = map(mpmath.mpf, result.precise.x)

        def f(x: mpmath.mpf, y: mpmath.mpf) -> mpmath.mpf:
            one = mpmath.mpf(1)
            wells = (
                1
                - 1 / (1 + one / 20 * x**2 + (y - 10) ** 2)
                - 1 / (1 + one / 20 * (x - 10) ** 2 + y**2)
                - one * 3 / 2 / (1 + 3 * one / 100 * (x + 10) ** 2 + y**2)
                - 2 / (1 + one / 20 * (x - 5) ** 2 + (y + 10) ** 2)
                - 1 / (1 + one / 10 * (x + 5) ** 2 + (y + 10) ** 2)
            )
            return wells * (1 + one / 10000 * (x**2 + y**2) ** (6 * one / 5))

        assert abs(f(x, y) - mpmath.mpf(result.precise.f)) < mpmath.mpf(10) ** -(count - 1)
        h = mpmath.mpf(10) ** -(count // 3)  # central differences: error h²
        slopes = (f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)
        assert max(map(abs, slopes)) < 10 * h**2
    assert result.precise.x[0].startswith("4.93228927112571")


@pytest.mark.parametrize(
    ("text", "start", "said"),
    [
        ("x^4 + y^2", [0.9, 0.8], "Newton's steps do not shrink"),
        ("abs(x - 1/3)", [1.0], "at the kink abs(x - 1/3)"),
        ("(x - 1/3)^2 + 0*y", [1.0, 1.0], "the Hessian is singular"),
        ("exp(-x)", [1.0], "Newton's steps do not shrink"),
    ],
)
def test_where_newton_fails_the_run_says_so(text: str, start: list[float], said: str) -> None:
    result = run_descent(function(f"f({'x, y'[: 3 * len(start) - 2]}) = {text}"), start, digits=30)
    assert result.outcome is Outcome.STALLED
    assert said in result.message
    assert "before that it converged" in result.message
    assert (result.exit_status, result.classification) == (3, None)
    assert result.precise is not None
    assert float(result.precise.x[0]) == result.x[0]


def test_a_run_that_did_not_converge_is_not_sharpened() -> None:
    result = run_descent(function("rosenbrock"), max_iterations=3, digits=30)
    assert result.status == "max_iterations"
    assert "no more than double precision's digits" in result.message
    assert result.precise is not None
    assert float(result.precise.f) == result.f


def test_newtons_evaluations_count() -> None:
    plain = run_descent(function("(x - 1)^2 + y^4 + y^2"), [3.0, 1.0])
    sharp = run_descent(function("(x - 1)^2 + y^4 + y^2"), [3.0, 1.0], digits=30)
    assert sharp.evaluations.gradient > plain.evaluations.gradient
    assert sharp.iterations == plain.iterations
    assert sharp.tests[-1].met


def test_an_interrupt_leaves_the_minimum_with_its_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt("SIGTERM")

    monkeypatch.setattr("gdcli.descent.polish._Newton.digits", interrupted)
    result = run_descent(function("(x - 1/3)^2"), digits=50)
    assert (result.status, result.exit_status) == ("interrupted", 130)
    assert result.message.startswith("interrupted by SIGTERM while its digits were found, before ")
    assert result.classification is None
    assert result.precise is not None
    assert result.precise.x == [repr(result.x[0])]


def test_many_digits_within_bounds_of_arrays() -> None:
    """f is separable: (x - i)² + x⁴/4 is least where x + x³/2 = i, or at the bound below that."""
    arrays = function("sum((x[i] - i)^2 + x[i]^4/4 for i in 1:3)")
    with mpmath.workdps(40):
        free = [mpmath.findroot(partial(mpmath.polyval, [0.5, 0, 1, -i]), 1.0) for i in (1, 2, 3)]
    for bounds in ("x=0:1.25", {"x": (0.0, 1.25)}, "x[2]=0:1, x[3]=:1.25"):
        result = run_descent(arrays, digits=30, bounds=bounds)
        assert result.precise is not None
        assert result.status == "converged"
        second = 1 if bounds == "x[2]=0:1, x[3]=:1.25" else free[1]
        for found, true in zip(result.precise.x, (free[0], second, 1.25), strict=True):
            with mpmath.workdps(40):
                assert abs(mpmath.mpf(found) - true) < mpmath.mpf(10) ** -29
