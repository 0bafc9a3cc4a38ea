"""Enclosures as text: the ends of an interval as decimals, and for people a number and a radius.

Comes in: two ends, as Fractions or floats, each the number that it is exactly. Goes out: text
that, read as numbers, encloses the interval again, but for `inward`.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isinf, log10

End = Fraction | float

POINT_DIGITS = 17  # significant digits of an interval that is a single number, and has more
RADIUS_DIGITS, INNER_DIGITS, ROUGH_DIGITS = 2, 3, 5
WIDEST_RADIUS = Fraction(1, 1000)  # of the number, beyond which people are shown the two ends
PLAIN_EXPONENTS = range(-4, 17)  # of the first digit of a number that is written without one


def is_infinite(end: End) -> bool:
    return isinstance(end, float) and isinf(end)  # a Fraction may be larger than floats


def outward(low: End, high: End, digits: int = POINT_DIGITS) -> tuple[str, str]:
    """The ends as decimals, the low one rounded down and the high one up.

    Each has so many significant digits, more where two digits of the width take more, and fewer
    where it has no more.
    """
    bounded = not (is_infinite(low) or is_infinite(high))
    width = Fraction(high) - Fraction(low) if bounded else 0
    places = [digit_place(low, digits), digit_place(high, digits)]
    if width:
        places = [min(place, digit_place(width, RADIUS_DIGITS)) for place in places]
    return _rounded(low, places[0], False), _rounded(high, places[1], True)


def inward(low: End, high: End, inner: tuple[End, End]) -> tuple[str, str]:
    """The ends as decimals between which there is nothing but the interval, and the `inner` one.

    The low end is rounded up and the high one down, to some digits of how far the inner interval,
    which lies within, is away. Those of a single number are as `outward`.
    """
    if low == high:
        return outward(low, high)
    ends = ((low, inner[0], True), (high, inner[1], False))
    return tuple(  # type: ignore[return-value]
        str(end) if is_infinite(end) else _rounded(end, _inner_place(end, inside), up)
        for end, inside, up in ends
    )


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
                shortest = Decimal(repr(float(low)))
                exponent = _last_place(repr(float(low)))
                return _text(int(shortest.scaleb(-exponent)), exponent)
        return _text(round(_scaled(low, place := digit_place(low, POINT_DIGITS))), place)
    middle = (Fraction(low) + Fraction(high)) / 2
    place, coarsest = digit_place(high - low, 1), max(digit_place(low, 0), digit_place(high, 0))
    while place < coarsest:  # multiples of a power of ten are multiples of all lower ones
        between = (place + coarsest + 1) // 2
        if ceil(_scaled(low, between)) <= floor(_scaled(high, between)):
            place = between
        else:
            coarsest = between - 1
    least, most = ceil(_scaled(low, place)), floor(_scaled(high, place))
    return _text(min(max(round(_scaled(middle, place)), least), most), place)


def with_radius(low: End, high: End, most_digits: int = POINT_DIGITS) -> str:
    """The interval for people: `1 ± 2.3e-16`, or `[-0.5, 3]` where no digits are known.

    The number has at most so many digits.
    """
    if not (is_infinite(low) or is_infinite(high)):
        number = shortest_within(low, high)
        center = Fraction(Decimal(number))
        if low != high and (place := digit_place(center, most_digits)) > _last_place(number):
            number = _text(round(_scaled(center, place)), place)
            center = Fraction(Decimal(number))
        radius = max(center - Fraction(low), Fraction(high) - center)
        if radius <= WIDEST_RADIUS * (abs(center) or 1):
            about = _rounded(Fraction(radius), digit_place(radius, RADIUS_DIGITS), True)
            return f"{number} ± {about}" if radius else number
    return f"[{', '.join(outward(low, high, ROUGH_DIGITS))}]"


def digit_place(number: End, digits: int) -> int:
    """The exponent of ten of the last of so many significant digits of the number."""
    if not number or is_infinite(number):
        return 0
    size = abs(Fraction(number))
    first = floor(log10(size.numerator) - log10(size.denominator))
    first += (_scaled(size, first + 1) >= 1) - (_scaled(size, first) < 1)  # where log10 rounds
    return first - digits + 1


def _last_place(text: str) -> int:
    """The exponent of ten of the last digit of a decimal."""
    return int(Decimal(text).as_tuple().exponent)


def _inner_place(end: End, inside: End) -> int:
    """The exponent of ten of the last digit of an end that is rounded towards what lies inside."""
    away = abs(Fraction(end) - Fraction(inside))
    return digit_place(away, INNER_DIGITS) if away else digit_place(end, POINT_DIGITS)


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
