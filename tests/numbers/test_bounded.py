from __future__ import annotations

import math
from random import Random
from statistics import median
from typing import Any

import pytest

from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS, ROWS
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.nonsmooth.bounded_pass import Tapes, run_bounded_pass
from gdcli.numbers.bounded import Bounded, context_of, system_of
from gdcli.numbers.error_propagation import ERROR_RULES
from gdcli.numbers.precise import digits
from tests.mathematics import DIFFERENTIATED
from tests.sweeps import sampled

UNARY = [
    name for name, row in LANGUAGE_FUNCTIONS.items() if len(row.arguments) == 1 and not row.variadic
]
BINARY = ["+", "-", "*", "/", "^", "+", "-", "*", "hypot", "atan2", "logaddexp", "max", "min"]


def expression(random: Random, depth: int) -> str:
    """A formula in x and y; a part of them is undefined or overflows somewhere."""
    if depth == 0 or random.random() < 0.1:
        leaf = random.choice(["x", "y", "x", "y", f"{random.uniform(-3, 3):.3g}", "pi", "1", "2"])
        return f"({leaf})" if leaf.startswith("-") else leaf
    if random.random() < 0.4:
        return f"{random.choice(UNARY)}({expression(random, depth - 1)})"
    operator = random.choice(BINARY)
    left, right = expression(random, depth - 1), expression(random, depth - 1)
    if operator == "^":
        right = random.choice(["2", "3", "-1", "0.5", "1.5", "-2", "y"])
    return (
        f"{operator}({left}, {right})" if operator.isalnum() else f"({left}) {operator} ({right})"
    )


def coordinate(random: Random) -> float:
    size = random.choice([0, 0, 0, -3, 3, -8])
    return random.choice([1.0, -1.0]) * random.uniform(0.1, 10.0) * 10.0**size


@pytest.mark.parametrize("cases", sampled([2_500, 10_000], 1))
def test_the_error_is_never_larger_than_the_bound_and_the_bound_is_sensible(cases: int) -> None:
    # Truth: the same formula as written, with 100 digits of mpmath and no bound.
    random, truth = Random(20), digits(100)
    number = context_of(100).mpf
    measured, ratios = 0, []
    while measured < cases:
        text = "f(x, y) = " + expression(random, random.randint(1, 4))
        function = Function(text)
        for _ in range(3):
            point = [coordinate(random), coordinate(random)]
            bounded_pass = run_bounded_pass(system_of(None), tapes(function), point)
            if bounded_pass.touched or bounded_pass.pole or not bounded_pass.certain:
                continue
            try:
                exact = interpret(function.gradient_tape, truth, [number(x) for x in point])
            except (ArithmeticError, ValueError):
                continue
            for bounded, true in zip(
                [bounded_pass.value, *bounded_pass.gradient], exact, strict=True
            ):
                if not bounded.good:
                    continue
                error = float(abs(number(bounded.value) - number(true)))
                assert error <= bounded.error, (text, point, bounded, true)
                measured += 1
                if error > 0.0:
                    ratios.append(bounded.error / error)
    assert len(ratios) > cases / 3
    assert median(ratios) < 100.0


def tapes(function: Function) -> Tapes:
    return Tapes(function.engine.rewritten.tape, function.engine.rewritten_gradient_tape)


def test_every_primitive_has_a_bound() -> None:
    assert set(ERROR_RULES) == {row.name for row in ROWS}


@pytest.mark.parametrize("seed", sampled(range(5), 1))
@pytest.mark.parametrize(
    "row", [row for row in DIFFERENTIATED if not row.variadic], ids=lambda row: row.name
)
def test_a_primitive_moves_no_further_than_its_bound(row: Any, seed: int) -> None:
    # operands off by up to a tenth of themselves, where a first-order bound would be too small
    random, system, truth = Random(seed), system_of(None), digits(50)
    function = truth.operations.get(row.name)
    number = context_of(50).mpf
    for _ in range(60):
        values = [random.uniform(*interval) for interval in row.sampled]
        errors = [abs(v) * 10.0 ** random.uniform(-16, -1) for v in values]
        if row.name == "pow-integer":
            values[1], errors[1] = float(random.randint(-4, 4)), 0.0
        if row.greatest_order:
            values[0], errors[0] = float(random.randint(0, 9)), 0.0
        operands = [Bounded(v, e) for v, e in zip(values, errors, strict=True)]
        found = system.operations[row.name](*operands)
        for _ in range(5):
            moved = [
                number(v) + number(e) * random.choice([-1, 1, random.uniform(-1, 1)])
                for v, e in zip(values, errors, strict=True)
            ]
            try:
                true = function(*moved) if function else by_definition(row.name, moved)
            except (ArithmeticError, ValueError):
                assert found.error == math.inf or not found.good or row.name in EDGES
                continue
            assert abs(true - number(found.value)) <= found.error, (values, errors)


LARGE = [
    *("exp", "expm1", "sinh", "cosh", "tanh", "erf", "erfc", "log", "log1p", "sqrt", "cbrt"),
    *("atan", "asinh", "hypot", "*", "/", "+", "-", "pow-general", "pow-integer"),
]


@pytest.mark.parametrize("name", LARGE)
def test_a_bound_holds_for_operands_far_beyond_doubles(name: str) -> None:
    # operands from 2^-700 to 2^700, off by up to a third of themselves; the truth has as many
    # digits as exp of the largest takes
    random, system, truth = Random(11), system_of(50), digits(500)
    context, number = context_of(50), truth.constants["pi"].context
    operands = 2 if name in ("hypot", "*", "/", "+", "-", "pow-general", "pow-integer") else 1
    measured = 0
    for _ in range(60):
        values, errors = [], []
        for place in range(operands):
            sign = 1 if place == 0 and name in ("log", "log1p", "sqrt", "pow-general") else 0
            size = context.ldexp(random.uniform(0.5, 1.0), random.randint(-700, 700))
            values.append(size * (sign or random.choice((-1, 1))))
            errors.append(size * context.mpf(10) ** random.choice((-60, -40, -5, -0.5)))
        if name == "pow-integer":
            values[1], errors[1] = context.mpf(random.randint(-(10**9), 10**9)), context.mpf(0)
        found = system.operations[name](*map(Bounded, values, errors))
        for _ in range(4):
            moved = [
                number.mpf(v) + number.mpf(e) * random.choice((-1, 1, random.uniform(-1, 1)))
                for v, e in zip(values, errors, strict=True)
            ]
            true = truth.operations[name](*moved)
            assert abs(true - number.mpf(found.value)) <= found.error, (values, errors)
            measured += found.good
    assert measured > 60


def test_an_underflow_is_0_within_the_least_number() -> None:
    system, context = system_of(50), context_of(50)
    huge = Bounded(context.mpf("1e60000"), context.mpf("1e59950"))
    small = system.operations["exp"](system.operations["unary-minus"](huge))
    assert small.value == 0
    assert 0 < small.error < context.mpf("1e-100000")
    assert system.operations["exp"](huge).value == math.inf
    assert system.operations["/"](Bounded(context.mpf(1), 0), small).error == math.inf
    for name in ("tanh", "erf"):
        assert system.operations[name](huge).error < 1e-45


# beside an edge of the domain the bound is for the operands that are within it
EDGES = {"sqrt", "asin", "acos", "acosh", "pow-general"}


def by_definition(name: str, operands: list[Any]) -> Any:
    call = f"f(a, b) = {name}(a, b)" if len(operands) == 2 else f"f(a) = {name}(a)"
    return interpret(Function(call).tape, digits(50), operands)[0]


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("x^2 - 2*x + 1", 1.0, 0.0),
        ("(x - 3)*(x + 3)", -3.0, 0.0),
        ("x/4 + 0.5", 1.0, 0.75),
        ("sqrt(x) - 3", 9.0, 0.0),
        ("sin(x)", 0.0, 0.0),
        ("exp(x)", 0.0, 1.0),
        ("x^3", -2.0, -8.0),
    ],
)
def test_what_is_exact_has_no_error(text: str, point: float, value: float) -> None:
    function = Function(text)
    found = run_bounded_pass(system_of(None), tapes(function), [point]).value
    assert (found.value, found.error) == (value, 0.0)


def test_errors_are_known_to_be_unknown_where_operands_may_reach_a_pole() -> None:
    system = system_of(None)
    near = Bounded(1e-20, 1e-19)
    for name in ("log", "log2", "log10"):
        assert system.operations[name](near).error == math.inf
    assert system.operations["/"](Bounded(1.0, 0.0), near).error == math.inf
    assert system.operations["exp"](Bounded(1e4, 0.0)).value == math.inf
    assert math.isnan(system.operations["log"](Bounded(-1.0, 0.0)).value)
    assert system.operations["sqrt"](Bounded(-1e-20, 1e-19)).value == 0.0
