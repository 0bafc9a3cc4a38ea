"""Data: arrays of numbers for the names of a text, given or read from files.

Comes in: a mapping of names to arrays or to paths, the path of a table, a DataFrame, or a list of
such, and the names that the text has. Goes out: a contiguous array of floats for each name that is
given, which nobody else can change. Of a table (`.csv`, `.tsv`) and of a DataFrame (of pandas,
polars or another library) only the columns that the text names are read, and of a table those to
which NamedColumns give a name.
NumPy reads `.npy`, and nothing in it is ever executed. A mistake is a UsageError with the file, the
line and the column.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import chain
from math import isnan, nan, prod
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias, cast

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
from gdcli.functions.arguments import key_name
from gdcli.functions.doubles import TOO_LARGE, doubles, loss
from gdcli.functions.input_files import opened, text_lines
from gdcli.language.lexer import NAME_TOKEN, normalised, tokens
from gdcli.language.semantics.roles import NO_ENTRIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Places: TypeAlias = "tuple[int, ...]"  # of a column, or of the first and the last of several

    class DataFrame(Protocol):
        """A table of another library, such as pandas or polars."""

        @property
        def columns(self) -> Iterable[Any]:
            """The names of the columns."""

        def __getitem__(self, column: Any, /) -> Any:
            """The column, which NumPy takes as an array."""

    Source: TypeAlias = "Table | Mapping[str, ArrayLike | Table] | DataFrame"
    DataSources: TypeAlias = "Source | Sequence[Source] | NamedColumns"

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
MOST_NEAR_COLUMNS = 3  # that are named where a column is not there
QUOTED_PATTERN = re.compile(r'"[^"]*"')


class StreamedTable:
    """A table, separated as a .csv file may be, that was read from a stream called `shown`."""

    def __init__(self, content: bytes, shown: str) -> None:
        self.content = content
        self.shown = shown

    def __str__(self) -> str:
        return self.shown


Table = str | Path | StreamedTable


class NamedColumns:
    """Data, as `arrays` takes them, with names for columns of the tables among them.

    `columns` has, by name, the heading of a column, or `first:last` for the matrix of these columns
    and those between.
    """

    def __init__(self, data: DataSources | None, columns: Mapping[str, str]) -> None:
        self.sources = [] if data is None else _sources(data)
        self.columns = {normalised(name): heading for name, heading in columns.items()}


def arrays(given: DataSources, names: Collection[str]) -> dict[str, Array]:
    """The arrays that `given` has for `names`, the names of a text.

    Raises UsageError for what is no such array, and for an array by another name (a table may have
    more columns); FileAccessError for a file that cannot be read.
    """
    sources = _sources(given)
    for name in given.columns if isinstance(given, NamedColumns) else ():
        if name not in names:
            _refuse_name(name, names, "columns")
    asked = _asked_columns(given)
    found: dict[str, Array] = {}
    for source in sources:
        if isinstance(source, Table):
            new = read_table(source, names, asked)
        elif not isinstance(source, Mapping):
            new = _columns(source, names)
        else:
            new = {key_name(name): _array(name, one) for name, one in source.items()}
        for name, array in new.items():
            if name in found:
                raise UsageError(f"the data `{brief(name)}` are given twice")
            if name not in names:
                _refuse_name(name, names)
            array.flags.writeable = False  # a Function and its hash rely on it
            found[name] = array
    return found


def table_texts(path: Table) -> tuple[Sequence[str], Iterator[list[str]]]:
    """The titles of the columns of a table, and for each row below them its texts."""
    table = _DataTable(path)
    count = len(table.names)
    rows = ([*cells, *[""] * count][:count] for _, cells in table.rows())
    return table.titles, rows


def unread_columns(given: DataSources, names: Collection[str]) -> list[str]:
    """The headings of the columns of tables in `given` that none of `names` stands for."""
    asked = _asked_columns(given)
    return [
        heading
        for source in _sources(given)
        if isinstance(source, Table)
        for table in [_DataTable(source)]
        for place, heading in enumerate(table.headings)
        if table.has_header
        and table.names[place] not in names
        and not any(
            places[0] <= place <= places[-1] for one, places in asked.values() if one is source
        )
    ]


def _asked_columns(given: DataSources) -> dict[str, tuple[Table, Places]]:
    """The table of each column that NamedColumns ask for, and its place or those of a range."""
    if not isinstance(given, NamedColumns):
        return {}
    sources = [one for one in given.sources if isinstance(one, Table)]
    tables = [(one, _DataTable(one)) for one in sources if not _ends(one, ARRAY_SUFFIX)]
    asked = {}
    for name, heading in given.columns.items():
        setting = Setting("columns", brief(heading), (brief(name),))
        found = [(source, places) for source, table in tables if (places := table.find(heading))]
        if len(found) == 1:
            asked[name] = found[0]
        elif found:
            raise UsageError(Sentence("{}: more than one table has such a column", setting))
        elif tables:
            why = _no_column(heading, [table for _, table in tables])
            raise UsageError(Sentence("{}: {}", setting, why))
        else:
            table = Setting("data", "FILE.csv")
            raise UsageError(Sentence("{}: there is no table; give it: {}", setting, table))
    return asked


def _no_column(heading: str, tables: Sequence[_DataTable]) -> str:
    """The sentence that no table has the column, or one of a range, with those of near names."""
    from gdcli.language.suggest import closest

    missing, colon, last = (part.strip() for part in heading.partition(":"))
    if colon and any(table.places(missing) for table in tables):
        if any(table.places(last) and table.places(missing) for table in tables):
            return f"`{brief(last)}` stands before `{brief(missing)}`"
        missing = last
    missing = missing if colon else heading.strip()
    known = {title.casefold(): title for table in reversed(tables) for title in table.titles}
    word = missing.casefold()
    near = closest(word, known, min(2, len(word) // 2))
    near += [one for one in known if min(len(one), len(word)) > 1 and (word in one or one in word)]
    advice = f"the columns are {listed([*known.values()])}"
    if near:
        shown = [f"`{brief(known[one])}`" for one in dict.fromkeys(near)]
        advice = f"did you mean {' or '.join(shown[:MOST_NEAR_COLUMNS])}?"
    return f"there is no column `{brief(missing)}`; {advice}"


def read_array(path: Table) -> Array:
    """The array in a `.npy` file, or all numbers of a table.

    Its shape is that of the file's array, (rows, columns), or (rows,) where there is one column.
    """
    if _ends(path, ARRAY_SUFFIX):
        return _checked(load_array(str(path), brief(str(path))), brief(str(path)))
    table = _DataTable(path)
    columns = range(len(table.names))
    array = table.read(columns)
    return array[:, 0].copy() if len(columns) == 1 else array


def read_table(
    path: Table,
    names: Collection[str],
    asked: Mapping[str, tuple[Table, Places]] = NO_ENTRIES,
) -> dict[str, Array]:
    """The columns of a table that have one of `names`, arrays of shape (rows,) by name.

    The first line names the columns, unless there is a number in it; they are then called column1,
    column2, ... The columns `asked` for, which other names stand for, are arrays of shape (rows,),
    those of a range (rows, columns).
    """
    shown = brief(str(path))
    if _ends(path, ARRAY_SUFFIX):
        which = Setting("data", shown, ("NAME",))
        raise UsageError(Sentence("say which array {} is: {}", shown, which))
    table = _DataTable(path)
    mine = {name: places for name, (source, places) in asked.items() if source is path}
    named = set(names) - asked.keys()
    wanted = {name: place for place, name in enumerate(table.names) if name in named}
    if not wanted and not mine:
        columns, known = listed(table.names), listed(sorted(names)) or "none"
        raise UsageError(
            f"{shown} has the columns {columns}; the expression names none of them "
            f"(its names: {known})"
        )
    for name in wanted:
        if table.names.count(name) > 1:
            raise UsageError(f"{shown} has more than one column {name}")
    needed = {*wanted.values()}
    for places in mine.values():
        needed.update(range(places[0], places[-1] + 1))
    array = table.read(sorted(needed))
    column_of = {place: column for column, place in enumerate(sorted(needed))}
    found = {name: array[:, column_of[place]].copy() for name, place in wanted.items()}
    for name, places in mine.items():
        first, last = column_of[places[0]], column_of[places[-1]]
        matrix = len(places) > 1
        found[name] = (array[:, first : last + 1] if matrix else array[:, first]).copy()
    return found


class _DataTable:
    """A text file of rows of numbers; `names` are those of its columns."""

    def __init__(self, path: Table) -> None:
        streamed = isinstance(path, StreamedTable)
        if not streamed and not _ends(path, *TABLE_SUFFIXES):
            endings = f"{ARRAY_SUFFIX}, {' and '.join(TABLE_SUFFIXES)}"
            raise UsageError(f"data are read from {endings} files, not {brief(str(path))}")
        self.path = path
        self.shown = brief(str(path))
        line = next((line for _, line in self.lines() if _holds(line)), "")
        if not line:
            self._refuse("it is empty")
        known = SEPARATORS if streamed or _ends(path, TABLE_SUFFIXES[0]) else "\t"
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

    @property
    def titles(self) -> list[str]:
        """The headings of the columns, or their names where there are no headings."""
        return self.headings if self.has_header else self.names

    def find(self, heading: str) -> Places:
        """The place of the column with that heading or name, or both places of `first:last`."""
        if found := self.places(heading):
            return found
        for colon in (place for place, one in enumerate(heading) if one == ":"):
            first, last = self.places(heading[:colon]), self.places(heading[colon + 1 :])
            if first and last and first <= last:
                return first + last
        return ()

    def places(self, heading: str) -> Places:
        """The place of the column; none where there is none. Raises UsageError for several."""
        plain = " ".join(heading.split())
        found = [place for place, title in enumerate(self.titles) if title == heading.strip()]
        found = found or [
            place
            for place, (name, title) in enumerate(zip(self.names, self.titles, strict=True))
            if normalised(plain) == name or " ".join(title.split()) == plain
        ]
        if len(found) > 1:
            self._refuse(f"there is more than one column `{brief(heading)}`")
        return tuple(found)

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
        if isinstance(self.path, StreamedTable):
            yield from text_lines(BytesIO(self.path.content), self.shown)
            return
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


def _sources(given: DataSources) -> Sequence[Source]:
    if isinstance(given, NamedColumns):
        return given.sources
    sources = given if isinstance(given, list | tuple) else [given]
    for source in sources:
        if hasattr(type(source), "collect"):  # a LazyFrame of polars, whose columns take long
            what = f"a {brief(type(source).__name__)} is no table yet"
            raise UsageError(f"{what}; give what its collect() returns")
        frame = hasattr(source, "columns") and hasattr(source, "__getitem__")
        if isinstance(source, type) or not (frame or isinstance(source, Table | Mapping)):
            example = Setting("data", "[1, 2]", ("y",))
            raise UsageError(Sentence("data are arrays by name, {}, or tables", example))
    return cast("Sequence[Source]", sources)


def _columns(frame: DataFrame, names: Collection[str]) -> dict[str, Array]:
    """The columns of a DataFrame that have one of `names`, arrays of shape (rows,) by name."""
    named = [(key_name(column), column) for column in frame.columns]
    if not any(name in names for name, _ in named):
        columns, known = listed([name for name, _ in named]) or "none", listed(sorted(names))
        raise UsageError(
            f"the DataFrame has the columns {columns}; the expression names none of them "
            f"(its names: {known or 'none'})"
        )
    found: dict[str, Array] = {}
    for name, column in named:
        if name in found:
            raise UsageError(f"the DataFrame has more than one column {name}")
        if name in names:
            found[name] = _array(name, frame[column])
    return found


def _array(name: str, values: ArrayLike | Table) -> Array:
    if isinstance(values, Table):
        return read_array(values)
    return _checked(values, f"the data `{brief(key_name(name))}`")


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


def _ends(path: object, *endings: str) -> bool:
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


def _refuse_name(name: str, names: Collection[str], argument: str = "data") -> NoReturn:
    known = listed(sorted(names)) or "none"
    given = Setting(argument, "", (visible(name),))
    message = "{}: the expression has no such name (its names: {})"
    raise UsageError(Sentence(message, given, known))
