from __future__ import annotations

import json

from gdcli.derivatives.check.claims import read_gradient
from gdcli.derivatives.check.judgement import judge
from gdcli.functions.function import Function
from gdcli.report.formats.json import listing
from gdcli.report.judgement import judgement_listing
from gdcli.report.listing import Listing
from gdcli.report.view import ListingView


def judged(text: str, formulas: str) -> Listing:
    function = Function(text)
    return judgement_listing(judge(function, read_gradient(formulas, function)))


def test_each_outcome_in_its_words() -> None:
    found = judged("x + y + z", "1, -1, log(-1)")
    assert [row[2] for row in found.rows] == ["yes", "no", "unknown"]
    assert found.name == "wrong"
    assert found.text.split()[-2:] == ["-1", "1"]
    assert found.notes[0] == found.content["message"]
    assert judged("x", "1").text == "96\n"
    assert judged("x", "log(-1)").text == ""


def test_a_number_beyond_floats_is_null_in_json() -> None:
    function = Function("ifelse(x > 5e5, exp(x), x)")
    found = judgement_listing(judge(function, read_gradient("1", function)))
    view = ListingView(function.text, function.variables, key="status")
    content = json.loads(listing(found, view), parse_constant=lambda name: name)
    assert content["status"] == "wrong"
    assert content["counterexample"] == {"at": {"x": 1e6}, "yours": 1.0, "derivative": None}
