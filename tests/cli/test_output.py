from __future__ import annotations

import io
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from gdcli.cli.output import (
    WHOLE_LINE_BYTES,
    Output,
    colorful,
    say,
    speaks_unicode,
    tell,
    wrapped_to_terminal,
)
from gdcli.errors import FileAccessError, UsageError


class Stream(io.StringIO):
    def __init__(self, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self.terminal, self.flushes = terminal, 0
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self.terminal

    def flush(self) -> None:
        self.flushes += 1


def output(**changes: Any) -> Output:
    usual = {
        "path": None, "quiet": False, "color": "auto", "ascii": False, "debug": False,
    }  # fmt: skip
    return Output(**(usual | changes))


@pytest.mark.parametrize(
    ("terminal", "color", "environment", "colored"),
    [
        (True, "auto", {}, True),
        (True, "auto", {"NO_COLOR": "1"}, False),
        (True, "auto", {"NO_COLOR": ""}, True),
        (True, "auto", {"TERM": "dumb"}, False),
        (True, "never", {}, False),
        (True, "always", {"NO_COLOR": "1"}, True),
        (False, "auto", {}, False),
        (False, "always", {}, True),
        (False, "auto", {"FORCE_COLOR": "1"}, True),
        (False, "auto", {"FORCE_COLOR": "true", "TERM": "dumb"}, True),
        (False, "auto", {"FORCE_COLOR": "0"}, False),
        (False, "auto", {"FORCE_COLOR": ""}, False),
        (True, "auto", {"FORCE_COLOR": "0"}, True),
        (True, "auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (True, "never", {"FORCE_COLOR": "1"}, False),
        (False, "auto", {"CLICOLOR_FORCE": "1", "COLORTERM": "truecolor"}, False),
    ],
)
def test_colour(
    terminal: bool,
    color: str,
    environment: dict[str, str],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Stream(terminal))
    with output(color=color) as out:
        possible = color == "always" or "FORCE_COLOR" in environment or colorful(True)
        assert out.screen.color is (colored and possible)


@pytest.mark.parametrize(("color", "colored"), [("auto", False), ("always", True)])
def test_a_file_is_coloured_where_the_command_line_says_so(
    color: str, colored: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with output(path=str(tmp_path / "report.txt"), color=color) as out:
        assert out.screen.color is colored


def test_a_width_only_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    for terminal, width in ((True, 33), (False, None)):
        monkeypatch.setattr(sys, "stdout", Stream(terminal))
        with output() as out:
            assert out.screen.width == width


@pytest.mark.parametrize(
    ("encoding", "unicode"),
    [("utf-8", True), ("UTF8", True), ("utf-16", True), ("ascii", False), ("cp1252", False)],
)
def test_ascii_where_the_encoding_is_poor(
    encoding: str, unicode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    assert speaks_unicode(stream) is unicode
    with output() as out:
        assert out.screen.ascii is not unicode
        out.note("‖∇f‖")
    assert stream.getvalue() == f"gdcli: {'‖∇f‖' if unicode else '|grad f|'}\n"


def test_the_first_line_of_a_stream_is_passed_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream()
    clock = iter([100.0, 100.01, 100.02, 100.2])
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr("gdcli.cli.output.monotonic", lambda: next(clock))
    flushes = []
    with output() as out:
        for _ in range(4):
            out.write("{}\n")
            flushes.append(stream.flushes)
    assert flushes == [1, 1, 1, 2]


class Raw(io.RawIOBase):
    """A pipe that remembers each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.writes.append(bytes(data))
        return len(data)


def test_a_line_of_4096_bytes_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.cli.output.FLUSH_INTERVAL", 1e9)
    chance = random.Random(1)
    for letter in ("x", "∇"):
        widest = WHOLE_LINE_BYTES // len(letter.encode()) - 1
        sizes = [*(chance.randrange(widest + 1) for _ in range(300)), widest, widest, 0, widest]
        lines = [letter * size + "\n" for size in sizes]
        for pieces in (lines, ["".join(lines)]):  # line by line, and all in one piece
            raw = Raw()
            stream = io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", newline="\n")
            monkeypatch.setattr(sys, "stdout", stream)
            with output() as out:
                for piece in pieces:
                    out.write(piece)
                out.flush()
            assert b"".join(raw.writes).decode() == "".join(lines)
            assert all(len(one) <= WHOLE_LINE_BYTES and one.endswith(b"\n") for one in raw.writes)


@pytest.mark.parametrize("quiet", [False, True])
def test_quiet_silences_notes_and_never_errors(
    quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with output(quiet=quiet) as out:
        out.note("a note")
    say("an error")
    assert capsys.readouterr() == ("", ("" if quiet else "gdcli: a note\n") + "gdcli: an error\n")


@pytest.mark.parametrize("terminal", [True, False])
def test_notes_are_broken_between_words_at_a_terminal(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Stream(terminal)
    monkeypatch.setattr(sys, "stdout", Stream())
    monkeypatch.setattr(sys, "stderr", stream)
    with output() as out:
        out.note("a note that is longer than that\n\nand a-line-with-hyphens")
    say("an error's lines stay as they are")
    lines = stream.getvalue().split("\n")
    assert lines[-2] == "gdcli: an error's lines stay as they are"
    whole = ["gdcli: a note that is longer than that", "", "and a-line-with-hyphens"]
    parts = ["gdcli: a note that", "is longer than that", "", "and", "a-line-with-hyphens"]
    assert lines[:-2] == (parts if terminal else whole)


def test_a_terminal_that_does_not_say_how_wide_it_is_has_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    monkeypatch.setattr(Stream, "fileno", lambda _: 2)
    assert wrapped_to_terminal("a " * 60, Stream(True)).split("\n")[0] == ("a " * 40).rstrip()


def test_closed_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    say("to nobody")
    with pytest.raises(FileAccessError, match="closed"), output():
        pass
    with pytest.raises(FileAccessError, match="closed"):
        tell("to nobody")


@pytest.mark.parametrize(
    ("out", "err", "streams", "quiet", "shown"),
    [
        (False, True, True, False, True),
        (True, True, False, False, True),
        (True, True, True, False, False),
        (False, False, False, False, False),
        (False, True, False, True, False),
    ],
)
def test_progress_only_where_a_person_waits(
    out: bool, err: bool, streams: bool, quiet: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(out))
    monkeypatch.setattr(sys, "stderr", Stream(err))
    with output(quiet=quiet) as device:
        assert device.shows_progress(streams) is shown


def test_a_number_of_threads_that_is_none_is_refused_before_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GDCLI_THREADS", "many")
    with pytest.raises(UsageError, match="GDCLI_THREADS"), output():
        pass


def test_ctrl_c_at_a_reader_that_waits_leaves_whole_pieces_and_tries_no_more() -> None:
    class Stalled(io.StringIO):
        tried = 0

        def flush(self) -> None:
            self.tried += 1
            if self.tried == 3:
                raise KeyboardInterrupt

    output = Output(None, quiet=True, color="never", ascii=False, debug=False)
    output._stream = stream = Stalled()
    pieces = [f",\n{number:01500d}" for number in range(9)]
    with pytest.raises(KeyboardInterrupt):
        output.write(pieces)
    assert stream.getvalue() == "".join(pieces[:6])
    assert stream.tried == 3
    assert output.has_begun
