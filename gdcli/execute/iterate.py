"""Loops, arrays and what loops keep, in any number system: the interpreter's other half.

Comes in: the Bindings of a tape with loops, a NumberSystem and the point. Goes out: the values of
its loops and elements, and the gradient that it accumulates. An index is an Index, an integer in
any number system, until an operation takes it for a number. A subscript outside its array, which
the checks before running exclude, is an IndexError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gdcli.autodiff.tape import (
    ACCUMULATE,
    CARRY,
    ELEMENT,
    EXTREMA,
    INDEX,
    KEEP,
    MAX,
    RECALL,
    SIZE,
    SUM,
    Element,
    Instruction,
    Loop,
    Subscript,
    Walk,
)
from gdcli.execute.bindings import Bindings
from gdcli.language.syntax import Decimal, read_decimal
from gdcli.numbers.floats import NumberSystem, nan


class Index(int):
    """The index of an iteration: a whole number, in subscripts and as a value."""


class Frame(NamedTuple):
    """One iteration of a loop: its index, and what the iteration before has handed on."""

    at: Index
    carried: list[Any]


class Iteration:
    """The state of one run of a tape with loops."""

    def __init__(
        self,
        bindings: Bindings,
        system: NumberSystem,
        point: Sequence[Any],
        frames: list[Frame] | None = None,
    ) -> None:
        self.bindings = bindings
        self.system = system
        self.point = point
        self.gradient = [self.whole(0)] * bindings.length
        self.frames: list[Frame] = [] if frames is None else frames
        self.kept: dict[tuple[int, int], Any] = {}  # by buffer and index

    def whole(self, number: int) -> Any:
        """An integer as a number of the system."""
        coefficient, exponent = number, 0
        while coefficient and coefficient % 10 == 0:
            coefficient, exponent = coefficient // 10, exponent + 1
        return self.system.decimal(Decimal(coefficient, exponent))

    def number(self, value: Any) -> Any:
        """A value as a number of the system, which an index is not yet."""
        return self.whole(value) if isinstance(value, Index) else value

    def leaf(self, instruction: Instruction) -> Any:
        """A value that depends on where in its loops the run is."""
        if instruction.operation == SIZE:
            return self.whole(self.subscript(instruction.payload, ()))
        frame = self.frames[-1]
        if instruction.operation == INDEX:
            return frame.at
        if instruction.operation == RECALL:
            return self.kept[instruction.payload, frame.at]
        return frame.carried[instruction.payload]

    def step(self, instruction: Instruction, operands: list[Any]) -> Any:
        """ELEMENT, ACCUMULATE and KEEP."""
        if instruction.operation == ELEMENT:
            place = self.place(instruction.payload, operands)
            return self.point[place] if isinstance(place, int) else self.given(place)
        value = self.number(operands[-1])
        if instruction.operation == KEEP:
            self.kept[instruction.payload, self.frames[-1].at] = value
        elif instruction.operation == ACCUMULATE:
            place = self.place(instruction.payload, operands)
            assert isinstance(place, int), "data have no derivative"
            self.gradient[place] = self.system.operations["+"](self.gradient[place], value)
        return None

    def place(self, element: Element, operands: Sequence[Any]) -> int | float:
        """Where in the point the entry lies, or the number of the data that it is."""
        subscripts = [self.subscript(one, operands) for one in element.subscripts]
        return self.bindings.place(element.array, subscripts)

    def given(self, value: float) -> Any:
        """A number of the data, taken at its shortest decimal."""
        decimal = read_decimal(repr(abs(value)))
        assert decimal is not None
        sign = -1 if value < 0 else 1
        return self.system.decimal(decimal._replace(coefficient=sign * decimal.coefficient))

    def subscript(self, subscript: Subscript, operands: Sequence[Any]) -> int:
        """The integer that a subscript or a bound is."""
        sizes = [times * self.bindings.sizes[name] for name, times in subscript.sizes]
        # an ACCUMULATE has one operand more, and a carry's initial values are behind the indices
        indices = [k * int(index) for k, index in zip(subscript.coefficients, operands) if k]  # noqa: B905
        return subscript.constant + sum(sizes) + sum(indices)

    def loop(self, instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        """The results of a loop, its body walked once an iteration."""
        over: Loop = instruction.payload
        low = max(self.subscript(bound, operands) for bound in over.low)
        high = min(self.subscript(bound, operands) for bound in over.high)
        carries = over.reductions.count(CARRY)
        carried = [self.number(value) for value in operands[len(operands) - carries :]]
        rows: list[tuple[Index, list[Any]]] = []
        for index in map(Index, range(low, high + 1)[:: -1 if over.descending else 1]):
            self.frames.append(Frame(index, carried))
            row = [self.number(value) for value in walk(instruction.regions[0])]
            self.frames.pop()
            carried = row[:carries]
            rows.append((index, row))
        results = list(carried)
        for k, reduction in enumerate(over.reductions[carries:], carries):
            results += self.reduced(reduction, [(index, row[k]) for index, row in rows], low)
        return results

    def reduced(self, reduction: str, values: list[tuple[Index, Any]], low: int) -> list[Any]:
        """The results of one reduction over a range that begins at `low`."""
        if reduction in EXTREMA:
            return self.extremum(reduction, values) if values else self.nothing(low)
        operation = self.system.operations["+" if reduction == SUM else "*"]
        total = values[0][1] if values else self.whole(0 if reduction == SUM else 1)
        for _, value in values[1:]:
            total = operation(total, value)
        return [total]

    def nothing(self, low: int) -> list[Any]:
        """An extremum of no terms, which nothing uses; there is no term between its indices."""
        return [nan, self.whole(0), Index(low), Index(low - 1)]

    def extremum(self, reduction: str, values: list[tuple[Index, Any]]) -> list[Any]:
        """The value, how often it is there, and the first and last index; nan where one is."""
        first, best = values[0]
        last, count, order = first, 1, self.system.order
        for index, value in values[1:]:
            new, old = order(value), order(best)
            if new != new or (new > old if reduction == MAX else new < old):
                best, count, first, last = value, 1, index, index
            elif new == old:
                count, last = count + 1, index
        return [best, self.whole(count), first, last]
