"""The Python source of scalar tapes: its text, and its bits against the interpreter's."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

import numpy as np
import pytest

import gdcli.execute.source
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.primitives import ROWS
from gdcli.autodiff.tape import Tape
from gdcli.execute.grid import ARRAY_TARGET
from gdcli.execute.interpret import interpret
from gdcli.execute.source import (
    FLOAT_TARGET,
    IEEE_TARGET,
    MAXIMUM_PARENTHESES,
    OPPOSITE_COMPARISON,
    Compiled,
    OperandText,
    compile_tape,
    identifier,
    source,
)
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from tests.expressions import WellPosed
from tests.sweeps import sampled

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.5, 1e-310, 1e200, -1e200, 800.0, math.inf, -math.inf, math.nan)


def flat(evaluate: Compiled, point: Sequence[Any]) -> list[Any]:
    first, others = evaluate(point)
    return [first, *others]


def bits(numbers: list[float]) -> list[bytes | None]:
    return [None if math.isnan(number) else struct.pack("d", number) for number in numbers]


def hold(tape: Tape, points: Iterable[Sequence[float]]) -> None:
    """All three ways agree at each point, except that FLOAT_TARGET may raise."""
    ieee, raising = (compile_tape(tape, t) for t in (IEEE_TARGET, FLOAT_TARGET))
    for point in points:
        wanted = bits(interpret(tape, IEEE, point))
        assert bits(flat(ieee, point)) == wanted
        with suppress(ValueError, OverflowError, ZeroDivisionError):
            assert bits(flat(raising, point)) == wanted


@pytest.mark.parametrize("seed", sampled(range(5), 1))
def test_source_and_interpreter_agree_on_generated_expressions(seed: int) -> None:
    writer, draw = WellPosed(seed), random.Random(seed)
    for number in range(50):
        text, known = writer.guarded() if number % 5 == 0 else writer.problem(3)
        function = Function(text)
        point = [known[name] for name in function.variables]
        hold(function.tape, [point])
        hold(function.gradient_tape, [point, [draw.choice(SPECIAL) for _ in point]])
        if number % 10 == 0:
            hold(tangent(function.gradient_tape), [[*point, *point]])


@pytest.mark.parametrize(
    "text",
    [
        *("x - (y - x)", "x/(y/x)", "x - -y", "-(-x)", "-x^2", "(-x)^2", "(x + y)^2", "x^2^2"),
        *("-(x*y) - (x + y)*(x - y)/-(x/y)", "2^-x", "1e400*x", "x - 1e400", "1e-400/x", "-0*x"),
        *("ifelse(x < y, x, y)", "ifelse(x == y, x/y, y/x)", "ifelse(x != y, 1, x)"),
        *("ifelse(x >= y, log(x), 1/y)*ifelse(x >= y, log(x)^2, x)", "ifelse(x <= 0, 1, 2)"),
        *("max(x, y) - min(x, y, 0)", "abs(x)/sign(y)", "relu(x)*relu(-y)", "max(x)", "x^y"),
        *("softplus(x) - sigmoid(y)", "logaddexp(x, y)", "hypot(x, y)", "atan2(x, y)", "x*y - y*x"),
        *("x^-1 + y^-2", "sqrt(x)*cbrt(y)", "log(x)*0", "exp(x) - exp(y)", "acosh(x) + atanh(y)"),
        *("f(x, y) = 3", "f(x, y) = pi*e", "f(x, y) = y", "sinh(x)/cosh(y)", "tan(x) + asin(y)"),
    ],
)
def test_source_and_interpreter_agree_at_special_points(text: str) -> None:
    function = Function(text)
    hold(function.gradient_tape, product(SPECIAL, repeat=len(function.variables)))


@pytest.mark.parametrize("lines", [1, 2, 5])
def test_a_long_text_in_pieces_gives_the_same(lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdcli.execute.source, "LINES_PER_PIECE", lines)
    writer = WellPosed(7 + lines)
    for _ in range(5):
        text, known = writer.guarded()
        function = Function(text)
        hold(function.gradient_tape, [[known[name] for name in function.variables]])
    text = "ifelse(x >= y, log(x), 1/y)*ifelse(x >= y, log(x)^2, x*sin(y)) + exp(x*y)*x/y"
    tape = Function(text).gradient_tape
    hold(tape, product(SPECIAL, repeat=2))
    point = [np.array(one) for one in zip(*product(SPECIAL, repeat=2), strict=True)]
    in_pieces = compile_tape(tape, ARRAY_TARGET)
    monkeypatch.undo()
    whole = compile_tape(tape, ARRAY_TARGET)
    with np.errstate(all="ignore"):
        for one, other in zip(flat(in_pieces, point), flat(whole, point), strict=True):
            np.testing.assert_array_equal(one, other)


def test_python_compiles_little_of_a_long_text_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdcli.execute.source, "LINES_PER_PIECE", 100)
    tape = Function("+".join(f"(x - {n})^2/(y^2 + {n})" for n in range(200))).gradient_tape
    assert source(tape, FLOAT_TARGET).count("\n") > 400
    compiled: list[int] = []

    def counted(text: str, *given: Any) -> Any:
        compiled.append(text.count("\n"))
        return compile(text, *given)

    monkeypatch.setattr(gdcli.execute.source, "compile", counted, raising=False)
    compile_tape(tape, FLOAT_TARGET)
    assert len(compiled) > 4
    assert max(compiled) < 120


def test_deep_and_wide_tapes() -> None:
    for text in ("+".join(f"x*{n}" for n in range(2000)), "sin(" * 500 + "x" + ")" * 500):
        function = Function(text)
        hold(function.gradient_tape, [[0.7]])
    nested = "ifelse(x > 1, x^2, " * 60 + "x" + ")" * 60
    hold(Function(nested).gradient_tape, [[0.5]])


def test_the_text_of_a_function() -> None:
    tape = Function("f(x, y) = -(x - (y - 2.5))*x^2/3 + ifelse(x < y, sin(x), 1)*sin(y)").tape
    text = source(tape, FLOAT_TARGET)
    assert text == source(tape, FLOAT_TARGET)
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:3] == ["def evaluate(point):", "[x0, x1] = point", "if x0 < x1:"]
    assert "elif x0 >= x1:" in lines
    assert "raise ValueError" in lines
    assert "v" not in lines[-1].replace("v13", "").replace("return", "")  # one value has a name
    assert source(tape, IEEE_TARGET).count("= nan") == 1


def test_a_comparison_with_nan_takes_neither_side() -> None:
    for comparison in ("<", "<=", ">", ">=", "==", "!="):
        tape = Function(f"ifelse(x {comparison} y, 2, 3)").tape
        assert math.isnan(compile_tape(tape, IEEE_TARGET)([math.nan, 1.0])[0])
        with pytest.raises(ValueError, match=r"^$"):
            compile_tape(tape, FLOAT_TARGET)([1.0, math.nan])


def test_inputs_are_a_list_of_any_numbers() -> None:
    evaluate = compile_tape(Function("3").tape, FLOAT_TARGET)
    assert evaluate([]) == (3.0, [])
    with pytest.raises(ValueError, match="values to unpack"):
        compile_tape(Function("x").tape, FLOAT_TARGET)([1.0, 2.0])


def body(text: str) -> list[str]:
    """The lines behind the first two, which name the inputs."""
    lines = source(Function(text).tape, FLOAT_TARGET).splitlines()
    return [line.strip() for line in lines[2:]]


def test_a_value_used_once_stands_where_it_is_used() -> None:
    assert body("f(x, y) = x - (y - 2)*x") == ["return x0 - ((x1 - 2.0)*x0), []"]
    assert body("f(x) = sin(x)*sin(x)") == ["v1 = sin_(x0)", "return v1*v1, []"]
    assert body("f(x) = sin(x)^2") == ["v1 = sin_(x0)", "return v1*v1, []"]
    assert body("f(x) = x^3") == ["return pow_general_(x0, 3.0), []"]


def test_no_assignment_is_deeper_than_python_can_read() -> None:
    lines = body("f(x) = " + "sin(" * 40 + "x" + ")" * 40)
    assert max(line.count("(") for line in lines) <= MAXIMUM_PARENTHESES
    assert len(lines) >= 40 // MAXIMUM_PARENTHESES


def test_operators_and_functions() -> None:
    assert body("f(x, y) = x/y") == ["return x0/x1, []"]
    division = source(Function("f(x, y) = x/y").tape, IEEE_TARGET)
    assert "divide_(x0, x1)" in division
    assert all(identifier(row.name).isidentifier() for row in ROWS)
    assert len({identifier(row.name) for row in ROWS}) == len(ROWS)
    assert OperandText("a + b", 1, atom=False).operand() == "(a + b)"
    assert all(
        OPPOSITE_COMPARISON[OPPOSITE_COMPARISON[comparison]] == comparison
        for comparison in OPPOSITE_COMPARISON
    )
