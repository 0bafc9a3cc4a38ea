"""Things that a process makes once: threads that ask for one at once have the same."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from gdcli.execute.native import finite_check, trampoline
from gdcli.execute.native.made_once import MadeOnce


def of_four_threads(ask: Callable[[], object]) -> list[object]:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(ask())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_threads_that_ask_at_once_have_the_same() -> None:
    made: list[object] = []

    @MadeOnce
    def one(size: int) -> object:
        time.sleep(0.01)
        made.append(object())
        return made[-1], size

    found = of_four_threads(lambda: one(2))
    assert len(made) == 1
    assert len({id(each) for each in found}) == 1
    assert one(3) is not found[0]
    one.forget()
    assert one(2) is not found[0]


@pytest.mark.parametrize("ask", [trampoline._machine, finite_check.finite])
def test_machine_code_of_a_process_is_made_once(ask: MadeOnce[Any]) -> None:
    ask.forget()
    assert {id(one) for one in of_four_threads(ask)} == {id(ask())}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_forked_process_does_not_wait_for_a_thread_of_its_parent() -> None:
    parent, begun, end = os.getpid(), threading.Event(), threading.Event()

    @MadeOnce
    def one() -> int:
        if os.getpid() == parent:
            begun.set()
            end.wait()
        return 1

    thread = threading.Thread(target=one)
    thread.start()
    begun.wait()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        signal.alarm(5)
        os._exit(0 if one() == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    end.set()
    thread.join()
