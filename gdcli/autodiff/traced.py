"""Reverse and forward mode traced: which value is whose derivative, and which step made it.

Comes in: a Tape with one output. Goes out: a Derivation, which holds the very program that
`reverse` or `tangent` gives (the tangent one with the value before it) and what it throws away:
the number of every value's adjoint or tangent, and for every new value the step of the forward
Tape whose rule made it. Values of the forward Tape keep their numbers in the program.
"""

from __future__ import annotations

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.forward import ForwardSweep, doubled
from gdcli.autodiff.reverse import Adjoints, ReverseSweep
from gdcli.autodiff.tape import LOAD, Instruction, Tape
from gdcli.named_tuples import NamedTuple


class Derivation(NamedTuple):
    """A derivative program and how it came about.

    `made_by` maps a value of the program to the value of the forward Tape it comes from.
    `derivatives` maps a forward value to its adjoint or tangent, a value of `whole`; None is an
    exact 0. `whole` is the program with all that the derivatives asked for do not need, under
    numbers of its own; `numbering` leads from those to the program's, where it has the value.
    """

    forward: Tape
    program: Tape
    whole: Tape
    numbering: dict[int, int]
    made_by: dict[int, int]
    derivatives: dict[int, int | None]


class _RecordedReverse(ReverseSweep):
    def record(self) -> Derivation:
        self.made_by: dict[int, int] = {}
        self.found: dict[int, int | None] = {}
        left = self.from_output()
        for one in self.tape.body.instructions:
            if one.operation == LOAD:
                self.found[one.results[0]] = left.get(one.results[0])
        outputs = self.gradient(left)
        return _derivation(self.tape, self.builder, outputs, self.made_by, self.found)

    def apply(self, instruction: Instruction, adjoints: Adjoints) -> None:
        first = self._reached(instruction, adjoints)
        super().apply(instruction, adjoints)
        _attribute(self.made_by, self.builder, first, instruction)

    def branch(self, instruction: Instruction, adjoints: Adjoints) -> None:
        first = self._reached(instruction, adjoints)
        super().branch(instruction, adjoints)
        _attribute(self.made_by, self.builder, first, instruction)

    def _reached(self, instruction: Instruction, adjoints: Adjoints) -> int:
        for result in instruction.results:
            if result in self.active:
                self.found[result] = adjoints.get(result)
        return self.builder.size


class _RecordedForward(ForwardSweep):
    def record(self) -> Derivation:
        self.made_by: dict[int, int] = {}
        self.region(self.tape.body)
        outputs = self.tape.body.outputs
        wanted = [self.numbers[outputs[0]], *map(self.tangent, outputs)]
        found = {value: self.tangents.get(value) for value in self.active}
        return _derivation(self.tape, self.builder, wanted, self.made_by, found)

    def apply(self, instruction: Instruction) -> int | None:
        first = self.builder.size
        tangent = super().apply(instruction)
        _attribute(self.made_by, self.builder, first, instruction)
        return tangent

    def branch(self, instruction: Instruction) -> None:
        first = self.builder.size
        super().branch(instruction)
        _attribute(self.made_by, self.builder, first, instruction)


def _attribute(
    made_by: dict[int, int], builder: Builder, first: int, instruction: Instruction
) -> None:
    for value in range(first, builder.size):
        made_by.setdefault(value, source_value(instruction))  # what is inside has been named


def source_value(instruction: Instruction) -> int:
    """The value by which `made_by` knows a forward instruction: its first result.

    A branch that is there for the values inside alone has none, and is known by a negative number.
    """
    if instruction.results:
        return instruction.results[0]
    inner = (one for region in instruction.regions for one in region.instructions)
    return -1 - source_value(next(inner))


def _derivation(
    forward: Tape,
    builder: Builder,
    outputs: list[int],
    made_by: dict[int, int],
    derivatives: dict[int, int | None],
) -> Derivation:
    program, numbering = builder.numbered(outputs)
    places = {numbering[raw]: source for raw, source in made_by.items() if raw in numbering}
    return Derivation(forward, program, builder.whole(), numbering, places, derivatives)


def adjoints(tape: Tape) -> Derivation:
    """The Derivation by reverse mode, whose program gives f and ∂f/∂ every input."""
    return _RecordedReverse(Builder(tape.inputs), tape).record()


def tangents(tape: Tape) -> Derivation:
    """The Derivation by forward mode, whose program gives f and its directional derivative."""
    return _RecordedForward(doubled(tape), tape).record()
