"""The scale of each coordinate, and the Hessian in coordinates of that scale.

Comes in: a point, how far its run has reached, an objective. Goes out: scales s > 0, and the
matrix of second derivatives by y = x/s, which is finite in places where the Hessian overflows: its
products with short directions do not.
"""

from __future__ import annotations

from math import isfinite

from gdcli.descent.objective import Objective
from gdcli.descent.vectors import Vector, larger, largest, sizes
from gdcli.numbers.linear_algebra import identity

LEAST_SCALE = 1e-10  # of the largest coordinate: what is smaller has no scale of its own


def coordinate_scales(x: Vector, reached: Vector) -> Vector:
    """How large each coordinate is: the larger of |x| here and what it `reached` in the run.

    A coordinate that never was more than next to nothing beside the others, as rounding errors
    are, has shown no scale of its own; it gets the largest of all, and that is 1 where all are 0.
    """
    found = larger(sizes(x), reached)
    most = largest(found) or 1.0
    if isinstance(x, list):
        return [scale if scale > LEAST_SCALE * most else most for scale in found]
    found[found <= LEAST_SCALE * most] = most
    return found


def scaled_hessian(
    objective: Objective, x: Vector, scales: Vector, hessian: list[Vector] | None
) -> list[Vector] | None:
    """The n rows of second derivatives by y = x/s; None where they are not finite.

    `hessian` has those by x, where they are known to be finite.
    """
    if hessian is not None:
        rows = [[h * s for h, s in zip(row, scales, strict=True)] for row in hessian]
    else:
        columns = [
            objective.evaluate_hessian_product(x, [s * c for c in unit])
            for s, unit in zip(scales, identity(len(x)), strict=True)
        ]
        rows = [list(row) for row in zip(*columns, strict=True)]
    rows = [[s * h for h in row] for row, s in zip(rows, scales, strict=True)]
    return rows if all(isfinite(largest(row)) for row in rows) else None
