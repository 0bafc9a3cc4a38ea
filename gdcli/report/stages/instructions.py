"""The instructions of a Tape as objects for json; branches and loops hold their regions.

Comes in: a Tape, the Expression it comes from, and perhaps the values at a point, by number. Goes
out: plain mappings. Spans are half-open and count characters of the text from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.lifted import step
from gdcli.autodiff.tape import Instruction, Region, Tape
from gdcli.language.syntax import Expression
from gdcli.report.stages.program import ValueNames

if TYPE_CHECKING:
    from gdcli.report.formats import objects

SCALAR_OPERATIONS = (opcode.APPLY, opcode.CONSTANT, opcode.LOAD)


class InstructionObjects:
    """Makes the objects of the instructions of one Tape."""

    def __init__(
        self, tape: Tape, expression: Expression, values: dict[int, Any] | None = None
    ) -> None:
        self.tape = tape
        self.expression = expression
        self.values = values
        self.names = ValueNames(tape)

    def region(self, region: Region) -> list[objects.InstructionObject]:
        return [self.instruction(instruction) for instruction in region.instructions]

    def instruction(self, instruction: Instruction) -> objects.InstructionObject:
        if instruction.operation == opcode.BRANCH:
            return self.branch(instruction)
        if instruction.operation not in SCALAR_OPERATIONS:
            return self.of_arrays(instruction)
        result = instruction.results[0]
        found: objects.InstructionObject = {"operation": instruction.operation, "result": result}
        if instruction.operation == opcode.APPLY:
            found["primitive"] = instruction.payload
            found["operands"] = instruction.operands
            found["formula"] = step(instruction, self.names)
        elif instruction.operation == opcode.CONSTANT:
            found["constant"] = str(instruction.payload)
        else:
            found["variable"] = self.tape.inputs[instruction.payload]
        if instruction.operation != opcode.LOAD:
            self.add_place(found, instruction)
        if self.values is not None:
            found["value"] = self.values.get(result)
        return found

    def of_arrays(self, instruction: Instruction) -> objects.InstructionObject:
        """The object of an instruction of loops and arrays; a loop's body is inside."""
        names = list(map(self.names.text, instruction.operands))
        found: objects.InstructionObject = {
            "operation": instruction.operation,
            "results": instruction.results,
            "operands": instruction.operands,
        }
        if instruction.operation == opcode.LOOP:
            over, body = instruction.payload, instruction.regions[0]
            found["low"] = [end.text(names) for end in over.low]
            found["high"] = [end.text(names) for end in over.high]
            found["descending"] = over.descending
            found["reductions"] = over.reductions
            found["body"] = {"instructions": self.region(body), "outputs": body.outputs}
        elif instruction.operation == opcode.ACCUMULATOR:
            body, extents = instruction.regions[0], instruction.payload.extents
            found["extents"] = [
                self.names.ends(one.low, one.high, instruction.operands) for one in extents
            ]
            found["body"] = {"instructions": self.region(body), "outputs": body.outputs}
        elif instruction.operation in (opcode.ELEMENT, opcode.EARLIER, opcode.ACCUMULATE):
            found["element"] = self.names.entry(instruction)
        elif instruction.operation == opcode.SIZE:
            found["size"] = instruction.payload.text(())
        elif instruction.payload is not None:
            found["number"] = instruction.payload
        self.add_place(found, instruction)
        return found

    def branch(self, instruction: Instruction) -> objects.InstructionObject:
        regions: list[objects.RegionObject] = [
            {"instructions": self.region(region), "outputs": region.outputs}
            for region in instruction.regions
        ]
        found: objects.InstructionObject = {
            "operation": opcode.BRANCH,
            "results": instruction.results,
            "comparison": instruction.payload,
            "operands": instruction.operands,
            "regions": regions,
        }
        self.add_place(found, instruction)
        if self.values is not None:
            found["values"] = [self.values.get(result) for result in instruction.results]
        return found

    def add_place(self, found: objects.InstructionObject, instruction: Instruction) -> None:
        where = place(self.expression, instruction.origin)
        found["text"], found["span"] = where["text"], where["span"]


def place(expression: Expression, position: int) -> objects.PlaceObject:
    """The text of a node and its span; null where the text has none, as for a parameter."""
    if position < 0:
        return {"text": None, "span": None}
    return {"text": expression.source(position), "span": list(expression.nodes[position].span)}
