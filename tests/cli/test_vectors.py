"""Functions of vectors, as they are typed: every command but those for scalars takes them."""

from __future__ import annotations

import csv
import io
import json
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

CHAIN = ("sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)", "--size", "n=3")
AT = ("--at", "1,2,3")
GRADIENT = [-400.0, 1002.0, -200.0]  # at 1, 2, 3 by hand
SQUARES = "sum(x[i]^2 for i in 1:n)"
SCALARS = "a*sum(x[i]^2 for i in 1:n) + sum(W[i,j]*x[i]*j for i in 1:n, j in 1:n)"


# -- grad --------------------------------------------------------------------------------------


def test_json_is_by_variable_arrays_as_lists(gdcli: Gdcli) -> None:
    point = ("--size", "n=2", "--at", "a=2,x=[1,3],W=1")
    answer = gdcli("grad", SCALARS, *point, "--along", "x=1,a=0,W=0", "--format", "json").json
    assert answer["variables"] == ["W", "a", "x"]
    assert answer["at"] == {"W": [[1.0, 1.0], [1.0, 1.0]], "a": 2.0, "x": [1.0, 3.0]}
    assert answer["gradient"] == {"W": [[1.0, 2.0], [3.0, 6.0]], "a": 10.0, "x": [7.0, 15.0]}
    assert answer["along"] == {"W": [[0.0, 0.0], [0.0, 0.0]], "a": 0.0, "x": [1.0, 1.0]}
    assert answer["derivative"] == 22.0
    assert answer["slope"] == pytest.approx(22.0 / sqrt(2.0), rel=1e-15)


@pytest.mark.parametrize(
    "method",
    [
        *("reverse", "tangent", "forward-difference", "central-difference"),
        *("complex-step", "symbolic"),
    ],
)
def test_every_method(gdcli: Gdcli, method: str) -> None:
    answer = gdcli("grad", *CHAIN, *AT, "--derivative", method, "--format", "json").json
    assert answer["gradient"]["x"] == pytest.approx(GRADIENT, rel=1e-6)
    assert answer["derivative_method"] == method


def test_fractions(gdcli: Gdcli) -> None:
    answer = gdcli("grad", *CHAIN, "--at", "1/3,2,3", "--exact", "--format", "json").json
    assert answer["at"] == {"x": ["1/3", "2", "3"]}
    assert answer["gradient"] == {"x": ["-6836/27", "10618/9", "-200"]}
    assert answer["value"] == "37117/81"


def test_digits(gdcli: Gdcli) -> None:
    words = ("grad", "sum(i*exp(x[i]) for i in 1:2)", "--at", "x=1", "--digits", "30")
    answer = gdcli(*words, "--format", "json").json
    assert answer["gradient"]["x"] == [
        "2.71828182845904523536028747135",
        "5.43656365691809047072057494271",
    ]


def test_formulas(gdcli: Gdcli) -> None:
    answer = gdcli("grad", *CHAIN, "--symbolic", "--format", "json").json
    assert set(answer["symbolic"]) == {"x[1]", "x[2]", "x[3]"}
    assert answer["symbolic"]["x[3]"] == "-200*x[2]^2 + 200*x[3]"


def test_second_derivatives(gdcli: Gdcli) -> None:
    answer = gdcli("grad", *CHAIN, *AT, "--hessian", "--format", "json").json
    assert answer["hessian"] == [
        [402.0, -400.0, 0.0],
        [-400.0, 3802.0, -800.0],
        [0.0, -800.0, 200.0],
    ]


def test_many_points(gdcli: Gdcli, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("1,2,3\n1,1,1\n")
    said = gdcli("grad", *CHAIN, "--at", f"@{tmp_path / 'points.csv'}", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [float(rows[0][f"df/dx[{i}]"]) for i in (1, 2, 3)] == GRADIENT
    assert rows[1]["length"] == "0"


def test_a_long_gradient_is_numbers_in_every_format(gdcli: Gdcli) -> None:
    words = ("grad", SQUARES, "--size", "n=8000", "--at", "x=0.5", "--along", "x=1", "--format")
    plain, table = gdcli(*words, "plain"), gdcli(*words, "csv")
    assert plain.out.split() == ["1"] * 8000
    [row] = csv.DictReader(io.StringIO(table.out))
    assert (row["x[8000]"], row["df/dx[1]"], row["f"], row["derivative"]) == (
        *("0.5", "1", "2000"),
        "8000",
    )
    assert float(row["slope"]) == pytest.approx(sqrt(8000.0), rel=1e-15)
    assert "digits that cancel and kinks would not be noticed" in plain.err
    assert json.loads(gdcli(*words, "json").out)["gradient"]["x"] == [1.0] * 8000


def test_a_table_elides_the_middle(gdcli: Gdcli) -> None:
    words = ("--size", "n=30", "--at", "x=1", "--hessian", "--along", "x=1")
    out = gdcli("grad", SQUARES, *words).out
    lines = [line.split() for line in out.splitlines()]
    assert ["…", "25", "components", "between", "…", "…"] in lines
    assert ["x[30]", "1", "2", "-0.1825742"] in lines
    assert "  ∇f = (2, 2, 2, 2, …, 2)" in out
    assert ["x[1]", "x[2]", "x[3]", "x[4]", "…", "x[30]", "slope"] in lines
    assert ["∂²f", "x[1]", "x[2]", "x[3]", "x[4]", "…", "x[30]"] in lines
    assert ["x[30]", "0", "0", "0", "0", "…", "2"] in lines
    assert "the corners of 30 x 30 second derivatives" in out
    assert "x[5]" not in out


def test_what_is_undefined_is_named(gdcli: Gdcli) -> None:
    said = gdcli("grad", "sum(log(x[i]) for i in 1:n)", "--size", "n=3", "--at", "1,0,1")
    assert said.status == 4
    assert "log(x[i]) at i=2: log(0)\n  sum(log(x[i]) for i in 1:n)\n      ^^^^^^^^^" in said.err
    far = gdcli("grad", "sum(log(x[i]) for i in 1:n)", "--size", "n=30000", "--at", "x=1,x[77]=0")
    assert far.status == 4
    assert "undefined: log(x[i]) at i=77: log(0)\n" in far.err
    assert "^^^^^^^^^" in far.err


def test_a_kink_too_wide_to_be_looked_at_says_what_to_do(gdcli: Gdcli) -> None:
    said = gdcli("grad", "ackley-n", "--size", "n=3000", "--at", "x=0")
    assert said.status == 4
    assert "the derivative of sqrt(sum(x[i]^2 for i in 1:n)/n): " in said.err
    assert "take a point beside it" in said.err


def test_lost_digits_are_found_as_far_as_a_sum_can_be_written_out(gdcli: Gdcli) -> None:
    lost = ("grad", "sum((1-cos(x[i]))/x[i]^2 for i in 1:n)", "--at", "x=1e-8", "--format", "plain")
    said = gdcli(*lost, "--size", "n=200")
    assert [float(slope) for slope in said.out.split()] == pytest.approx([-1e-8 / 12] * 200)
    assert "floats lose too many here" in said.err
    assert "too long to look at every step" in gdcli(*lost, "--size", "n=10000").err


@pytest.mark.parametrize("option", ["--exact", "--symbolic", "--digits=20"])
def test_what_must_be_written_out_is_refused_where_it_is_long(gdcli: Gdcli, option: str) -> None:
    said = gdcli("grad", SQUARES, "--size", "n=50000", "--at", "x=1", option)
    assert said.status == 2
    assert "more than 20,000 operations" in said.err


# -- show, compare, check ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((*CHAIN, "--stage", "tape", "--pass", "reverse"), "reverse is one of --stage gradient"),
        ((*CHAIN, "--stage", "gradient", "--pass", "contract"), "contract is one of --stage tape"),
        ((*CHAIN, "--stage", "llvm", "--pass", "fuse"), "--pass is for --stage tape and --stage"),
        (
            (*CHAIN, "--stage", "gradient", "--pass", "keep"),
            "contract, fuse or reverse, not `keep`",
        ),
        ((*CHAIN, "--stage", "gradient", "--pass", "fuse", *AT), "without --at and --mode"),
        (
            (*CHAIN, "--stage", "gradient", "--pass", "fuse", "--mode", "tangent"),
            "without --at and --mode",
        ),
        (
            (*CHAIN, "--stage", "gradient", "--pass", "unroll"),
            "--pass takes interchange, tabulate, contract, fuse or reverse",
        ),
        (("x^2", "--stage", "gradient", "--pass", "fuse"), "without loops no pass runs"),
        ((*CHAIN, "--stage", "llvm", *AT), "llvm has no values"),
        ((CHAIN[0], "--stage", "tape"), "Give --size n=100"),
        (
            (SQUARES, "--size", "n=1000000", "--stage", "graph"),
            "more than 20,000 operations",
        ),
    ],
)
def test_show_refuses(gdcli: Gdcli, words: tuple[str, ...], complaint: str) -> None:
    said = gdcli("show", *words)
    assert said.status == 2
    assert complaint in said.err


@pytest.mark.parametrize("after", ["reverse", "fuse", "tabulate"])
def test_show_after_each_pass(gdcli: Gdcli, after: str) -> None:
    said = gdcli("show", *CHAIN, "--stage", "gradient", "--pass", after, "--format", "plain")
    assert said.out.count("for ") == (2 if after == "reverse" else 1)


def test_every_value_of_a_sum_that_is_written_out(gdcli: Gdcli) -> None:
    shown = gdcli("show", *CHAIN, *AT, "--stage", "gradient", "--format", "json").json
    loads = {one["variable"]: one["result"] for one in shown["instructions"] if "variable" in one}
    values = {one["of"]: one["value"] for one in shown["derivatives"]}
    assert [values[loads[f"x[{i}]"]] for i in (1, 2, 3)] == GRADIENT
    rows = csv.DictReader(
        io.StringIO(gdcli("show", *CHAIN, "--stage", "graph", "--format", "csv").out)
    )
    assert {row["from"] for row in rows} >= {"x[1]", "x[2]", "x[3]"}
    lines = gdcli("show", *CHAIN, *AT, "--stage", "tape").out.splitlines()
    loaded = [line.split() for line in lines if " = x[" in line]
    assert [(line[2], line[4]) for line in loaded] == [
        *(("x[2]", "x[i+1]"), ("x[1]", "x[i]"), ("x[3]", "x[i+1]")),
    ]


def test_compare(gdcli: Gdcli) -> None:
    answer = gdcli("compare", *CHAIN, *AT, "--format", "json").json
    assert answer["at"] == {"x": [1.0, 2.0, 3.0]}
    methods = {one["method"]: one for one in answer["methods"]}
    assert methods["reverse"]["error"] == 0
    assert methods["reverse"]["gradient"] == {"x": GRADIENT}
    assert answer["exact"]["gradient"] == {"x": ["-400", "1002", "-200"]}
    assert methods["central-difference"]["evaluations"] == 6


def test_compare_leaves_out_what_many_variables_make_long(gdcli: Gdcli) -> None:
    words = ("compare", "sum(x[i]^2 for i in 1:n)", "--size", "n=1500", "--at", "x=1")
    answer = gdcli(*words, "--format", "json").json
    methods = {one["method"]: one for one in answer["methods"]}
    assert methods["reverse"]["error"] == 0
    assert methods["reverse"]["message"] is None
    for name in ("tangent", "central-difference", "complex-step", "symbolic"):
        assert methods[name]["message"] == (
            "left out: its work grows as 1,500 variables times 4,500 steps; give smaller sizes"
        )
    assert "symbolic: left out" in gdcli(*words).out
    said = gdcli(*words, "--sweep-step")
    assert said.status == 2
    assert "too many for 1,500 variables" in said.err


@pytest.mark.parametrize("sweep", ["--sweep-variables", "--sweep-depth"])
def test_what_puts_functions_together_is_for_scalars(gdcli: Gdcli, sweep: str) -> None:
    said = gdcli("compare", *CHAIN, sweep, *(AT if sweep == "--sweep-variables" else ()))
    assert said.status == 2
    assert "functions of scalars" in said.err


def test_compare_sweeps_steps(gdcli: Gdcli) -> None:
    assert "best h found" in gdcli("compare", *CHAIN, *AT, "--sweep-step").out


def test_check_takes_a_formula_for_each_component(gdcli: Gdcli) -> None:
    text = "sum(x[i]^2*x[i+1] for i in 1:n-1)"
    right = "2*x[1]*x[2], x[1]^2 + 2*x[2]*x[3], x[2]^2"
    said = gdcli("check", text, "--size", "n=3", "--gradient", right)
    assert (said.status, said.err) == (0, "")
    assert "∂f/∂x[3]" in said.out
    hessian = "2x[2], 2x[1], 0; 2x[1], 2x[3], 2x[2]; 0, 2x[2], 0"
    assert gdcli("check", text, "--size", "n=3", "--hessian", hessian).status == 0
    named = "x[3]=x[2]^2, x[1]=2*x[1]*x[2], x[2]=x[1]^2 + x[2]*x[3]"
    said = gdcli("check", text, "--size", "n=3", "--gradient", named, "--at", "x=[1,2,3]")
    assert said.status == 1
    assert "wrong in x[2] at x[1]=1, x[2]=2, x[3]=3: yours 7, the derivative is 13" in said.out


def test_check_takes_sums_over_data(gdcli: Gdcli, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("t,y\n1,5\n2,7\n3,10\n")
    words = ("sum((a*t[i] + b - y[i])^2 for i in 1:n)", "--data", str(tmp_path / "points.csv"))
    by_b = "2*sum(a*t[k] + b - y[k] for k in 1:n)"
    right = f"sum(2*(a*t[i] + b - y[i])*t[i] for i in 1:n), {by_b}"
    assert gdcli("check", *words, "--gradient", right).status == 0
    half = f"sum((a*t[i] + b - y[i])*t[i] for i in 1:n), {by_b}"
    said = gdcli("check", *words, "--gradient", half)
    assert said.status == 1
    assert "yours is the derivative times 1/2" in said.out


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("2*x[1]", "--gradient takes 2 formulas, in the order x[1], x[2], not 1"),
        ("2*x[1], x[3]", "--gradient, by x[2]: x[3] is asked for, but x has 2 entries"),
        ("2*x[1], y[1]", "`y` is no name of the function"),
        ("2*x[1], sum(2*x[j] for i in 1:n)", "`j` is no name of the function"),
        ("x[1]=2*x[1], x[1]=0", "`x[1]` is given twice"),
    ],
)
def test_a_claim_that_fits_no_vector_is_refused(gdcli: Gdcli, claim: str, message: str) -> None:
    said = gdcli("check", SQUARES, "--size", "n=2", "--gradient", claim)
    assert (said.status, said.out) == (2, "")
    assert message in said.err


def test_a_long_sum_has_its_hessian(gdcli: Gdcli) -> None:
    text = "sum((a*i + b - sin(i))^2 for i in 1:n)"
    n = 30_000
    answer = gdcli("grad", text, "--size", f"n={n}", "--at", "1,1", "--hessian", "--format", "json")
    squares, numbers = n * (n + 1) * (2 * n + 1) / 6, n * (n + 1) / 2
    assert answer.json["hessian"] == [
        pytest.approx([2 * squares, 2 * numbers]),
        pytest.approx([2 * numbers, 2 * n]),
    ]
    said = gdcli("grad", SQUARES, "--size", "n=30000", "--at", "x=1", "--hessian")
    assert (said.status, said.out) == (2, "")
    assert "--hessian is for at most 3,000 variables: of 30,000 it has 9e+08 entries" in said.err


@pytest.mark.parametrize("method", ["tangent", "forward-difference", "central-difference"])
def test_every_way_to_differentiate_prints_bare_numbers(gdcli: Gdcli, method: str) -> None:
    words = ("--size", "n=201", "--at", "x=1/3", "--derivative", method, "--format", "plain")
    numbers = gdcli("grad", SQUARES, *words).out.split()
    assert [float(number) for number in numbers] == pytest.approx([2 / 3] * 201)


# -- minimize ----------------------------------------------------------------------------------


def test_a_long_run_in_every_format(gdcli: Gdcli) -> None:
    words = ("minimize", SQUARES, "--size", "n=1000", "--max-iterations", "3")
    answer = gdcli(*words, "--format", "json", "--trace").json
    assert answer["converged"] is True
    assert answer["classification"] is None
    assert answer["hessian_eigenvalues"] is None
    assert answer["alpha_limit"] is None
    assert answer["x"] == {"x": pytest.approx([0.0] * 1000, abs=1e-9)}
    assert [len(row["x"]["x"]) for row in answer["trace"]] == [1000] * 2
    assert answer["start"]["x"][:6] == [0.9, 0.8, 0.7, 0.6, 0.5, 0.9]
    rows = list(csv.reader(io.StringIO(gdcli(*words, "--format", "csv").out)))
    assert rows[0] == ["k", *(f"x[{i}]" for i in range(1, 1001)), "f", "gradient_norm", "alpha"]
    assert [float(cell) for cell in rows[1][1:6]] == [0.9, 0.8, 0.7, 0.6, 0.5]
    lines = gdcli(*words, "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["k"] for line in lines] == [0, 1]
    assert len(gdcli(*words, "--format", "plain").out.split()) == 1000


def test_a_long_table_elides_the_middle(gdcli: Gdcli) -> None:
    out = gdcli("minimize", SQUARES, "--size", "n=1000", "--start", "x=2").out
    assert out.splitlines()[0].split() == [
        *("k", "x[1]", "x[2]", "x[3]", "x[4]", "…", "x[1000]", "f", "‖∇f‖∞", "α"),
    ]
    assert "… = 995 components between" in out
    assert "x[1000] = 0" in out
    assert "x[5]" not in out


def test_many_digits(gdcli: Gdcli) -> None:
    words = ("minimize", "sum(i*x[i]^2 - x[i] for i in 1:n)", "--digits", "20", "--size")
    assert gdcli(*words, "n=3", "--format", "plain").out.split() == [
        *("0.5", "0.25", "0.16666666666666666667"),
    ]
    table = gdcli(*words, "n=14").out
    assert "x[3] = 0.16666666666666666667" in table
    assert "x[14] = 0.035714285714285714286" in table
    said = gdcli(*words, "n=101")
    assert said.status == 2
    assert "at most 100 variables" in said.err


@pytest.mark.parametrize(
    "command", [["minimize", "--max-iterations", "2"], ["grad", "--at", "x=1"]]
)
def test_without_llvm_everything_works_with_one_note(
    gdcli: Gdcli, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.execute.native.available", lambda: "llvmlite is not installed")
    monkeypatch.setattr("gdcli.descent.long_vectors._blockwise", lambda: None)  # it is kept
    name, *options = command
    text = "sum((x[i]-1)^2*i for i in 1:n)"
    found = gdcli(name, text, "--size", "n=30000", "--backend", "native", *options)
    assert found.err.count("native code cannot be had, Python runs instead: llvmlite is not") == 1
    assert "f = " in found.out


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("(y-2)^2 + sum((x[i]-i)^2 for i in 1:n-1)", "n=1"),
        ("(y-2)^2*prod(x[i]^2 for i in 1:n)", "n=0"),
        ("f(x[n], y) = (y-2)^2 + sum((x[i]-i)^2 for i in 1:n)", "n=0"),
    ],
)
def test_a_sum_over_nothing_is_0_a_product_1(
    gdcli: Gdcli, backend: str, text: str, size: str
) -> None:
    words = (text, "--size", size, "--backend", backend, "--format", "json")
    answer = gdcli("minimize", *words).json
    assert answer["x"] == {"x": [], "y": pytest.approx(2.0)}
    assert answer["classification"] == "minimum"


def test_a_problem_without_variables_is_nothing_to_minimize(gdcli: Gdcli) -> None:
    run = gdcli("minimize", "rosenbrock-n", "--size", "n=1")
    assert run.status == 2
    assert run.err == "gdcli: there is nothing to minimize: f has no variables, it is 0\n"
