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
from fractions import Fraction
from functools import cache, partial
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.exact import TWO
from gdcli.autodiff.tape import (
    EXTREMA,
    LOGSUMEXP,
    MAX,
    PRODUCT,
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
from gdcli.execute.interpret import Frame, Index, Iteration, operation
from gdcli.language.syntax import Decimal
from gdcli.numbers.interval import Interval, IntervalSystem

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings


Decide = Callable[
    [Callable[[], Sequence[Interval]], Callable[[], Sequence[Interval]]], Sequence[Interval]
]
# A function, the number of its result, and those of its operands; of all values without them.
Step = tuple[Callable[..., Any], int, int, int]
Guard = Callable[[Interval], Interval]  # what of an addend is added, where it may be none
JOINED_REDUCTIONS = {SUM, PRODUCT, LOGSUMEXP, *EXTREMA}  # of which groups of terms may be joined


def enclose(
    tape: Tape,
    system: IntervalSystem,
    box: Sequence[Interval],
    bindings: Bindings,
) -> list[Interval]:
    """The Intervals of the outputs of a tape with loops over `box`."""
    enclosing = _Enclosing(system, bindings, box)
    if system.in_lanes:
        _mark_independent(tape.body, enclosing.iteration.independent)
    outputs = run(tape, enclosing.leaf, enclosing.apply, enclosing.region)
    first, *others = map(enclosing.iteration.number, outputs)
    if not bindings.length:
        return [first, *others]
    gradient = enclosing.iteration.gradient
    for place, derivative in zip(bindings.inputs, others, strict=False):
        gradient[place] = derivative
    return [first, *gradient]


class StraightEnclosure:
    """The enclosure of a tape whose steps are looked up once, before it runs.

    For one box after another it takes a third of the time of `enclose`. A tape with loops must be
    one that `is_straight` says can be run so. `columns` keeps the Intervals of data, by array.
    """

    def __init__(
        self,
        tape: Tape,
        system: IntervalSystem,
        bindings: Bindings | None = None,
        columns: dict[str, list[Interval]] | None = None,
    ) -> None:
        self.tape, self.system, self.bindings = tape, system, bindings
        self.columns = {} if columns is None else columns
        self.iteration = _EnclosedIteration(system, bindings, [])
        self.constants: list[Any] = [None] * (tape.size + 1)
        self.box = tape.size  # the place of the box among the values
        self.loads: list[tuple[int, int]] = []  # a component, and the value that it is
        self.extrema: dict[int, Instruction] = {}  # max and min, by result
        self.rivals: dict[int, int] = {}  # by an extremum: where the best others are kept
        self.numbers: dict[int, int] = {}  # by an INDEX: where its Interval is
        self.steps = self._steps(tape.body)
        self.outputs = self._places(tape.body.outputs)

    def __call__(self, box: Sequence[Interval]) -> list[Interval]:
        """The Intervals of the outputs over one box, or over lanes of them."""
        values = self.constants.copy()
        for component, place in self.loads:
            values[place] = box[component]
        values[self.box] = box
        bindings = self.bindings
        if bindings is None or not bindings.length:
            _take(self.steps, values)
            return [values[output] for output in self.outputs]
        self.iteration.gradient = gradient = [self.iteration.whole(0)] * bindings.length
        _take(self.steps, values)
        for place, output in zip(bindings.inputs, self.outputs[1:], strict=False):
            gradient[place] = values[output]
        return [values[self.outputs[0]], *gradient]

    def _places(self, operands: Sequence[int]) -> list[int]:
        """Where the Intervals of values are: of an INDEX beside the integer."""
        return [self.numbers.get(operand, operand) for operand in operands]

    def _place(self) -> int:
        """A new place among the values."""
        self.constants.append(None)
        return len(self.constants) - 1

    def _steps(self, region: Region) -> list[Step]:
        """The steps of a region that depend on the box; its constants are filled in here."""
        numbers, steps = self.system.numbers, []
        for instruction in region.instructions:
            name, payload = instruction.operation, instruction.payload
            if name == opcode.LOAD:
                place = payload if self.bindings is None else self.bindings.inputs[payload]
                self.loads.append((place, instruction.results[0]))
            elif name == opcode.CONSTANT:
                known = numbers.decimal if isinstance(payload, Decimal) else numbers.constants.get
                self.constants[instruction.results[0]] = known(payload)
            elif name == opcode.SIZE:
                self.constants[instruction.results[0]] = self.iteration.leaf(instruction)
            elif name == opcode.LOOP:
                steps.append((self._loop(instruction), -1, -1, -1))
            elif name == opcode.BRANCH:
                steps.append((self._branch(instruction), -1, -1, -1))
            elif name in (opcode.ELEMENT, opcode.ACCUMULATE):
                steps.append((self._entry(instruction), -1, -1, -1))
            elif name == opcode.APPLY:
                steps.append(self._step(instruction))
        return steps

    def _subscript(
        self, subscript: Subscript, operands: Sequence[int]
    ) -> Callable[[list[Any]], int]:
        """The integer that a subscript is, as a function of the values."""
        constant = self.iteration.subscript(subscript._replace(coefficients=()), ())
        terms = [(k, one) for k, one in zip(subscript.coefficients, operands, strict=False) if k]
        whole = self.iteration.whole_number
        if terms == [(1, operands[0])] if operands else False:
            index = operands[0]
            if index in self.numbers:
                return lambda values: constant + values[index]
        return lambda values: int(constant + sum(k * whole(values[one]) for k, one in terms))

    def _entry(self, instruction: Instruction) -> Callable[[list[Any]], None]:
        """What reads an entry of an array, or adds to the derivative by it."""
        assert self.bindings is not None
        array = instruction.payload.array
        bound, box, add = self.bindings.arrays[array], self.box, self.system.numbers.operations["+"]
        operands = opcode.subscript_operands(instruction)
        subscripts = [self._subscript(one, operands) for one in instruction.payload.subscripts]
        if bound.is_data and array not in self.columns:
            self.columns[array] = [self.iteration.given(float(value)) for value in bound.values]
        column = self.columns[array] if bound.is_data else None

        def place(values: list[Any]) -> int:
            place = 0
            for subscript, length in zip(subscripts, bound.lengths, strict=True):
                k = subscript(values)
                if not 1 <= k <= length:
                    raise IndexError(f"{array}[{k}] of {length}")
                place = place * length + k - 1
            return place

        if instruction.operation == opcode.ACCUMULATE:
            (added,) = self._places(instruction.operands[-1:])

            def accumulate(values: list[Any]) -> None:
                gradient, k = self.iteration.gradient, bound.offset + place(values)
                gradient[k] = add(gradient[k], values[added])

            return accumulate
        result = instruction.results[0]

        def read(values: list[Any]) -> None:
            k = place(values)
            values[result] = values[box][bound.offset + k] if column is None else column[k]

        return read

    def _loop(self, instruction: Instruction) -> Callable[[list[Any]], None]:
        """What runs a loop, an iteration after the other."""
        over, operands, index = instruction.payload, instruction.operands, instruction.regions[0]
        at = opcode.index_of(instruction)
        lows = [self._subscript(end, operands) for end in over.low]
        highs = [self._subscript(end, operands) for end in over.high]
        number = self.numbers[at] = self._place()
        rivals_outside = {*self.rivals.values()}
        body = self._steps(index)
        outputs, whole = self._places(index.outputs), cache(self.iteration.whole)
        inside = [place for place in self.rivals.values() if place not in rivals_outside]

        def apply(values: list[Any]) -> None:
            low = max(end(values) for end in lows)
            high = min(end(values) for end in highs)
            columns: list[list[tuple[Index, Interval]]] = [[] for _ in outputs]
            for k in map(Index, range(low, high + 1)):
                values[at], values[number] = k, whole(k)
                for place in inside:
                    values[place] = None
                _take(body, values)
                for column, output in zip(columns, outputs, strict=True):
                    column.append((k, values[output]))
            results: list[Any] = []
            for kind, column in zip(over.reductions, columns, strict=True):
                results += self.iteration.reduced(kind, column, low)
            for result, value in zip(instruction.results, results, strict=True):
                values[result] = self.iteration.number(value)

        return apply

    def _step(self, instruction: Instruction) -> Step:
        name, result = instruction.payload, instruction.results[0]
        operands, numbers = self._places(instruction.operands), self.system.numbers
        if name in EXTREMA:
            self.extrema[result] = instruction
        function = operation(numbers, name)
        if name == "*" and operands[0] == operands[1]:
            power, two = numbers.operations["pow-integer"], numbers.decimal(TWO)
            return lambda one: power(one, two), result, operands[0], -1
        if len(operands) <= 2:
            return function, result, operands[0], operands[1] if len(operands) == 2 else -1

        def apply(values: list[Any]) -> None:
            values[result] = function(*[values[operand] for operand in operands])

        return apply, -1, -1, -1

    def _branch(self, instruction: Instruction) -> Callable[[list[Any]], None]:
        system, comparison, (left, right) = self.system, instruction.payload, instruction.operands
        one, other = self._places(instruction.operands)
        bodies = [self._steps(region) for region in instruction.regions]
        maker = self.extrema.get(right) if comparison == "==" else None
        if maker is not None and (left not in maker.operands or len(maker.operands) < 2):
            maker = None
        if maker is not None and right not in self.rivals:
            self.rivals[right] = self._place()
        place = self.rivals.get(right, -1)
        handing = [self._places(region.outputs) for region in instruction.regions]

        def side(number: int, values: list[Any]) -> list[Interval]:
            _take(bodies[number], values)
            return [values[output] for output in handing[number]]

        def apply(values: list[Any]) -> None:
            sides = [cache(partial(side, number, values)) for number in (0, 1)]
            if maker is None:
                handed = system.branch(comparison, values[one], values[other], *sides)
            else:
                if values[place] is None:
                    given = [values[operand] for operand in self._places(maker.operands)]
                    values[place] = rivals(system, maker.payload, given)
                rival = values[place][maker.operands.index(left)]
                handed = tie(system, maker.payload, values[one], rival, *sides)
            for result, value in zip(instruction.results, handed, strict=True):
                values[result] = value

        return apply


def _take(steps: Sequence[Step], values: list[Any]) -> None:
    for function, result, left, right in steps:
        if right >= 0:
            values[result] = function(values[left], values[right])
        elif left >= 0:
            values[result] = function(values[left])
        else:
            function(values)


class _Enclosing:
    """The functions that `run` asks for."""

    def __init__(self, system: IntervalSystem, bindings: Bindings, box: Sequence[Interval]) -> None:
        self.system = system
        self.iteration = _EnclosedIteration(system, bindings, box)
        self.scalars = [box[place] for place in bindings.inputs]
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
        lifted = self.iteration.lifted
        given = [lifted(self.iteration.number(operand)) for operand in operands]
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
        lifted = self.iteration.lifted  # to the iterations of what it decides, which may be inside
        decide: Decide = lambda *sides: self.system.branch(  # noqa: E731
            instruction.payload, lifted(left), lifted(right), *sides
        )
        left_value, right_value = instruction.operands
        if instruction.payload == "==" and right_value in self.extrema:
            maker, given = self.extrema[right_value]
            if left_value in maker.operands and len(given) > 1:
                if right_value not in self.rivals:
                    self.rivals[right_value] = rivals(self.system, maker.payload, given)
                rival = self.rivals[right_value][maker.operands.index(left_value)]
                decide = lambda *sides: tie(  # noqa: E731
                    self.system, maker.payload, lifted(left), lifted(rival), *sides
                )
        nothing = self.iteration.whole(0)
        guards: list[Guard] = [
            lambda added: decide(lambda: [added], lambda: [nothing])[0],
            lambda added: decide(lambda: [nothing], lambda: [added])[0],
        ]
        sides = zip(instruction.regions, guards, strict=True)
        return decide(*[cache(partial(self._side, *side, walk)) for side in sides])

    def _side(self, region: Region, guard: Guard, walk: Walk) -> list[Interval]:
        """What a side of a branch hands out; what it adds is added where the side is taken."""
        self.iteration.guards.append(guard)
        iteration = self.iteration
        outputs = [iteration.lifted(iteration.number(output)) for output in walk(region)]
        self.iteration.guards.pop()
        return outputs


def rivals(system: IntervalSystem, name: str, given: Sequence[Interval]) -> list[Interval]:
    """The extremum of the other arguments of max or min, for each of them."""
    better = operation(system.numbers, name)
    before = list(accumulate(given[:-1], better))
    behind = list(accumulate(given[:0:-1], better))[::-1]
    return [behind[0], *map(better, before[:-1], behind[1:]), before[-1]]


def tie(
    system: IntervalSystem,
    name: str,
    one: Interval,
    rival: Interval,
    held: Callable[[], Sequence[Interval]],
    otherwise: Callable[[], Sequence[Interval]],
) -> Sequence[Interval]:
    """The results of a branch by whether an argument of max or min is the extremum.

    The argument is compared with the best other: with the extremum itself, whose interval holds its
    own, it never would be decided. Where they touch both sides count.
    """
    branch, of = system.branch, system.of
    beyond, behind = (">", "<") if name == MAX else ("<", ">")
    undecided = partial(branch, "<", of(-1, 1), of(0, 0), held, otherwise)
    not_beyond = partial(branch, behind, one, rival, otherwise, undecided)
    return branch(beyond, one, rival, held, not_beyond)


class _EnclosedIteration(Iteration):
    """The state of one run of a tape with loops over boxes.

    In lanes the iterations of a loop that is `independent` are computed together, as rows.
    """

    def __init__(
        self, system: IntervalSystem, bindings: Bindings | None, box: Sequence[Interval]
    ) -> None:
        self.intervals = system
        self.guards: list[Guard] = []  # of the sides of branches that the run is in
        self.independent: set[int] = set()  # the INDEX values of loops
        self.rows = 1
        self.point, self.system, self.frames = box, system.numbers, []
        if bindings is not None:
            super().__init__(bindings, system.numbers, box)
        if system.in_lanes:
            from gdcli.execute import iteration_lanes

            self.lanes = iteration_lanes
            self.shape = self.lanes.boxes_of(box)
            self.boxes = self.shape or 1

    def lifted(self, one: Interval) -> Interval:
        """The value of an outer loop, or of none, in the lanes of the iterations inside."""
        return one if self.rows == 1 else self.lanes.lifted(one, self.rows * self.boxes)

    def number(self, value: Any) -> Any:
        """The value itself, or the Interval that an index stands for."""
        if self.intervals.in_lanes and isinstance(value, self.lanes.RowIndex):
            return self.lanes.whole_numbers(value.numbers, self.boxes)
        return super().number(value)

    def subscript(self, subscript: Subscript, operands: Sequence[Any]) -> Any:
        """The integer, or an array of one for each row.

        An operand is an index, or an Interval of data that is a whole number.
        """
        indices = operands[: len(subscript.coefficients)]
        plain = [self.whole_number(one) for one in indices]
        rows: Any = 0
        for k, one in enumerate(plain):
            if not isinstance(one, (int, float, Fraction)):
                rows = rows + subscript.coefficients[k] * self.lanes.tiled(one, self.rows)
                plain[k] = 0
        return super().subscript(subscript, plain) + rows

    def whole_number(self, operand: Any) -> Any:
        """The integer that an index or an Interval of data is; of rows an array of them."""
        if not isinstance(operand, Interval):
            return operand if isinstance(operand, int) else operand.numbers
        if self.rows > 1 and self.lanes.boxes_of([operand]):
            numbers = operand.low[:: self.boxes]  # data are the same in all boxes
            if (operand.low == operand.high).all():
                return numbers.astype(int)
        low, high = self.intervals.ends(operand)
        if low != high:
            raise UndefinedError("a subscript that is not the same at all points is not enclosed")
        return low

    def step(self, instruction: Instruction, operands: list[Any]) -> Any:
        """The value of an ELEMENT or EARLIER; the effect of ACCUMULATE."""
        if instruction.operation == opcode.ACCUMULATE:
            added = self.lifted(self.number(operands[-1]))
            for guard in reversed(self.guards):
                added = guard(added)
            operands = [*operands[:-1], added]
        earlier = instruction.operation == opcode.EARLIER
        if not self.intervals.in_lanes or earlier or opcode.is_of_table(instruction):
            return super().step(instruction, operands)
        bound = self.bindings.arrays[instruction.payload.array]
        subscripts = [self.subscript(one, operands) for one in instruction.payload.subscripts]
        alone = instruction.operation == opcode.ELEMENT or self.rows == 1
        if alone and all(isinstance(one, int) for one in subscripts):
            return super().step(instruction, operands)
        place = self.lanes.places(bound, subscripts, self.rows)
        if instruction.operation == opcode.ELEMENT and bound.is_data:
            return self.lanes.of_data(bound.values, place, self.boxes)
        if instruction.operation == opcode.ELEMENT:
            entries = self.point[bound.offset : bound.offset + bound.count]
            return self.lanes.of_box(entries, place, self.boxes)
        self._accumulate(bound.offset + place, operands[-1])
        return None

    def _accumulate(self, place: Any, added: Interval) -> None:
        """Adds up the rows of each place."""
        add, added = self.system.operations["+"], self.lanes.spread(added, self.rows * self.boxes)
        for k, rows, some in self.lanes.by_place(place, added, self.boxes):
            total = self._row(self.lanes.joined(add, some, rows, self.boxes))
            self.gradient[k] = add(self.gradient[k], total)

    def _row(self, one: Interval) -> Interval:
        """One row of boxes; of a box of scalars it has scalars."""
        return one if self.shape else Interval(*[numbers[0] for numbers in one])

    def loop(self, instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        """The results of a loop; one over the terms that tie is run over all that may."""
        if instruction.payload.low == TIE_RANGE.low:
            ends = self.intervals.ends
            first, last = (
                ends(one) if isinstance(one, Interval) else (one, one) for one in operands[:2]
            )
            some = first[0] <= last[1]  # else the terms are undefined over all boxes
            span = (Index(first[0]), Index(last[1])) if some else (Index(1), Index(0))
            operands = [*span, *operands[2:]]
        if opcode.index_of(instruction) not in self.independent:
            return super().loop(instruction, operands, walk)
        over = instruction.payload
        low = max(self.subscript(bound, operands) for bound in over.low)
        high = min(self.subscript(bound, operands) for bound in over.high)
        if high <= low:
            return super().loop(instruction, operands, walk)
        return self._in_rows(instruction, low, high, walk)

    def _in_rows(self, instruction: Instruction, low: int, high: int, walk: Walk) -> list[Any]:
        """The results of a loop from low to high whose iterations are rows, a group at a time."""
        import numpy as np

        outer, width = self.rows, self.rows * self.boxes
        group = max(1, self.lanes.LANES_AT_ONCE // width)
        reductions = instruction.payload.reductions
        parts: list[list[list[Any]]] = [[] for _ in reductions]
        for first in range(low, high + 1, group):
            numbers = np.arange(first, min(first + group, high + 1))
            self.rows = outer * len(numbers)
            index: Any = self.lanes.RowIndex(np.repeat(numbers, outer))
            self.frames.append(Frame(index, [], {}))
            row = [self.number(value) for value in walk(instruction.regions[0])]
            row = [self.lanes.spread(one, self.rows * self.boxes) for one in row]
            self.frames.pop()
            for part, kind, one in zip(parts, reductions, row, strict=True):
                part.append(self._part(kind, one, numbers, outer))
        self.rows = outer
        results: list[Any] = []
        for kind, part in zip(reductions, parts, strict=True):
            if kind in EXTREMA:
                results += self._tied(kind, part, (low, high))
            else:
                results += self.reduced(kind, [(Index(0), one) for (one,) in part], low)
        if outer == 1:
            results = [self._row(self.lanes.spread(one, self.boxes)) for one in results]
        return results

    def _part(self, kind: str, one: Interval, numbers: Any, outer: int) -> list[Interval]:
        """The results of a reduction over one group of iterations, of a spread Interval."""
        count, width = len(numbers), outer * self.boxes

        def joined(name: str, some: Interval) -> Interval:
            some = self.lanes.spread(some, count * width)
            made: Interval = self.lanes.joined(operation(self.system, name), some, count, width)
            return made

        if kind not in EXTREMA:
            return [joined({SUM: "+", PRODUCT: "*"}.get(kind, kind), one)]
        best = joined(kind, one)
        at = self.lanes.whole_numbers(numbers.repeat(outer), self.boxes)
        span = int(numbers[0]), int(numbers[-1])
        term = [one, self.whole(1), at, at]
        counts, firsts, lasts = self._where_tied(kind, term, self.lifted(best), span)
        return [best, joined("+", counts), joined("min", firsts), joined("max", lasts)]

    def reduced(self, reduction: str, values: list[tuple[Index, Any]], low: int) -> list[Any]:
        """The results of one reduction over a range that begins at `low`."""
        terms = [self.lifted(value) for _, value in values]
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
        """The extremum, how many may tie, and twice the Interval of the indices of these."""
        terms = []
        for index, value in values:
            number = self.whole(index)
            terms.append([self.lifted(value), self.whole(1), number, number])
        indices = [int(index) for index, _ in values]
        return self._tied(reduction, terms, (min(indices), max(indices)))

    def _tied(
        self, reduction: str, terms: list[list[Interval]], span: tuple[int, int]
    ) -> list[Interval]:
        """The extremum of terms, each with its count of ties, and first and last index."""
        minimum, maximum = operation(self.system, "min"), operation(self.system, "max")
        best = operation(self.system, reduction)(*[term[0] for term in terms])
        found = [self._where_tied(reduction, term, best, span) for term in terms]
        counts, firsts, lasts = (list(column) for column in zip(*found, strict=True))
        first, last = minimum(*firsts), maximum(*lasts)
        place = Interval(first.low, last.high, first.flags & last.flags)
        ties = maximum(self.reduced(SUM, [(Index(0), one) for one in counts], 0)[0], self.whole(1))
        return [best, ties, place, place]

    def _where_tied(
        self, reduction: str, term: list[Interval], best: Interval, span: tuple[int, int]
    ) -> Sequence[Interval]:
        """The count, first and last index of a term where it may be the extremum, else of none."""
        above, below = self.whole(span[1] + 1), self.whole(span[0] - 1)
        value, *others = term
        return self.intervals.branch(
            "<" if reduction == MAX else ">",
            value,
            best,
            lambda: [self.whole(0), above, below],
            lambda: others,
        )


def _mark_independent(body: Region, found: set[int]) -> None:
    """Adds the INDEX values of the loops whose iterations do not depend on each other."""
    for one in opcode.instructions(body):
        if one.operation == opcode.LOOP and set(one.payload.reductions) <= JOINED_REDUCTIONS:
            made = {
                result for inner in opcode.instructions(one.regions[0]) for result in inner.results
            }
            if all(_is_independent(inner, made) for inner in opcode.instructions(one.regions[0])):
                found.add(opcode.index_of(one))


def is_straight(tape: Tape) -> bool:
    """Whether a tape's loops may be run by steps that are looked up: those of sums and the like.

    Nothing is added to an array in a branch, and no table is kept.
    """

    def runs(region: Region, guarded: bool) -> bool:
        for one in region.instructions:
            if one.operation in (opcode.LOOP, opcode.BRANCH):
                in_branch = guarded or one.operation == opcode.BRANCH
                if not all(runs(inner, in_branch) for inner in one.regions):
                    return False
                if one.operation == opcode.LOOP and (
                    not set(one.payload.reductions) <= JOINED_REDUCTIONS
                    or one.payload.low == TIE_RANGE.low
                ):
                    return False
            elif not _is_independent(one, set()) or (
                guarded and one.operation == opcode.ACCUMULATE
            ):
                return False
        return True

    return runs(tape.body, False)


def _is_independent(instruction: Instruction, made: set[int]) -> bool:
    """Whether an instruction may run for all iterations of a loop that has made these values.

    The range of a loop inside must be the same in all of them.
    """
    name = instruction.operation
    if name == opcode.LOOP:
        carries = instruction.payload.reductions.count(opcode.CARRY)
        bounds = instruction.operands[: len(instruction.operands) - carries]
        some = set(instruction.payload.reductions) <= JOINED_REDUCTIONS | {opcode.CARRY}
        return some and not made & set(bounds)
    if name in (opcode.ELEMENT, opcode.ACCUMULATE):
        return not opcode.is_of_table(instruction)
    return name not in (opcode.EARLIER, opcode.ACCUMULATOR, opcode.UNFINISHED)
