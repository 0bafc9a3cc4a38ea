"""The chain rule as both modes apply it: partial derivatives, their products and their sums.

A derivative is a value of the tape being made, or None where it is exactly 0, so that nothing is
computed for it. Products are shortened where that changes no result: by 1 and by -1, through a
minus sign; and s·(1/b) is s/b, which rounds once less.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.lower import lower_formula, lower_of
from gdcli.autodiff.primitives import IF_DEFINED, PRIMITIVES, TANH_SLOPE, Primitive
from gdcli.autodiff.regions import needed_code
from gdcli.autodiff.tape import (
    CARRY,
    EXTREMA,
    LOGSUMEXP,
    Instruction,
    Region,
    Tape,
    instructions,
    is_of_table,
    loop_results,
    tables_by_filler,
)
from gdcli.language.syntax import Decimal

TANH_SLOPE_FORMULA = PRIMITIVES[TANH_SLOPE].definition


def partials(
    builder: Builder, primitive: str, operands: list[int], y: int, places: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """The partial derivatives of `y = primitive(operands)` by the operands at `places`."""
    row = PRIMITIVES[primitive]
    if row.variadic:
        yield from _variadic_partials(builder, row, operands, y, places)
        return
    names, known = (*row.arguments, "y"), (*operands, y)
    for place in places:
        formula = row.partials[place]
        if formula == "1":  # as most are: sums are long
            yield place, builder.constant(exact.ONE)
        elif formula == TANH_SLOPE_FORMULA:
            yield place, builder.apply(TANH_SLOPE, *operands)
        else:
            yield place, lower_of(builder, formula, names, known)


def _variadic_partials(
    builder: Builder, row: Primitive, operands: list[int], y: int, places: Iterable[int]
) -> Iterator[tuple[int, int]]:
    known = {"y": y}
    if row.name == LOGSUMEXP:
        known["r"] = rounded_off(builder, operands, y)
    for place in places:
        known["a"] = operands[place]
        if row.name in EXTREMA and "t" not in known:
            known["t"] = builder.apply("tie-count", y, *operands)
        yield place, lower_formula(builder, row.partials[0], known)


def product(builder: Builder, factor: int | None, by: int | None) -> int | None:
    """The product of two derivatives, shortened."""
    if factor is None or by is None:
        return None
    either = (builder.defined[factor], by), (builder.defined[by], factor)
    for made, other in either:
        if made.operation != opcode.CONSTANT:
            continue
        if made.payload == exact.ZERO:
            return None
        if made.payload == exact.ONE:
            return other
        if made.payload == exact.MINUS_ONE:
            return negative(builder, other)
    for made, other in either:
        if made.payload == "unary-minus":
            return negative(builder, product(builder, made.operands[0], other))
        if made.payload == "/" and builder.defined[made.operands[0]].payload == exact.ONE:
            return builder.apply("/", other, made.operands[1])
    return builder.apply("*", factor, by)


def rounded_off(builder: Builder, terms: list[int], y: int) -> int:
    """log Σ exp(t - y) where y is log Σ exp(t): what rounding has taken from y, else 0."""
    return builder.apply(LOGSUMEXP, *[builder.apply("-", term, y) for term in terms])


def softmax(builder: Builder, term: int, results: tuple[int, int]) -> int:
    """The share exp(t - y - r) of a term t in the sum whose logarithm y has been rounded by r.

    Where y is large, exp(t - y) alone has no digits.
    """
    y, rounded = results
    return builder.apply("exp", builder.apply("-", builder.apply("-", term, y), rounded))


def total(builder: Builder, first: int | None, second: int | None) -> int | None:
    """The sum of two derivatives, which is a difference where the second has a minus sign."""
    if first is None or second is None:
        return first if second is None else second
    made = builder.defined[second]
    if made.payload == "unary-minus":
        return builder.apply("-", first, made.operands[0])
    return builder.apply("+", first, second)


def negative(builder: Builder, value: int | None) -> int | None:
    if value is None:
        return None
    made = builder.defined[value]
    if isinstance(made.payload, Decimal):
        return builder.constant(made.payload._replace(coefficient=-made.payload.coefficient))
    return (
        made.operands[0] if made.payload == "unary-minus" else builder.apply("unary-minus", value)
    )


def or_zero(builder: Builder, derivative: int | None) -> int:
    """The derivative as a value, which is the constant 0 where it is None."""
    return builder.constant(exact.ZERO) if derivative is None else derivative


def active(tape: Tape, still: Container[int] = ()) -> set[int]:
    """The values that depend on an input, and may have a derivative that is not 0.

    The scalar inputs with the numbers `still` do not count. What a loop carries is taken to depend
    on one. What says no more than whether something is defined has none.
    """
    found: set[int] = set()
    tables = tables_by_filler(tape)

    def walk(region: Region) -> None:
        for instruction in region.instructions:
            if instruction.operation == opcode.APPLY:
                if not found.isdisjoint(instruction.operands):
                    found.add(instruction.results[0])
                continue
            for inner in instruction.regions:
                walk(inner)
            found.update(depending(instruction))

    def depending(instruction: Instruction) -> Iterable[int]:
        operation, payload, results = (
            instruction.operation,
            instruction.payload,
            instruction.results,
        )
        if operation == opcode.LOOP:
            return [
                one.results[0]
                for one in loop_results(instruction)
                if one.kind == CARRY or one.output in found
            ]
        if operation == opcode.BRANCH:
            regions = instruction.regions
            depends = any(not found.isdisjoint(region.outputs) for region in regions)
        elif operation == opcode.ELEMENT:
            depends = (
                instruction.operands[0] in found
                if is_of_table(instruction)
                else payload.array in tape.arrays
            )
        elif operation == opcode.LOAD:
            depends = payload not in still
        elif operation == opcode.EARLIER:
            depends = tables[instruction.operands[0], payload.number] in found
        elif operation == opcode.ACCUMULATE and is_of_table(instruction):
            depends = instruction.operands[-1] in found
            results = (tables[instruction.operands[0], 0],)
        else:
            depends = operation == opcode.CARRIED or not found.isdisjoint(instruction.operands)
        return results if depends else ()

    walk(tape.body)
    count = 0
    while tables and count < len(found):  # what is read of an unfinished table is walked before it
        count = len(found)
        walk(tape.body)
    if any(one.payload == IF_DEFINED for one in instructions(tape.body)):
        found -= _needed(tape.body) - _needed(_without_checks(tape.body))
    return found


def _needed(body: Region) -> set[Any]:
    needed: set[Any] = set(body.outputs)
    needed_code(body.instructions, needed)
    return needed


def _without_checks(region: Region) -> Region:
    """The region with what is checked by `if-defined`, and nothing of what it is checked by."""
    code = [
        one._replace(
            operands=one.operands[:1] if one.payload == IF_DEFINED else one.operands,
            regions=tuple(map(_without_checks, one.regions)),
        )
        for one in region.instructions
    ]
    return region._replace(instructions=tuple(code))
