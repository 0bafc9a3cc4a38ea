"""Forward mode through loops.

Comes in: a Push and a loop of its Tape. Goes out: a loop over the same range in the tape being
made, whose body is the old body and the tangents along it. The tangent of a sum is a sum. What a
loop carries has a tangent that is carried beside it, and a product is carried like any other:
(p·b)' = p'·b + p·b'. The tangent of a maximum is the mean of the tangents of the terms that tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from gdcli.autodiff import exact
from gdcli.autodiff.backward import TIE_RANGE, choose, tied_with
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import product, total
from gdcli.autodiff.tape import (
    CARRY,
    EFFECTS,
    EXTREMA,
    PRODUCT,
    SUM,
    Instruction,
    Region,
    instructions,
    results_of,
)


class Push(Protocol):
    """The walk along the whole Tape, of `forward.py`, as a loop sees it."""

    builder: Builder
    copy: Copy
    numbers: list[int]  # of the tape's values, in the tape being made
    active: set[int]
    tangents: dict[int, int | None]

    def inside(self, body: Region, carries: int) -> None:
        """Copies the body of a loop that has been opened, and takes along what it makes."""

    def or_zero(self, value: int) -> int:
        """The tangent of a value of the Tape, in the one being made."""


def loop(push: Push, instruction: Instruction) -> None:
    """Takes the tangents along the loop; sets those of its results."""
    over, body = instruction.payload, instruction.regions[0]
    firsts = list(accumulate(results_of(over.reductions), initial=0))[:-1]
    places = {
        kind: [n for n, one in enumerate(over.reductions) if one == kind]
        for kind in (CARRY, PRODUCT, SUM)
    }
    places[SUM] = [n for n in places[SUM] if body.outputs[n] in push.active]
    if any(places.values()) or any(one.operation in EFFECTS for one in instructions(body)):
        results = _Along(push, instruction, places[CARRY], places[PRODUCT], places[SUM]).results()
        for place, result in results.items():
            push.tangents[instruction.results[firsts[place]]] = result
    for place, kind in enumerate(over.reductions):
        if kind in EXTREMA and body.outputs[place] in push.active:
            found = instruction.results[firsts[place] : firsts[place] + 4]
            push.tangents[found[0]] = _extremum(push, instruction, place, found)


class _Along:
    """The loop of the tangents of the reductions in the places given."""

    def __init__(
        self,
        push: Push,
        instruction: Instruction,
        carries: Sequence[int],
        products: Sequence[int],
        sums: Sequence[int],
    ) -> None:
        self.push = push
        self.builder = push.builder
        self.instruction = instruction
        self.outputs = instruction.regions[0].outputs
        self.carries, self.products, self.sums = carries, products, sums

    def results(self) -> dict[int, int]:
        """Writes the loop; the tangent of each reduction."""
        push, builder, operands = self.push, self.builder, self.instruction.operands
        ranging = len(operands) - len(self.carries)
        initial = operands[ranging:]
        push.copy.open(self.instruction, [push.numbers[one] for one in operands[:ranging]])
        push.inside(self.instruction.regions[0], len(self.carries))
        pairs = [self.product(number, place) for number, place in enumerate(self.products)]
        outputs = [
            *[push.numbers[self.outputs[place]] for place in self.carries],
            *[push.or_zero(self.outputs[place]) for place in self.carries],
            *[value for pair in pairs for value in pair],
            *[push.or_zero(self.outputs[place]) for place in self.sums],
        ]
        start = [push.numbers[value] for value in initial]
        start += [push.or_zero(value) for value in initial]
        start += [builder.constant(exact.ONE), builder.constant(exact.ZERO)] * len(pairs)
        kinds = [*[CARRY] * len(start), *[SUM] * len(self.sums)]
        builder.origin = self.instruction.origin
        made = builder.close_loop(kinds, outputs, start)
        carried = len(self.carries)
        return {
            **dict(zip(self.carries, made[carried:], strict=False)),
            **dict(zip(self.products, made[2 * carried + 1 :: 2], strict=False)),
            **dict(zip(self.sums, made[len(start) :], strict=True)),
        }

    def product(self, number: int, place: int) -> tuple[int, int]:
        """The running product with this factor, and its tangent."""
        push, builder = self.push, self.builder
        first = 2 * len(self.carries) + 2 * number
        so_far, tangent = builder.carried(first), builder.carried(first + 1)
        factor = push.numbers[self.outputs[place]]
        share = product(builder, so_far, push.tangents.get(self.outputs[place]))
        after = total(builder, builder.apply("*", tangent, factor), share)
        assert after is not None
        return builder.apply("*", so_far, factor), after


def _extremum(push: Push, instruction: Instruction, place: int, results: Sequence[int]) -> int:
    builder = push.builder
    value, ties, first, last = (push.numbers[result] for result in results)
    body = instruction.regions[0]
    index = builder.loop(TIE_RANGE, (first, last))
    push.numbers[body.instructions[0].results[0]] = index
    push.inside(body, 0)
    output = body.outputs[place]
    tied = tied_with(builder, push.numbers[output], index, value, first, last)
    zero, one = builder.constant(exact.ZERO), builder.constant(exact.ONE)
    term = choose(builder, "==", tied, one, push.or_zero(output), zero)
    along = builder.close_loop([SUM], [term])[0]
    return builder.apply("/", along, ties)
