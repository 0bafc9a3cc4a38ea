from __future__ import annotations

import math

import mpmath
import pytest

from gdcli.functions.function import Function
from gdcli.nonsmooth.curvature import (
    MOST_HESSIAN_INSTRUCTIONS,
    HessianRows,
    is_long,
    second_derivatives,
)


def rows_of(function: Function, point: list[float]) -> HessianRows:
    return second_derivatives(function.gradient_tape, function.evaluate_hessian, point)


@pytest.mark.parametrize("at", [0.3, 20.0, 360.0])
def test_digits_that_floats_lose_are_found(at: float) -> None:
    ((found,),) = rows_of(Function("tanh(x)"), [at])
    with mpmath.workdps(500):
        x = mpmath.mpf(at)
        wanted = float(-2 * mpmath.tanh(x) / mpmath.cosh(x) ** 2)
    assert found == pytest.approx(wanted, rel=1e-10)


def test_entries_are_found_where_numbers_on_the_way_are_beyond_doubles() -> None:
    assert rows_of(Function("(x^200)^(1/100)"), [1e10]) == [[2.0]]
    assert rows_of(Function("exp(x) + x^2 - exp(x)"), [5000.0]) == [[2.0]]
    assert rows_of(Function("log(exp(x)*exp(x*y))"), [1e4, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
    ((found,),) = rows_of(Function("sin(exp(x))*exp(-2*x)"), [3000.0])
    with mpmath.workdps(1500):  # of all terms but this one e^-3000 is a factor
        assert found == pytest.approx(float(-mpmath.sin(mpmath.exp(3000))), rel=1e-12)


def test_the_rows_are_those_of_the_variables() -> None:
    rows = rows_of(Function("x^2*y + sin(y)"), [3.0, 0.5])
    assert rows[0] == [1.0, 6.0]
    assert rows[1] == [6.0, pytest.approx(-math.sin(0.5), rel=1e-15)]


def test_an_entry_without_a_value_is_none() -> None:
    rows = rows_of(Function("x^1.5 + y^2"), [0.0, 1.0])
    assert rows[0][0] is None
    assert rows[1][1] == 2.0


def test_what_is_long_is_left_to_floats() -> None:
    short = Function("sum(x[i]^2 for i in 1:n)", sizes={"n": 3}).unrolled
    long = Function("sum(sin(x[i])*x[i+1] for i in 1:n)", sizes={"n": 99}).unrolled
    assert not is_long(short.gradient_tape)
    assert (
        len(long.variables) * len(long.gradient_tape.body.instructions) > MOST_HESSIAN_INSTRUCTIONS
    )
    assert is_long(long.gradient_tape)
    rows = rows_of(long, [0.5] * 100)
    assert rows[0][:3] == [pytest.approx(-math.sin(0.5) * 0.5), pytest.approx(math.cos(0.5)), 0.0]
