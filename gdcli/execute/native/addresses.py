"""Where the numbers of an array lie in memory, for machine code."""

from __future__ import annotations

from ctypes import addressof, c_char
from typing import Any


def address(array: Any) -> int:
    """Where the first number of an array of float64 lies."""
    try:
        return addressof(c_char.from_buffer(array))  # a quarter of the time of the other
    except (TypeError, ValueError):  # it may not be written, or it is empty
        place: int = array.ctypes.data
        return place
