"""The text of scalar tapes: what is written into what, and how primitives are spelt."""

from __future__ import annotations

from gdcli.autodiff.primitives import ROWS
from gdcli.execute.source import FLOAT_TARGET, IEEE_TARGET
from gdcli.execute.writer import (
    MAXIMUM_PARENTHESES,
    OPPOSITE_COMPARISON,
    OperandText,
    Writer,
    identifier,
)
from gdcli.functions.function import Function


def body(text: str) -> list[str]:
    """The lines behind the first two, which name the inputs."""
    return [line.strip() for line in Writer(Function(text).tape, FLOAT_TARGET).text().splitlines()][
        2:
    ]


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
    division = Writer(Function("f(x, y) = x/y").tape, IEEE_TARGET).text()
    assert "divide_(x0, x1)" in division
    assert all(identifier(row.name).isidentifier() for row in ROWS)
    assert len({identifier(row.name) for row in ROWS}) == len(ROWS)
    assert OperandText("a + b", 1, atom=False).operand() == "(a + b)"
    assert all(
        OPPOSITE_COMPARISON[OPPOSITE_COMPARISON[comparison]] == comparison
        for comparison in OPPOSITE_COMPARISON
    )
