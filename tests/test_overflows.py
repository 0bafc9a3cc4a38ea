"""Where numbers are too large for floats, no way to ask for a value answers with a wrong one."""

from __future__ import annotations

import re
from itertools import product
from math import isfinite

import numpy as np
import pytest

import gdcli
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.lower import lower_into
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import Tape
from gdcli.derivatives.exact_values import digits
from gdcli.derivatives.registry import METHODS
from gdcli.errors import GdcliError
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.grid import over_grid
from gdcli.execute.interpret import interpret
from gdcli.execute.native import Program, available
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from gdcli.numbers.floats import IEEE
from tests.overflows import Case, cases
from tests.sweeps import sampled

BLOCKS = 400  # of 50 conditions: 20,000
CASES = 50
SAMPLE = 20  # of the first block, in the default run
MOST_REFUSED = 1 / 16  # of a block, though the value is a float
BY_BLOCK = pytest.mark.parametrize(
    ("block", "count"),
    [(0, SAMPLE), *sampled(((block, CASES) for block in range(BLOCKS)), 0)],
)
NATIVE = pytest.mark.skipif(available() is not None, reason="no machine code here")


def function_of(case: Case, backend: str = "auto") -> Function:
    return Function(f"f(x, y) = {case.text}", backend=backend)


def tape_of(texts: list[str]) -> Tape:
    """One tape whose outputs are the values of all texts."""
    builder = Builder(("x", "y"))
    known = {"x": builder.load(0), "y": builder.load(1)}
    return builder.tape([lower_into(builder, parse(text, ARITIES), known) for text in texts])


def wrong(case: Case, value: float | None) -> bool:
    """Whether a float, which may lose digits, is neither the value nor refused."""
    if value is None or not isfinite(value) or case.truth.delicate:
        return False
    return not case.agrees(value)


@BY_BLOCK
def test_grad_is_right_or_refuses_and_refuses_little(block: int, count: int) -> None:
    refused = 0
    for case in cases(block, count):
        answer = function_of(case).answer(case.point)
        if answer.value is None:
            assert answer.status == "undefined"
            refused += case.is_a_float
            continue
        assert case.agrees(answer.value), (case, answer)
        for place, slope in enumerate(answer.gradient if not case.truth.delicate else ()):
            wanted = case.slope(place)
            if slope is not None and wanted is not None:
                assert abs(slope - wanted) <= 1e-6 * abs(wanted) + 1e-150, (case, place, slope)
    assert refused <= MOST_REFUSED * count


@BY_BLOCK
def test_calls_of_the_library_are_right_or_raise(block: int, count: int) -> None:
    for case in cases(block, count):
        function = function_of(case)
        for call in (function, function.value_and_gradient):
            try:
                found = call(*case.point)
            except GdcliError:
                continue
            value = found[0] if isinstance(found, tuple) else found
            assert not wrong(case, value), (case, value)


@NATIVE
@BY_BLOCK
def test_every_engine_of_floats_is_right_or_not_finite(block: int, count: int) -> None:
    found = cases(block, count)
    tape = tape_of([case.text for case in found])
    checked = check_infinities(tape)
    python, native = FallbackFunction(tape), Program(tape)
    for place, case in enumerate(found):
        values = {
            "interpreter": interpret(checked, IEEE, case.point),
            "Python": _flat(python(case.point)),
            "native": _flat(native(case.point)),
        }
        for engine, outputs in values.items():
            assert not wrong(case, outputs[place]), (engine, case, outputs[place])
        one = tape_of([case.text])
        columns = [np.array([number, number]) for number in case.point]
        assert not wrong(case, over_grid(one, columns)[1]), ("grid", case)
        gradient = FallbackFunction(reverse(one))
        value, slopes = gradient(case.point)
        assert not wrong(case, value)
        if isfinite(value) and not case.truth.delicate:
            for axis, slope in enumerate(slopes):
                wanted = case.slope(axis) if isfinite(slope) else None
                if wanted is not None and abs(wanted) < 1e300:
                    assert abs(slope - wanted) <= 1e-5 * abs(wanted) + 1e-100, (case, axis, slope)


def _flat(outputs: tuple[float, list[float]]) -> list[float]:
    return [outputs[0], *outputs[1]]


@NATIVE
@BY_BLOCK
def test_loops_and_lanes_are_right_or_not_finite(block: int, count: int) -> None:
    """Nine terms: eight lanes, and one by itself."""
    for case in cases(block, count)[::10]:
        body = re.sub(r"\b([xy])\b", r"\1[i]", case.text)
        for backend in ("native", "python"):
            text = f"sum({body} for i in 1:n)/n"
            function = Function(f"f(x[n], y[n]) = {text}", sizes={"n": 9}, backend=backend)
            point = [*[case.point[0]] * 9, *[case.point[1]] * 9]
            value = function.evaluate_gradient(point)[0]
            assert not wrong(case, value), (backend, case, value)
            assert not wrong(case, function.evaluate(point)), (backend, case)


@BY_BLOCK
def test_every_derivative_is_right_or_not_finite(block: int, count: int) -> None:
    for number, case in enumerate(cases(block, count)[::5]):
        function = function_of(case)
        for name, method in METHODS.items():
            if name == "symbolic" and number > 1:
                continue  # takes long
            try:
                value, gradient = method.prepare(function)(case.point)
            except GdcliError:
                continue
            assert not wrong(case, value), (name, case, value)
            if case.truth.delicate or "difference" in name or not isfinite(value):
                continue
            for place, slope in enumerate(gradient):
                wanted = case.slope(place) if isfinite(slope) else None
                if wanted is not None and abs(wanted) < 1e300:
                    assert abs(slope - wanted) <= 1e-5 * abs(wanted) + 1e-100, (name, case, slope)


@BY_BLOCK
def test_many_digits_are_right_or_refused(block: int, count: int) -> None:
    for case in cases(block, count)[::5]:
        try:
            found = digits(function_of(case), case.point, 12)
        except GdcliError:
            continue
        assert case.agrees(float(found.value)) or not isfinite(float(found.value)), (case, found)


@NATIVE
@pytest.mark.parametrize(
    ("backend", "first"),
    [
        *sampled(product(["python"], range(10)), 1),
        *sampled(product(["native"], range(10)), 1, seed=2),
    ],
)
def test_descent_starts_from_no_wrong_value(backend: str, first: int) -> None:
    for case in cases(0, CASES)[first::10]:
        result = gdcli.minimize(
            function_of(case, backend), start=case.point, alpha=1e-3, max_iterations=3
        )
        if result.iterations == 0:
            assert not wrong(case, result.f), (case, result.f)
        else:
            assert not wrong(case, result.trace[0].f), (case, result.trace[0])


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("ifelse(exp(x) < exp(2*x), x, -x)", 1000.0, 1000.0),
        ("ifelse(-exp(x) < -exp(2*x), x, -x)", 1000.0, -1000.0),
        ("ifelse(sinh(x) < 5, x, -x)", -1000.0, -1000.0),
        ("ifelse(x^3 < -x^5, x, -x)", -1e200, -1e200),
        ("1e300/(exp(x)*1e-300)", 1000.0, 5.075958897549457e165),
        ("x/(1 + x^2)", 1e200, 1e-200),
        ("exp(-(exp(x)*1e-434))", 1000.0, 0.1394469392304232),
        ("min(exp(x)*1e-434, 5)", 1000.0, 1.9700711140170),
        ("max(-exp(x)*1e-434, -5)", 1000.0, -1.9700711140170),
    ],
)
def test_a_value_beyond_the_floats_on_the_way_is_answered(
    text: str, point: float, value: float
) -> None:
    function = Function(text)
    assert function(point) == pytest.approx(value, rel=1e-12)
    assert function.answer([point]).value == pytest.approx(value, rel=1e-12)
    assert not isfinite(function.evaluate([point])) or function.evaluate([point]) == value


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("ifelse(x^2 + y^2 < 1, 2, 3)", (1e200, 1.0), 3.0),
        ("ifelse(exp(x) > y, 2, 3)", (1000.0, 1e308), 2.0),
        ("min(exp(x), y)", (1000.0, 5.0), 5.0),
        ("exp(-x^2) + y", (1e200, 1.0), 1.0),
        ("1/(1 + 0.05*x^2 + (y - 10)^2)", (1e200, 1.0), 0.0),
        ("x^3/(exp(x) - 1) + y", (1000.0, 1.0), 1.0),
        ("tanh(exp(x)) + y", (1000.0, 1.0), 2.0),
    ],
)
def test_a_certain_infinity_costs_no_answer_in_floats(
    text: str, point: tuple[float, float], value: float
) -> None:
    function = Function(f"f(x, y) = {text}")
    assert function.evaluate([*point]) == value
    if available() is None:
        assert Program(function.tape)([*point])[0] == value
