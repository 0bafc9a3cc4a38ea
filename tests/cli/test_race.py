"""`gdcli race`, as it is typed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gdcli.descent.race import RACED_METHODS

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

THREE = ("race", "rosenbrock", "--methods", "steepest,lbfgs,newton")


def test_the_default_races_several_methods(gdcli: Gdcli) -> None:
    said = gdcli("race", "rosenbrock", "--format", "json")
    methods = [run["method"] for run in said.json["runs"]]
    assert methods == [*RACED_METHODS]
    assert said.status == 0


def test_a_table_has_a_row_a_method(gdcli: Gdcli) -> None:
    lines = gdcli(*THREE).out.splitlines()
    assert lines[0].split() == [
        *("method", "to", "1e-2", "to", "1e-4", "to", "1e-8", "order", "status", "verdict"),
    ]
    assert [line.split()[0] for line in lines[2:5]] == ["steepest", "lbfgs", "newton"]
    assert all(line.split()[-2:] == ["converged", "minimum"] for line in lines[2:5])


def test_json_has_an_object_of_minimize_each(gdcli: Gdcli) -> None:
    answer = gdcli(*THREE, "--format", "json").json
    assert (answer["race"], answer["status"]) == ("methods", "ok")
    for run in answer["runs"]:
        alone = gdcli("minimize", "rosenbrock", "--method", run["method"], "--format", "json").json
        own = {key: run[key] for key in alone if key != "seconds"}
        assert own == {key: alone[key] for key in own}
        assert run.keys() - alone.keys() == {"targets", "order", "best_f"}
        assert [one["target"] for one in run["targets"]] == [1e-2, 1e-4, 1e-8]
        evaluations = [one["evaluations"] for one in run["targets"]]
        assert evaluations == sorted(evaluations)
        assert all(0.0 <= one["seconds"] <= run["seconds"] for one in run["targets"])


def test_csv_jsonl_and_plain_have_a_line_a_run(gdcli: Gdcli) -> None:
    lines = [json.loads(line) for line in gdcli(*THREE, "--format", "jsonl").out.splitlines()]
    rows = [*csv.DictReader(gdcli(*THREE, "--format", "csv").out.splitlines())]
    plain = [line.split() for line in gdcli(*THREE, "--format", "plain").out.splitlines()]
    assert [line["method"] for line in lines] == ["steepest", "lbfgs", "newton"]
    for line, row, words in zip(lines, rows, plain, strict=True):
        assert [*line] == [*row]
        assert int(row["to 1e-8"]) == line["to 1e-8"] == int(words[3])
    printed = gdcli(*THREE, "--print", "method,to 1e-8,verdict").out.splitlines()
    assert printed[2] == f"newton\t{lines[2]['to 1e-8']}\tminimum"


def test_a_family_has_a_run_a_value(gdcli: Gdcli) -> None:
    words = ("race", "x^2 + a*b*y^2", "--start", "1,1", "--vary", "a=1,10", "--vary", "b=1:2:1")
    said = gdcli(*words, "--format", "json")
    held = [run["held"] for run in said.json["runs"]]
    assert held == [{"a": a, "b": b} for a in (1, 10) for b in (1, 2)]
    assert {run["method"] for run in said.json["runs"]} == {"steepest"}
    assert said.json["race"] == "family"
    assert gdcli(*words[:4], "--vary", "a=1,10,b=1:2:1", "--format", "jsonl").out.count("\n") == 4
    table = gdcli(*words).out
    assert table.startswith("held.a  held.b  method")
    assert "held:" not in table


def test_the_exit_status_is_the_highest(gdcli: Gdcli) -> None:
    words = ("race", "rosenbrock", "--methods", "newton,steepest", "--max-iterations", "30")
    assert gdcli(*words).status == 3
    assert gdcli("race", "x^2 - a", "--vary", "a=1,2").status == 0
    said = gdcli("race", "a*x^2 + x", "--vary", "a=-1,1", "--start", "1", "--max-iterations", "99")
    assert said.status == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which function?"),
        (("x^2", "--methods", "sgd"), "--methods sgd: write steepest"),
        (("x^2", "--methods", "newton,newton"), "--methods names newton twice"),
        (("x^2", "--methods", ""), "--methods takes auto, steepest, "),
        (("a*x^2", "--vary", "3"), "--vary takes a name and its values"),
        (("a*x^2", "--vary", "a="), "--vary takes a name and its values, such as a=1,2,3"),
        (("a*x^2", "--vary", "a=1,nan"), "--vary a: `nan` is not a number"),
        (("a*x^2", "--vary", "z=1,2"), "--vary z: the expression has no such name"),
        (("a*x^2", "--vary", "a=1", "--set", "b=nan"), "--set b: `nan` is not a number"),
        (("a*x^2", "--vary", "a=0:1:1e-9"), "more than 1,000, the most runs of a race"),
        (("a*x^2", "--vary", "a=1", "--vary", "a=2"), "--vary gives `a` twice"),
        (("a*x^2", "--vary", "a=1,2", "--set", "a=1"), "--set and --vary both give `a`"),
        (("a*x^2", "--vary", "a=0:1:0.3"), "the step does not lead from one end to the other"),
        (("x^2", "--method", "newton"), "gdcli race has no option --method"),
        (("sum(x[i]^2 for i in 1:300)", "--methods", "newton"), "; write --methods lbfgs"),
        (("x^2", "--vary", "b=1"), "no such name"),
        (("a*x^2", "--vary", "a=1:7:1", "--plot", "a.png"), "--plot draws at most 6 runs"),
        (("a*x^2", "--vary", "a=1,2", "--plot", "a.gif"), "--plot: a gif shows paths"),
    ],
)
def test_a_mistake_is_told(gdcli: Gdcli, words: tuple[str, ...], message: str) -> None:
    said = gdcli("race", *words)
    assert (said.status, said.out) == (2, "")
    assert message in said.err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(THREE, marks=pytest.mark.full),  # surfaces take two seconds
        ("race", "x^2 + a*y^2", "--vary", "a=1,2", "--start", "1,1"),
        ("race", "x^4 + y^2 + z^2", "--methods", "newton,lbfgs"),
    ],
)
def test_a_picture_shows_the_runs_together(
    gdcli: Gdcli, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "race.svg"
    said = gdcli(*words, "--plot", str(file))
    assert said.status == 0
    picture = file.read_text("utf-8")
    assert "</svg>" in picture
    for label in ("newton", "lbfgs") if "--methods" in words else ("a=1", "a=2"):
        assert label in picture or label in said.err
