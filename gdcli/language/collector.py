"""Python's collector of cycles, which waits while a text becomes an expression, a tape or code.

These make a hundred thousand tuples and no garbage, and the collector would walk all of them again
and again: a tenth of the time at 1,000 operations, more for longer texts.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_waits() -> Iterator[None]:
    """Keeps the collector from running inside; as a decorator, inside a call."""
    runs = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if runs:
            gc.enable()
