"""The point of least norm in a convex hull: the steepest way down that a kink allows.

Comes in: points as lists of numbers, floats or mpmath's. Goes out: the point of their hull that is
nearest to the origin, in the same numbers. Of the gradients around a kink it is the subgradient of
least norm: its negative is the direction of steepest descent, and where it is 0 there is none
(F. H. Clarke, Optimization and Nonsmooth Analysis, 1983).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gdcli.numbers.linear_algebra import dot, solution


class Hull:
    """The convex hull of m >= 1 points, to which more can be added.

    P. Wolfe, Finding the nearest point in a polytope, Math. Programming 11 (1976) 128. Distances
    below `tolerance` times the largest coordinate count as 0, and so do squares of differences
    below `tolerance/100`: numbers of many digits want a `tolerance` as small as their digits allow.
    `spend` is told of additions and multiplications before they are made, and may raise.
    """

    def __init__(
        self,
        points: Sequence[list[Any]],
        tolerance: Any = 1e-12,
        spend: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.tolerance = tolerance
        self.spend = spend
        self.size = max(abs(coordinate) for point in points for coordinate in point) or 1
        self.unit = [[coordinate / self.size for coordinate in point] for point in points]
        self.corral = [min(range(len(points)), key=lambda j: dot(self.unit[j], self.unit[j]))]
        self.weights: list[Any] = [1]

    def add(self, points: Sequence[list[Any]]) -> None:
        """Widens the hull; the search goes on from the nearest point known."""
        self.unit += [[coordinate / self.size for coordinate in point] for point in points]

    def nearest(self) -> list[Any]:
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

    def _mean(self) -> list[Any]:
        return _combination([self.unit[j] for j in self.corral], self.weights)


def _inside(
    points: list[list[Any]], corral: list[int], weights: list[Any], tolerance: Any
) -> tuple[list[int], list[Any]]:
    """Wolfe's minor cycle: drops points until the nearest of the affine hull is a mean of them."""
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


def _affine_weights(points: list[list[Any]], tolerance: Any) -> list[Any]:
    """The weights, of sum 1, of the point of least norm in the affine hull.

    They solve the normal equations of the differences from the first point; a difference that
    depends on others has weight 0.
    """
    base, *others = points
    edges = [[there - here for there, here in zip(other, base, strict=True)] for other in others]
    gram = [[dot(edge, other) for other in edges] for edge in edges]
    found = solution(gram, [-dot(edge, base) for edge in edges], tolerance / 100)
    shares = [0 if share is None else share for share in found]
    return [1 - sum(shares), *shares]


def _combination(points: list[list[Any]], weights: list[Any]) -> list[Any]:
    columns = zip(*points, strict=True)
    return [dot(list(column), weights) for column in columns]
