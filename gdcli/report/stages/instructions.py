"""The instructions of a Tape as objects for json; branches and loops hold their regions.

Comes in: a Tape, the Expression it comes from, and perhaps the values at a point, by number. Goes
out: plain mappings. Spans are half-open and count characters of the text from 0.
"""

from __future__ import annotations

from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.lifted import step
from gdcli.autodiff.tape import Instruction, Region, Tape
from gdcli.language.syntax import Expression
from gdcli.report.stages.program import ValueNames, element

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

    def region(self, region: Region) -> list[dict[str, Any]]:
        return [self.instruction(instruction) for instruction in region.instructions]

    def instruction(self, instruction: Instruction) -> dict[str, Any]:
        if instruction.operation == opcode.BRANCH:
            return self.branch(instruction)
        if instruction.operation not in SCALAR_OPERATIONS:
            return self.of_arrays(instruction)
        result = instruction.results[0]
        found = {
            "operation": instruction.operation,
            "result": result,
            **self.operation(instruction),
        }
        if instruction.operation != opcode.LOAD:
            found |= place(self.expression, instruction.origin)
        return found if self.values is None else {**found, "value": self.values.get(result)}

    def operation(self, instruction: Instruction) -> dict[str, Any]:
        """The part of an object that says what an instruction without regions does."""
        if instruction.operation == opcode.APPLY:
            return {
                "primitive": instruction.payload,
                "operands": instruction.operands,
                "formula": step(instruction, self.names),
            }
        if instruction.operation == opcode.CONSTANT:
            return {"constant": str(instruction.payload)}
        return {"variable": self.tape.inputs[instruction.payload]}

    def of_arrays(self, instruction: Instruction) -> dict[str, Any]:
        """The object of an instruction of loops and arrays; a loop's body is inside."""
        names = list(map(self.names.text, instruction.operands))
        found: dict[str, Any] = {
            "operation": instruction.operation,
            "results": instruction.results,
            "operands": instruction.operands,
        }
        if instruction.operation == opcode.LOOP:
            over, body = instruction.payload, instruction.regions[0]
            found |= {
                "low": [end.text(names) for end in over.low],
                "high": [end.text(names) for end in over.high],
                "descending": over.descending,
                "reductions": over.reductions,
                "body": {"instructions": self.region(body), "outputs": body.outputs},
            }
        elif instruction.operation in (opcode.ELEMENT, opcode.ACCUMULATE):
            found["element"] = element(instruction.payload, names)
        elif instruction.operation == opcode.SIZE:
            found["size"] = instruction.payload.text(())
        elif instruction.payload is not None:
            found["number"] = instruction.payload
        return found | place(self.expression, instruction.origin)

    def branch(self, instruction: Instruction) -> dict[str, Any]:
        regions = [
            {"instructions": self.region(region), "outputs": region.outputs}
            for region in instruction.regions
        ]
        found = {
            "operation": opcode.BRANCH,
            "results": instruction.results,
            "comparison": instruction.payload,
            "operands": instruction.operands,
            "regions": regions,
            **place(self.expression, instruction.origin),
        }
        if self.values is None:
            return found
        return {**found, "values": [self.values.get(result) for result in instruction.results]}


def place(expression: Expression, position: int) -> dict[str, Any]:
    """The text of a node and its span; null where the text has none, as for a parameter."""
    if position < 0:
        return {"text": None, "span": None}
    return {"text": expression.source(position), "span": list(expression.nodes[position].span)}
