from __future__ import annotations

import csv
import math
from pathlib import Path
from random import Random

import mpmath
import pytest

from gdcli.functions.function import Function

DATA = Path(__file__).parent.parent / "data"
Row = dict[str, str]


def rows() -> list[Row]:
    """Published ones first; answers of the others are derived by hand, as the notes say."""
    found: list[Row] = []
    for name in ("delicate-points.csv", "more-delicate-points.csv"):
        with (DATA / name).open(newline="", encoding="utf-8") as file:
            found += csv.DictReader(file)
    return found


def number(text: str) -> float | None:
    return None if text in ("", "refuse") else float(text)


def close(found: float | None, want: float | None) -> bool:
    """To 1e-6 of the answer, however small it is; an answer of 0 to 1e-15."""
    if found is None or want is None:
        return found is want
    return abs(found - want) <= (1e-6 * abs(want) if want else 1e-15)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['function']} at {row['point']}")
def test_delicate_points(row: Row) -> None:
    function, point = Function(row["function"]), list(map(float, row["point"].split()))
    found = function.answer(point)
    want = [number(text) for text in row["gradient"].split()]
    want = want if len(want) == len(point) else want * len(point)
    assert close(found.value, number(row["value"])), found
    assert all(map(close, found.gradient, want)), found
    finite = found.value is not None and None not in found.gradient
    assert found.status == ("ok" if finite else "undefined")
    assert (found.message is None) == finite
    assert finite or str(found.error).startswith(f"undefined: {found.message}\n  ")


def test_there_are_enough_of_them() -> None:
    assert len(rows()) >= 49 + 120


@pytest.mark.parametrize(
    "text",
    [
        "(exp(x) - 1 - x - x^2/2)/x^3",
        "(sin(x) - x*cos(x))/x^3",
        "log((1 + x)/(1 - x))/x",
        "(sqrt(1 + x) - 1)/x",
        "1/x - 1/tan(x)",
        "(cosh(x) - cos(x))/x^2",
        "(1 + x)^(1/x)",
        "atan(1 + x) - atan(1)",
        "exp(x)*erf(x) - 2*x/sqrt(pi)",
    ],
)
def test_cancellation_keeps_ten_digits_and_more(text: str) -> None:
    # against mpmath's own differentiation, which shares no rule with ours
    function, random = Function(f"f(x) = {text}"), Random(8)
    spelt = eval(f"lambda x: {text.replace('^', '**')}", vars(mpmath).copy())
    for _ in range(12):
        x = random.choice([-1.0, 1.0]) * 10.0 ** random.uniform(-11.0, -1.0)
        with mpmath.workdps(150):
            value, slope = (float(mpmath.diff(spelt, mpmath.mpf(x), n)) for n in (0, 1))
        found = function.answer([x])
        assert found.value == pytest.approx(value, rel=1e-10, abs=0.0)
        assert found.gradient == pytest.approx([slope], rel=1e-10, abs=0.0)


def test_an_ordinary_point_is_what_floats_say() -> None:
    # the first pass is over the tape that the compiled code runs: the same bits
    random = Random(2)
    function = Function("exp(-x^2)*sin(y) + x/(1 + y^2)")
    for _ in range(50):
        point = [random.uniform(-2.0, 2.0), random.uniform(-2.0, 2.0)]
        found = function.answer(point)
        assert (found.value, found.gradient) == function.evaluate_gradient(point)
        assert found.notes == ()


def test_notes_say_what_was_done() -> None:
    rewritten = Function("log(1 + exp(x))").answer([1.0])
    assert rewritten.notes == ("rewritten: log(1 + exp(x)) by log(1 + exp(a)) -> softplus(a)",)
    assert "200 digits" in Function("(1-cos(x))/x^2").answer([1e-8]).notes[0]
    assert "kink of abs(x) at x = 0" in Function("abs(x)").answer([0.0]).notes[0]
    assert "jumps" in Function("sign(x)").answer([0.0]).notes[0]


def test_as_written_rewrites_nothing_and_is_still_right() -> None:
    found = Function("log(1 + exp(x))", as_written=True).answer([1000.0])
    assert (found.value, found.gradient) == (1000.0, [1.0])
    assert found.notes == ("computed with 50 digits: floats lose too many here",)


def test_messages_name_the_innermost_place() -> None:
    found = Function("y + 3*log(x-y)").answer([1.0, 1.0])
    assert str(found.error) == (
        "undefined: log(x - y) at x=1, y=1: log(0)\n  y + 3*log(x-y)\n        ^^^^^^^^"
    )
    assert found.error.exit_status == 4
    assert found.gradient == [None, None]


def test_one_component_is_refused_and_the_others_stand() -> None:
    found = Function("sqrt(x) + y^2 + exp(z)").answer([0.0, 3.0, 1000.0])
    assert found.value is None  # exp(1000) is too large
    assert found.gradient == [None, 6.0, None]
    found = Function("sqrt(x) + y^2").answer([0.0, 3.0])
    assert (found.value, found.gradient) == (9.0, [None, 6.0])
    assert found.message == "the derivative of sqrt(x) at x=0: 1/0"


def test_a_point_that_is_no_number_is_refused() -> None:
    found = Function("x + y").answer([1.0, math.inf])
    assert (found.value, found.message) == (None, "y = inf")


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_kinks_inside_one_another(depth: int) -> None:
    # | ... ||x| - 1| - 1 ... | has slope 0 wherever it turns, upwards and downwards
    text = "x"
    for _ in range(depth):
        text = f"abs(abs({text}) - 1)"
    for x in range(-depth, depth + 1):
        assert Function(f"f(x) = {text}").answer([float(x)]).gradient == [0.0]


def test_numbers_too_large_for_any_digits_are_refused_and_not_waited_for() -> None:
    for text in ("exp(exp(exp(exp(x))))", "sin(exp(exp(x)))", "x^(x^(x^x))"):
        found = Function(text).answer([20.0])
        assert found.value is None
        assert found.message
