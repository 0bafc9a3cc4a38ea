from __future__ import annotations

import io
import sys

import pytest

from gdcli.cli.progress import Progress, search_words
from gdcli.descent.iterate import Iterate
from gdcli.proofs.search import SearchProgress


def test_a_line_now_and_then_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    stream = io.StringIO()
    monkeypatch.setattr("gdcli.cli.progress.monotonic", lambda: now[0])
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "30")
    progress = Progress()
    for k in range(100):
        now[0] = 0.01 * k
        progress(Iterate(k, [1.0], 0.5, 0.25, 0.1))
    lines = stream.getvalue().split("\r")[1:]
    assert [line.split(",")[0] for line in lines] == [f"k = {k}" for k in (50, 60, 70, 80, 90)]
    assert all(len(line) < 30 for line in lines)
    progress.clear()
    assert stream.getvalue().endswith("\r" + " " * len(lines[-1]) + "\r")


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    progress = Progress()
    progress(Iterate(0, [1.0], 0.5, 0.25, 0.1))
    progress.clear()
    assert stream.getvalue() == ""


class InterruptedStream(io.StringIO):
    """A stream at which Ctrl-C is pressed while it is flushed."""

    def flush(self) -> None:
        raise KeyboardInterrupt


def test_a_line_interrupted_while_it_is_written_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gdcli.cli.progress.PROGRESS_DELAY", 0.0)
    monkeypatch.setattr(sys, "stderr", interrupted := InterruptedStream())
    progress = Progress()
    with pytest.raises(KeyboardInterrupt):
        progress(Iterate(1, [1.0], 0.5, 0.25, 0.1))
    line = interrupted.getvalue()
    monkeypatch.setattr(sys, "stderr", stream := io.StringIO())
    progress.clear()
    assert stream.getvalue() == line[:1] + " " * len(line[1:]) + "\r"


def test_boxes_that_wait_for_the_judge_are_not_called_open() -> None:
    assert (
        search_words(SearchProgress(1200, 18, -2.0, 1.5))
        == "1 200 boxes, 18 open, -2 ≤ min f ≤ 1.5"
    )
    judging = SearchProgress(1200, 0, -2.0, 1.5, checked=528)
    assert search_words(judging) == "1 200 boxes, 528 checked, -2 ≤ min f ≤ 1.5"
