"""Checks of infinities: where floats would go on from an infinity of unknown size, nan.

Comes in: a Tape that floats are to run, differentiated and scheduled. Goes out: a Tape of the same
outputs in which no step makes a finite number of an infinity that may stand for something else.
An infinity in floats is no number of the text: it stands for one that is too large, which may have
been brought back into range since (exp(x)*1e-300), or for a pole. Most steps hand it on. Those that
do not (a comparison, 1/inf, max, exp(-inf), tanh) take a checked operand: `if-finite(a)` is a, but
nan where a is infinite, and `if-negligible(b, a)` is b, but nan where b is infinite and the
numerator a of a/b is large. A comparison of two that may both be infinite becomes that of their
difference with 0. The nan goes on to the outputs, and the caller treats the point as any other that
has no finite number in floats.

Most operands need no check, and get none: of each value the pass finds the bounds, and how large a
number must be for which an infinity stands. If x^2 is infinite it is at least 2^1024, so x^2 < 5 is
certain, exp(-x^2) is 0, and 1/(1 + x^2) rounds to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import e, exp, inf, isnan, log2, pi
from typing import Any

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.tape import (
    EXTREMA,
    LOGSUMEXP,
    MAX,
    PRODUCT,
    SUM,
    TABLE,
    Instruction,
    Region,
    Tape,
    index_of,
    instructions,
    is_of_table,
    loop_results,
)
from gdcli.collector import collector_waits
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple

IF_FINITE, IF_NEGLIGIBLE = CHECKING_PRIMITIVES = ("if-finite", "if-negligible")
NEVER, UNKNOWN = inf, -inf  # of `stands`: no infinity; an infinity of which nothing is known
OVERFLOW_SIZE = 1024.0  # what an overflow of finite operands stands for
DIFFERENCE_SIZE = 970.0  # an overflow less a finite float: half a unit in the last place of both
SATURATED_SIZE = 10.0  # from 2^10 on, exp(-a) is 0 and tanh(a) is 1
VANISHING_SIZE = -840.0  # a quotient as small as that, 1e-253, counts as 0
LARGE_NUMERATOR = 2.0**127  # from it on, over a divisor of 2^970, a quotient is not so small

ROUNDED_AWAY_SIZE = 968.0  # what is below it does not change the largest float


class FloatRange(NamedTuple):
    """A value in floats: its bounds, and the size of what an infinity stands for.

    Where the value is infinite, the true one has its sign and is at least 2^`stands`.
    """

    low: float = -inf
    high: float = inf
    stands: float = UNKNOWN

    @property
    def may_be_infinite(self) -> bool:
        return self.stands < NEVER and (self.low == -inf or self.high == inf)

    @property
    def least(self) -> float:
        """The least absolute value."""
        return 0.0 if self.low <= 0.0 <= self.high else min(abs(self.low), abs(self.high))

    @property
    def most(self) -> float:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))


ANYTHING, FINITE = FloatRange(), FloatRange(stands=NEVER)
WHOLE_COUNTS = FloatRange(0.0, 2.0**53, NEVER)
RANGES: dict[str, FloatRange] = {
    **dict.fromkeys(("sin", "cos", "tanh", "erf", "sign"), FloatRange(-1.0, 1.0, NEVER)),
    **dict.fromkeys(("asin", "acos", "atan", "atan2"), FloatRange(-4.0, 4.0, NEVER)),
    **dict.fromkeys(("sigmoid", "tanh-slope"), FloatRange(0.0, 1.0, NEVER)),
    "erfc": FloatRange(0.0, 2.0, NEVER),
    "tan": FINITE,
    "tie-count": WHOLE_COUNTS,
}


@collector_waits()
def check_infinities(tape: Tape) -> Tape:
    """The tape with checked operands, numbered behind all others; itself where none is needed."""
    checking = _Checking(tape)
    body = checking.region(tape.body, (), {})
    return tape if checking.size == tape.size else tape._replace(body=body, size=checking.size)


Checks = dict[tuple[str, tuple[int, ...]], int]  # by the check and its operands: its value


class _Checking:
    """A walk over a tape that finds the range of each value and puts in the checks."""

    def __init__(self, tape: Tape) -> None:
        self.size = tape.size
        self.ranges: list[FloatRange] = [ANYTHING] * tape.size
        self.added: dict[int, FloatRange] = {}  # by UNFINISHED
        self.counts = _counting(tape)  # by UNFINISHED
        self.leaves: set[int] = set()  # what is never nan
        self.waiting: dict[int, Instruction] = {}  # by value: an APPLY of no range yet

    def region(self, region: Region, reductions: Sequence[str], visible: Checks) -> Region:
        """The region with its checks; `visible` are those of the regions around."""
        code: list[Instruction] = []
        made = dict(visible)

        def check(primitive: str, *operands: int) -> int:
            key = primitive, operands
            if key not in made:
                made[key] = self.add(code, opcode.APPLY, primitive, operands, origin)
            return made[key]

        for instruction in region.instructions:
            if instruction.operation == opcode.APPLY and instruction.payload not in SWALLOWING:
                code.append(instruction)
                self.waiting[instruction.results[0]] = instruction  # as `note` has it
                continue
            unsure = self.unsure(instruction)
            if not unsure and not instruction.regions:  # as most instructions
                code.append(instruction)
                self.note(instruction)
                continue
            origin = instruction.origin
            operands = list(instruction.operands)
            for place in unsure:
                if instruction.payload == "/" and self.range(operands[1]).stands >= DIFFERENCE_SIZE:
                    operands[1] = check(IF_NEGLIGIBLE, operands[1], operands[0])
                else:
                    operands[place] = check(IF_FINITE, operands[place])
            if instruction.operation == opcode.BRANCH and not unsure:
                ranges = [self.range(operand) for operand in operands]
                if _may_be_the_same_infinity(*ranges):
                    zero = self.add(code, opcode.CONSTANT, Decimal(0, 0), (), origin)
                    operands = [check("-", *operands), zero]
            loops = instruction.operation == opcode.LOOP
            inside = instruction.payload.reductions if loops else ()
            regions = tuple([self.region(inner, inside, made) for inner in instruction.regions])
            code.append(instruction._replace(operands=tuple(operands), regions=regions))
            self.note(code[-1])
        origin = -1
        outputs = list(region.outputs)
        for place, kind in enumerate(reductions):
            one = self.range(outputs[place])
            lost = {**dict.fromkeys(EXTREMA, inf), MAX: -inf, LOGSUMEXP: -inf}.get(kind)
            if lost is not None and _may_lose([one, one], 0, lost):
                outputs[place] = check(IF_FINITE, outputs[place])
        return Region(tuple(code), tuple(outputs))

    def add(
        self,
        code: list[Instruction],
        operation: str,
        payload: Any,
        operands: tuple[int, ...],
        origin: int,
    ) -> int:
        """Writes an instruction; the number of its value."""
        result = self.size
        self.size += 1
        self.ranges.append(ANYTHING)
        code.append(Instruction(operation, payload, operands, (result,), (), origin))
        self.note(code[-1])
        return result

    def unsure(self, instruction: Instruction) -> list[int]:
        """The places of the operands whose infinity may mislead the instruction."""
        operands = instruction.operands
        if instruction.operation not in (opcode.APPLY, opcode.BRANCH):
            return []
        branches = instruction.operation == opcode.BRANCH
        swallows = _unsure if branches else SWALLOWING.get(instruction.payload)
        if swallows is None:
            return []
        if instruction.payload == "/" and not self.range(operands[1]).may_be_infinite:
            return []
        ranges = [self.range(operand) for operand in operands]
        if instruction.payload == "pow-general" and not any(map(_is_constant, ranges)):
            # a power is 1 at nan^0 and 1^nan
            return [n for n, operand in enumerate(operands) if operand not in self.leaves]
        return [n for n, one in enumerate(ranges) if one.may_be_infinite and swallows(ranges, n)]

    def range(self, value: int) -> FloatRange:
        """The range of a value, found once it is asked for: most values' never is."""
        asked = [value]
        while asked:
            step = self.waiting.get(asked[-1])
            if step is None:
                asked.pop()
            elif missing := [operand for operand in step.operands if operand in self.waiting]:
                asked += missing
            else:
                del self.waiting[asked.pop()]
                self.ranges[step.results[0]] = self.applied(step)
        return self.ranges[value]

    def applied(self, step: Instruction) -> FloatRange:
        operands = [self.ranges[operand] for operand in step.operands]
        square = step.payload == "*" and step.operands[0] == step.operands[1]
        return _power(operands[0], 2.0) if square else _of(step.payload, operands)

    def note(self, instruction: Instruction) -> None:
        """Finds the ranges of an instruction's results, or has an APPLY wait to be asked."""
        operation, payload = instruction.operation, instruction.payload
        results = instruction.results
        if operation == opcode.APPLY:
            self.waiting[results[0]] = instruction
            return
        operands = [self.range(operand) for operand in instruction.operands]
        if operation == opcode.BRANCH:
            pairs = zip(*(region.outputs for region in instruction.regions), strict=True)
            for result, pair in zip(results, pairs, strict=True):
                self.ranges[result] = _either([self.range(output) for output in pair])
        elif operation == opcode.LOOP:
            for one in loop_results(instruction):
                self.ranges[one.results[0]] = _reduced(one.kind, self.range(one.output))
                for result in one.results[1:]:
                    self.ranges[result] = FINITE
        elif operation == opcode.ELEMENT and is_of_table(instruction):
            self.ranges[results[0]] = operands[0]
        elif operation == opcode.EARLIER:
            counts = instruction.operands[0] in self.counts
            self.ranges[results[0]] = WHOLE_COUNTS if counts else ANYTHING
        elif operation == opcode.ACCUMULATE and is_of_table(instruction):
            before = self.added.get(instruction.operands[0], operands[-1])
            self.added[instruction.operands[0]] = _either([before, operands[-1]])
        elif operation == opcode.ACCUMULATOR:
            unfinished = index_of(instruction)
            added = _reduced(SUM, self.added.get(unfinished, FINITE))
            self.ranges[results[0]] = WHOLE_COUNTS if unfinished in self.counts else added
        elif operation == opcode.CONSTANT:
            value = _value(payload)
            self.ranges[results[0]] = FloatRange(value, value, NEVER)
            self.leaves.update(results)
        elif operation not in (opcode.CARRIED, opcode.ACCUMULATE):  # an input, an index, a size
            self.ranges[results[0]] = FINITE
            self.leaves.update(results)


def _counting(tape: Tape) -> set[int]:
    """The UNFINISHED of the accumulators to which nothing but 1 is added."""
    steps = list(instructions(tape.body))
    added = [one for one in steps if one.operation == opcode.ACCUMULATE and is_of_table(one)]
    if not added:
        return set()
    ones = {one.results[0] for one in steps if one.payload == exact.ONE}
    summing = {one.operands[0] for one in added if one.operands[-1] not in ones}
    return {one.operands[0] for one in added} - summing


def _value(payload: Decimal | str) -> float:
    if isinstance(payload, Decimal):
        return float(f"{payload.coefficient}e{payload.exponent}")
    return {"pi": pi, "e": e}[payload]


def _is_constant(one: FloatRange) -> bool:
    return one.low == one.high


def _size(number: float) -> float:
    """The binary logarithm of a number that is not negative."""
    return log2(number) if number else UNKNOWN


# -- what makes a finite number of an infinite operand, and whether it may be a wrong one --------

Ranges = list[FloatRange]


def _unsure(ranges: Ranges, place: int) -> bool:
    """Whether an infinite operand may stand for less than the others are as finite floats."""
    others = max([one.most for n, one in enumerate(ranges) if n != place], default=0.0)
    enough = min(OVERFLOW_SIZE, _size(others))
    return ranges[place].stands < enough or ranges[place].stands == UNKNOWN


def _may_be_the_same_infinity(left: FloatRange, right: FloatRange) -> bool:
    both = left.may_be_infinite and right.may_be_infinite
    return both and (left.high == right.high == inf or left.low == right.low == -inf)


def _may_lose(ranges: Ranges, place: int, end: float) -> bool:
    """Whether an extremum may wrongly pass over the infinity `end`, which it is not."""
    one = ranges[place]
    return end in (one.low, one.high) and one.may_be_infinite and _unsure(ranges, place)


def _may_not_vanish(ranges: Ranges, place: int) -> bool:
    """Whether a quotient by an infinite operand may be more than 0, or have no value."""
    size = ranges[1].stands
    return place == 1 and (size == UNKNOWN or _size(ranges[0].most) - size > VANISHING_SIZE)


def _inverse_may_not_vanish(ranges: Ranges, place: int) -> bool:
    """Whether a negative power of an infinite operand may be more than 0."""
    exponent = ranges[1].low
    return place == 0 and exponent < 0.0 and exponent * ranges[0].stands > VANISHING_SIZE


def _power_is_unsure(ranges: Ranges, place: int) -> bool:
    """Whether a power with an infinite operand may be finite, and not 0."""
    base, exponent = ranges
    if _is_constant(exponent):
        return exponent.low <= 0.0
    if not _is_constant(base) or base.low <= 0.0 or base.low == 1.0:
        return True
    return place == 1 and exponent.stands + log2(abs(log2(base.low))) < SATURATED_SIZE + 1.0


def _is_far_below(size: float) -> Callable[[Ranges, int], bool]:
    return lambda ranges, place: ranges[place].low == -inf and ranges[place].stands < size


def _is_small(size: float) -> Callable[[Ranges, int], bool]:
    return lambda ranges, place: ranges[place].stands < size


SWALLOWING: dict[str, Callable[[Ranges, int], bool]] = {
    "/": _may_not_vanish,
    "pow-integer": _inverse_may_not_vanish,
    "pow-general": _power_is_unsure,
    **dict.fromkeys(("exp", "expm1", "softplus"), _is_far_below(SATURATED_SIZE)),
    **dict.fromkeys(("tanh", "tanh-slope", "erf", "erfc", "sigmoid"), _is_small(SATURATED_SIZE)),
    "sign": _is_small(VANISHING_SIZE),
    "relu": _is_far_below(VANISHING_SIZE),
    "atan": _is_small(6.0 * SATURATED_SIZE),  # from 2^60 on it is pi/2
    "max": lambda ranges, place: _may_lose(ranges, place, -inf),
    "min": lambda ranges, place: _may_lose(ranges, place, inf),
    "logsumexp": lambda ranges, place: _may_lose([*ranges, FINITE], place, -inf),
    "logaddexp": lambda ranges, place: _may_lose([*ranges, FINITE], place, -inf),
    **dict.fromkeys(
        ("atan2", "hypot", "gamma", "digamma", "polygamma"),
        lambda ranges, place: True,  # noqa: ARG005
    ),
}


# -- the range of a result -----------------------------------------------------------------------


def _of(primitive: str, operands: Ranges) -> FloatRange:
    """The range of a primitive's value."""
    if primitive in RANGES:
        return RANGES[primitive]
    rule = RANGE_RULES.get(primitive)
    found = ANYTHING if rule is None else rule(*operands)
    if isnan(found.low) or isnan(found.high):
        found = ANYTHING
    return FloatRange(found.low, found.high, NEVER) if found.most < inf else found


def _either(ranges: Sequence[FloatRange]) -> FloatRange:
    """The range of a value that may be any of several."""
    lows, highs, sizes = zip(*ranges, strict=True)
    return FloatRange(min(lows), max(highs), min(sizes))


def _overflowing(low: float, high: float, *sizes: float) -> FloatRange:
    """The range of a result that may be too large itself, beside what its operands stand for."""
    return FloatRange(low, high, min(OVERFLOW_SIZE, *sizes))


def _sum(a: FloatRange, b: FloatRange) -> FloatRange:
    low, high = a.low + b.low, a.high + b.high
    if a.stands == b.stands == NEVER and min(a.most, b.most) < 2.0**ROUNDED_AWAY_SIZE:
        return FloatRange(low, high, NEVER)
    if (a.low >= 0.0 and b.low >= 0.0) or (a.high <= 0.0 and b.high <= 0.0):
        return _overflowing(low, high, a.stands, b.stands)
    return _overflowing(low, high, _less(a, b.most), _less(b, a.most))


def _less(one: FloatRange, other: float) -> float:
    """The size that an infinity has after a finite float of at most `other` was taken from it."""
    if _size(other) < one.stands - 1.0:
        return one.stands - (_size(other) >= ROUNDED_AWAY_SIZE or one.stands < OVERFLOW_SIZE)
    return DIFFERENCE_SIZE if one.stands >= OVERFLOW_SIZE else UNKNOWN


def _difference(a: FloatRange, b: FloatRange) -> FloatRange:
    return _sum(a, _opposite(b))


def _opposite(a: FloatRange) -> FloatRange:
    return FloatRange(-a.high, -a.low, a.stands)


def _product(a: FloatRange, b: FloatRange) -> FloatRange:
    # where a factor is 0, so is the product, whatever the other
    ends = [x * y if x and y else 0.0 for x in (a.low, a.high) for y in (b.low, b.high)]
    sizes = [
        one.stands + _size(other.least) if one.may_be_infinite else NEVER
        for one, other in ((a, b), (b, a))
    ]
    return _overflowing(min(ends), max(ends), *sizes)


def _quotient(a: FloatRange, b: FloatRange) -> FloatRange:
    if not b.least:  # a pole, or a number that is too small
        return FloatRange(0.0 if a.low >= 0.0 and b.low >= 0.0 else -inf, inf)
    high = b.high if b.low > 0.0 else -b.low
    low = 0.0 if high == inf else 1.0 / high
    inverse = FloatRange(low, 1.0 / b.least, NEVER)
    return _product(a, inverse if b.low > 0.0 else _opposite(inverse))


def _power(a: FloatRange, n: float) -> FloatRange:
    """The range of a^n for a constant n."""
    if n < 0.0:
        return _quotient(FloatRange(1.0, 1.0, NEVER), _power(a, -n))
    least, most = _raised(a.least, n), _raised(a.most, n)
    size = n * a.stands if a.stands > 0.0 else UNKNOWN
    if n % 2.0 == 1.0 and a.low < 0.0:
        return _overflowing(-most, -least if a.high <= 0.0 else _raised(a.high, n), size)
    return _overflowing(least, most, size)


def _raised(base: float, n: float) -> float:
    try:
        return float(base**n)
    except OverflowError:
        return inf


def _general_power(a: FloatRange, b: FloatRange) -> FloatRange:
    if _is_constant(b):
        return _power(FloatRange(max(a.low, 0.0), max(a.high, 0.0), a.stands), b.low)
    if _is_constant(a) and a.low > 0.0 and a.low != 1.0:
        grows = not _power_is_unsure([a, b], 1) or not b.may_be_infinite
        return FloatRange(0.0, inf, OVERFLOW_SIZE if grows else UNKNOWN)
    return FloatRange()


def _exponential(least: float) -> Callable[[FloatRange], FloatRange]:
    """The rule of a function that grows as exp does, where it grows, and is at least `least`."""

    def rule(a: FloatRange) -> FloatRange:
        grows = a.high < inf or a.stands >= SATURATED_SIZE
        high = exp(a.high) + 1.0 if a.high < 700.0 else inf
        return FloatRange(least, high, OVERFLOW_SIZE if grows else UNKNOWN)

    return rule


def _hyperbolic(least: float) -> Callable[[FloatRange], FloatRange]:
    def rule(a: FloatRange) -> FloatRange:
        grows = not a.may_be_infinite or a.stands >= SATURATED_SIZE
        return FloatRange(least, inf, OVERFLOW_SIZE if grows else UNKNOWN)

    return rule


def _logarithm(pole: float) -> Callable[[FloatRange], FloatRange]:
    """The rule of a logarithm whose pole is at `pole`."""

    def rule(a: FloatRange) -> FloatRange:
        high = inf if a.may_be_infinite else 1100.0
        if a.low <= pole:
            return FloatRange(-inf, high)
        return FloatRange(-1100.0, high, _size(0.3 * max(a.stands, 0.0)))

    return rule


def _area_function(a: FloatRange) -> FloatRange:
    high = inf if a.may_be_infinite else 1100.0
    return FloatRange(-high, high, _size(0.3 * max(a.stands, 0.0)))


def _root(degree: int) -> Callable[[FloatRange], FloatRange]:
    def rule(a: FloatRange) -> FloatRange:
        high = inf if a.may_be_infinite else 2.0 ** (OVERFLOW_SIZE / degree)
        return FloatRange(0.0 if degree == 2 else -high, high, a.stands / degree)

    return rule


def _extremum(choose: Callable[..., float]) -> Callable[..., FloatRange]:
    def rule(*operands: FloatRange) -> FloatRange:
        lows, highs, sizes = zip(*operands, strict=True)
        return FloatRange(choose(lows), choose(highs), min(sizes))

    return rule


def _reduced(kind: str, term: FloatRange) -> FloatRange:
    """The range of a loop's result, whose terms are in the range of `term`."""
    if kind in EXTREMA or kind == TABLE:
        return term
    if kind == LOGSUMEXP:
        return FloatRange(-inf, term.high + 40.0, term.stands)  # of at most 2^53 terms
    if kind == SUM and (term.low >= 0.0 or term.high <= 0.0):
        ends = (0.0, inf) if term.low >= 0.0 else (-inf, 0.0)
        return _overflowing(*ends, term.stands)
    if kind == PRODUCT and term.low >= 0.0:
        return _overflowing(0.0, inf, term.stands if term.low >= 1.0 else UNKNOWN)
    return ANYTHING


RANGE_RULES: dict[str, Callable[..., FloatRange]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "unary-minus": _opposite,
    "if-defined": lambda a, b: a,  # noqa: ARG005
    "if-finite": lambda a: a._replace(stands=NEVER),
    "if-negligible": lambda b, a: b,  # noqa: ARG005
    "abs": lambda a: FloatRange(a.least, a.most, a.stands),
    "relu": lambda a: FloatRange(max(a.low, 0.0), max(a.high, 0.0), a.stands),
    "pow-integer": lambda a, b: _power(a, b.low),
    "pow-general": _general_power,
    "exp": _exponential(0.0),
    "expm1": _exponential(-1.0),
    "cosh": _hyperbolic(1.0),
    "sinh": _hyperbolic(-inf),
    **dict.fromkeys(("log", "log2", "log10"), _logarithm(0.0)),
    "log1p": _logarithm(-1.0),
    **dict.fromkeys(("asinh", "acosh"), _area_function),
    "sqrt": _root(2),
    "cbrt": _root(3),
    "min": _extremum(min),
    "max": _extremum(max),
    "hypot": lambda a, b: _overflowing(max(a.least, b.least), inf, a.stands, b.stands),
    "softplus": lambda a: FloatRange(0.0, inf, a.stands),
    "logcosh": lambda a: FloatRange(0.0, inf, a.stands - 1.0),
    "logsumexp": lambda *ranges: FloatRange(
        max(one.low for one in ranges), inf, min(one.stands for one in ranges)
    ),
    "logaddexp": lambda a, b: FloatRange(max(a.low, b.low), inf, min(a.stands, b.stands)),
}
