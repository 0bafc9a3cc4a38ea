from __future__ import annotations

import pytest

from gdcli.functions.function import Function
from gdcli.nonsmooth.bounded_pass import BoundedPass, Tapes, as_bounded, run_bounded_pass
from gdcli.numbers.bounded import Bounded, context_of, system_of


def bounded_pass(text: str, *point: float, digits: int | None = None) -> BoundedPass:
    function = Function(text)
    number = float if digits is None else context_of(digits).mpf
    return run_bounded_pass(
        system_of(digits),
        Tapes(function.tape, function.gradient_tape),
        [number(coordinate) for coordinate in point],
    )


@pytest.mark.parametrize(
    "text",
    ["x^2*sin(y)/z", "max(x, y, z)", "ifelse(x < y, log(x)*z, ifelse(z > 0, x^2, y))", "x^y^z"],
)
def test_a_gradient_tape_begins_with_its_tape(text: str) -> None:
    # `run_bounded_pass` tells the value's own steps from the derivative's by their numbers
    function = Function(text)
    count = len(function.tape.body.instructions)
    assert function.gradient_tape.body.instructions[:count] == function.tape.body.instructions


def test_a_kink_is_touched_surely_possibly_or_not() -> None:
    surely, possibly, not_at_all = (bounded_pass("abs(x - y)", 1.0, y) for y in (1.0, 1.0, 1.5))
    assert surely.touched
    assert surely.certain
    possibly = bounded_pass("abs(sin(pi*x))", 1.0)
    assert possibly.touched
    assert not possibly.certain
    assert not not_at_all.touched


def test_more_digits_tell_a_near_kink_from_a_touched_one() -> None:
    near = "abs(x + 1 - y)"
    assert bounded_pass(near, 1e-20, 1.0).touched
    assert not bounded_pass(near, 1e-20, 1.0, digits=50).touched


def test_a_pole_an_overflow_and_a_slope_are_told_apart() -> None:
    pole, overflow, slope = (
        bounded_pass("1/x", 0.0),
        bounded_pass("exp(x)", 1e3),
        bounded_pass("sqrt(x)", 0.0),
    )
    assert pole.pole is not None
    assert pole.pole.operands == (1.0, 0.0)
    assert overflow.pole is None
    assert overflow.overflow is not None
    assert slope.slope is not None
    assert (slope.pole, slope.overflow, slope.value.value) == (None, None, 0.0)


def test_what_is_not_run_is_not_seen() -> None:
    assert bounded_pass("ifelse(x > 0, log(x), abs(x + 1))", 2.0).touched == {}
    assert bounded_pass("ifelse(x > 0, log(x), abs(x + 2))", -1.0).pole is None


def test_plain_numbers_are_exact() -> None:
    assert as_bounded(2.0).error == 0
    assert not as_bounded(float("nan")).good
    number = Bounded(1.0, 0.5)
    assert as_bounded(number) is number
