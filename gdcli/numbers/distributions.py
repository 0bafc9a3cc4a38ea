"""Tails and quantiles of the distributions that statistics need: normal, Student's t and χ².

Comes in: floats, degrees of freedom from 1 to 10⁷. Goes out: floats, right to 1e-13 of themselves
for tails from 1e-80 on.
A tail is the probability of a greater value; the quantile of a tail is the value that has it.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.1.40, 6.5, 26.2, 26.5;
DiDonato and Morris, Significant digit computation of the incomplete beta function ratios (1992),
whose continued fraction `student_t_tail` takes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, lgamma, log, log1p, pi, sqrt, tan

from gdcli.numbers.gamma_functions import BERNOULLI, stirling

CENTRAL_SQUARE = 3.0  # of t: below it the probability from 0 to t is summed, above it the tail
LARGE_SHAPE = 20.0  # from where on the gamma function is taken from its series
MOST_TERMS = 1_000_000
PRECISION = 1e-17  # a term so much smaller than the sum ends it


def normal_tail(z: float) -> float:
    """The probability that a standard normal variable is greater than z."""
    return 0.5 * erfc(z / sqrt(2.0))


def normal_quantile(tail: float) -> float:
    """The z that a standard normal variable exceeds with probability `tail`, from 0 to 1."""
    if tail > 0.5:
        return -normal_quantile(1.0 - tail)
    # the bound exp(-z²/2)/2 of the tail gives a z that is not too small
    above = sqrt(max(0.0, -2.0 * log(2.0 * tail)))
    return _quantile(tail, normal_tail, lambda z: exp(-0.5 * z * z) / sqrt(2.0 * pi), 0.0, above)


def student_t_tail(t: float, freedom: float) -> float:
    """The probability that Student's t, with `freedom` degrees of freedom, is greater than t."""
    if t < 0.0:
        return 1.0 - student_t_tail(-t, freedom)
    square = t * t
    a, y = 0.5 * freedom, square / (freedom + square)
    scale = student_t_density(t, freedom) * t
    if square < CENTRAL_SQUARE:  # the sum of (a + 1/2)ₖ/(3/2)ₖ·yᵏ
        total = term = 1.0
        k = 0.0
        while term > PRECISION * total:
            term *= (a + 0.5 + k) / (1.5 + k) * y
            total += term
            k += 1.0
        return 0.5 - scale * total
    x = freedom / (freedom + square)
    return 0.5 * scale * _beta_fraction(a, x, y, 0.5 * ((freedom + 1.0) * y - 1.0))


def student_t_density(t: float, freedom: float) -> float:
    """The density of Student's t with `freedom` degrees of freedom."""
    a = 0.5 * freedom
    shifts = 1.0
    while a < LARGE_SHAPE:  # Γ(a + 1/2)/Γ(a) = a/(a + 1/2)·Γ(a + 3/2)/Γ(a + 1)
        shifts *= a / (a + 0.5)
        a += 1.0
    ratio = 0.0
    for k in range(len(BERNOULLI), 0, -1):
        ratio = ratio / (a * a) - (1.0 - 0.25**k) * BERNOULLI[k - 1] / (k * (2 * k - 1))
    constant = shifts * sqrt(a / (pi * freedom)) * exp(ratio / a)
    return constant * exp(-0.5 * (freedom + 1.0) * log1p(t * t / freedom))


def student_t_quantile(tail: float, freedom: float) -> float:
    """The t that Student's t with `freedom` degrees of freedom exceeds with probability `tail`."""
    if tail > 0.5:
        return -student_t_quantile(1.0 - tail, freedom)
    # quantiles fall with the degrees of freedom: from that of 1 to that of the normal distribution
    return _quantile(
        tail,
        lambda t: student_t_tail(t, freedom),
        lambda t: student_t_density(t, freedom),
        normal_quantile(tail),
        1.0 / tan(pi * tail),
    )


def chi_squared_tail(x: float, freedom: float) -> float:
    """The probability that χ² with `freedom` degrees of freedom is greater than x."""
    if x <= 0.0:
        return 1.0
    a, x = 0.5 * freedom, 0.5 * x
    if a < LARGE_SHAPE:
        density = exp(a * log(x) - x - lgamma(a))
    else:
        density = sqrt(a / (2.0 * pi)) * exp(-a * _excess((x - a) / a) - stirling(a))
    # xᵃ·exp(-x)/Γ(a) times a sum or a fraction
    if x < a + 1.0:
        total = term = 1.0 / a
        k = a
        while term > PRECISION * total:
            k += 1.0
            term *= x / k
            total += term
        return 1.0 - density * total
    return density * _gamma_fraction(a, x)


def _excess(x: float) -> float:
    """x - log(1 + x), with its digits where x is small."""
    if abs(x) > 0.25:
        return x - log1p(x)
    v = x / (2.0 + x)
    total, power, k = 0.0, v * v * v, 3
    while abs(power) > PRECISION * abs(total):
        total += power / k
        power *= v * v
        k += 2
    return x * v - 2.0 * total


def _quantile(
    tail: float,
    above: Callable[[float], float],
    density: Callable[[float], float],
    low: float,
    high: float,
) -> float:
    """The root of log(above(t)) = log(tail) between `low` and `high`, by Newton's method."""
    t = low
    for _ in range(100):
        here = above(t)
        new = min(max(t + log(here / tail) * here / density(t), low), high)
        if abs(new - t) <= 4e-16 * abs(new):
            return new
        t = new
    return t


def _beta_fraction(a: float, x: float, y: float, excess: float) -> float:
    """I(a, 1/2) at x = 1 - y over xᵃ·√y/B(a, 1/2); `excess` is (a + 1/2)·y - 1/2 >= 0."""
    b = 0.5
    c, c0, c1 = 1.0 + excess, b / a, 1.0 + 1.0 / a
    p, s = 1.0, a + 1.0
    above, below = 0.0, 1.0
    next_above, next_below = 1.0, c / c1
    found = c1 / c
    for n in range(1, MOST_TERMS):
        t, w, e = n / a, n * (b - n) * x, a / s
        alpha = p * (p + c0) * e * e * w * x
        beta = n + w / s + (1.0 + t) / (c1 + t + t) * (c + n * (1.0 + y))
        p, s = 1.0 + t, s + 2.0
        above, next_above = next_above, alpha * above + beta * next_above
        below, next_below = next_below, alpha * below + beta * next_below
        old, found = found, next_above / next_below
        if abs(found - old) <= 1e-16 * found:
            break
        above, below = above / next_below, below / next_below
        next_above, next_below = found, 1.0
    return found


def _gamma_fraction(a: float, x: float) -> float:
    """Γ(a, x) over xᵃ·exp(-x), for x > a."""
    tiny = 1e-300
    b = x + 1.0 - a
    c, d = 1.0 / tiny, 1.0 / b
    found = d
    for n in range(1, MOST_TERMS):
        step = n * (a - n)
        b += 2.0
        d = 1.0 / (step * d + b or tiny)
        c = b + step / c or tiny
        found *= c * d
        if abs(c * d - 1.0) <= 1e-16:
            break
    return found
