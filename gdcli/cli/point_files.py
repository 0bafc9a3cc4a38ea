"""Points from files and from standard input: many for --at, read as they come, one for --start.

Comes in: the text of the option, `@points.csv`, `@points.npy`, `@run.jsonl` or `-`. Goes out:
batches of points, each with its line; a batch is what can be read without waiting, so that answers
keep pace with a slow pipe. A line is a point as `--at` takes it, or a JSON object as minimize and
grad write them. The first line may name the variables, in any order, `x.k` for a variable k; other
columns are then left out. Empty lines and lines that begin with # are skipped. A line that is no
point is refused after those before it.
"""

from __future__ import annotations

import sys
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from gdcli.cli.values import decimal, decimals
from gdcli.errors import GdcliError, PointError, UsageError, brief, listed, visible
from gdcli.functions.input_files import LONGEST_LINE, opened, text_encoding
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.points import pieces_of, split_outside_brackets, within_brackets
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.functions.layout import Layout

CHUNK_BYTES = 65_536
ARRAY_ROWS = 1000  # of an array, in a batch
RULE_SIGNS, SHORTEST_RULE = "─-", 3  # of the line under the headers of a table for reading
LONGEST_COMPONENT = 50  # characters of a line for each component of a point, where that is more

PointReader = Callable[[str, str], Any]  # a point's text and its place, for a message


class PointRow(NamedTuple):
    """A point, and the number of its line in a file or of its row in an array, from 1."""

    line: int
    values: Any


class PointBatch(NamedTuple):
    """Points, a list of them or an array of shape (m, n), and the numbers of their lines."""

    lines: Sequence[int]
    points: Any

    def rows(self, first: int = 0, last: int | None = None) -> Iterator[PointRow]:
        """The points from the one with the number `first` to that before `last`, as lists."""
        return map(PointRow, self.lines[first:last], as_list(self.points[first:last]))


def is_many(at: str) -> bool:
    """Whether --at names a file or standard input."""
    return at == "-" or at.startswith("@")


def read_points(
    at: str, function: Function, read: PointReader, note: Callable[[str], None]
) -> Iterator[PointBatch]:
    """The points of --at, a batch at a time; `note` is told their order where they do not say it.

    Raises PointError with the line of a wrong one, after the points before it.
    """
    if at.lower().endswith(".npy"):
        note_order(function, note)
        yield from _array(at[1:], function.components, "--at")
        return
    source, shown = _source(at, "--at")
    in_floats = read == function.point
    read = with_decimal_shortcut(function) if in_floats else read
    with source as stream:
        table = _PointTable(shown, function.layout)
        for rows in table.batches(stream):
            lines = [line for line, _ in rows]
            points = (table.decimals(rows) if in_floats else None) or []
            try:
                for line, text in rows[len(points) :]:
                    points.append(read_text(table.point(line, text), table.place(line), read))
            except GdcliError:
                yield PointBatch(lines[: len(points)], points)
                raise
            if table.positional:
                note_order(function, note)
            yield PointBatch(lines, points)


def _source(text: str, option: str) -> tuple[AbstractContextManager[IO[bytes]], str]:
    """The stream that `-` or `@FILE` names, and what messages call it."""
    if text == "@-":
        from pathlib import Path

        if not Path("-").exists():
            raise UsageError(f"{option}: there is no file -; standard input is {option} -")
    if text != "-":
        shown = visible(text[1:])
        return opened(text[1:], shown, option, streams=True), shown
    if sys.stdin is None:
        raise UsageError(f"{option} -: standard input is closed")
    return nullcontext(sys.stdin.buffer), "standard input"


def read_start(text: str, function: Function, note: Callable[[str], None], seed: int = 0) -> Any:
    """The point of --start; of a file the numbers of the only vector, or else the last point.

    `-` is a file too: standard input. What the text draws at random has the `seed`.
    """
    if not is_many(text):
        drawing = partial(function.point, seed=seed)
        return read_one(text, "--start", function, drawing, note)
    if text != "-" and len(function.variables) == 1 and function.layout.has_arrays:
        try:
            return function.point(text, "--start")
        except GdcliError:  # then its rows are points
            pass
    if text.lower().endswith(".npy"):
        note_order(function, note)
        [batch] = _array(text[1:], function.components, "--start", last=True)
        return batch.points[-1].tolist()
    read = with_decimal_shortcut(function)
    source, shown = _source(text, "--start")
    with source as stream:
        table = _PointTable(shown, function.layout)
        for lines in table.batches(stream):
            last = lines[-1]
        point = read_text(table.point(*last), table.place(last[0]), read)
    if table.positional:
        note_order(function, note)
    return point


def read_text(text: str, place: str, read: PointReader) -> Any:
    """What `read` makes of the text; where that is no point, a semicolon in it is the reason."""
    try:
        return read(text, place)
    except PointError:
        if ";" not in text:
            raise
    raise PointError(f"{place}: commas or blanks separate values, as in 1.5,2, not `;`")


def read_one(
    text: str, option: str, function: Function, read: PointReader, note: Callable[[str], None]
) -> Any:
    """The point that the text of an option writes; `note` is told its order if it says none."""
    point = read_text(text, option, read)
    note_order_of(text, function, note)
    return point


def note_order_of(
    text: str,
    function: Function,
    note: Callable[[str], None],
    variables: Sequence[str] | None = None,
) -> None:
    """Tell the order of the values in the text of a point, where they differ and have no names."""
    if "=" not in text and len({*pieces_of(within_brackets(text))}) > 1:
        note_order(function, note, variables)


def note_order(
    function: Function, note: Callable[[str], None], variables: Sequence[str] | None = None
) -> None:
    """Tell in which order a point lists the variables, where the text has them in another."""
    from gdcli.functions.reading_notes import order_note

    if sentence := order_note(function.expression, variables or function.variables):
        note(sentence)


class _PointTable:
    """A table of points, read line by line; its first line may name the columns.

    `positional` is set where a line gives numbers alone.
    """

    def __init__(self, name: str, layout: Layout) -> None:
        self.name = name
        self.layout = layout
        self.longest = max(LONGEST_LINE, LONGEST_COMPONENT * layout.size)
        self.columns: list[int] | None = None
        self.count = 0  # of the columns, where the first line names them
        self.line = 0
        self.positional = False

    def place(self, line: int) -> str:
        return f"{self.name}, line {line}"

    def batches(self, stream: IO[bytes]) -> Iterator[list[tuple[int, str]]]:
        """The lines of points in the stream, as many at a time as can be read without waiting."""
        chunk = _available(stream)
        decoder = getincrementaldecoder(text_encoding(chunk, self.name))()
        begun: list[str] = []  # what was read of a line that has not ended
        found, wrong = 0, ""
        while True:
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                text = error.object[: error.start].decode(error.encoding).removeprefix("\ufeff")
                wrong = f"is not {error.encoding.upper()}"
            *lines, rest = text.split("\n") if chunk or wrong else [*text.split("\n"), ""]
            if lines:
                lines[0], begun = "".join([*begun, lines[0]]), []
            begun.append(rest)
            batch = [row for line in lines for row in self.of_points(line.strip(BLANKS))]
            found += len(batch)
            if batch:
                yield batch
            if wrong or sum(map(len, begun)) > self.longest:
                raise PointError(f"{self.place(self.line + 1)} {wrong or 'is too long'}")
            if not chunk:
                break
            chunk = _available(stream)
        if not found:
            raise PointError(f"there are no points in {self.name}")

    def of_points(self, text: str) -> Iterator[tuple[int, str]]:
        """The line with its number; nothing for an empty one, a comment or the line of names."""
        self.line += 1
        if not text or text.startswith("#"):
            return
        if len(text) >= SHORTEST_RULE and not text.strip(RULE_SIGNS):
            raise PointError(
                f"{self.place(self.line)}: this is a report for reading, no table of points; write"
                " one with -o FILE.jsonl or FILE.csv"
            )
        if self.columns is None:
            self.columns = [] if text.startswith("{") else self.header(text)
            if self.columns:
                return
        yield self.line, text

    def point(self, line: int, text: str) -> str:
        """The point of a line as `--at` takes it: all values in order, or by name."""
        if text.startswith("{"):
            return ",".join(self.of_object(line, text))
        if not self.columns:
            self.positional = self.positional or "=" not in text
            return ",".join(self.cells(line, text)) if '"' in text else text
        cells = self.cells(line, text)
        if len(cells) <= max(self.columns):
            raise PointError(f"{self.place(line)}: a value is missing")
        if len(cells) > self.count + (not cells[-1]):  # a separator may end a line
            counts = f"{len(cells)} values, but {self.count} columns"
            raise PointError(f"{self.place(line)}: there are {counts}")
        return ",".join(cells[column] for column in self.columns)

    def decimals(self, rows: Sequence[tuple[int, str]]) -> list[Any] | None:
        """The points of lines that hold as many plain decimals as a point has, in its order.

        None where `with_decimal_shortcut` has to look at each line by itself.
        """
        n, texts = self.layout.size, [text for _, text in rows]
        if self.columns or any(text.count(",") != n - 1 for text in texts):
            return None
        if (numbers := decimals(",".join(texts))) is None:
            return None
        self.positional = True
        return [numbers[first : first + n] for first in range(0, len(numbers), n)]

    def header(self, text: str) -> list[int]:
        """The column of each variable, where the line names the variables; else an empty list."""
        if decimals(text):  # which are no names, however many variables there are
            return []
        cells = [normalised(cell) for cell in self.cells(self.line, text)]
        self.count = len(cells) - (not cells[-1])
        counts, places = Counter(cells), {cell: place for place, cell in enumerate(cells)}
        variables = dict.fromkeys(self.layout.components)
        if variables.keys().isdisjoint(cell.removeprefix("x.") for cell in cells):
            return []
        found = []
        for name in variables:
            column = f"x.{name}" if f"x.{name}" in counts else name  # beside a column of that name
            if counts[column] != 1:
                how = "names no" if not counts[column] else "has more than one"
                raise PointError(
                    f"{self.place(self.line)} {how} column {column}; "
                    f"the variables are {listed([*variables])}"
                )
            found.append(places[column])
        return found

    def cells(self, line: int, text: str) -> list[str]:
        """The cells of a line; in one with quotation marks commas only separate outside of them."""
        if '"' not in text or "," not in text:
            pieces = split_outside_brackets(text, "," if "," in text else " \t")
            return [piece.strip('"') for piece in pieces if piece or "," in text]
        import csv

        try:
            [cells] = csv.reader([text], skipinitialspace=True, strict=True)
        except csv.Error as error:
            raise PointError(f"{self.place(line)}: {error}") from None
        return [cell.strip() for cell in cells]

    def of_object(self, line: int, text: str) -> list[str]:
        """The components of the point in a JSON object: its `at`, its `x`, or the object itself.

        The point is an object by variable; names of other variables are left out.
        """
        import json

        try:
            found = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            raise PointError(f"{self.place(line)} is no JSON object") from None
        points = [found[key] for key in ("at", "x") if isinstance(found.get(key), dict)]
        point = points[0] if points else found
        components: list[str] = []
        for name in self.layout.variables:
            if name not in point:
                names = listed(self.layout.variables)
                raise PointError(
                    f"{self.place(line)} has no value of {name}; the variables are {names}"
                )
            entries, shape = [point[name]], self.layout.shapes.get(name, ())
            for length in shape:
                if any(not isinstance(row, list) or len(row) != length for row in entries):
                    wanted = " by ".join(map(str, shape))
                    raise PointError(f"{self.place(line)}: {name} is no list of {wanted} numbers")
                entries = [entry for row in entries for entry in row]
            for entry in entries:
                if not isinstance(entry, str):
                    what = "a list" if isinstance(entry, list) else brief(json.dumps(entry))
                    raise PointError(f"{self.place(line)}: {name} is {what}, which is no number")
            components += entries
        return components


def with_decimal_shortcut(function: Function) -> PointReader:
    """A reader that reads decimal numbers itself, fast, and leaves other points to `function`."""
    count = function.layout.size

    def reading(text: str, place: str) -> Any:
        numbers = [decimal(cell) for cell in text.split(",")]
        if len(numbers) == count and None not in numbers:
            return numbers
        return function.point(text, place)

    return reading


def _available(stream: IO[bytes]) -> bytes:
    """The bytes that can be read at once, at least one; none at the end."""
    read = getattr(stream, "read1", stream.read)
    data: bytes = read(CHUNK_BYTES)
    return data


def _array(
    name: str, variables: Sequence[str], option: str, last: bool = False
) -> Iterator[PointBatch]:
    """The points of the array in a .npy file, of shape (points, variables), in batches.

    Of the `last` point alone, where that is asked for.
    """
    from gdcli.functions.data import load_array
    from gdcli.functions.doubles import doubles

    shown = visible(name)
    array: Any = load_array(name, shown, option)
    n = len(variables)
    if array.ndim == 1:
        array = array.reshape(-1, 1) if n == 1 else array.reshape(1, -1)
    if array.ndim != 2 or array.shape[1] != n or array.dtype.kind not in "fiu":
        raise PointError(
            f"{option}: {shown} is an array of {brief(str(array.dtype))} of shape {array.shape}; it"
            f" must be one of numbers of shape (points, {n}), the columns in the order "
            f"{listed(variables)}"
        )
    if not len(array):
        raise PointError(f"there are no points in {shown}")
    for first in range(len(array) - 1 if last else 0, len(array), ARRAY_ROWS):
        rows = array[first : first + ARRAY_ROWS]
        lines = range(first + 1, first + 1 + len(rows))
        try:
            yield PointBatch(lines, doubles(rows, shown))
        except PointError:  # in the batch; which row of the file is it?
            for place, line in enumerate(lines):
                try:
                    doubles(rows[place], f"{shown}, row {line}")
                except PointError:
                    yield PointBatch(lines[:place], doubles(rows[:place], shown))
                    raise
            raise
