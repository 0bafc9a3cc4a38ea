"""`gdcli compare`, as it is typed."""

from __future__ import annotations

import csv
import json
from math import nan
from typing import TYPE_CHECKING

import pytest

from tests.sweeps import sampled

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

NAMES = [
    *("reverse", "tangent", "forward-difference", "central-difference"),
    *("complex-step", "symbolic"),
]


def test_the_lecture(gdcli: Gdcli) -> None:
    said = gdcli("compare", "lecture", "--at", "0.5,-0.5")
    assert said.status == 0
    assert "exact as fractions: (-17/18, 25/36)" in said.out
    assert [line.split()[0] for line in said.out.splitlines()[2:8]] == NAMES


def test_json_has_it_all(gdcli: Gdcli) -> None:
    answer = gdcli("compare", "lecture", "--at", "0.5,-0.5", "--format", "json").json
    assert answer["exact"] == {"gradient": {"x": "-17/18", "y": "25/36"}, "rational": True}
    reverse = answer["methods"][0]
    assert reverse["method"] == "reverse"
    assert reverse["error"] <= 2.0**-52
    assert reverse["gradient"] == {"x": -17 / 18, "y": 25 / 36}
    symbolic = answer["methods"][-1]
    assert symbolic["formula"] >= symbolic["simplified"] > 0


def test_a_row_a_method_in_every_format(gdcli: Gdcli) -> None:
    words = ("compare", "exp(x*y)", "--at", "1,2", "--format")
    lines = [json.loads(line) for line in gdcli(*words, "jsonl").out.splitlines()]
    assert [line["method"] for line in lines] == NAMES
    table = gdcli(*words, "csv").out.splitlines()
    for row, line in zip(csv.DictReader(table), lines, strict=True):
        other = {key: float(row[key] or "nan") for key in line if key not in ("method", "seconds")}
        same = {key: nan if line[key] is None else line[key] for key in other}
        assert other == pytest.approx(same, rel=0, abs=0, nan_ok=True)  # but for the seconds
    assert table[0].startswith("method,∂f/∂x,∂f/∂y,relative error,evaluations of f,operations")
    plain = [line.split() for line in gdcli(*words, "plain").out.splitlines()]
    assert [fields[0] for fields in plain] == NAMES
    assert {len(fields) for fields in plain} == {table[0].count(",") + 1}


def test_a_long_gradient_is_only_in_json(gdcli: Gdcli) -> None:
    text = " + ".join(f"x{i}^2" for i in range(1, 7))
    words = ("compare", text, "--at", "1,2,3,4,5,6")
    assert "∂f/∂" not in gdcli(*words).out
    assert gdcli(*words, "--format", "json").json["methods"][0]["gradient"]["x6"] == 12


def test_the_v(gdcli: Gdcli) -> None:
    words = ("compare", "sin(x)", "--at", "pi/3", "--sweep-step")
    out = gdcli(*words).out
    assert "forward-difference: best h found" in out
    rows = [line.split() for line in gdcli(*words, "--format", "plain").out.splitlines()]
    errors = [float(row[1]) for row in rows]
    assert [float(row[0]) for row in rows] == [10.0**-k for k in range(1, 17)]
    lowest = errors.index(min(errors))
    assert 6 <= lowest <= 9
    assert errors[:lowest] == sorted(errors[:lowest], reverse=True)
    assert errors[-1] > 1e6 * errors[lowest]
    formulas = gdcli(*words, "--format", "json").json["formulas"]
    assert formulas[0]["recommended"] == pytest.approx(formulas[0]["best"], rel=10)


def test_variables(gdcli: Gdcli) -> None:
    words = ("compare", "rosenbrock", "--at", "-1.2,1", "--sweep-variables")
    sizes = gdcli(*words, "--format", "json").json["sizes"]
    assert [size["variables"] for size in sizes] == [2, 4, 8, 16, 32]
    assert [size["methods"]["forward-difference"]["evaluations"] for size in sizes] == [
        size["variables"] + 1 for size in sizes
    ]
    assert "f itself" in gdcli(*words).out


def test_depth(gdcli: Gdcli) -> None:
    rows = gdcli("compare", "4*x*(1-x)", "--sweep-depth", "--format", "csv").out.splitlines()
    assert rows[0].startswith("depth,operations of the tape")
    assert [row.split(",")[1] for row in rows[1:]] == [str(3 * d) for d in range(1, 9)]


UNDEFINED = [  # the function, the point, f there, and what the message names
    ("log(x - y)", "1,1", None, "log(0)"),
    ("x*sqrt(y)", "1,0", 0, "the derivative of sqrt(y)"),
    ("sqrt(x^2) + y", "0,2", 2, "the derivative of x^2"),  # a kink: grad takes the least slope
    ("exp(x) + y", "1000,1", None, "exp(1000)"),  # which 50 digits hold and no double does
]


@pytest.mark.parametrize(("text", "at", "f", "named"), UNDEFINED)
def test_an_undefined_point_is_answered_in_every_format(
    text: str, at: str, f: float | None, named: str, gdcli: Gdcli
) -> None:
    def said(*form: str) -> str:
        found = gdcli("compare", text, "--at", at, "--sweep-step", *form)
        assert found.status == 4
        assert named in found.err
        return found.out

    answer = json.loads(said("--format", "json"))
    assert (answer["f"], answer["status"], named in answer["message"]) == (f, "undefined", True)
    assert {row["best"] for row in answer["formulas"]} == {None}
    assert said("--print", "f,status") == f"{'null' if f is None else f}\tundefined\n"
    assert said("--format", "plain") == ""
    lines = [json.loads(line) for line in said("--format", "jsonl").splitlines()]
    assert {line["forward-difference"] for line in lines} == {None}
    assert said("--format", "csv").count("\n") == len(lines) + 1
    assert "forward-difference: no h has a finite error" in said()


def test_what_each_method_finds_at_an_undefined_point(gdcli: Gdcli) -> None:
    words = ("compare", "x*sqrt(y)", "--at", "1,0", "--format")
    said = gdcli(*words, "json")
    assert (said.status, said.json["f"], said.json["status"]) == (4, 0, "undefined")
    assert said.json["exact"] == {"gradient": {"x": None, "y": None}, "rational": False}
    rows = {row["method"]: row for row in said.json["methods"]}
    assert [*rows] == NAMES
    assert {row["error"] for row in rows.values()} == {None}
    assert rows["reverse"]["gradient"] == {"x": 0, "y": None}
    assert rows["reverse"]["message"] == "it finds no finite number"
    assert rows["forward-difference"]["gradient"]["y"] == 2.0**13  # sqrt(h)/h, h = 2^-26
    assert rows["forward-difference"]["message"] is None
    assert "there is no exact gradient here" in gdcli(*words, "table").out


def test_costs_at_an_undefined_point_are_given(gdcli: Gdcli) -> None:
    words = ("compare", "log(x)", "--at", "0", "--sweep-variables", "--format")
    said = gdcli(*words, "json")
    assert (said.status, said.json["f"], said.json["status"]) == (4, None, "undefined")
    assert len(said.json["sizes"]) == 6
    assert gdcli(*words, "plain").out.startswith("f-itself operations 1 3 ")


def test_ascii(gdcli: Gdcli) -> None:
    assert gdcli("compare", "x^2", "--at", "1", "--ascii").out.isascii()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["x^2"], "compare needs --at"),
        (["x^2", "--at", "1,2"], "--at has 2 values"),
        (["x^2", "--at", "-"], "one point"),
        (["x^2", "--at", "1", "--sweep-depth"], "omit --at"),
        (["x^2", "--at", "1", "--sweep-step", "--sweep-variables"], "one sweep at a time"),
        (["2*pi", "--at", "1"], "nothing to differentiate"),
        ([], "which function?"),
    ],
)
def test_refusals(gdcli: Gdcli, words: list[str], complaint: str) -> None:
    said = gdcli("compare", *words)
    assert said.status == 2
    assert complaint in said.err


WIDE = [
    ("sin(x)", "--at", "1/3"),
    ("lecture", "--at", "0.5,-0.5"),
    ("sin(x*y)*exp(-x/y) + 1e-9*z*w^3", "--at", "-0.123456789,1e-5,3.7,-1e9"),
    ("wood", "--at", "1,2,3,4.5"),
    ("a_long_name^2 + another_long_name", "--at", "1,2"),
    ("a^2 + b*c + d*sin(g)", "--at", "1,2,3,4,5"),
    (" + ".join(f"sin({k}*x)*exp(-{k}*y)/(1 + x^{k})" for k in range(1, 12)), "--at", "1,2"),
    ("sum(x[i]^2 for i in 1:n)", "--size", "n=3", "--at", "x=1/3"),
    ("rosenbrock-n", "--size", "n=7", "--at", "x=0.3"),
    ("abs(x) + y", "--at", "0,1"),
    ("sin(x)", "--at", "pi/3", "--sweep-step"),
    ("x*y", "--at", "1,2", "--sweep-variables"),
    ("4*x*(1-x)", "--sweep-depth"),
]


@pytest.mark.parametrize("words", sampled([(words,) for words in WIDE], 3))
def test_it_fits_80_columns(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli("compare", *words)
    assert said.status == 0
    assert max(map(len, said.out.splitlines())) <= 80
    assert "…" not in said.out
