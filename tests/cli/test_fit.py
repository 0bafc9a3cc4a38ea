"""`gdcli fit`: its report in every format, what ends it, and what is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from math import cos, exp, sin
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import DECAY, DECAY_START, decay_table
from tests.schemas import in_new_processes

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

FIT = ("fit", DECAY, "decay.csv", "--start", DECAY_START)
pytestmark = pytest.mark.usefixtures("decay")
KEYS = {  # that scripts rely on, beside the envelope
    *("f", "data", "loss", "method", "converged", "classification", "parameters", "derived"),
    *("order", "covariance", "correlation", "level", "sum_of_squares", "s", "degrees_of_freedom"),
    *("r2", "aic", "aicc", "bic", "condition", "offset", "null_direction", "residuals"),
    *("chi_squared", "chi_squared_p", "deviance", "null_deviance", "pseudo_r2", "labels", "sizes"),
    *("starts", "iterations", "evaluations", "seed", "warnings"),
}
PARAMETER_KEYS = ["value", "error", "t", "low", "high", "start", "bound", "at_bound", "linear",
                  "units"]  # fmt: skip


# -- formats -----------------------------------------------------------------------------------


def test_the_table_has_parameters_quality_and_how_it_ended(gdcli: Gdcli) -> None:
    said = gdcli(*FIT, "--derive", "half = log(2)/b")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].split() == ["parameter", "value", "error", "t", "low", "high"]
    assert [line.split()[0] for line in lines[2:6]] == ["a", "b", "c", "half"]
    values = dict(re.findall(r"^ *(\w+) = (\S+)$", said.out, re.MULTILINE))
    found = gdcli(*FIT, "--derive", "half = log(2)/b", "--format", "json").json
    assert {name: float(values[name]) for name in "abc"} == {
        name: one["value"] for name, one in found["parameters"].items()
    }  # in full
    assert float(values["half"]) == found["derived"]["half"]["value"]
    for sentence in (
        "converged: the relative offset is at most 1e-09",
        "12 rows of decay.csv, ",
        "errors are scaled by s",
        "low, high: 95 % confidence intervals (Wald, t with 9 degrees of freedom)",
        "AIC = ",
    ):
        assert sentence in said.out
    assert len(lines) <= 24


def test_the_object_has_the_keys_of_the_contract(gdcli: Gdcli) -> None:
    found = gdcli(*FIT, "--derive", "half = log(2)/b", "--format", "json").json
    assert [*found][:3] == ["gdcli", "schema", "expression"]
    assert (found["schema"], found["expression"], found["status"]) == (1, DECAY, "converged")
    assert not KEYS - found.keys()
    assert found["order"] == ["a", "b", "c"]
    for one in found["parameters"].values():
        assert [*one] == PARAMETER_KEYS
    assert [*found["derived"]["half"]] == ["expression", "value", "error", "low", "high"]
    assert {"file", "rows", "dropped", "columns"} <= found["data"].keys()
    assert found["data"]["rows"] == 12
    assert sorted(found["data"]["columns"]) == ["x", "y"]
    assert {"runs_p", "durbin_watson", "largest"} == found["residuals"].keys()
    assert len(found["residuals"]["largest"]) == 10
    assert {"row", "value", "studentized"} == found["residuals"]["largest"][0].keys()
    assert {"tried", "followed", "agreeing", "minima"} == found["starts"].keys()
    assert found["evaluations"].keys() == {"value", "gradient", "acceleration"}
    assert (found["converged"], found["classification"]) == (True, "minimum")
    linear = {name: one["linear"] for name, one in found["parameters"].items()}
    assert linear == {"a": True, "b": False, "c": True}


def test_what_the_object_says_is_consistent(gdcli: Gdcli) -> None:
    """Each number is computed again of others and of the table, by its definition."""
    found = gdcli(*FIT, "--format", "json").json
    rows = [line.split(",") for line in decay_table().splitlines()[1:]]
    a, b, c = (found["parameters"][name]["value"] for name in "abc")
    residuals = [float(y) - (a * exp(-b * float(x)) + c) for x, y in rows]
    total = sum(one * one for one in residuals)
    mean = sum(float(y) for _, y in rows) / 12
    spread = sum((float(y) - mean) ** 2 for _, y in rows)
    assert found["sum_of_squares"] == pytest.approx(total, rel=1e-12)
    assert found["f"] == pytest.approx(total / 12, rel=1e-12)
    assert found["s"] == pytest.approx((total / 9) ** 0.5, rel=1e-12)
    assert found["degrees_of_freedom"] == 9
    assert found["r2"] == pytest.approx(1 - total / spread, rel=1e-12)
    for j, name in enumerate("abc"):
        one = found["parameters"][name]
        assert one["error"] == pytest.approx(found["covariance"][j][j] ** 0.5, rel=1e-12)
        assert one["t"] == pytest.approx(one["value"] / one["error"], rel=1e-12)
        assert one["high"] - one["value"] == pytest.approx(2.2621571628 * one["error"], rel=1e-8)
        assert one["start"] == {"a": 1.0, "b": 1.0, "c": 0.0}[name]
    row, value = (found["residuals"]["largest"][0][key] for key in ("row", "value"))
    assert value == pytest.approx(residuals[row - 1], rel=1e-9)
    assert abs(value) == pytest.approx(max(map(abs, residuals)), rel=1e-9)


def test_a_report_has_numbers_that_are_finite_and_each_once(gdcli: Gdcli) -> None:
    Path("s.csv").write_text("x,y,d\n0,1,1\n1,3,1\n2,4,2\n", "utf-8")
    said = gdcli("fit", "y ~ a + b*x", "s.csv", "--sigma", "d")
    assert "χ² = " in said.out
    assert "sum of squares" not in said.out
    said = gdcli("fit", "y ~ a + b*log(x)", "s.csv", "--start", "1,1")
    assert (said.status, "sum of squares" in said.out) == (4, False)


def test_a_row_a_parameter_and_bare_values(gdcli: Gdcli) -> None:
    found = gdcli(*FIT, "--derive", "half = log(2)/b", "--format", "json").json
    words = (*FIT, "--derive", "half = log(2)/b", "-q")
    header, *rows = gdcli(*words, "--format", "csv").out.splitlines()
    assert header == "parameter,value,error,t,low,high"
    assert [row.split(",")[0] for row in rows] == ["a", "b", "c", "half"]
    for row, one in zip(rows, found["parameters"].values(), strict=False):
        assert [*map(float, row.split(",")[1:])] == [one[key] for key in PARAMETER_KEYS[:5]]
    lines = gdcli(*words, "--format", "jsonl").out.splitlines()
    assert json.loads(lines[1])["error"] == found["parameters"]["b"]["error"]
    plain = gdcli(*FIT, "-q", "--format", "plain")
    values = [one["value"] for one in found["parameters"].values()]
    assert ([*map(float, plain.out.split())], plain.err) == (values, "")
    assert "converged" in gdcli(*FIT, "--format", "plain").err
    printed = gdcli(*FIT, "-q", "--print", "parameters.b.value,s,status").out
    assert printed == "\t".join(map(str, (values[1], found["s"], "converged"))) + "\n"
    assert gdcli(*words, "--print", "b,status,half").out.split("\t") == [
        str(values[1]), "converged", f"{found['derived']['half']['value']}\n"
    ]  # fmt: skip
    said = gdcli("fit", "y ~ a*exp(-s*x) + c", "decay.csv", "--start", "1,0,1", "--print", "s,a")
    assert said.out == f"{found['s']}\t{values[0]}\n"
    assert "`s` is a field of the answer; the other is parameters.s.value" in said.err
    one_a_line = gdcli(*FIT, "-q", "--print", "parameter,value").out.splitlines()
    assert one_a_line[0] == f"a\t{values[0]}"


def test_narrow_terminals_and_ascii(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    said = gdcli(*FIT, "--ascii").out
    assert said.isascii()
    assert "R^2 = " in said
    monkeypatch.setattr("gdcli.cli.output.Output.terminal", property(lambda _: True))
    monkeypatch.setenv("COLUMNS", "40")
    lines = gdcli(*FIT, "--color", "never").out.splitlines()
    assert max(map(len, lines)) <= 40
    assert sum(line.split()[:1] == ["parameter"] for line in lines) > 1  # tables below each other


# -- where data come from ----------------------------------------------------------------------


@pytest.mark.parametrize("words", [("-",), ()])
def test_data_come_from_standard_input(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    named = gdcli(*FIT, "--format", "plain", "-q")
    piped = ("fit", DECAY, *words, "--start", DECAY_START, "--format", "plain", "-q")
    assert gdcli(*piped, stdin=decay_table()) == named


def test_a_fit_of_a_hundred_piped_rows_with_a_start_imports_no_numpy() -> None:
    words = ["fit", DECAY, "--start", DECAY_START, "--format", "json"]
    code = f"import sys\nfrom gdcli.cli.app import run\nrun({words})\n"
    code += "print(*sys.modules, file=sys.stderr)\nimport gdcli.report.formats.table\n"
    code += "print(*sys.modules, file=sys.stderr)"
    how: dict[str, Any] = {"capture_output": True, "text": True, "env": in_new_processes()}
    done = subprocess.run([sys.executable, "-c", code], input=decay_table(100), check=True, **how)
    assert json.loads(done.stdout)["classification"] == "minimum"
    heavy = {"numpy", "sympy", "mpmath", "llvmlite", "rich", "matplotlib", "multiprocessing"}
    modules, with_table = ({*line.split()} for line in done.stderr.splitlines())
    assert not modules & {*heavy, "gdcli.descent.requests", "gdcli.descent.step_size"}
    reports = {name for name in with_table - modules if name.startswith("gdcli.")}
    assert reports == {
        "gdcli.report.formats.table", "gdcli.report.text_document", "gdcli.report.cell_widths"
    }  # fmt: skip


# -- how it ends -------------------------------------------------------------------------------


def test_every_ending_has_its_status_and_prints_what_there_is(gdcli: Gdcli) -> None:
    for words, status, word, sentence in (
        (FIT, 0, "converged", "relative offset"),
        ((*FIT, "--bound", "a=0:1.5"), 0, "converged", "a lies on its bound 1.5"),
        ((*FIT[:3], "--set", "b=0.3"), 0, "converged", "held: b = 0.3"),
        (("fit", "y ~ a*exp(-b*x + d)", "decay.csv", "--start", "a=1,b=1,d=0"), 5, "converged",
         "only a*exp(d)"),
        ((*FIT, "--max-iterations", "1"), 3, "max_iterations", "give more with --max-iterations"),
        ((*FIT, "--max-evaluations", "2"), 3, "max_iterations", "give more with --max-evaluations"),
        (("fit", "y ~ log(a - x)", "decay.csv", "--start", "a=3"), 4, "undefined",
         "row 4: log(a - x) at a=3, x=3: log(0); give another --start"),
    ):  # fmt: skip
        said = gdcli(*words)
        assert said.status == status, (words, said)
        assert sentence in said.out, (words, said.out)
        assert gdcli(*words, "--format", "json").json["status"] == word


def test_it_never_exits_with_1(gdcli: Gdcli) -> None:
    for model, start in (("a*b", "1,1"), ("a + b*x + d*x", "0,0,0"), ("0*a", "1"), ("1/a", "0")):
        words = (f"y ~ {model}", "decay.csv", "--start", start, "-q")
        assert gdcli("fit", *words).status in (0, 3, 4, 5)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("name", "status"), [("SIGINT", 130), pytest.param("SIGTERM", 143, marks=pytest.mark.full)]
)
def test_an_interrupted_fit_prints_the_best_so_far(tmp_path: Path, name: str, status: int) -> None:
    """The signal is sent within the descent, by the process itself: after so many passes."""
    (tmp_path / "t.csv").write_text(decay_table(), "utf-8")
    words = ["fit", DECAY, str(tmp_path / "t.csv"), "--start", DECAY_START, "--format", "json"]
    code = (
        "import os, signal, sys\n"
        "from gdcli.fitting.residuals import Residuals\n"
        "whole = Residuals.normal_equations\n"
        "def passing(self, parameters):\n"
        f"    if self.evaluations == 4: os.kill(os.getpid(), signal.{name})\n"
        "    return whole(self, parameters)\n"
        "Residuals.normal_equations = passing\n"
        f"sys.argv = {['gdcli', *words]}\n"
        "from gdcli.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == status, done
    found = json.loads(done.stdout)
    assert (found["status"], found["converged"]) == ("interrupted", False)
    start = [2.0 * exp(-0.3 * i) + 1.0 + 0.01 * sin(7.0 * i) - exp(-i) for i in range(12)]
    assert found["sum_of_squares"] < sum(one * one for one in start)


def test_a_limit_of_time_ends_it(gdcli: Gdcli) -> None:
    said = gdcli(*FIT, "--max-time", "1e-9", "--format", "json")
    assert said.status == 3
    assert said.json["status"] == "max_iterations"
    assert "--max-time" in said.json["message"]
    assert {"a", "b", "c"} == said.json["parameters"].keys()


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "which model?"),
        (("decay.csv",), "which model?"),
        (("decay.csv", DECAY), f'the model stands first: gdcli fit "{DECAY}" decay.csv'),
        ((DECAY,), "which data?"),
        ((DECAY, "nowhere.csv"), "there is no file nowhere.csv"),
        ((DECAY, ""), "DATA is empty"),
        ((DECAY, "decay.csv", "more"), "gdcli fit takes 2 arguments, this is 3"),
        (("y = a + b*x", "decay.csv"), "write y ~ a + b*x"),
        (("y ~ a + b*x", "decay.csv", "--start", "q=1"),
         "--start: `q` is no parameter; the parameters are a, b"),
        (("y ~ a", "decay.csv", "--start", "a=1", "--start", "a=1"), "--start is given twice"),
        (("y ~ a + b*x", "decay.csv", "--set", "a=1", "--bound", "a=0:"),
         "--bound: `a` is held; the parameters are b"),
        (("y ~ a + b*x", "decay.csv", "--set", "a=1,a=2"), "--set gives `a` twice"),
        (("y ~ a + b*x", "decay.csv", "--bound", "a=2:1"),
         "--bound for a: the low end comes first, not 2:1"),
        (("y ~ a + b*x", "decay.csv", "--bound", "a=0:1", "--bound", "a=0:2"), "given twice"),
        (("y ~ a + b*x", "decay.csv", "--bound", "a=0:1", "--start", "a=2"),
         "--start: a = 2 lies outside its bound 0:1"),
        (("y ~ a + b*x", "decay.csv", "--set", "x=1"), "--set x: `x` is a column of the data"),
        (("y ~ a + b[x]", "decay.csv"), "x is 0 in row 1, so b[x] reaches b[0]"),
        (("q ~ a + b*x", "decay.csv"), "no column of the data; the columns are x, y"),
        (("y ~ a + b*x", "decay.csv", "--set", "q=1"), "--set q: the expression has no such name"),
        (("y ~ a + b*x", "decay.csv", "--sigma", "x", "--weights", "x"),
         "--sigma and --weights exclude each other"),
        (("y ~ a + b*x", "decay.csv", "--sigma", "q"), "q"),
        (("y ~ a + b*x", "decay.csv", "--level", "95"), "--level takes a number between 0 and 1"),
        (("y ~ a + b*x", "decay.csv", "--method", "adam"), "--method takes auto, lm or newton"),
        (("y ~ a + b*x", "decay.csv", "--loss", "cauchy"), "--loss"),
        (("y ~ a + b*X", "decay.csv"), "the data have a column `x`"),
        (("y ~ a + b*x", "decay.csv", "--data", "d.csv"), "write as the second argument: d.csv"),
        (("y ~ a + b*x", "decay.csv", "--p0", "1,1"), "write --start"),
        (("y ~ a + b*x", "decay.csv", "--dropna"), "write --missing drop"),
        (("y ~ a + b*x", "decay.csv", "--plot", "fit.gif"), "--plot"),
        (("y ~ a + b*x", "decay.csv", "-o", "fit.png"), "write --plot fit.png"),
        (("y ~ a + b*x", "decay.csv", "--print", "q"), "the fields are a, b, parameter, value, "),
        (("y ~ w[1] + w[2]*x", "decay.csv", "--print", "w"), "`w` has parts: write w[1],w[2]"),
        (("y ~ a + b*x", "decay.csv", "--print", "parameters.q.value"),
         "there is no `q` among the parameters: there are a, b"),
        (("y ~ a + b*x + c*x^2 + d*x^3", "short.csv"), "2 rows cannot determine 4 parameters"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_what_to_write(
    gdcli: Gdcli, decay: Path, words: tuple[str, ...], sentence: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    (decay / "short.csv").write_text("x,y\n1,2\n2,3\n", "utf-8")
    said = gdcli("fit", *words)
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err


def test_a_file_that_cannot_be_read_is_status_6(gdcli: Gdcli, decay: Path) -> None:
    path = decay / "decay.csv"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads every file")
    assert gdcli(*FIT).status == 6


def test_the_last_of_repeated_options_counts_and_pieces_add_up(gdcli: Gdcli) -> None:
    once = gdcli(*FIT, "--level", "0.9", "--bound", "a=0:9,b=0:", "--format", "plain", "-q")
    twice = (*FIT, "--level", "0.5", "--level", "0.9", "--bound", "a=0:9", "--bound", "b=0:")
    assert gdcli(*twice, "--format", "plain", "-q") == once
    derived = gdcli(*FIT, "--derive", "half = log(2)/b", "--derive", "k = max(a, c)")
    assert "half = " in derived.out
    assert "k = " in derived.out


def test_texts_of_groups_are_in_the_report_the_json_and_the_saved_model(
    gdcli: Gdcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kinds = {"mid": 4.0, "high": 2.0, "low": 7.0}  # by code point high, low, mid
    text = "x,kind,y\n" + "".join(
        f"{x},{kind},{height * exp(-0.5 * x) + 1 + 0.01 * cos(9 * x)!r}\n"
        for kind, height in kinds.items()
        for x in range(9)
    )
    (tmp_path / "decays.csv").write_text(text, encoding="utf-8")
    words = ("fit", "y ~ a[kind]*exp(-b*x) + c", "decays.csv")
    said = gdcli(*words)
    assert "texts of kind by number: 1 is high, 2 is low, 3 is mid" in said.out
    saved = gdcli(*words, "-o", "model.json")
    assert saved.status == 0
    found = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert found["labels"] == {"kind": ["high", "low", "mid"]}
    assert found["data"]["subscripts"] == {"kind": [1, 3]}
    heights = [found["parameters"][f"a[{k}]"]["value"] for k in (1, 2, 3)]
    assert heights == pytest.approx([2.0, 7.0, 4.0], abs=0.1)
    (tmp_path / "new.csv").write_text("x,kind\n0,mid\n0,mid\n", encoding="utf-8")
    new = gdcli("predict", "model.json", "new.csv", "--format", "json")
    top = heights[2] + found["parameters"]["c"]["value"]
    assert [one["y_predicted"] for one in new.json["rows"]] == pytest.approx([top, top])
    (tmp_path / "new.csv").write_text("x,kind\n0,mid\n0,new\n", encoding="utf-8")
    refused = gdcli("predict", "model.json", "new.csv")
    assert refused.status == 2
    assert "row 2, kind: the model has not seen the label `new`" in refused.err
