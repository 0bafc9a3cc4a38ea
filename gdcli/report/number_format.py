"""Numbers as text: short in a cell, in full below a table, bare for a program.

`plain` reads back to the same double, the sign of zero included. `cell` and `full` are for people:
they drop the sign of a zero. A number that is a text already stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from gdcli.errors import count_of

if TYPE_CHECKING:
    from typing import TypeGuard

    import numpy as np
    from numpy.typing import NDArray

PrintableNumber = float | str  # a text holds a fraction, or more digits than a float
CELL_DIGITS = 7  # significant digits of a cell
EXACT_DIGITS = 17  # significant digits that tell any two doubles apart
MOST_COMPONENTS = 12  # components that are all shown
LEADING_COMPONENTS = 4  # of more components these are shown, and the last
TEXT_BLOCK = 1 << 14  # of a long row, whose texts are made at once


def cell(value: PrintableNumber | None, digits: int = CELL_DIGITS) -> str:
    """The number to so many significant digits; "" for None, a text as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    return format(value + 0.0, f".{digits}g")


def distinct(values: Sequence[float], digits: int) -> list[str]:
    """The numbers beside a scale, in the fewest digits, at least `digits`, that tell them apart.

    An exponent stands only where it makes a text shorter.
    """
    different = len(set(values))
    while True:
        texts = [cell(value, digits) for value in values]
        if len(set(texts)) >= different or digits >= EXACT_DIGITS:
            return [min(text, cell(float(text), EXACT_DIGITS), key=len) for text in texts]
        digits += 1


def full(value: PrintableNumber | None) -> str:
    """The shortest text that reads back to the number; "" for None, a text as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    return plain(value + 0.0)


def plain(value: PrintableNumber) -> str:
    """The shortest text that reads back to the same double; an integer has no `.0`."""
    return value if isinstance(value, str) else repr(float(value)).removesuffix(".0")


def number_or_null(value: PrintableNumber | None) -> PrintableNumber | None:
    """The value, or None for a number that is not finite, which JSON cannot hold."""
    return value if isinstance(value, str) or (value is not None and isfinite(value)) else None


def number_row(values: Sequence[PrintableNumber | None]) -> list[PrintableNumber | None]:
    """The values as a list, with None for each number that is not finite."""
    return [
        value if type(value) is float and value - value == 0.0 else number_or_null(value)
        for value in numbers(values)
    ]


def is_array(values: object) -> TypeGuard[NDArray[np.float64]]:
    """Whether the values are an array of NumPy, as those of a long point are."""
    return hasattr(values, "tolist")


def numbers(values: Sequence[PrintableNumber | None]) -> Sequence[PrintableNumber | None]:
    """The values, as Python's own numbers where they are an array."""
    listed: Sequence[PrintableNumber | None] = (
        values.tolist() if hasattr(values, "tolist") else values
    )
    return listed


def counted(count: int, thing: str) -> str:
    """A count with its noun: `1 row`, `2 rows`, `12 345 rows`."""
    return f"{count:,}".replace(",", " ") + count_of(count, thing).removeprefix(str(count))


def point(values: Sequence[PrintableNumber | None]) -> str:
    """A point in full, as `(1, 2.5)`; of many components the first and the last."""
    count = len(values)
    if count > MOST_COMPONENTS:
        values = [*numbers(values[:LEADING_COMPONENTS]), "…", *numbers(values[-1:])]
    return "(" + ", ".join(map(full, values)) + ")"


def shown_indices(count: int) -> Sequence[int]:
    """The indices of the components that are shown: all, or of many the first and the last."""
    return range(count) if count <= MOST_COMPONENTS else [*range(LEADING_COMPONENTS), count - 1]


def elided(cells: Sequence[str], count: int) -> list[str]:
    """The cells of the components that are shown, with `…` for those left out of `count`."""
    return (
        [*cells[:LEADING_COMPONENTS], "…", *cells[LEADING_COMPONENTS:]]
        if count > MOST_COMPONENTS
        else list(cells)
    )


def defined(value: PrintableNumber | None, written: Callable[[PrintableNumber], str] = cell) -> str:
    """The number as `written` writes it, or `undefined` where it is none or not finite."""
    return "undefined" if number_or_null(value) is None else written(value or 0.0)
