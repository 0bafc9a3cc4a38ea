"""Tapes as formulas: what is printed parses to the same numbers."""

from __future__ import annotations

import pytest

from gdcli.autodiff.lifted import formula, partial, step
from gdcli.autodiff.primitives import Primitive
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import IEEE
from tests.mathematics import DIFFERENTIATED, typed


@pytest.mark.parametrize(
    "text",
    [
        "x - (y - z)",
        "x/(y*z)",
        "(-x)^2",
        "-x^2",
        "x^-2",
        "(x^y)^z",
        "ifelse(x < y, sin(x), ifelse(y >= 2, z, x*y))",
        "2*(x + 1)*-3",
        "max(x, y, z) - hypot(x, y)",
    ],
)
def test_a_formula_reads_back(text: str) -> None:
    function = Function(f"f(x, y, z) = {text}")
    again = Function(f"f(x, y, z) = {formula(function.tape)}")
    for point in ([0.5, 2.0, 3.0], [2.5, 1.5, -1.0]):
        assert again.evaluate(point) == function.evaluate(point)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x*y", "v0*v1"),
        ("x^2", "v0^2"),
        ("x - 3", "v0 - 3"),
        ("-x", "-v0"),
        ("x^-2", "v0^-2"),
        ("max(x, y)", "max(v0, v1)"),
    ],
)
def test_a_step_reads_as_mathematics(text: str, expected: str) -> None:
    tape = Function(text).tape
    constants = {one.results[0]: one.payload for one in tape.body.instructions if not one.operands}
    name = lambda value: (  # noqa: E731
        constants[value] if isinstance(constants.get(value), Decimal) else f"v{value}"
    )
    assert step(tape.body.instructions[-1], name) == expected


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_a_rule_alone_is_the_derivative(row: Primitive) -> None:
    """Against a central difference of the primitive itself."""
    function = Function(typed(row))
    point = [low + (high - low) * (0.61 + 0.2 * n) for n, (low, high) in enumerate(row.sampled)]
    instruction = next(one for one in function.tape.body.instructions if one.payload == row.name)
    load = {
        one.results[0]: one.payload
        for one in function.tape.body.instructions
        if one.operation == "load"
    }
    constants = {
        one.results[0]: one.payload
        for one in function.tape.body.instructions
        if one.operation == "constant"
    }
    value = function.evaluate(point)
    for place, operand in enumerate(instruction.operands):
        if operand in constants:
            continue
        rule = partial(instruction, place, lambda v: constants.get(v, f"v{v}"))
        known = {**{v: point[n] for v, n in load.items()}, instruction.results[0]: value}
        numbers = [known.get(int(name[1:]), 0.0) if name[0] == "v" else 0.0 for name in rule.inputs]
        h = 1e-6 * max(1.0, abs(point[load[operand]]))
        moved = [list(point), list(point)]
        moved[0][load[operand]] += h
        moved[1][load[operand]] -= h
        slope = (function.evaluate(moved[0]) - function.evaluate(moved[1])) / (2 * h)
        found = interpret(rule, IEEE, numbers)[0]
        assert found == pytest.approx(slope, rel=1e-5, abs=1e-7 * max(1.0, abs(value)))
