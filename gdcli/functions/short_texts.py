"""Short texts: points and tables on a few lines, for the repr of what the library returns.

Comes in: names, numbers and rows of cells. Goes out: plain text, and for notebooks HTML. Of long
points and tables the first entries stand there, and how many more there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

MOST_SHOWN_COMPONENTS = 6  # of a point
MOST_SHOWN_ROWS = 20  # of a table: half of them the first, half the last


def point_text(names: Sequence[str], numbers: Sequence[Any]) -> str:
    """The point as `x = 1, y = 2`."""
    shown = zip(names[:MOST_SHOWN_COMPONENTS], numbers[:MOST_SHOWN_COMPONENTS], strict=True)
    point = ", ".join(f"{name} = {number_text(number)}" for name, number in shown)
    more = len(numbers) - MOST_SHOWN_COMPONENTS
    return f"{point}, ... ({more:,} more)" if more > 0 else point


def number_text(value: object) -> str:
    """A float with 7 digits, a count or a text as it is, nothing for None."""
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return f"{value:.7g}" if isfinite(value) else str(value)


def table_text(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows under the names of their columns, left-aligned."""
    lines = [columns, *_shown(columns, rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    texts = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(text.rstrip() for text in texts)


def table_html(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows as a table in HTML."""
    from html import escape

    tagged = [("th", columns), *(("td", row) for row in _shown(columns, rows))]
    lines = ("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) for tag, cells in tagged)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _shown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """The texts of the first and the last rows, with a row of dots for those between."""
    half = MOST_SHOWN_ROWS // 2
    long = len(rows) > MOST_SHOWN_ROWS
    kept = [*rows[:half], ["..."] * len(columns), *rows[-half:]] if long else rows
    return [list(map(number_text, row)) for row in kept]
