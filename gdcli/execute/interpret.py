"""A tape evaluated in any number system, one instruction at a time: the oracle of the others.

Comes in: a Tape, a NumberSystem and a number for every input. Goes out: the outputs. One side of
a branch is run; where the comparison means nothing because an operand is nan, its results are nan.
A tape with loops comes with Bindings; its gradient goes out behind its first output, flat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.tape import (
    APPLY,
    BRANCH,
    COMPARATORS,
    CONSTANT,
    LOAD,
    Instruction,
    Tape,
    Walk,
    run,
)
from gdcli.errors import UndefinedError
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import NumberSystem, nan

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings
    from gdcli.execute.iterate import Frame

Watch = Callable[[Instruction, list[Any], Any], None]
Failed = Callable[[Instruction, list[Any], Exception], Any]


def interpret(
    tape: Tape,
    system: NumberSystem,
    point: Sequence[Any],
    watch: Watch | None = None,
    failed: Failed | None = None,
    bindings: Bindings | None = None,
    frames: list[Frame] | None = None,
) -> list[Any]:
    """The outputs of `tape` at `point`; `watch` is shown each operation and comparison.

    `failed` is asked for the value of a step that raises, and may raise something better. With
    `bindings` the point is a flat vector that holds the arrays too, and `frames`, an empty list,
    holds the iterations that the run is in, outermost first, whenever `watch` is called.
    """
    if bindings is not None:
        return _with_loops(tape, system, point, watch, failed, bindings, frames)
    leaf, apply, branch = _steps(system, point, watch, failed)
    return run(tape, leaf, apply, branch)


def _steps(
    system: NumberSystem, point: Sequence[Any], watch: Watch | None, failed: Failed | None
) -> tuple[
    Callable[[Instruction], Any],
    Callable[[Instruction, list[Any]], Any],
    Callable[[Instruction, list[Any], Walk], Sequence[Any]],
]:
    """What `run` asks for: the values of leaves, of operations and of branches."""

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
        holds = COMPARATORS[instruction.payload](left, right)
        return walk(instruction.regions[0 if holds else 1])

    return leaf, apply, branch


def _with_loops(
    tape: Tape,
    system: NumberSystem,
    point: Sequence[Any],
    watch: Watch | None,
    failed: Failed | None,
    bindings: Bindings,
    frames: list[Frame] | None,
) -> list[Any]:
    from gdcli.execute.iterate import Iteration

    state = Iteration(bindings, system, point, frames)
    scalars = [point[place] for place in bindings.inputs]
    leaf, apply, branch = _steps(system, scalars, watch, failed)

    def any_leaf(instruction: Instruction) -> Any:
        own = instruction.operation in (CONSTANT, LOAD)
        return leaf(instruction) if own else state.leaf(instruction)

    def any_step(instruction: Instruction, operands: list[Any]) -> Any:
        if instruction.operation == APPLY:
            return apply(instruction, [state.number(operand) for operand in operands])
        return state.step(instruction, operands)

    def region(instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        if instruction.operation == BRANCH:
            return branch(instruction, [state.number(operand) for operand in operands], walk)
        return state.loop(instruction, operands, walk)

    first, *others = (state.number(output) for output in run(tape, any_leaf, any_step, region))
    for place, derivative in zip(bindings.inputs, others, strict=False):
        state.gradient[place] = derivative
    return [first, *state.gradient]


def operation(system: NumberSystem, primitive: str) -> Callable[..., Any]:
    """The primitive in `system`, by its row's definition where the system has none of its own."""
    if primitive in system.operations:
        return system.operations[primitive]
    if not PRIMITIVES[primitive].definition:
        raise UndefinedError(f"{primitive} does not stay among the {system.name} numbers")
    return lambda *operands: interpret(_definition(primitive), system, operands)[0]


@cache
def _definition(primitive: str) -> Tape:
    """The row's definition of the primitive, as a tape."""
    row = PRIMITIVES[primitive]
    builder = Builder(row.arguments)
    known = {name: builder.load(number) for number, name in enumerate(row.arguments)}
    return builder.tape([lower_formula(builder, row.definition, known)])
