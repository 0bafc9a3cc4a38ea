from __future__ import annotations

import math

import pytest

from gdcli.descent.search.nonmonotone import NonMonotone


def test_the_safeguard_compares_with_the_worst_of_ten() -> None:
    safeguard = NonMonotone()
    for f in [100.0, *range(9)]:
        safeguard = safeguard.after(float(f))
    assert safeguard.accepts(100.0 - 1e-4 * 2.0, linear_decrease=2.0)
    assert not safeguard.accepts(100.0, linear_decrease=2.0)
    safeguard = safeguard.after(9.0)
    assert not safeguard.accepts(50.0, linear_decrease=2.0)
    assert safeguard.accepts(8.9, linear_decrease=2.0)


def test_four_units_of_rounding_are_forgiven() -> None:
    safeguard = NonMonotone().after(1.0)
    assert safeguard.accepts(1.0 + 4 * 2.0**-52, linear_decrease=0.0)
    assert not safeguard.accepts(1.0 + 5 * 2.0**-52, linear_decrease=0.0)
    assert not safeguard.accepts(math.nan, linear_decrease=0.0)


@pytest.mark.parametrize(
    ("trial", "ratio"),
    [
        (3.0, 0.25),  # the parabola through f = 1, slope -2 and 3 has its minimum at 1/4
        (1.0, 0.5),
        (0.5, 0.5),  # the minimum, at 2/3, is cut to 1/2
        (1e9, 0.1),
        (math.inf, 0.1),
        (math.nan, 0.1),
        (-math.inf, 0.1),
    ],
)
def test_a_shorter_step_lies_between_a_tenth_and_a_half(trial: float, ratio: float) -> None:
    assert NonMonotone().shorter(2.0, 1.0, trial, linear_decrease=2.0) == pytest.approx(2.0 * ratio)
