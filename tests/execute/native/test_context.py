"""Which loops go by eights, and memory."""

from __future__ import annotations

from gdcli.execute.native.context import Room
from tests.native_code import context, of


def test_room_is_given_out_at_multiples_of_eight() -> None:
    room = Room()
    assert [room.take(count) for count in (1, 8, 9, 1)] == [0, 8, 16, 32]
    assert room.size == 40


def test_outer_loops_are_preferred_unless_they_are_short() -> None:
    text = "sum(sum(W[i,j]^2 for j in 1:m) for i in 1:n)"
    for n, m, outer in ((100, 200, True), (10, 200, False), (10, 9, True)):
        here = context(of(text, n=n, m=m))
        trips = {here.work.trips[loop] for loop in here.vectors}
        assert trips == {n if outer else m}


def test_short_loops_and_carries_do_not_go_by_eights() -> None:
    assert not context(of("sum(x[i]^2 for i in 1:n)", n=7)).vectors
    here = context(of("prod(x[i] + 2 for i in 1:n)", n=100))
    assert len(here.vectors) == 1  # the value; its gradient needs what was before
    assert len(here.shared_buffers) == 1
