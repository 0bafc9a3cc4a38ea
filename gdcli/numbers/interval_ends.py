"""Intervals of one box at a time, whose ends are numbers of arb, or of mpmath without it.

Proofs rest on these intervals. The ends are exact numbers of a chosen precision; every operation
is evaluated at ends and critical points, and rounded outward from there. The rules by which a
function's range follows from its values at points stand here once; a `PointArithmetic` says how a
library computes a lower and an upper bound of a value at a point.

arb (of FLINT, by python-flint) computes balls that hold the value, proved by its authors. mpmath
rounds sums, products, quotients and square roots correctly in the direction asked for. It states
no error of its other functions: they are evaluated with `GUARD_BITS` more bits than the ends have,
and widened by `MARGIN_BITS` of these. That an mpmath function is right within that margin is
trusted, not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from math import inf
from types import SimpleNamespace
from typing import Any

from gdcli.errors import UsageError
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import NumberSystem
from gdcli.numbers.interval import (
    CONTINUOUS,
    DEFINED,
    DEFINED_AND_CONTINUOUS,
    Interval,
    IntervalSystem,
)

ARB, MPMATH = "arb", "mpmath"
GUARD_BITS, MARGIN_BITS = 40, 20  # mpmath's results are trusted to 20 of the 40 bits
MOST_MAGNITUDE_BITS = 2_000  # of an operand that mpmath evaluates a transcendental function at
MOST_EXPONENT = 100_000  # of two, up to which an end is a Fraction
MOST_COUNTED_TURNS = 2.0**40  # beyond them the extrema of sin are not located
OUTER_PIECE_STEP = Fraction(1, 1024)  # from the poles, where an extremum of gamma is looked for


class PointArithmetic(NamedTuple):
    """How a library computes at points: bounds of values, rounded to so many bits.

    `down` and `up` map a primitive to functions of numbers that give a lower and an upper bound of
    its value, nan where the library finds none. `of` gives the greatest number below and the least
    above a float, an int, a Fraction or a number of the library; `exact` is the inverse. `floor`
    gives an int. `scope` wraps a function so that it runs in this precision. `description` names
    library, release and precision.
    """

    bits: int
    description: str
    down: Mapping[str, Callable[..., Any]]
    up: Mapping[str, Callable[..., Any]]
    of: Callable[[Any], tuple[Any, Any]]
    exact: Callable[[Any], Fraction | float]
    floor: Callable[[Any], int]
    scope: Callable[[Callable[..., Any]], Callable[..., Any]]


def _logsumexp(functions: Any, *values: Any) -> Any:
    """log Σ exp of numbers, of which the greatest is taken out first."""
    greatest = values[0]
    for value in values:
        greatest = value if value > greatest else greatest
    if greatest in (inf, -inf):
        return greatest
    terms = [functions.exp(value - greatest) for value in values]
    del terms[values.index(greatest)]
    return greatest + functions.log1p(sum(terms, greatest * 0))


# What a library lacks, or computes with lost digits, by what it has; x is exact.
POINT_FORMULAS: dict[str, Callable[..., Any]] = {
    "log2": lambda f, x: f.log(x) / f.log(f.number(2)),
    "log10": lambda f, x: f.log(x) / f.log(f.number(10)),
    "acosh": lambda f, x: f.asinh(f.sqrt((x - 1) * (x + 1))),
    "hypot": lambda f, x, y: f.sqrt(x * x + y * y),
    "sigmoid": lambda f, x: 1 / (1 + f.exp(-x)),
    "softplus": lambda f, x: f.log1p(f.exp(x)),
    "logcosh": lambda f, x: f.log1p(2 * f.sinh(x / 2) ** 2),
    "tanh-slope": lambda f, x: 1 / f.cosh(x) ** 2,
    "logsumexp": _logsumexp,
    "turns": lambda f, x: x / f.pi(),
    "pi": lambda f: f.pi(),
    "e": lambda f: f.e(),
}
OF_THE_LIBRARY = (
    *("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"),
    *("tanh", "asinh", "atanh", "erf", "erfc", "gamma"),
)
WITH_ROOTS = {"lgamma", "digamma", "polygamma", "logsumexp"}  # beside which digits get lost


@cache
def arb_arithmetic(bits: int) -> PointArithmetic:
    """Point arithmetic in arb."""
    import flint
    from flint import acb, arb, ctx, fmpq

    def lgamma(x: Any) -> Any:
        return x.lgamma() if x > 0 else abs(x.gamma()).log()

    def polygamma(order: int, x: Any) -> Any:
        return acb(x).polygamma(acb(order)).real

    def scope(function: Callable[..., Any]) -> Callable[..., Any]:
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
        elif not isinstance(number, (int, arb)):
            number = float(number)
        ball = arb(number)
        return ball.lower(), ball.upper()

    def exact(number: Any) -> Fraction | float:
        if not number.is_finite():
            return float(number)
        return _binary(*map(int, number.man_exp()))

    functions = SimpleNamespace(
        **{name: getattr(arb, name) for name in (*OF_THE_LIBRARY, "sqrt")},
        number=arb,
        pi=arb.pi,
        e=arb.const_e,
    )
    balls: dict[str, Callable[..., Any]] = {
        **{name: getattr(arb, name) for name in OF_THE_LIBRARY},
        **{name: _formula(formula, functions) for name, formula in POINT_FORMULAS.items()},
        "sqrt": arb.sqrt,
        "cbrt": lambda x: x.root(3),
        "atan2": arb.atan2,
        "lgamma": lgamma,
        "digamma": arb.digamma,
        "polygamma": polygamma,
    }
    down = {name: _then(ball, arb.lower) for name, ball in balls.items()}
    up = {name: _then(ball, arb.upper) for name, ball in balls.items()}
    down |= {
        "+": lambda x, y: (x + y).lower(),
        "-": lambda x, y: (x - y).lower(),
        "*": lambda x, y: (x * y).lower(),
        "/": lambda x, y: (x / y).lower(),
        "power": lambda x, n: (x**n).lower(),
    }
    up |= {
        "+": lambda x, y: (x + y).upper(),
        "-": lambda x, y: (x - y).upper(),
        "*": lambda x, y: (x * y).upper(),
        "/": lambda x, y: (x / y).upper(),
        "power": lambda x, n: (x**n).upper(),
    }
    description = f"arb of FLINT {flint.__FLINT_VERSION__}, {bits} bits"
    return PointArithmetic(
        bits, description, down, up, scope(of), exact, lambda x: int(float(x.floor())), scope
    )


def _binary(mantissa: int, exponent: int) -> Fraction | float:
    """The number exactly; an infinite float, or 0.0, where that would be too long."""
    if mantissa and abs(exponent) > MOST_EXPONENT:
        return (inf if mantissa > 0 else -inf) if exponent > 0 else 0.0
    return Fraction(mantissa) * Fraction(2) ** exponent


def _formula(formula: Callable[..., Any], functions: Any) -> Callable[..., Any]:
    return lambda *operands: formula(functions, *operands)


def _then(first: Callable[..., Any], second: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *operands: second(first(*operands))


@cache
def mpmath_arithmetic(bits: int) -> PointArithmetic:
    """Point arithmetic in mpmath."""
    import mpmath
    from mpmath import libmp

    context = mpmath.MPContext()
    context.prec = bits + GUARD_BITS
    number, make = context.mpf, context.make_mpf

    def rounded(operation: Callable[..., Any], direction: str) -> Callable[..., Any]:
        def call(*operands: Any) -> Any:
            try:
                return make(operation(*[one._mpf_ for one in operands], bits, direction))
            except (ArithmeticError, ValueError):
                return context.nan

        return call

    def widened(name: str, function: Callable[..., Any], sign: int) -> Callable[..., Any]:
        """A bound of a function that mpmath evaluates to the nearest, by the margin."""
        direction = "f" if sign < 0 else "c"
        absolute = 1 if name in WITH_ROOTS else 0

        def call(*operands: Any) -> Any:
            x = operands[-1] if operands else 1
            if context.isfinite(x) and x and abs(context.mag(x)) > MOST_MAGNITUDE_BITS:
                return context.nan
            try:
                y = function(*operands)
            except (ArithmeticError, ValueError):
                return context.nan
            if (
                not isinstance(y, number)
                or not context.isfinite(y)
                or (y == 0 and x not in (0, 1, 2))
            ):
                return context.nan
            margin = 0 if y == 0 else sign * context.ldexp(abs(y) + absolute, MARGIN_BITS)
            wide = y + context.ldexp(margin, -context.prec) if margin else y
            return make(libmp.mpf_pos(wide._mpf_, bits, direction))

        return call

    def power(x: Any, n: int, direction: str) -> Any:
        """x^n of a number that is not negative, by products that are all rounded alike."""
        result = None
        while n:
            if n & 1:
                product = x if result is None else libmp.mpf_mul(result, x, bits, direction)
                result = product if isinstance(product, tuple) else product._mpf_
            n >>= 1
            if n:
                base = x if isinstance(x, tuple) else x._mpf_
                x = libmp.mpf_mul(base, base, bits, direction)
            elif result is None:
                result = libmp.fone
        return make(result)

    def of(one: Any) -> tuple[Any, Any]:
        if isinstance(one, Fraction):
            ratio = one.numerator, one.denominator
            low, high = (libmp.from_rational(*ratio, bits, direction) for direction in "fc")
            return make(low), make(high)
        if isinstance(one, int):
            return make(libmp.from_int(one, bits, "f")), make(libmp.from_int(one, bits, "c"))
        exactly = (one if isinstance(one, context.mpf) else number(float(one)))._mpf_
        return make(libmp.mpf_pos(exactly, bits, "f")), make(libmp.mpf_pos(exactly, bits, "c"))

    def exact(one: Any) -> Fraction | float:
        if not context.isfinite(one):
            return float(one)
        sign, mantissa, exponent, _ = one._mpf_
        return _binary(int(-mantissa if sign else mantissa), int(exponent))

    def digamma(x: Any) -> Any:
        return context.psi(0, x)

    functions = SimpleNamespace(
        **{name: getattr(context, name) for name in (*OF_THE_LIBRARY, "sqrt")},
        number=number,
        pi=lambda: +context.pi,
        e=lambda: +context.e,
    )
    nearest: dict[str, Callable[..., Any]] = {
        **{name: getattr(context, name) for name in OF_THE_LIBRARY},
        **{name: _formula(formula, functions) for name, formula in POINT_FORMULAS.items()},
        "cbrt": context.cbrt,
        "atan2": context.atan2,
        "lgamma": lambda x: context.log(abs(context.gamma(x))) if x < 0 else context.loggamma(x),
        "digamma": digamma,
        "polygamma": context.psi,
    }
    arithmetic = {
        "+": libmp.mpf_add,
        "-": libmp.mpf_sub,
        "*": libmp.mpf_mul,
        "/": libmp.mpf_div,
        "sqrt": libmp.mpf_sqrt,
    }
    down = {name: widened(name, function, -1) for name, function in nearest.items()}
    up = {name: widened(name, function, 1) for name, function in nearest.items()}
    down |= {name: rounded(operation, "f") for name, operation in arithmetic.items()}
    up |= {name: rounded(operation, "c") for name, operation in arithmetic.items()}
    down["power"] = lambda x, n: power(x, n, "f")
    up["power"] = lambda x, n: power(x, n, "c")
    description = f"mpmath {mpmath.__version__}, {bits} bits"
    floor = lambda x: int(context.floor(x))  # noqa: E731
    scope = lambda function: function  # noqa: E731
    return PointArithmetic(bits, description, down, up, of, exact, floor, scope)


# Between which bounds a function lies where a library gives none; without a row, all numbers.
RANGES: dict[str, tuple[float, float]] = {
    "exp": (0, inf),
    "expm1": (-1, inf),
    "sqrt": (0, inf),
    "acosh": (0, inf),
    "cosh": (1, inf),
    "tanh": (-1, 1),
    "erf": (-1, 1),
    "erfc": (0, 2),
    "sigmoid": (0, 1),
    "softplus": (0, inf),
    "logcosh": (0, inf),
    "tanh-slope": (0, 1),
    "sin": (-1, 1),
    "cos": (-1, 1),
    "atan": (-2, 2),
    "asin": (-2, 2),
    "acos": (0, 4),
    "atan2": (-4, 4),
    "hypot": (0, inf),
    "power": (0, inf),
}
# name: the domain's ends, and whether each belongs to it
INCREASING: dict[str, tuple[float, float, bool]] = {
    "exp": (-inf, inf, True),
    "expm1": (-inf, inf, True),
    "log": (0, inf, False),
    "log1p": (-1, inf, False),
    "log2": (0, inf, False),
    "log10": (0, inf, False),
    "sqrt": (0, inf, True),
    "asin": (-1, 1, True),
    "atan": (-inf, inf, True),
    "sinh": (-inf, inf, True),
    "tanh": (-inf, inf, True),
    "asinh": (-inf, inf, True),
    "acosh": (1, inf, True),
    "atanh": (-1, 1, False),
    "erf": (-inf, inf, True),
    "sigmoid": (-inf, inf, True),
    "softplus": (-inf, inf, True),
}


_LARGEST = Fraction(2) ** MOST_EXPONENT
_LEAST = 1 / _LARGEST


def interval_ends(bits: int = 64, library: str | None = None) -> IntervalSystem:
    """The interval system whose ends have so many bits.

    `library` is "arb", "mpmath", or None: arb where python-flint is installed, else mpmath.
    Raises UsageError where python-flint is asked for and missing.
    """
    if library is None:
        library = ARB if find_spec("flint") else MPMATH
    if library == ARB and not find_spec("flint"):
        raise UsageError("arb needs python-flint: pip install 'gradient-descent-cli[certify]'")
    return _system(bits, library)


def arithmetic_of(bits: int, library: str | None = None) -> str:
    """What proofs in `interval_ends(bits, library)` are checked in, in words."""
    if library is None:
        library = ARB if find_spec("flint") else MPMATH
    return (arb_arithmetic if library == ARB else mpmath_arithmetic)(bits).description


@cache
def _system(bits: int, library: str) -> IntervalSystem:
    point = (arb_arithmetic if library == ARB else mpmath_arithmetic)(bits)
    scope = point.scope
    operations = {name: scope(rule) for name, rule in _rules(point).items()}
    known: dict[Decimal, Interval] = {}

    def decimal(number: Decimal) -> Interval:
        if number not in known:
            known[number] = _of_decimal(point, operations, number)
        return known[number]

    def of(low: Any, high: Any) -> Interval:
        return Interval(point.of(low)[0], point.of(high)[1])

    def ends(interval: Interval) -> tuple[Fraction | float, Fraction | float]:
        low, high = interval.low, interval.high
        exact_low, exact_high = point.exact(low), point.exact(high)
        if isinstance(exact_low, float) and -inf < low < inf:  # outward to a number that is short
            exact_low = (
                (_LARGEST if low > 1 else -inf) if exact_low else (0 if low > 0 else -_LEAST)
            )
        if isinstance(exact_high, float) and -inf < high < inf:
            exact_high = (
                (inf if high > 1 else -_LARGEST) if exact_high else (_LEAST if high > 0 else 0)
            )
        return exact_low, exact_high

    constants = {
        name: scope(lambda name=name: Interval(point.down[name](), point.up[name]()))()
        for name in ("pi", "e")
    }
    numbers = NumberSystem(f"{library} interval", decimal, constants, operations)
    return IntervalSystem(numbers, _branch(point), of, ends)


def _of_decimal(
    point: PointArithmetic, operations: Mapping[str, Callable[..., Interval]], number: Decimal
) -> Interval:
    """The interval between the neighbours of an exact decimal; both are it where it is one."""
    coefficient, exponent = number.coefficient, number.exponent
    if abs(exponent) <= 5_000:
        low, high = point.of(Fraction(coefficient) * Fraction(10) ** exponent)
        return Interval(low, high)
    whole, ten = (Interval(*point.of(one)) for one in (coefficient, 10))
    scale = operations["pow-integer"](ten, Interval(*point.of(abs(exponent))))
    return operations["*" if exponent > 0 else "/"](whole, scale)


def _rules(point: PointArithmetic) -> dict[str, Callable[..., Interval]]:
    """The primitives as functions of Intervals."""
    down, up, floor = point.down, point.up, point.floor
    add_down, add_up = down["+"], up["+"]
    subtract_down, subtract_up = down["-"], up["-"]
    times_down, times_up = down["*"], up["*"]
    over_down, over_up = down["/"], up["/"]
    zero, one, infinity, minus_one = (point.of(x)[0] for x in (0, 1, inf, -1))
    half, limit = (point.of(x)[0] for x in (0.5, MOST_COUNTED_TURNS))
    empty = Interval(infinity, -infinity, 0)
    pi_up = point.scope(up["pi"])()

    def whole_line(flags: int) -> Interval:
        return Interval(-infinity, infinity, flags)

    def at_least(name: str) -> Callable[..., Any]:
        """A lower bound, not below the function's range, which is the answer for nan too."""
        bound, least = down[name], point.of(RANGES.get(name, (-inf, inf))[0])[0]

        def call(*operands: Any) -> Any:
            value = bound(*operands)
            return value if value > least else least

        return call

    def at_most(name: str) -> Callable[..., Any]:
        bound, greatest = up[name], point.of(RANGES.get(name, (-inf, inf))[1])[1]

        def call(*operands: Any) -> Any:
            value = bound(*operands)
            return value if value < greatest else greatest

        return call

    def add(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        return Interval(add_down(al, bl), add_up(ah, bh), af & bf)

    def subtract(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        if a is b:
            return Interval(zero, zero, af)
        return Interval(subtract_down(al, bh), subtract_up(ah, bl), af & bf)

    def multiply(a: Interval, b: Interval) -> Interval:
        if a is b:
            return whole_power(a, 2)
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        if al >= zero:
            low = times_down(al if bl >= zero else ah, bl)
            high = times_up(ah if bh >= zero else al, bh)
        elif ah <= zero:
            low = times_down(al if bh >= zero else ah, bh)
            high = times_up(ah if bl >= zero else al, bl)
        elif bl >= zero:
            low, high = times_down(al, bh), times_up(ah, bh)
        elif bh <= zero:
            low, high = times_down(ah, bl), times_up(al, bl)
        else:
            low, low_too = times_down(al, bh), times_down(ah, bl)
            high, high_too = times_up(al, bl), times_up(ah, bh)
            low = low_too if low_too < low else low
            high = high_too if high_too > high else high
        # 0 times an infinite end, which is no value, is nan
        return Interval(low if low == low else zero, high if high == high else zero, af & bf)

    def divide(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        flags = af & bf
        if a is b:
            if bl > zero or bh < zero:
                return Interval(one, one, flags)
            return empty if bl == bh else Interval(one, one, flags & ~DEFINED)
        if bh <= zero:
            if bl == zero:
                return empty
            al, ah, bl, bh = -ah, -al, -bh, -bl
        if bl <= zero:
            flags &= ~DEFINED
            if bl < zero:
                if al == zero and ah == zero:
                    return Interval(zero, zero, flags)
                return whole_line(flags)
        # b > 0 now, but for its low end
        below, above = (bh if al >= zero else bl), (bl if ah > zero else bh)
        low = -infinity if below == zero else over_down(al, below)
        high = infinity if above == zero else over_up(ah, above)
        # an infinite end over an infinite end, which is no value, is nan
        low = low if low == low else -infinity
        return Interval(low, high if high == high else infinity, flags)

    def negate(a: Interval) -> Interval:
        return Interval(-a.high, -a.low, a.flags)

    power_down, power_up = at_least("power"), at_most("power")

    def whole_power(a: Interval, n: int) -> Interval:
        """a^n of a whole number n."""
        low, high, flags = a
        if low > high:
            return empty
        if n == 0:
            return Interval(one, one, flags)
        if n < 0:
            return divide(Interval(one, one), whole_power(a, -n))
        if n == 1:
            return a
        if low >= zero:
            return Interval(power_down(low, n), power_up(high, n), flags)
        if n % 2:
            below = -power_up(-low, n)
            above = power_up(high, n) if high >= zero else -power_down(-high, n)
            return Interval(below, above, flags)
        if high <= zero:
            return Interval(power_down(-high, n), power_up(-low, n), flags)
        return Interval(zero, power_up(-low if -low > high else high, n), flags)

    def power(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        flags = af & bf
        if bl == bh:
            exponent = point.exact(bl)
            if isinstance(exponent, Fraction) and exponent.denominator == 1:
                made = whole_power(a, exponent.numerator)
                return made if made.flags & ~flags == 0 else _with(made, made.flags & flags)
        if al < zero:
            flags &= ~DEFINED
        elif al == zero and bl <= zero:
            # 0^0 is 1, beside 0^b = 0; 0^b of a negative b is a pole
            flags &= ~CONTINUOUS if bl == zero else ~DEFINED
        made = empty
        if ah >= zero:
            base = Interval(al if al > zero else zero, ah, flags)
            logarithm = Interval(
                log_down(base.low) if base.low > zero else -infinity,
                log_up(ah) if ah > zero else -infinity,
            )
            if ah == zero:  # 0^b alone
                made = Interval(
                    zero if bh > zero else one, one if bl <= zero <= bh else zero, flags
                )
                if bh < zero:
                    made = empty
            else:
                made = exponential(multiply(logarithm, Interval(bl, bh)))
                made = _with(made, flags)
        if al < zero and _holds_integer(bl, bh):
            size = power(Interval(-ah if ah < zero else zero, -al), Interval(bl, bh))
            both = Interval(-size.high, size.high, flags & ~DEFINED)
            made = hull(made, both)
        return made

    def _holds_integer(low: Any, high: Any) -> bool:
        below, above = point.exact(low), point.exact(high)
        if isinstance(below, float) or isinstance(above, float):
            return True
        return -(-below // 1) <= above // 1

    def _with(a: Interval, flags: int) -> Interval:
        return a if a.flags == flags or a.low > a.high else Interval(a.low, a.high, flags)

    def hull(a: Interval, b: Interval) -> Interval:
        if a.low > a.high:
            return _with(b, b.flags & ~DEFINED)
        if b.low > b.high:
            return _with(a, a.flags & ~DEFINED)
        low = a.low if a.low < b.low else b.low
        high = a.high if a.high > b.high else b.high
        return Interval(low, high, a.flags & b.flags)

    def increasing(name: str) -> Callable[[Interval], Interval]:
        left, right, closed = INCREASING[name]
        left_end, right_end = point.of(left)[0], point.of(right)[0]
        lower, upper, whole = at_least(name), at_most(name), left == -inf and right == inf

        def call(a: Interval) -> Interval:
            low, high, flags = a
            if low > high:
                return empty
            if not whole:
                if low <= left_end:
                    if high < left_end or (high == left_end and not closed):
                        return empty
                    if low < left_end or not closed:
                        flags &= ~DEFINED
                        low = left_end
                if high >= right_end and right != inf:
                    if low > right_end or (low == right_end and not closed):
                        return empty
                    if high > right_end or not closed:
                        flags &= ~DEFINED
                        high = right_end
            return Interval(lower(low), upper(high), flags)

        return call

    exponential = increasing("exp")
    log_down, log_up = at_least("log"), at_most("log")
    acos_down, acos_up = at_least("acos"), at_most("acos")
    erfc_down, erfc_up = at_least("erfc"), at_most("erfc")

    def arc_cosine(a: Interval) -> Interval:
        low, high, flags = a
        if low > high or low > one or high < minus_one:
            return empty
        if low < minus_one or high > one:
            flags &= ~DEFINED
            low, high = (low if low > minus_one else minus_one), (high if high < one else one)
        return Interval(acos_down(high), acos_up(low), flags)

    def complementary_error_function(a: Interval) -> Interval:
        low, high, flags = a
        return Interval(erfc_down(high), erfc_up(low), flags) if low <= high else empty

    cbrt_down, cbrt_up = at_least("cbrt"), at_most("cbrt")

    def cube_root(a: Interval) -> Interval:
        low, high, flags = a
        if low > high:
            return empty
        return Interval(
            cbrt_down(low) if low >= zero else -cbrt_up(-low),
            cbrt_up(high) if high >= zero else -cbrt_down(-high),
            flags,
        )

    def size(a: Interval) -> tuple[Any, Any]:
        """The least and the greatest |a|."""
        low, high, _ = a
        if low >= zero:
            return low, high
        if high <= zero:
            return -high, -low
        return zero, (-low if -low > high else high)

    def even(name: str, rises: bool) -> Callable[[Interval], Interval]:
        """A function of |a|, monotone in it."""
        lower, upper = at_least(name), at_most(name)

        def call(a: Interval) -> Interval:
            if a.low > a.high:
                return empty
            least, greatest = size(a)
            if rises:
                return Interval(lower(least), upper(greatest), a.flags)
            return Interval(lower(greatest), upper(least), a.flags)

        return call

    def absolute(a: Interval) -> Interval:
        if a.low > a.high:
            return empty
        if a.low >= zero:
            return a
        return Interval(*size(a), a.flags)

    def relu(a: Interval) -> Interval:
        if a.low > a.high:
            return empty
        if a.low >= zero:
            return a
        return Interval(zero, a.high if a.high > zero else zero, a.flags)

    def sign(a: Interval) -> Interval:
        low, high, flags = a
        if low > high:
            return empty
        if low <= zero <= high:
            flags &= ~CONTINUOUS
        return Interval(
            one if low > zero else minus_one if low < zero else zero,
            minus_one if high < zero else one if high > zero else zero,
            flags,
        )

    def extremum(greatest: bool) -> Callable[..., Interval]:
        def call(*values: Interval) -> Interval:
            flags = DEFINED_AND_CONTINUOUS
            for value in values:
                if value.low > value.high:
                    return empty
                flags &= value.flags
            if greatest:
                low, high = values[0].low, values[0].high
                for value in values[1:]:
                    low = value.low if value.low > low else low
                    high = value.high if value.high > high else high
            else:
                low, high = values[0].low, values[0].high
                for value in values[1:]:
                    low = value.low if value.low < low else low
                    high = value.high if value.high < high else high
            # an argument that is the extremum at every point is given back itself
            for k, value in enumerate(values):
                rest = values[:k] + values[k + 1 :]
                if all(
                    other is value
                    or (value.low >= other.high if greatest else value.high <= other.low)
                    for other in rest
                ):
                    return _with(value, flags)
            return Interval(low, high, flags)

        return call

    def tie_count(y: Interval, *values: Interval) -> Interval:
        flags, certain, possible = y.flags, 0, 0
        for value in values:
            if value.low > value.high or y.low > y.high:
                return empty
            flags &= value.flags
            if value is y or (value.low == value.high == y.low == y.high):
                certain, possible = certain + 1, possible + 1
            elif value.high >= y.low and value.low <= y.high:
                possible += 1
        certain = max(certain, 1)
        if possible > certain:
            flags &= ~CONTINUOUS
        return Interval(point.of(certain)[0], point.of(max(possible, certain))[1], flags)

    turns_down, turns_up = down["turns"], up["turns"]

    def extrema(low: Any, high: Any, shift: Any) -> tuple[int, int]:
        """Between which whole k a multiple (k + shift)·π can lie in the interval."""
        first = subtract_down(turns_down(low), shift)
        last = subtract_up(turns_up(high), shift)
        if not (-limit < first and last < limit):
            return 0, 1  # the library does not tell
        return -floor(-first), floor(last)

    def wave(name: str, shift: Any) -> Callable[[Interval], Interval]:
        """sin, or cos: 1 at (k + shift)·π for even k, -1 for odd k, monotone between."""
        lower, upper = at_least(name), at_most(name)

        def call(a: Interval) -> Interval:
            low, high, flags = a
            if low > high:
                return empty
            if low == high:
                return Interval(lower(low), upper(low), flags)
            if not (-limit < low and high < limit):
                return Interval(minus_one, one, flags)
            first, last = extrema(low, high, shift)
            if last > first:
                return Interval(minus_one, one, flags)
            here, there = (lower(low), lower(high)), (upper(low), upper(high))
            least = here[0] if here[0] < here[1] else here[1]
            most = there[0] if there[0] > there[1] else there[1]
            if last == first:
                if first % 2:
                    least = minus_one
                else:
                    most = one
            return Interval(least, most, flags)

        return call

    tan_down, tan_up = at_least("tan"), at_most("tan")

    def tangent(a: Interval) -> Interval:
        low, high, flags = a
        if low > high:
            return empty
        if not (-limit < low and high < limit):
            if low == high:
                return Interval(tan_down(low), tan_up(low), flags)
            return whole_line(flags & ~DEFINED)
        first, last = extrema(low, high, half)
        if last >= first:
            return whole_line(flags & ~DEFINED)
        return Interval(tan_down(low), tan_up(high), flags)

    hypot_down, hypot_up = at_least("hypot"), at_most("hypot")

    def hypot(a: Interval, b: Interval) -> Interval:
        if a.low > a.high or b.low > b.high:
            return empty
        (a_least, a_most), (b_least, b_most) = size(a), size(b)
        return Interval(hypot_down(a_least, b_least), hypot_up(a_most, b_most), a.flags & b.flags)

    angle_down, angle_up = down["atan2"], up["atan2"]

    def angle(a: Interval, b: Interval) -> Interval:
        """atan2(a, b), the angle of the point (b, a), which jumps behind a = 0, b < 0."""
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        flags = af & bf
        if al <= zero <= ah and bl <= zero <= bh:
            flags &= ~DEFINED
            if al == ah == bl == bh:
                return empty
        if al >= zero:
            return _upper_half(al, ah, bl, bh, flags)
        if ah < zero or (ah == zero and bl >= zero):
            return negate(_upper_half(-ah, -al, bl, bh, flags))
        if bl >= zero:
            low, high = angle_down(al, bl), angle_up(ah, bl)
            return Interval(low if low == low else -pi_up, high if high == high else pi_up, flags)
        return Interval(-pi_up, pi_up, flags & ~CONTINUOUS)

    def _upper_half(al: Any, ah: Any, bl: Any, bh: Any, flags: int) -> Interval:
        """The angles over a >= 0: they fall in b; they rise in a where b > 0, else fall."""
        low = angle_down(al if bh > zero else ah, bh)
        high = angle_up(ah if bl >= zero else al, bl)
        return Interval(low if low > zero else zero, high if high < pi_up else pi_up, flags)

    log_sum_down, log_sum_up = down["logsumexp"], up["logsumexp"]

    def logsumexp(*values: Interval) -> Interval:
        flags = DEFINED_AND_CONTINUOUS
        for value in values:
            if value.low > value.high:
                return empty
            flags &= value.flags
        low = log_sum_down(*[value.low for value in values])
        high = log_sum_up(*[value.high for value in values])
        return Interval(low if low == low else -infinity, high if high == high else infinity, flags)

    def if_defined(a: Interval, b: Interval) -> Interval:
        if a.low > a.high or b.low > b.high:
            return empty
        return _with(a, a.flags & b.flags)

    def at(name: str, x: Any, order: int, upward: bool) -> Any:
        """A bound of a function of the gamma family at a point, nan where there is none."""
        bound = (up if upward else down)[name]
        return bound(order, x) if name == "polygamma" else bound(x)

    def between_poles(a: Interval) -> tuple[int, bool, bool, bool] | None:
        """The piece of the gamma functions that an interval lies in, or None.

        It is 0 for a > 0 and k where -k < a < 1 - k; then, whether each end is a pole.
        """
        low, high, _ = a
        if low > zero:
            return 0, False, False, False
        if not -limit < low:
            return None
        first, last = -floor(-low), min(floor(high) if high < limit else 1, 0)
        at_low, at_high = low == first, high == last
        poles = last - first + 1 - at_low - at_high
        if poles > 0 or (low == high and at_low):
            return None
        piece = -first if at_low else 1 - first
        return piece, at_low, at_high, True

    @cache
    def least_of_piece(name: str, order: int, piece: int) -> Any:
        """A lower bound of a convex function between two poles: |gamma|, lgamma, polygamma."""
        derivative = ("polygamma", order + 1) if name == "polygamma" else ("digamma", 0)
        left = Fraction(5, 4) if piece == 0 else OUTER_PIECE_STEP - piece
        right = Fraction(7, 4) if piece == 0 else 1 - piece - OUTER_PIECE_STEP
        nothing = zero if name != "lgamma" else -infinity
        low, high = point.of(left)[1], point.of(right)[0]

        def slope(x: Any) -> tuple[Any, Any]:
            return tuple(at(derivative[0], x, derivative[1], upward) for upward in (False, True))

        if not (slope(low)[1] < zero < slope(high)[0]):
            return nothing
        for _ in range(bits_of_search):
            middle = times_down(half, add_down(low, high))
            steepness = slope(middle)
            if steepness[1] < zero:
                low = middle
            elif steepness[0] > zero:
                high = middle
            else:
                break
        # the tangent at `low` lies below the function: f(low) + f'(low)·(high - low)
        width, steepness, value = subtract_up(high, low), slope(low)[0], at(name, low, order, False)
        if name == "gamma":
            value = value if piece % 2 == 0 else -at(name, low, order, True)
            steepness = times_down(at_size(low), steepness)
        bound = add_down(value, times_down(steepness, width))
        return bound if bound > nothing else nothing

    def at_size(x: Any) -> Any:
        """An upper bound of |gamma|."""
        low, high = at("gamma", x, 0, False), at("gamma", x, 0, True)
        return high if high > -low else -low

    bits_of_search = 8 + point.bits // 2

    def convex(name: str, a: Interval, order: int = 0) -> Interval:
        """The range of |gamma|, lgamma or polygamma of odd order, convex between two poles."""
        found, flags = between_poles(a), a.flags
        if found is None:
            return empty if a.low == a.high else whole_line(flags & ~DEFINED)
        piece, at_low, at_high, _ = found
        flags = flags & ~DEFINED if at_low or at_high else flags
        flip = name == "gamma" and piece % 2 == 1

        def bounds(x: Any) -> tuple[Any, Any]:
            low, high = at(name, x, order, False), at(name, x, order, True)
            return (-high, -low) if flip else (low, high)

        nothing = -infinity if name == "lgamma" else zero
        derivative = ("polygamma", order + 1) if name == "polygamma" else ("digamma", 0)
        here, there = (
            (infinity, infinity) if pole or not -limit < x < limit else bounds(x)
            for x, pole in ((a.low, at_low), (a.high, at_high))
        )
        falls = not at_high and at(*_swap(derivative, a.high), True) < zero
        rises = not at_low and at(*_swap(derivative, a.low), False) > zero
        if piece == 0 and name == "polygamma":
            falls = True
        if falls:
            least = there[0]
        elif rises:
            least = here[0]
        else:
            least = least_of_piece(name, order, piece)
        if not least > nothing or least == infinity:
            least = nothing
        most = infinity
        if here[1] < infinity and there[1] < infinity:
            most = here[1] if here[1] > there[1] else there[1]
        return Interval(-most, -least, flags) if flip else Interval(least, most, flags)

    def _swap(derivative: tuple[str, int], x: Any) -> tuple[str, Any, int]:
        return derivative[0], x, derivative[1]

    def monotone_polygamma(order: int, a: Interval) -> Interval:
        """digamma, and polygamma of even order: increasing between two poles."""
        found, flags = between_poles(a), a.flags
        if found is None:
            return empty if a.low == a.high else whole_line(flags & ~DEFINED)
        _, at_low, at_high, _ = found
        flags = flags & ~DEFINED if at_low or at_high else flags
        name = "polygamma" if order else "digamma"
        low = -infinity if at_low else at(name, a.low, order, False)
        high = infinity if at_high else at(name, a.high, order, True)
        return Interval(low if low == low else -infinity, high if high == high else infinity, flags)

    def polygamma(order: Interval, a: Interval) -> Interval:
        if order.low > order.high or a.low > a.high:
            return empty
        n = point.exact(order.low)
        if order.low != order.high or n != int(n) or n < 0:
            return whole_line(0)
        made = convex("polygamma", a, int(n)) if int(n) % 2 else monotone_polygamma(int(n), a)
        return _with(made, made.flags & order.flags)

    def of_one(rule: Callable[[Interval], Interval]) -> Callable[[Interval], Interval]:
        return lambda a: rule(a) if a.low <= a.high else empty

    return {
        "+": add,
        "-": subtract,
        "*": multiply,
        "/": divide,
        "unary-minus": negate,
        "pow-integer": power,
        "pow-general": power,
        **{name: increasing(name) for name in INCREASING},
        "cbrt": cube_root,
        "sin": wave("sin", half),
        "cos": wave("cos", zero),
        "tan": tangent,
        "acos": arc_cosine,
        "atan2": angle,
        "cosh": even("cosh", True),
        "abs": absolute,
        "sign": sign,
        "min": extremum(False),
        "max": extremum(True),
        "hypot": hypot,
        "erfc": complementary_error_function,
        "gamma": of_one(lambda a: convex("gamma", a)),
        "lgamma": of_one(lambda a: convex("lgamma", a)),
        "digamma": of_one(lambda a: monotone_polygamma(0, a)),
        "polygamma": polygamma,
        "logcosh": even("logcosh", True),
        "relu": relu,
        "logaddexp": logsumexp,
        "logsumexp": logsumexp,
        "tanh-slope": even("tanh-slope", False),
        "if-defined": if_defined,
        "tie-count": tie_count,
    }


def _decided(comparison: str, left: Interval, right: Interval) -> bool | None:
    """Whether a comparison holds at all points of a box, or at none; else None."""
    below, above = left.high < right.low, left.low > right.high
    if comparison == "<":
        return True if below else False if left.low >= right.high or left is right else None
    if comparison == ">":
        return True if above else False if left.high <= right.low or left is right else None
    if comparison == "<=":
        return False if above else True if left.high <= right.low or left is right else None
    if comparison == ">=":
        return False if below else True if left.low >= right.high or left is right else None
    same = left is right or left.low == left.high == right.low == right.high
    equal = True if same else False if below or above else None
    return equal if comparison == "==" or equal is None else not equal


def _branch(point: PointArithmetic) -> Callable[..., Sequence[Interval]]:
    """What a branch gives: the results of the decided side, else the hull of both."""
    infinity = point.of(inf)[0]
    empty = Interval(infinity, -infinity, 0)

    def flagged(value: Interval, flags: int) -> Interval:
        kept = value.flags & flags
        return value if kept == value.flags else Interval(value.low, value.high, kept)

    def hull(a: Interval, b: Interval) -> Interval:
        if a is b:  # one value, whatever side
            return a
        flags = a.flags & b.flags & ~CONTINUOUS
        low, high = (a.low if a.low < b.low else b.low), (a.high if a.high > b.high else b.high)
        return Interval(low, high, flags)

    def branch(
        comparison: str,
        left: Interval,
        right: Interval,
        holds: Callable[[], Sequence[Interval]],
        fails: Callable[[], Sequence[Interval]],
    ) -> Sequence[Interval]:
        if left.low > left.high or right.low > right.high:
            return [empty for _ in holds()]
        answer = _decided(comparison, left, right)
        if answer is None:
            results = [hull(a, b) for a, b in zip(holds(), fails(), strict=True)]
        else:
            results = list(holds() if answer else fails())
        flags = left.flags & right.flags | CONTINUOUS  # a jump of a side that is decided is none
        return results if flags == DEFINED_AND_CONTINUOUS else [flagged(a, flags) for a in results]

    return branch
