"""When a tape is promoted, and what both tiers answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdcli.errors import GdcliError
from gdcli.execute import AUTO, NATIVE, PYTHON, tiers
from gdcli.execute.native import machine
from gdcli.execute.tiers import Tiered
from gdcli.functions.function import Function
from tests.native_code import ROSENBROCK, bits, of
from tests.sweeps import sampled


def tiered(backend: str, n: int = 50) -> Tiered:
    function = of(ROSENBROCK, n=n)
    return Tiered(
        function.engine.rewritten_gradient_tape, function.engine.gradient_bindings, backend
    )


def test_short_work_stays_in_python_and_long_work_goes_native(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, point = tiered(AUTO), [0.5] * 50
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 3 * one.operations)
    answers = [one(point) for _ in range(2)]
    assert one.program is None
    answers += [one(point) for _ in range(2)]
    assert one.program is not None
    assert one.note is None
    for value, gradient in answers:
        assert value == pytest.approx(answers[0][0], rel=1e-14)
        assert gradient == pytest.approx(answers[0][1], rel=1e-14)


def test_many_points_are_run_in_one_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 50))
    few, many, python = tiered(AUTO), tiered(AUTO), tiered(PYTHON)
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 10 * few.operations)
    for one, points, native in ((few, rows[:4], False), (many, rows, True), (python, rows, False)):
        first, others = one.map(points)
        assert (one.program is not None) is native
        for row, value, other in zip(points, first, others, strict=True):
            alone, beside = one(row)
            assert bits([value, *other]) == bits([alone, *beside])
    first, others = python.map(rows[:0])
    assert (first.shape, others.shape) == ((0,), (0, 50))


def test_the_backend_is_obeyed() -> None:
    python, native = tiered(PYTHON), tiered(NATIVE)
    assert python.for_steps(10**9) is None
    python([0.5] * 50)
    native([0.5] * 50)
    assert python.program is None
    assert native.program is not None
    assert native.for_steps(1) is native.program


@pytest.mark.parametrize("n", [200, 201, 5000])
def test_what_has_no_bursts_goes_native_all_the_same(n: int) -> None:
    one = tiered(AUTO, n)
    program = one.for_steps(10**9)
    assert (program is not None) is (n <= 200)
    assert one.program is not None
    assert one.note is None
    assert one(np.full(n, 1.0))[0] == 0.0


def test_lists_give_lists_and_arrays_give_arrays() -> None:
    for backend in (PYTHON, NATIVE):
        one = tiered(backend)
        listed, array = one([0.5] * 50), one(np.full(50, 0.5))
        assert isinstance(listed[1], list)
        assert isinstance(array[1], np.ndarray)
        assert bits(listed[1]) == bits(list(array[1]))
        without_fallback = one.without_fallback(np.full(50, 0.5))
        assert without_fallback is not None
        assert isinstance(without_fallback[1], np.ndarray)


def test_a_pole_is_not_hidden_without_fallback() -> None:
    function = of("1/(1/x)")
    for backend in (PYTHON, NATIVE):
        assert Tiered(function.tape, None, backend).without_fallback([0.0]) is None


def test_without_llvm_python_runs_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.execute.native.available", lambda: "llvmlite is not installed")
    one = tiered(NATIVE)
    assert one([1.0] * 50)[0] == 0.0
    assert one.program is None
    assert "llvmlite is not installed" in str(one.note)
    assert machine.available() is None  # here it is


def test_very_long_straight_lines_stay_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MOST_NATIVE_INSTRUCTIONS", 3)
    one = Tiered(of("x^2 + y^2 + 3").tape, None, NATIVE)
    assert one([1.0, 2.0])[0] == 8.0
    assert "more than 3 instructions" in str(one.note)


def test_very_long_loops_stay_in_python_and_long_lines_around_them_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiers, "MOST_LOOP_INSTRUCTIONS", 15)
    around = "+ a^2*b^3*sin(a)/exp(b) - cos(a*b)*(a - b)^2/7 + tan(a)*log(b^2 + 1)"
    for body, refused in (("a*i + b", False), ("sin(a*i)*cos(b*i) - a^2*i + b^3/i", True)):
        function = of(f"ifelse(a < b, sum({body} for i in 1:n), a) {around}", n=5)
        one = Tiered(function.gradient_tape, function.engine.gradient_bindings, NATIVE)
        one([0.5, 0.75])
        assert (one.program is None) is refused
        assert ("loops of the tape have more than 15" in str(one.note)) is refused


def test_the_users_calls_go_native_once_that_pays() -> None:
    text = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
    x = np.full(10_000, -1.0)
    for backend, calls in ((NATIVE, 1), ("auto", 100)):
        function = Function(text, sizes={"n": 10_000}, backend=backend)
        for _ in range(calls):
            value, gradient = function.value_and_gradient(x)
        assert function.engine.value_and_gradient.program is not None
        assert value == 9_999 * 404.0
        assert gradient[0] == -804.0  # -400x(y - x²) - 2(1 - x) at x = y = -1


HAZARDS = (  # a pole, an overflow or an edge, after which IEEE arithmetic would go on
    *("1/(1/x)", "exp(-1/x^2)", "atan(1/x)", "tanh(1/x)", "min(1/x, 5)", "max(1/x, -5)", "0^x"),
    *("1/(1 + exp(x))", "exp(x)*exp(-x)", "exp(log(x))", "sqrt(x)*x", "abs(x)", "x^0.5/(x + 1)"),
    *("ifelse(1/x > 3, 1, 2)", "sign(1/x)", "hypot(1/x, y)", "x^y", "1/lgamma(x)", "acos(x)"),
)


@pytest.mark.parametrize("hazard", sampled(HAZARDS, 3))
def test_the_users_calls_of_long_texts_go_native_and_hide_no_pole(hazard: str) -> None:
    text = hazard + "".join(f" + x*y^2/{k} - sin(y/{k})*exp(y/{k})" for k in range(2, 14))
    native, python = (Function(text, backend=backend) for backend in (NATIVE, PYTHON))
    for x in (0.0, 0.5, -2.0, 1e-200, 1e160, 800.0, -800.0):
        answers: list[Any] = []
        for function in (native, python):
            try:
                value, slopes = function.value_and_gradient(x, 0.25)
                answers.append([value, *slopes])
            except GdcliError as error:
                answers.append(str(error))
        if isinstance(answers[0], str):
            assert answers[0] == answers[1], (x, answers)
        else:
            assert answers[0] == pytest.approx(answers[1], rel=1e-15, abs=1e-300), (x, answers)
    assert native.engine.value_and_gradient.program is not None
    assert python.engine.value_and_gradient.program is None
