from __future__ import annotations

import io
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

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

F = Function("x*y")


def read(path: Path) -> list[tuple[int, list[Any]]]:
    batches = read_points(f"@{path}", F.variables, with_decimal_shortcut(F.variables, F.point))
    return [(place.line, place.values) for batch in batches for place in batch]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1,2\n3,4\n", [(1, [1, 2]), (2, [3, 4])]),
        ("1,2\r\n\r\n# no point\r\n1/2 , -4e0", [(1, [1, 2]), (4, [0.5, -4])]),
        ("\ufeffx,y\n1,2\n", [(2, [1, 2])]),
        ('"y", "x"\n"1","2"\n', [(2, [2, 1])]),
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
        (b"1,2\n3,a\n", "points.csv, line 2 for y: `a` is not a number"),
        (b"1,2\n3,inf\n", "points.csv, line 2"),
        (b"1,2\n3,nan\n", "points.csv, line 2"),
        (b"y,z\n1,2\n", "line 1 names no column x"),
        (b"y,x,x\n1,2,3\n", "line 1 has more than one column x"),
        (b"a,y,x\n1,2\n", "line 2: a value is missing"),
        (b"1,2\n\xff,3\n", "line 1 is not UTF-8"),
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


def test_a_wrong_line_of_a_file_is_refused_before_the_first_answer(
    gdcli: Gdcli, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("1,2\n" * 100_000 + "1,nan\n")
    said = gdcli("grad", "x*y", "--at", f"@{path}", "--format", "plain")
    assert (said.status, said.out) == (2, "")
    assert "line 100001" in said.err


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
