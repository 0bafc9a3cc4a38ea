"""The functions of the language as mpmath knows them, without a line of the program."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import mpmath

from gdcli.autodiff.primitives import ROWS, Primitive
from tests import expressions

mp = mpmath.mp.clone()
mp.dps = 50

OF_THE_ENGINE = ("tie-count", "if-defined", "tanh-slope")
DIFFERENTIATED = [row for row in ROWS if row.name not in OF_THE_ENGINE]
SPELT = {"unary-minus": "negate", "pow-integer": "^", "pow-general": "^"}


def of_mpmath(row: Primitive) -> Callable[..., Any]:
    """The row's function of an mpmath context and its arguments."""
    return expressions.FUNCTIONS[SPELT.get(row.name, row.name)]


FUNCTIONS = {row.name: partial(of_mpmath(row), mp) for row in DIFFERENTIATED}


def typed(row: Primitive) -> str:
    """The row applied to its arguments, as one types it with a header of all of them."""
    constants = (name for i, name in enumerate(names(row)) if i not in varied(row))
    return f"f({', '.join(names(row))}) = {' + 0*'.join([applied(row), *constants])}"


def applied(row: Primitive) -> str:
    """The row applied to its arguments; one that is a constant is a number."""
    given = names(row)
    if row.name.startswith("pow-"):
        return "a^3" if row.name == "pow-integer" else "a^b"
    if row.name == "unary-minus":
        return f"-{given[0]}"
    if row.greatest_order:
        return f"{row.name}({row.sampled[0][0]:.0f}, b)"
    if row.name.isidentifier():
        return f"{row.name}({', '.join(given)})"
    return f" {row.name} ".join(given)


def names(row: Primitive) -> tuple[str, ...]:
    return ("a", "b") if row.variadic else row.arguments


def varied(row: Primitive) -> Sequence[int]:
    """The places of the arguments that are no constants."""
    if row.name == "pow-integer":
        return [0]
    return range(1 if row.greatest_order else 0, len(names(row)))


def points(row: Primitive, count: int, seed: int = 1) -> Iterator[list[float]]:
    """Points of the row's sampled intervals; those of a^3 have the exponent 3."""
    source = random.Random(f"{row.name} {seed}")
    for _ in range(count):
        yield _with_constants(row, [source.uniform(*interval) for interval in row.sampled])


def corners(row: Primitive) -> list[list[float]]:
    """The lowest and the highest point of the row's sampled intervals."""
    return [_with_constants(row, [interval[end] for interval in row.sampled]) for end in (0, 1)]


def _with_constants(row: Primitive, point: list[float]) -> list[float]:
    return [point[0], 3.0] if row.name == "pow-integer" else point


def slope(function: Callable[..., Any], point: Sequence[Any], i: int) -> Any:
    """The derivative by argument i, by mpmath's own differences at 50 digits."""
    where = [mp.mpf(component) for component in point]
    return mp.diff(lambda t: function(*where[:i], t, *where[i + 1 :]), where[i])
