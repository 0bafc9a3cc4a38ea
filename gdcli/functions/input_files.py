"""Files that a user names: opened to be read, or refused in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from gdcli.errors import FileAccessError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 1_000_000  # characters of a line of a table


@contextmanager
def opened(path: str | Path, shown: str, option: str = "") -> Iterator[IO[bytes]]:
    """The bytes of the file at `path`, called `shown` in messages, which begin with `option`.

    Raises UsageError where there is no such file, FileAccessError where it cannot be read.
    """
    from pathlib import Path

    place = f"{option}: " if option else ""
    try:
        try:
            stream = Path(path).open("rb")  # noqa: SIM115 - it is closed below
        except ValueError:  # a NUL, or a lone surrogate
            raise UsageError(f"{place}no file can be called {shown}") from None
        with stream:
            yield stream
    except FileNotFoundError:
        raise UsageError(f"{place}there is no file {shown}") from None
    except IsADirectoryError:
        raise UsageError(f"{place}{shown} is a folder") from None
    except OSError as error:
        raise FileAccessError(f"{place}cannot read {shown}: {error.strerror or error}") from None
