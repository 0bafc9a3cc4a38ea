"""Arrays that are used again: within `reusing(n)` a new array of n or 2n numbers is an old one.

New memory is slow at first touch: for a million numbers the system takes as long to hand it out as
an evaluation takes. An array is given up once nobody refers to it, so that whoever keeps one, as
the rows of a trace do, keeps its numbers. Each thread has buffers of its own.
"""

from __future__ import annotations

import sys
from _thread import _local
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BUFFERS = 12  # that are looked at: two points with their gradients, the best ones, a direction

_thread = _local()


class _Buffers:
    """The arrays of `count` numbers that were handed out last."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._arrays: list[Any] = [object()]
        self._given_up = self._references(0)  # as many as there are to what only the list holds
        self._arrays.clear()

    def take(self) -> Any:
        import numpy as np

        for place in range(len(self._arrays)):
            if self._references(place) == self._given_up:
                return self._arrays[place]
        self._arrays.append(np.empty(self.count))
        if len(self._arrays) > MOST_BUFFERS:
            del self._arrays[0]
        return self._arrays[-1]

    def _references(self, place: int) -> int:
        return sys.getrefcount(self._arrays[place])


@contextmanager
def reusing(count: int) -> Iterator[None]:
    """A context in which this thread uses arrays of so many numbers, or of twice as many, again."""
    before = getattr(_thread, "buffers", {})
    counted = hasattr(sys, "getrefcount")
    _thread.buffers = {one: _Buffers(one) for one in (count, 2 * count) if counted}
    try:
        yield
    finally:
        _thread.buffers = before


def empty(count: int) -> NDArray[np.float64]:
    """An array of so many numbers, whatever they are."""
    buffers = getattr(_thread, "buffers", {}).get(count)
    if buffers is not None:
        array: NDArray[np.float64] = buffers.take()
        return array
    import numpy as np

    return np.empty(count)
