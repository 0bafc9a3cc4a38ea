"""The JSON Schema files: current, and held against what every command writes as json or jsonl."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gdcli.cli.app import COMMANDS
from gdcli.cli.check import JUDGEMENT_EXIT_STATUS
from gdcli.descent.stopping import OUTCOME_EXIT_STATUS
from gdcli.report.formats import json as writer
from gdcli.report.formats import objects
from gdcli.report.stages import STAGES
from tests import schemas
from tests.cli.conftest import DECAY
from tests.schemas import WrongAnswer

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

MAKER = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "schemas.py"))
NAMES = [name for name in objects.ANSWERS if name.split("-")[0] in COMMANDS]
OPEN_ROW = "predict-row"  # whose keys are the columns of the user's table
ROW, POINT = ("--format", "jsonl"), ("x^2 + x*y", "--at", "1,2")
FIT = ("fit", DECAY, "decay.csv", "--start", "a=1,b=1,c=0")
SAMPLES: dict[str, list[tuple[str, ...]]] = {
    "minimize": [("minimize", "x^2", "--trace"), ("minimize", "x^2 + y^2", "--digits", "20")],
    "minimize-row": [("minimize", "x^2", *ROW)],
    "race": [("race", "x^2"), ("race", "a*x^2", "--vary", "a=1,2")],
    "race-row": [("race", "x^2", *ROW)],
    "certify": [
        *[("certify", "x^2", "--window", "x=-1:2"), ("certify", "1/x", "--window", "x=-1:1")],
        *[("certify", "x^2", "--at", "1e3"), ("certify", "sum(x[i]^2 for i in 1:2)")],
    ],
    "certify-row": [("certify", "x^2 + f^2", *ROW)],
    "eval": [("eval", *POINT), ("eval", "x^2", "--at", "-"), ("eval", *POINT, "--exact")],
    "eval-row": [("eval", *POINT, *ROW)],
    "grad": [
        ("grad", *POINT, "--hessian", "--along", "1,1"),
        ("grad", *POINT, "--derivative", "central-difference"),
        *[("grad", "x^2", "--at", "-"), ("grad", "x^2", "--symbolic"), ("grad", *POINT, "--exact")],
    ],
    "grad-row": [("grad", *POINT, *ROW), ("grad", "x^2", "--symbolic", *ROW)],
    "compare": [
        *[("compare", *POINT), ("compare", *POINT, "--sweep-step")],
        *[("compare", *POINT, "--sweep-variables"), ("compare", "x^2", "--sweep-depth")],
    ],
    "compare-row": [
        *[("compare", *POINT, *ROW), ("compare", "x^2", "--at", "1", "--sweep-step", *ROW)],
        ("compare", "x^2", "--at", "1", "--sweep-variables", *ROW),
        ("compare", "x^2", "--sweep-depth", *ROW),
    ],
    "fit": [(*FIT, "--derive", "half = log(2)/b"), (*FIT, "--bound", "a=0:1", "--max-time", "9s")],
    "fit-row": [(*FIT, *ROW)],
    "predict": [("predict", "model.json", "new.csv", "--level", "0.9")],
    "predict-row": [("predict", "model.json", "new.csv", *ROW)],
    "check": [("check", "x^2", "--gradient", "2x"), ("check", "x^2", "--gradient", "x")],
    "check-row": [("check", "x^2", "--gradient", "x", *ROW)],
    "show": [
        *[("show", "x^2 + log1p(x)", "--stage", stage) for stage in ("expression", "source")],
        *[("show", *POINT, "--stage", stage) for stage in ("tape", "gradient", "graph")],
        *[("show", "sum(i*x^2 for i in 1:3)", "--stage", stage) for stage in ("tape", "gradient")],
        ("show", "y ~ a*b*x + c", "--stage", "units"),
    ],
    "show-row": [
        *[("show", "x^2", "--stage", stage, *ROW) for stage in STAGES],
        *[("show", *POINT, "--stage", stage, *ROW) for stage in ("tape", "gradient", "graph")],
        ("show", *POINT, "--stage", "gradient", "--mode", "tangent", *ROW),
        ("show", "sum(i*x^2 for i in 1:3)", "--stage", "gradient", *ROW),
        ("show", "y ~ a*x", "--stage", "units", *ROW),
    ],
    "problems-list": [("problems", "list")],
    "problems-show": [("problems", "show", "five-well")],
    "problems-verify": [("problems", "verify", "booth")],
    "problems-tags": [("problems", "tags")],
    "functions": [("functions",)],
}  # fmt: skip


def test_the_files_are_those_that_the_types_make() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in schemas.FOLDER.iterdir()}
    assert found == MAKER["files"](), "run `python docs/render.py`"


def test_a_command_that_writes_json_has_a_schema() -> None:
    for command in COMMANDS:
        module = __import__(f"gdcli.cli.{command}", fromlist=["COMMAND"])
        forms = [param for param in module.COMMAND.params if "--format" in param.opts]
        if forms and "json" in forms[0].choices:
            assert command in {name.split("-")[0] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("decay")
def test_each_answer_is_held_against_its_schema(name: str, gdcli: Gdcli) -> None:
    for words in SAMPLES[name]:
        schemas.SEEN.clear()
        form = () if ROW[0] in words else ("--format", "json")
        said = gdcli(*words, *form, stdin="1\n0\n" if words[-1] == "-" else None)
        assert said.status in (0, 1), said.err
        assert name in schemas.SEEN
        if not name.endswith("-row") and isinstance(said.json, dict):
            assert [*said.json][:3] == ["gdcli", "schema", "expression"] or name == "problems-show"
            assert {"status", "message"} <= said.json.keys()
        elif name.endswith("-row") and name != OPEN_ROW:
            wrong_rows_are_caught(name, json.loads(said.out.splitlines()[-1]))


def wrong_rows_are_caught(name: str, right: dict[str, Any]) -> None:
    """A row with a column too few, one too many or without numbers, and a row of another schema."""
    first, *_ = right
    fewer = {key: value for key, value in right.items() if key != first}
    wrong_rows: list[dict[str, Any]] = [{}, fewer, right | {"more": 1}, {key: [] for key in right}]
    for wrong in wrong_rows:
        with pytest.raises(WrongAnswer):
            schemas.hold(name, wrong)
    for other in NAMES:
        if other.endswith("-row") and other not in (name, OPEN_ROW):
            with pytest.raises(WrongAnswer):
                schemas.hold(other, right)


@pytest.mark.parametrize(
    "head", [{}, {"schema": 2}, {"expression": None}, {"variables": ["x", 1]}, {"more": 1}]
)
@pytest.mark.parametrize("words", [SAMPLES["minimize"][0], SAMPLES["grad"][1], SAMPLES["check"][0]])
def test_a_wrong_answer_is_caught(
    words: tuple[str, ...], head: dict[str, Any], gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = {"gdcli": "0.1", "schema": 1, "expression": "x^2", "variables": ["x"], "held": {}}
    monkeypatch.setattr(writer, "head", lambda _: right | head if head else {})
    with pytest.raises(WrongAnswer):
        gdcli(*words, "--format", "json", stdin="1\n" if words[-1] == "-" else None)


@pytest.mark.parametrize("row", [{"k": 0.5}, {"x": 1}, {"f": "1"}, {"alpha": True}, {"more": 1}])
def test_a_wrong_row_is_caught(
    row: dict[str, Any], gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = {"k": 0, "x": {"x": 1.0}, "f": 1.0, "gradient_norm": 1.0, "alpha": 1.0}
    schemas.hold("minimize-row", right)
    monkeypatch.setattr("gdcli.report.formats.jsonl.iterate_object", lambda *_: right | row)
    with pytest.raises(WrongAnswer):
        gdcli("minimize", "x^2", "--format", "jsonl")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("minimize", OUTCOME_EXIT_STATUS),
        ("check", JUDGEMENT_EXIT_STATUS),
        ("eval", ("ok", "undefined", "ok", "undefined", "incomplete")),
    ],
)
def test_the_words_of_status_are_examples(name: str, known: Iterable[str]) -> None:
    definitions = json.loads((schemas.FOLDER / f"{name}.schema.json").read_text("utf-8"))["$defs"]
    words = [
        one["properties"]["status"]["examples"]
        for one in definitions.values()
        if {"status", "gdcli"} <= one.get("properties", {}).keys()
    ]
    assert [word for some in words for word in some] == [*known]


def test_each_file_has_an_address_of_its_own() -> None:
    found = {path.name: json.loads(path.read_text("utf-8")) for path in schemas.FOLDER.iterdir()}
    assert {name: one["$id"] for name, one in found.items()} == {n: f"/gdcli/{n}" for n in found}


def test_a_constant_that_json_lacks_is_caught() -> None:
    with pytest.raises(WrongAnswer):
        schemas.hold_text("minimize-row", '{"k": 0, "f": NaN}')


@pytest.mark.parametrize("held", [True, False])
def test_a_new_process_holds_its_answers_too(held: bool) -> None:
    code = (
        "from gdcli.report.formats import json\n"
        "json.head = lambda view: {}\n"
        "from gdcli.cli.app import run\n"
        "run(['grad', 'x', '--at', '1', '--format', 'json'])\n"
    )
    environment = schemas.in_new_processes() if held else {**os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert ("WrongAnswer" in done.stderr) == held
    assert held or json.loads(done.stdout)["f"] == 1.0


def test_numbers_in_other_digits_are_texts(gdcli: Gdcli) -> None:
    for digits in (("--exact",), ("--digits", "20")):
        words = ("grad", "x^2 + x*y", "--at", "1,1/3", "--hessian", "--along", "1,1", *digits)
        assert not numbers_in(gdcli(*words, "--format", "json").json)
    found = gdcli("minimize", "x^2 + y^2", "--digits", "20", "--format", "json").json
    ends = ("x", "f", "gradient", "gradient_norm")
    assert not numbers_in({key: found[key] for key in ends})


def numbers_in(answer: Any) -> list[float]:
    """The numbers of an answer, but that of its schema."""
    if isinstance(answer, dict):
        answer = [one for key, one in answer.items() if key != "schema"]
    if isinstance(answer, list):
        return [number for one in answer for number in numbers_in(one)]
    return [answer] if isinstance(answer, int | float) else []
