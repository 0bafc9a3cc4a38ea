"""`gdcli completion SHELL`: a completion script, made from the commands and options there are.

A script answers from its own text and runs `gdcli` only for the names of problems.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.output import Output
from gdcli.errors import UsageError, brief
from gdcli.report.formats import Format

NAMES_COMMAND = "gdcli problems list --format plain"
EXAMPLES = (
    "gdcli completion bash > gdcli.bash",
    "gdcli completion fish -o gdcli.fish",
    "gdcli completion zsh",
)


class Words(NamedTuple):
    """The words that can follow a command."""

    summary: str
    options: dict[str, str]  # with their help
    values: dict[str, tuple[str, ...] | None]  # of options that take one; None is a file name
    arguments: tuple[str, ...]
    names: bool  # whether a problem's name can be an argument


def commands() -> dict[str, Words]:
    from gdcli.cli.app import COMMANDS

    return {
        name: words(import_module(f"gdcli.cli.{name}").COMMAND, summary)
        for name, summary in COMMANDS.items()
    }


def words(command: Command, summary: str) -> Words:
    options: dict[str, str] = {}
    values: dict[str, tuple[str, ...] | None] = {}
    arguments: tuple[str, ...] = ()
    for param in command.params:
        if isinstance(param, Argument):
            arguments += param.choices
        elif isinstance(param, Option):
            for name in param.opts:
                options[name] = param.help or ""
                if not param.is_flag:
                    values[name] = None if param.metavar == "FILE" else param.choices
    takers = ("expression", "name")
    names = any(param.name in takers for param in command.params)
    return Words(summary, options, values, arguments, names)


def bash(table: dict[str, Words]) -> str:
    """The script for bash 3.2 and later."""
    return _posix(
        table,
        head="_gdcli() {\n"
        '  local command="${COMP_WORDS[1]}" current="${COMP_WORDS[COMP_CWORD]}"\n'
        '  local previous="${COMP_WORDS[COMP_CWORD-1]}" words=""\n'
        '  [ "$current" = "=" ] && current=""\n'
        '  [ "$previous" = "=" ] && previous="${COMP_WORDS[COMP_CWORD-2]}"\n'
        '  [ "$COMP_CWORD" = 1 ] && command="" previous=""\n',
        files='COMPREPLY=($(compgen -f -- "$current")); return',
        tail='  COMPREPLY=($(compgen -W "$words" -- "$current"))\n}\ncomplete -F _gdcli gdcli\n',
    )


def zsh(table: dict[str, Words]) -> str:
    """The script for zsh, which works from a folder of $fpath and when it is sourced."""
    return "#compdef gdcli\n" + _posix(
        table,
        head="_gdcli() {\n"
        '  local command="${words[2]}" current="${words[CURRENT]}"\n'
        '  local previous="${words[CURRENT-1]}" found=""\n'
        '  [ "$CURRENT" = 2 ] && command="" previous=""\n',
        files="_files; return",
        tail="  compadd -- ${=found}\n}\n"
        'if [ "$funcstack[1]" = _gdcli ]; then _gdcli "$@"; else compdef _gdcli gdcli; fi\n',
        variable="found",
    )


def _posix(
    table: dict[str, Words], head: str, files: str, tail: str, variable: str = "words"
) -> str:
    """A script of two nested `case` statements, in the syntax that bash and zsh share."""
    lines = [head, '  case "$command $previous" in\n']
    options = ['  case "$command $current" in\n']
    options.append(f'    " "*) {variable}="{" ".join((*table, "--help", "--version"))}" ;;\n')
    for name, entry in table.items():
        for option, choices in entry.values.items():
            answer = files if choices is None else f'{variable}="{" ".join(choices)}"'
            lines.append(f'    "{name} {option}") {answer} ;;\n')
        options.append(f'    "{name} -"*) {variable}="{" ".join(entry.options)}" ;;\n')
        fixed = " ".join(entry.arguments)
        asked = f"{fixed} $({NAMES_COMMAND} 2>/dev/null)" if entry.names else fixed
        options.append(f'    "{name} "*) {variable}="{asked.strip()}" ;;\n')
    return "".join([*lines, "    *)\n", *options, "  esac ;;\n  esac\n", tail])


def fish(table: dict[str, Words]) -> str:
    lines = ["complete -c gdcli -f\n"]
    for name, entry in table.items():
        lines.append(
            f"complete -c gdcli -n __fish_use_subcommand -a {name} -d {_quoted(entry.summary)}\n"
        )
        start = f"complete -c gdcli -n '__fish_seen_subcommand_from {name}'"
        for option, text in entry.options.items():
            flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            value = ""
            if option in entry.values:
                choices = entry.values[option]
                value = " -r -F" if choices is None else f" -x -a '{' '.join(choices)}'"
            lines.append(f"{start} {flag}{value} -d {_quoted(text)}\n")
        if entry.arguments:
            lines.append(f"{start} -a '{' '.join(entry.arguments)}'\n")
        if entry.names:
            lines.append(f"{start} -a '({NAMES_COMMAND} 2>/dev/null)'\n")
    return "".join(lines)


def powershell(table: dict[str, Words]) -> str:
    """The script for Windows PowerShell 5.1 and PowerShell 7."""
    values, options, arguments = [], [], []
    for name, entry in table.items():
        for option, choices in entry.values.items():
            values.append(f"    '{name} {option}' = {_array(choices or ())}\n")
        options.append(f"    '{name}' = {_array(entry.options)}\n")
        asked = f" + @({NAMES_COMMAND} 2>$null)" if entry.names else ""
        arguments.append(f"      '{name}' {{ {_array(entry.arguments)}{asked} }}\n")
    return "".join(
        [
            "Register-ArgumentCompleter -Native -CommandName gdcli -ScriptBlock {\n",
            "  param($current, $line, $position)\n",
            "  $values = @{\n",
            *values,
            "  }\n  $options = @{\n",
            *options,
            "  }\n",
            "  $before = $line.CommandElements |"
            " Where-Object { $_.Extent.EndOffset -lt $position }\n",
            "  $words = @($before | ForEach-Object { $_.ToString() })\n",
            "  $command = if ($words.Count -gt 1) { $words[1] } else { '' }\n",
            '  $key = "$command $($words[-1])"\n',
            f"  $found = if (-not $command) {{ {_array((*table, '--help', '--version'))} }}\n",
            "  elseif ($values.ContainsKey($key)) { $values[$key] }\n",
            "  elseif ($current -like '-*') { $options[$command] }\n",
            "  else {\n    switch ($command) {\n",
            *arguments,
            "    }\n  }\n",
            '  $found | Where-Object { $_ -like "$current*" } | ForEach-Object {\n',
            "    [System.Management.Automation.CompletionResult]::new($_)\n  }\n}\n",
        ]
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _array(items: Any) -> str:
    return "@(" + ", ".join(f"'{item}'" for item in items) + ")"


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
    help="Print a completion script; source it from your shell's start-up file.",
    examples=EXAMPLES,
    headings={"Answer": "--output"},
)
