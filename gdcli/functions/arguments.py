"""Arguments: the numbers, texts, choices and flags that a person gives the library, each checked.

Comes in: any object, and the name of the argument it was given for. Goes out: a value of Python's
own type; or a UsageError with the argument, what it takes, and what was given. NumPy's numbers are
numbers as Python's are; True and False are none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from math import inf, isfinite
from typing import Any

from gdcli.errors import PointError, Sentence, Setting, UsageError, brief
from gdcli.functions.doubles import double

BOOLEAN_TYPES = ("bool", "bool_")  # by name, for NumPy's is not imported here


def wrong(argument: str, wanted: str, given: object) -> UsageError:
    """The error for a value that the argument does not take, with what it takes."""
    return UsageError(Sentence("{} takes {}, not {}", Setting(argument), wanted, shown(given)))


def shown(value: object) -> str:
    """The value as a message shows it, on one line; its type where it has no short text."""
    try:
        return brief(repr(value))
    except Exception:  # a number of thousands of digits, or a class whose repr fails
        return f"an object of the type {brief(type(value).__name__)}"


def is_boolean(value: object) -> bool:
    """Whether the value is True or False, Python's or NumPy's."""
    return type(value).__name__ in BOOLEAN_TYPES


def flag(value: Any, argument: str) -> bool:
    """True or False."""
    if not is_boolean(value):
        raise wrong(argument, "True or False", value)
    return bool(value)


def number(
    value: Any,
    argument: str,
    wanted: str = "a finite number",
    fits: Callable[[float], bool] = isfinite,
) -> float:
    """The finite float that `fits`; `wanted` says in a message what does."""
    if not is_boolean(value):
        with suppress(PointError):
            found = double(value, argument)
            if isfinite(found) and fits(found):
                return found
    raise wrong(argument, wanted, value)


def whole(value: Any, argument: str, least: int, most: float = inf) -> int:
    """The whole number from `least` to `most`; a float such as 1e4 may stand for one."""
    limits = f"of at least {least}" if most == inf else f"from {least} to {most:,}"
    fits: Callable[[float], bool] = lambda n: least <= n <= most and n.is_integer()  # noqa: E731
    return int(number(value, argument, f"a whole number {limits}", fits))


def text(value: Any, argument: str, wanted: str = "a text") -> str:
    """The text."""
    if not isinstance(value, str):
        raise wrong(argument, wanted, value)
    return value


def choice(value: Any, argument: str, allowed: Collection[str]) -> str:
    """The one of the `allowed` texts that is given."""
    if not isinstance(value, str) or value not in allowed:
        raise wrong(argument, either([f'"{one}"' for one in allowed]), value)
    return value


def either(names: Sequence[str]) -> str:
    """The names as a choice: `"auto", "python" or "native"`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
