"""New rows with their predictions, before a format writes them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from gdcli.functions.tables import NUMBER_PATTERN
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.report.view import PredictionView

OWN_VALUES = 3  # of a row: its prediction, and the ends of the interval of that
LONGEST_COUNT = 15  # digits of a whole number that is written as one


class PredictedRow(NamedTuple):
    """The texts of a new row, and the numbers and labels that are added to them."""

    cells: Sequence[str]
    values: Sequence[float | str]

    @property
    def status(self) -> str:
        return "ok" if is_defined(self.values) else "undefined"

    def by_column(self, view: PredictionView) -> dict[str, float | str | None]:
        """The cells, as numbers where they write one, and the predictions, by column."""
        cells = zip(view.headings, map(typed, self.cells), strict=True)
        return {**dict(cells), **dict(zip(view.added, self.values, strict=True))}


def is_defined(values: Sequence[float | str]) -> bool:
    """Whether a prediction is a label or a finite number, and the ends of its interval are finite.

    The ends of the interval of a new response may not be: one of weight 0 has none.
    """
    return all(isinstance(one, str) or isfinite(one) for one in values[:OWN_VALUES])


def typed(text: str) -> float | str | None:
    """The cell of a table as a number where it writes one, None where it is empty."""
    text = text.strip()
    if not NUMBER_PATTERN.fullmatch(text):
        return text or None
    return int(text) if text.isdecimal() and len(text) <= LONGEST_COUNT else float(text)
