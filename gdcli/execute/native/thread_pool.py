"""Threads that run machine code together while the main thread waits for them.

A call of machine code releases Python's lock, so the threads run at the same time. The thread that
waits can be interrupted: on Ctrl-C it sets the byte that every block of every loop reads, and
raises KeyboardInterrupt once all threads have come back.

Only the main thread is ever interrupted, and that may happen between any two of its steps. So it
signals to one thread alone, the coordinator, and each of its signals may be repeated.

A processor that another process keeps busy may leave a worker asleep for milliseconds. So nobody
waits for a worker that has not begun: the coordinator takes chunks until none is left, and then
waits only for workers in the midst of a chunk. A worker that wakes later finds the work closed, and
touches nothing of it.
"""

from __future__ import annotations

import os
from _thread import LockType, allocate_lock, start_new_thread
from collections.abc import Callable
from ctypes import c_byte
from functools import partial

from gdcli.execute.native.made_once import MadeOnce

WAIT_SECONDS = 1.0  # after which the main thread repeats its signal
MEANWHILE_SECONDS = 0.01  # in which machine code reads some 100 MB


@MadeOnce
def thread_pool(size: int) -> ThreadPool:
    """The pool of that size; its threads wait for work until the program ends."""
    return ThreadPool(size)


if hasattr(os, "register_at_fork"):  # a child process has none of the threads
    os.register_at_fork(after_in_child=thread_pool.forget)


class _Request:
    """What the main thread asks of the coordinator, and whether that has ended."""

    __slots__ = ("ended", "errors", "stop", "work")

    def __init__(self, work: Callable[[], object], stop: c_byte) -> None:
        self.work: Callable[[], object] | None = work
        self.stop = stop
        self.ended = False
        self.errors: list[BaseException] = []


class _SharedWork:
    """Work that threads enter while chunks of it are left; once it is closed nobody may."""

    def __init__(self, take: Callable[[int], object], errors: list[BaseException]) -> None:
        self._take, self._errors = take, errors
        self._guard, self._left = allocate_lock(), _closed()
        self._is_closed = False
        self._inside = 0  # how many workers are in it

    def enter(self, number: int) -> None:
        """Takes chunks, unless the work is closed."""
        with self._guard:
            if self._is_closed:
                return
            self._inside += 1
        self.take(number)
        with self._guard:
            self._inside -= 1
            if self._is_closed and not self._inside:
                self._left.release()

    def take(self, number: int) -> None:
        try:
            self._take(number)
        except BaseException as error:
            self._errors.append(error)

    def close(self) -> None:
        """Closes the work, and waits for the workers that are in it."""
        with self._guard:
            self._is_closed = True
            occupied = self._inside > 0
        if occupied:
            self._left.acquire()


class ThreadPool:
    """A coordinator and `size` - 1 workers, which do one piece of work at a time together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._in_use = allocate_lock()
        # Signals between the main thread and the coordinator.
        self._begin, self._end = _closed(), _closed()
        self._request: _Request | None = None
        self._errors: list[BaseException] = []  # of what the coordinator does
        self._shared: _SharedWork | None = None
        self._workers = [(number, _closed()) for number in range(1, size)]
        start_new_thread(self._run_coordinator, ())
        for worker in self._workers:
            start_new_thread(self._run_worker, worker)

    def _run_coordinator(self) -> None:
        while True:
            self._begin.acquire()
            request = self._request
            if request is None or request.work is None:
                continue
            self._errors = request.errors
            try:
                request.work()
            except BaseException as error:
                self._errors.append(error)
            request.work = None  # which holds arrays of the caller
            request.stop.value = 0
            request.ended = True
            if self._end.locked():
                self._end.release()

    def _run_worker(self, number: int, begin: LockType) -> None:
        while True:
            begin.acquire()
            shared = self._shared
            if shared is not None:
                shared.enter(number)
            del shared

    def share(self, take: Callable[[int], object]) -> None:
        """Calls `take` in this thread, the coordinator, and in the workers that come in time.

        `take` is given the number of its thread, 0 that of the coordinator, and returns once no
        chunk is left to be taken. No call of it is running any more when this returns.
        """
        shared = self._shared = _SharedWork(take, self._errors)
        for _, begin in self._workers:
            if begin.locked():  # else the worker has not woken yet since it was last asked
                begin.release()
        shared.take(0)
        self._shared = None
        shared.close()

    def coordinate(
        self,
        work: Callable[[], object],
        stop: c_byte,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Has the coordinator call `work`, which may `share` parts of it; returns when it has.

        `meanwhile` is called every MEANWHILE_SECONDS until then. `stop` is set to 1 on an
        interrupt, so that the work ends soon, and to 0 afterwards. Raises the first error of a
        thread; after an interrupt what that raised, KeyboardInterrupt or what a signal's handler
        of the user raises.
        """
        with self._in_use:
            self._coordinate(_Request(work, stop), meanwhile)

    def run(
        self,
        take: Callable[[int], object],
        stop: c_byte,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Has the coordinator `share` the work; all else is as in `coordinate`."""
        self.coordinate(partial(self.share, take), stop, meanwhile)

    def _coordinate(self, request: _Request, meanwhile: Callable[[], object] | None) -> None:
        # A storm of interrupts may have ended a call too early, which leaves 1 here, or leaves its
        # work going on: the coordinator takes up this request after it.
        request.stop.value = 0
        interrupt: BaseException | None = None
        while not request.ended:
            try:  # an interrupt may come where the one before has just been noted
                while not request.ended:
                    try:
                        self._request = request
                        if self._begin.locked():
                            self._begin.release()
                        if meanwhile is None:
                            self._end.acquire(timeout=WAIT_SECONDS)
                        elif not self._end.acquire(timeout=MEANWHILE_SECONDS):
                            meanwhile()
                    except BaseException as error:
                        request.stop.value = 1
                        interrupt = error
            except BaseException as error:
                request.stop.value = 1
                interrupt = error
        request.stop.value = 0
        if interrupt is not None:
            raise interrupt
        if request.errors:
            raise request.errors[0]


def _closed() -> LockType:
    """A new lock, acquired: whoever acquires it next waits until it is released."""
    lock = allocate_lock()
    lock.acquire()
    return lock
