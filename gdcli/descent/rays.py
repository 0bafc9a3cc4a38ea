"""Rays from a stationary point: whether f falls, rises or stays level on the way outward.

Comes in: an objective, an evaluated point, the scale of each coordinate, and the valley, the
directions of positive curvature. Goes out: a `Ray` for each direction, and how many evaluations
they took. Directions are in scaled coordinates y = x/s.

A ray is walked straight, and where there is a valley along its floor too: after each step outward
Newton corrections lead back to it, for the floor of (y - x^2)*(y - 2*x^2) is curved, and f falls
there though it rises on every straight line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import inf, isfinite, sqrt
from typing import Any

from gdcli.descent.box import Face
from gdcli.descent.eigenvalues import MOST_JACOBI_ROWS
from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.vectors import Vector, dot, largest, scaled, step
from gdcli.errors import count_of
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import identity
from gdcli.numbers.random_numbers import RandomStream

MOST_VERDICT_EVALUATIONS = 2000
RAY_LENGTH = 0.1  # in scales; as far as that a point belongs to the surroundings of another
RAY_DISTANCES = tuple(RAY_LENGTH * 10.0 ** (-0.5 * k) for k in reversed(range(11)))  # from 1e-6
FLOOR_CORRECTIONS = 3  # Newton's, of a point beside the floor of a valley
MOST_FLOOR_CORRECTIONS = 12  # where the floor may be a curve of minima, on which f is the same
SHORTER_REACH = 1e-30  # of a ray on which f is not finite even at its first distance
LEAST_REACH = 1e-280
TURNS = 60  # of the ray at whose end f is lowest, in search of a narrow cone
SHORTER_TURN = 0.7  # after one that did not lead down
RANDOM_RAYS = 24  # for each dimension of what the rays are drawn from
FALLS, LEVEL, RISES = -1, 0, 1


class Ray(NamedTuple):
    """What f does first on a ray, and the point where it does: of a level ray the last.

    `change` is FALLS, LEVEL, RISES, or None where f is not defined on the ray.
    """

    change: int | None
    x: Vector
    f: float


class Exploration(NamedTuple):
    """The findings on `tried` of `offered` rays: one on which f falls, where there is one.

    `all_fall` says that f falls on all that were tried, and `level` has the ends of level rays.
    """

    tried: int
    offered: int
    falling: Ray | None
    all_fall: bool
    level: list[Vector]

    @property
    def rays(self) -> str:
        """`52 rays`, or `31 of 52 rays` where the evaluations were spent."""
        of = f"{self.tried} of " if self.tried < self.offered else ""
        return f"{of}{count_of(self.offered, 'ray')}"


class Valley:
    """The directions of positive curvature λ: `axes` that make the Hessian diagonal."""

    def __init__(self, curvatures: Vector, axes: list[Vector], n: int) -> None:
        self.empty = not axes
        self._inverse: Any = identity(n, zero=0.0, one=0.0)  # H⁻¹ over these directions
        if n > MOST_JACOBI_ROWS and axes:  # NumPy is there already, for the eigenvalues
            import numpy

            self._inverse = numpy.einsum("k,ki,kj->ij", 1.0 / numpy.array(curvatures), axes, axes)
        else:
            for curvature, axis in zip(curvatures, axes, strict=True):
                self._inverse = [
                    step(row, c / curvature, axis)
                    for row, c in zip(self._inverse, axis, strict=True)
                ]

    def newton(self, gradient: Vector) -> Vector:
        """The step -H⁻¹g over these directions."""
        if isinstance(self._inverse, list):
            return [-dot(row, gradient) for row in self._inverse]
        found: Vector = (-(self._inverse * gradient).sum(axis=1)).tolist()
        return found

    def gain(self, gradient: Vector) -> float:
        """½g·H⁻¹g, what the Newton step takes from f by the quadratic model."""
        return -0.5 * dot(gradient, self.newton(gradient))

    def gain_of_noise(self, noise: Vector) -> float:
        """The most that `gain` gives for a gradient whose components are at most so large."""
        n = len(noise)
        squares = [e * e * float(self._inverse[i][i]) for i, e in enumerate(noise)]
        return 0.5 * n * dot(squares, [1.0] * n)


class RaySearch:
    """The rays from one point; `gain` is what the remaining gradient there may still take from f.

    A change of f counts from 8 times the rounding errors at both ends and 4 times `gain` on;
    `rounding_of_x` is what the last places of x change f by, where the gradient is 0. `evaluations`
    counts those made, after as many as given.
    """

    def __init__(
        self,
        objective: Objective,
        here: Evaluation,
        scales: Vector,
        valley: Valley,
        gain: float,
        rounding_of_x: float = 0.0,
        evaluations: int = 0,
        seed: int = 0,
    ) -> None:
        self.objective, self.here, self.scales = objective, here, scales
        self.box = objective.box if isinstance(objective, Face) else None
        self.valley = valley
        self.gain = gain
        self.seed = seed  # of random directions
        self.evaluations = evaluations
        self.corrections = FLOOR_CORRECTIONS
        self.rounding = self._rounding_error(here.x) + rounding_of_x

    def explored(self, doubtful: list[Vector], certain: list[Vector]) -> Exploration:
        """What the rays along axes say, until no other could change it or evaluations are spent.

        Between `doubtful` axes random directions are tried too. A ray along a `certain` axis, one
        of the valley's, is straight: the valley's floor is here.
        """
        curved = not self.valley.empty
        doubtful_rays = chain(axis_directions(doubtful), random_directions(doubtful, self.seed))
        rays = chain(
            ((direction, curved) for direction in doubtful_rays),
            ((direction, False) for direction in axis_directions(certain)),
        )
        offered = 2 * len(doubtful) + _random_count(doubtful) + 2 * len(certain)
        tried, falling, all_fall = 0, None, not curved
        level: list[Vector] = []
        lowest: tuple[float, Vector] | None = None
        for direction, along_floor in rays:
            if not self._affords(along_floor):
                break
            ray = self.walk(direction, along_floor)
            tried += ray.change is not None
            if ray.change == FALLS:
                falling = falling or ray
            else:
                all_fall = False
            if ray.change == LEVEL:
                level.append(ray.x)
            if falling and not all_fall:
                break
            if len(doubtful) > 1 and self._affords(along_floor, TURNS):
                end = self.evaluated(scaled(RAY_LENGTH, direction), with_gradient=False).f
                if lowest is None or end < lowest[0]:
                    lowest = end, direction
        if falling is None and lowest is not None and self._affords(False, TURNS):
            falling = self._sought(*lowest, doubtful)
        return Exploration(tried, offered, falling, all_fall, level)

    def _sought(self, f: float, direction: Vector, axes: list[Vector]) -> Ray | None:
        """The ray of a narrow cone in which f falls: turned from the lowest one while f gets lower.

        Turns are seeded, and shorter each time that one does not lead down.
        """
        random = RandomStream(self.seed, "rays of a verdict", 1)
        units = [_unit(axis) for axis in axes]
        angle = 0.5
        for _ in range(TURNS):
            turned = direction
            for unit in units:
                turned = step(turned, angle * random.normal(), unit)
            turned = _unit(turned)
            end = self.evaluated(scaled(RAY_LENGTH, turned), with_gradient=False).f
            if end < f:
                f, direction = end, turned
            else:
                angle *= SHORTER_TURN
        ray = self.walk(direction, False)
        return ray if ray.change == FALLS else None

    def _affords(self, curved: bool, more: int = 0) -> bool:
        """Whether the evaluations that are left suffice for one more ray, its end and `more`."""
        longest = len(RAY_DISTANCES) * (1 + self.corrections * curved) + 1
        return self.evaluations + longest + more <= MOST_VERDICT_EVALUATIONS

    def walk(self, direction: Vector, curved: bool) -> Ray:
        """The ray along `direction`, whose largest component is 1, and if `curved` its floor."""
        straight: int | None = LEVEL
        floor: int | None = LEVEL if curved else RISES
        last = Ray(LEVEL, self.here.x, self.here.f)
        for distance in RAY_DISTANCES:
            move = scaled(distance, direction)
            there = self.evaluated(move, with_gradient=floor == LEVEL)
            if last.x is self.here.x and not isfinite(there.f) and largest(direction) > LEAST_REACH:
                return self.walk(scaled(SHORTER_REACH, direction), curved)
            if straight == LEVEL:
                straight, last = self._judged(there, last)
            if straight != FALLS and floor == LEVEL:
                floor, last = self._judged(self._on_floor(move, there), last)
            if FALLS in (straight, floor):
                return last
            if LEVEL not in (straight, floor):
                return last._replace(change=RISES if RISES in (straight, floor) else None)
        return last

    def is_level_on_floor(self, move: Vector) -> bool:
        """Whether f rises at `move`, but not on the floor of the valley beside it."""
        there = self.evaluated(move, with_gradient=True)
        floor = self._on_floor(move, there)
        if floor is None or not isfinite(floor.f) or self._change(there, self.gain) != RISES:
            return False
        return self._change(floor, self.gain) == LEVEL

    def rises_beyond(self, direction: Vector) -> bool:
        """Whether f, on the way along `direction` to the distance 1, gets higher than here.

        Or ends there, at an edge of its domain.
        """
        for distance in (*RAY_DISTANCES, sqrt(RAY_LENGTH), 1.0):
            there = self.evaluated(scaled(distance, direction), with_gradient=False)
            if not isfinite(there.f):
                return there.f != -inf
            if self._change(there, gain=0.0) == RISES:
                return True
        return False

    def _judged(self, there: Evaluation | None, last: Ray) -> tuple[int | None, Ray]:
        """The change of f to `there`, and the ray that ends there, unless f is not defined."""
        if there is None or not isfinite(there.f):
            return None, last
        change = self._change(there, self.gain)
        return change, Ray(change, there.x, there.f)

    def _change(self, there: Evaluation, gain: float) -> int:
        difference = there.f - self.here.f
        tolerance = 8.0 * self.rounding + 4.0 * gain
        if abs(difference) <= tolerance:
            return LEVEL
        tolerance += 8.0 * self._rounding_error(there.x)
        return (difference > tolerance) - (difference < -tolerance)

    def _on_floor(self, move: Vector, there: Evaluation) -> Evaluation | None:
        """`there` brought down to the floor of the valley; None where that leads too far."""
        aside = [0.0] * len(move)
        for _ in range(self.corrections):
            if not there.finite:
                return None
            gradient = [s * g for s, g in zip(self.scales, there.gradient, strict=True)]
            correction = self.valley.newton(gradient)
            if -dot(gradient, correction) <= self.rounding:
                return there
            aside = step(aside, 1.0, correction)
            if not largest(aside) <= RAY_LENGTH:
                return None
            there = self.evaluated(step(move, 1.0, aside), with_gradient=True)
        return there

    def evaluated(self, move: Vector, with_gradient: bool) -> Evaluation:
        """The point that lies `move`, in scales, from here, or the nearest one of the box."""
        x = (
            [c + s * m for c, s, m in zip(self.here.x, self.scales, move, strict=True)]
            if isinstance(move, list)
            else self.here.x + self.scales * move
        )
        if self.box is not None:
            x = self.box.project(x)
        self.evaluations += 1
        if not with_gradient:
            return Evaluation(x, self.objective.evaluate(x), [], 0.0)
        f, gradient = self.objective.evaluate_gradient(x)
        return Evaluation(x, f, gradient, largest(gradient))

    def _rounding_error(self, x: Vector) -> float:
        found = self.objective.rounding_error(x)
        return found if isfinite(found) else 0.0


def axis_directions(axes: list[Vector]) -> Iterator[Vector]:
    """Each axis both ways, its largest component 1."""
    for axis in axes:
        unit = _unit(axis)
        yield from (unit, scaled(-1.0, unit))


def random_directions(axes: list[Vector], seed: int = 0) -> Iterator[Vector]:
    """Seeded directions in the span of the axes, where these are more than one."""
    random = RandomStream(seed, "rays of a verdict")
    units = [_unit(axis) for axis in axes]
    for _ in range(_random_count(axes)):
        mixed = [0.0] * len(axes[0])
        for unit in units:
            mixed = step(mixed, random.normal(), unit)
        yield _unit(mixed)


def _random_count(axes: list[Vector]) -> int:
    return RANDOM_RAYS * len(axes) if len(axes) > 1 else 0


def _unit(direction: Vector) -> Vector:
    return scaled(1.0 / largest(direction), direction)
