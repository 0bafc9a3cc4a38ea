"""Ends of intervals as text: what is printed is proved, by exact arithmetic."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import inf, nextafter, pi

import pytest

from gdcli.functions.enclosure_texts import inward, outward, shortest_within, with_radius

RANDOM = random.Random(16)


def pairs() -> list[tuple[Fraction, Fraction]]:
    """Intervals of all sizes, widths and signs, of neighbouring floats, of one number."""
    found = []
    for _ in range(200):
        low = Fraction(RANDOM.uniform(-1, 1)) * Fraction(10) ** RANDOM.randint(-320, 310)
        width = abs(low) * Fraction(RANDOM.random()) * Fraction(10) ** -RANDOM.randint(-2, 60)
        found.append((low, low + width))
    floats = (0.1, -0.1, pi, 1.0, 1e23, 5e-324, -1.7976931348623157e308, 999999999999999.9)
    found += [(Fraction(one), Fraction(nextafter(one, inf))) for one in floats[:-2]]
    found += [(Fraction(one), Fraction(one)) for one in floats]
    tiny = Fraction(2) ** -15_000
    found += [(Fraction(-1, 3), Fraction(1, 3)), (Fraction(0), Fraction(0)), (-tiny, tiny)]
    found += [(Fraction(1) - tiny, Fraction(1) + tiny), (tiny, 2 * tiny), (1 / tiny, 3 / tiny)]
    return [*found, (Fraction(0), tiny), (Fraction(99, 10), Fraction(101, 10))]


PAIRS = pairs()


def number(text: str) -> Fraction:
    return Fraction(Decimal(text))  # which reads as many digits as there are


def test_the_ends_that_are_printed_enclose_the_interval_closely() -> None:
    for low, high in PAIRS:
        down, up = map(number, outward(low, high))
        assert down <= low <= high <= up
        assert (up - down) <= (high - low) * Fraction(6, 5) or low == high
        if low == high:
            assert up - down <= abs(low) * Fraction(1, 10**16)


def test_a_box_in_which_something_holds_is_printed_no_larger() -> None:
    for low, high in PAIRS:
        if low < high:
            third = (high - low) / 3
            for inner in ((low + third, high - third), (low + third / 99, high), (low, high)):
                up, down = map(number, inward(low, high, inner))
                assert low <= up
                assert down <= high
                assert up <= inner[0] or inner[0] == low
                assert down >= inner[1] or inner[1] == high
                assert up - low <= (inner[0] - low) / 50 or inner[0] == low


def test_a_number_within_has_as_few_digits_as_any() -> None:
    for low, high in PAIRS:
        text = shortest_within(low, high)
        if low < high:
            found = number(text)
            assert low <= found <= high
            digits = text.lstrip("-").partition("e")[0].replace(".", "").strip("0")
            if len(digits) > 1:  # with one digit less there is a gap that holds the interval
                coarse = Fraction(10) ** _place(text, len(digits) - 1)
                assert low // coarse == high // coarse
                assert low % coarse
        elif abs(low) < 2**1023:
            assert float(text) == float(low)


def _place(text: str, digits: int) -> int:
    size, exponent = abs(number(text)), 0
    while size >= 10:
        size, exponent = size / 10, exponent + 1
    while size < 1:
        size, exponent = size * 10, exponent - 1
    return exponent - digits + 1


def test_a_number_and_its_radius_enclose_the_interval() -> None:
    for low, high in PAIRS:
        text = with_radius(low, high)
        if text.startswith("["):
            down, up = map(number, text.strip("[]").split(", "))
        else:
            center, _, radius = text.partition(" ± ")
            down = number(center) - number(radius or "0")
            up = number(center) + number(radius or "0")
        assert down <= low <= high <= up


@pytest.mark.parametrize(
    ("low", "high", "ends", "people"),
    [
        (Fraction(-959), Fraction(-959), ("-959", "-959"), "-959"),
        (Fraction(512), Fraction(513), ("512", "513"), "[512, 513]"),
        (Fraction(-3), Fraction(5), ("-3", "5"), "[-3, 5]"),
        (Fraction(-4, 3), Fraction(1, 3), None, "[-1.3334, 0.33334]"),
        (-inf, Fraction(3), ("-inf", "3"), "[-inf, 3]"),
        (-inf, inf, ("-inf", "inf"), "[-inf, inf]"),
        (Fraction(1, 3), Fraction(1, 3), ("0.33333333333333333", "0.33333333333333334"), None),
        (1 - Fraction(2) ** -52, Fraction(1), ("0.99999999999999977", "1"), "1 ± 2.3e-16"),
        (Fraction(1, 10**9), Fraction(1, 10**9), ("1e-9", "1e-9"), "1e-9"),
        (Fraction(10) ** 25, Fraction(10) ** 25 + 3, None, "1e+25 ± 3"),
    ],
)
def test_how_they_look(
    low: Fraction, high: Fraction, ends: tuple[str, str] | None, people: str | None
) -> None:
    assert ends in (None, outward(low, high))
    assert people in (None, with_radius(low, high))


def test_what_has_an_infinite_end_holds_no_number_to_print() -> None:
    assert shortest_within(-inf, Fraction(1)) == "nan"
    assert inward(Fraction(1, 3), inf, (Fraction(1), Fraction(2))) == ("0.334", "inf")
