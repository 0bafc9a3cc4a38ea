"""Enclosures as text: the ends of an interval as decimals, and for people a number and a radius.

Comes in: two ends, exact, as Fractions, or infinite floats. What the texts say is never less than
what is proved: as numbers they enclose the interval again.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isinf, log10

End = Fraction | float  # a float where it is infinite

POINT_DIGITS = 17  # significant digits of an interval that is a single number, and has more
RADIUS_DIGITS, INNER_DIGITS = 2, 3
WIDEST_RADIUS = Fraction(1, 1000)  # of the number, beyond which people are shown the two ends
PLAIN_EXPONENTS = range(-4, 17)  # of the first digit of a number that is written without one


def is_infinite(end: End) -> bool:
    return isinstance(end, float) and isinf(end)  # a Fraction may be larger than floats


def outward(low: End, high: End) -> tuple[str, str]:
    """The ends as decimals, the low one rounded down and the high one up.

    They have as many digits as show two of the width. The ends of a single number are exact where
    it has at most POINT_DIGITS digits.
    """
    bounded = not (is_infinite(low) or is_infinite(high))
    width = high - low if bounded else 0
    places = [_place(width or end, RADIUS_DIGITS if width else POINT_DIGITS) for end in (low, high)]
    return _rounded(low, places[0], False), _rounded(high, places[1], True)


def inward(low: End, high: End) -> tuple[str, str]:
    """The ends as decimals between which there is nothing but the interval, with nearly its width.

    The low end is rounded up and the high one down; those of a single number are as `outward`.
    """
    if low == high:
        return outward(low, high)
    bounded = not (is_infinite(low) or is_infinite(high))
    places = [_place(high - low if bounded else end, INNER_DIGITS) for end in (low, high)]
    return _rounded(low, places[0], True), _rounded(high, places[1], False)


def shortest_within(low: End, high: End) -> str:
    """The number between the ends that has the fewest digits, of these the most central one.

    Of a single number with many digits it is the rounded one, which reads back to the same float;
    `nan` where an end is infinite.
    """
    if is_infinite(low) or is_infinite(high):
        return "nan"
    if low == high:
        with suppress(OverflowError):
            if Fraction(float(low)) == low:
                sign, digits, place = Decimal(repr(float(low))).as_tuple()
                return _text((-1) ** sign * int("".join(map(str, digits))), place)
        return _text(round(_scaled(low, place := _place(low, POINT_DIGITS))), place)
    middle, place = Fraction(low + high) / 2, max(_place(low, 0), _place(high, 0))
    while (least := ceil(_scaled(low, place))) > (most := floor(_scaled(high, place))):
        place -= 1
    return _text(min(max(round(_scaled(middle, place)), least), most), place)


def with_radius(low: End, high: End) -> str:
    """The interval for people: `1 ± 2.3e-16`, or `[-0.5, 3]` where no digits are known."""
    if not (is_infinite(low) or is_infinite(high)):
        number = shortest_within(low, high)
        center = Fraction(Decimal(number))
        radius = max(center - low, high - center)
        if radius <= WIDEST_RADIUS * (abs(center) or 1):
            about = _rounded(Fraction(radius), _place(radius, RADIUS_DIGITS), True)
            return f"{number} ± {about}" if radius else number
    return f"[{', '.join(outward(low, high))}]"


def _place(number: End, digits: int) -> int:
    """The exponent of ten of the last of so many significant digits of the number."""
    if not number or is_infinite(number):
        return 0
    size = abs(Fraction(number))
    first = floor(log10(size.numerator) - log10(size.denominator))
    first += (_scaled(size, first + 1) >= 1) - (_scaled(size, first) < 1)  # where log10 rounds
    return first - digits + 1


def _scaled(number: End, place: int) -> Fraction:
    """The number in units of 10^place."""
    return Fraction(number) * Fraction(10) ** -place


def _rounded(number: End, place: int, up: bool) -> str:
    """The decimal of multiples of 10^place next to the number, below it or `up`."""
    if is_infinite(number):
        return str(number)
    return _text((ceil if up else floor)(_scaled(number, place)), place)


def _text(count: int, place: int) -> str:
    """The number count·10^place, without zeros at its end."""
    if not count:
        return "0"
    written = str(Decimal(abs(count)))  # of an int beyond 4,300 digits Python writes no text
    digits = written.rstrip("0")
    place += len(written) - len(digits)
    first, sign = place + len(digits) - 1, "-" * (count < 0)
    if first in PLAIN_EXPONENTS:
        return f"{Decimal(f'{sign}{digits}e{place}'):f}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}e{first:+d}"
