"""Rows of many points from arrays: the text of one row with a mark for each number, filled in.

Comes in: how the text of an answer is written, and a block of answers. Goes out: the text that the
rows of these answers have one by one. The marks are texts that no name and no number holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdcli.derivatives.many_points import AnswerBlock

ROW_MARK = "\0{}\0"
ROW_MARKS = re.compile(r'"\\u0000(\d+)\\u0000"|\0(\d+)\0')  # as JSON has it, and as a text


class RowTemplate:
    """The text of a row whatever its numbers, and which number stands where.

    `write` gives the text of an answer, and of the number of its line in the file of points.
    """

    def __init__(self, write: Callable[[Any, Any], str], block: AnswerBlock) -> None:
        text = write(ROW_MARK.format(0), block.marked(ROW_MARK.format))
        marks = [*ROW_MARKS.finditer(text)]
        self.places = [int(mark[1] or mark[2]) for mark in marks]
        self.point = any(mark[1] for mark in marks)  # JSON's numbers keep the point of a float
        self.text = "%s".join(part.replace("%", "%%") for part in ROW_MARKS.split(text)[::3])

    def filled(self, lines: Sequence[int], block: AnswerBlock) -> str:
        """The rows of the answers, whose points stand on these lines."""
        columns = block.columns()
        texts: dict[int, Sequence[str]] = {0: [*map(str, lines)]}
        texts |= {place: self.texts(columns[place - 1]) for place in {*self.places} - {0}}
        fields = chain.from_iterable(zip(*[texts[place] for place in self.places], strict=True))
        return (self.text * len(lines)) % tuple(fields)

    def texts(self, column: Any) -> list[str]:
        """The texts of numbers: as `number_format.plain` has them, or with the point."""
        text = repr(column.tolist())[1:-1]
        if not self.point:
            text = f"{text}, ".replace(".0, ", ", ").removesuffix(", ")
        return text.split(", ")
