"""Krawczyk's test contradicts no stationary point that is known exactly, and finds most of them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest

import gdcli
from gdcli.numbers.interval import Interval, IntervalSystem
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs.enclosed_function import EnclosedFunction
from gdcli.proofs.growth import Growth
from gdcli.proofs.krawczyk import (
    StationaryPoints,
    hessian_over,
    kind_over,
    krawczyk,
    stationary_box,
)
from tests.sweeps import sampled

NONE, UNIQUE, UNKNOWN = StationaryPoints.NONE, StationaryPoints.UNIQUE, StationaryPoints.UNKNOWN
ARB, MPMATH = interval_ends(64, "arb"), interval_ends(64, "mpmath")
Point = tuple[Fraction, ...]
Ends = tuple[Fraction | float, Fraction | float]


def antiderivative(name: str, roots: Sequence[Fraction]) -> str:
    """The polynomial of `name`, with rational coefficients, whose derivative has these roots."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0), *coefficients]
        coefficients = [
            high - root * low
            for high, low in zip(shifted, [*coefficients, Fraction(0)], strict=True)
        ]
    terms = [f"({c / (k + 1)})*({name})^{k + 1}" for k, c in enumerate(coefficients)]
    return " + ".join(terms)


def signs(roots: Sequence[Fraction]) -> list[int]:
    """The sign of the polynomial's second derivative at each of the roots of its first one."""
    return [
        (-1) ** sum(other > root for other in roots) for root in roots
    ]  # the factors that are negative there


class KnownPoints:
    """A function p(x + k·y) + q(y) of two variables with the kinds of its stationary points."""

    def __init__(self, seed: int) -> None:
        numbers = random.Random(seed)
        by_u, by_v = (
            sorted(Fraction(n, 16) for n in numbers.sample(range(-48, 48), numbers.choice((1, 3))))
            for _ in range(2)
        )
        k = Fraction(numbers.randint(-4, 4), 2)
        self.text = f"{antiderivative(f'x + ({k})*y', by_u)} + {antiderivative('y', by_v)}"
        self.kinds: dict[Point, str] = {}
        pairs = itertools.product(
            zip(by_u, signs(by_u), strict=True), zip(by_v, signs(by_v), strict=True)
        )
        for (u, one), (v, other) in pairs:
            kind = {2: "minimum", -2: "maximum", 0: "saddle"}[one + other]
            self.kinds[u - k * v, v] = kind

    def inside(self, ends: Sequence[Ends]) -> list[Point]:
        """The stationary points in a box."""
        return [point for point in self.kinds if holds(ends, point)]

    def boxes(self, count: int, seed: int) -> list[tuple[list[Ends], Point]]:
        """Boxes of all sizes, most of them near a stationary point, and a point of each."""
        numbers, made = random.Random(seed), []
        for _ in range(count):
            near, width = numbers.choice([*self.kinds]), Fraction(10) ** -numbers.randint(0, 8)
            ends: list[Ends] = []
            for c in near:
                low = float(c - width * Fraction(numbers.uniform(-0.2, 1)))
                high = low + float(width) * numbers.uniform(0.5, 2)
                ends.append((Fraction(low), Fraction(high)))
            made.append((ends, tuple((Fraction(low) + Fraction(high)) / 2 for low, high in ends)))
        return made


def holds(ends: Sequence[Ends], point: Point) -> bool:
    return all(low <= c <= high for (low, high), c in zip(ends, point, strict=True))


def box_of(system: IntervalSystem, ends: Sequence[Ends]) -> list[Interval]:
    return [system.of(low, high) for low, high in ends]


def ends_of(system: IntervalSystem, box: Sequence[Interval]) -> list[Ends]:
    return [system.ends(one) for one in box]


KNOWN = [KnownPoints(seed) for seed in range(40)]


@pytest.mark.parametrize(
    ("system", "functions", "count"),
    [
        pytest.param(ARB, 3, 10, id="arb"),
        pytest.param(MPMATH, 2, 6, id="mpmath"),
        pytest.param(INTERVAL_LANES, 1, 8, id="lanes"),
        pytest.param(ARB, 40, 100, id="arb-all", marks=pytest.mark.full),
        pytest.param(MPMATH, 40, 20, id="mpmath-all", marks=pytest.mark.full),
        pytest.param(INTERVAL_LANES, 40, 40, id="lanes-all", marks=pytest.mark.full),
    ],
)
def test_outcomes_agree_with_the_known_stationary_points(
    system: IntervalSystem, functions: int, count: int
) -> None:
    seen: Counter[StationaryPoints] = Counter()
    for number, known in enumerate(KNOWN[:functions]):
        enclosed = EnclosedFunction(gdcli.function(known.text), system)
        for ends, center in known.boxes(count, number):
            inside = known.inside(ends)
            found = krawczyk(enclosed, box_of(system, ends), center, [0, 1])
            seen[found.outcome] += 1
            kept = ends_of(system, found.box)
            if found.outcome is NONE:
                assert not inside, (known.text, ends)
            elif found.outcome is UNIQUE:
                assert len(inside) == 1, (known.text, ends)
                assert holds(kept, inside[0])
            else:
                assert all(holds(kept, point) for point in inside), (known.text, ends)
    assert seen[NONE] > functions * count // 10
    assert seen[UNIQUE] > functions * count // 10


@pytest.mark.parametrize("known", sampled(KNOWN, 3))
def test_the_kind_is_that_of_the_known_stationary_point(known: KnownPoints) -> None:
    enclosed = EnclosedFunction(gdcli.function(known.text), ARB)
    for point, kind in known.kinds.items():
        near = [(c - Fraction(1, 10**6), c + Fraction(1, 10**6)) for c in point]
        assert kind_over(enclosed, box_of(ARB, near), [0, 1]) == kind


@pytest.mark.parametrize("known", sampled(KNOWN, 1))
def test_the_largest_box_holds_no_other_stationary_point(known: KnownPoints) -> None:
    enclosed = EnclosedFunction(gdcli.function(known.text), ARB)
    for point in list(known.kinds)[:3]:
        tight = stationary_box(enclosed, point, box_of(ARB, [(0.0, 0.0)] * 2), [0, 1])
        hessian = hessian_over(enclosed, box_of(ARB, [(c, c) for c in point]), [0, 1])
        assert tight is not None
        assert hessian is not None
        assert holds(ends_of(ARB, tight), point)
        largest = ends_of(ARB, Growth(enclosed, ends_of(ARB, tight), hessian.scales).largest())
        assert known.inside(largest) == [point]
        others = [
            max(abs(a - b) for a, b in zip(point, other, strict=True))
            for other in known.kinds
            if other != point
        ]
        assert all(high - low > min([Fraction(1, 10), *others]) / 100 for low, high in largest)


def test_held_components_stay_where_the_box_has_them() -> None:
    """On the face y = 3 the point (1, 3) is the only one where the derivative by x is 0."""
    enclosed = EnclosedFunction(gdcli.function("(x - 1)^2 + y"), ARB)
    face: list[Ends] = [(0.5, 1.5), (3.0, 3.0)]
    found = krawczyk(enclosed, box_of(ARB, face), [1.25, 3.0], [0])
    assert found.outcome is UNIQUE
    assert holds(ends_of(ARB, found.box), (Fraction(1), Fraction(3)))
    assert kind_over(enclosed, box_of(ARB, face), [0]) == "minimum"
    assert krawczyk(enclosed, box_of(ARB, face), [1.25, 3.0], [0, 1]).outcome is NONE


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("abs(x) + x^2", -1.0, 0.9),
        ("abs(x) + x^2", 0.0, 0.5),
        ("max(x, -x) + x^2", -0.3, 0.4),
        ("ifelse(x < 0, x^2 - x, x^2 + x)", -0.3, 0.4),
        ("ifelse(x < 0, x^2 - x, x^2 + x)", -0.3, 0.0),
        ("sign(x)*x^2/2 + x", -0.3, 0.4),
        ("sign(x) + x^2", -0.3, 0.4),
        ("relu(x)^2 + x^2", -0.3, 0.4),
        ("x*abs(x) + x^2/4", -0.3, 0.4),
        ("sqrt(x) + x^2 - x", 0.0, 0.4),
        ("sqrt(x + 1)^3 - x", -1.0, 0.4),
        ("1/x + x", -0.3, 1.4),
        ("x^4", -0.3, 0.4),
        ("x^3", -0.3, 0.4),
        ("x^4*sin(1/x) + x^2", -0.3, 0.4),
        ("(x^2)^(3/4) + x^2", -0.3, 0.4),
    ],
)
@pytest.mark.parametrize("system", [ARB, INTERVAL_LANES], ids=["arb", "lanes"])
def test_nothing_is_unique_where_a_derivative_jumps_or_is_singular(
    text: str, low: float, high: float, system: IntervalSystem
) -> None:
    enclosed = EnclosedFunction(gdcli.function(text), system)
    box = box_of(system, [(low, high)])
    assert krawczyk(enclosed, box, [(low + high) / 2], [0]).outcome is UNKNOWN
    assert kind_over(enclosed, box, [0]) is None


def test_a_center_outside_of_the_box_proves_nothing() -> None:
    enclosed = EnclosedFunction(gdcli.function("x^2"), ARB)
    assert krawczyk(enclosed, box_of(ARB, [(-1.0, 1.0)]), [1.5], [0]).outcome is UNKNOWN
