from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gdcli.pictures.levels import drawable, even, is_flat, levels, limits, too_huge
from gdcli.pictures.section import section
from gdcli.pictures.surface import closer
from gdcli.scalar_function import Function

if TYPE_CHECKING:
    from gdcli.pictures.scene import Array


def on_axis(text: str, low: float = -5.0, high: float = 5.0) -> tuple[Array, tuple[float, float]]:
    part = section(Function(text), {})
    x = np.linspace(low, high, 401)
    f = part.over([x])
    return f, limits(f, closer(part, (x,)))


@pytest.mark.parametrize("text", ["1/x", "1/(x - 0.01)", "tan(x)", "1/(x - 1)^2", "exp(1/x)"])
def test_a_pole_is_cut_off(text: str) -> None:
    f, (low, high) = on_axis(text)
    assert high < 0.1 * np.max(f[drawable(f)])
    shown = (f >= low) & (f <= high)
    assert np.mean(shown) > 0.8


@pytest.mark.parametrize(
    "text",
    ["x^2", "x^9", "exp(x^2)", "-exp(-3000*x^2)", "abs(x)", "sqrt(abs(x))", "x^21", "log(x+5.1)"],
)
def test_what_is_steep_or_narrow_is_shown_whole(text: str) -> None:
    f, shown = on_axis(text)
    assert shown == (f.min(), f.max())


def test_a_pole_of_two_variables_is_cut_off() -> None:
    part = section(Function("1/(x - y - 0.001)"), {})
    x = np.linspace(-5.0, 5.0, 101)
    f = part.over([x[None, :], x[:, None]])
    low, high = limits(f, closer(part, (x, x)))
    assert -10 < low < -1
    assert 1 < high < 10


def test_a_pole_at_the_edge_is_cut_off() -> None:
    assert on_axis("1/x", 0.001)[1][1] < 100


def test_a_constant_has_room_around_it() -> None:
    for value in (3.0, 0.0, -1e17, 1e-300):
        values = np.full(5, value)
        low, high = limits(values, lambda index: np.zeros(1))
        assert low < value < high
        found, uneven = levels(values, (low, high))
        assert found.size >= 2
        assert not uneven


def test_what_is_too_huge_or_too_flat() -> None:
    assert too_huge(np.array([0.0, 1e201, -1e300, np.nan, np.inf]))
    assert not too_huge(np.array([0.0, 1.0, 1e201, np.inf, np.inf]))
    assert not too_huge(np.array([np.nan, np.inf]))
    assert is_flat(0.0, 1e-250)
    assert is_flat(1.0, 1.0 + 1e-14)
    assert not is_flat(-1e-190, 1e-190)


def check(found: Array, shown: tuple[float, float]) -> None:
    assert found.size >= 2
    assert (np.diff(found) > 0).all()
    assert shown[0] <= found[0]
    assert found[-1] <= shown[1]


def rosenbrock() -> Array:
    x, y = np.linspace(-2, 2, 101)[None, :], np.linspace(-1, 3, 101)[:, None]
    return np.asarray(100 * (y - x**2) ** 2 + (1 - x) ** 2)


def test_a_valley_shows_beside_its_steep_walls() -> None:
    f = rosenbrock()
    shown = (float(f.min()), float(f.max()))
    found, uneven = levels(f, shown)
    check(found, shown)
    assert uneven
    assert (found < 0.02 * f.max()).sum() >= 5  # evenly spaced there would be none
    between = np.diff([np.mean(f < level) for level in found])
    assert between.max() < 0.2  # no band is more than a fifth of the picture
    turned, _ = levels(-f, (-shown[1], -shown[0]))
    assert turned == pytest.approx(-found[::-1], rel=0.02)


def test_a_crowded_middle_has_more_levels() -> None:
    x, y = np.linspace(-2, 2, 101)[None, :], np.linspace(-2, 2, 101)[:, None]
    f = np.asarray(x**3 * y**3)
    shown = (float(f.min()), float(f.max()))
    found, uneven = levels(f, shown)
    check(found, shown)
    assert uneven
    assert (np.abs(found) < 0.1 * f.max()).sum() >= 5


def test_a_slope_has_round_and_even_levels() -> None:
    f = np.linspace(0.0, 1.0, 101)[None, :] + np.zeros((3, 1))
    found, uneven = levels(f, (0.0, 1.0))
    assert not uneven
    assert found.tolist() == [k / 10 for k in range(11)]


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-1.15, 1.3), (1e-9, 3e-9), (-1e30, 1e30), (1e6, 1e6 + 1e-3)]
)
def test_even_levels_lie_within(low: float, high: float) -> None:
    found = even(low, high)
    check(found, (low, high))
    assert 2 <= found.size <= 20


def test_numbers_that_no_picture_holds() -> None:
    values = np.array([1.0, np.nan, np.inf, -np.inf, 1e300, -1e10])
    assert drawable(values).tolist() == [True, False, False, False, False, True]
