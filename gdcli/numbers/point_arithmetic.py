"""Bounds of functions at points, by arb, or by mpmath without it: all that intervals are made of.

arb (of FLINT, through python-flint) computes balls that hold the value, proved by its authors.
mpmath rounds sums, products, quotients and square roots correctly in the direction asked for, but
states no error of its other functions: these are evaluated with 40 more bits than the numbers have,
and widened by 2^20 units of the last of them. That mpmath is right within that margin is trusted,
not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from math import floor, inf
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from gdcli.errors import UsageError
from gdcli.named_tuples import NamedTuple

ARB, MPMATH = "arb", "mpmath"
MPMATH_GUARD_BITS, MPMATH_MARGIN_BITS = 40, 20  # more than the numbers have; of these, the error
MOST_MAGNITUDE_BITS = 2_000  # of an operand, beyond which mpmath is not asked
MOST_EXPONENT = 100_000  # of two, up to which a number is given as a Fraction

Function = Callable[..., Any]


class PointArithmetic(NamedTuple):
    """How a library computes at points, with numbers of so many bits.

    `values` maps a primitive to a function of exact numbers, whose result `lower` and `upper` make
    bounds of; they are nan where the library finds none. `down` and `up` map the arithmetic
    operations, and "power" of a number that is not negative by an int, to bounds at once. `of`
    gives the greatest number below and the least above a float, an int, a Fraction or a number of
    the library. `exact` gives a number as a Fraction; one that is infinite, or too long, as inf,
    -inf or 0.0. `floor` gives an int. `scope` wraps a function so that it computes in this
    precision. `description` names library, release and precision.
    """

    bits: int
    description: str
    values: Mapping[str, Function]
    lower: Callable[[Any], Any]
    upper: Callable[[Any], Any]
    down: Mapping[str, Function]
    up: Mapping[str, Function]
    of: Callable[[Any], tuple[Any, Any]]
    exact: Callable[[Any], Fraction | float]
    floor: Callable[[Any], int]
    scope: Callable[[Function], Function]


def point_arithmetic(bits: int, library: str | None = None) -> PointArithmetic:
    """The arithmetic of a library: "arb", "mpmath", or None for arb where it is installed.

    Raises UsageError where arb is asked for and python-flint is missing.
    """
    installed = find_spec("flint") is not None
    if library == ARB and not installed:
        raise UsageError("arb is a part of python-flint, which is not installed")
    return _mpmath(bits) if library == MPMATH or not installed else _arb(bits)


def _logsumexp(library: Any, *values: Any) -> Any:
    """log Σ exp of numbers, of which the greatest is taken out first."""
    greatest = values[0]
    for value in values:
        greatest = value if value > greatest else greatest
    if greatest in (inf, -inf):
        return library.nan
    terms = [library.exp(value - greatest) for value in values]
    del terms[values.index(greatest)]
    return greatest + library.log1p(sum(terms, greatest * 0))


# What a library lacks, or loses digits in, spelt by what it has.
POINT_FORMULAS: dict[str, Function] = {
    "log2": lambda library, x: library.log(x) / library.log(library.number(2)),
    "log10": lambda library, x: library.log(x) / library.log(library.number(10)),
    "acosh": lambda library, x: library.asinh(library.sqrt((x - 1) * (x + 1))),
    "hypot": lambda library, x, y: library.sqrt(x * x + y * y),
    "sigmoid": lambda library, x: 1 / (1 + library.exp(-x)),
    "softplus": lambda library, x: library.log1p(library.exp(x)),
    "logcosh": lambda library, x: library.log1p(2 * library.sinh(x / 2) ** 2),
    "tanh-slope": lambda library, x: 1 / library.cosh(x) ** 2,
    "logsumexp": _logsumexp,
    "turns": lambda library, x: x / library.pi(),
    "pi": lambda library: library.pi(),
    "e": lambda library: library.e(),
}
LIBRARY_FUNCTIONS = (
    *("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"),
    *("tanh", "asinh", "atanh", "erf", "erfc", "gamma", "sqrt", "atan2"),
)


def _functions(owner: Any, **others: Any) -> dict[str, Function]:
    """The functions that an owner has by their names, with others and those of the formulas."""
    own = {name: getattr(owner, name) for name in LIBRARY_FUNCTIONS} | others
    library = SimpleNamespace(**own)

    def filled(formula: Function) -> Function:
        return lambda *operands: formula(library, *operands)

    return {**own, **{name: filled(formula) for name, formula in POINT_FORMULAS.items()}}


def _binary(mantissa: int, exponent: int) -> Fraction | float:
    """The number exactly, where it is not too long."""
    if mantissa and abs(exponent + mantissa.bit_length()) > MOST_EXPONENT:
        return (inf if mantissa > 0 else -inf) if exponent > 0 else 0.0
    return Fraction(mantissa << exponent if exponent > 0 else mantissa, 1 << max(0, -exponent))


@cache
def _arb(bits: int) -> PointArithmetic:
    import flint
    from flint import acb, arb, ctx, fmpq

    def scope(function: Function) -> Function:
        def call(*operands: Any) -> Any:
            before = ctx.prec
            if before == bits:
                return function(*operands)
            ctx.prec = bits
            try:
                return function(*operands)
            finally:
                ctx.prec = before

        return call

    def of(number: Any) -> tuple[Any, Any]:
        if isinstance(number, Fraction):
            number = fmpq(number.numerator, number.denominator)
        elif not isinstance(number, int | arb):
            number = float(number)
        ball = arb(number)
        return ball.lower(), ball.upper()

    def exact(number: Any) -> Fraction | float:
        if not number.is_finite():
            return float(number)
        return _binary(*map(int, number.man_exp()))

    values = _functions(
        arb,
        number=arb,
        nan=arb.nan(),
        pi=arb.pi,
        e=arb.const_e,
        cbrt=lambda x: x.root(3) if x != 0 else x,  # arb has no derivative at 0, and gives no value
        lgamma=lambda x: x.lgamma() if x > 0 else abs(x.gamma()).log(),
        digamma=arb.digamma,
        polygamma=lambda order, x: acb(x).polygamma(acb(order)).real,
    )
    down = {
        "+": lambda x, y: (x + y).lower(),
        "-": lambda x, y: (x - y).lower(),
        "*": lambda x, y: (x * y).lower(),
        "/": lambda x, y: (x / y).lower(),
        "power": lambda x, n: (x**n).lower(),
    }
    up = {
        "+": lambda x, y: (x + y).upper(),
        "-": lambda x, y: (x - y).upper(),
        "*": lambda x, y: (x * y).upper(),
        "/": lambda x, y: (x / y).upper(),
        "power": lambda x, n: (x**n).upper(),
    }
    return PointArithmetic(
        bits,
        f"arb of FLINT {flint.__FLINT_VERSION__}, {bits} bits",
        values,
        arb.lower,
        arb.upper,
        down,
        up,
        scope(of),
        exact,
        lambda x: floor(exact(x)),  # arb's floor rounds to its bits
        scope,
    )


@cache
def _mpmath(bits: int) -> PointArithmetic:
    import mpmath
    from mpmath import libmp

    context = mpmath.MPContext()
    context.prec = bits + MPMATH_GUARD_BITS
    number, make = context.mpf, context.make_mpf
    nothing = (context.nan, context.nan)

    def bounded(name: str, function: Function) -> Function:
        """A function that mpmath evaluates to the nearest, as its bounds by the margin."""
        # beside a root digits are lost
        size = 1 if name in ("lgamma", "digamma", "polygamma", "logsumexp") else 0

        def call(*operands: Any) -> Any:
            x = operands[-1] if operands else 1
            if context.isfinite(x) and x and context.mag(x) > MOST_MAGNITUDE_BITS:
                return nothing
            try:
                y = function(*operands)
            except (ArithmeticError, ValueError):
                return nothing
            if not isinstance(y, number) or not context.isfinite(y):
                return nothing
            if y == 0:  # no value is too small for mpmath
                return (y, y) if x in (0, 1, 2) else nothing
            margin = context.ldexp(abs(y) + size, MPMATH_MARGIN_BITS - context.prec)
            low, high = (y - margin)._mpf_, (y + margin)._mpf_
            return make(libmp.mpf_pos(low, bits, "f")), make(libmp.mpf_pos(high, bits, "c"))

        return call

    def rounded(operation: Function, direction: str) -> Function:
        def call(*operands: Any) -> Any:
            try:
                return make(operation(*[one._mpf_ for one in operands], bits, direction))
            except (ArithmeticError, ValueError):
                return context.nan

        return call

    def power(direction: str) -> Function:
        """x^n by products that are all rounded alike, of numbers that are not negative."""

        def call(x: Any, n: int) -> Any:
            result, square = libmp.fone, x._mpf_
            while n:
                if n & 1:
                    result = libmp.mpf_mul(result, square, bits, direction)
                n >>= 1
                square = libmp.mpf_mul(square, square, bits, direction) if n else square
            return make(result)

        return call

    def of(given: Any) -> tuple[Any, Any]:
        if isinstance(given, Fraction):
            ratio = given.numerator, given.denominator
            low, high = (libmp.from_rational(*ratio, bits, direction) for direction in "fc")
        else:
            if not isinstance(given, int | number):
                given = float(given)
            exactly = libmp.from_int(given) if isinstance(given, int) else number(given)._mpf_
            low, high = (libmp.mpf_pos(exactly, bits, direction) for direction in "fc")
        return make(low), make(high)

    def exact(given: Any) -> Fraction | float:
        if not context.isfinite(given):
            return float(given)
        sign, mantissa, exponent, _ = given._mpf_
        return _binary(int(-mantissa if sign else mantissa), int(exponent))

    nearest = _functions(
        context,
        number=number,
        nan=context.nan,
        pi=lambda: +context.pi,
        e=lambda: +context.e,
        cbrt=context.cbrt,
        lgamma=lambda x: context.log(abs(context.gamma(x))) if x < 0 else context.loggamma(x),
        digamma=lambda x: context.psi(0, x),
        polygamma=context.psi,
    )
    names = {"+": libmp.mpf_add, "-": libmp.mpf_sub, "*": libmp.mpf_mul, "/": libmp.mpf_div}
    down = {name: rounded(operation, "f") for name, operation in names.items()}
    up = {name: rounded(operation, "c") for name, operation in names.items()}
    root_down, root_up = (rounded(libmp.mpf_sqrt, direction) for direction in "fc")
    values = {name: bounded(name, function) for name, function in nearest.items()}
    return PointArithmetic(
        bits,
        f"mpmath {mpmath.__version__}, {bits} bits",
        {**values, "sqrt": lambda x: (root_down(x), root_up(x))},
        itemgetter(0),
        itemgetter(1),
        {**down, "power": power("f")},
        {**up, "power": power("c")},
        of,
        exact,
        lambda x: int(context.floor(x)),
        lambda function: function,
    )
