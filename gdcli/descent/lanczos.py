"""The least curvature of a Hessian that is too large to be formed, by its products with vectors.

Comes in: an objective, a point and the scales of its coordinates, arrays of shape (n,). Goes out: a
direction of negative curvature by y = x/s, or None. Lanczos' recurrence with every vector
orthogonal to all before it; that no direction was found proves nothing.

Source: C. Lanczos, J. Res. Natl. Bur. Stand. 45 (1950) 255; Golub and Van Loan, 10.1.
"""

from __future__ import annotations

from typing import Any

from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.objective import Objective
from gdcli.numbers.floats import EPSILON
from gdcli.numbers.random_numbers import RandomStream

MOST_PRODUCTS = 30
MOST_LANCZOS_NUMBERS = 10_000_000  # that the vectors take together: of long ones there are fewer
FEWEST_PRODUCTS = 5


def negative_direction(objective: Objective, x: Any, scales: Any, seed: int = 0) -> Any | None:
    """A direction of length 1 along which the curvature is negative beyond rounding."""
    import numpy

    n, scales = len(x), numpy.asarray(scales)
    random = RandomStream(seed, "rays of a verdict")
    seeds = numpy.array([random.uniform(-1.0, 1.0) for _ in range(min(n, 1000))])
    vector = numpy.resize(seeds, n) * (1.0 + numpy.arange(n) / n)  # repeated, but not the same
    vectors, diagonal, beside = [vector / numpy.sqrt((vector * vector).sum())], [], []
    for _ in range(min(MOST_PRODUCTS, n, max(FEWEST_PRODUCTS, MOST_LANCZOS_NUMBERS // n))):
        product = scales * numpy.asarray(
            objective.evaluate_hessian_product(x, scales * vectors[-1])
        )
        if not numpy.isfinite(product).all():
            return None
        diagonal.append(float((product * vectors[-1]).sum()))
        for _ in range(2):  # once more, for what rounding has left
            for one in vectors:
                product = product - (product * one).sum() * one
        length = float(numpy.sqrt((product * product).sum()))
        beside.append(length)
        if length <= n * EPSILON * max(map(abs, diagonal)):
            break
        vectors.append(product / length)
    size = len(diagonal)
    rows = [[0.0] * size for _ in range(size)]
    for i in range(size):
        rows[i][i] = diagonal[i]
        if i + 1 < size:
            rows[i][i + 1] = rows[i + 1][i] = beside[i]
    values, axes = symmetric_eigen(rows)
    if not values[0] < -64.0 * n * EPSILON * max(map(abs, values)):
        return None
    return sum(weight * one for weight, one in zip(axes[0], vectors, strict=False))
