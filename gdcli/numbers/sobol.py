"""Points that fill a cube evenly, Sobol's, shifted by a seed: the same bits everywhere.

Source: Sobol (1967); Antonov and Saleev (1979); the direction numbers are those of S. Joe and
F. Y. Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci.
Comput. 30 (2008) 2635, their table new-joe-kuo-6.21201; the digital shift is that of Cranley and
Patterson, by exclusive or.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from gdcli.numbers.random_numbers import RandomStream

BITS = 32
# From the second dimension on: the coefficients a of the primitive polynomial between its first
# and its last, as bits, and the first odd integers m, as many as its degree.
DIRECTION_NUMBERS = """
0 1 | 1 1 3 | 1 1 3 1 | 2 1 1 1 | 1 1 1 3 3 | 4 1 3 5 13 | 2 1 1 5 5 17 | 4 1 1 5 5 5
7 1 1 7 11 19 | 11 1 1 5 1 1 | 13 1 1 1 3 11 | 14 1 3 5 5 31 | 1 1 3 3 9 7 49
13 1 1 1 15 21 21 | 16 1 3 1 13 27 49 | 19 1 1 1 15 7 5 | 22 1 3 1 15 13 25
25 1 1 5 5 19 61 | 1 1 3 7 11 23 15 103 | 4 1 3 7 13 13 15 69 | 7 1 1 3 13 7 35 63
8 1 3 5 9 1 25 53 | 14 1 3 1 13 9 35 107 | 19 1 3 1 5 27 61 31 | 21 1 1 5 11 19 41 61
28 1 3 5 3 3 13 69 | 31 1 1 7 13 1 19 1 | 32 1 3 7 5 13 19 59 | 37 1 1 3 9 25 29 41
41 1 3 5 13 23 1 55 | 42 1 3 7 3 13 59 17 | 50 1 3 1 3 5 53 69 | 55 1 1 5 5 23 33 13
56 1 1 7 7 1 61 123 | 59 1 1 7 9 13 61 49 | 62 1 3 3 5 3 55 33 | 14 1 3 1 15 31 13 49 245
21 1 3 5 15 31 59 63 97 | 22 1 3 1 11 11 11 77 249
"""
MOST_SOBOL_DIMENSIONS = 40


def sobol_points(dimensions: int, stream: RandomStream) -> Iterator[list[float]]:
    """The points one after another, each of `dimensions` numbers from 0 to below 1.

    Beyond MOST_SOBOL_DIMENSIONS the numbers of a point are random ones of the stream.
    """
    quasi = min(dimensions, MOST_SOBOL_DIMENSIONS)
    directions = [_directions(dimension) for dimension in range(quasi)]
    here = [int(stream.uniform() * 2.0**BITS) for _ in range(quasi)]  # the shift
    for k in count():
        if k:
            changed = (k & -k).bit_length() - 1  # the bit that differs in the Gray code of k
            here = [x ^ v[changed] for x, v in zip(here, directions, strict=True)]
        others = [stream.uniform() for _ in range(dimensions - quasi)]
        yield [*(x / 2.0**BITS for x in here), *others]


def _directions(dimension: int) -> list[int]:
    """The direction numbers of a dimension, counted from 0, as integers of BITS bits."""
    if dimension == 0:
        return [1 << BITS - 1 - k for k in range(BITS)]
    rows = DIRECTION_NUMBERS.replace("\n", "|").strip("|").split("|")
    polynomial, *first = map(int, rows[dimension - 1].split())
    degree = len(first)
    found = [m << BITS - 1 - k for k, m in enumerate(first)]
    for k in range(degree, BITS):
        value = found[k - degree] ^ found[k - degree] >> degree
        for i in range(1, degree):
            if polynomial >> degree - 1 - i & 1:
                value ^= found[k - i]
        found.append(value)
    return found
