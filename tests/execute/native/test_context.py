"""Memory, positions of elements, and which loops run eight iterations at a time."""

from __future__ import annotations

from gdcli.autodiff.tape import ELEMENT, instructions
from gdcli.execute.native.context import Arena, Position
from tests.native_code import context, of


def test_room_is_given_out_at_multiples_of_eight() -> None:
    room = Arena()
    assert [room.take(count) for count in (1, 8, 9, 1)] == [0, 8, 16, 32]
    assert room.size == 40


def test_outer_loops_are_preferred_unless_they_are_short() -> None:
    text = "sum(sum(exp(W[i,j]) for j in 1:m) for i in 1:n)"
    for n, m, outer in ((100, 200, True), (10, 200, False), (10, 9, True)):
        assert lanes(text, n, m) == {n if outer else m}


def test_long_plain_loops_that_are_most_of_the_work_are_preferred_to_those_around_them() -> None:
    squares = "sum(W[i,j]^2 for j in 1:m)"
    for body, m, outer in (
        (squares, 200, False),
        (squares, 20, True),  # short
        (f"exp(sin({squares}))", 100, True),  # the calls are worth more
        (f"exp(sin({squares}))", 2000, False),
        ("sum(W[i,j]^3 for j in 1:m)", 200, True),
    ):
        assert lanes(f"sum({body} for i in 1:n)", 100, m) == {100 if outer else m}


def lanes(text: str, n: int, m: int) -> set[int]:
    """How long the loops are that go by eights."""
    here = context(of(text, n=n, m=m))
    return {here.work.trips[loop] for loop in here.vectors}


def test_short_loops_and_carries_do_not_go_by_eights() -> None:
    assert not context(of("sum(x[i]^2 for i in 1:n)", n=7)).vectors
    here = context(of("prod(x[i] + 2 for i in 1:n)", n=100))
    assert len(here.vectors) == 1  # the value; its gradient needs what was before
    assert here.work.trips[next(iter(here.vectors))] == 100
    assert [here.count(table) for table in here.framed] == [100]


def test_positions_are_places_by_rows_and_strides() -> None:
    function = of("f(W[m,n]) = sum(W[i,j]*W[i+1,j-1] for i in 1:m-1, j in 2:n)", m=4, n=5)
    here = context(function)
    elements = [one for one in instructions(here.tape.body) if one.operation == ELEMENT]
    first, second = (here.position(one) for one in elements[:2])
    i, j = first.terms[0][0], first.terms[1][0]
    assert first == Position(-6, ((i, 5), (j, 1)))  # (i - 1)*5 + j - 1
    assert second == Position(-2, ((i, 5), (j, 1)))
    assert first.coefficient(i) == 5
    assert first.without(i) == Position(-6, ((j, 1),))
    assert first.reach(here.work) == (1, 14)
    assert second.reach(here.work) == (5, 18)
