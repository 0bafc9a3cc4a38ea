"""Things that a process makes once: threads that ask for one at once have the same."""

from __future__ import annotations

import threading
import time

from gdcli.execute.native import finite_check, trampoline
from gdcli.execute.native import thread_pool as pools
from gdcli.execute.native.made_once import MadeOnce


def test_threads_that_ask_at_once_have_the_same() -> None:
    made: list[object] = []

    @MadeOnce
    def one(size: int) -> object:
        time.sleep(0.01)
        made.append(object())
        return made[-1], size

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(one(2))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len({id(each) for each in found}) == 1
    assert one(3) is not found[0]
    one.forget()
    assert one(2) is not found[0]


def test_machine_code_and_threads_of_a_process_are_made_once() -> None:
    for one in (pools.thread_pool, trampoline._machine, finite_check.finite, trampoline.works):
        assert isinstance(one, MadeOnce)
