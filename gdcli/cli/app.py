"""The command line: the group of commands, and `run`, where an error becomes an exit status.

`run(arguments)` returns the exit status of `gdcli ARGUMENTS` and raises nothing: errors become
sentences on standard error. On a usage error it has written nothing to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import TYPE_CHECKING

from typer._click import Command as AnyCommand
from typer._click import Context
from typer.core import TyperGroup

from gdcli import __version__
from gdcli.cli.command import (
    SHORT_OPTION,
    Option,
    Shown,
    help_options,
    is_option,
    refuse_unknown_option,
)
from gdcli.cli.output import say, tell
from gdcli.errors import (
    FileAccessError,
    GdcliError,
    UsageError,
    brief,
    interruption,
    out_of_memory,
)

if TYPE_CHECKING:
    from gdcli.cli.help import HelpSection

COMMAND_GROUPS = {  # a module of cli/ for each command, which holds it as COMMAND
    "Solve": {
        "minimize": "find a minimum, or a maximum",
        "fit": "a model and data: its parameters, and how sure they are",
        "certify": "prove a minimum: where the lowest point of a window is",
        "eval": "the value at a point",
        "grad": "value and gradient at a point",
    },
    "See": {
        "plot": "surface, contours, field, descent, curve: terminal or file",
        "show": "the stages of a function: tree, tape, adjoints, source, graph",
        "compare": "every way to differentiate, side by side",
        "race": "methods of descent, side by side",
    },
    "Check and use": {
        "check": "is a derivation right? your formulas against the derivatives",
        "problems": "the library of named functions: list, NAME, tags, verify",
        "functions": "the functions of the language and their derivatives",
        "predict": "what a fitted model predicts for new data",
        "completion": "print a completion script for a shell",
    },
}
COMMANDS = {name: text for group in COMMAND_GROUPS.values() for name, text in group.items()}
EXAMPLES = (
    'gdcli minimize "100*(y-x^2)^2 + (1-x)^2"',
    'gdcli grad "x^2 + x*y" --at 1,2',
    "gdcli problems list",
)


class Commands(TyperGroup):
    """A group that imports only the command asked for."""

    examples = EXAMPLES
    more = "exit statuses, environment, documents; gdcli COMMAND -h: options"

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> AnyCommand:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            raise unknown_command(cmd_name, ())
        command: AnyCommand = import_module(f"gdcli.cli.{cmd_name}").COMMAND
        return command

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Show help where there are no words; refuse an unknown option before the command."""
        if not args:
            args = ["-h"]
        for word in takewhile(lambda word: word.startswith("-"), args):
            if not is_option(word) and not SHORT_OPTION.fullmatch(word):
                raise unknown_command(word, args[args.index(word) + 1 :])
            refuse_unknown_option(word, ctx)
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise unknown_command(args[0], args[1:])
        return super().parse_args(ctx, args)

    def sections(self, context: Context, whole: bool) -> list[HelpSection]:
        """The sections of the help page, from COMMAND_GROUPS, which imports no command."""
        from gdcli.cli.help import HelpSection, parameter_sections

        groups = [
            HelpSection(f"{name}:", list(texts.items())) for name, texts in COMMAND_GROUPS.items()
        ]
        if whole:
            return [*groups, *parameter_sections(context, None)]
        return groups


def unknown_command(name: str, rest: Sequence[str]) -> UsageError:
    """The error for a name that is no command, before the words `rest`, with what may be meant."""
    from gdcli.cli.foreign import LATER_COMMANDS, command_advice
    from gdcli.language.suggest import closest, distance

    if name in LATER_COMMANDS:
        return UsageError(f"gdcli {name} is not built yet")
    near = [one for one in closest(name, COMMANDS) if 2 * distance(name, one) <= len(one)]
    hint = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(COMMANDS)}"
    advice = command_advice(name, rest, COMMANDS) or hint
    return UsageError(f"no command `{brief(name)}`; {advice}")


def show_version(ctx: Context, param: object, value: bool) -> None:  # noqa: ARG001
    if value:
        tell(f"gdcli {__version__}")
        raise Shown


def group() -> Commands:
    """The group of commands, of which none is imported yet."""
    version = Option("-V", "--version", help="print the version", flag=True, eager=show_version)
    return Commands(
        name="gdcli",
        help="Write a function as on paper; get its exact gradient and its minimum.",
        params=[version, *help_options()],
        add_help_option=False,
        rich_markup_mode=None,
    )


def run(arguments: list[str]) -> int:
    """Run `gdcli ARGUMENTS`, write all of its output and return its exit status."""
    try:
        commands = group()
        try:
            with commands.make_context("gdcli", arguments) as context:
                status: int = commands.invoke(context)
        except Shown:
            status = 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except GdcliError as error:
        say(error.whole)
        return error.exit_status
    except KeyboardInterrupt as interrupt:
        say(interruption(interrupt))
        return 130
    except BrokenPipeError:  # where there is no SIGPIPE
        return 141
    except OSError as error:
        say(f"cannot write the answer: {error.strerror or error}")
        return 6
    except MemoryError as error:
        say(out_of_memory(error))
        return FileAccessError.exit_status
    except Exception as fault:
        return report_fault(fault, "--debug" in arguments)


def report_fault(fault: Exception, debug: bool) -> int:
    """Say that gdcli itself is at fault, with the traceback where that is asked for; return 70."""
    if debug:
        import traceback

        say(traceback.format_exc().rstrip())
    summary = " ".join(f"{type(fault).__name__}: {fault}".split())[:300]
    hint = "" if debug else "; --debug shows where"
    say(f"a fault of gdcli {__version__} itself, please report it: {summary}{hint}")
    return 70
