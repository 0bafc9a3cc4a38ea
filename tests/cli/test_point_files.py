from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gdcli.cli.point_files import is_many, read_points, with_decimal_shortcut
from gdcli.errors import GdcliError
from gdcli.functions.function import Function
from gdcli.report.formats import FORMATS

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

F = Function("x*y")
SEMICOLON = "commas or blanks separate values, as in 1.5,2, not `;`"


def read(path: Path) -> list[tuple[int, list[Any]]]:
    batches = read_points(f"@{path}", F, with_decimal_shortcut(F), print)
    return [(place.line, place.values) for batch in batches for place in batch.rows()]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1,2\n3,4\n", [(1, [1, 2]), (2, [3, 4])]),
        ("1,2\r\n\r\n# no point\r\n1/2 , -4e0", [(1, [1, 2]), (4, [0.5, -4])]),
        ("\ufeffx,y\n1,2\n", [(2, [1, 2])]),
        ('"y", "x"\n"1","2"\n', [(2, [2, 1])]),
        ('"1","1/2"\n"y=1" "x=2"\n', [(1, [1, 0.5]), (2, [2, 1])]),
        ("k,y,f,x\n0,2,9,1\n", [(2, [1, 2])]),
        ("5 6\ny=1, x=2\n", [(1, [5, 6]), (2, [2, 1])]),
        ("x y\n5 6\n", [(2, [5, 6])]),
        ('name,x,y\n"Smith, Bob",1,2\n"a ""b"", c", 3 ,"4"\n', [(2, [1, 2]), (3, [3, 4])]),
        ("x,y,\n1,2,\n3,4\n", [(2, [1, 2]), (3, [3, 4])]),
        ("atan2(1,1)*0, sqrt(4)", [(1, [0, 2])]),
    ],
)
def test_lines_are_points(tmp_path: Path, text: str, answer: object) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(text.encode())
    assert read(path) == answer


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there are no points in"),
        (b"x,y\n", "there are no points in"),
        (b"1,2\n3\n", "points.csv, line 2 has 1 value"),
        (b"1;2\n", f"points.csv, line 1: {SEMICOLON}"),
        (b"x;y\n1;2\n", f"points.csv, line 1: {SEMICOLON}"),
        (b"1,2\n1,5;2,5\n", f"points.csv, line 2: {SEMICOLON}"),
        (b"1,2\n3,a\n", "points.csv, line 2 for y: `a` is not a number"),
        (b"1,2\n3,inf\n", "points.csv, line 2"),
        (b"1,2\n3,nan\n", "points.csv, line 2"),
        (b"y,z\n1,2\n", "line 1 names no column x"),
        (b"y,x,x\n1,2,3\n", "line 1 has more than one column x"),
        (b"a,y,x\n1,2\n", "line 2: a value is missing"),
        (b"1,2\n\xff,3\n", "points.csv, line 2 is not UTF-8"),
        (b"x,y\n1,2,3\n", "line 2: there are 3 values, but 2 columns"),
        (b'x,y,name\n"1,5",2,ann\n', "line 2"),
        (b'x,y,name\n1,2,"ann\n', "line 2: unexpected end of data"),
        (b"1,2\n3,1e-999\n", "line 2: `1e-999` is not 0, but too small for a float"),
        (b"1,2\n9007199254740993,3\n", "line 2: `9007199254740993` is a whole number"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(content)
    with pytest.raises(GdcliError) as caught:
        read(path)
    assert message in str(caught.value)


def test_a_line_is_not_held_beyond_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("1," + "1" * 2_000_000)
    with pytest.raises(GdcliError, match="line 1 is too long"):
        read(path)


def test_an_array_of_numpy(tmp_path: Path) -> None:
    path = tmp_path / "points.npy"
    np.save(path, np.arange(3000.0).reshape(1500, 2))
    found = read(path)
    assert (found[0], found[-1], len(found)) == ((1, [0, 1]), (1500, [2998, 2999]), 1500)
    np.save(path, np.array([3, 4]))
    assert read(path) == [(1, [3, 4])]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 3)), "of shape (2, 3)"),
        (np.zeros(3), "of shape (1, 3)"),
        (np.array([["a", "b"]]), "must be one of numbers"),
        (np.array([[True, False]]), "must be one of numbers"),
        (np.array([[1j, 2]]), "must be one of numbers"),
        (np.array([[1, 2], [3, 2**53 + 1]]), "row 2: entry [2]: `9007199254740993` is a whole"),
        (np.array([[1.0, 2.0], [np.nan, 3.0]]), "row 2: entry [1] is not a finite number"),
        (np.array([[object(), 1]]), "no array that NumPy has saved"),
    ],
)
def test_an_array_that_is_none(tmp_path: Path, array: Any, message: str) -> None:
    path = tmp_path / "points.npy"
    np.save(path, array, allow_pickle=True)
    with pytest.raises(GdcliError) as caught:
        read(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("nowhere.csv", 2, "there is no file"),
        ("nowhere.npy", 2, "there is no file"),
        (".", 2, "is a folder"),
        ("\0", 2, "no file can be called"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, status: int, message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        read(tmp_path / name)
    assert message in str(caught.value)
    assert caught.value.exit_status == status


def test_which_texts_are_many_points() -> None:
    assert [is_many(text) for text in ("-", "@a", "-1", "1,2")] == [True, True, False, False]


WRONG_LINES = {
    b"1,nan": "line 3 for y: `nan` is not a number",
    b"1": "line 3 has 1 value",
    b"z=1,y=2": "line 3: `z` is no variable",
    b"\xff,3": "line 3 is not UTF-8",
    b"1,2,3": "line 3 has 3 values",
    b'{"x": {"x": 1}}': "line 3 has no value of y",
    b'{"x": {"x": null, "y": 1}}': "line 3: x is null, which is no number",
    b'{"k": 3, "x": {"x": 2': "line 3 is no JSON object",
}


@pytest.mark.parametrize("command", ["grad", "eval"])
@pytest.mark.parametrize("line", WRONG_LINES)
def test_a_wrong_line_ends_the_run_after_the_answers_before_it(
    gdcli: Gdcli, tmp_path: Path, line: bytes, command: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"3,5\n4,7\n" + line + b"\n1,1\n")
    words = (command, "x*y", "--at", f"@{path}", "--format")
    said = gdcli(*words, "plain")
    assert (said.status, said.out) == (2, {"grad": "5 3\n7 4\n", "eval": "15\n28\n"}[command])
    assert WRONG_LINES[line] in said.err
    piped = gdcli(command, "x*y", "--at", "-", "--format", "plain", stdin=path.read_bytes())
    assert piped[:2] == said[:2]
    assert [row["line"] for row in map(json.loads, gdcli(*words, "jsonl").out.splitlines())] == [
        1,
        2,
    ]
    assert len(gdcli(*words, "csv").out.splitlines()) == 3
    whole = gdcli(*words, "json").json
    assert (len(whole["points"]), whole["status"]) == (2, "incomplete")
    assert WRONG_LINES[line] in whole["message"]
    target = tmp_path / "answers"
    assert gdcli(*words, "plain", "-o", str(target)).status == 2
    assert not target.exists()


def test_an_interrupted_object_of_many_points_is_whole(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = iter([b"1,2\n3,4\n"])

    def read(_: object) -> bytes:
        for chunk in chunks:
            return chunk
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.cli.point_files._available", read)
    said = gdcli("eval", "x*y", "--at", "-", "--format", "json", stdin="")
    assert (said.status, said.json["message"], len(said.json["points"])) == (130, "interrupted", 2)


@pytest.mark.parametrize("form", FORMATS)
def test_a_wrong_first_line_leaves_standard_output_empty(gdcli: Gdcli, form: str) -> None:
    if "values" in FORMATS[form].offers:
        for command in ("grad", "eval"):
            for first in ("1,a\n", "x,z\n1,2\n", "\n# none\n1\n"):
                said = gdcli(command, "x*y", "--at", "-", "--format", form, stdin=first)
                assert said[:2] == (2, "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_an_answer_comes_before_the_next_point_is_asked_for() -> None:
    words = [sys.executable, "-m", "gdcli", "grad", "x*y", "--at", "-", "--format", "plain"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert isinstance(process.stdin, io.TextIOBase)
        assert isinstance(process.stdout, io.TextIOBase)
        for x in (3, 5):
            process.stdin.write(f"{x},7\n")
            process.stdin.flush()
            assert process.stdout.readline() == f"7 {x}\n"
        process.stdin.close()
        assert process.stdout.read() == ""


# -- rows of traces ----------------------------------------------------------------------------

PAIR = Function("sum(x[i]^2 for i in 1:2) + y")
MATRIX = Function("sum(W[i,j]^2 for i in 1:2, j in 1:2)")


def rows_of(function: Function, path: Path, text: str) -> list[tuple[int, list[Any]]]:
    path.write_text(text, encoding="utf-8")
    batches = read_points(f"@{path}", function, with_decimal_shortcut(function), print)
    return [(place.line, place.values) for batch in batches for place in batch.rows()]


@pytest.mark.parametrize(
    ("function", "text", "answer"),
    [
        (F, '{"k": 0, "x": {"x": 1, "y": 2.5}, "f": 3}\n{"x": {"y": 1e-3, "x": -2}}',
         [(1, [1, 2.5]), (2, [-2, 1e-3])]),
        (F, '\n# a comment\n{"line": 1, "at": {"x": 1, "y": 2}, "gradient": {"x": 9, "y": 9}}\n',
         [(3, [1, 2])]),
        (F, '{"at": {"x": "1/3", "y": "-2/3"}, "value": "1/9"}', [(1, [1 / 3, -2 / 3])]),
        (F, '{"x": 1, "z": 5, "y": 2}\n3,4\ny=5,x=6\n', [(1, [1, 2]), (2, [3, 4]), (3, [6, 5])]),
        (PAIR, '{"k": 0, "x": {"x": [1, 2], "y": 3}}', [(1, [1, 2, 3])]),
        (PAIR, "k,x[1],x[2],y,f,gradient_norm,alpha\n0,1,2,3,8,4,0.5\n1,4,5,6,47,10,\n",
         [(2, [1, 2, 3]), (3, [4, 5, 6])]),
        (PAIR, "[1,2,3]\n(4 5 6)\nx=1,y=2\n", [(1, [1, 2, 3]), (2, [4, 5, 6]), (3, [1, 1, 2])]),
        (MATRIX, '{"x": {"W": [[1, 2], [3, 4]]}}', [(1, [1, 2, 3, 4])]),
        (MATRIX, 'k,"W[1,1]","W[1,2]","W[2,1]","W[2,2]",f\n0,1,2,3,4,30\n', [(2, [1, 2, 3, 4])]),
        (Function("k*f"), "k,x.f,x.k,f,gradient_norm,alpha\n0,2,3,6,4,\n", [(2, [2, 3])]),
        (Function("k*f"), "f,k\n2,3\n", [(2, [2, 3])]),
        (Function("x^2"), '{"x": 3}\n{"x": {"x": 4}}\n', [(1, [3]), (2, [4])]),
        (Function("at*x"), '{"at": 3, "x": 4}\n', [(1, [3, 4])]),
    ],
)  # fmt: skip
def test_rows_of_traces_are_points(
    tmp_path: Path, function: Function, text: str, answer: object
) -> None:
    assert rows_of(function, tmp_path / "rows", text) == answer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"x": {"x": [1], "y": 3}}', "x is no list of 2 numbers"),
        ('{"x": {"x": [1, 2, 3], "y": 3}}', "x is no list of 2 numbers"),
        ('{"x": {"x": 1, "y": 3}}', "x is no list of 2 numbers"),
        ('{"x": {"x": [1, [2]], "y": 3}}', "x is a list, which is no number"),
        ('{"x": {"x": [1, 2], "y": true}}', "y is true, which is no number"),
        ('{"x": {"x": [1, NaN], "y": 2}}', "`NaN` is not a number"),
        ('{"x": {"x": [1, 1e999], "y": 2}}', "1e999 is not a finite number"),
        ('{"x": [1, 2]}', "has no value of y; the variables are x, y"),
        ("{" * 100_000, "is no JSON object"),
        ('{"x": 1} {"x": 2}', "is no JSON object"),
    ],
)
def test_a_wrong_row_of_a_trace_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        rows_of(PAIR, tmp_path / "rows.jsonl", text)
    assert "rows.jsonl, line 1" in str(caught.value)
    assert message in str(caught.value)


def test_utf_16_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    for encoding in ("utf-16", "utf-8-sig"):
        path.write_bytes("y,x\r\n1,2\r\n3,4\r\n".encode(encoding))
        assert read(path) == [(2, [2, 1]), (3, [4, 3])]
    path.write_bytes("1,2\n3,".encode("utf-16") + b"\x00\xd8" + "4\n5,6\n".encode("utf-16-le"))
    with pytest.raises(GdcliError, match=r"points\.csv, line 2 is not UTF-16"):
        read(path)


def test_a_point_of_many_components_is_read_in_time_that_grows_with_them(tmp_path: Path) -> None:
    count = 30_000
    function = Function(f"sum(x[i]^2 for i in 1:{count})")
    row = ",".join(map(str, range(count)))
    header = ",".join(f"x[{i}]" for i in range(1, count + 1))
    for text in (row, f"k,{header}\n0,{row}\n", json.dumps({"x": {"x": [*range(count)]}})):
        [(_, values)] = rows_of(function, tmp_path / "long", text)
        assert values == [*range(count)]


# -- the start of a descent ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("text", ["x^2 + 3*y^2", "2*k*k + f*f", "sum(i*x[i]^2 for i in 1:3) + y^2"])
def test_a_descent_goes_on_from_the_last_point_of_a_trace(
    gdcli: Gdcli, tmp_path: Path, text: str, form: str
) -> None:
    trace = tmp_path / f"run.{form}"
    trace.write_text(gdcli("minimize", text, "--max-iterations", "3", "--format", form, "-q").out)
    last = gdcli("minimize", text, "--max-iterations", "3", "--format", "json").json
    on = gdcli("minimize", text, "--start", f"@{trace}", "--format", "json").json
    assert on["start"] == last["x"]
    at = gdcli("eval", text, "--at", f"@{trace}", "--format", "jsonl", "-q").out
    values = [json.loads(line)["f"] for line in at.splitlines()]
    assert (len(values), values[-1]) == (4, pytest.approx(last["f"], rel=1e-15))
    again = gdcli("eval", text, "--at", "-", "--format", "jsonl", "-q", stdin=at)
    assert [json.loads(line)["f"] for line in again.out.splitlines()] == values


def test_the_start_in_a_file_is_its_last_row(gdcli: Gdcli, tmp_path: Path) -> None:
    def start(expression: str, name: str) -> Any:
        words = ("minimize", expression, "--start", f"@{tmp_path / name}", "--format", "json")
        return gdcli(*words).json["start"]

    np.save(tmp_path / "p.npy", np.array([[1.0, 2.0], [np.nan, 0.0], [3.0, 4.0]]))
    (tmp_path / "p.csv").write_text("y,x\nwrong,1\n1,2\n# no more\n\n")
    for name, expected in (("p.npy", {"x": 3, "y": 4}), ("p.csv", {"x": 2, "y": 1})):
        assert start("x^2+y^2", name) == expected
    words = ("minimize", "x^2+y^2", "--start", "-", "--format", "json")
    assert gdcli(*words, stdin="y,x\n1,2\n3,4\n").json["start"] == {"x": 4, "y": 3}
    vector = "sum(x[i]^2 for i in 1:3)"  # its numbers, one a line, are one point as before
    (tmp_path / "column.csv").write_text("1\n2\n3\n")
    np.save(tmp_path / "column.npy", np.array([[1.0], [2.0], [3.0]]))
    (tmp_path / "rows.csv").write_text("1,2,3\n4,5,6\n")
    np.save(tmp_path / "rows.npy", np.arange(6.0).reshape(2, 3))
    assert start(vector, "column.csv") == start(vector, "column.npy") == {"x": [1, 2, 3]}
    assert (start(vector, "rows.csv"), start(vector, "rows.npy")) == (
        {"x": [4, 5, 6]}, {"x": [3, 4, 5]}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "there are no points in"),
        ("x,y\n", "there are no points in"),
        ("1,2\n3\n", "line 2 has 1 value"),
        ('{"k": 0, "x": {"x": 1, "y": 2}}\n{"k": 1, "x": {"x": 1', "line 2 is no JSON object"),
        ('{"k": 0, "x": {"x": null, "y": 2}}\n', "line 1: x is null, which is no number"),
    ],
)
def test_a_file_without_a_start_is_refused(
    gdcli: Gdcli, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)
    said = gdcli("minimize", "x^2+y^2", "--start", f"@{path}")
    assert said[:2] == (2, "")
    assert message in said.err


# -- the order of the variables ------------------------------------------------------------------

ORDER = "gdcli: the values are those of x, y in this order\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("eval", "y - x", "--at", "1,2"), True),
        (("eval", "y - x", "--at", "(1 2)", "-q"), False),
        (("eval", "y - x", "--at", "x=1,y=2"), False),
        (("eval", "y - x", "--at", "2,2"), False),
        (("eval", "x - y", "--at", "1,2"), False),
        (("eval", "f(y, x) = x - y", "--at", "1,2"), False),
        (("eval", "a = y; a - x", "--at", "1,2"), True),
        (("grad", "y - x", "--at", "1,1", "--along", "1,2"), True),
        (("grad", "y - x", "--at", "1,3", "--along", "1,2", "--exact"), True),
        (("minimize", "y^2 + x^2", "--start", "1,2"), True),
        (("minimize", "y^2 + x^2"), False),
        (("compare", "y^2 + x^2", "--at", "1,2"), True),
        (("check", "y^2 + x^2", "--gradient", "2x, 2y", "--at", "1,2"), True),
        (("show", "y^2 + x^2", "--stage", "tape", "--at", "1,2"), True),
        (("plot", "y^2 + x^2", "--at", "1,2"), True),
        (("plot", "y^2 + x^2", "--start", "1,2"), True),
        (("plot", "y^2 + x^2 + z^2", "--at", "1,2", "--slice", "z=0"), True),
    ],
)
def test_the_order_of_values_without_names_is_told_once(
    gdcli: Gdcli, words: tuple[str, ...], told: bool
) -> None:
    said = gdcli(*words)
    assert said.status == 0
    assert said.err.count(ORDER) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("1,2\n" * 16_500, True), ("x,y\n1,2\n", False), ("y=1,x=2\n", False),
     ('{"x": 1, "y": 2}\n', False)],
)  # fmt: skip
def test_the_order_of_many_points_is_told_once(gdcli: Gdcli, text: str, told: bool) -> None:
    said = gdcli("eval", "y - x", "--at", "-", "--format", "plain", stdin=text)
    assert (said.status, said.err.count(ORDER)) == (0, told)


@pytest.mark.parametrize("command", ["grad", "eval", "check", "plot", "minimize"])
@pytest.mark.parametrize("text", ["1;2", "1,5;2,5", "x=1;y=2"])
def test_a_semicolon_between_values_is_named(gdcli: Gdcli, command: str, text: str) -> None:
    option = "--start" if command == "minimize" else "--at"
    words = ("--gradient", "y, x") if command == "check" else ()
    said = gdcli(command, "x*y", *words, option, text)
    assert said == (2, "", f"gdcli: {option}: {SEMICOLON}\n")


@pytest.mark.parametrize("option", ["--at", "--start"])
def test_standard_input_is_a_hyphen_alone(
    gdcli: Gdcli, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("grad" if option == "--at" else "minimize", "x^2 + y^2", option, "@-", "--print", "f")
    said = gdcli(*words)
    assert said == (2, "", f"gdcli: {option}: there is no file -; standard input is {option} -\n")
    Path("-").write_text("0,0\n", encoding="utf-8")
    assert gdcli(*words, "-q")[:2] == (0, "0\n")


@pytest.mark.parametrize("command", ["minimize", "grad"])
@pytest.mark.parametrize("ascii", [(), ("--ascii",)])
def test_a_report_is_no_table_of_points_and_what_is_one_is_said(
    gdcli: Gdcli, command: str, ascii: tuple[str, ...], tmp_path: Path
) -> None:
    words = (command, "(x-1)^2 + (y-2)^2", *(("--at", "1,2") if command == "grad" else ()))
    report = tmp_path / "run.txt"
    assert gdcli(*words, *ascii, "-o", str(report)).status == 0
    for option, reader in (("--start", "minimize"), ("--at", "eval")):
        said = gdcli(reader, words[1], option, f"@{report}")
        assert (said.status, said.out) == (2, "")
        assert said.err.endswith(
            "run.txt, line 2: this is a report for reading, no table of points; write one with"
            " -o FILE.jsonl or FILE.csv\n"
        )
        for ending in ("jsonl", "csv"):
            table = report.with_suffix(f".{ending}")
            assert gdcli(*words, "-o", str(table)).status == 0
            assert gdcli(reader, words[1], option, f"@{table}").status == 0
