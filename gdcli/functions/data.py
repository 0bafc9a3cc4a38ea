"""Data: arrays of numbers for the names of a text, given or read from files.

Comes in: a mapping of names to arrays or to paths, the path of a table, or a list of such, and the
names that the text has. Goes out: a contiguous array of floats for each name that is given, which
nobody else can change. Of a table (`.csv`, `.tsv`) only the columns that the text names are read.
NumPy reads `.npy`, and nothing in it is ever executed. A mistake is a UsageError with the file, the
line and the column.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from math import isnan, nan, prod
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import (
    ExpressionError,
    GdcliError,
    Sentence,
    Setting,
    UsageError,
    brief,
    listed,
    visible,
)
from gdcli.functions.doubles import TOO_LARGE, doubles, loss
from gdcli.functions.input_files import opened, text_lines
from gdcli.language.lexer import NAME_TOKEN, normalised, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Source = str | Path | Mapping[str, ArrayLike | str | Path]

ARRAY_SUFFIX = ".npy"
TABLE_SUFFIXES = (".csv", ".tsv")
# Nothing is tried twice (`++`): a cell of 100 000 digits and a letter would take their square.
NUMBER_PATTERN = re.compile(
    r"\s*+[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?\s*+"
)
ANY_NUMBER_PATTERN = re.compile(
    NUMBER_PATTERN.pattern + r"|[-+]?(?:nan|inf|infinity)", re.IGNORECASE
)
TINY_PATTERN = re.compile(r"-[0-9]{3}(?<=[eE]-[0-9]{3})")  # in what may be too small for a float
MANY_ZEROS = "0" * 300  # likewise; a search in the pattern would be slow
ZIP_MAGIC = b"PK"  # the first bytes of an .npz
# What stands for a value, though not for a number that is read: 1,5 or $5 or 5% or 0x1F or n/a.
VALUE_PATTERN = re.compile(
    ANY_NUMBER_PATTERN.pattern
    + r"|[-+]?[$€£]?\s*\d[\d.,_'\s]*%?|[-+]?0x[0-9a-f.]+(?:p[-+]?\d+)?|n/?a|null|none|[-?.]?",
    re.IGNORECASE,
)
SEPARATORS = (",", ";", "\t")
BLANK_STARTS = " \t\n#"  # where a line begins that may hold nothing
QUOTED_PATTERN = re.compile(r'"[^"]*"')


def arrays(given: Source | Sequence[Source], names: Collection[str]) -> dict[str, Array]:
    """The arrays that `given` has for `names`, the names of a text.

    Raises UsageError for what is no such array, and for an array by another name (a table may have
    more columns); FileAccessError for a file that cannot be read.
    """
    sources = _sources(given)
    found: dict[str, Array] = {}
    for source in sources:
        if isinstance(source, str | Path):
            new = read_table(source, names)
        else:
            new = {normalised(str(name)): _array(name, one) for name, one in source.items()}
        for name, array in new.items():
            if name in found:
                raise UsageError(f"the data `{brief(name)}` are given twice")
            if name not in names:
                _refuse_name(name, names)
            found[name] = array
    return found


def unread_columns(given: Source | Sequence[Source], names: Collection[str]) -> list[str]:
    """The headings of the columns of tables in `given` that are none of `names`."""
    tables = [_DataTable(source) for source in _sources(given) if isinstance(source, str | Path)]
    return [
        heading
        for table in tables
        for heading, name in zip(table.headings, table.names, strict=True)
        if table.has_header and name not in names
    ]


def read_array(path: str | Path) -> Array:
    """The array in a `.npy` file, or all numbers of a table.

    Its shape is that of the file's array, (rows, columns), or (rows,) where there is one column.
    """
    if _ends(path, ARRAY_SUFFIX):
        return _checked(load_array(path, brief(str(path))), brief(str(path)))
    table = _DataTable(path)
    columns = range(len(table.names))
    array = table.read(columns)
    return array[:, 0].copy() if len(columns) == 1 else array


def read_table(path: str | Path, names: Collection[str]) -> dict[str, Array]:
    """The columns of a table that have one of `names`, arrays of shape (rows,) by name.

    The first line names the columns, unless there is a number in it; they are then called column1,
    column2, ...
    """
    shown = brief(str(path))
    if _ends(path, ARRAY_SUFFIX):
        which = Setting("data", shown, ("NAME",))
        raise UsageError(Sentence("say which array {} is: {}", shown, which))
    table = _DataTable(path)
    wanted = {name: place for place, name in enumerate(table.names) if name in names}
    if not wanted:
        columns, known = listed(table.names), listed(sorted(names)) or "none"
        raise UsageError(
            f"{shown} has the columns {columns}; the expression names none of them "
            f"(its names: {known})"
        )
    for name in wanted:
        if table.names.count(name) > 1:
            raise UsageError(f"{shown} has more than one column {name}")
    array = table.read(wanted.values())
    return {name: array[:, place].copy() for place, name in enumerate(wanted)}


class _DataTable:
    """A text file of rows of numbers; `names` are those of its columns."""

    def __init__(self, path: str | Path) -> None:
        if not _ends(path, *TABLE_SUFFIXES):
            endings = f"{ARRAY_SUFFIX}, {' and '.join(TABLE_SUFFIXES)}"
            raise UsageError(f"data are read from {endings} files, not {brief(str(path))}")
        self.path = path
        self.shown = brief(str(path))
        line = next((line for _, line in self.lines() if _holds(line)), "")
        if not line:
            self._refuse("it is empty")
        known = SEPARATORS if _ends(path, TABLE_SUFFIXES[0]) else "\t"
        self.separator = next(
            (one for one in known if one in QUOTED_PATTERN.sub("", line)), known[0]
        )
        self.first, cells = next(self.records())
        cells = [cell.strip().strip("'") for cell in cells[: _count(cells)]]
        numbers = [bool(ANY_NUMBER_PATTERN.fullmatch(cell)) for cell in cells]
        values = [bool(VALUE_PATTERN.fullmatch(cell)) for cell in cells]
        self.has_header = not (any(numbers) or all(values))
        if any(numbers) and not all(values):
            self._refuse_names_beside_numbers(values)
        self.headings = cells
        self.names = [
            normalised(cell) if self.has_header and _is_name(cell) else f"column{place}"
            for place, cell in enumerate(cells, 1)
        ]

    def _refuse_names_beside_numbers(self, values: Sequence[bool]) -> None:
        """Refuses a first line that may be a row or names, where the next has numbers below names.

        A column of texts in a table without names has texts in both lines.
        """
        records = self.records()
        next(records)
        _, following = next(records, (0, []))
        names = [cell for cell, is_value in zip(following, values, strict=False) if not is_value]
        if names and all(map(NUMBER_PATTERN.fullmatch, names)):
            self._refuse(
                f"line {self.first} has names and numbers; name every column, none by a number"
            )

    def lines(self) -> Iterator[tuple[int, str]]:
        """All lines with their numbers, from 1."""
        with opened(self.path, self.shown) as stream:
            yield from text_lines(stream, self.shown)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The cells of each record, with the number of the line where it begins.

        A quoted cell may go on in the next line; empty lines and comments are no records.
        """
        lines = self.lines()
        following = (line for _, line in lines)
        dialect: dict[str, Any] = {"skipinitialspace": True, "strict": True}
        for number, line in lines:
            if _holds(line):
                reader = csv.reader(chain((line,), following), delimiter=self.separator, **dialect)
                try:
                    cells = next(reader)
                except csv.Error as error:
                    self._refuse(f"line {number}: {error}")
                yield number, cells

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The records below the names of the columns, none of them longer than there are names."""
        for number, cells in self.records():
            if number > self.first or not self.has_header:
                if _count(cells) > len(self.names):
                    counts = f"{_count(cells)} values, but {len(self.names)} columns"
                    self._refuse(f"line {number}: there are {counts}")
                yield number, cells

    def plain(self) -> Iterator[str]:
        """The lines of numbers as they are, for `numpy.loadtxt`.

        Raises ValueError at a line whose cells only `rows` can tell.
        """
        separator, columns = self.separator, len(self.names)
        head = self.first if self.has_header else 0
        for number, line in self.lines():
            if number <= head or (line[0] in BLANK_STARTS and not _holds(line)):
                continue
            many = line.count(separator) >= columns and _count(line.split(separator)) > columns
            tiny = TINY_PATTERN.search(line) or MANY_ZEROS in line
            if many or tiny or '"' in line:
                raise ValueError
            yield line

    def read(self, places: Collection[int]) -> Array:
        """The columns at `places`, an array of shape (rows, columns)."""
        import numpy as np

        if next(self.rows(), None) is None:
            self._refuse("there are no numbers in it")
        order = sorted(places)
        wanted = {place: number for number, place in enumerate(order)}
        try:
            array = np.loadtxt(
                self.plain(), delimiter=self.separator, usecols=order, ndmin=2, comments=None
            )
        except GdcliError:
            raise
        except ValueError:
            array = None
        # nan, an infinity, or perhaps a whole number that was rounded
        if array is None or not np.abs(array).max() < INTEGER_LIMIT:
            array = np.fromiter(self.numbers(order), float).reshape(-1, len(order))
        return np.ascontiguousarray(array[:, [wanted[place] for place in places]])

    def numbers(self, places: Collection[int]) -> Iterator[float]:
        """The numbers at `places`, row by row, read one by one so that a wrong cell is named."""
        for number, cells in self.rows():
            for place in places:
                cell = cells[place] if place < len(cells) else ""
                value = float(cell) if NUMBER_PATTERN.fullmatch(cell) else nan
                if not 0 < abs(value) < INTEGER_LIMIT and (isnan(value) or loss(cell)):
                    self._refuse_cell(number, cells, place)
                yield value

    def _refuse_cell(self, number: int, cells: Sequence[str], place: int) -> NoReturn:
        if place >= len(cells):
            what = "there is no value"
        else:
            cell = cells[place].strip()
            why = loss(cell) if NUMBER_PATTERN.fullmatch(cell) else None
            what = "is no finite number" if why in (None, TOO_LARGE) else why
            what = f"`{brief(cell)}` {what}" if cell else "it is empty"
        self._refuse(f"line {number}, {self.names[place]}: {what}")

    def _refuse(self, message: str) -> NoReturn:
        raise UsageError(f"{self.shown}: {message}")


def _sources(given: Source | Sequence[Source]) -> Sequence[Source]:
    sources = given if isinstance(given, list | tuple) else [given]
    for source in sources:
        if not isinstance(source, str | Path | Mapping):
            example = Setting("data", "[1, 2]", ("y",))
            raise UsageError(Sentence("data are arrays by name, {}, or tables", example))
    return cast("Sequence[Source]", sources)


def _array(name: str, values: ArrayLike | str | Path) -> Array:
    if isinstance(values, str | Path):
        return read_array(values)
    return _checked(values, f"the data `{brief(str(name))}`")


def _checked(values: ArrayLike, shown: str) -> Array:
    """The array of floats; raises UsageError where it has no dimension or no entries."""
    array = doubles(values, shown, UsageError)
    if array.ndim == 0:
        raise UsageError(f"{shown}: it is one number, no array")
    if array.size == 0:
        raise UsageError(f"{shown}: it has no entries")
    return array


def load_array(path: str | Path, shown: str, option: str = "") -> NDArray[np.generic]:
    """The array in a .npy file, read-only, its entries read when they are used.

    Nothing in the file is executed. Raises UsageError, which begins with `option`, for a file that
    is no such array, or holds less than its header says.
    """
    import warnings

    import numpy as np
    from numpy.lib import format as npy_format

    place = f"{option}: {shown}" if option else shown
    with opened(path, shown, option) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote, of shapes that overflow
        if stream.read(2) == ZIP_MAGIC:
            raise UsageError(f"{place}: it holds several arrays; save the one alone")
        stream.seek(0)
        try:
            first = npy_format.read_magic(stream) == (1, 0)
            readers = npy_format.read_array_header_1_0, npy_format.read_array_header_2_0
            shape, _, dtype = readers[0 if first else 1](stream)
            claimed = prod(shape) * dtype.itemsize
            held = -stream.tell() + stream.seek(0, SEEK_END)
            array: NDArray[Any] | None = None
            if claimed <= held:
                array = np.load(path, "r", allow_pickle=False)
        except Exception:  # a header that is none makes Python's parsers raise many things
            raise UsageError(f"{place}: it is no array that NumPy has saved") from None
    if array is None:
        said = f"its header says {claimed:,} bytes of numbers, the file has {held:,}"
        raise UsageError(f"{place}: {said}")
    return array


def _ends(path: str | Path, *endings: str) -> bool:
    return str(path).lower().endswith(endings)


def _holds(line: str) -> bool:
    """Whether a line is neither blank nor a comment."""
    text = line.lstrip()
    return bool(text) and text[0] != "#"


def _count(cells: Sequence[str]) -> int:
    """How many values a line has; none stands behind a separator that ends it."""
    return len(cells) - (len(cells) > 1 and not cells[-1].strip())


def _is_name(cell: str) -> bool:
    """Whether an expression can refer to a column by this text."""
    try:
        found = tokens(cell)
    except ExpressionError:
        return False
    return len(found) == 2 and found[0].kind == NAME_TOKEN


def _refuse_name(name: str, names: Collection[str]) -> NoReturn:
    known = listed(sorted(names)) or "none"
    given = Setting("data", "", (visible(name),))
    message = "{}: the expression has no such name (its names: {})"
    raise UsageError(Sentence(message, given, known))
