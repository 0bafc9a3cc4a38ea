"""Lengths as texts: roots in lowest terms, and digits, against squares worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gdcli.autodiff.exact import ONE
from gdcli.derivatives.length import Length, fraction_text
from gdcli.numbers.precise import digits


@pytest.mark.parametrize(
    ("vector", "text"),
    [
        ([Fraction(3), Fraction(4)], "5"),
        ([Fraction(1), Fraction(1)], "sqrt(2)"),
        ([Fraction(1, 2), Fraction(1, 3)], "sqrt(13)/6"),  # 1/4 + 1/9 = 13/36
        ([Fraction(2), Fraction(4)], "2*sqrt(5)"),
        ([Fraction(0)], "0"),
    ],
)
def test_the_length_of_fractions_is_a_root_in_lowest_terms(
    vector: list[Fraction], text: str
) -> None:
    assert Length(vector, None).text == text


def test_a_number_over_a_root_has_no_root_below() -> None:
    assert Length([Fraction(1), Fraction(1)], None).dividing(Fraction(-1)) == "-sqrt(2)/2"
    assert Length([Fraction(3), Fraction(4)], None).dividing(Fraction(2)) == "2/5"


def test_digits_are_those_of_the_root() -> None:
    one = digits(40).decimal(ONE)
    assert Length([one, one], 20).text == "1.4142135623730950488"
    assert Length([], 20).text == Length([], None).text == "0"


def test_texts_are_in_the_language() -> None:
    assert fraction_text(Fraction(-2), 5) == "-2*sqrt(5)"
    assert fraction_text(Fraction(-1, 3), 2) == "-sqrt(2)/3"
    assert fraction_text(Fraction(17, 18), 1) == "17/18"
