"""The numbers of long arrays as text, in blocks, so that no more texts than a block's are held.

Comes in: an array of float64, and how one number is written. Goes out: pieces of text, together the
characters of the numbers one by one. Each different number of a block is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, prod
from typing import TYPE_CHECKING

import numpy as np

from gdcli.report.number_format import TEXT_BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def blocks(
    array: NDArray[np.float64], separator: str, write: Callable[[float], str]
) -> Iterator[str]:
    """The numbers of an array, row by row, a text for each block with separators within it."""
    numbers = array.ravel()
    for first in range(0, len(numbers), TEXT_BLOCK):
        yield separator.join(_texts(numbers[first : first + TEXT_BLOCK], write))


def json_list(array: NDArray[np.float64]) -> Iterator[str]:
    """The array in JSON: lists of lists, with null for a number that is not finite."""
    shape = array.shape[1:]
    if not array.size:
        yield str(array.tolist())
        return
    count = TEXT_BLOCK // prod(shape)  # of entries that a block has
    before = "["
    for first in range(0, len(array), count or 1):
        yield before
        if count:
            yield _nested(array[first : first + count], shape)
        else:
            yield from json_list(array[first])
        before = ", "
    yield "]"


def _nested(block: NDArray[np.float64], shape: Sequence[int]) -> str:
    """The entries of a block, each a list of that shape, with commas between them."""
    found = _texts(block, lambda number: repr(number) if isfinite(number) else "null")
    for length in reversed(shape):
        starts = range(0, len(found), length)
        found = [f"[{', '.join(found[first : first + length])}]" for first in starts]
    return ", ".join(found)


def _texts(block: NDArray[np.float64], write: Callable[[float], str]) -> list[str]:
    """The text of each number of a block, row by row."""
    bits = np.ascontiguousarray(block, float).ravel().view(np.int64)  # which tell -0.0 from 0.0
    distinct, places = np.unique(bits, return_inverse=True)
    words = np.array([*map(write, distinct.view(np.float64).tolist())], dtype=object)
    found: list[str] = words[places.ravel()].tolist()
    return found
