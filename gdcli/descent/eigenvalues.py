"""Eigenvalues and eigenvectors of a small symmetric matrix.

Comes in: n rows of finite numbers; the mean with the transpose is taken. Goes out: the eigenvalues
in rising order, and the eigenvectors of length 1 in the same order. Up to n = 12 by cyclic Jacobi
rotations (C. G. J. Jacobi, 1846; Golub and Van Loan, Matrix Computations, 8.5), above by NumPy.
"""

from __future__ import annotations

from math import copysign, hypot, sqrt

from gdcli.descent.vectors import Vector
from gdcli.numbers.floats import EPSILON
from gdcli.numbers.linear_algebra import identity

MOST_JACOBI_ROWS = 12  # rows up to which a list of lists beats the import of NumPy
MOST_SWEEPS = 60


def symmetric_eigen(matrix: list[Vector]) -> tuple[Vector, list[Vector]]:
    """The n eigenvalues, rising, and the n eigenvectors of length 1."""
    n = len(matrix)
    a = [[0.5 * matrix[i][j] + 0.5 * matrix[j][i] for j in range(n)] for i in range(n)]
    if n == 2:
        values, vectors = _of_pair(a[0][0], a[0][1], a[1][1])
    else:
        values, vectors = _jacobi(a) if n <= MOST_JACOBI_ROWS else _numpy(a)
    order = sorted(range(n), key=values.__getitem__)
    return [values[i] for i in order], [vectors[i] for i in order]


def _of_pair(a: float, b: float, c: float) -> tuple[Vector, list[Vector]]:
    """The eigenvalues and vectors of [[a, b], [b, c]]: one rotation, to the bit as `_jacobi`."""
    if abs(b) <= 0.1 * EPSILON * hypot(a, b, b, c):
        return [a, c], [[1.0, 0.0], [0.0, 1.0]]
    cosine, sine = _rotation(a, b, c)
    down, across = cosine * a - sine * b, sine * a + cosine * b
    below, beside = cosine * b - sine * c, sine * b + cosine * c
    values = [cosine * down - sine * below, sine * across + cosine * beside]
    return values, [[cosine, -sine], [sine, cosine]]


def _rotation(a: float, b: float, c: float) -> tuple[float, float]:
    """The cosine and sine of the rotation that makes [[a, b], [b, c]] diagonal."""
    theta = 0.5 * (c / b - a / b)
    tangent = copysign(1.0, theta) / (abs(theta) + hypot(theta, 1.0))
    cosine = 1.0 / sqrt(tangent * tangent + 1.0)
    return cosine, tangent * cosine


def _jacobi(a: list[Vector]) -> tuple[Vector, list[Vector]]:
    """Rotates every element off the diagonal away in turn, until all are lost in rounding."""
    n = len(a)
    vectors = identity(n)
    pairs = [(p, q) for p in range(n) for q in range(p + 1, n)]
    for _ in range(MOST_SWEEPS):
        size = hypot(*(c for row in a for c in row))
        if hypot(*(a[p][q] for p, q in pairs)) <= 0.1 * EPSILON * size:
            break
        for p, q in pairs:
            if a[p][q] != 0.0:
                _rotate(a, vectors, p, q)
    return [a[i][i] for i in range(n)], vectors


def _rotate(a: list[Vector], vectors: list[Vector], p: int, q: int) -> None:
    """Makes a[p][q] zero by a rotation of the coordinates p and q."""
    cosine, sine = _rotation(a[p][p], a[p][q], a[q][q])
    for row in a:
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
    for rows in (a, vectors):
        rows[p], rows[q] = (
            [cosine * u - sine * v for u, v in zip(rows[p], rows[q], strict=True)],
            [sine * u + cosine * v for u, v in zip(rows[p], rows[q], strict=True)],
        )
    a[p][q] = a[q][p] = 0.0


def _numpy(a: list[Vector]) -> tuple[Vector, list[Vector]]:
    import numpy

    values, vectors = numpy.linalg.eigh(numpy.array(a))
    return values.tolist(), vectors.T.tolist()
