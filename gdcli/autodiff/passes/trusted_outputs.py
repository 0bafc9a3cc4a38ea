"""A tape whose first output is nan wherever its outputs may not be taken as they are.

Comes in: the Tape, without loops, of a value and what is to be known beside it; and the Tape of the
value, whose kinks count. Goes out: a Tape with the same outputs, to the bit, where all of them are
finite, no step would raise in Python and the point lies on no kink. Elsewhere its first output is
nan, and the point is one to look at by itself. Python's floats raise where the C library hands on
an infinity or nan, and what these come to may be finite again: 1/(1 + exp(1000)).
"""

from __future__ import annotations

from typing import Any

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.passes.kink_distance import nearest_kink
from gdcli.autodiff.tape import APPLY, BRANCH, CONSTANT, Instruction, Region, Tape, instructions

# The operands without which a primitive is not finite where they are not, and what never raises.
HANDING_ON = {**dict.fromkeys(("+", "-", "*", "unary-minus", "abs"), slice(None)), "/": slice(1)}
SIGN_CHANGES = ("abs", "unary-minus")
QUIET_PRIMITIVES = {"sign", "min", "max", "relu", "tie-count"} | HANDING_ON.keys() - {"/"}


def trusted_outputs(tape: Tape, value_tape: Tape) -> Tape:
    """The Tape whose first output, f, is f - 0 where the outputs may be taken, else f - nan."""
    checked = check_infinities(tape)
    doubts, outputs = _Doubts(checked), checked.body.outputs
    code, terms = doubts.region(checked.body, set(outputs))
    terms += [doubts.rest(code, output) for output in dict.fromkeys(outputs)]
    outputs = (*outputs, doubts.total(code, terms))
    body = Region(tuple(code), outputs)
    builder = Builder(tape.inputs)
    numbers = builder.extend(checked._replace(body=body, size=doubts.size))
    first, *others, doubt = [numbers[output] for output in outputs]
    distance = nearest_kink(builder, value_tape)
    if distance is not None:
        doubt = builder.apply("/", doubt, distance)
    return builder.tape([builder.apply("-", first, doubt), *others])


class _Doubts:
    """A walk over a tape that adds up y - y of every y that may show that a step has raised."""

    def __init__(self, tape: Tape) -> None:
        self.size = tape.size
        branches = (one for one in instructions(tape.body) if one.operation == BRANCH)
        self.compared = {operand for one in branches for operand in one.operands}
        self.twos = {
            one.results[0]
            for one in instructions(tape.body)
            if one.operation == CONSTANT and one.payload == exact.TWO
        }
        self.raising: set[int] = set()

    def region(self, region: Region, seen: set[int]) -> tuple[list[Instruction], list[int]]:
        """The instructions with the differences in it, and their values.

        What is `seen` is looked at elsewhere: an output, or an operand of what hands its infinity
        or nan on and is seen.
        """
        for one in reversed(region.instructions):
            if one.operation == APPLY:
                [y] = one.results
                square = one.payload == "pow-integer" and one.operands[1] in self.twos
                if not square and one.payload not in QUIET_PRIMITIVES:
                    self.raising.add(y)
                if y in seen or y in self.raising:
                    handed_on = slice(1) if square else HANDING_ON.get(one.payload, slice(0))
                    seen.update(one.operands[handed_on])
        code: list[Instruction] = []
        terms: list[int] = []
        for one in region.instructions:
            if one.operation == BRANCH:
                code.append(self.branch(one, seen))
                terms += code[-1].results[len(one.results) :]
            else:
                code.append(one)
            if one.operation == CONSTANT or (
                one.payload in SIGN_CHANGES and one.operands[0] in seen
            ):
                seen.update(one.results)
            for y in one.results:
                if y not in seen and (y in self.raising or y in self.compared):
                    terms.append(self.rest(code, y))
        return code, terms

    def branch(self, branch: Instruction, seen: set[int]) -> Instruction:
        """The branch; where a side has differences, the sum of them is one more result."""
        sides = []
        for side in branch.regions:
            pairs = zip(side.outputs, branch.results, strict=True)
            sides.append(self.region(side, {output for output, y in pairs if y in seen}))
        if not any(terms for _, terms in sides):
            return branch
        totals = [self.total(code, terms) for code, terms in sides]
        regions = tuple(
            [
                Region(tuple(code), (*side.outputs, total))
                for side, (code, _), total in zip(branch.regions, sides, totals, strict=True)
            ]
        )
        self.size += 1
        return branch._replace(regions=regions, results=(*branch.results, self.size - 1))

    def rest(self, code: list[Instruction], y: int) -> int:
        """y - y: 0, and nan where y is infinite or nan."""
        return self.add(code, APPLY, "-", y, y)

    def total(self, code: list[Instruction], terms: list[int]) -> int:
        if not terms:
            return self.add(code, CONSTANT, exact.ZERO)
        found = terms[0]
        for term in terms[1:]:
            found = self.add(code, APPLY, "+", found, term)
        return found

    def add(self, code: list[Instruction], operation: str, payload: Any, *operands: int) -> int:
        self.size += 1
        code.append(Instruction(operation, payload, operands, (self.size - 1,)))
        return self.size - 1
