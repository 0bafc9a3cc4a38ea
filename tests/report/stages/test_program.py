"""Tapes as lines."""

from __future__ import annotations

from gdcli.functions.function import Function
from gdcli.report.stages.program import ValueNames, lines


def test_branches_are_indented_and_hand_out_their_results() -> None:
    tape = Function("ifelse(x > 1, x^2, ifelse(x == 0, 3, -x))").tape
    assert [str(line) for line in lines(tape)] == [
        "v0 = x",
        "v1 = 1",
        "v2 = 2",
        "v3 = 0",
        "v4 = 3",
        "if v0 > 1:",
        "  v5 = v0^2",
        "  v8 = v5",
        "else:",
        "  if v0 == 0:",
        "    v7 = 3",
        "  else:",
        "    v6 = -v0",
        "    v7 = v6",
        "  v8 = v7",
    ]


def test_names_are_constants_values_or_variables() -> None:
    tape = Function("0.5*x").tape
    numbered, named = ValueNames(tape), ValueNames(tape, variables_from=0)
    assert [numbered.text(value) for value in range(3)] == ["v0", "0.5", "v2"]
    assert [named.text(value) for value in range(3)] == ["x", "0.5", "v2"]
