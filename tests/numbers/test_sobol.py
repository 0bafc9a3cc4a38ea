"""Sobol's points: those that SciPy makes of the same direction numbers, shifted."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice

from gdcli.numbers.random_numbers import RandomStream
from gdcli.numbers.sobol import BITS, MOST_SOBOL_DIMENSIONS, sobol_points

# Of qmc.Sobol(40, scramble=False, bits=32).random(512) in SciPy 1.17, as big-endian integers
# of 32 bits, point by point.
DIGEST_BY_SCIPY = "0f287044e35e8a3fa0f8705ef4ee4e95240fdbfc67e977864f43b0511f7f965d"
POINTS = 512


def points(seed: int, dimensions: int = MOST_SOBOL_DIMENSIONS) -> list[list[float]]:
    stream = RandomStream(seed, "starts of a fit")
    return [*islice(sobol_points(dimensions, stream), POINTS)]


def test_without_the_shift_the_points_are_those_of_scipy() -> None:
    integers = [[int(x * 2**BITS) for x in point] for point in points(1)]
    shift = integers[0]  # SciPy's first point is 0
    unshifted = [[x ^ y for x, y in zip(point, shift, strict=True)] for point in integers]
    written = b"".join(x.to_bytes(4, "big") for point in unshifted for x in point)
    assert sha256(written).hexdigest() == DIGEST_BY_SCIPY


def test_shifted_points_fill_each_dimension_evenly() -> None:
    for coordinates in zip(*points(2), strict=True):
        assert {int(x * POINTS) for x in coordinates} == set(range(POINTS))


def test_seeds_give_other_points_and_the_same_seed_the_same() -> None:
    assert points(3) == points(3)
    assert not {x for point in points(3) for x in point} & {x for point in points(4) for x in point}


def test_beyond_the_table_there_are_numbers_too() -> None:
    wide = points(5, MOST_SOBOL_DIMENSIONS + 2)
    assert all(0.0 <= x < 1.0 for point in wide for x in point)
    assert len({x for point in wide for x in point[MOST_SOBOL_DIMENSIONS:]}) == 2 * POINTS
