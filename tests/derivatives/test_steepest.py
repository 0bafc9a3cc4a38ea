from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.derivatives.steepest import directions

numbers = st.floats(-1e3, 1e3).filter(lambda number: abs(number) > 1e-3)
vectors = st.integers(1, 5).flatmap(
    lambda n: st.tuples(st.lists(numbers, min_size=n, max_size=n),
                        st.lists(numbers, min_size=n, max_size=n))
)  # fmt: skip


@given(vectors)
def test_no_direction_of_the_sample_falls_faster(pair: tuple[list[float], list[float]]) -> None:
    gradient, along = pair
    length, size = hypot(*gradient), hypot(*along)
    sample = directions(
        gradient, length, [-one / length for one in gradient], [one / size for one in along]
    )
    for one in sample:
        assert hypot(*one.direction) == pytest.approx(1, rel=1e-12)
        assert one.slope == pytest.approx(
            sum(a * b for a, b in zip(gradient, one.direction, strict=True)),
            abs=1e-12 * length,
        )
        assert one.slope >= -length * (1 + 1e-15)
    notes = ", ".join(one.note for one in sample)
    assert all(name in notes for name in ("steepest descent", "steepest ascent", "V"))


def test_the_plane_is_sampled_by_angle_and_what_coincides_is_one_row() -> None:
    sample = directions([0.0, 2.0], 2.0, [0.0, -1.0], [1.0, 0.0])
    assert [one.angle for one in sample] == [30.0 * k for k in range(12)]
    named = {one.note: one.angle for one in sample if one.note}
    assert named == {"V": 0.0, "steepest ascent": 90.0, "steepest descent": 270.0}
    assert min(sample, key=lambda one: one.slope).note == "steepest descent"
    assert sample[1].slope == pytest.approx(1.0)
