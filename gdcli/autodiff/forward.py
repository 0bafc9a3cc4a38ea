"""Forward mode: a Tape becomes its tangent Tape.

Comes in: any Tape. Goes out: a Tape with twice the inputs and arrays, the point and a direction,
which computes the derivative of every output along that direction, and accumulates the derivative
of what the Tape accumulates. Over a gradient Tape these are the Hessian-vector products H·d.

Source: Wengert (1964); Pearlmutter, Fast exact multiplication by the Hessian (1994).
"""

from __future__ import annotations

from gdcli.autodiff import exact, forward_loops
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import active, partials, product, total
from gdcli.autodiff.tape import (
    ACCUMULATE,
    APPLY,
    BRANCH,
    CARRIED,
    ELEMENT,
    KEEP,
    LOAD,
    LOOP,
    RECALL,
    Instruction,
    Region,
    Tape,
)


def tangent(tape: Tape) -> Tape:
    """The Tape of the outputs' derivatives along the direction given by the second inputs."""
    builder = doubled(tape)
    push = Push(builder, tape)
    push.region(tape.body)
    return builder.tape([push.or_zero(output) for output in tape.body.outputs])


def direction(name: str) -> str:
    """What the input or array is called that holds the direction."""
    return f"d_{name}"


def doubled(tape: Tape) -> Builder:
    """A builder with the inputs and arrays of `tape` and as many for the direction."""
    inputs = (*tape.inputs, *map(direction, tape.inputs))
    return Builder(inputs, (*tape.arrays, *map(direction, tape.arrays)))


class Push:
    """The walk along a Tape, each instruction's tangent made of its operands' tangents."""

    def __init__(self, builder: Builder, tape: Tape) -> None:
        self.builder = builder
        self.tape = tape
        self.numbers = [0] * tape.size  # of the tape's values, in the tape being made
        self.copy = Copy(builder, self.numbers, effects=False)
        self.copy.region(tape.body)
        self.active = active(tape)
        self.tangents: dict[int, int | None] = {}
        self.buffers: dict[int, int] = {}  # the tangents of what is kept are kept too
        self.carries = 0  # of the loop around; their tangents are carried behind them

    def region(self, region: Region) -> None:
        """Takes along all that the region makes."""
        for instruction in region.instructions:
            self.builder.origin = instruction.origin
            operation, payload, results = instruction[0], instruction[1], instruction.results
            if operation == APPLY:
                self.tangents[results[0]] = self.apply(instruction)
            elif operation == BRANCH:
                self.branch(instruction)
            elif operation == LOOP:
                forward_loops.loop(self, instruction)
            elif operation == LOAD:
                self.tangents[results[0]] = self.builder.load(len(self.tape.inputs) + payload)
            elif operation == ELEMENT and payload.array in self.tape.arrays:
                along = payload._replace(array=direction(payload.array))
                self.tangents[results[0]] = self.builder.element(along, self.operands(instruction))
            elif operation == CARRIED:
                self.tangents[results[0]] = self.builder.carried(self.carries + payload)
            elif operation == RECALL:
                self.tangents[results[0]] = self.builder.recall(self.buffer(payload))
            elif operation == KEEP:
                self.builder.keep(self.buffer(payload), self.or_zero(instruction.operands[0]))
            elif operation == ACCUMULATE:
                indices = self.operands(instruction)[:-1]
                if (added := self.tangents.get(instruction.operands[-1])) is not None:
                    self.builder.accumulate(payload, indices, added)

    def inside(self, body: Region, carries: int) -> None:
        """Copies the body of a loop that has been opened, and takes along what it makes."""
        outer, self.carries = self.carries, carries
        self.copy.region(body)
        self.region(body)
        self.carries = outer

    def operands(self, instruction: Instruction) -> list[int]:
        """The instruction's operands, in the tape being made."""
        return [self.numbers[operand] for operand in instruction.operands]

    def buffer(self, kept: int) -> int:
        """The buffer of the tangents of what is kept in the other."""
        if kept not in self.buffers:
            self.buffers[kept] = self.builder.new_buffer()
        return self.buffers[kept]

    def apply(self, instruction: Instruction) -> int | None:
        """Σ over the operands of ∂y/∂operand times the operand's tangent."""
        y = self.numbers[instruction.results[0]]
        operands = [self.numbers[operand] for operand in instruction.operands]
        along: int | None = None
        tangents = [self.tangents.get(operand) for operand in instruction.operands]
        moving = [place for place, one in enumerate(tangents) if one is not None]
        for place, slope in partials(self.builder, instruction.payload, operands, y, moving):
            along = total(self.builder, along, product(self.builder, tangents[place], slope))
        return along

    def branch(self, instruction: Instruction) -> None:
        """A branch under the same comparison, which hands out the tangents of the results."""
        if self.active.isdisjoint(instruction.results) and not any(
            region.instructions for region in instruction.regions
        ):
            return
        left, right = (self.numbers[operand] for operand in instruction.operands)
        handed = []
        self.builder.branch(instruction.payload, left, right)
        for region in instruction.regions:
            self.region(region)
            handed.append([self.or_zero(output) for output in region.outputs])
            if len(handed) == 1:
                self.builder.otherwise()
        self.builder.origin = instruction.origin
        results = self.builder.close(*handed)
        for result, tangent_of_it in zip(instruction.results, results, strict=True):
            self.tangents[result] = tangent_of_it if result in self.active else None

    def or_zero(self, value: int) -> int:
        """The tangent of a value of the Tape, in the one being made."""
        moving = self.tangents.get(value)
        return self.builder.constant(exact.ZERO) if moving is None else moving
