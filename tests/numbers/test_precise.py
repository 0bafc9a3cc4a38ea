"""Exact fractions against arithmetic by hand, and many digits against mpmath."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest

from gdcli.errors import UndefinedError
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.precise import FRACTIONS, digits
from tests.expressions import Reference, WellPosed

THIRD, HALF = Fraction(1, 3), Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "point", "value", "gradient"),
    [
        ("0.1 + 0.2 - 0.3 + x", (0,), 0, [1]),
        ("x^2*y + 1/(x^2 + y^2 + 1)", (1, 1), Fraction(4, 3), [Fraction(16, 9), Fraction(7, 9)]),
        ("x/3 + 0.1", (1,), Fraction(13, 30), [THIRD]),
        ("x^-2", (3,), Fraction(1, 9), [Fraction(-2, 27)]),
        ("x^(4/2)", (THIRD,), Fraction(1, 9), [2 * THIRD]),
        ("x^(0.1 + 0.9)", (THIRD,), THIRD, [1]),
        ("1e30*x", (THIRD,), 10**30 * THIRD, [10**30]),
        ("1e-30*x", (THIRD,), THIRD / 10**30, [Fraction(1, 10**30)]),
        ("abs(x)*y", (-HALF, 3), Fraction(3, 2), [-3, HALF]),
        ("max(x, y, 2)", (2, 2), 2, [THIRD, THIRD]),
        ("ifelse(x == 1/3, x^2, 0)", (THIRD,), Fraction(1, 9), [2 * THIRD]),
        ("sign(x) + relu(x)", (HALF,), Fraction(3, 2), [1]),
    ],
)
def test_fractions(text: str, point: tuple[Any, ...], value: Any, gradient: list[Any]) -> None:
    answer = interpret(Function(text).gradient_tape, FRACTIONS, [Fraction(x) for x in point])
    assert answer == [value, *gradient]


@pytest.mark.parametrize("text", ["x^0.5", "x^x", "sqrt(x)", "sin(x)", "x*e", "9^9^9^9 + x"])
def test_what_leaves_the_fractions_is_refused(text: str) -> None:
    with pytest.raises(UndefinedError) as caught:
        interpret(Function(text).tape, FRACTIONS, [Fraction(2)])
    assert caught.value.exit_status == 4


def test_a_power_too_large_is_refused_at_once() -> None:
    with pytest.raises(UndefinedError, match="too long to be exact"):
        interpret(Function("x^1000000000").tape, FRACTIONS, [Fraction(3)])


def test_fifty_digits_are_those_of_mpmath() -> None:
    precise = mpmath.MPContext()
    precise.dps = 70
    writer, system = WellPosed(50), digits(60)
    for _ in range(150):
        text, known = writer.problem(2)
        function = Function(text)
        exact = {name: precise.mpf(known[name]) for name in function.variables}
        truth = Reference(text).evaluate(precise, exact)
        [answer] = interpret(function.tape, system, list(exact.values()))
        assert abs(answer - truth) <= 1e-50 * abs(truth), text


def test_decimals_and_constants_are_those_of_the_system() -> None:
    system = digits(50)
    [tenth] = interpret(Function("0.1").tape, system, [])
    assert mpmath.nstr(tenth * 10 - 1, 3) in ("0.0", "1.34e-51", "-1.34e-51")
    [pi] = interpret(Function("pi").tape, system, [])
    assert mpmath.nstr(pi, 40) == "3.141592653589793238462643383279502884197"


def test_the_real_cube_root() -> None:
    [root] = interpret(Function("cbrt(x)").tape, digits(50), [mpmath.mpf(-8)])
    assert abs(root + 2) < 1e-45
    assert interpret(Function("cbrt(x)").tape, digits(50), [mpmath.mpf(0)]) == [0]
