"""The gradient at a kink: the point of least norm in the hull of the gradients around it.

Comes in: a point where no step makes progress, or where the gradient is not finite. Goes out: the
same point, or a rounder one as low within reach, with the least-norm gradient in place of the
local rule's; None where f has no kink there, or too many variables. Its negative is a direction of
descent, and where it is 0 no direction is: the point is stationary. The sampler is that of `grad`
(`nonsmooth/sampler.py`), in floats and at distances that an iterate beside a kink needs; every
sample is an evaluation of the run. It is imported when a run meets a kink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any

from gdcli.descent.objective import Counted, Evaluation, Objective
from gdcli.descent.vectors import Vector, difference, largest, step, vector

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.nonsmooth.answer import Answer
    from gdcli.nonsmooth.sampler import GradientSample, Ring, Sides

KINK_RADIUS = 1e-6  # of the wider ring of samples, relative to max(1, ‖x‖∞)
INNER_RADIUS_RATIO = 1e-3  # the other ring; what both agree on is the kink's, not the curvature's
MOST_RISE_RATIO = 1e3  # how many times as fast as its gradient says f may change beside a kink
MOST_ROUND_DECIMALS = 3  # decimals of the round numbers an iterate may be moved to
TILT = 1e-3  # of the radius: how far beside the center the samples lie, off kinks through it
MOST_ANSWER_WORK = 100.0  # of an answer by `grad` that a run waits for: some 0.2 s
MOST_ROUNDS = 30  # of samples along the way down, where a run is stuck
MOST_KINK_VARIABLES = 50  # beyond which a kink is not sampled: it takes gradients for each


def on_kink(objective: Objective, here: Evaluation) -> Evaluation:
    """`here`, or at a kink where the local rules are wrong an evaluation with `grad`'s gradient.

    A component without a slope is nan. It takes no evaluation of the run. An objective that has no
    such answer, because its gradient is another method's, keeps its own.
    """
    found = _answer_on_kink(objective, here.x) if isfinite(here.f) else None
    wrong = found is not None and (found.beyond_local_rule or not here.finite)
    return _with_gradient(here, found) if found is not None and wrong else here


def confirmed(objective: Objective, sampled: Evaluation) -> Evaluation:
    """A point sampled in floats with `grad`'s gradient, where it lies on a kink exactly.

    Floats sample so far around it that they take what wiggles there for a kink. Many digits take
    long: where they would take more than MOST_ANSWER_WORK the sample stands.
    """
    if getattr(objective, "answer_work", 0.0) > MOST_ANSWER_WORK:
        return sampled
    found = _answer_on_kink(objective, sampled.x)
    return sampled if found is None else _with_gradient(sampled, found)


def _with_gradient(here: Evaluation, found: Answer) -> Evaluation:
    gradient = vector([nan if slope is None else slope for slope in found.gradient])
    return Evaluation(here.x, here.f, gradient, largest(gradient))


def slope_failure(objective: Objective, x: Vector) -> str | None:
    """Why there is no gradient at the kink x; None where there is one, or no kink."""
    found = _answer_on_kink(objective, x)
    return None if found is None else found.message


def _answer_on_kink(objective: Any, x: Vector) -> Answer | None:
    return objective.answer_on_kink(x) if hasattr(objective, "answer_on_kink") else None


def near_kink(objective: Objective, x: Vector) -> bool:
    """Whether a ring of samples around x may reach a kink; a smooth function has none."""
    return len(x) <= MOST_KINK_VARIABLES and objective.kinks(x, _radius(x)) != []


def kink_names(objective: Objective, x: Vector) -> str:
    """The names of the kinks that a ring of samples around x reaches, joined by "and"."""
    names = objective.kinks(x, _radius(x)) or []
    return " and ".join([*names[:3], *(["others"] if names[3:] else [])])


def _radius(x: Vector) -> float:
    return KINK_RADIUS * max(1.0, largest(x))


def at_kink(
    objective: Counted, here: Evaluation, move: bool, box: Box | None = None
) -> Evaluation | None:
    """`here` with the least-norm gradient of its kink; None without one.

    With `move` the point may become a round one near by, where f is not higher. In a `box` no
    sample lies outside, and the norm is that of the variables that no bound holds.
    """
    if len(here.x) > MOST_KINK_VARIABLES:
        return None
    from gdcli.nonsmooth.sampler import GradientSampler, steepest

    radius = _radius(here.x)
    x, f = _rounded(objective, here, radius, box) if move else (here.x, here.f)
    sampler = GradientSampler(_FloatSamples(objective, x, radius, box))
    components: Sequence[int] = range(len(x))
    wide, narrow = sampler.rings()
    if box is not None and narrow.samples:
        held = set.intersection(*(box.outward(x, there.gradient) for there in narrow.samples))
        components = [i for i in components if i not in held]
        if not components:
            return None  # f rises from every bound that x lies on
    if here.finite and len(narrow.samples) < sample_count(len(x)):
        return None  # an edge of the domain: beside it the gradient is as the formulas say
    if not wide.samples or not narrow.samples or _spread(narrow) <= 0.1 * _spread(wide):
        return None  # around a smooth point gradients differ in proportion to the radius
    steep = steepest(narrow.samples, components)
    rise = max(abs(there.value - f) for there in narrow.samples)
    if rise > MOST_RISE_RATIO * steep * radius * INNER_RADIUS_RATIO:
        return None  # a pole or a jump: f is not even continuous
    if box is not None:
        wide, narrow = (_with_bounds(ring, box, x) for ring in (wide, narrow))
    gradient, least = sampler.nearest(narrow, components), KINK_RADIUS * steep
    if largest(gradient) <= least < largest(sampler.nearest(wide, components)):
        return None  # stationary from near, but not from further away
    if box is not None and gradient is not None:
        nearest = dict(zip(components, gradient, strict=True))
        gradient = [nearest.get(i, slope) for i, slope in enumerate(narrow.samples[0].gradient)]
        return Evaluation(x, f, gradient, box.residual(x, gradient))
    return Evaluation(x, f, gradient, largest(gradient))


def around_kink(objective: Counted, here: Evaluation) -> Iterator[Evaluation]:
    """`here` with the least-norm gradients of the narrower and the wider ring of samples.

    With samples along the way down, which find what few samples have not seen of many kinks that
    meet; by the wider ring for kinks that a point lies beside, too far to be on them.
    """
    if len(here.x) > MOST_KINK_VARIABLES:
        return
    from gdcli.nonsmooth.sampler import GradientSampler

    samples = _FloatSamples(objective, here.x, _radius(here.x), None)
    samples.rounds = MOST_ROUNDS
    sampler = GradientSampler(samples)
    for ring in reversed(sampler.rings()):
        if len(ring.samples) >= sample_count(len(here.x)):
            gradient = sampler.nearest(ring, range(len(here.x)))
            if gradient is not None:
                yield here._replace(gradient=gradient, gradient_norm=largest(gradient))


def _with_bounds(ring: Ring, box: Box, x: Vector) -> Ring:
    """The samples, and each without the slopes that a bound takes up."""
    inward = [one._replace(gradient=box.inward(x, one.gradient)) for one in ring.samples]
    return ring._replace(samples=[*ring.samples, *inward])


def sample_count(n: int) -> int:
    """How many points of n coordinates are sampled at one distance."""
    return 2 * (n + _random_pairs(n))


def _random_pairs(n: int) -> int:
    return n + 4 if n > 1 else 0


class _FloatSamples:
    """An objective around a point, sampled by its own evaluations.

    Floats do not tell whether a sample lies on a kink, so that all are a little beside the center.
    """

    circles = 0
    rounds = 0  # samples along the way down cost evaluations, and shorten no run that was tried

    def __init__(self, objective: Counted, x: Vector, radius: float, box: Box | None) -> None:
        from gdcli.nonsmooth.sampler import (
            SAMPLING_PURPOSE,
            SAMPLING_SEED,
            SIDESTEP_STREAM,
            Tolerances,
        )
        from gdcli.numbers.random_numbers import RandomStream

        random = RandomStream(SAMPLING_SEED, SAMPLING_PURPOSE, SIDESTEP_STREAM)
        self.objective, self.box = objective, box
        self.center = x
        self.radii = radius, radius * INNER_RADIUS_RATIO
        self.random_pairs = _random_pairs(len(x))
        self.tolerances = Tolerances(1e-12, 1e-12, 1e-12, 1e-6, TILT)
        self.aside = [TILT * random.uniform(-1.0, 1.0) for _ in x]

    def sample(self, there: Vector, radius: float) -> GradientSample | None:
        """The sample at a place `radius` off the center; None where it is not finite."""
        from gdcli.nonsmooth.sampler import GradientSample

        x = step(there, radius, self.aside)
        found = self.objective.both(x if self.box is None else self.box.project(x))
        return GradientSample(found.f, found.gradient) if found.finite else None

    def sides(self, there: Vector) -> Sides:  # noqa: ARG002
        """None: floats do not tell."""
        return frozenset()

    def spend(self, steps: float) -> None:
        """Nothing: the hull of so few variables takes no time."""


def _spread(ring: Ring) -> float:
    """The largest difference of a gradient from the first, in the ‖·‖∞ norm."""
    first = ring.samples[0].gradient
    return max(largest(difference(there.gradient, first)) for there in ring.samples)


def _rounded(
    objective: Counted, here: Evaluation, radius: float, box: Box | None
) -> tuple[Vector, float]:
    """The roundest point within the radius at which f is not higher, else the point itself."""
    for decimals in range(MOST_ROUND_DECIMALS + 1):
        near = [round(c, decimals) + 0.0 for c in here.x]
        x = [n if abs(n - c) <= radius else c for n, c in zip(near, here.x, strict=True)]
        x = x if box is None else box.project(x)
        if x != here.x and -inf < (f := objective.value(x)) <= here.f:
            return x, f
    return here.x, here.f
