"""Forward mode: a Tape becomes its tangent Tape.

Comes in: any Tape. Goes out: a Tape with twice the inputs, the point and a direction, which
computes the derivative of every output along that direction. Over a gradient Tape these are the
Hessian-vector products H·d.

Source: Wengert (1964); Pearlmutter, Fast exact multiplication by the Hessian (1994).
"""

from __future__ import annotations

from gdcli.autodiff import exact
from gdcli.autodiff.chain import active, partials, product, total
from gdcli.autodiff.tape import APPLY, BRANCH, LOAD, Builder, Instruction, Region, Tape


def tangent(tape: Tape) -> Tape:
    """The Tape of the outputs' derivatives along the direction given by the second inputs."""
    builder = Builder((*tape.inputs, *(f"d_{name}" for name in tape.inputs)))
    push = Push(builder, tape)
    push.region(tape.body)
    return builder.tape([push.or_zero(output) for output in tape.body.outputs])


class Push:
    """The walk along a Tape, each instruction's tangent made of its operands' tangents."""

    def __init__(self, builder: Builder, tape: Tape) -> None:
        self.builder = builder
        self.count = len(tape.inputs)
        self.numbers = builder.extend(tape)
        self.active = active(tape)
        self.tangents: dict[int, int | None] = {}

    def region(self, region: Region) -> None:
        """Takes along all that the region makes."""
        for instruction in region.instructions:
            self.builder.origin = instruction.origin
            if instruction.operation == APPLY:
                self.tangents[instruction.results[0]] = self.apply(instruction)
            elif instruction.operation == BRANCH:
                self.branch(instruction)
            elif instruction.operation == LOAD:
                direction = self.builder.load(self.count + instruction.payload)
                self.tangents[instruction.results[0]] = direction

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
