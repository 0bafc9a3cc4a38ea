"""Options that several commands share."""

from __future__ import annotations

from typing import Any

from gdcli.cli.command import Option
from gdcli.cli.values import (
    choice,
    count,
    either,
    fields,
    method,
    step,
    step_size,
    tolerance,
)
from gdcli.derivatives import DERIVATIVES
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.search import SEARCHES
from gdcli.errors import UsageError, brief
from gdcli.report.formats import FORMATS, PRINTED, Format, offering

CODE_ENDINGS = (".c", ".py")  # of files that `export` will write; `show` has code to write too
COLOR_CHOICES = ("auto", "always", "never")
# What `-h` of most commands shows: the options of a function and those of the output.
SOURCE_HEADING = {"EXPRESSION": "--set --size --data"}
ANSWER_HEADING = {"Answer": "--format --print --output --quiet"}


def derivative_params() -> list[Option]:
    return [
        Option("--derivative", metavar="D", choices=tuple(DERIVATIVES), read=choice(*DERIVATIVES),
               default="reverse", help=", ".join(DERIVATIVES)),
        Option("--step", metavar="H", read=step, help="step of differences [recommended]"),
        Option("--points", metavar="N", read=count, help="points of a difference formula"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
    ]  # fmt: skip


def descent_params() -> list[Option]:
    """The options of a descent, without its start and without those of derivatives."""
    return [
        Option("--alpha", metavar="A", choices=("auto", *SEARCHES), read=step_size, default="auto",
               help=f"step size: {either(['auto', 'a number', 'an expression in k', *SEARCHES])}"),
        Option("--tolerance", metavar="T", read=tolerance, default="1e-8",
               help="converged where every |df/dx| is at most T"),
        Option("--max-iterations", metavar="N", read=count, default="10000",
               help="iterations at most"),
        Option("--max-evaluations", metavar="N", read=count, default="50000",
               help="evaluations of f at most"),
        Option("--method", metavar="M", choices=tuple(DESCENT_METHODS), read=method,
               default="steepest", help=", ".join(DESCENT_METHODS)),
    ]  # fmt: skip


def common_params(*results: str, default: str = "") -> list[Option]:
    """--format and the options of output, of a command that writes `results`, fields of Writers.

    The format `default` is taken where none is asked for, else the first that is offered.
    """
    offered = tuple(sorted(offering(*results), key=lambda name: name != default))

    def read(text: str, option: str) -> Format:
        return FORMATS[choice(*offered)(text, option)]

    def settled(values: dict[str, Any]) -> Format:
        if wanted := values.pop("fields", None):
            if values["form"] is not None:
                raise UsageError("--print writes fields and --format the whole answer: take one")
            return PRINTED._replace(fields=wanted)
        return values["form"] or _format_of(values["path"], offered, values.get("plot", ""))

    form = Option(
        "form",
        "--format",
        choices=offered,
        read=read,
        settle=settled,
        help=f"form of the result [{offered[0]}, or FILE's]",
    )
    printed = Option("fields", "--print", metavar="FIELDS", read=fields,
                     help="instead, a line of fields such as x,f,status")  # fmt: skip
    objects = {*results} & {*PRINTED.offers}
    return [form, *([printed] if objects else []), *output_params()]


def _format_of(path: str | None, offered: tuple[str, ...], plot: str | None) -> Format:
    """The format that the ending of a file's name asks for; the first one offered where none does.

    `plot` is the text of the option --plot, None where that is not given and empty where there is
    none. Raises UsageError where such a file is written by another option or command, or by none.
    """
    if path is None:
        return FORMATS[offered[0]]
    from pathlib import PurePath

    from gdcli.cli.foreign import FOREIGN_ENDINGS
    from gdcli.report.pictures import ENDINGS

    name, ending = brief(path), PurePath(path).suffix.lower()
    asked = next((form for form in FORMATS.values() if ending == form.ending != ""), None)
    if asked is not None and asked.name in offered:
        return asked
    if asked is not None and "graph" in asked.offers:
        raise UsageError(f"-o {name}: a graph is written by gdcli show --stage graph")
    if asked is not None:
        raise UsageError(f"-o {name} asks for {asked.name}; there is --format {either(offered)}")
    if ending[1:] in ENDINGS:
        instead = f"write --plot {name}" if plot is None else "it is drawn by gdcli plot"
        instead = "--plot draws one, -o writes the report: -o run.txt" if plot else instead
        raise UsageError(f"-o {name} is the name of a picture; {instead}")
    if ending == ".parquet":
        raise UsageError(f"-o {name}: Parquet is not built yet")
    if ending in FOREIGN_ENDINGS:
        known = [FORMATS[form].ending for form in offered if FORMATS[form].ending] or [".txt"]
        pictures = either([f".{one}" for one in ENDINGS])
        raise UsageError(
            f"-o {name}: no command writes {ending}; write {either(known)}, or --format and any"
            f" name; pictures, which gdcli plot draws, end in {pictures}"
        )
    if ending in CODE_ENDINGS and "dot" not in offered:
        raise UsageError(f"-o {name}: gdcli export, which writes code, is not built yet")
    return FORMATS[offered[0]]


def output_params() -> list[Option]:
    return [
        Option("path", "-o", "--output", metavar="FILE",
               read=lambda text, _: None if text == "-" else text,
               help="write the result to FILE, whole, when the run ends"),
        Option("-q", "--quiet", flag=True, help="no notes on standard error"),
        Option("--color", choices=COLOR_CHOICES, read=choice(*COLOR_CHOICES), default="auto",
               help="colour"),
        Option("--ascii", flag=True, help="plain ASCII only"),
        Option("--debug", flag=True, help="show where a fault of gdcli came from"),
    ]  # fmt: skip
