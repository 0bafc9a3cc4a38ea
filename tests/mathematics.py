"""The functions of the language as mpmath knows them, without a line of the program."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath

from gdcli.autodiff.primitives import ROWS, Primitive

mp = mpmath.mp.clone()
mp.dps = 50

OF_MPMATH = "exp expm1 log log1p sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in (*OF_MPMATH.split(), "atanh", "erf", "sign")},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "unary-minus": lambda a: -a,
    "pow-integer": lambda a, b: mp.power(a, b),
    "pow-general": lambda a, b: mp.power(a, b),
    "log2": lambda a: mp.log(a) / mp.log(2),
    "log10": lambda a: mp.log(a) / mp.log(10),
    "cbrt": lambda a: mp.sign(a) * mp.root(abs(a), 3),
    "abs": abs,
    "min": min,
    "max": max,
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "logcosh": lambda a: mp.log(mp.cosh(a)),
    "sigmoid": lambda a: 1 / (1 + mp.exp(-a)),
    "softplus": lambda a: mp.log(1 + mp.exp(a)),
    "relu": lambda a: a if a > 0 else 0 * a,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
}
DIFFERENTIATED = [row for row in ROWS if row.name != "tie-count"]


def typed(row: Primitive) -> str:
    """The row applied to its arguments, as one types it with a header."""
    if row.name.startswith("pow-"):
        body = "a^3 + 0*b" if row.name == "pow-integer" else "a^b"
    elif row.name == "unary-minus":
        body = "-a"
    elif row.name.isidentifier():
        body = f"{row.name}({', '.join(names(row))})"
    else:
        body = f"a {row.name} b"
    return f"f({', '.join(names(row))}) = {body}"


def names(row: Primitive) -> tuple[str, ...]:
    return ("a", "b") if row.variadic else row.arguments


def points(row: Primitive, count: int, seed: int = 1) -> Iterator[list[float]]:
    """Points of the row's sampled intervals; those of a^3 have the exponent 3."""
    source = random.Random(f"{row.name} {seed}")
    for _ in range(count):
        point = [source.uniform(*interval) for interval in row.sampled]
        yield [point[0], 3.0] if row.name == "pow-integer" else point


def slope(function: Callable[..., Any], point: Sequence[Any], i: int) -> Any:
    """The derivative by argument i, by mpmath's own differences at 50 digits."""
    where = [mp.mpf(component) for component in point]
    return mp.diff(lambda t: function(*where[:i], t, *where[i + 1 :]), where[i])
