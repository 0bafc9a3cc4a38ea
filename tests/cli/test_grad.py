from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from gdcli.derivatives import DERIVATIVES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Gdcli


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("x^2 + x*y", "--at", "1,2"), "4 1\n"),
        (("x^2*y + 1/(x^2+y^2+1)", "--at", "0.5,-0.5"), "-0.9444444444444444 0.6944444444444444\n"),
        (("-x^2 + x^4", "--at", "-1"), "-2\n"),
        (("a*x^2", "--set", "a=1/4", "--at", "2"), "1\n"),
        (("x*y", "--at", "y=3,x=2"), "3 2\n"),
    ],
)
def test_plain_is_the_bare_gradient(gdcli: Gdcli, words: tuple[str, ...], answer: str) -> None:
    assert gdcli("grad", *words, "--format", "plain") == (0, answer, "")


@pytest.mark.parametrize(
    "stdin",
    ["x^2 + x*y\n", b"\xef\xbb\xbfx^2 +\r\n x*y\r\n", "f(x, y) = x^2 + x*y"],
)
def test_the_expression_may_come_through_a_pipe(gdcli: Gdcli, stdin: str | bytes) -> None:
    for words in ((), ("-",)):
        said = gdcli("grad", *words, "--at", "1,2", "--format", "plain", stdin=stdin)
        assert said == (0, "4 1\n", "")


@pytest.mark.parametrize("stdin", ["", " \r\n", b"\xef\xbb\xbf"])
def test_an_empty_pipe_is_an_error(gdcli: Gdcli, stdin: str | bytes) -> None:
    said = gdcli("grad", "--at", "1,2", stdin=stdin)
    assert said.status == 2
    assert "standard input is empty" in said.err


def test_a_pipe_is_not_read_when_there_is_an_expression(gdcli: Gdcli) -> None:
    said = gdcli("grad", "x", "--at", "1", "--format", "plain", stdin="nonsense ((")
    assert said == (0, "1\n", "")


def test_a_pipe_that_is_too_long_is_refused_and_never_cut(gdcli: Gdcli) -> None:
    for stdin, message in (
        (f"x{' ' * 999_998} + y", "has 1,000,003 characters; at most 1,000,000"),
        (f"1+{'é' * 1_000_000}", "has 1,000,002 characters; at most 1,000,000"),
        (f"x{' ' * 4_000_000} + y", "standard input has more than 4,000,000 bytes"),
    ):
        said = gdcli("grad", "--at", "1,2", stdin=stdin)
        assert said.status == 2
        assert message in said.err


def test_bytes_that_are_no_text_are_refused(gdcli: Gdcli) -> None:
    assert "not UTF-8 (byte 2)" in gdcli("grad", "--at", "1", stdin=b"x\xff").err


@pytest.mark.parametrize("words", [(), ("-q",)])
def test_alone_it_takes_the_example_of_the_lecture(
    gdcli: Gdcli, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    for at in ("1,2", "x=1,y=2", "1 2", "(1, 4/2)", "2,1"):
        said = gdcli("grad", "--at", at, "--format", "plain", *words)
        own = at != "2,1"
        assert said[:2] == ((0, "4 1\n") if own else (2, ""))
        taken = "gdcli: no expression was given: taking the lecture's example x^2 + x*y\n"
        assert (said.err == taken) is own


@pytest.mark.parametrize(
    "words",
    [("--at", "3,4"), ("--at", "1"), ("--at", "a,b"), ("--at", "@p.csv"), ("--symbolic",), ()],
)
def test_a_script_that_lost_its_function_gets_no_gradient_of_another(
    gdcli: Gdcli, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    said = gdcli("grad", *words)
    assert said.status == 2
    assert said.err == (
        "gdcli: which function?\n  usage:    gdcli grad EXPRESSION [OPTIONS]\n"
        '  example:  gdcli grad "x^2 + x*y" --at 1,2 --along 1,1\n'
    )
    assert gdcli("grad", "", *words).status == gdcli("grad", *words, stdin="").status == 2


def test_a_constant_has_an_empty_gradient(gdcli: Gdcli) -> None:
    assert gdcli("grad", "5", "--format", "plain") == (0, "\n", "")
    assert gdcli("grad", "5", "--at", "", "--format", "plain") == (0, "\n", "")
    answer = gdcli("grad", "5", "--format", "json", "--hessian").json
    assert (answer["value"], answer["gradient"], answer["length"]) == (5, {}, 0)
    assert (answer["direction"], answer["hessian"], answer["status"]) == (None, [], "ok")
    assert "it has no variables" in gdcli("grad", "5", "--hessian").out
    assert "it takes none" in gdcli("grad", "5", "--at", "1").err


def test_a_length_beyond_the_numbers_is_named(gdcli: Gdcli) -> None:
    words = ("grad", "1.7e308*x + 1.7e308*y", "--at", "0,0")
    said = gdcli(*words, "--format", "json")
    assert (said.status, said.json["status"], said.json["length"]) == (0, "ok", None)
    assert "the length" in said.json["message"]
    assert said.err == f"gdcli: {said.json['message']}\n"
    assert gdcli(*words, "--format", "plain")[:2] == (0, "1.7e+308 1.7e+308\n")


def test_json(gdcli: Gdcli) -> None:
    said = gdcli(
        "grad", "x^2 + x*y", "--at", "1,2", "--format", "json", "--along", "0,2", "--hessian"
    )
    assert list(said.json) == [
        "gdcli", "schema", "expression", "variables", "held", "at", "gradient", "value", "f",
        "length",
        "direction", "derivative_method", "status", "message", "hessian", "along", "slope",
        "derivative", "directions",
    ]  # fmt: skip
    assert said.json["variables"] == ["x", "y"]
    assert said.json["at"] == {"x": 1.0, "y": 2.0}
    assert said.json["gradient"] == {"x": 4.0, "y": 1.0}
    assert said.json["hessian"] == [[2.0, 1.0], [1.0, 0.0]]
    assert (said.json["slope"], said.json["derivative"]) == (1.0, 2.0)
    assert (said.json["status"], said.json["message"]) == ("ok", None)


def test_a_component_without_a_value_is_null_and_exit_4(gdcli: Gdcli) -> None:
    words = ("grad", "sqrt(x-y) + z", "--at", "1,1,5")
    said = gdcli(*words, "--format", "json")
    assert said.status == 4
    assert said.json["status"] == "undefined"
    assert said.json["gradient"] == {"x": None, "y": None, "z": 1.0}
    assert "sqrt(x - y)" in said.json["message"]
    assert said.json["message"] in said.err
    assert gdcli(*words, "--format", "plain") == (4, "", said.err)
    assert "undefined" in gdcli(*words).out


def test_the_table(gdcli: Gdcli) -> None:
    assert gdcli("grad", "x^2 + x*y", "--at", "1,2", "--hessian").out == (
        "variable  at  ∂f  steepest descent\n"
        "──────────────────────────────────\n"
        "x         1   4   -0.9701425\n"
        "y         2   1   -0.2425356\n"
        "\n"
        "   f = 3\n"
        "‖∇f‖ = 4.123105625617661\n"
        "  ∇f = (4, 1)\n"
        "\n"
        "∂²f  x  y\n"
        "─────────\n"
        "  x  2  1\n"
        "  y  1  0\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x*y",), "for example --at 1,2"),
        (("x*y", "--at", "1"), "x, y"),
        (("x*y", "--at", "1,nan"), "nan"),
        (("x*y", "--at", "1,2", "--along", "0,0"), "--along"),
        (("x*y", "--at", "1,2", "--along", "1"), "--along"),
        (("x*y", "--at", "1,2", "--derivative", "magic"), "--derivative takes reverse"),
        (("x*y", "--at", "1,2", "--backend", "fast"), "--backend takes auto, python or native"),
        (("x*y", "--at", "@nowhere.csv"), "there is no file nowhere.csv"),
        (("-", "--at", "-"), "one reader, not both --at - and EXPRESSION -"),
        (("x*y", "--at", "1,2", "--exact", "--digits", "9"), "--exact excludes --digits"),
        (("x*y", "--at", "1,2", "--exact", "--step", "1"), "--exact excludes --step"),
        (("x*y", "--at", "1,2", "--digits", "0"), "--digits takes a number of digits"),
        (
            ("x*y", "--at", "1,2", "--digits", "9", "--derivative", "tangent"),
            "--digits excludes --derivative tangent",
        ),
        (
            ("x*y", "--at", "1,2", "--hessian", "--derivative", "symbolic"),
            "--derivative symbolic excludes --hessian",
        ),
        (("x*y", "--at", "1,2", "--step", "1e-3"), "--step has no meaning for reverse"),
        (("x*y", "--at", "1,2", "--points", "3"), "--points has no meaning for reverse"),
        (("x*y", "--at", "@p.csv", "--symbolic"), "--symbolic excludes many points"),
        (("x*y", "--symbolic", "--exact"), "--exact needs a point"),
        (("x*y", "--symbolic=html"), "--symbolic takes text, unicode or latex"),
        (("x*y", "--symbolic", "html"), "gdcli grad takes 1 argument, this is 2"),
        (("--symbolic", "latex", "text"), "no problem `text`"),
        (("x", "--at", "pi", "--exact"), "--at: x = pi: pi is not rational"),
        (("five-wel", "--at", "1,2"), "did you mean five-well?"),
        (("x^2 + xy", "--at", "1,2"), "x*y"),
        (("", "--at", "1,2"), "no expression"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_write(
    gdcli: Gdcli, words: tuple[str, ...], message: str
) -> None:
    said = gdcli("grad", *words)
    assert said.status == 2
    assert message in said.err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            ("x^2", "--at", "2", "--derivative", "forward-difference", "--step", "1e-8"),
            "3.999999975690116\n",
        ),
        (("x^2*y + 1/(x^2+y^2+1)", "--at", "1/2,-1/2", "--exact"), "-17/18 25/36\n"),
        (("x^2*y", "--symbolic"), "2*x*y\nx^2\n"),
        (("x^2*y", "--symbolic", "--at", "3,4"), "24 9\n2*x*y\nx^2\n"),
        (("x^2*y", "--symbolic=latex"), "2 x y\nx^{2}\n"),
        (("x^2*y", "--symbolic", "latex"), "2 x y\nx^{2}\n"),
        (("--symbolic", "latex", "x^2*y"), "2 x y\nx^{2}\n"),
        (("--symbolic", "x^2*y"), "2*x*y\nx^2\n"),
        (("--symbolic", "-x"), "-1\n"),
        (("--symbolic=latex", "x^2*y"), "2 x y\nx^{2}\n"),
        (("1/3*x", "--at", "1", "--digits", "12"), "0.333333333333\n"),
    ],
)
def test_other_ways_and_other_numbers(gdcli: Gdcli, words: tuple[str, ...], answer: str) -> None:
    assert gdcli("grad", *words, "--format", "plain") == (0, answer, "")


def test_fifty_digits_all_right(gdcli: Gdcli) -> None:
    import mpmath

    said = gdcli("grad", "exp(sin(50*x))", "--at", "1/3", "--digits", "50", "--format", "plain")
    with mpmath.workdps(80):
        third = mpmath.mpf(1) / 3
        slope = 50 * mpmath.cos(50 * third) * mpmath.exp(mpmath.sin(50 * third))
        assert said == (0, mpmath.nstr(slope, 50) + "\n", "")


@pytest.mark.parametrize("derivative", DERIVATIVES)
def test_every_way_to_differentiate(gdcli: Gdcli, derivative: str) -> None:
    said = gdcli(
        "grad", "exp(x)*sin(y)", "--at", "1,2", "--derivative", derivative, "--format", "json"
    )
    assert said.json["derivative_method"] == derivative
    assert ("evaluations" in said.json) is (derivative != "reverse")
    exact = {"x": math.e * math.sin(2), "y": math.e * math.cos(2)}
    assert said.json["gradient"] == pytest.approx(exact, rel=1e-6)
    told = gdcli("grad", "exp(x)*sin(y)", "--at", "1,2", "--derivative", derivative).out
    assert ("evaluations of f" in told) is (derivative != "reverse")


def test_digits_that_floats_lose_are_found_again(gdcli: Gdcli) -> None:
    said = gdcli("grad", "(1-cos(x))/x^2", "--at", "1e-8", "--format", "plain")
    assert float(said.out) == pytest.approx(-1e-8 / 12, rel=1e-15)
    assert "digits" in said.err
    assert gdcli("grad", "(1-cos(x))/x^2", "--at", "1e-8", "--format", "plain", "-q").err == ""


def test_a_pole_has_a_caret(gdcli: Gdcli) -> None:
    said = gdcli("grad", "y*log(x-1)", "--at", "1,1", "--format", "plain")
    assert said[:2] == (4, "")
    assert said.err == "gdcli: undefined: log(x - 1) at x=1: log(0)\n  y*log(x-1)\n    ^^^^^^^^\n"


def test_the_theorem_is_shown(gdcli: Gdcli) -> None:
    words = ("grad", "x^2 + x*y", "--at", "1,2", "--along", "1,1")
    lines = gdcli(*words).out.splitlines()
    assert lines[-1] == (
        "no unit direction falls faster than −∇f/‖∇f‖, whose slope is −‖∇f‖ = -4.123105625617661"
    )
    assert sum("°" in line for line in lines) == 15
    found = gdcli(*words, "--format", "json").json
    steepest = min(found["directions"], key=lambda one: one["slope"])
    assert (steepest["note"], steepest["slope"]) == ("steepest descent", -found["length"])
    assert steepest["direction"] == found["direction"]


def test_numbers_are_texts_where_floats_could_not_hold_them(gdcli: Gdcli) -> None:
    words = ("grad", "x^2/3", "--at", "1/2", "--hessian", "--along", "2", "--format", "json")
    found = gdcli(*words, "--exact").json
    assert found["at"] == {"x": "1/2"}
    assert (found["value"], found["gradient"], found["hessian"]) == (
        "1/12",
        {"x": "1/3"},
        [["2/3"]],
    )
    assert (found["slope"], found["derivative"], found["length"]) == ("1/3", "2/3", "1/3")
    found = gdcli(*words, "--digits", "5").json
    assert (found["value"], found["gradient"]) == ("0.083333", {"x": "0.33333"})


# -- many points -------------------------------------------------------------------------------

POINTS = "y,x\n1,3\n1,1\n0,pi\n"


@pytest.fixture
def points(tmp_path: Path) -> str:
    path = tmp_path / "points.csv"
    path.write_text(POINTS)
    return f"@{path}"


def test_an_answer_a_line(gdcli: Gdcli, points: str) -> None:
    words = ("grad", "log(x-y)", "--at")
    said = gdcli(*words, points, "--format", "plain")
    assert said.status == 4
    assert said.out == "0.5 -0.5\n\n0.3183098861837907 -0.3183098861837907\n"
    assert said.err == (
        "gdcli: line 3: undefined: log(x - y) at x=1, y=1: log(0)\n  log(x-y)\n  ^^^^^^^^\n"
    )
    assert gdcli(*words, "-", "--format", "plain", stdin=POINTS) == said


def test_many_points_in_csv(gdcli: Gdcli, points: str) -> None:
    said = gdcli("grad", "log(x-y)", "--at", points, "--format", "csv", "--along", "2,0")
    rows = [line.split(",") for line in said.out.splitlines()]
    assert rows[0] == ["x", "y", "f", "df/dx", "df/dy", "length", "slope", "derivative", "status"]
    assert rows[1][3:5] == ["0.5", "-0.5"]
    assert rows[1][6:] == ["0.5", "1", "ok"]
    assert rows[2] == ["1", "1", "", "", "", "", "", "", "undefined"]
    again = gdcli("grad", "log(x-y)", "--at", "-", "--format", "csv", stdin=said.out)
    assert [line.split(",")[2:5] for line in again.out.splitlines()[1:]] == [
        row[2:5] for row in rows[1:]
    ]


def test_many_points_in_json(gdcli: Gdcli, points: str) -> None:
    words = ("grad", "log(x-y)", "--at", points, "--hessian", "--format")
    lines = [json.loads(line) for line in gdcli(*words, "jsonl").out.splitlines()]
    assert [line["line"] for line in lines] == [2, 3, 4]
    assert [line["status"] for line in lines] == ["ok", "undefined", "ok"]
    assert lines[0]["hessian"] == [[-0.25, 0.25], [0.25, -0.25]]
    assert "log(0)" in lines[1]["message"]
    whole = gdcli(*words, "json").json
    assert whole["points"] == lines
    assert (whole["status"], whole["message"]) == ("undefined", "1 of 3 points are undefined")
    assert whole["variables"] == ["x", "y"]


def test_many_points_in_a_table(gdcli: Gdcli, points: str) -> None:
    lines = gdcli("grad", "log(x-y)", "--at", points).out.splitlines()
    assert lines[0].split() == ["x", "y", "f", "∂f/∂x", "∂f/∂y", "‖∇f‖"]
    assert lines[2].split() == ["3", "1", "0.6931472", "0.5", "-0.5", "0.7071068"]
    assert lines[3].split() == ["1", "1", "undefined", "undefined", "undefined"]
    assert len({len(line) for line in lines if not line.startswith(" " * 12 + "1")}) == 1
    ascii = gdcli("grad", "log(x-y)", "--at", points, "--ascii").out
    assert ascii.isascii()


def test_many_points_in_fractions(gdcli: Gdcli) -> None:
    words = ("grad", "x/y", "--at", "-", "--exact", "--format", "plain")
    assert gdcli(*words, stdin="1,0.3\n1 2/3\n").out == "10/3 -100/9\n3/2 -9/4\n"
    said = gdcli(*words, stdin="1,2\n1,pi\n")
    assert "line 2: y = pi: pi is not rational" in said.err


def test_the_trace_of_a_descent_can_be_read(gdcli: Gdcli) -> None:
    trace = gdcli("minimize", "x^2+3*y^2", "--format", "csv", "-q").out
    said = gdcli("grad", "x^2+3*y^2", "--at", "-", "--format", "csv", stdin=trace)
    assert said.status == 0
    assert len(said.out.splitlines()) == len(trace.splitlines())


def test_undefined_points_are_told_once_too_often(gdcli: Gdcli) -> None:
    said = gdcli("grad", "log(x)", "--at", "-", "--format", "plain", stdin="-1\n" * 9)
    assert (said.status, said.out) == (4, "\n" * 9)
    assert said.err.count("undefined: log(x)") == 5
    assert said.err.endswith("gdcli: 4 more points are undefined\n")
