"""Tables of text: rows of numbers and of labels, read strictly, a block of lines at a time.

Comes in: the path of a `.csv` or `.tsv` file, or a stream, and the places of the columns that are
wanted. Goes out: blocks of rows in their order, columns of floats. A cell is a number as a person
writes it, or where the columns may be `mixed` a label, which stands for its number, or missing. A
mistake is a UsageError with the file, the line and the column. A file is never held whole.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from io import SEEK_END, SEEK_SET, BufferedReader, BytesIO, RawIOBase, StringIO
from itertools import repeat
from math import isnan, nan
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import ExpressionError, FileAccessError, UsageError, brief
from gdcli.functions.doubles import TOO_LARGE, loss
from gdcli.functions.input_files import LATER_BLOCK, opened, text_blocks, text_lines
from gdcli.language.lexer import NAME_TOKEN, normalised, tokens

if TYPE_CHECKING:
    from typing import TypeAlias

    Column: TypeAlias = "Any"  # a list of floats, or an array of shape (rows,)
    Places: TypeAlias = "tuple[int, ...]"  # of a column, or of the first and the last of several

TABLE_SUFFIXES = (".csv", ".tsv")
# Nothing is tried twice (`++`): a cell of 100 000 digits and a letter would take their square.
NUMBER_PATTERN = re.compile(
    r"\s*+[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?\s*+"
)
ANY_NUMBER_PATTERN = re.compile(
    NUMBER_PATTERN.pattern + r"|[-+]?(?:nan|inf|infinity)", re.IGNORECASE
)
NUMBER_CHARACTERS = re.compile(r"[-+.0-9eE\s]*+")  # a text of these that is a float is a number
TINY_PATTERN = re.compile(r"-[0-9]{3}(?<=[eE]-[0-9]{3})")  # in what may be too small for a float
MANY_ZEROS = "0" * 300  # likewise; a search in the pattern would be slow
# What stands for a value, though not for a number that is read: 1,5 or $5 or 5% or 0x1F or n/a.
VALUE_PATTERN = re.compile(
    ANY_NUMBER_PATTERN.pattern
    + r"|[-+]?[$€£]?\s*\d[\d.,_'\s]*%?|[-+]?0x[0-9a-f.]+(?:p[-+]?\d+)?|n/?a|null|none|[-?.]?",
    re.IGNORECASE,
)
NAN_PATTERN = re.compile(r"[-+]?nan", re.IGNORECASE)
MISSING_CELLS = frozenset(("", "NA", "NaN", "nan", "?"))
SEPARATORS = (",", ";", "\t")
QUOTED_PATTERN = re.compile(r'"[^"]*"')
LISTED_BYTES = 262_144  # a table of so many is read without NumPy, which takes longer to import
CELL_ROWS = 8192  # rows of cells that are held at a time
SPOOLED_BYTES = 16_000_000  # of a stream are kept in memory, more in a temporary file
MOST_LABELS, MOST_SUBSCRIPT_TEXTS = 10_000, 10_000_000  # different ones, in a column


class Labels:
    """The numbers of the texts in a column: 0, 1, ... in the order in which they are met.

    `heading` is the column's own, which is no label: where it occurs, tables were joined. A text
    that does not `fit` is refused, and more than `most` are.
    """

    def __init__(
        self, heading: str, fit: Callable[[str], bool] | None = None, most: int = MOST_LABELS
    ) -> None:
        self.heading = heading
        self.fit = fit or is_label
        self.most = most
        self.numbers: dict[str, float] = {}
        self._of_cells: dict[str, float] = {}  # which may have blanks around a text

    def read(self, cells: Iterable[str]) -> list[float]:
        """The number of each text, nan where it is missing; raises ValueError with why it is none.

        The error has the place of the text, from 0, as well.
        """
        found, known = [], self._of_cells
        for place, cell in enumerate(cells):
            number = known.get(cell)
            if number is None:
                number = known[cell] = self._new(cell.strip(), place)
            found.append(number)
        return found

    def _new(self, text: str, place: int) -> float:
        if text in MISSING_CELLS:
            return nan
        if text == self.heading:
            raise ValueError(place, "is the name of the column again")
        if not self.fit(text):
            letter = "; a label begins with a letter" if self.fit is is_label else ""
            raise ValueError(place, f"is no label{letter}")
        if len(self.numbers) == self.most:
            raise ValueError(place, f"is one more than {self.most:,} different labels")
        return self.numbers.setdefault(text, float(len(self.numbers)))


def is_label(text: str) -> bool:
    """Whether a text without blanks around it is a label: no number, nor what may stand for one."""
    return text[:1].isalpha() and is_text(text)


def is_text(text: str) -> bool:
    """Whether a text without blanks around it is one that cannot stand for a number, as a date."""
    return text.isprintable() and not VALUE_PATTERN.fullmatch(text)


class StreamedTable:
    """A table, separated as a .csv file may be, that is read from a stream called `shown`.

    A stream that cannot be read twice, such as a pipe, is kept in a temporary file if it is long.
    """

    def __init__(self, stream: IO[bytes] | bytes, shown: str) -> None:
        self.shown = shown
        self._begin = 0
        self._file: Any = BytesIO(stream) if isinstance(stream, bytes) else stream
        if self._file.seekable():
            self._begin = self._file.tell()
        else:
            self._file = self._spooled(self._file)

    def _spooled(self, stream: IO[bytes]) -> Any:
        from shutil import copyfileobj
        from tempfile import SpooledTemporaryFile
        from weakref import finalize

        file = SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - closed with the table
        finalize(self, file.close)
        try:
            copyfileobj(stream, file)
        except OSError as error:
            raise temporary_file_error(error, self.shown) from None
        return file

    def opened(self) -> IO[bytes]:
        """A stream of the bytes from the first."""
        return BufferedReader(_View(self._file, self._begin))

    def __str__(self) -> str:
        return self.shown


class _View(RawIOBase):
    """A reader of a file that others read too: it has a place of its own."""

    def __init__(self, file: Any, begin: int) -> None:
        self._file = file
        self._begin = self._place = begin

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        origin = {SEEK_SET: self._begin, SEEK_END: self._file.seek(0, SEEK_END)}
        self._place = origin.get(whence, self._place) + offset
        return self._place - self._begin

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._place)
        read = self._file.read(len(buffer))
        buffer[: len(read)] = read
        self._place += len(read)
        return len(read)


Table = str | Path | StreamedTable


def temporary_file_error(error: OSError, what: str) -> FileAccessError:
    """The error for a temporary file that cannot be written, with where it should be."""
    from tempfile import gettempdir

    why = f"a temporary file in {brief(gettempdir())} cannot be written"
    return FileAccessError(f"cannot keep {what}: {why}: {error.strerror or error}")


class TextTable:
    """A text file of rows; `names` are those of its columns, `headings` as they are written."""

    def __init__(self, path: Table) -> None:
        streamed = isinstance(path, StreamedTable)
        if not streamed and not ends_with(path, *TABLE_SUFFIXES):
            endings = ".npy, .csv, .tsv and .parquet"
            raise UsageError(f"data are read from {endings} files, not {brief(str(path))}")
        self.path = path
        self.shown = brief(str(path))
        self.mixed = False  # whether columns may have labels and missing values
        self.drops_missing = False  # whether nobody asks for the line where one is missing
        self.labels: dict[int, Labels] = {}  # by the place of a column of texts
        self.subscripts: Collection[int] = ()  # places of columns whose texts are no mere labels
        self._decided: set[int] = set()  # places of columns that are known to have texts or numbers
        with self._opened() as stream:
            lines = text_lines(stream, self.shown)
            line = next((line for _, line in lines if _holds(line)), "")
        if not line:
            self.refuse("it is empty")
        known = SEPARATORS if streamed or ends_with(path, TABLE_SUFFIXES[0]) else "\t"
        self.separator = next(
            (one for one in known if one in QUOTED_PATTERN.sub("", line)), known[0]
        )
        with self._opened() as stream:
            records = _Records(self, text_blocks(stream, self.shown))
            first_two = [record for record, _ in zip(records.all(), range(2), strict=False)]
        self.first, cells = first_two[0]
        cells = [cell.strip().strip("'") for cell in cells[: _count(cells)]]
        numbers = [bool(ANY_NUMBER_PATTERN.fullmatch(cell)) for cell in cells]
        values = [bool(VALUE_PATTERN.fullmatch(cell)) for cell in cells]
        self.has_header = not (any(numbers) or all(values))
        if any(numbers) and not all(values):
            self._refuse_names_beside_numbers(values, *first_two[1:])
        self.headings = cells
        self.names = [
            normalised(cell) if self.has_header and is_name(cell) else f"column{place}"
            for place, cell in enumerate(cells, 1)
        ]

    @property
    def titles(self) -> list[str]:
        """The headings of the columns, or their names where there are no headings."""
        return self.headings if self.has_header else self.names

    def _refuse_names_beside_numbers(
        self, values: Sequence[bool], second: tuple[int, list[str]] = (0, [])
    ) -> None:
        """Refuses a first line that may be a row or names, where the next has numbers below names.

        A column of texts in a table without names has texts in both lines.
        """
        names = [cell for cell, is_value in zip(second[1], values, strict=False) if not is_value]
        if names and all(map(NUMBER_PATTERN.fullmatch, names)):
            self.refuse(
                f"line {self.first} has names and numbers; name every column, none by a number"
            )

    def _opened(self) -> AbstractContextManager[IO[bytes]]:
        if isinstance(self.path, StreamedTable):
            return self.path.opened()
        return opened(self.path, self.shown)

    @property
    def is_short(self) -> bool:
        """Whether the table is so short that its columns are lists, read without NumPy."""
        with self._opened() as stream:
            return stream.seek(0, SEEK_END) <= LISTED_BYTES

    def most_rows(self) -> int:
        """A number that there are not more rows than: that of the ends of lines, and one."""
        import numpy as np

        found = 1
        with self._opened() as stream:
            while block := stream.read(LATER_BLOCK):
                ends = np.frombuffer(block, np.uint8) == ord("\n")
                found += int(np.count_nonzero(ends))
                if b"\r" in block:
                    found += block.count(b"\r") - block.count(b"\r\n")
        return found

    def blocks(
        self, places: Sequence[int], mixed: bool = False
    ) -> Iterator[CellBlock | NumberBlock]:
        """The rows in order, of which the columns at `places` are wanted.

        Where these may be `mixed`, a column whose first value is a label has labels, and values may
        be missing. Raises UsageError for a row of more values than there are columns.
        """
        self.mixed = mixed
        self.labels.clear()
        self._decided.clear()
        plain = not self.is_short
        row = 1
        with self._opened() as stream:
            records = _Records(self, text_blocks(stream, self.shown))
            for number, text in records.blocks:
                if plain and row > 1 and (block := self._plain_block(row, text, places)):
                    yield block
                    row += block.count
                    continue
                numbers, rows = [], []
                for line, cells in self._below_names(records.of_block(number, text)):
                    numbers.append(line)
                    rows.append(cells)
                    if len(rows) == CELL_ROWS:
                        yield CellBlock(self, row, numbers, rows)
                        row += CELL_ROWS
                        numbers, rows = [], []
                if rows:
                    yield CellBlock(self, row, numbers, rows)
                    row += len(rows)
        if row == 1:
            self.refuse("there are no numbers in it")

    def texts(self) -> Iterator[list[str]]:
        """The cells of each row, as many as there are columns."""
        columns = len(self.names)
        with self._opened() as stream:
            records = _Records(self, text_blocks(stream, self.shown))
            for _, cells in self._below_names(records.all()):
                yield [*cells, *[""] * (columns - len(cells))][:columns]

    def _below_names(
        self, records: Iterable[tuple[int, list[str]]]
    ) -> Iterator[tuple[int, list[str]]]:
        """The records that are rows, none of them longer than there are columns."""
        for line, cells in records:
            if line > self.first or not self.has_header:
                if _count(cells) > len(self.names):
                    counts = f"{_count(cells)} values, but {len(self.names)} columns"
                    self.refuse(f"line {line}: there are {counts}")
                yield line, cells

    def _plain_block(self, row: int, text: str, places: Sequence[int]) -> NumberBlock | None:
        """The rows of whole lines that hold nothing special, read by NumPy; None for others."""
        import numpy as np

        if '"' in text or "\0" in text or (self.mixed and not self._decided.issuperset(places)):
            return None
        lines = text.split("\n")
        numeric = [place for place in places if place not in self.labels]
        whole = numeric == [*range(len(self.names))]  # where NumPy counts the values of each row
        if "#" in text or not all(lines[:-1]):
            lines = [line for line in lines if _holds(line)]
            separators = max(map(str.count, lines, repeat(self.separator)), default=0)
        else:
            if not lines[-1]:
                del lines[-1]
            separators = 0 if whole else self._most_separators(text)
        if separators >= len(self.names):
            return None
        columns = None if whole else numeric
        array = self._loaded(lines, columns) if lines and numeric else np.empty((len(lines), 0))
        if self.drops_missing and (array is None or np.isnan(array).any()):
            lines = [line for line in lines if _holds(line)]
            array = self._loaded_with_missing(lines, columns)
        if array is None or array.shape[1] != len(numeric):
            return None
        texts = {}
        try:
            if len(numeric) < len(places):
                cells = [line.split(self.separator) for line in lines]
                for place in self.labels.keys() & {*places}:
                    labels = self.labels[place].read([row[place] for row in cells])
                    texts[place] = np.array(labels)
        except (ValueError, IndexError):  # which CellBlock explains, if it is wrong
            return None
        # nan, an infinity, or perhaps a whole number that was rounded
        largest = np.fmax.reduce if self.drops_missing else np.max
        if not largest(np.abs(array), axis=None, initial=0.0) < INTEGER_LIMIT:
            return None
        if not array.all() and (MANY_ZEROS in text or self._has_tiny_number(text)):
            return None
        return NumberBlock(row, len(lines), {**dict(zip(numeric, array.T, strict=True)), **texts})

    def _loaded(self, lines: Sequence[str], columns: Sequence[int] | None) -> Any:
        """The numbers of whole lines, nan where one is; None where some are none."""
        import numpy as np

        try:
            return np.loadtxt(
                lines, delimiter=self.separator, usecols=columns, ndmin=2, comments=None
            )
        except ValueError:
            return None

    def _loaded_with_missing(self, lines: Sequence[str], columns: Sequence[int] | None) -> Any:
        """The numbers of whole lines, nan where one is missing; None where some are none."""
        text = "\n".join(lines)
        if not MISSING_CELLS.issuperset(
            NAN_PATTERN.findall(text)
        ):  # as -nan and NAN, which none is
            return None
        mark = self.separator
        missing = rf"(^|{mark}) *(?:NA|NaN|\?)? *(?={mark}|$)"
        return self._loaded(re.sub(missing, r"\1nan", text, flags=re.M).split("\n"), columns)

    def _most_separators(self, text: str) -> int:
        """The largest number of separators in a line."""
        import numpy as np

        letters = np.frombuffer(text.encode(), np.uint8)
        marks = np.flatnonzero((letters == ord("\n")) | (letters == ord(self.separator)))
        ends = np.flatnonzero(letters[marks] == ord("\n"))
        last = len(marks) - 1 - (int(ends[-1]) if len(ends) else -1)
        return max(last, int(np.diff(ends, prepend=-1).max(initial=1)) - 1)

    @staticmethod
    def _has_tiny_number(text: str) -> bool:
        return ("e-" in text or "E-" in text) and bool(TINY_PATTERN.search(text))

    def decide(self, places: Iterable[int], rows: Sequence[Sequence[str]]) -> None:
        """Decides by the first value of each column whether it has labels or numbers."""
        for place in places:
            if place not in self._decided:
                texts = (row[place].strip() for row in rows if place < len(row))
                first = next((text for text in texts if text not in MISSING_CELLS), None)
                if first is not None:
                    self._decided.add(place)
                    if place in self.subscripts and is_text(first):
                        title = self.titles[place]
                        self.labels[place] = Labels(title, is_text, MOST_SUBSCRIPT_TEXTS)
                    elif is_label(first):
                        self.labels[place] = Labels(self.titles[place])

    def refuse(self, message: str) -> NoReturn:
        """Raises the UsageError that begins with the name of the table."""
        raise UsageError(f"{self.shown}: {message}")


class _Records:
    """The records in blocks of lines: their cells, with the numbers of the lines they begin in.

    A quoted cell may go on in the next line, and in the next block; empty lines and comments are no
    records.
    """

    def __init__(self, table: TextTable, blocks: Iterator[tuple[int, str]]) -> None:
        self.blocks = blocks
        self._table = table
        self._lines: Iterator[str] = iter(())
        self._number = 0  # of the line that was read last
        self._begin = 0  # the number of the line where the record begins; 0 before it begins
        dialect: dict[str, Any] = {"skipinitialspace": True, "strict": True}
        self._reader = csv.reader(self, delimiter=table.separator, **dialect)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line of a record, for the reader."""
        while True:
            for line in self._lines:
                self._number += 1
                if self._begin or _holds(line):
                    self._begin = self._begin or self._number
                    return line
            number, text = next(self.blocks, (0, "")) if self._begin else (0, "")
            if not text:
                raise StopIteration
            self._load(number, text)

    def _load(self, number: int, text: str) -> None:
        self._number, self._lines = number - 1, StringIO(text)

    def of_block(self, number: int, text: str) -> Iterator[tuple[int, list[str]]]:
        """The records that begin in whole lines, of which the first has the number."""
        self._load(number, text)
        while True:
            self._begin = 0
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._table.refuse(f"line {self._begin}: {error}")
            yield self._begin, cells

    def all(self) -> Iterator[tuple[int, list[str]]]:
        """The records of all blocks."""
        for number, text in self.blocks:
            yield from self.of_block(number, text)


class CellBlock:
    """Rows of cells, the first of which is number `first`, from 1 below the names."""

    def __init__(
        self, table: TextTable, first: int, lines: list[int], rows: list[list[str]]
    ) -> None:
        self.first = first
        self.count = len(rows)
        self._table = table
        self._lines = lines
        self._rows = rows

    def place(self, row: int) -> str:
        """Where the row stands in the file, and its number; `row` counts from 0 in the block."""
        return f"line {self._lines[row]} (row {self.first + row})"

    def columns(self, places: Sequence[int], chosen: Sequence[int] | None = None) -> list[Column]:
        """The columns at the places, lists of floats, nan where missing; of the `chosen` rows only.

        Raises UsageError for a cell that is no number, nor a label in a column of labels.
        """
        chosen = range(self.count) if chosen is None else chosen
        rows = self._rows if len(chosen) == self.count else [self._rows[row] for row in chosen]
        table = self._table
        if table.mixed:
            table.decide(places, rows)
        numeric = [place for place in places if place not in table.labels]
        flat = self._plain_numbers(numeric, rows)
        if flat is None:
            flat = [self._number(row, place) for row in chosen for place in numeric]
        found = {place: flat[k :: len(numeric)] for k, place in enumerate(numeric)}
        for place in places:
            if place in table.labels:
                cells = [self._cell(row, place) for row in chosen]
                try:
                    found[place] = table.labels[place].read(cells)
                except ValueError as error:
                    at, why = error.args
                    self._refuse(chosen[at], place, f"`{brief(cells[at].strip())}` {why}")
        return [found[place] for place in places]

    def _plain_numbers(
        self, places: Sequence[int], rows: Sequence[Sequence[str]]
    ) -> list[float] | None:
        """The numbers at the places, row by row; None where a cell has to be looked at."""
        try:
            cells = [row[place] for row in rows for place in places]
            found = [*map(float, cells)]
        except (IndexError, ValueError):
            return None
        if not NUMBER_CHARACTERS.fullmatch("".join(cells)):
            return None
        doubtful = [
            cell
            for cell, value in zip(cells, found, strict=True)
            if not 0 < abs(value) < INTEGER_LIMIT
        ]
        return None if any(map(loss, doubtful)) else found

    def _number(self, row: int, place: int) -> float:
        """The number in a cell, nan where it is missing."""
        cell = self._cell(row, place)
        value = float(cell) if NUMBER_PATTERN.fullmatch(cell) else nan
        if 0 < abs(value) < INTEGER_LIMIT or not (isnan(value) or loss(cell)):
            return value
        cell = cell.strip()
        if self._table.mixed and cell in MISSING_CELLS:
            return nan
        why = loss(cell) if NUMBER_PATTERN.fullmatch(cell) else None
        what = "is no finite number" if why in (None, TOO_LARGE) else why
        advice = _advice(cell) if self._table.mixed else ""
        self._refuse(row, place, f"`{brief(cell)}` {what}{advice}" if cell else "it is empty")

    def _cell(self, row: int, place: int) -> str:
        cells = self._rows[row]
        if place >= len(cells):
            self._refuse(row, place, "there is no value")
        return cells[place]

    def _refuse(self, row: int, place: int, what: str) -> NoReturn:
        names = self._table.titles if self._table.mixed else self._table.names
        self._table.refuse(f"line {self._lines[row]}, {brief(names[place])}: {what}")


def _advice(cell: str) -> str:
    """What to write in the place of a text that stands for a number or for none."""
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", cell):
        whole, _, rest = cell.partition(",")
        thousands = f", or {whole}{rest}" if len(rest) == 3 else ""
        return f"; write {brief(f'{whole}.{rest}')}{brief(thousands)}"
    if cell.lower() in ("n/a", "na", "null", "none", "nil", "-", "--", "."):
        return "; a missing value is left empty, or NA"
    return ""


class NumberBlock:
    """Rows of numbers, the first of which is number `first`; `columns` has lists or arrays."""

    def __init__(self, first: int, count: int, columns: dict[int, Column]) -> None:
        self.first = first
        self.count = count
        self._columns = columns

    def place(self, row: int) -> str:
        """The number of the row, which counts from 0 in the block."""
        return f"row {self.first + row}"

    def columns(self, places: Sequence[int], chosen: Any = None) -> list[Column]:
        """The columns at the places, nan where a value is missing; of the `chosen` rows only."""
        found = [self._columns[place] for place in places]
        if chosen is None:
            return found
        return [
            [column[row] for row in chosen] if isinstance(column, list) else column[chosen]
            for column in found
        ]


def ends_with(path: object, *endings: str) -> bool:
    """Whether a path has one of the endings, in letters of either case."""
    return str(path).lower().endswith(endings)


def _holds(line: str) -> bool:
    """Whether a line is neither blank nor a comment."""
    text = line.lstrip()
    return bool(text) and text[0] != "#"


def _count(cells: Sequence[str]) -> int:
    """How many values a line has; none stands behind a separator that ends it."""
    return len(cells) - (len(cells) > 1 and not cells[-1].strip())


def is_name(cell: str) -> bool:
    """Whether an expression can refer to a column by this text."""
    try:
        found = tokens(cell)
    except ExpressionError:
        return False
    return len(found) == 2 and found[0].kind == NAME_TOKEN
