from __future__ import annotations

from random import Random

import pytest

from gdcli.descent.vectors import Vector, dot, largest, length
from gdcli.functions.function import Function
from gdcli.nonsmooth.least_norm import Hull


@pytest.mark.parametrize(
    ("points", "nearest"),
    [
        ([[3.0, 4.0]], [3.0, 4.0]),
        ([[1.0], [-1.0]], [0.0]),
        ([[2.0], [5.0]], [2.0]),
        ([[1.0, 1.0], [1.0, -1.0]], [1.0, 0.0]),
        ([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5]),
        ([[1.0, 1.0], [-1.0, 1.0], [0.0, -1.0]], [0.0, 0.0]),
        ([[4.0, 1.0], [4.0, 1.0], [2.0, 3.0], [2.0, 3.0]], [2.5, 2.5]),
        ([[0.0, 0.0], [1.0, 7.0]], [0.0, 0.0]),
        ([[1e200, 1e200], [1e200, -1e200]], [1e200, 0.0]),
    ],
)
def test_the_point_of_least_norm(points: list[Vector], nearest: Vector) -> None:
    tolerance = 1e-12 * max(map(largest, points))
    assert Hull(points).nearest() == pytest.approx(nearest, abs=tolerance)


@pytest.mark.parametrize("seed", range(60))
def test_no_point_of_a_random_hull_is_nearer(seed: int) -> None:
    # v is nearest exactly when v·p >= v·v for every p of the hull (Wolfe, 1976)
    random = Random(seed)
    n, m = random.randint(1, 5), random.randint(1, 25)
    shift = random.choice([0.0, 0.5, 2.0])
    points = [[random.gauss(shift, 1.0) for _ in range(n)] for _ in range(m)]
    v = Hull(points).nearest()
    assert all(dot(v, p) >= dot(v, v) - 1e-10 for p in points)
    assert length(v) <= min(map(length, points)) + 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_numbers_of_many_digits_keep_what_floats_would_lose(seed: int) -> None:
    # slopes of a cusp are huge beside those of a kink: the hull of (±c·1e50, ±1 + 2) holds (0, 1)
    import mpmath

    context = mpmath.MPContext()
    context.dps = 200
    random = Random(seed)
    points = [
        [side * random.uniform(1.0, 2.0) * context.mpf(10) ** 50, context.mpf(2 + other)]
        for side in (-1, 1)
        for other in (-1, 1)
    ]
    x, y = Hull(points, context.mpf(10) ** -160).nearest()
    assert abs(x) < 1e-30
    assert abs(y - 1) < 1e-30


def test_a_search_that_rounding_leads_in_a_circle_ends() -> None:
    """The subgradients of 2max(x, y, z) + min(x², y², z²) at 1, 1, 1 have a mean of 4/3 each."""
    found = Function("max(x,y,z)*2 + min(x^2,y^2,z^2)").gradient(1, 1, 1)
    assert list(found) == pytest.approx([4 / 3] * 3)


def test_what_is_computed_is_counted_beforehand() -> None:
    spent: list[float] = []
    corners = [[float(i == j) for j in range(4)] for i in range(4)]
    assert Hull(corners, spend=spent.append).nearest() == pytest.approx([0.25] * 4)
    assert spent == [2**2 * (2 + 4), 3**2 * (3 + 4), 4**2 * (4 + 4)]
