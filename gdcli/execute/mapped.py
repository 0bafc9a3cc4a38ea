"""Arrays that are mapped from files: passed over in parts, each let go when it has been read.

Comes in: arrays of equal length. Goes out: their parts in order. A page of a mapped file counts as
memory of the process once it is read; it can be let go and read again, so that data beyond memory
are passed over in little of it. Arrays that are not mapped are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

PASSED_ROWS = 65_536  # of a part, where whole columns are computed with
FAULT_BYTES = 1 << 17  # before a page that is read, which Linux maps with it
MAPPED_BYTES = 64_000_000  # of a part, where each takes a call of machine code


def mapped_file(array: Any) -> Any:
    """The mmap that holds the numbers of an array; None where there is none."""
    base = array
    while (under := getattr(base, "base", None)) is not None:
        base = under
    base = getattr(base, "obj", base)  # of a memoryview
    return base if type(base).__name__ == "mmap" else None


def let_go(arrays: Sequence[Any]) -> None:
    """Lets go the pages that hold the arrays, where they are mapped and the system can do so."""
    for array in arrays:
        file = mapped_file(array)
        if file is None or not len(array):
            continue
        import mmap

        if not hasattr(mmap, "MADV_DONTNEED"):
            return
        import numpy as np

        begin = array.ctypes.data - np.frombuffer(file, np.uint8).ctypes.data
        start = max(0, begin - FAULT_BYTES)
        start -= start % mmap.PAGESIZE
        file.madvise(mmap.MADV_DONTNEED, start, begin - start + array.nbytes)


def parts(arrays: Sequence[Any]) -> Iterator[list[Any]]:
    """The arrays, PASSED_ROWS rows at a time, which are let go when the next are asked for."""
    for start in range(0, len(arrays[0]), PASSED_ROWS):
        part = [array[start : start + PASSED_ROWS] for array in arrays]
        yield part
        let_go(part)


def large_parts(arrays: Sequence[Any]) -> list[list[Any]]:
    """The arrays, or where they are mapped parts of them of MAPPED_BYTES; nothing is let go."""
    rows = len(arrays[0])
    if any(mapped_file(array) is not None for array in arrays):
        rows = max(1, MAPPED_BYTES // (8 * len(arrays)))
    return [
        [array[start : start + rows] for array in arrays]
        for start in range(0, len(arrays[0]), rows or 1)
    ]


def thinned(arrays: Sequence[Any], most: int) -> list[Any]:
    """Arrays of at most so many rows of the arrays, evenly chosen."""
    import numpy as np

    step = -(-len(arrays[0]) // most)
    pieces = []
    for number, part in enumerate(parts(arrays)):
        first = -number * PASSED_ROWS % step  # of the rows 0, step, 2·step, ...
        pieces.append([array[first::step].copy() for array in part])
    return [np.concatenate(column) for column in zip(*pieces, strict=True)]
