from __future__ import annotations

import math

import numpy as np
import pytest

from gdcli.descent.vectors import (
    arithmetic,
    difference,
    dot,
    equal,
    finite,
    largest,
    length,
    scaled,
    sizes,
    step,
    vector,
)
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS


def test_a_step_along_the_negative_gradient_has_the_bits_of_a_minus_alpha_b() -> None:
    x, gradient, alpha = [0.1, -0.0, 1e-300, 7.3], [0.3, 0.0, 1e-10, -1.7], 0.03
    taken = step(x, alpha, [-c for c in gradient])
    wanted = [a - alpha * b for a, b in zip(x, gradient, strict=True)]
    assert list(map(float.hex, taken)) == list(map(float.hex, wanted))


def test_largest_is_the_largest_absolute_value_and_nan_beside_any_nan() -> None:
    assert largest([1.0, -3.0, 2.0]) == 3.0
    assert largest([0.0, -math.inf]) == math.inf
    for place in range(3):
        vector = [1.0, math.inf, 5.0]
        vector[place] = math.nan
        assert math.isnan(largest(vector))


def test_length_does_not_overflow_on_the_way() -> None:
    assert length([3.0, -4.0]) == 5.0
    assert length([3e200, 4e200]) == pytest.approx(5e200, rel=1e-15)
    assert length([3e-200, 4e-200]) == pytest.approx(5e-200, rel=1e-15)
    assert length([0.0, 0.0]) == 0.0
    assert length([math.inf, 0.0]) == math.inf


def test_differences_and_multiples() -> None:
    assert difference([3.0, 1.0], [1.0, 4.0]) == [2.0, -3.0]
    assert scaled(-2.0, [1.0, 0.5]) == [-2.0, -1.0]


# -- arrays ------------------------------------------------------------------------------------

LONG = MOST_LISTED_COMPONENTS + 1


def test_a_vector_is_an_array_where_it_is_long() -> None:
    assert vector(np.arange(3)) == [0.0, 1.0, 2.0]
    assert all(type(component) is float for component in vector(np.arange(MOST_LISTED_COMPONENTS)))
    given = np.arange(float(LONG))
    for long in (vector(given), vector(given.tolist())):
        assert isinstance(long, np.ndarray)
        assert long.dtype == float
        assert long.tolist() == given.tolist()
        assert long is not given


def test_arrays_have_the_bits_of_lists() -> None:
    """What works entry by entry, which is all but the inner product."""
    source = np.random.default_rng(3)
    a, b = (source.standard_normal(LONG) * 10.0 ** source.integers(-9, 9, LONG) for _ in "ab")
    lists = a.tolist(), b.tolist()
    assert step(a, 0.03, b).tolist() == step(lists[0], 0.03, lists[1])
    assert difference(a, b).tolist() == difference(*lists)
    assert scaled(-0.7, a).tolist() == scaled(-0.7, lists[0])
    assert sizes(a).tolist() == sizes(lists[0])
    assert largest(a) == largest(lists[0])
    assert dot(a, b) == pytest.approx(dot(*lists), rel=1e-12)
    assert length(a) == pytest.approx(length(lists[0]), rel=1e-14)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_seen_in_arrays_and_lists(bad: float) -> None:
    a = np.ones(LONG)
    assert finite(a)
    assert finite(a.tolist())
    a[17] = bad
    assert not finite(a)
    assert not finite(a.tolist())
    assert largest(a) == largest(a.tolist()) or math.isnan(bad)
    assert math.isnan(largest(a)) == math.isnan(largest(a.tolist())) == math.isnan(bad)


def test_arrays_are_equal_where_all_entries_are() -> None:
    a = np.zeros(LONG)
    b = a.copy()
    assert equal(a, b)
    b[-1] = 5e-324
    assert not equal(a, b)
    assert not equal([0.0], [5e-324])


def test_the_length_of_an_array_does_not_overflow() -> None:
    a = np.zeros(LONG)
    a[0], a[1] = 3e200, -4e200
    assert length(a) == pytest.approx(5e200, rel=1e-15)
    assert length(a * 0.0) == 0.0


def test_arrays_overflow_quietly() -> None:
    a = np.full(LONG, 1e308)
    with arithmetic(a):
        assert largest(step(a, 10.0, a)) == math.inf
    with arithmetic([1.0]):
        assert largest(step([1e308], 10.0, [1e308])) == math.inf
