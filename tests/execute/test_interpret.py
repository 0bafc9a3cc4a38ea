"""The interpreter: any number system, one side of a branch, definitions, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from gdcli.autodiff.tape import BRANCH, Instruction
from gdcli.errors import UndefinedError
from gdcli.execute.interpret import interpret
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
