from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gdcli.descent.minimize import minimize
from gdcli.report.json import Minimize, iterate_object, line, plainly
from gdcli.report.jsonl import Minimize as Lines
from gdcli.report.view import MinimizeView
from gdcli.scalar_function import Function


def answer(text: str, keep: int = 0, **view: Any) -> Any:
    function = Function(text)
    result = minimize(function, keep=keep)
    written = Minimize(MinimizeView(text, function.variables, **view)).end(result)
    assert written.endswith("}\n")
    return json.loads(written, parse_constant=pytest.fail)


def test_no_number_that_is_not_finite() -> None:
    found = answer("exp(1000*x)")
    assert (found["status"], found["f"], found["last"]) == ("undefined", None, None)
    assert found["gradient"] == {"x": None}
    with pytest.raises(ValueError, match="not JSON compliant"):
        line({"x": math.nan})


def test_a_long_trace_says_how_much_it_lacks() -> None:
    found = answer("x^2 + 100*y^2", keep=4, trace=True)
    assert len(found["trace"]) == 4
    assert found["trace_dropped"] == found["iterations"] + 1 - 4
    assert "trace_dropped" not in answer("x^2", keep=1000, trace=True)
    assert "trace" not in answer("x^2", keep=1000)


def test_the_lines_of_jsonl_are_the_rows_of_the_trace() -> None:
    result = minimize(Function("x^2 + 3*y^2"))
    writer = Lines(MinimizeView("", ("x", "y")))
    rows = [json.loads(writer.row(row)) for row in result.trace]
    assert rows == [iterate_object(("x", "y"), row) for row in result.trace]
    assert writer.end(result) == ""


def test_named_tuples_become_objects() -> None:
    view = MinimizeView("x", ("x",))
    assert plainly((view, math.inf))[0]["screen"] == {"width": None, "ascii": False, "color": False}
    assert plainly((view, math.inf))[1] is None
