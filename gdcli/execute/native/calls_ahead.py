"""Calls ahead: the library functions of a block of iterations, in a pass before all else it does.

In one pass the sums wait for the long function of each iteration, so few iterations are on their
way in the processor at a time, and around a call all numbers are saved. So a first pass computes
the functions of a block and keeps their results in memory, and the second does the rest. No result
changes by that. What is cheap and needed by both is computed in both.
"""

from __future__ import annotations

from functools import partial

from gdcli.autodiff.tape import (
    APPLY,
    CONSTANT,
    ELEMENT,
    INDEX,
    SIZE,
    Instruction,
    Region,
    instructions,
)
from gdcli.execute.native.code import Operand
from gdcli.execute.native.emitter import Emitter
from gdcli.execute.native.reductions import State

SIMPLE_OPERATIONS = (APPLY, CONSTANT, ELEMENT, INDEX, SIZE)
LONG_PRIMITIVES = ("/", "sqrt")  # which are not computed in both passes either
MOST_KEPT_VALUES = 16  # each 4 kB for a block of 512 iterations
OPERATIONS_PER_KEPT_VALUE = 3  # to keep a value for fewer of the second pass gains nothing


class CallsAhead:
    """The first pass over blocks of `block` iterations of a loop.

    `rest` is the loop of the second pass: the whole one where there is nothing to compute ahead.
    """

    def __init__(self, emitter: Emitter, loop: Instruction, block: int) -> None:
        self.emitter = emitter
        self.first = self.rest = loop
        self.kept: dict[int, Operand] = {}  # the memory of each value
        body, is_call = loop.regions[0].instructions, emitter.context.work.is_call
        later = {result for one in body for result in one.results}  # not before the second pass
        calls = []
        for one in body:
            if one.operation in SIMPLE_OPERATIONS and later.isdisjoint(one.operands):
                later.difference_update(one.results)
                calls += [one] * is_call(one)
        needed = {operand for one in calls for operand in (*one.operands, *one.results)}
        for one in reversed(body):
            if not needed.isdisjoint(one.results):
                needed.update(one.operands)
        first = [body[0], *(one for one in body[1:] if not needed.isdisjoint(one.results))]
        long = [one for one in first if is_call(one) or one.payload in LONG_PRIMITIVES]
        behind = [one for one in body if needed.isdisjoint(one.results)]
        count = sum(one.operation == APPLY for one in instructions(Region(tuple(behind), ())))
        least = OPERATIONS_PER_KEPT_VALUE * len(long)
        if not calls or count <= least or len(long) > MOST_KEPT_VALUES:
            return
        self.kept = {one.results[0]: emitter.scope.room(block, "ahead") for one in long}
        self.first = loop._replace(regions=(Region(tuple(first), ()),))
        second = [one for one in body if self.kept.keys().isdisjoint(one.results)]
        self.rest = loop._replace(regions=(Region(tuple(second), loop.regions[0].outputs),))

    def compute(self, start: Operand, stop: Operand) -> None:
        """Writes the first pass over the iterations of a block."""
        if self.kept:
            keep = partial(self._keep, start)
            self.emitter.by_eight(self.first, [], (start, stop), [], after=keep)

    def _keep(self, start: Operand, base: Operand, states: State) -> State:
        code, scope = self.emitter.code, self.emitter.scope
        for value, room in self.kept.items():
            place = code.address(room, code.two("sub", base, start))
            code.store(code.broadcast(scope.value(value)), place)
        return states

    def read(self, start: Operand, base: Operand) -> None:
        """Reads, ahead of the body of the second pass, what the first has kept of eight lanes."""
        code = self.emitter.code
        for value, room in self.kept.items():
            place = code.address(room, code.two("sub", base, start))
            self.emitter.scope.values[value] = code.load(place, True, f"v{value}")
