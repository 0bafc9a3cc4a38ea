"""Values at points, against 50 digits of mpmath, and where only the gradient is missing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.derivatives.value import UNCHECKED_VALUE_NOTE, FunctionValue, evaluating
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.language.points import read_point
from tests.expressions import Reference, WellPosed
from tests.mathematics import DIFFERENTIATED, FUNCTIONS, mp, names, points, typed
from tests.sweeps import sampled


def value_at(text: str, at: Sequence[Any], **asked: Any) -> FunctionValue:
    return evaluating(Function(text), **asked)(at)


@pytest.mark.parametrize("seed", sampled(range(40), 2))
def test_values_of_texts_made_by_machine_are_right_to_ten_digits(seed: int) -> None:
    writer = WellPosed(seed)
    for _ in range(20):
        text, point = writer.problem(3)
        function = Function(text)
        at = [point[name] for name in function.variables]
        exact = Reference(text).evaluate(mp, {name: mp.mpf(x) for name, x in point.items()})
        found = evaluating(function)(at)
        assert found.status == "ok", (text, point)
        assert abs(found.f - exact) <= 1e-10 * abs(exact), (text, point)
        whole = answering(function, GradientRequest())(at).value
        assert found.f == pytest.approx(whole, rel=1e-10)


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_forty_digits_of_every_function(row: Any) -> None:
    function = Function(typed(row))
    for point in points(row, 2):
        exact = FUNCTIONS[row.name](*(mp.mpf(number) for number in point))
        found = evaluating(function, digits=40)(point)
        assert isinstance(found.f, str)
        assert abs(mp.mpf(found.f) - exact) <= mp.mpf(10) ** -38 * abs(exact), (names(row), point)


@pytest.mark.parametrize(
    ("text", "at", "f"),
    [
        ("abs(x)", [0.0], 0.0),
        ("sqrt(x - y) + 3", [1.0, 1.0], 3.0),
        ("max(x, y)", [2.0, 2.0], 2.0),
        ("ifelse(x < 0, 1, 5)", [0.0], 5.0),
        ("cbrt(x)", [0.0], 0.0),
        ("ifelse(x - 0.1 < 0, 1, 5)", [0.1], 5.0),
        ("(1 - cos(x))/x^2", [1e-8], 0.5),
        ("asin(x)", [1.0], 1.5707963267948966),
        ("sum(sqrt(x[i]) for i in 1:2)", [0.0, 4.0], 2.0),
        ("5", [], 5.0),
    ],
)
def test_a_value_needs_no_derivative(text: str, at: list[float], f: float) -> None:
    assert value_at(text, at)[1:4] == (at, f, None)
    assert value_at(text, at).status == "ok"


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("log(x - y)", [1.0, 1.0], "log(x - y) at x=1, y=1: log(0)"),
        ("1/(x - 0.1)", [0.1], "1/(x - 0.1) at x=0.1: 1/0"),
        ("sqrt(x)", [-1.0], "sqrt(x) at x=-1: sqrt(-1)"),
        ("exp(x)", [1e3], "exp(x) at x=1000: exp(1000)"),
        ("x", [float("inf")], "x = inf"),
        ("sum(log(x[i]) for i in 1:3)", [1.0, 0.0, 3.0], "log(x[i]) at i=2: log(0)"),
    ],
)
def test_where_there_is_no_value_the_operation_is_named(
    text: str, at: list[float], message: str
) -> None:
    found = value_at(text, at)
    assert (found.f, found.status) == (None, "undefined")
    assert message in (found.message or "")
    assert answering(Function(text), GradientRequest())(at).message == found.message


def test_other_numbers() -> None:
    at = read_point("1/2,-1/2", ("x", "y"), ARITIES)
    found = value_at("x^2*y + 1/(x^2+y^2+1)", at, exact=True)
    assert (found.at, found.f) == (["1/2", "-1/2"], str(Fraction(13, 24)))
    assert value_at("sqrt(x)", read_point("2", ("x",), ARITIES), digits=30).f == (
        "1.41421356237309504880168872421"
    )
    assert value_at("abs(x)", [0.0], digits=5).f == "0"
    refused = value_at("sin(x)", [1.0], exact=True)
    assert (refused.f, refused.message) == (None, "sin(x) is not rational")


def test_no_derivative_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a gradient tape is made")

    monkeypatch.setattr("gdcli.functions.engine.reverse", refused)
    for asked in ({}, {"exact": True}, {"digits": 20}):
        for text in ("x^2 + x*y", "max(x, y) + (x + 1) - x", "sum(x[i]^2 for i in 1:2)"):
            assert value_at(text, [1.0, 1.0], **asked).status == "ok"


def test_loops_too_long_to_be_written_out_are_evaluated_in_floats() -> None:
    text, at = "sum(x[i]^2 for i in 1:20001) + 1/x[1]", [2.0] * 20_001
    found = value_at(text, at)
    assert (found.f, found.notes) == (80_004.5, (UNCHECKED_VALUE_NOTE,))
    undefined = value_at(text, [0.0, *at[1:]])
    assert (undefined.f, undefined.status) == (None, "undefined")
    assert "1/x[1]" in (undefined.message or "")
    with pytest.raises(UsageError):
        value_at(text, at, exact=True)
