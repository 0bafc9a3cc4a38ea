"""Every value of a Tape at a point, not its outputs alone.

Comes in: a Tape, a NumberSystem and a number for every input. Goes out: the values by number;
what stands on a side of a branch that is not taken has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gdcli.autodiff.tape import BRANCH, COMPARATORS, Instruction, Region, Tape
from gdcli.execute.interpret import interpret
from gdcli.numbers.floats import NumberSystem, nan


def observe(tape: Tape, system: NumberSystem, point: Sequence[Any]) -> dict[int, Any]:
    """All that `tape` computes at `point`."""
    values: dict[int, Any] = {}
    entered: list[tuple[Instruction, int | None]] = []

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if instruction.operation == BRANCH:
            entered.append((instruction, region_taken(instruction, *map(system.order, operands))))
        else:
            values[instruction.results[0]] = value

    instructions = tape.body.instructions
    made = tuple(result for instruction in instructions for result in instruction.results)
    outermost = tape._replace(body=Region(instructions, made))
    values.update(zip(made, interpret(outermost, system, point, watch), strict=True))
    # A branch's results are numbered when it ends, so what a region hands out is there before.
    for instruction, side in sorted(entered, key=lambda one: one[0].results):
        for place, result in enumerate(instruction.results):
            handed = None if side is None else instruction.regions[side].outputs[place]
            values[result] = nan if handed is None else values[handed]
    return values


def region_taken(instruction: Instruction, left: Any, right: Any) -> int | None:
    """Which region of a branch runs, 0 where its comparison holds; None where it means nothing."""
    if left != left or right != right:
        return None
    return 0 if COMPARATORS[instruction.payload](left, right) else 1
