"""The interpreter: any number system, one side of a branch, definitions, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from gdcli.autodiff.tape import BRANCH, Instruction
from gdcli.errors import UndefinedError
from gdcli.execute.interpret import interpret, observe
from gdcli.functions.function import Function
from gdcli.numbers.floats import FLOAT, IEEE, NumberSystem
from gdcli.numbers.precise import FRACTIONS


def test_one_side_is_run() -> None:
    tape = Function("ifelse(x > 0, log(x), x)").tape
    seen: list[str] = []

    def watch(instruction: Instruction, _operands: list[Any], _value: Any) -> None:
        seen.append("branch" if instruction.operation == BRANCH else instruction.payload)

    assert interpret(tape, FLOAT, [-1.0], watch) == [-1.0]
    assert interpret(tape, FLOAT, [1.0], watch) == [0.0]
    assert seen == ["branch", "branch", "log"]


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_with_nan_is_nan(comparison: str) -> None:
    function = Function(f"ifelse(x {comparison} 1, 2, 3)")
    assert math.isnan(interpret(function.tape, IEEE, [math.nan])[0])
    assert math.isnan(function.evaluate([math.nan]))


def test_a_row_without_an_operation_is_spelt_by_its_definition() -> None:
    tape = Function("relu(x)*y + relu(-x)").tape
    assert interpret(tape, FRACTIONS, [Fraction(1, 3), Fraction(3, 7)]) == [Fraction(1, 7)]
    assert interpret(tape, FRACTIONS, [Fraction(-1, 3), Fraction(3, 7)]) == [Fraction(1, 3)]


def test_what_a_number_system_lacks_is_refused_by_name() -> None:
    with pytest.raises(UndefinedError, match="exp"):
        interpret(Function("exp(x)").tape, FRACTIONS, [Fraction(1)])
    with pytest.raises(UndefinedError, match="pi is not rational"):
        interpret(Function("pi*x").tape, FRACTIONS, [Fraction(1)])


def test_any_number_system() -> None:
    strings = NumberSystem(
        "written", str, {"pi": "pi"}, {"+": "({}+{})".format, "*": "({}*{})".format}
    )
    assert interpret(Function("x*y + 0.10*pi").tape, strings, ["a", "b"]) == ["((a*b)+(0.1*pi))"]


# -- every value at a point ------------------------------------------------------------


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
