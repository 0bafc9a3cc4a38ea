from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpmath
import pytest

from gdcli.cli.minimize import compared_with_auto
from gdcli.derivatives import DERIVATIVES
from gdcli.descent.minimize import minimize, run_descent
from gdcli.library import lookup

KEYS = [
    "gdcli", "schema", "expression", "variables", "held", "method", "method_used", "alpha",
    "maximize", "seed", "start", "status", "converged", "message", "iterations", "evaluations",
    "x", "f", "gradient", "gradient_norm", "iterate", "bounds", "multipliers", "escapes", "last",
    "tests", "classification", "degenerate", "hessian_eigenvalues", "condition_number",
    "alpha_limit", "derivative_method", "seconds",
]  # fmt: skip

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


def test_json_has_the_keys_scripts_rely_on(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "x^2+y^2", "--format", "json")
    assert (said.status, said.err, said.out.count("\n")) == (0, "", 1)
    answer = said.json
    assert list(answer) == KEYS
    assert answer["start"] == {"x": 0.9, "y": 0.8}
    assert (answer["status"], answer["converged"], answer["alpha"]) == ("converged", True, "auto")
    assert answer["x"] == answer["gradient"] == {"x": 0.0, "y": 0.0}
    assert set(answer["evaluations"]) == {"value", "gradient", "hessian", "product", "verdict"}
    assert (answer["maximize"], answer["seed"], answer["escapes"]) == (False, 0, [])
    assert answer["method_used"] == answer["method"] == "steepest"
    assert set(answer["last"]) == {"k", "x", "f", "gradient_norm", "alpha"}
    assert [set(test) for test in answer["tests"]] == [{"name", "value", "limit", "met"}] * 5
    assert (answer["classification"], answer["hessian_eigenvalues"]) == ("minimum", [2.0, 2.0])
    assert answer["alpha_limit"] == 1.0


def test_a_fixed_step_size_is_exactly_that(gdcli: Gdcli) -> None:
    words = ("x^2+y^2", "--start", "0.9,0.9", "--alpha", "0.03", "--max-iterations", "50")
    said = gdcli("minimize", *words, "--format", "json", "--trace")
    assert said.status == 3
    assert (said.json["status"], said.json["alpha"]) == ("max_iterations", 0.03)
    x = 0.9
    for k, row in enumerate(said.json["trace"]):
        assert (row["k"], row["x"]) == (k, {"x": x, "y": x})
        assert row["alpha"] == (0.03 if k < 50 else None)
        x = x - 0.03 * (2 * x)
    assert k == 50
    assert gdcli("minimize", *words).status == 3


def test_jsonl_and_csv_are_the_trace(gdcli: Gdcli) -> None:
    job = ("minimize", "k^2 + 3*y^2", "--start", "1,2")
    words = (*job, "--alpha", "0.5/(k+3)", "--max-iterations", "20")
    whole = gdcli(*words, "--format", "json", "--trace")
    assert whole.json["alpha"] == "0.5/(k+3)"
    lines = gdcli(*words, "--format", "jsonl")
    assert [json.loads(line) for line in lines.out.splitlines()] == whole.json["trace"]
    assert whole.json["message"] in lines.err
    rows = gdcli(*words, "--format", "csv", "-q")
    assert (rows.status, rows.err) == (3, "")
    table = list(csv.DictReader(io.StringIO(rows.out)))
    assert list(table[0]) == ["k", "x.k", "y", "f", "gradient_norm", "alpha"]
    for row, same in zip(table, whole.json["trace"], strict=True):
        assert float(row["x.k"]) == same["x"]["k"]
        assert float(row["f"]) == same["f"]
        assert (float(row["alpha"]) if row["alpha"] else None) == same["alpha"]


def test_plain_is_the_point(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "(x-1)^2 + (y+2.5)^2", "--alpha", "0.5", "--format", "plain")
    assert said[:2] == (0, "1 -2.5\n")
    assert "converged" in said.err


@pytest.mark.parametrize(
    ("words", "status", "ending"),
    [
        (("rosenbrock",), 0, "converged"),
        (("five-well",), 0, "converged"),
        (("lecture", "--start", "0.5,-0.5"), 4, "unbounded"),
        (("x^2 - y^2", "--start", "1,0"), 4, "unbounded"),
        (("x^2 - y^2", "--start", "1,0", "--escape", "no"), 5, "converged"),
        (("x^2 - y^2", "--start", "0,0"), 5, "converged"),
        (("exp(-x)",), 5, "converged"),
        (("x^3", "--start", "1"), 4, "unbounded"),
        (("-x^2 + x^4", "--start", "0.3"), 0, "converged"),
        (("log(x)", "--start", "-1"), 4, "undefined"),
        (("x^2", "--alpha", "3"), 4, "diverged"),
    ],
)
def test_endings_and_exit_statuses(
    gdcli: Gdcli, words: tuple[str, ...], status: int, ending: str
) -> None:
    said = gdcli("minimize", *words, "--format", "json")
    assert (said.status, said.json["status"]) == (status, ending)
    table = gdcli("minimize", *words)
    assert table.status == status
    assert table.out.count("stopping test") == (status != 0)
    explained = gdcli("minimize", *words, "--explain")
    assert said.json["message"] in explained.out
    assert "stopping test" in explained.out
    if status:
        assert {*table.out.splitlines()} <= {*explained.out.splitlines()}


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("x^2 - y^2", "--start", "0,0"), "a saddle, no minimum"),
        (("x^4",), "a degenerate minimum"),
        (("x^3", "--start", "0"), "no minimum"),
        (("(x-1)^2 + abs(y)",), "a minimum at a kink"),
        (("x^2+1",), "a minimum"),
    ],
)
def test_the_verdict_is_said_once(gdcli: Gdcli, words: tuple[str, ...], verdict: str) -> None:
    for more in ((), ("--explain",)):
        assert gdcli("minimize", *words, *more).out.count(verdict) == 1


def test_the_report(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "x^2 + y^2", "--alpha", "0.5")
    assert said == (
        0,
        "k    x    y     f  ‖∇f‖∞    α\n"
        "─────────────────────────────\n"
        "0  0.9  0.8  1.45    1.8  0.5\n"
        "1    0    0     0      0\n"
        "\n"
        "    x = 0\n"
        "    y = 0\n"
        "    f = 0\n"
        "‖∇f‖∞ = 0\n"
        "\n"
        "converged: 1 iteration, 2 evaluations of f, 2 of ∇f\n"
        "a minimum, global by the form of f; f rises in every direction from here\n"
        "no --start was given: the default start (0.9, 0.8) was taken\n",
        "",
    )


@pytest.mark.parametrize(
    ("words", "manner"),
    [
        (("x^2",), ""),
        (("1e9*(x-1/3)^2 + 1e6*exp(x) + 3*y^2 - y",), " to machine precision"),
        (("abs(x) + y^2",), " at a kink"),
    ],
)
def test_the_report_says_how_a_run_converged(
    gdcli: Gdcli, words: tuple[str, ...], manner: str
) -> None:
    assert re.search(
        f"^converged{manner}: [0-9]+ iterations?, ", gdcli("minimize", *words).out, re.M
    )


def rows_of(text: str) -> list[str]:
    return text.split("\n\n")[0].splitlines()[2:]


def test_a_long_trace_shows_both_ends(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2", "--alpha", "0.01", "--max-iterations", "99", "--start", "1")
    rows = rows_of(gdcli(*words).out)
    assert rows[10] == "⋮ 80 rows between"
    assert [int(row.split()[0]) for row in rows[:10] + rows[11:]] == [*range(10), *range(90, 100)]
    assert len(rows_of(gdcli(*words, "--rows", "all").out)) == 100
    assert len(rows_of(gdcli(*words, "--rows", "3").out)) == 4
    assert gdcli(*words, "--rows", "0").out.startswith("stopped")


def test_digits_of_cells(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2/3", "--start", "1", "--alpha", "1", "--max-iterations", "1")
    assert rows_of(gdcli(*words, "--precision", "3").out)[0].split()[2] == "0.333"
    assert "x = 0.33333333333333337\n" in gdcli(*words, "--precision", "3").out


def test_twelve_variables_in_a_pipe_are_all_shown(gdcli: Gdcli) -> None:
    names = "abcdghijklmn"
    text = " + ".join(f"{i}*{name}^2" for i, name in enumerate(names, 1))
    out = gdcli("minimize", text, "--max-iterations", "3").out
    assert out.split("\n")[0].split() == ["k", *names, "f", "‖∇f‖∞", "α"]
    assert "…" not in out


def test_the_report_knows_a_lower_minimum(gdcli: Gdcli) -> None:
    out = gdcli("minimize", "five-well", "--start", "5,10").out
    assert "five-well has a lower minimum: f = -1.1542338465236" in out
    assert "the problem's own start (10, 10)" in gdcli("minimize", "five-well").out
    assert "lower minimum" not in gdcli("minimize", "five-well", "--start", "5,-10").out


def test_advice_only_where_it_is_asked_for(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2", "--alpha", "3")
    assert "try a smaller --alpha" in gdcli(*words, "--explain").out
    assert "try a smaller --alpha" not in gdcli(*words).out


def test_ascii(gdcli: Gdcli) -> None:
    out = gdcli("minimize", "α^2", "--ascii").out
    assert out.isascii()
    assert out.split("\n")[0].split() == ["k", "alpha", "f", "|grad", "f|inf", "alpha"]


def test_the_file_of_o_is_written_whole_or_not_at_all(gdcli: Gdcli, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    words = ("minimize", "x^2", "--format", "json", "-o", str(path))
    assert gdcli(*words) == (0, "", "")
    first = path.read_text()
    assert json.loads(first)["status"] == "converged"
    assert gdcli(*words, "--start", "1,2").status == 2
    assert gdcli("minimize", "x^2 +", "-o", str(path)).status == 2
    assert path.read_text() == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which function?\n  usage:    gdcli minimize EXPRESSION [OPTIONS]\n  example:  gdcli"),
        (("x^2", "--alpha", "n"), "--alpha n: `n` has no value"),
        (("x^2", "--alpha", "-1"), "--alpha takes auto, a positive number"),
        (("x^2", "--tolerance", "nan"), "--tolerance takes a number"),
        (("x^2", "--max-iterations", "1_0"), "--max-iterations takes a whole number"),
        (("x^2", "--rows", "some"), "--rows takes a number of rows or all"),
        (("x^2", "--method", "simple"), "--method takes auto, steepest,"),
        (("x^2", "--derivative", "backward"), "--derivative takes reverse, tangent, forward-diff"),
        (("x^2", "--start", "1,2"), "--start has 2 values"),
        (("x^2", "--start", "y=1"), "`y` is no variable"),
        (("x^2", "--format", "xml"), "--format takes table, json, jsonl"),
        (("x^2", "--set", "a"), "--set takes a name and its value"),
        (("five-wel",), "did you mean five-well"),
        (("x^2 + xy",), "x*y"),
        (("x^2", "--size", "n=3"), "--size n: the expression has no such size (its sizes: none)"),
    ],
)
def test_requests_that_mean_nothing_are_refused(
    gdcli: Gdcli, words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    said = gdcli("minimize", *words)
    assert said.status == 2
    assert message in said.err


def test_ctrl_c_prints_the_best_point_so_far(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gdcli.report.formats.jsonl import Iterates

    write = Iterates.row

    def row(self: Iterates, iterate: Any) -> str:
        if iterate.k == 5:
            raise KeyboardInterrupt
        return write(self, iterate)

    monkeypatch.setattr(Iterates, "row", row)
    said = gdcli("minimize", "rosenbrock", "--format", "jsonl")
    assert said.status == 130
    assert said.out.count("\n") >= 5
    assert "interrupted" in said.err


@pytest.mark.parametrize("derivative", DERIVATIVES)
def test_every_derivative_descends(gdcli: Gdcli, derivative: str) -> None:
    said = gdcli("minimize", "(x-1)^2 + 3*y^2", "--derivative", derivative, "--format", "json")
    assert (said.status, said.json["derivative_method"]) == (0, derivative)
    assert said.json["x"]["x"] == pytest.approx(1, abs=1e-7)


def test_the_evaluations_of_differences_count(gdcli: Gdcli) -> None:
    def counts(*words: str) -> dict[str, int]:
        fixed = ("minimize", "x^2 + y^2", "--alpha", "0.1", "--max-iterations", "4")
        found: dict[str, int] = gdcli(*fixed, "--format", "json", *words).json["evaluations"]
        return {name: count for name, count in found.items() if count}

    assert counts() == {"value": 5, "gradient": 5}
    assert counts("--derivative", "forward-difference") == {"value": 15, "gradient": 5}
    central = ("--derivative", "central-difference", "--step", "1e-3")
    assert counts(*central) == {"value": 25, "gradient": 5}
    assert counts(*central, "--points", "5") == {"value": 45, "gradient": 5}
    assert counts(*central, "--max-evaluations", "12") == {"value": 10, "gradient": 2}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--step", "1e-3"), "--step has no meaning for reverse"),
        (("--derivative", "complex-step", "--points", "3"), "--points has no meaning"),
        (("--derivative", "central-difference", "--points", "4"), "an odd number of points"),
        (("--derivative", "forward-difference", "--step", "0"), "a positive number"),
        (("--digits", "0"), "--digits takes"),
        (("--digits", "20", "--format", "csv"), "--digits has no place in --format csv"),
    ],
)
def test_options_that_mean_nothing(gdcli: Gdcli, words: tuple[str, ...], message: str) -> None:
    said = gdcli("minimize", "x^2", *words)
    assert said.status == 2
    assert message in said.err


def test_digits_are_strings_and_right(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2 - cos(3*x - 1)", "--start", "0.3", "--digits", "60")
    answer = gdcli(*words, "--format", "json")
    with mpmath.workdps(80):
        x = mpmath.findroot(lambda t: 2 * t + 3 * mpmath.sin(3 * t - 1), 0.3)
        f = x**2 - mpmath.cos(3 * x - 1)
        assert abs(mpmath.mpf(answer.json["x"]["x"]) - x) < mpmath.mpf(10) ** -59
        assert abs(mpmath.mpf(answer.json["f"]) - f) < mpmath.mpf(10) ** -59
    assert answer.status == 0
    assert answer.json["gradient"] == {"x": "0"}
    assert answer.json["gradient_norm"] == "0"
    assert answer.json["tests"][-1]["name"] == "60 digits"
    assert gdcli(*words, "--format", "plain").out == answer.json["x"]["x"] + "\n"
    assert f"x = {answer.json['x']['x']}" in gdcli(*words).out


def test_digits_that_newton_cannot_give(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "abs(x - 1/3)", "--digits", "20", "--format", "json")
    assert (said.status, said.json["status"]) == (3, "stalled")
    assert "stalled at the kink abs(x - 1/3)" in said.json["message"]
    assert float(said.json["x"]["x"]) == pytest.approx(1 / 3)
    undefined = gdcli("minimize", "log(x)", "--start", "-1", "--digits", "20", "--format", "json")
    assert (undefined.status, undefined.json["f"]) == (4, None)


def test_as_written(gdcli: Gdcli) -> None:
    words = ("minimize", "log(1 + exp(x)) - x/2", "--start", "800", "--format", "json")
    assert gdcli(*words).status == 0
    assert gdcli(*words, "--as-written").json["status"] == "undefined"


def test_a_maximum_is_reported_as_one(gdcli: Gdcli) -> None:
    words = ("minimize", "3 - (x-1)^2 - 2*y^2", "--maximize")
    answer = gdcli(*words, "--format", "json").json
    assert (answer["status"], answer["classification"]) == ("converged", "maximum")
    assert (answer["f"], answer["maximize"], answer["degenerate"]) == (3.0, True, False)
    assert answer["hessian_eigenvalues"] == pytest.approx([-4.0, -2.0])
    table = gdcli(*words)
    assert (table.status, table.err) == (0, "")
    assert "a maximum, global" in table.out
    assert "minimum" not in table.out
    rising = [json.loads(line)["f"] for line in gdcli(*words, "--format", "jsonl").out.splitlines()]
    assert rising == sorted(rising)
    steps = ("minimize", "3 - (x-1)^2 - y^2", "--maximize", "--alpha", "0.5")
    assert gdcli(*steps, "--format", "plain").out == "1 0\n"
    above = gdcli("minimize", "x^2 + y^2", "--maximize")
    assert above.status == 4
    assert "unbounded: f rises without bound" in above.out
    saddle = gdcli("minimize", "x^2 - y^2", "--start", "0,0", "--maximize")
    assert saddle.status == 5
    assert "no maximum: f rises to" in saddle.out


def test_a_maximum_that_is_no_minimum_of_the_library_is_not_measured_by_it(gdcli: Gdcli) -> None:
    assert "lower minimum" not in gdcli("minimize", "five-well", "--maximize").out


def test_a_rule_stops_a_run(gdcli: Gdcli) -> None:
    words = ("minimize", "rosenbrock", "--stop-when", "f < 1e-3")
    answer = gdcli(*words, "--format", "json").json
    assert (answer["status"], answer["converged"]) == ("stopped", False)
    [test] = [test for test in answer["tests"] if test["name"] == "f < 1e-3"]
    assert (test["value"], test["limit"], test["met"]) == (answer["f"], 1e-3, True)
    table = gdcli(*words)
    assert table.status == 0
    assert re.search(r"^f < 1e-3 +0\.\d+ +0\.001 +yes$", table.out, re.MULTILINE)
    plain = gdcli(*words, "--format", "plain")
    assert plain.err.startswith("gdcli: stopped at k = ")
    explained = gdcli("minimize", "x^2", "--stop-when", "k > 1000", "--explain").out
    assert re.search(r"^k > 1000 +\d+ +1000 +no$", explained, re.MULTILINE)


def test_a_time_limit_is_told_with_value_and_limit(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2", "--alpha", "1e-9", "--max-time", "0.05s", "--max-iterations", "1e9")
    said = gdcli(*words, "--max-evaluations", "1e9", "--format", "json")
    assert (said.status, said.json["status"]) == (3, "max_iterations")
    assert "stopped after 0.05 s, the limit" in said.json["message"]
    [test] = [test for test in said.json["tests"] if test["name"] == "seconds"]
    assert test["met"]
    assert test["value"] >= test["limit"] == 0.05
    advice = gdcli(*words, "--max-evaluations", "1e9", "--explain").out
    assert "--max-time" in advice


def test_a_saddle_that_a_run_leaves_is_named(gdcli: Gdcli) -> None:
    words = ("minimize", "x^4 - 2x^2 + y^2", "--start", "0,1")
    answer = gdcli(*words, "--format", "json", "--trace").json
    assert answer["escapes"] == [{"k": 1, "x": {"x": 0.0, "y": 0.0}, "f": 0.0}]
    assert [row["k"] for row in answer["trace"] if row.get("event") == "escape"] == [1]
    table = gdcli(*words)
    assert "left a saddle at k = 1, x = 0, y = 0, where f is 0" in table.out
    assert "escape" in table.out
    assert "it had left a saddle at k = 1" in gdcli(*words, "--format", "plain").err
    header, *rows = gdcli(*words, "--format", "csv").out.splitlines()
    assert {row.count(",") for row in rows} == {header.count(",")}  # csv has no events
    kept = gdcli(*words, "--escape", "no", "--format", "json")
    assert (kept.status, kept.json["classification"], kept.json["escapes"]) == (5, "saddle", [])
    assert gdcli(*words, "--escape", "0").status == 5
    assert gdcli(*words, "--escape", "1").status == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--alpha", "0.1"),
        ("--alpha", "0.1/(k+1)"),
        ("--method", "momentum"),
        ("--method", "adagrad"),
        ("--method", "rmsprop"),
        ("--method", "adam"),
    ],
)
def test_steps_that_are_taken_as_they_are_leave_no_saddle(
    gdcli: Gdcli, words: tuple[str, ...]
) -> None:
    job = ("minimize", "x^2 - y^2", "--start", "1,0", *words, "--max-iterations", "300")
    assert gdcli(*job, "--format", "json").json["escapes"] == []
    said = gdcli(*job, "--escape", "3")
    assert (said.status, said.out) == (2, "")
    assert "--escape 3 has no place beside" in said.err


def test_a_seed_is_echoed_and_draws_the_directions_of_a_verdict(gdcli: Gdcli) -> None:
    words = ("minimize", "x^4 + y^4 - 3*x^2*y^2", "--start", "0,0", "--format", "json")
    answers = [gdcli(*words, "--seed", str(seed)).json for seed in (0, 1, 1)]
    assert [answer["seed"] for answer in answers] == [0, 1, 1]
    assert {answer["classification"] for answer in answers} == {"saddle"}
    first, second, again = (answer["message"] for answer in answers)
    assert first != second == again


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--stop-when", "x < 1"),
            "--stop-when x < 1: `x` has no value there; a rule speaks of f, df",
        ),
        (("--stop-when", "f"), '--stop-when f: it is one comparison, such as "f < 1e-6"'),
        (("--max-time", "soon"), "--max-time takes a positive number of seconds"),
        (("--max-time", "-1s"), "--max-time takes a positive number of seconds"),
        (
            ("--escape", "some"),
            "--escape takes auto, no or a whole number of at least 0, not `some`",
        ),
        (("--escape", "9" * 20), "--escape takes a whole number of at most 15 digits, not `9999"),
        (("--seed", "-1"), "--seed takes a whole number of at least 0, such as 100, not `-1`"),
        (("--seed", "9" * 29), "--seed takes a whole number of at most 15 digits, not `9999"),
        (("--size", "n=" + "9" * 20), "--size takes a whole number of at most 15 digits, not `n="),
        (("--alpha", "wolf"), "--alpha wolf: did you mean wolfe?"),
        (("--method", "L-BFGS-B"), "--method L-BFGS-B: write lbfgs"),
        (("--method", "trust-region", "--alpha", "1"), "--method trust-region has no step size"),
        (("--method", "adam", "--alpha", "wolfe"), "--method adam has no --alpha wolfe; it takes"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    gdcli: Gdcli, words: tuple[str, ...], said: str
) -> None:
    found = gdcli("minimize", "x^2", *words)
    assert (found.status, found.out) == (2, "")
    assert said in found.err


def test_explain_says_after_a_long_run_what_the_automatic_method_takes(
    gdcli: Gdcli,
) -> None:
    words = ("minimize", "rosenbrock", "--explain")
    long = gdcli(*words, "--alpha", "1e-3", "--max-iterations", "2000").out
    found = re.search(
        r"^--method auto takes (\d+) evaluations of f, \d+ of its gradient and", long, re.MULTILINE
    )
    assert found is not None
    count = gdcli("minimize", "rosenbrock", "--method", "auto", "--format", "json").json
    assert int(found[1]) == count["evaluations"]["value"] < 100
    assert "--method auto" not in gdcli(*words).out  # which takes some hundred evaluations
    assert (
        "--method auto" not in gdcli(*words[:-1], "--alpha", "1e-3", "--max-iterations", "2000").out
    )


@pytest.mark.parametrize(("rules", "ending"), [
    ({}, "converged with f"),
    ({"max_time": 1e-9}, "max_iterations at the limit of seconds with f"),
    ({"max_iterations": 2}, "max_iterations at the limit of iterations with f"),
    ({"max_evaluations": 4}, "max_iterations at the limit of evaluations with f"),
])  # fmt: skip
def test_what_the_automatic_method_takes_has_the_limit_that_it_met(
    rules: dict[str, Any], ending: str
) -> None:
    function = lookup.function("rosenbrock")
    long = run_descent(function, alpha=1e-3, max_iterations=1500, keep=0)
    assert f"it ends {ending}" in compared_with_auto(long, function, None, rules).advice[-1]


def test_a_start_drawn_at_random_is_told_with_its_seed(gdcli: Gdcli) -> None:
    words = ("minimize", "sum((x[i]-i)^2 for i in 1:3) + y^2", "--start", "x=normal(0, 1),y=2")
    assert "the start was drawn at random: --seed 0" in gdcli(*words).out
    seeded = [gdcli(*words, "--seed", seed, "--format", "json").json for seed in ("0", "7", "7")]
    starts = [one["start"]["x"] for one in seeded]
    assert [one["seed"] for one in seeded] == [0, 7, 7]
    assert starts[0] != starts[1] == starts[2]
    result = minimize("sum((x[i]-i)^2 for i in 1:3) + y^2", {"x": "normal(0, 1)", "y": 2}, seed=7)
    assert [*result.start] == [*starts[1], 2.0]


def test_a_point_that_is_no_start_is_not_drawn(gdcli: Gdcli) -> None:
    for command in ("grad", "eval"):
        said = gdcli(command, "x^2", "--at", "x=normal(0, 1)")
        assert said.status == 2
        assert "--at for x: `normal(0, 1)` is drawn at random, as whole variables of a" in said.err
