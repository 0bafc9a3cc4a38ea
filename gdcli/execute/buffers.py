"""Arrays that are used again: the memory behind long results, which a pool hands out once more.

New memory is slow at first touch: for a million numbers the system takes as long to hand it out as
an evaluation takes. What `empty` gives is a view of memory that the pool keeps too; once nobody
else refers to it, by that array or a part of it, the next array of its length is a view of it. So
whoever keeps an array keeps its numbers. Of one length at most MOST_BUFFERS are kept, of all
together at most MOST_KEPT_BYTES, the latest; but for the lengths of a `reusing` context, whatever
they weigh, until it ends. Threads share the pool: a buffer that one of them looks at is taken out
of it meanwhile.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_POOLED_NUMBERS = 1 << 13  # fewer, 64 kB, the system's own allocator hands out again
PAGE_NUMBERS = 1 << 18  # of a large page, 2 MB; NumPy asks the system for such for twice as many
MOST_BUFFERS = 12  # of a length: two points with their gradients, the best ones, a direction
MOST_KEPT_BYTES = 1 << 27  # the results of eight calls in a million variables are half of that

_pool: dict[int, deque[Any]] = {}  # by length, the one that was used last at the end
_reused: list[int] = []  # the lengths of the contexts that are open


def _references(held: list[Any]) -> int:
    """How many references there are to what is in a list.

    No variable has it, so a debugger that reads variables adds none.
    """
    return sys.getrefcount(held[0])


# Without Python's global lock a count of references is not exact, and other Pythons have none.
COUNTS_REFERENCES = hasattr(sys, "getrefcount") and getattr(sys, "_is_gil_enabled", lambda: True)()
GIVEN_UP = _references([object()]) if COUNTS_REFERENCES else 0


@contextmanager
def reusing(count: int) -> Iterator[None]:
    """A context in which arrays of so many numbers, or of twice as many, are used again."""
    lengths = (count, 2 * count)
    _reused.extend(lengths)
    try:
        yield
    finally:
        for length in lengths:
            _reused.remove(length)
        _trim()


def empty(count: int) -> NDArray[np.float64]:
    """An array of so many numbers, whatever they are; a long one begins with a page."""
    import numpy as np

    if count < LEAST_POOLED_NUMBERS or not COUNTS_REFERENCES:
        return np.empty(count)
    buffers = _pool.pop(count, None) or deque()  # and in again at the end, as the last used
    _pool[count] = buffers
    found = _given_up(buffers)
    if found is None:
        more = PAGE_NUMBERS if count >= 2 * PAGE_NUMBERS else 0
        try:
            found = np.empty(count + more)
        except MemoryError:
            _pool.clear()
            found = np.empty(count + more)
        buffers.append(found)
        _trim()
    else:
        buffers.append(found)
    first = -found.ctypes.data // 8 % PAGE_NUMBERS if len(found) > count else 0
    array: NDArray[np.float64] = found[first : first + count]
    return array


def maker(count: int) -> Callable[[int], NDArray[np.float64]]:
    """The quickest function that makes an array of so many numbers as `empty` does."""
    import numpy as np

    return np.empty if count < LEAST_POOLED_NUMBERS else empty


def _given_up(buffers: deque[Any]) -> Any:
    """A buffer that nobody refers to, taken out of these; None where there is none."""
    for _ in range(len(buffers)):
        try:
            held = [buffers.pop()]
        except IndexError:  # other threads have them
            return None
        if _references(held) == GIVEN_UP:
            return held[0]
        buffers.appendleft(held[0])
    return None


def _trim() -> None:
    """Lets go of what the pool must not keep; who has an array of it keeps that."""
    kept = 8 * sum(count * len(buffers) for count, buffers in [*_pool.items()])
    for count, buffers in [*_pool.items()]:
        if count in _reused:
            surplus = len(buffers) - MOST_BUFFERS
        else:
            over = -(-(kept - MOST_KEPT_BYTES) // (8 * count))
            surplus = max(len(buffers) - MOST_BUFFERS, min(over, len(buffers)))
        for _ in range(surplus):
            if buffers:
                buffers.popleft()
                kept -= 8 * count
        if not buffers:
            _pool.pop(count, None)
