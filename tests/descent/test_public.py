from __future__ import annotations

import numpy as np
import pytest

from gdcli.descent.public import minimize
from gdcli.errors import PointError, UsageError
from gdcli.functions.function import Function


def test_points_are_arrays_going_in_and_coming_out() -> None:
    result = minimize(Function("(x-1)^2 + 3*(y+2)^2"), start=np.array([3.0, 4.0]))
    assert isinstance(result.x, np.ndarray)
    assert result.x == pytest.approx([1.0, -2.0], abs=1e-8)
    assert np.shape(result.x) == np.shape(result.gradient) == (2,)
    assert (result.status, result.converged, result.exit_status) == ("converged", True, 0)
    assert result.iterations == len(result.trace) - 1


def test_a_text_and_every_option_are_taken() -> None:
    seen: list[int] = []
    result = minimize(
        "x^2 + y^2",
        [1, 1],
        alpha=0.25,
        tolerance=0.0,
        max_iterations=3,
        on_iterate=lambda row: seen.append(row.k),
    )
    assert result.x == pytest.approx([0.125, 0.125])
    assert seen == [0, 1, 2, 3]


def test_mistakes_are_declared_errors() -> None:
    with pytest.raises(PointError, match="x, y"):
        minimize("x^2 + y^2", [1.0])
    with pytest.raises(UsageError):
        minimize("x^2 + y^2", alpha=-1.0)


def test_start_and_alpha_may_be_written() -> None:
    result = minimize("x^2 + y^2", start="x=1, y=1/2", alpha="0.4/(k+1)", max_iterations=2)
    by_hand = [1.0, 0.5]
    for alpha in (0.4, 0.2):
        by_hand = [c - alpha * (2.0 * c) for c in by_hand]
    assert list(result.x) == by_hand
    assert result.alpha == "0.4/(k+1)"


def test_nothing_to_minimize() -> None:
    with pytest.raises(UsageError, match=r"no variables, it is 5$"):
        minimize("5")


def test_a_point_on_the_slope_of_a_flat_bowl_is_said_to_be_that() -> None:
    result = minimize("1e-10*x^2", start=[0.9])
    assert result.exit_status == 0
    assert result.verdict is not None
    assert "a Newton step still has length 0.9" in result.verdict
