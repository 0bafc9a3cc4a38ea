"""`gdcli completion SHELL`: a completion script, made from the commands and options there are.

A script answers from its own text: no key press starts `gdcli`. It offers commands, options that
may still be given, their values after a blank or `=`, problems, and files where a file is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from typer._click import Parameter

from gdcli import __version__
from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.output import Output
from gdcli.derivatives import DERIVATIVES
from gdcli.errors import UsageError, brief
from gdcli.named_tuples import NamedTuple
from gdcli.report.formats import FORMATS, Format

EXAMPLES = (
    "gdcli completion bash > gdcli.bash",
    "gdcli completion fish -o gdcli.fish",
    "gdcli completion zsh > _gdcli",
)
TOP_OPTIONS = {"--help": "all commands, exit statuses, environment", "--version": "the version"}


class Words(NamedTuple):
    """The words that can follow a command."""

    summary: str
    options: list[Option]
    arguments: list[Argument]


def commands() -> dict[str, Words]:
    from gdcli.cli.app import COMMANDS

    return {
        name: words(import_module(f"gdcli.cli.{name}").COMMAND.params, summary)
        for name, summary in COMMANDS.items()
    }


def words(params: list[Parameter], summary: str) -> Words:
    options = [param for param in params if isinstance(param, Option)]
    return Words(summary, options, [param for param in params if isinstance(param, Argument)])


@cache
def titles() -> dict[str, str]:
    """The titles of the library's problems by name, in ASCII, which every terminal shows."""
    from gdcli.library import lookup
    from gdcli.report.transliteration import transliterated

    return {one.name: transliterated(one.title or one.name) for one in lookup.problems()}


def value_kind(option: Option) -> str:
    """The kind of value that an option takes.

    It is one of its `words`, one of them or none (`attached`), a `file`, `data` (`NAME=FILE`), a
    `point` (which may be `@FILE`), any `text`, or `flag` for none.
    """
    if option.is_flag:
        return "flag"
    if option.choices:
        return "attached" if option.alone else "words"
    return {"FILE": "file", "[NAME=]FILE": "data", "POINT": "point"}.get(
        option.metavar or "", "text"
    )


def choice_texts(option: Option) -> dict[str, str]:
    """The choices of an option, each with a line about it, empty where no table has one."""
    tables = {
        "--format": {name: form.help for name, form in FORMATS.items()},
        "--derivative": DERIVATIVES,
    }
    known = tables.get(option.opts[-1], {})
    return {word: known.get(word, "") for word in option.choices}


def argument_kind(argument: Argument) -> str:
    """`problem` where a problem's name or file may stand beside the choices, `file`, or `words`."""
    if argument.file:
        return "file"
    return "problem" if argument.name in ("expression", "name", "action") else "words"


def filled(ending: str, **parts: str) -> str:
    """The script of this folder with that ending, each `@NAME@` in it replaced by its part."""
    from pathlib import Path

    script = Path(__file__).with_name(f"gdcli.{ending}").read_text("ascii")
    for name, part in {"VERSION": __version__, **parts}.items():
        script = script.replace(f"@{name}@", part.rstrip("\n"))
    return script


def bash(table: dict[str, Words]) -> str:
    """The script for bash 3.2 and later."""
    due: dict[str, list[str]] = {}
    options = ""
    for name, entry in table.items():
        for option in entry.options:
            kind = value_kind(option)
            answer = f'kind={kind} found="{" ".join(option.choices)}"'
            if kind != "flag":
                due.setdefault(answer, []).extend(f'"{name} {each}"' for each in option.opts)
        for place, argument in enumerate(entry.arguments, 1):
            answer = f'kind={argument_kind(argument)} found="{" ".join(argument.choices)}"'
            due.setdefault(answer, []).append(f'"{name} {place}"')
        offered = (",".join(each.opts) + "+" * each.multiple for each in entry.options)
        options += f'    {name}) options="{" ".join(offered)}" ;;\n'
    return filled(
        "bash",
        PROBLEMS=" ".join(titles()),
        OPTIONS=options,
        DUE="".join(f"    {' | '.join(words)}) {answer} ;;\n" for answer, words in due.items()),
        COMMANDS=" ".join(table),
        TOP=" ".join(TOP_OPTIONS),
    )


def zsh(table: dict[str, Words]) -> str:
    """The script for zsh."""
    actions = {"file": "_files", "data": "_gdcli_data", "point": "_gdcli_point", "text": " "}
    options = ""
    for name, entry in table.items():
        specs = []
        for option in entry.options:
            kind = value_kind(option)
            texts = choice_texts(option).items()
            choices = " ".join(
                f'{word}\\:"{_escaped(text)}"' if text else word for word, text in texts
            )
            action = actions.get(kind, f"(({choices}))" if '"' in choices else f"({choices})")
            colons = {"flag": "", "attached": "::"}.get(kind, ":")
            value = f"{colons}{_escaped(str(option.metavar))}:{action}" if colons else ""
            others = "*" if option.multiple else f"({' '.join(option.opts)})"
            for each in option.opts:
                equals = "=" if colons and each[:2] == "--" else ""
                text = f"[{_escaped(option.help or '')}]"
                specs.append(_in_shell(f"{others}{each}{equals}{text}{value}"))
        for place, argument in enumerate(entry.arguments, 1):
            due = " ".join(argument.choices)
            kind = argument_kind(argument)
            ways = {"problem": f" _gdcli_function {due}", "file": actions["file"]}
            action = ways.get(kind, f"({due})")
            specs.append(_in_shell(f"{place}::{argument.name}:{action}"))
        options += f"        {name}) _arguments -S {' '.join(specs)} ;;\n"
    return filled(
        "zsh",
        PROBLEMS=_pairs(titles()),
        COMMANDS=_pairs({name: entry.summary for name, entry in table.items()}),
        TOP=" ".join(_in_shell(f"(- *){name}[{text}]") for name, text in TOP_OPTIONS.items()),
        OPTIONS=options,
    )


def fish(table: dict[str, Words]) -> str:
    """The script for fish 3.2 and later."""
    first = "complete -c gdcli -n 'test (count (commandline -opc)) = 1'"
    lines = [f"{first} -l {name[2:]} -d {_in_fish(text)}" for name, text in TOP_OPTIONS.items()]
    answers = {
        **{"flag": "", "file": " -r -F", "text": " -x"},
        **{"data": " -x -a '(__gdcli_data)'", "point": " -x -a '(__gdcli_point)'"},
    }
    for name, entry in table.items():
        lines.append(f"{first} -a {name} -d {_in_fish(entry.summary)}")
        takers = []
        for option in entry.options:
            kind = value_kind(option)
            state = "flag" if kind in ("flag", "attached") else "value"
            takers += option.opts if state == "value" else []
            once = "" if option.multiple else f" {' '.join(option.opts)}"
            spelled = " ".join(f"-l {each[2:]}" if each[:2] == "--" else f"-s {each[1:]}"
                               for each in option.opts)  # fmt: skip
            texts = choice_texts(option).items()
            choices = " ".join(f'{word}\\t"{text}"' if text else word for word, text in texts)
            answer = answers.get(kind) or " -x" * (state == "value") + f" -a '{choices}'"
            lines.append(
                f"complete -c gdcli -n '__gdcli_may {name} {state}{once}' {spelled}{answer}"
                f" -d {_in_fish(option.help or '')}"
            )
            if kind == "attached":
                beside = f"__gdcli_beside {name} {option.opts[0]}"
                lines.append(f"complete -c gdcli -n '{beside}' -a '{choices}'")
        for place, argument in enumerate(entry.arguments, 1):
            kind = argument_kind(argument)
            due = " ".join([*argument.choices, *["(__gdcli_function)"] * (kind == "problem")])
            condition = f"__gdcli_place {name} {place} {' '.join(takers)}"
            answer = "-F" if kind == "file" else f"-a '{due}'"
            lines.append(f"complete -c gdcli -n '{condition}' {answer}")
    named = " ".join(f"{name} {_in_fish(title)}" for name, title in titles().items())
    return filled("fish", PROBLEMS=named, LINES="\n".join(lines))


def powershell(table: dict[str, Words]) -> str:
    """The script for Windows PowerShell 5.1 and PowerShell 7."""
    options, due = "", ""
    for name, entry in table.items():
        helps = {each: option.help or each for option in entry.options for each in option.opts}
        options += f"    '{name}' = {_dictionary(helps)}\n"
        for option in entry.options:
            if not option.is_flag:
                texts = choice_texts(option).items()
                values = _dictionary({word: text or word for word, text in texts})
                equals = "=" * (value_kind(option) == "attached")
                due += "".join(f"    '{name} {each}{equals}' = {values}\n" for each in option.opts)
        for place, argument in enumerate(entry.arguments, 1):
            values = _dictionary({word: word for word in argument.choices})
            is_function = argument_kind(argument) == "problem" and not argument.choices
            due += f"    '{name} {place}' = {'$problems' if is_function else values}\n"
    commands = {name: entry.summary for name, entry in table.items()} | TOP_OPTIONS
    return filled(
        "ps1",
        PROBLEMS="".join(f"    {_entry(*row)}\n" for row in titles().items()),
        COMMANDS="".join(f"    {_entry(*row)}\n" for row in commands.items()),
        OPTIONS=options,
        DUE=due,
    )


def _escaped(text: str) -> str:
    """The text as a part of a specification for zsh's `_arguments`."""
    for sign in "\\:[]":
        text = text.replace(sign, "\\" + sign)
    return text


def _in_shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _pairs(texts: Mapping[str, str]) -> str:
    return "".join(f"    {_in_shell(f'{name}:{text}')}\n" for name, text in texts.items())


def _in_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _entry(name: str, text: str) -> str:
    return f"'{name}' = '" + text.replace("'", "''") + "'"


def _dictionary(texts: Mapping[str, str]) -> str:
    return "[ordered]@{" + "; ".join(_entry(*row) for row in texts.items()) + "}"


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}


def run(shell: str | None, form: Format, **common: Any) -> int:
    if shell not in SHELLS:
        given = "" if shell is None else f", not `{brief(shell)}`"
        raise UsageError(f"gdcli completion takes {', '.join(SHELLS)}{given}")
    with Output(**common) as output:
        output.write(form.writers().completion(SHELLS[shell](commands())))
        return 0


COMMAND = Command(
    "completion",
    run,
    [
        Argument("shell", help=", ".join(SHELLS), choices=tuple(SHELLS)),
        *common_params("completion"),
    ],
    help="Print a completion script; its first lines say where your shell looks for it.",
    examples=EXAMPLES,
    headings={"Answer": "--output"},
)
