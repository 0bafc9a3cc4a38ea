"""Functions of any number of variables as the literature writes them, in mpmath.

No line of the program is used. Each function of `VALUES` takes the variables, numbered from 1 as on
paper, and the sizes, and gives the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.more_garbow_hillstrom import Numbers, Sizes, cos, exp, mp, pi, product, sin, sqrt


def own(x: Numbers, sizes: Sizes) -> Numbers:
    """The variables by themselves, for sums that need no number."""
    return x[1 : sizes["n"] + 1]


def each(sizes: Sizes, first: int = 1, beyond: int = 1) -> range:
    """The numbers of the variables, from `first` to n - 1 + `beyond`."""
    return range(first, sizes["n"] + beyond)


# -- bowls and valleys ----------------------------------------------------------------------------


def sphere(x: Numbers, sizes: Sizes) -> Any:
    return sum(a**2 for a in own(x, sizes))


def sum_of_squares(x: Numbers, sizes: Sizes) -> Any:
    return sum(i * x[i] ** 2 for i in each(sizes))


def rotated_hyper_ellipsoid(x: Numbers, sizes: Sizes) -> Any:
    return sum(sum(x[1 : i + 1]) ** 2 for i in each(sizes))


def sum_of_powers(x: Numbers, sizes: Sizes) -> Any:
    return sum(abs(x[i]) ** (i + 1) for i in each(sizes))


def quartic(x: Numbers, sizes: Sizes) -> Any:
    return sum(i * x[i] ** 4 for i in each(sizes))


def trid(x: Numbers, sizes: Sizes) -> Any:
    neighbours = sum(x[i] * x[i - 1] for i in each(sizes, 2))
    return sum((a - 1) ** 2 for a in own(x, sizes)) - neighbours


def exponential(x: Numbers, sizes: Sizes) -> Any:
    return -exp(-sphere(x, sizes) / 2)


def rosenbrock(x: Numbers, sizes: Sizes) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in each(sizes, beyond=0))


def nash(x: Numbers, sizes: Sizes) -> Any:
    return 1 + sum(100 * (x[i] - x[i - 1] ** 2) ** 2 + (x[i] - 1) ** 2 for i in each(sizes, 2))


def zakharov(x: Numbers, sizes: Sizes) -> Any:
    s = sum(i * x[i] for i in each(sizes)) / mp.mpf(2)
    return sphere(x, sizes) + s**2 + s**4


def dixon_price(x: Numbers, sizes: Sizes) -> Any:
    return (x[1] - 1) ** 2 + sum(i * (2 * x[i] ** 2 - x[i - 1]) ** 2 for i in each(sizes, 2))


def brown(x: Numbers, sizes: Sizes) -> Any:
    return sum(
        (x[i] ** 2) ** (x[i + 1] ** 2 + 1) + (x[i + 1] ** 2) ** (x[i] ** 2 + 1)
        for i in each(sizes, beyond=0)
    )


def qing(x: Numbers, sizes: Sizes) -> Any:
    return sum((x[i] ** 2 - i) ** 2 for i in each(sizes))


# -- many minima ----------------------------------------------------------------------------------


def ackley(x: Numbers, sizes: Sizes) -> Any:
    n = sizes["n"]
    waves = sum(cos(2 * pi * a) for a in own(x, sizes))
    return -20 * exp(-sqrt(sphere(x, sizes) / n) / 5) - exp(waves / n) + 20 + mp.e


def rastrigin(x: Numbers, sizes: Sizes) -> Any:
    return 10 * sizes["n"] + sum(a**2 - 10 * cos(2 * pi * a) for a in own(x, sizes))


def griewank(x: Numbers, sizes: Sizes) -> Any:
    return sphere(x, sizes) / 4000 - product(cos(x[i] / sqrt(i)) for i in each(sizes)) + 1


def styblinski_tang(x: Numbers, sizes: Sizes) -> Any:
    return sum(a**4 - 16 * a**2 + 5 * a for a in own(x, sizes)) / 2


def levy(x: Numbers, sizes: Sizes) -> Any:
    n = sizes["n"]
    w = [0, *(1 + (a - 1) / mp.mpf(4) for a in own(x, sizes))]
    inner = sum((w[i] - 1) ** 2 * (1 + 10 * sin(pi * w[i] + 1) ** 2) for i in range(1, n))
    return sin(pi * w[1]) ** 2 + inner + (w[n] - 1) ** 2 * (1 + sin(2 * pi * w[n]) ** 2)


def schwefel(x: Numbers, sizes: Sizes) -> Any:
    return -sum(a * sin(sqrt(abs(a))) for a in own(x, sizes))


def michalewicz(x: Numbers, sizes: Sizes) -> Any:
    return -sum(sin(x[i]) * sin(i * x[i] ** 2 / pi) ** 20 for i in each(sizes))


def cosine_mixture(x: Numbers, sizes: Sizes) -> Any:
    return sphere(x, sizes) - sum(cos(5 * pi * a) for a in own(x, sizes)) / 10


def salomon(x: Numbers, sizes: Sizes) -> Any:
    length = sqrt(sphere(x, sizes))
    return 1 - cos(2 * pi * length) + length / 10


def lennard_jones(x: Numbers, sizes: Sizes) -> Any:
    atoms = [x[3 * i + 1 : 3 * i + 4] for i in range(sizes["m"])]
    energy = mp.mpf(0)
    for first in range(len(atoms)):
        for second in range(first):
            pairs = zip(atoms[first], atoms[second], strict=True)
            distance = sqrt(sum((a - b) ** 2 for a, b in pairs))
            energy += 4 * (1 / distance**12 - 1 / distance**6)
    return energy


# -- edges ----------------------------------------------------------------------------------------


def schwefel_2_21(x: Numbers, sizes: Sizes) -> Any:
    return max(abs(a) for a in own(x, sizes))


def schwefel_2_22(x: Numbers, sizes: Sizes) -> Any:
    lengths = [abs(a) for a in own(x, sizes)]
    return sum(lengths) + product(lengths)


def alpine(x: Numbers, sizes: Sizes) -> Any:
    return sum(abs(a * sin(a) + a / mp.mpf(10)) for a in own(x, sizes))


def maxq(x: Numbers, sizes: Sizes) -> Any:
    return max(a**2 for a in own(x, sizes))


def mxhilb(x: Numbers, sizes: Sizes) -> Any:
    return max(abs(sum(x[j] / mp.mpf(i + j - 1) for j in each(sizes))) for i in each(sizes))


# -- of CUTEst ------------------------------------------------------------------------------------


def arwhead(x: Numbers, sizes: Sizes) -> Any:
    n = sizes["n"]
    return sum((x[i] ** 2 + x[n] ** 2) ** 2 - 4 * x[i] + 3 for i in range(1, n))


def bdqrtic(x: Numbers, sizes: Sizes) -> Any:
    n, value = sizes["n"], mp.mpf(0)
    for i in range(1, n - 3):
        value += (3 - 4 * x[i]) ** 2
        near = sum((k + 1) * x[i + k] ** 2 for k in range(4))
        value += (near + 5 * x[n] ** 2) ** 2
    return value


def cosine(x: Numbers, sizes: Sizes) -> Any:
    return sum(cos(x[i] ** 2 - x[i + 1] / mp.mpf(2)) for i in each(sizes, beyond=0))


def dixon3dq(x: Numbers, sizes: Sizes) -> Any:
    n = sizes["n"]
    inner = sum((x[i] - x[i + 1]) ** 2 for i in range(2, n))
    return (x[1] - 1) ** 2 + inner + (x[n] - 1) ** 2


def edensch(x: Numbers, sizes: Sizes) -> Any:
    return 16 + sum(
        (x[i] - 2) ** 4 + (x[i] * x[i + 1] - 2 * x[i + 1]) ** 2 + (x[i + 1] + 1) ** 2
        for i in each(sizes, beyond=0)
    )


def engval1(x: Numbers, sizes: Sizes) -> Any:
    return sum((x[i] ** 2 + x[i + 1] ** 2) ** 2 - 4 * x[i] + 3 for i in each(sizes, beyond=0))


def liarwhd(x: Numbers, sizes: Sizes) -> Any:
    return sum(4 * (a**2 - x[1]) ** 2 + (a - 1) ** 2 for a in own(x, sizes))


def power(x: Numbers, sizes: Sizes) -> Any:
    return sum_of_squares(x, sizes) ** 2


def schmvett(x: Numbers, sizes: Sizes) -> Any:
    value = mp.mpf(0)
    for i in each(sizes, beyond=-1):
        value -= 1 / (1 + (x[i] - x[i + 1]) ** 2)
        value -= sin((pi * x[i + 1] + x[i + 2]) / 2)
        value -= exp(-(((x[i] + x[i + 2]) / x[i + 1] - 2) ** 2))
    return value


def tridia(x: Numbers, sizes: Sizes) -> Any:
    return (x[1] - 1) ** 2 + sum(i * (2 * x[i] - x[i - 1]) ** 2 for i in each(sizes, 2))


VALUES: dict[str, Callable[[Numbers, Sizes], Any]] = {
    "sphere-n": sphere,
    "sum-of-squares-n": sum_of_squares,
    "rotated-hyper-ellipsoid-n": rotated_hyper_ellipsoid,
    "sum-of-powers-n": sum_of_powers,
    "quartic-n": quartic,
    "trid-n": trid,
    "exponential-n": exponential,
    "rosenbrock-n": rosenbrock,
    "rosenbrock-nash-n": nash,
    "zakharov-n": zakharov,
    "dixon-price-n": dixon_price,
    "brown-n": brown,
    "qing-n": qing,
    "ackley-n": ackley,
    "rastrigin-n": rastrigin,
    "griewank-n": griewank,
    "styblinski-tang-n": styblinski_tang,
    "levy-n": levy,
    "schwefel-n": schwefel,
    "michalewicz-n": michalewicz,
    "cosine-mixture-n": cosine_mixture,
    "salomon-n": salomon,
    "lennard-jones-n": lennard_jones,
    "schwefel-2-21-n": schwefel_2_21,
    "schwefel-2-22-n": schwefel_2_22,
    "alpine-n": alpine,
    "maxq-n": maxq,
    "mxhilb-n": mxhilb,
    "arwhead-n": arwhead,
    "bdqrtic-n": bdqrtic,
    "cosine-n": cosine,
    "dixon3dq-n": dixon3dq,
    "edensch-n": edensch,
    "engval1-n": engval1,
    "liarwhd-n": liarwhd,
    "power-n": power,
    "schmvett-n": schmvett,
    "tridia-n": tridia,
}
