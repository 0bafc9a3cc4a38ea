from __future__ import annotations

import csv
import io

from gdcli.descent.iterate import Iterate
from gdcli.report.formats.csv import Iterates, listing, record
from gdcli.report.listing import Listing
from gdcli.report.view import ListingView, MinimizeView


def test_rows_follow_one_header_and_read_back() -> None:
    writer = Iterates(MinimizeView("k^2 + y", ("k", "y")))
    text = writer.row(Iterate(0, [0.1, -0.0], 1 / 3, 2.0, 0.5))
    text += writer.row(Iterate(1, [1e-300, 2.0], 4.0, 0.0, None))
    assert text == (
        "k,x.k,y,f,gradient_norm,alpha\n"
        "0,0.1,-0,0.3333333333333333,2,0.5\n"
        "1,1e-300,2,4,0,\n"
    )  # fmt: skip


def test_a_run_without_rows_is_a_header() -> None:
    writer = Iterates(MinimizeView("x", ("x",)))
    assert writer.end() == "k,x,f,gradient_norm,alpha\n"


def test_fields_are_quoted_as_the_standard_reader_expects() -> None:
    fields = ["a,b", 'say "x"', "two\nlines", "plain", ""]
    assert next(csv.reader(io.StringIO(record(fields)))) == fields


def test_the_rows_of_a_listing_stand_under_its_columns() -> None:
    rows: list[tuple[str | float | None, ...]] = [("v0 = x, y", 2.0), ("v1 = log(v0)", None)]
    found = Listing("tape", ("step", "value"), rows, "", {})
    read = list(csv.reader(listing(found, ListingView("log(x)", ("x",))).splitlines()))
    assert read == [["step", "value"], ["v0 = x, y", "2"], ["v1 = log(v0)", ""]]
