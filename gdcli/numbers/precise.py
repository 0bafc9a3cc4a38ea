"""Exact fractions and numbers of any precision, for the interpreter.

`FRACTIONS` has arithmetic and integer powers only; what leaves the rationals is refused by name.
`digits(n)` is mpmath with n decimal digits, real and finite: outside a domain, at a pole and where
a number is too large an operation raises ValueError, ZeroDivisionError or OverflowError.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from gdcli.errors import UndefinedError
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import NumberSystem

MAXIMUM_BITS = 14_000  # of a fraction: as many decimal digits as Python turns into text
MAXIMUM_MAGNITUDE = 3000  # in bits, of what grows or turns too fast beyond: about 1e900
LIMITED_PRIMITIVES = (  # by it
    *("exp", "expm1", "sin", "cos", "tan", "sinh", "cosh", "pow-general", "gamma", "erfc"),
)
SATURATING_PRIMITIVES = ("tanh", "erf")  # 1 or -1 there, to every digit


class Irrational:
    """A constant that is no fraction; what meets it is refused by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


def _fraction(number: Decimal) -> Fraction:
    return Fraction(number.coefficient) * Fraction(10) ** number.exponent


def _bits(a: Fraction) -> int:
    return max(a.numerator.bit_length(), a.denominator.bit_length())


def rational(number: Any) -> Fraction:
    """`number` itself. Raises UndefinedError for an irrational one and for one that is too long."""
    if isinstance(number, Irrational):
        raise UndefinedError(f"{number} is not rational")
    if _bits(number) > MAXIMUM_BITS:
        raise _too_long(_bits(number))
    found: Fraction = number
    return found


def _too_long(bits: int) -> UndefinedError:
    return UndefinedError(f"a fraction of about {bits * 3 // 10:,} digits is too long to be exact")


def _integer_power(a: Fraction, b: Fraction) -> Fraction:
    bits = _bits(a) * abs(int(b))
    if bits > MAXIMUM_BITS and _bits(a) > 1:
        raise _too_long(bits)
    return a ** int(b)


def _arithmetic(number: Callable[[int], Any]) -> dict[str, Callable[..., Any]]:
    """The operations that fractions and mpmath's numbers share; `number` makes one of an int."""
    return {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "unary-minus": lambda a: -a,
        "abs": abs,
        "sign": lambda a: number((a > 0) - (a < 0)),
        "min": min,
        "max": max,
        "tie-count": lambda y, *values: number(values.count(y)),
    }


def _guarded(operation: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: rational(operation(*map(rational, operands)))


FRACTIONS = NumberSystem(
    "rational",
    _fraction,
    {"pi": Irrational("pi"), "e": Irrational("e")},
    {
        name: _guarded(operation)
        for name, operation in {**_arithmetic(Fraction), "pow-integer": _integer_power}.items()
    },
    rational,
)


def digits(count: int) -> NumberSystem:
    """The real numbers of `count` decimal digits, mpmath's."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = count

    def real(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*operands: Any) -> Any:
            if name in LIMITED_PRIMITIVES and any(map(large, operands)):
                raise OverflowError("too large")
            if name in SATURATING_PRIMITIVES and large(operands[0]):
                return context.sign(operands[0])
            result = operation(*operands)
            if not isinstance(result, context.mpf) or not context.isfinite(result):
                raise ValueError("no real number")
            return result

        return checked

    def large(operand: Any) -> bool:
        return bool(context.mag(operand) > MAXIMUM_MAGNITUDE)

    def cube_root(a: Any) -> Any:
        return context.cbrt(a) if a >= 0 else -context.cbrt(-a)

    def number(decimal: Decimal) -> Any:
        scale = 10 ** abs(decimal.exponent)
        whole = context.mpf(decimal.coefficient)
        return whole * scale if decimal.exponent >= 0 else whole / scale

    names = "exp log expm1 log1p sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
    names = f"{names} atanh hypot erf erfc"
    operations = {name: getattr(context, name) for name in names.split()}
    operations |= _gamma_functions(context)
    operations["log2"] = lambda a: context.log(a, 2)
    operations["log10"] = lambda a: context.log(a, 10)
    operations["cbrt"] = cube_root
    operations["pow-integer"] = lambda a, b: context.power(a, int(b))
    operations["pow-general"] = context.power
    operations = {name: real(name, operation) for name, operation in operations.items()}
    constants = {"pi": +context.pi, "e": +context.e}
    arithmetic = _arithmetic(context.mpf)
    return NumberSystem(f"{count}-digit", number, constants, {**arithmetic, **operations})


def _gamma_functions(context: Any) -> dict[str, Callable[..., Any]]:
    """mpmath's functions, made quick at any argument and any number of digits, and right to the
    last of them beside roots, where terms cancel."""

    def steps(a: Any) -> range:
        """To so large an argument that few terms of Stirling's series are needed."""
        return range(context.prec if context.prec > 1000 and abs(a) < context.prec else 0)

    def gamma(a: Any) -> Any:
        return context.gamma(a + len(steps(a))) / context.fprod(a + k for k in steps(a))

    def lgamma(a: Any) -> Any:
        passed = context.log(abs(context.fprod(a + k for k in steps(a))))
        return context.loggamma(a + len(steps(a))).real - passed

    def polygamma(order: Any, a: Any) -> Any:
        n = int(order)
        if n == 0:
            return context.digamma(a + len(steps(a))) - context.fsum(1 / (a + k) for k in steps(a))
        if a > 0:
            return context.psi(n, a)
        # the sum over all integers less those beyond; mpmath would take a step for each between
        r, sign = a - context.nint(a), 1 if n % 2 else -1
        if sign < 0 and abs(r) == 0.5:
            return context.psi(n, 1 - a)  # the sum is 0
        others = context.psi(n, 1 - r) - context.psi(n, 1 - a)
        return sign * (context.factorial(n) / r ** (n + 1) + others) + context.psi(n, 1 + r)

    def guarded(function: Callable[..., Any], size: Callable[..., int]) -> Callable[..., Any]:
        """With more digits, by the size in bits of the terms that may cancel; 0 where none do."""

        def rounded(*operands: Any) -> Any:
            bits = size(*operands)
            with context.workprec(context.prec + bits + 20):
                value = function(*operands)
            if bits and value and context.mag(value) < 0:
                with context.workprec(context.prec + bits + 20 - context.mag(value)):
                    value = function(*operands)
            return +value

        return rounded

    def size_of_order(order: Any, a: Any) -> int:
        n = int(order)
        return 0 if n and a > 0 else int(context.mag(context.factorial(n))) + n + 12

    derivatives = guarded(polygamma, size_of_order)
    return {
        "gamma": guarded(gamma, lambda _: 0),
        "lgamma": guarded(lgamma, lambda a: max(0, int(context.mag(a))) + 12),
        "digamma": partial(derivatives, 0),
        "polygamma": derivatives,
    }


def decimal_text(number: Any, count: int) -> str:
    """`number`, of more than `count` digits, rounded to so many: `0.3333333333`, `25`, `1.5e-30`.

    Final zeros are written where they are digits of a number that goes on behind them.
    """
    from mpmath.libmp import dps_to_prec, mpf_pos, to_str

    longer = count + 10
    # Rounded first: of a number of thousands of digits `to_str` would write out all of them.
    rounded = mpf_pos(number._mpf_, dps_to_prec(longer + 5), "n")
    short: str = to_str(rounded, count)
    if short == to_str(rounded, longer):
        return short.removesuffix(".0").replace(".0e", "e")
    padded: str = to_str(rounded, count, strip_zeros=False)
    return padded.removesuffix(".")
