"""Writes every golden file anew from the commands in it: `python tests/golden/regenerate.py`.

A golden file is a list of commands, each a line that begins with `$ gdcli `, and after it what the
command prints. To add one, write the command; then look at what has changed: `git diff`. Commands
run in the folder of their file; those in `fits/` read the tables there. Those in `arrays/` show
what formulas of whole arrays become. Those in `native/` show machine code too, as it is written
where the system has no vector library, since what it has differs from one to another.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from pathlib import Path
from unittest.mock import patch

from gdcli.cli.app import run
from gdcli.execute.native.support import Vectors

FOLDER = Path(__file__).parent
ARRAYS, NATIVE, FITS = FOLDER / "arrays", FOLDER / "native", FOLDER / "fits"
PROMPT = "$ gdcli "


def files(folder: Path = FOLDER) -> list[Path]:
    """All golden files of a folder."""
    return sorted(folder.glob("*.txt"))


def commands(text: str) -> list[str]:
    """The commands in a golden file."""
    return [line for line in text.splitlines() if line.startswith(PROMPT)]


def written(path: Path) -> str:
    """The file as it should be."""
    with contextlib.chdir(path.parent), patch("gdcli.execute.native.program.vectors", Vectors):
        found = commands(path.read_text(encoding="utf-8"))
        return "".join(f"{command}\n{output(command)}\n" for command in found)


def output(command: str) -> str:
    """What a command prints, and its exit status where that is not 0."""
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        status = run(shlex.split(command.removeprefix(PROMPT)))
    return printed.getvalue() + said.getvalue() + (f"exit status {status}\n" if status else "")


if __name__ == "__main__":
    for path in (*files(), *files(ARRAYS), *files(NATIVE), *files(FITS)):
        path.write_text(written(path), encoding="utf-8")
