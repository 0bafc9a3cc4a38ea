"""The terms of a loop's maximum or minimum that tie, and so share its derivative equally.

A loop hands out with an extremum how many of its terms equal it, and the index of the first and of
the last of them. Both modes visit the terms between these two, nearly always a single one.
"""

from __future__ import annotations

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import Loop, Subscript

# From the first to the last of the terms that tie, whose indices are the operands of the loop.
TIE_RANGE = Loop((Subscript(0, (), (1, 0)),), (Subscript(0, (), (0, 1)),))


def choose(builder: Builder, comparison: str, left: int, right: int, *sides: int) -> int:
    """The first of two values where the comparison holds, else the second."""
    builder.branch(comparison, left, right)
    builder.otherwise()
    return builder.close(sides[:1], sides[1:])[0]


def tie_indicator(
    builder: Builder, term: int, index: int, extremum: int, first: int, last: int
) -> int:
    """1 where the term at `index` ties, else 0; those at `first` and `last` do in any case."""
    one, zero = builder.constant(exact.ONE), builder.constant(exact.ZERO)
    tied = choose(builder, "==", term, extremum, one, zero)
    tied = choose(builder, "==", index, first, one, tied)
    return choose(builder, "==", index, last, one, tied)
