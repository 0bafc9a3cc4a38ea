from __future__ import annotations

import json

from gdcli.descent.iterate import Iterate
from gdcli.report.formats.jsonl import Iterates, listing
from gdcli.report.listing import Listing
from gdcli.report.view import ListingView, MinimizeView


def test_a_row_is_an_object_that_reads_back_to_the_same_doubles() -> None:
    rows = Iterates(MinimizeView("x + y", ("x", "y")))
    line = rows.row(Iterate(3, [0.1, 1 / 3], 1e-300, 2.0**-1074, None))
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "k": 3,
        "x": {"x": 0.1, "y": 1 / 3},
        "f": 1e-300,
        "gradient_norm": 2.0**-1074,
        "alpha": None,
    }


def test_a_row_of_a_listing_is_an_object_by_column() -> None:
    found = Listing("tape", ("step", "value"), [("v0 = x", 2.0), ("v1", None)], "", {})
    rows = [json.loads(row) for row in listing(found, ListingView("x", ("x",))).splitlines()]
    assert rows == [{"step": "v0 = x", "value": 2.0}, {"step": "v1", "value": None}]
