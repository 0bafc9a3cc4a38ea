"""The reverse of loops.

Comes in: a Sweep, a loop of its Tape, and the adjoints of the loop's results. Goes out: a loop over
the same range in the tape being made, whose body is the old body and the sweep back over it; the
adjoints of what the body takes from outside are sums over that loop. So the length of the new tape
depends on the length of the old one and never on how often a loop runs.

- A sum hands its adjoint to every term.
- A product of factors p hands p_k the product of the others, from running products of the factors
  before it, which are kept, and of those after it: nothing is divided, so a factor may be 0.
- A maximum or minimum hands equal shares to the terms that tie: the first and the last of them are
  known by index, so that one pass over that range, nearly always one term, finds them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import product
from gdcli.autodiff.tape import (
    CARRY,
    EXTREMA,
    PRODUCT,
    SUM,
    Instruction,
    Loop,
    Region,
    Subscript,
    results_of,
)

Adjoints = dict[int, int | None]  # by value of the Tape; None is an exact 0

# From the first to the last of the terms that tie, which are the operands.
TIE_RANGE = Loop((Subscript(0, (), (1, 0)),), (Subscript(0, (), (0, 1)),))


class Sweep(Protocol):
    """The walk back over the whole Tape, of `reverse.py`, as a loop sees it."""

    builder: Builder
    numbers: list[int]  # of the tape's values, in the tape being made
    active: set[int]

    def region(self, region: Region, adjoints: Adjoints) -> None:
        """Takes the adjoints of what the region makes; leaves those of what it has taken."""

    def add(self, adjoints: Adjoints, value: int, share: int | None) -> None:
        """Adds to the adjoint of `value`."""

    def round(self, adjoints: Adjoints, adjoint: int, y: int) -> None:
        """Notes the rounding of y."""


def loop(sweep: Sweep, instruction: Instruction, adjoints: Adjoints) -> None:
    """Takes the adjoints of the results; adds those of what the loop takes from outside."""
    over: Loop = instruction.payload
    firsts = accumulate(results_of(over.reductions), initial=0)
    sums: dict[int, int] = {}
    for place, (kind, first) in enumerate(zip(over.reductions, firsts, strict=False)):
        result = instruction.results[first]
        adjoint = adjoints.pop(result, None)
        if adjoint is None or instruction.regions[0].outputs[place] not in sweep.active:
            continue
        sweep.round(adjoints, adjoint, sweep.numbers[result])
        if kind == SUM:
            sums[place] = adjoint
        elif kind == PRODUCT:
            _product(sweep, instruction, place, adjoint, adjoints)
        elif kind in EXTREMA:
            results = instruction.results[first : first + 4]
            _extremum(sweep, instruction, place, results, adjoint, adjoints)
    if sums:
        backward = _Backward(sweep, instruction)
        backward.open(instruction)
        for place, adjoint in sums.items():
            backward.seed(place, adjoint)
        backward.close(adjoints)


class _Backward:
    """A loop over a range of `forward`, which runs its body and sweeps back over it."""

    def __init__(self, sweep: Sweep, forward: Instruction) -> None:
        self.sweep = sweep
        self.builder = sweep.builder
        self.forward = forward
        self.body = forward.regions[0]
        self.local: Adjoints = {}

    def open(self, over: Instruction, *, descending: bool = False) -> int:
        """Opens the loop over the range of `over` and copies the body of the forward loop."""
        numbers = self.sweep.numbers
        indices = [numbers[operand] for operand in over.operands]
        payload = over.payload._replace(descending=descending)
        return self.enter(payload, indices)

    def enter(self, payload: Loop, indices: Sequence[int]) -> int:
        """The same, over any range."""
        numbers = self.sweep.numbers
        index = self.builder.loop(payload, indices)
        numbers[self.body.instructions[0].results[0]] = index
        Copy(self.builder, numbers, effects=False).region(self.body)
        return index

    def term(self, place: int) -> int:
        """The output of the body there."""
        return self.sweep.numbers[self.body.outputs[place]]

    def seed(self, place: int, adjoint: int | None) -> None:
        """Gives the output there an adjoint."""
        self.sweep.add(self.local, self.body.outputs[place], adjoint)

    def swept(self) -> tuple[list[int], list[int]]:
        """Sweeps back over the body; what it takes from outside, and the adjoints of that."""
        self.sweep.region(self.body, self.local)
        found = {value: adjoint for value, adjoint in self.local.items() if adjoint is not None}
        return list(found), list(found.values())

    def close(self, adjoints: Adjoints, carried: Sequence[int] = ()) -> None:
        """Sweeps back and closes the loop; its sums are added to `adjoints`."""
        taken, outputs = self.swept()
        self.builder.origin = self.forward.origin
        ones = [self.builder.constant(exact.ONE) for _ in carried]
        reductions = [*[CARRY for _ in carried], *[SUM for _ in taken]]
        results = self.builder.close_loop(reductions, [*carried, *outputs], ones)
        for value, result in zip(taken, results[len(carried) :], strict=True):
            self.sweep.add(adjoints, value, result)


def choose(builder: Builder, comparison: str, left: int, right: int, *sides: int) -> int:
    """The first of two values where the comparison holds, else the second."""
    builder.branch(comparison, left, right)
    builder.otherwise()
    return builder.close(sides[:1], sides[1:])[0]


def tied_with(builder: Builder, term: int, index: int, extremum: int, first: int, last: int) -> int:
    """1 where the term of that index is one of those that tie, else 0."""
    one, zero = builder.constant(exact.ONE), builder.constant(exact.ZERO)
    tied = choose(builder, "==", term, extremum, one, zero)
    tied = choose(builder, "==", index, first, one, tied)
    return choose(builder, "==", index, last, one, tied)


def _product(
    sweep: Sweep, instruction: Instruction, place: int, adjoint: int, adjoints: Adjoints
) -> None:
    builder = sweep.builder
    buffer = builder.new_buffer()
    before = _Backward(sweep, instruction)
    before.open(instruction)
    factors_before = builder.carried(0)
    builder.keep(buffer, factors_before)
    after_it = builder.apply("*", factors_before, before.term(place))
    builder.close_loop([CARRY], [after_it], [builder.constant(exact.ONE)])

    backward = _Backward(sweep, instruction)
    backward.open(instruction, descending=True)
    factors_after = builder.carried(0)
    others = builder.apply("*", builder.recall(buffer), factors_after)
    backward.seed(place, product(builder, adjoint, others))
    backward.close(adjoints, [builder.apply("*", factors_after, backward.term(place))])


def _extremum(
    sweep: Sweep,
    instruction: Instruction,
    place: int,
    results: Sequence[int],
    adjoint: int,
    adjoints: Adjoints,
) -> None:
    builder = sweep.builder
    value, ties, first, last = (sweep.numbers[result] for result in results)
    share = builder.apply("/", adjoint, ties)
    backward = _Backward(sweep, instruction)
    index = backward.enter(TIE_RANGE, (first, last))
    tied = tied_with(builder, backward.term(place), index, value, first, last)
    one, zero = builder.constant(exact.ONE), builder.constant(exact.ZERO)
    builder.branch("==", tied, one)
    Copy(builder, sweep.numbers, effects=False).region(backward.body)  # what only its sides hold
    backward.seed(place, share)
    taken, outputs = backward.swept()
    builder.otherwise()
    handed = builder.close(outputs, [zero for _ in outputs])
    results = builder.close_loop([SUM for _ in handed], handed)
    for captured, result in zip(taken, results, strict=True):
        sweep.add(adjoints, captured, result)
