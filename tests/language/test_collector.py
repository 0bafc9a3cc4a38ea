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

from gdcli.language import collector


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
