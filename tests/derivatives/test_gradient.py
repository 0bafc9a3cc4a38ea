from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from gdcli.autodiff.primitives import ARITIES
from gdcli.derivatives.gradient import Gradient, GradientRequest, answering
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.language.points import read_point


def gradient_at(function: Function, at: Sequence[Any], **asked: Any) -> Gradient:
    return answering(function, GradientRequest(**asked))(at)


def written(text: str, variables: str = "xy") -> list[Any]:
    return list(read_point(text, tuple(variables), ARITIES))


def test_length_direction_and_directional_derivative() -> None:
    answer = gradient_at(Function("x^2 + x*y"), [1.0, 2.0], along=[0.0, 3.0], hessian=True)
    assert (answer.value, answer.gradient, answer.status) == (3.0, [4.0, 1.0], "ok")
    assert answer.length == pytest.approx(math.sqrt(17), rel=1e-15)
    assert answer.direction == pytest.approx([-4 / math.sqrt(17), -1 / math.sqrt(17)], rel=1e-15)
    assert (answer.slope, answer.derivative) == (1.0, 3.0)
    assert answer.hessian == [[2.0, 1.0], [1.0, 0.0]]


def test_a_stationary_point_has_no_direction() -> None:
    answer = gradient_at(Function("x^2"), [0.0])
    assert (answer.length, answer.direction, answer.status) == (0.0, None, "ok")
    assert gradient_at(Function("x^2"), [0.0], along=[1.0], sample=True).directions is None


@given(st.integers(-300, 300))
def test_length_and_direction_neither_overflow_nor_underflow(power: int) -> None:
    scale = 10.0**power
    answer = gradient_at(Function("3*s*x + 4*s*y", {"s": scale}), [1.0, 1.0])
    assert answer.length == pytest.approx(5 * scale, rel=1e-14)
    assert answer.direction == pytest.approx([-0.6, -0.8], rel=1e-14)


def test_a_component_without_a_finite_value_is_named_and_the_others_are_given() -> None:
    answer = gradient_at(Function("sqrt(x) + 3*y"), [0.0, 1.0], along=[0.0, 2.0])
    assert answer.gradient == [None, 3.0]
    assert answer.status == "undefined"
    assert "sqrt(x)" in (answer.message or "")
    assert (answer.length, answer.direction) == (None, None)
    assert (answer.slope, answer.derivative) == (3.0, 6.0)


@pytest.mark.parametrize("asked", [{}, {"exact": True}, {"digits": 20}])
def test_along_nothing_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="along needs"):
        gradient_at(Function("x*y"), [1.0, 1.0], along=[0.0, 0.0], **asked)


def test_the_hessian_keeps_its_digits_where_floats_lose_all() -> None:
    x = sympy.Symbol("x")
    second = sympy.series((1 - sympy.cos(x)) / x**2, x, 0, 8).removeO().diff(x, 2)
    for at in (1e-8, 1e-4, 0.5):
        hessian = gradient_at(Function("(1-cos(x))/x^2"), [at], hessian=True).hessian
        assert hessian is not None
        assert hessian[0][0] == pytest.approx(float(second.subs(x, at)), rel=1e-5)


def test_fractions_with_all_that_goes_with_them() -> None:
    function = Function("x^2*y + 1/(x^2+y^2+1)")
    at, along = written("1/2,-0.5"), written("3,4")
    answer = gradient_at(function, at, exact=True, along=along, hessian=True)
    assert (answer.at, answer.value) == (["1/2", "-1/2"], "13/24")
    assert answer.gradient == ["-17/18", "25/36"]
    assert (answer.derivative, answer.slope) == ("-1/18", "-1/90")
    assert answer.length == "sqrt(1781)/36"
    assert answer.direction == ["34*sqrt(1781)/1781", "-25*sqrt(1781)/1781"]
    x, y = sympy.symbols("x y")
    formula = x**2 * y + 1 / (x**2 + y**2 + 1)
    half = sympy.Rational(1, 2)
    hessian = sympy.hessian(formula, (x, y)).subs({x: half, y: -half})
    assert answer.hessian == [[str(hessian[i, j]) for j in range(2)] for i in range(2)]


def test_a_length_that_is_a_fraction() -> None:
    answer = gradient_at(Function("3*x + 4*y/7*7"), written("1/3,2"), exact=True)
    assert (answer.length, answer.direction) == ("5", ["-3/5", "-4/5"])


def test_fifty_digits_agree_with_mpmath() -> None:
    import mpmath

    answer = gradient_at(
        Function("exp(sin(50*x))*y"), written("1/3,2"), digits=50, along=written("1,2")
    )
    with mpmath.workdps(70):
        third = mpmath.mpf(1) / 3
        value = mpmath.exp(mpmath.sin(50 * third))
        slopes = [100 * mpmath.cos(50 * third) * value, value]
        length = mpmath.sqrt(slopes[0] ** 2 + slopes[1] ** 2)
        derivative = slopes[0] + 2 * slopes[1]
        expected = [2 * value, *slopes, length, derivative, derivative / mpmath.sqrt(5)]
        found = [answer.value, *answer.gradient, answer.length, answer.derivative, answer.slope]
        for text, number in zip(found, expected, strict=True):
            assert isinstance(text, str)
            assert len(text.lstrip("-0.").replace(".", "")) == 50
            assert abs(mpmath.mpf(text) - number) <= abs(number) * mpmath.mpf(10) ** -50 * 6


def test_what_leaves_the_rationals_is_named() -> None:
    answer = gradient_at(Function("x*sin(y)"), written("1,1"), exact=True)
    assert (answer.status, answer.gradient) == ("undefined", [None, None])
    assert answer.message == "sin(y) is not rational"
    assert "      ^" in str(answer.error) or "  ^" in str(answer.error)


def test_other_methods_are_told_with_what_they_took() -> None:
    answer = gradient_at(Function("x^2"), [2.0], method="forward-difference", step=1e-8)
    assert answer.gradient == [((2 + 1e-8) * (2 + 1e-8) - 4) / 1e-8]
    assert (answer.method, answer.evaluations, answer.step) == ("forward-difference", 2, [1e-8])
    answer = gradient_at(Function("log(x)"), [-1.0], method="tangent")
    assert (answer.status, answer.gradient) == ("undefined", [-1.0])
    with pytest.raises(UsageError, match="step has"):
        gradient_at(Function("x^2"), [2.0], step=1e-8)


def test_a_number_beyond_the_largest_is_named() -> None:
    steep = Function("1.7e308*x + 1.7e308*y")
    answer = gradient_at(steep, [0.0, 0.0])
    assert (answer.status, answer.length) == ("ok", None)
    assert answer.message == "beyond the largest number there is: the length"
    assert answer.direction == pytest.approx([-math.sqrt(0.5), -math.sqrt(0.5)])
    along = gradient_at(steep, [0.0, 0.0], along=[2.0, 0.0])
    assert (along.status, along.slope) == ("ok", 1.7e308)
    assert (along.message or "").endswith(": the length, the derivative along V")


@pytest.mark.parametrize(
    "undefined", ["acos(x)^0", "log(1 - x)^0", "0*asin(x)", "atanh(x) - atanh(x)"]
)
@pytest.mark.parametrize("text", ["{} + x", "{} + x^2*y", "sum({} + x*z[i]^2 for i in 1:n)"])
@pytest.mark.parametrize("n", [2, 150])  # second derivatives with digits, and in floats
def test_no_hessian_where_f_is_undefined(undefined: str, text: str, n: int) -> None:
    function = Function(text.format(undefined), sizes={"n": n} if ":n" in text else None)
    point = [2.0] * function.layout.size
    found = gradient_at(function, point, hessian=True)
    assert (found.status, found.value) == ("undefined", None)
    assert found.hessian == [[None] * len(point)] * len(point)
