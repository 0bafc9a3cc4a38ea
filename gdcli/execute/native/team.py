"""Threads that run machine code together while the main thread waits for them.

A call of machine code releases Python's lock, so the threads run at the same time. The thread that
waits can be interrupted: on Ctrl-C it sets the byte that every block of every loop looks at, and
raises KeyboardInterrupt once all threads have come back. GDCLI_THREADS limits how many there are.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from ctypes import c_byte
from functools import cache

LIMIT = "GDCLI_THREADS"
MOST = 64


def threads() -> int:
    """How many threads a loop is shared by."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    given = os.environ.get(LIMIT, "")
    if given.isdecimal() and int(given) > 0:
        count = int(given)
    return min(count, MOST)


@cache
def team(size: int) -> Team:
    """The team of that size; its threads wait for work until the program ends."""
    return Team(size)


class Team:
    """`size` threads that begin and end a piece of work together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._begin = [allocate_lock() for _ in range(size)]
        self._end = [allocate_lock() for _ in range(size)]
        self._work: Callable[[int], None] | None = None
        self._errors: list[BaseException] = []
        for number in range(size):
            self._begin[number].acquire()
            self._end[number].acquire()
            start_new_thread(self._serve, (number,))

    def _serve(self, number: int) -> None:
        while True:
            self._begin[number].acquire()
            try:
                if self._work is not None:
                    self._work(number)
            except BaseException as error:
                self._errors.append(error)
            self._end[number].release()

    def run(self, work: Callable[[int], None], stop: c_byte) -> None:
        """Every thread calls `work` with its number; returns when all have.

        `stop` is set to 1 on an interrupt, so that they come back soon, and to 0 afterwards.
        """
        self._work = work
        self._errors.clear()
        waiting = list(self._end)
        interrupt: BaseException | None = None
        for begin in self._begin:
            begin.release()
        while waiting:
            try:
                waiting[-1].acquire()
                waiting.pop()
            except KeyboardInterrupt as error:
                stop.value = 1
                interrupt = error
        stop.value = 0
        if interrupt is not None:
            raise interrupt
        if self._errors:
            raise self._errors[0]
