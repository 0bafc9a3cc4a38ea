"""Poles on the way of a step: a descent that is adaptive stays on the side where it began.

Comes in: an objective, the point of a run and the end of a trial step. Goes out: the part of the
way that may be gone, where a pole lies on it. Most functions have none by their form, which is seen
once a run; for them nothing is done.

Where the operands of a division, a logarithm, a tangent and the like may be those of a pole, they
are evaluated as intervals over the way, which is halved where they are. What is left, a piece too
short to be halved, is a pole where f grows without end on the way to it, as 1/(x-1)^2 does at 1,
and no pole where f settles, as sin(x)/x does at 0. Loops are written out for this; functions of too
many operations are not watched, because the intervals take longer than all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import ceil, floor, inf, isfinite, pi
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import Instruction, Tape, instructions
from gdcli.descent.iterate import Iterate
from gdcli.descent.objective import Counted, Objective
from gdcli.descent.vectors import Vector, difference, largest, scaled, step
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS, NumberSystem

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.descent.lower_bound import Range
    from gdcli.language.syntax import Expression

MOST_WATCHED_OPERATIONS = 500  # of the tape that is evaluated as intervals at every trial
MOST_WATCHED_STEPS = 1000  # of a run that is told that one leads over a pole
MOST_PIECES = 600  # of one way that are looked at
SHORTEST_PIECE = 2.0**-10  # beside the way to it: then f is asked
LEAST_PIECE = 2.0**-100  # of the whole way
MOST_NEIGHBOURS = 16  # pieces in a row on which a pole is not excluded; then WIDE is looked at
WIDE = 1.25  # times the way to the first of them
GOLDEN = 0.6180339887498949
APPROACH = tuple(10.0**-k for k in range(1, 13))  # to a place, beside the way to it
SPARSE = (2, 4, 6, 10)  # points of it, which mostly show that f settles
SETTLING = 0.5  # of a change of f, or less, is the next one where it does
CLEAR_GROWTH = 10.0  # times a change of f is the next one, or more, where it grows without end
LEAST_APPROACH = 4  # points of it that tell how f goes on
LASTING_GROWTH = 0.9  # of f from one to the next, beside that before; a logarithm's is 1
VISIBLE_GROWTH = 20.0  # times the rounding of f
POLE_DISTANCE = 1e-12  # relative to max(1, ‖x‖∞), at which f may be said to fall without bound
FALL_DISTANCES = tuple(1e-6 * 3e-10 ** (k / 20) for k in range(21))  # likewise, at which it fell
LASTING_FALL = 0.8  # of f over the nearer ones, beside that over the others
KEPT_SHARE = 0.9  # of the way to a pole


class Guard(NamedTuple):
    """Operands that those of a pole of `primitive` are: their places among a tape's outputs."""

    primitive: str
    places: tuple[int, ...]


def poles(objective: Any) -> Poles | None:
    """The watch over the poles of an objective; None where it has none, or they cannot be known.

    A callable, and a function whose gradient another method finds, are not looked into.
    """
    engine = getattr(objective, "engine", None)
    if engine is None or len(objective.components) > MOST_LISTED_COMPONENTS:
        return None
    tape: Tape = engine.rewritten.tape
    if not any(one.payload in CLEARANCES for one in instructions(tape.body)):
        return None
    singular = _singular(tape)
    if singular and objective.has_loops:
        try:
            tape = objective.unrolled.engine.rewritten.tape
        except UsageError:  # it is too long
            return None
        singular = _singular(tape)
    return _watch(tape, singular, objective.unrolled.elaborated) if singular else None


def _singular(tape: Tape) -> set[int]:
    """The results of the operations that may have a pole, by the form of their operands."""
    from gdcli.autodiff.chain import active
    from gdcli.descent.lower_bound import ranges

    moving, known = active(tape), ranges(tape)
    return {
        one.results[0]
        for one in instructions(tape.body)
        if one.payload in CLEARANCES
        and not moving.isdisjoint(_guarded(one))
        and CLEARANCES[one.payload](*[known[operand] for operand in _guarded(one)]) == 0.0
    }


def _guarded(instruction: Instruction) -> tuple[int, ...]:
    """The operands on which a pole depends."""
    unguarded = instruction.payload in ("/", "polygamma")
    return instruction.operands[unguarded:]


def _watch(tape: Tape, singular: set[int], expression: Expression) -> Poles | None:
    """The watch over singular operations of a tape without loops, None where it takes too long."""
    builder = Builder(tape.inputs)
    numbers = builder.extend(tape)
    outputs: dict[int, None] = {}  # in order
    guards: dict[tuple[str, tuple[int, ...]], int] = {}  # and the origin of each
    for one in tape.body.instructions:
        if not singular.isdisjoint(one.results):
            operands = tuple(numbers[operand] for operand in _guarded(one))
            outputs.update(dict.fromkeys(operands))
            guards.setdefault((one.payload, operands), one.origin)
        elif any(not singular.isdisjoint(i.results) for r in one.regions for i in instructions(r)):
            outputs.update((numbers[result], None) for result in one.results)
    places = {output: place for place, output in enumerate(outputs)}
    watched, renumbered = builder.numbered(list(outputs))
    if watched.size > MOST_WATCHED_OPERATIONS:
        return None
    return Poles(
        watched,
        [Guard(name, tuple(places[one] for one in operands)) for name, operands in guards],
        list(guards.values()),
        {renumbered[numbers[one]] for one in singular if numbers[one] in renumbered},
        expression,
    )


class Pole(NamedTuple):
    """A pole on the way of a step: the part of it that may be gone, the place, and what has it."""

    reach: float
    x: Vector
    name: str

    def is_near(self, here: Vector) -> bool:
        """Whether a point all but lies on it."""
        return largest(difference(self.x, here)) <= POLE_DISTANCE * max(1.0, largest(self.x))


class Poles:
    """The watch over operations that may have a pole.

    `tape` computes the operands of `guards`, whose places in the text are `origins`; those inside
    branches are its own operations `inner`.
    """

    def __init__(
        self,
        tape: Tape,
        guards: list[Guard],
        origins: list[int],
        inner: set[int],
        expression: Expression,
    ) -> None:
        self.tape = tape
        self.guards = guards
        self.expression = expression
        self.inner: dict[Any, int] = {}  # by what tells them from others: their numbers
        self.origins = origins
        for one in instructions(tape.body):
            if one.operation == opcode.BRANCH or not inner.isdisjoint(one.results):
                self.inner[_key(one)] = len(self.origins)
                self.origins.append(one.origin)

    def ahead(self, objective: Counted, here: Vector, there: Vector) -> Pole | None:
        """The first pole on the way from `here` to `there`."""
        move = difference(there, here)
        if not isfinite(largest(move)):
            return None
        for place, number in self.places(here, move):
            if is_pole(objective, here, move, place):
                name = self.expression.formula(self.origins[number])
                return Pole(KEPT_SHARE * place, step(here, place, move), name)
        return None

    def at_hand(self, here: Vector, gradient: Vector) -> Pole | None:
        """What may be a pole on the way down from `here`, all but on it."""
        longest = largest(gradient)
        if not 0.0 < longest < inf:
            return None
        move = scaled(-2.0 * POLE_DISTANCE * max(1.0, largest(here)) / longest, gradient)
        for place, number in self.places(here, move):
            name = self.expression.formula(self.origins[number])
            return Pole(place, step(here, place, move), name)
        return None

    def places(self, here: Vector, move: Vector) -> Iterator[tuple[float, int]]:
        """Where on the way a pole is not excluded, in order, as parts of it, and of what."""
        pending = [(0.0, 1.0)]
        doubtful: list[tuple[float, float]] = []  # neighbouring pieces, with the same operation
        doubted: int | None = None
        passed = 0.0
        for _ in range(MOST_PIECES):
            if not pending:
                break
            low, high = pending.pop()
            if high <= passed:
                continue
            low = max(low, passed)
            met = self.met_on(here, move, low, high)
            whole = met is not None and high - low > SHORTEST_PIECE * high and high > LEAST_PIECE
            if whole:
                middle = 0.5 * (low + high)
                pending += [(middle, high), (low, middle)]
                continue
            if doubted is not None and met != doubted:
                yield self.nearest(here, move, doubted, doubtful[0][0], doubtful[-1][1]), doubted
                doubtful = []
            doubted = met
            if met is not None:
                doubtful.append((low, high))
            if met is not None and len(doubtful) == MOST_NEIGHBOURS:
                passed = min(1.0, WIDE * doubtful[0][0])
                yield self.nearest(here, move, met, doubtful[0][0], passed), met
                doubtful, doubted = [], None
        if doubted is not None:
            yield self.nearest(here, move, doubted, doubtful[0][0], doubtful[-1][1]), doubted

    def met_on(self, here: Vector, move: Vector, low: float, high: float) -> int | None:
        """The number of the first guard that a pole may have on a piece of the way."""
        from gdcli.numbers.bounded import Bounded, system_of

        point = []
        for c, m in zip(here, move, strict=True):
            a, b = c + low * m, c + high * m
            error = 0.5 * abs(b - a) + 2.0 * EPSILON * max(abs(a), abs(b)) if m else 0.0
            point.append(Bounded(0.5 * (a + b), error))
        clearances = self.clearances(system_of(None), point)
        return next((number for number, one in clearances if one == 0.0), None)

    def clearances(self, system: NumberSystem, point: list[Any]) -> Iterator[tuple[int, float]]:
        """How far the operands of each guard are from those of a pole, at a point or over a box."""
        from gdcli.execute.interpret import interpret

        inner: list[tuple[int, float]] = []

        def watch(instruction: Instruction, operands: list[Any], _: Any) -> None:
            number = self.inner.get(_key(instruction))
            if number is None:
                return
            if instruction.operation == opcode.BRANCH:
                left, right = map(_interval, operands)
                inner.append((number, max(left.low - right.high, right.low - left.high, 0.0)))
            else:
                unguarded = len(operands) - len(_guarded(instruction))
                ranges = map(_interval, operands[unguarded:])
                inner.append((number, CLEARANCES[instruction.payload](*ranges)))

        found = [
            _interval(one)
            for one in interpret(self.tape, system, point, watch if self.inner else None)
        ]
        for number, guard in enumerate(self.guards):
            operands = [found[place] for place in guard.places]
            yield number, CLEARANCES[guard.primitive](*operands)
        yield from inner

    def nearest(self, here: Vector, move: Vector, number: int, low: float, high: float) -> float:
        """Where from `low` to `high` the operands come nearest to those of a pole.

        By golden section: intervals alone take long to close in on a double zero.
        """
        from gdcli.numbers.floats import IEEE

        def clearance(t: float) -> float:
            found = self.clearances(IEEE, step(here, t, move))
            return next((one for other, one in found if other == number), inf)

        inner = (high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        sizes = [clearance(t) for t in inner]
        while low < inner[0] < inner[1] < high and min(sizes) > 0.0:
            if sizes[0] <= sizes[1]:
                high, inner = inner[1], (inner[1] - GOLDEN * (inner[1] - low), inner[0])
                sizes = [clearance(inner[0]), sizes[0]]
            else:
                low, inner = inner[0], (inner[1], inner[0] + GOLDEN * (high - inner[0]))
                sizes = [sizes[1], clearance(inner[1])]
        return inner[sizes[1] < sizes[0]]


class CrossingWatch:
    """Tells once from which point a step has led over a pole, of a run that takes them as they are.

    Its own evaluations are none of the run's.
    """

    def __init__(
        self, watched: Poles, objective: Objective, tell: Callable[[Sentence], None]
    ) -> None:
        self.watched = watched
        self.objective = Counted(objective, MOST_WATCHED_STEPS * MOST_PIECES)
        self.tell = tell
        self.last: Iterate | None = None
        self.told = False

    def add(self, row: Iterate) -> None:
        last, self.last = self.last, row
        if last is None or self.told or row.k > MOST_WATCHED_STEPS:
            return
        met = self.watched.ahead(self.objective, last.x, row.x)
        if met is not None:
            sentence = (
                "the step from k = {} leads over a pole of {}; a smaller {} may stay before it"
            )
            self.tell(Sentence(sentence, last.k, met.name, Setting("alpha")))
            self.told = True


def _key(instruction: Instruction) -> tuple[int, ...]:
    """What tells an operation from others: a comparison may have no result."""
    return (*instruction.operands, *instruction.results[:1])


def _interval(number: Any) -> Range:
    """A number, or a number with its error, as a range."""
    from gdcli.descent.lower_bound import UNRESTRICTED, Range
    from gdcli.numbers.bounded import Bounded

    if not isinstance(number, Bounded):
        return Range(number, number)
    if not number.good:
        return UNRESTRICTED
    return Range(number.value - number.error, number.value + number.error)


def is_pole(objective: Counted, here: Vector, move: Vector, place: float) -> bool:
    """Whether f grows without end towards a place of the way, from one of its sides."""
    before = [place - place * share for share in APPROACH]
    if grows_on(objective, [step(here, t, move) for t in before if t < place]):
        return True
    left = 1.0 - place
    length = place if SHORTEST_PIECE < place < left else left
    beyond = [place + length * share for share in APPROACH]
    return grows_on(objective, [step(here, t, move) for t in beyond if t > place])


def clearly_grows(values: list[float]) -> bool | None:
    """Whether f changes more and more towards a place, True, or less and less, False; else None.

    `values` are those at a few points that come ever nearer to it.
    """
    steps = [abs(b - a) for a, b in pairwise(values)]
    if not all(map(isfinite, steps)):
        return None
    if all(after < SETTLING * before for before, after in pairwise(steps)):
        return False
    if all(after > CLEAR_GROWTH * before > 0.0 for before, after in pairwise(steps)):
        return True
    return None


def falls_towards(objective: Counted, pole: Vector, uphill: Vector, box: Box | None) -> bool:
    """Whether f falls at each of 20 points towards a pole, from where it rises to.

    And in the second half of them as much as in the first, as it does without bound. Points outside
    of the `box` are moved into it.
    """
    away = scaled(max(1.0, largest(pole)) / largest(uphill), uphill)
    values: list[float] = []
    for distance in FALL_DISTANCES:
        x = step(pole, distance, away)
        value = objective.value(x if box is None else box.project(x))
        if values and not value < values[-1]:
            return False
        values.append(value)
    middle = values[len(values) // 2]
    return middle - values[-1] >= LASTING_FALL * (values[0] - middle)


def grows_on(objective: Counted, points: list[Vector]) -> bool:
    """Whether |f| grows from point to point, and ever as much, as far as its rounding shows."""
    if len(points) == len(APPROACH):
        clear = clearly_grows([objective.value(points[i]) for i in SPARSE])
        if clear is not None:
            return clear
    values: list[float] = []
    last: Vector | None = None
    for x in points:
        if x == last:
            break
        last = x
        value = objective.value(x)
        if abs(value) == inf:
            return bool(values)
        rounding = objective.objective.rounding_error(x)
        if value != value or (values and not VISIBLE_GROWTH * rounding < abs(value - values[-1])):
            break
        values.append(value)
    if len(values) < LEAST_APPROACH:
        return False
    a, b, c, d = values[-LEAST_APPROACH:]
    steps = b - a, c - b, d - c
    alike = all(one > 0.0 for one in steps) or all(one < 0.0 for one in steps)
    first, second, third = map(abs, steps)
    return alike and second >= LASTING_GROWTH * first and third >= LASTING_GROWTH * second


# -- where operations have poles -----------------------------------------------------------------


def _from(a: Range, number: float) -> float:
    """How far a range is from a number; 0 where it holds it."""
    return max(a.low - number, number - a.high, 0.0)


def _from_zero(a: Range) -> float:
    return _from(a, 0.0)


def _of_power(a: Range, b: Range) -> float:
    return _from_zero(a) if b.low < 0.0 else inf


def _of_tangent(a: Range) -> float:
    """How far a range is from the odd multiples of pi/2."""
    if not (isfinite(a.low) and isfinite(a.high)):
        return 0.0
    below = (floor(a.low / pi - 0.5) + 0.5) * pi
    above = (ceil(a.high / pi - 0.5) + 0.5) * pi
    return max(min(a.low - below, above - a.high), 0.0) if above - below < 4.0 else 0.0


def _of_gamma(a: Range) -> float:
    """How far a range is from 0, -1, -2, …"""
    if not a.low > -inf:
        return 0.0
    if a.low > 0.0:
        return a.low
    below, above = floor(a.low), ceil(min(a.high, 0.0))
    return max(min(a.low - below, above - a.high), 0.0) if above - below < 2.0 else 0.0


# How far the operands on which a pole depends are from those of one: of a quotient the divisor.
CLEARANCES: dict[str, Callable[..., float]] = {
    **dict.fromkeys(("pow-integer", "pow-general"), _of_power),
    **dict.fromkeys(("/", "log", "log2", "log10"), _from_zero),
    "log1p": lambda a: _from(a, -1.0),
    "atanh": lambda a: min(_from(a, -1.0), _from(a, 1.0)),
    "tan": _of_tangent,
    **dict.fromkeys(("gamma", "lgamma", "digamma", "polygamma"), _of_gamma),
}
