from __future__ import annotations

from itertools import islice

import pytest

from gdcli.derivatives.check.sampling import exact_decimal, samples
from gdcli.functions.function import Function
from gdcli.library import lookup
from gdcli.numbers.floats import to_float


def points(function: Function, count: int) -> list[tuple[float, ...]]:
    return [tuple(map(to_float, point)) for point in islice(samples(function), count)]


def test_the_same_points_every_time() -> None:
    assert points(Function("x*y"), 200) == points(Function("x+y"), 200)


def test_a_problem_is_tried_in_its_window_and_where_something_is_known() -> None:
    function = lookup.function("five-well")
    problem = function.problem
    assert problem is not None
    found = points(function, 300)
    assert problem.start in found
    assert {known.at for known in problem.minima} <= set(found)
    random = [*found[:16], *found[60:]]
    assert all(
        low <= value <= high
        for point in random
        for value, (low, high) in zip(point, problem.window, strict=True)
    )


def test_without_a_window_large_small_positive_and_special_points_are_among_them() -> None:
    found = points(Function("x*y*z"), 400)
    for value in (0.0, 1.0, -1.0):
        assert (value,) * 3 in found
        assert sum(value in point for point in found) > 3
    assert sum(all(value > 0 for value in point) for point in found) > 150
    assert sum(max(map(abs, point)) > 50 for point in found) > 50
    assert sum(max(map(abs, point)) < 1 for point in found) > 30


def test_numbers_of_the_text_are_tried_and_both_their_sides() -> None:
    found = points(Function("ifelse(x > 123.5, 0, x)"), 100)
    assert (123.5,) in found
    assert any(123 < x < 123.5 for (x,) in found)
    assert any(123.5 < x < 124 for (x,) in found)


def test_the_first_points_are_short_enough_to_type() -> None:
    assert all(
        len(str(value)) <= 4 for point in islice(samples(Function("x*y")), 8) for value in point
    )


@pytest.mark.parametrize("number", [0.0, -0.1, 1e-300, 12345.678, -2e22])
def test_a_float_as_its_shortest_decimal(number: float) -> None:
    assert to_float(exact_decimal(number)) == number
    assert float(str(exact_decimal(number))) == number
