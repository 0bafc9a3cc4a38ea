"""Constraint propagation: the part of a box outside of which a function's value is too high.

Comes in: the tape of a function over scalars, an interval system, a box, and for each output of the
tape the interval in which its value must lie, such as f ≤ upper bound. Goes out: a box inside it.
Every point of the box that is left out has an output outside of its interval, or none.

One sweep is HC4-revise: forward the enclosure of every value of the tape, then backward from the
outputs the projection of each operation on its operands: where y = a + b, a is in y - b. A point
outside the domain of an operation has no value, so the operand is cut down to the domain as well.
An operation without a rule cuts nothing. Where lanes of boxes take different sides of a branch,
each is cut by the side that it takes; a side whose results cannot be reached is not taken.

Source: Benhamou, Goualard, Granvilliers and Puget, Revising hull and box consistency, ICLP 1999.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, inf, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdcli.autodiff.chain import active
from gdcli.autodiff.tape import (
    APPLY,
    BRANCH,
    CONSTANT,
    LOAD,
    Instruction,
    Region,
    Tape,
    instructions,
)
from gdcli.execute.interpret import operation
from gdcli.language.syntax import Decimal
from gdcli.numbers.interval import Interval, IntervalSystem, decisions

CONTRACTION_MARGIN = 1e-6  # of a box's width: by which its child is wider than what is left of it
GREATEST_ANGLE = 1e6  # beyond which sin, cos and tan cut nothing

NEGATIONS = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
Array = NDArray[np.float64]

# y = name(a), where a = inverse(y) for every a of the domain.
INVERSE_PRIMITIVES = {
    "unary-minus": "unary-minus",
    "exp": "log",
    "expm1": "log1p",
    "log": "exp",
    "log1p": "expm1",
    "asin": "sin",
    "acos": "cos",
    "atan": "tan",
    "sinh": "asinh",
    "asinh": "sinh",
    "tanh": "atanh",
    "acosh": "cosh",
    "atanh": "tanh",
}


def surrounding(inner: Array, outer: Array) -> Array:
    """The ends of boxes around the inner ones, and wider on each side where the outer ones are.

    All have shape (2, n, boxes). So what is left of a contracted box is open: a point on the
    boundary of its child lies in the part that was cut off too, and is no minimizer.
    """
    margin = CONTRACTION_MARGIN * (outer[1] - outer[0])
    low = np.nextafter(inner[0] - margin, -inf)
    high = np.nextafter(inner[1] + margin, inf)
    return np.array([np.maximum(low, outer[0]), np.minimum(high, outer[1])])


def where(holds: Any, this: Any, other: Any) -> Any:
    """`this` where `holds` does, else `other`; lane by lane, or of one box."""
    return (this if holds else other) if isinstance(holds, bool) else np.where(holds, this, other)


def fails(holds: Any) -> Any:
    """Where `holds` does not; lane by lane, or of one box."""
    return not holds if isinstance(holds, bool) else ~holds


class Propagation:
    """The propagation over one tape of scalars in one interval system."""

    def __init__(self, tape: Tape, system: IntervalSystem) -> None:
        self.tape = tape
        self.moving = active(tape)
        self.fixed = {
            one.results[0] for one in instructions(tape.body) if one.operation == CONSTANT
        }
        self.rules = BackwardRules(system)
        self.system = system
        self.constants: dict[Any, Interval] = {}

    def contract(
        self, box: Sequence[Interval], targets: Sequence[Interval | None]
    ) -> list[Interval]:
        """The box, cut down by one sweep; EMPTY where no point of it can have such outputs.

        `targets` has an interval for each output of the tape, None for one that may have any value.
        """
        return Sweep(self, box).contract(targets)

    def constant(self, payload: Any) -> Interval:
        if payload not in self.constants:
            numbers = self.system.numbers
            known = isinstance(payload, Decimal)
            self.constants[payload] = (
                numbers.decimal(payload) if known else numbers.constants[payload]
            )
        return self.constants[payload]


class Sweep:
    """One forward and backward sweep: the values of a tape over one box, or over lanes of them."""

    def __init__(self, propagation: Propagation, box: Sequence[Interval]) -> None:
        self.propagation = propagation
        self.box = list(box)
        self.values: list[Any] = [None] * propagation.tape.size
        self.entered: set[tuple[int, int]] = set()  # results and side of the regions walked
        self.empty: Any = False  # where no point is left

    def contract(self, targets: Sequence[Interval | None]) -> list[Interval]:
        body = self.propagation.tape.body
        outputs = self.forward(body)
        for place, value, target in zip(body.outputs, outputs, targets, strict=True):
            self.empty = self.empty | fails(value.low <= value.high)
            if target is not None:
                self.cut(place, target, True)
        self.backward(body, True)
        nothing = self.propagation.rules.nothing
        return [
            Interval(
                where(self.empty, nothing.low, one.low),
                where(self.empty, nothing.high, one.high),
                one.flags,
            )
            for one in self.box
        ]

    def forward(self, region: Region) -> list[Interval]:
        values, system = self.values, self.propagation.system
        two = self.propagation.rules.number(2)
        for instruction in region.instructions:
            operands = [values[operand] for operand in instruction.operands]
            if instruction.operation == CONSTANT:
                handed = [self.propagation.constant(instruction.payload)]
            elif instruction.operation == LOAD:
                handed = [self.box[instruction.payload]]
            elif instruction.operation == APPLY:
                if is_square(instruction):
                    handed = [self.propagation.rules.of("pow-integer", operands[0], two)]
                else:
                    handed = [operation(system.numbers, instruction.payload)(*operands)]
            else:
                walks = [self.side(instruction, side) for side in (0, 1)]
                handed = list(system.branch(instruction.payload, *operands, *walks))
            for result, value in zip(instruction.results, handed, strict=True):
                values[result] = value
        return [values[output] for output in region.outputs]

    def side(self, instruction: Instruction, number: int) -> Callable[[], list[Interval]]:
        def walk() -> list[Interval]:
            self.entered.add((id(instruction), number))
            return self.forward(instruction.regions[number])

        return walk

    def backward(self, region: Region, lanes: Any) -> None:
        """Cuts the operands of a region's instructions, last first, in some lanes."""
        values = self.values
        for instruction in reversed(region.instructions):
            if self.empty is True:
                return
            if instruction.operation == LOAD:
                self.box[instruction.payload] = self.common(
                    self.box[instruction.payload], values[instruction.results[0]], lanes
                )
            elif instruction.operation == BRANCH:
                self.branch(instruction, lanes)
            elif instruction.operation == APPLY:
                operands = [values[operand] for operand in instruction.operands]
                y = values[instruction.results[0]]
                name, rules = instruction.payload, self.propagation.rules
                if is_square(instruction):
                    name, operands = "pow-integer", [operands[0], rules.number(2)]
                projected = rules.operands(name, y, *operands)
                for place, new in zip(instruction.operands, projected, strict=False):
                    if new is not None and place in self.propagation.moving:
                        self.cut(place, new, lanes)

    def branch(self, instruction: Instruction, lanes: Any) -> None:
        """Cuts what each side of a branch computes where it is the one that is taken."""
        values = self.values
        left, right = (values[operand] for operand in instruction.operands)
        decided = decisions(instruction.payload, left, right)
        undecided = fails(decided[0] | decided[1])
        reachable = []
        for number, region in enumerate(instruction.regions):
            meets: Any = (id(instruction), number) in self.entered
            for result, output in zip(instruction.results, region.outputs, strict=True):
                if meets is not False:
                    one, other = values[result], values[output]
                    meets = meets & (one.low <= other.high) & (other.low <= one.high)
            reachable.append(meets)
        forced = [undecided & fails(reachable[1 - k]) for k in (0, 1)]
        taken = [decided[k] | forced[k] for k in (0, 1)]
        self.compare(instruction.payload, instruction.operands, forced[0] & lanes)
        self.compare(NEGATIONS[instruction.payload], instruction.operands, forced[1] & lanes)
        for number, region in enumerate(instruction.regions):
            inside = taken[number] & lanes
            if (id(instruction), number) not in self.entered or not np.any(inside):
                continue
            for result, output in zip(instruction.results, region.outputs, strict=True):
                self.cut(output, values[result], inside)
            self.backward(region, inside)

    def compare(self, comparison: str, operands: Sequence[int], lanes: Any) -> None:
        """Cuts the sides of a comparison that has to hold in some lanes."""
        if comparison in (">", ">="):
            operands = operands[::-1]
        if comparison == "!=" or not np.any(lanes):
            return
        left, right = (self.values[operand] for operand in operands)
        common = Interval(left.low, right.high)
        cuts = (right, left) if comparison == "==" else (common, common)
        for operand, new in zip(operands, cuts, strict=True):
            if operand in self.propagation.moving:
                self.cut(operand, new, lanes)

    def cut(self, place: int, new: Interval, lanes: Any) -> None:
        cut = self.common(self.values[place], new, lanes)
        if place not in self.propagation.fixed:  # a constant may be an exponent too
            self.values[place] = cut

    def common(self, old: Interval, new: Interval, lanes: Any) -> Interval:
        """The intersection in some lanes; where there is none the old interval, as EMPTY."""
        low = where(new.low > old.low, new.low, old.low)
        high = where(new.high < old.high, new.high, old.high)
        apart = low > high
        self.empty = self.empty | (apart & lanes)
        kept = apart | fails(lanes)
        return Interval(where(kept, old.low, low), where(kept, old.high, high), old.flags)


def is_square(instruction: Instruction) -> bool:
    """Whether an operation multiplies a value by itself."""
    return instruction.payload == "*" and len({*instruction.operands}) == 1


class BackwardRules:
    """What y = operation(a, b) says of a and b, by the operations of an interval system."""

    def __init__(self, system: IntervalSystem) -> None:
        self.system = system
        self.nothing = Interval(inf, -inf)
        self.pi: Interval = system.numbers.constants["pi"]

    def operands(self, name: str, y: Interval, *x: Interval) -> Sequence[Interval | None]:
        """For each operand an interval that holds the part of it that gives a value in `y`.

        What has no rule, or nothing to say, is None.
        """
        a, b = x[0], x[-1]
        if name in INVERSE_PRIMITIVES:
            return (self.of(INVERSE_PRIMITIVES[name], y),)
        match name:
            case "+":
                return self.of("-", y, b), self.of("-", y, a)
            case "-":
                return self.of("+", y, b), self.of("-", a, y)
            case "*":
                return self.quotient(y, b, a), self.quotient(y, a, b)
            case "/":
                return self.of("*", y, b), self.quotient(a, y, b)
            case "pow-integer":
                return (self.base(y, a, int(self.exact(b)[0])),)
            case "pow-general":
                return (self.general_base(y, b),)
            case "sqrt":
                return (self.of("pow-integer", y, self.number(2)),)
            case "cbrt":
                return (self.of("pow-integer", y, self.number(3)),)
            case "log2" | "log10":
                return (self.of("pow-general", self.number(int(name[3:])), y),)
            case "abs":
                return (self.both_signs(y, a),)
            case "cosh":
                return (self.both_signs(self.of("acosh", y), a),)
            case "sin":
                return (self.periodic(self.of("asin", y), a, mirrored=True),)
            case "cos":  # of a it is the sine of a + π/2
                quarter = self.of("/", self.pi, self.number(2))
                angle = self.periodic(self.of("asin", y), self.of("+", a, quarter), mirrored=True)
                return (self.of("-", angle, quarter),)
            case "tan":
                return (self.periodic(self.of("atan", y), a, mirrored=False),)
            case "hypot":
                return self.leg(y, a, b), self.leg(y, b, a)
            case "max":
                return self.greatest(y, x)
            case "min":
                found = self.greatest(self.minus(y), [self.minus(one) for one in x])
                return [self.minus(one) for one in found]
            case "relu":
                return self.greatest(y, (a, self.number(0)))[:1]
            case "if-defined":
                return y, None
        return ()

    def of(self, name: str, *operands: Interval) -> Interval:
        """The operation's interval."""
        found: Interval = operation(self.system.numbers, name)(*operands)
        return found

    def number(self, number: int) -> Interval:
        return self.system.of(number, number)

    def exact(self, a: Interval) -> tuple[Any, Any]:
        """The ends as exact numbers; in lanes as floats, or arrays of them."""
        given = isinstance(a.low, float | np.ndarray)
        return a[:2] if given else self.system.ends(a)

    def minus(self, a: Interval) -> Interval:
        return self.of("unary-minus", a)

    def within(self, a: Interval, *pieces: Interval) -> Interval:
        """The hull of what `a` has in common with each of the pieces."""
        low, high = self.nothing[:2]
        for piece in pieces:
            first = where(piece.low > a.low, piece.low, a.low)
            last = where(piece.high < a.high, piece.high, a.high)
            meets = first <= last
            low = where(meets & (first < low), first, low)
            high = where(meets & (last > high), last, high)
        return Interval(low, high)

    def quotient(self, y: Interval, b: Interval, a: Interval) -> Interval:
        """The part of `a` that is y/b, where y = a·b."""
        straddles = (b.low < 0) & (b.high > 0)
        if not np.any(straddles):
            found = self.of("/", y, b)
        else:
            zero = self.number(0).low
            below = Interval(b.low, where(straddles, zero, b.high), b.flags)
            above = Interval(where(straddles, zero, b.low), b.high, b.flags)
            found = self.within(a, self.of("/", y, below), self.of("/", y, above))
        any_value = (y.low <= 0) & (y.high >= 0) & (b.low <= 0) & (b.high >= 0)
        return Interval(where(any_value, a.low, found.low), where(any_value, a.high, found.high))

    def both_signs(self, size: Interval, a: Interval) -> Interval:
        """The part of `a` whose absolute value is in `size`."""
        return self.within(a, size, self.minus(size))

    def base(self, y: Interval, a: Interval, exponent: int) -> Interval | None:
        """The part of `a` whose power with a whole number is in y."""
        if exponent == 0:
            return None
        if exponent < 0:
            exponent, y = -exponent, self.of("/", self.number(1), y)
        if exponent == 1:
            return y
        if exponent == 2:
            return self.both_signs(self.of("sqrt", y), a)
        if exponent == 3:
            return self.of("cbrt", y)
        part = self.of("/", self.number(1), self.number(exponent))
        root = self.of("pow-general", y, part)
        if exponent % 2 == 0:
            return self.both_signs(root, a)
        return self.within(a, root, self.minus(self.of("pow-general", self.minus(y), part)))

    def general_base(self, y: Interval, b: Interval) -> Interval | None:
        """The base where the exponent is positive and never whole, so that no base is negative."""
        if np.ndim(b.low):
            return None
        low, high = self.exact(b)
        if low <= 0 or floor(low) != floor(high) or floor(low) == low:
            return None
        return self.of("pow-general", y, self.of("/", self.number(1), b))

    def leg(self, y: Interval, a: Interval, b: Interval) -> Interval:
        two = self.number(2)
        squares = self.of("-", self.of("pow-integer", y, two), self.of("pow-integer", b, two))
        return self.both_signs(self.of("sqrt", squares), a)

    def greatest(self, y: Interval, each: Sequence[Interval]) -> list[Interval]:
        """Of max: none is above y, and one that alone reaches y is y."""
        found = []
        for number, a in enumerate(each):
            alone: Any = True
            for place, other in enumerate(each):
                if place != number:
                    alone = alone & (other.high < y.low)
            found.append(Interval(where(alone, y.low, a.low), y.high))
        return found

    def periodic(self, first: Interval, a: Interval, mirrored: bool) -> Interval:
        """The part of `a` in first + jπ, or where `mirrored` in (-1)^j·first + jπ, for whole j.

        `first` lies between -π/2 and π/2, so that each j has its own cell of length π. The cells in
        which the ends of `a` lie, and those beside them, tell the ends of that part.
        """
        one_box = not isinstance(a.low, float | np.ndarray)
        ends, beyond = self.exact(a), 2 * GREATEST_ANGLE
        if one_box:  # whose ends may be beyond the floats
            ends = tuple(min(max(end, -beyond), beyond) for end in ends)
        low, high = (np.asarray(end, float) for end in ends)
        near = (low > -GREATEST_ANGLE) & (high < GREATEST_ANGLE)
        first_cell, last_cell = (
            np.floor(np.where(near, end, 0.0) / pi + 0.5) for end in (low, high)
        )
        pieces = []
        for cell in [first_cell + k for k in (-1, 0, 1, 2)] + [
            last_cell - k for k in (2, 1, 0, -1)
        ]:
            place, odd = (float(cell), bool(cell % 2)) if one_box else (cell, cell % 2 == 1)
            piece = first
            if mirrored:
                back = self.minus(first)
                piece = Interval(where(odd, back.low, first.low), where(odd, back.high, first.high))
            shift = self.of("*", self.system.of(place, place), self.pi)
            pieces.append(self.of("+", piece, shift))
        found = self.within(a, *pieces)
        angle: Any = bool(near) if one_box else near
        return Interval(where(angle, found.low, a.low), where(angle, found.high, a.high))
