"""The 35 functions of Moré, Garbow and Hillstrom (1981) as the paper writes them, in mpmath.

No line of the program is used. Each function of `SQUARES` takes the variables, numbered from 1 as
on paper (x[0] is 0, and so is what follows the last), and the sizes, and gives the residuals, whose
squares are summed. The tables are those of CUTEst's SIF files, and the problem files have theirs
from another source, so that a slip in either shows; where sources differ (y[18] of Osborne 2, u[11]
of Kowalik and Osborne) the published minimum decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath

mp = mpmath.mp.clone()
mp.dps = 50

Numbers = Sequence[Any]
Sizes = Mapping[str, int]
cos, exp, log, pi, sin, sqrt = mp.cos, mp.exp, mp.log, mp.pi, mp.sin, mp.sqrt


def number(text: str | float) -> Any:
    """A decimal, read with all its digits."""
    return mp.mpf(str(text))


def table(text: str) -> list[Any]:
    return [0, *map(number, text.split())]


def product(values: Any) -> Any:
    found = mp.mpf(1)
    for value in values:
        found *= value
    return found


BARD = table("0.14 0.18 0.22 0.25 0.29 0.32 0.35 0.39 0.37 0.58 0.73 0.96 1.34 2.10 4.39")
GAUSSIAN = table(
    "0.0009 0.0044 0.0175 0.0540 0.1295 0.2420 0.3521 0.3989 0.3521 0.2420 0.1295 0.0540 0.0175"
    " 0.0044 0.0009"
)
MEYER = table(
    "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"
)
KOWALIK_U = table("4.0 2.0 1.0 0.5 0.25 0.167 0.125 0.1 0.0833 0.0714 0.0625")
KOWALIK_Y = table("0.1957 0.1947 0.1735 0.1600 0.0844 0.0627 0.0456 0.0342 0.0323 0.0235 0.0246")
OSBORNE_1 = table(
    "0.844 0.908 0.932 0.936 0.925 0.908 0.881 0.850 0.818 0.784 0.751 0.718 0.685 0.658 0.628"
    " 0.603 0.580 0.558 0.538 0.522 0.506 0.490 0.478 0.467 0.457 0.448 0.438 0.431 0.424 0.420"
    " 0.414 0.411 0.406"
)
OSBORNE_2 = table(
    "1.366 1.191 1.112 1.013 0.991 0.885 0.831 0.847 0.786 0.725 0.746 0.679 0.608 0.655 0.616"
    " 0.606 0.602 0.626 0.651 0.724 0.649 0.649 0.694 0.644 0.624 0.661 0.612 0.558 0.533 0.495"
    " 0.500 0.423 0.395 0.375 0.372 0.391 0.396 0.405 0.428 0.429 0.523 0.562 0.607 0.653 0.672"
    " 0.708 0.633 0.668 0.645 0.632 0.591 0.559 0.597 0.625 0.739 0.710 0.729 0.720 0.636 0.581"
    " 0.428 0.292 0.162 0.098 0.054"
)


# -- problems with a fixed number of variables ----------------------------------------------------


def rosenbrock(x: Numbers, _: Sizes) -> Numbers:
    return [10 * (x[2] - x[1] ** 2), 1 - x[1]]


def freudenstein_roth(x: Numbers, _: Sizes) -> Numbers:
    return [
        -13 + x[1] + ((5 - x[2]) * x[2] - 2) * x[2],
        -29 + x[1] + ((x[2] + 1) * x[2] - 14) * x[2],
    ]


def powell_badly_scaled(x: Numbers, _: Sizes) -> Numbers:
    return [10000 * x[1] * x[2] - 1, exp(-x[1]) + exp(-x[2]) - number("1.0001")]


def brown_badly_scaled(x: Numbers, _: Sizes) -> Numbers:
    return [x[1] - 10**6, x[2] - number("2e-6"), x[1] * x[2] - 2]


def beale(x: Numbers, _: Sizes) -> Numbers:
    y = table("1.5 2.25 2.625")
    return [y[i] - x[1] * (1 - x[2] ** i) for i in range(1, 4)]


def jennrich_sampson(x: Numbers, _: Sizes) -> Numbers:
    return [2 + 2 * i - (exp(i * x[1]) + exp(i * x[2])) for i in range(1, 11)]


def helical_valley(x: Numbers, _: Sizes) -> Numbers:
    theta = mp.atan(x[2] / x[1]) / (2 * pi) + (number("0.5") if x[1] < 0 else 0)
    return [10 * (x[3] - 10 * theta), 10 * (sqrt(x[1] ** 2 + x[2] ** 2) - 1), x[3]]


def bard(x: Numbers, _: Sizes) -> Numbers:
    u = range(16)
    return [
        BARD[i] - (x[1] + u[i] / ((16 - i) * x[2] + min(u[i], 16 - i) * x[3])) for i in range(1, 16)
    ]


def gaussian(x: Numbers, _: Sizes) -> Numbers:
    t = [mp.mpf(8 - i) / 2 for i in range(16)]
    return [x[1] * exp(-x[2] * (t[i] - x[3]) ** 2 / 2) - GAUSSIAN[i] for i in range(1, 16)]


def meyer(x: Numbers, _: Sizes) -> Numbers:
    return [x[1] * exp(x[2] / (45 + 5 * i + x[3])) - MEYER[i] for i in range(1, 17)]


def gulf(x: Numbers, _: Sizes) -> Numbers:
    residuals = []
    for i in range(1, 100):
        t = mp.mpf(i) / 100
        y = 25 + (-50 * log(t)) ** (mp.mpf(2) / 3)
        residuals.append(exp(-(abs(y - x[2]) ** x[3]) / x[1]) - t)
    return residuals


def box_3d(x: Numbers, _: Sizes) -> Numbers:
    t = [mp.mpf(i) / 10 for i in range(11)]
    return [
        exp(-t[i] * x[1]) - exp(-t[i] * x[2]) - x[3] * (exp(-t[i]) - exp(-10 * t[i]))
        for i in range(1, 11)
    ]


def powell_singular(x: Numbers, _: Sizes) -> Numbers:
    return [
        x[1] + 10 * x[2],
        sqrt(5) * (x[3] - x[4]),
        (x[2] - 2 * x[3]) ** 2,
        sqrt(10) * (x[1] - x[4]) ** 2,
    ]


def wood(x: Numbers, _: Sizes) -> Numbers:
    return [
        10 * (x[2] - x[1] ** 2),
        1 - x[1],
        sqrt(90) * (x[4] - x[3] ** 2),
        1 - x[3],
        sqrt(10) * (x[2] + x[4] - 2),
        (x[2] - x[4]) / sqrt(10),
    ]


def kowalik_osborne(x: Numbers, _: Sizes) -> Numbers:
    residuals = []
    for u, y in zip(KOWALIK_U[1:], KOWALIK_Y[1:], strict=True):
        residuals.append(y - x[1] * (u**2 + u * x[2]) / (u**2 + u * x[3] + x[4]))
    return residuals


def brown_dennis(x: Numbers, _: Sizes) -> Numbers:
    t = [mp.mpf(i) / 5 for i in range(21)]
    return [
        (x[1] + t[i] * x[2] - exp(t[i])) ** 2 + (x[3] + x[4] * sin(t[i]) - cos(t[i])) ** 2
        for i in range(1, 21)
    ]


def osborne_1(x: Numbers, _: Sizes) -> Numbers:
    t = [10 * (i - 1) for i in range(34)]
    return [
        OSBORNE_1[i] - (x[1] + x[2] * exp(-t[i] * x[4]) + x[3] * exp(-t[i] * x[5]))
        for i in range(1, 34)
    ]


def biggs_exp6(x: Numbers, _: Sizes) -> Numbers:
    residuals = []
    for i in range(1, 14):
        t = mp.mpf(i) / 10
        y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)
        model = x[3] * exp(-t * x[1]) - x[4] * exp(-t * x[2]) + x[6] * exp(-t * x[5])
        residuals.append(model - y)
    return residuals


def osborne_2(x: Numbers, _: Sizes) -> Numbers:
    residuals = []
    for i in range(1, 66):
        t = mp.mpf(i - 1) / 10
        peaks = sum(x[k + 1] * exp(-((t - x[k + 8]) ** 2) * x[k + 5]) for k in range(1, 4))
        residuals.append(OSBORNE_2[i] - (x[1] * exp(-t * x[5]) + peaks))
    return residuals


# -- problems of any size -------------------------------------------------------------------------


def watson(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    residuals = [x[1], x[2] - x[1] ** 2 - 1]
    for i in range(1, 30):
        t = mp.mpf(i) / 29
        slope = sum((j - 1) * x[j] * t ** (j - 2) for j in range(2, n + 1))
        residuals.append(slope - sum(x[j] * t ** (j - 1) for j in range(1, n + 1)) ** 2 - 1)
    return residuals


def extended_rosenbrock(x: Numbers, sizes: Sizes) -> Numbers:
    pairs = [rosenbrock((0, x[2 * i - 1], x[2 * i]), {}) for i in range(1, sizes["m"] + 1)]
    return [residual for pair in pairs for residual in pair]


def extended_powell(x: Numbers, sizes: Sizes) -> Numbers:
    quadruples = [powell_singular((0, *x[4 * i + 1 : 4 * i + 5]), {}) for i in range(sizes["m"])]
    return [residual for quadruple in quadruples for residual in quadruple]


def penalty_1(x: Numbers, sizes: Sizes) -> Numbers:
    a, each = number("1e-5"), range(1, sizes["n"] + 1)
    return [*(sqrt(a) * (x[i] - 1) for i in each), sum(x[i] ** 2 for i in each) - number("0.25")]


def penalty_2(x: Numbers, sizes: Sizes) -> Numbers:
    a, n = number("1e-5"), sizes["n"]
    ten = mp.mpf(10)
    residuals = [x[1] - number("0.2")]
    for i in range(2, n + 1):
        y = exp(i / ten) + exp((i - 1) / ten)
        residuals.append(sqrt(a) * (exp(x[i] / 10) + exp(x[i - 1] / 10) - y))
    for i in range(n + 1, 2 * n):
        residuals.append(sqrt(a) * (exp(x[i - n + 1] / 10) - exp(-1 / ten)))
    return [*residuals, sum((n - j + 1) * x[j] ** 2 for j in range(1, n + 1)) - 1]


def variably_dimensioned(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    total = sum(j * (x[j] - 1) for j in range(1, n + 1))
    return [*(x[i] - 1 for i in range(1, n + 1)), total, total**2]


def trigonometric(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    cosines = sum(cos(x[j]) for j in range(1, n + 1))
    return [n - cosines + i * (1 - cos(x[i])) - sin(x[i]) for i in range(1, n + 1)]


def brown_almost_linear(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    total = sum(x[1 : n + 1])
    return [*(x[i] + total - (n + 1) for i in range(1, n)), product(x[1 : n + 1]) - 1]


def discrete_boundary_value(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    h = mp.mpf(1) / (n + 1)
    return [
        2 * x[i] - x[i - 1] - x[i + 1] + h**2 * (x[i] + i * h + 1) ** 3 / 2 for i in range(1, n + 1)
    ]


def discrete_integral_equation(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    h = mp.mpf(1) / (n + 1)
    t = [i * h for i in range(n + 2)]
    residuals = []
    for i in range(1, n + 1):
        left = sum(t[j] * (x[j] + t[j] + 1) ** 3 for j in range(1, i + 1))
        right = sum((1 - t[j]) * (x[j] + t[j] + 1) ** 3 for j in range(i + 1, n + 1))
        residuals.append(x[i] + h * ((1 - t[i]) * left + t[i] * right) / 2)
    return residuals


def broyden_tridiagonal(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    return [(3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1 for i in range(1, n + 1)]


def broyden_banded(x: Numbers, sizes: Sizes) -> Numbers:
    n = sizes["n"]
    residuals = []
    for i in range(1, n + 1):
        band = [j for j in range(1, n + 1) if j != i and max(1, i - 5) <= j <= min(n, i + 1)]
        residuals.append(x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in band))
    return residuals


def linear_full_rank(x: Numbers, sizes: Sizes) -> Numbers:
    n, m = sizes["n"], sizes["m"]
    share = mp.mpf(2) / m * sum(x[1 : n + 1])
    return [*(x[i] - share - 1 for i in range(1, n + 1)), *[-share - 1] * (m - n)]


def linear_rank_1(x: Numbers, sizes: Sizes) -> Numbers:
    n, m = sizes["n"], sizes["m"]
    total = sum(j * x[j] for j in range(1, n + 1))
    return [i * total - 1 for i in range(1, m + 1)]


def linear_rank_1_zeros(x: Numbers, sizes: Sizes) -> Numbers:
    n, m = sizes["n"], sizes["m"]
    total = sum(j * x[j] for j in range(2, n))
    return [-1, *((i - 1) * total - 1 for i in range(2, m)), -1]


def chebyquad(x: Numbers, sizes: Sizes) -> Numbers:
    """By the recurrence T(i+1) = 2·t·T(i) − T(i−1) at t = 2x − 1."""
    n = sizes["n"]
    sums = [mp.mpf(0)] * (n + 1)
    for j in range(1, n + 1):
        before, now = mp.mpf(1), 2 * x[j] - 1
        for i in range(1, n + 1):
            sums[i] += now
            before, now = now, 2 * (2 * x[j] - 1) * now - before
    integrals = [0 if i % 2 else mp.mpf(-1) / (i * i - 1) for i in range(n + 1)]
    return [sums[i] / n - integrals[i] for i in range(1, n + 1)]


Residuals = Callable[[Numbers, Sizes], Numbers]
SQUARES: dict[str, tuple[int, Residuals]] = {
    "rosenbrock": (1, rosenbrock),
    "freudenstein-roth": (2, freudenstein_roth),
    "powell-badly-scaled": (3, powell_badly_scaled),
    "brown-badly-scaled": (4, brown_badly_scaled),
    "beale": (5, beale),
    "jennrich-sampson": (6, jennrich_sampson),
    "helical-valley": (7, helical_valley),
    "bard": (8, bard),
    "gaussian": (9, gaussian),
    "meyer": (10, meyer),
    "gulf": (11, gulf),
    "box-3d": (12, box_3d),
    "powell-singular": (13, powell_singular),
    "wood": (14, wood),
    "kowalik-osborne": (15, kowalik_osborne),
    "brown-dennis": (16, brown_dennis),
    "osborne-1": (17, osborne_1),
    "biggs-exp6": (18, biggs_exp6),
    "osborne-2": (19, osborne_2),
    "watson-n": (20, watson),
    "extended-rosenbrock-n": (21, extended_rosenbrock),
    "extended-powell-n": (22, extended_powell),
    "penalty-1-n": (23, penalty_1),
    "penalty-2-n": (24, penalty_2),
    "variably-dimensioned-n": (25, variably_dimensioned),
    "trigonometric-n": (26, trigonometric),
    "brown-almost-linear-n": (27, brown_almost_linear),
    "discrete-boundary-value-n": (28, discrete_boundary_value),
    "discrete-integral-equation-n": (29, discrete_integral_equation),
    "broyden-tridiagonal-n": (30, broyden_tridiagonal),
    "broyden-banded-n": (31, broyden_banded),
    "linear-full-rank-n": (32, linear_full_rank),
    "linear-rank-1-n": (33, linear_rank_1),
    "linear-rank-1-zeros-n": (34, linear_rank_1_zeros),
    "chebyquad-n": (35, chebyquad),
}
