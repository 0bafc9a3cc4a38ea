from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gdcli.cli.whole_file import WholeFile, open_file, remove_unfinished, unfinished
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


def test_what_an_interrupt_left_is_removed(tmp_path: Path) -> None:
    """As where it came between the opening of the file and its use."""
    second = WholeFile(str(tmp_path / "second"))
    first = WholeFile(str(tmp_path / "first"))
    second.finish(keep=True)
    remove_unfinished()
    assert [path.name for path in tmp_path.iterdir()] == ["second"]
    first.finish(keep=False)
    assert not unfinished


def test_another_thread_writes_files_too(tmp_path: Path) -> None:
    def write() -> None:
        WholeFile(str(tmp_path / "out")).finish(keep=True)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not unfinished


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
    with pytest.raises(UsageError, match="that is a folder"):
        WholeFile("/")
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


def written(name: str) -> None:
    file = WholeFile(name)
    file.stream.write("text\n")
    file.finish(keep=True)


needs_descriptors = pytest.mark.skipif(not Path("/dev/fd/1").exists(), reason="no /dev/fd")


@needs_descriptors
def test_an_open_pipe_is_written(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    link = tmp_path / "link"
    link.symlink_to(f"/dev/fd/{theirs}")
    for name in (f"/dev/fd/{theirs}", str(link)):
        assert open_file(name) == theirs
        written(name)
        assert os.read(ours, 100) == b"text\n"
    os.close(ours)
    os.close(theirs)


@needs_descriptors
def test_an_open_file_is_continued_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    inode = path.stat().st_ino
    with path.open("a") as log:
        written(f"/dev/fd/{log.fileno()}")
    assert path.read_text() == "before\ntext\n"
    assert path.stat().st_ino == inode
    assert list(tmp_path.iterdir()) == [path]


@needs_descriptors
def test_what_is_not_open_is_an_access_error() -> None:
    with pytest.raises(FileAccessError, match="/dev/fd/987 cannot be written"):
        WholeFile("/dev/fd/987")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_written_and_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    written(str(path))
    assert os.read(reader, 100) == b"text\n"
    os.close(reader)
    assert path.is_fifo()


def test_only_our_own_open_files_are_such(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for name in ("out", "/dev/null", str(tmp_path / "fd" / "1"), str(loop)):
        assert open_file(name) is None


def test_the_option_is_named_and_bytes_are_taken(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--plot .*none.*: there is no such folder"):
        WholeFile(str(tmp_path / "none" / "out"), "--plot")
    with pytest.raises(UsageError, match="--plot needs the name of a file"):
        WholeFile("", "--plot")
    file = WholeFile(str(tmp_path / "out"), "--plot")
    file.stream.buffer.write(b"\x89PNG\r\n")
    file.finish(keep=True)
    assert (tmp_path / "out").read_bytes() == b"\x89PNG\r\n"
