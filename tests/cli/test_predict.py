"""`gdcli predict`: new rows with what a saved model says of them, in another process too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gdcli as package
from tests.cli.conftest import DECAY, decay_table

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

pytestmark = pytest.mark.usefixtures("decay")
PREDICT = ("predict", "model.json", "new.csv")


def saved() -> Any:
    return json.loads(Path("model.json").read_text("utf-8"))


def save(changed: Any) -> None:
    Path("model.json").write_text(json.dumps(changed), "utf-8")


def decayed(x: float) -> float:
    a, b, c = (saved()["parameters"][name]["value"] for name in "abc")
    value: float = a * exp(-b * x) + c
    return value


def test_the_rows_of_the_table_have_the_prediction_behind_them(gdcli: Gdcli) -> None:
    Path("new.csv").write_text('id,x,note\nA 1,0,"two, words"\n007,2.5,\n# no row\n\nC,1e1,x\n')
    said = gdcli(*PREDICT)
    assert (said.status, said.err) == (0, "")
    header, *rows = said.out.splitlines()
    assert header == "id,x,note,y_predicted"
    for row, begin, x in zip(
        rows, ('A 1,0,"two, words",', "007,2.5,,", "C,1e1,x,"), (0.0, 2.5, 10.0), strict=True
    ):
        assert row.startswith(begin)
        assert float(row.removeprefix(begin)) == pytest.approx(decayed(x), rel=1e-15)


def test_every_format_has_the_same_numbers(gdcli: Gdcli) -> None:
    _, *rows = gdcli(*PREDICT, "--level", "0.9").out.splitlines()
    numbers = [[float(cell) for cell in row.split(",")] for row in rows]
    plain = gdcli(*PREDICT, "--level", "0.9", "--format", "plain").out.splitlines()
    assert [[*map(float, line.split())] for line in plain] == [row[1:] for row in numbers]
    whole = gdcli(*PREDICT, "--level", "0.9", "--format", "json").json
    names = ["x", "y_predicted", "y_low", "y_high", "y_new_low", "y_new_high"]
    assert [[row[name] for name in names] for row in whole["rows"]] == numbers
    assert (whole["schema"], whole["expression"], whole["status"]) == (1, DECAY, "ok")
    lines = gdcli(*PREDICT, "--level", "0.9", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == whole["rows"]
    printed = gdcli(*PREDICT, "--print", "y_predicted,x").out.splitlines()
    assert [[*map(float, line.split("\t"))] for line in printed] == [
        [row[1], row[0]] for row in numbers
    ]
    assert gdcli(*PREDICT, "-o", "out.json").out == ""
    assert json.loads(Path("out.json").read_text("utf-8"))["rows"][0]["x"] == 0


def test_bands_are_about_the_prediction_and_wider_for_new_rows(gdcli: Gdcli) -> None:
    rows = gdcli(*PREDICT, "--level", "0.9", "--format", "json").json["rows"]
    wide = gdcli(*PREDICT, "--level", "0.99", "--format", "json").json["rows"]
    for one, wider in zip(rows, wide, strict=True):
        below, value, above = one["y_low"], one["y_predicted"], one["y_high"]
        assert one["y_new_low"] < below < value < above < one["y_new_high"]
        assert (below + above) / 2 == pytest.approx(value, rel=1e-12)
        assert wider["y_low"] < below
        half = (above - below) / 2 / 1.8331129327
        new = (one["y_new_high"] - value) / 1.8331129327
        assert new**2 - half**2 == pytest.approx(saved()["s"] ** 2, rel=1e-7)


def test_a_new_process_predicts_the_same(gdcli: Gdcli) -> None:
    """The model and the rows are piped, one at a time, and the library reads the file too."""
    here = gdcli(*PREDICT)
    words = [sys.executable, "-m", "gdcli", "predict", "-", "new.csv"]
    model = Path("model.json").read_text("utf-8")
    done = subprocess.run(words, input=model, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, here.out, "")
    assert gdcli("predict", "model.json", stdin="x\n0\n2.5\n") == here
    assert gdcli("predict", "model.json", "-", stdin="x\n0\n2.5\n") == here
    found = package.predict("model.json", {"x": [0.0, 2.5]})
    assert [f"{float(one)!r}" for one in found] == [
        line.split(",")[1] for line in here.out.splitlines()[1:]
    ]
    fitted = package.fit(DECAY, "decay.csv", start="1,1,0")
    assert [*fitted.predict({"x": [0.0, 2.5]})] == [*found]
    assert [*package.predict(saved(), {"x": [0.0, 2.5]})] == [*found]
    bands = fitted.predict({"x": [0.0, 2.5]}, level=0.9)
    assert bands.low[1] < found[1] < bands.high[1] < bands.new_high[1]


def test_held_parameters_vectors_links_and_formulas_are_in_the_model(gdcli: Gdcli) -> None:
    table = "t,u,v,n\n" + "".join(f"{i},{i % 3},{i * i},{2**i + i % 2}\n" for i in range(6))
    Path("t.csv").write_text(table, "utf-8")
    cases = {
        "v ~ k*t^p": ("--set", "k=1/2", "--start", "p=1"),
        "v ~ sum(w[i]*t^i for i in 1:n)": ("--size", "n=2", "--start", "w=0"),
        "v ~ b + sum(w[j]*z[j] for j in 1:n)": ("--column", "z=t:u", "--start", "b=0,w=0"),
        "log(n) ~ a + b*t": ("--start", "0,0"),
        "n ~ a + b*t": ("--loss", "poisson", "--start", "0,0"),
    }
    for model, words in cases.items():
        assert gdcli("fit", model, "t.csv", *words, "-o", "m.json").status == 0, model
        found = gdcli("predict", "m.json", "t.csv", "--format", "json").json
        name = "response_predicted" if "log" in model else f"{model[0]}_predicted"
        values = {key: one["value"] for key, one in
                  json.loads(Path("m.json").read_text("utf-8"))["parameters"].items()}  # fmt: skip
        for row in found["rows"]:
            t, u = row["t"], row["u"]
            if "k*" in model:
                right = 0.5 * t ** values["p"]
            elif "t^i" in model:
                right = values["w[1]"] * t + values["w[2]"] * t * t
            elif "z[j]" in model:
                right = values["b"] + values["w[1]"] * t + values["w[2]"] * u
            else:
                right = values["a"] + values["b"] * t
            right = exp(right) if "poisson" in words else right
            assert row[name] == pytest.approx(right, rel=1e-12, abs=1e-12), model


def test_labels_are_those_of_the_model(gdcli: Gdcli) -> None:
    """In other rows other labels come first, and there may be fewer."""
    rows = "".join(f"{label},{i + 10 * (label == 'b')}\n" for i, label in enumerate("abcab"))
    Path("g.csv").write_text(f"g,y\n{rows}", "utf-8")
    said = gdcli("fit", "y ~ a + d*g", "g.csv", "--start", "0,0", "-o", "g.json")
    assert said.status == 0
    found = json.loads(Path("g.json").read_text("utf-8"))
    assert found["labels"] == {"g": ["a", "b", "c"]}
    a, d = (found["parameters"][name]["value"] for name in "ad")
    Path("h.csv").write_text("g\nc\nb\n", "utf-8")
    rows = gdcli("predict", "g.json", "h.csv", "--format", "json").json["rows"]
    expected = [pytest.approx(a + d * number) for number in (3, 2)]
    assert [row["y_predicted"] for row in rows] == expected
    Path("h.csv").write_text("g\nc\nq\n", "utf-8")
    said = gdcli("predict", "g.json", "h.csv")
    assert (said.status, said.out) == (2, "")
    assert "row 2, g: the model has not seen the label `q`; it has seen a, b, c" in said.err
    Path("h.csv").write_text("g\n1\n", "utf-8")
    assert "`g` is a column of texts in the model" in gdcli("predict", "g.json", "h.csv").err


def test_a_prediction_that_is_no_number_is_empty_and_status_4(gdcli: Gdcli) -> None:
    Path("l.csv").write_text("x,y\n1,0\n2,0.7\n3,1.1\n", "utf-8")
    assert gdcli("fit", "y ~ a + log(x)", "l.csv", "-o", "l.json").status == 0
    Path("n.csv").write_text("x\n1\n-1\n2\n", "utf-8")
    said = gdcli("predict", "l.json", "n.csv")
    assert said.status == 4
    assert said.out.splitlines()[2] == "-1,"
    assert "row 2: the prediction is no finite number" in said.err
    whole = gdcli("predict", "l.json", "n.csv", "--format", "json").json
    assert (whole["status"], whole["rows"][1]["y_predicted"]) == ("undefined", None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema": 2}, "model.json: its schema is 2, this release of gdcli reads 1"),
        ({"schema": "1"}, "its schema is '1'"),
        ({"parameters": None}, "model.json is no whole model"),
        ({"order": ["a", "b"]}, "the covariance has another size than the parameters"),
        ({"order": ["a", "b", "q"]}, "model.json is no whole model: it has no 'q'"),
        ({"expression": "y ~ a*exp(-b*x) + c + d"}, "the model has the parameters a, b, c"),
        ({"expression": "y ~ __import__('os').system('true')"}, "'"),
        ({"expression": "y ~ a*"}, "a number, a name or `(` is missing"),
        ({"expression": "y ~ " + "(" * 400 + "a"}, "("),
        ({"expression": ["y"]}, "model.json is no whole model"),
        ({"loss": "import os"}, "loss"),
        ({"covariance_root": [[1]]}, "the covariance has another size"),
        ({"level": True}, "True is no number"),
        ({"labels": {"x": [1]}}, "1 is no text"),
        ({"sizes": {"n": 1.5}}, "1.5 is no whole number"),
    ],
)
def test_a_file_that_is_no_such_model_is_refused(
    gdcli: Gdcli, change: dict[str, Any], sentence: str
) -> None:
    save({**saved(), **change})
    said = gdcli(*PREDICT)
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err


@pytest.mark.parametrize("missing", ["expression", "order", "loss", "data", "labels", "s", "held"])
def test_a_model_that_lacks_a_key_is_refused(gdcli: Gdcli, missing: str) -> None:
    found = saved()
    del found[missing]
    save(found)
    said = gdcli(*PREDICT)
    assert (said.status, said.out) == (2, "")
    assert f"it has no '{missing}'" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "which model?"),
        (("model.json",), "which new data?"),
        (("nowhere.json", "new.csv"), "there is no file nowhere.json"),
        (("model.json", "nowhere.csv"), "there is no file nowhere.csv"),
        (("new.csv", "model.json"), "new.csv is no JSON"),
        (("decay.json", "new.csv"), "decay.json is no model"),
        (("-", "-"), "standard input has one reader, not both MODEL - and NEW -"),
        (("-",), "standard input has one reader"),
        (("model.json", "other.csv"), "x"),
        (("model.json", "new.csv", "--print", "z"), "the fields are x, y_predicted"),
        (("model.json", "new.csv", "--level", "2"), "--level takes a number between 0 and 1"),
        (("model.json", "taken.csv"), "the new data have a column y_predicted already"),
        (("model.json", "new.csv", "--format", "table"), "--format takes csv, json"),
        (("model.json", "new.csv", "--start", "1"), "it belongs to gdcli"),
    ],
)
def test_a_wrong_request_is_refused_with_what_to_write(
    gdcli: Gdcli, words: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    Path("decay.json").write_text('{"schema": 1}', "utf-8")
    Path("other.csv").write_text("z\n1\n", "utf-8")
    Path("taken.csv").write_text("x,y_predicted\n1,2\n", "utf-8")
    said = gdcli("predict", *words)
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err


def test_a_model_without_errors_has_predictions_and_no_bands(gdcli: Gdcli) -> None:
    words = ("fit", DECAY, "decay.csv", "--start", "1,1,0", "--max-iterations", "2")
    assert gdcli(*words, "-o", "model.json").status == 3
    assert gdcli(*PREDICT).status == 0
    said = gdcli(*PREDICT, "--level", "0.9")
    assert said.status == 2
    assert "the model has parameters without standard errors, and so no --level" in said.err


def test_new_rows_have_the_sigma_of_their_own(gdcli: Gdcli) -> None:
    """Without the column of standard deviations only the band of the curve is known."""
    rows = decay_table().splitlines()
    table = "\n".join([f"{rows[0]},sd", *(f"{row},0.02" for row in rows[1:])])
    Path("sd.csv").write_text(table + "\n", "utf-8")
    assert gdcli("fit", DECAY, "sd.csv", "--sigma", "sd", "-o", "model.json").status == 0
    header = gdcli(*PREDICT, "--level", "0.9").out.splitlines()[0]
    assert header == "x,y_predicted,y_low,y_high"
    Path("new.csv").write_text("x,sd\n2,0.5\n2,0.1\n", "utf-8")
    found = gdcli(*PREDICT, "--level", "0.9", "--format", "json").json["rows"]
    quantile = 1.6448536269514722
    for row in found:
        half = (row["y_high"] - row["y_low"]) / 2 / quantile
        new = (row["y_new_high"] - row["y_new_low"]) / 2 / quantile
        assert new**2 - half**2 == pytest.approx(row["sd"] ** 2, rel=1e-9)


def test_classes_are_predicted_by_their_labels(gdcli: Gdcli) -> None:
    """The highest score, by hand of the saved parameters; that of the last class is 0."""
    table = [(i % 5 * 0.7 - 1.0, i % 3 * 1.1, "rgb"[i * i % 7 % 3]) for i in range(30)]
    table = [(u + (kind == "g"), v + (kind == "b"), kind) for u, v, kind in table]
    rows = "".join(f"{u:.2f},{v:.2f},{kind}\n" for u, v, kind in table)
    Path("k.csv").write_text(f"u,v,kind\n{rows}", "utf-8")
    model = "kind ~ b[k] + w[k]*u + z[k]*v for k in classes"
    assert gdcli("fit", model, "k.csv", "--loss", "softmax", "-o", "k.json").status == 0
    found = json.loads(Path("k.json").read_text("utf-8"))
    assert found["labels"]["kind"] == ["b", "g", "r"]
    assert found["variables"] == ["b", "w", "z"]
    values = {name: one["value"] for name, one in found["parameters"].items()}
    predicted = gdcli("predict", "k.json", "k.csv", "--format", "json").json["rows"]
    for row in predicted:
        scores = [
            values[f"b[{k}]"] + values[f"w[{k}]"] * row["u"] + values[f"z[{k}]"] * row["v"]
            for k in (1, 2)
        ]
        assert row["kind_predicted"] == "bgr"[[*scores, 0.0].index(max(*scores, 0.0))]
    assert len({row["kind_predicted"] for row in predicted}) == 3
    said = gdcli("predict", "k.json", "k.csv", "--level", "0.9")
    assert (said.status, said.out) == (2, "")
    assert "a prediction of classes has no band; leave out --level" in said.err


def test_a_vector_is_made_of_the_columns_it_was_fitted_to(gdcli: Gdcli) -> None:
    Path("v.csv").write_text("p1,p2,y\n1,2,3.1\n2,1,2.2\n3,5,8.3\n4,4,7.9\n", "utf-8")
    model = "y ~ sum(w[j]*x[j] for j in 1:n)"
    assert gdcli("fit", model, "v.csv", "--column", "x=p1:p2", "-o", "v.json", "-q").status == 0
    found = json.loads(Path("v.json").read_text("utf-8"))
    w = [found["parameters"][f"w[{j}]"]["value"] for j in (1, 2)]
    for table in ("p1,z,p2\n1,9,3\n", "p2,p1\n3,1\n"):
        said = gdcli("predict", "v.json", stdin=table)
        assert float(said.out.split(",")[-1]) == pytest.approx(w[0] + 3 * w[1])
    assert [*package.predict(found, {"x": [[1.0, 3.0]]})] == [pytest.approx(w[0] + 3 * w[1])]
    for data, sentence in (
        ({"x": [[1.0, 3.0, 4.0]]}, "`x` has vectors of 3 numbers, in the model of 2"),
        ({"p1": [1.0]}, "the data: there is no column `p2`; did you mean `p1`?"),
    ):
        with pytest.raises(package.GdcliError, match=sentence):
            package.predict(found, data)


def test_a_column_may_have_its_heading_or_the_name_in_the_model(gdcli: Gdcli) -> None:
    text = Path("decay.csv").read_text("utf-8")
    Path("s.csv").write_text(text.replace("x", "Time (s)", 1), "utf-8")
    words = ("--column", "t=Time (s)", "--start", "1,1,0", "-q", "-o", "s.json")
    assert gdcli("fit", DECAY.replace("x)", "t)"), "s.csv", *words).status == 0
    one, other = (gdcli("predict", "s.json", stdin=f"{head}\n1\n") for head in ("Time (s)", "t"))
    assert one.out.splitlines()[1:] == other.out.splitlines()[1:] != []
    said = gdcli("predict", "s.json", stdin="u\n1\n")
    assert said.status == 2
    assert "standard input: there is no column `Time (s)`; the columns are u" in said.err


def test_a_new_row_needs_a_deviation_or_a_weight_for_its_own_interval(gdcli: Gdcli) -> None:
    text = Path("decay.csv").read_text("utf-8").splitlines()
    rows = [f"{line},{'d' if k == 0 else 1 + k % 2}" for k, line in enumerate(text)]
    Path("d.csv").write_text("\n".join(rows), "utf-8")
    for option in ("--weights", "--sigma"):
        words = (option, "d", "--start", "1,1,0", "-q", "-o", f"{option}.json")
        assert gdcli("fit", DECAY, "d.csv", *words).status == 0
    level = ("-", "--level", "0.9")
    said = gdcli("predict", "./--weights.json", *level, stdin="x,d\n1,0\n2,1\n")
    assert said.status == 0
    assert said.out.splitlines()[1].endswith(",,")
    for model, d in (("--weights", -1), ("--sigma", 0), ("--sigma", -2)):
        said = gdcli("predict", f"./{model}.json", *level, stdin=f"x,d\n1,{d}\n")
        assert said.status == 2
        assert f"row 1, d: `{d}` is n" in said.err
    assert gdcli("predict", "./--sigma.json", stdin="x,d\n1,\n").status == 0
    said = gdcli("predict", "./--sigma.json", stdin="x,d\n1,1\n,1\n")
    assert said.err.strip().endswith("standard input: line 3 (row 2), x: the value is missing")


def test_a_model_whose_fit_found_no_minimum_says_so(gdcli: Gdcli) -> None:
    assert gdcli("fit", "y ~ a*b*exp(-x)", "decay.csv", "-q", "-o", "f.json").status == 5
    said = gdcli("predict", "f.json", "new.csv")
    assert said.status == 0
    assert said.err.startswith(
        "gdcli: the fit of the model found no minimum that the data determin"
    )
    assert "only a*b is determined" in said.err
    assert gdcli("predict", "f.json", "new.csv", "-q").err == ""


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no such folder")
def test_a_table_comes_from_a_process_too(gdcli: Gdcli) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x\n0\n2.5\n")
    os.close(writer)
    assert gdcli("predict", "model.json", f"/dev/fd/{reader}") == gdcli(*PREDICT)
    os.close(reader)


def test_a_constant_is_predicted_for_every_row(gdcli: Gdcli) -> None:
    assert gdcli("fit", "y ~ a", "decay.csv", "-q", "-o", "a.json").status == 0
    said = gdcli("predict", "a.json", "new.csv", "--level", "0.9")
    rows = [row.split(",")[1:] for row in said.out.splitlines()[1:]]
    assert len(rows) == len(Path("new.csv").read_text("utf-8").split()) - 1
    assert all(row == rows[0] for row in rows)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("degrees_of_freedom", None, "it has standard errors without degrees of freedom"),
        ("degrees_of_freedom", -1, "it has standard errors without degrees of freedom"),
        ("held", None, "None as 'held' is no object"),
        ("data", [], "[] as 'data' is no object"),
        ("covariance_root", [3, 4, 5], "3 as 0 is no list"),
    ],
)
def test_what_a_file_lacks_is_said(gdcli: Gdcli, key: str, value: Any, sentence: str) -> None:
    save({**saved(), key: value})
    said = gdcli(*PREDICT, "--level", "0.9")
    assert (said.status, said.out) == (2, "")
    assert f"model.json is no whole model: {sentence}" in said.err
