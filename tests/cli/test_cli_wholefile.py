from __future__ import annotations

import os
from pathlib import Path

import pytest

from gdcli.cli.wholefile import WholeFile
from gdcli.errors import FileAccessError, UsageError


def test_it_takes_its_place_at_the_end_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    path.chmod(0o640)
    file = WholeFile(str(path))
    file.stream.write("after ∇\n")
    assert path.read_text() == "before"
    file.finish(keep=True)
    assert path.read_text("utf-8") == "after ∇\n"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_it_can_be_forgotten(tmp_path: Path) -> None:
    file = WholeFile(str(tmp_path / "out"))
    file.stream.write("text")
    file.finish(keep=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    file = WholeFile(str(link))
    file.stream.write("after")
    file.finish(keep=True)
    assert link.is_symlink()
    assert target.read_text() == "after"


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="no such device")
def test_a_device_is_written_and_never_replaced() -> None:
    file = WholeFile("/dev/null")
    file.stream.write("text")
    file.finish(keep=True)
    assert Path("/dev/null").is_char_device()


def test_places_where_no_file_can_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        WholeFile(str(tmp_path / "none" / "out"))
    with pytest.raises(UsageError, match="that is a folder"):
        WholeFile(str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="there is no such folder"):
        WholeFile(str(tmp_path / "file" / "out"))


def test_what_may_not_be_written_is_an_access_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    monkeypatch.setattr(os, "access", lambda *_: False)  # who runs the tests may write anything
    with pytest.raises(FileAccessError, match=r"out cannot be written: permission denied"):
        WholeFile(str(path))
