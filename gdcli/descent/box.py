"""Bounds of the variables: the box in which a descent stays, and what of it is active at a point.

Comes in: a lower and an upper bound for each of n variables, -inf and inf where there is none. Goes
out: the nearest point of the box, which variables a bound holds, and the projected gradient.

Source: D. P. Bertsekas, SIAM J. Control Optim. 20 (1982) 221.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from gdcli.descent.vectors import Vector

ACTIVE_DISTANCE = 1e-6  # of a bound, relative to max(1, |xᵢ|), within which it may be active


class Box(NamedTuple):
    """Bounds low <= x <= high; vectors of the kind that points are."""

    low: Vector
    high: Vector

    def project(self, x: Vector) -> Vector:
        """The point of the box that is nearest to x; a coordinate that is not a number stays."""
        if isinstance(x, list):
            bounds = zip(x, self.low, self.high, strict=True)
            return [low if c < low else high if c > high else c for c, low, high in bounds]
        import numpy

        return numpy.clip(x, self.low, self.high)

    def residual(self, x: Vector, gradient: Vector) -> float:
        """‖x - P(x - ∇f)‖∞, which is 0 at a stationary point of the box."""
        if isinstance(x, list):
            found = 0.0
            for c, g, low, high in zip(x, gradient, self.low, self.high, strict=True):
                moved = c - max(c - g, low) if g > 0.0 else min(c - g, high) - c if g < 0.0 else g
                moved = min(moved, abs(g))  # c - g is rounded
                if moved > found or moved != moved:
                    found = moved
            return found
        return float(abs(x - self.project(x - gradient)).max())

    def free(self, x: Vector, gradient: Vector) -> list[int] | None:
        """The indices of the variables that no bound holds; None where that is all.

        A bound holds a variable that lies on it or almost, where -∇f points out of the box.
        """
        near = min(ACTIVE_DISTANCE, self.residual(x, gradient))
        free = []
        entries = zip(x, gradient, self.low, self.high, strict=True)
        for i, (c, g, low, high) in enumerate(entries):
            distance = near * max(1.0, abs(c))
            if not ((g > 0.0 and c - low <= distance) or (g < 0.0 and high - c <= distance)):
                free.append(i)
        return None if len(free) == len(x) else free

    def first_breakpoint(self, x: Vector, direction: Vector) -> float:
        """The largest α up to which x + αd meets no bound; inf where it meets none."""
        found = inf
        for c, d, low, high in zip(x, direction, self.low, self.high, strict=True):
            if d > 0.0 and high < inf:
                found = min(found, (high - c) / d)
            elif d < 0.0 and low > -inf:
                found = min(found, (low - c) / d)
        return found
