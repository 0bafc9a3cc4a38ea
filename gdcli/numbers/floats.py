"""Number systems: what the constants and primitives of a tape are, in one kind of number.

FLOAT calls `math` directly and raises where that does (log of a negative number, overflow,
division by 0). IEEE is FLOAT without exceptions: it gives inf and nan instead. Both have every
primitive of the table. Others are in `precise.py`, `complexes.py` and `bounded.py` beside this file
and in `execute/grid.py`, so that they are imported only where they are used; each offers what it
can and says what it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gdcli.autodiff.passes.infinities import LARGE_NUMERATOR
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple

nan, inf = math.nan, math.inf
EPSILON = 2.0**-52  # the distance from 1 to the next float
MOST_LISTED_COMPONENTS = 200  # components up to which a point is a list of floats, else an array


class TinyNumberError(ArithmeticError):
    """Raised where a result is not 0, but too near to it for the numbers of its system."""


class NumberSystem(NamedTuple):
    """The constants and the primitives of one kind of number.

    `decimal` makes a number of an exact Decimal, `constants` are pi and e by name. `operations`
    maps a primitive's name to a function of numbers; a primitive that is missing there is spelt by
    its row's `definition`, or refused by name. Where there is no such number an operation raises
    OverflowError for one that is too large, else another ArithmeticError or a ValueError. `order`
    gives what a comparison compares.
    """

    name: str
    decimal: Callable[[Decimal], Any]
    constants: Mapping[str, Any]
    operations: Mapping[str, Callable[..., Any]]
    order: Callable[[Any], Any] = lambda number: number  # what a comparison compares


def to_float(number: Decimal) -> float:
    return float(f"{number.coefficient}e{number.exponent}")


def multiply(a: float, b: float) -> float:
    return a * b


def divide(a: float, b: float) -> float:
    """a/b. Raises ZeroDivisionError where b is 0."""
    return a / b


def hypot(a: float, b: float) -> float:
    """√(a² + b²) as the C library has it, which native code calls; `math` has one of its own."""
    return abs(complex(a, b))


def integer_power(a: float, b: float) -> float:
    """a^b; `math.pow` is right to half a unit in the last place, and so is a·a."""
    return a * a if b == 2.0 else math.pow(a, b)


def sign(a: float) -> float:
    """-1.0, 0.0 or 1.0; nan for nan."""
    return a if a != a or a == 0.0 else math.copysign(1.0, a)


def minimum(*values: float) -> float:
    """The least value, nan where one is nan."""
    least = min(values)
    return least if all(value >= least for value in values) else nan


def maximum(*values: float) -> float:
    """The greatest value, nan where one is nan."""
    greatest = max(values)
    return greatest if all(value <= greatest for value in values) else nan


def tie_count(y: float, *values: float) -> float:
    return float(values.count(y))


def if_finite(a: float) -> float:
    """a; raises ValueError where it is infinite, or nan."""
    if a - a != 0.0:
        raise ValueError
    return a


def if_defined(a: float, b: float) -> float:
    """a; raises ValueError where b is no finite number."""
    if_finite(b)
    return a


def if_negligible(b: float, a: float) -> float:
    """b; raises ValueError where it is infinite, or nan, and the numerator a of a/b is large."""
    if b - b != 0.0 and not abs(a) < LARGE_NUMERATOR:
        raise ValueError
    return b


def sigmoid(a: float) -> float:
    """1/(1 + exp(-a)), whose exponential never overflows."""
    small = math.exp(-abs(a))
    return 1.0 / (1.0 + small) if a >= 0.0 else small / (1.0 + small)


def tanh_slope(a: float) -> float:
    """1/cosh(a)^2 by exp(-2|a|), which never overflows."""
    small = math.exp(-2.0 * abs(a))
    return 4.0 * small / ((1.0 + small) * (1.0 + small))


def softplus(a: float) -> float:
    """log(1 + exp(a)), whose exponential never overflows."""
    return (a if a > 0.0 else 0.0) + math.log1p(math.exp(-abs(a)))


def logcosh(a: float) -> float:
    """log(cosh(a)), whose hyperbolic cosine never overflows nor hides a small a."""
    size = abs(a)
    return math.log1p(2.0 * math.sinh(size / 2.0) ** 2) if size < 30.0 else size - math.log(2.0)


def relu(a: float) -> float:
    return 0.0 if a <= 0.0 else a


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), whose exponentials never overflow."""
    if a == b:
        return a + math.log(2.0)
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


def logsumexp(*values: float) -> float:
    """log Σ exp of the values, whose exponentials never overflow.

    `others` is what the sum has beside the exponential of the greatest value, over that.
    """
    greatest, others = values[0], 0.0
    for value in values[1:]:
        if value == greatest:  # they may be infinite
            others += 1.0
        elif value > greatest:
            greatest, others = value, (others + 1.0) * math.exp(greatest - value)
        else:
            others += math.exp(value - greatest)
    return greatest + math.log1p(others)


def _gamma_function(name: str) -> Callable[..., float]:
    """The function of that name in gamma_functions.py, imported when it is first called."""

    def call(*operands: float) -> float:
        from gdcli.numbers import gamma_functions

        value: float = getattr(gamma_functions, name)(gamma_functions.FLOAT_ARITHMETIC, *operands)
        return value

    return call


def _raising(operation: Callable[..., float]) -> Callable[..., float]:
    """An operation that never raises, made to raise what `math` would."""

    def call(*operands: float) -> float:
        value = operation(*operands)
        if not math.isfinite(value) and all(map(math.isfinite, operands)):
            raise ValueError if value != value else OverflowError
        return value

    return call


GAMMA_FUNCTIONS = {n: _gamma_function(n) for n in ("gamma", "lgamma", "digamma", "polygamma")}

MATH_FUNCTIONS = (
    "exp expm1 log log1p log2 log10 sqrt cbrt sin cos tan asin acos atan atan2"
    " sinh cosh tanh asinh acosh atanh"
)
FLOAT_OPERATIONS: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in MATH_FUNCTIONS.split()},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": multiply,
    "/": divide,
    "unary-minus": lambda a: -a,
    "pow-integer": integer_power,
    "pow-general": math.pow,
    "abs": abs,
    "sign": sign,
    "min": minimum,
    "max": maximum,
    "hypot": hypot,
    "erf": math.erf,
    "erfc": math.erfc,
    **{name: _raising(operation) for name, operation in GAMMA_FUNCTIONS.items()},
    "logcosh": logcosh,
    "sigmoid": sigmoid,
    "tanh-slope": tanh_slope,
    "softplus": softplus,
    "relu": relu,
    "logaddexp": logaddexp,
    "logsumexp": logsumexp,
    "tie-count": tie_count,
    "if-defined": if_defined,
    "if-finite": if_finite,  # both of `autodiff/passes/infinities.py`, in no row
    "if-negligible": if_negligible,
}


def _odd(b: float) -> bool:
    return b % 2.0 == 1.0


def _signed_overflow(a: float, b: float) -> float:
    return -inf if a < 0.0 and _odd(b) else inf


def _power_pole(a: float, b: float) -> float:
    return nan if a else math.copysign(inf, a) if _odd(b) else inf


def _log_pole(a: float) -> float:
    return -inf if a == 0.0 else nan


def _quotient_pole(a: float, b: float) -> float:
    return nan if a == 0.0 or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


# Where `math` raises: what IEEE 754 gives instead, as a function of the operands. A result that
# is too large is +inf unless OVERFLOW has it; operands outside the domain give nan unless POLE.
OVERFLOW: dict[str, Callable[..., float]] = {
    "sinh": lambda a: -inf if a < 0.0 else inf,
    "pow-integer": _signed_overflow,
    "pow-general": _signed_overflow,
}
POLE: dict[str, Callable[..., float]] = {
    "log": _log_pole,
    "log2": _log_pole,
    "log10": _log_pole,
    "log1p": lambda a: -inf if a == -1.0 else nan,
    "atanh": lambda a: math.copysign(inf, a) if abs(a) == 1.0 else nan,
    "/": _quotient_pole,
    "pow-integer": _power_pole,
    "pow-general": _power_pole,
}


def _with_fallback(name: str, operation: Callable[..., float]) -> Callable[..., float]:
    def guarded(*operands: float) -> float:
        try:
            return operation(*operands)
        except OverflowError:
            return OVERFLOW[name](*operands) if name in OVERFLOW else inf
        except (ValueError, ZeroDivisionError):
            return POLE[name](*operands) if name in POLE else nan

    return guarded


def _power_of_numbers(a: float, b: float) -> float:
    """a^b, but nan at nan^0 and 1^nan, where the C library says 1."""
    return nan if a != a or b != b else _raised(a, b)


_raised = _with_fallback("pow-general", math.pow)

FLOAT_CONSTANTS = {"pi": math.pi, "e": math.e}
FLOAT = NumberSystem("floating-point", to_float, FLOAT_CONSTANTS, FLOAT_OPERATIONS)
IEEE = NumberSystem(
    "floating-point",
    to_float,
    FLOAT_CONSTANTS,
    {name: _with_fallback(name, operation) for name, operation in FLOAT_OPERATIONS.items()}
    | GAMMA_FUNCTIONS
    | {"pow-general": _power_of_numbers},
)
