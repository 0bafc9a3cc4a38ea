"""Doubles: the floats that stand for the numbers a person gives, or why none does.

One rule for tables, arrays, problem files, traces, points and parameters. A number is rounded to
the nearest double, as everywhere, but refused where it would silently become another number:
- a whole number (of a type of whole numbers, or written without point and exponent) that no double
  equals; a text may also be the shortest decimal of its double, which is how programs write one;
- a number that is not 0 and would become 0, or a finite one that would become infinite;
- a float of a longer type, where it has digits that a double does not hold;
- what is no real number: a masked entry, a complex number, a date, a text among numbers.
A literal in the text of a function, or in a constant that is given as a text, keeps its exact
decimal instead; `reading_notes` says where floats do not. NumPy is imported for arrays only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from math import isinf
from operator import index
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import GdcliError, PointError, brief, listed
from gdcli.language.syntax import NUMBER, Decimal, Expression, read_decimal
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

MOST_DIMENSIONS = 64  # of an array, as in NumPy
TOO_SMALL, TOO_LARGE = "is not 0, but too small for a float", "is too large for a float"


def loss(text: str) -> str | None:
    """The words for what the double of a decimal loses; None where it stands for the decimal."""
    digits = text.strip().lstrip("+-").lower()
    value = float(digits)
    if isinf(value):
        return TOO_LARGE
    if not value and any(digit in "123456789" for digit in digits.partition("e")[0]):
        return TOO_SMALL
    if value < INTEGER_LIMIT or not digits.isdecimal():
        return None
    whole = digits.lstrip("0")
    shortest = read_decimal(whole) == read_decimal(repr(value))
    return None if shortest or int(whole) == value else _between(value)


class TinyDecimal(NamedTuple):
    """A decimal of a file that is not 0, but too small for a float."""

    text: str


def read_float(text: str) -> float | TinyDecimal:
    """The float of a number with a point or an exponent, as TOML and JSON write it, if it has one.

    It is infinite where the number is too large.
    """
    number = float(text)
    return number if number or not loss(text.replace("_", "")) else TinyDecimal(text)


def losses(expression: Expression) -> Iterator[tuple[str, str]]:
    """The literals of an expression for which no double stands, each with its `loss`."""
    for position, node in enumerate(expression.nodes):
        if node.kind == NUMBER and isinstance(node.value, Decimal):
            coefficient, exponent = node.value
            if coefficient.bit_length() > 53 or not -290 < exponent < 290 or exponent > 15:
                text = expression.source(position).strip("( \t\r\n)")  # brackets belong to its span
                if what := loss(text):
                    yield text, what


def double(value: Any, place: str, error: type[GdcliError] = PointError) -> float:
    """The float that stands for a number of any type; raises `error`, which begins with `place`."""
    if isinstance(value, float) or (type(value) is int and abs(value) <= INTEGER_LIMIT):
        return float(value)
    if _masked(value):
        raise error(f"{place}: it is masked")
    if isinstance(value, TinyDecimal):
        raise error(f"{place}: `{brief(value.text)}` {TOO_SMALL}")
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    if isinstance(value, str | bytes | complex) or kind not in "iufbO" or _has_axes(value):
        raise error(f"{place}: {_shown(value)} is no real number")
    with suppress(TypeError):
        value = index(value)  # Python's own whole number, which compares exactly
    try:
        number = float(value)
    except OverflowError:
        raise error(f"{place}: {_shown(value)} {TOO_LARGE}") from None
    except Exception:  # of a type that is none, or of a class whose __float__ fails
        raise error(f"{place}: {_shown(value)} is no real number") from None
    if number != value and number == number and (what := _changed(value, number)):
        raise error(f"{place}: {_shown(value)} {what}")
    return number


def doubles(
    values: ArrayLike, shown: str, error: type[GdcliError] = PointError, finite: bool = True
) -> NDArray[np.float64]:
    """A new array, C-contiguous, of the floats that stand for `values`, of the same shape.

    Raises `error`, which begins with `shown`, for what is no array of real numbers, and where they
    must be `finite` for one that is not.
    """
    import numpy as np

    places = _masked(values)
    try:
        array = np.asanyarray(None if places else values)
    except ValueError:
        raise error(f"{shown}: its rows have different lengths") from None
    if places := places or _masked(array):
        entries = listed([f"[{', '.join(map(str, place))}]" for place in places])
        what = f"entry {entries}" if places[0] else "it"
        raise error(f"{shown}: {what} is masked; fill such entries, or leave them out")
    kind = array.dtype.kind
    if kind not in "iufbO" or (kind == "O" and not array.ndim):
        raise error(f"{shown}: it is no array of real numbers, but of {brief(str(array.dtype))}")
    if kind == "O":
        numbers = [double(one, _entry(shown, place), error) for place, one in np.ndenumerate(array)]
        floats = np.array(numbers, float).reshape(array.shape)
    else:
        with np.errstate(all="ignore"):  # what overflows or underflows is found below
            floats = np.array(array, dtype=float, order="C")
    if finite and not np.isfinite(floats).all():
        place = np.argwhere(~np.isfinite(floats))[0]
        raise error(f"{_entry(shown, place)} is not a finite number")
    longer = kind == "f" and array.dtype.itemsize > floats.itemsize
    if kind == "f" and not longer and isinstance(values, np.ndarray):
        return floats
    suspects = floats != array if longer else np.abs(floats) >= INTEGER_LIMIT
    if suspects.any() and not longer:
        array = np.asarray(values, dtype=object)  # of a list: whole numbers and floats
    for place in np.argwhere(suspects):
        double(array[tuple(place)], _entry(shown, place), error)
    return floats


def _changed(value: Any, number: float) -> str | None:
    """The words for what `number` loses, which differs from `value`; None where it is rounded."""
    if isinf(number):
        return TOO_LARGE
    if not number:
        return TOO_SMALL
    if isinstance(value, int):
        return _between(number)
    longer = getattr(value, "itemsize", 0) > 8
    return "has more digits than a float; round it with float(...)" if longer else None


def _between(value: float) -> str:
    return f"is a whole number between two floats; the nearest is {value:.0f}"


def _masked(values: Any, dimensions: int = MOST_DIMENSIONS) -> list[tuple[int, ...]]:
    """The subscripts, from 1, of the masked entries of an array, or of lists of such."""
    ma = sys.modules.get("numpy.ma")  # whoever has a masked array has imported it
    if ma is None or not dimensions:
        return []
    if isinstance(values, ma.MaskedArray):
        return [tuple((place + 1).tolist()) for place in _where(ma.getmaskarray(values))]
    if not isinstance(values, list | tuple):
        return []
    return [
        (number, *place)
        for number, value in enumerate(values, 1)
        if isinstance(value, list | tuple | ma.MaskedArray)
        for place in _masked(value, dimensions - 1)
    ]


def _where(mask: Any) -> Any:
    import numpy as np

    return np.argwhere(mask)


def _entry(shown: str, place: Any) -> str:
    return f"{shown}: entry [{', '.join(str(number + 1) for number in place)}]"


def _has_axes(value: Any) -> bool:
    return bool(getattr(value, "ndim", None))


def same_numbers(one: Any, other: Any) -> bool:
    """Whether two values are equal: numbers by value, nan to nan; arrays and lists by entry."""
    if isinstance(one, float) and isinstance(other, float):
        return bool(one == other or (one != one and other != other))
    one, other = (value.tolist() if _has_axes(value) else value for value in (one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_numbers(one[key], other[key]) for key in one)
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(same_numbers, one, other))
    return bool(one == other)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _shown(value: Any) -> str:
    try:
        return f"`{brief(str(value))}`"
    except ValueError:  # Python writes no number of more than 4300 digits
        return "a number of thousands of digits"
    except Exception:  # of a class whose text fails
        return f"an object of the type {brief(type(value).__name__)}"
