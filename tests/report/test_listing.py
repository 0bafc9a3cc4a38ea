from __future__ import annotations

import csv
import json

from gdcli.report import writer
from gdcli.report.listing import Listing
from gdcli.report.view import ListingView, Screen

FOUND = Listing(
    "tape", ("step", "value"), [("v0 = x", 2.0), ("v1 = log(v0)", None)], "v0\nv1\n", {}
)


def test_every_format_writes_the_rows() -> None:
    view = ListingView("log(x)", ("x",), [2.0], Screen())
    texts = {form: writer(form, "listing")(FOUND, view) for form in ("table", "csv", "jsonl")}
    assert "v1 = log(v0)" in texts["table"]
    assert list(csv.reader(texts["csv"].splitlines())) == [
        ["step", "value"],
        ["v0 = x", "2"],
        ["v1 = log(v0)", ""],
    ]
    rows = [json.loads(row) for row in texts["jsonl"].splitlines()]
    assert rows == [{"step": "v0 = x", "value": 2.0}, {"step": "v1 = log(v0)", "value": None}]
    assert writer("plain", "listing")(FOUND, view) == FOUND.text
