"""Gradient samples in bounded numbers of hundreds of digits, beside a point and very close to it.

Comes in: tapes and a point at which a kink is touched or a derivative is undefined. Goes out:
Slopes, as `sampler.py` finds them. Samples are taken at h = 1e-80 and 1e-83, where neither
curvature nor a kink near by is seen; at 1e-1000 for a slope like x^0.05. The digits of a sample
grow until its slopes are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf, log10
from typing import Any

from gdcli.autodiff.primitives import NONSMOOTH_PRIMITIVES
from gdcli.autodiff.tape import BRANCH, EXTREMA, MIN, Instruction
from gdcli.execute.interpret import interpret
from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.bounded_pass import BoundedPass, Tapes, as_bounded, run_bounded_pass
from gdcli.nonsmooth.provenance import gap
from gdcli.nonsmooth.sampler import (
    SAMPLING_PURPOSE,
    SAMPLING_SEED,
    SIDESTEP_STREAM,
    SLOPE_TOLERANCE,
    GradientSample,
    GradientSampler,
    Sides,
    Slopes,
    Tolerances,
)
from gdcli.numbers.bounded import Bounded, context_of, system_of
from gdcli.numbers.random_numbers import RandomStream

RADIUS_DECIMALS = (80, 1000)  # of the wider ring; the next is tried where slopes shrink
RING_DECIMALS = 3  # how many decimals more the other ring has
EXTRA_DIGITS_TRIED = (170, 600, 1700)  # beyond those of the radius, until samples keep digits
CIRCLES = {2: 1, **dict.fromkeys(range(3, 13), 12)}  # by variables; in two, one meets every cell
DIGITS_OF_DOUBLE_COST = 500  # digits that make a step cost twice as much
ARITHMETIC_COST = 0.1  # of a step of a tape, an addition or multiplication by itself
SIDESTEP_DECIMALS = 20  # of the radius: so far beside a sample its kinks are tested again


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
            sampler = sampler_class(BoundedSamples(place, radius, digits, budget))
            found = sampler.slopes(value)
            if found is not None:
                break
        if found is None or not sampler.shrinking:
            break
    return found or Slopes([None] * len(place.point), jumps=False)


class BoundedSamples:
    """A function around a point, sampled by bounded passes of its tapes."""

    rounds = 60

    def __init__(self, place: SampledPoint, radius: int, digits: int, budget: StepBudget) -> None:
        self.tapes = place.tapes
        point = place.point
        sizes = [abs(x) for x in point if x] or [1.0]
        span = ceil(log10(max(1.0, *sizes)) - log10(min(1.0, *sizes)))
        digits_of_all = radius + digits + span
        self.system = system_of(digits_of_all, place.constants_are_floats)
        self.number = context_of(digits_of_all).mpf
        self.budget = budget
        self.steps = place.tapes.gradient.size * (1 + digits_of_all // DIGITS_OF_DOUBLE_COST)
        self.added = list(map(self.number, place.slope))
        self.center = list(map(self.number, point))
        n = len(point)
        self.random_pairs = 2 * n + 8 if n > 1 else 0
        self.circles = CIRCLES.get(n, 0)
        wide = self.number(min(1.0, *sizes)) / self.number(10) ** radius
        self.radii = wide, wide / self.number(10) ** RING_DECIMALS
        smallest = self.number(10) ** -(2 * radius + digits // 4)
        self.tolerances = Tolerances(smallest, 1e-35, 1e-25, 1e-40, 1e-24)

    def spend(self, steps: float) -> None:
        """Takes additions and multiplications off the budget."""
        self.budget.spend(steps * ARITHMETIC_COST)

    def run_bounded_pass(self, there: list[Any]) -> BoundedPass:
        self.budget.spend(self.steps)
        return run_bounded_pass(self.system, self.tapes, there)

    def sample(self, there: list[Any], radius: Any) -> GradientSample | None:
        """The sample at a place `radius` off the center; None where f has no value."""
        sampled = self.run_bounded_pass(there)
        if sampled.pole is not None or not sampled.value.good:
            return None
        aside = radius / self.number(10) ** SIDESTEP_DECIMALS
        lasting = self.lasting(sampled, there, aside)
        lost = [slope.good and not _known(slope) for slope in sampled.gradient]
        values = [slope.value if slope.good else None for slope in sampled.gradient]
        if lasting and not all(map(_known, sampled.gradient)):
            for place, slope in self.by_differences(sampled, there, aside).items():
                values[place], lost[place] = slope, False
        for place, slope in enumerate(self.added):
            values[place] = None if values[place] is None else values[place] + slope
        return GradientSample(
            sampled.value.value, values, frozenset(sampled.touched) - lasting, any(lost)
        )

    def sides(self, there: list[Any]) -> Sides:
        """On which side of each kink a place lies: a sign, or the place of the greatest operand."""
        found = set()

        def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
            if instruction.payload in EXTREMA:
                ordered = sorted(range(len(operands)), key=lambda i: self.system.order(operands[i]))
                found.add(
                    (instruction.results[0], ordered[0 if instruction.payload == MIN else -1])
                )
            elif instruction.operation == BRANCH or instruction.payload in NONSMOOTH_PRIMITIVES:
                distance = as_bounded(gap(self.system, instruction, operands, value) or 0)
                sign = 0 if distance.may_be_zero else 1 if distance.value > 0 else -1
                found.update((result, sign) for result in instruction.results[:1])

        self.budget.spend(self.tapes.value.size * self.steps / self.tapes.gradient.size)
        interpret(self.tapes.value, self.system, [Bounded(x, 0) for x in there], watch)
        return frozenset(found)

    def lasting(self, sampled: BoundedPass, there: list[Any], aside: Any) -> frozenset[int]:
        """The kinks of a sample that are touched all around it too."""
        random = RandomStream(SAMPLING_SEED, SAMPLING_PURPOSE, SIDESTEP_STREAM)
        lasting = frozenset(sampled.touched)
        for _ in range(2):
            if lasting:
                beside = [x + aside * random.uniform(-1.0, 1.0) for x in there]
                lasting &= self.run_bounded_pass(beside).touched.keys()
        return lasting

    def by_differences(self, here: BoundedPass, there: list[Any], aside: Any) -> dict[int, Any]:
        """Slopes by difference quotients, where an edge all around hides them.

        sqrt(relu(x)) is flat where x is negative, and the rule of sqrt says 1/0 there. Around the
        sample f is smooth all the same, so that the quotients to both sides agree.
        """
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


def _known(slope: Bounded) -> bool:
    """Whether a slope is finite and has enough digits."""
    return slope.good and bool(
        slope.error <= SLOPE_TOLERANCE**2 * max(abs(slope.value), SLOPE_TOLERANCE**3)
    )


def _close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= SLOPE_TOLERANCE**2 * max(abs(a), abs(b), 1))
