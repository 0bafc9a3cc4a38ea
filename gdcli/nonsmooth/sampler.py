"""Gradient sampling: the slopes around a point where the gradient itself says nothing.

Comes in: a SampledFunction, one around a point in some number system: in bounded numbers of
hundreds of digits where `grad` asks (`bounded_samples.py`), in a descent's floats where a run makes
no progress (`descent/subgradient.py`). Goes out: the point of least norm of the hull of all
gradients very close by; for `grad` component by component, None where they do not settle on a
number. Gradients are taken at x ± h·d along the axes, along seeded random directions and along the
way down that they show, and where that is not 0 in every cell that circles around the point meet;
at two distances h, so that what the two agree on is the point's own. A sample that is not finite,
or lies on a kink that others miss, is dropped; so is one across a jump, where f has a side of its
own. A cusp, steep to both sides, is 0 by this rule.

Source: F. H. Clarke, Optimization and Nonsmooth Analysis (1983), theorem 2.5.1: a generalised
gradient is the hull of the limits of gradients; the sampling: J. V. Burke, A. S. Lewis and M. L.
Overton, SIAM J. Optim. 15 (2005) 751.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from math import cos, pi, sin
from typing import Any, Protocol

from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.least_norm import Hull
from gdcli.numbers.linear_algebra import dot, identity
from gdcli.numbers.random_numbers import RandomStream

SLOPE_TOLERANCE = 1e-6
SAMPLING_SEED = 1983
SAMPLING_PURPOSE = "gradient samples"
RING_STREAM, TILT_STREAM, SIDESTEP_STREAM, CIRCLE_STREAM = range(
    4
)  # the streams that are drawn from
CIRCLE_PLACES = 16  # of a circle, between which cells are searched for
MOST_ARCS = 200  # of a circle that are looked at
THINNEST_CELL = 1e-3  # in radians
RAY_LENGTHS = (1.0, 0.83, 0.61, 0.47, 0.31, 0.23)  # at which the slope along an axis is sampled


Sides = frozenset[tuple[int, int]]  # by operation with a kink: a number for the side it is on


class Slopes(NamedTuple):
    """The components of least norm, None for one without, and whether f jumps at the point."""

    gradient: list[Any]
    jumps: bool


class GradientSample(NamedTuple):
    """The value and the gradient beside the point; `lost` where digits were too few.

    `touched` are the kinks it lies on, without those it cannot leave: where the inner relu of
    relu(relu(x)) is 0 all around, the outer one has a slope there, which is 0.
    """

    value: Any
    gradient: list[Any]
    touched: frozenset[int] = frozenset()
    lost: bool = False


class Tolerances(NamedTuple):
    """What counts as equal among the samples of a number system."""

    hull: Any  # relative to the largest slope: coordinates of the hull that count as 0
    noise: float  # relative to the steepest slope: what is left of others that cancel
    repeated: float  # relative: slopes that are one but for rounding and curvature
    lower: float  # relative: by how much a slope must lead further down to be lower
    tilt: float  # of a direction of length 1: off the kinks that it would run along


class SampledFunction(Protocol):
    """A function around a point, sampled in one number system.

    `radii` are the distances of the wider and of the narrower ring, `random_pairs` how many pairs
    of random directions are taken, `circles` how many circles are searched for kinks' sides that
    these miss, `rounds` how often samples along the way down may be added.
    """

    center: list[Any]
    radii: tuple[Any, Any]
    random_pairs: int
    circles: int
    rounds: int
    tolerances: Tolerances

    def sides(self, there: list[Any]) -> Sides:
        """On which side of each kink a place lies."""

    def sample(self, there: list[Any], radius: Any) -> GradientSample | None:
        """The sample at a place `radius` off the center; None where f has no value."""

    def spend(self, steps: float) -> None:
        """Is told of additions and multiplications before they are made, and may raise."""


class Ring(NamedTuple):
    """The samples at one distance, and a function that takes one more."""

    samples: list[GradientSample]
    take: Callable[[list[Any]], GradientSample | None]


class GradientSampler:
    """Samples all sides.

    The number of samples grows with that of the variables, the work they take grows faster.
    """

    def __init__(self, function: SampledFunction) -> None:
        self.function = function
        self.tolerances = function.tolerances
        self.n = len(function.center)
        self.moving = [True] * self.n  # by axis: whether f has a value along it
        self.directions: list[list[Any]] = []  # of the samples in both rings
        self.shrinking = False  # whether a slope that did not settle may yet tend to 0

    # -- the samples ----------------------------------------------------------------------------

    def rings(self) -> list[Ring]:
        """The wider and the narrower ring, with samples in the same directions."""
        axes = self.axes()
        wide, narrow = map(self.taker, self.function.radii)
        sampled = list(map(wide, axes))
        pairs = zip(sampled[::2], sampled[1::2], strict=True)
        self.moving = [one is not None or other is not None for one, other in pairs] or self.moving
        others = self.others()
        self.directions = axes + others
        sampled += map(wide, others)
        inner = map(narrow, self.directions)
        return [
            Ring([sample for sample in samples if sample is not None], take)
            for samples, take in ((sampled, wide), (inner, narrow))
        ]

    def axes(self) -> list[list[Any]]:
        """Both directions of each axis."""
        return in_pairs(identity(self.n))

    def others(self) -> list[list[Any]]:
        """Random directions in opposite pairs."""
        random = RandomStream(SAMPLING_SEED, SAMPLING_PURPOSE, RING_STREAM)
        return in_pairs(self.drawn(random) for _ in range(self.function.random_pairs))

    def drawn(self, random: RandomStream) -> list[Any]:
        """A random direction, which leaves out axes along which f has no value."""
        return [random.uniform(-1.0, 1.0) if moves else 0.0 for moves in self.moving]

    @cached_property
    def missed(self) -> list[list[Any]]:
        """A direction into every cell that circles around the point cross and the rings miss.

        In a cell no kink changes its side, so that there is one gradient. Between two places of a
        circle whose sides differ at more than one kink there is another cell, it may be a thin one:
        each half is looked at in turn.
        """
        random = RandomStream(SAMPLING_SEED, SAMPLING_PURPOSE, CIRCLE_STREAM)
        center, radius = self.function.center, self.function.radii[0]
        known: set[Sides] = set()
        found: list[list[Any]] = []

        def look(direction: list[Any]) -> Sides:
            there = [x + radius * d for x, d in zip(center, direction, strict=True)]
            sides = self.function.sides(there)
            if sides not in known:
                known.add(sides)
                found.append(direction)
            return sides

        if self.function.circles:
            list(map(look, self.directions))
            found.clear()
        for _ in range(self.function.circles):
            look_around(look, self.drawn(random), self.drawn(random))
        return found

    def taker(self, radius: Any) -> Callable[[list[Any]], GradientSample | None]:
        """The function that samples at center + radius·direction."""
        center, sample = self.function.center, self.function.sample
        return lambda direction: sample(
            [x + radius * d for x, d in zip(center, direction, strict=True)], radius
        )

    # -- what they say --------------------------------------------------------------------------

    def slopes(self, value: float) -> Slopes | None:
        """The slopes at the point, where f is `value`; None where more digits are needed."""
        rings = []
        for ring in self.rings():
            kept = [sample for sample in ring.samples if not sample.lost]
            if 2 * len(kept) < len(ring.samples):
                return None
            rings.append(Ring(kept, ring.take))
        if not all(ring.samples for ring in rings):
            return Slopes([None] * self.n, jumps=False)
        rings = [_off_kinks(ring) for ring in rings]
        wide, narrow = ([abs(sample.value - value) for sample in ring.samples] for ring in rings)
        near = SLOPE_TOLERANCE * max(1.0, abs(value))
        jumps = max(narrow) > near
        if jumps and min(narrow) > max(wide):  # to infinity, whichever way one comes
            return Slopes([None] * self.n, jumps)
        if jumps and min(wide) <= near and min(narrow) <= near:
            rings = [_on_side(ring, value, near) for ring in rings]
        return Slopes(self.agreed(rings, self.oscillating(rings[0])), jumps)

    def oscillating(self, ring: Ring) -> set[int]:
        """The components along whose axis f turns back steeply, as x*sin(1/x): no cusp does."""
        steep = 1 / SLOPE_TOLERANCE
        found: set[int] = set()
        if steepest(ring.samples, range(self.n)) < steep:
            return found
        for place, direction in enumerate(self.axes()):
            component = place // 2
            taken = [ring.take([length * c for c in direction]) for length in RAY_LENGTHS]
            slopes = [sample.gradient[component] for sample in taken if sample is not None]
            known = [slope for slope in slopes if slope is not None]
            if known and min(known) < -steep and max(known) > steep:
                found.add(component)
        return found

    def agreed(self, rings: list[Ring], unsettled: set[int]) -> list[Any]:
        """The limits of the least-norm points of both rings; None for a component without one."""
        answer: list[Any] = [None] * self.n
        kept = set(range(self.n)) - unsettled
        while kept:
            components = sorted(kept)
            nearest = [self.nearest(ring, components) for ring in rings]
            if nearest[0] is None or nearest[1] is None:
                kept = kept & _finite_somewhere(rings) if kept - _finite_somewhere(rings) else set()
                continue
            noise = self.tolerances.noise * max(steepest(one.samples, components) for one in rings)
            limits = [_limit(wide, narrow, noise) for wide, narrow in zip(*nearest, strict=True)]
            refused = {c for c, limit in zip(components, limits, strict=True) if limit is None}
            pairs = zip(*nearest, strict=True)
            self.shrinking |= any(
                c in refused and abs(narrow) < abs(wide)
                for c, (wide, narrow) in zip(components, pairs, strict=True)
            )
            if not refused:
                for component, limit in zip(components, limits, strict=True):
                    answer[component] = limit
                break
            kept -= refused
        return answer

    def nearest(self, ring: Ring, components: Sequence[int]) -> list[Any] | None:
        """The least-norm point of the ring's hull, with samples along the way down added."""
        points = self.distinct(among(ring.samples, components))
        if not points:
            return None
        hull = Hull(points, self.tolerances.hull, self.function.spend)
        noise = self.tolerances.noise * steepest(ring.samples, components)
        nearest = hull.nearest()
        for _ in range(self.function.rounds):
            square = dot(nearest, nearest)
            size = square**0.5
            if size <= noise:
                return [0 * coordinate for coordinate in nearest]
            gain = self.tolerances.lower * square
            slopes = self.down(ring, nearest, size, components)
            if all(square - dot(slope, nearest) <= gain for slope in slopes):
                slopes = self.taken(ring, self.missed, components)
                if all(square - dot(slope, nearest) <= gain for slope in slopes):
                    return nearest
            hull.add(slopes)
            nearest = hull.nearest()
        return self.unfinished(nearest)

    def unfinished(self, nearest: list[Any]) -> list[Any]:
        """The nearest point found when the rounds are used up."""
        return nearest

    def down(
        self, ring: Ring, nearest: list[Any], size: Any, components: Sequence[int]
    ) -> list[list[Any]]:
        """The slopes a step along the way down and a step back, as far as there are any."""
        slopes = self.along(ring, nearest, size, components, 0)
        if len(slopes) < 2:  # the way runs along a kink, it may be
            slopes += self.along(ring, nearest, size, components, self.tolerances.tilt)
        return slopes

    def along(
        self, ring: Ring, nearest: list[Any], size: Any, components: Sequence[int], tilt: float
    ) -> list[list[Any]]:
        random = RandomStream(SAMPLING_SEED, SAMPLING_PURPOSE, TILT_STREAM)
        down = [0 * nearest[0]] * self.n
        for component, coordinate in zip(components, nearest, strict=True):
            down[component] = coordinate / size + tilt * random.uniform(-1.0, 1.0)
        return self.taken(ring, [[sign * c for c in down] for sign in (-1, 1)], components)

    def taken(
        self, ring: Ring, directions: list[list[Any]], components: Sequence[int]
    ) -> list[list[Any]]:
        """The slopes of further samples of a ring, as far as there are any."""
        common = ring.samples[0].touched
        taken = map(ring.take, directions)
        sampled = [s for s in taken if s is not None and s.touched == common and not s.lost]
        return among(sampled, components)

    def distinct(self, points: list[list[Any]]) -> list[list[Any]]:
        """The points without those that repeat another but for rounding and curvature."""
        found: list[list[Any]] = []
        for point in points:
            if not any(all(map(self.equal, point, other)) for other in found):
                found.append(point)
        return found

    def equal(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= self.tolerances.repeated * max(abs(a), abs(b)))


def in_pairs(directions: Iterable[list[Any]]) -> list[list[Any]]:
    """Each direction and the opposite one."""
    return [[sign * c for c in direction] for direction in directions for sign in (1.0, -1.0)]


def look_around(look: Callable[[list[Any]], Sides], start: list[Any], turn: list[Any]) -> None:
    """Looks in directions all around the circle through two, and between them in thin cells."""

    def at(angle: float) -> tuple[float, Sides]:
        return angle, look(
            [cos(angle) * a + sin(angle) * b for a, b in zip(start, turn, strict=True)]
        )

    places = [at(2.0 * pi * place / CIRCLE_PLACES) for place in range(CIRCLE_PLACES)]
    arcs = [*zip(places, [*places[1:], (2.0 * pi, places[0][1])], strict=True)]
    for (low, left), (high, right) in arcs:  # which grows on the way
        if len(left ^ right) > 2 and high - low > THINNEST_CELL and len(arcs) < MOST_ARCS:
            middle = at((low + high) / 2.0)
            arcs += [((low, left), middle), (middle, (high, right))]


def _off_kinks(ring: Ring) -> Ring:
    """The ring without the samples on a kink that others miss; one that all lie on is none."""
    common = frozenset.intersection(*(sample.touched for sample in ring.samples))
    off = [sample for sample in ring.samples if sample.touched == common]
    return Ring(off or ring.samples, ring.take)


def _on_side(ring: Ring, value: float, near: float) -> Ring:
    """The ring without the samples across a jump, on the other side than f's own value."""

    def take(direction: list[Any]) -> GradientSample | None:
        sample = ring.take(direction)
        return sample if sample is not None and abs(sample.value - value) <= near else None

    return Ring([s for s in ring.samples if abs(s.value - value) <= near], take)


def _finite_somewhere(rings: list[Ring]) -> set[int]:
    """The components that are finite in a sample of each ring."""
    return set.intersection(
        *(
            {c for s in ring.samples for c, slope in enumerate(s.gradient) if slope is not None}
            for ring in rings
        )
    )


def among(samples: Iterable[GradientSample], components: Sequence[int]) -> list[list[Any]]:
    """The chosen components of the gradients in which all of them are finite."""
    chosen = [[sample.gradient[c] for c in components] for sample in samples]
    return [vector for vector in chosen if None not in vector]


def steepest(samples: Iterable[GradientSample], components: Iterable[int]) -> Any:
    """The largest absolute slope among the components."""
    chosen = list(components)
    slopes = (sample.gradient[c] for sample in samples for c in chosen)
    return max((abs(slope) for slope in slopes if slope is not None), default=0)


def _limit(wide: Any, narrow: Any, noise: Any) -> Any:
    """The limit of slopes at the wider and the narrower ring; None where they do not settle.

    Slopes that shrink towards 0 have the limit 0, and so have those beside which the others are
    huge.
    """
    if abs(narrow - wide) <= SLOPE_TOLERANCE * abs(narrow):
        return narrow
    size = max(abs(wide), abs(narrow))
    if size <= noise or (size <= SLOPE_TOLERANCE and abs(narrow) < abs(wide)):
        return 0 * narrow
    return None
