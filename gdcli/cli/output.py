"""Output: results go to standard output or to a file, notes and errors to standard error.

A file is written whole or not at all. A file that cannot be written is refused before the work
where that can be known, and is exit status 6 otherwise. --quiet silences notes, never errors.
"""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from gdcli.cli.options import as_option
from gdcli.errors import FileAccessError, formatted
from gdcli.report.view import STANDARD_HEIGHT, STANDARD_WIDTH, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gdcli.cli.whole_file import WholeFile
    from gdcli.report.formats import Text

FLUSH_INTERVAL = 0.05  # seconds after a flush from which on the next text written is flushed
WHOLE_LINE_BYTES = 4096  # a line of as many goes out in one write, which no other process divides
GATHERED_CHARACTERS = 1 << 16  # of small pieces that are written at once


class Output:
    """Where one command writes its result and its notes."""

    def __init__(self, path: str | None, quiet: bool, color: str, ascii: bool, debug: bool) -> None:
        self.quiet = quiet
        self.debug = debug
        self._ascii = ascii
        self._color = color
        self._path = path
        self._flushed = 0.0
        self._waiting = 0  # bytes written since the last flush
        self._file: WholeFile | None = None
        self._noted: set[str] = set()
        self.has_begun = False  # whether a piece of the result was written
        self.outlives_reader = False  # whether the run goes on where nobody reads the result
        self._broken: BrokenPipeError | None = None  # of the reader that has gone

    def __enter__(self) -> Output:
        """Check the environment and open the file or the stream, before any work."""
        if os.environ.get("GDCLI_THREADS"):
            from gdcli.execute.thread_count import given_thread_count

            given_thread_count()
        if self._path is None:
            self._stream = standard_output()
        else:
            from gdcli.cli.whole_file import WholeFile

            self._file = WholeFile(self._path)
            self._stream = self._file.stream
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Keep the file, or remove it after an error."""
        if self._file is not None:
            self._file.finish(keep=kind is None)
        if kind is None and self._broken is not None:
            raise self._broken

    @property
    def terminal(self) -> bool:
        return self._file is None and self._stream.isatty()

    def shows_progress(self, streams: bool) -> bool:
        """Whether a person waits at a terminal and sees nothing move.

        `streams` says that the result is written as it happens.
        """
        waiting = sys.stderr is not None and sys.stderr.isatty() and not self.quiet
        return waiting and not (self.terminal and streams)

    @property
    def screen(self) -> Screen:
        ascii = self._ascii or not speaks_unicode(self._stream)
        color = self._color == "always"
        if self._color == "auto" and self._file is None:  # the environment colours no file
            color = colorful(self.terminal)
        if not self.terminal:
            return Screen(None, ascii, color, as_option)
        from shutil import get_terminal_size

        return Screen(get_terminal_size().columns, ascii, color, as_option)

    def write(self, text: Text | list[str]) -> None:
        """Write a piece of the result, or a list of them; what comes slowly is flushed at once.

        A piece, or else a line, of at most WHOLE_LINE_BYTES is one write of the system, alone or
        with others before; where Ctrl-C comes, all of it is written or nothing. Where the reader
        has gone, BrokenPipeError is raised; if the output outlives it, at the end.
        """
        if self._broken is not None:
            return
        try:
            if isinstance(text, list):
                self._write(text)
            else:
                for piece in (text,) if isinstance(text, str) else gathered(text):
                    short = len(piece.encode(errors="surrogatepass")) <= WHOLE_LINE_BYTES
                    self._write([piece] if short else piece.splitlines(keepends=True))
        except BrokenPipeError as error:
            self._broken = error
            if not self.outlives_reader:
                raise

    def _write(self, pieces: list[str]) -> None:
        for piece in pieces:
            size = len(piece if piece.isascii() else piece.encode(errors="surrogatepass"))
            if self._waiting + size > WHOLE_LINE_BYTES:
                self.flush()
            self._stream.write(piece)
            self._waiting += size
            self.has_begun = True
        now = monotonic()
        if now - self._flushed > FLUSH_INTERVAL:
            self.flush()
            self._flushed = now

    def write_bytes(self, data: bytes) -> None:
        self._stream.flush()
        self._stream.buffer.write(data)

    def flush(self) -> None:
        """Flush what has been written, since the next piece may take long."""
        self._stream.flush()
        self._waiting = 0

    def note(self, text: str) -> None:
        """Write a note on standard error, once; --quiet omits it.

        At a terminal it is broken between words.
        """
        if not self.quiet and text not in self._noted:
            self._noted.add(text)
            say(text, self._ascii, in_words=True)


def gathered(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces of a text, small ones together."""
    small: list[str] = []
    size = 0
    for piece in pieces:
        small.append(piece)
        size += len(piece)
        if size >= GATHERED_CHARACTERS:
            yield "".join(small)
            small, size = [], 0
    yield "".join(small)


def standard_output() -> TextIO:
    """Standard output, able to write any text. Raises FileAccessError where it is closed."""
    if sys.stdout is None:
        raise FileAccessError("standard output is closed")
    if not speaks_unicode(sys.stdout) and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    return sys.stdout


def tell(text: str) -> None:
    """Write a line on standard output."""
    standard_output().write(text + "\n")


def speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")


def colorful(terminal: bool) -> bool:
    """Whether the environment asks for colour: NO_COLOR comes before FORCE_COLOR, and that before
    what the stream is (no-color.org, force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    speaks = os.name != "nt" or "WT_SESSION" in os.environ
    return terminal and speaks and os.environ.get("TERM") != "dumb"


def say(text: str, ascii: bool = False, in_words: bool = False) -> None:
    """Write a line on standard error, if there is one.

    With `in_words` a line at a terminal is broken between words where it is wider than that.
    """
    stream = sys.stderr
    if stream is None:
        return
    text = formatted(text, as_option)
    if ascii or not speaks_unicode(stream):
        from gdcli.report.transliteration import transliterated

        text = transliterated(text)
    text = f"gdcli: {text}"
    if in_words and stream.isatty():
        text = wrapped_to_terminal(text, stream)
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError:
        pass  # nobody is left to tell


def wrapped_to_terminal(text: str, stream: TextIO) -> str:
    """The text with its lines broken between words, no wider than the terminal of the stream."""
    from shutil import get_terminal_size
    from textwrap import wrap

    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):  # a stream that calls itself a terminal, which the system denies
        size = os.terminal_size((STANDARD_WIDTH, STANDARD_HEIGHT))
    # `size` is taken where standard output is no terminal; a width of 0 means that nobody knows it.
    width = get_terminal_size(size).columns or STANDARD_WIDTH
    lines = [wrap(line, width, break_on_hyphens=False) or [""] for line in text.split("\n")]
    return "\n".join(part for parts in lines for part in parts)
