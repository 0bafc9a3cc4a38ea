"""Conditions on rows: which rows of data a model is fitted to.

Comes in: texts such as `x > 0` or `group == "a"`, and where the columns of a table stand. Goes out:
Conditions, which choose among the rows of a block those for which every one of the texts holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, UsageError, brief, listed, visible
from gdcli.functions.comparisons import COMPARISONS, ComparisonReader, WrittenComparison
from gdcli.language.lexer import normalised
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.functions.data import AnyTable, Block
    from gdcli.functions.tables import Column

WHERE_SETTING = Setting("where")
TEXT_PATTERN = re.compile(r"""\s*([^\s"'<>=!]+)\s*([<>=!]=?)\s*("[^"]*"|'[^']*')\s*""")
WHERE_EXAMPLES = "x > 0", 'group == "a"'


class TextCondition(NamedTuple):
    """A comparison of a column of labels with one: `sign` is == or !=."""

    column: str
    sign: str
    label: str


class Conditions:
    """The conditions that all hold for a row.

    `place` answers with the place in the table of a column by its name; it is told the text as
    well, which its UsageError quotes where there is none. `places` has those of all columns that
    occur. Raises UsageError for a text that is no condition.
    """

    def __init__(self, texts: Sequence[str], place: Callable[[str, str], int]) -> None:
        self.places: dict[str, int] = {}
        self._place = place
        self._numbers: list[WrittenComparison] = []
        self._texts: list[TextCondition] = []
        reader = ComparisonReader(WHERE_SETTING, WHERE_EXAMPLES[0], self._known)
        for text in texts:
            if '"' in text or "'" in text:
                self._texts.append(self._of_text(text))
                continue
            compared = reader.read(text)
            if not compared.names:
                raise reader.refused(text, "it names no column")
            self._numbers.append(compared)

    def _known(self, text: str, names: Collection[str]) -> Sequence[str]:
        for name in sorted(names):
            self.places[name] = self._place(text, name)
        return sorted(names)

    def _of_text(self, text: str) -> TextCondition:
        found = TEXT_PATTERN.fullmatch(text)
        if found is None or found[2] not in ("==", "!="):
            what = f"a column of texts is compared with == or !=, as in {WHERE_EXAMPLES[1]}"
            raise UsageError(Sentence("{} {}: {}", WHERE_SETTING, visible(text), what))
        [name] = self._known(text, [normalised(found[1])])
        return TextCondition(name, found[2], found[3][1:-1].strip())

    def chosen(self, block: Block, table: AnyTable) -> Any:
        """The places in a block of the rows for which all hold: a list, or an array of arrays.

        A row where a value is missing is chosen, since nobody knows. Raises UsageError, which names
        the row, where a side of a comparison has no finite number.
        """
        columns = block.columns([*self.places.values()])
        values = dict(zip(self.places, columns, strict=True))
        held = [self._text_holds(one, values[one.column], table) for one in self._texts]
        held += [self._number_holds(one, values, block, table) for one in self._numbers]
        if isinstance(columns[0], list):
            return [
                row
                for row, numbers in enumerate(zip(*columns, strict=True))
                if all(one[row] for one in held) or any(map(isnan, numbers))
            ]
        import numpy as np

        missing = [np.isnan(column) for column in columns]
        return np.flatnonzero(np.logical_or.reduce([np.logical_and.reduce(held), *missing]))

    def _text_holds(self, condition: TextCondition, column: Column, table: AnyTable) -> Any:
        """Whether the condition holds, for each row."""
        labels = table.labels.get(self.places[condition.column])
        if labels is None and not all(map(isnan, column)):
            what = f"`{brief(condition.column)}` is a column of numbers, which have no quotes"
            raise UsageError(Sentence("{}: {}", WHERE_SETTING, what))
        number = -1.0 if labels is None else labels.numbers.get(condition.label, -1.0)
        compare = COMPARISONS[condition.sign]
        if isinstance(column, list):
            return [compare(one, number) for one in column]
        return compare(column, number)

    def _number_holds(
        self,
        compared: WrittenComparison,
        values: Mapping[str, Column],
        block: Block,
        table: AnyTable,
    ) -> Any:
        """Whether the comparison holds, for each row."""
        names = sorted(compared.names)
        for name in names:
            if (labels := table.labels.get(self.places[name])) is not None:
                example = f'{name} == "{brief(next(iter(labels.numbers)))}"'
                what = f"`{brief(name)}` is a column of texts; write {example}"
                raise UsageError(Sentence("{}: {}", WHERE_SETTING, what))
        columns = [values[name] for name in names]
        sides = compared.left.function, compared.right.function
        if isinstance(columns[0], list):
            held = []
            for place, row in enumerate(map(list, zip(*columns, strict=True))):
                left, right = (side.evaluate(row) for side in sides)
                if not (isfinite(left) and isfinite(right)) and all(map(isfinite, row)):
                    self._refuse(compared, row, table, block.place(place))
                held.append(compared.holds(left, right))
            return held
        import numpy as np

        rows = len(columns[0])
        with np.errstate(all="ignore"):
            one, other = (np.broadcast_to(side.evaluate_grid(columns), rows) for side in sides)
            known = np.logical_and.reduce([np.isfinite(column) for column in columns])
            wrong = np.flatnonzero(known & ~(np.isfinite(one) & np.isfinite(other)))
            if len(wrong):
                row = [float(column[wrong[0]]) for column in columns]
                self._refuse(compared, row, table, block.place(int(wrong[0])))
            return COMPARISONS[compared.sign](one, other)

    def _refuse(
        self, compared: WrittenComparison, row: list[float], table: AnyTable, place: str
    ) -> None:
        failures = (side.function.failure(row) for side in (compared.left, compared.right))
        why = next(filter(None, failures), "a side has no finite number")
        parts = table.shown, place, WHERE_SETTING, visible(compared.name), why
        raise UsageError(Sentence("{}: {}, {} {}: {}", *parts))

    def hint(self, table: AnyTable) -> str:
        """What the texts of a column are, where a condition asks for another; else nothing."""
        for one in self._texts:
            labels = table.labels.get(self.places[one.column])
            if labels is not None and one.label not in labels.numbers:
                return f"; the texts of {brief(one.column)} are {listed(sorted(labels.numbers))}"
        return ""
