"""Regions of a tape as LLVM instructions.

An Emitter writes into one function. Outside a vector loop a branch is a branch. Inside one both
sides are computed, and every value and effect that leaves a side is selected by the comparison.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff.tape import (
    ACCUMULATE,
    APPLY,
    BRANCH,
    CARRIED,
    CONSTANT,
    ELEMENT,
    INDEX,
    KEEP,
    LOAD,
    LOOP,
    RECALL,
    SIZE,
    Instruction,
    Region,
)
from gdcli.execute.native.code import Code, Operand, integer, number
from gdcli.execute.native.context import Context
from gdcli.execute.native.inner import emit_loop
from gdcli.execute.native.memory import Memory
from gdcli.execute.native.operations import NAN, Primitives
from gdcli.execute.native.scope import Scope
from gdcli.execute.source import OPPOSITE_COMPARISON
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import FLOAT_CONSTANTS, to_float

PREDICATES = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "one"}


class Emitter(Scope):
    """The values of a tape that one function has, and where it is being written."""

    def __init__(self, context: Context, code: Code, called: set[tuple[str, bool]]) -> None:
        super().__init__(context, code)
        self.primitives = Primitives(code, called)
        self.memory = Memory(self)

    def region(self, region: Region) -> list[Operand]:
        """Writes the region; its outputs."""
        for instruction in region.instructions:
            self.instruction(instruction)
        return [self.value(output) for output in region.outputs]

    def instruction(self, instruction: Instruction) -> None:
        """Writes one instruction; its results become known."""
        operation, results = instruction.operation, instruction.results
        if operation == BRANCH:
            made: Sequence[Operand] = self.branch(instruction)
        elif operation == LOOP:
            made = emit_loop(self, instruction)
        elif operation == ACCUMULATE:
            made = []
            self.memory.accumulate(instruction)
        elif operation == KEEP:
            made = []
            self.memory.keep(instruction.payload, self.value(instruction.operands[0]))
        elif operation == INDEX:
            return  # the loop has made it
        else:
            made = [self.simple(instruction)]
        for result, operand in zip(results, made, strict=True):
            self.define(result, operand)

    def simple(self, instruction: Instruction) -> Operand:
        """The result of an instruction without regions or effects."""
        operation, payload = instruction.operation, instruction.payload
        hint = f"v{instruction.results[0]}"
        if operation == APPLY:
            operands = [self.real(self.value(operand)) for operand in instruction.operands]
            return self.primitives.apply(payload, operands, hint)
        if operation == CONSTANT:
            return number(
                to_float(payload) if isinstance(payload, Decimal) else FLOAT_CONSTANTS[payload]
            )
        if operation == SIZE:
            return integer(self.context.work.constant(payload))
        if operation == LOAD:
            place = self.context.bindings.inputs[payload]
            return self.code.load(self.code.address(Operand("%point"), place), hint=hint)
        if operation == ELEMENT:
            return self.memory.element(instruction, hint)
        if operation == CARRIED:
            return self.carried[-1][int(payload)]
        assert operation == RECALL, operation
        return self.memory.recall(int(payload), hint)

    # -- branches ---------------------------------------------------------------------------

    def branch(self, instruction: Instruction) -> list[Operand]:
        """The results of a branch."""
        left, right = (self.real(self.value(operand)) for operand in instruction.operands)
        if self.vector:
            return self.selected(instruction, left, right)
        code = self.code
        number_of = code.name("branch")
        done = f"{number_of}.done"
        handed: list[tuple[list[Operand], str]] = []
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        for side, region, comparison in zip("ab", instruction.regions, comparisons, strict=True):
            block, other = f"{number_of}.{side}", f"{number_of}.not_{side}"
            code.split(code.compare(PREDICATES[comparison], left, right), block, other)
            code.start(block)
            outputs = [self.real(output) for output in self.region(region)]
            handed.append((outputs, code.block))
            code.jump(done)
            code.start(other)
        handed.append(([NAN] * len(instruction.results), code.block))
        code.jump(done)
        code.start(done)
        return [
            code.phi([(outputs[n], block) for outputs, block in handed], f"v{result}")
            for n, result in enumerate(instruction.results)
        ]

    def selected(self, instruction: Instruction, left: Operand, right: Operand) -> list[Operand]:
        """Both sides, and the outputs of the one that each lane takes."""
        code, mask = self.code, self.mask
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        truths, handed = [], []
        for region, comparison in zip(instruction.regions, comparisons, strict=True):
            truth = code.compare(PREDICATES[comparison], left, right)
            truths.append(truth)
            self.memory.effects_where(truth)
            handed.append([self.real(output) for output in self.region(region)])
            self.memory.effects_everywhere()
        assert self.mask == mask
        results = []
        for result, yes, no in zip(instruction.results, *handed, strict=True):
            other = code.select(truths[1], no, NAN)
            results.append(code.select(truths[0], yes, other, f"v{result}"))
        return results
