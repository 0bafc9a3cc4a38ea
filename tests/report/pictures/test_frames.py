from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.report.pictures.frames import frames
from gdcli.scenes.scene import Path, PathRow


def path(*ks: int) -> Path:
    return Path("", tuple(PathRow(k, (0.0,), 0.0, None, 0.0, None) for k in ks), len(ks), "", "")


def test_a_frame_an_iterate() -> None:
    assert frames([path(*range(201))], 250) == [(k,) for k in range(201)]


def test_of_more_iterates_an_even_choice_is_shown() -> None:
    assert frames([path(*range(201))], 5) == [(0,), (50,), (100,), (150,), (200,)]
    assert frames([path(0, 1, 2)], 2) == [(0,), (2,)]


def test_paths_keep_to_one_count_and_stay_at_their_ends() -> None:
    assert frames([path(0, 1, 2, 3), path(0, 1)], 9) == [(0, 0), (1, 1), (2, 1), (3, 1)]
    thinned = path(0, 1, 2, 100, 200)
    whole = path(*range(101))
    assert frames([thinned, whole], 3) == [(0, 0), (3, 100), (4, 100)]
    assert frames([thinned, whole], 5) == [(0, 0), (1, 1), (2, 2), (3, 100), (4, 100)]


def test_a_trace_may_begin_late() -> None:
    assert frames([path(5, 6), path(0, 6, 7)], 9) == [(0, 0), (1, 1), (1, 2)]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.integers(2, 60))
def test_all_that_is_shown_goes_forward_to_every_end(counts: list[int], most: int) -> None:
    found = frames([path(*range(count)) for count in counts], most)
    assert len(found) == min(most, max(counts))
    assert found[0] == (0,) * len(counts)
    assert found[-1] == tuple(count - 1 for count in counts)
    for before, after in pairwise(found):
        assert all(b <= a for b, a in zip(before, after, strict=True))
    gaps = {after[0] - before[0] for before, after in pairwise(found)} if len(counts) == 1 else {0}
    assert max(gaps, default=0) - min(gaps, default=0) <= 1


@pytest.mark.parametrize("most", [2, 77])
def test_no_more_frames_than_there_may_be(most: int) -> None:
    assert len(frames([path(*range(1000))], most)) == most
