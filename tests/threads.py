"""Threads that take turns as often as Python lets them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

THREADS = 4


def in_threads(work: Callable[[int], None]) -> None:
    """Calls `work` with 0, 1, 2, 3, each in a thread of its own, and waits for all."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    sys.setswitchinterval(interval)
