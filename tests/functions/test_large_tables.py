"""Tables beyond the few rows that are read cell by cell: NumPy's numbers are those of the cells."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from gdcli.errors import FileAccessError, UsageError
from gdcli.execute import mapped
from gdcli.functions import column_store, input_files, tables
from gdcli.functions.column_store import ColumnStore
from gdcli.functions.data import arrays, read_table


@pytest.fixture
def in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few lines, each read by NumPy where it can be, kept in a temporary file."""
    monkeypatch.setattr(tables, "LISTED_BYTES", 0)
    monkeypatch.setattr(input_files, "FIRST_BLOCK", 12)
    monkeypatch.setattr(input_files, "LATER_BLOCK", 60)
    monkeypatch.setattr(input_files, "LONGEST_LINE", 1000)
    monkeypatch.setattr(column_store, "STORED_BYTES", 0)


LINES = {  # a line of three cells, and the message that it is refused with
    "1,2,3": "",
    "-4e-3, 5.5 ,0": "",
    '"6","7",8': "",
    '9,"10\n",11': "",
    "# a comment, 1, 2, 3, 4": "",
    "": "",
    "1,2,3,": "",
    "1,2": "z: there is no value",
    "1,2,": "z: it is empty",
    "1,2,3,4": "there are 4 values, but 3 columns",
    "1,5,2,3": "there are 4 values, but 3 columns",
    "1;2;3": "x: `1;2;3` is no finite number",
    "1,2,nan": "z: `nan` is no finite number",
    "1,-inf,3": "y: `-inf` is no finite number",
    "1,2,3_0": "z: `3_0` is no finite number",
    "0x1,2,3": "x: `0x1` is no finite number",
    "1,2,1e-400": "z: `1e-400` is not 0",
    "1,2,1e400": "z: `1e400` is no finite number",
    "1,9007199254740993,3": "y: `9007199254740993` is a whole number between two floats",
    "x,y,z": "x: `x` is no finite number",
    "1,2\0,3": "",
}


@pytest.mark.usefixtures("in_small_blocks")
@pytest.mark.parametrize("names", [{"x", "y", "z"}, {"z", "x"}, {"y"}])
def test_a_line_is_read_or_refused_wherever_a_block_ends(tmp_path: Path, names: set[str]) -> None:
    path = tmp_path / "a.csv"
    source = random.Random(13)
    good = [line for line, message in LINES.items() if not message and "\0" not in line]
    rows = {"1,2,3": "1 2 3", "-4e-3, 5.5 ,0": "-4e-3 5.5 0", '"6","7",8': "6 7 8",
            '9,"10\n",11': "9 10 11", "1,2,3,": "1 2 3"}  # fmt: skip
    for _ in range(5):
        lines = source.choices(good, k=source.randint(3, 30))
        numbers = [[float(cell) for cell in rows[line].split()] for line in lines if line in rows]
        if not numbers:
            continue
        path.write_text("\n".join(["x,y,z", *lines]), encoding="utf-8")
        found = read_table(path, names)
        for name, column in zip("xyz", zip(*numbers, strict=True), strict=True):
            if name in names:
                assert found[name].tolist() == [*column]
        at = source.randrange(len(lines))
        number = 2 + sum(line.count("\n") + 1 for line in lines[:at])
        for wrong, message in LINES.items():
            if message.partition(":")[0] in {"", *({"x", "y", "z"} - names)}:
                continue
            path.write_text("\n".join(["x,y,z", *lines[:at], wrong, *lines[at:]]), encoding="utf-8")
            with pytest.raises(UsageError, match=f"line {number}(,|:) {re.escape(message)}"):
                read_table(path, names)


@pytest.mark.usefixtures("in_small_blocks")
def test_encodings_and_ends_of_lines(tmp_path: Path) -> None:
    text = "x,y\n" + "".join(f"{k},{k + 0.5}\n" for k in range(40))
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        for end in ("\n", "\r\n", "\r"):
            path = tmp_path / "a.csv"
            path.write_bytes(text.replace("\n", end).encode(encoding))
            assert read_table(path, {"y"})["y"].tolist() == [k + 0.5 for k in range(40)]
    path.write_bytes(text.encode() + b"1,\xff\n")
    with pytest.raises(UsageError, match=r"line 42: it is not UTF-8$"):
        read_table(path, {"y"})
    path.write_text(text + "1," + " " * 1_001 + "2\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 42 is too long: it has more than 1,000 characters"):
        read_table(path, {"y"})


def test_a_store_keeps_the_same_numbers_in_lists_in_memory_and_in_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for limit in (0, 10**6, None):
        monkeypatch.setattr(column_store, "STORED_BYTES", limit)
        monkeypatch.setattr(column_store, "RECODED_ROWS", 3)
        with ColumnStore(2, None if limit is None else 100, "it") as store:
            store.add([[1.5, 2.5], [1.0, 0.0]])
            store.add([np.arange(9.0)[::2], np.array([0.0, 2.0, 1.0, 0.0, 0.0])])
            assert store.recode(1, ["b", "c", "a", "d"]) == ["a", "b", "c"]
            columns = store.columns()
        if limit is None:
            found.append(columns)
            continue
        assert all(array.flags.c_contiguous and not array.flags.writeable for array in columns)
        found.append([array.tolist() for array in columns])
    assert found[0] == found[1] == found[2] == [[1.5, 2.5, 0, 2, 4, 6, 8], [3, 2, 2, 1, 3, 2, 2]]


@pytest.mark.usefixtures("in_small_blocks")
def test_a_folder_of_temporary_files_that_is_full_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullFile:
        def truncate(self, _: int) -> None:
            raise OSError(28, "No space left on device")

    path = tmp_path / "a.csv"
    path.write_text("x\n1\n2\n", encoding="utf-8")
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: FullFile())
    message = r"^cannot keep .*: a temporary file in .* cannot be written: No space left on device$"
    with pytest.raises(FileAccessError, match=message):
        read_table(path, {"x"})


COLUMNS: dict[str, Any] = {"t": [1, 2, 3], "y": [1.5, 2.0, 3.25], "on": [True, False, True]}


def test_a_parquet_file_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    polars.DataFrame(COLUMNS).write_parquet(path)
    found = arrays(path, {"t", "y", "on"})
    assert {name: column.tolist() for name, column in found.items()} == {
        "t": [1, 2, 3], "y": [1.5, 2, 3.25], "on": [1, 0, 1]
    }  # fmt: skip
    frame = polars.DataFrame({"t": [2**53 + 1, None], "y": [1.0, None], "who": ["a", "b"],
                              "day": [None, None], "when": [0, 1]})  # fmt: skip
    frame = frame.with_columns(polars.from_epoch("when"))
    frame.write_parquet(path)
    for name, message in (
        ("t", "row 1, t: `9007199254740993` is a whole number between two floats"),
        ("y", "row 2, y: the value is missing"),
        ("who", "row 1, who: `a` is no real number"),
        ("day", "row 1, day: the value is missing"),
        ("when", r"when is a column of timestamp\[.*\], not of numbers or texts"),
        ("z", "has the columns t, y, who, day, when; the expression names none"),
    ):
        with pytest.raises(UsageError, match=f"a.parquet:? .*{message}"):
            arrays(path, {name})
    path.write_bytes(b"no table")
    with pytest.raises(UsageError, match=r"a\.parquet: it is no Parquet file$"):
        arrays(path, {"t"})
    with pytest.raises(UsageError, match=r"there is no file none\.parquet$"):
        arrays("none.parquet", {"t"})


def test_without_pyarrow_what_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    message = r"a \.parquet file needs pyarrow, which is not installed; get it with: .*pyarrow$"
    with pytest.raises(UsageError, match=message):
        arrays("a.parquet", {"t"})


def test_parts_of_a_mapped_array_are_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = np.arange(20_001.0)
    np.save(tmp_path / "a.npy", numbers)
    array = np.load(tmp_path / "a.npy", "r")
    for one in (array, numbers, array[7:9000]):
        for rows in (513, 4096, 30_000):
            monkeypatch.setattr(mapped, "PASSED_ROWS", rows)
            found = [part.copy() for [part] in mapped.parts([one])]
            assert np.concatenate(found).tolist() == one.tolist()
    monkeypatch.setattr(mapped, "MAPPED_BYTES", 8000)
    assert [len(part) for [part] in mapped.large_parts([array])] == [1000] * 20 + [1]
    assert len(mapped.large_parts([numbers])) == 1
    assert mapped.mapped_file(numbers) is None
    assert mapped.mapped_file(array[3:][::2]) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pages may stay")
def test_what_has_been_passed_over_is_let_go(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones(4_000_000))
    code = (
        "import numpy as np; from gdcli.execute import mapped\n"
        "def megabytes():\n"
        "    pages = next(line for line in open('/proc/self/status') if 'VmRSS' in line)\n"
        "    return int(pages.split()[1]) // 1000\n"
        f"array = np.load({str(tmp_path / 'a.npy')!r}, 'r')\n"
        "before = megabytes()\n"
        "assert sum(float(part.sum()) for [part] in mapped.parts([array])) == 4e6\n"
        "print(megabytes() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8  # of 32 MB
