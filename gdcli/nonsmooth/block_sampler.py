"""The slopes around a point part by part; of many variables from a few sides only.

Comes in: tapes, a point and what a pass found there. Goes out: Slopes, as `sampler.py` has
them, or TooMuch where they would take more looks than are allowed; these are counted, never timed.
What is smooth at the point adds its gradient to the slopes of the others, and others that share no
variable have nothing to do with each other: the generalised gradient of such a sum is the product
of theirs, and its point of least norm is found part by part (Clarke, propositions 2.3.3 and 2.3.5).

A part of many variables is looked at from a few opposite sides and along the way down. Where that
way shows no lower slope, or the slopes of opposite sides already have 0 between them, it is enough;
else all sides are looked at, if there is effort for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gdcli.autodiff.passes.separable_blocks import Part, take_apart
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import LOAD, Tape
from gdcli.nonsmooth.bounded_pass import Look, Tapes, look
from gdcli.nonsmooth.least_norm import dot
from gdcli.nonsmooth.sampler import (
    AGREED,
    NOISE,
    SEED,
    Around,
    Effort,
    Place,
    Ring,
    Slopes,
    TooMuch,
    Vector,
    among,
    distinct,
    settled,
    steepest,
)
from gdcli.numbers.bounded import context_of, system_of

FEW = 12  # variables up to which all sides are looked at, whatever it takes
MOST = 64  # variables up to which that is tried
EFFORT = 300_000  # steps: a few seconds
SIDES = 2  # pairs of opposite ones
ROUNDS = 40  # of samples along the way down from few sides


class Unresolved(Exception):
    """Kinks in so many variables take too many looks."""

    def __init__(self, variables: int) -> None:
        super().__init__()
        self.variables = variables


class Numbers:
    """The numbers that the pass was made in."""

    def __init__(self, digits: int, constants_are_floats: bool) -> None:
        self.system = system_of(digits, constants_are_floats)
        self.number: Callable[[Any], Any] = context_of(digits).mpf
        self.constants_are_floats = constants_are_floats

    def look(self, tape: Tape, point: Sequence[float]) -> tuple[Tapes, Look]:
        """A pass over a tape and its gradient."""
        tapes = Tapes(tape, reverse(tape))
        return tapes, look(self.system, tapes, list(map(self.number, point)))


def slopes_by_parts(
    tape: Tape, point: Sequence[float], touched: set[int], unknown: set[int], numbers: Numbers
) -> Slopes:
    """The least-norm slopes around `point`, where the kinks `touched` are met.

    `unknown` are the inputs by which the derivative has no value. Raises Unresolved.
    """
    loads = {one.payload: one.results[0] for one in tape.body.instructions if one.operation == LOAD}
    parts = take_apart(tape, touched | {loads[number] for number in unknown if number in loads})
    gradient: list[Any] = [numbers.number(0)] * len(point)
    if parts.rest is not None:
        smooth = numbers.look(parts.rest.tape, [point[i] for i in parts.rest.inputs])[1]
        for number, slope in zip(parts.rest.inputs, smooth.gradient, strict=True):
            gradient[number] = slope.value
    effort = Effort(EFFORT) if len(point) > FEW else Effort()
    known: dict[Any, Slopes] = {}
    jumps = False
    for part in parts.apart:
        at = [point[number] for number in part.inputs]
        added = [gradient[number] for number in part.inputs]
        key = (part.tape, *at, *map(str, added))  # terms of a sum are often the same
        if key not in known:
            try:
                known[key] = _slopes_of(part, at, added, numbers, effort)
            except TooMuch:
                raise Unresolved(sum(len(one.inputs) for one in parts.apart)) from None
        found = known[key]
        jumps |= found.jumps
        for number, slope in zip(part.inputs, found.gradient, strict=True):
            gradient[number] = slope
    return Slopes(gradient, jumps)


def _slopes_of(
    part: Part, point: list[float], added: list[Any], numbers: Numbers, effort: Effort
) -> Slopes:
    tapes, seen = numbers.look(part.tape, point)
    place = Place(tapes, point, numbers.constants_are_floats, added if any(added) else ())
    value = float(seen.value.value)
    if len(point) > FEW:
        try:
            return settled(FromFewSides, place, value, effort)
        except TooMuch:
            if len(point) > MOST:
                raise
    return settled(Around, place, value, effort)


class FromFewSides(Around):
    """Looks to a few sides and along the way down. Raises TooMuch where that is not enough."""

    def directions(self) -> list[Vector]:
        """Pairs of opposite random directions."""
        from random import Random

        random = Random(SEED)
        sides = [[random.uniform(-1.0, 1.0) for _ in range(self.n)] for _ in range(SIDES)]
        return [[sign * c for c in side] for side in sides for sign in (1.0, -1.0)]

    def oscillating(self, directions: list[Vector], ring: Ring) -> set[int]:  # noqa: ARG002
        """Steep slopes ask for more looks: f may turn back, as x*sin(1/x) does."""
        if steepest(ring, list(range(self.n))) >= 1 / AGREED:
            raise TooMuch
        return set()

    def nearest(self, ring: Ring, components: list[int]) -> Vector | None:
        """The least-norm point of the ring's hull, once the way down shows nothing lower."""
        points = distinct(among(ring.samples, components))
        if not points:
            return None
        hull = self.hull(points)
        noise = NOISE * steepest(ring, components)
        for _ in range(ROUNDS):
            nearest = hull.nearest()
            size = self.context.sqrt(dot(nearest, nearest))
            if size <= noise:
                return [0 * coordinate for coordinate in nearest]
            slopes = self.down(ring, nearest, size, components, askew=True)
            if len(slopes) < 2:
                raise TooMuch
            lower = self.lower(slopes, nearest, size)
            if not lower:
                return nearest
            hull.add(lower)
        raise TooMuch
