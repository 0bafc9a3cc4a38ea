"""Observations: the rows of data that a model is fitted to.

Comes in: data as `functions.data.arrays` takes them, the names that the text of a model has, and
which rows are wanted. Goes out: Observations, the columns of these rows, as lists of floats where
there are few and as arrays where there are many; and, with a RegressionModel, the Rows that
Residuals are evaluated on. Data are read block by block: rows that are not wanted are never kept,
and more columns than fit into memory are mapped from a temporary file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import compress
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, UsageError, brief, listed, visible
from gdcli.execute.mapped import parts
from gdcli.fitting.conditions import WHERE_SETTING, Conditions
from gdcli.fitting.residuals import Rows
from gdcli.functions.arguments import key_name
from gdcli.functions.array_tables import ArrayTable, frame_columns
from gdcli.functions.column_store import ColumnStore
from gdcli.functions.data import (
    ARRAY_SUFFIX,
    NamedColumns,
    array_table,
    column_setting,
    data_sources,
    missing_column,
    no_column,
    opened_table,
    places_of,
    read_array,
)
from gdcli.functions.tables import Table, TextTable, ends_with
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel
    from gdcli.functions.data import AnyTable, Block, DataSources
    from gdcli.functions.tables import Column, Places
    from gdcli.language.semantics.scopes import WholeNumbers
    from gdcli.language.syntax import Expression

MISSING = ("error", "drop")
MOST_SHOWN_DROPPED = 10


class Observations(NamedTuple):
    """Columns of m rows by name; a column of vectors of k numbers is a tuple of k columns.

    A column is a list of m floats, of many rows an array of shape (m,). `lengths` has every name,
    with k for a column of vectors and None for another. `numbers` are those of the rows in their
    file, from 1 below the names; None where they are 1 to m. Of the `dropped` rows, which had a
    missing value, `first_dropped` has at most ten numbers. `labels` has for a column of texts the
    labels that 1, 2, ... stand for. `headings` are those of all columns there are. `notes` are
    sentences on what was read as another thing than it says. `entries` has the heading of each
    column of a column of vectors, by `x[1]`.
    """

    columns: Mapping[str, Any]
    lengths: Mapping[str, int | None]
    numbers: Sequence[int] | None = None
    dropped: int = 0
    first_dropped: Sequence[int] = ()
    labels: Mapping[str, Sequence[str]] = NO_ENTRIES
    headings: Sequence[str] = ()
    source: str = ""
    notes: Sequence[str] = ()
    entries: Mapping[str, str] = NO_ENTRIES


def observations(
    data: DataSources,
    names: Collection[str],
    *,
    where: Sequence[str] = (),
    missing: str = "error",
    sigma: str | None = None,
    weights: str | None = None,
    subscripts: Collection[str] = (),
) -> Observations:
    """The columns that have one of `names`, and those of `sigma` and `weights`.

    The columns of the names in `subscripts`, which stand there, may have any texts. Of the rows for
    which every comparison of `where` holds, such as "x > 0" or 'group == "a"', and in which no
    column that is asked for is missing: such rows are an error, or, where `missing` is "drop", left
    out. Raises UsageError, which names the row and the column, for what is no number, and
    FileAccessError for a file that cannot be read.
    """
    table, source = _table(data)
    reading = _Reading(table, data.columns if isinstance(data, NamedColumns) else {})
    reading.wanted = {name: places for name in sorted(names) if (places := reading.find(name))}
    if not reading.wanted:
        raise reading.nothing_named(names)
    for argument, heading in (("sigma", sigma), ("weights", weights)):
        if heading is not None:
            what = Sentence("{}:", Setting(argument, brief(heading)))
            reading.wanted[heading] = (reading.one_column(what, heading),)
    table.subscripts = [place for name in subscripts for place in reading.wanted.get(name, ())]
    conditions = Conditions(where, reading.compared_column)
    reading.refuse_unused(conditions.places)
    return reading.read(conditions, missing == MISSING[1], source)


def new_observations(
    data: DataSources,
    headings: Mapping[str, str],
    beside: str | None = None,
    subscripts: Collection[str] = (),
) -> Observations:
    """The columns of new rows that a fitted model reads, of a vector each entry, such as `x[1]`.

    `headings` says what each was called in the data of the fit; a column with the name itself will
    do as well. The column `beside` them is read where it is there. Those of the names in
    `subscripts` may have any texts. Raises UsageError for a column
    that is not there, and for a row with a missing value.
    """
    table, source = _table(data)
    reading = _Reading(table, {})
    reading.missing_advice = ""
    found = {
        name: reading.headed(heading) or reading.find(name) for name, heading in headings.items()
    }
    for name, heading in headings.items():
        if len(found[name]) != 1:
            raise UsageError(f"{table.shown}: {missing_column(heading, [table])}")
    for name, (first, last) in table.spans.items() if isinstance(table, ArrayTable) else ():
        length = sum(first <= places[0] <= last for places in found.values())
        if length not in (0, last - first + 1):
            vectors = f"`{brief(name)}` has vectors of {last - first + 1} numbers"
            raise UsageError(f"{vectors}, in the model of {length}")
    if beside is not None and len(places := reading.headed(beside)) == 1:
        found[beside] = places
    if not found:  # a model without columns predicts the same for each row
        count = sum(block.count for block in table.blocks(()))
        return Observations({}, {}, range(1, count + 1))
    reading.wanted = found
    table.subscripts = [places[0] for name, places in found.items() if name in subscripts]
    return reading.read(Conditions((), reading.compared_column), False, source)


def _table(data: DataSources) -> tuple[AnyTable, str]:
    """The table that the data are, and its name without folders, if it is a file."""
    sources = data_sources(data)
    if all(isinstance(source, Mapping) for source in sources):
        columns: dict[str, Any] = {}
        for source in sources:
            for key, values in source.items():  # type: ignore[union-attr]
                if (name := key_name(key)) in columns:
                    raise UsageError(f"the data `{brief(name)}` are given twice")
                columns[name] = read_array(values) if isinstance(values, Table) else values
        return ArrayTable(columns, "the data"), ""
    if len(sources) > 1:
        raise UsageError("a model is fitted to one table, or to arrays by name; several are given")
    [source] = sources
    if not isinstance(source, Table):
        return ArrayTable(frame_columns(source), "the DataFrame"), ""
    name = Path(source).name if isinstance(source, str | Path) else ""
    if not ends_with(source, ARRAY_SUFFIX):
        return opened_table(source), name
    return array_table(source), name


def subscripting_columns(
    observed: Observations, right: Expression
) -> tuple[Observations, dict[str, WholeNumbers]]:
    """The observations, with texts numbered alike in all columns that subscript the same place of
    an array, and the numbers of the columns that stand in subscripts.

    `right` is the right side of a model. Raises UsageError for a number that is no whole one.
    """
    from gdcli.functions.subscript_columns import (
        numbered_texts,
        renumbered_column,
        sharing_columns,
        whole_numbers,
    )

    names = {name for group in sharing_columns(right, observed.columns) for name in group}
    columns, labels = dict(observed.columns), dict(observed.labels)
    shared = numbered_texts(right, {name: labels.get(name, ()) for name in names})
    for name, together in shared.items():
        if together != tuple(labels[name]):
            columns[name] = renumbered_column(columns[name], ["", *labels[name]], together)
            labels[name] = [*together]
    numbers = {
        name: whole_numbers(name, columns[name], shared.get(name, ()), observed.numbers)
        for name in sorted(names)
    }
    return observed._replace(columns=columns, labels=labels), numbers


class _Reading:
    """How the columns of a table are read: where those stand that are `wanted`, by name."""

    def __init__(self, table: AnyTable, asked: Mapping[str, str]) -> None:
        self.table = table
        self.asked = asked
        self.wanted: dict[str, Places] = {}
        advice = "; to leave such rows out: {}", Setting("missing", MISSING[1])
        self.missing_advice: str = Sentence(*advice)

    def find(self, name: str) -> Places:
        """The place of the column that has the name, or the first and last; none for another."""
        table = self.table
        if name in self.asked:
            if places := self.headed(self.asked[name]):
                return places
            raise no_column(name, self.asked[name], [table])
        if isinstance(table, ArrayTable) and name in table.spans:
            return table.spans[name]
        places = tuple(place for place, one in enumerate(table.names) if one == name)
        if len(places) > 1:
            table.refuse(f"there is more than one column {name}")
        return places

    def headed(self, heading: str) -> Places:
        spans = self.table.spans if isinstance(self.table, ArrayTable) else {}
        return spans.get(heading.strip()) or places_of(self.table, heading)

    def one_column(self, what: str, heading: str, advice: str = "") -> int:
        """The place of a column of numbers by its name or heading; an error begins with `what`."""
        places = self.find(heading) or self.headed(heading)
        if len(places) == 1:
            return places[0]
        why = "is a column of vectors" if places else "is no column of the data"
        known = f"`{brief(heading)}` {why}; the columns are {listed(self.table.titles)}"
        raise UsageError(Sentence("{} {}{}", what, known, advice))

    def compared_column(self, condition: str, name: str) -> int:
        """The place of a column of numbers or texts that a condition names."""
        what = Sentence("{} {}:", WHERE_SETTING, visible(condition))
        return self.one_column(what, name, "; a text stands in quotes")

    def refuse_unused(self, others: Collection[str]) -> None:
        """Raises UsageError for a name that was given to a column and is used by nothing."""
        for name in self.asked:
            if name not in self.wanted and name not in others:
                setting = column_setting(name, self.asked[name])
                raise UsageError(Sentence("{}: the model has no name {}", setting, brief(name)))

    def nothing_named(self, names: Collection[str]) -> UsageError:
        """The error for a table of which a model names no column."""
        table = self.table
        what = f"{table.shown} has the columns {listed(table.titles)}; the model names none of them"
        known = f"(its names: {listed(sorted(names)) or 'none'})"
        if table.has_header:
            return UsageError(f"{what} {known}")
        setting = Setting("columns", "column1", (min(names, default="x"),))
        first = "its first line has numbers; name the columns there, or so: {}"
        return UsageError(Sentence("{} {}; " + first, what, known, setting))

    def read(self, conditions: Conditions, drop: bool, source: str) -> Observations:
        """The rows that are wanted."""
        table = self.table
        needed = sorted({place for places in self.wanted.values() for place in _within(places)})
        looked = sorted({*needed, *conditions.places.values()})
        if isinstance(table, ArrayTable) and not table.is_short and not conditions.places:
            plain = table.as_they_are(needed)
            if plain is not None:
                places = dict(zip(needed, plain, strict=True))
                return self._observed(places, None, [], 0, source, {})
        if isinstance(table, TextTable):
            table.drops_missing = drop
        numbered = drop or bool(conditions.places)
        most_rows = None if table.is_short else table.most_rows()
        dropped: list[int] = []
        with ColumnStore(len(needed) + numbered, most_rows, table.shown) as store:
            rows = count = 0
            for block in table.blocks(looked, mixed=True):
                rows += block.count
                columns, numbers, gone = self._chosen(block, looked, conditions, drop)
                count += len(gone)
                dropped += gone[: MOST_SHOWN_DROPPED - len(dropped)]
                kept = [columns[looked.index(place)] for place in needed]
                if numbered and most_rows is not None:
                    import numpy as np

                    numbers = np.asarray(numbers, np.int64).view(float)  # their bits are kept
                store.add([*kept, numbers] if numbered else kept)
            if not store.count:
                self._refuse_nothing(rows, count, conditions)
            labels = {}
            for k, place in enumerate(needed):
                if place in table.labels:
                    labels[place] = store.recode(k, [*table.labels[place].numbers])
            found = store.columns()
            stored = dict(zip(needed, found[: len(needed)], strict=True))
            numbers = found[-1] if numbered and store.count < rows else None
            return self._observed(stored, numbers, dropped, count, source, labels)

    def _chosen(
        self, block: Block, looked: Sequence[int], conditions: Conditions, drop: bool
    ) -> tuple[list[Column], Any, list[int]]:
        """The columns of the rows of a block that are wanted, their numbers, and dropped ones."""
        chosen = conditions.chosen(block, self.table) if conditions.places else None
        columns = block.columns(looked, chosen)
        if isinstance(columns[0], list):
            rows = [*range(block.count)] if chosen is None else [*chosen]
            missing = [any(map(isnan, row)) for row in zip(*columns, strict=True)]
            gone = [*compress(rows, missing)]
            if gone:
                good = [not one for one in missing]
                kept, rows = [[*compress(one, good)] for one in columns], [*compress(rows, good)]
            numbers: Any = [block.first + row for row in rows]
        else:
            import numpy as np

            places = np.arange(block.count) if chosen is None else chosen
            lacking = np.logical_or.reduce([np.isnan(column) for column in columns])
            gone = places[lacking].tolist()
            if gone:
                kept, places = [column[~lacking] for column in columns], places[~lacking]
            numbers = block.first + places
        if gone and not drop:
            at = [*chosen].index(gone[0]) if chosen is not None else gone[0]
            titles = zip(looked, columns, strict=True)
            title = next(self.table.titles[k] for k, column in titles if column[at] != column[at])
            self._refuse_missing(block.place(gone[0]), title)
        return kept if gone else columns, numbers, [block.first + row for row in gone]

    def _refuse_missing(self, place: str, title: str) -> None:
        parts = self.table.shown, place, brief(title), self.missing_advice
        raise UsageError(Sentence("{}: {}, {}: the value is missing{}", *parts))

    def _refuse_nothing(self, rows: int, dropped: int, conditions: Conditions) -> None:
        if dropped:
            self.table.refuse(f"no row is left: in each of {dropped:,} a value is missing")
        what = "{}: no row is left: of {} none is chosen by {}{}"
        hint = conditions.hint(self.table)
        raise UsageError(Sentence(what, self.table.shown, f"{rows:,}", WHERE_SETTING, hint))

    def _observed(
        self,
        columns: Mapping[int, Column],
        numbers: Any,
        dropped: Sequence[int],
        count: int,
        source: str,
        labels: Mapping[int, Sequence[str]],
    ) -> Observations:
        found: dict[str, Any] = {}
        lengths: dict[str, int | None] = {}
        notes, of_names = [], {}
        for name, places in self.wanted.items():
            vectors = len(places) > 1
            entries = tuple(columns[place] for place in _within(places))
            found[name] = entries if vectors else entries[0]
            lengths[name] = len(entries) if vectors else None
            if not vectors and places[0] in labels:
                of_names[name] = labels[places[0]]
            if not vectors and _is_constant(entries[0]):
                texts = of_names.get(name)
                value = f"`{brief(texts[0])}`" if texts else f"{float(entries[0][0]):.7g}"
                notes.append(f"{brief(name)} is {value} in every row")
        if numbers is not None and not isinstance(numbers, list):
            numbers = numbers.view("int64")
        return Observations(
            found, lengths, numbers, count, dropped, of_names, self.table.titles, source, notes,
            {f"{name}[{k}]": self.table.titles[place] for name, places in self.wanted.items()
             if len(places) > 1 for k, place in enumerate(_within(places), 1)},
        )  # fmt: skip


def _within(places: Places) -> range:
    return range(places[0], places[-1] + 1)


def _is_constant(column: Column) -> bool:
    """Whether a column of two rows or more has one number."""
    first, rows = column[0], len(column)
    if isinstance(column, list):
        return rows > 1 and all(one == first for one in column)
    return rows > 1 and all((part == first).all() for [part] in parts([column]))


def rows_of(
    model: RegressionModel,
    observed: Observations,
    sigma: str | None = None,
    weights: str | None = None,
) -> Rows:
    """The Rows of a model: its columns, its response, and weights 1/σ², or weights as given.

    Raises UsageError, which names the row, for a response that is no finite number, and for a σ or
    a weight that is not positive. A row of weight 0 does not count.
    """
    flat: list[Any] = []
    for name in model.columns:
        column = observed.columns[name]
        flat += column if isinstance(column, tuple) else [column]
    response = observed.columns.get(model.response)
    if response is None:
        left = model.left
        response = _computed(
            [observed.columns[name] for name in left.variables],
            lambda row: left.evaluate([*row]),
            left.evaluate_grid,
            lambda k, row: f"{_row(observed, k)}: {left.failure(row) or 'no finite number'}",
        )
    given, weight = sigma or weights, None
    if given is not None:
        weight = observed.columns[given]
        refuse_not_positive(weight, given, observed, zeros=sigma is None)
        if next(_places(weight, lambda part: part > 0.0), None) is None:
            raise UsageError(f"{brief(given)}: all weights are 0, so that no row counts")
        if sigma is not None:
            weight = _computed(
                [weight],
                lambda row: 1.0 / row[0] / row[0],
                lambda columns: 1.0 / columns[0] / columns[0],
                lambda k, row: f"{_row(observed, k)}, {brief(given)}: 1/{row[0]!r}^2 is infinite",
            )
    rows = Rows(flat, response, weight, sigma is not None, observed.numbers)
    has_zeros = weight is not None and next(_places(weight, lambda part: part == 0.0), -1) >= 0
    return _counting(rows, weight) if has_zeros else rows


def _counting(rows: Rows, weights: Column) -> Rows:
    """The rows whose weight is not 0."""
    kept = [*_places(weights, lambda part: part != 0.0)]
    found = rows.each(lambda one: [one[k] for k in kept] if isinstance(one, list) else one[kept])
    return found._replace(numbers=[*map(rows.number, kept)])


def refuse_not_positive(column: Column, name: str, observed: Observations, zeros: bool) -> None:
    """Raises UsageError for a σ that is not positive; of weights `zeros` may stand for rows that do
    not count."""
    if name in observed.labels:
        raise UsageError(f"{brief(name)} is a column of texts, not of numbers")
    wrong = _places(column, lambda part: part < 0.0 if zeros else part <= 0.0)
    if (place := next(wrong, None)) is not None:
        what = f"`{float(column[place]):.7g}` is " + ("negative" if zeros else "not positive")
        raise UsageError(f"{_row(observed, place)}, {brief(name)}: {what}")


def _places(column: Column, which: Callable[[Any], Any]) -> Iterator[int]:
    """The places in a column of the numbers for which `which` is true."""
    if isinstance(column, list):
        yield from compress(range(len(column)), map(which, column))
        return
    first = 0
    for [part] in parts([column]):
        yield from (first + which(part).nonzero()[0]).tolist()
        first += len(part)


def _row(observed: Observations, place: int) -> str:
    numbers = observed.numbers
    return f"row {place + 1 if numbers is None else numbers[place]}"


def _computed(
    columns: Sequence[Column],
    of_row: Callable[[Sequence[float]], float],
    of_arrays: Callable[[Sequence[Any]], Any],
    message: Callable[[int, list[float]], str],
) -> Column:
    """A column that is computed of others, row by row or from arrays block by block.

    Raises UsageError with the message on the first row where it is no finite number.
    """
    if isinstance(columns[0], list):
        found = [of_row(row) for row in zip(*columns, strict=True)]
        for place, value in enumerate(found):
            if not isfinite(value):
                raise UsageError(message(place, [column[place] for column in columns]))
        return found
    import numpy as np

    with ColumnStore(1, len(columns[0]), "what is computed of the data") as store:
        for part in parts(columns):
            with np.errstate(all="ignore"):
                block = of_arrays(part)
            wrong = np.flatnonzero(~np.isfinite(block))
            if len(wrong):
                row = [float(column[wrong[0]]) for column in part]
                raise UsageError(message(store.count + int(wrong[0]), row))
            store.add([block])
        [computed] = store.columns()
        return computed
