"""Numbers that know how wrong they can be: a value and a bound on its absolute error.

Comes in: a number system, floats or mpmath's numbers of any precision. Goes out: the same system
over `Bounded` numbers, for the interpreter. Every operation adds what its operands' errors can do
to it (`error_propagation.py`, rigorous over the whole interval) and what it rounds itself: sums,
products, quotients and powers exactly or half a unit in the last place, functions by what was
measured of libm, doubled. Where nothing can be said the error is inf. An operation without a value
gives nan, one whose value is too large gives inf or -inf. A branch goes by the values: whether the
errors could have sent it the other way is asked of the kinks. A branch that compares a number of
which nothing is known, with the error inf, gives nan.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.3; exact
errors of sums and products: T. J. Dekker, Numer. Math. 18 (1971) 224.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import factorial, frexp, inf, isfinite, log1p, nan
from typing import Any

from gdcli.language.syntax import Decimal
from gdcli.numbers.error_propagation import ERROR_RULES
from gdcli.numbers.floats import (
    EPSILON,
    FLOAT,
    FLOAT_CONSTANTS,
    IEEE,
    OVERFLOW,
    NumberSystem,
    TinyNumberError,
    to_float,
)

SMALLEST_SUBNORMAL = 2.0**-1074
SAFETY_FACTOR = 1.0 + 2.0**-20  # of a bound, for the rounding of its own formula
EXACT_PRIMITIVES = frozenset(
    ("unary-minus", "abs", "sign", "min", "max", "relu", "tie-count", "if-defined")
)
EXACT_AT_ZERO = frozenset(
    (
        *("expm1", "log1p", "sqrt", "cbrt", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh"),
        *("atanh", "erf", "erfc", "logcosh", "exp", "cos", "cosh", "tanh-slope"),
    )
)
# Twice the largest error measured, in units in the last place; what is not here, 4.
ERROR_ULPS = {
    **{"pow-integer": 1.0, "pow-general": 1.0, "tanh": 5.0, "cbrt": 6.0, "logcosh": 12.0},
    **{"erfc": 5.0, "gamma": 8.0, "lgamma": 7.0, "digamma": 6.0, "polygamma": 8.0},
}
SPLITTER = 2.0**27 + 1.0


class Bounded:
    """A number whose true value is within `error` of `value`."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: Any) -> None:
        self.value = value
        self.error = error

    def __repr__(self) -> str:
        return f"{self.value} ± {self.error}"

    @property
    def good(self) -> bool:
        """Whether it is finite and known to some precision."""
        return bool(self.error < inf)

    @property
    def may_be_zero(self) -> bool:
        """Whether 0 lies within the error."""
        return bool(not abs(self.value) > self.error)


def magnitude(number: Any) -> int:
    """The binary exponent of a number that is not 0."""
    return frexp(number)[1] if isinstance(number, float) else int(number.context.mag(number))


class FloatRounding:
    """The rounding errors of floats: of constants, and of each primitive."""

    underflow = 16.0 * SMALLEST_SUBNORMAL  # what a bound's own formula may lose

    def __init__(self) -> None:
        import math

        self.functions: Any = math
        self.system = FLOAT

    def lift(self, number: float) -> float:
        return number

    def decimal(self, value: float, number: Decimal) -> float:
        """The error of a decimal's nearest float."""
        if not isfinite(value):
            return inf
        numerator, denominator = value.as_integer_ratio()
        exact = _equal(numerator, denominator, number)
        return 0.0 if exact else EPSILON / 2 * abs(value) + SMALLEST_SUBNORMAL

    def constant(self, value: float) -> float:
        """The error of pi or e."""
        return EPSILON / 2 * value

    def rounding(self, name: str, y: float, a: float, b: float = 0.0, *more: float) -> float:
        if name == "+" or name == "-":
            return abs(_sum_error(a, b if name == "+" else -b, y))
        if name == "*" or (name == "pow-integer" and b == 2.0):
            lost = _product_error(a, b if name == "*" else a, y)
            return EPSILON / 2 * abs(y) + SMALLEST_SUBNORMAL if lost is None else abs(lost)
        if name == "/":
            return _quotient_error(a, b, y)
        if name == "sqrt" and _product_error(y, y, a) == 0.0:
            return 0.0
        if name == "pow-integer" and b > 0.0 and abs(y) < 2.0**53 and a.is_integer():
            return 0.0
        if name == "hypot" and (a == 0.0 or b == 0.0):
            return 0.0
        size = _size_of_terms(name, y, a, b, *more)
        return ERROR_ULPS.get(name, 4.0) * EPSILON * size + 4.0 * SMALLEST_SUBNORMAL


def _size_of_terms(name: str, y: float, a: float, b: float, *more: float) -> float:
    """How large |y| is, with the terms that are added up to it inside, where they may cancel."""
    if name == "logaddexp":  # the greater operand may cancel against the logarithm
        return max(abs(a), abs(b)) + 1.0
    if name == "logsumexp":  # each of the others adds an exponential of at most 1
        return max(map(abs, (a, b, *more))) + 2.0 + len(more)
    if name == "polygamma":  # of order a; the higher its powers are, the more they round
        reflected = float(factorial(int(a))) * 2.0 ** (a + 4.0) if b < 0.0 else 0.0
        return (1.0 + a / 4.0) * (abs(y) + reflected)
    if name == "lgamma" and a < 0.0:
        return abs(y) + 2.0 * (abs(a) * log1p(abs(a)) + 1.0)
    if name == "digamma" and a < 0.0:
        return abs(y) + 2.0 * (log1p(abs(a)) + 1.0)
    return abs(y)


def _sum_error(a: float, b: float, total: float) -> float:
    """The rounding error of a + b, exactly."""
    back = total - a
    return (a - (total - back)) + (b - back)


def _product_error(a: float, b: float, product: float) -> float | None:
    """The rounding error of a·b, exactly; None where that is no float."""
    if a == 0.0 or b == 0.0:
        return 0.0
    if not (1e-250 < abs(product) < 1e250 and abs(a) < 1e250 and abs(b) < 1e250):
        return 0.0 if abs(frexp(a)[0]) == 0.5 and abs(product) > 1e-300 else None
    wide = SPLITTER * a
    high = wide - (wide - a)
    low = a - high
    wide = SPLITTER * b
    there = wide - (wide - b)
    rest = b - there
    return ((high * there - product) + high * rest + low * there) + low * rest


def _quotient_error(a: float, b: float, quotient: float) -> float:
    lost = _product_error(quotient, b, a) if quotient else None
    if a == 0.0:
        return 0.0
    if lost is None or not abs(a) > 1e-250:
        return EPSILON / 2 * abs(quotient) + SMALLEST_SUBNORMAL
    return abs(lost / b)


def _equal(numerator: int, denominator: int, number: Decimal) -> bool:
    if abs(number.exponent) > 400:
        return False
    power = 10 ** abs(number.exponent)
    if number.exponent >= 0:
        return bool(numerator == number.coefficient * power * denominator)
    return bool(numerator * power == number.coefficient * denominator)


class _LimitedFunctions:
    """mpmath's functions for the error rules: what grows fast refuses where the system does."""

    def __init__(self, system: NumberSystem) -> None:
        self.context = system.constants["pi"].context
        limited = ("exp", "expm1", "cosh", "sinh")
        self.exp, self.expm1, self.cosh, self.sinh = map(system.operations.get, limited)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.context, name)


class MultiprecisionRounding:
    """The rounding errors of mpmath's numbers of `count` digits, below 2 units for a function."""

    underflow = 0.0

    def __init__(self, count: int) -> None:
        from gdcli.numbers.precise import MOST_EXPONENT_BITS, VANISHING, digits

        self.system = digits(count)
        self.context = self.system.constants["pi"].context
        self.functions = _LimitedFunctions(self.system)
        self.bits = self.context.prec
        self.unit = self.context.ldexp(1, 2 - self.bits)
        self.underflowing = frozenset(VANISHING)
        self.least = self.context.ldexp(1, -(2 ** (MOST_EXPONENT_BITS - 9)))

    def lift(self, number: float) -> Any:
        return self.context.mpf(number)

    def decimal(self, value: Any, number: Decimal) -> Any:
        """The error of a decimal's nearest number."""
        sign, mantissa, exponent, _ = value._mpf_
        if abs(exponent) > 2000:
            return self.unit * abs(value)
        numerator = (-1) ** sign * mantissa * 2 ** max(exponent, 0)
        return 0 if _equal(numerator, 2 ** max(-exponent, 0), number) else self.unit * abs(value)

    def constant(self, value: Any) -> Any:
        """The error of pi or e."""
        return self.unit * value

    def rounding(self, name: str, y: Any, a: Any, b: Any = None, *_: Any) -> Any:
        if name == "/" and not a:
            return 0
        if b is not None and self._fits(name, a._mpf_, b._mpf_):
            return 0
        if not y and a and name in self.underflowing:
            return self.least
        return self.unit * abs(y)

    def _fits(self, name: str, a: Any, b: Any) -> bool:
        """Whether a sum or a product has no more bits than a number keeps."""
        if name == "*":
            return bool(a[3] + b[3] <= self.bits)
        if name not in ("+", "-"):
            return False
        if not a[1] or not b[1]:
            return True
        return bool(max(a[2] + a[3], b[2] + b[3]) - min(a[2], b[2]) < self.bits)


def bounded(
    base: FloatRounding | MultiprecisionRounding, constants_are_floats: bool = False
) -> NumberSystem:
    """The system of `base` with an error beside each number; inputs are `Bounded`.

    With `constants_are_floats` the text's constants are taken at the floats they round to, and
    what is computed of them alone is computed in floats.
    """
    system = base.system
    operations = {
        name: _tracked(base, name, operation, IEEE.operations[name])
        for name, operation in system.operations.items()
        if name in ERROR_RULES
    }

    def decimal(number: Decimal) -> Any:
        value = system.decimal(number)
        return Bounded(value, base.decimal(value, number))

    name = f"bounded {system.name}"
    if constants_are_floats:
        return NumberSystem(name, to_float, FLOAT_CONSTANTS, operations, _compared)
    constants = {name: Bounded(v, base.constant(v)) for name, v in system.constants.items()}
    return NumberSystem(name, decimal, constants, operations, _compared)


def _compared(number: Any) -> Any:
    """What a comparison compares: the value, nan where nothing is known of the number."""
    if not isinstance(number, Bounded):
        return number
    return number.value if number.error < inf else nan


def _tracked(
    base: FloatRounding | MultiprecisionRounding,
    name: str,
    operation: Callable[..., Any],
    of_floats: Callable[..., float],
) -> Callable[..., Any]:
    """The operation over Bounded numbers."""
    functions, rounding, underflow = base.functions, base.rounding, base.underflow
    formula, exact, exact_at_zero = (
        ERROR_RULES[name],
        name in EXACT_PRIMITIVES,
        name in EXACT_AT_ZERO,
    )

    def lifted(number: Any) -> Bounded:
        return number if isinstance(number, Bounded) else Bounded(base.lift(number), 0)

    def apply(*given: Any) -> Any:
        operands = given
        for number in given:
            if number.__class__ is not Bounded:
                if all(number.__class__ is not Bounded for number in given):
                    return of_floats(*given)
                operands = tuple(map(lifted, given))
                break
        values = [operand.value for operand in operands]
        largest = max([operand.error for operand in operands])
        y = _computed(operation, name, values, operands[0].error)
        if y != y or not abs(y) < inf or not largest < inf:
            return Bounded(y, inf)
        error: Any = 0
        if largest:
            pairs = [number for operand in operands for number in (operand.value, operand.error)]
            try:
                error = formula(functions, y, *pairs) + underflow
            except TinyNumberError:
                error = 0  # so has y, whose rounding is no less
            except (ArithmeticError, ValueError):
                error = inf
        if not exact and not (exact_at_zero and not values[0]):
            error += rounding(name, y, *values)
        return Bounded(y, error * SAFETY_FACTOR if error < inf else inf)

    return apply


def _computed(operation: Callable[..., Any], name: str, values: list[Any], error: Any) -> Any:
    """The value of an operation: nan where there is none, inf where it is too large.

    An operand that is outside the domain by no more than its error is put onto the edge.
    """
    try:
        return operation(*values)
    except TinyNumberError:
        return 0 * values[0]
    except OverflowError:
        return OVERFLOW[name](*values) if name in OVERFLOW else inf
    except (ArithmeticError, ValueError):
        edge = _edge(name, values[0], error)
        return nan if edge is None else _computed(operation, name, [edge, *values[1:]], inf)


def _edge(name: str, value: Any, error: Any) -> Any:
    """The edge of the domain that is within the error of an operand, else None."""
    if not error < inf:
        return None
    edges = {"sqrt": (0,), "pow-general": (0,), "asin": (-1, 1), "acos": (-1, 1), "acosh": (1,)}
    for edge in edges.get(name, ()):
        if 0 < abs(value - edge) <= error:
            return value * 0 + edge
    return None


@cache
def _base(count: int | None) -> FloatRounding | MultiprecisionRounding:
    return FloatRounding() if count is None else MultiprecisionRounding(count)


@cache
def system_of(count: int | None, constants_are_floats: bool = False) -> NumberSystem:
    """The bounded system of floats, or of `count` digits."""
    return bounded(_base(count), constants_are_floats)


def context_of(count: int) -> Any:
    """The mpmath context whose numbers `system_of(count)` takes."""
    base = _base(count)
    assert isinstance(base, MultiprecisionRounding)
    return base.context
