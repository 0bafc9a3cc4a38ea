"""Tables of arrays: the columns of a DataFrame, of a mapping, of an `.npy` and of a Parquet file.

Comes in: such a table, and the places of the columns that are wanted. Goes out: blocks of rows in
their order, as a TextTable gives them: columns of floats, labels by number, nan where a value is
missing. Parquet is read by pyarrow, row by row group; NumPy is imported for arrays only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gdcli.errors import UsageError, brief, missing_library
from gdcli.functions.arguments import has_length, key_name
from gdcli.functions.doubles import double, doubles
from gdcli.functions.input_files import opened
from gdcli.functions.tables import (
    MISSING_CELLS,
    MOST_SUBSCRIPT_TEXTS,
    Labels,
    NumberBlock,
    is_name,
)
from gdcli.language.lexer import normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARQUET_SUFFIX = ".parquet"
PARQUET_LIBRARY = "pyarrow"
FEW_ROWS = 5_000  # of which lists are made, not arrays
TABLE_BLOCK_ROWS = 65_536
MISSING_TYPES = ("NoneType", "NAType", "NaTType", "MaskedConstant")  # by name: pandas is not loaded


class ArrayTable:
    """A table of columns in memory or mapped; `titles` are their headings, and `names` names.

    A column of vectors stands in as many columns as the vectors have entries, whose first and last
    places are in `spans`.
    """

    has_header = True

    def __init__(self, columns: Mapping[str, Any], shown: str) -> None:
        self.shown = shown
        self.labels: dict[int, Labels] = {}
        self.subscripts: Collection[int] = ()  # places of columns with any texts
        self.spans: dict[str, tuple[int, int]] = {}
        self.titles: list[str] = []
        self._columns: list[Any] = []
        for title, values in columns.items():
            if getattr(values, "ndim", 1) == 2 or _has_rows(values):
                import numpy as np

                matrix = np.asanyarray(values)
                if matrix.ndim != 2:
                    self.refuse(f"{brief(title)} is no column of numbers or of vectors")
                self.spans[title] = len(self.titles), len(self.titles) + matrix.shape[1] - 1
                self.titles += [f"{title}[{k}]" for k in range(1, matrix.shape[1] + 1)]
                self._columns += [*matrix.T]
                continue
            named = isinstance(values, Mapping)
            if named or not has_length(values) or getattr(values, "ndim", 1) != 1:
                self.refuse(f"{brief(title)} is no column of numbers")
            self.titles.append(title)
            self._columns.append(values)
        self.headings = self.names = self.titles
        lengths = {title: len(one) for title, one in zip(self.titles, self._columns, strict=True)}
        self._rows = max(lengths.values(), default=0)
        shorter = [title for title in lengths if lengths[title] < self._rows]
        if shorter:
            longer = next(title for title in lengths if lengths[title] == self._rows)
            one, other = brief(shorter[0]), brief(longer)
            counts = f"{one} has {lengths[shorter[0]]:,} rows, {other} {self._rows:,}"
            self.refuse(f"the columns differ in length: {counts}")
        if not self._rows:
            self.refuse("there are no numbers in it")

    @property
    def is_short(self) -> bool:
        """Whether the columns are few numbers, of which lists are made."""
        return self._rows <= FEW_ROWS

    def most_rows(self) -> int:
        """The number of rows."""
        return self._rows

    def as_they_are(self, places: Sequence[int]) -> list[NDArray[Any]] | None:
        """The columns themselves, where they are long arrays of finite floats; else None."""
        import numpy as np

        found = []
        for place in places:
            array = self._columns[place]
            plain = type(array) in (np.ndarray, np.memmap) and array.dtype == np.dtype(float)
            if not plain or not array.flags.c_contiguous or not array.flags.aligned:
                return None
            for start in range(0, self._rows, TABLE_BLOCK_ROWS):
                if not np.isfinite(array[start : start + TABLE_BLOCK_ROWS]).all():
                    return None
            view = array.view(np.ndarray)
            view.flags.writeable = False
            found.append(view)
        return found

    def blocks(self, places: Sequence[int], mixed: bool = False) -> Iterator[NumberBlock]:
        """The rows in order, of which the columns at `places` are wanted.

        Where these may be `mixed`, a column may have labels, and values may be missing.
        """
        self.labels.clear()
        size = FEW_ROWS if self.is_short else TABLE_BLOCK_ROWS
        for start in range(0, self._rows, size):
            stop = min(start + size, self._rows)
            arrays = {}
            for place in places:
                values = self._columns[place]
                if not self.is_short and not isinstance(values, list | tuple):
                    import numpy as np

                    values = np.asanyarray(values)
                arrays[place] = numbers(self, place, values[start:stop], start + 1, mixed)
            yield NumberBlock(start + 1, stop - start, arrays)

    def texts(self) -> Iterator[list[str]]:
        """The values of each row as texts, none where one is missing."""
        for start in range(0, self._rows, FEW_ROWS):
            listed = [_items(values[start : start + FEW_ROWS]) for values in self._columns]
            yield from ([*map(_text, row)] for row in zip(*listed, strict=True))

    def refuse(self, message: str) -> NoReturn:
        """Raises the UsageError that begins with the name of the table."""
        raise UsageError(f"{self.shown}: {message}")


class ParquetTable:
    """A table in a Parquet file; raises UsageError where pyarrow is missing or reads no table."""

    has_header = True
    is_short = False

    def __init__(self, path: str | Path) -> None:
        self.shown = brief(str(path))
        self.labels: dict[int, Labels] = {}
        self.subscripts: Collection[int] = ()  # places of columns with any texts
        try:
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise missing_library("a .parquet file", PARQUET_LIBRARY) from None
        with opened(path, self.shown):
            pass
        try:
            self._file = ParquetFile(path, memory_map=True)
        except Exception:  # of a file that is none, pyarrow raises errors of its own
            self.refuse("it is no Parquet file")
        self._schema = self._file.schema_arrow
        self.headings = self.titles = [*self._schema.names]
        self.names = [normalised(one) if is_name(one) else one for one in self.titles]
        if not self.most_rows():
            self.refuse("there are no numbers in it")

    def most_rows(self) -> int:
        """The number of rows."""
        return int(self._file.metadata.num_rows)

    def blocks(self, places: Sequence[int], mixed: bool = False) -> Iterator[NumberBlock]:
        """The rows in order, of which the columns at `places` are wanted.

        Where these may be `mixed`, a column may have labels, and values may be missing.
        """
        self.labels.clear()
        names = [self.titles[place] for place in places]
        first = 1
        for batch in self._file.iter_batches(TABLE_BLOCK_ROWS, columns=names):
            arrays = {}
            for place in places:
                values = self._values(batch.column(self.titles[place]), place)
                arrays[place] = numbers(self, place, values, first, mixed)
            yield NumberBlock(first, batch.num_rows, arrays)
            first += batch.num_rows

    def texts(self) -> Iterator[list[str]]:
        """The values of each row as texts, none where one is missing."""
        for batch in self._file.iter_batches(FEW_ROWS):
            listed = [column.to_pylist() for column in batch.columns]
            yield from ([*map(_text, row)] for row in zip(*listed, strict=True))

    def _values(self, column: Any, place: int) -> Any:
        """The values of a part of a column, as NumPy or Python have them."""
        import numpy as np
        from pyarrow import types

        kind = column.type
        whole = types.is_integer(kind) or types.is_boolean(kind)
        if whole and column.null_count:
            filled = column.fill_null(0).to_numpy(zero_copy_only=False)
            return np.ma.array(filled, mask=column.is_null().to_numpy(zero_copy_only=False))
        if whole or types.is_floating(kind):
            return column.to_numpy(zero_copy_only=False)
        texts = kind.value_type if types.is_dictionary(kind) else kind
        known = types.is_string(texts), types.is_large_string(texts), types.is_decimal(texts)
        if not any(known) and not types.is_null(texts):
            name = brief(self.titles[place])
            self.refuse(f"{name} is a column of {brief(str(kind))}, not of numbers or texts")
        return np.array(column.to_pylist(), dtype=object)

    def refuse(self, message: str) -> NoReturn:
        """Raises the UsageError that begins with the name of the file."""
        raise UsageError(f"{self.shown}: {message}")


def numbers(
    table: ArrayTable | ParquetTable, place: int, values: Any, first: int, mixed: bool
) -> Any:
    """The numbers of a part of the column at `place`, whose first row has the number `first`.

    A list of a list and of few values, an array of an array. nan stands for a missing value where
    the column may be `mixed`; a text then has the number that the table's labels give it.
    """
    name = brief(table.titles[place])
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    if kind not in "iufbOUT":
        table.refuse(f"{name} is a column of {brief(str(values.dtype))}, not of numbers or texts")
    if kind in "iufb" and not table.is_short:
        import numpy as np

        missing = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
        values = np.asarray(values)
        with_nan = values if missing is None else np.where(missing, 0, values)
        try:
            found = doubles(with_nan, name, UsageError, finite=False)
        except UsageError:  # which of the numbers is it?
            found = np.array([
                double(one, _place(table, k, first, name), UsageError)
                for k, one in enumerate(with_nan)
            ])  # fmt: skip
        if missing is not None:
            found[missing] = nan
        wrong = np.flatnonzero(np.isinf(found) | (False if mixed else np.isnan(found)))
        if len(wrong):
            _refuse(table, int(wrong[0]), first, name, found[wrong[0]])
        return found
    return _listed_numbers(table, place, _items(values), first, mixed)


def _listed_numbers(
    table: ArrayTable | ParquetTable, place: int, listed: list[Any], first: int, mixed: bool
) -> Any:
    """The numbers of values that Python has."""
    name = brief(table.titles[place])
    missing_places = {k for k, one in enumerate(listed) if _is_missing(one)}
    rest = next((one for k, one in enumerate(listed) if k not in missing_places), None)
    if place in table.labels or (mixed and isinstance(rest, str)):
        new = Labels(table.titles[place])
        if place in table.subscripts:
            new = Labels(table.titles[place], str.isprintable, MOST_SUBSCRIPT_TEXTS)
        labels = table.labels.setdefault(place, new)
        for k, one in enumerate(listed):
            if k not in missing_places and not isinstance(one, str):
                what = f"`{brief(str(one))}` is no text, as others of the column are"
                table.refuse(f"{_row(k, first)}, {name}: {what}")
        try:
            found = labels.read("" if k in missing_places else one for k, one in enumerate(listed))
        except ValueError as error:
            k, why = error.args
            table.refuse(f"{_row(k, first)}, {name}: `{brief(listed[k])}` {why}")
    else:
        found = [
            nan if k in missing_places else double(one, _place(table, k, first, name), UsageError)
            for k, one in enumerate(listed)
        ]
        for k, number in enumerate(found):
            if not isfinite(number) and not (mixed and number != number):
                _refuse(table, k, first, name, number)
    if table.is_short:
        return found
    import numpy as np

    return np.array(found, float)


def _has_rows(values: Any) -> bool:
    """Whether a list has lists or arrays for its entries."""
    first = values[0] if isinstance(values, list | tuple) and values else None
    return isinstance(first, list | tuple) or getattr(first, "ndim", 0) > 0


def _items(values: Any) -> list[Any]:
    for method in ("tolist", "to_list"):
        if hasattr(values, method):
            listed: list[Any] = getattr(values, method)()
            return listed
    return [*values]


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip() in MISSING_CELLS
    return type(value).__name__ in MISSING_TYPES or (isinstance(value, float) and value != value)


def _text(value: Any) -> str:
    return "" if _is_missing(value) else str(value)


def _row(k: int, first: int) -> str:
    return f"row {first + k}"


def _place(table: ArrayTable | ParquetTable, k: int, first: int, name: str) -> str:
    return f"{table.shown}: {_row(k, first)}, {name}"


def _refuse(
    table: ArrayTable | ParquetTable, k: int, first: int, name: str, number: float
) -> NoReturn:
    what = "the value is missing" if number != number else f"`{number}` is no finite number"
    table.refuse(f"{_row(k, first)}, {name}: {what}")


def frame_columns(frame: Any) -> dict[str, Any]:
    """The columns of a DataFrame by name; raises UsageError where two have one name."""
    found: dict[str, Any] = {}
    for column in frame.columns:
        name = key_name(column)
        if name in found:
            raise UsageError(f"the DataFrame has more than one column {name}")
        found[name] = frame[column]
    return found
