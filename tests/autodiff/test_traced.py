"""Derivations: the very program that runs, and derivatives that mpmath and SymPy confirm."""

from __future__ import annotations

import mpmath
import pytest
import sympy

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import Instruction, Region, check
from gdcli.autodiff.traced import adjoints, tangents
from gdcli.execute.interpret import observe
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE

TEXTS = (
    "x*(x + y)",
    "x^2*y + 1/(x^2 + y^2 + 1)",
    "sin(x)*y + sin(x)",
    "x^y + x^-2 + y^1.5",
    "ifelse(x > y, log(x - y)*y, ifelse(x == y, x, x^2*y))",
    "r = exp(x); ifelse(y > 0, r, 1)^0 + ifelse(y > 0, r*x, 2)",
    "r = ifelse(x > 1, x^2, x); ifelse(y > 0, r, 1) + ifelse(y > 0, r*x, 2)",
    "max(x, y, 1) + hypot(x, y) + sign(x)*y*x",
    "f(x, y) = 2*pi",
    "f(x, y) = y",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_program_is_the_one_that_runs(text: str) -> None:
    tape = Function(text).tape
    assert adjoints(tape).program == reverse(tape)
    value, direction = tangents(tape).program.body.outputs
    assert value == tape.body.outputs[0]
    assert (
        tangents(tape)
        .program._replace(body=Region(tangents(tape).program.body.instructions, (direction,)))
        .inputs
        == tangent(tape).inputs
    )


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("derive", [adjoints, tangents])
def test_forward_values_keep_their_numbers(text: str, derive: object) -> None:
    tape = Function(text).tape
    derivation = adjoints(tape) if derive is adjoints else tangents(tape)
    count = len(tape.body.instructions)
    assert derivation.program.body.instructions[:count] == tape.body.instructions
    check(derivation.whole)


@pytest.mark.parametrize("text", TEXTS)
def test_every_new_instruction_has_a_forward_line(text: str) -> None:
    tape = Function(text).tape
    for derivation in (adjoints(tape), tangents(tape)):
        made = set(_results(derivation.program.body)) - set(_results(tape.body))
        loads = {
            one.results[0]
            for one in derivation.program.body.instructions
            if one.operation in ("load", "constant")
        }
        assert made - loads <= derivation.made_by.keys()
        assert max(derivation.made_by.values(), default=0) < tape.size


def _results(region: Region) -> list[int]:
    found: list[int] = []
    for one in region.instructions:
        found += one.results
        for inner in one.regions:
            found += _results(inner)
    return found


def test_adjoints_are_the_derivatives_of_the_rest_of_the_program() -> None:
    """Each value is replaced by a symbol; SymPy differentiates what is computed from it."""
    text = "exp(sin(x)*y)/(1 + x^2) + sqrt(y + x*y)"
    tape = Function(text).tape
    point = [0.7, 1.3]
    derivation = adjoints(tape)
    numbers = observe(derivation.whole, IEEE, point)
    forward = observe(tape, IEEE, point)
    for value, raw in derivation.derivatives.items():
        symbol = sympy.Symbol("v")
        output = _from(tape.body.instructions, value, symbol, point, tape.body.outputs[0])
        exact = sympy.diff(output, symbol).subs(symbol, sympy.Float(forward[value], 50))
        assert raw is not None
        assert numbers[raw] == pytest.approx(float(exact), rel=1e-13)


SYMPY = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "pow-integer": lambda a, b: a**b,
    "exp": sympy.exp,
    "sin": sympy.sin,
    "sqrt": sympy.sqrt,
}


def _from(
    instructions: tuple[Instruction, ...],
    fixed: int,
    symbol: sympy.Symbol,
    point: list[float],
    output: int,
) -> sympy.Expr:
    values: dict[int, sympy.Expr] = {}
    for one in instructions:
        if one.operation == "load":
            values[one.results[0]] = sympy.Float(point[one.payload], 50)
        elif one.operation == "constant":
            values[one.results[0]] = sympy.Rational(str(one.payload))
        else:
            operands = [values[operand] for operand in one.operands]
            values[one.results[0]] = SYMPY[one.payload](*operands)
        if one.results[0] == fixed:
            values[fixed] = symbol
    return values[output]


def test_tangents_are_the_directional_derivatives() -> None:
    tape = Function("exp(sin(x)*y)/(1 + x^2)").tape
    derivation = tangents(tape)
    found = observe(derivation.whole, IEEE, [0.7, 1.3, 1.0, 0.0])
    raw = derivation.derivatives[tape.body.outputs[0]]
    assert raw is not None
    with mpmath.workdps(50):
        y = mpmath.mpf(1.3)
        exact = mpmath.diff(lambda x: mpmath.exp(mpmath.sin(x) * y) / (1 + x**2), mpmath.mpf(0.7))
    assert found[raw] == pytest.approx(float(exact), rel=1e-14)


def test_what_has_no_influence_has_the_derivative_zero() -> None:
    derivation = adjoints(Function("f(x, y) = sign(sin(x)) + y").tape)
    assert derivation.derivatives[0] is None
