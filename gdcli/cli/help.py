"""The help pages: `-h` is one screen of 24 lines, `--help` has everything.

A page is a list of sections, each a heading with rows of two columns. Nothing here is imported
unless a page is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typer._click import Context

from gdcli.named_tuples import NamedTuple
from gdcli.report.view import STANDARD_HEIGHT

WIDEST_PAGE = 80  # columns
TWO_COLUMN_WIDTH = 60  # columns of a terminal from which on rows are laid out in two columns
TEXT_INDENT = 6  # columns by which a text is indented where it stands below its name
WIDEST_NAME = 20  # characters; the text of a longer name begins later in its line
EXIT_STATUSES = (
    ("0", "done: a minimum was found, a rule of --stop-when met, or the answer is yes"),
    ("1", "the answer is no (certify, check, problems verify)"),
    ("2", "the request is wrong: usage, syntax, an unknown name, a wrong point, bad data"),
    ("3", "a limit was reached, or no step improves f"),
    ("4", "not finite: undefined, unbounded or diverged"),
    ("5", "the end is no minimum (no maximum, if sought), or data determine no parameter"),
    ("6", "a file or a stream cannot be read or written"),
    ("70", "a fault of gdcli itself"),
    ("129, 130, 143", "ended by SIGHUP, Ctrl-C, SIGTERM; the best point so far is printed"),
)
ENVIRONMENT = (
    ("NO_COLOR", "no colour (--color always has it all the same)"),
    ("FORCE_COLOR", "colour even where standard output is no terminal, but not in -o FILE"),
    ("COLUMNS", "the width of tables, pictures and help, instead of the terminal's"),
    ("TERM=dumb", "no colour, unless FORCE_COLOR or --color always asks for it"),
    ("GDCLI_THREADS", "threads of a function; default: the processors this process may use"),
    ("TMPDIR", "the folder of temporary files"),
)


class HelpSection(NamedTuple):
    """A heading and the rows under it, each a name and its text."""

    heading: str
    rows: Sequence[tuple[str, str]] = ()


def parameter_sections(context: Context, headings: Mapping[str, str] | None) -> list[HelpSection]:
    """The sections of a command's parameters: those that stand under `headings`, or all if None.

    A heading that is the name of an argument is explained by the help of that argument.
    """
    rows = {
        name: row
        for param in context.command.params
        if (row := param.get_help_record(context)) is not None
        for name in param.opts
    }
    arguments = {name.upper(): row for name, row in rows.items() if not name.startswith("-")}
    if headings is None:
        options = dict.fromkeys(row for name, row in rows.items() if name.startswith("-"))
        return [
            HelpSection("Arguments:", list(arguments.values())),
            HelpSection("Options:", list(options)),
        ]
    under = {name: [rows[option] for option in names.split()] for name, names in headings.items()}
    return [
        *(
            HelpSection(f"{name}: {text}", under.pop(name, ()))
            for name, (_, text) in arguments.items()
        ),
        *(HelpSection(f"{name}:", chosen) for name, chosen in under.items()),
    ]


def page(
    context: Context, sections: Iterable[HelpSection], examples: Iterable[str], whole: bool
) -> str:
    """The text of a help page, as wide as the terminal, at most WIDEST_PAGE columns."""
    from shutil import get_terminal_size

    width = max(1, min(get_terminal_size().columns, WIDEST_PAGE))
    command: Any = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    blank = [""] if whole else []
    lines = [*_wrapped(f"Usage: {usage}", width, 4), *blank]
    lines += _wrapped(f"  {command.help}", width, 2)
    head = len(lines)
    sections = [*sections, *(_appendix() if whole else ())]
    names = [name for section in sections for name, _ in section.rows]
    column = 4 + max((len(name) for name in names if len(name) <= WIDEST_NAME), default=0)
    for section in sections:
        if section.rows or not whole:
            lines += [*blank, *_wrapped(section.heading, width, 2)]
            lines += _laid_out(section.rows, width, column)
    if not whole:
        lines += _wrapped(f"{context.command_path} --help: {command.more}", width, 2)
    places = [len(lines), head]  # of blank lines, where the page has room for them
    lines += ["Examples:", *(f"  {example}" for example in examples)]
    for place in places[: 1 if whole else max(0, STANDARD_HEIGHT - len(lines))]:
        lines.insert(place, "")
    return "\n".join(lines)


def _appendix() -> list[HelpSection]:
    """The sections at the end of `--help`."""
    from gdcli.library.lookup import shipped

    return [
        HelpSection("Exit statuses:", EXIT_STATUSES),
        HelpSection("Environment:", ENVIRONMENT),
        HelpSection("Documents:", ((str(shipped("docs")), ""),)),
    ]


def _laid_out(rows: Sequence[tuple[str, str]], width: int, column: int) -> list[str]:
    """The rows in two columns; where the terminal is narrow, each text below its name."""
    lines = []
    for name, text in rows:
        if not text:
            lines.append(f"  {name}")
        elif width < TWO_COLUMN_WIDTH:
            lines += [f"  {name}", *_wrapped(" " * TEXT_INDENT + text, width, TEXT_INDENT)]
        else:
            lines += _wrapped(f"  {name}".ljust(column - 2) + f"  {text}", width, column)
    return lines


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    """The text broken between words; what follows the first line is indented."""
    from textwrap import wrap

    margin = " " * indent
    return wrap(text, width, subsequent_indent=margin, break_long_words=False,
                break_on_hyphens=False)  # fmt: skip
