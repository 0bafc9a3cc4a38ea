"""One number as text: short in a cell, in full below a table, bare for a program.

`plain` reads back to the same double, the sign of zero included. `cell` and `full` are for
people: they drop the sign of a zero. JSON has no word for a number that is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

DIGITS = 7  # significant digits of a cell


def cell(value: float | None, digits: int = DIGITS) -> str:
    """`value` to `digits` significant digits; nothing for None."""
    return "" if value is None else format(value + 0.0, f".{digits}g")


def full(value: float | None) -> str:
    """The shortest text that reads back to `value`; nothing for None."""
    return "" if value is None else plain(value + 0.0)


def plain(value: float) -> str:
    """The shortest text that reads back to the same double, integers without `.0`."""
    return repr(value).removesuffix(".0")


def number_or_null(value: float | None) -> float | None:
    """`value`, or None where JSON could not hold it."""
    return value if value is not None and isfinite(value) else None


def number_row(values: Sequence[float]) -> list[float | None]:
    """`number_or_null` of each."""
    return [number_or_null(value) for value in values]


def counted(count: int, thing: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {thing}".replace(",", " ") + ("" if count == 1 else "s")
