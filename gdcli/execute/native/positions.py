"""Where an element of an array stands, as an affine number of index values.

Comes in: an Element with its operands, and where its array lies. Goes out: `Position`, the place
counted from the array's first entry; sizes and strides are numbers here, so that one coefficient
remains for each index value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdcli.autodiff.tape import Element
from gdcli.execute.bindings import ArrayBinding
from gdcli.execute.work import Range, Work


class Position(NamedTuple):
    """`constant` + Σ coefficient·index value; no coefficient is 0."""

    constant: int
    terms: tuple[tuple[int, int], ...]  # (index value, coefficient), by value

    def coefficient(self, value: int) -> int:
        """How far apart the places of consecutive values of that index are."""
        return dict(self.terms).get(value, 0)

    def without(self, value: int) -> Position:
        """The position where that index value is 0."""
        return self._replace(terms=tuple(term for term in self.terms if term[0] != value))

    def reach(self, work: Work) -> Range:
        """The least and the greatest place."""
        low = high = self.constant
        for value, factor in self.terms:
            ends = [factor * end for end in work.ranges[value]]
            low, high = low + min(ends), high + max(ends)
        return low, high


def position(
    work: Work, array: ArrayBinding, element: Element, operands: Sequence[int]
) -> Position:
    """The place of `element` in its array; the first subscript is 1."""
    constant, factors = 0, dict.fromkeys(sorted(set(operands)), 0)
    for subscript, stride in zip(element.subscripts, array.strides, strict=True):
        constant += stride * (work.constant(subscript) - 1)
        for operand, factor in zip(operands, subscript.coefficients, strict=False):
            factors[operand] += stride * factor
    return Position(constant, tuple((value, factor) for value, factor in factors.items() if factor))
