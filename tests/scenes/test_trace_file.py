from __future__ import annotations

from math import isnan

import pytest

from gdcli.descent.minimize import run_descent
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.report.formats.jsonl import Iterates
from gdcli.report.view import MinimizeView
from gdcli.scenes.trace_file import read_trace

ROW = '{"k": 0, "x": {"x": 1, "y": 2.5}, "f": 3, "gradient_norm": 4, "alpha": 0.1}'


def test_what_minimize_wrote_reads_back_to_the_same_numbers() -> None:
    function = Function("100*(y-x^2)^2 + (1-x)^2")
    result = run_descent(function, [-1.2, 1.0])
    form = Iterates(MinimizeView(function.text, function.variables))
    trace = read_trace([form.row(row) for row in result.trace], "it")
    assert trace.variables == ("x", "y")
    assert trace.rows == result.trace


def test_the_entries_of_arrays_are_components() -> None:
    function = Function("sum(x[i]^2 for i in 1:n) + a^2", sizes={"n": 3})
    result = run_descent(function, [1.0, 2.0, 3.0, 4.0])
    view = MinimizeView(function.text, function.variables, layout=function.layout)
    trace = read_trace([Iterates(view).row(row) for row in result.trace], "it")
    assert trace.variables == tuple(function.components) == ("a", "x[1]", "x[2]", "x[3]")
    assert trace.rows == result.trace


def test_empty_lines_and_what_is_not_finite() -> None:
    trace = read_trace(["\n", ROW.replace("3", "null").replace("0.1", "null"), " \n"], "it")
    assert isnan(trace.rows[0].f)
    assert trace.rows[0].alpha is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["hello"], 'line 1 is no JSON; a trace is what gdcli minimize format="jsonl" writes'),
        (["[1]"], "line 1: `[1]` is no row of a trace"),
        (['{"k": 1}'], "is no row of a trace"),
        ([ROW, "{"], "line 2 is no JSON"),
        (["[" * 100_000], "line 1 is no JSON"),
        ([ROW.replace('"k": 0', '"k": -1')], "k is a whole number, not `-1`"),
        ([ROW.replace('"k": 0', '"k": true')], "k is a whole number, not `true`"),
        ([ROW.replace("2.5", '"2.5"')], "y is a number, not `\"2.5\"`"),
        ([ROW.replace("2.5", "null")], "a point is finite numbers"),
        ([ROW.replace("2.5", "1" + "0" * 400)], "000` is too large for a float"),
        ([ROW.replace("2.5", str(2**53 + 1))], "line 1, y: `9007199254740993` is a whole number"),
        ([ROW.replace("2.5", "1e-999")], "line 1, y: `1e-999` is not 0, but too small"),
        ([ROW.replace("2.5", '1, "y": 2.5')], "line 1 is no JSON"),
        ([ROW.replace('{"x": 1, "y": 2.5}', "{}")], "x names no variables"),
        ([ROW, ROW], "line 2: k = 0 does not come after 0; one run at a time"),
        ([ROW, ROW.replace('"y"', '"z"')], "the variables are not those of the lines before"),
        ([], "there are no iterates in it"),
    ],
)  # fmt: skip
def test_what_is_no_trace_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_trace(lines, "run.jsonl")
    assert message in caught.value.message
    assert "run.jsonl" in caught.value.message


def test_points_are_put_into_the_functions_order() -> None:
    trace = read_trace([ROW], "it")
    assert trace.ordered(("y", "x")).rows[0].x == [2.5, 1.0]
    with pytest.raises(UsageError, match="is one of the variables x, y, the function has x, z"):
        trace.ordered(("x", "z"))
