"""Commands, options and arguments: Typer's classes, extended for mathematics on the command line.

An argument may begin with a minus sign: only `-h -o -q -V` and `--word` are options. Options are
made as objects, without Typer's decorators, whose inspection of signatures would cost a tenth of
a short run. The text of an option is read by a function of gdcli, `read(text, option)`, so every
mistake is a GdcliError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typer._click import Context, Parameter
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from gdcli.cli.output import tell
from gdcli.errors import UsageError, brief

if TYPE_CHECKING:
    from gdcli.cli.help import HelpSection

LONGEST_METAVAR = 40  # characters; longer lists of choices stand in the help of an option
ONE_POINT_OPTIONS = ("--start", "--at")  # given twice they are a mistake, but in a picture
SHORT_OPTION = re.compile("-[A-Za-z][A-Za-z0-9_-]*")  # or an expression, a negated name
STDIN_OPTIONS = ("--data", "--at", "--start", "--from")  # a text `-` of theirs is standard input

OptionReader = Callable[[str, str], object]


class Shown(Exception):
    """Raised by an option that has shown all that was asked for."""


def as_typed(text: str, option: str) -> str:  # noqa: ARG001 - the signature of every reader
    return text


class Option(TyperOption):
    """An option whose value `read` makes from its text; a flag has no text.

    An option with `alone` takes one of its choices, or any text as `--option=text`, and `--option`
    by itself stands for the text `alone`. Of an option given twice the last text counts; one that
    is `multiple` has a list of them all, and where it is `split` an entry for each piece between
    commas. `settle` makes the value from the values of all options, once they are read.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        read: OptionReader = as_typed,
        default: str | None = None,
        choices: tuple[str, ...] = (),
        flag: bool = False,
        multiple: bool = False,
        split: bool = False,
        eager: Callable[..., None] | None = None,
        alone: str | None = None,
        settle: Callable[[dict[str, Any]], object] | None = None,
    ) -> None:
        if metavar is None and choices:
            metavar = "|".join(choices)
            if len(metavar) > LONGEST_METAVAR:
                metavar, help = names[-1][2:].upper(), f"{help}: {', '.join(choices)}"
        super().__init__(
            param_decls=list(names),
            help=f"{help} [{default}]" if default else help,
            metavar=metavar,
            default=False if flag else default,
            is_flag=flag,
            multiple=multiple or split,
            callback=eager,
            is_eager=eager is not None,
            expose_value=eager is None,
        )
        self.read = read
        self.alone = alone
        self.split = split
        self.settle = settle
        self.choices = choices

    def type_cast_value(self, ctx: Context, value: Any) -> Any:  # noqa: ARG002
        if self.is_flag:
            return bool(value)
        if self.multiple:
            pieces = pieces_between_commas if self.split else tuple
            texts = [piece for text in value or () for piece in pieces((text,))]
            return [self.read(text, self.opts[0]) for text in texts]
        return None if value is None else self.read(value, self.opts[0])


class Argument(TyperArgument):
    """A positional argument that may be missing; it has choices, or may be the name of a `file`."""

    def __init__(
        self, name: str, help: str, choices: tuple[str, ...] = (), file: bool = False
    ) -> None:
        super().__init__(param_decls=[name], help=help, required=False, metavar=f"[{name.upper()}]")
        self.choices = choices
        self.file = file


class Command(TyperCommand):
    """A command; its `run` takes the values of the parameters and returns the exit status.

    `headings` lists the options that its `-h` shows, by the heading that they stand under; all
    others stand in `--help` alone. The heading `EXPRESSION` is the argument of that name.
    """

    more = "everything else, exit statuses, environment, documents"

    def __init__(
        self,
        name: str,
        run: Callable[..., int],
        params: Sequence[Parameter],
        help: str,
        examples: tuple[str, ...],
        headings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            name,
            callback=run,
            params=[*params, *help_options()],
            help=help,
            add_help_option=False,
            rich_markup_mode=None,
        )
        self.examples = examples
        self.headings = headings or {}

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the options before the arguments, then parse them as Typer does."""
        rest = super().parse_args(ctx, self._sorted(ctx, self._joined(args)))
        for param in self.params:
            if isinstance(param, Option) and param.settle is not None:
                ctx.params[str(param.name)] = param.settle(ctx.params)
        return rest

    def sections(self, context: Context, whole: bool) -> list[HelpSection]:
        """The sections of the help page, of `--help` if `whole`, else of `-h`."""
        from gdcli.cli.help import parameter_sections

        return parameter_sections(context, None if whole else self.headings)

    def _joined(self, words: list[str]) -> list[str]:
        """The words with `--symbolic latex` as `--symbolic=latex`: a choice is no expression."""
        choices = {
            name: param.choices
            for param in self.params
            if isinstance(param, Option) and param.alone
            for name in param.opts
        }
        joined: list[str] = []
        for word in words:
            if joined and word in choices.get(joined[-1], ()):
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return joined

    def _sorted(self, ctx: Context, words: list[str]) -> list[str]:
        takers = {
            name: param
            for param in self.params
            if isinstance(param, Option) and not param.is_flag
            for name in param.opts
        }
        options: list[str] = []
        arguments: list[str] = []
        given: dict[str, list[str]] = {}
        rest = iter(words)
        for word in rest:
            name, equals, value = word.partition("=")
            if word == "--":
                arguments.extend(rest)
            elif not is_option(word):
                arguments.append(word)
            elif name in takers:
                if not equals:
                    value = takers[name].alone or next(rest, "--")
                if not equals and (value == "--" or value in takers):
                    raise UsageError(f"{name} needs a value: {name} {takers[name].metavar}")
                options += [name, value]
                self._count(takers[name], value, given)
            else:
                after = [value] if equals else rest
                refuse_unknown_option(name, ctx, after)
                if equals:
                    raise UsageError(f"{name} takes no value")
                options.append(word)
        self._refuse_surplus(ctx, arguments)
        self._refuse_second_reader(arguments, given)
        return [*options, "--", *arguments]

    def _count(self, option: Option, text: str, given: dict[str, list[str]]) -> None:
        """Note the text of an option in `given`. Raises UsageError for a second point."""
        name = option.opts[0]
        if name in given and name in ONE_POINT_OPTIONS and self.name != "plot":
            raise UsageError(f"{name} is given twice; write one point")
        given[name] = [*(given.get(name, ()) if option.multiple else ()), text]

    def _refuse_second_reader(self, arguments: list[str], given: dict[str, list[str]]) -> None:
        """Raise UsageError where standard input has two readers, or one and no EXPRESSION."""
        params = [param for param in self.params if isinstance(param, Argument)]
        if not any(param.name == "expression" for param in params):
            return
        readers = [
            f"{name} -"
            for name in STDIN_OPTIONS
            for text in given.get(name, ())
            if "-" in (text, name == "--data" and text.partition("=")[2].strip())
        ]
        words = zip(params, arguments, strict=False)
        readers += [
            f"{param.human_readable_name.strip('[]')} -" for param, word in words if word == "-"
        ]
        if len(readers) > 1:
            raise UsageError(
                f"standard input has one reader, not both {readers[0]} and {readers[1]}"
            )
        if readers and not arguments and "--from" not in given:
            raise UsageError(f"{readers[0]} reads standard input: give EXPRESSION too")

    def _refuse_surplus(self, ctx: Context, arguments: list[str]) -> None:
        room = sum(isinstance(param, Argument) for param in self.params)
        if len(arguments) > room:
            if not {*"+-*/^="} & {*arguments}:  # which are of an expression without its quotes
                for word in arguments:
                    self._refuse_foreign_option(ctx, word.partition("=")[0])
            words = brief(" ".join(arguments))
            raise UsageError(
                f"gdcli {self.name} takes {room or 'no'} argument{'s' * (room != 1)}, this is"
                f' {len(arguments)}: {words}\nput an expression in quotes: "x^2 + y^2"'
            )

    def _refuse_foreign_option(self, ctx: Context, word: str) -> None:
        """Raise UsageError for `-n` or `-alpha`, which other tools take, beside an EXPRESSION."""
        from gdcli.cli.foreign import option_advice

        if SHORT_OPTION.fullmatch(word) and option_advice(word, choices(self.params)):
            refuse_unknown_option(word, ctx)


def help_options() -> list[Option]:
    """The options `-h` and `--help`, each of which shows its help page and ends the command."""
    return [
        Option("-h", flag=True, eager=_show_help, help="the most used options, on one screen"),
        Option("--help", flag=True, eager=_show_help,
               help="all options, exit statuses, environment, documents"),
    ]  # fmt: skip


def _show_help(ctx: Context, param: Parameter, value: bool) -> None:
    if value:
        from gdcli.cli.help import page

        command: Any = ctx.command
        whole = "--help" in param.opts
        tell(page(ctx, command.sections(ctx, whole), command.examples, whole))
        raise Shown


def pieces_between_commas(texts: Sequence[str]) -> list[str]:
    """The pieces of all texts between commas outside brackets."""
    if not any("," in text for text in texts):
        return [*texts]
    from gdcli.language.points import split_outside_brackets

    return [piece for text in texts for piece in split_outside_brackets(text, ",")]


def is_option(word: str) -> bool:
    """Whether `word` is an option and not an expression that begins with a minus sign."""
    return word in ("-h", "-o", "-q", "-V") or (word[:2] == "--" and word[2:3].isalpha())


def choices(params: Iterable[Parameter]) -> dict[str, tuple[str, ...]]:
    """The values that each option takes, none where it takes others, by its names."""
    options = [param for param in params if isinstance(param, Option)]
    return {name: param.choices for param in options for name in param.opts}


def refuse_unknown_option(name: str, context: Context, after: Iterable[str] = ()) -> None:
    """Raise UsageError for an option that the command has not; `after` are the words behind it."""
    known = choices(context.command.params)
    if name in known:
        return
    from gdcli.cli.foreign import option_advice, sibling_advice

    group: Any = context.find_root().command
    command = "" if isinstance(context.command, TyperGroup) else str(context.command.name)
    owners: dict[str, list[str]] = {}
    for other in group.list_commands(context) if isinstance(group, TyperGroup) else ():
        for option in choices(group.get_command(context, other).params).keys() - known:
            owners.setdefault(option, []).append(other)
    value = next(iter(after), "")
    value = "" if is_option(value) else value
    hint = option_advice(name, known) or sibling_advice(name, value, command, known, owners)
    whole = f"gdcli {command}".rstrip()
    raise UsageError(f"{whole} has no option {brief(name)}; {hint or f'see {whole} --help'}")
