"""A function of intervals: value, gradient and Hessian of a Function enclosed over boxes.

Comes in: a Function and an interval system. Goes out: Intervals that hold what the real function
that the text says, with its decimals exact, has over a box: `tape` and `gradient_tape`, never the
tapes that are rewritten for floats. Short loops are written out, long ones are run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.exact import ONE, ZERO
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import Tape
from gdcli.errors import UsageError
from gdcli.execute.enclosure import StraightEnclosure, enclose, is_straight
from gdcli.functions.function import Function
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS
from gdcli.numbers.interval import (
    DEFINED,
    DEFINED_AND_CONTINUOUS,
    Interval,
    IntervalSystem,
    is_bounded,
)

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings

Box = Sequence[Interval]  # an Interval for each component of a point; in lanes, many boxes
MOST_UNROLLED_OPERATIONS = 20_000  # of a value: some 1,000 terms
INTERVALS_KEPT = 1_000_000  # at once, in lanes: 16 MB of ends, which stay in the cache
SHARED_ATTRIBUTES = ("written_out", "_hessian_rows")  # of one function in several systems


def refuse_many_components(count: int) -> None:
    """Raises UsageError where a point has too many components for a proof to end in time."""
    if count > MOST_LISTED_COMPONENTS:
        most = f"up to {MOST_LISTED_COMPONENTS} variables, not {count:,}"
        raise UsageError(f"there are proofs {most}: they take intervals of all n² entries of H")


class EnclosedFunction:
    """The enclosures of a function's value and derivatives over boxes, in one interval system.

    Where the box's ends are arrays, so are those of the results, and their flags, all of one shape.
    `written_out` is the function without its loops where these are short, else the function itself.
    """

    def __init__(self, function: Function, system: IntervalSystem) -> None:
        self.function = function
        self.system = system
        self.n = len(function.components)
        self._straight: dict[int, StraightEnclosure] = {}  # by the identity of its tape
        self._columns: dict[str, list[Interval]] = {}  # of data, by array

    def over(self, system: IntervalSystem) -> EnclosedFunction:
        """The function enclosed in another interval system, with the tapes that have been made."""
        other = EnclosedFunction(self.function, system)
        made = vars(self)
        vars(other).update({name: made[name] for name in SHARED_ATTRIBUTES if name in made})
        return other

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
        return self._outputs(function.tape, box, function.bindings)[0]

    def value_and_gradient(self, box: Box) -> tuple[Interval, list[Interval]]:
        """The enclosures of f and of its n partial derivatives over the box."""
        engine = self.written_out.engine
        value, *gradient = self._outputs(engine.gradient_tape, box, engine.gradient_bindings)
        return value, gradient

    def hessian(self, box: Box) -> list[list[Interval]]:
        """The enclosures of the n rows of second derivatives over the box."""
        bindings = self.written_out.engine.gradient_bindings
        rows = []
        for component, tape in enumerate(self._hessian_rows):
            unit: list[Interval] = []
            if bindings is not None:
                decimal = self.system.numbers.decimal
                unit = [decimal(ONE if i == component else ZERO) for i in range(self.n)]
            doubled = bindings and bindings.doubled(self.n)
            rows.append(self._outputs(tape, [*box, *unit], doubled)[1:])
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

    def _outputs(self, tape: Tape, box: Box, bindings: Bindings | None) -> list[Interval]:
        """The Intervals of a tape's outputs, in lanes with a number for each box.

        Boxes are taken in groups, so that what the tape computes on the way stays small.
        """
        lanes = max((getattr(one.low, "shape", ()) for one in box), default=())
        if not lanes:
            return self._enclosed(tape, box, bindings)
        import numpy as np

        def part(numbers: Any, place: slice) -> Any:
            return numbers[place] if np.ndim(numbers) else numbers

        (count,), group = lanes, max(256, INTERVALS_KEPT // (1 + tape.size))
        pieces: list[list[Interval]] = []
        for first in range(0, max(count, 1), group):
            place = slice(first, min(first + group, count))
            some = [Interval(*[part(numbers, place) for numbers in one]) for one in box]
            pieces.append(
                [
                    Interval(
                        *[
                            np.broadcast_to(np.asarray(numbers, kind), place.stop - first)
                            for numbers, kind in zip(one, (float, float, np.uint8), strict=True)
                        ]
                    )
                    for one in self._enclosed(tape, some, bindings)
                ]
            )
        return [
            Interval(*[np.concatenate(numbers) for numbers in zip(*some, strict=True)])
            for some in zip(*pieces, strict=True)
        ]

    def _enclosed(self, tape: Tape, box: Box, bindings: Bindings | None) -> list[Interval]:
        straight = self._straight.get(id(tape))
        if straight is None:  # it keeps its tape, so that no other has its identity
            if bindings is not None and (self.system.in_lanes or not is_straight(tape)):
                return enclose(tape, self.system, box, bindings)
            straight = StraightEnclosure(tape, self.system, bindings, self._columns)
            self._straight[id(tape)] = straight
        return straight(box)


def mean_value_form(
    system: IntervalSystem,
    value: Callable[[Box], Interval],
    natural: Interval,
    slopes: Sequence[Interval],
    box: Box,
    center: Sequence[Any],
) -> Interval:
    """The natural enclosure of a function over one box, narrowed by the mean value form.

    f(x) = f(c) + Σ sᵢ·(xᵢ - cᵢ) with the derivatives sᵢ at a point between, by the components that
    vary. So they have to be defined and finite over the box, and f defined and continuous; else the
    natural enclosure is given back. The center c has to lie in the box.
    """
    varying = [i for i, one in enumerate(box) if one.low < one.high]
    if natural.flags != DEFINED_AND_CONTINUOUS or not all(
        slopes[i].flags & DEFINED and is_bounded(slopes[i]) for i in varying
    ):
        return natural
    operations, middle = system.numbers.operations, [system.of(c, c) for c in center]
    total = value(middle)
    for i in varying:
        step = operations["-"](box[i], middle[i])
        total = operations["+"](total, operations["*"](slopes[i], step))
    low, high = max(natural.low, total.low), min(natural.high, total.high)
    return Interval(low, high, natural.flags)
