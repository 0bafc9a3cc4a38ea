from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from gdcli.errors import UndefinedError
from gdcli.execute.interpret import operation
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import TinyNumberError
from gdcli.numbers.precise import FRACTIONS, decimal_text, digits


def test_a_quotient_of_signs_keeps_all_digits() -> None:
    """Signs and counts are numbers of the system: a quotient of Python's ints would be a float."""
    for system in (FRACTIONS, digits(50)):
        one, three = (system.decimal(Decimal(n, 0)) for n in (1, 3))
        signs = operation(system, "sign")(one), operation(system, "tie-count")(one, one, one, one)
        third = operation(system, "/")(*signs)
        assert abs(third * three - one) * 10**45 < 1


def test_decimals_are_exact_as_fractions() -> None:
    assert FRACTIONS.decimal(Decimal(125, -4)) == Fraction(1, 80)
    assert FRACTIONS.decimal(Decimal(-7, 2)) == -700


def test_constants_are_refused_where_they_are_used() -> None:
    pi = FRACTIONS.constants["pi"]
    with pytest.raises(UndefinedError, match="pi is not rational"):
        operation(FRACTIONS, "+")(pi, Fraction(1))
    with pytest.raises(UndefinedError, match="pi is not rational"):
        FRACTIONS.order(pi)


def test_a_long_fraction_is_refused_and_a_short_power_is_not() -> None:
    power = operation(FRACTIONS, "pow-integer")
    assert power(Fraction(-1), Fraction(10**9 + 1)) == -1
    assert power(Fraction(2, 3), Fraction(-3)) == Fraction(27, 8)
    with pytest.raises(UndefinedError, match="too long"):
        power(Fraction(3, 7), Fraction(10**9))


@pytest.mark.parametrize(
    ("name", "operands", "error"),
    [
        ("log", (0,), ValueError),
        ("log", (-1,), ValueError),
        ("sqrt", (-1,), ValueError),
        ("pow-general", (-8, "0.5"), ValueError),
        ("/", (1, 0), ZeroDivisionError),
        ("exp", ("1e100000",), OverflowError),
        ("exp", ("-1e100000",), TinyNumberError),
        ("pow-general", ("1e1000", "-1e100000"), TinyNumberError),
        ("pow-general", (0, "-1e100000000"), ZeroDivisionError),
        ("polygamma", (1, "nan"), ValueError),
        ("sin", ("1e100000",), OverflowError),
    ],
)
def test_what_is_not_real_and_finite_is_an_error(
    name: str, operands: tuple[object, ...], error: type[Exception]
) -> None:
    context = mpmath.mp
    system = digits(30)
    exactly = [
        system.decimal(Decimal(operand, 0)) if isinstance(operand, int) else context.mpf(operand)
        for operand in operands
    ]
    with pytest.raises(error):
        operation(system, name)(*exactly)


@pytest.mark.parametrize(
    ("number", "count", "text"),
    [
        ("25", 10, "25"),
        ("-0.125", 10, "-0.125"),
        ("1e40", 10, "1e+40"),
        ("1.5e-30", 10, "1.5e-30"),
        ("0.12300000004", 5, "0.12300"),
        ("12345678.9", 4, "1.235e+7"),
        ("0", 4, "0"),
    ],
)
def test_numbers_as_text(number: str, count: int, text: str) -> None:
    with mpmath.workdps(60):
        assert decimal_text(mpmath.mpf(number), count) == text


@pytest.mark.parametrize("exponent", [2000, 10**7, 2**70, 2**1030])
def test_functions_of_numbers_beyond_every_double_are_exact_and_quick(exponent: int) -> None:
    # each is written out here with what is left of it to so many digits
    system = digits(400)  # of more than 1,000 bits, where other sums are taken
    context = system.constants["pi"].context
    precision = context.prec
    large = context.ldexp(context.mpf(2) / 3, exponent)
    tiny = 1 / large
    logarithm = context.log(large)
    exact = {
        ("logsumexp", large, large): large,
        ("logsumexp", context.mpf(1), large): large,
        ("logsumexp", -large, -large): -large,
        ("lgamma", large): large * (logarithm - 1),
        ("lgamma", tiny): logarithm,
        ("gamma", -tiny): -large,
        ("digamma", tiny): -large,
        ("digamma", large): logarithm,
        ("polygamma", context.mpf(1), large): tiny,
        ("polygamma", context.mpf(2), large): -tiny * tiny,
        ("pow-general", -context.mpf(1), context.ldexp(1, exponent)): context.mpf(1),
    }
    for (name, *operands), value in exact.items():
        found = operation(system, name)(*operands)
        assert abs(found / value - 1) < 10 * context.eps, (name, exponent)
    assert context.prec == precision
