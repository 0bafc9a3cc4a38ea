from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.errors import UsageError
from gdcli.report.gradient import gradient_at
from gdcli.scalar_function import Function


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


@given(st.integers(-300, 300))
def test_length_and_direction_neither_overflow_nor_underflow(power: int) -> None:
    scale = 10.0**power
    answer = gradient_at(Function("3*s*x + 4*s*y", {"s": scale}), [1.0, 1.0])
    assert answer.length == pytest.approx(5 * scale, rel=1e-14)
    assert answer.direction == pytest.approx([-0.6, -0.8], rel=1e-14)


def test_a_component_without_a_finite_value_is_named_and_the_others_are_given() -> None:
    answer = gradient_at(Function("sqrt(x) + 3*y"), [0.0, 1.0])
    assert answer.gradient == [math.inf, 3.0]
    assert answer.status == "undefined"
    assert "sqrt(x)" in (answer.message or "")
    assert (answer.length, answer.direction) == (None, None)


def test_a_number_beyond_the_largest_is_named() -> None:
    steep = Function("1.7e308*x + 1.7e308*y")
    answer = gradient_at(steep, [0.0, 0.0])
    assert (answer.status, answer.length) == ("ok", math.inf)
    assert answer.message == "beyond the largest number there is: the length"
    assert answer.direction == pytest.approx([-math.sqrt(0.5), -math.sqrt(0.5)])
    along = gradient_at(steep, [0.0, 0.0], along=[2.0, 0.0])
    assert (along.status, along.slope) == ("ok", 1.7e308)
    assert (along.message or "").endswith(": the length, the derivative along V")


def test_along_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="--along"):
        gradient_at(Function("x*y"), [1.0, 1.0], along=[0.0, 0.0])
