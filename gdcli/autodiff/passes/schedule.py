"""The order of work on a tape with loops: passes after differentiation that change no value.

Comes in: a gradient or tangent Tape. Goes out: a Tape of the same outputs and effects that goes
over memory less often. Differentiation never sees what is made here. Each pass is a function from
Tape to Tape, and PASSES names them in order.

- `fuse` makes loops over the same range one loop, where neither needs what the other hands out: the
  forward sum and its reverse, whose adjoint is known before, become one pass over memory.
- `keep` stores what an inner loop has found at some cost, where a later one over the same range
  would compute it again; the outermost loops, which may be long, store nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.passes import SCHEDULING_PASSES
from gdcli.autodiff.primitives import INLINE_PRIMITIVES
from gdcli.autodiff.regions import canonical, free_values
from gdcli.autodiff.tape import CARRY, EXTREMA, Instruction, Region, Tape, instructions

# Quicker to compute again than to read from memory; most integer powers are squares.
RECOMPUTED_PRIMITIVES = INLINE_PRIMITIVES - {"sqrt"} | {"pow-integer"}


def schedule(tape: Tape) -> Tape:
    """`tape` with every pass run over it."""
    for make in PASSES.values():
        tape = make(tape)
    return tape


# -- fuse --------------------------------------------------------------------------------------


def fuse(tape: Tape) -> Tape:
    """Loops over the same range become one; the outer ones first, since that brings inner ones
    together."""
    for level in range(_nesting(tape.body)):
        builder = Builder(tape.inputs, tape.arrays)
        fusing = _Fusing(builder, [0] * tape.size, level)
        tape = builder.tape(fusing.region(tape.body))
    return tape


class _Fusing(Copy):
    """Copies a tape and fuses the loops that stand in `level` other loops."""

    def __init__(self, builder: Builder, numbers: list[int], level: int) -> None:
        super().__init__(builder, numbers)
        self.level = level
        self.loops_around = 0

    def region(self, region: Region) -> list[int]:
        if self.loops_around != self.level:
            return super().region(region)
        for group in grouped(region.instructions):
            if len(group) == 1:
                super().region(Region((group[0],), ()))
            else:
                self.fused(group)
        return [self.numbers[output] for output in region.outputs]

    def loop(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        self.loops_around += 1
        results = super().loop(instruction, operands)
        self.loops_around -= 1
        return results

    def fused(self, loops: Sequence[Instruction]) -> None:
        """One loop that does what each of `loops` does."""
        self.builder.origin = loops[0].origin
        index = self.builder.loop(loops[0].payload, [self.numbers[o] for o in loops[0].operands])
        self.loops_around += 1
        outputs, kinds = [], []
        for one in loops:
            self.numbers[one.regions[0].instructions[0].results[0]] = index
            outputs += self.region(one.regions[0])
            kinds += one.payload.reductions
        self.loops_around -= 1
        self.builder.origin = loops[0].origin
        made = iter(self.builder.close_loop(kinds, outputs))
        for one in loops:
            for result in one.results:
                self.numbers[result] = next(made)


def grouped(code: Sequence[Instruction]) -> list[list[Instruction]]:
    """The instructions in an order that they can run in, loops that may be one together."""
    loops = [n for n, one in enumerate(code) if one.operation == opcode.LOOP and not _carries(one)]
    if len(loops) < 2:
        return [[one] for one in code]
    needs = _needs(code)
    groups: list[list[int]] = [[n] for n in range(len(code))]
    for place in loops:
        for first in loops:
            if first >= place:
                break
            if groups[first] and _range(code[first]) == _range(code[place]):
                merged = [list(group) for group in groups]
                merged[first] += merged[place]
                merged[place] = []
                if _ordered(merged, needs) is not None:
                    groups = merged
                    break
    ordered = _ordered(groups, needs)
    assert ordered is not None
    return [[code[n] for n in group] for group in ordered]


def _range(loop: Instruction) -> tuple[Any, ...]:
    return loop.payload._replace(reductions=()), loop.operands


def _carries(loop: Instruction) -> bool:
    return CARRY in loop.payload.reductions


def _needs(code: Sequence[Instruction]) -> list[set[int]]:
    """By instruction: the places of those whose results, or kept values, it needs."""
    made: dict[Any, int] = {}
    needs = []
    for place, instruction in enumerate(code):
        used: set[Any] = set(instruction.operands)
        for region in instruction.regions:
            used |= free_values(region)
            used |= {
                (opcode.KEEP, one.payload)
                for one in instructions(region)
                if one.operation == opcode.RECALL
            }
        needs.append({made[value] for value in used if value in made} - {place})
        made.update(dict.fromkeys(_made(instruction), place))
    return needs


def _made(instruction: Instruction) -> Iterable[Any]:
    """What later instructions may need of one: its results, those of its sides, what it keeps."""
    yield from instruction.results
    for region in instruction.regions:
        for one in instructions(region):
            yield from one.results
            if one.operation == opcode.KEEP:
                yield (opcode.KEEP, one.payload)


def _ordered(groups: Sequence[list[int]], needs: Sequence[set[int]]) -> list[list[int]] | None:
    """The groups, each after what it needs; None where they need each other in a circle."""
    waiting = [group for group in groups if group]
    done: set[int] = set()
    ordered = []
    while waiting:
        later = []
        for group in waiting:
            if all(needs[place] <= done for place in group):
                done.update(group)
                ordered.append(group)
            else:
                later.append(group)
        if len(later) == len(waiting):
            return None
        waiting = later
    return ordered


def _nesting(region: Region) -> int:
    """How many loops stand inside one another."""
    return max(
        (
            (one.operation == opcode.LOOP) + max(map(_nesting, one.regions))
            for one in region.instructions
            if one.regions
        ),
        default=0,
    )


# -- keep --------------------------------------------------------------------------------------


def keep(tape: Tape) -> Tape:
    """What inner loops compute twice is stored the first time."""
    kept = _Keeping(tape)
    body = kept.region(tape.body, inside=False)
    if not kept.count:
        return tape
    builder = Builder(tape.inputs, tape.arrays)
    numbers = builder.extend(tape._replace(body=body))
    return builder.tape([numbers[output] for output in body.outputs])


class _Keeping:
    def __init__(self, tape: Tape) -> None:
        used = [one.payload for one in instructions(tape.body) if one.operation == opcode.KEEP]
        self.first = max(used, default=-1) + 1
        self.count = 0

    def region(self, region: Region, *, inside: bool) -> Region:
        """The region with its pairs of loops changed, where it stands `inside` another loop."""
        code = list(region.instructions)
        loops = [n for n, one in enumerate(code) if one.operation == opcode.LOOP]
        for second in loops if inside else ():
            for first in loops:
                if first < second and _range(code[first]) == _range(code[second]):
                    code[first], code[second] = self.pair(code[first], code[second])
        for place, one in enumerate(code):
            if one.regions:
                within = inside or one.operation == opcode.LOOP
                inner = tuple(self.region(each, inside=within) for each in one.regions)
                code[place] = one._replace(regions=inner)
        return region._replace(instructions=tuple(code))

    def pair(self, first: Instruction, second: Instruction) -> tuple[Instruction, Instruction]:
        """Two loops over one range, changed so that the second recalls what the first keeps."""
        same = equal_values(first.regions[0], second.regions[0])
        worth = worth_keeping(second.regions[0], same)
        before, after = list(first.regions[0].instructions), []
        for one in second.regions[0].instructions:
            if worth.isdisjoint(one.results):
                after.append(one)
                continue
            for result in one.results:
                buffer = self.first + self.count
                self.count += 1
                before.append(Instruction(opcode.KEEP, buffer, (same[result],), (), (), one.origin))
                after.append(Instruction(opcode.RECALL, buffer, (), (result,), (), one.origin))
        return (
            first._replace(regions=(first.regions[0]._replace(instructions=tuple(before)),)),
            second._replace(regions=(second.regions[0]._replace(instructions=tuple(after)),)),
        )


def equal_values(first: Region, second: Region) -> dict[int, int]:
    """Map each value of the second body to the equal value that the first body makes."""
    known = {_key(one, {}): one.results for one in first.instructions if _is_pure(one)}
    same: dict[int, int] = {}
    for one in second.instructions:
        if _is_pure(one):
            same.update(zip(one.results, known.get(_key(one, same), ()), strict=False))
    return same


def _is_pure(instruction: Instruction) -> bool:
    """Whether the results may be kept for an equal instruction elsewhere; an index may not."""
    if instruction.operation == opcode.LOOP:
        if not set(instruction.payload.reductions).isdisjoint(EXTREMA):
            return False
        inside = instructions(instruction.regions[0])
        return all(
            one.operation
            in (opcode.APPLY, opcode.ELEMENT, opcode.LOOP, opcode.INDEX, opcode.BRANCH)
            for one in inside
        )
    return instruction.operation in (opcode.APPLY, opcode.ELEMENT, opcode.INDEX)


def _key(instruction: Instruction, names: dict[int, int]) -> Any:
    operands = tuple(names.get(operand, operand) for operand in instruction.operands)
    regions = tuple(canonical(region, names) for region in instruction.regions)
    return instruction.operation, instruction.payload, operands, regions


def worth_keeping(body: Region, same: dict[int, int]) -> set[int]:
    """The values among `same` that cost something and that other values need."""
    costly: set[int] = set()
    needed: set[int] = set(body.outputs)
    for one in body.instructions:
        mine = one.results and one.results[0] in same
        used = {*one.operands, *(value for region in one.regions for value in free_values(region))}
        if not mine:
            needed |= used
        elif (
            one.operation == opcode.LOOP
            or (one.operation == opcode.APPLY and one.payload not in RECOMPUTED_PRIMITIVES)
            or not costly.isdisjoint(used)
        ):
            costly.update(one.results)
    return costly & needed


PASSES: dict[str, Callable[[Tape], Tape]] = dict(zip(SCHEDULING_PASSES, (fuse, keep), strict=True))
