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
FIRST_BLOCK, LATER_BLOCK = 65_536, 1_000_000  # characters read at a time; at most LONGEST_LINE
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
    with _decoded(stream, noun) as text:
        lines = iter(partial(text.readline, longest + 1), "")
        for number, line in enumerate(lines, 1):
            if len(line) > longest:
                raise _too_long(noun, number, longest)
            yield number, line


def text_blocks(stream: IO[bytes], noun: str) -> Iterator[tuple[int, str]]:
    """Whole lines of a text file, many at a time, with the number of the first of them, from 1.

    Raises UsageError as `text_lines` does.
    """
    with _decoded(stream, noun) as text:
        number, rest, size = 1, "", FIRST_BLOCK
        while read := text.read(size):
            end = read.rfind("\n") + 1
            block, rest = (rest + read[:end], read[end:]) if end else ("", rest + read)
            first_line = block.find("\n") if block else len(rest)  # the others are in one block
            if first_line > LONGEST_LINE:
                raise _too_long(noun, number, LONGEST_LINE)
            if block:
                yield number, block
                number += block.count("\n")
            size = LATER_BLOCK
        if rest:
            yield number, rest


@contextmanager
def _decoded(stream: IO[bytes], noun: str) -> Iterator[TextIOWrapper]:
    """The text in a stream of bytes, every end of a line a newline."""
    peeking: Any = stream if hasattr(stream, "peek") else BufferedReader(cast("Any", stream))
    encoding = text_encoding(peeking.peek(4), noun)
    with TextIOWrapper(peeking, encoding=encoding) as text:
        try:
            yield text
        except UnicodeDecodeError as error:
            name = error.encoding.upper()
            place = _undecodable_line(peeking) if name == "UTF-8" and peeking.seekable() else ""
            raise UsageError(f"{noun}: {place}it is not {name}") from None


def _undecodable_line(stream: BufferedReader) -> str:
    """`line 3: `, the first line of a file that is not UTF-8."""
    stream.seek(0)
    for number, line in enumerate(stream, 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return f"line {number}: "
    return ""


def _too_long(noun: str, number: int, longest: int) -> UsageError:
    what = f"it has more than {longest:,} characters"
    return UsageError(f"{noun}: line {number} is too long: {what}")


def _is_regular(path: Path) -> bool:
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # to open a folder says what it is
