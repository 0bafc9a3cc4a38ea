"""The tangents of even powers make a minorant, whose mean value form the judge checks as well."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import gdcli
from gdcli.execute.enclosure import StraightEnclosure
from gdcli.numbers.interval import Interval
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs.even_powers import EvenPowers
from gdcli.proofs.judge import judge
from gdcli.proofs.paving import Form, Paving, Reason
from gdcli.proofs.search import balanced_centers, boxes_of, mean_value_bounds
from tests.sweeps import sampled

EXPONENTS = {  # of the terms of a sum that have a positive weight
    "x^2 + y^2": [2, 2],
    "x^2 - y^2": [2],
    "3 - (1 - x^2) - y^4": [2],
    "-(y - 1)^4*(-3)": [4],
    "2*x^2 + y^6/3": [2, 6],
    "(x - y)*(x - y) + y": [2],
    "(x^2 + 1)*y": [],
    "x^3 + x^0*y + y^1": [],
    "x^-2 + y": [],
    "u = x^2; u + u*y": [],
    "ifelse(x > 0, x^2, y) + y^2": [2],
    "sqrt(x^2 + y^2)": [],
    "x^2 + (1 - 1)*y^2": [2],
    "x^2 + (0.1 + 0.2 - 0.3)*y^2": [2],
    "x^2 + (0.3 - 0.1 - 0.2 - 1e-30)*y^2": [2],
    "pi*x^2 + 1/2*y^2": [2],
    "(x^2 + y^2 - 1)^2": [2],
}


@pytest.mark.parametrize("text", EXPONENTS)
def test_the_terms_are_even_powers_with_a_positive_weight(text: str) -> None:
    powers = EvenPowers(gdcli.function(text).tape, INTERVAL_LANES)
    assert [term.exponent for term in powers.terms.values()] == EXPONENTS[text]


TEXTS = [
    *(text for text, exponents in EXPONENTS.items() if exponents),
    "100*(y - x^2)^2 + (1 - x)^2",
    "(x + sin(y))^2 + (exp(x) - y)^4/7 + x*y",
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2 - cos(x)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_minorant_is_at_most_the_function_and_touches_it(text: str) -> None:
    function, system = gdcli.function(text), interval_ends(200)
    powers = EvenPowers(function.tape, system)
    random = np.random.default_rng(3)

    def exactly(numbers: list[float]) -> list[Interval]:
        return [system.of(Fraction(one), Fraction(one)) for one in numbers]

    for _ in range(8):
        x = random.uniform(-3, 3, len(function.components))
        touching = powers.supports(x[:, None], x[:, None])[:, 0]
        for t in (touching, touching + random.normal(size=len(touching))):
            f = StraightEnclosure(function.tape, system)(exactly(x.tolist()))[0]
            tangents = powers.tangents([*map(Fraction, t.tolist())])
            g = powers.value(exactly(x.tolist()), tangents)
            assert g.low <= f.high
            if t is touching:
                assert float(f.low - g.high) == pytest.approx(0, abs=1e-12)


def lower_bounds(powers: EvenPowers, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    supports = [*powers.supports(low, high)]
    with np.errstate(all="ignore"):
        tangents = powers.tangents(supports)
        _, gradient = powers.value_and_gradient(boxes_of(low, high), tangents)
        least, most = (np.array([one[k] + 0 * low[0] for one in gradient]) for k in (0, 1))
        center = balanced_centers(low, high, least, most)
        value = powers.value(boxes_of(center, center), tangents)
        return mean_value_bounds(low, high, least, most, center, value.low)


@pytest.mark.parametrize(
    ("name", "seed"),
    sampled(
        [
            (name, seed)
            for name in ("kowalik-osborne", "penalty-1", "rosenbrock", "wood", "osborne-1")
            for seed in range(4)
        ],
        2,
    ),
)
def test_bounds_by_tangents_hold_and_exclude_more_where_terms_are_left(
    name: str, seed: int
) -> None:
    """More than the natural enclosure does, near a minimum above 0; at 0 that may do better."""
    function = gdcli.function(name)
    window = np.array(function.problem.window)  # type: ignore[union-attr]
    least = function.problem.minima[0]  # type: ignore[union-attr]
    width, random = window[:, 1] - window[:, 0], np.random.default_rng(seed)
    center = (
        np.array(least.at)[:, None]
        + random.uniform(-0.02, 0.02, (len(width), 200)) * (width[:, None])
    )
    half = 0.0025 * width[:, None]
    low, high = center - half, center + half
    tape = function.unrolled.tape
    found = lower_bounds(EvenPowers(tape, INTERVAL_LANES), low, high)
    inside = low + (high - low) * random.random((20, *low.shape))
    values = np.array([function.map(points.T) for points in inside])
    assert np.all(found <= values * (1 + 1e-9) + 1e-12)
    with np.errstate(all="ignore"):
        natural = StraightEnclosure(tape, INTERVAL_LANES)(boxes_of(low, high))[0].low
    if least.f > 0:
        assert np.sum(found > least.f) > np.sum(natural > least.f)


@pytest.mark.parametrize(("cut", "failed"), [(1.3, ()), (1.0, (2,)), (1.22, ())])
def test_the_judge_checks_what_tangents_are_said_to_exclude(
    cut: float, failed: tuple[int, ...]
) -> None:
    """Of the window [0.9, 1.1]×[0.9, 1.5], whose minimizer is (1, 1), what lies above the cut."""
    function = gdcli.function("100*(y - x^2)^2 + (1 - x)^2")
    paving = Paving(
        np.array([[0.9, 0.9, 0.9], [0.9, 0.9, cut]]),
        np.array([[1.1, 1.1, 1.1], [1.5, cut, 1.5]]),
        np.array([-1, 0, 0]),
        np.array([Reason.SPLIT, Reason.CANDIDATE, Reason.VALUE]),
        np.array([1, -1, -1]),
        np.array([Form.NATURAL, Form.NATURAL, Form.TANGENTS]),
        np.array([0.0, 0.0, 0.0]),
    )
    window = [0.9, 0.9], [1.1, 1.5]
    assert judge(function, paving, (1.0, 1.0), (), window).failed == failed


def test_the_judge_bounds_candidates_by_tangents_too() -> None:
    high, window, reason = np.array([[0.01]]), np.array([-1]), np.array([Reason.CANDIDATE])
    paving = Paving(-high, high, window, reason, window, np.array([Form.NATURAL]), np.array([0.0]))
    found = judge(gdcli.function("(x - 1)^2 + (x + 1)^2"), paving, (0.0,), (), ([-0.01], [0.01]))
    assert 2 - 1e-9 <= found.lower <= 2 <= found.upper
