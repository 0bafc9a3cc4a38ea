"""Enclosures: a tape evaluated over boxes, in any interval system.

Comes in: a Tape, an IntervalSystem and an Interval for every input; for a tape with loops Bindings
and a flat box that holds its arrays too. Goes out: an Interval for every output, which holds all
values that it has at the points of the box; of a tape that makes a gradient the first of them and
the gradient, flat. The tape's operations are those of real numbers: give it the tape that the text
says, never one that was rewritten for floats.

A sum is added up by halves, so that of m terms none is moved outward more than log2(m) times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.exact import TWO
from gdcli.autodiff.tape import (
    EXTREMA,
    LOGSUMEXP,
    MAX,
    SUM,
    Instruction,
    Region,
    Subscript,
    Tape,
    Walk,
    run,
)
from gdcli.autodiff.ties import TIE_RANGE
from gdcli.errors import UndefinedError
from gdcli.execute.interpret import Index, Iteration, operation
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import Interval, IntervalSystem

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings


def enclose(
    tape: Tape,
    system: IntervalSystem,
    box: Sequence[Interval],
    bindings: Bindings | None = None,
) -> list[Interval]:
    """The Intervals of the outputs of `tape` over `box`."""
    enclosing = _Enclosing(system, bindings, box)
    outputs = run(tape, enclosing.leaf, enclosing.apply, enclosing.region)
    first, *others = map(enclosing.iteration.number, outputs)
    if bindings is None or not bindings.length:
        return [first, *others]
    gradient = enclosing.iteration.gradient
    for place, derivative in zip(bindings.inputs, others, strict=False):
        gradient[place] = derivative
    return [first, *gradient]


class UndecidedIndex(NamedTuple):
    """The index of a term that is an extremum, where several may be: some from `least` on."""

    interval: Interval
    least: int
    greatest: int


class _Enclosing:
    """The functions that `run` asks for."""

    def __init__(
        self, system: IntervalSystem, bindings: Bindings | None, box: Sequence[Interval]
    ) -> None:
        self.system = system
        self.iteration = _EnclosedIteration(system, bindings, box)
        self.scalars = box if bindings is None else [box[place] for place in bindings.inputs]
        self.extrema: dict[int, tuple[Instruction, list[Interval]]] = {}  # max and min, by result
        self.rivals: dict[int, list[Interval]] = {}  # of each argument of these: the best other

    def leaf(self, instruction: Instruction) -> Any:
        payload = instruction.payload
        if instruction.operation == opcode.LOAD:
            return self.scalars[payload]
        if instruction.operation != opcode.CONSTANT:
            return self.iteration.leaf(instruction)
        numbers = self.system.numbers
        return (
            numbers.decimal(payload) if isinstance(payload, Decimal) else numbers.constants[payload]
        )

    def apply(self, instruction: Instruction, operands: list[Any]) -> Any:
        if instruction.operation != opcode.APPLY:
            return self.iteration.step(instruction, operands)
        name, numbers = instruction.payload, self.system.numbers
        given = [self.iteration.number(operand) for operand in operands]
        if name in EXTREMA:
            self.extrema[instruction.results[0]] = instruction, given
            self.rivals.pop(instruction.results[0], None)
        elif name == "*" and instruction.operands[0] == instruction.operands[1]:
            return numbers.operations["pow-integer"](given[0], numbers.decimal(TWO))
        return operation(numbers, name)(*given)

    def region(self, instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        if instruction.operation == opcode.ACCUMULATOR:
            return self.iteration.accumulator(instruction, walk)
        if instruction.operation == opcode.LOOP:
            return self.iteration.loop(instruction, operands, walk)
        left, right = [self.iteration.number(operand) for operand in operands]
        held, otherwise = [partial(self._side, region, walk) for region in instruction.regions]
        left_value, right_value = instruction.operands
        if instruction.payload == "==" and right_value in self.extrema:
            maker, given = self.extrema[right_value]
            if left_value in maker.operands and len(given) > 1:
                if right_value not in self.rivals:
                    self.rivals[right_value] = self._rivals(maker.payload, given)
                rival = self.rivals[right_value][maker.operands.index(left_value)]
                return self._tie(maker.payload, left, rival, held, otherwise)
        return self.system.branch(instruction.payload, left, right, held, otherwise)

    def _side(self, region: Region, walk: Walk) -> list[Interval]:
        return [self.iteration.number(output) for output in walk(region)]

    def _rivals(self, name: str, given: list[Interval]) -> list[Interval]:
        """The extremum of the other arguments, for each."""
        better = operation(self.system.numbers, name)
        before = list(accumulate(given[:-1], better))
        behind = list(accumulate(given[:0:-1], better))[::-1]
        return [behind[0], *map(better, before[:-1], behind[1:]), before[-1]]

    def _tie(
        self,
        name: str,
        one: Interval,
        rival: Interval,
        held: Callable[[], Sequence[Interval]],
        otherwise: Callable[[], Sequence[Interval]],
    ) -> Sequence[Interval]:
        """The results of a branch by whether an argument of max or min is the extremum.

        The argument is compared with the best other: with the extremum itself, whose interval holds
        its own, it never would be decided. Where they touch both sides count.
        """
        branch, of = self.system.branch, self.system.of
        beyond, behind = (">", "<") if name == MAX else ("<", ">")
        undecided = partial(branch, "<", of(-1, 1), of(0, 0), held, otherwise)
        not_beyond = partial(branch, behind, one, rival, otherwise, undecided)
        return branch(beyond, one, rival, held, not_beyond)


class _EnclosedIteration(Iteration):
    """The state of one run of a tape with loops over boxes."""

    def __init__(
        self, system: IntervalSystem, bindings: Bindings | None, box: Sequence[Interval]
    ) -> None:
        self.intervals = system
        self.point, self.system, self.frames = box, system.numbers, []
        if bindings is not None:
            super().__init__(bindings, system.numbers, box)

    def number(self, value: Any) -> Any:
        """The value itself, or the Interval that an index stands for."""
        return value.interval if isinstance(value, UndecidedIndex) else super().number(value)

    def subscript(self, subscript: Subscript, operands: Sequence[Any]) -> int:
        """The integer; an operand is an index, or an Interval of data that is a whole number."""
        indices = operands[: len(subscript.coefficients)]
        return super().subscript(subscript, [self._whole_number(one) for one in indices])

    def _whole_number(self, operand: Any) -> Any:
        return self.intervals.ends(operand)[0] if isinstance(operand, Interval) else operand

    def loop(self, instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        """The results of a loop; one over terms that tie is run over all that may."""
        over = instruction.payload
        if over.low == TIE_RANGE.low and isinstance(operands[0], UndecidedIndex):
            first, last, *carried = operands
            operands = [Index(first.least), Index(last.greatest), *carried]
        elif any(isinstance(one, UndecidedIndex) for one in operands):
            raise UndefinedError("a loop over the terms of an extremum is not enclosed")
        return super().loop(instruction, operands, walk)

    def reduced(self, reduction: str, values: list[tuple[Index, Any]], low: int) -> list[Any]:
        """The results of one reduction over a range that begins at `low`."""
        terms = [value for _, value in values]
        if reduction == LOGSUMEXP and not terms:
            return [self._anything(), self.whole(0)]
        if reduction == LOGSUMEXP:
            return [operation(self.system, LOGSUMEXP)(*terms), self.whole(0)]
        if reduction in EXTREMA or not terms:
            return super().reduced(reduction, values, low)
        combine = self.system.operations["+" if reduction == SUM else "*"]
        while len(terms) > 1:
            pairs = list(map(combine, terms[::2], terms[1::2]))
            terms = pairs + terms[len(terms) - len(terms) % 2 :]
        return terms

    def nothing(self, low: int) -> list[Any]:
        """The results of an extremum over an empty range, none of which is used."""
        return [self._anything(), *super().nothing(low)[1:]]

    def _anything(self) -> Interval:
        return self.intervals.of(-inf, inf)._replace(flags=0)

    def extremum(self, reduction: str, values: list[tuple[Index, Any]]) -> list[Any]:
        """The extremum, how many may tie, and the first and last index that may be of one."""
        terms = [value for _, value in values]
        numbers, branch = self.system, self.intervals.branch
        best = operation(numbers, reduction)(*terms)
        beyond = "<" if reduction == MAX else ">"
        indices = [int(index) for index, _ in values]
        lowest, highest = min(indices), max(indices)
        below, above = self.whole(lowest - 1), self.whole(highest + 1)
        found: list[list[Interval]] = [[], [], []]  # counts, first and last indices
        for index, term in values:
            number, count = self.whole(index), self.whole(1)
            sides = branch(
                beyond,
                term,
                best,
                lambda: [self.whole(0), above, below],
                lambda number=number, count=count: [count, number, number],  # type: ignore[misc]
            )
            for kept, side in zip(found, sides, strict=True):
                kept.append(side)
        counts, firsts, lasts = found
        minimum, maximum = operation(numbers, "min"), operation(numbers, "max")
        first, last = minimum(*firsts), maximum(*lasts)
        least, _ = self.intervals.ends(first)
        _, greatest = self.intervals.ends(last)
        candidates = Interval(first.low, last.high, first.flags & last.flags)
        place = UndecidedIndex(candidates, int(least), int(greatest))
        ties = maximum(self.reduced(SUM, [(Index(0), one) for one in counts], 0)[0], self.whole(1))
        return [best, ties, place, place]
