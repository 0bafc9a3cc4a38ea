"""The rows that a model is fitted to: what is read, chosen, dropped, numbered and refused."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Collection
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas
import polars
import pytest

from gdcli.errors import GdcliError, UsageError
from gdcli.execute import mapped
from gdcli.fitting.fit import fit
from gdcli.fitting.model import names, parse_sides, read_model
from gdcli.fitting.observations import Observations, observations, rows_of
from gdcli.functions import array_tables, column_store, input_files, tables
from gdcli.functions.data import NamedColumns
from gdcli.functions.tables import StreamedTable

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources

LINE = "y ~ a + b*t"


def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is read in blocks of a few lines, by NumPy, and kept in temporary files."""
    monkeypatch.setattr(tables, "LISTED_BYTES", 0)
    monkeypatch.setattr(input_files, "FIRST_BLOCK", 10)
    monkeypatch.setattr(input_files, "LATER_BLOCK", 25)
    monkeypatch.setattr(input_files, "LONGEST_LINE", 1000)
    monkeypatch.setattr(column_store, "STORED_BYTES", 0)
    monkeypatch.setattr(column_store, "RECODED_ROWS", 2)
    monkeypatch.setattr(array_tables, "FEW_ROWS", 0)
    monkeypatch.setattr(array_tables, "TABLE_BLOCK_ROWS", 3)
    monkeypatch.setattr(mapped, "PASSED_ROWS", 2)
    monkeypatch.setattr(mapped, "MAPPED_BYTES", 64)


@pytest.fixture(params=["small", "large"])
def any_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "large":
        large(monkeypatch)


def lists(observed: Observations) -> dict[str, Any]:
    plain = partial(np.asarray, dtype=float)
    return {
        name: [plain(one).tolist() for one in column]
        if isinstance(column, tuple)
        else plain(column).tolist()
        for name, column in observed.columns.items()
    }


GOOD = "t,y\n" + "".join(f"{k},{k + 0.5}\n" for k in range(1, 9))
# What a program or a person may write for a table, and how it is refused below eight good rows.
BROKEN: dict[str, tuple[bytes, str]] = {
    "a long row": (b"9,9.5,7\n", "line 10: there are 3 values, but 2 columns"),
    "a short row": (b"9\n", "line 10, y: there is no value"),
    "decimal commas": (b'9,"9,5"\n', "line 10, y: `9,5` is no finite number; write 9.5"),
    "commas for everything": (b"9,9,5\n", "line 10: there are 3 values, but 2 columns"),
    "an open quote": (b'"9,9.5\n', "line 10: unexpected end of data"),
    "not a number": (b"9,NaN\n", "line 10 (row 9), y: the value is missing"),
    "an infinity": (b"9,-inf\n", "line 10, y: `-inf` is no finite number"),
    "an empty cell": (b"9,\n", "line 10 (row 9), y: the value is missing"),
    "thousands apart": (b"9,1 234\n", "line 10, y: `1 234` is no finite number"),
    "another separator": (b"9;9.5\n", "line 10, t: `9;9.5` is no finite number"),
    "names again": (b"t,y\n", "line 10, t: `t` is no finite number"),
    "a NUL": (b"9,9.5\0\n", "line 10, y: `9.5<U+0000>` is no finite number"),
    "hexadecimal digits": (b"9,0x1F\n", "line 10, y: `0x1F` is no finite number"),
    "a date": (b"9,2020-01-31\n", "line 10, y: `2020-01-31` is no finite number"),
    "per cent": (b"9,5%\n", "line 10, y: `5%` is no finite number"),
    "a currency": (b"9,$5\n", "line 10, y: `$5` is no finite number"),
    "a text": (b"9,broken\n", "line 10, y: `broken` is no finite number"),
    "beyond all floats": (b"9,1e999\n", "line 10, y: `1e999` is no finite number"),
    "an endless line": (b"9," + b"9" * 1_000_001 + b"\n", "line 10 is too long"),
}
ALSO_BROKEN: dict[str, tuple[bytes, str]] = {
    "Latin-1": (b"9,9.5 \xb1 1\n", "line 10: it is not UTF-8"),
    "a typographic minus": ("9,−9.5\n".encode(), "line 10, y: `−9.5` is no finite number"),
    "other digits": ("9,٩\n".encode(), "line 10, y: `<U+0669>` is no finite number"),
    "Python's digits": (b"9,1_0\n", "line 10, y: `1_0` is no finite number"),
    "Fortran's exponent": (b"9,1d5\n", "line 10, y: `1d5` is no finite number"),
    "a whole number between floats": (
        b"9,9007199254740993\n", "line 10, y: `9007199254740993` is a whole number between two"),
    "below all floats": (b"9,1e-999\n", "line 10, y: `1e-999` is not 0, but too small"),
    "a fraction": (b"9,1/2\n", "line 10, y: `1/2` is no finite number"),
    "no value in words": (b"9,null\n", "`null` is no finite number; a missing value is left"),
    "another way to say NA": (b"9,N/A\n", "line 10, y: `N/A` is no finite number"),
    "another nan": (b"9,-nan\n", "line 10, y: `-nan` is no finite number"),
    "a louder nan": (b"9,NAN\n", "line 10, y: `NAN` is no finite number"),
    "a truth": (b"9,True\n", "line 10, y: `True` is no finite number"),
}  # fmt: skip


@pytest.mark.usefixtures("any_size")
def test_of_twenty_broken_files_nineteen_are_refused_and_one_is_read(tmp_path: Path) -> None:
    assert len(BROKEN) == 19
    path = tmp_path / "a.csv"
    for what, (line, message) in {**BROKEN, **ALSO_BROKEN}.items():
        path.write_bytes(GOOD.encode() + line + (b"" if "open" in what else b"10,10.5\n"))
        for missing in ("error", "drop"):
            if missing == "drop" and "is missing" in message:
                found = observations(path, {"t", "y"}, missing=missing)
                assert found.first_dropped == [9]
                continue
            with pytest.raises(UsageError) as caught:
                observations(path, {"t", "y"}, missing=missing)
            said = str(caught.value).replace(str(path), "a.csv")
            assert message in said, what
    text = "# of a spreadsheet\n" + GOOD.replace("\n", ",\n") + "\n 9 , 9.5e0,\n"
    path.write_bytes("\ufeff".encode() + text.replace("\n", "\r\n").encode())
    assert lists(observations(path, {"t", "y"})) == {
        "t": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "y": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5],
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"t,y,y\n1,2,3\n", "there is more than one column y"),
        ("t,y\n1,2\n".encode("utf-16-le"), "it is UTF-16 without a byte-order mark; save it as"),
        (b"", "it is empty"),
        (b"t,y\n", "there are no numbers in it"),
        (b"1,2\n3,4\n", 'names none of them (its names: t, y); its first line has numbers; name '
         'the columns there, or so: columns={"t": "column1"}'),
        (b"time,value\n1,2\n", "has the columns time, value; the model names none of them"),
        (b"t,2020\n1,2\n", "line 1 has names and numbers"),
        (b"t,y\n5%,2\n6%,3\n", "line 2, t: `5%` is no finite number"),
        (b"t,y\n2020-01-01,2\n", "line 2, t: `2020-01-01` is no finite number"),
        (b"t,y\n1,?\n", "line 2 (row 1), y: the value is missing; to leave such rows out: "
         'missing="drop"'),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_from_the_first_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        observations(path, {"t", "y"})
    assert message in str(caught.value)


ROWS: list[tuple[float, float, str, float]] = [
    (0.0, 1.0, "b", 1.0), (1.0, 3.0, "a", 2.0), (2.0, 5.0, "b", 1.0), (3.0, 7.0, "é", 0.5),
    (4.0, 9.0, "a", 1.0), (5.0, 11.0, "B", 1.0), (6.0, 13.0, "b", 1.0),
]  # fmt: skip
TITLES = ("t", "y", "group", "error")
NO_VALUES: dict[int, tuple[int, str]] = {1: (1, "NA"), 4: (2, ""), 6: (0, "?")}  # row: column, cell


def table(tmp_path: Path, kind: str, missing: bool = False) -> Any:
    """The rows as a table of some kind, with three missing values where asked for."""
    columns: dict[str, list[Any]] = {
        title: [*column] for title, column in zip(TITLES, zip(*ROWS, strict=True), strict=True)
    }
    for row, (place, _) in NO_VALUES.items() if missing else ():
        columns[TITLES[place]][row] = None
    if kind in ("pandas", "polars"):
        return {"pandas": pandas, "polars": polars}[kind].DataFrame(columns)
    if kind == "mapping":
        return columns
    if kind == "parquet":
        polars.DataFrame(columns).write_parquet(tmp_path / "a.parquet")
        return tmp_path / "a.parquet"
    if kind == "npy":
        fields = [("t", float), ("y", float), ("group", "U2"), ("error", float)]
        records = [
            tuple("NA" if one is None and title == "group" else np.nan if one is None else one
                  for title, one in zip(TITLES, row, strict=True))
            for row in zip(*columns.values(), strict=True)
        ]  # fmt: skip
        np.save(tmp_path / "a.npy", np.array(records, dtype=fields))
        return tmp_path / "a.npy"
    lines = [",".join(TITLES)]
    for number, cells in enumerate(zip(*columns.values(), strict=True)):
        _, missing_cell = NO_VALUES.get(number, (0, ""))
        lines.append(",".join(missing_cell if one is None else str(one) for one in cells))
    content = ("\n".join(lines) + "\n").encode()
    if kind == "stream":
        return StreamedTable(BytesIO(content), "standard input")
    (tmp_path / "a.csv").write_bytes(content)
    return tmp_path / "a.csv"


KINDS = ("csv", "stream", "npy", "parquet", "pandas", "polars", "mapping")


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_for_which_all_conditions_hold(tmp_path: Path, kind: str) -> None:
    for where, wanted in (
        ([], [0, 1, 2, 3, 4, 5, 6]),
        (["t > 1"], [2, 3, 4, 5, 6]),
        (["t^2 + y <= 20", "y != 3"], [0, 2, 3]),
        (['group == "b"'], [0, 2, 6]),
        (["group != 'b'", "t < error + 3"], [1, 3]),
        (["1 < error"], [1]),
    ):
        found = observations(table(tmp_path, kind), {"t", "y", "c"}, where=where)
        assert lists(found) == {
            "t": [ROWS[row][0] for row in wanted],
            "y": [ROWS[row][1] for row in wanted],
        }
        numbers = range(1, 8) if found.numbers is None else found.numbers
        assert [int(one) for one in numbers] == [row + 1 for row in wanted]


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("kind", KINDS)
def test_rows_with_a_missing_value_are_refused_or_dropped(tmp_path: Path, kind: str) -> None:
    given = partial(table, tmp_path, kind, True)
    with pytest.raises(UsageError, match=r"row 2\)?, y: the value is missing; to leave such rows"):
        observations(given(), {"t", "y"})
    found = observations(given(), {"t", "y"}, missing="drop")
    assert lists(found)["t"] == [0, 2, 3, 4, 5]
    assert found.numbers is not None
    assert [int(one) for one in found.numbers] == [1, 3, 4, 5, 6]
    assert (found.dropped, [*found.first_dropped]) == (2, [2, 7])
    found = observations(given(), {"t", "y", "group"}, missing="drop", where=["t < 4.5"])
    assert lists(found)["t"] == [0, 2, 3]
    assert (found.dropped, [*found.first_dropped]) == (3, [2, 5, 7])  # 7 may be one of them
    found = observations(given(), {"t", "error"}, where=["y > 0"], missing="drop")
    assert lists(found)["t"] == [0, 2, 3, 4, 5]


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_numbered_by_code_point_among_the_rows_there_are(
    tmp_path: Path, kind: str
) -> None:
    found = observations(table(tmp_path, kind), {"group", "y"})
    assert found.labels == {"group": ["B", "a", "b", "é"]}
    assert lists(found)["group"] == [3, 2, 3, 4, 2, 1, 3]
    found = observations(table(tmp_path, kind), {"group", "y"}, where=['group != "B"', "t < 3"])
    assert found.labels == {"group": ["a", "b"]}
    assert lists(found)["group"] == [2, 1, 2]
    found = observations(table(tmp_path, kind), {"group", "y"}, where=['group == "b"'])
    assert found.notes == ["group is `b` in every row"]


@pytest.mark.usefixtures("any_size")
def test_what_is_no_label_is_refused_in_a_column_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for wrong, why in (
        ("3", "is no label; a label begins with a letter"),
        ("2020-01-01", "is no label"),
        ("null", "is no label"),
        ("-", "is no label"),
        ("g", "is the name of the column again"),
    ):
        path.write_text(f"g,y\na,1\nb,2\nb,3\n{wrong},4\na,5\n", encoding="utf-8")
        with pytest.raises(UsageError, match=f"line 5, g: `{wrong}` {why}"):
            observations(path, {"g", "y"})
    with pytest.raises(UsageError, match="row 2, g: `3` is no text, as others of the column are"):
        observations({"g": np.array(["a", 3], object), "y": [1, 2]}, {"g", "y"})


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("z > 0", "where z > 0: `z` is no column of the data; the columns are t, y, group, error"),
        ("group == a", "`a` is no column of the data; .*; a text stands in quotes"),
        ("group > 1", '`group` is a column of texts; write group == "b"'),
        ("t == 'a'", "`t` is a column of numbers, which have no quotes"),
        ("group < 'b'", 'a column of texts is compared with == or !=, as in group == "a"'),
        ("'b' == group", "a column of texts is compared with == or !="),
        ("group == 'c'", "none is chosen by where; the texts of group are B, a, b, é"),
        ("t > 100", "no row is left: of 7 none is chosen by where$"),
        ("t = 1", 'it is one comparison; write == for "is equal to"'),
        ("t", 'it is one comparison, such as "x > 0"'),
        ("1 < 2", "it names no column"),
        ("1/t > 0", r"row 1\), where 1/t > 0: 1/t at t=0: 1/0"),
        ("log(t-1) > 0", r"row 1\), where log\(t-1\) > 0: log\(t - 1\) at t=0: log\(-1\)"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(tmp_path: Path, where: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        observations(table(tmp_path, "csv"), {"t", "y"}, where=[where])


@pytest.mark.usefixtures("any_size")
def test_standard_deviations_and_weights_are_positive(tmp_path: Path) -> None:
    def weights(data: DataSources, **given: str) -> list[float]:
        left, right = parse_sides(LINE)
        observed = observations(data, names(left) | names(right), **given)
        rows = rows_of(read_model(LINE, observed.lengths), observed, **given)
        assert rows.absolute is ("sigma" in given)
        return [*map(float, np.asarray(rows.weights))]

    data = table(tmp_path, "csv")
    assert weights(data, sigma="error") == [1, 0.25, 1, 4, 1, 1, 1]
    assert weights(data, weights="error") == [1, 2, 1, 0.5, 1, 1, 1]
    good: dict[str, Any] = {"t": [1, 2, 3], "y": [1, 2, 4]}
    with pytest.raises(UsageError, match=r"^row 5, e: `0` is not positive"):
        weights({"t": range(5), "y": range(5), "e": [1, 1, 1, 1, 0]}, sigma="e")
    for argument, wrong, said in (
        ("sigma", 0, "`0` is not positive"),
        ("sigma", -1, "`-1` is not positive"),
        ("weights", -1, "`-1` is negative"),
    ):
        with pytest.raises(UsageError, match=f"^row 2, e: {said}"):
            weights({**good, "e": [1, wrong, 1]}, **{argument: "e"})
    assert weights({**good, "e": [1, 0, 3]}, weights="e") == [1, 3]  # a row that does not count
    with pytest.raises(UsageError, match=r"^e: all weights are 0, so that no row counts"):
        weights({**good, "e": [0, 0, 0]}, weights="e")
    with pytest.raises(UsageError, match=r"^row 3, e: 1/1e-200\^2 is infinite$"):
        weights({**good, "e": [1, 1, 1e-200]}, sigma="e")
    with pytest.raises(UsageError, match=r'^sigma="f": `f` is no column of the data; the columns'):
        weights(good, sigma="f")
    with pytest.raises(UsageError, match="e is a column of texts, not of numbers"):
        weights({**good, "e": ["a", "b", "a"]}, weights="e")


@pytest.mark.usefixtures("any_size")
def test_a_response_without_a_number_names_its_row() -> None:
    data = {"t": [1, 2, 3, 4], "y": [1, 2, 0, 4]}
    observed = observations(data, {"t", "y", "a"}, where=["t > 1"])
    model = read_model("log(y) ~ a*t", observed.lengths)
    with pytest.raises(UsageError, match=r"^row 3: log\(y\) at y=0: log\(0\)$"):
        rows_of(model, observed)
    observed = observations(data, {"t", "y", "a"}, where=["y > 0"])
    rows = rows_of(model, observed)
    np.testing.assert_allclose(rows.response, np.log([1, 2, 4]), rtol=1e-15)


@pytest.mark.usefixtures("any_size")
def test_columns_have_other_names_and_make_vectors(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Time (s),p1,p2,y\n1,2,3,4\n5,6,7,8\n", encoding="utf-8")
    found = observations(
        NamedColumns(path, {"t": "Time (s)", "p": "p1:p2", "q": "p2:p2"}), {"t", "p", "q", "y"}
    )
    assert lists(found) == {"t": [1, 5], "p": [[2, 6], [3, 7]], "q": [[3, 7]], "y": [4, 8]}
    assert found.lengths == {"t": None, "p": 2, "q": 1, "y": None}
    assert found.source == "a.csv"
    named: Collection[str] = {"t", "y"}
    for columns, message in (
        ({"t": "Time"}, r'columns={"t": "Time"}: there is no column `Time`; did you mean'),
        ({"u": "p1"}, r'columns={"u": "p1"}: the model has no name u'),
    ):
        with pytest.raises(UsageError, match=message):
            observations(NamedColumns(path, columns), named)
    np.save(tmp_path / "b.npy", np.arange(6.0).reshape(3, 2))
    found = observations(NamedColumns(tmp_path / "b.npy", {"y": "column2"}), {"column1", "y"})
    assert lists(found) == {"column1": [0, 2, 4], "y": [1, 3, 5]}
    matrix = observations({"x": [[1, 2], [3, 4]], "y": [1, 2]}, {"x", "y"})
    assert lists(matrix) == {"x": [[1, 3], [2, 4]], "y": [1, 2]}


def test_data_that_are_no_table() -> None:
    for data, message in (
        ({"t": [1, 2], "y": [1]}, "the columns differ in length: y has 1 rows, t 2"),
        ({"t": [], "y": []}, "there are no numbers in it"),
        ({"t": 3, "y": [1]}, "t is no column of numbers"),
        ({"t": [1.0, float("inf")], "y": [1, 2]}, "row 2, t: `inf` is no finite number"),
        ({"t": [1, 2**53 + 1], "y": [1, 2]}, "row 2, t: `9007199254740993` is a whole number"),
        ({"t": [1, 1j], "y": [1, 2]}, "row 2, t: `1j` is no real number"),
        ({"t": np.array(["2020-01-01"], "M8[D]"), "y": [1]}, "a column of datetime64"),
        (["a.csv", "b.csv"], "a model is fitted to one table, or to arrays by name; several are"),
    ):
        with pytest.raises(GdcliError, match=message):
            observations(data, {"t", "y"})  # type: ignore[arg-type]


def test_long_arrays_are_fitted_where_they_are(tmp_path: Path) -> None:
    count = array_tables.FEW_ROWS + 1
    data = {"t": np.arange(count, dtype=float), "y": np.ones(count)}
    found = observations(data, {"t", "y"})
    assert np.shares_memory(found.columns["t"], data["t"])
    assert not found.columns["t"].flags.writeable
    assert data["t"].flags.writeable
    np.save(tmp_path / "a.npy", data["t"])
    array = observations(tmp_path / "a.npy", {"column1"}).columns["column1"]
    assert mapped.mapped_file(array) is not None
    assert array.tolist() == data["t"].tolist()
    data["y"][7] = np.nan
    with pytest.raises(UsageError, match="row 8, y: the value is missing"):
        observations(data, {"t", "y"})
    assert len(observations(data, {"t", "y"}, missing="drop").columns["y"]) == count - 1


@pytest.mark.parametrize("seed", [7, *(pytest.param(k, marks=pytest.mark.full) for k in range(40))])
def test_small_and_large_tables_are_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Random tables of numbers, labels, quotes and missing values, in lists and in blocks."""
    source = random.Random(seed)
    path = tmp_path / "a.csv"
    cells = ("1", "-2.5", "3e-2", "0", "4e3", "17", "NA", "", "?", " nan ", "NaN", '"6"')
    texts = ("a", "b", '"c, d"', "ä", "NA", " b ")
    lines = ["t,y,g"]
    for _ in range(source.randint(5, 60)):
        quoted = source.random() < 0.1
        t, y = (source.choice(cells if quoted else cells[:6]) for _ in "ty")
        lines.append(f"{t},{y},{source.choice(texts if quoted else texts[:2])}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = partial(observations, path, {"t", "y", "g"}, missing="drop", where=["t > -2"])
    small = read()
    large(monkeypatch)
    found = read()
    assert lists(found) == lists(small)
    assert found[3:] == small[3:]
    if small.numbers is None:
        assert found.numbers is None
    else:
        assert found.numbers is not None
        assert [*map(int, found.numbers)] == [*small.numbers]


def test_a_pipe_is_read_twice_from_a_temporary_file_where_it_is_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(tables, "SPOOLED_BYTES", 10)
    for content in (GOOD, "t,y\n1,2\n"):
        piped = StreamedTable(Pipe(content.encode()), "standard input")
        seekable = StreamedTable(BytesIO(content.encode()), "standard input")
        for _ in range(2):
            found, wanted = (lists(observations(one, {"t", "y"})) for one in (piped, seekable))
            assert found == wanted


def test_a_small_fit_of_a_file_loads_no_numpy(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,y,g\n" + "".join(f"{k},{k * k},a\n" for k in range(9)), encoding="utf-8")
    code = (
        "import sys; from gdcli.fitting.fit import fit\n"
        f"fit('y ~ a + b*t', {str(path)!r}, start={{'a': 1, 'b': 1}}, missing='drop',"
        " where=['t > 1', 'g == \"a\"'])\n"
        "print([name for name in ('numpy', 'tempfile', 'mmap') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_nothing_is_left_of_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large(monkeypatch)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path = tmp_path / "a.csv"
    path.write_text(GOOD, encoding="utf-8")
    found = fit(LINE, path, start={"a": 1, "b": 1})
    assert found.values == pytest.approx({"a": 0.5, "b": 1})
    assert [*folder.iterdir()] == []
    path.write_text(GOOD + "9,x\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 10, y: `x` is no finite number"):
        fit(LINE, path, start={"a": 1, "b": 1})
    assert [*folder.iterdir()] == []


def test_a_structured_array_has_its_fields_as_columns() -> None:
    rows = np.array([(0, 1.0), (1, 3.0)], dtype=[("x", "i4"), ("y", "f8")])
    for array in (rows, cast("Any", rows.view(np.recarray))):
        found = observations(array, {"x", "y", "a"})
        assert found.columns == {"x": [0.0, 1.0], "y": [1.0, 3.0]}
