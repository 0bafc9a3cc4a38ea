"""The outputs of a tape at many points, by machine code.

Comes in: the rows of an array, one point each. Goes out: the first output of each, and a row of the
others. Without loops eight points are the eight lanes of every operation, and a function of the C
library is called for each lane, so that the bits are those of one point alone; with loops one point
is evaluated after the other. Threads share large work by chunks of points, each with memory of its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import addressof, c_byte, c_int64, c_void_p
from typing import TYPE_CHECKING, Any

from gdcli.execute.native.addresses import address
from gdcli.execute.native.duration import ALONE_NANOSECONDS
from gdcli.execute.native.machine import Machine
from gdcli.execute.native.thread_pool import thread_pool
from gdcli.execute.thread_count import thread_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OPERATIONS_PER_POINT_CHUNK = 1 << 18  # of lanes some 20 microseconds, so that threads end together


class PointMap:
    """The function `map` of a machine, which takes `step` points at a time.

    `operations` are those of a point, `nanoseconds` about its time, `outputs` its other outputs.
    `memory` makes the frame and the scratch of a thread, as their addresses and what is to be kept
    with them; `data` are the addresses of the data arrays.
    """

    def __init__(
        self,
        machine: Machine,
        step: int,
        operations: int,
        nanoseconds: float,
        outputs: int,
        memory: Callable[[], tuple[int, int, Any]],
        data: list[int],
    ) -> None:
        pointers = [c_void_p] * (7 + len(data))
        self._function = machine.function("map", *pointers, c_int64, c_int64)
        self._step = step
        self._operations = operations
        self._nanoseconds = nanoseconds
        self._outputs = outputs
        self._memory = memory
        self._memories: list[tuple[int, int, Any]] = []
        self._data = data
        self._stop = c_byte(0)

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """The first outputs at rows of points, shape (m,), and the others, shape (m, outputs)."""
        import numpy as np

        count = len(points)
        first, others = np.empty(count), np.empty((count, self._outputs))
        whole = count - count % self._step
        if whole:
            self._run(points, first, others, whole)
        if whole < count:  # the rest, filled up with its last point
            last = points[whole:]
            filled = np.concatenate([last, np.repeat(last[-1:], self._step - len(last), axis=0)])
            values, rows = np.empty(self._step), np.empty((self._step, self._outputs))
            self._run(filled, values, rows, self._step)
            first[whole:], others[whole:] = values[: len(last)], rows[: len(last)]
        return first, others

    def _run(self, points: Array, first: Array, others: Array, count: int) -> None:
        size = OPERATIONS_PER_POINT_CHUNK // self._operations // self._step * self._step
        size = max(self._step, size)
        alone = count * self._nanoseconds < ALONE_NANOSECONDS
        threads = 1 if alone else min(thread_count(), -(-count // size))
        while len(self._memories) < threads:
            self._memories.append(self._memory())
        counter = c_int64(0)

        def take(thread: int) -> None:
            own = self._memories[thread][:2]
            where = (address(points), address(others), *own, addressof(self._stop), *self._data)
            self._function(*where, address(first), addressof(counter), count, size)

        if alone:
            take(0)
        else:
            thread_pool(threads).run(take, self._stop)
