from __future__ import annotations

import csv
import random
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gdcli.errors import FileAccessError, GdcliError, UsageError, brief
from gdcli.functions.data import NamedColumns, arrays, read_array, read_table
from gdcli.functions.tables import StreamedTable

if TYPE_CHECKING:
    from gdcli.functions.data import Source

NAMES = {"t", "y"}
MINUTE = f"0.{'0' * 330}1"
LARGE = "`9007199254740993` is a whole number between two floats; the nearest is 9007199254740992"
NO_NUMBERS = (
    *("1,5", "1,234", "1 234", "1.234.5", "5%", "$5", "0x10", "0x1p3", "NA", "1e", "1d3", "(1)"),
    *("2020-01-01", "12:30", "True", "1/2", "\u0661", "1\u00b2", "\u22121", "1\0"),
)
FIRST_VALUES = (
    *("1,5", "1.234,5", "5%", "$5", "0x10", "NA", "n/a", "-", "?", "null", "\uff11", "1'000"),
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "points.csv"


def columns(path: Path, text: str, names: set[str] = NAMES) -> dict[str, list[float]]:
    path.write_text(text, encoding="utf-8")
    return {name: column.tolist() for name, column in read_table(path, names).items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("t,y\n1,2\n3,4\n", {"t": [1, 3], "y": [2, 4]}),
        ("y,z,t\n1,2,3\n4,5,6", {"y": [1, 4], "t": [3, 6]}),
        ("t;y\n1;2\n", {"t": [1], "y": [2]}),
        ("t\ty\n1\t2\n", {"t": [1], "y": [2]}),
        ("\ufeff# about\n\n t , y \r\n1, 2\r\n# between\n\n 3 ,-4e-1\r\n",
         {"t": [1, 3], "y": [2, -0.4]}),
        ('"t","y"\n1,2\n', {"t": [1], "y": [2]}),
        ("name,t\nann,1\nbob,2\n", {"t": [1, 2]}),
        (",t\n0,1\n1,2\n", {"t": [1, 2]}),
        ("t\n1\n", {"t": [1]}),
        ("t,y,\n1,2,\n3,4\n", {"t": [1, 3], "y": [2, 4]}),
        ("t,y\n1,2,\n3,4, \n5,6\n", {"t": [1, 3, 5], "y": [2, 4, 6]}),
        ("t\ty\n1\t2\t\n", {"t": [1], "y": [2]}),
        ("\tt\n0\t1\n", {"t": [1]}),
        ('"t","y"\n"1","2"\n" 3 ","-4e-1"\n', {"t": [1, 3], "y": [2, -0.4]}),
        ('who,t,y\n"smith, bob",1,2\n"5"" pipe",3,4\n5" pipe,5,6\n',
         {"t": [1, 3, 5], "y": [2, 4, 6]}),
        ('who;t\n"a;b,c";1\n', {"t": [1]}),
        ('"time, in s";t;y\n7;1;2\n', {"t": [1], "y": [2]}),
        ('who,t\n"two\n# lines",1\n# "\nann,2\n', {"t": [1, 2]}),
        ('"of two\nlines",t\n7,1\n8,2\n', {"t": [1, 2]}),
        ('t, "y"\n1, "2"\n', {"t": [1], "y": [2]}),
        ("t,y,note\n1,2\n3,4,late\n", {"t": [1, 3], "y": [2, 4]}),
        ("t\n0.1\n1e-320\n123456789.123456789\n", {"t": [0.1, 1e-320, 123456789.123456789]}),
    ],
)  # fmt: skip
def test_columns_of_a_table(table: Path, text: str, wanted: dict[str, list[float]]) -> None:
    assert columns(table, text) == wanted


def test_columns_without_names(table: Path) -> None:
    names = {"column1", "column2", "y"}
    assert columns(table, "1,2\n3,4\n", names) == {"column1": [1, 3], "column2": [2, 4]}
    assert columns(table, '"1","2",\n"3","4",\n', names) == {"column1": [1, 3], "column2": [2, 4]}
    assert columns(table, "time (s),y\n1,2\n", names) == {"column1": [1], "y": [2]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.CSV", "t,y\n1,2\n"),
        ("a.tsv", "t\ty\n1\t2\n"),
        ("a.TSV", "t\ty\tone, two; three\n1\t2\t3\n"),
    ],
)
def test_endings_in_any_case(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    assert columns(path, text) == {"t": [1], "y": [2]}
    assert read_array(path).tolist()[0][:2] == [1, 2]
    np.save(tmp_path / "a.npy", [1, 2])
    (tmp_path / "a.npy").rename(tmp_path / "a.NPY")
    assert read_array(tmp_path / "a.NPY").tolist() == [1, 2]


def test_what_python_writes_is_read(table: Path) -> None:
    rows: list[list[Any]] = [
        ["who", "t", "y"],
        ["smith, bob", 1.5, 2],
        ['5" pipe\nof two lines', -3e-9, 4],
    ]
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC):
        for dialect in ("excel", "excel-tab", "unix"):
            with table.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, dialect, quoting=quoting).writerows(rows)
            found = read_table(table, NAMES)
            assert {name: column.tolist() for name, column in found.items()} == {
                "t": [1.5, -3e-9],
                "y": [2, 4],
            }


def test_names_as_they_are_typed(table: Path) -> None:
    assert columns(table, "x₁,π\n1,2\n", {"x1", "pi"}) == {"x1": [1], "pi": [2]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        ("t,y\n", "there are no numbers in it"),
        ("t,y\n1,2\n3\n", "line 3, y: there is no value"),
        ("t,y\n1,2\n\n3,\n", "line 4, y: it is empty"),
        ("t,y\n1,2\n3,x\n", "line 3, y: `x` is no finite number"),
        ("t,y\n1,nan\n", "line 2, y: `nan` is no finite number"),
        ("t,y\n1,-inf\n", "line 2, y: `-inf` is no finite number"),
        ("t,y\n1,1e999\n", "line 2, y: `1e999` is no finite number"),
        ("t,y\n1,1_0\n", "line 2, y: `1_0` is no finite number"),
        ("t,y\n1,\uff11\n", "line 2, y: `<U+FF11>` is no finite number"),
        ("t,y\n1,2\n1,5,2,3\n", "line 3: there are 4 values, but 2 columns"),
        ("t,y\n1,2,3\n", "line 2: there are 3 values, but 2 columns"),
        ("t,y,\n1,2,3\n", "line 2: there are 3 values, but 2 columns"),
        ("t,y\n1,2,,\n", "line 2: there are 3 values, but 2 columns"),
        ("t\ty\n1\t2\t3\n", "line 2: there are 3 values, but 2 columns"),
        ('t,y\n"1",2,3\n', "line 2: there are 3 values, but 2 columns"),
        ('t,y\n1,"2,5"\n', "line 2, y: `2,5` is no finite number"),
        ('t,y\n"a\nb",2\n', "line 2, t: `a b` is no finite number"),
        ('t,y\n1,""\n', "line 2, y: it is empty"),
        ('t,y\n1,2\n"3,4\n', "line 3: unexpected end of data"),
        ('t,y\n"1"2,3\n', "line 2: ',' expected after '\"'"),
        ("t,y\n1,\x1b[31m\n", "line 2, y: `<U+001B>[31m` is no finite number"),
        ("t,y\n1,1e-999\n", "line 2, y: `1e-999` is not 0, but too small for a float"),
        ("t,y\n1,0\n1,2e-324\n", "line 3, y: `2e-324` is not 0, but too small for a float"),
        (f"t,y\n1,{MINUTE}\n", f"line 2, y: `{brief(MINUTE)}` is not 0, but too small for a float"),
        ("t,y\n1,9007199254740993\n", f"line 2, y: {LARGE}"),
        ("t,2020\n1,5\n2,6\n", "line 1 has names and numbers; name every column, none by a number"),
        *((f"t;y\n1;{cell}\n", f"line 2, y: `{brief(cell)}` is no finite number")
          for cell in NO_NUMBERS),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_column(table: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        columns(table, text)
    assert str(caught.value) == f"{brief(str(table))}: {message}"


@pytest.mark.parametrize("first", FIRST_VALUES)
def test_a_first_row_of_values_is_not_taken_for_names(tmp_path: Path, first: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{first}\n1\n2\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 1, column1: `.*` is no finite number$"):
        read_array(path)


def test_names_that_look_like_values_beside_names(table: Path) -> None:
    names = {"column2", "column3", "t"}
    wanted = {"t": [1], "column2": [2], "column3": [3]}
    assert columns(table, "t,5%,2020-01\n1,2,3\n", names) == wanted
    assert columns(table, "ann,1\nbob,2\n", {"column2"}) == {"column2": [1, 2]}


def test_a_column_that_is_not_used_may_hold_anything(table: Path) -> None:
    text = "id,t,note\n9007199254740993,1,1e-999\n9007199254740995,0,NA\n"
    assert columns(table, text) == {"t": [1, 0]}


def changes(cell: str) -> bool:
    """Whether the float of a cell is 0 where the cell is not, or another whole number."""
    exact, value = Fraction(cell), Fraction(float(cell))
    return (exact != 0 and value == 0) or (cell.isdecimal() and exact != value)


@pytest.mark.parametrize("count", [40, pytest.param(4000, marks=pytest.mark.full)])
def test_numbers_of_a_table_are_those_of_its_cells(table: Path, count: int) -> None:
    source = random.Random(6)
    for _ in range(count):
        rows = [
            [source.choice((f"{10 ** source.uniform(-330, 20):.{source.randint(0, 17)}e}", "0",
                            f"{source.uniform(-9, 9)}", f"{2 ** source.randint(50, 56)}",
                            f"{2**53 + source.randint(0, 3)}")) for _ in "ty"]
            for _ in range(source.randint(1, 4))
        ]  # fmt: skip
        lossy = [cell for row in rows for cell in row if changes(cell)]
        text = "t,y\n" + "".join(",".join(row) + "\n" for row in rows)
        if lossy:
            with pytest.raises(UsageError, match="line [0-9]+, [ty]: `" + re.escape(lossy[0])):
                columns(table, text)
        else:
            wanted = [[float(cell) for cell in column] for column in zip(*rows, strict=True)]
            assert columns(table, text) == dict(zip("ty", wanted, strict=True))


def test_a_table_of_very_many_columns(table: Path) -> None:
    table.write_text(",".join(["1"] * 100_000) + "\n", encoding="utf-8")
    assert read_array(table).shape == (1, 100_000)


def test_a_table_of_other_things(table: Path) -> None:
    with pytest.raises(UsageError) as caught:
        columns(table, "u,v\n1,2\n")
    assert str(caught.value) == (
        f"{brief(str(table))} has the columns u, v; the expression names none of them"
        " (its names: t, y)"
    )
    with pytest.raises(UsageError, match=r"has more than one column t$"):
        columns(table, "t,t\n1,2\n")
    table.write_bytes(b"t\n\xff\n")
    with pytest.raises(UsageError, match=r"it is not UTF-8$"):
        read_table(table, NAMES)


def test_whole_arrays(tmp_path: Path) -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "a.npy", matrix)
    np.save(tmp_path / "f.npy", np.asfortranarray(matrix.astype(np.int16)))
    (tmp_path / "a.csv").write_text("0,1,2\n3,4,5\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("u,v,w\n0,1,2\n3,4,5\n", encoding="utf-8")
    for name in ("a.npy", "f.npy", "a.csv", "b.csv"):
        array = read_array(tmp_path / name)
        assert array.dtype == float
        assert array.flags.c_contiguous
        np.testing.assert_array_equal(array, matrix)
    (tmp_path / "c.csv").write_text("1\n2\n3\n", encoding="utf-8")
    assert read_array(str(tmp_path / "c.csv")).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (np.array(["a"]), "it is no array of real numbers, but of <U1"),
        (np.array([1j]), "it is no array of real numbers, but of complex128"),
        (np.array([[1, 2], [3, np.nan]]), "entry [2, 2] is not a finite number"),
        (np.array([1, np.inf]), "entry [2] is not a finite number"),
        (np.array(3.0), "it is one number, no array"),
        (np.zeros((0, 3)), "it has no entries"),
    ],
)
def test_arrays_that_are_none(tmp_path: Path, saved: Any, message: str) -> None:
    path = tmp_path / "a.npy"
    np.save(path, saved)
    with pytest.raises(UsageError) as caught:
        read_array(path)
    assert str(caught.value) == f"{path}: {message}"


def test_nothing_in_an_array_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UsageError, match=r"it is no array that NumPy has saved$"):
        read_array(path)
    path.write_bytes(b"hello")
    with pytest.raises(UsageError, match=r"it is no array that NumPy has saved$"):
        read_array(path)
    np.savez(tmp_path / "b.npz", a=np.ones(3))
    (tmp_path / "b.npz").rename(path)
    with pytest.raises(UsageError, match=r"it holds several arrays; save the one alone$"):
        read_array(path)


def test_paths(tmp_path: Path) -> None:
    for name in ("none.csv", "none.npy"):
        with pytest.raises(UsageError, match=r"^there is no file .*none"):
            read_array(tmp_path / name)
    with pytest.raises(
        UsageError, match=r"^data are read from .npy, .csv, .tsv and .parquet files, not a.txt$"
    ):
        read_array("a.txt")
    with pytest.raises(UsageError, match=r'^say which array a.npy is: data={"NAME": "a.npy"}$'):
        read_table("a.npy", NAMES)
    with pytest.raises(UsageError, match=r"^data are read from .npy, .csv.* files, not a$"):
        arrays("a", NAMES)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=r"folder.csv is a folder$"):
        read_table(tmp_path / "folder.csv", NAMES)
    with pytest.raises(UsageError, match=r"^no file can be called a<U\+0000>.csv$"):
        read_array("a\0.csv")


def test_a_file_that_may_not_be_read(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    table.write_text("t\n1\n", encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileAccessError, match=r"^cannot read .*: Permission denied$"):
        read_array(table)


def test_several_sources(table: Path) -> None:
    table.write_text("t,y\n1,2\n", encoding="utf-8")
    array = table.with_suffix(".npy")
    np.save(array, [7, 8])
    found = arrays([{"A": array}, str(table), {"b": [[1, 2], [3, 4]]}], {*NAMES, "A", "b"})
    assert {name: values.tolist() for name, values in found.items()} == {
        "A": [7, 8],
        "t": [1],
        "y": [2],
        "b": [[1, 2], [3, 4]],
    }
    assert arrays({"x₁": (1, 2)}, {"x1"})["x1"].tolist() == [1, 2]


def test_masked_data() -> None:
    masked = np.ma.array([1.0, 2, 9], mask=[False, True, False])
    message = r"^the data `y`: entry \[2\] is masked; fill such entries, or leave them out$"
    with pytest.raises(UsageError, match=message):
        arrays({"y": masked}, NAMES)
    assert arrays({"y": masked.filled(0)}, NAMES)["y"].tolist() == [1, 0, 9]
    assert arrays({"y": masked.compressed()}, NAMES)["y"].tolist() == [1, 9]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"B": [1]}, 'data["B"]: the expression has no such name (its names: t, y)'),
        ([{"t": [1]}, {"t": [2]}], "the data `t` are given twice"),
        ({"t": [[1], [2, 3]]}, "the data `t`: its rows have different lengths"),
        ({"t": 3}, "the data `t`: it is one number, no array"),
        ({"t": []}, "the data `t`: it has no entries"),
        ({"t": ["a"]}, "the data `t`: it is no array of real numbers, but of <U1"),
        ({"t": [1, float("nan")]}, "the data `t`: entry [2] is not a finite number"),
    ],
)
def test_data_that_do_not_fit(given: Source, message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        arrays(given, NAMES)
    assert str(caught.value) == message


@pytest.mark.parametrize("dtype", [float, int, np.float32])
def test_arrays_that_are_given_are_copied(dtype: type) -> None:
    given: Any = np.arange(1, 4).astype(dtype)
    found = arrays({"t": given}, NAMES)["t"]
    given[0] = 7
    assert found.tolist() == [1, 2, 3]


def measured(table: Path, columns: dict[str, str], names: Sequence[str] = ()) -> Any:
    """The numbers of each array that a table of headings, some of them no names, has."""
    table.write_text(
        'Time (s), p1 ,p2,p3,"a, b",x₁,t,y:z,1st\n1,2,3,4,5,6,7,8,9\n10,20,30,40,50,60,70,80,90\n',
        encoding="utf-8",
    )
    found = arrays(NamedColumns(table, columns), {*names, *columns})
    return {name: array.tolist() for name, array in found.items()}


@pytest.mark.parametrize(
    ("heading", "numbers"),
    [
        ("Time (s)", [1, 10]),
        ("  Time   (s) ", [1, 10]),
        ("p1", [2, 20]),
        ("a, b", [5, 50]),
        ("x1", [6, 60]),
        ("x₁", [6, 60]),
        ("y:z", [8, 80]),
        ("1st", [9, 90]),
        ("p1:p3", [[2, 3, 4], [20, 30, 40]]),
        ("p3 : a, b", [[4, 5], [40, 50]]),
        ("t:y:z", [[7, 8], [70, 80]]),
        ("y:z:1st", [[8, 9], [80, 90]]),
        ("p2:p2", [[3], [30]]),
    ],
)
def test_a_column_has_another_name(table: Path, heading: str, numbers: list[Any]) -> None:
    assert measured(table, {"q": heading}, ["q"]) == {"q": numbers}
    assert measured(table, {"q": heading, "r": "Time (s)"}, ["q", "t"]) == {
        "q": numbers, "r": [1, 10], "t": [7, 70]
    }  # fmt: skip
    assert measured(table, {"t": heading}, ["t"])["t"] == numbers  # before the column t itself


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("time (s)", "there is no column `time (s)`; did you mean `Time (s)`?"),
        ("Tine (s)", "there is no column `Tine (s)`; did you mean `Time (s)`?"),
        ("time", "there is no column `time`; did you mean `Time (s)`?"),
        ("p1:p9", "there is no column `p9`; did you mean `p1` or `p2` or `p3`?"),
        ("p0:p3", "there is no column `p0`; did you mean `p1` or `p2` or `p3`?"),
        ("p3:p1", "`p1` stands before `p3`"),
        (":p1", "there is no column ``; the columns are Time (s), p1, p2, p3, a, b, x₁"),
        ("Mass (kg)", "there is no column `Mass (kg)`; the columns are Time (s), p1, p2, p3, a, b"),
        ("p1:" * 10_000, "there is no column"),
    ],
)
def test_a_column_that_is_not_there_is_answered_with_the_nearest(
    table: Path, heading: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        measured(table, {"q": heading}, ["q"])
    assert message in str(caught.value)


def test_columns_of_a_table_without_names(table: Path) -> None:
    table.write_text("1,2,3\n4,5,6\n", encoding="utf-8")
    found = arrays(NamedColumns(table, {"q": "column2:column3"}), ["q"])
    assert found["q"].tolist() == [[2, 3], [5, 6]]


def test_columns_of_several_tables(tmp_path: Path) -> None:
    for name in ("t,a\n1,2\n", "t,b\n3,4\n"):
        (tmp_path / f"{name[2]}.csv").write_text(name, encoding="utf-8")
    tables = [tmp_path / "a.csv", tmp_path / "b.csv"]
    found = arrays(NamedColumns(tables, {"q": "a", "r": "b"}), ["q", "r"])
    assert {name: array.tolist() for name, array in found.items()} == {"q": [2], "r": [4]}
    for heading, message in (
        ("t", "more than one table has such a column"),
        ("a:b", "there is no column `b`"),
    ):
        with pytest.raises(UsageError, match=message):
            arrays(NamedColumns(tables, {"q": heading}), ["q"])


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        ({"q": "p1"}, ["x"], r'^columns\["q"\]: the expression has no such name'),
        ({"q": "p1"}, ["q"], r'^columns={"q": "p1"}: there is no table; give it: data="FILE.csv"$'),
    ],
)
def test_columns_of_nothing(columns: dict[str, str], names: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        arrays(NamedColumns({"x": [1.0]}, columns), names)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_from_a_stream_is_that_of_a_file(table: Path, separator: str) -> None:
    text = separator.join(["t", "y", "z"]) + "\r\n" + separator.join("123") + "\n"
    table.write_bytes(text.encode())
    streamed = StreamedTable(text.encode(), "standard input")
    for columns in ({}, {"q": "y:z"}):
        found, wanted = (
            arrays(NamedColumns(one, columns), ["t", "q"]) for one in (streamed, table)
        )
        assert {name: one.tolist() for name, one in found.items()} == {
            name: one.tolist() for name, one in wanted.items()
        }
    assert read_array(streamed).tolist() == [[1, 2, 3]]
    for wrong, message in ((b"", "it is empty"), (b"t\nx\n", "line 2, t: `x` is no finite number")):
        with pytest.raises(UsageError, match=f"^standard input: {message}"):
            arrays(StreamedTable(wrong, "standard input"), ["t"])
