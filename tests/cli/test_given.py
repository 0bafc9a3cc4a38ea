"""Sizes and data on the command line, and work that would never end."""

from __future__ import annotations

from math import cos
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Gdcli, Said

LINE = "sum((a*t[i]+b-y[i])^2 for i in 1:n)"
ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text("t,y\n1,1\n2,3\n3,2\n4,5\n", encoding="utf-8")
    return path


def test_a_line_through_the_points_of_a_table(gdcli: Gdcli, points: Path) -> None:
    said = gdcli("minimize", LINE, "--data", str(points), "--format", "json")
    slope, height = np.polyfit([1, 2, 3, 4], [1, 3, 2, 5], 1)
    assert said.status == 0
    assert said.json["x"] == pytest.approx({"a": slope, "b": height}, abs=1e-7)


def test_arrays_and_tables_side_by_side(gdcli: Gdcli, points: Path) -> None:
    np.save(points.with_name("w.npy"), [1.0, 0, 0, 2])
    data = ("--data", str(points), "--data", f"w={points.with_name('w.npy')}")
    said = gdcli("grad", "sum(w[i]*(a*t[i]-y[i])^2 for i in 1:n)", *data, "--at", "1",
                 "--format", "json")  # fmt: skip
    assert said.json["value"] == 0 + 2 * 1
    assert said.json["gradient"] == {"a": 2 * 2 * (4 - 5) * 4}


@pytest.mark.parametrize("command", ["grad", "compare"])
def test_sizes(gdcli: Gdcli, command: str) -> None:
    said = gdcli(command, ROSENBROCK, "--size", "n=3", "--at", "x[i]=i", "--format", "json")
    assert said.status == 0
    assert said.json["at"] == {"x": [1.0, 2.0, 3.0]}


def test_gradient_of_a_vector_is_a_list(gdcli: Gdcli) -> None:
    words = ("grad", "sum(i*x[i]^2 for i in 1:n)", "--size", "n=3", "--at", "x=2")
    assert gdcli(*words, "--format", "json").json["gradient"] == {"x": [4.0, 8.0, 12.0]}
    assert gdcli(*words, "--format", "plain").out == "4 8 12\n"
    assert gdcli(*words, "--exact", "--format", "plain").out == "4 8 12\n"
    assert gdcli(*words[:-1], "x=1/3", "--exact", "--format", "plain").out == "2/3 4/3 2\n"


def test_sizes_of_a_problem(gdcli: Gdcli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        f'expression = "{ROSENBROCK}"\nsizes = {{ n = 5 }}\nstart = "x=[-1.2,1,...]"\n',
        encoding="utf-8",
    )
    said = gdcli("minimize", str(path), "--format", "json", "--max-iterations", "0")
    assert said.json["start"] == {"x": [-1.2, 1.0, -1.2, 1.0, -1.2]}
    said = gdcli("minimize", str(path), "--size", "n=2", "--format", "json")
    assert said.json["start"] == {"x": [-1.2, 1.0]}
    assert said.json["x"]["x"] == pytest.approx([1, 1], abs=1e-6)


def test_settings_and_sizes_add_up(gdcli: Gdcli) -> None:
    text = "a*x[1]^2 + b*x[n]^2 + c*x[m]"
    settings = ("--set", "a=max(1,2),b=1/2", "--set", "c=3", "--size", "n=3,m=2")
    said = gdcli("grad", text, "--at", "1,1,1", *settings, "--format", "plain")
    assert said == (0, "4 3 1\n", "")
    for name in ("b", "x₁"):  # however it is typed
        said = gdcli("grad", "x1 + b", "--set", f"b=1,{name}=3", "--set", "x1=3", "--at", "1")
        assert said.err == f"gdcli: --set gives `{'b' if name == 'b' else 'x1'}` twice\n"


def test_what_is_held_is_reported(gdcli: Gdcli) -> None:
    words = ("minimize", "f(x, a, y) = a*x^2 + y^2", "--set", "a=1/2", "--start", "1,1")
    assert gdcli(*words, "--format", "json").json["held"] == {"a": 0.5}
    assert "\nheld: a = 0.5\n" in gdcli(*words).out
    assert gdcli("minimize", "x^2", "--format", "json").json["held"] == {}
    for command in ("minimize", "grad", "eval", "compare"):
        at = () if command == "minimize" else ("--at", "1")
        assert "held" not in gdcli(command, "x^2", *at).out
    grad = ("grad", "a*x", "--set", "a=1e-400", "--at", "1", "--exact", "--format", "json")
    assert gdcli(*grad).json["held"] == {"a": "1e-400"}


HOLDING = [
    *[("eval", "--at", "1"), ("eval", "--at", "-"), ("grad", "--at", "1"), ("grad", "--at", "-")],
    *[
        ("grad", "--symbolic"),
        ("minimize",),
        ("compare", "--at", "1"),
        ("check", "--gradient", "2a*x"),
    ],
    *[("compare", "--at", "1", "--sweep-step"), ("compare", "--sweep-depth")],
    *[("show", "--stage", stage) for stage in ("expression", "source", "graph")],
]


@pytest.mark.parametrize("words", HOLDING)
def test_every_answer_about_an_expression_says_what_is_held(
    words: tuple[str, ...], gdcli: Gdcli
) -> None:
    def asked(*more: str) -> Said:
        stdin = "1\n2\n" if "-" in words else None
        said = gdcli(words[0], "a*x^2", "--set", "a=1/2", *words[1:], *more, stdin=stdin)
        assert said.status == 0, said.err
        return said

    assert asked("--format", "json").json["held"] == {"a": 0.5}
    assert {*asked("--print", "held.a").out.splitlines()} == {"0.5"}
    rows_or_code = "-" in words or "source" in words
    assert ("\nheld: a = 0.5\n" in asked().out) != rows_or_code


def test_a_problem_with_a_variable_held_claims_no_minimum(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "five-well", "--set", "y=2")
    assert (said.status, said.err) == (0, "")
    assert "held: y = 2" in said.out
    assert "the problem's own start (10) was taken" in said.out
    assert "lower minimum" not in said.out
    assert "lower minimum" in gdcli("minimize", "five-well", "--start", "0,10").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((ROSENBROCK,), "gdcli: how large is n? Give --size n=100\n"),
        ((ROSENBROCK, "--size", "m=3"), "gdcli: --size m: the expression has no such size"),
        ((ROSENBROCK, "--size", "n=3", "--size", "n=4"), "gdcli: --size gives `n` twice\n"),
        ((ROSENBROCK, "--size", "n=3", "--set", "n=4"), "gdcli: --set n: `n` has its"),
        ((ROSENBROCK, "--data", "x=none.npy"), "gdcli: there is no file none.npy\n"),
        ((LINE, "--data", "none.csv"), "gdcli: there is no file none.csv\n"),
        (
            (LINE, "--data", "none"),
            "gdcli: data are read from .npy, .csv, .tsv and .parquet files, not none\n",
        ),
        (
            ("f(x[n]) = sum(x[i+1]^2 for i in 1:n)", "--size", "n=100"),
            "gdcli: x[i+1] reaches x[101], but x has 100 entries\n"
            "  f(x[n]) = sum(x[i+1]^2 for i in 1:n)\n                  ^^^\n",
        ),
    ],
)
def test_refusals(gdcli: Gdcli, words: tuple[str, ...], message: str) -> None:
    said = gdcli("minimize", *words)
    assert said.status == 2
    assert said.err.startswith(message)


MEASURED = "Time (s),p1,p2,y\n1,1,2,4\n2,4,5,7\n"


def test_a_table_from_standard_input(gdcli: Gdcli) -> None:
    text = "sum(a*t[i]*y[i] + b*x[i,2] for i in 1:n)"
    columns = ("--column", "t=Time (s)", "--column=x=p1:p2", "--at", "1,1", "--format", "plain")
    said = gdcli("grad", text, "--data", "-", *columns, stdin=MEASURED)
    assert said == (0, "18 7\n", "")
    assert gdcli("grad", text, "--data", "-", *columns, stdin=MEASURED.encode("utf-16")) == said
    said = gdcli("grad", "sum(a*x[i,4] for i in 1:n)", "--data", "x=-", "--at", "1",
                 "--format", "plain", stdin=MEASURED)  # fmt: skip
    assert said.out == "11\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--data", "-", "--at", "-"), "one reader, not both --data - and --at -"),
        (("-", "--data", "-"), "one reader, not both --data - and EXPRESSION -"),
        (("x", "--data", "-", "--data", "x=-"), "one reader, not both --data - and --data -"),
        (("--data", "-"), "--data - reads standard input: give EXPRESSION too"),
        (("sum(y[i] for i in 1:n)", "--data", "-", "--column", "y=z"), "no column `z`; the"),
        (("sum(y[i]*a for i in 1:n)", "--column", "y=a"), "--column y=a: there is no table; give"),
        (("sum(y[i] for i in 1:n)", "--data", "-", "--column", "q=y"), "--column q: the expres"),
        (("x", "--column", "q=y", "--column", "q=z"), "--column gives `q` twice"),
        (("x", "--column", "q"), "--column takes a name and a column, such as t=Time (s)"),
    ],
)
def test_columns_and_readers_that_are_refused(
    gdcli: Gdcli, words: tuple[str, ...], message: str
) -> None:
    said = gdcli("grad", *words, stdin=MEASURED)
    assert said.status == 2
    assert message in said.err


def test_standard_input_is_closed(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    said = gdcli("grad", "sum(y[i] for i in 1:n)", "--data", "-")
    assert said.err == "gdcli: --data -: standard input is closed\n"


def test_data_of_different_lengths(gdcli: Gdcli, points: Path) -> None:
    np.save(points.with_name("y.npy"), [1.0, 2])
    table = points.with_name("t.csv")
    table.write_text("t\n1\n2\n3\n", encoding="utf-8")
    data = ("--data", str(table), "--data", f"y={points.with_name('y.npy')}")
    said = gdcli("minimize", LINE, *data)
    assert said.status == 2
    assert said.err == (
        "gdcli: n is 3, as t has 3 entries, and 2, as y has 2 entries; give --size n=...\n"
        f"  {LINE}\n                ^^^^\n"
    )


def test_work_that_would_not_end_is_refused(gdcli: Gdcli) -> None:
    words = ("grad", "sum(cos(i*j)*x for i in 1:n, j in 1:n)", "--at", "1")
    said = gdcli(*words, "--size", "n=1e7")
    assert said.status == 2
    assert "operations; --yes evaluates it all the same" in said.err
    said = gdcli(*words, "--size", "n=2", "--yes", "--format", "plain")
    assert float(said.out) == pytest.approx(cos(1) + 2 * cos(2) + cos(4), rel=1e-15)


def test_every_command_that_takes_a_function_takes_sizes_and_data(gdcli: Gdcli) -> None:
    for command in ("grad", "minimize", "compare", "check", "show"):
        page = gdcli(command, "--help").out
        for option in ("--size NAME=NUMBER", "--data [NAME=]FILE", "--backend", "--yes"):
            assert option in page


@pytest.mark.parametrize("words", [("grad", "--at", "1"), ("minimize",), ("compare", "--at", "1")])
def test_notes_on_what_floats_do_not_hold(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    text = "(x - 1)^2 + a + 9007199254740993"
    said = gdcli(words[0], text, "--set", "a=1e-999", *words[1:])
    assert said.status == 0
    assert said.err.startswith(
        "gdcli: `9007199254740993` is a whole number between two floats; the nearest is"
        " 9007199254740992; --digits keeps it\n"
        "gdcli: `1e-999` is not 0, but too small for a float; --digits keeps it\n"
    )
    quiet = gdcli(words[0], text, "--set", "a=1e-999", *words[1:], "--quiet", "--format", "json")
    assert (quiet.status, quiet.err) == (0, "")


def test_exact_numbers_need_no_notes(gdcli: Gdcli) -> None:
    words = ("grad", "x - 9007199254740993", "--at", "9007199254740994", "--format", "json")
    for exact in (("--exact",), ("--digits", "20")):
        said = gdcli(*words, *exact)
        assert (said.status, said.json["value"], said.err) == (0, "1", "")
    assert gdcli(*words[:2], "--at", "9007199254740993").status == 2


def test_data_that_are_not_read_and_constants_that_are_set(gdcli: Gdcli, points: Path) -> None:
    said = gdcli("grad", LINE, "--data", str(points), "--size", "n=3", "--at", "1,2")
    assert said.err == (
        "gdcli: t has 4 entries, of which the first 3 are read\n"
        "gdcli: y has 4 entries, of which the first 3 are read\n"
    )
    said = gdcli("grad", "e*x", "--set", "e=3", "--at", "1", "--format", "plain")
    assert (said.out, said.err) == ("3\n", "gdcli: --set e=3: `e` is no longer the constant\n")


def test_a_column_of_nearly_the_same_name(gdcli: Gdcli, points: Path) -> None:
    said = gdcli("minimize", LINE.replace("t[", "T["), "--data", str(points))
    assert (said.status, said.err.splitlines()[0]) == (2, (
        "gdcli: `T` is a vector of variables, and the data have a column `t` that is not used;"
        " name both alike, or declare it: `f(T, a, b) = ...`"
    ))  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("grad", "--at", "1"),
        ("minimize",),
        ("check", "--gradient", "2*y"),
        ("compare", "--at", "1"),
        ("show", "--stage", "tape"),
        ("plot", "--kind", "curve"),
    ],
)
def test_a_part_that_is_not_used_is_noted(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    command, *options = words
    said = gdcli(command, "r = log(y); s = 2*y; t = r^2; y*s/2", *options)
    assert said.status == 0
    notes = [line for line in said.err.splitlines() if "is not used" in line]
    assert notes == ["gdcli: part `r` is not used", "gdcli: part `t` is not used"]
    quiet = gdcli(command, "r = log(y); y^2", *options, "-q")
    assert "is not used" not in quiet.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_what_other_systems_write_is_read_where_it_has_its_mark(
    gdcli: Gdcli, tmp_path: Path, encoding: str
) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    texts = {"α.csv": "t,y\r\n1,2\r\n", "mine.toml": 'expression = "α^2*β"\r\nstart = [1, 2]\r\n'}
    for name, text in texts.items():
        (tmp_path / name).write_bytes((mark + text).encode(encoding))
    table, problem = (str(tmp_path / name) for name in texts)
    assert gdcli("grad", problem, "--at", "3,1", "--format", "plain").out == "6 9\n"
    said = gdcli("grad", "sum(a*t[i]*y[i] for i in 1:n)", "--data", table, "--at", "1",
                 "--format", "plain")  # fmt: skip
    assert said.out == "2\n"
    typed = (mark + "α^2\r\n").encode(encoding)
    assert gdcli("grad", "--at", "3", "--format", "plain", stdin=typed).out == "6\n"
    if mark:
        said = gdcli("grad", "--at", "3", stdin=typed[2:])
        assert said.err == (
            "gdcli: the text on standard input: it is UTF-16 without a byte-order mark; save it as"
            " UTF-8\n"
        )


def test_texts_that_subscript_are_listed_with_their_numbers(gdcli: Gdcli, tmp_path: Path) -> None:
    table = tmp_path / "groups.csv"
    table.write_text("y,group\n1,left\n2,right\n3,left\n", encoding="utf-8")
    words = ("sum((y[i]-a[group[i]])^2 for i in 1:n)", "--data", str(table))
    for command in (("minimize",), ("grad", "--at", "0,0"), ("eval", "--at", "0,0")):
        said = gdcli(command[0], *words, *command[1:])
        assert "group: 1 = left, 2 = right" in said.out
        found = gdcli(command[0], *words, *command[1:], "--format", "json").json
        assert found["labels"] == {"group": ["left", "right"]}
    assert "labels" not in gdcli("grad", "x^2", "--at", "1", "--format", "json").json
