"""`gdcli show`: golden files, and numbers that mpmath and SymPy confirm."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import mpmath
import pytest
import sympy

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

GOLDEN = Path(__file__).parent.parent / "golden"


def load_regenerate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regenerate", GOLDEN / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


regenerate = load_regenerate()


@pytest.mark.parametrize(
    "path",
    [*regenerate.files(), *regenerate.files(regenerate.ARRAYS)],
    ids=lambda path: path.stem,
)
def test_golden(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert regenerate.written(path) == text, "look at it, then `python tests/golden/regenerate.py`"


@pytest.mark.parametrize("path", regenerate.files(regenerate.NATIVE), ids=lambda path: path.stem)
def test_golden_from_text_to_machine_code(path: Path) -> None:
    pytest.importorskip("llvmlite")
    text = path.read_text(encoding="utf-8")
    assert regenerate.written(path) == text, "look at it, then `python tests/golden/regenerate.py`"
    for stage in ("expression", "tape", "gradient", "source", "llvm"):
        assert f" --stage {stage}" in text
    assert "exit status" not in text
    assert "_ZGV" not in text, "the vector library of one system"


@pytest.mark.parametrize("path", regenerate.files(regenerate.FITS), ids=lambda path: path.stem)
def test_golden_reports_of_fits(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert regenerate.written(path) == text, "look at it, then `python tests/golden/regenerate.py`"


def test_golden_files_are_ten_of_every_stage() -> None:
    assert len(regenerate.files()) == len(regenerate.files(regenerate.NATIVE)) == 10
    for path in regenerate.files():
        text = path.read_text(encoding="utf-8")
        for stage in ("expression", "tape", "gradient", "source", "graph"):
            assert f" --stage {stage}" in text, path
        assert "a fault of gdcli" not in text, path


TEXT, POINT = "exp(sin(x)*y)/(1 + x^2) + sqrt(y + x*y)", "0.7,1.3"


def exact_gradient() -> dict[str, float]:
    def f(x: mpmath.mpf, y: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(mpmath.sin(x) * y) / (1 + x**2) + mpmath.sqrt(y + x * y)

    with mpmath.workdps(50):
        at = (mpmath.mpf(0.7), mpmath.mpf(1.3))
        return {"x": float(mpmath.diff(f, at, (1, 0))), "y": float(mpmath.diff(f, at, (0, 1)))}


def test_adjoints_of_the_inputs_are_the_gradient(gdcli: Gdcli) -> None:
    shown = gdcli("show", TEXT, "--stage", "gradient", "--at", POINT, "--format", "json").json
    values = {one["of"]: one["value"] for one in shown["derivatives"]}
    loads = {one["variable"]: one["result"] for one in shown["instructions"] if "variable" in one}
    for name, right in exact_gradient().items():
        assert values[loads[name]] == pytest.approx(right, rel=1e-14)


def test_tangents_of_the_output_are_the_gradient(gdcli: Gdcli) -> None:
    words = ("--mode", "tangent", "--at", POINT, "--format", "json")
    shown = gdcli("show", TEXT, "--stage", "gradient", *words).json
    output = max(shown["derivatives"], key=lambda one: one["of"])
    for name, right in exact_gradient().items():
        assert output["value"][name] == pytest.approx(right, rel=1e-14)


def test_adjoints_on_the_graph_are_sums_over_its_edges(gdcli: Gdcli) -> None:
    """Σ partial · adjoint over the edges from a node, and the inputs' are the gradient."""
    shown = gdcli("show", TEXT, "--stage", "graph", "--at", POINT, "--format", "json").json
    nodes = {node["number"]: node for node in shown["nodes"]}
    for number, node in nodes.items():
        shares = [
            edge["value"] * nodes[edge["target"]]["adjoint"]
            for edge in shown["edges"]
            if edge["source"] == number
        ]
        if node["kind"] != "output":
            assert node["adjoint"] == pytest.approx(sum(shares), rel=1e-13)
    for name, right in exact_gradient().items():
        found = [node["adjoint"] for node in nodes.values() if node["label"] == name]
        assert found == [pytest.approx(right, rel=1e-14)]


def test_partials_on_the_graph_are_sympys(gdcli: Gdcli) -> None:
    shown = gdcli("show", TEXT, "--stage", "graph", "--format", "json").json
    labels = {}
    for node in shown["nodes"]:
        name, _, right = node["label"].removeprefix("f = ").partition(" = ")
        labels[node["number"]] = (name, right)
    for edge in shown["edges"]:
        source, _ = labels[edge["source"]]
        target, right = labels[edge["target"]]
        formula = sympy.sympify(right.replace("^", "**"))
        written = sympy.sympify(edge["partial"].replace("^", "**")).subs(target, formula)
        assert sympy.simplify(sympy.diff(formula, source) - written) == 0


EDGE = re.compile(r'  (v\d+) -> (v\d+) \[label="([^"\\]|\\.)*"(, style=dashed)?\];')
NODE = re.compile(r'  (v\d+) \[label="([^"\\]|\\.)*"(, \w+="?[^"\]]*"?)*\];')


@pytest.mark.parametrize("path", regenerate.files(), ids=lambda path: path.stem)
def test_dot_is_a_graph_of_declared_nodes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    drawings = re.findall(r"^digraph f \{\n(.*?)^\}$", text, re.DOTALL | re.MULTILINE)
    assert drawings
    for drawing in drawings:
        declared, used = set(), set()
        for line in drawing.splitlines():
            if edge := EDGE.fullmatch(line):
                used |= {edge[1], edge[2]}
            elif node := NODE.fullmatch(line):
                declared.add(node[1])
            else:
                assert line.startswith(("  rankdir", "  node [", "  edge [", "  { rank=")), line
        assert used <= declared


def test_the_drawing_one_teaches_from(gdcli: Gdcli) -> None:
    said = gdcli("show", "x*(x+y)", "--stage", "graph", "--at", "2,3", "--format", "dot")
    assert r'v0 [label="x\nvalue 2\n∂f/∂x = 7"' in said.out
    assert r'v3 [label="f = v3 = x*v2\nvalue 10' in said.out
    assert 'v0 -> v3 [label=" 5 "]' in said.out


def test_values_on_the_tape(gdcli: Gdcli) -> None:
    words = ("--stage", "tape", "--at", "pi/3,2", "--format", "json")
    shown = gdcli("show", "sin(x)*y + sin(x)", *words).json
    assert len(shown["instructions"]) == 5  # sin(x) once
    sine = next(one for one in shown["instructions"] if one.get("primitive") == "sin")
    assert sine["value"] == pytest.approx(float(mpmath.sin(mpmath.pi / 3)), rel=1e-15)
    assert (sine["text"], sine["span"]) == ("sin(x)", [0, 6])


def test_source_runs(gdcli: Gdcli) -> None:
    source = gdcli("show", "x^2 + x*y", "--stage", "source", "--format", "json").json["gradient"]
    namespace: dict[str, object] = {}
    exec(source, namespace)
    assert namespace["evaluate"]([1.0, 2.0]) == (3.0, [4.0, 1.0])  # type: ignore[operator]


def test_plain_is_the_bare_program(gdcli: Gdcli) -> None:
    said = gdcli("show", "x*(x+y)", "--stage", "gradient", "--format", "plain")
    assert said.out.splitlines() == [
        *("v0 = x", "v1 = y", "v2 = v0 + v1", "v3 = v0*v2", "v4 = v2 + v0"),
        "return v3, v4, v0",
    ]


def test_jsonl_and_csv_have_the_rows_of_the_table(gdcli: Gdcli) -> None:
    words = ("show", "x*(x+y)", "--stage", "gradient", "--at", "2,3", "--format")
    lines = [json.loads(line) for line in gdcli(*words, "jsonl").out.splitlines()]
    assert lines[-1] == {
        "forward line": "v0 = x",
        "value": 2,
        "adjoint program": "∂f/∂v0 = v4",
        "adjoint": 7,
        "text": "x",
    }
    assert gdcli(*words, "csv").out.splitlines()[-1] == "v0 = x,2,∂f/∂v0 = v4,7,x"


def test_rewrites_are_named(gdcli: Gdcli) -> None:
    words = ("show", "1 + sqrt(x^2 + y^2)", "--stage")
    for stage in ("tape", "gradient", "source", "graph"):
        said = gdcli(*words, stage)
        assert "sqrt(x^2 + y^2), by sqrt(a^2 + b^2) -> hypot(a, b)" in said.out
        assert "hypot" not in gdcli(*words, stage, "--as-written").out
    [made] = gdcli(*words, "tape", "--format", "json").json["rewrites"]
    assert made["span"] == [4, 19]


def test_an_adjoint_that_is_no_step_is_written_out(gdcli: Gdcli) -> None:
    """The adjoint of x^2 + y^2 is 1/(2 sqrt(...)), which the program never computes by itself."""
    words = ("--stage", "gradient", "--as-written", "--at", "3,4", "--format", "csv")
    rows = gdcli("show", "sqrt(x^2 + y^2)", *words).out.splitlines()
    assert "v5 = v3 + v4,25,∂f/∂v5 = 1/v7,0.1,x^2 + y^2" in rows


def test_a_narrow_window_folds_the_text(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gdcli.cli.output import Output
    from gdcli.report.view import Screen

    monkeypatch.setattr(Output, "screen", property(lambda _: Screen(60)))
    out = gdcli("show", "exp(x*y)*sin(x*y + 1)*cos(x*y)", "--stage", "tape").out
    assert max(map(len, out.splitlines())) <= 60
    assert "v0 = x" in out


def test_ascii_is_ascii(gdcli: Gdcli) -> None:
    for form in ("table", "dot", "mermaid"):
        words = ("--stage", "graph", "--at", "2,3", "--format", form, "--ascii")
        assert gdcli("show", "x*(x+y)", *words).out.isascii()
    assert "|-- x" in gdcli("show", "x*(x+y)", "--stage", "expression", "--ascii").out


def test_an_undefined_point_is_shown_and_said(gdcli: Gdcli) -> None:
    said = gdcli("show", "log(x-y)", "--stage", "gradient", "--at", "1,1")
    assert said.status == 4
    assert "-inf" in said.out
    assert "log(0)" in said.err
    words = ("--stage", "graph", "--at", "1,1", "--format", "json")
    assert gdcli("show", "log(x-y)", *words).json["status"] == "undefined"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["x^2"], "show needs --stage"),
        (["x^2", "--stage", "gradient", "--pass", "fuse"], "--pass is for functions with sums"),
        (["x^2", "--stage", "tree"], "--stage takes"),
        (["x^2", "--stage", "source", "--at", "1"], "--at is for"),
        (["x^2", "--stage", "tape", "--at", "1,2"], "--at has 2 values"),
        (["x^2", "--stage", "tape", "--at", "@points.csv"], "one point"),
        (["x^2", "--stage", "tape", "--mode", "tangent"], "--mode is for"),
        (["x^2", "--stage", "tape", "--format", "dot"], "--format dot is for"),
        (
            [
                "+".join(f"x{i}" for i in range(30)),
                *("--stage", "gradient", "--mode", "tangent", "--at", ",".join(["1"] * 30)),
            ],
            "a pass and a column for each variable",
        ),
        ([], "which function?"),
    ],
)
def test_refusals(gdcli: Gdcli, words: list[str], complaint: str) -> None:
    said = gdcli("show", *words)
    assert said.status == 2
    assert complaint in said.err


def test_units_of_a_model(gdcli: Gdcli, tmp_path: Path) -> None:
    table = tmp_path / "doses.csv"
    table.write_text("dose,y\n1,2\n2,3\n", encoding="utf-8")
    said = gdcli("show", "y ~ a*exp(-b*dose) + c", "--stage", "units", "--data", str(table))
    assert said.status == 0
    assert [line.split() for line in said.out.splitlines()[2:]] == [
        ["a", "yes", "y"],
        ["b", "no", "1/dose"],
        ["c", "yes", "y"],
    ]
    usual = gdcli("show", "y ~ a*b*x", "--stage", "units", "--format", "json")
    assert "`x` taken for a column" in usual.err
    parameters = usual.json["parameters"]
    assert parameters["a"] == {"linear": True, "units": None, "reason": "only together with b"}
    unknown = gdcli("show", "y ~ a*exp(-b*dose) + c", "--stage", "units")
    assert (unknown.status, unknown.out) == (2, "")
    assert "--data table.csv" in unknown.err


def test_a_model_elsewhere_is_told_of_fit(gdcli: Gdcli) -> None:
    for words in (("grad", "--at", "1,2"), ("minimize",), ("show", "--stage", "tape"), ("eval",)):
        said = gdcli(words[0], "y ~ a*x", *words[1:])
        assert said.status == 2
        assert "a model is fitted by gdcli fit" in said.err
