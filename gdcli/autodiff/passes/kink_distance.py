"""How near a tape's inputs are to a kink, as a tape: what a fast answer is checked with.

Comes in: a Tape. Goes out: a Tape whose one output is the least of |distance| over the kinks that a
run meets (a primitive's own, ties of max and min, equal sides of a comparison), in the units of
each kink's formula, so that it is 0 on a kink and nowhere else; None for a tape that has none.
A kink with an infinite slope is left out: floats raise there.
"""

from __future__ import annotations

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import active
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.primitives import PRIMITIVES, SILENT_KINKS
from gdcli.autodiff.tape import BRANCH, Instruction, Region, Tape, instructions

TIE_DISTANCE = "ifelse(t > 1, 0, 1)"


def kink_distance(tape: Tape) -> Tape | None:
    """The Tape of the distance from the nearest kink."""
    builder = Builder(tape.inputs)
    distance = nearest_kink(builder, tape)
    return None if distance is None else builder.tape([distance])


def nearest_kink(builder: Builder, tape: Tape) -> int | None:
    """The value that is the distance of the nearest kink of `tape`; None where it has none."""
    if not any(
        one.operation == BRANCH or one.payload in SILENT_KINKS for one in instructions(tape.body)
    ):
        return None
    return _nearest(builder, builder.extend(tape), tape.body, active(tape))


def _nearest(builder: Builder, numbers: list[int], region: Region, moving: set[int]) -> int:
    """The least distance among the kinks of a region and of those inside it.

    What the inputs do not move has none, whatever it is.
    """
    found = []
    for instruction in region.instructions:
        operands = [numbers[operand] for operand in instruction.operands]
        moves = not moving.isdisjoint(instruction.operands)
        if instruction.operation == BRANCH:
            if moves:
                found.append(builder.apply("abs", builder.apply("-", *operands)))
            builder.branch(instruction.payload, *operands)
            where_it_holds = _nearest(builder, numbers, instruction.regions[0], moving)
            builder.otherwise()
            elsewhere = _nearest(builder, numbers, instruction.regions[1], moving)
            found += builder.close([where_it_holds], [elsewhere])
        elif moves and instruction.payload in SILENT_KINKS:
            distance = _distance(builder, instruction, operands, numbers)
            found.append(builder.apply("abs", distance))
    if len(found) > 1:
        return builder.apply("min", *found)
    return found[0] if found else builder.constant(exact.ONE)


def _distance(
    builder: Builder, instruction: Instruction, operands: list[int], numbers: list[int]
) -> int:
    y = numbers[instruction.results[0]]
    row = PRIMITIVES[instruction.payload]
    if row.variadic:
        # one value that stands in two places is no tie
        known = {"t": builder.apply("tie-count", y, *dict.fromkeys(operands))}
        return lower_formula(builder, TIE_DISTANCE, known)
    known = dict(zip((*row.arguments, "y"), (*operands, y), strict=True))
    return lower_formula(builder, row.kink, known)
