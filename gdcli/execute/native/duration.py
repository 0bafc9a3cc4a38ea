"""How long machine code takes: an estimate, by counted operations.

Comes in: a Context and the plans of its loops. Goes out: nanoseconds of one thread. What is decided
by them is who runs the code, never what it computes. A clock would decide otherwise in every run,
and operations alone tell little: a strip has a hundred of them in the time of one of a recurrence.
The figures are those of a processor with AVX-512; most loops take a half to twice as long there.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.primitives import INLINE_PRIMITIVES
from gdcli.autodiff.tape import Instruction, Region, index_of
from gdcli.execute.native.context import Context
from gdcli.execute.native.plan import LoopPlan
from gdcli.numbers.floats import GAMMA_FUNCTIONS

# What takes longer is run by other threads, so that Ctrl-C reaches the main one, and they share its
# loops. To wake them takes 0.02 ms, and at times 4 ms where processors are busy.
ALONE_NANOSECONDS = 2_000_000
# Nanoseconds of an operation and of a call, by how the iterations of a loop go.
BY_STRIPS, BY_LANES, ONE_BY_ONE = (1 / 128, 1.0), (1 / 32, 1.0), (1 / 4, 6.0)
BY_POINTS = 1 / 32, 3.0  # of a tape whose lanes are points: some functions are called for each lane
READ_APART, ADDED_APART = 1 / 8, 1 / 2  # entries that lie apart for neighbouring lanes
SLOWER_CALLS = {  # how many other calls they take as long as
    **dict.fromkeys(("pow-integer", "pow-general"), 3),
    **dict.fromkeys(GAMMA_FUNCTIONS, 7),
}

Rates = tuple[float, float]


def nanoseconds(context: Context, plans: Sequence[LoopPlan], point_lanes: bool) -> float:
    """The time of one evaluation by one thread; of a point, where points are the lanes."""
    strips = {plan.index_value for plan in plans if plan.strips is not None}
    whole = Region(context.steps, ())
    return _Duration(context, strips).region(whole, BY_POINTS if point_lanes else ONE_BY_ONE, None)


class _Duration:
    """The times of the regions of a tape, some of whose loops go by strips."""

    def __init__(self, context: Context, strips: set[int]) -> None:
        self.context = context
        self.strips = strips

    def region(self, region: Region, rates: Rates, lane: int | None) -> float:
        """The time of a region in the lanes of the loop of that index, if there is one."""
        others = [  # the rest, which is most of long straight code, is only counted
            one
            for one in region.instructions
            if one.operation != opcode.APPLY or one.payload not in INLINE_PRIMITIVES
        ]
        inline = (len(region.instructions) - len(others)) * rates[0]
        return inline + sum(self.instruction(one, rates, lane) for one in others)

    def instruction(self, one: Instruction, rates: Rates, lane: int | None) -> float:
        operation, call = rates
        if one.operation == opcode.LOOP:
            index = index_of(one)
            if index in self.strips:
                rates, lane = BY_STRIPS, None
            elif index in self.context.vectors:
                rates, lane = BY_LANES, index
            joins = len(one.payload.reductions) * rates[0]
            return self.context.trips(one) * (joins + self.region(one.regions[0], rates, lane))
        if one.operation in (opcode.ELEMENT, opcode.ACCUMULATE) and lane is not None:
            apart = READ_APART if one.operation == opcode.ELEMENT else ADDED_APART
            return operation if self.is_beside(one, lane) else apart
        if self.context.work.is_call(one):
            return call * SLOWER_CALLS.get(one.payload, 1)
        free = one.operation in (opcode.INDEX, opcode.UNFINISHED)
        inner = sum(self.region(region, rates, lane) for region in one.regions)
        return inner + (0.0 if free else operation)

    def is_beside(self, one: Instruction, lane: int) -> bool:
        """Whether the lanes read or add to one entry, or to neighbours."""
        position = self.context.position(one)
        of_data = any(value not in self.context.work.trips for value, _ in position.terms)
        return not of_data and position.coefficient(lane) in (0, 1)
