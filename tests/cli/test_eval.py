from __future__ import annotations

import json
import math

import pytest

from tests.cli.conftest import Gdcli

POINTS = "1,2\n\n# none\n2,1\n3,1\n"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("x^2 + x*y", "--at", "1,2"), "3\n"),
        (("x*y", "--at", "y=3,x=1/2"), "1.5\n"),
        (("a*x^2", "--set", "a=1/4", "--at", "2"), "1\n"),
        (("sum(x[i]^2 for i in 1:n)", "--at", "x=2", "--size", "n=5"), "20\n"),
        (("abs(x)", "--at", "0"), "0\n"),
        (("sqrt(x)", "--at", "0"), "0\n"),
        (("(1-cos(x))/x^2", "--at", "1e-8", "-q"), "0.5\n"),
        (("5",), "5\n"),
        (("x^2*y + 1/(x^2+y^2+1)", "--at", "1/2,-1/2", "--exact"), "13/24\n"),
        (("sqrt(2*x)", "--at", "1", "--digits", "30"), "1.41421356237309504880168872421\n"),
        (("x/3", "--at", "1", "--digits", "5"), "0.33333\n"),
    ],
)
def test_plain_is_the_bare_value(gdcli: Gdcli, words: tuple[str, ...], answer: str) -> None:
    assert gdcli("eval", *words, "--format", "plain") == (0, answer, "")


def test_the_other_formats(gdcli: Gdcli) -> None:
    words = ("eval", "x^2 + x*y", "--at", "1,2", "--format")
    found = gdcli(*words, "json").json
    assert found.pop("gdcli")
    found.pop("schema", None)
    assert [*found.items()] == [
        ("expression", "x^2 + x*y"), ("variables", ["x", "y"]), ("held", {}),
        ("at", {"x": 1.0, "y": 2.0}),
        ("f", 3.0), ("status", "ok"), ("message", None),
    ]  # fmt: skip
    assert gdcli(*words, "jsonl").json == {
        "line": 1, "at": {"x": 1.0, "y": 2.0}, "f": 3.0, "status": "ok", "message": None
    }  # fmt: skip
    assert gdcli(*words, "csv") == (0, "x,y,f,status\n1,2,3,ok\n", "")
    assert gdcli(*words, "table") == (0, "x = 1\ny = 2\nf = 3\n", "")
    assert gdcli("eval", "f*status", "--at", "1,2", "--format", "csv").out.startswith(
        "x.f,x.status,f,status\n1,2,2,ok\n"
    )


def test_where_there_is_no_value_the_operation_is_named_and_exit_4(gdcli: Gdcli) -> None:
    words = ("eval", "y*log(x-1)", "--at", "1,1", "--format")
    said = gdcli(*words, "plain")
    assert said[:2] == (4, "")
    assert said.err == "gdcli: undefined: log(x - 1) at x=1: log(0)\n  y*log(x-1)\n    ^^^^^^^^\n"
    found = gdcli(*words, "json")
    assert (found.status, found.err) == (4, said.err)
    assert (found.json["f"], found.json["status"]) == (None, "undefined")
    assert found.json["message"] == "log(x - 1) at x=1: log(0)"
    assert gdcli(*words, "csv")[:2] == (4, "x,y,f,status\n1,1,,undefined\n")
    assert gdcli(*words, "table").out.endswith("f = undefined\n")
    assert gdcli(*words, "plain", "--exact").status == 4


def test_many_points_an_answer_a_line(gdcli: Gdcli) -> None:
    words = ("eval", "log(x-y)", "--at", "-", "--format")
    two = math.log(2)
    said = gdcli(*words, "plain", stdin=POINTS)
    assert said[:2] == (4, f"\n0\n{two}\n")
    assert said.err == (
        "gdcli: line 1: undefined: log(x - y) at x=1, y=2: log(-1)\n  log(x-y)\n  ^^^^^^^^\n"
    )
    assert gdcli(*words, "csv", stdin=POINTS).out == (
        f"x,y,f,status\n1,2,,undefined\n2,1,0,ok\n3,1,{two},ok\n"
    )
    lines = list(map(json.loads, gdcli(*words, "jsonl", stdin=POINTS).out.splitlines()))
    assert [line["line"] for line in lines] == [1, 4, 5]
    assert [line["f"] for line in lines] == [None, 0.0, two]
    whole = gdcli(*words, "json", stdin=POINTS).json
    assert whole["points"] == lines
    assert (whole["status"], whole["message"]) == ("undefined", "1 of 3 points are undefined")
    rows = gdcli(*words, "table", stdin=POINTS).out.splitlines()
    assert [row.split() for row in rows[:1] + rows[2:]] == [
        ["x", "y", "f"], ["1", "2", "undefined"], ["2", "1", "0"], ["3", "1", "0.6931472"]
    ]  # fmt: skip
    assert gdcli("eval", "x/y", "--at", "-", "--exact", "--format", "plain", stdin="1,0.3\n") == (
        0, "10/3\n", ""
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which function?\n  usage:    gdcli eval EXPRESSION [OPTIONS]\n  example:"),
        (("",), "there is no expression"),
        (("x*y",), "eval needs --at POINT, the values of x, y; for example --at 1,2"),
        (("x*y", "--at", "1"), "x, y"),
        (("x", "--at", "1", "--exact", "--digits", "9"), "--exact excludes --digits"),
        (("x", "--at", "pi", "--exact"), "--at: x = pi: pi is not rational"),
        (("five-wel", "--at", "1,2"), "did you mean five-well?"),
        (("x", "--at", "1", "--hessian"), "gdcli eval has no option --hessian"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_what_to_write(
    gdcli: Gdcli, words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    said = gdcli("eval", *words)
    assert said.status == 2
    assert message in said.err


@pytest.mark.parametrize("expression", ["five-well", "rosenbrock", "max(x, y)^2", "abs(x)^3 + y"])
def test_the_value_is_that_of_grad(gdcli: Gdcli, expression: str) -> None:
    for at in ("1,2", "0,0", "-1.2,1e-9", "2,2"):
        words = (expression, "--at", at, "--format", "json")
        assert gdcli("eval", *words).json["f"] == gdcli("grad", *words).json["value"]
