r"""`gdcli completion SHELL`: a completion script, made from the commands and options there are.

A script answers from its own text: no key press starts `gdcli`. It offers commands, options that
may still be given, their values after a blank or `=`, problems, and files where a file is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from typer._click import Parameter

from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.output import Output
from gdcli.errors import UsageError, brief
from gdcli.report.formats import Format

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

    return {problem.name: transliterated(problem.title) for problem in lookup.problems()}


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


def argument_kind(argument: Argument) -> str:
    """`problem` where a problem's name or file may stand beside the choices, else `words`."""
    return "problem" if argument.name in ("expression", "name", "action") else "words"


BASH = r"""# Completion of gdcli for bash 3.2 and later: source this file.
_gdcli_problems="@PROBLEMS@"

# The options of a command: with + they may be given again, a comma joins two names of one.
_gdcli_options() {
  case "$1" in
@OPTIONS@
  esac
}

# What is due after `COMMAND OPTION`, or as the argument of a command at a place.
_gdcli_due() {
  kind="" found=""
  case "$1" in
@DUE@
  esac
}

_gdcli() {
  local line="${COMP_LINE:0:COMP_POINT}" IFS=$' \t\n' word blank current command kind="" found=""
  local options="" given=" " after="" ended="" prefix="" keep="" quote=""
  local place=1 beside="" i typed=() offered=()
  COMPREPLY=()
  # readline cuts words at = : @ too; here a word ends at a blank
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    blank="${line%%[![:blank:]]*}"
    line="${line#"$blank"}"
    case "$line" in "$word"*) ;; *) word="$line" ;; esac
    line="${line#"$word"}"
    if [ -z "$blank" ] && [ ${#typed[@]} -gt 0 ]; then
      typed[${#typed[@]}-1]+="$word"
    else
      typed+=("$word")
    fi
  done
  current="${typed[${#typed[@]}-1]}"
  command="${typed[1]}"
  # what readline keeps of the word: up to the last sign at which it cuts, but @ goes with the rest
  blank="${COMP_WORDBREAKS//[[:space:]]/}"
  keep="${current%"${current##*[$blank]}"}"
  keep="${keep%@}" keep="${keep//\\/}" current="${current//\\/}"
  case "$current" in [\"\']*) quote="${current:0:1}" current="${current#?}" keep="" ;; esac

  for ((i = 2; i < ${#typed[@]} - 1; i++)); do
    word="${typed[i]}" beside=""
    if [ -n "$after" ]; then
      after=""
    elif [ -n "$ended" ]; then
      place=$((place + 1))
    else
      case "$word" in
        --) ended=yes ;;
        --[a-zA-Z]*=*) given="$given${word%%=*} " ;;
        --[a-zA-Z]* | -[hoqV])
          given="$given$word "
          _gdcli_due "$command $word"
          case "$kind" in "") ;; attached) beside="$found" ;; *) after="$word" ;; esac ;;
        *) place=$((place + 1)) ;;
      esac
    fi
  done
  if [ ${#typed[@]} -le 2 ]; then
    kind=words found="@COMMANDS@"
    case "$current" in -*) found="@TOP@" ;; esac
  elif [ -n "$after" ]; then
    _gdcli_due "$command $after"
  else
    case "$ended$current" in
      --[a-zA-Z]*=*)
        prefix="${current%%=*}="
        _gdcli_due "$command ${current%%=*}"
        kind="${kind/attached/words}" ;;
      -*) kind=options ;;
      *)
        _gdcli_due "$command $place"
        kind="${kind:-${ended:-options}}" found="$beside $found" ;;
    esac
  fi

  case "$kind" in
    words) offered=($found) ;;
    problem) offered=($found $_gdcli_problems) ;;
    options)
      _gdcli_options "$command"
      for word in $options; do
        case "$given" in *" ${word%,*} "* | *" ${word#*,} "*) continue ;; esac
        word="${word/,/ }"
        offered+=(${word%+})
      done ;;
    data) case "${current#"$prefix"}" in *=*) prefix="${current%=*}=" ;; esac ;;
    point) case "$current" in *@*) prefix="${current%@*}@" ;; *) return ;; esac ;;
  esac
  case "$kind" in
    file | data | point | problem)
      # readline knows quotes and folders where all of what it replaces is the name of a file
      [ "$prefix" = "$keep" ] && compopt -o filenames 2>/dev/null && quote=readline
      while IFS= read -r word; do
        [ "$kind" != problem ] || [ -d "$word" ] || [ "$word" != "${word%.toml}" ] || continue
        if [ "$quote" != readline ]; then
          [ -d "$word" ] && word="$word/" && compopt -o nospace 2>/dev/null
          [ -n "$quote" ] || word="${word// /\\ }"
        fi
        offered+=("$word")
      done < <(compgen -f -- "${current#"$prefix"}") ;;
  esac
  for word in "${offered[@]}"; do
    word="$prefix$word"
    case "${word//\\/}" in "$current"*) COMPREPLY+=("${word#"$keep"}") ;; esac
  done
}
complete -F _gdcli gdcli
"""

ZSH = r"""#compdef gdcli
# Completion of gdcli for zsh: a file _gdcli in a folder of $fpath, or sourced after compinit.
_gdcli_problems() {
  local -a found=(
@PROBLEMS@
  )
  _describe -t problems problem found
}

_gdcli_function() {
  _alternative "words:word:($*)" 'problems:problem:_gdcli_problems' \
    'files:file of a problem:_files -g "*.toml"'
}

_gdcli_data() {
  compset -P '*='
  _files
}

_gdcli_point() {
  if compset -P '*@'; then _files; else _message 'a point, or @FILE'; fi
}

_gdcli() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands=(
@COMMANDS@
  )
  _arguments -C -S @TOP@ '1:command:->command' '*::argument:->argument'
  case "$state" in
    command) _describe -t commands command commands ;;
    argument)
      case "$words[1]" in
@OPTIONS@
      esac ;;
  esac
}
if [ "$funcstack[1]" = _gdcli ]; then _gdcli "$@"; else compdef _gdcli gdcli; fi
"""

FISH = r"""# Completion of gdcli for fish 3.2 and later: a file in ~/.config/fish/completions.
function __gdcli_may -a command # whether an option of this command may come now: none of $argv[3..]
    set -l words (commandline -opc)
    test "$words[2]" = "$command"; or return
    test "$argv[2]" = value; and contains -- $words[-1] $argv[3..-1]; and set -e words[-1]
    for option in $argv[3..-1]
        string match -q -- $option $words[3..-1]; and return 1
        string match -q -- "$option=*" $words[3..-1]; and return 1
    end
    return 0
end

function __gdcli_place -a command place # whether that argument is due; $argv[3..] take values
    set -l words (commandline -opc)
    test "$words[2]" = "$command"; or return
    set -l found 1
    set -l reading options
    for word in $words[3..-1]
        if test $reading = value
            set reading options
        else if test $reading = options -a "$word" = --
            set reading arguments
        else if test $reading = options; and string match -qr -- '^(-[a-zA-Z]$|--[a-zA-Z])' $word
            contains -- $word $argv[3..-1]; and set reading value
        else
            set found (math $found + 1)
        end
    end
    test $reading = options; and string match -q -- '-*' (commandline -ct); and return 1
    test $found = $place
end

function __gdcli_beside -a command option # whether a value of an option that needs none may come
    set -l words (commandline -opc)
    test "$words[2]" = "$command" -a "$words[-1]" = "$option"
end

function __gdcli_files # the files that begin with $argv[1], each after $argv[2]
    for file in $argv[1]*
        test -d $file; and set file $file/
        printf '%s%s\n' $argv[2] $file
    end
end

function __gdcli_word # the value at the cursor, without --option=
    string replace -r -- '^--[a-zA-Z-]+=' '' (commandline -ct)
end

function __gdcli_data
    set -l word (__gdcli_word)
    set -l parts (string match -r -- '^((?:.*=)?)(.*)$' $word)
    __gdcli_files "$parts[3]" "$parts[2]"
end

function __gdcli_point
    set -l parts (string match -r -- '^(.*@)(.*)$' (__gdcli_word)); or return
    __gdcli_files "$parts[3]" "$parts[2]"
end

function __gdcli_function
    printf '%s\t%s\n' @PROBLEMS@
    __gdcli_files (commandline -ct) '' | string match -r -- '.*(?:\.toml|/)$'
end

complete -c gdcli -f
@LINES@
"""

POWERSHELL = r"""# Completion of gdcli for Windows PowerShell 5.1 and 7: a part of your profile.
Register-ArgumentCompleter -Native -CommandName gdcli -ScriptBlock {
  param($current, $line, $position)
  $problems = [ordered]@{
@PROBLEMS@
  }
  $commands = [ordered]@{
@COMMANDS@
  }
  $options = @{
@OPTIONS@
  }
  $due = @{
@DUE@
  }
  $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } |
    ForEach-Object { $_.ToString() })
  $command = if ($before.Count -gt 1) { $before[1] } else { '' }
  $after = ''
  $ended = $false
  $place = 1
  foreach ($word in @($before | Select-Object -Skip 2)) {
    if ($after) { $after = '' }
    elseif ($ended) { $place++ }
    elseif ($word -eq '--') { $ended = $true }
    elseif ($word -match '^(--[a-z]|-[a-z]$)') {
      if ($due.ContainsKey("$command $word")) { $after = $word }
    }
    else { $place++ }
  }
  $prefix = ''
  $found = if (-not $command) { $commands }
  elseif ($after) { $due["$command $after"] }
  elseif (-not $ended -and $current -match '^(--[a-z-]+)=') {
    $prefix = $Matches[0]
    $due["$command $($Matches[1])"]
  }
  elseif (-not $ended -and ($current -like '-*' -or -not $due.ContainsKey("$command $place"))) {
    $options[$command]
  }
  else { $due["$command $place"] }
  foreach ($name in @($found.Keys)) {
    if ($name -and "$prefix$name" -like "$current*") {
      [System.Management.Automation.CompletionResult]::new(
        "$prefix$name", $name, 'ParameterValue', $found[$name])
    }
  }
}
"""


def filled(script: str, **parts: str) -> str:
    """The script with each `@NAME@` replaced by its part."""
    for name, part in parts.items():
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
        BASH,
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
            action = actions.get(kind, f"({' '.join(option.choices)})")
            colons = {"flag": "", "attached": "::"}.get(kind, ":")
            value = f"{colons}{_escaped(str(option.metavar))}:{action}" if colons else ""
            others = "*" if option.multiple else f"({' '.join(option.opts)})"
            for each in option.opts:
                equals = "=" if colons and each[:2] == "--" else ""
                text = f"[{_escaped(option.help or '')}]"
                specs.append(_in_shell(f"{others}{each}{equals}{text}{value}"))
        for place, argument in enumerate(entry.arguments, 1):
            due = " ".join(argument.choices)
            problem = argument_kind(argument) == "problem"
            action = f" _gdcli_function {due}" if problem else f"({due})"
            specs.append(_in_shell(f"{place}::{argument.name}:{action}"))
        options += f"        {name}) _arguments -S {' '.join(specs)} ;;\n"
    return filled(
        ZSH,
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
            answer = answers.get(kind) or (
                " -x" * (state == "value") + f" -a '{' '.join(option.choices)}'"
            )
            lines.append(
                f"complete -c gdcli -n '__gdcli_may {name} {state}{once}' {spelled}{answer}"
                f" -d {_in_fish(option.help or '')}"
            )
            if kind == "attached":
                beside = f"__gdcli_beside {name} {option.opts[0]}"
                lines.append(f"complete -c gdcli -n '{beside}' -a '{' '.join(option.choices)}'")
        for place, argument in enumerate(entry.arguments, 1):
            problems = ["(__gdcli_function)"] * (argument_kind(argument) == "problem")
            due = " ".join([*argument.choices, *problems])
            condition = f"__gdcli_place {name} {place} {' '.join(takers)}"
            lines.append(f"complete -c gdcli -n '{condition}' -a '{due}'")
    named = " ".join(f"{name} {_in_fish(title)}" for name, title in titles().items())
    return filled(FISH, PROBLEMS=named, LINES="\n".join(lines))


def powershell(table: dict[str, Words]) -> str:
    """The script for Windows PowerShell 5.1 and PowerShell 7."""
    options, due = "", ""
    for name, entry in table.items():
        helps = {each: option.help or each for option in entry.options for each in option.opts}
        options += f"    '{name}' = {_dictionary(helps)}\n"
        for option in entry.options:
            if not option.is_flag:
                values = _dictionary({word: word for word in option.choices})
                due += "".join(f"    '{name} {each}' = {values}\n" for each in option.opts)
        for place, argument in enumerate(entry.arguments, 1):
            values = _dictionary({word: word for word in argument.choices})
            due += f"    '{name} {place}' = {values if argument.choices else '$problems'}\n"
    commands = {name: entry.summary for name, entry in table.items()} | TOP_OPTIONS
    return filled(
        POWERSHELL,
        PROBLEMS="".join(
            f"    {_entry(name, title or name)}\n" for name, title in titles().items()
        ),
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
    help="Print a completion script; source it from your shell's start-up file.",
    examples=EXAMPLES,
    headings={"Answer": "--output"},
)
