"""Propagation cuts off no point where f is low enough, and all that inverse operations allow."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import acos, asin, atan, atanh, cosh, exp, inf, log, pi, sinh, tan

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

import gdcli
from gdcli.numbers.interval import Interval
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs.propagation import Propagation, surrounding
from tests.expressions import Reference, WellPosed
from tests.sweeps import sampled

BOXES = 256  # of each text: 10⁵ with all of them
Array = NDArray[np.float64]


def contracted(text: str, low: Array, high: Array, upper: float | Array) -> tuple[Array, Array]:
    """What is left of boxes with ends of shape (n, boxes), where the value is at most `upper`."""
    function = gdcli.function(text)
    propagation = Propagation(function.unrolled.tape, INTERVAL_LANES)
    box = [INTERVAL_LANES.of(*ends) for ends in zip(low, high, strict=True)]
    with np.errstate(all="ignore"):
        found = propagation.contract(box, [Interval(np.full(low.shape[1], -inf), upper)])
    return tuple(np.array([np.broadcast_to(one[k], low.shape[1]) for one in found]) for k in (0, 1))  # type: ignore[return-value]


def boxes_around(point: Sequence[float], seed: int) -> tuple[Array, Array]:
    """Boxes of all sizes that hold a point, inside or on a side."""
    random = np.random.default_rng(seed)
    shape = len(point), BOXES
    beside = 10.0 ** random.uniform(-9, 2, (2, *shape)) * random.integers(0, 2, (2, *shape))
    at = np.array(point)[:, None]
    return at - beside[0], at + beside[1]


@pytest.mark.parametrize("seed", sampled(range(400), 4))
def test_no_point_that_is_low_enough_is_cut_off(seed: int) -> None:
    writer = WellPosed(seed)
    text, named = writer.guarded() if seed % 4 == 0 else writer.problem(4)
    function = gdcli.function(text)
    point = [named[name] for name in function.components]
    with mpmath.workdps(50):
        value = Reference(text).evaluate(mpmath.mp, {k: mpmath.mpf(v) for k, v in named.items()})
        upper = float(np.nextafter(float(value), inf))
        assert upper >= value
    low, high = contracted(text, *boxes_around(point, seed), upper)
    at = np.array(point)[:, None]
    assert np.all((low <= at) & (at <= high))


LEFT = {  # of a box, where a text is at most a bound: as the inverse functions say
    ("x^2", -9, 9, 4): (-2, 2),
    ("x^2", 1, 9, 4): (1, 2),
    ("(x-1)^2 + 3", -9, 9, 7): (-1, 3),
    ("(x-1)*(x-1)", -9, 9, 4): (-1, 3),
    ("x^3", -9, 9, -8): (-9, -2),
    ("x^4", -9, 9, 81): (-3, 3),
    ("x^5", -9, 9, -32): (-9, -2),
    ("-x^-2", -9, 9, -4): (-0.5, 0.5),
    ("x^-3", -9, -0.1, -8): (-0.5, -0.1),
    ("x^2.5", -9, 9, 32): (0, 4),
    ("2^x", -9, 9, 0.25): (-9, 9),
    ("exp(x)", -9, 9, 2): (-9, log(2)),
    ("expm1(x)", -9, 9, 2): (-9, log(3)),
    ("log(x)", -9, 9, 1): (0, exp(1)),
    ("log1p(x)", -9, 9, 1): (-1, exp(1) - 1),
    ("log2(x)", -9, 9, 3): (0, 8),
    ("log10(x)", -9, 9, -1): (0, 0.1),
    ("sqrt(x)", -9, 9, 2): (0, 4),
    ("cbrt(x)", -9, 9, -2): (-9, -8),
    ("abs(x)", -9, 9, 2): (-2, 2),
    ("sin(x)", -1, 1, 0.5): (-1, asin(0.5)),
    ("sin(x)", 1, 8, -0.5): (pi - asin(-0.5), 2 * pi + asin(-0.5)),
    ("cos(x)", -3, 3, 0.5): (-3, 3),
    ("cos(x)", 0, 3, 0.5): (acos(0.5), 3),
    ("tan(x)", -1, 1, 0.5): (-1, atan(0.5)),
    ("asin(x)", -9, 9, 0.5): (-1, np.sin(0.5)),
    ("acos(x)", -9, 9, 0.5): (np.cos(0.5), 1),
    ("atan(x)", -9, 9, 0.5): (-9, tan(0.5)),
    ("sinh(x)", -9, 9, sinh(2)): (-9, 2),
    ("cosh(x)", -9, 9, cosh(2)): (-2, 2),
    ("tanh(x)", -9, 9, 0.5): (-9, atanh(0.5)),
    ("asinh(x)", -99, 99, 2): (-99, sinh(2)),
    ("acosh(x)", -9, 9, 2): (1, cosh(2)),
    ("atanh(x)", -9, 9, 0.5): (-1, np.tanh(0.5)),
    ("1/x", 0.1, 9, 2): (0.5, 9),
    ("1/x", -9, 9, -2): (-0.5, 0),
    ("3*x - 1", -9, 9, 2): (-9, 1),
    ("max(x, -3*x)", -9, 9, 3): (-1, 3),
    ("min(x, x + 8)", -9, 9, -2): (-9, -2),
    ("relu(x)", -9, 9, 3): (-9, 3),
    ("hypot(x, 3)", -9, 9, 5): (-4, 4),
    ("ifelse(x < 1, x^2, 9)", -9, 9, 4): (-2, 1),
    ("ifelse(x == 1, 9, exp(x))", -9, -1, exp(-2)): (-9, -2),
    ("-sqrt(1 - x^2)", -9, 9, -0.6): (-0.8, 0.8),
    ("ifelse(sqrt(x) >= 2, 7, 1)", -9, 9, 2): (0, 4),
}


@pytest.mark.parametrize(("given", "left"), LEFT.items(), ids=str)
def test_what_is_left_is_what_the_inverse_functions_say(
    given: tuple[str, float, float, float], left: tuple[float, float]
) -> None:
    text, low, high, upper = given
    found = contracted(text, np.array([[float(low)]]), np.array([[float(high)]]), float(upper))
    assert [float(end[0, 0]) for end in found] == pytest.approx(left, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "low", "high", "upper"),
    [
        *(("x^2", 3, 4, 8), ("log(x)", -3, -1, 9), ("sqrt(x)", -3, -1, 9), ("1/x^2", -1, 1, 0)),
        *(("sin(x)", 0.2, 0.3, 0.1), ("acosh(x)", -1, 0, 9), ("exp(x) + x^2", -9, 9, 0)),
        ("ifelse(x < 0, 2, 3)", -1, 1, 1),
    ],
)
def test_a_box_without_a_low_enough_point_is_empty(
    text: str, low: float, high: float, upper: float
) -> None:
    ends = contracted(text, np.array([[float(low)]]), np.array([[float(high)]]), float(upper))
    assert ends[0][0, 0] > ends[1][0, 0]


def test_each_lane_is_cut_by_the_side_of_a_branch_that_it_takes() -> None:
    text = "ifelse(x < 0, log(-x), sqrt(x))"
    low, high = contracted(text, np.array([[-9.0, 1.0, -9.0]]), np.array([[-1.0, 9.0, 9.0]]), 1.0)
    assert low[0] == pytest.approx([-exp(1), 1, -9])
    assert high[0] == pytest.approx([-1, 1, 9])


def test_a_contracted_box_is_wider_than_what_is_left_of_it_but_at_its_parents_sides() -> None:
    outer = np.array([[[0.0, 0.0]], [[1.0, 1.0]]])
    inner = np.array([[[0.25, 0.0]], [[1.0, 0.75]]])
    child = surrounding(inner, outer)
    assert np.all(child[0] <= inner[0])
    assert np.all(child[1] >= inner[1])
    assert child[0, 0, 0] < 0.25
    assert (child[0, 0, 1], child[1, 0, 0]) == (0, 1)
    assert 0.75 < child[1, 0, 1] < 0.7501


def test_several_sums_of_squares_cut_each_of_their_terms() -> None:
    low, high = contracted(
        "(x - 1)^2 + (y + 2)^2 + (exp(z) - 1)^2", np.full((3, 1), -9.0), np.full((3, 1), 9.0), 0.25
    )
    left = np.stack([low, high])[:, :, 0].T.ravel().tolist()
    assert left == pytest.approx([0.5, 1.5, -2.5, -1.5, log(0.5), log(1.5)])


@pytest.mark.parametrize("library", ["arb", "mpmath"])
def test_one_box_is_cut_in_the_judges_arithmetic_as_in_lanes(library: str) -> None:
    if library == "arb":
        pytest.importorskip("flint")
    system = interval_ends(80, library)
    for (text, low, high, upper), left in LEFT.items():
        propagation = Propagation(gdcli.function(text).unrolled.tape, system)
        target = system.of(-inf, Fraction(upper))
        (found,) = propagation.contract([system.of(Fraction(low), Fraction(high))], [target])
        ends = [float(end) for end in system.ends(found)]
        assert ends == pytest.approx(left, rel=1e-12, abs=1e-12), text


def test_angles_beyond_the_floats_are_not_cut() -> None:
    function = gdcli.function("x + sin(exp(x))")
    system = interval_ends(64)
    box = [system.of(-10, 1000)]
    found = Propagation(function.unrolled.tape, system).contract(box, [system.of(-inf, 5)])
    assert system.ends(found[0])[1] <= 6.0000001


def test_a_constant_that_is_an_exponent_too_is_not_cut() -> None:
    text = "(y*0.5 + x)*((x - 1)^3*ifelse(0.5 == y, y, 3))"
    found = gdcli.certify(text, window={"x": (-2, 0), "y": (-1, 2)})
    assert found.f[0] <= -5.0625 <= found.f[1]
