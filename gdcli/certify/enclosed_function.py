"""A function of intervals: value, gradient and Hessian of a Function enclosed over boxes.

Comes in: a Function and an interval system. Goes out: Intervals that hold what the real function
that the text says, with its decimals exact, has over a box: `tape` and `gradient_tape`, never the
tapes that are rewritten for floats. Short loops are written out, long ones are run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gdcli.autodiff.exact import ONE, ZERO
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import Tape
from gdcli.execute.enclosure import enclose
from gdcli.functions.function import Function
from gdcli.numbers.interval import Interval, IntervalSystem

Box = Sequence[Interval]  # an Interval for each component of a point; in lanes, many boxes
MOST_UNROLLED_OPERATIONS = 20_000  # of a value: some 1,000 terms


class EnclosedFunction:
    """The enclosures of a function's value and derivatives over boxes, in one interval system.

    Where the box's ends are arrays, so are those of the results, and their flags, all of one shape.
    `written_out` is the function without its loops where these are short, else the function itself.
    """

    def __init__(self, function: Function, system: IntervalSystem) -> None:
        self.function = function
        self.system = system
        self.n = len(function.components)

    @cached_property
    def written_out(self) -> Function:
        """The function whose tapes are run."""
        if self.function.bindings is None:
            return self.function
        from gdcli.execute.work import Work

        work = Work(self.function.tape, self.function.bindings).operations
        return self.function.unrolled if work <= MOST_UNROLLED_OPERATIONS else self.function

    def value(self, box: Box) -> Interval:
        """The enclosure of f over the box."""
        function = self.written_out
        return self._shaped(enclose(function.tape, self.system, box, function.bindings), box)[0]

    def value_and_gradient(self, box: Box) -> tuple[Interval, list[Interval]]:
        """The enclosures of f and of its n partial derivatives over the box."""
        engine = self.written_out.engine
        outputs = enclose(engine.gradient_tape, self.system, box, engine.gradient_bindings)
        value, *gradient = self._shaped(outputs, box)
        return value, gradient

    def hessian(self, box: Box) -> list[list[Interval]]:
        """The enclosures of the n rows of second derivatives over the box."""
        bindings = self.written_out.engine.gradient_bindings
        rows = []
        for component, tape in enumerate(self._hessian_rows):
            if bindings is None:
                outputs = enclose(tape, self.system, box)
            else:
                numbers = self.system.numbers
                unit = [numbers.decimal(ONE if i == component else ZERO) for i in range(self.n)]
                doubled = bindings.doubled(self.n)
                outputs = enclose(tape, self.system, [*box, *unit], doubled)
            rows.append(self._shaped(outputs[1:], box))
        return rows

    @cached_property
    def _hessian_rows(self) -> list[Tape]:
        """The tape of each row: of loops all are one, which takes the direction as an input."""
        engine = self.written_out.engine
        if engine.bindings is None:
            units = [[ONE if i == row else None for i in range(self.n)] for row in range(self.n)]
            return [tangent(engine.gradient_tape, unit) for unit in units]
        from gdcli.autodiff.passes.schedule import schedule
        from gdcli.autodiff.reverse import reverse

        product = tangent(reverse(engine.tape))  # never of a scheduled tape
        return [schedule(product, engine.bindings.sizes)] * self.n

    def _shaped(self, outputs: Sequence[Interval], box: Box) -> list[Interval]:
        """The Intervals with a number for each box of lanes, also where all boxes share it."""
        shapes: list[Any] = [getattr(one.low, "shape", ()) for one in box]
        shape = max(shapes, key=len, default=())
        if not shape:
            return list(outputs)
        import numpy as np

        def filled(numbers: Any, kind: Any) -> Any:
            if getattr(numbers, "shape", ()) == shape:
                return numbers
            return np.full(shape, numbers, kind)

        return [
            Interval(filled(low, float), filled(high, float), filled(flags, np.uint8))
            for low, high, flags in outputs
        ]
