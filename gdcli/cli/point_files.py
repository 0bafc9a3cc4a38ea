"""`--at @points.csv`, `--at @points.npy`, `--at -`: many points, read as they come.

Comes in: the text of the option. Goes out: batches of points, each with its line; a batch is what
can be read without waiting, so that answers keep pace with a slow pipe. A line is a point as
`--at` takes it. The first line may name the variables, in any order; other columns are then left
out. Empty lines and lines that begin with # are skipped. A file is read whole first, so that a
wrong line is refused before the first answer; a pipe cannot be.
"""

from __future__ import annotations

import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from gdcli.cli.values import decimal
from gdcli.errors import PointError, UsageError, brief, listed, visible
from gdcli.functions.input_files import LONGEST_LINE, opened
from gdcli.language.lexer import normalised
from gdcli.language.points import split_outside_brackets

CHUNK_BYTES = 65_536
ARRAY_ROWS = 1000  # of an array, in a batch

PointReader = Callable[[str, str], list[Any]]  # a point's text and its place, for a message


class PointRow(NamedTuple):
    """A point, and the number of its line in a file or of its row in an array, from 1."""

    line: int
    values: list[Any]


def is_many(at: str) -> bool:
    """Whether --at names a file or standard input."""
    return at == "-" or at.startswith("@")


def read_points(at: str, variables: Sequence[str], read: PointReader) -> Iterator[list[PointRow]]:
    """The points of --at, a batch at a time. Raises PointError with the line of a wrong one."""
    if at == "-":
        if sys.stdin is None:
            raise UsageError("--at -: standard input is closed")
        yield from _checked(sys.stdin.buffer, "standard input", variables, read)
        return
    name, shown = at[1:], visible(at[1:])
    if name.lower().endswith(".npy"):
        yield from _array(name, shown, variables)
        return
    with opened(name, shown, "--at", streams=True) as stream:
        yield from _checked(stream, shown, variables, read)


def _checked(
    stream: IO[bytes], name: str, variables: Sequence[str], read: PointReader
) -> Iterator[list[PointRow]]:
    if stream.seekable():
        start = stream.tell()
        for _ in _PointTable(name, variables, read).batches(stream):
            pass
        stream.seek(start)
    yield from _PointTable(name, variables, read).batches(stream)


class _PointTable:
    """A table of points, read line by line; its first line may name the columns."""

    def __init__(self, name: str, variables: Sequence[str], read: PointReader) -> None:
        self.name = name
        self.variables = variables
        self.read = read
        self.columns: list[int] | None = None
        self.count = 0  # of the columns, where the first line names them
        self.line = 0
        self.found = 0

    def batches(self, stream: IO[bytes]) -> Iterator[list[PointRow]]:
        """The points of the stream, as many at a time as can be read without waiting."""
        decoder = getincrementaldecoder("utf-8-sig")()
        rest, chunk = "", b" "
        while chunk:
            chunk = _available(stream)
            try:
                rest += decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                raise PointError(f"{self.name}: line {self.line + 1} is not UTF-8") from None
            *lines, rest = rest.split("\n") if chunk else [*rest.split("\n"), ""]
            if len(rest) > LONGEST_LINE:
                raise PointError(f"{self.name}: line {self.line + len(lines) + 1} is too long")
            batch = [place for line in lines for place in self.place(line.strip())]
            self.found += len(batch)
            if batch:
                yield batch
        if not self.found:
            raise PointError(f"--at: there are no points in {self.name}")

    def place(self, text: str) -> Iterator[PointRow]:
        """The point of a line; nothing for an empty line, a comment or the line of names."""
        self.line += 1
        if not text or text.startswith("#"):
            return
        if self.columns is None:
            self.columns = self.header(text)
            if self.columns:
                return
        if self.columns:
            cells = self.cells(text)
            if len(cells) <= max(self.columns):
                raise PointError(f"{self.name}, line {self.line}: a value is missing")
            if len(cells) > self.count + (not cells[-1]):  # a separator may end a line
                counts = f"{len(cells)} values, but {self.count} columns"
                raise PointError(f"{self.name}, line {self.line}: there are {counts}")
            text = ",".join(cells[column] for column in self.columns)
        yield PointRow(self.line, self.read(text, f"{self.name}, line {self.line}"))

    def header(self, text: str) -> list[int]:
        """The column of each variable, where the line names the variables; else an empty list."""
        cells = [normalised(cell) for cell in self.cells(text)]
        self.count = len(cells) - (not cells[-1])
        if not any(cell in self.variables for cell in cells):
            return []
        for name in self.variables:
            if cells.count(name) != 1:
                how = "names no" if name not in cells else "has more than one"
                raise PointError(
                    f"{self.name}, line {self.line} {how} column {name}; "
                    f"the variables are {', '.join(self.variables)}"
                )
        return [cells.index(name) for name in self.variables]

    def cells(self, text: str) -> list[str]:
        """The cells of a line; in one with quotation marks commas only separate outside of them."""
        if '"' not in text or "," not in text:
            pieces = split_outside_brackets(text, "," if "," in text else " \t")
            return [piece.strip('"') for piece in pieces if piece or "," in text]
        import csv

        try:
            [cells] = csv.reader([text], skipinitialspace=True, strict=True)
        except csv.Error as error:
            raise PointError(f"{self.name}, line {self.line}: {error}") from None
        return [cell.strip() for cell in cells]


def with_decimal_shortcut(variables: Sequence[str], read: PointReader) -> PointReader:
    """A reader that reads decimal numbers itself, fast, and leaves other points to `read`."""
    count = len(variables)

    def reading(text: str, place: str) -> list[Any]:
        numbers = [decimal(cell) for cell in text.split(",")]
        return numbers if len(numbers) == count and None not in numbers else read(text, place)

    return reading


def _available(stream: IO[bytes]) -> bytes:
    """The bytes that can be read at once, at least one; none at the end."""
    read = getattr(stream, "read1", stream.read)
    data: bytes = read(CHUNK_BYTES)
    return data


def _array(name: str, shown: str, variables: Sequence[str]) -> Iterator[list[PointRow]]:
    """The points of the array in a .npy file, of shape (points, variables), in batches."""
    from gdcli.functions.data import load_array
    from gdcli.functions.doubles import doubles

    array: Any = load_array(name, shown, "--at")
    n = len(variables)
    if array.ndim == 1:
        array = array.reshape(-1, 1) if n == 1 else array.reshape(1, -1)
    if array.ndim != 2 or array.shape[1] != n or array.dtype.kind not in "fiu":
        raise PointError(
            f"--at: {shown} is an array of {brief(str(array.dtype))} of shape {array.shape}; it "
            f"must be one of numbers of shape (points, {n}), the columns in the order "
            f"{listed(variables)}"
        )
    for first in range(0, len(array), ARRAY_ROWS):
        rows = array[first : first + ARRAY_ROWS]
        try:
            numbers = doubles(rows, shown)
        except PointError:  # in the batch; which row of the file is it?
            for place, row in enumerate(rows, first + 1):
                doubles(row, f"{shown}, row {place}")
            raise
        yield [PointRow(first + 1 + place, row) for place, row in enumerate(numbers.tolist())]
