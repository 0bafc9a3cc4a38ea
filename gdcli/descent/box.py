"""Bounds of the variables: the box in which a descent stays, and the face of it at a point.

Comes in: a lower and an upper bound for each of n variables, -inf and inf where there is none. Goes
out: the nearest point of the box, which variables a bound holds, the projected gradient, the
multipliers; and the function of the free variables alone, as a verdict on a point needs it.

Source: D. P. Bertsekas, SIAM J. Control Optim. 20 (1982) 221.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.vectors import Vector, scaled, vector
from gdcli.named_tuples import NamedTuple

ACTIVE_DISTANCE = 1e-6  # of a bound, relative to max(1, |xᵢ|), within which it may hold a variable
LANDING_DISTANCE = 1e-3  # of a bound, in scales, within which f may be lower on it, as x^3 at 0
WEAK_MULTIPLIERS = 10.0  # times the tolerance: a bound with a smaller multiplier holds but weakly
OFF_KINK_DISTANCE = (
    10.0  # times the distance in which kinks are looked for: there a kink is left behind
)


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
        if not isinstance(x, list):
            import numpy

            room = numpy.where(gradient > 0.0, x - self.low, self.high - x)
            return float(numpy.minimum(abs(gradient), room).max())  # c - (c - g) is not quite g
        found = 0.0
        for c, g, low, high in zip(x, gradient, self.low, self.high, strict=True):
            moved = min(g, c - low) if g > 0.0 else min(-g, high - c)
            if moved > found or g != g:
                found = moved if g == g else g
        return found

    def free(self, x: Vector, gradient: Vector) -> Sequence[int] | None:
        """The indices of the variables that no bound holds; None where that is all.

        A bound holds a variable that lies on it or almost, where -∇f points out of the box, and one
        that it leaves a single value.
        """
        near = self.residual(x, gradient)
        if not isinstance(x, list):
            import numpy

            distance = numpy.minimum(ACTIVE_DISTANCE * numpy.maximum(1.0, abs(x)), near)
            held = (gradient > 0.0) & (x - self.low <= distance)
            held |= (gradient < 0.0) & (self.high - x <= distance)
            places: Any = numpy.flatnonzero(~(held | (self.low == self.high)))
            return None if len(places) == len(x) else places
        free = []
        entries = zip(x, gradient, self.low, self.high, strict=True)
        for i, (c, g, low, high) in enumerate(entries):
            distance = min(ACTIVE_DISTANCE * max(1.0, abs(c)), near)
            held = (g > 0.0 and c - low <= distance) or (g < 0.0 and high - c <= distance)
            if not held and low < high:
                free.append(i)
        return None if len(free) == len(x) else free

    def landed(self, x: Vector, gradient: Vector, distance: Vector) -> Vector:
        """The point with each variable on its bound that -∇f leads to within the `distance`."""
        if not isinstance(x, list):
            import numpy

            found = numpy.where((gradient > 0.0) & (x - self.low <= distance), self.low, x)
            return numpy.where((gradient < 0.0) & (self.high - x <= distance), self.high, found)
        entries = zip(x, gradient, distance, self.low, self.high, strict=True)
        return [
            low if g > 0.0 and c - low <= d else high if g < 0.0 and high - c <= d else c
            for c, g, d, low, high in entries
        ]

    def first_breakpoint(self, x: Vector, direction: Vector) -> float:
        """The largest α up to which x + αd meets no bound; inf where it meets none."""
        if not isinstance(x, list):
            import numpy

            with numpy.errstate(divide="ignore", invalid="ignore"):
                way = numpy.where(direction > 0.0, self.high - x, self.low - x) / direction
            return float(numpy.where(direction == 0.0, inf, way).min())
        found = inf
        for c, d, low, high in zip(x, direction, self.low, self.high, strict=True):
            if d > 0.0 and high < inf:
                found = min(found, (high - c) / d)
            elif d < 0.0 and low > -inf:
                found = min(found, (low - c) / d)
        return found

    def kept_part(self, x: Vector, aim: Vector) -> float:
        """The least part of its way from x to the aim that a variable keeps within the box."""
        ends = zip(x, aim, self.project(aim), strict=True)
        return min([(d - c) / (a - c) for c, a, d in ends if d != c], default=1.0)

    def outward(self, x: Vector, gradient: Vector) -> set[int]:
        """The places of the variables on a bound where -∇f points out of the box."""
        inward = self.inward(x, gradient)
        return {i for i, (g, h) in enumerate(zip(gradient, inward, strict=True)) if g and not h}

    def inward(self, x: Vector, gradient: Vector) -> Vector:
        """The gradient, with 0 for each variable on a bound where -∇f points out of the box."""
        if not isinstance(x, list):
            import numpy

            out = ((gradient > 0.0) & (x <= self.low)) | ((gradient < 0.0) & (x >= self.high))
            return numpy.where(out, 0.0, gradient)
        entries = zip(x, gradient, self.low, self.high, strict=True)
        return [
            0.0 if (g > 0.0 and c <= low) or (g < 0.0 and c >= high) else g
            for c, g, low, high in entries
        ]

    def scaled(self, scales: Vector) -> Box:
        """The box of y = x/s."""
        low = [bound / s for bound, s in zip(self.low, scales, strict=True)]
        return Box(low, [bound / s for bound, s in zip(self.high, scales, strict=True)])

    def active(self, x: Vector) -> dict[int, int]:
        """The places of the variables that lie on a bound, each with -1 for the lower, or 1."""
        if isinstance(x, list):
            entries: Any = enumerate(zip(x, self.low, self.high, strict=True))
        else:
            places = ((x <= self.low) | (x >= self.high)).nonzero()[0].tolist()
            entries = ((i, (x[i], self.low[i], self.high[i])) for i in places)
        return {i: -1 if c <= low else 1 for i, (c, low, high) in entries if not low < c < high}

    def multipliers(self, x: Vector, gradient: Vector) -> dict[int, float]:
        """λ of each variable that lies on a bound, by its place.

        They are those of L = f - λ·(x - low) and f - λ·(high - x), so that λ >= 0 at a minimum: how
        fast its f rises as the bound moves inward. A variable with one value has the former's.
        """
        return {i: float(-side * gradient[i]) + 0.0 for i, side in self.active(x).items()}


class Face:
    """The function of the variables `free` of an objective, the others held where they are in x.

    Its points and vectors are of these variables alone; `box` has their bounds.
    """

    def __init__(self, objective: Objective, x: Vector, free: Sequence[int], box: Box) -> None:
        self.objective, self.x, self.free = objective, x, [*map(int, free)]
        self.bounds = box  # of all variables
        self.box = Box(self.part(box.low), self.part(box.high))
        self.unrolled: Any = getattr(objective, "unrolled", None)
        self.data: Any = getattr(objective, "data", None)

    @property
    def is_whole(self) -> bool:
        """Whether no variable is held."""
        return len(self.free) == len(self.x)

    @property
    def components(self) -> Sequence[str]:
        return [self.objective.components[i] for i in self.free]

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(self.components)

    def part(self, whole: Vector) -> Vector:
        """The components of a vector of all variables that belong to the free ones."""
        return vector([whole[i] for i in self.free])

    def whole(self, part: Vector, rest: Vector | None = None) -> Vector:
        """The vector of all variables with these components, and else those of `rest`, or of x."""
        found = (self.x if rest is None else rest).copy()
        for i, component in zip(self.free, part, strict=True):
            found[i] = float(component)
        return found

    def seen(self, here: Evaluation) -> Evaluation:
        """An evaluated point of all variables as one of the free ones."""
        return here._replace(x=self.part(here.x), gradient=self.part(here.gradient))

    def evaluate(self, point: Vector) -> float:
        return self.objective.evaluate(self.whole(point))

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        f, gradient = self.objective.evaluate_gradient(self.whole(point))
        return f, self.part(gradient)

    def evaluate_hessian(self, point: Vector) -> list[list[float]]:
        if isinstance(self.x, list):
            rows = self.objective.evaluate_hessian(self.whole(point))
            return [[rows[i][j] for j in self.free] for i in self.free]
        units = ([float(i == j) for j in self.free] for i in self.free)
        return [list(self.evaluate_hessian_product(point, unit)) for unit in units]

    def evaluate_hessian_product(self, point: Vector, direction: Vector) -> Vector:
        along = self.whole(direction, rest=scaled(0.0, self.x))
        return self.part(self.objective.evaluate_hessian_product(self.whole(point), along))

    def rounding_error(self, point: Vector) -> float:
        return self.objective.rounding_error(self.whole(point))

    def failure(self, point: Vector) -> str | None:
        return self.objective.failure(self.whole(point))

    def kinks(self, point: Vector, distance: float) -> list[str] | None:
        """The kinks within the distance, but for those that only the held variables lie on."""
        x = self.whole(point)
        found = self.objective.kinks(x, distance)
        if not found or self.is_whole or not isinstance(x, list):
            return found
        aside = x.copy()
        for place, i in enumerate(self.free):  # a generic move in the free variables alone
            move = (
                OFF_KINK_DISTANCE * distance * max(1.0, abs(x[i])) * (1.0 + place / len(self.free))
            )
            aside[i] += move if x[i] + move <= self.bounds.high[i] else -move
        left = self.objective.kinks(self.bounds.project(aside), distance) or []
        return found if len(left) < len(found) else []
