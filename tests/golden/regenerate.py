"""Writes every golden file anew from the commands in it: `python tests/golden/regenerate.py`.

A golden file is a list of commands, each a line that begins with `$ gdcli `, and after it what the
command prints. To add one, write the command; then look at what has changed: `git diff`.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from pathlib import Path

from gdcli.cli.app import run

FOLDER = Path(__file__).parent
PROMPT = "$ gdcli "


def files() -> list[Path]:
    """All golden files."""
    return sorted(FOLDER.glob("*.txt"))


def commands(text: str) -> list[str]:
    """The commands in a golden file."""
    return [line for line in text.splitlines() if line.startswith(PROMPT)]


def written(text: str) -> str:
    """The file as it should be."""
    return "".join(f"{command}\n{output(command)}\n" for command in commands(text))


def output(command: str) -> str:
    """What a command prints, and its exit status where that is not 0."""
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        status = run(shlex.split(command.removeprefix(PROMPT)))
    return printed.getvalue() + said.getvalue() + (f"exit status {status}\n" if status else "")


if __name__ == "__main__":
    for path in files():
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
