"""What a tape with loops is run with: numbers for its sizes, places for its names, and the data.

A point is one flat vector of n numbers: scalars and arrays in the order of the variables, arrays
row by row. Bindings say where in it each scalar input of the tape lies and each array begins, how
long the arrays are, and what the data hold; the first entry of an array has the subscript 1. The
same Bindings serve every way to run a tape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from gdcli.autodiff.tape import DIRECTION_PREFIX
from gdcli.named_tuples import NamedTuple

DATA = -1  # the offset of an array that is no part of the point


class ArrayBinding(NamedTuple):
    """The lengths of an array by dimension, and where its entries are, row by row.

    `offset` is the place of its first entry in the point; where it is DATA the entries are
    `values`, a flat list of floats or a one-dimensional NumPy array of them.
    """

    lengths: tuple[int, ...]
    offset: int = DATA
    values: Sequence[float] = ()

    @property
    def is_data(self) -> bool:
        return self.offset == DATA

    @property
    def count(self) -> int:  # type: ignore[override]
        return prod(self.lengths)

    @property
    def strides(self) -> tuple[int, ...]:
        """The distance of neighbouring entries along each dimension."""
        strides = [1]
        for length in reversed(self.lengths[1:]):
            strides.append(strides[-1] * length)
        return tuple(reversed(strides))


class Bindings(NamedTuple):
    """The sizes, the places in the point and the data that a tape with loops is run with.

    `inputs` are the places in the point of the tape's scalar inputs, in their order. `length` is n
    where the tape makes a gradient, a flat list of n numbers that starts as zeros: output 1 + k of
    the tape is added at `inputs[k]`, and what is accumulated into an array at the array's own
    offset. It is 0 for a tape that has only a value.
    """

    sizes: Mapping[str, int]
    inputs: tuple[int, ...]
    arrays: Mapping[str, ArrayBinding]
    length: int = 0

    def place(self, array: str, subscripts: Sequence[int]) -> int | float:
        """The place of an entry in the point, or the entry itself where it is data.

        Raises IndexError for a subscript outside the array, which the checks before running find.
        """
        bound = self.arrays[array]
        place = 0
        for subscript, length in zip(subscripts, bound.lengths, strict=True):
            if not 1 <= subscript <= length:
                raise IndexError(f"{array}[{subscript}] of {length}")
            place = place * length + subscript - 1
        return float(bound.values[place]) if bound.is_data else bound.offset + place

    def doubled(self, length: int) -> Bindings:
        """The bindings of the tangent tape: a point of `length` numbers with a direction behind."""
        moved = {
            DIRECTION_PREFIX + name: array._replace(offset=array.offset + length)
            for name, array in self.arrays.items()
            if not array.is_data
        }
        inputs = (*self.inputs, *(place + length for place in self.inputs))
        return self._replace(inputs=inputs, arrays={**self.arrays, **moved})
