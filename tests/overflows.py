"""Expressions made by machine in which floats overflow, and what they are worth with 50 digits.

`Overflowing` writes texts over x and y, and points at which one side of a condition, or an operand
of a function that is finite at infinity, is beyond the floats. `truth` evaluates them in mpmath,
without a line of the program.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import mpmath

from tests.expressions import FUNCTIONS, HOLDS, Reference, Step

DIGITS = 50
DECIDING_DIGITS = 2500  # with which those 50 must agree: exp(2000) - 1 < exp(2000) takes 870
SLOPE_DIGITS = 1000  # of differences by SLOPE_STEP at numbers of 1e200
SLOPE_STEP = mpmath.mpf(10) ** -100  # its square, the slope of y^3 at 0, is below what is tested
GREATEST_MAGNITUDE = 4000  # in bits, of an argument of exp that mpmath is asked for
CANCELLING = 1e-6  # a sum that is smaller, relative to its terms, is one of lost digits
SMALLEST = mpmath.mpf(10) ** -285  # what is nearer to 0 may have underflowed
COORDINATES = (1000.0, -1000.0, 720.0, -720.0, 400.0, 1e5, 1e103, -1e103, 1e155, -1e155, 1e200)
MODEST = (3.0, -2.0, 0.5, 1e-3, -1e-200, 0.0, 12.0)
CONSTANTS = ("5", "1e-300", "1e300", "1e-3", "0.5", "2e8", "-1", "1e307", "3")
GROWING = ("exp({0})", "sinh({0})", "cosh({0})", "({0})^2", "({0})^3", "expm1({0})", "2^({0})")
COMBINING = ("{0}*{1}", "{0} + {1}", "{0} - {1}", "{0}/{1}", "{0}*({1})", "max({0}, {1})")
BACK = (
    *("atan({0})", "tanh({0})", "1/({0})", "exp(-({0}))", "log({0})", "sqrt({0})", "sign({0})"),
    *("min({0}, {1})", "max({0}, {1})", "hypot({0}, {1})", "sigmoid({0})", "relu({0})"),
    *("softplus({0})", "logaddexp({0}, {1})", "asinh({0})", "cbrt({0})", "erf({0})", "erfc({0})"),
    *("({0})^(-2)", "({0})^0.5", "atan2({0}, {1})", "abs({0})", "({0})/({1})", "1/(1 + ({0})^2)"),
    *("({1})/(1 + ({0})^2)", "({0})^(1/3)", "log1p({0})", "({0})^0", "1/(({0}) - ({0}))"),
)
FUNCTIONS_NEAR_ZERO: dict[str, Callable[..., Any]] = {
    **FUNCTIONS,  # of which these three lose a number that is tiny beside 1
    "asinh": lambda m, a: m.asinh(a),
    "softplus": lambda m, a: m.log1p(m.exp(a)),
    "logaddexp": lambda m, a, b: max(a, b) + m.log1p(m.exp(-abs(a - b))),
}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class TooLarge(Exception):
    """Raised where a number is beyond what mpmath can hold."""


class Undefined(Exception):
    """Raised where there is no real number."""


class Numbers:
    """The functions of an mpmath context that stay real, and do not fill the memory."""

    def __init__(self, digits: int) -> None:
        self.context = mpmath.mp.clone()
        self.context.dps = digits

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.context, name)
        if not callable(found) or name == "mpf":
            return found

        def real(*operands: Any) -> Any:
            if name in ("exp", "expm1", "sinh", "cosh", "tanh", "erf", "erfc", "power"):
                size = operands[0] if len(operands) == 1 else operands[1] * self.bits(operands[0])
                if self.context.mag(size) > GREATEST_MAGNITUDE:
                    raise TooLarge
            if name in ("erf", "erfc", "tanh") and abs(operands[0]) > 1e6:
                limit = self.context.sign(operands[0])
                return 1 - limit if name == "erfc" else limit
            result = found(*operands)
            if (
                isinstance(result, self.context.mpc)
                or result != result
                or abs(result) == mpmath.inf
            ):
                raise Undefined
            return result

        return real

    def bits(self, number: Any) -> Any:
        return abs(self.context.mag(number)) + 1 if number else 1


class Truth(NamedTuple):
    """The value of an expression, None where it has none, and whether floats can know it.

    They cannot where digits cancel, or where numbers underflow.
    """

    value: Any
    delicate: bool


def truth(text: str, point: dict[str, Any], digits: int = DIGITS) -> Truth:
    """The value at a point; raises TooLarge where mpmath is of no help."""
    run = _Evaluation(Numbers(digits), point)
    try:
        return Truth(run.value(Reference(text).root), run.delicate)
    except (Undefined, ArithmeticError, ValueError, TypeError):
        return Truth(None, run.delicate)


class _Evaluation:
    """A run over the steps of a text that notes whether floats would lose digits."""

    def __init__(self, numbers: Numbers, point: dict[str, Any]) -> None:
        self.numbers = numbers
        self.point = {name: numbers.mpf(number) for name, number in point.items()}
        self.delicate = False

    def value(self, step: Step) -> Any:
        operation, arguments, _ = step
        if operation == "number":
            return self.numbers.mpf(arguments[0])
        if operation == "name":
            return self.point[arguments[0]]
        if operation == "ifelse":
            left, comparison, right, where_it_holds, elsewhere = arguments
            a, b = self.value(left), self.value(right)
            self.compare(a, b)
            return self.value(where_it_holds if HOLDS[comparison](a, b) else elsewhere)
        operands = [self.value(one) for one in arguments]
        if operation in ("max", "min", "logaddexp"):
            self.compare(*operands)
        if operation == "sign":
            self.compare(operands[0], 0)
        result = FUNCTIONS_NEAR_ZERO[operation](self.numbers, *operands)
        size = abs(result)
        cancels = operation in ("+", "-") and size < CANCELLING * max(map(abs, operands))
        self.delicate |= bool(cancels or 0 < size < SMALLEST)
        return result

    def compare(self, a: Any, b: Any) -> None:
        most = max(abs(a), abs(b))
        self.delicate |= bool(abs(a - b) <= CANCELLING * most or most < SMALLEST)


class Overflowing:
    """Writes texts and points; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def case(self) -> tuple[str, dict[str, float]]:
        choice = self.random.choice
        point = {"x": choice(COORDINATES), "y": choice((*COORDINATES, *MODEST))}
        left = self.side(choice((1, 2, 2)))
        right = self.side(choice((0, 1, 2)))
        if self.random.random() < 0.6:
            sides = choice((("x", "-x"), ("1", "2"), ("x/7", "3"), ("y", "x")))
            return f"ifelse({left} {choice(COMPARISONS)} {right}, {sides[0]}, {sides[1]})", point
        return choice(BACK).format(left, right), point

    def side(self, depth: int) -> str:
        choice = self.random.choice
        if depth == 0:
            return choice((*CONSTANTS, "x", "y"))
        inner = choice(("x", "y", "2*x", "-x", "x/2", "-y", "x + y", self.side(0)))
        grown = choice(GROWING).format(inner)
        if depth == 1:
            return grown
        other = self.side(choice((0, 1)))
        combined = choice(COMBINING).format(grown, f"({other})")
        if self.random.random() < 0.4:
            combined = choice(BACK).format(combined, f"({self.side(0)})")
        return combined


class Case(NamedTuple):
    """A text, a point (x, y), and the value there, whose digits 50 and 2500 agree on."""

    text: str
    point: list[float]
    truth: Truth

    def agrees(self, value: float, tolerance: float = 1e-6) -> bool:
        """Whether a float is the value, as far as 1e-260 is 0."""
        wanted = self.truth.value
        if wanted is None:
            return False
        return bool(abs(value - wanted) <= tolerance * abs(wanted) + mpmath.mpf(10) ** -260)

    @property
    def is_a_float(self) -> bool:
        return self.truth.value is not None and abs(self.truth.value) < 1e308

    def slope(self, place: int) -> Any:
        """The derivative by x or y; None where both sides differ, or mpmath is of no help."""
        step = SLOPE_STEP * min(1, abs(self.point[place]) or 1)
        with mpmath.workdps(SLOPE_DIGITS):
            values = []
            for moved in (-step, 0, step):
                there = [mpmath.mpf(number) for number in self.point]
                there[place] += moved
                try:
                    found = truth(
                        self.text, dict(zip("xy", there, strict=True)), SLOPE_DIGITS
                    ).value
                except TooLarge:
                    return None
                if found is None:
                    return None
                values.append(found)
            left, right = (values[1] - values[0]) / step, (values[2] - values[1]) / step
            apart = abs(left - right) > 1e-9 * max(abs(left), abs(right)) + 1e-200
        return None if apart else right


@lru_cache(maxsize=4)
def cases(seed: int, count: int) -> list[Case]:
    """So many cases in which 50 digits decide."""
    writer, found = Overflowing(seed), list[Case]()
    while len(found) < count:
        text, point = writer.case()
        try:
            short, long = truth(text, point), truth(text, point, DECIDING_DIGITS)
        except TooLarge:
            continue
        case = Case(text, [*point.values()], long)
        undecided = short.value is None or not case.agrees(short.value, 1e-9)
        if undecided and not short.value is long.value is None:
            continue
        found.append(case)
    return found
