"""Threads that run machine code together while the main thread waits for them.

A call of machine code releases Python's lock, so the threads run at the same time. The thread that
waits can be interrupted: on Ctrl-C it sets the byte that every block of every loop reads, and
raises KeyboardInterrupt once all threads have come back.

Only the main thread is ever interrupted, and that may happen between any two of its steps. So it
signals to one thread alone, the coordinator, and each of its signals may be repeated.
"""

from __future__ import annotations

import os
from _thread import LockType, allocate_lock, start_new_thread
from collections.abc import Callable
from ctypes import c_byte
from functools import cache

WAIT_SECONDS = 1.0  # after which the main thread repeats its signal
MEANWHILE_SECONDS = 0.01  # in which machine code reads some 100 MB


@cache
def thread_pool(size: int) -> ThreadPool:
    """The pool of that size; its threads wait for work until the program ends."""
    return ThreadPool(size)


if hasattr(os, "register_at_fork"):  # a child process has none of the threads
    os.register_at_fork(after_in_child=thread_pool.cache_clear)


class ThreadPool:
    """`size` threads that begin and end a piece of work together, one piece at a time."""

    def __init__(self, size: int) -> None:
        self._work: Callable[[int], object] | None = None
        self._errors: list[BaseException] = []
        self._in_use = allocate_lock()
        self._requested = self._completed = 0  # pieces of work
        # Signals between the main thread and the coordinator.
        self._begin, self._end = _closed(), _closed()
        self._workers = [(number, _closed(), _closed()) for number in range(1, size)]
        start_new_thread(self._run_coordinator, ())
        for worker in self._workers:
            start_new_thread(self._run_worker, worker)

    def _run_coordinator(self) -> None:
        """Runs the coordinator: it starts the workers, does its own share, and waits for them."""
        while True:
            self._begin.acquire()
            if self._requested == self._completed:
                continue
            for _, begin, _ in self._workers:
                begin.release()
            self._do(0)
            for _, _, end in self._workers:
                end.acquire()
            self._completed = self._requested
            if self._end.locked():
                self._end.release()

    def _run_worker(self, number: int, begin: LockType, end: LockType) -> None:
        while True:
            begin.acquire()
            self._do(number)
            end.release()

    def _do(self, number: int) -> None:
        try:
            if self._work is not None:
                self._work(number)
        except BaseException as error:
            self._errors.append(error)

    def run(
        self,
        work: Callable[[int], object],
        stop: c_byte,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Has every thread call `work` with its number; returns when all calls have ended.

        `meanwhile` is called every MEANWHILE_SECONDS until then. `stop` is set to 1 on an
        interrupt, so that they end soon, and to 0 afterwards. Raises the first error of a thread,
        and KeyboardInterrupt after an interrupt.
        """
        with self._in_use:
            self._run(work, stop, meanwhile)

    def _run(
        self,
        work: Callable[[int], object],
        stop: c_byte,
        meanwhile: Callable[[], object] | None,
    ) -> None:
        self._work = work
        self._errors = []
        piece = self._completed + 1
        interrupt: BaseException | None = None
        while self._completed != piece:
            try:
                self._requested = piece
                if self._begin.locked():
                    self._begin.release()
                if meanwhile is None:
                    self._end.acquire(timeout=WAIT_SECONDS)
                elif not self._end.acquire(timeout=MEANWHILE_SECONDS):
                    meanwhile()
            except KeyboardInterrupt as error:
                stop.value = 1
                interrupt = error
        stop.value = 0
        if interrupt is not None:
            raise interrupt
        if self._errors:
            raise self._errors[0]


def _closed() -> LockType:
    """A new lock, acquired: whoever acquires it next waits until it is released."""
    lock = allocate_lock()
    lock.acquire()
    return lock
