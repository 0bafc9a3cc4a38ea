"""Tapes written by hand, and small random points and data for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import (
    ACCUMULATE,
    ELEMENT,
    SUM,
    Element,
    Loop,
    Subscript,
    Tape,
    instructions,
)
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.execute.interpret import interpret
from gdcli.numbers.floats import FLOAT

Place = int | tuple[int | None, int]  # an index; one and what is added to it; None and a number


class TapeWriter:
    """A builder whose loops are functions of their index, and whose ranges begin at 1."""

    def __init__(self, inputs: Sequence[str] = (), arrays: Sequence[str] = ()) -> None:
        self.builder = Builder(inputs, arrays)

    def apply(self, primitive: str, *operands: int) -> int:
        return self.builder.apply(primitive, *operands)

    def times(self, left: int, right: int) -> int:
        return self.apply("*", left, right)

    def square(self, value: int) -> int:
        return self.apply("*", value, value)

    def entry(self, array: str | int, *places: Place) -> int:
        """An entry of an array by its name, or of a table."""
        pairs = [place if isinstance(place, tuple) else (place, 0) for place in places]
        operands = list(dict.fromkeys(value for value, _ in pairs if value is not None))
        subscripts = [
            Subscript(added, (), tuple(int(one == value) for one in operands))
            for value, added in pairs
        ]
        if isinstance(array, str):
            return self.builder.element(Element(array, tuple(subscripts)), operands)
        return self.builder.entry(array, subscripts, operands)

    def loops(
        self, size: str, body: Callable[[int], Sequence[int]], kinds: Sequence[str], low: int = 1
    ) -> Sequence[int]:
        """The results of a loop from `low` to a size, which yields several values."""
        over = Loop((Subscript(low),), (Subscript(0, ((size, 1),)),))
        outputs = body(self.builder.loop(over, []))
        return self.builder.close_loop(kinds, outputs)

    def loop(self, size: str, body: Callable[[int], int], kind: str = SUM, low: int = 1) -> int:
        """The first result of a loop that yields one value."""
        return self.loops(size, lambda index: [body(index)], [kind], low)[0]

    def product(self, weights: str, row: Place, size: str, entry: Callable[[int], int]) -> int:
        """Σ weights[row, j]·entry(j)."""
        return self.loop(size, lambda j: self.times(self.entry(weights, row, j), entry(j)))

    def tape(self, *outputs: int) -> Tape:
        return self.builder.tape(outputs)


class Trial:
    """A point and data for tapes of the same arrays, drawn by a seed."""

    def __init__(
        self,
        tape: Tape,
        sizes: Mapping[str, int],
        shapes: Mapping[str, Sequence[str]],
        seed: int = 1,
    ) -> None:
        draw = random.Random(seed)
        names = {
            one.payload.array
            for one in instructions(tape.body)
            if one.operation in (ELEMENT, ACCUMULATE) and one.payload.array
        }
        self.point = [draw.gauss(0, 1) for _ in tape.inputs]
        arrays = {}
        for name in (*tape.arrays, *sorted(names - {*tape.arrays})):
            shape = tuple(sizes[one] for one in shapes[name])
            numbers = [draw.gauss(0, 1) for _ in range(prod(shape))]
            place = len(self.point) if name in tape.arrays else -1
            arrays[name] = ArrayBinding(shape, place, () if place >= 0 else numbers)
            self.point += numbers if place >= 0 else []
        self.bindings = Bindings(sizes, tuple(range(len(tape.inputs))), arrays)

    def value(self, tape: Tape) -> Any:
        return interpret(tape, FLOAT, self.point, bindings=self.bindings)[0]

    def gradient(self, tape: Tape) -> list[Any]:
        """The value, and the derivative by each component of the point."""
        bindings = self.bindings._replace(length=len(self.point))
        return interpret(tape, FLOAT, self.point, bindings=bindings)
