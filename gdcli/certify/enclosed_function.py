"""A function of intervals: value, gradient and Hessian of a Function enclosed over boxes.

Comes in: a Function and an interval system. Goes out: Intervals that hold what the real function
that the text says, with its decimals exact, has over a box: `tape` and `gradient_tape`, never the
tapes that are rewritten for floats.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.functions.function import Function
from gdcli.numbers.interval import Interval, IntervalSystem

Box = Sequence[Interval]  # an Interval for each component of a point; in lanes, many boxes


class EnclosedFunction:
    """The enclosures of a function's value and derivatives over boxes, in one interval system."""

    def __init__(self, function: Function, system: IntervalSystem) -> None:
        self.function = function
        self.system = system
        self.n = len(function.components)

    def value(self, box: Box) -> Interval:
        """The enclosure of f over the box."""
        raise NotImplementedError

    def value_and_gradient(self, box: Box) -> tuple[Interval, list[Interval]]:
        """The enclosures of f and of its n partial derivatives over the box."""
        raise NotImplementedError

    def hessian(self, box: Box) -> list[list[Interval]]:
        """The enclosures of the n rows of second derivatives over the box."""
        raise NotImplementedError
