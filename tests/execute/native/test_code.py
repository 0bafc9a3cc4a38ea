"""Operands, names, constants and loops of LLVM text."""

from __future__ import annotations

import math
import struct

from gdcli.execute.native.code import Code, Operand, integer, number


def test_constants_are_decimal_where_that_is_exact_and_short() -> None:
    assert number(0.5).text == "0.5"
    assert number(-10.0).text == "-10.0"
    for value in (0.1, 1e300, -0.0, math.inf, math.pi, 1e-7):
        bits = struct.unpack(">d", bytes.fromhex(number(value).text.removeprefix("0x")))[0]
        assert math.copysign(1.0, bits) == math.copysign(1.0, value)
        assert bits == value


def test_names_repeat_with_a_number() -> None:
    code = Code()
    assert [code.name("v1") for _ in range(3)] == ["v1", "v1.1", "v1.2"]
    assert code.name("entry") != "entry"  # a block of every function


def test_an_operand_without_lanes_is_spread_over_those_of_the_other() -> None:
    code = Code()
    narrow, wide = Operand("%a"), Operand("%b", lanes=True)
    assert code.two("fadd", narrow, Operand("%c")).type == "double"
    made = code.two("fadd", narrow, wide)
    assert made.type == "<8 x double>"
    assert sum("insertelement" in line for line in code.lines) == 1
    assert code.broadcast(number(1.0)).text.count("double 1.0") == 8


def test_a_cycle_has_an_index_and_states() -> None:
    code = Code()
    [total] = code.cycle("i", integer(1), ("sle", integer(9)), 1, [number(0.0)], lambda _, s: [*s])
    text = code.text("define void @f()")
    assert total.text == "%i.s0"
    assert "%i = phi i64 [ 1, %entry ]" in text
    assert "icmp sle i64 %i, 9" in text
