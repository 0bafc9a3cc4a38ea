"""Things that a process makes once, however many threads ask for them at the same time."""

from __future__ import annotations

import os
from _thread import RLock
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class MadeOnce(Generic[Made]):
    """The function `make`, called once for the same arguments; threads wait while one makes it.

    `functools.cache` lets each of them make one of its own, and keeps the last.
    """

    def __init__(self, make: Callable[..., Made]) -> None:
        self.make = make
        self.made: dict[tuple[Any, ...], Made] = {}
        self._unlock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._unlock)

    def __call__(self, *given: Any) -> Made:
        if given not in self.made:
            with self._lock:
                if given not in self.made:
                    self.made[given] = self.make(*given)
        return self.made[given]

    def forget(self) -> None:
        self.made.clear()

    def _unlock(self) -> None:
        """Takes a new lock: a child process has not the thread that may hold the old one."""
        self._lock = RLock()
