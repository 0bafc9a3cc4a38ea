from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.page import heights
from tests import example_scenes as scenes

GRID = scenes.grid()._replace(levels=np.array([1.0, 10.0, 100.0]), limits=(0.0, 1000.0))


def test_a_place_is_the_number_of_a_level_however_uneven() -> None:
    f = np.array([-5.0, 0.0, 0.5, 1.0, 5.5, 10.0, 100.0, 550.0, 1000.0, 2000.0, np.nan])
    found = heights.places(f, GRID)
    assert found[[0, 1, 3, 5, 6, 8, 9]].tolist() == [-1, -1, 0, 1, 2, 3, 3]
    assert np.isnan(found[-1])
    many = heights.places(np.linspace(0, 1000, 5000), GRID)
    assert (np.diff(many) > 0).all()


def test_evenly_spaced_levels_are_linear() -> None:
    even = GRID._replace(levels=np.array([1.0, 2.0, 3.0]), limits=(0.0, 4.0))
    f = np.linspace(0, 4, 33)
    assert heights.places(f, even) == pytest.approx(f - 1)


def test_where_plotly_draws_a_contour_f_is_its_level() -> None:
    """It takes heights as linear between places of the grid; they had a bend, which gave 0.75."""
    level, near, far = 10.0, 1.0, 3.0  # the steps to the levels below and above differ
    grid = GRID._replace(levels=level + np.array([-near, 0.0, far]), limits=(0.0, 20.0))
    for share in (0.25, 0.5, 0.75):  # of the way from a place of the grid to the next
        low, high = heights.places(level + 0.1 * np.array([-share, 1 - share]), grid)
        assert (1 - low) / (high - low) == pytest.approx(share, abs=0.05)


def test_levels_at_the_limits_do_no_harm() -> None:
    grid = GRID._replace(limits=(1.0, 100.0))
    assert heights.places(np.array([1.0, 10.0, 100.0]), grid).tolist() == [0, 1, 2]


def test_the_key_names_at_most_a_dozen_levels() -> None:
    key = heights.key(GRID)
    assert (key["tickvals"], key["ticktext"]) == ([0, 1, 2], ["1", "10", "100"])
    many = heights.key(GRID._replace(levels=np.arange(30.0)))
    assert many["tickvals"] == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    assert many["ticktext"] == [str(k) for k in many["tickvals"]]


def test_short_numbers_are_json() -> None:
    values = np.array([[1 / 3, np.nan], [np.inf, -2e-300]])
    assert heights.short(values) == [[0.333333, None], [None, -2e-300]]


@pytest.mark.parametrize(("count", "most"), [(201, 100), (11, 100), (2, 1), (202, 100)])
def test_thinned_lines_include_the_ends(count: int, most: int) -> None:
    found = heights.thinned(count, most)
    assert found[0] == 0
    assert found[-1] == count - 1
    assert len(found) == min(count, most + 1)
    assert np.ptp(np.diff(found)) <= 1


def test_levels_that_differ_little_have_different_numbers() -> None:
    key = heights.key(GRID._replace(levels=1e12 + np.array([-1.0, 0.0, 1.0])))
    assert key["ticktext"] == ["999999999999", "1000000000000", "1000000000001"]
    assert heights.key(GRID._replace(levels=np.array([-1.0, 0.0])))["ticktext"] == ["−1", "0"]
