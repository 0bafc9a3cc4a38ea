"""Exact fractions and numbers of any precision, for the interpreter.

`FRACTIONS` has arithmetic and integer powers only; a tape that leaves the rationals is refused by
the name of the primitive. `digits(n)` is mpmath with n decimal digits; outside a domain it raises
ValueError, or gives mpmath's complex number or infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from gdcli.errors import UndefinedError
from gdcli.execute.numbers import NumberSystem
from gdcli.language.syntax import Decimal

MAXIMUM_BITS = 1_000_000  # of a fraction's numerator


def _fraction(number: Decimal) -> Fraction:
    return Fraction(number.coefficient) * Fraction(10) ** number.exponent


def _integer_power(a: Fraction, b: Fraction) -> Fraction:
    bits = max(a.numerator.bit_length(), a.denominator.bit_length()) * abs(int(b))
    if bits > MAXIMUM_BITS:
        raise UndefinedError(f"a power with about {bits // 3:,} digits is too large to be exact")
    return a ** int(b)


def _sign(a: Any) -> Any:
    return (a > 0) - (a < 0)


def _arithmetic() -> dict[str, Callable[..., Any]]:
    return {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "unary-minus": lambda a: -a,
        "abs": abs,
        "sign": _sign,
        "min": min,
        "max": max,
        "tie-count": lambda y, *values: values.count(y),
    }


FRACTIONS = NumberSystem(
    "rational", _fraction, {}, {**_arithmetic(), "pow-integer": _integer_power}
)


def digits(count: int) -> NumberSystem:
    """Numbers of `count` decimal digits."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = count
    names = "exp log expm1 log1p sqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh"
    operations = {name: getattr(context, name) for name in f"{names} acosh atanh hypot erf".split()}
    operations.update(_arithmetic())
    operations["log2"] = lambda a: context.log(a, 2)
    operations["log10"] = lambda a: context.log(a, 10)
    operations["pow-integer"] = lambda a, b: context.power(a, int(b))
    operations["pow-general"] = context.power
    operations["abs"] = context.fabs
    operations["cbrt"] = lambda a: -context.cbrt(-a) if a < 0 else context.cbrt(a)
    return NumberSystem(
        f"{count}-digit",
        lambda number: context.mpf(number.coefficient) * context.mpf(10) ** number.exponent,
        {"pi": +context.pi, "e": +context.e},
        operations,
    )
