"""Lifting: a Tape becomes an Expression again, a formula to read.

Comes in: a Tape or a single instruction, and the names of values. Goes out: an Expression, whose
normal form is what a person would write: `v0^2`, `cos(x)`, `ifelse(v0 > 0, 1, 0)`. A value that is
used twice is written twice, so this is for short tapes: an instruction, a rule of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import partials
from gdcli.autodiff.primitives import TANH_SLOPE
from gdcli.autodiff.tape import APPLY, CONSTANT, Instruction, Tape, Walk, run
from gdcli.errors import Span
from gdcli.language import syntax
from gdcli.language.syntax import COMPARE, CONDITIONAL, NAME, NEGATE, NUMBER, Decimal, Expression

LONGEST_EXPANSION = 12  # names and operations in a formula of a value without a name
Naming = Callable[[int], "str | Decimal"]  # what stands for a value: its name, or the constant


class _LiftedNodes:
    """The nodes of an Expression, each at the position it is given when it is added."""

    def __init__(self) -> None:
        self.nodes: list[syntax.Node] = []

    def add(self, kind: str, value: str | Decimal, arguments: Sequence[int] = ()) -> int:
        self.nodes.append(syntax.Node(kind, value, tuple(arguments), Span(0, 0)))
        return len(self.nodes) - 1

    def leaf(self, value: str | Decimal) -> int:
        if isinstance(value, str):
            return self.add(NAME, value)
        if value.coefficient >= 0:
            return self.add(NUMBER, value)
        positive = self.add(NUMBER, value._replace(coefficient=-value.coefficient))
        return self.add(syntax.APPLY_NODE, NEGATE, (positive,))

    def apply(self, primitive: str, operands: Sequence[int]) -> int:
        if primitive == TANH_SLOPE:  # as its definition spells it
            cosh = self.add(syntax.APPLY_NODE, "cosh", operands)
            square = self.add(syntax.APPLY_NODE, "^", (cosh, self.leaf(exact.TWO)))
            return self.add(syntax.APPLY_NODE, "/", (self.leaf(exact.ONE), square))
        operator = "^" if primitive.startswith("pow-") else primitive
        return self.add(syntax.APPLY_NODE, operator, operands)

    def branch(self, instruction: Instruction, operands: list[int], walk: Walk) -> list[int]:
        comparison = self.add(COMPARE, instruction.payload, operands)
        sides = zip(*(walk(region) for region in instruction.regions), strict=True)
        return [self.add(syntax.APPLY_NODE, CONDITIONAL, (comparison, *side)) for side in sides]

    def text(self, root: int) -> str:
        return Expression("", tuple(self.nodes), None, ()).formula(root)


def step(instruction: Instruction, name: Naming) -> str:
    """The right-hand side of an instruction that is no branch: `v0*v1`."""
    lifted = _LiftedNodes()
    if instruction.operation == APPLY:
        operands = [lifted.leaf(name(operand)) for operand in instruction.operands]
        return lifted.text(lifted.apply(instruction.payload, operands))
    return lifted.text(lifted.leaf(instruction.payload))


def expanded(
    value: int, made: Mapping[int, Instruction], name: Callable[[int], str | Decimal | None]
) -> str | None:
    """A formula of a value that has no name, in values that have one; None where it is long.

    `made` is the instruction that makes each value.
    """
    lifted = _LiftedNodes()
    left = LONGEST_EXPANSION

    def build(current: int) -> int:
        nonlocal left
        left -= 1
        known = name(current)
        if known is not None:
            return lifted.leaf(known)
        instruction = made[current]
        if left < 0 or instruction.operation not in (APPLY, CONSTANT):
            raise OverflowError
        if instruction.operation == CONSTANT:
            return lifted.leaf(instruction.payload)
        operands = [build(operand) for operand in instruction.operands]
        return lifted.apply(instruction.payload, operands)

    try:
        return lifted.text(build(value))
    except OverflowError:
        return None


def formula(tape: Tape) -> str:
    """The first output of `tape` as one formula of its inputs."""
    lifted = _LiftedNodes()

    def leaf(instruction: Instruction) -> int:
        constant = instruction.operation == CONSTANT
        payload = instruction.payload
        return lifted.leaf(payload if constant else tape.inputs[payload])

    def apply(instruction: Instruction, operands: list[Any]) -> int:
        return lifted.apply(instruction.payload, operands)

    return lifted.text(run(tape, leaf, apply, lifted.branch)[0])


def partial(instruction: Instruction, place: int, name: Naming) -> Tape:
    """The table's rule for ∂result/∂(operand at `place`), on its own.

    Its inputs are the operands that have a name, then the result; a constant is part of the rule.
    """
    numbers = [*instruction.operands, *instruction.results]
    named = {number: str(name(number)) for number in numbers}
    builder = Builder(tuple(named.values()))
    known = {
        number: builder.constant(value)
        if isinstance(value := name(number), Decimal)
        else builder.load(place_of_input)
        for place_of_input, number in enumerate(named)
    }
    operands = [known[operand] for operand in instruction.operands]
    result = known[instruction.results[0]]
    [(_, slope)] = partials(builder, instruction.payload, operands, result, [place])
    return builder.tape([slope])
