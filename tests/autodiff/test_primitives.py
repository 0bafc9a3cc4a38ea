"""Every row of the table against mpmath, over the intervals that the row names."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import gdcli
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.passes.infinities import CHECKING_PRIMITIVES
from gdcli.autodiff.primitives import (
    ARITIES,
    DEFINITIONS,
    EDGE_ANSWERS,
    LANGUAGE_FUNCTIONS,
    PRIMITIVES,
    TANH_SLOPE,
    Primitive,
)
from gdcli.execute.grid import ARRAYS
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from gdcli.numbers.bounded import Bounded, FloatRounding, bounded
from gdcli.numbers.complexes import COMPLEX
from gdcli.numbers.floats import FLOAT, IEEE, TinyNumberError
from gdcli.numbers.precise import digits
from tests.expressions import FUNCTIONS
from tests.mathematics import DIFFERENTIATED, corners, of_mpmath, points, typed, varied

PROMISED = (
    "exp expm1 log log1p log2 log10 sqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh "
    "asinh acosh atanh abs sign min max hypot erf sigmoid softplus relu logaddexp "
    "ln arcsin arccos arctan"
)
PRECISE = mpmath.MPContext()
PRECISE.dps = 80
STEP = PRECISE.mpf(10) ** -25


def true_value(row: Primitive, point: list[Any]) -> Any:
    return of_mpmath(row)(PRECISE, *point)


def sampled_points(row: Primitive) -> list[list[float]]:
    return [*points(row, 60), *corners(row)]


def test_the_table_offers_what_the_language_promises() -> None:
    assert set(PROMISED.split()) <= set(LANGUAGE_FUNCTIONS)
    assert {name for name in FUNCTIONS if name.isalnum() and name != "negate"} == set(
        LANGUAGE_FUNCTIONS
    )
    assert ARITIES["max"][:2] == ARITIES["min"][:2] == (1, None)
    assert ARITIES["atan2"][:2] == (2, 2)
    assert ARITIES["ln"][:2] == (1, 1)


def test_what_is_said_of_a_function_belongs_to_a_row() -> None:
    assert EDGE_ANSWERS.keys() | DEFINITIONS.keys() <= PRIMITIVES.keys()


def test_number_systems_have_the_same_primitives() -> None:
    found = [set(system.operations) for system in (FLOAT, IEEE, ARRAYS)]
    assert found == [{*PRIMITIVES, *CHECKING_PRIMITIVES}] * 3


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_value_and_slopes_of_a_row(row: Primitive) -> None:
    function = Function(typed(row))
    for point in sampled_points(row):
        exact = [PRECISE.mpf(x) for x in point]
        value, gradient = function.evaluate_gradient(point)
        truth = true_value(row, exact)
        # A result below the unit that its arguments are given in has no more digits than they have.
        assert abs(value - truth) <= 4e-15 * max(abs(truth), _condition(row, exact)), point
        for place in varied(row):
            moved = [
                [x + sign * STEP * (i == place) for i, x in enumerate(exact)] for sign in (1, -1)
            ]
            slope = (true_value(row, moved[0]) - true_value(row, moved[1])) / (2 * STEP)
            size = max(abs(slope), abs(_curvature(row, exact, place) * exact[place]))
            assert abs(gradient[place] - slope) <= 4e-14 * size, (point, place)


def _condition(row: Primitive, point: list[Any]) -> Any:
    """How far one unit of rounding in the arguments moves the value, in units of rounding."""
    total = PRECISE.mpf(0)
    for place, x in enumerate(point):
        moved = [*point]
        moved[place] = x + STEP
        total += abs((true_value(row, moved) - true_value(row, point)) / STEP * x)
    return total


def _curvature(row: Primitive, point: list[Any], place: int) -> Any:
    values = []
    for sign in (1, 0, -1):
        moved = [*point]
        moved[place] += sign * STEP
        values.append(true_value(row, moved))
    return (values[0] - 2 * values[1] + values[2]) / STEP**2


@pytest.mark.parametrize("exponent", [-7, -2, -1, 0, 1, 2, 3, 4, 12, 101])
def test_integer_powers(exponent: int) -> None:
    function = Function(f"x^({exponent})" if exponent else "x^0 + 0*x")
    for x in (-2.5, -0.7, 0.3, 1.0, 1.9):
        value, [slope] = function.evaluate_gradient([x])
        exact = PRECISE.mpf(x)
        assert value == pytest.approx(float(exact**exponent), rel=2e-16)
        assert slope == pytest.approx(float(exponent * exact ** (exponent - 1)), rel=4e-16)


@pytest.mark.parametrize(
    "row", [r for r in DIFFERENTIATED if r.definition], ids=lambda row: row.name
)
def test_a_definition_spells_the_function(row: Primitive) -> None:
    names = [f"x{number}" for number in range(1, len(row.arguments) + 1)]
    formula = parse(row.definition, ARITIES)
    assert {str(n.value) for n in formula.nodes if n.kind == "name"} <= set(row.arguments)
    declared = f"f({', '.join(row.arguments)}) = {row.definition}"
    spelt = Function(declared)
    for point in sampled_points(row):
        point = [max(-5.0, min(x, 5.0)) for x in point[: len(names)]]
        truth = float(true_value(row, [PRECISE.mpf(x) for x in point]))
        assert spelt.evaluate(point) == pytest.approx(truth, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_formulas_of_a_row_are_in_the_language(row: Primitive) -> None:
    assert len(row.partials) == (1 if row.variadic else len(row.arguments))
    for formula in (*row.partials, row.kink or "0"):
        names = {str(n.value) for n in parse(formula, ARITIES).nodes if n.kind == "name"}
        assert names <= {*row.arguments, "y", "pi", *(("t", "r") if row.variadic else ())}


def test_tie_count_counts() -> None:
    builder = Builder(("a", "b", "c"))
    loads = [builder.load(number) for number in range(3)]
    tape = builder.tape([builder.apply("tie-count", loads[0], *loads)])
    for system in (FLOAT, IEEE, ARRAYS):
        assert interpret(tape, system, [2.0, 2.0, 1.0]) == [2.0]
        assert interpret(tape, system, [2.0, 1.0, 0.0]) == [1.0]


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("a", [1e-9, 0.3, 20.0, 300.0, 355.7, 360.0, 711.0, 1e155, 1e308])
def test_derivatives_of_saturated_functions_are_finite_and_keep_their_digits(
    a: float, backend: str
) -> None:
    """Where cosh(a)^2 overflows too: 1/cosh(a)^2 and -2*tanh(a)/cosh(a)^2 are small numbers."""
    small = PRECISE.exp(-2 * PRECISE.mpf(a))
    slope = 4 * small / (1 + small) ** 2
    bend = -2 * slope * PRECISE.tanh(min(a, 800.0))
    for text, sign in (("tanh(x)", 1.0), ("tanh(-x)", -1.0), ("logcosh(x)", 0.0)):
        function = gdcli.function(text, backend=backend)
        curvature = bend * sign if sign else slope
        [product] = function.evaluate_hessian_product([a], [1.0])
        assert product == pytest.approx(float(curvature), rel=2e-15, abs=2e-323)
        assert function.hessian([a])[0][0] == product
        if sign:
            [gradient] = function.gradient([a])
            assert gradient == pytest.approx(float(slope * sign), rel=2e-15, abs=2e-323)


@pytest.mark.parametrize("a", [0.3, -20.0, 300.0, -711.0, 1e308])
def test_every_number_system_has_the_slope_of_tanh(a: float) -> None:
    small = PRECISE.exp(-2 * abs(PRECISE.mpf(a)))
    slope = float(4 * small / (1 + small) ** 2)
    builder = Builder(("a",))
    tape = builder.tape([builder.apply(TANH_SLOPE, builder.load(0))])
    for system, argument in (
        (FLOAT, a),
        (IEEE, a),
        (ARRAYS, np.array([a])),
        (COMPLEX, a + 1e-200j),
        (digits(40), PRECISE.mpf(a)),
    ):
        try:
            with np.errstate(over="ignore"):
                [found] = interpret(tape, system, [argument])
        except TinyNumberError:
            found = 0.0
        assert complex(np.ravel(found)[0]).real == pytest.approx(slope, rel=4e-15, abs=1e-323)
    found = interpret(tape, bounded(FloatRounding()), [Bounded(a, 1e-9 * abs(a))])[0]
    assert abs(found.value - slope) <= found.error <= 1e-8
