from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gdcli.report.pictures.clipping import SEGMENT_ROWS, inside, within

LOW, HIGH = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
numbers = st.floats(-3, 3) | st.sampled_from([np.nan, np.inf, 1e308, -1e308, 1e-310])


def test_segments_end_where_they_leave_the_box() -> None:
    points = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [0.0, -4.0], [0.0, 0.5]])
    first, second, third, fourth = (
        inside(points, LOW, HIGH).reshape(-1, SEGMENT_ROWS, 2)[:, :2].tolist()
    )
    assert first == [[0, 0], [1, 0]]
    assert np.isnan(second).all()  # from (4, 0) to (0, 4), past the corner
    assert third == [[0, 1], [0, -1]]
    assert fourth == [[0, -1], [0, 0.5]]


def test_one_point_is_no_segment() -> None:
    assert inside(np.zeros((1, 3)), np.zeros(3), np.ones(3)).shape == (0, 3)


@given(arrays.arrays(float, st.tuples(st.integers(2, 5), st.just(2)), elements=numbers))
def test_what_is_kept_is_what_lies_within(points: np.ndarray) -> None:
    cut = inside(points, LOW, HIGH).reshape(-1, SEGMENT_ROWS, 2)
    share = np.linspace(0, 1, 101)[:, None]
    for (start, end), (a, b, gap) in zip(pairwise(points), cut, strict=True):
        assert np.isnan(gap).all()
        if np.isfinite(a).all():
            assert within(np.array([a, b]), LOW, HIGH).all()
        if not np.isfinite([start, end]).all() or max(map(abs, [*start, *end])) > 3:
            continue
        on_the_way = start + share * (end - start)
        passes = within(on_the_way, LOW, HIGH)
        if np.isnan(a).any():
            assert not passes.any()
            continue
        held = on_the_way[passes]  # all of them between a and b
        assert ((held >= np.minimum(a, b) - 1e-12) & (held <= np.maximum(a, b) + 1e-12)).all()
