"""Counted operations and ranges, by hand."""

from __future__ import annotations

from gdcli.execute.bindings import Bindings
from gdcli.execute.work import OPERATIONS_PER_CALL, Work
from tests.native_code import of


def test_straight_lines() -> None:
    tape = of("x*y + exp(x)").tape
    assert (
        Work(tape, Bindings({}, (0, 1), {})).operations == 2 + 1 + 1 + OPERATIONS_PER_CALL
    )  # two loads


def test_a_square_is_a_product() -> None:
    square, cube = (Work(of(f"x^{n}").tape, Bindings({}, (0,), {})).operations for n in (2, 3))
    assert cube - square == OPERATIONS_PER_CALL - 1


def test_loops_cost_their_body_times_their_length() -> None:
    counts = []
    for n in (10, 20, 40):
        function = of("sum(x[i]*x[i] for i in 1:n)", n=n)
        assert function.bindings is not None
        counts.append(Work(function.tape, function.bindings).operations)
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0]) > 0


def test_ranges_and_trips_of_a_triangle() -> None:
    function = of("sum(x[i]*x[j] for i in 2:n, j in 1:i)", n=7)
    assert function.bindings is not None
    work = Work(function.tape, function.bindings)
    assert sorted(work.ranges.values()) == [(1, 7), (2, 7)]
    assert sorted(work.trips.values()) == [6, 7]


def test_a_maximum_lies_in_the_range_of_its_loop() -> None:
    function = of("max(x[i] for i in 3:n)", n=9)
    assert function.bindings is not None
    work = Work(function.tape, function.bindings)
    assert len(work.found) == 2
    assert {work.ranges[value] for value in work.found} == {(3, 9)}
