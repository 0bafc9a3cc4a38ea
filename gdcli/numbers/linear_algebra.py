"""Vectors and linear systems in numbers of any kind.

Comes in: lists of floats, fractions or mpmath's numbers. Goes out: numbers of that kind. Sums run
from the left in the numbers' own arithmetic (Python's `sum` compensates floats from 3.12 on), so
that the same lists give the same bits on every version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def as_list(vector: Any) -> list[Any]:
    """The components in a list, of an array Python's own floats."""
    if isinstance(vector, list):
        return vector
    components: list[Any] = vector.tolist() if hasattr(vector, "tolist") else list(vector)
    return components


def identity(n: int, zero: Any = 0.0, one: Any = 1.0) -> list[list[Any]]:
    return [[one if i == j else zero for j in range(n)] for i in range(n)]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    total: Any = 0
    for left, right in zip(a, b, strict=True):
        total += left * right
    return total


def solution(
    matrix: Sequence[Sequence[Any]], right: Sequence[Any], tolerance: Any = 0
) -> list[Any]:
    """The unknowns of n linear equations in n unknowns; None for one that they leave open.

    Gauss-Jordan elimination with complete pivoting, which takes the pivots of a positive
    semidefinite matrix from its diagonal. A pivot of at most `tolerance` times the largest entry
    counts as 0.
    """
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    n = len(rows)
    unused, columns = list(range(n)), list(range(n))
    found: list[Any] = [None] * n
    negligible = tolerance * max((abs(entry) for row in matrix for entry in row), default=0)
    pivots: list[tuple[int, int]] = []
    while columns:
        places = ((i, j) for i in unused for j in columns)
        pivot, column = max(places, key=lambda place: abs(rows[place[0]][place[1]]))
        divisor = rows[pivot][column]
        if abs(divisor) <= negligible:
            break
        unused.remove(pivot)
        columns.remove(column)
        pivots.append((pivot, column))
        changing = [*columns, n]
        for j in changing:
            rows[pivot][j] /= divisor
        for i, row in enumerate(rows):
            factor = row[column]
            if i != pivot and factor != 0:
                for j in changing:
                    row[j] -= factor * rows[pivot][j]
    for pivot, column in pivots:
        found[column] = rows[pivot][n]
    return found
