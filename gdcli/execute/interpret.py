"""A tape evaluated in any number system, one instruction at a time: the oracle of the others.

Comes in: a Tape, a NumberSystem and a number for every input. Goes out: the outputs. One side of
a branch is run; where the comparison means nothing because an operand is nan, its results are nan.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from gdcli.autodiff.lower import lower_into
from gdcli.autodiff.primitives import ARITIES, TABLE
from gdcli.autodiff.tape import CONSTANT, Builder, Instruction, Tape, Walk, run
from gdcli.errors import UndefinedError
from gdcli.execute.numbers import NumberSystem, nan
from gdcli.language.parser import parse
from gdcli.language.syntax import Decimal

HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
Watch = Callable[[Instruction, list[Any], Any], None]
Failed = Callable[[Instruction, list[Any], Exception], Any]


def interpret(
    tape: Tape,
    system: NumberSystem,
    point: Sequence[Any],
    watch: Watch | None = None,
    failed: Failed | None = None,
) -> list[Any]:
    """The outputs of `tape` at `point`; `watch` is shown each step that has operands.

    `failed` is asked for the value of a step that raises, and may raise something better.
    """

    def leaf(instruction: Instruction) -> Any:
        payload = instruction.payload
        if instruction.operation != CONSTANT:
            return point[payload]
        if isinstance(payload, Decimal):
            return system.decimal(payload)
        if payload not in system.constants:
            raise UndefinedError(f"{payload} is not one of the {system.name} numbers")
        return system.constants[payload]

    def apply(instruction: Instruction, operands: list[Any]) -> Any:
        try:
            value = operation(system, instruction.payload)(*operands)
        except (ArithmeticError, ValueError) as error:
            if failed is None:
                raise
            value = failed(instruction, operands, error)
        if watch is not None:
            watch(instruction, operands, value)
        return value

    def branch(instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        if watch is not None:
            watch(instruction, operands, None)
        left, right = map(system.order, operands)
        if left != left or right != right:
            return [nan] * len(instruction.results)
        holds = HOLDS[instruction.payload](left, right)
        return walk(instruction.regions[0 if holds else 1])

    return run(tape, leaf, apply, branch)


def operation(system: NumberSystem, primitive: str) -> Callable[..., Any]:
    """The primitive in `system`, by its row's definition where the system has none of its own."""
    if primitive in system.operations:
        return system.operations[primitive]
    if not TABLE[primitive].definition:
        raise UndefinedError(f"{primitive} does not stay among the {system.name} numbers")
    return lambda *operands: interpret(_definition(primitive), system, operands)[0]


@cache
def _definition(primitive: str) -> Tape:
    """The row's definition of the primitive, as a tape."""
    row = TABLE[primitive]
    builder = Builder(row.arguments)
    known = {name: builder.load(number) for number, name in enumerate(row.arguments)}
    formula = parse(row.definition, ARITIES)
    return builder.tape([lower_into(builder, formula, known, origins=False)])
