"""ColumnStore: columns of numbers that grow by rows, in memory or in a temporary file.

Comes in: blocks of rows, and how many rows there are at most. Goes out: an array for each column,
contiguous, which cannot be written; or a list, where it is not said how many rows there are. Beyond
STORED_BYTES the numbers are written to a file in the folder of temporary files and mapped from
there; the file has no name, so that nothing is left of it however the process ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdcli.functions.tables import temporary_file_error

if TYPE_CHECKING:
    from gdcli.functions.tables import Column

STORED_BYTES = 32_000_000  # of all columns are kept in memory
RECODED_ROWS = 1_000_000  # are held at a time where a column is changed


class ColumnStore:
    """The numbers of so many columns, of at most so many rows, `what` they are read from.

    They are lists where it is not known how many rows there are. A store is a context: its columns
    outlive it, its file does not.
    """

    def __init__(self, columns: int, most_rows: int | None, what: str) -> None:
        self.count = 0  # of rows that are stored
        self._columns, self._most_rows, self._what = columns, most_rows or 0, what
        self._file: Any = None
        self._array: Any = None
        self._lists: list[list[float]] = []
        if most_rows is None:
            self._lists = [[] for _ in range(columns)]
            return
        import numpy as np

        if 8 * columns * most_rows <= STORED_BYTES:
            self._array = np.empty((columns, most_rows))
        else:
            from tempfile import TemporaryFile

            try:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - `__exit__` closes it
                self._file.truncate(8 * columns * most_rows)
            except OSError as error:
                raise temporary_file_error(error, what) from None

    def __enter__(self) -> ColumnStore:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, columns: Sequence[Column]) -> None:
        """Stores rows: so many numbers of each column behind those that are there."""
        rows = len(columns[0]) if columns else 0
        for k, column in enumerate(columns):
            self._write(k, self.count, column)
        self.count += rows

    def _write(self, column: int, row: int, numbers: Any) -> None:
        if self._lists:
            self._lists[column][row : row + len(numbers)] = numbers
            return
        if self._array is not None:
            self._array[column, row : row + len(numbers)] = numbers
            return
        import numpy as np

        try:
            self._file.seek(8 * (column * self._most_rows + row))
            left = memoryview(np.ascontiguousarray(numbers, float).tobytes())
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise temporary_file_error(error, self._what) from None

    def _read(self, column: int, row: int, count: int) -> Any:
        import numpy as np

        if self._array is not None:
            return self._array[column, row : row + count]
        self._file.seek(8 * (column * self._most_rows + row))
        return np.fromfile(self._file, float, count)

    def recode(self, column: int, texts: Sequence[str]) -> list[str]:
        """Numbers the texts of a column from 1 by code point, and returns those that occur.

        What is stored of it are places in `texts`.
        """
        if self._lists:
            places = [int(place) for place in self._lists[column]]
            found, numbers = _numbered(set(places), texts)
            self._lists[column] = [numbers[place] for place in places]
            return found
        import numpy as np

        blocks = [(start, min(RECODED_ROWS, self.count - start))
                  for start in range(0, self.count, RECODED_ROWS)]  # fmt: skip
        met: set[int] = set()
        for start, count in blocks:
            met.update(np.unique(self._read(column, start, count)).astype(int).tolist())
        found, numbers = _numbered(met, texts)
        code = np.array([numbers.get(place, 0.0) for place in range(len(texts))])
        for start, count in blocks:
            self._write(column, start, code[self._read(column, start, count).astype(int)])
        return found

    def columns(self) -> list[Column]:
        """The columns, each a list, or an array of shape (rows,)."""
        if self._lists:
            return [*self._lists]
        import numpy as np

        if self._array is None:
            from mmap import ACCESS_READ, mmap

            flat = np.frombuffer(mmap(self._file.fileno(), 0, access=ACCESS_READ), float)
            self._array = flat.reshape(self._columns, self._most_rows)
        self._array.flags.writeable = False
        return [column[: self.count] for column in self._array]


def _numbered(places: set[int], texts: Sequence[str]) -> tuple[list[str], dict[int, float]]:
    """The texts at the places in the order of their code points, and the number of each place."""
    order = sorted(places, key=lambda place: texts[place])
    return [texts[k] for k in order], {k: float(number) for number, k in enumerate(order, 1)}
