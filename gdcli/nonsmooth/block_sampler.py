"""The slopes around a point block by block; of many variables from a few sides only.

Comes in: tapes, a point and what a bounded pass found there. Goes out: Slopes, as `sampler.py` has
them, or UnresolvedKinks where they would take more samples than are allowed; these are counted,
never timed. What is smooth at the point adds its gradient to the slopes of the others, and blocks
that share no variable have nothing to do with each other: the generalised gradient of such a sum is
the product of theirs, and its point of least norm is found block by block (Clarke, propositions
2.3.3 and 2.3.5).

A block of many variables is sampled from a few opposite sides and along the way down. Where that
way shows no lower slope, or the slopes of opposite sides already have 0 between them, it is enough;
else all sides are sampled, if the budget allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from gdcli.autodiff.passes.separable_blocks import SeparableBlock, separate
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import LOAD, Tape
from gdcli.nonsmooth.bounded_pass import BoundedPass, Tapes, run_bounded_pass
from gdcli.nonsmooth.bounded_samples import (
    BudgetExceeded,
    SampledPoint,
    StepBudget,
    settled_slopes,
)
from gdcli.nonsmooth.sampler import (
    SLOPE_TOLERANCE,
    GradientSampler,
    Ring,
    Slopes,
    steepest,
)
from gdcli.numbers.bounded import context_of, system_of

FEW_VARIABLES = 12  # up to which all sides are sampled, whatever it takes
MOST_SAMPLED_VARIABLES = 64  # up to which that is tried within the budget
MOST_SAMPLING_STEPS = 300_000  # of tapes: a few seconds
OPPOSITE_PAIRS = 2  # of directions, where few sides are sampled


class UnresolvedKinks(Exception):
    """Kinks in so many `variables` that sampling them exceeds the budget."""

    def __init__(self, variables: int) -> None:
        super().__init__()
        self.variables = variables


class PassNumbers:
    """The number system of a bounded pass."""

    def __init__(self, digits: int, constants_are_floats: bool) -> None:
        self.system = system_of(digits, constants_are_floats)
        self.number: Callable[[Any], Any] = context_of(digits).mpf
        self.constants_are_floats = constants_are_floats

    def run_bounded_pass(self, tape: Tape, point: Sequence[float]) -> tuple[Tapes, BoundedPass]:
        """The tape with its gradient tape, and what a bounded pass over both finds at a point."""
        tapes = Tapes(tape, reverse(tape))
        return tapes, run_bounded_pass(self.system, tapes, list(map(self.number, point)))


def slopes_by_blocks(
    tape: Tape,
    point: Sequence[float],
    touched: set[int],
    unknown: set[int],
    numbers: PassNumbers,
    most_steps: float = inf,
) -> Slopes:
    """The least-norm slopes around `point`, where the kinks `touched` are met.

    `unknown` are the inputs by which the derivative has no value. Raises UnresolvedKinks where
    they would take more than `most_steps`, or are many and would take MOST_SAMPLING_STEPS.
    """
    loads = {one.payload: one.results[0] for one in tape.body.instructions if one.operation == LOAD}
    blocks = separate(tape, touched | {loads[number] for number in unknown if number in loads})
    gradient: list[Any] = [numbers.number(0)] * len(point)
    if blocks.rest is not None:
        smooth = numbers.run_bounded_pass(blocks.rest.tape, [point[i] for i in blocks.rest.inputs])[
            1
        ]
        for number, slope in zip(blocks.rest.inputs, smooth.gradient, strict=True):
            gradient[number] = slope.value
    many = len(point) > FEW_VARIABLES
    budget = StepBudget(min(most_steps, MOST_SAMPLING_STEPS) if many else most_steps)
    known: dict[Any, Slopes] = {}
    jumps = False
    for block in blocks.blocks:
        at = [point[number] for number in block.inputs]
        added = [gradient[number] for number in block.inputs]
        key = (block.tape, *at, *map(str, added))  # terms of a sum are often the same
        if key not in known:
            try:
                known[key] = _block_slopes(block, at, added, numbers, budget)
            except BudgetExceeded:
                raise UnresolvedKinks(sum(len(one.inputs) for one in blocks.blocks)) from None
        found = known[key]
        jumps |= found.jumps
        for number, slope in zip(block.inputs, found.gradient, strict=True):
            gradient[number] = slope
    return Slopes(gradient, jumps)


def _block_slopes(
    block: SeparableBlock,
    point: list[float],
    added: list[Any],
    numbers: PassNumbers,
    budget: StepBudget,
) -> Slopes:
    tapes, bounded_pass = numbers.run_bounded_pass(block.tape, point)
    place = SampledPoint(tapes, point, numbers.constants_are_floats, added if any(added) else ())
    value = float(bounded_pass.value.value)
    if len(point) > FEW_VARIABLES:
        try:
            return settled_slopes(FewSidesSampler, place, value, budget)
        except BudgetExceeded:
            if len(point) > MOST_SAMPLED_VARIABLES:
                raise
    return settled_slopes(GradientSampler, place, value, budget)


class FewSidesSampler(GradientSampler):
    """Samples a few sides and the way down. Raises BudgetExceeded where that is not enough."""

    def axes(self) -> list[list[Any]]:
        """None: the few sides are random ones."""
        return []

    def others(self) -> list[list[Any]]:
        """A few sides and their opposites."""
        return super().others()[: 2 * OPPOSITE_PAIRS]

    def oscillating(self, ring: Ring) -> set[int]:
        """None; but steep slopes, as of x*sin(1/x), need all sides: BudgetExceeded."""
        if steepest(ring.samples, range(self.n)) >= 1 / SLOPE_TOLERANCE:
            raise BudgetExceeded
        return set()

    def down(
        self, ring: Ring, nearest: list[Any], size: Any, components: Sequence[int]
    ) -> list[list[Any]]:
        """The slopes along the way down, off the kinks that it runs along."""
        slopes = self.along(ring, nearest, size, components, self.tolerances.tilt)
        if len(slopes) < 2:
            raise BudgetExceeded
        return slopes

    def unfinished(self, nearest: list[Any]) -> list[Any]:  # noqa: ARG002
        """Nothing: a point that may not be the nearest is no answer. Raises BudgetExceeded."""
        raise BudgetExceeded
