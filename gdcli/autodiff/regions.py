"""Regions looked at from outside: what they take, what of them is needed, when two are equal.

Comes in: Regions whose values have any numbers. Nothing here knows what an instruction computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    CARRY,
    EARLIER,
    UNFINISHED,
    Instruction,
    Region,
    index_of,
    instructions,
    is_of_table,
    loop_results,
)

NO_NAMES: Mapping[int, Any] = MappingProxyType({})


def free_values(region: Region) -> set[int]:
    """The values that a region uses and does not make."""
    steps = list(instructions(region))
    made = {result for one in steps for result in one.results}
    used = {operand for one in steps for operand in one.operands}
    for one in steps:
        for inner in one.regions:
            used.update(inner.outputs)
    return used.union(region.outputs) - made


def values_used(instruction: Instruction) -> set[Any]:
    """The values that an instruction takes from outside."""
    return set(instruction.operands).union(*map(free_values, instruction.regions))


def values_made(instruction: Instruction) -> Iterator[int]:
    """The values of an instruction that later ones may need: its results, those of its sides."""
    yield from instruction.results
    for side in instruction.regions if instruction.operation == opcode.BRANCH else ():
        for one in side.instructions:
            yield from values_made(one)


def is_recurrent(loop: Instruction) -> bool:
    """Whether the body of a loop reads entries of the tables that the loop fills."""
    index, code = index_of(loop), instructions(loop.regions[0])
    return any(one.operation == EARLIER and one.operands[0] == index for one in code)


def outward(region: Region, defined: Sequence[Instruction]) -> bool:
    """Whether a region adds to anything outside it, or reads an accumulator outside that is open.

    `defined` has, by value, the instruction that made it.
    """
    inside = {one.results[0] for one in instructions(region) if one.operation == UNFINISHED}
    for one in instructions(region):
        adds = one.operation == opcode.ACCUMULATE
        if adds and not (is_of_table(one) and one.operands[0] in inside):
            return True
        filler = one.operands[0] if one.operation == EARLIER else -1
        if filler != -1 and filler not in inside and defined[filler].operation == UNFINISHED:
            return True
    return False


def canonical(region: Region, names: Mapping[int, Any] = NO_NAMES) -> tuple[Any, ...]:
    """The region without its own numbers: equal for regions that do the same.

    `names` renames what it takes from outside.
    """
    numbers: dict[int, Any] = dict(names)
    first = len(numbers)

    def of(body: Region) -> tuple[Any, ...]:
        steps = []
        for operation, payload, operands, results, regions, _ in body.instructions:
            inner = tuple([of(one) for one in regions])
            renamed = tuple([numbers.get(operand, operand) for operand in operands])
            steps.append((operation, payload, renamed, len(results), inner))
            numbers.update({r: ("inner", len(numbers) - first, n) for n, r in enumerate(results)})
        return tuple(steps), tuple([numbers.get(output, output) for output in body.outputs])

    return of(region)


def needed_code(code: Iterable[Instruction], needed: set[Any]) -> tuple[Instruction, ...]:
    """The instructions that `needed` and effects rest on; what they need in turn is added to it."""
    code = list(code)
    while True:
        late: set[int] = set()
        kept = _needed(code, needed, late)
        if not late:
            return kept


def _needed(
    code: Sequence[Instruction], needed: set[Any], late: set[int]
) -> tuple[Instruction, ...]:
    """What needed_code finds in one walk from the end.

    `late` takes the UNFINISHED whose need is found behind what adds to it: they take another walk.
    """
    kept: list[Instruction] = []
    for instruction in reversed(code):
        operation = instruction.operation
        if operation == opcode.APPLY:  # as most are
            if instruction.results[0] not in needed:
                continue
        elif operation == opcode.BRANCH:
            shown = [place for place, r in enumerate(instruction.results) if r in needed]
            regions = []
            for region in instruction.regions:
                outputs = tuple(region.outputs[place] for place in shown)
                needed.update(outputs)
                regions.append(Region(_needed(region.instructions, needed, late), outputs))
            if not shown and not any(region.instructions for region in regions):
                continue
            results = tuple(instruction.results[place] for place in shown)
            instruction = instruction._replace(results=results, regions=tuple(regions))
        elif operation == opcode.LOOP:
            shortened = _needed_loop(instruction, needed, late)
            if shortened is None:
                continue
            instruction = shortened
        elif operation == opcode.ACCUMULATOR:
            region = instruction.regions[0]
            unfinished = index_of(instruction)
            if instruction.results[0] in needed:
                needed.add(unfinished)
            known = unfinished in needed
            code_inside = _needed(region.instructions, needed, late)
            if unfinished not in needed:  # nothing reads it; what stands in it may be needed
                kept.extend(reversed(code_inside))
                continue
            if not known:
                late.add(unfinished)
            instruction = instruction._replace(regions=(Region(code_inside, ()),))
        elif operation == opcode.ACCUMULATE:
            if is_of_table(instruction) and instruction.operands[0] not in needed:
                continue
        elif operation != opcode.INDEX and instruction.results[0] not in needed:
            continue
        needed.update(instruction.operands)
        kept.append(instruction)
    return tuple(reversed(kept))


def _needed_loop(instruction: Instruction, needed: set[Any], late: set[int]) -> Instruction | None:
    """The loop with the reductions that are needed; None where nothing of it is."""
    body = instruction.regions[0]
    recurrent = is_recurrent(instruction)
    shown = [
        one
        for one in loop_results(instruction)
        if recurrent or one.kind == CARRY or not needed.isdisjoint(one.results)
    ]
    effective = any(
        one.operation == opcode.ACCUMULATE and (not is_of_table(one) or one.operands[0] in needed)
        for one in instructions(body)
    )
    results = tuple([result for one in shown for result in one.results])
    if not effective and needed.isdisjoint(results):
        return None
    outputs = tuple([one.output for one in shown])
    needed.update(outputs)
    inner = Region(_needed(body.instructions, needed, late), outputs)
    payload = instruction.payload._replace(reductions=tuple([one.kind for one in shown]))
    return instruction._replace(payload=payload, results=results, regions=(inner,))


def renumbered(region: Region, numbers: dict[int, int]) -> Region:
    """The region under new numbers, by position; `numbers` takes old to new."""
    code = []
    for instruction in region.instructions:
        operation, payload, old_operands, old_results, regions, origin = instruction
        operands = tuple([numbers[operand] for operand in old_operands])
        inner = tuple([renumbered(old, numbers) for old in regions]) if regions else ()
        for result in old_results:
            numbers[result] = len(numbers)
        results = (
            (numbers[result],)
            if len(old_results) == 1
            else tuple([numbers[result] for result in old_results])
        )
        if regions or results != old_results or operands != old_operands:
            instruction = Instruction(operation, payload, operands, results, inner, origin)
        code.append(instruction)
    return Region(tuple(code), tuple([numbers[output] for output in region.outputs]))
