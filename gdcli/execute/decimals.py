"""Decimals of 40 digits as numbers: for short sums whose terms cancel.

Arithmetic, roots, exponentials, logarithms and powers are those of Python's own `decimal`, whose
digits are the same on every system; arithmetic costs a tenth of mpmath's, whose import alone takes
50 ms. The other primitives are mpmath's. Where there is no such number an operation
raises an ArithmeticError or a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.execute.interpret import operation
from gdcli.execute.source import INFIX, Target
from gdcli.language.syntax import Decimal as Literal

if TYPE_CHECKING:
    from gdcli.numbers.floats import NumberSystem

DECIMAL_DIGITS = 40
DECIMAL_CONTEXT = Context(prec=DECIMAL_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)
in_decimals = partial(localcontext, DECIMAL_CONTEXT)  # the context that operations must run in


def shortest_decimal(number: float) -> Decimal:
    """The shortest decimal that names a float: of a number in a file, what stands there."""
    return Decimal(repr(number))


def _constant(payload: Literal | str) -> Decimal:
    if isinstance(payload, str):
        return Decimal(str(_mpmath().constants[payload]))
    return Decimal(payload.coefficient).scaleb(payload.exponent, DECIMAL_CONTEXT)


def _power(a: Decimal, b: Decimal) -> Decimal:
    return DECIMAL_CONTEXT.power(a, b) if b else Decimal(1)  # 0^0 is 1, as of floats


def _logarithm(function: Callable[[Decimal], Decimal], a: Decimal) -> Decimal:
    if not a:
        raise ValueError("no real number")
    return function(a)


def _by_mpmath(name: str) -> Callable[..., Decimal]:
    def call(*operands: Decimal) -> Decimal:
        system = _mpmath()
        numbers = [system.decimal(_literal(one)) for one in operands]
        return Decimal(str(operation(system, name)(*numbers)))

    return call


def _literal(number: Decimal) -> Literal:
    sign, digits, exponent = number.as_tuple()
    coefficient = int("".join(map(str, digits)))
    return Literal(-coefficient if sign else coefficient, int(exponent))


@cache
def _mpmath() -> NumberSystem:
    from gdcli.numbers.precise import digits

    return digits(DECIMAL_DIGITS + 5)


DECIMAL_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _by_mpmath(name) for name in PRIMITIVES},
    "pow-integer": _power,
    "pow-general": _power,
    "exp": DECIMAL_CONTEXT.exp,
    "log": partial(_logarithm, DECIMAL_CONTEXT.ln),
    "log10": partial(_logarithm, DECIMAL_CONTEXT.log10),
    "sqrt": DECIMAL_CONTEXT.sqrt,
    "abs": DECIMAL_CONTEXT.abs,
    "min": min,
    "max": max,
    "tie-count": lambda y, *values: Decimal(values.count(y)),
}
DECIMAL_TARGET = Target(
    {**INFIX, "/": "{}/{}"}, DECIMAL_FUNCTIONS, "raise ValueError", constant=_constant
)
