"""Arrays that are used again, and only when nobody has them any more."""

from __future__ import annotations

import threading
from typing import Any

from gdcli.execute.buffers import MOST_BUFFERS, empty, reusing
from gdcli.execute.native.addresses import address


def test_an_array_that_was_given_up_is_used_again() -> None:
    with reusing(500):
        places = set()
        for _ in range(10):
            one = empty(500)
            places.add(address(one))
            del one
    assert len(places) == 1


def test_an_array_that_someone_has_keeps_its_numbers() -> None:
    with reusing(500):
        kept: list[Any] = []
        parts: list[Any] = []
        for number in range(3 * MOST_BUFFERS):
            one = empty(500)
            one[:] = number
            (kept if number % 2 else parts).append(one if number % 2 else one[7:].reshape(17, 29))
    assert [one[0] for one in kept] == list(range(1, 3 * MOST_BUFFERS, 2))
    assert [one[0, 0] for one in parts] == list(range(0, 3 * MOST_BUFFERS, 2))


def test_other_lengths_and_other_threads_have_arrays_of_their_own() -> None:
    found = []
    with reusing(500):
        one = empty(500)
        place = address(one)
        del one
        with reusing(300):
            assert empty(300).shape == (300,)
            assert address(empty(500)) != place
        other = threading.Thread(target=lambda: found.append(empty(500)))
        other.start()
        other.join()
        assert address(found[0]) != place
        assert address(empty(500)) == place
