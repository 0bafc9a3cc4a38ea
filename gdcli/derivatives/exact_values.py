"""Values and gradients without rounding: exact fractions, and any number of right digits.

Comes in: a Function and a point as constant expressions, which stay exact until here (floats stand
for the doubles they are). Goes out: Fractions, or texts of so many digits. The tape is run as it is
written. What has no answer raises UndefinedError, which points at the innermost sub-expression:
one that leaves the rationals under `exact`, or one without a finite real value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff.exact import ONE, ZERO
from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError, Span, UndefinedError
from gdcli.execute.interpret import interpret
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import NAME, Decimal, Expression
from gdcli.nonsmooth.provenance import application, where
from gdcli.numbers.linear_algebra import identity

if TYPE_CHECKING:
    from fractions import Fraction

    from gdcli.autodiff.tape import Instruction, Tape
    from gdcli.functions.function import Function
    from gdcli.numbers.floats import NumberSystem

Coordinate = Expression | float
GUARD_DIGITS = 12  # digits beyond those asked for, at first
AGREEING_DIGITS = 3  # digits beyond those asked for in which two precisions must agree
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
    from gdcli.numbers.precise import FRACTIONS

    value, *gradient = evaluate(function, FRACTIONS, coordinates(function, FRACTIONS, point))
    return FractionGradient(value, gradient)


def digits(function: Function, point: Sequence[Coordinate], count: int) -> DecimalGradient:
    """Value and gradient to `count` significant digits; raises UndefinedError without a value."""
    from gdcli.numbers.precise import decimal_text
    from gdcli.numbers.precise import digits as system_of

    def compute(precision: int) -> list[Any]:
        system = system_of(precision)
        return evaluate(function, system, coordinates(function, system, point))

    value, *gradient = [decimal_text(number, count) for number in agreed(compute, count)]
    return DecimalGradient(value, gradient)


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
        unsettled = [
            new
            for old, new in zip(before, now, strict=True)
            if not new or abs(new - old) * 10 ** (count + AGREEING_DIGITS) > abs(new)
        ]
        vanishing = precision >= enough and all(
            abs(number) * 10 ** (3 * precision // 4) < 1 for number in unsettled
        )
        if vanishing or not unsettled:
            return [number * (number not in unsettled) for number in now]
        before = now
    raise UndefinedError(f"{precision} digits are not enough to tell {count} right ones")


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
        return system.order(value)  # a constant by itself meets no operation that would refuse it
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
    return [system.order(number) for number in found]


def hessian_rows(
    function: Function, tape: Tape, system: NumberSystem, point: Sequence[Any], of_what: str
) -> list[list[Any]]:
    """The n rows of second derivatives; `tape` is the tangent of the function's gradient tape.

    Raises UndefinedError as `run_at` does.
    """
    rows = []
    for unit in identity(len(point), system.decimal(ZERO), system.decimal(ONE)):
        found = run_at(function, tape, system, [*point, *unit], of_what)
        rows.append([system.order(number) for number in found[1:]])  # first the derivative of f
    return rows


def run_at(
    function: Function, tape: Tape, system: NumberSystem, point: Sequence[Any], of_what: str = ""
) -> list[Any]:
    """The outputs of one of the function's tapes; `of_what` begins the message of an error."""
    known = dict(zip(function.variables, point, strict=False))
    return interpret(tape, system, point, None, _ErrorLocator(function.expression, known, of_what))


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
        happened = application(instruction.payload, list(map(_float, operands)))
        if place >= 0:
            known = {name: _float(value) for name, value in self.known.items()}
            happened = f"{where(self.expression, place, known)}: {happened}"
        word = "too large" if isinstance(error, OverflowError) else "undefined"
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


def _float(number: Any) -> float:
    """The float nearest to a number; inf or -inf where it is too large."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
