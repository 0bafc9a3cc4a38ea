"""A table that every format can write, each from the part that suits it: rows, bare text or data.

`gdcli show`, `compare` and `check` make one; the formats turn it into text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from gdcli.functions.short_texts import table_html, table_text
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.named_tuples import NamedTuple
from gdcli.report.graph import Graph
from gdcli.report.number_format import plain

Cell = str | float | None  # an int is a count, and shown in full


class Listing(NamedTuple):
    """A table with its data.

    `columns` and `rows` are the table, `summary` labelled values and `notes` sentences below it,
    `text` the bare lines, `content` the data. Of numbers in `coarse` columns a table shows few
    digits; where the listing is `verbatim` it is the text, where it is `numeric` its columns are
    aligned at the right. `message` says why there is no finite answer. `values` are the keys that
    lead to numbers in the data by names of their own. For a person a `heading` is a sentence above
    the table, and `table` has other columns and rows.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    text: str
    content: Mapping[str, Any]
    summary: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    coarse: tuple[str, ...] = ()
    message: str | None = None
    verbatim: bool = False
    graph: Graph | None = None
    numeric: bool = False
    values: Mapping[str, tuple[str, ...]] = NO_ENTRIES
    heading: str = ""
    table: tuple[tuple[str, ...], Sequence[tuple[Cell, ...]]] | None = None

    def __repr__(self) -> str:
        if not self.rows:
            return self.text
        lines = table_text(self.columns, self.rows), *(f"{a} = {b}" for a, b in self.summary)
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        """The rows as a table in HTML, for a notebook."""
        return table_html(self.columns, self.rows)


def bare(rows: Sequence[tuple[Cell, ...]]) -> str:
    """The rows as bare lines, with `nan` where there is no number, so that columns stay aligned."""
    return "".join(" ".join(map(_bare, row)) + "\n" for row in rows)


def _bare(entry: Cell) -> str:
    if isinstance(entry, str):
        return entry.replace(" ", "-")
    return plain(entry) if entry is not None and isfinite(entry) else "nan"
