"""Bounds as a person gives them: texts, mappings, pairs in order, SciPy's Bounds."""

from __future__ import annotations

from math import inf, nan, pi
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.errors import PointError, UsageError
from gdcli.functions.bounds import bounds_of

PLANE = gdcli.function("f(x, y) = x^2 + y^2")
VECTOR = gdcli.function("a + sum(x[i]^2 for i in 1:3)")
MATRIX = gdcli.function("sum(W[i,j]^2 for i in 1:2, j in 1:2)")


@pytest.mark.parametrize(
    ("function", "given", "low", "high"),
    [
        (PLANE, "x=0:10", [0, -inf], [10, inf]),
        (PLANE, "y=:5, x=0:", [0, -inf], [inf, 5]),
        (PLANE, "x=-pi/2:sqrt(2)^2, y=max(1,2):3", [-pi / 2, 2], [2.0000000000000004, 3]),
        (PLANE, "x=1:1", [1, -inf], [1, inf]),
        (VECTOR, "x=0:1", [-inf, 0, 0, 0], [inf, 1, 1, 1]),
        (VECTOR, "x[3]=0:1", [-inf, -inf, -inf, 0], [inf, inf, inf, 1]),
        (VECTOR, "x[2]=:5, x=0:1", [-inf, 0, -inf, 0], [inf, 1, 5, 1]),
        (VECTOR, "x=[1,2,3]:", [-inf, 1, 2, 3], [inf, inf, inf, inf]),
        (VECTOR, "x[i]=-i:i^2, a=0:", [0, -1, -2, -3], [inf, 1, 4, 9]),
        (MATRIX, "W[2,1]=0:1", [-inf, -inf, 0, -inf], [inf, inf, 1, inf]),
        (PLANE, {"x": (0, 10)}, [0, -inf], [10, inf]),
        (PLANE, {"y": (None, 5), "x": [0, None]}, [0, -inf], [inf, 5]),
        (PLANE, [(0, 10), (None, 5)], [0, -inf], [10, 5]),
        (PLANE, np.array([[0, 10], [-inf, 5]]), [0, -inf], [10, 5]),
        (PLANE, SimpleNamespace(lb=[0, 1], ub=inf), [0, 1], [inf, inf]),
        (VECTOR, {"x": (0, 1), "x[2]": (None, 5)}, [-inf, 0, -inf, 0], [inf, 1, 5, 1]),
        (VECTOR, {"x": [(0, 1), (2, 3), (None, None)]}, [-inf, 0, 2, -inf], [inf, 1, 3, inf]),
        (MATRIX, {"W": [[(0, 1), (2, 3)], [(4, 5), (6, 7)]]}, [0, 2, 4, 6], [1, 3, 5, 7]),
        (PLANE, {}, [-inf, -inf], [inf, inf]),
        (PLANE, ((0, 1), (2, 3)), [0, 2], [1, 3]),
        (PLANE, [[0, 1], [2, 3]], [0, 2], [1, 3]),
        (PLANE, [(0, 0), (1, 1)], [0, 1], [0, 1]),
        (PLANE, [[0, 0], [1, 2]], [0, 1], [0, 2]),
        (PLANE, [*zip([0, 0], [1, 1], strict=True)], [0, 0], [1, 1]),
    ],
)
def test_bounds_are_given_in_many_ways(
    function: Any, given: Any, low: list[float], high: list[float]
) -> None:
    assert bounds_of(given, function) == (low, high)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("x=2:0", "the low end comes first, not 2:0"),
        ("x=", "takes a name and its bounds"),
        ("x=:", "takes a name and its bounds"),
        ("x=0:1:2", "takes a name and its bounds"),
        ("0:1", "takes a name and its bounds"),
        ("", "takes a name and its bounds"),
        ("z=0:1", "`z` is no variable; the variables are x, y"),
        ("x=0:1, x=2:", "`x` is given twice"),
        ("x=0:, x=:2", "`x` is given twice"),
        ("x=nan:", "`nan` is not a number"),
        ("x=0:inf", "where there is no bound write x=0:"),
        ("x=0:y", "`y` is not a number"),
        ("x[1]=0:1", "`x` takes no subscripts"),
        ({"z": (0, 1)}, "`z` is no variable; the variables are x, y"),
        ({"x": (2, 0)}, "the low end comes first"),
        ({"x": (nan, 0)}, "a bound is a number, not nan"),
        ({"x": (inf, None)}, "a bound is a number, not inf"),
        ({"x": 3}, "(low, high) is wanted"),
        ({"x": (1, 2, 3)}, "(low, high) is wanted"),
        ({"x": ("a", 2)}, "is no real number"),
        ([(0, 1)], "has 1 for 2 variables"),
        (([0, 0], [1, 1]), "two lists may be the low and the high ends, or pairs; write a (low"),
        (([0, -1], [1, 2]), "two lists may be the low and the high ends, or pairs"),
        (([-2, -1], [1, 2]), "two lists may be the low and the high ends, or pairs"),
        (([0, None], [1, None]), "two lists may be the low and the high ends, or pairs"),
        ((np.zeros(2), np.ones(2)), "two lists may be the low and the high ends, or pairs"),
        (((0, 0), (1, 1)), "two lists may be the low and the high ends, or pairs"),
        ([[0, 0], [1, 1]], "two lists may be the low and the high ends, or pairs"),
        (np.array([[0, 0], [1, 1]]), "two lists may be the low and the high ends, or pairs"),
        (3, "bounds takes bounds such as"),
    ],
)
def test_wrong_bounds_are_refused_with_what_to_write(given: Any, part: str) -> None:
    with pytest.raises((PointError, UsageError)) as refused:
        bounds_of(given, PLANE)
    assert part in str(refused.value)


def test_wrong_bounds_of_entries_are_refused() -> None:
    for given, part in (
        ("x[4]=0:1", "there is no x[4]: x has 3 entries"),
        ("x=[1,2]:", "the list has 2 numbers, not 3 entries"),
        ("x[2]=0:1, x[2]=0:2", "`x[2]` is given twice"),
        ({"x": [(0, 1), (2, 3)]}, "x has 3 entries, not 2"),
        ({"x": ([0, 0, 0], [1, 1, 1])}, "two lists may be the low and the high ends, or pairs"),
        ({"x": np.array([[0, 0, 0], [1, 1, 1]])}, "two lists may be the low and the high ends"),
        (([0, 0, 0, 0], [1, 1, 1, 1]), "two lists may be the low and the high ends, or pairs"),
    ):
        with pytest.raises(PointError) as refused:
            bounds_of(given, VECTOR)
        assert part in str(refused.value)
