"""Intervals in lanes: NumPy arrays of ends, many boxes at once, for a search.

Comes in: Intervals whose ends are float64 arrays, or scalars where all boxes share them. Goes out:
the same. Every end is moved outward by a bound of its rounding error: one unit in the last place
for the operations that IEEE 754 rounds correctly, and LIBRARY_ULPS for functions of NumPy, which
publishes no bounds (the worst error measured is 1.2 units). So nothing here is proved by itself:
what a search finds is checked again by `interval_ends.py`.

Source: Neumaier, Interval Methods for Systems of Equations (1990); IEEE 1788-2015 for the values
at the edges of domains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, partial, reduce
from math import inf
from typing import Any

import numpy as np

from gdcli.language.syntax import Decimal
from gdcli.numbers import gamma_functions
from gdcli.numbers.floats import EPSILON, FLOAT_CONSTANTS, NumberSystem, to_float
from gdcli.numbers.interval import CONTINUOUS, DEFINED, Interval, IntervalSystem, decisions

LIBRARY_ULPS = 4  # of NumPy's functions
COMPOSED_ULPS = 16  # of formulas of a few functions of NumPy, none of which cancels
MOST_MULTIPLIED_EXPONENT = 8  # up to which a power is a product, the faster way
TINY = 2.0**-960  # results below may have lost digits by underflow
LEAST_SUBNORMAL = 5e-324
GREATEST = np.float64(np.finfo(np.float64).max)
MOST_REDUCED_ARGUMENT = 2.0**20  # of sin, cos and tan, whose period is told apart beyond no more
GAMMA_MINIMIZER = 1.4616321449683623  # where gamma and lgamma are least, of the arguments > 0
GAMMA_ARITHMETIC = gamma_functions.Arithmetic(
    np.log, np.exp, np.power, np.sin, np.tan, every=np.all, select=np.where
)
BOTH, ONLY_DEFINED, ONLY_CONTINUOUS, NEITHER = map(np.uint8, (3, 1, 2, 0))

Ends = tuple[Any, Any, Any]  # low, high, flags


def _neighbours(value: float) -> Interval:
    """The interval from the float below to the one above."""
    low, high = math.nextafter(value, -inf), math.nextafter(value, inf)
    return Interval(np.float64(low), np.float64(high))


CONSTANTS = {  # both floats are below the number
    name: Interval(np.float64(value), np.float64(math.nextafter(value, inf)))
    for name, value in FLOAT_CONSTANTS.items()
}


# -- outward rounding ------------------------------------------------------------------------------


def _outward(low: Any, high: Any, ulps: float, zero_is_exact: bool = True) -> tuple[Any, Any]:
    """Bounds below and above what floats have computed with an error of so many ulps at most.

    What is computed as 0 is 0 exactly, or may be too small for a float. What is no number has no
    bound.
    """
    return _bounds(low, high, ulps, zero_is_exact)[:2]


def _bounds(low: Any, high: Any, ulps: float, zero_is_exact: bool) -> tuple[Any, Any, Any]:
    """The bounds, and where both ends are finite and not TINY; None where all are.

    One ulp of y is at most EPSILON·|y|; of a subnormal it is LEAST_SUBNORMAL.
    """
    left, right = np.abs(low), np.abs(high)
    below, above = low - left * (ulps * EPSILON), high + right * (ulps * EPSILON)
    least, most = np.minimum(left, right), np.maximum(left, right)
    if least.min() >= TINY and most.max() < inf:
        return below, above, None

    def careful(y: Any, size: Any, bound: Any) -> Any:
        moved = bound - ulps * LEAST_SUBNORMAL
        bound = np.where((size < TINY) & ((y != 0.0) | (not zero_is_exact)), moved, bound)
        return np.where(y == inf, GREATEST, np.where(np.isnan(bound), -inf, bound))

    good = (least >= TINY) & (most < inf)
    below = _mended(below, good, careful, low, left)
    return below, -_mended(-above, good, careful, -high, right), good


def _mended(ends: Any, good: Any, mend: Callable[..., Any], *operands: Any) -> Any:
    """The ends, where they are not good made of operands and ends by `mend`."""
    if not np.ndim(ends):
        return mend(*operands, ends)[()]
    lanes = np.flatnonzero(~good)
    there = [operand[lanes] if np.ndim(operand) else operand for operand in operands]
    ends[lanes] = mend(*there, ends[lanes])
    return ends


def _where_good(flags: Any, good: Any, kept: np.uint8) -> Any:
    """The flags, of which those that are `kept` alone remain where it is not good."""
    return flags if good.all() else flags & np.where(good, BOTH, kept)


def _emptied(low: Any, high: Any, empty: Any) -> tuple[Any, Any]:
    if not empty.any():
        return low, high
    return np.where(empty, inf, low), np.where(empty, -inf, high)


def _lanes(operation: Callable[..., Ends]) -> Callable[..., Interval]:
    """The operation on Intervals: the flags of all operands are handed to it, EMPTY gives EMPTY."""

    def call(*operands: Interval) -> Interval:
        flags = operands[0].flags
        for operand in operands[1:]:
            flags = flags & operand.flags
        with np.errstate(all="ignore"):
            low, high, made = operation(flags, *operands)
            defined = flags & DEFINED
            if not (defined if defined.__class__ is int else defined.all()):
                for operand in operands:
                    low, high = _emptied(low, high, np.greater(operand.low, operand.high))
        return Interval(low, high, made)

    return call


# -- arithmetic ------------------------------------------------------------------------------------


def _add(flags: Any, a: Interval, b: Interval) -> Ends:
    return *_sum_ends(a.low + b.low, a.high + b.high), flags


def _subtract(flags: Any, a: Interval, b: Interval) -> Ends:
    return *_sum_ends(a.low - b.high, a.high - b.low), flags


def _sum_ends(low: Any, high: Any) -> tuple[Any, Any]:
    """Bounds of sums of two floats; a sum that is subnormal is exact."""
    below, above = low - np.abs(low) * EPSILON, high + np.abs(high) * EPSILON
    if (above - below).max() < inf:
        return below, above
    below = np.where(low == inf, GREATEST, np.where(np.isnan(low), -inf, below))
    return below, np.where(high == -inf, -GREATEST, np.where(np.isnan(high), inf, above))


def _negate(flags: Any, a: Interval) -> Ends:
    return -a.high, -a.low, flags


def _sign_of_all(a: Interval) -> int:
    """1 where no box has a negative number, -1 where none has a positive one, else 0."""
    low, high = a.low, a.high
    if low.__class__ is np.ndarray:
        return 1 if low.min() >= 0.0 else -1 if high.max() <= 0.0 else 0
    return 1 if low >= 0.0 else -1 if high <= 0.0 else 0


def _is_number(a: Interval) -> bool:
    """Whether it is one number that all boxes share, but for a unit in its last place, not 0."""
    low, high = a.low, a.high
    if low.__class__ is np.ndarray or high.__class__ is np.ndarray:
        return False
    size = abs(low)
    return bool(0.0 < size < inf and 0.0 <= high - low <= EPSILON * size)


def _multiply(flags: Any, a: Interval, b: Interval) -> Ends:
    if _is_number(a):
        a, b = b, a
    if np.ndim(b.low) == 0 and b.low == b.high and abs(b.low) in (0.0, 1.0):
        if b.low == 0.0:
            return np.float64(0.0), np.float64(0.0), flags
        return _negate(flags, a) if b.low < 0.0 else (a.low, a.high, flags)
    left, right = _sign_of_all(a), _sign_of_all(b)
    if left < 0 or (right < 0 and left == 0):
        a, b, left, right = (a, b, left, right) if left < 0 else (b, a, right, left)
        below, above, flags = _multiply(flags, Interval(-a.high, -a.low), b)
        return -above, -below, flags
    ulps = 1.0
    if _is_number(b):
        low, high, ulps = a.low * b.low, a.high * b.low, 2.5  # one for b
        if right < 0:
            low, high = high, low
    elif left > 0 and right > 0:
        low, high = a.low * b.low, a.high * b.high
    elif left > 0:
        low = np.fmin(a.low * b.low, a.high * b.low)
        high = np.fmax(a.low * b.high, a.high * b.high)
    elif right > 0:
        low = np.fmin(a.low * b.low, a.low * b.high)
        high = np.fmax(a.high * b.low, a.high * b.high)
    else:
        corners = [x * y for x in a[:2] for y in b[:2]]
        low, high = reduce(np.fmin, corners), reduce(np.fmax, corners)
    return _product_ends(flags, low, high, a, b, ulps)


def _product_ends(
    flags: Any, low: Any, high: Any, a: Interval, b: Interval, ulps: float = 1.0
) -> Ends:
    """The ends of a product or quotient of a and b, whose ends were computed as low and high.

    They are nan where one of them is 0 and the other not bounded.
    """
    below, above, good = _bounds(low, high, ulps, False)
    if good is None:
        return below, above, flags

    def careful(al: Any, ah: Any, bl: Any, bh: Any, ends: Any) -> Any:
        # signs are exact, and so is 0; `ends` is below, and the negative of above
        nothing = (al == 0.0) & (ah == 0.0) | (bl == 0.0) & (bh == 0.0)
        positive = (al >= 0.0) & (bl >= 0.0) | (ah <= 0.0) & (bh <= 0.0)
        return np.where(nothing, 0.0, np.where(positive, np.maximum(ends, 0.0), ends))

    below = _mended(below, good, careful, *a[:2], *b[:2])
    above = -_mended(-above, good, careful, *a[:2], -b.high, -b.low)
    return below, above, flags


def _divide(flags: Any, a: Interval, b: Interval) -> Ends:
    sign = _sign_of_all(b)
    if sign < 0:
        below, above, flags = _divide(flags, a, Interval(-b.high, -b.low))
        return -above, -below, flags
    if sign > 0 and b.low.min() > 0.0:
        low, high = a.low / b.high, a.high / b.low
        if _sign_of_all(a) <= 0:
            low, high = np.fmin(low, a.low / b.low), np.fmax(high, a.high / b.high)
        return _product_ends(flags, low, high, a, b)
    corners = [x / y for x in a[:2] for y in b[:2]]
    low, high = reduce(np.fmin, corners), reduce(np.fmax, corners)
    below, above, flags = _product_ends(flags, low, high, a, b)
    excluded = (b.low > 0.0) | (b.high < 0.0)
    if excluded.all():
        return below, above, flags
    rising, falling = (b.low == 0.0) & (b.high > 0.0), (b.high == 0.0) & (b.low < 0.0)
    positive = rising & (a.low >= 0.0) | falling & (a.high <= 0.0)
    negative = rising & (a.high <= 0.0) | falling & (a.low >= 0.0)
    # the quotient by the end of b that is not 0 bounds one side
    far = np.where(rising, b.high, b.low)
    bounds = a.low / far, a.high / far
    near, beyond = _outward(np.fmin(*bounds), np.fmax(*bounds), 1, False)
    below = np.where(excluded, below, np.where(positive, near, -inf))
    above = np.where(excluded, above, np.where(negative, beyond, inf))
    below = np.where(positive & ~excluded, np.maximum(below, 0.0), below)
    above = np.where(negative & ~excluded, np.minimum(above, 0.0), above)
    below, above = _emptied(below, above, (b.low == 0.0) & (b.high == 0.0))
    return below, above, _where_good(flags, excluded, NEITHER)


# -- powers ----------------------------------------------------------------------------------------


def _exact_integer(b: Interval) -> int | None:
    """The integer that all boxes share; None where there is none."""
    if np.ndim(b.low) or np.ndim(b.high) or b.low != b.high or b.low % 1.0 != 0.0:
        return None
    return int(b.low)


def _integer_power(flags: Any, a: Interval, b: Interval) -> Ends:
    n = _exact_integer(b)
    if n is None:
        return _general_power(flags, a, b)
    if n == 0:
        return np.float64(1.0), np.float64(1.0), flags
    if n < 0:
        power = Interval(*_integer_power(flags, a, Interval(-b.low, -b.low)))
        return _divide(flags, Interval(np.float64(1.0), np.float64(1.0)), power)
    if n == 1:
        return a.low, a.high, flags
    multiplied = n <= MOST_MULTIPLIED_EXPONENT
    # n - 1 products, each with a relative error of half an ulp, and as much for what they neglect
    ulps = n / 2.0 + 0.5 if multiplied else LIBRARY_ULPS

    def raised(x: Any) -> Any:
        return _multiplied(x, n) if multiplied else np.power(x, float(n))

    if n % 2:
        return *_outward(raised(a.low), raised(a.high), ulps, False), flags
    below, above = raised(np.abs(a.low)), raised(np.abs(a.high))
    low, high = _outward(np.minimum(below, above), np.maximum(below, above), ulps, False)
    low = np.maximum(low, 0.0)
    straddles = (a.low <= 0.0) & (a.high >= 0.0)
    if straddles.any():
        low = np.where(straddles, 0.0, low)
    return low, high, flags


def _multiplied(x: Any, n: int) -> Any:
    """x^n by products."""
    if n == 1:
        return x
    half = _multiplied(x, n // 2)
    return half * half * x if n % 2 else half * half


def _integer_power_of(flags: Any, b: Interval, a: Interval) -> Ends:
    return _integer_power(flags, a, b)


def _by_first(rule: Callable[..., Ends], flags: Any, first: Interval, a: Interval) -> Ends:
    """The rule of a first operand that is a number in each lane, run for each of these numbers."""
    low, high = np.empty(len(first.low)), np.empty(len(first.low))
    made = np.empty(len(first.low), np.uint8)
    for number in np.unique(first.low):
        lanes = np.flatnonzero(first.low == number)
        own = [one[lanes] if np.ndim(one) else one for one in (flags, *a)]
        found = rule(own[0], Interval(number, number), Interval(*own[1:]))
        low[lanes], high[lanes], made[lanes] = found
    return low, high, made


def _general_power(flags: Any, a: Interval, b: Interval) -> Ends:
    """a^b: exp(b·log(a)) where a is not negative, 0^b = 0 for b > 0 and 0^0 = 1; else b is whole.

    b·log(a) is bilinear, so that the extrema are at the corners.
    """
    if _exact_integer(b) is not None:
        return _integer_power(flags, a, b)
    if np.ndim(b.low) and np.ndim(b.high) and ((b.low == b.high) & (b.low % 1.0 == 0.0)).all():
        return _by_first(_integer_power_of, flags, b, a)
    whole = np.floor(b.high) >= np.ceil(b.low)  # some b is
    negative = a.low < 0.0
    far = np.maximum(a.high, np.where(negative & whole, -a.low, 0.0))
    near = np.where(negative & whole & (a.high < 0.0), -a.high, np.maximum(a.low, 0.0))
    near = np.where(negative & whole & (a.high >= 0.0), 0.0, near)
    corners = [np.power(x, y) for x in (near, far) for y in (b.low, b.high)]
    low, high = reduce(np.minimum, corners), reduce(np.maximum, corners)
    low, high = _outward(low, high, LIBRARY_ULPS, False)
    low = np.maximum(low, 0.0)
    low = np.where(negative & whole, -high, low)
    nothing = (a.high < 0.0) & ~whole | (a.low == 0.0) & (a.high == 0.0) & (b.high < 0.0)
    low, high = _emptied(low, high, nothing)
    inside = (a.low > 0.0) | (a.low == 0.0) & (b.low > 0.0)
    return low, high, _where_good(flags, inside, NEITHER)


# -- monotone functions ----------------------------------------------------------------------------


def _monotone(
    function: Callable[[Any], Any],
    *,
    domain: tuple[float, float] = (-inf, inf),
    opened: bool = False,
    values: tuple[float, float] = (-inf, inf),
    ulps: float = LIBRARY_ULPS,
    falling: bool = False,
    zero_is_exact: bool = True,
) -> Callable[..., Ends]:
    """A function that rises, or falls, on its domain, whose ends are no part of it if `opened`."""

    def call(flags: Any, a: Interval) -> Ends:
        left, right = a.low, a.high
        good = None
        if domain != (-inf, inf):
            if opened:
                good = (left > domain[0]) & (right < domain[1] if domain[1] < inf else True)
                outside = (right <= domain[0]) | (left >= domain[1])
            else:
                good = (left >= domain[0]) & (right <= domain[1])
                outside = (right < domain[0]) | (left > domain[1])
            if not good.all():
                left, right = np.maximum(left, domain[0]), np.minimum(right, domain[1])
        low, high = function(left), function(right)
        if falling:
            low, high = high, low
        low, high = _outward(low, high, ulps, zero_is_exact)
        if values != (-inf, inf):
            low, high = np.maximum(low, values[0]), np.minimum(high, values[1])
        if good is None or good.all():
            return low, high, flags
        return *_emptied(low, high, outside), _where_good(flags, good, ONLY_CONTINUOUS)

    return call


def _even(
    function: Callable[[Any], Any],
    *,
    values: tuple[float, float],
    ulps: float = LIBRARY_ULPS,
    falling: bool = False,
) -> Callable[..., Ends]:
    """A function of |a| that rises, or falls, with it."""
    rising = _monotone(function, values=values, ulps=ulps, falling=falling, zero_is_exact=False)

    def call(flags: Any, a: Interval) -> Ends:
        low, high, _ = _absolute(flags, a)
        return rising(flags, Interval(low, high))

    return call


def _absolute(flags: Any, a: Interval) -> Ends:
    # of a that straddles 0 both a.low and -a.high are negative
    return np.maximum(np.maximum(a.low, -a.high), 0.0), np.maximum(-a.low, a.high), flags


def _sign(flags: Any, a: Interval) -> Ends:
    decided = (a.low > 0.0) | (a.high < 0.0) | (a.low == 0.0) & (a.high == 0.0)
    return np.sign(a.low), np.sign(a.high), _where_good(flags, decided, ONLY_DEFINED)


def _greatest(flags: Any, *values: Interval) -> Ends:
    low = reduce(np.maximum, [one.low for one in values])
    return low, reduce(np.maximum, [one.high for one in values]), flags


def _least(flags: Any, *values: Interval) -> Ends:
    low = reduce(np.minimum, [one.low for one in values])
    return low, reduce(np.minimum, [one.high for one in values]), flags


def _tie_count(flags: Any, y: Interval, *values: Interval) -> Ends:
    """How many of the values are their extremum y: at least one, and those that can be."""
    most: Any = np.float64(0.0)
    for one in values:
        most = most + ((one.low <= y.high) & (one.high >= y.low))
    most = np.maximum(most, 1.0)
    return np.minimum(most, 1.0), most, _where_good(flags, most == 1.0, ONLY_DEFINED)


# -- periodic functions ----------------------------------------------------------------------------


def _meets(a: Interval, offset: float, period: float) -> Any:
    """Whether a multiple of the period, moved by `offset` periods, can lie in the interval.

    The quotients by the period have a relative error of some 2 EPSILON, which the slack covers.
    """
    left, right = a.low / period - offset, a.high / period - offset
    largest = np.maximum(np.abs(a.low), np.abs(a.high))
    slack = 8.0 * EPSILON * (1.0 + largest)
    far = ~(largest <= MOST_REDUCED_ARGUMENT)
    return far | (np.floor(right + slack) >= np.ceil(left - slack))


def _periodic(function: Callable[[Any], Any], crest: float) -> Callable[..., Ends]:
    """sin or cos, whose crests lie `crest` periods from the multiples of 2·pi."""

    def call(flags: Any, a: Interval) -> Ends:
        left, right = function(a.low), function(a.high)
        low, high = np.minimum(left, right), np.maximum(left, right)
        # beside its zeros the reduced argument, not the value, has a relative error
        lost = np.minimum(np.maximum(np.abs(a.low), np.abs(a.high)), 1.0) * 2.0**-56
        below, above = _outward(low, high, LIBRARY_ULPS)
        low = np.maximum(below - lost * (low != 0.0), -1.0)
        high = np.minimum(above + lost * (high != 0.0), 1.0)
        low = np.where(_meets(a, crest + 0.5, math.tau), -1.0, low)
        return low, np.where(_meets(a, crest, math.tau), 1.0, high), flags

    return call


def _tan(flags: Any, a: Interval) -> Ends:
    good = ~_meets(a, 0.5, math.pi)
    lost = np.minimum(np.maximum(np.abs(a.low), np.abs(a.high)), 1.0) * 2.0**-56
    left, right = np.tan(a.low), np.tan(a.high)
    low, high = _outward(left, right, LIBRARY_ULPS)
    low, high = low - lost * (left != 0.0), high + lost * (right != 0.0)
    if good.all():
        return low, high, flags
    return np.where(good, low, -inf), np.where(good, high, inf), _where_good(flags, good, NEITHER)


# -- the others ------------------------------------------------------------------------------------


def _hypot(flags: Any, a: Interval, b: Interval) -> Ends:
    (left, right, _), (below, above, _) = _absolute(flags, a), _absolute(flags, b)
    low, high = np.hypot(left, below), np.hypot(right, above)
    low, high = _outward(low, high, LIBRARY_ULPS)
    return np.maximum(low, 0.0), high, flags


def _angle(flags: Any, a: Interval, b: Interval) -> Ends:
    """atan2, whose extrema are at the corners where the half line a = 0, b < 0 is not crossed."""
    corners = [np.arctan2(y + 0.0, x) for y in a[:2] for x in b[:2]]  # no zero is -0
    cut = (a.low < 0.0) & (a.high >= 0.0) & (b.low < 0.0)
    origin = (a.low <= 0.0) & (a.high >= 0.0) & (b.low <= 0.0) & (b.high >= 0.0)
    low, high = reduce(np.minimum, corners), reduce(np.maximum, corners)
    low, high = _outward(low, high, LIBRARY_ULPS, False)
    most = CONSTANTS["pi"].high
    low = np.where(cut, -most, np.maximum(low, -most))
    high = np.where(cut, most, np.minimum(high, most))
    return low, high, _where_good(_where_good(flags, ~cut, ONLY_DEFINED), ~origin, NEITHER)


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _sigmoid(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0 / (1.0 + small), small / (1.0 + small))


def _log_cosh(x: Any) -> Any:
    near = np.log1p(2.0 * np.square(np.sinh(np.minimum(x, 30.0) / 2.0)))
    return np.where(x < 30.0, near, x - np.log(2.0))


def _tanh_slope(x: Any) -> Any:
    small = np.exp(-2.0 * x)
    return 4.0 * small / np.square(1.0 + small)


def _by_elements(function: Callable[[float], float]) -> Callable[[Any], Any]:
    return np.vectorize(function, otypes=[float])


def _of_positive(function: Callable[[Any], Any], at_zero: float, at_infinity: float) -> Any:
    """One of gamma_functions.py on a >= 0, with its limits."""

    def call(x: Any) -> Any:
        inside = np.where((x > 0.0) & (x < inf), x, 1.0)
        return np.where(x == 0.0, at_zero, np.where(x == inf, at_infinity, function(inside)))

    return call


def _gamma_ends(flags: Any, a: Interval, low: Any, high: Any) -> Ends:
    """The ends on a > 0. A box with negative numbers has any value, and none at the poles."""
    negative = a.low < 0.0
    pole = (np.floor(np.minimum(a.high, 0.0)) >= np.ceil(a.low)) & (a.low <= 0.0)
    low, high = np.where(negative, -inf, low), np.where(negative, inf, high)
    low, high = _emptied(low, high, (a.low == 0.0) & (a.high == 0.0))
    return low, high, _where_good(flags, ~pole, NEITHER)


def _convex_gamma(name: str, least: float) -> Callable[..., Ends]:
    """gamma or lgamma, which fall to `least` at GAMMA_MINIMIZER and rise from there."""
    function = _of_positive(partial(getattr(gamma_functions, name), GAMMA_ARITHMETIC), inf, inf)

    def call(flags: Any, a: Interval) -> Ends:
        left, right = function(np.maximum(a.low, 0.0)), function(np.maximum(a.high, 0.0))
        around = (a.low <= GAMMA_MINIMIZER) & (a.high >= GAMMA_MINIMIZER)
        low = np.where(around, least, np.minimum(left, right))
        low, high = _outward(low, np.maximum(left, right), COMPOSED_ULPS)
        return _gamma_ends(flags, a, np.maximum(low, least), high)

    return call


def _digamma(flags: Any, a: Interval) -> Ends:
    function = _of_positive(partial(gamma_functions.digamma, GAMMA_ARITHMETIC), -inf, inf)
    left, right = function(np.maximum(a.low, 0.0)), function(np.maximum(a.high, 0.0))
    return _gamma_ends(flags, a, *_outward(left, right, COMPOSED_ULPS))


def _polygamma(flags: Any, order: Interval, a: Interval) -> Ends:
    """The derivative of digamma of a whole order: positive and falling where that is odd."""
    n = _exact_integer(order)
    if np.ndim(order.low) and np.ndim(order.high) and (order.low == order.high).all():
        return _by_first(_polygamma, flags, order, a)
    if n == 0:
        return _digamma(flags, a)
    if n is None or n < 0:
        return np.float64(-inf), np.float64(inf), flags & NEITHER
    derivative = partial(gamma_functions.polygamma, GAMMA_ARITHMETIC, float(n))
    sign = 1.0 if n % 2 else -1.0
    function = _of_positive(derivative, sign * inf, 0.0)
    left, right = function(np.maximum(a.low, 0.0)), function(np.maximum(a.high, 0.0))
    low, high = (right, left) if n % 2 else (left, right)
    ulps = COMPOSED_ULPS + 2 * n
    low, high = _outward(low, high, ulps, False)
    return _gamma_ends(flags, a, np.maximum(low, 0.0) if n % 2 else low, high)


def _log_sum(flags: Any, *values: Interval) -> Ends:
    """log Σ exp, which rises with each value; beside a root the terms have errors of their own."""
    low, high = (reduce(np.logaddexp, end) for end in zip(*[one[:2] for one in values]))  # noqa: B905
    lost = 4.0 * EPSILON * len(values)
    low, high = _outward(low, high, COMPOSED_ULPS)
    return low - lost, high + lost, flags


def _if_defined(_: Any, a: Interval, b: Interval) -> Ends:
    return a.low, a.high, a.flags & (b.flags | CONTINUOUS)


ENDS_RULES: dict[str, Callable[..., Ends]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "unary-minus": _negate,
    "pow-integer": _integer_power,
    "pow-general": _general_power,
    "exp": _monotone(np.exp, values=(0.0, inf), zero_is_exact=False),
    "log": _monotone(np.log, domain=(0.0, inf), opened=True),
    "expm1": _monotone(np.expm1, values=(-1.0, inf)),
    "log1p": _monotone(np.log1p, domain=(-1.0, inf), opened=True),
    "log2": _monotone(np.log2, domain=(0.0, inf), opened=True),
    "log10": _monotone(np.log10, domain=(0.0, inf), opened=True),
    "sqrt": _monotone(np.sqrt, domain=(0.0, inf), values=(0.0, inf), ulps=1),
    "sin": _periodic(np.sin, 0.25),
    "cos": _periodic(np.cos, 0.0),
    "tan": _tan,
    "cbrt": _monotone(np.cbrt),
    "asin": _monotone(np.arcsin, domain=(-1.0, 1.0)),
    "acos": _monotone(np.arccos, domain=(-1.0, 1.0), falling=True),
    "atan": _monotone(np.arctan),
    "atan2": _angle,
    "sinh": _monotone(np.sinh),
    "cosh": _even(np.cosh, values=(1.0, inf)),
    "tanh": _monotone(np.tanh, values=(-1.0, 1.0)),
    "asinh": _monotone(np.arcsinh),
    "acosh": _monotone(np.arccosh, domain=(1.0, inf)),
    "atanh": _monotone(np.arctanh, domain=(-1.0, 1.0), opened=True),
    "hypot": _hypot,
    "erf": _monotone(_by_elements(math.erf), values=(-1.0, 1.0)),
    "erfc": _monotone(
        _by_elements(math.erfc),
        values=(0.0, 2.0),
        ulps=COMPOSED_ULPS,
        falling=True,
        zero_is_exact=False,
    ),
    "gamma": _convex_gamma("gamma", 0.8856031944108886),
    "lgamma": _convex_gamma("lgamma", -0.12148629053584965),
    "digamma": _digamma,
    "polygamma": _polygamma,
    "logcosh": _even(_log_cosh, values=(0.0, inf), ulps=COMPOSED_ULPS),
    "sigmoid": _monotone(_sigmoid, values=(0.0, 1.0), ulps=COMPOSED_ULPS, zero_is_exact=False),
    "softplus": _monotone(_softplus, values=(0.0, inf), ulps=COMPOSED_ULPS, zero_is_exact=False),
    "relu": _monotone(lambda x: np.maximum(x, 0.0), ulps=0),
    "tanh-slope": _even(_tanh_slope, values=(0.0, 1.0), ulps=COMPOSED_ULPS, falling=True),
    "abs": _absolute,
    "sign": _sign,
    "min": _least,
    "max": _greatest,
    "logaddexp": _log_sum,
    "logsumexp": _log_sum,
    "if-defined": _if_defined,
    "tie-count": _tie_count,
}
OPERATIONS = {name: _lanes(rule) for name, rule in ENDS_RULES.items()}


# -- constants, comparisons, ends ------------------------------------------------------------------


@lru_cache(4096)
def _decimal(number: Decimal) -> Interval:
    """The hull of an exact decimal."""
    value = to_float(number)
    if abs(value) == inf or abs(value) < TINY:
        if not number.coefficient:
            return Interval(np.float64(0.0), np.float64(0.0))
        return _neighbours(value)
    exact = Fraction(number.coefficient) * Fraction(10) ** number.exponent
    return _of(exact, exact)


def _of(low: Any, high: Any) -> Interval:
    return Interval(_rounded(low, -inf), _rounded(high, inf))


def _rounded(end: Any, outward: float) -> Any:
    """An end as float64, rounded outward where it is no float."""
    if isinstance(end, (float, np.ndarray)):
        return np.asarray(end, float)[()]
    try:
        value = float(end)
    except OverflowError:
        value = inf if end > 0 else -inf
    if (value > end) if outward < 0.0 else (value < end):
        value = math.nextafter(value, outward)
    return np.float64(value)


def _ends(interval: Interval) -> tuple[Fraction | float, Fraction | float]:
    """The least low and the greatest high end of the boxes, exactly."""
    low, high = float(np.min(interval.low)), float(np.max(interval.high))
    return tuple([Fraction(end) if math.isfinite(end) else end for end in (low, high)])  # type: ignore[return-value]


def _branch(
    comparison: str,
    a: Interval,
    b: Interval,
    held: Callable[[], Sequence[Interval]],
    otherwise: Callable[[], Sequence[Interval]],
) -> list[Interval]:
    """The results of a branch: of the side that all points of a box take, else the hull of both."""
    holds, fails = decisions(comparison, a, b)
    # an operand that is undefined leaves the result undefined; one that jumps does not matter here
    flags = a.flags & b.flags | CONTINUOUS
    if holds.all() or fails.all():
        pairs = [(one, one) for one in (held() if holds.all() else otherwise())]
    else:
        pairs = list(zip(held(), otherwise(), strict=True))
    empty = np.greater(a.low, a.high) | np.greater(b.low, b.high)
    results = []
    for one, other in pairs:
        if one is other:
            low, high, made = one.low, one.high, one.flags & flags
        else:
            low = np.minimum(np.where(fails, inf, one.low), np.where(holds, inf, other.low))
            high = np.maximum(np.where(fails, -inf, one.high), np.where(holds, -inf, other.high))
            left, right = np.where(fails, BOTH, one.flags), np.where(holds, BOTH, other.flags)
            made = (left & right & flags).astype(np.uint8)
            made = _where_good(made, holds | fails, ONLY_DEFINED)
        results.append(Interval(*_emptied(low, high, empty), made))
    return results


INTERVAL_LANES = IntervalSystem(
    NumberSystem("interval", _decimal, CONSTANTS, OPERATIONS), _branch, _of, _ends, True
)
