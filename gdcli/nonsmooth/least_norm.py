"""The point of least norm in a convex hull: the one steepest way down that a kink allows.

Comes in: points as lists of numbers, floats or mpmath's. Goes out: the point of their hull that is
nearest to the origin, in the same numbers. Of the gradients around a kink it is the subgradient of
least norm: its negative is the direction of steepest descent, and where it is 0 there is none
(F. H. Clarke, Optimization and Nonsmooth Analysis, 1983).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Vector = list[Any]  # of floats, or of mpmath's numbers


def least_norm(points: Sequence[Vector], tolerance: Any = 1e-12) -> Vector:
    """The point of least Euclidean norm in the convex hull of m >= 1 points."""
    return Hull(points, tolerance).nearest()


class Hull:
    """The convex hull of m >= 1 points, to which more can be added.

    P. Wolfe, Finding the nearest point in a polytope, Math. Programming 11 (1976) 128. Distances
    below `tolerance` times the largest coordinate count as 0, and so do squares of differences
    below `tolerance/100`: numbers of many digits want a `tolerance` as small as their digits allow.
    `spend` is told of additions and multiplications before they are made, and may raise.
    """

    def __init__(
        self,
        points: Sequence[Vector],
        tolerance: Any = 1e-12,
        spend: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.tolerance = tolerance
        self.spend = spend
        self.size = max(abs(coordinate) for point in points for coordinate in point) or 1
        self.unit = [[coordinate / self.size for coordinate in point] for point in points]
        self.corral = [min(range(len(points)), key=lambda j: dot(self.unit[j], self.unit[j]))]
        self.weights: Vector = [1]

    def add(self, points: Sequence[Vector]) -> None:
        """Widens the hull; the search goes on from the nearest point known."""
        self.unit += [[coordinate / self.size for coordinate in point] for point in points]

    def nearest(self) -> Vector:
        """The point of least Euclidean norm."""
        unit = self.unit
        nearest = self._mean()
        square = dot(nearest, nearest)
        for _ in range(50 * len(unit)):
            entering = min(range(len(unit)), key=lambda j: dot(nearest, unit[j]))
            gap = square - dot(nearest, unit[entering])
            if gap <= self.tolerance / 100 or entering in self.corral:
                break
            count = len(self.corral) + 1
            self.spend(count**2 * (count + len(nearest)))
            self.corral, self.weights = _inside(
                unit, [*self.corral, entering], [*self.weights, 0], self.tolerance
            )
            nearest = self._mean()
            last, square = square, dot(nearest, nearest)
            if square >= last:  # rounding leads round in a circle
                break
        if dot(nearest, nearest) <= self.tolerance * self.tolerance:
            return [0 * coordinate for coordinate in nearest]
        return [self.size * coordinate for coordinate in nearest]

    def _mean(self) -> Vector:
        return _combination([self.unit[j] for j in self.corral], self.weights)


def dot(a: Vector, b: Vector) -> Any:
    """The inner product."""
    total: Any = 0
    for left, right in zip(a, b, strict=True):
        total += left * right
    return total


def _inside(
    points: list[Vector], corral: list[int], weights: Vector, tolerance: Any
) -> tuple[list[int], Vector]:
    """Wolfe's minor cycle: drop points until the nearest of their affine hull is a mean of them."""
    while (
        min(target := _affine_weights([points[j] for j in corral], tolerance)) <= tolerance
        and len(corral) > 1
    ):
        theta = min(
            w / (w - t) if w > t else 0
            for w, t in zip(weights, target, strict=True)
            if t <= tolerance
        )
        weights = [w + theta * (t - w) for w, t in zip(weights, target, strict=True)]
        out = weights.index(min(weights))
        del corral[out], weights[out]
    return corral, target


def _affine_weights(points: list[Vector], tolerance: Any) -> Vector:
    """The weights, of sum 1, of the point of least norm in the affine hull.

    They solve the normal equations of the differences from the first point; a difference that
    depends on others has weight 0.
    """
    base, *others = points
    edges = [[there - here for there, here in zip(other, base, strict=True)] for other in others]
    rows = [[*(dot(edge, other) for other in edges), -dot(edge, base)] for edge in edges]
    shares = _solution(rows, tolerance)
    return [1 - sum(shares), *shares]


def _solution(rows: list[Vector], tolerance: Any) -> Vector:
    """Gauss-Jordan elimination with diagonal pivots, as suits a positive semidefinite matrix."""
    left = set(range(len(rows)))
    scale = max((row[n] for n, row in enumerate(rows)), default=0)
    while left:
        pivot = max(left, key=lambda n: rows[n][n])
        left.discard(pivot)
        if rows[pivot][pivot] <= scale * tolerance / 100:
            rows[pivot][-1] = 0
            continue
        rows[pivot] = [entry / rows[pivot][pivot] for entry in rows[pivot]]
        for n, row in enumerate(rows):
            if n != pivot and row[pivot] != 0:
                rows[n] = [a - row[pivot] * b for a, b in zip(row, rows[pivot], strict=True)]
    return [row[-1] for row in rows]


def _combination(points: list[Vector], weights: Vector) -> Vector:
    columns = zip(*points, strict=True)
    return [dot(list(column), weights) for column in columns]
