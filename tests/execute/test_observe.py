"""Every value at a point."""

from __future__ import annotations

from fractions import Fraction

from gdcli.execute.observe import observe
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from gdcli.numbers.precise import FRACTIONS


def test_all_values_of_a_straight_line() -> None:
    tape = Function("x*(x + y)").tape
    assert observe(tape, IEEE, [2.0, 3.0]) == {0: 2.0, 1: 3.0, 2: 5.0, 3: 10.0}


def test_only_the_side_that_runs() -> None:
    tape = Function("ifelse(x > 0, log(x)*y, x)").tape
    below = observe(tape, IEEE, [-2.0, 3.0])
    above = observe(tape, IEEE, [1.0, 3.0])
    output = tape.body.outputs[0]
    assert below[output] == -2.0
    assert above[output] == 0.0
    assert len(above) == len(below) + 2  # log(x) and log(x)*y


def test_nested_branches_and_values_kept_for_a_later_one() -> None:
    text = "r = ifelse(x > 1, x^2, x); ifelse(y > 0, r, 1) + ifelse(y > 0, r*x, 2)"
    tape = Function(text).tape
    assert observe(tape, IEEE, [3.0, 1.0])[tape.body.outputs[0]] == 36.0
    assert observe(tape, IEEE, [3.0, -1.0])[tape.body.outputs[0]] == 3.0


def test_a_comparison_with_nan_gives_nan() -> None:
    tape = Function("ifelse(log(x) > 0, x, 2)").tape
    values = observe(tape, IEEE, [-1.0])
    assert values[tape.body.outputs[0]] != values[tape.body.outputs[0]]


def test_in_other_numbers() -> None:
    tape = Function("x/3 + 0.1").tape
    values = observe(tape, FRACTIONS, [Fraction(1, 2)])
    assert values[tape.body.outputs[0]] == Fraction(4, 15)
