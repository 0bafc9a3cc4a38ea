"""Texts of options → values. Each reader is given the text and the option's name.

Numbers are plain ASCII decimals: nan, inf, 1_0 and full-width digits are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import NamedTuple, TypeVar

from gdcli.errors import UsageError, brief
from gdcli.language.lexer import normalised

Value = TypeVar("Value")

DERIVATIVES = (  # the names of derivatives.registry.METHODS
    *("reverse", "tangent", "forward-difference", "central-difference", "complex-step", "symbolic"),
)
MOST_DIGITS = 10_000
MOST_FRAME_RATE, MOST_FRAMES = 50, 2_000  # of a film


def decimal(text: str) -> float | None:
    """The finite number that `text` writes, or None."""
    if not text.isascii() or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def tolerance(text: str, option: str) -> float:
    """A number that is not negative."""
    number = decimal(text)
    if number is None or number < 0:
        raise wrong(option, "a number that is not negative, such as 1e-8", text)
    return number


def count(text: str, option: str) -> int:
    """A whole number from 0; 1e6 is one."""
    number = decimal(text)
    if number is None or number < 0 or not number.is_integer():
        raise wrong(option, "a whole number, such as 100", text)
    return int(number)


def digits(text: str, option: str) -> int:
    """A number of significant digits, 1 to 17."""
    number = decimal(text)
    if number is None or not number.is_integer() or not 1 <= number <= 17:
        raise wrong(option, "a number of digits from 1 to 17", text)
    return int(number)


def many_digits(text: str, option: str) -> int:
    """A number of significant digits, beyond those of a float."""
    number = decimal(text)
    if number is None or not number.is_integer() or not 1 <= number <= MOST_DIGITS:
        raise wrong(option, f"a number of digits from 1 to {MOST_DIGITS}", text)
    return int(number)


def step(text: str, option: str) -> float:
    """The step h of a difference, above 0."""
    number = decimal(text)
    if number is None or number <= 0:
        raise wrong(option, "a positive number, such as 1e-8", text)
    return number


def difference(text: str, option: str) -> float:
    """The step h of a difference, of either sign."""
    number = decimal(text)
    if not number:
        raise wrong(option, "a number that is not 0, such as 0.5", text)
    return number


def rate(text: str, option: str) -> float:
    """Frames a second."""
    number = decimal(text)
    if number is None or not 0 < number <= MOST_FRAME_RATE:
        raise wrong(option, f"a number of frames a second, at most {MOST_FRAME_RATE}", text)
    return number


def frames(text: str, option: str) -> int:
    """A number of frames."""
    number = decimal(text)
    if number is None or not number.is_integer() or not 2 <= number <= MOST_FRAMES:
        raise wrong(option, f"a whole number from 2 to {MOST_FRAMES}", text)
    return int(number)


def rows(text: str, option: str) -> int | None:
    """A whole number, or None for `all`."""
    if text == "all":
        return None
    try:
        return count(text, option)
    except UsageError:
        raise wrong(option, "a number of rows or all", text) from None


def choice(*allowed: str, later: tuple[str, ...] = ()) -> Callable[[str, str], str]:
    """One of `allowed`; what `later` names is refused as not built yet."""

    def read(text: str, option: str) -> str:
        if text in later:
            raise UsageError(f"{option} {text} is not built yet")
        if text not in allowed:
            *others, last = allowed
            raise wrong(option, f"{', '.join(others)} or {last}" if others else last, text)
        return text

    return read


def setting(text: str, option: str) -> tuple[str, str]:
    """`a=3` as name and text."""
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise wrong(option, "a name and its value, such as a=3", text)
    return name.strip(), value.strip()


def parameters(settings: list[tuple[str, str]]) -> dict[str, str]:
    """All `--set` as one mapping."""
    return once(settings, "--set names a parameter twice")


def size(text: str, option: str) -> tuple[str, int]:
    """`n=1000` as name and number."""
    name, equals, value = text.partition("=")
    number = decimal(value)
    if not (equals and name.strip()) or number is None or number < 0 or not number.is_integer():
        raise wrong(option, "a name and a whole number, such as n=1000", text)
    return normalised(name.strip()), int(number)


def sizes(given: list[tuple[str, int]]) -> dict[str, int]:
    """All `--size` as one mapping."""
    return once(given, "--size names a size twice")


def data(text: str, option: str) -> str | dict[str, str]:
    """`A=a.npy` as a mapping, `table.csv` as it is."""
    name, equals, path = text.partition("=")
    named = equals and name.strip().isidentifier()
    if not text.strip() or (named and not path.strip()):
        raise wrong(option, "NAME=FILE or a table, such as A=a.npy or points.csv", text)
    return {name.strip(): path.strip()} if named else text


def once(pairs: list[tuple[str, Value]], message: str) -> dict[str, Value]:
    """The pairs as a mapping, unless a name is there twice."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise UsageError(message)
    return named


class StepSizeOption(NamedTuple):
    """A step size as descent takes it, and the text to show for an expression."""

    value: str | float | Callable[[int], float]
    label: str | None = None


def step_size(text: str, option: str) -> StepSizeOption:
    """`auto`, a positive number, or an expression in k."""
    if text == "auto":
        return StepSizeOption(text)
    number = decimal(text)
    if number is None:
        from gdcli.descent.step_size import expression_in_k, parse_schedule

        if expression_in_k(text, option).variables:
            return StepSizeOption(parse_schedule(text, option), text)
        number = parse_schedule(text, option)(0)
    if not 0 < number < float("inf"):
        raise wrong(option, "auto, a positive number or an expression in k", text)
    return StepSizeOption(number)


def step_sizes(text: str, option: str) -> list[StepSizeOption]:
    """Several step sizes with commas between them."""
    from gdcli.language.points import split_outside_brackets

    return [step_size(piece, option) for piece in split_outside_brackets(text, ",")]


def wrong(option: str, wanted: str, text: str) -> UsageError:
    """What the option takes, and what it was given."""
    return UsageError(f"{option} takes {wanted}, not `{brief(text)}`")
