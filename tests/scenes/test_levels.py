from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gdcli.scenes.levels import drawable, even, is_flat, levels, limits, too_huge

if TYPE_CHECKING:
    from gdcli.scenes.scene import Array


def test_what_is_shown_is_all_or_at_a_pole_the_most_of_it() -> None:
    values = np.append(np.linspace(0.0, 1.0, 101), 1e6)
    assert limits(values, pole=False) == (0.0, 1e6)
    low, high = limits(values, pole=True)
    assert low == 0.0
    assert 1.0 < high < 2.0
    assert limits(np.append(values, np.inf), pole=False) == (low, high)


def test_a_constant_has_room_around_it() -> None:
    for value in (3.0, 0.0, -1e17, 1e-300):
        values = np.full(5, value)
        low, high = limits(values, pole=False)
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


def test_f_of_many_decades_has_levels_in_all_of_them() -> None:
    x, y = np.linspace(-5, 5, 101)[None, :], np.linspace(-5, 5, 101)[:, None]
    f = np.exp(x * y)
    shown = (float(f.min()), float(f.max()))
    found, uneven = levels(f, shown)
    check(found, shown)
    assert uneven
    below = [float(np.mean(f < level)) for level in found]
    assert below[0] < 0.1
    assert np.diff(below).max() < 0.3


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
