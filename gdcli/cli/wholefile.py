"""A file that is written whole or not at all: a neighbour of it takes its place at the end.

What is no regular file (a pipe, a device) is written directly, for it cannot be replaced.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gdcli.errors import FileAccessError, UsageError, visible


class WholeFile:
    """`stream` to write to; `finish` puts the file in its place or forgets it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path = Path(os.path.realpath(name))
        self._temporary: Path | None = None
        if not name:
            raise UsageError("--output needs the name of a file")
        if self._path.is_dir():
            raise UsageError(f"--output {visible(name)}: that is a folder")
        if not self._path.parent.is_dir():
            raise UsageError(f"--output {visible(name)}: there is no such folder")
        try:
            self._open()
        except OSError as error:
            raise self._refused(error) from None

    def finish(self, keep: bool) -> None:
        """Close it; the text takes its place if `keep`."""
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

    def _open(self) -> None:
        mode = self._path.stat().st_mode if self._path.exists() else None
        if mode is not None and not os.access(self._path, os.W_OK):
            raise PermissionError(13, "permission denied")
        target = self._path
        if mode is None or stat.S_ISREG(mode):
            target = target.with_name(f".{target.name}.{os.getpid()}.part")
            self._temporary = target
        self.stream = target.open("w", encoding="utf-8", newline="\n")
        if mode is not None and self._temporary is not None:
            target.chmod(stat.S_IMODE(mode))

    def _refused(self, error: OSError) -> FileAccessError:
        return FileAccessError(
            f"--output {visible(self._name)} cannot be written: {error.strerror or error}"
        )
