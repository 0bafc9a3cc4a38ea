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
from io import TextIOWrapper
from itertools import chain
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gdcli.errors import ExpressionError, Sentence, Setting, UsageError, brief, listed, visible
from gdcli.functions.input_files import LONGEST_LINE, opened
from gdcli.language.lexer import NAME_TOKEN, normalised, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Source = str | Path | Mapping[str, ArrayLike | str | Path]

ARRAY_SUFFIX = ".npy"
TABLE_SUFFIXES = (".csv", ".tsv")
NUMBER_PATTERN = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
ANY_NUMBER_PATTERN = re.compile(
    NUMBER_PATTERN.pattern + r"|[-+]?(?:nan|inf|infinity)", re.IGNORECASE
)
SEPARATORS = (",", ";", "\t")
BLANK_STARTS = " \t\n#"  # where a line begins that may hold nothing
QUOTED_PATTERN = re.compile(r'"[^"]*"')


def arrays(given: Source | Sequence[Source], names: Collection[str]) -> dict[str, Array]:
    """The arrays that `given` has for `names`, the names of a text.

    Raises UsageError for what is no such array, and for an array by another name (a table may have
    more columns); FileAccessError for a file that cannot be read.
    """
    sources = [given] if isinstance(given, str | Path | Mapping) else given
    found: dict[str, Array] = {}
    for source in sources:
        if isinstance(source, str | Path):
            new = read_table(source, names)
        else:
            new = {normalised(name): _array(name, values) for name, values in source.items()}
        for name, array in new.items():
            if name in found:
                raise UsageError(f"the data `{brief(name)}` are given twice")
            if name not in names:
                _refuse_name(name, names)
            found[name] = array
    return found


def read_array(path: str | Path) -> Array:
    """The array in a `.npy` file, or all numbers of a table.

    Its shape is that of the file's array, (rows, columns), or (rows,) where there is one column.
    """
    if _ends(path, ARRAY_SUFFIX):
        return _checked(_loaded(path), brief(str(path)))
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
        self.has_header = not any(ANY_NUMBER_PATTERN.fullmatch(cell) for cell in cells)
        self.names = [
            normalised(cell) if self.has_header and _is_name(cell) else f"column{place}"
            for place, cell in enumerate(cells, 1)
        ]

    def lines(self) -> Iterator[tuple[int, str]]:
        """All lines with their numbers, from 1."""
        try:
            with (
                opened(self.path, self.shown) as stream,
                TextIOWrapper(stream, encoding="utf-8-sig") as lines,
            ):
                for number, line in enumerate(lines, 1):
                    if len(line) > LONGEST_LINE:
                        self._refuse(f"line {number} is too long")
                    yield number, line
        except UnicodeDecodeError:
            self._refuse("it is not UTF-8")

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
            if many or '"' in line:
                raise ValueError
            yield line

    def read(self, places: Collection[int]) -> Array:
        """The columns at `places`, an array of shape (rows, columns)."""
        import numpy as np

        if next(self.rows(), None) is None:
            self._refuse("there are no numbers in it")
        order = sorted(places)
        try:
            array = np.loadtxt(
                self.plain(), delimiter=self.separator, usecols=order, ndmin=2, comments=None
            )
        except ValueError:
            array = None
        if array is None or not np.isfinite(array).all():
            array = np.fromiter(self.numbers(order), float).reshape(-1, len(order))
        return np.ascontiguousarray(array[:, [order.index(place) for place in places]])

    def numbers(self, places: Collection[int]) -> Iterator[float]:
        """The numbers at `places`, row by row, read one by one so that a wrong cell is named."""
        for number, cells in self.rows():
            for place in places:
                cell = cells[place] if place < len(cells) else ""
                if not NUMBER_PATTERN.fullmatch(cell) or isinf(value := float(cell)):
                    self._refuse_cell(number, cells, place)
                yield value

    def _refuse_cell(self, number: int, cells: Sequence[str], place: int) -> NoReturn:
        if place >= len(cells):
            what = "there is no value"
        else:
            shown = brief(cells[place].strip())
            what = f"`{shown}` is no finite number" if shown else "it is empty"
        self._refuse(f"line {number}, {self.names[place]}: {what}")

    def _refuse(self, message: str) -> NoReturn:
        raise UsageError(f"{self.shown}: {message}")


def _array(name: str, values: ArrayLike | str | Path) -> Array:
    if isinstance(values, str | Path):
        return read_array(values)
    import numpy as np

    try:
        array = np.array(values, order="C")  # its own copy: what is checked stays as it is
    except ValueError:
        raise UsageError(f"the data `{brief(name)}`: its rows have different lengths") from None
    return _checked(array, f"the data `{brief(name)}`")


def _checked(array: NDArray[np.generic], shown: str) -> Array:
    """The array as contiguous floats; raises UsageError where it is not made of finite numbers."""
    import numpy as np

    if array.dtype.kind not in "iufb":
        raise UsageError(f"{shown}: it is no array of real numbers, but of {array.dtype}")
    if array.ndim == 0:
        raise UsageError(f"{shown}: it is one number, no array")
    if array.size == 0:
        raise UsageError(f"{shown}: it has no entries")
    floats = np.ascontiguousarray(array, dtype=float)
    if not np.isfinite(floats).all():
        place = np.argwhere(~np.isfinite(floats))[0] + 1
        raise UsageError(f"{shown}: entry [{', '.join(map(str, place))}] is not a finite number")
    return floats


def _loaded(path: str | Path) -> NDArray[np.generic]:
    import numpy as np

    with opened(path, brief(str(path))) as stream:
        try:
            array = np.load(stream, allow_pickle=False)
        except (ValueError, EOFError, OSError):
            raise UsageError(f"{brief(str(path))}: it is no array that NumPy has saved") from None
    if not isinstance(array, np.ndarray):
        raise UsageError(f"{brief(str(path))}: it holds several arrays; save the one alone")
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
