"""Python's collector of cycles, which waits while a text becomes an expression, a tape or code.

These make a hundred thousand tuples and no garbage, and the collector would walk all of them again
and again: a tenth of the time at 1,000 operations, more for longer texts. It walks them once
when it runs again, a microsecond an operation, and Ctrl-C is not heard meanwhile.
"""

from __future__ import annotations

import gc
import os
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager

WAITED_FOR = set[int]()  # the threads that have let it wait


@contextmanager
def collector_waits() -> Iterator[None]:
    """Keeps the collector from running inside; as a decorator, inside a call."""
    runs, thread = gc.isenabled(), get_ident()
    try:  # which begins before the collector stops, since Ctrl-C may come between
        if runs:
            WAITED_FOR.add(thread)
            gc.disable()
        yield
    finally:
        if runs:
            gc.enable()
            WAITED_FOR.discard(thread)


def _run_in_child() -> None:
    """Let it run in a child process, where the threads are gone for which it waited."""
    if WAITED_FOR:
        gc.enable()
        WAITED_FOR.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_run_in_child)
