"""Loops inside a function: plain ones, and those whose iterations run eight at a time.

A plain loop runs its iterations one after another; inside a vector loop, whose lanes may differ in
the range of an inner loop, it runs over the union of their ranges, and a mask says which lanes take
part in an iteration. A loop becomes a vector loop if none of its iterations needs the one before:
eight consecutive iterations are the lanes, what is left over runs one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gdcli.autodiff.tape import CARRY, Instruction, Subscript
from gdcli.execute.native.code import LANES, Operand, integer
from gdcli.execute.native.memory import LANE_NUMBERS
from gdcli.execute.native.packing import copy, rows
from gdcli.execute.native.reductions import Reduction, State, cut, flat
from gdcli.execute.native.scope import Packed, Scope
from gdcli.execute.work import index_of

FARTHEST_INDEX = 2**62
OPERATIONS_PER_POLL = 1_000_000  # operations after which a loop looks whether it is to stop
ITERATIONS_PER_POLL = 1024


def emit_loop(scope: Scope, instruction: Instruction) -> list[Operand]:
    """Writes a loop; its results."""
    if not scope.vector and index_of(instruction) in scope.context.vectors:
        return vector_loop(scope, instruction)
    return plain_loop(scope, instruction)


def plain_loop(scope: Scope, instruction: Instruction) -> list[Operand]:
    """A loop whose iterations run one after another."""
    low, high, lanes = bounds(scope, instruction)
    reductions = [Reduction(scope.code, kind) for kind in instruction.payload.reductions]
    states = first_states(scope, instruction, reductions, low)
    if scope.vector:
        states = [scope.code.broadcast(one) for one in states]
    states = serial(scope, instruction, reductions, (low, high), states, lanes)
    return flat(cut(reductions, states))


def first_states(
    scope: Scope, instruction: Instruction, reductions: list[Reduction], low: Operand
) -> State:
    """The states of all reductions before the first iteration."""
    carries = instruction.payload.reductions.count(CARRY)
    given = instruction.operands[len(instruction.operands) - carries :]
    initial = [[scope.real(scope.value(operand))] for operand in given]
    return flat([*initial, *(reduction.initial(low) for reduction in reductions[carries:])])


def serial(
    scope: Scope,
    instruction: Instruction,
    reductions: list[Reduction],
    ends: tuple[Operand, Operand],
    states: State,
    lanes: Callable[[Operand], Operand | None] | None = None,
    before: Callable[[Operand], None] | None = None,
) -> State:
    """Runs the iterations from one end to the other; the states after them.

    `lanes` says which lanes take part in an iteration; `before` is written ahead of the body.
    """
    code, index_value = scope.code, index_of(instruction)
    outer = scope.mask

    def body(index: Operand, operands: State) -> State:
        poll(scope, instruction, index)
        scope.mask = lanes(index) if lanes else outer
        if before:
            before(index)
        old = cut(reductions, operands)
        outputs = iteration(scope, instruction, index, [state[0] for state in old])
        new = [
            reduction.step(state, output, index)
            for reduction, state, output in zip(reductions, old, outputs, strict=True)
        ]
        made = flat(new)
        if lanes and scope.mask:
            made = [
                code.select(scope.mask, after, before)
                for after, before in zip(made, operands, strict=True)
            ]
        scope.mask = outer
        return made

    low, high = ends
    hint = f"v{index_value}"
    if instruction.payload.descending:
        return code.cycle(hint, high, ("sge", low), -1, states, body)
    return code.cycle(hint, low, ("sle", high), 1, states, body)


def iteration(
    scope: Scope, instruction: Instruction, index: Operand, carried: State
) -> list[Operand]:
    """Writes the body for that index; its outputs, as numbers."""
    index_value = index_of(instruction)
    scope.values[index_value] = index
    scope.indices.append(index_value)
    scope.carried.append(carried)
    outputs = [scope.real(output) for output in scope.region(instruction.regions[0])]
    scope.carried.pop()
    scope.indices.pop()
    return outputs


def poll(scope: Scope, instruction: Instruction, index: Operand) -> None:
    """Looks now and then whether the function is to stop, in a loop that may run long."""
    work, index_value, code = scope.context.work, index_of(instruction), scope.code
    cost = work.costs[index_value] * (LANES if scope.vector else 1)
    if cost * work.trips[index_value] < OPERATIONS_PER_POLL:
        return
    if cost * ITERATIONS_PER_POLL < OPERATIONS_PER_POLL:
        some = code.two("and", index, integer(ITERATIONS_PER_POLL - LANES))
        name = code.name("look")
        code.split(code.compare("eq", some, integer(0)), name, f"{name}.not")
        code.start(name)
        code.poll()
        code.jump(f"{name}.not")
        code.start(f"{name}.not")
    else:
        code.poll()


# -- ranges ---------------------------------------------------------------------------------


def bounds(
    scope: Scope, instruction: Instruction
) -> tuple[Operand, Operand, Callable[[Operand], Operand | None] | None]:
    """The first and last index, and which lanes take part in which iteration."""
    over = instruction.payload
    low = end_of(scope, instruction, over.low, "sgt")
    high = end_of(scope, instruction, over.high, "slt")
    if not low.lanes and not high.lanes:
        return low, high, None
    code, outer = scope.code, scope.mask

    def lanes(index: Operand) -> Operand:
        begun, on = code.compare("sge", index, low), code.compare("sle", index, high)
        inside = code.two("and", begun, on)
        return code.two("and", inside, outer) if outer else inside

    return union(scope, low, "smin"), union(scope, high, "smax"), lanes


def union(scope: Scope, end: Operand, which: str) -> Operand:
    """The least or the greatest end of the lanes that take part."""
    if not end.lanes:
        return end
    if scope.mask:
        nowhere = integer(FARTHEST_INDEX if which == "smin" else -FARTHEST_INDEX)
        end = scope.code.select(scope.mask, end, nowhere)
    return scope.code.set(f"call i64 @llvm.vector.reduce.{which}.v8i64({end.typed})", "integer")


def end_of(
    scope: Scope, instruction: Instruction, ends: tuple[Subscript, ...], closer: str
) -> Operand:
    """The greatest of the low ends, or the least of the high ones."""
    code, found = scope.code, None
    for end in ends:
        one = subscript(scope, end, instruction.operands)
        found = one if found is None else code.select(code.compare(closer, one, found), one, found)
    assert found is not None
    return found


def subscript(scope: Scope, affine: Subscript, operands: tuple[int, ...]) -> Operand:
    """An affine number of index values."""
    code, constant = scope.code, integer(scope.context.work.constant(affine))
    total: Operand | None = None
    for factor, operand in zip(affine.coefficients, operands, strict=False):
        if factor:
            term = scope.value(operand)
            term = term if factor == 1 else code.two("mul", term, integer(factor))
            total = term if total is None else code.two("add", total, term)
    if total is None:
        return constant
    return total if constant.text == "0" else code.two("add", total, constant)


# -- eight at a time ------------------------------------------------------------------------


def vector_loop(scope: Scope, instruction: Instruction) -> list[Operand]:
    """A loop whose iterations run eight at a time, inside a function."""
    code = scope.code
    low, high, _ = bounds(scope, instruction)
    reductions = [Reduction(code, kind) for kind in instruction.payload.reductions]
    end = vector_end(scope, low, code.two("add", high, integer(1)))
    first = flat([reduction.initial(low) for reduction in reductions])
    states = [code.broadcast(one) for one in first]
    poll_before = partial(poll, scope, instruction)
    states = by_eight(scope, instruction, reductions, (low, end), states, poll_before)
    pairs = zip(reductions, cut(reductions, states), strict=True)
    whole = flat([one.across(state) for one, state in pairs])
    return serial(scope, instruction, reductions, (end, high), whole)


def vector_end(scope: Scope, first: Operand, end: Operand) -> Operand:
    """Where the iterations that fill eight lanes end."""
    code = scope.code
    whole = code.two("and", code.two("sub", end, first), integer(-LANES))
    some = code.compare("sgt", whole, integer(0))
    return code.two("add", first, code.select(some, whole, integer(0)))


def by_eight(
    scope: Scope,
    instruction: Instruction,
    reductions: list[Reduction],
    ends: tuple[Operand, Operand],
    states: State,
    before: Callable[[Operand], None] | None = None,
    after: Callable[[Operand, State], State] | None = None,
) -> State:
    """Runs the iterations of the range, eight at a time; the states with lanes after them.

    `states` may have more than those of the reductions: `after` is given those, once the body is
    written, and hands back the new ones. `before` is written ahead of the body.
    """
    code, index_value = scope.code, index_of(instruction)
    count = sum(reduction.width for reduction in reductions)

    def body(base: Operand, operands: State) -> State:
        scope.vector = True
        scope.bases[index_value] = base
        index = code.two("add", code.broadcast(base), LANE_NUMBERS)
        scope.values[index_value] = index
        if before:
            before(base)
        pack(scope, instruction)
        old = cut(reductions, operands[:count])
        outputs = iteration(scope, instruction, index, [])
        new = [
            reduction.step(state, code.broadcast(output), index)
            for reduction, state, output in zip(reductions, old, outputs, strict=True)
        ]
        more = after(base, operands[count:]) if after else []
        scope.vector = False
        scope.packed.clear()
        del scope.bases[index_value]
        return [*flat(new), *more]

    low, end = ends
    return code.cycle(f"v{index_value}.lanes", low, ("slt", end), LANES, states, body)


def pack(scope: Scope, loop: Instruction) -> None:
    """Copies the rows that the body of a vector loop reads again and again."""
    index_value, code = index_of(loop), scope.code
    scope.outside = {*scope.indices, index_value}
    for row in rows(scope.context, loop):
        first = scope.sum(row.outer._replace(constant=row.low))
        start = code.address(scope.array(row.array), first)
        room = scope.room(row.places * LANES, f"row_{row.array}")
        copy(code, start, row.outer.coefficient(index_value), row.places, room)
        scope.packed[row.array, row.outer] = Packed(room, row.low)
