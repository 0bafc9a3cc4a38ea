"""What is proved at a point holds of functions whose stationary points are known exactly.

They are sums of polynomials of one variable each, made from the roots of their derivatives, and of
parabolas with a kink.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from gdcli.functions.function import Function
from gdcli.named_tuples import NamedTuple
from gdcli.proofs.certificate import DISPROVED, PROVED, Certificate
from gdcli.proofs.stationary import certify_point
from tests.proofs.known_minima import Box, decimal
from tests.sweeps import sampled

DECIMALS = "0 0.3 -0.7 1/4 1.1 1/3 -2 0.625 2/7 3 -1 0.1"
ROOTS = [Fraction(text) for text in DECIMALS.split(" ")]
MINIMUM, MAXIMUM, SADDLE, FLAT = "minimum", "maximum", "saddle", "flat"


class Curve(NamedTuple):
    """A function of one variable `{x}`, with its stationary points, their kinds, and its kinks."""

    text: str
    stationary: tuple[tuple[Fraction, str], ...]
    kinks: tuple[Fraction, ...] = ()


def polynomial(random_numbers: random.Random) -> Curve:
    """A polynomial whose derivative has up to three roots, one of which may be double."""
    roots = sorted(random_numbers.sample(ROOTS, random_numbers.choice((1, 1, 2, 3))))
    powers = [random_numbers.choice((1, 1, 1, 1, 2)) for _ in roots]
    factor = random_numbers.choice((1, -1, 3)) * Fraction(1, 2)
    slopes = [factor]  # of the derivative, by rising powers
    for root in [root for root, power in zip(roots, powers, strict=True) for _ in range(power)]:
        slopes = [
            below - root * above
            for below, above in zip([Fraction(0), *slopes], [*slopes, Fraction(0)], strict=True)
        ]
    terms = [f"{decimal(Fraction(c, k + 1))}*{{x}}^{k + 1}" for k, c in enumerate(slopes)]
    found = []
    for k, root in enumerate(roots):
        behind = sum(powers[k + 1 :])
        rising = (factor > 0) == (behind % 2 == 0)
        kind = FLAT if powers[k] % 2 == 0 else MINIMUM if rising else MAXIMUM
        found.append((root, kind))
    return Curve(" + ".join(terms), tuple(found))


def bent_parabola(random_numbers: random.Random) -> Curve:
    """k·(x - a)² + m·|x - s|, or with max or an ifelse in place of the absolute value."""
    a, s = random_numbers.sample(ROOTS, 2)
    m = random_numbers.choice((1, 2, -1, Fraction(1, 10)))
    t = f"({{x}} - {decimal(s)})"
    size = random_numbers.choice(
        (f"abs{t}", f"max({t}, -{t})", f"ifelse({t} < 0, -{t}, {t})", f"sqrt({t}^2)")
    )
    found = []
    for sign in (1, -1):  # 2·(x - a) + sign·m = 0 on the side of that sign
        x = a - sign * m / Fraction(2)
        if (x - s) * sign > 0:
            found.append((x, MINIMUM))
    return Curve(f"({{x}} - {decimal(a)})^2 + {decimal(Fraction(m))}*{size}", tuple(found), (s,))


class KnownPoints(NamedTuple):
    """A sum of curves, and a point at which something is to be proved."""

    text: str
    curves: tuple[Curve, ...]
    at: tuple[float, ...]

    @property
    def stationary(self) -> dict[tuple[Fraction, ...], str]:
        """The kinds of all stationary points."""
        kinds = {}
        for chosen in itertools.product(*(curve.stationary for curve in self.curves)):
            places, each = zip(*chosen, strict=True)
            mixed = FLAT if FLAT in each else SADDLE
            kinds[places] = each[0] if len({*each}) == 1 else mixed
        return kinds


def known_points(seed: int = 1, count: int = 300) -> list[KnownPoints]:
    random_numbers, found = random.Random(seed), []
    for _ in range(count):
        n = random_numbers.choice((1, 1, 2, 3))
        make = [random_numbers.choice((polynomial, polynomial, bent_parabola)) for _ in range(n)]
        curves = tuple(one(random_numbers) for one in make)
        names = ("x", "y", "z")[:n]
        text = " + ".join(
            curve.text.format(x=name) for curve, name in zip(curves, names, strict=True)
        )
        at = []
        for curve in curves:
            near = [float(x) for x, _ in curve.stationary] + [float(x) for x in curve.kinks]
            spread = random_numbers.choice((0.0, 1e-9, 1e-3, 0.1, 1.0))
            at.append(random_numbers.choice(near or [0.0]) + random_numbers.gauss(0, 1) * spread)
        found.append(KnownPoints(f"f({', '.join(names)}) = {text}", curves, tuple(at)))
    return found


def inside(place: Sequence[Fraction], box: Box) -> bool:
    return all(low <= x <= high for x, (low, high) in zip(place, box, strict=True))


def wrong_words(certificate: Certificate, known: KnownPoints) -> list[str]:
    """What the certificate says that is not so."""
    said = []
    if (certificate.status == PROVED) != bool(certificate.minimizers):
        said.append(f"{certificate.status}, with {len(certificate.minimizers)} points")
    for point in certificate.minimizers:
        for box in (point.x, *([point.largest] if point.largest else [])):
            held = [place for place in known.stationary if inside(place, box)]
            if len(held) != 1:
                said.append(f"{len(held)} stationary points lie in {box}")
            elif known.stationary[held[0]] != point.kind:
                said.append(f"{held[0]} is no {point.kind}")
            for curve, (low, high) in zip(known.curves, box, strict=True):
                if any(low < kink < high for kink in curve.kinks):
                    said.append(f"there is a kink in {box}")
    if certificate.status == DISPROVED:
        function = Function(known.text)
        assert certificate.lower is not None
        x, (_, high) = certificate.lower
        if not (function(x) < function(known.at) and high < function(known.at) + 1e-9):
            said.append(f"f is not lower at {x}")
        if known.at in [tuple(map(float, place)) for place in known.stationary]:
            said.append("the point is stationary")
    return said


POINTS = known_points()


@pytest.mark.parametrize("number", sampled(range(len(POINTS)), 10))
def test_what_is_proved_at_a_point_holds_of_the_known_stationary_points(number: int) -> None:
    known = POINTS[number]
    assert wrong_words(certify_point(Function(known.text), known.at), known) == []


@pytest.mark.full
def test_simple_stationary_points_are_proved_from_near_by() -> None:
    proved = 0
    for known in POINTS:
        places = [place for place, kind in known.stationary.items() if kind != FLAT]
        for place in places[:1]:
            certificate = certify_point(Function(known.text), [float(x) + 1e-4 for x in place])
            assert wrong_words(certificate, known) == []
            proved += certificate.status == PROVED
    assert proved >= 200
