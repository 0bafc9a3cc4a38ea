"""EXPRESSION → Function, from the argument or, where there is none, from standard input."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Argument, Option
from gdcli.errors import UsageError
from gdcli.execute import AUTO, BACKENDS
from gdcli.language.lexer import BLANKS
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from gdcli.functions.function import Function

STANDARD_INPUT = "-"
MOST_INPUT_BYTES = 4_000_000  # of standard input; a text that the language reads has fewer


def source_params() -> list[Argument | Option]:
    """The argument EXPRESSION, and the options of every command that takes a function."""
    return [
        Argument("expression", help="a function, a problem's name, a .toml file, or - for stdin"),
        Option("settings", "--set", metavar="NAME=VALUE", read=values.setting, split=True,
               help="give a name a value"),
        Option("sizes", "--size", metavar="NAME=NUMBER", read=values.size, split=True,
               help="how long vectors and sums are"),
        Option("--data", metavar="[NAME=]FILE", read=values.data, multiple=True,
               help="A=a.npy, the columns of table.csv, or - for stdin"),
        Option("columns", "--column", metavar="NAME=COLUMN", read=values.column, multiple=True,
               help='a column of a table by another name: "t=Time (s)", or several, x=p1:p64'),
        Option("--backend", choices=BACKENDS, read=values.choice(*BACKENDS), default=AUTO,
               help="what evaluates it"),
        Option("--yes", flag=True, help="evaluate it even where that takes very long"),
    ]  # fmt: skip


class SourceOptions(NamedTuple):
    """The values of the options of `source_params`."""

    settings: list[tuple[str, str]]
    sizes: list[tuple[str, int]]
    data: list[str | dict[str, str]]
    columns: list[tuple[str, str]]
    backend: str
    yes: bool


def source_options(options: dict[str, Any]) -> SourceOptions:
    """The SourceOptions among the options, which are taken out of the dict."""
    return SourceOptions(**{name: options.pop(name) for name in SourceOptions._fields})


def read_function(
    source: str,
    given: SourceOptions,
    note: Callable[[str], None],
    as_written: bool = False,
    floats: bool = True,
) -> Function:
    """The Function of a text, of a problem's name or of a file.

    `note` is told what is read as another thing than it says, literals that floats do not hold only
    where they are evaluated in `floats`. Raises UsageError where one value would take very long and
    --yes is not given.
    """
    from gdcli.functions.reading_notes import reading_notes
    from gdcli.library import lookup

    function = lookup.function(
        source,
        sizes=values.once(given.sizes, "--size"),
        data=_with_standard_input(given.data),
        columns=values.once(given.columns, "--column") or None,
        parameters=values.once(given.settings, "--set"),
        backend=given.backend,
        as_written=as_written,
        unlimited=given.yes,
    )
    function.engine.refuse("one value", 0)
    for sentence in reading_notes(function.resolved, floats):
        note(sentence)
    return function


def given_data(given: SourceOptions) -> Any:
    """The data of --data, by the names of --column; None where there are none."""
    from gdcli.functions.data import NamedColumns

    columns = values.once(given.columns, "--column")
    data = _with_standard_input(given.data)
    return NamedColumns(data, columns) if columns else data or None


def _with_standard_input(data: list[str | dict[str, str]]) -> list[Any]:
    """The data, with the table that standard input holds in the place of `-`."""
    if not any("-" in (one, *(one.values() if isinstance(one, dict) else ())) for one in data):
        return [*data]
    table = standard_table("--data -")
    return [
        {name: table if path == "-" else path for name, path in one.items()}
        if isinstance(one, dict)
        else table
        if one == "-"
        else one
        for one in data
    ]


def read_table(argument: str | None, noun: str) -> Any:
    """The path of a table as it is given, or the table on standard input where that is `-`, or
    where nothing is given and there is a pipe; None where there is neither.
    """
    if argument not in (None, STANDARD_INPUT, "/dev/stdin"):
        from pathlib import Path

        if not (argument.startswith("/dev/fd/") and Path(argument).is_fifo()):
            return argument
        from gdcli.functions.tables import StreamedTable

        with Path(argument).open("rb") as stream:  # the shell's <(sort a.csv)
            return StreamedTable(stream, argument)
    return standard_table(f"{noun} -") if argument or _is_piped() else None


def standard_table(reader: str) -> Any:
    """The table that standard input holds. Raises UsageError, for its `reader`, where that is
    closed.
    """
    if sys.stdin is None:
        raise UsageError(f"{reader}: standard input is closed")
    from gdcli.functions.tables import StreamedTable

    return StreamedTable(sys.stdin.buffer, "standard input")


def read_source(argument: str | None) -> str | None:
    """The text of the argument or of standard input; None where there is neither.

    Raises UsageError where the text is empty.
    """
    if argument is None and not _is_piped():
        return None
    text = _standard_input() if argument in (None, "-") else argument
    if text is None or not text.strip(BLANKS):
        where = "standard input is" if argument in (None, "-") else "it is"
        raise UsageError(f'there is no expression: {where} empty; write one such as "x^2 + y^2"')
    return text


def needed_source(argument: str | None, command: str, example: str) -> str:
    """What `read_source` finds. Raises UsageError with an example where that is nothing."""
    source = read_source(argument)
    if source is None:
        raise missing_source(command, example)
    return source


def missing_source(command: str, example: str) -> UsageError:
    """The error where there is no EXPRESSION, with the usage and an example."""
    usage = f"gdcli {command} EXPRESSION [OPTIONS]"
    return UsageError(f"which function?\n  usage:    {usage}\n  example:  {example}")


def _is_piped() -> bool:
    """Whether standard input is a pipe, a file or a socket: not a terminal, not /dev/null."""
    try:
        return sys.stdin is not None and not stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or no real stream
        return False


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("there is no expression: standard input is closed")
    data = sys.stdin.buffer.read(MOST_INPUT_BYTES + 1)
    if len(data) > MOST_INPUT_BYTES:
        raise UsageError(f"the text on standard input has more than {MOST_INPUT_BYTES:,} bytes")
    from gdcli.functions.input_files import text_encoding

    encoding = text_encoding(data, "the text on standard input")
    try:
        return data.decode(encoding).replace("\r\n", "\n").strip(BLANKS)
    except UnicodeDecodeError as error:
        name = error.encoding.upper()
        raise UsageError(
            f"the text on standard input is not {name} (byte {error.start + 1})"
        ) from None
