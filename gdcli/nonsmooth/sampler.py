"""Gradient sampling: the slopes around a point where the gradient itself says nothing.

Comes in: tapes and a point at which a kink is touched or a derivative is undefined: at a kink, a
cusp, an edge or a jump. Goes out: the point of least norm of the hull of all gradients very close
by, component by component; None where they do not settle on a number. Gradients are taken at
x ± h·d along the axes, along seeded random directions and along the way down that they show, at
h = 1e-80 and 1e-83 in numbers of hundreds of digits, so that what the two agree on is the point's
own; at 1e-1000 for a slope like x^0.05. A sample that is not finite, or lies on a kink that others
miss, is dropped; so is one across a jump, where f has a side of its own. A cusp, steep to both
sides, is 0 by this rule.

Source: F. H. Clarke, Optimization and Nonsmooth Analysis (1983), theorem 2.5.1: a generalised
gradient is the hull of the limits of gradients; the sampling: J. V. Burke, A. S. Lewis and M. L.
Overton, SIAM J. Optim. 15 (2005) 751.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil, inf, log10
from typing import Any, NamedTuple

from gdcli.nonsmooth.bounded_pass import BoundedPass, Tapes, run_bounded_pass
from gdcli.nonsmooth.least_norm import Hull
from gdcli.numbers.bounded import Bounded, context_of, system_of
from gdcli.numbers.linear_algebra import dot, identity

RADIUS_DECIMALS = (80, 1000)  # of the wider ring; the next is tried where slopes shrink
RING_DECIMALS = 3  # how many decimals more the other ring has
EXTRA_DIGITS_TRIED = (170, 600, 1700)  # beyond those of the radius, until samples keep digits
SLOPE_TOLERANCE = 1e-6
NOISE = 1e-35  # of the steepest slope around: what is left of others that cancel
SAMPLING_SEED = 1983
MOST_ROUNDS = 60  # of samples along the way down, at most
RAY_LENGTHS = (1.0, 0.83, 0.61, 0.47, 0.31, 0.23)  # at which the slope along an axis is sampled
DIGITS_OF_DOUBLE_COST = 500  # digits that make a step cost twice as much
ARITHMETIC_COST = 0.1  # of a step of a tape, an addition or multiplication by itself
TILT = 1e-24  # of the way down: off the kinks that it would run along
SIDESTEP_DECIMALS = 20  # of the radius: so far beside a sample its kinks are tested again


class Slopes(NamedTuple):
    """The components of least norm, None for one without, and whether f jumps at the point."""

    gradient: list[Any]
    jumps: bool


class BudgetExceeded(Exception):
    """Raised where sampling would take more steps than are allowed."""


class StepBudget:
    """How many steps of tapes are left for sampling."""

    def __init__(self, left: float = inf) -> None:
        self.left = left

    def spend(self, steps: float) -> None:
        """Takes off steps before they are made. Raises BudgetExceeded where too few are left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetExceeded


class GradientSample(NamedTuple):
    """The value and the gradient beside the point; `lost` where digits were too few.

    `touched` are the kinks it lies on, without those it cannot leave: where the inner relu of
    relu(relu(x)) is 0 all around, the outer one has a slope there, which is 0.
    """

    value: Any
    gradient: list[Any]
    touched: frozenset[int]
    lost: bool


class SampledPoint(NamedTuple):
    """A point of a function around which gradients are sampled.

    `slope` is added to each sample; an empty one is none.
    """

    tapes: Tapes
    point: Sequence[float]
    constants_are_floats: bool
    slope: Sequence[Any] = ()


def settled_slopes(
    sampler_class: type[GradientSampler], place: SampledPoint, value: float, budget: StepBudget
) -> Slopes:
    """The slopes that a sampler finds, with a radius and digits for which they settle."""
    found = None
    for radius in RADIUS_DECIMALS:
        for digits in EXTRA_DIGITS_TRIED:
            sampler = sampler_class(place, radius, digits, budget)
            found = sampler.slopes(value)
            if found is not None:
                break
        if found is None or not sampler.shrinking:
            break
    return found or Slopes([None] * len(place.point), jumps=False)


class Ring(NamedTuple):
    """The samples at one distance, and a function that takes one more."""

    samples: list[GradientSample]
    take: Callable[[list[Any]], GradientSample | None]


class GradientSampler:
    """Samples all sides.

    The number of samples grows with that of the variables, the work they take grows faster.
    """

    def __init__(self, place: SampledPoint, radius: int, digits: int, budget: StepBudget) -> None:
        tapes, point = place.tapes, place.point
        sizes = [abs(x) for x in point if x] or [1.0]
        span = ceil(log10(max(1.0, *sizes)) - log10(min(1.0, *sizes)))
        self.tapes = tapes
        self.n = len(point)
        digits_of_all = radius + digits + span
        self.system = system_of(digits_of_all, place.constants_are_floats)
        self.context = context_of(digits_of_all)
        self.budget = budget
        self.steps = tapes.gradient.size * (1 + digits_of_all // DIGITS_OF_DOUBLE_COST)
        self.added = [self.context.mpf(slope) for slope in place.slope]
        self.shrinking = False  # whether a slope that did not settle may yet tend to 0
        self.center = [self.context.mpf(x) for x in point]
        self.radius = self.context.mpf(min(1.0, *sizes)) / self.context.mpf(10) ** radius
        self.tolerance = self.context.mpf(10) ** -(2 * radius + digits // 4)

    def slopes(self, value: float) -> Slopes | None:
        """The slopes at the point; None where more digits are needed."""
        directions = self.directions()
        rings: list[Ring] = []
        for decimals in (0, RING_DECIMALS):
            take = self.ring_sampler(self.radius / self.context.mpf(10) ** decimals)
            sampled = [sample for d in directions if (sample := take(d)) is not None]
            if 2 * sum(sample.lost for sample in sampled) > len(sampled):
                return None
            rings.append(Ring([sample for sample in sampled if not sample.lost], take))
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
        return Slopes(self.agreed(rings, self.oscillating(directions, rings[0])), jumps)

    def run_bounded_pass(self, there: list[Any]) -> BoundedPass:
        self.budget.spend(self.steps)
        return run_bounded_pass(self.system, self.tapes, there)

    def directions(self) -> list[list[Any]]:
        """Pairs of opposite directions; random ones leave out axes along which f has no value."""
        from random import Random

        axes = identity(self.n)
        take = self.ring_sampler(self.radius)
        moving = [
            any(take([sign * c for c in axis]) is not None for sign in (1.0, -1.0)) for axis in axes
        ]
        random = Random(SAMPLING_SEED)
        others = [
            [random.uniform(-1.0, 1.0) if moves else 0.0 for moves in moving]
            for _ in range(2 * self.n + 8 if self.n > 1 else 0)
        ]
        return [[sign * c for c in d] for d in axes + others for sign in (1.0, -1.0)]

    def ring_sampler(self, radius: Any) -> Callable[[list[Any]], GradientSample | None]:
        """The function that samples at center + radius·direction; None where f has no value."""

        def take(direction: list[Any]) -> GradientSample | None:
            there = [x + radius * d for x, d in zip(self.center, direction, strict=True)]
            sampled = self.run_bounded_pass(there)
            if sampled.pole is not None or not sampled.value.good:
                return None
            lasting = self.lasting(sampled, there, radius)
            lost = [slope.good and not _known(slope) for slope in sampled.gradient]
            values = [slope.value if slope.good else None for slope in sampled.gradient]
            if lasting and not all(map(_known, sampled.gradient)):
                for place, slope in self.by_differences(sampled, there, radius).items():
                    values[place], lost[place] = slope, False
            for place, slope in enumerate(self.added):
                values[place] = None if values[place] is None else values[place] + slope
            return GradientSample(
                sampled.value.value, values, frozenset(sampled.touched) - lasting, any(lost)
            )

        return take

    def lasting(self, sampled: BoundedPass, there: list[Any], radius: Any) -> frozenset[int]:
        """The kinks of a sample that are touched all around it too."""
        from random import Random

        random = Random(SAMPLING_SEED)
        lasting = frozenset(sampled.touched)
        aside = radius / self.context.mpf(10) ** SIDESTEP_DECIMALS
        for _ in range(2):
            if lasting:
                beside = [x + aside * random.uniform(-1.0, 1.0) for x in there]
                lasting &= self.run_bounded_pass(beside).touched.keys()
        return lasting

    def by_differences(self, here: BoundedPass, there: list[Any], radius: Any) -> dict[int, Any]:
        """Slopes by difference quotients, where an edge all around hides them.

        sqrt(relu(x)) is flat where x is negative, and the rule of sqrt says 1/0 there. Around the
        sample f is smooth all the same, so that the quotients to both sides agree.
        """
        aside = radius / self.context.mpf(10) ** SIDESTEP_DECIMALS
        found = {}
        for place, slope in enumerate(here.gradient):
            if not _known(slope):
                quotients = []
                for step in (aside, -aside):
                    moved = [x + step * (i == place) for i, x in enumerate(there)]
                    sampled = self.run_bounded_pass(moved)
                    if sampled.pole is None and sampled.value.good:
                        quotients.append((sampled.value.value - here.value.value) / step)
                if len(quotients) == 2 and _close(*quotients):
                    found[place] = quotients[0]
        return found

    def oscillating(self, directions: list[list[Any]], ring: Ring) -> set[int]:
        """The components along whose axis f turns back steeply, as x*sin(1/x): no cusp does."""
        steep = 1 / SLOPE_TOLERANCE
        found: set[int] = set()
        if steepest(ring, list(range(self.n))) < steep:
            return found
        for place, direction in enumerate(directions[: 2 * self.n]):  # the axes, to both sides
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
            noise = NOISE * max(steepest(ring, components) for ring in rings)
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

    def nearest(self, ring: Ring, components: list[int]) -> list[Any] | None:
        """The least-norm point of the ring's hull, with samples along the way down added."""
        points = distinct(among(ring.samples, components))
        if not points:
            return None
        hull = self.hull(points)
        for _ in range(MOST_ROUNDS):
            nearest = hull.nearest()
            size = self.context.sqrt(dot(nearest, nearest))
            if not size:
                break
            slopes = self.down(ring, nearest, size, components)
            if len(slopes) < 2:  # the way runs along a kink, it may be
                slopes += self.down(ring, nearest, size, components, askew=True)
            lower = self.lower(slopes, nearest, size)
            if not lower:
                break
            hull.add(lower)
        return nearest

    def hull(self, points: list[list[Any]]) -> Hull:
        """The hull of the points, whose arithmetic is taken off the budget."""
        return Hull(
            points, self.tolerance, lambda count: self.budget.spend(count * ARITHMETIC_COST)
        )

    def down(
        self, ring: Ring, nearest: list[Any], size: Any, components: list[int], askew: bool = False
    ) -> list[list[Any]]:
        """The slopes a step along the way down and a step back, as far as there are any."""
        from random import Random

        random, aside = Random(SAMPLING_SEED), TILT if askew else 0
        down = [self.context.mpf(0)] * self.n
        for component, coordinate in zip(components, nearest, strict=True):
            down[component] = coordinate / size + aside * random.uniform(-1.0, 1.0)
        common = ring.samples[0].touched
        taken = [ring.take([sign * c for c in down]) for sign in (-1, 1)]
        sampled = [s for s in taken if s is not None and s.touched == common and not s.lost]
        return among(sampled, components)

    def lower(self, slopes: list[list[Any]], nearest: list[Any], size: Any) -> list[list[Any]]:
        """The slopes that lead further down than the nearest point of the hull."""
        return [s for s in slopes if dot(s, nearest) < size**2 * (1 - SLOPE_TOLERANCE**4)]


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


def among(samples: Iterable[GradientSample], components: list[int]) -> list[list[Any]]:
    """The chosen components of the gradients in which all of them are finite."""
    chosen = [[sample.gradient[c] for c in components] for sample in samples]
    return [vector for vector in chosen if None not in vector]


def distinct(points: list[list[Any]]) -> list[list[Any]]:
    """The points without those that repeat another but for rounding and curvature."""
    found: list[list[Any]] = []
    for point in points:
        if not any(all(map(_equal, point, other)) for other in found):
            found.append(point)
    return found


def _equal(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= 1e-25 * max(abs(a), abs(b)))


def _known(slope: Bounded) -> bool:
    """Whether a slope is finite and has enough digits."""
    return slope.good and bool(
        slope.error <= SLOPE_TOLERANCE**2 * max(abs(slope.value), SLOPE_TOLERANCE**3)
    )


def _close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= SLOPE_TOLERANCE**2 * max(abs(a), abs(b), 1))


def steepest(ring: Ring, components: list[int]) -> Any:
    """The largest absolute slope among the components."""
    slopes = (s.gradient[c] for s in ring.samples for c in components)
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
