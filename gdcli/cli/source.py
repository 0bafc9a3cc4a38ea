"""EXPRESSION → Function: the argument, or the text on standard input where there is none."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from gdcli.cli.command import Argument, Option
from gdcli.cli.values import choice, parameters, setting
from gdcli.errors import UsageError

if TYPE_CHECKING:
    from gdcli.scalar_function import Function

LIMIT = 4_000_000  # bytes of standard input: what the language reads has fewer, in any script


def source_params() -> list[Argument | Option]:
    """What every command that takes a function offers."""
    return [
        Argument("expression", help="a function, a problem's name, a .toml file, or - for stdin"),
        Option(
            "settings",
            "--set",
            metavar="NAME=VALUE",
            read=setting,
            multiple=True,
            help="give a name a value",
        ),
        Option(
            "--backend",
            choices=("auto", "python"),
            read=choice("auto", "python", later=("native",)),
            default="auto",
            help="what evaluates it",
        ),
    ]


def read_function(
    source: str, settings: list[tuple[str, str]], backend: str, as_written: bool = False
) -> Function:
    """The Function of a text, a problem's name or a file."""
    from gdcli import library

    return library.function(
        source, parameters=parameters(settings), backend=backend, as_written=as_written
    )


def read_source(argument: str | None) -> str | None:
    """The text given or piped; None where there is neither."""
    if argument is None and not _is_piped():
        return None
    text = _standard_input() if argument in (None, "-") else argument
    if text is None or not text.strip():
        where = "standard input is" if argument in (None, "-") else "it is"
        raise UsageError(f'there is no expression: {where} empty; write one such as "x^2 + y^2"')
    return text


def missing(command: str, example: str) -> UsageError:
    """What to write where a command has no EXPRESSION."""
    return UsageError(
        f"which function?\n  usage:    gdcli {command} EXPRESSION [OPTIONS]\n  example:  {example}"
    )


def _is_piped() -> bool:
    """Whether standard input is a pipe, a file or a socket: not a terminal, not /dev/null."""
    try:
        return sys.stdin is not None and not stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or no real stream
        return False


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("there is no expression: standard input is closed")
    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UsageError(f"the text on standard input has more than {LIMIT:,} bytes")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").strip()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the text on standard input is not UTF-8 (byte {error.start + 1})"
        ) from None
