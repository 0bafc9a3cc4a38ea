"""All methods at one point; times are shown and never tested."""

from __future__ import annotations

from math import isnan

import pytest

from gdcli.derivatives import registry as methods
from gdcli.derivatives.comparison.table import (
    BATCH_SECONDS,
    BATCHES,
    MethodRow,
    compare,
    median_seconds,
)
from gdcli.derivatives.registry import METHODS
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function

ULP = 2.0**-52


def rows(text: str, point: list[float]) -> dict[str, MethodRow]:
    return {row.method: row for row in compare(Function(text), point).rows}


def test_the_lecture() -> None:
    found = rows("x^2*y + 1/(x^2 + y^2 + 1)", [0.5, -0.5])
    assert list(found) == [
        *("reverse", "tangent", "forward-difference", "central-difference"),
        *("complex-step", "symbolic"),
    ]
    errors = {name: row.error for name, row in found.items() if row.error is not None}
    assert list(errors) == list(found)
    assert errors["reverse"] <= ULP
    assert errors["tangent"] <= ULP
    assert errors["complex-step"] <= 4 * ULP
    assert errors["symbolic"] <= 4 * ULP
    assert 1e-12 < errors["forward-difference"] < 1e-6
    assert errors["central-difference"] < errors["forward-difference"]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_evaluations_are_those_of_theory(n: int) -> None:
    text = " + ".join(f"exp(x{i})" for i in range(1, n + 1))
    found = rows(text, [0.5] * n)
    expected = {"reverse": 1, "forward-difference": n + 1, "central-difference": 2 * n}
    assert {name: found[name].evaluations for name in expected} == expected


def test_simplification_shrinks_what_cancels() -> None:
    """(exp(x) + 1)²/(exp(x) + 1)² has the derivative 0, and SymPy does not see it at once."""
    row = rows("(exp(2*x) + 2*exp(x) + 1)/(exp(x) + 1)^2 + x", [0.7])["symbolic"]
    assert row.formula is not None
    assert row.formula > 5
    assert row.simplified == 0


def test_only_symbolic_has_a_formula_and_only_differences_a_step() -> None:
    found = rows("x*sin(y)", [0.5, 1.5])
    assert {name for name, row in found.items() if row.formula is not None} == {"symbolic"}
    assert {"forward-difference", "central-difference"} <= {
        name for name, row in found.items() if row.step
    }


def test_a_method_that_has_no_answer_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> methods.Prepared:
        raise UndefinedError("no formula")

    refused = METHODS["symbolic"]._replace(make=refuse)
    monkeypatch.setitem(METHODS, "symbolic", refused)
    row = rows("x^2", [1.0])["symbolic"]
    assert row.message == "no formula"
    assert isnan(row.gradient[0])
    assert row.error is None


def test_an_undefined_point_is_refused() -> None:
    with pytest.raises(UndefinedError, match="log"):
        compare(Function("log(x - y)"), [1.0, 1.0])


def test_the_stopwatch_calls_until_the_clock_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def work() -> None:
        nonlocal now
        now += 1e-6

    monkeypatch.setattr("gdcli.derivatives.comparison.table.perf_counter", lambda: now)
    assert median_seconds(work) == pytest.approx(1e-6)
    assert now >= BATCHES * BATCH_SECONDS


def test_the_kinks_that_the_point_lies_on_are_named() -> None:
    assert compare(Function("relu(relu(x)) + y^2"), [0.0, 1.0]).kinks
    assert compare(Function("abs(x)"), [0.0]).kinks == ["abs(x) at x = 0"]
    assert compare(Function("abs(x)"), [1e-9]).kinks == []
