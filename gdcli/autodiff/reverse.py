"""Reverse mode: a Tape with one output becomes its gradient Tape.

Comes in: a Tape without effects. Goes out: a Tape that computes the output and then its derivative
by every input, for the cost of a few evaluations however many inputs there are: the instructions
are walked backwards, and every value's adjoint (the derivative of the output by that value) is
passed on to the operands that made it. The reverse of a branch is a branch, and that of a loop a
loop, in `backward.py`; derivatives by the elements of an array are accumulated.

Source: Linnainmaa (1976); Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff import backward, exact
from gdcli.autodiff.backward import Adjoints
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import active, partials, product, total
from gdcli.autodiff.tape import APPLY, BRANCH, ELEMENT, LOAD, LOOP, Instruction, Region, Tape

ROUNDING_SLOT = -1  # stands among the adjoints for the sum of |adjoint * value|


def reverse(tape: Tape) -> Tape:
    """The gradient Tape: outputs f, then ∂f/∂ each of `tape.inputs` in order."""
    builder = Builder(tape.inputs, tape.arrays)
    sweep = Sweep(builder, tape)
    adjoints = sweep.whole()
    zero = builder.constant(exact.ZERO)
    gradient = [adjoints.get(load) for load in sweep.loads(len(tape.inputs))]
    derivatives = [zero if adjoint is None else adjoint for adjoint in gradient]
    return builder.tape([sweep.numbers[tape.body.outputs[0]], *derivatives])


def rounding(tape: Tape) -> Tape:
    """A Tape of Σ |adjoint·value| over all that `tape` computes.

    Times the unit of rounding it estimates the output's own rounding error to first order
    (Bauer 1974; Griewank and Walther, section 3.4).
    """
    builder = Builder(tape.inputs, tape.arrays)
    sweep = Sweep(builder, tape, with_rounding=True)
    bound = sweep.whole().get(ROUNDING_SLOT)
    return builder.tape([builder.constant(exact.ZERO) if bound is None else bound])


class Sweep:
    """The walk back over a Tape, each instruction's adjoint passed on to its operands."""

    def __init__(self, builder: Builder, tape: Tape, *, with_rounding: bool = False) -> None:
        self.builder = builder
        self.tape = tape
        self.numbers = builder.extend(tape)  # of the tape's values, in the tape being made
        self.active = active(tape)
        self.with_rounding = with_rounding

    def whole(self) -> Adjoints:
        """Walks back from the output, whose adjoint is 1; the adjoints of the inputs."""
        adjoints: Adjoints = {}
        output = self.tape.body.outputs[0]
        if output in self.active:
            adjoints[output] = self.builder.constant(exact.ONE)
            self.region(self.tape.body, adjoints)
        return adjoints

    def loads(self, count: int) -> list[int]:
        """The tape's value that loads each input, -2 for one that is never loaded."""
        found = [-2] * count
        for instruction in self.tape.body.instructions:
            if instruction.operation == LOAD:
                found[instruction.payload] = instruction.results[0]
        return found

    def region(self, region: Region, adjoints: Adjoints) -> None:
        """Takes the adjoints of what the region makes; leaves those of what it has taken."""
        for instruction in reversed(region.instructions):
            self.builder.origin = instruction.origin
            if instruction.operation == APPLY:
                self.apply(instruction, adjoints)
            elif instruction.operation == BRANCH:
                self.branch(instruction, adjoints)
            elif instruction.operation == LOOP:
                backward.loop(self, instruction, adjoints)
            elif instruction.operation == ELEMENT:
                self.element(instruction, adjoints)

    def element(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """The adjoint of an element of a variable is a derivative asked for."""
        adjoint = adjoints.pop(instruction.results[0], None)
        if adjoint is not None and not self.with_rounding:
            indices = [self.numbers[operand] for operand in instruction.operands]
            self.builder.accumulate(instruction.payload, indices, adjoint)

    def apply(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """Adds the result's adjoint times each partial derivative to the operand's adjoint."""
        result = instruction.results[0]
        adjoint = adjoints.pop(result, None)
        if adjoint is None:
            return
        y = self.numbers[result]
        operands = [self.numbers[operand] for operand in instruction.operands]
        self.round(adjoints, adjoint, y)
        moving = [n for n, operand in enumerate(instruction.operands) if operand in self.active]
        for place, slope in partials(self.builder, instruction.payload, operands, y, moving):
            share = product(self.builder, adjoint, slope)
            self.add(adjoints, instruction.operands[place], share)

    def round(self, adjoints: Adjoints, adjoint: int, y: int) -> None:
        """Adds |adjoint·y| to the sum that `rounding` asks for."""
        if self.with_rounding:
            size = self.builder.apply("abs", self.builder.apply("*", adjoint, y))
            self.add(adjoints, ROUNDING_SLOT, size)

    def branch(self, instruction: Instruction, adjoints: Adjoints) -> None:
        """A branch under the same comparison, which hands out the adjoints of what it took."""
        seeds = [adjoints.pop(result, None) for result in instruction.results]
        kept = [self.kept(region, adjoints) for region in instruction.regions]
        if not any(kept) and all(seed is None for seed in seeds):
            return
        left, right = (self.numbers[operand] for operand in instruction.operands)
        self.builder.branch(instruction.payload, left, right)
        where_it_holds = self.side(instruction.regions[0], seeds, kept[0])
        self.builder.otherwise()
        elsewhere = self.side(instruction.regions[1], seeds, kept[1])
        self.builder.origin = instruction.origin
        taken = sorted(where_it_holds.keys() | elsewhere.keys())
        results = self.builder.close(
            [self.or_zero(where_it_holds.get(value)) for value in taken],
            [self.or_zero(elsewhere.get(value)) for value in taken],
        )
        for value, result in zip(taken, results, strict=True):
            self.add(adjoints, value, result)

    def kept(self, region: Region, adjoints: Adjoints) -> Adjoints:
        """Takes the adjoints that later branches under the same guards gave the region's values."""
        found: Adjoints = {}
        for instruction in region.instructions:
            for value in instruction.results:
                if (adjoint := adjoints.pop(value, None)) is not None:
                    found[value] = adjoint
            for inner in instruction.regions:
                found.update(self.kept(inner, adjoints))
        return found

    def side(self, region: Region, seeds: Sequence[int | None], adjoints: Adjoints) -> Adjoints:
        """The adjoints of what one side took."""
        for output, seed in zip(region.outputs, seeds, strict=True):
            if output in self.active:
                self.add(adjoints, output, seed)
        self.region(region, adjoints)
        return {value: adjoint for value, adjoint in adjoints.items() if adjoint is not None}

    def or_zero(self, adjoint: int | None) -> int:
        """The adjoint as a value."""
        return self.builder.constant(exact.ZERO) if adjoint is None else adjoint

    def add(self, adjoints: Adjoints, value: int, share: int | None) -> None:
        """Adds to the adjoint of `value`."""
        adjoints[value] = total(self.builder, adjoints.get(value), share)
