"""Comparisons before a format writes them."""

from __future__ import annotations

from fractions import Fraction
from math import inf

from gdcli.derivatives.comparison.errors import Reference
from gdcli.derivatives.comparison.table import MethodRow, Table
from gdcli.functions.function import Function
from gdcli.report.comparison import decimal, exact_texts, methods_listing
from gdcli.report.listing import bare


def test_bare_rows_keep_their_columns() -> None:
    assert bare([("a b", 1, None, 0.5), ("c", 2, inf, 1e-17)]) == "a-b 1 nan 0.5\nc 2 nan 1e-17\n"


def test_fifty_digits_come_back_as_they_were() -> None:
    text = "0.0" + "123456789" * 5 + "12345"
    assert decimal(Fraction(text)) == text
    assert exact_texts(Reference([Fraction(-17, 18)], True)) == ["-17/18"]


def test_what_a_method_says_is_in_the_notes() -> None:
    row = MethodRow("symbolic", [inf], inf, None, None, None, None, None, None, "no formula")
    table = Table(Reference([Fraction(2)], True), [row], [])
    listing = methods_listing(Function("x^2"), table)
    assert "symbolic: no formula" in listing.notes
    assert listing.content["methods"][0]["message"] == "no formula"
