from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from gdcli.errors import FileAccessError, UsageError
from gdcli.functions.input_files import LONGEST_LINE, opened, text_lines


def test_a_file_that_fails_while_it_is_read_is_refused_as_one_that_cannot_be_opened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"1,2\n")
    with opened(path, "points.csv") as stream:
        assert stream.read() == b"1,2\n"
    message = r"^--at: cannot read points\.csv: Input/output error$"
    with pytest.raises(FileAccessError, match=message), opened(path, "points.csv", "--at"):
        raise OSError(5, "Input/output error")


def test_a_file_that_does_not_fit_into_memory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.touch()
    asked = (
        "Unable to allocate 745. GiB for an array with shape (100000000000,) and data type float64"
    )
    for error, told in ((MemoryError(), ""), (MemoryError(asked), ": 745 GiB more are needed")):
        message = f"^cannot read points.csv: memory runs out{told}$"
        with pytest.raises(FileAccessError, match=message), opened(path, "points.csv"):
            raise error


def test_a_file_that_disappears_or_whose_name_is_none(tmp_path: Path) -> None:
    for name, message in (("none.csv", "there is no file"), ("a\0.csv", "no file can be called")):
        with pytest.raises(UsageError, match=message), opened(tmp_path / name, "it"):
            pass


def lines_of(content: bytes, longest: int = LONGEST_LINE) -> list[tuple[int, str]]:
    return list(text_lines(BytesIO(content), "it", longest))


def test_lines_are_bounded() -> None:
    text = "\ufeffone\r\ntwo\rthree\n\nfive"
    lines = lines_of(text.encode())
    assert lines == [(1, "one\n"), (2, "two\n"), (3, "three\n"), (4, "\n"), (5, "five")]
    assert lines_of(b"12345\n12345", 6) == [(1, "12345\n"), (2, "12345")]
    for wrong, message in ((b"1\n1234567\n", "line 2 is too long"), (b"1\n\xff\n", "not UTF-8")):
        with pytest.raises(UsageError, match=f"^it: .*{message}"):
            lines_of(wrong, 6)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("text", ["α,β\n1,2\n", "x\n1\n", "#", ""])
def test_a_text_is_utf_8_or_utf_16_with_its_mark(encoding: str, text: str) -> None:
    mark = "\ufeff" if encoding[-3:] in ("-le", "-be") else ""
    content = (mark + text).encode(encoding)
    assert "".join(line for _, line in lines_of(content)) == text
    if mark and text:
        with pytest.raises(UsageError, match=r"^it: it is (not UTF-8|UTF-16 without a byte-order)"):
            lines_of(text.encode(encoding))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,y\n".encode("utf-32"), "UTF-32; save it as UTF-8"),
        ("x,y\n".encode("utf-32-be"), "UTF-32; save it as UTF-8"),
        ("x\n".encode("utf-16") + b"\0", "it is not UTF-16"),
    ],
)
def test_other_encodings_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=f"^it: .*{message}"):
        lines_of(content)
