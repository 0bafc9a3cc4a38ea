"""A file that is written whole or not at all: a temporary neighbour takes its place at the end.

A neighbour that an interrupt left is removed as the process leaves. A name that
is no regular file (a pipe, a device, an open file such as /dev/stdout or /dev/fd/63) is written
directly, for it cannot be replaced.
"""

from __future__ import annotations

import os
import re
import signal
import stat
from contextlib import suppress
from pathlib import Path

from gdcli.errors import FileAccessError, UsageError, brief

MOST_LINKS = 40  # symbolic links followed, as many as the system follows

unfinished: set[Path] = set()  # neighbours that have neither taken a place nor been removed


class WholeFile:
    """A file to be written through `stream`; `finish` puts it in its place or removes it."""

    def __init__(self, name: str, option: str = "--output") -> None:
        self._name = name
        self._label = f"{option} {brief(name)}"
        self._path = Path(os.path.realpath(name))
        self._neighbour = self._path.parent / f".{self._path.name}.{os.getpid()}.part"
        self._temporary: Path | None = None  # the neighbour while it is there
        if not name:
            raise UsageError(f"{option} needs the name of a file")
        try:
            self._open()
        except OSError as error:
            raise self._refused(error) from None

    def finish(self, keep: bool) -> None:
        """Close the stream; the file takes its place if `keep`, else it is removed.

        Raises FileAccessError where a file to be kept cannot be written.
        """
        try:
            self.stream.close()
            if keep and self._temporary is not None:
                self._temporary.replace(self._path)
                self._temporary = None
        except OSError as error:
            if keep:
                raise self._refused(error) from None
        finally:
            if self._temporary is not None:
                self._temporary.unlink(missing_ok=True)
            unfinished.discard(self._neighbour)

    def _open(self) -> None:
        descriptor = open_file(self._name)
        given = Path(self._name)
        mode = given.stat().st_mode if given.exists() else stat.S_IFREG
        if stat.S_ISDIR(mode):
            raise UsageError(f"{self._label}: that is a folder")
        if descriptor is not None:  # opened anew it would begin at its first byte
            self.stream = os.fdopen(os.dup(descriptor), "w", encoding="utf-8", newline="\n")
            return
        target = self._beside() if stat.S_ISREG(mode) else given
        self.stream = target.open("w", encoding="utf-8", newline="\n")
        if self._temporary is not None and self._path.exists():
            self._temporary.chmod(stat.S_IMODE(mode))

    def _beside(self) -> Path:
        if not self._path.parent.is_dir():
            raise UsageError(f"{self._label}: there is no such folder")
        if self._path.exists() and not os.access(self._path, os.W_OK):
            raise PermissionError(13, "permission denied")
        _outlive_readers()
        self._temporary = self._neighbour
        unfinished.add(self._neighbour)
        return self._temporary

    def _refused(self, error: OSError) -> FileAccessError:
        return FileAccessError(f"{self._label} cannot be written: {error.strerror or error}")


def _outlive_readers() -> None:
    """Have a closed pipe raise BrokenPipeError: a process that it ends leaves its neighbours."""
    number = getattr(signal, "SIGPIPE", None)  # which Windows lacks
    if number is not None and signal.getsignal(number) == signal.SIG_DFL:
        signal.signal(number, signal.SIG_IGN)


def remove_unfinished() -> None:
    """Remove the neighbours that are left: an interrupt may come before their file is in use."""
    for path in unfinished:
        with suppress(OSError):  # the process ends all the same
            path.unlink(missing_ok=True)


def open_file(name: str) -> int | None:
    """The descriptor of this process that `name` leads to, as /dev/stdout does; None for a file."""
    path = Path(name)
    for _ in range(MOST_LINKS):
        path = Path(os.path.realpath(path.parent)) / path.name
        if found := re.fullmatch(rf"(?:/dev|/proc/{os.getpid()})/fd/([0-9]+)", str(path)):
            return int(found[1])
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None
