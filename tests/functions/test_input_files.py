from __future__ import annotations

from pathlib import Path

import pytest

from gdcli.errors import FileAccessError
from gdcli.functions.input_files import opened


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
