"""Factorizations of the matrices of a fit: Cholesky, QR and singular values.

Comes in: the few rows of a p × p matrix as lists, or the m rows of the slopes of a model, as lists
of columns or as blocks of arrays. Goes out: triangles as lists of rows. Lists need no NumPy; their
sums are exactly rounded, so that the same lists give the same bits everywhere.

Source: Golub and Van Loan, Matrix Computations (2013), 4.2, 5.2 and 8.6.3; Demmel and others,
Communication-optimal parallel and sequential QR and LU factorizations (2012), of blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import copysign, fsum, hypot, isfinite, nan, sqrt
from operator import mul
from typing import Any

from gdcli.numbers.linear_algebra import identity

Matrix = list[list[float]]

MOST_LISTED_COLUMNS = 40  # beyond which NumPy is faster, its import counted
MOST_ROTATION_SWEEPS = 60  # ten are usual
ORTHOGONAL_COSINE = 1e-15  # the cosine below which two columns are orthogonal


def inner(a: Iterable[float], b: Iterable[float]) -> float:
    """The exactly rounded sum of the rounded products; nan where these overflow."""
    try:
        return fsum(map(mul, a, b))
    except (ValueError, OverflowError):
        return nan


def cholesky(matrix: Sequence[Sequence[float]]) -> Matrix | None:
    """The rows of L with L·Lᵀ = `matrix`, without their zeros; None if it is not positive definite.

    Only the lower triangle is read.
    """
    if len(matrix) > MOST_LISTED_COLUMNS:
        import numpy

        try:
            found = numpy.linalg.cholesky(numpy.array(matrix)).tolist()
        except numpy.linalg.LinAlgError:
            return None
        finite = all(map(isfinite, found[-1]))
        return [row[: j + 1] for j, row in enumerate(found)] if finite else None
    rows: Matrix = []
    for j, entries in enumerate(matrix):
        row: list[float] = []
        for i, above in enumerate(rows):
            row.append((entries[i] - inner(row, above)) / above[i])
        pivot = entries[j] - inner(row, row)
        if not 0.0 < pivot < float("inf"):
            return None
        rows.append([*row, sqrt(pivot)])
    return rows


def forward_solution(lower: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of L·x = `right`, of the rows of L up to their diagonal."""
    x: list[float] = []
    for row, entry in zip(lower, right, strict=True):
        x.append((entry - inner(row, x)) / row[len(x)])
    return x


def backward_solution(upper: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of R·x = `right`, of the whole rows of an upper triangle R."""
    p = len(right)
    x = [0.0] * p
    for j in reversed(range(p)):
        x[j] = (right[j] - inner(upper[j][j + 1 :], x[j + 1 :])) / upper[j][j]
    return x


def inverse_of_triangle(upper: Sequence[Sequence[float]]) -> Matrix:
    """The columns of R⁻¹, of an upper triangle without a 0 on its diagonal."""
    if len(upper) > MOST_LISTED_COLUMNS:
        import numpy

        inverse: Matrix = numpy.linalg.inv(numpy.array(upper)).T.tolist()
        return inverse
    return [backward_solution(upper, unit) for unit in identity(len(upper))]


def transposed(matrix: Sequence[Sequence[float]]) -> Matrix:
    """The columns of a matrix; those of an upper triangle are the rows of a lower one."""
    return [[*column] for column in zip(*matrix, strict=True)]


def cholesky_solution(lower: Matrix, right: Sequence[float]) -> list[float]:
    """x of L·Lᵀ·x = `right`."""
    p = len(right)
    upper = [[0.0] * j + [lower[i][j] for i in range(j, p)] for j in range(p)]
    return backward_solution(upper, forward_solution(lower, right))


def triangle_of_columns(columns: Sequence[Sequence[float]]) -> Matrix:
    """R of the QR factorization of a matrix of m rows, given by its columns, by Householder.

    Its diagonal is not negative. Where m is smaller than the number of columns, R has rows of 0.
    """
    if len(columns) > MOST_LISTED_COLUMNS:
        import numpy

        square = numpy.array(columns).T
        missing = max(0, len(columns) - len(square))
        return triangle_of_blocks([numpy.vstack([square, numpy.zeros((missing, len(columns)))])])
    work = [[*column] for column in columns]
    upper: Matrix = [[0.0] * len(work) for _ in work]
    for j, column in enumerate(work):
        tail = column[j:]
        length = hypot(*tail)
        upper[j][j] = length
        sign = 1.0
        if length:
            unit = [entry / length for entry in tail]
            sign = -copysign(1.0, unit[0])
            unit[0] -= sign
            half = -sign * unit[0]  # half the squared length of the reflector
            for other in work[j + 1 :]:
                factor = inner(unit, other[j:]) / half
                other[j:] = [x - factor * t for x, t in zip(other[j:], unit, strict=True)]
        for k in range(j + 1, len(work) if tail else 0):
            upper[j][k] = sign * work[k][j]
    return upper


def triangle_of_blocks(blocks: Iterable[Any]) -> Matrix:
    """R of the QR factorization of a matrix, given by arrays of some of its rows each."""
    import numpy

    upper: Any = None
    for block in blocks:
        upper = numpy.linalg.qr(block if upper is None else numpy.vstack([upper, block]), mode="r")
    signs = numpy.where(numpy.diagonal(upper) < 0.0, -1.0, 1.0)
    found: Matrix = (signs[:, None] * upper).tolist()
    return found


def singular_values(upper: Sequence[Sequence[float]]) -> tuple[list[float], Matrix, Matrix]:
    """The p singular values of a p × p matrix, the largest first, and its singular vectors.

    Those on the right come first; of a value of 0 the one on the left is 0.

    By Jacobi's rotations of its columns, which keep the digits of small values; of many columns by
    NumPy.
    """
    p = len(upper)
    if p > MOST_LISTED_COLUMNS:
        import numpy

        across, lengths, rows = numpy.linalg.svd(numpy.array(upper))
        return lengths.tolist(), rows.tolist(), across.T.tolist()
    columns, vectors = transposed(upper), identity(p)
    for _ in range(MOST_ROTATION_SWEEPS):
        turned = False
        for i in range(p):
            for j in range(i + 1, p):
                turned = _rotate(columns, vectors, i, j) or turned
        if not turned:
            break
    sizes = [hypot(*column) for column in columns]
    order = sorted(range(p), key=lambda j: -sizes[j])
    left = [[x / (sizes[j] or 1.0) for x in columns[j]] for j in order]
    return [sizes[j] for j in order], [vectors[j] for j in order], left


def _rotate(columns: Matrix, vectors: Matrix, i: int, j: int) -> bool:
    """Makes two columns orthogonal, and turns the vectors with them; False where they were."""
    a, b = columns[i], columns[j]
    alpha, beta, gamma = inner(a, a), inner(b, b), inner(a, b)
    if abs(gamma) <= ORTHOGONAL_COSINE * sqrt(alpha) * sqrt(beta):
        return False
    zeta = (beta - alpha) / (2.0 * gamma)
    tangent = copysign(1.0, zeta) / (abs(zeta) + hypot(1.0, zeta))
    cosine = 1.0 / hypot(1.0, tangent)
    sine = cosine * tangent
    for pair in (columns, vectors):
        a, b = pair[i], pair[j]
        pair[i] = [cosine * x - sine * y for x, y in zip(a, b, strict=True)]
        pair[j] = [sine * x + cosine * y for x, y in zip(a, b, strict=True)]
    return True
