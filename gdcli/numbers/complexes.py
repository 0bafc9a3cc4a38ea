"""Complex numbers for the interpreter: each primitive continued analytically from the real line.

At x + ih a function that is real on the real line is f(x) + ih·f'(x) up to h², so that the
imaginary part over h is the derivative, with no difference of nearly equal numbers. That asks of
each primitive that its imaginary part be right to the last digits for an h of 1e-200: `cmath`
keeps that for most, the others are spelt here by modulus and phase or by a published formula; none
uses a rule of the table. What is decided by order or sign is decided by real parts. A number
without imaginary part is a float's business; one outside the real function's domain, or at an edge
where the slope has no end, raises ValueError or ZeroDivisionError.

Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM
Review 40 (1998) 110; Martins, Sturdza and Alonso, ACM Trans. Math. Softw. 29 (2003) 245.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from gdcli.numbers import gamma_functions
from gdcli.numbers.floats import (
    FLOAT,
    FLOAT_CONSTANTS,
    GAMMA_FUNCTIONS,
    NumberSystem,
    if_finite,
    if_negligible,
    sign,
    to_float,
)

RealOrComplex = complex | float
IMAGINARY_STEP = 1e-200  # its square is lost beside anything; derivatives go down to 1e-120


def _power(a: RealOrComplex, b: RealOrComplex) -> RealOrComplex:
    """a^b by modulus and phase; of a negative base only an integer power is real."""
    if a.real < 0.0 or (a.real == 0.0 and b.real <= 1.0):
        if b.imag or not b.real.is_integer() or (a.real == 0.0 and b.real < 0.0):
            raise ValueError("no real power")
        if a.real == 0.0:
            return a if b.real else 1.0
        whole = _power(-a, b)
        return -whole if b.real % 2.0 else whole
    if not abs(a) or (a.real == 0.0 and not b.real.is_integer()):
        return 0.0  # slope 0: the exponent is above 1, or the base is 0 whatever the exponent
    if b == 2.0:
        return a * a
    phase = cmath.phase(a)
    modulus = math.pow(abs(a), b.real) * math.exp(-b.imag * phase)
    turn = b.real * phase + b.imag * math.log(abs(a))
    return complex(modulus * math.cos(turn), modulus * math.sin(turn))


def _cbrt(a: RealOrComplex) -> RealOrComplex:
    third = cmath.phase(a if a.real > 0.0 else -a) / 3.0
    root = math.copysign(math.cbrt(abs(a)), a.real)
    return complex(root * math.cos(third), root * math.sin(third))


def _log1p(a: RealOrComplex) -> complex:
    slant = a.imag / (1.0 + a.real)
    return complex(
        math.log1p(a.real) + 0.5 * math.log1p(slant * slant), math.atan2(a.imag, 1.0 + a.real)
    )


def _expm1(a: RealOrComplex) -> complex:
    half = math.sin(0.5 * a.imag)
    real = math.expm1(a.real) * math.cos(a.imag) - 2.0 * half * half
    return complex(real, math.exp(a.real) * math.sin(a.imag))


def _atan2(a: RealOrComplex, b: RealOrComplex) -> RealOrComplex:
    if a.real == b.real == 0.0:
        raise ValueError("no direction")
    if abs(a.real) <= abs(b.real):
        turn = 0.0 if b.real > 0.0 else math.copysign(math.pi, a.real)
        return cmath.atan(a / b) + turn
    return math.copysign(0.5 * math.pi, a.real) - cmath.atan(b / a)


def _hypot(a: RealOrComplex, b: RealOrComplex) -> RealOrComplex:
    size = max(abs(a.real), abs(b.real))
    if size == 0.0:
        return 0.0
    first, second = a / size, b / size
    return size * cmath.sqrt(first * first + second * second)


def _sinc(t: float) -> float:
    return math.sin(t) / t if t else 1.0


def _erf(a: RealOrComplex) -> complex:
    """erf(a) by Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 7.1.29.

    Its relative error is 1e-16, in the imaginary part too: for small y that is y/π·exp(-x²) times
    1 + 2·Σ exp(-n²/4), which differs from 2√π by one part in 1e17.
    """
    return math.erf(a.real) + _erf_from_real(a)


def _erf_from_real(a: RealOrComplex) -> complex:
    """erf(a) - erf(x) with x the real part of a."""
    x, y = a.real, a.imag
    real = y * math.sin(x * y) * _sinc(x * y)
    imaginary = y * _sinc(2.0 * x * y)
    cosine, sine = math.cos(2.0 * x * y), math.sin(2.0 * x * y)
    for n in range(1, 14 + 4 * math.ceil(abs(y))):
        share = 2.0 * math.exp(-0.25 * n * n) / (n * n + 4.0 * x * x)
        wide, high = 2.0 * x * math.cosh(n * y), n * math.sinh(n * y)
        real += share * (2.0 * x - wide * cosine + high * sine)
        imaginary += share * (wide * sine + high * cosine)
    size = math.exp(-x * x) / math.pi
    return complex(size * real, size * imaginary)


# Complex numbers are compared and rounded by their real parts.
COMPLEX_ARITHMETIC = gamma_functions.Arithmetic(
    *(cmath.log, cmath.exp, _power, cmath.sin, cmath.tan),
    below=lambda a, b: a.real < b.real,
    nearest=lambda a: gamma_functions.FLOAT_ARITHMETIC.nearest(a.real),
)


def _gamma_function(name: str) -> Callable[..., RealOrComplex]:
    """The function of that name in gamma_functions.py; at a pole there is no derivative."""
    function = getattr(gamma_functions, name)

    def continued(*operands: RealOrComplex) -> RealOrComplex:
        value: RealOrComplex = function(COMPLEX_ARITHMETIC, *operands)
        if value != value:
            raise ValueError("a pole")
        return value

    return continued


def _sigmoid(a: RealOrComplex) -> complex:
    small = cmath.exp(-a if a.real >= 0.0 else a)
    return 1.0 / (1.0 + small) if a.real >= 0.0 else small / (1.0 + small)


def _softplus(a: RealOrComplex) -> RealOrComplex:
    return a + _log1p(cmath.exp(-a)) if a.real > 0.0 else _log1p(cmath.exp(a))


def _logaddexp(a: RealOrComplex, b: RealOrComplex) -> RealOrComplex:
    high, low = (a, b) if a.real >= b.real else (b, a)
    return high + _log1p(cmath.exp(low - high))


def _logsumexp(*values: RealOrComplex) -> RealOrComplex:
    place = max(range(len(values)), key=lambda k: values[k].real)
    greatest, others = values[place], [*values[:place], *values[place + 1 :]]
    return greatest + _log1p(sum((cmath.exp(value - greatest) for value in others), 0j))


def _chosen(most: Callable[..., float]) -> Callable[..., RealOrComplex]:
    """`max` or `min` by real part, and the mean of all that tie."""

    def choose(*values: RealOrComplex) -> RealOrComplex:
        top = most(*(value.real for value in values))
        ties = [value for value in values if value.real == top]
        return sum(ties[1:], ties[0]) / len(ties) if ties else top

    return choose


def _quotient(a: RealOrComplex, b: RealOrComplex) -> RealOrComplex:
    if b.real == 0.0:
        raise ZeroDivisionError
    return a / b


def _checked(check: Callable[..., float]) -> Callable[..., RealOrComplex]:
    """The first of the operands, after a check of their real parts."""

    def checked(*operands: RealOrComplex) -> RealOrComplex:
        check(*(operand.real for operand in operands))
        return operands[0]

    return checked


def _inside(x: float) -> bool:
    return -1.0 < x < 1.0


# Where a function of one variable has a finite slope: beyond, real numbers alone are let in.
REAL_DOMAINS: dict[str, Callable[[float], bool]] = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt"), lambda x: x > 0.0),
    **dict.fromkeys(("asin", "acos", "atanh"), _inside),
    "log1p": lambda x: x > -1.0,
    "acosh": lambda x: x > 1.0,
    "cbrt": lambda x: x != 0.0,
}
CMATH_FUNCTIONS = "exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
CONTINUATIONS: dict[str, Callable[..., RealOrComplex]] = {
    **{name: getattr(cmath, name) for name in CMATH_FUNCTIONS.split()},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "unary-minus": lambda a: -a,
    "pow-integer": _power,
    "pow-general": _power,
    "expm1": _expm1,
    "log1p": _log1p,
    "log2": lambda a: cmath.log(a) / math.log(2.0),
    "cbrt": _cbrt,
    "atan2": _atan2,
    "abs": lambda a: sign(a.real) * a,
    "sign": lambda a: sign(a.real),
    "min": _chosen(FLOAT.operations["min"]),
    "max": _chosen(FLOAT.operations["max"]),
    "hypot": _hypot,
    "erf": _erf,
    "erfc": lambda a: math.erfc(a.real) - _erf_from_real(a),
    **{name: _gamma_function(name) for name in GAMMA_FUNCTIONS},
    "sigmoid": _sigmoid,
    "tanh-slope": lambda a: 4.0 * _sigmoid(2.0 * a) * _sigmoid(-2.0 * a),
    "softplus": _softplus,
    "relu": lambda a: a if a.real > 0.0 else 0.0,
    "logaddexp": _logaddexp,
    "logsumexp": _logsumexp,
    "if-defined": lambda a, b: (if_finite(b.real), a)[1],
    "if-finite": _checked(if_finite),
    "if-negligible": _checked(if_negligible),
}


def _operation(name: str) -> Callable[..., RealOrComplex]:
    continued, real, domain = CONTINUATIONS[name], FLOAT.operations[name], REAL_DOMAINS.get(name)

    def operation(*operands: RealOrComplex) -> RealOrComplex:
        if not any(operand.imag for operand in operands):
            value: float = real(*(operand.real for operand in operands))
            return value
        if domain is not None and not domain(operands[0].real):
            raise ValueError("outside the domain of the real function, or at its edge")
        return continued(*operands)

    return operation


COMPLEX = NumberSystem(
    "complex",
    to_float,
    FLOAT_CONSTANTS,
    {name: _operation(name) for name in CONTINUATIONS},
    lambda number: number.real,
)
