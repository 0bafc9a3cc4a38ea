"""Decimals against fractions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.autodiff import exact
from gdcli.autodiff.tape import COMPARATORS
from gdcli.language.syntax import NEGATE, Decimal
from tests.sweeps import examples

DECIMALS = st.builds(exact.decimal, st.integers(-(10**6), 10**6), st.integers(-8, 8)).map(
    lambda number: number or exact.ZERO
)
OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def fraction(number: Decimal) -> Fraction:
    return number.coefficient * Fraction(10) ** number.exponent


@examples(600)
@given(DECIMALS, DECIMALS, st.sampled_from(sorted(OPERATIONS)))
def test_arithmetic(left: Decimal, right: Decimal, operation: str) -> None:
    answer = exact.combine(operation, [left, right])
    if operation == "/" and not right.coefficient:
        assert answer is None
        return
    truth = OPERATIONS[operation](fraction(left), fraction(right))
    if answer is None:
        factors = truth.denominator
        for factor in (2, 5):
            while factors % factor == 0:
                factors //= factor
        assert factors != 1  # no decimal
    else:
        assert fraction(answer) == truth
        assert answer == exact.ZERO or answer.coefficient % 10


@examples(300)
@given(DECIMALS, DECIMALS, st.sampled_from(sorted(COMPARATORS)))
def test_comparison(left: Decimal, right: Decimal, comparison: str) -> None:
    truth = eval(f"a {comparison} b", {"a": fraction(left), "b": fraction(right)})
    assert exact.compare(comparison, left, right) is truth


@examples(200)
@given(DECIMALS, st.integers(-6, 9))
def test_powers(base: Decimal, exponent: int) -> None:
    power = exact.decimal(exponent, 0)
    assert power is not None
    answer = exact.combine("pow-integer", [base, power])
    if answer is not None:
        assert fraction(answer) == fraction(base) ** exponent
    else:
        assert exponent < 0


def test_signs() -> None:
    assert exact.combine(NEGATE, [Decimal(3, -1)]) == Decimal(-3, -1)
    assert exact.combine("*", [Decimal(-3, 0), exact.ZERO]) == exact.ZERO


@pytest.mark.parametrize(
    ("number", "integer"),
    [
        (Decimal(3, 0), 3),
        (Decimal(-12, 2), -1200),
        (exact.ZERO, 0),
        (Decimal(5, -1), None),
        (Decimal(1, 15), 10**15),
        (Decimal(1, 16), None),
        (Decimal(9007199254740991, 0), 2**53 - 1),
        (Decimal(9007199254740992, 0), None),
    ],
)
def test_integer(number: Decimal, integer: int | None) -> None:
    assert exact.integer(number) == integer


def test_what_grows_too_long_is_left_to_the_number_system() -> None:
    long = Decimal(10**700 + 1, 0)
    assert exact.combine("*", [long, long]) is None
    assert exact.combine("+", [Decimal(1, 5000), Decimal(1, -5000)]) is None
    assert exact.compare("<", Decimal(1, 5000), Decimal(1, -5000)) is None
    assert exact.compare("<", exact.ZERO, Decimal(1, 9000)) is True
    assert exact.combine("pow-integer", [Decimal(9, 0), Decimal(387420489, 0)]) is None
    assert exact.combine("pow-integer", [exact.ZERO, exact.MINUS_ONE]) is None
