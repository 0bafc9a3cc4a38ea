"""The quadratic model of f in coordinates in which it is a sum of squares.

Comes in: the n rows of H. Goes out: the eigenvalues and eigenvectors of M = DHD, where the diagonal
D > 0 makes the diagonal of M ±1 (1 where that of H is 0), so that badly scaled variables count
alike. A step p = DVz of coordinates z changes the model by Σ cᵢzᵢ + ½λᵢzᵢ², c = VᵀDg.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt

from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.vectors import Vector, dot, largest
from gdcli.named_tuples import NamedTuple

LEAST_CURVATURE = 1e-12  # of the largest: methods take a smaller one for as large, or for 0


class Spectrum(NamedTuple):
    """The diagonal of D, the eigenvalues λ of DHD, rising, and its eigenvectors of length 1."""

    units: Vector
    curvatures: Vector
    axes: list[Vector]

    @property
    def largest_curvature(self) -> float:
        """The largest |λ|."""
        return float(max(abs(self.curvatures[0]), abs(self.curvatures[-1])))

    def slopes(self, gradient: Vector) -> Vector:
        """c, the derivatives by the coordinates z."""
        scaled_gradient = [u * g for u, g in zip(self.units, gradient, strict=True)]
        return [dot(axis, scaled_gradient) for axis in self.axes]

    def step(self, coordinates: Vector) -> Vector:
        """The step p = DVz."""
        found = [0.0] * len(self.units)
        for coordinate, axis in zip(coordinates, self.axes, strict=True):
            found = [p + coordinate * a for p, a in zip(found, axis, strict=True)]
        return [u * p for u, p in zip(self.units, found, strict=True)]


def spectrum(hessian: Sequence[Vector], *, plain: bool = False) -> Spectrum | None:
    """The Spectrum of H, a `plain` one with D = 1; None where H or M is not finite."""
    if not all(isfinite(largest(row)) for row in hessian):
        return None
    units = [1.0] * len(hessian)
    if not plain:
        units = [1.0 / sqrt(abs(row[i])) if row[i] else 1.0 for i, row in enumerate(hessian)]
    rows = [
        [u * h * v for h, v in zip(row, units, strict=True)]
        for row, u in zip(hessian, units, strict=True)
    ]
    if not all(isfinite(largest(row)) for row in rows):
        return None
    return Spectrum(units, *symmetric_eigen(rows))
