"""How many digits the ends of an enclosure tell, and enclosures rounded to so many of them.

An interval tells N digits of a number where it is no wider than a unit of the Nth significant one.
Of a number that may be 0 they are counted from the first digit of the largest component on, and
from the units on where each of them may be 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from gdcli.functions.enclosure_texts import digit_place
from gdcli.numbers import MOST_DIGITS
from gdcli.proofs.certificate import Ends

CERTIFIED_DIGITS = 16  # where no other number is asked for


def told_digits(box: Sequence[Ends]) -> int:
    """How many digits a bounded box tells of every component."""
    scale = _scale(box)
    told = (
        _first_place(low, high, scale) - digit_place(high - low, 1)
        for low, high in box
        if low != high
    )
    return min(told, default=MOST_DIGITS)


def rounded_outward(box: Sequence[Ends], digits: int) -> tuple[Ends, ...]:
    """The bounded box with ends of so many digits; a component that is one number stays so."""
    scale, rounded = _scale(box), []
    for low, high in box:
        unit = Fraction(10) ** (_first_place(low, high, scale) - digits + 1)
        ends = floor(low / unit) * unit, ceil(high / unit) * unit
        rounded.append((low, high) if low == high else ends)
    return tuple(rounded)


def _scale(box: Sequence[Ends]) -> Fraction:
    """The size of the largest component; 1 where each of them may be 0."""
    known = (Fraction(max(high, -low)) for low, high in box if low > 0 or high < 0)
    return max(known, default=Fraction(1))


def _first_place(low: Fraction | float, high: Fraction | float, scale: Fraction) -> int:
    """The exponent of ten of the first digit of an interval, or of that of the scale."""
    return digit_place(scale if low <= 0 <= high else max(low, -high), 1)
