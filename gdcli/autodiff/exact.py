"""Exact arithmetic on the decimals of a tape, for what must be decided before any rounding.

An exponent is an integer or it is not; `0.3 - 0.2 == 0.1` is true. Only decimals occur: a quotient
such as 1/3 is none, and neither is a number of more than MAXIMUM_EXACT_DIGITS digits; for these the
answer is None and the question is left to the number system. Standard integers do the work, so
that no module is imported for it.
"""

from __future__ import annotations

from math import gcd

from gdcli.autodiff.tape import COMPARATORS
from gdcli.language.syntax import Decimal

MAXIMUM_EXACT_DIGITS = 1000
INTEGER_LIMIT = 2**53  # beyond it a float cannot tell odd from even
DECIMAL_OPERATIONS = ("+", "-", "*", "/", "unary-minus", "pow-integer")

ZERO, ONE, TWO, MINUS_ONE = Decimal(0, 0), Decimal(1, 0), Decimal(2, 0), Decimal(-1, 0)


def decimal(coefficient: int, exponent: int) -> Decimal | None:
    """`coefficient` · 10^`exponent` in lowest form, None where it grows too long."""
    if coefficient == 0:
        return ZERO
    while coefficient % 10 == 0:
        coefficient, exponent = coefficient // 10, exponent + 1
    bits = 4 * MAXIMUM_EXACT_DIGITS
    return Decimal(coefficient, exponent) if coefficient.bit_length() <= bits else None


def integer(number: Decimal) -> int | None:
    """The number as an int, where it is an integer that a float can hold exactly."""
    if not 0 <= number.exponent <= 16:
        return None
    value: int = number.coefficient * 10**number.exponent
    return value if abs(value) < INTEGER_LIMIT else None


def combine(operation: str, operands: list[Decimal]) -> Decimal | None:
    """The exact result of an arithmetic operation of the table, None where it is no decimal."""
    left, right = operands[0], operands[-1]
    if operation == "unary-minus":
        return Decimal(-left.coefficient, left.exponent)
    if operation == "*":
        return decimal(left.coefficient * right.coefficient, left.exponent + right.exponent)
    if operation in ("+", "-"):
        if abs(left.exponent - right.exponent) > MAXIMUM_EXACT_DIGITS:
            return None
        exponent, first, second = aligned(left, right)
        return decimal(first + second if operation == "+" else first - second, exponent)
    if operation == "/" and right.coefficient:
        return _quotient(left, right)
    return _power(left, right) if operation == "pow-integer" else None


def aligned(left: Decimal, right: Decimal) -> tuple[int, int, int]:
    """A common exponent, and the two coefficients over it."""
    exponent = min(left.exponent, right.exponent)
    first = left.coefficient * 10 ** (left.exponent - exponent)
    return exponent, first, right.coefficient * 10 ** (right.exponent - exponent)


def _power(base: Decimal, exponent: Decimal) -> Decimal | None:
    times = integer(exponent)
    if times is None or abs(times) * base.coefficient.bit_length() > 4 * MAXIMUM_EXACT_DIGITS:
        return None
    raised = decimal(base.coefficient ** abs(times), base.exponent * abs(times))
    if times >= 0 or raised is None:
        return raised
    return _quotient(ONE, raised) if raised.coefficient else None


def _quotient(left: Decimal, right: Decimal) -> Decimal | None:
    divisor = gcd(left.coefficient, right.coefficient)
    numerator, denominator = left.coefficient // divisor, right.coefficient // divisor
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    exponent = left.exponent - right.exponent
    for factor, partner in ((2, 5), (5, 2)):
        while denominator % factor == 0:
            numerator, denominator, exponent = (
                numerator * partner,
                denominator // factor,
                (exponent - 1),
            )
    return decimal(numerator, exponent) if denominator == 1 else None


def compare(comparison: str, left: Decimal, right: Decimal) -> bool | None:
    """Whether `left comparison right` holds, None where it would take too long to say."""
    first, second = left.coefficient, right.coefficient
    if first and second:
        if abs(left.exponent - right.exponent) > MAXIMUM_EXACT_DIGITS:
            return None
        _, first, second = aligned(left, right)
    return COMPARATORS[comparison](first, second)
