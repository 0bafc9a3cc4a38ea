"""The collector of cycles runs again whatever ends the wait for it."""

from __future__ import annotations

import gc
import os
import sys
from itertools import count
from threading import Event, Thread
from types import FrameType
from typing import Any

import pytest

import gdcli
from gdcli import collector
from gdcli.execute.fallback import FallbackFunction


def test_ctrl_c_on_the_way_in_leaves_it_running() -> None:
    lines, before = 0, sys.gettrace()

    def interrupt(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename == collector.__file__ and event == "line":
            lines -= 1
            if not lines:
                raise KeyboardInterrupt
        return interrupt

    for last in count(1):
        lines = last
        try:
            sys.settrace(interrupt)
            with collector.collector_waits():
                sys.settrace(before)
                assert not gc.isenabled()
                break
        except KeyboardInterrupt:
            sys.settrace(before)
            assert gc.isenabled()
    assert gc.isenabled()
    assert last > 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_it_runs_in_a_process_forked_while_another_thread_lets_it_wait() -> None:
    inside, end = Event(), Event()

    @collector.collector_waits()
    def work() -> None:
        inside.set()
        end.wait()

    thread = Thread(target=work)
    thread.start()
    inside.wait()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os._exit(0 if gc.isenabled() else 1)
    end.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    assert gc.isenabled()


def test_it_waits_on_the_whole_way_from_a_text_to_code() -> None:
    walks: list[str] = []

    def note(phase: str, _: object) -> None:
        walks.append(phase)

    def code_of(terms: int) -> FallbackFunction:
        text = " + ".join(f"x{k % 9}*x{k % 7}^2/{k}" for k in range(1, terms))
        return FallbackFunction(gdcli.function(text, backend="python").gradient_tape)

    code_of(3)  # which imports what it takes
    thresholds = gc.get_threshold()
    gc.set_threshold(50)
    gc.callbacks.append(note)
    try:
        code_of(100)
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*thresholds)
    assert walks.count("start") <= 6  # one when it runs again
