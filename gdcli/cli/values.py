"""Texts of options → values, by a reader for each kind of value.

A reader takes the text and the option's name, and raises UsageError for a text that is no such
value. Numbers are plain ASCII decimals: nan, inf, 1_0 and full-width digits are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, TypeVar

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.errors import UsageError, brief
from gdcli.language.lexer import BLANKS, normalised
from gdcli.numbers import MOST_DIGITS

if TYPE_CHECKING:
    from gdcli.descent.alpha import WrittenAlpha

Value = TypeVar("Value")

SAFE_DIGITS = 15  # of a whole number, for which a float always stands
DOUBTFUL_SIZE = 1e15  # from which on a float may stand for another whole number
DECIMAL_SIGNS = b"0123456789.eE+-, \t"  # of plain decimals
MOST_FRAME_RATE, MOST_FRAMES = 50, 2_000  # a second, and in a whole film


def decimal(text: str) -> float | None:
    """The finite number that `text` writes; None where it is none, or no float stands for it."""
    text = text.replace("−", "-")
    if not text.isascii() or "_" in text or text.strip() != text.strip(BLANKS):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if not 0 < abs(number) < DOUBTFUL_SIZE:
        from gdcli.functions.doubles import loss

        return number if isfinite(number) and not loss(text) else None
    return number


def decimals(text: str) -> list[float] | None:
    """The numbers between commas, at once; None where `decimal` has to look at each by itself."""
    if not text.isascii() or text.encode().translate(None, DECIMAL_SIGNS):
        return None
    try:
        numbers = [*map(float, text.split(","))]
    except ValueError:
        return None
    sizes = [*map(abs, numbers)]
    return numbers if min(sizes) > 0 and max(sizes) < DOUBTFUL_SIZE else None


def number_reader(wanted: str, fits: Callable[[float], bool]) -> Callable[[str, str], float]:
    """A reader of a number that `fits`; `wanted` describes it in a message."""

    def read(text: str, option: str) -> float:
        number = decimal(text)
        if number is None or not fits(number):
            raise wrong(option, wanted, text)
        return number

    return read


def whole_reader(wanted: str, least: int, most: float = inf) -> Callable[[str, str], int]:
    """A reader of a whole number from `least` to `most`, such as 1e6."""

    def read(text: str, option: str) -> int:
        number = decimal(text)
        if number is None or not (least <= number <= most and number.is_integer()):
            raise _not_whole(option, wanted, text if most == inf else "", text)
        return int(number)

    return read


def _not_whole(option: str, wanted: str, number: str, text: str) -> UsageError:
    """The error for a text whose `number` is none that is wanted, or has too many digits."""
    if len(number) > SAFE_DIGITS and number.isdecimal():
        wanted = f"a whole number of at most {SAFE_DIGITS} digits"
    return wrong(option, wanted, text)


tolerance = number_reader("a number that is not negative, such as 1e-8", lambda t: t >= 0)
step = number_reader("a positive number, such as 1e-8", lambda h: h > 0)
gap = number_reader("a positive number, such as 1e-6", lambda most: most > 0)
difference = number_reader("a number that is not 0, such as 0.5", bool)
rate = number_reader(
    f"a number of frames a second, at most {MOST_FRAME_RATE}",
    lambda rate: 0 < rate <= MOST_FRAME_RATE,
)
level = number_reader("a number between 0 and 1, such as 0.95", lambda p: 0 < p < 1)
count = whole_reader("a whole number of at least 0, such as 100", 0)
boxes = whole_reader("a whole number of boxes, such as 10000", 1)
digits = whole_reader("a number of digits from 1 to 17", 1, 17)
many_digits = whole_reader(f"a number of digits from 1 to {MOST_DIGITS}", 1, MOST_DIGITS)
frames = whole_reader(f"a whole number from 2 to {MOST_FRAMES}", 2, MOST_FRAMES)


def rows(text: str, option: str) -> int | None:
    """Read a whole number, or `all` as None."""
    if text == "all":
        return None
    return whole_reader("a number of rows or all", 0)(text, option)


def choice(*allowed: str) -> Callable[[str, str], str]:
    """A reader of one of `allowed`."""

    def read(text: str, option: str) -> str:
        if text not in allowed:
            raise wrong(option, either(allowed), text)
        return text

    return read


def either(names: Sequence[str]) -> str:
    """The names as a choice: `table, json or plain`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def setting(text: str, option: str) -> tuple[str, str]:
    """Read `a=3` as a name and a text."""
    name, equals, value = text.partition("=")
    if not (equals and name.strip(BLANKS) and value.strip(BLANKS)):
        raise wrong(option, "a name and its value, such as a=3", text)
    return normalised(name.strip(BLANKS)), value.strip(BLANKS)


def size(text: str, option: str) -> tuple[str, int]:
    """Read `n=1000` as a name and a whole number."""
    name, equals, value = text.partition("=")
    number = decimal(value)
    name = normalised(name.strip(BLANKS))
    if not (equals and name) or number is None or number < 0 or not number.is_integer():
        wanted = "a name and a whole number of at least 0, such as n=1000"
        raise _not_whole(option, wanted, value, text)
    return name, int(number)


def data(text: str, option: str) -> str | dict[str, str]:
    """Read `A=a.npy` as a mapping of the name to the file, `table.csv` as the text itself."""
    name, equals, path = text.partition("=")
    named = equals and name.strip(BLANKS).isidentifier()
    if not text.strip() or (named and not path.strip()):
        raise wrong(option, "NAME=FILE or a table, such as A=a.npy or points.csv", text)
    return {name.strip(BLANKS): path.strip()} if named else text


def column(text: str, option: str) -> tuple[str, str]:
    """Read `t=Time (s)` as a name and the heading of a column."""
    name, equals, heading = text.partition("=")
    if not (equals and name.strip(BLANKS) and heading.strip()):
        raise wrong(option, "a name and a column, such as t=Time (s) or x=p1:p64", text)
    return normalised(name.strip(BLANKS)), heading.strip()


def once(pairs: Sequence[tuple[str, Value]], option: str) -> dict[str, Value]:
    """The pairs that an option gives, as a mapping. Raises UsageError for a name given twice."""
    named: dict[str, Value] = {}
    for name, value in pairs:
        if name in named:
            raise UsageError(f"{option} gives `{brief(name)}` twice")
        named[name] = value
    return named


def step_size(text: str, option: str) -> WrittenAlpha:
    """Read `auto`, the name of a search, a positive number, or an expression in k."""
    from gdcli.descent.alpha import WrittenAlpha, written_alpha

    number = decimal(text)
    found = written_alpha(text, option) if number is None else WrittenAlpha(number)
    if isinstance(found.value, float) and not 0 < found.value < inf:
        raise wrong(option, "auto, a positive number, an expression in k or a search", text)
    return found


def escape(text: str, option: str) -> str | int:
    """Read `auto`, `no` or a whole number."""
    if text in ("auto", "no"):
        return text
    return whole_reader("auto, no or a whole number of at least 0", 0)(text, option)


def max_time(text: str, option: str) -> float:  # noqa: ARG001 - it is named by its Setting
    """Read seconds, or a time such as `10s`, `2m` and `1h`."""
    from gdcli.descent.stopping import duration

    return duration(text, "max_time")


def method(text: str, option: str) -> str:
    """Read the name of a method of descent."""
    if text not in DESCENT_METHODS:
        from gdcli.descent.foreign import method_advice

        if advice := method_advice(text):
            raise UsageError(f"{option} {brief(text)}: {advice}")
        raise wrong(option, either(tuple(DESCENT_METHODS)), text)
    return text


def fields(text: str, option: str) -> tuple[str, ...]:
    """Read names of fields with commas between them; a comma within brackets is part of one."""
    from gdcli.language.points import split_outside_brackets

    names = tuple(name.strip(BLANKS) for name in split_outside_brackets(text, ","))
    if "" in names:
        raise wrong(option, "names of fields, such as x,f,status", text)
    return names


def step_sizes(text: str, option: str) -> list[WrittenAlpha]:
    from gdcli.language.points import split_outside_brackets

    return [step_size(piece, option) for piece in split_outside_brackets(text, ",")]


def wrong(option: str, wanted: str, text: str) -> UsageError:
    """The error for a text that an option does not take, with what it takes."""
    return UsageError(f"{option} takes {wanted}, not `{brief(text)}`")
