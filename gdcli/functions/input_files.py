"""Files that a user names: opened to be read, or refused in the same words everywhere."""

from __future__ import annotations

import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader, TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, cast

from gdcli.errors import FileAccessError, UsageError, out_of_memory

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 1_000_000  # characters of a line of a table
STREAM_FOLDERS = ("/dev/", "/proc/")  # whose pipes have a writer: /dev/stdin, /dev/fd/63


@contextmanager
def opened(
    path: str | Path, shown: str, option: str = "", streams: bool = False
) -> Iterator[IO[bytes]]:
    """The bytes of the file at `path`, called `shown` in messages, which begin with `option`.

    Raises UsageError where there is no such file, FileAccessError where it cannot be read or does
    not fit into memory. What is no regular file may have no end, and a pipe may have no writer: it
    is refused, unless what is read may be one of `streams`, such as /dev/stdin.
    """
    from pathlib import Path

    place = f"{option}: " if option else ""
    try:
        try:
            if not _is_regular(Path(path)) and not (
                streams and str(path).startswith(STREAM_FOLDERS)
            ):
                raise UsageError(f"{place}{shown} is no file, but a pipe or a device")
            stream = Path(path).open("rb")  # noqa: SIM115 - it is closed below
        except UsageError:
            raise
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
    except MemoryError as error:
        raise FileAccessError(f"{place}cannot read {shown}: {out_of_memory(error)}") from None


def text_encoding(first: bytes, noun: str) -> str:
    """The encoding of a text that begins with the bytes `first`: UTF-8, or UTF-16 with its mark.

    Raises UsageError, in which the text is `noun`, for UTF-16 without its mark and for UTF-32.
    """
    if first.startswith((BOM_UTF32_BE, BOM_UTF32_LE)) or b"\0\0\0" in first[:4]:
        raise UsageError(f"{noun}: it is UTF-32; save it as UTF-8")
    marked = first.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
    if first[2:4] == b"\0\0" or (b"\0" in first[:4] and not marked):
        raise UsageError(f"{noun}: it is UTF-16 without a byte-order mark; save it as UTF-8")
    return "utf-16" if marked else "utf-8-sig"


def text_lines(
    stream: IO[bytes], noun: str, longest: int = LONGEST_LINE
) -> Iterator[tuple[int, str]]:
    """All lines of a text file, called `noun` in messages, with their numbers, from 1.

    Raises UsageError for a line of more than `longest` characters, and for what is neither UTF-8
    nor UTF-16 with its mark.
    """
    peeking: Any = stream if hasattr(stream, "peek") else BufferedReader(cast("Any", stream))
    encoding = text_encoding(peeking.peek(4), noun)
    try:
        with TextIOWrapper(peeking, encoding=encoding) as text:
            lines = iter(partial(text.readline, longest + 1), "")
            for number, line in enumerate(lines, 1):
                if len(line) > longest:
                    what = f"it has more than {longest:,} characters"
                    raise UsageError(f"{noun}: line {number} is too long: {what}")
                yield number, line
    except UnicodeDecodeError as error:
        raise UsageError(f"{noun}: it is not {error.encoding.upper()}") from None


def _is_regular(path: Path) -> bool:
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # to open a folder says what it is
