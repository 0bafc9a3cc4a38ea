"""ColumnStore: columns of numbers that grow by rows, in memory or in a temporary file.

Comes in: blocks of rows, and how many rows there are at most. Goes out: an array for each column,
contiguous, which cannot be written. Beyond STORED_BYTES the numbers are written to a file in the
folder of temporary files and mapped from there; the file has no name, so that nothing is left of it
however the process ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdcli.functions.tables import temporary_file_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

STORED_BYTES = 32_000_000  # of all columns are kept in memory
RECODED_ROWS = 1_000_000  # are held at a time where a column is changed


class ColumnStore:
    """The numbers of so many columns, of at most so many rows, `what` they are read from.

    It is a context: what is behind its `arrays` outlives it, its file does not.
    """

    def __init__(self, columns: int, most_rows: int, what: str) -> None:
        import numpy as np

        self.count = 0  # of rows that are stored
        self._columns, self._most_rows, self._what = columns, most_rows, what
        self._file: Any = None
        self._array: NDArray[np.float64] | None = None
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

    def add(self, columns: Sequence[ArrayLike]) -> None:
        """Stores rows: so many numbers of each column behind those that are there."""
        rows = len(columns[0]) if columns else 0  # type: ignore[arg-type]
        for k, column in enumerate(columns):
            self._write(k, self.count, column)
        self.count += rows

    def _write(self, column: int, row: int, numbers: Any) -> None:
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

    def _read(self, column: int, row: int, count: int) -> NDArray[np.float64]:
        import numpy as np

        if self._array is not None:
            return self._array[column, row : row + count]
        self._file.seek(8 * (column * self._most_rows + row))
        return np.fromfile(self._file, float, count)

    def recode(self, column: int, order: Sequence[str]) -> list[str]:
        """Numbers the texts of a column from 1 by code point, and returns those that occur.

        The column has their places in `order`.
        """
        import numpy as np

        starts = range(0, self.count, RECODED_ROWS)
        counts = [min(RECODED_ROWS, self.count - start) for start in starts]
        met: set[int] = set()
        for start, count in zip(starts, counts, strict=True):
            met.update(np.unique(self._read(column, start, count)).astype(int).tolist())
        found = sorted(order[place] for place in met)
        numbers = {text: float(number) for number, text in enumerate(found, 1)}
        code = np.array([numbers.get(text, np.nan) for text in order])
        for start, count in zip(starts, counts, strict=True):
            places = self._read(column, start, count).astype(int)
            self._write(column, start, code[places])
        return found

    def arrays(self) -> list[NDArray[np.float64]]:
        """The columns, each an array of shape (rows,)."""
        import numpy as np

        if self._array is None:
            from mmap import ACCESS_READ, mmap

            flat = np.frombuffer(mmap(self._file.fileno(), 0, access=ACCESS_READ), float)
            self._array = flat.reshape(self._columns, self._most_rows)
        self._array.flags.writeable = False
        return [column[: self.count] for column in self._array]
