"""Arrays that are used again, and only when nobody has them any more."""

from __future__ import annotations

import runpy
import sys
from types import FrameType
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.execute import buffers
from gdcli.execute.buffers import LEAST_POOLED_NUMBERS, MOST_BUFFERS, PAGE_NUMBERS, empty, reusing
from gdcli.execute.native.addresses import address
from tests.threads import in_threads

COUNT = LEAST_POOLED_NUMBERS


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """A pool of this test's own."""
    own: dict[int, Any] = {}
    monkeypatch.setattr(buffers, "_pool", own)
    return own


def test_an_array_that_was_given_up_is_used_again() -> None:
    places = set()
    for _ in range(10):
        one = empty(COUNT)
        places.add(address(one))
        del one
    assert len(places) == 1
    assert address(empty(COUNT + 1)) not in places


def test_an_array_that_someone_has_keeps_its_numbers() -> None:
    kept: list[Any] = []
    for number in range(4 * MOST_BUFFERS):
        one: Any = empty(COUNT)
        one[:] = number
        ways = (one, one[7:].reshape(-1, 5), memoryview(one), np.broadcast_to(one, (2, COUNT)))
        kept.append(ways[number % 4])
        del one, ways
    assert [np.ravel(one)[-1] for one in kept] == list(range(4 * MOST_BUFFERS))


@pytest.mark.filterwarnings("ignore:Setting the shape")  # NumPy 2.5, where it still works
def test_what_was_done_to_an_array_is_forgotten_with_it() -> None:
    one = empty(COUNT)
    one.shape = (2, COUNT // 2)
    one.setflags(write=False)
    place = one.ctypes.data
    del one
    again = empty(COUNT)
    assert again.ctypes.data == place
    assert again.shape == (COUNT,)
    assert again.flags.writeable


def test_the_last_eight_results_live_on_and_the_ninth_takes_the_place_of_the_first() -> None:
    kept = [empty(COUNT) for _ in range(8)]
    places = {address(one) for one in kept}
    assert len(places) == 8
    for _ in range(20):
        kept = [*kept[1:], empty(COUNT)]
        places.add(address(kept[-1]))
    assert len(places) == 9


def test_large_arrays_are_not_hoarded(
    pool: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffers, "MOST_KEPT_BYTES", 8 * 5 * COUNT)
    kept = [empty(2 * COUNT) for _ in range(4)]
    assert sum(map(len, pool.values())) == 2
    kept += [empty(COUNT) for _ in range(2)]
    assert {count: len(one) for count, one in pool.items()} == {2 * COUNT: 1, COUNT: 2}
    empty(6 * COUNT)
    assert pool == {}
    with reusing(6 * COUNT):
        place = address(empty(6 * COUNT))
        assert address(empty(6 * COUNT)) == place
    assert pool == {}
    assert len({address(one) for one in kept}) == 6


def test_where_memory_ends_the_pool_is_given_back(
    pool: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(COUNT)
    made, real = [], np.empty

    def scarce(count: int) -> Any:
        made.append(count)
        if COUNT in pool:
            raise MemoryError
        return real(count)

    monkeypatch.setattr(np, "empty", scarce)
    assert empty(2 * COUNT).shape == (2 * COUNT,)
    assert made == [2 * COUNT, 2 * COUNT]


def test_threads_never_share_an_array_that_is_in_use() -> None:
    wrong: list[int] = []

    def work(name: int) -> None:
        kept: list[Any] = []
        for number in range(300):
            one = empty(COUNT)
            one[::1024] = 1000 * name + number
            kept = [*kept[-3:], (one, 1000 * name + number)]
            wrong.extend(n for array, n in kept if not (array[::1024] == n).all())

    in_threads(work)
    assert wrong == []


def test_a_long_array_begins_with_a_large_page() -> None:
    count = 2 * PAGE_NUMBERS
    one, other = empty(count), empty(count)
    assert one.shape == other.shape == (count,)
    assert address(one) % (8 * PAGE_NUMBERS) == address(other) % (8 * PAGE_NUMBERS) == 0
    place = address(one)
    del one
    assert address(empty(count)) == place


def test_what_counts_as_given_up_is_the_same_under_a_debugger() -> None:
    def look(frame: FrameType, *_: object) -> Any:
        assert frame.f_locals is not None
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        seen = runpy.run_path(buffers.__file__)["GIVEN_UP"]
    finally:
        sys.settrace(before)
    assert seen == buffers.GIVEN_UP


def test_without_counts_of_references_nothing_is_used_again(
    pool: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffers, "COUNTS_REFERENCES", False)
    assert empty(COUNT).flags.owndata
    assert pool == {}


def test_gradients_that_are_kept_are_not_written_again() -> None:
    f = gdcli.function("sum(x[i]^2 for i in 1:n)", sizes={"n": COUNT}, backend="native")
    found = [f.gradient(np.full(COUNT, float(k))) for k in range(20)]
    assert all((one == 2.0 * k).all() for k, one in enumerate(found))
