"""Intervals of one box at a time, whose ends are numbers of arb, or of mpmath without it.

Proofs rest on these intervals. Their ends are exact numbers of a chosen precision. The rules here
say how the range of a function follows from its values at ends and at extrema, and where it is
defined and continuous; `point_arithmetic.py` bounds the values. Nothing is shared with
`interval_lanes.py`, so that each finds the other's mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from math import ceil, floor, inf, pi
from typing import Any

from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import NumberSystem
from gdcli.numbers.interval import (
    CONTINUOUS,
    DEFINED,
    DEFINED_AND_CONTINUOUS,
    Interval,
    IntervalSystem,
)
from gdcli.numbers.point_arithmetic import MOST_EXPONENT, PointArithmetic, point_arithmetic

GREATEST_TURNS = 2.0**40  # the size of an operand, beyond which extrema of sin are not located
GREATEST_FLOAT_TURNS, FLOAT_TURNS_MARGIN = 2.0**20, 2.0**-20  # within which floats locate them
POLE_MARGIN = Fraction(1, 1024)  # left out beside poles, where an extremum is looked for
GREATEST_SHORT_END = Fraction(2) ** MOST_EXPONENT

Rule = Callable[..., Interval]

# The least and the greatest value of a function, where the library finds no bound.
FUNCTION_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("exp", "sqrt", "acosh", "softplus", "logcosh", "hypot", "power"), (0, inf)),
    **dict.fromkeys(("sin", "cos", "tanh", "erf"), (-1, 1)),
    **dict.fromkeys(("sigmoid", "tanh-slope"), (0, 1)),
    **dict.fromkeys(("asin", "atan"), (-2, 2)),
    "expm1": (-1, inf),
    "cosh": (1, inf),
    "erfc": (0, 2),
    "acos": (0, 4),
}
# The domain of an increasing function, and whether its finite ends belong to it.
INCREASING: dict[str, tuple[float, float, bool]] = {
    **dict.fromkeys(
        ("exp", "expm1", "atan", "sinh", "tanh", "asinh", "erf", "sigmoid", "softplus"),
        (-inf, inf, True),
    ),
    **dict.fromkeys(("log", "log2", "log10"), (0, inf, False)),
    "log1p": (-1, inf, False),
    "sqrt": (0, inf, True),
    "acosh": (1, inf, True),
    "asin": (-1, 1, True),
    "atanh": (-1, 1, False),
}


@cache
def interval_ends(bits: int = 64, library: str | None = None) -> IntervalSystem:
    """The interval system whose ends have so many bits.

    `library` is "arb", "mpmath", or None: arb where python-flint is installed, else mpmath.
    Raises UsageError where arb is asked for and python-flint is missing.
    """
    point = point_arithmetic(bits, library)
    operations = {name: point.scope(rule) for name, rule in _rules(point).items()}
    known: dict[Decimal, Interval] = {}

    def decimal(number: Decimal) -> Interval:
        if number not in known:
            known[number] = _of_decimal(point, operations, number)
        return known[number]

    def of(low: Any, high: Any) -> Interval:
        return Interval(
            point.of(low if low == low else -inf)[0], point.of(high if high == high else inf)[1]
        )

    def constant(name: str) -> Interval:
        ball = point.values[name]()
        return Interval(point.lower(ball), point.upper(ball))

    constants = {name: point.scope(constant)(name) for name in ("pi", "e")}
    numbers = NumberSystem("interval", decimal, constants, operations)
    return IntervalSystem(numbers, _branch(point), of, partial(_ends, point))


def _ends(point: PointArithmetic, interval: Interval) -> tuple[Fraction | float, Fraction | float]:
    """The exact ends, or others beyond them that are short enough."""
    low, high = point.exact(interval.low), point.exact(interval.high)
    if isinstance(low, float) and -inf < interval.low < inf:
        large = GREATEST_SHORT_END if low > 0 else -inf
        low = large if low else Fraction(0) if interval.low > 0 else -1 / GREATEST_SHORT_END
    if isinstance(high, float) and -inf < interval.high < inf:
        large = inf if high > 0 else -GREATEST_SHORT_END
        high = large if high else 1 / GREATEST_SHORT_END if interval.high > 0 else Fraction(0)
    return low, high


def _of_decimal(
    point: PointArithmetic, operations: Mapping[str, Rule], number: Decimal
) -> Interval:
    """The interval between the neighbours of an exact decimal; both are it where it is one."""
    if abs(number.exponent) <= 5_000:
        ends = point.of(Fraction(number.coefficient) * Fraction(10) ** number.exponent)
        return Interval(*ends)
    whole, ten, exponent = (
        Interval(*point.of(one)) for one in (number.coefficient, 10, abs(number.exponent))
    )
    scale = operations["pow-integer"](ten, exponent)
    return operations["*" if number.exponent > 0 else "/"](whole, scale)


def _with_flags(a: Interval, flags: int) -> Interval:
    return a if a.flags == flags else Interval(a.low, a.high, flags)


def _hull(a: Interval, b: Interval, flags: int) -> Interval:
    """The hull of two intervals, either of which may be EMPTY."""
    low, high = (a.low if a.low < b.low else b.low), (a.high if a.high > b.high else b.high)
    return Interval(low, high, flags)


def _rules(point: PointArithmetic) -> dict[str, Rule]:
    """The primitives as functions of Intervals."""
    values, lower, upper = point.values, point.lower, point.upper
    add_down, add_up = point.down["+"], point.up["+"]
    subtract_down, subtract_up = point.down["-"], point.up["-"]
    times_down, times_up = point.down["*"], point.up["*"]
    over_down, over_up = point.down["/"], point.up["/"]
    zero, one, infinity, half = (point.of(number)[0] for number in (0, 1, inf, 0.5))
    minus_one, minus_infinity, limit = -one, -infinity, point.of(GREATEST_TURNS)[0]
    empty = Interval(infinity, minus_infinity, 0)
    pi_up = upper(point.scope(values["pi"])())

    def strict(rule: Rule) -> Rule:
        """The rule, which is EMPTY where an operand is."""

        def call(*operands: Interval) -> Interval:
            for operand in operands:
                if operand.low > operand.high:
                    return empty
            return rule(*operands)

        return call

    def at_least(name: str) -> Callable[..., Any]:
        """A lower bound at a point, not below the range, which is the answer for nan too."""
        function, least = values[name], point.of(FUNCTION_RANGES.get(name, (-inf, inf))[0])[0]

        def call(*operands: Any) -> Any:
            bound = lower(function(*operands))
            return bound if bound > least else least

        return call

    def at_most(name: str) -> Callable[..., Any]:
        function, greatest = values[name], point.of(FUNCTION_RANGES.get(name, (-inf, inf))[1])[1]

        def call(*operands: Any) -> Any:
            bound = upper(function(*operands))
            return bound if bound < greatest else greatest

        return call

    # Arithmetic. An infinite end is no value, so 0 times it is 0.

    def add(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        return Interval(add_down(al, bl), add_up(ah, bh), af & bf)

    def subtract(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        return Interval(subtract_down(al, bh), subtract_up(ah, bl), af & bf)

    def multiply(a: Interval, b: Interval) -> Interval:
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
            low, other_low = times_down(al, bh), times_down(ah, bl)
            high, other_high = times_up(al, bl), times_up(ah, bh)
            low = other_low if other_low < low else low
            high = other_high if other_high > high else high
        return Interval(low if low == low else zero, high if high == high else zero, af & bf)

    def divide(a: Interval, b: Interval) -> Interval:
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh or bl == zero == bh:
            return empty
        flags = af & bf
        if bl <= zero <= bh:
            flags &= ~DEFINED
        if bh <= zero:
            al, ah, bl, bh = -ah, -al, -bh, -bl
        if bl < zero:
            if al == zero == ah:
                return Interval(zero, zero, flags)
            return Interval(minus_infinity, infinity, flags)
        # now b > 0, but that its low end may be 0
        below, above = (bh if al >= zero else bl), (bl if ah > zero else bh)
        low = minus_infinity if below == zero else over_down(al, below)
        high = infinity if above == zero else over_up(ah, above)
        # an infinite end over another is nan
        return Interval(
            low if low == low else minus_infinity, high if high == high else infinity, flags
        )

    def negate(a: Interval) -> Interval:
        return Interval(-a.high, -a.low, a.flags)

    size_power_down, size_power_up = point.down["power"], point.up["power"]

    def power_down(x: Any, n: int) -> Any:
        bound = size_power_down(x, n)
        return bound if bound > zero else zero

    def power_up(x: Any, n: int) -> Any:
        bound = size_power_up(x, n)
        return bound if bound < infinity else infinity

    def whole_power(a: Interval, n: int) -> Interval:
        low, high, flags = a
        if n < 0:
            return divide(Interval(one, one), whole_power(a, -n))
        if n <= 1:
            return a if n else Interval(one, one, flags)
        if low >= zero:
            return Interval(power_down(low, n), power_up(high, n), flags)
        if n % 2:
            above = power_up(high, n) if high >= zero else -power_down(-high, n)
            return Interval(-power_up(-low, n), above, flags)
        if high <= zero:
            return Interval(power_down(-high, n), power_up(-low, n), flags)
        return Interval(zero, power_up(-low if -low > high else high, n), flags)

    def power(a: Interval, b: Interval) -> Interval:
        """a^b: exp(b·log(a)) where a > 0, 1 where b is 0; of a < 0 for whole b alone."""
        (al, ah, af), (bl, bh, bf) = a, b
        if al > ah or bl > bh:
            return empty
        flags = af & bf
        if bl == bh:
            exponent = float(bl)
            if exponent == bl and exponent.is_integer():
                made = whole_power(a, int(exponent))
                return _with_flags(made, made.flags & flags)
        if al < zero or (al == zero and bl < zero):
            flags &= ~DEFINED
        elif al == zero and bl == zero:
            flags &= ~CONTINUOUS  # 0^0 is 1, and 0^b is 0
        made = empty
        if ah > zero:
            logarithm = log(Interval(al if al > zero else zero, ah))
            made = _with_flags(exponential(multiply(logarithm, Interval(bl, bh))), flags)
        elif ah == zero and bh >= zero:
            made = Interval(zero if bh > zero else one, one if bl <= zero else zero, flags)
        if al < zero and (not -limit < bl <= bh < limit or -point.floor(-bl) <= point.floor(bh)):
            size = power(Interval(-ah if ah < zero else zero, -al), Interval(bl, bh))
            made = _hull(made, Interval(-size.high, size.high), flags)
        return made

    # Monotone functions.

    def increasing(name: str) -> Rule:
        left, right, closed = INCREASING[name]
        first, last = point.of(left)[0], point.of(right)[0]
        below, above, everywhere = at_least(name), at_most(name), left == -inf

        def call(a: Interval) -> Interval:
            low, high, flags = a
            if low > high:
                return empty
            if not everywhere:
                if closed and (low < first or high > last):
                    flags &= ~DEFINED
                    if high < first or low > last:
                        return empty
                elif not closed and (low <= first or (high >= last and right < inf)):
                    flags &= ~DEFINED
                    if high <= first or low >= last:
                        return empty
                low, high = (low if low > first else first), (high if high < last else last)
            return Interval(below(low), above(high), flags)

        return call

    def decreasing(name: str, left: Any, right: Any) -> Rule:
        """A decreasing function, defined between two ends, which belong to its domain."""
        below, above = at_least(name), at_most(name)

        def call(a: Interval) -> Interval:
            low, high, flags = a
            if low < left or high > right:
                if high < left or low > right:
                    return empty
                flags &= ~DEFINED
                low, high = (low if low > left else left), (high if high < right else right)
            return Interval(below(high), above(low), flags)

        return call

    log, exponential = increasing("log"), increasing("exp")
    root_down, root_up = at_least("cbrt"), at_most("cbrt")

    def cube_root(a: Interval) -> Interval:
        low, high, flags = a
        return Interval(
            root_down(low) if low >= zero else -root_up(-low),
            root_up(high) if high >= zero else -root_down(-high),
            flags,
        )

    # Functions of the size of their argument, and those with a kink or a jump.

    def size(a: Interval) -> tuple[Any, Any]:
        """The least and the greatest |a|."""
        low, high, _ = a
        if low >= zero:
            return low, high
        if high <= zero:
            return -high, -low
        return zero, (-low if -low > high else high)

    def even(name: str, rises: bool) -> Rule:
        """A function of |a|, monotone in it."""
        below, above = at_least(name), at_most(name)

        def call(a: Interval) -> Interval:
            least, most = size(a) if rises else size(a)[::-1]
            return Interval(below(least), above(most), a.flags)

        return call

    def hypot(a: Interval, b: Interval) -> Interval:
        (a_least, a_most), (b_least, b_most) = size(a), size(b)
        return Interval(size_down(a_least, b_least), size_up(a_most, b_most), a.flags & b.flags)

    size_down, size_up = at_least("hypot"), at_most("hypot")

    def absolute(a: Interval) -> Interval:
        return a if a.low >= zero else Interval(*size(a), a.flags)

    def relu(a: Interval) -> Interval:
        return a if a.low >= zero else Interval(zero, a.high if a.high > zero else zero, a.flags)

    def sign(a: Interval) -> Interval:
        low, high, flags = a
        return Interval(
            one if low > zero else minus_one if low < zero else zero,
            minus_one if high < zero else one if high > zero else zero,
            flags & ~CONTINUOUS if low <= zero <= high else flags,
        )

    def maximum(*operands: Interval) -> Interval:
        low, high, flags = operands[0]
        for one_low, one_high, one_flags in operands[1:]:
            low, high = (one_low if one_low > low else low), (one_high if one_high > high else high)
            flags &= one_flags
        for k, a in enumerate(operands):  # an argument that is the greatest throughout
            others = operands[:k] + operands[k + 1 :]
            if all(a.low >= other.high for other in others):
                return _with_flags(a, flags)
        return Interval(low, high, flags)

    def minimum(*operands: Interval) -> Interval:
        low, high, flags = operands[0]
        for one_low, one_high, one_flags in operands[1:]:
            low, high = (one_low if one_low < low else low), (one_high if one_high < high else high)
            flags &= one_flags
        for k, a in enumerate(operands):
            others = operands[:k] + operands[k + 1 :]
            if all(a.high <= other.low for other in others):
                return _with_flags(a, flags)
        return Interval(low, high, flags)

    def tie_count(y: Interval, *operands: Interval) -> Interval:
        flags, certain, possible = y.flags, 0, 0
        for a in operands:
            flags &= a.flags
            same = bool(a.low == a.high == y.low == y.high)
            certain, possible = certain + same, possible + (same or _meet(a, y))
        certain, possible = max(certain, 1), max(possible, 1)
        if possible > certain:
            flags &= ~CONTINUOUS
        return Interval(point.of(certain)[0], point.of(possible)[1], flags)

    def if_defined(a: Interval, b: Interval) -> Interval:
        return _with_flags(a, a.flags & (b.flags | CONTINUOUS))

    # Periodic functions, and angles.

    turns = values["turns"]

    def multiples(low: Any, high: Any, shift: float) -> tuple[int, int]:
        """The least and greatest whole k for which (k + shift)·π may lie in the interval."""
        first, last = float(low) / pi - shift, float(high) / pi - shift
        for turn in (first, last):
            beside = abs(turn - round(turn)) if abs(turn) < GREATEST_FLOAT_TURNS else 0.0
            if beside < FLOAT_TURNS_MARGIN:
                break
        else:
            return ceil(first), floor(last)
        moved = half if shift else zero
        least = subtract_down(lower(turns(low)), moved)
        most = subtract_up(upper(turns(high)), moved)
        if not (-limit < least and most < limit):
            return 0, 1  # the library does not tell
        return -point.floor(-least), point.floor(most)

    def wave(name: str, shift: float) -> Rule:
        """sin, or cos: 1 at (k + shift)·π for even k, -1 for odd k, monotone between."""
        function = values[name]

        def bounds(x: Any) -> tuple[Any, Any]:
            value = function(x)
            least, most = lower(value), upper(value)
            return (least if least > minus_one else minus_one), (most if most < one else one)

        def call(a: Interval) -> Interval:
            low, high, flags = a
            least, most = bounds(low)
            if low == high:
                return Interval(least, most, flags)
            if not (-limit < low and high < limit):
                return Interval(minus_one, one, flags)
            first, last = multiples(low, high, shift)
            if last > first:
                return Interval(minus_one, one, flags)
            other_least, other_most = bounds(high)
            least = other_least if other_least < least else least
            most = other_most if other_most > most else most
            if first == last:
                least, most = (minus_one, most) if first % 2 else (least, one)
            return Interval(least, most, flags)

        return call

    tangent_down, tangent_up = at_least("tan"), at_most("tan")

    def tangent(a: Interval) -> Interval:
        low, high, flags = a
        if -limit < low and high < limit:
            first, last = multiples(low, high, 0.5)
            if first > last:
                return Interval(tangent_down(low), tangent_up(high), flags)
        return Interval(minus_infinity, infinity, flags & ~DEFINED)

    def angle(a: Interval, b: Interval) -> Interval:
        """atan2(a, b), the angle of the point (b, a), which jumps below a = 0, b < 0."""
        (al, ah, af), (bl, bh, bf) = a, b
        flags = af & bf
        if al <= zero <= ah and bl <= zero <= bh:
            flags &= ~DEFINED
            if al == ah and bl == bh:
                return empty
        if al >= zero:
            return upper_half(al, ah, bl, bh, flags)
        if ah < zero or (ah == zero and bl >= zero):
            return negate(upper_half(-ah, -al, bl, bh, flags))
        if bl >= zero:
            low, high = lower(values["atan2"](al, bl)), upper(values["atan2"](ah, bl))
            return Interval(low if low > -pi_up else -pi_up, high if high < pi_up else pi_up, flags)
        return Interval(-pi_up, pi_up, flags & ~CONTINUOUS)

    def upper_half(al: Any, ah: Any, bl: Any, bh: Any, flags: int) -> Interval:
        """The angles where a >= 0: they fall in b; in a they rise where b >= 0, and else fall."""
        low = lower(values["atan2"](al if bh > zero else ah, bh))
        high = upper(values["atan2"](ah if bl >= zero else al, bl))
        return Interval(low if low > zero else zero, high if high < pi_up else pi_up, flags)

    # Sums of exponentials.

    def logsumexp(*operands: Interval) -> Interval:
        flags = DEFINED_AND_CONTINUOUS
        for operand in operands:
            flags &= operand.flags
        low = lower(values["logsumexp"](*[a.low for a in operands]))
        high = upper(values["logsumexp"](*[a.high for a in operands]))
        return Interval(
            low if low == low else minus_infinity, high if high == high else infinity, flags
        )

    # The gamma functions. Between two poles gamma is convex or concave (its second derivative is
    # gamma·(digamma² + polygamma(1)), and polygamma(1) > 0), lgamma and polygamma of odd order are
    # convex, digamma and polygamma of even order increase. lgamma and |gamma| are least where
    # digamma is 0.

    def at(name: str, order: int, x: Any) -> tuple[Any, Any]:
        """Bounds of a gamma function at a point."""
        value = values[name](order, x) if name == "polygamma" else values[name](x)
        return lower(value), upper(value)

    def piece_of(a: Interval) -> tuple[int, bool, bool] | None:
        """Which piece between poles an interval lies in, and whether its ends are poles.

        0 is a > 0, and k is -k < a < 1 - k. None where a pole lies inside, or nothing else.
        """
        low, high, _ = a
        if low > zero:
            return 0, False, False
        if not -limit < low:
            return None
        first, last = -point.floor(-low), 0 if high >= zero else point.floor(high)
        at_low, at_high = low == first, high == last
        if last - first + 1 - at_low - at_high != 0:
            return None
        return (-first if at_low else 1 - first), at_low, at_high

    @cache
    def least_of_piece(name: str, order: int, piece: int) -> Any:
        """A lower bound of the least value of |gamma|, lgamma or polygamma between two poles."""
        slope_name, slope_order = ("polygamma", order + 1) if order else ("digamma", 0)
        left = Fraction(5, 4) if piece == 0 else POLE_MARGIN - piece
        right = Fraction(7, 4) if piece == 0 else 1 - piece - POLE_MARGIN
        nothing = minus_infinity if name == "lgamma" else zero
        low, high = point.of(left)[1], point.of(right)[0]
        if not at(slope_name, slope_order, low)[1] < zero < at(slope_name, slope_order, high)[0]:
            return nothing
        for _ in range(8 + point.bits // 2):
            middle = times_down(half, add_down(low, high))
            steepness = at(slope_name, slope_order, middle)
            low, high = (
                (middle if steepness[1] < zero else low),
                (middle if steepness[0] > zero else high),
            )
        # the tangent at `low` lies below the function: f(low) + f'(low)·(high - low)
        least, most = at(name, order, low)
        steepness = at(slope_name, slope_order, low)[0]
        if name == "gamma":
            least, most = (-most, -least) if piece % 2 else (least, most)
            steepness = times_down(steepness, most)
        bound = add_down(least, times_down(steepness, subtract_up(high, low)))
        return bound if bound > nothing else nothing

    def convex(name: str, order: int, a: Interval) -> Interval:
        """gamma, lgamma or polygamma of odd order."""
        piece, flags = piece_of(a), a.flags
        if piece is None:
            return Interval(minus_infinity, infinity, flags & ~DEFINED)
        number, at_low, at_high = piece
        flags = flags & ~DEFINED if at_low or at_high else flags
        nothing = minus_infinity if name == "lgamma" else zero
        flipped = name == "gamma" and number % 2 == 1
        slope_name, slope_order = ("polygamma", order + 1) if order else ("digamma", 0)
        bounds = []
        for x, pole in ((a.low, at_low), (a.high, at_high)):
            least, most = (infinity, infinity) if pole else at(name, order, x)
            bounds.append((-most, -least) if flipped and not pole else (least, most))
        (low_least, low_most), (high_least, high_most) = bounds
        if not at_low and at(slope_name, slope_order, a.low)[0] > zero:
            least = low_least
        elif not at_high and at(slope_name, slope_order, a.high)[1] < zero:
            least = high_least
        else:
            least = least_of_piece(name, order, number)
        least = least if nothing < least < infinity else nothing
        most = infinity
        if low_most < infinity and high_most < infinity:
            most = low_most if low_most > high_most else high_most
        return Interval(-most, -least, flags) if flipped else Interval(least, most, flags)

    def rising_polygamma(order: int, a: Interval) -> Interval:
        """digamma, or polygamma of even order."""
        piece, flags = piece_of(a), a.flags
        if piece is None:
            return Interval(minus_infinity, infinity, flags & ~DEFINED)
        _, at_low, at_high = piece
        flags = flags & ~DEFINED if at_low or at_high else flags
        name = "polygamma" if order else "digamma"
        low = minus_infinity if at_low else at(name, order, a.low)[0]
        high = infinity if at_high else at(name, order, a.high)[1]
        return Interval(
            low if low == low else minus_infinity, high if high == high else infinity, flags
        )

    def polygamma(order: Interval, a: Interval) -> Interval:
        n = int(float(order.low))  # a constant
        made = convex("polygamma", n, a) if n % 2 else rising_polygamma(n, a)
        return _with_flags(made, made.flags & order.flags)

    others: dict[str, Rule] = {
        "cbrt": cube_root,
        "sin": wave("sin", 0.5),
        "cos": wave("cos", 0.0),
        "tan": tangent,
        "acos": decreasing("acos", minus_one, one),
        "atan2": angle,
        "cosh": even("cosh", True),
        "abs": absolute,
        "sign": sign,
        "min": minimum,
        "max": maximum,
        "hypot": hypot,
        "erfc": decreasing("erfc", minus_infinity, infinity),
        "gamma": partial(convex, "gamma", 0),
        "lgamma": partial(convex, "lgamma", 0),
        "digamma": partial(rising_polygamma, 0),
        "polygamma": polygamma,
        "logcosh": even("logcosh", True),
        "relu": relu,
        "logaddexp": logsumexp,
        "logsumexp": logsumexp,
        "tanh-slope": even("tanh-slope", False),
        "if-defined": if_defined,
        "tie-count": tie_count,
    }
    return {
        "+": add,
        "-": subtract,
        "*": multiply,
        "/": divide,
        "unary-minus": negate,
        "pow-integer": power,
        "pow-general": power,
        **{name: increasing(name) for name in INCREASING},
        **{name: strict(rule) for name, rule in others.items()},
    }


def _meet(a: Interval, b: Interval) -> bool:
    return bool(a.low <= b.high and b.low <= a.high)


def _decided(comparison: str, left: Interval, right: Interval) -> bool | None:
    """Whether a comparison holds at all points of a box, or at none of them; else None."""
    if comparison in (">", ">="):
        return _decided("<" if comparison == ">" else "<=", right, left)
    if comparison == "<":
        if left.high < right.low:
            return True
        return False if left.low >= right.high else None
    if comparison == "<=":
        if left.high <= right.low:
            return True
        return False if left.low > right.high else None
    equal = None if _meet(left, right) else False
    if left.low == left.high == right.low == right.high:
        equal = True
    return equal if comparison == "==" or equal is None else not equal


def _branch(point: PointArithmetic) -> Callable[..., Sequence[Interval]]:
    """What a branch gives: the results of the side that is decided, else the hull of both."""
    infinity = point.of(inf)[0]
    empty = Interval(infinity, -infinity, 0)

    def branch(
        comparison: str,
        left: Interval,
        right: Interval,
        holds: Callable[[], Sequence[Interval]],
        fails: Callable[[], Sequence[Interval]],
    ) -> Sequence[Interval]:
        if left.low > left.high or right.low > right.high:
            return [empty for _ in holds()]
        decided = _decided(comparison, left, right)
        if decided is None:
            results: Sequence[Interval] = [
                _hull(a, b, a.flags & b.flags & ~CONTINUOUS)
                for a, b in zip(holds(), fails(), strict=True)
            ]
        else:
            results = holds() if decided else fails()
        flags = left.flags & right.flags | CONTINUOUS  # of a decided side its jumps do not count
        return [_with_flags(a, a.flags & flags) for a in results]

    return branch
