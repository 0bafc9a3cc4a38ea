"""Values and gradients without rounding: exact fractions, and any number of right digits.

Comes in: a Function and a point as constant expressions, which stay exact until here (floats stand
for the doubles they are). Goes out: Fractions, or texts of so many digits. The tape is run as it is
written. What has no answer raises UndefinedError, which points at the innermost sub-expression:
one that leaves the rationals under `exact`, or one without a finite real value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.exact import ONE, ZERO
from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.tape import APPLY, instructions
from gdcli.errors import PointError, Span, UndefinedError
from gdcli.execute.interpret import interpret
from gdcli.execute.limits import refuse_endless_work
from gdcli.language.points import read_point
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import NAME, Decimal, Expression
from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.answer import (
    TOO_MANY_DIGITS,
    Badness,
    BadOutput,
    digits_needed,
    is_lost,
    most_digits,
)
from gdcli.nonsmooth.bounded_pass import Tapes, as_bounded, run_bounded_pass
from gdcli.nonsmooth.provenance import Failure, application, where
from gdcli.numbers.bounded import Bounded, context_of, magnitude, system_of
from gdcli.numbers.floats import TinyNumberError
from gdcli.numbers.linear_algebra import identity

if TYPE_CHECKING:
    from fractions import Fraction

    from gdcli.autodiff.tape import Instruction, Tape
    from gdcli.functions.function import Function
    from gdcli.numbers.floats import NumberSystem

Coordinate = Expression | float
GUARD_DIGITS = 12  # digits beyond those asked for, at first
AGREEING_DIGITS = 3  # digits beyond those asked for in which two precisions must agree
MOST_WRITTEN_EXPONENT_BITS = 64  # of a number that is turned into text
SLOW_FUNCTIONS = ("gamma", "lgamma", "digamma", "polygamma")
ZERO_DIGITS = 3000  # digits, beyond four times those asked for, for a number to be called 0


class FractionGradient(NamedTuple):
    """Value and gradient as Fractions; `str` of one is `-17/18`."""

    value: Fraction
    gradient: list[Fraction]


class DecimalGradient(NamedTuple):
    """Value and gradient as texts of n significant digits."""

    value: str
    gradient: list[str]


def exact(function: Function, point: Sequence[Coordinate]) -> FractionGradient:
    """Value and gradient as fractions; raises UndefinedError where they are none."""
    value, *gradient = rational_results(function, point, lambda *_: [])
    return FractionGradient(value, gradient)


Others = Callable[["NumberSystem", list[Any]], list[Any]]


def rational_results(
    function: Function, point: Sequence[Coordinate], others: Others
) -> list[Fraction]:
    """Value, gradient and the numbers of `others(system, point)`, which may be longer on the way.

    Raises UndefinedError as `evaluate` does, and for a result that is too long to be written.
    """
    from gdcli.numbers import precise

    system = precise.fractions(precise.MOST_FRACTION_BITS, precise.MOST_FRACTION_WORK)
    at = coordinates(function, precise.FRACTIONS, point)
    numbers: list[Fraction] = evaluate(function, system, at)
    failing = partial(_failing, function, precise.fractions(precise.MOST_FRACTION_BITS), at)
    try:
        return [precise.rational(number) for number in [*numbers, *others(system, at)]]
    except UndefinedError as error:
        if error.span is not None:
            raise
        excess = lambda number: precise.excess_bits(number.value)  # noqa: E731
        span = failing([Bounded(number, 0) for number in numbers], excess).span
        raise UndefinedError(error.message, function.expression.text, span) from None


def digits(function: Function, point: Sequence[Coordinate], count: int) -> DecimalGradient:
    """Value and gradient to `count` significant digits; raises UndefinedError without a value."""
    from gdcli.numbers.precise import decimal_text

    found = certified(function, point, count, lambda *_: [])
    value, *gradient = [decimal_text(number, count) for number in found]
    return DecimalGradient(value, gradient)


def certified(
    function: Function,
    point: Sequence[Coordinate],
    count: int,
    others: Others,
    runs: int = 1,
) -> list[Any]:
    """Value, gradient and the numbers of `others(system, point)`, each with `count` right digits.

    They are computed with error bounds, and with ever more digits until the bounds are small
    enough. A number that may be 0 within its bound might be a small one that is absorbed on the
    way: it is 0 where a precision of at least 3000 digits more than asked for says so. Where that
    may be a distance from a kink, two precisions must agree as in `agreed`. Raises UndefinedError
    where a number does not exist or is not told by the most digits, and UsageError where it would
    take too long; a precision takes `runs` runs of the gradient tape.
    """
    from gdcli.numbers.precise import digits

    def plainly(precision: int) -> list[Any]:
        system = digits(precision)
        at = coordinates(function, system, point)
        return evaluate(function, system, at) + others(system, at)

    tapes = Tapes(function.tape, function.gradient_tape)
    precision, enough = count + GUARD_DIGITS, 4 * count + ZERO_DIGITS
    zero_decimals = 3 * enough // 4
    most = max(most_digits(tapes.gradient), 8 * enough)
    before: list[Any] = []
    while True:
        refuse_endless_digits(function, max(precision, 2 * count), runs)
        system, ten = system_of(precision), context_of(precision).mpf(10)
        at = coordinates(function, system, point)
        seen = run_bounded_pass(system, tapes, at)
        numbers = [seen.value, *seen.gradient, *map(as_bounded, others(system, at))]
        least, small = ten ** -(count + AGREEING_DIGITS), ten**-zero_decimals
        known = [one.good and bool(one.error <= least * abs(one.value)) for one in numbers]
        failing = partial(_failing, function, system, at, [seen.value, *seen.gradient])
        if seen.certain and all(known):
            long = [number for number in numbers if _exponent_excess(number)]
            if not long:
                return [number.value for number in numbers]
            word = "large" if long[0].value > 1 else "small"
            raise _at(function, failing(_exponent_excess), f"too {word}: ")
        needed = digits_needed(seen, precision, count + GUARD_DIGITS, numbers, known)
        if enough <= precision >= needed:  # nothing is lost, but is it 0?
            needed = digits_needed(seen, precision, zero_decimals, numbers, known)
        if needed > most and not seen.overflow:
            raise _at(function, failing(is_lost), "undefined: ", TOO_MANY_DIGITS)
        suffices = precision >= max(enough, needed)
        vanishing = suffices and all(
            told or abs(number.value) + number.error < small
            for told, number in zip(known, numbers, strict=True)
        )
        if suffices or not seen.certain or not all(number.good for number in numbers):
            try:
                now = plainly(precision)
            except UndefinedError:
                if suffices or seen.overflow or (seen.certain and (seen.pole or not seen.doubt)):
                    raise
                before = []
            else:
                if vanishing and seen.certain:
                    return [n.value * told for n, told in zip(numbers, known, strict=True)]
                alike = _alike(before, now, count, precision) if before else None
                if alike is not None and not seen.certain and suffices:
                    return alike
                before = now
        if suffices and precision >= 4 * enough:
            raise UndefinedError(f"{precision} digits are not enough to tell {count} right ones")
        precision = needed if needed > precision else 2 * precision


def _at(function: Function, failure: Failure, before: str, behind: str = "") -> UndefinedError:
    """The error of a failure, with its place in the function's text."""
    message = f"{before}{failure.message}{behind}"
    return UndefinedError(message, function.expression.text, failure.span)


def _exponent_excess(number: Bounded) -> int:
    """How long an exponent is, 0 where it is short enough to be written."""
    return abs(magnitude(number.value)) >> MOST_WRITTEN_EXPONENT_BITS if number.value else 0


def _failing(
    function: Function, system: NumberSystem, at: list[Any], numbers: list[Bounded], bad: Badness
) -> Failure:
    """The failure of the first bad number of value and gradient, at the innermost bad step."""
    first = next((place for place, number in enumerate(numbers) if bad(number)), 0)
    tape = function.gradient_tape if first else function.tape
    place = BadOutput(tape, first, bad, "the derivative of " if first else "")
    known = {
        name: _float(as_bounded(x).value) for name, x in zip(function.variables, at, strict=True)
    }
    return place.failure(function.elaborated, system, at, known)


def refuse_endless_digits(function: Function, precision: int, runs: int = 1) -> None:
    """Raises UsageError where so many runs of the gradient tape would not end.

    An operation on floats counts for a nanosecond; those on numbers of so many digits take what
    mpmath was seen to take.
    """
    if function.unlimited:
        return
    nanoseconds = sum(
        _nanoseconds(str(one.payload), precision)
        for one in instructions(function.gradient_tape.body)
        if one.operation == APPLY
    )
    refuse_endless_work(f"an answer in {precision:,} digits", int(runs * nanoseconds))


def _nanoseconds(primitive: str, precision: int) -> float:
    length = precision / 6000
    if primitive in SLOW_FUNCTIONS:
        return 1e10 * float(length**3.2)
    if primitive in ("erf", "erfc"):
        return 5e9 * float(length**1.5)  # far from 0, where its series is long
    return 2e7 * length**2 + 2000


def agreed(compute: Callable[[int], list[Any]], count: int) -> list[Any]:
    """Numbers that two precisions agree on to `count` digits, from `compute(precision)`.

    The precision doubles until they do. A number that is 0, or only shrinks as the precision
    grows, might be a small one that is absorbed on the way: it is 0 where a precision of at least
    3000 digits more than asked for says so too. Raises UndefinedError where nothing is settled.
    """
    precision, enough = count + GUARD_DIGITS, 4 * count + ZERO_DIGITS
    before = compute(precision)
    while precision < 4 * enough:
        precision *= 2
        now = compute(precision)
        alike = _alike(before, now, count, precision)
        if alike is not None:
            return alike
        before = now
    raise UndefinedError(f"{precision} digits are not enough to tell {count} right ones")


def _alike(before: list[Any], now: list[Any], count: int, precision: int) -> list[Any] | None:
    """The numbers of `now`, 0 where they vanish; None where those of half the digits differ."""
    unsettled = [
        new
        for old, new in zip(before, now, strict=True)
        if not new or abs(new - old) * 10 ** (count + AGREEING_DIGITS) > abs(new)
    ]
    vanishing = precision >= 4 * count + ZERO_DIGITS and all(
        abs(number) * 10 ** (3 * precision // 4) < 1 for number in unsettled
    )
    if vanishing or not unsettled:
        return [number * (number not in unsettled) for number in now]
    return None


def exact_point(
    function: Function, text: str, digits: int | None = None, noun: str = "the point"
) -> list[Any]:
    """The point that a text writes, as constant expressions: fractions, or numbers of `digits`.

    Raises PointError, which calls it `noun`, where a component has no such value.
    """
    from gdcli.numbers import precise

    if function.layout.has_arrays:
        from gdcli.functions.points import read_expressions

        point = read_expressions(text, function.layout, function.sizes, noun)
    else:
        point = list(read_point(text, function.variables, ARITIES, noun))
    system = precise.FRACTIONS if digits is None else precise.digits(digits)
    try:
        coordinates(function.unrolled, system, point)
    except PointError as error:
        raise PointError(f"{noun}: {error.message}", error.text, error.span) from None
    return point


def coordinates(function: Function, system: NumberSystem, point: Sequence[Coordinate]) -> list[Any]:
    """The point's numbers in `system`; raises PointError for one that it does not have."""
    if len(point) != len(function.variables):
        raise PointError(f"{len(point)} values are no point of {', '.join(function.variables)}")
    return [
        _constant(entry, system, variable)
        for entry, variable in zip(point, function.variables, strict=True)
    ]


def _constant(entry: Coordinate, system: NumberSystem, variable: str) -> Any:
    if not isinstance(entry, Expression):
        return system.decimal(_decimal(entry))
    tape = lower(entry, assign(entry, ARITIES))
    try:
        value = interpret(tape, system, [], None, _ErrorLocator(entry, {}, ""))[0]
        system.order(value)  # a constant by itself meets no operation that would refuse it
        return value
    except UndefinedError as error:
        message = f"{variable} = {entry}: {error.message}"
        raise PointError(message, error.text, error.span) from None


def _decimal(number: float) -> Decimal:
    """The decimal that a double is, exactly."""
    from decimal import Decimal as Written

    sign, written, exponent = Written(number).as_tuple()
    coefficient = int("".join(map(str, written)))
    return Decimal(-coefficient if sign else coefficient, int(exponent))


def evaluate(function: Function, system: NumberSystem, point: Sequence[Any]) -> list[Any]:
    """Value and partial derivatives at a point of the system's numbers.

    Raises UndefinedError with the place of the first operation that cannot be done.
    """
    run_at(function, function.tape, system, point)
    found = run_at(function, function.gradient_tape, system, point, "the derivative of ")
    for number in found:
        system.order(number)  # which refuses what is no number of the system
    return found


def hessian_rows(
    function: Function, tape: Tape, system: NumberSystem, point: Sequence[Any], of_what: str
) -> list[list[Any]]:
    """The n rows of second derivatives; `tape` is the tangent of the function's gradient tape.

    Raises UndefinedError as `run_at` does.
    """
    rows = []
    for unit in identity(len(point), system.decimal(ZERO), system.decimal(ONE)):
        found = run_at(function, tape, system, [*point, *unit], of_what)
        rows.append(found[1:])  # first the derivative of f
    return rows


def run_at(
    function: Function, tape: Tape, system: NumberSystem, point: Sequence[Any], of_what: str = ""
) -> list[Any]:
    """The outputs of one of the function's tapes; `of_what` begins the message of an error."""
    known = dict(zip(function.variables, point, strict=False))
    return interpret(tape, system, point, None, _ErrorLocator(function.elaborated, known, of_what))


class _ErrorLocator:
    """Raises UndefinedError for a step that could not be done, with its place in the text."""

    def __init__(self, expression: Expression, known: dict[str, Any], of_what: str) -> None:
        self.expression = expression
        self.known = known
        self.of_what = of_what

    def __call__(self, instruction: Instruction, operands: list[Any], error: Exception) -> Any:
        place = instruction.origin
        if isinstance(error, UndefinedError):
            raise self._refused(place, error)
        happened = application(instruction.payload, list(map(_plain, operands)))
        if place >= 0:
            known = {name: _float(value) for name, value in self.known.items()}
            happened = f"{where(self.expression, place, known)}: {happened}"
        word = "too large" if isinstance(error, OverflowError) else "undefined"
        word = "too small" if isinstance(error, TinyNumberError) else word
        raise self._at(f"{word}: {self.of_what}{happened}", place)

    def _refused(self, place: int, error: UndefinedError) -> UndefinedError:
        """The error where the number system lacks the operation, or a constant in it."""
        name, _, said = error.message.partition(" ")
        if said == "is not rational":  # a constant: find where it is written
            nodes = enumerate(self.expression.nodes)
            places = [n for n, node in nodes if node.kind == NAME and node.value == name]
            return self._at(error.message, places[0] if places else -1)
        _, refused, numbers = said.partition("does not stay among the ")
        if place < 0 or not refused:
            return self._at(error.message, place)
        formula = self.expression.formula(place)
        return self._at(f"{self.of_what}{formula} is not {numbers.removesuffix(' numbers')}", place)

    def _at(self, message: str, place: int) -> UndefinedError:
        if place < 0:
            return UndefinedError(message)
        span: Span = self.expression.nodes[place].span
        return UndefinedError(message, self.expression.text, span)


def _plain(number: Any) -> Any:
    """A number as messages show it: one of mpmath's as it is, a fraction as a float."""
    return number if hasattr(number, "context") else _float(number)


def _float(number: Any) -> float:
    """The float nearest to a number; inf or -inf where it is too large."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
