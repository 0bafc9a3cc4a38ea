"""Text wrapped into lines of a given width, by the widths of its letters.

Comes in: phrases, each to stay on one line if it can. A figure has no room for a line that is too
long: it would be cut off at the edge of the paper, or lie on its neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence

POINTS_PER_INCH = 72
LINE_ELLIPSIS = " ..."
NAME_ELLIPSIS = "…"
LONGEST_NAME = 24  # in letters


def wrapped(phrases: Sequence[str], inches: float, size: float, most: int) -> list[str]:
    """At most `most` lines, `inches` wide, of the phrases in letters of `size` points.

    A phrase longer than a line is broken anywhere; where lines are left out the last one ends in
    three dots.
    """
    lines: list[str] = []
    for phrase in phrases:
        joined = f"{lines[-1]} {phrase}" if lines else phrase
        if lines and width(joined, size) <= inches:
            lines[-1] = joined
            continue
        while len(part := fitting(phrase, inches, size)) < len(phrase):
            lines.append(part)
            phrase = phrase[len(part) :]
        lines.append(phrase)
    if len(lines) > most:
        last = fitting(lines[most - 1], inches - width(LINE_ELLIPSIS, size), size)
        lines[most - 1 :] = [last + LINE_ELLIPSIS]
    return [line.strip() for line in lines]


def fitting(text: str, inches: float, size: float) -> str:
    """The beginning of a text that is no wider than `inches`, one letter at least."""
    if width(text, size) <= inches:
        return text
    few, many = 1, len(text)  # few fit, or are the least; many do not
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if width(text[:middle], size) <= inches else (few, middle)
    return text[:few]


def width(text: str, size: float) -> float:
    """The width in inches of a text in letters of `size` points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size)
    points: float = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return points / POINTS_PER_INCH


def name(text: str) -> str:
    """The name of a variable, or the beginning of a long one."""
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + NAME_ELLIPSIS
