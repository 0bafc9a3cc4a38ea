"""Exact fractions and numbers of any precision, for the interpreter.

`FRACTIONS`, and `fractions` where they may be longer on the way, have arithmetic and integer powers
only; what leaves the rationals is refused by name.
`digits(n)` is mpmath with n decimal digits, real and finite: outside a domain and at a pole an
operation raises ValueError or ZeroDivisionError. Its exponents are integers of any length, so that
no operand is too large by itself; OverflowError and TinyNumberError are raised where the work, in
bits of the operand or of the result's exponent, is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

from gdcli.errors import UndefinedError
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import NumberSystem, TinyNumberError

MAXIMUM_BITS = 14_000  # of a fraction: as many decimal digits as Python turns into text
MOST_FRACTION_BITS = 300_000  # of a fraction on the way
MOST_FRACTION_WORK = 4e11  # in bits squared: about 3 seconds
MOST_EXPONENT_BITS = 150_000  # of a result's exponent: 2^2^150000, and a few 10 ms of work
LARGE_ARGUMENT_BITS = 64  # exp(-2^64) is beside 1 below every digit


class Irrational:
    """A constant that is no fraction; what meets it is refused by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


def _fraction(number: Decimal) -> Fraction:
    return Fraction(number.coefficient) * Fraction(10) ** number.exponent


def _bits(a: Fraction) -> int:
    return max(a.numerator.bit_length(), a.denominator.bit_length())


def rational(number: Any) -> Fraction:
    """`number` itself. Raises UndefinedError for an irrational one and for one that is too long."""
    found = _not_irrational(number)
    if excess_bits(found):
        raise too_long(_bits(found))
    return found


def _not_irrational(number: Any) -> Fraction:
    if isinstance(number, Irrational):
        raise UndefinedError(f"{number} is not rational")
    found: Fraction = number
    return found


def excess_bits(number: Fraction) -> int:
    """By how many bits a fraction is too long to be turned into text."""
    return max(0, _bits(number) - MAXIMUM_BITS)


def too_long(bits: int) -> UndefinedError:
    """The error of a fraction of so many bits."""
    return UndefinedError(f"a fraction of about {bits * 3 // 10:,} digits is too long to be exact")


def _arithmetic(number: Callable[[int], Any]) -> dict[str, Callable[..., Any]]:
    """The operations that fractions and mpmath's numbers share; `number` makes one of an int."""
    return {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "unary-minus": lambda a: -a,
        "abs": abs,
        "sign": lambda a: number((a > 0) - (a < 0)),
        "min": min,
        "max": max,
        "tie-count": lambda y, *values: number(values.count(y)),
    }


def fractions(most_bits: int, work: float = inf) -> NumberSystem:
    """Fractions of at most so many bits, with which only so much work, in bits squared, is done."""
    left = work

    def spend(bits: int) -> None:
        nonlocal left
        left -= bits * bits
        if bits > most_bits or left < 0:
            raise too_long(bits)

    def counted(operation: Callable[..., Fraction]) -> Callable[..., Fraction]:
        def call(*operands: Any) -> Fraction:
            result = operation(*map(_not_irrational, operands))
            spend(_bits(result))
            return result

        return call

    def integer_power(a: Fraction, b: Fraction) -> Fraction:
        bits = _bits(a) * abs(int(b))
        if _bits(a) > 1 and (bits > most_bits or bits * bits > left):
            raise too_long(bits)
        return a ** int(b)

    operations = {**_arithmetic(Fraction), "pow-integer": integer_power}
    return NumberSystem(
        "rational",
        _fraction,
        {"pi": Irrational("pi"), "e": Irrational("e")},
        {name: counted(operation) for name, operation in operations.items()},
        rational if most_bits == MAXIMUM_BITS else _not_irrational,
    )


FRACTIONS = fractions(MAXIMUM_BITS)


def digits(count: int) -> NumberSystem:
    """The real numbers of `count` decimal digits, mpmath's."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = count

    def real(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        bits = EXPONENT_BITS.get(name)

        def checked(*operands: Any) -> Any:
            if name in SATURATED and SATURATED[name](context, operands[0]):
                return context.sign(operands[0])
            if bits is not None and bits(context, *operands) > MOST_EXPONENT_BITS:
                if name in VANISHING and VANISHING[name](context, *operands):
                    raise TinyNumberError("too small")
                raise OverflowError("too large")
            result = operation(*operands)
            if not isinstance(result, context.mpf) or not context.isfinite(result):
                raise ValueError("no real number")
            return result

        return checked

    def cube_root(a: Any) -> Any:
        return context.cbrt(a) if a >= 0 else -context.cbrt(-a)

    def number(decimal: Decimal) -> Any:
        scale = 10 ** abs(decimal.exponent)
        whole = context.mpf(decimal.coefficient)
        return whole * scale if decimal.exponent >= 0 else whole / scale

    names = "exp log expm1 log1p sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
    names = f"{names} atanh hypot erf erfc"
    operations = {name: getattr(context, name) for name in names.split()}
    operations |= _exponentials(context) | _gamma_functions(context)
    operations["log2"] = lambda a: context.log(a, 2)
    operations["log10"] = lambda a: context.log(a, 10)
    operations["cbrt"] = cube_root
    operations["erfc"] = partial(_erfc, context, operations["exp"])
    power = partial(_power, context, operations["exp"])
    operations |= {"pow-integer": power, "pow-general": power}
    operations["logsumexp"] = _logsumexp(context, operations["exp"])
    operations = {name: real(name, operation) for name, operation in operations.items()}
    constants = {"pi": +context.pi, "e": +context.e}
    arithmetic = _arithmetic(context.mpf)
    return NumberSystem(f"{count}-digit", number, constants, {**arithmetic, **operations})


def _magnitude(context: Any, a: Any) -> int:
    """The bits before the point of a number; 0 where there are none."""
    return max(0, int(context.mag(a))) if a else 0


def _bits_of_power(context: Any, a: Any, b: Any) -> int:
    """The bits of b·log2|a|, the exponent of a power."""
    beside = abs(a) - 1
    if not a or not b or not beside:
        return 0
    # log2|a| is at most 3·(|a| - 1) in size beside 1, and else less than the exponent of a and 1
    if context.mag(beside) < -2:
        return max(0, int(context.mag(b) + context.mag(beside)) + 2)
    return max(0, int(context.mag(b)) + abs(int(context.mag(a))).bit_length() + 1)


# The primitives that grow or turn so fast that their operands' size is work, and the bits of it.
EXPONENT_BITS: dict[str, Callable[..., int]] = {
    **dict.fromkeys(("exp", "expm1", "sin", "cos", "tan", "sinh", "cosh"), _magnitude),
    **dict.fromkeys(("pow-integer", "pow-general"), _bits_of_power),
    "gamma": lambda context, a: 4 * _magnitude(context, a),
    "erfc": lambda context, a: 2 * _magnitude(context, a),
    "tanh-slope": _magnitude,
}
VANISHING: dict[str, Callable[..., bool]] = {  # whether the result is small where that is too much
    "exp": lambda _, a: bool(a < 0),
    **dict.fromkeys(("pow-integer", "pow-general"), lambda _, a, b: bool((abs(a) < 1) == (b > 0))),
    "gamma": lambda _, a: bool(a < 0),
    "erfc": lambda _, a: bool(a > 0),
    "tanh-slope": lambda *_: True,
}


def _is_large(context: Any, a: Any) -> bool:
    return bool(context.mag(a) > LARGE_ARGUMENT_BITS)


SATURATED: dict[str, Callable[..., bool]] = {  # whether the result is 1 or -1, to every digit
    **dict.fromkeys(("tanh", "erf"), _is_large),
    "expm1": lambda context, a: a < 0 and _is_large(context, a),
}


def _exponentials(context: Any) -> dict[str, Callable[..., Any]]:
    """exp and its kin, quick at any argument: mpmath multiplies e with itself at a large integer,
    and no argument with a large exponent is anything else."""

    def exp(a: Any) -> Any:
        bits = context.mag(a)
        if bits < LARGE_ARGUMENT_BITS:
            return context.exp(a)
        with context.workprec(context.prec + 20 + bits):
            power = context.nint(a / context.ln2)
            rest = a - power * context.ln2
        return context.ldexp(context.exp(rest), int(power))

    def beyond(name: str, half: bool) -> Callable[[Any], Any]:
        function = getattr(context, name)

        def call(a: Any) -> Any:
            if context.mag(a) < LARGE_ARGUMENT_BITS:
                return function(a)
            size = context.ldexp(exp(abs(a)), -1) if half else exp(a)
            return -size if name == "sinh" and a < 0 else size

        return call

    def tanh_slope(a: Any) -> Any:
        with context.workprec(context.prec + 20):
            small = exp(-2 * abs(a))
            slope = 4 * small / (1 + small) ** 2
        return +slope

    return {
        "exp": exp,
        "tanh-slope": tanh_slope,
        "expm1": beyond("expm1", half=False),
        "sinh": beyond("sinh", half=True),
        "cosh": beyond("cosh", half=True),
    }


def _power(context: Any, exp: Callable[[Any], Any], a: Any, b: Any) -> Any:
    """a^b to the last digit: mpmath's own loses as many bits as b·log(a) has before the point."""
    whole = context.isint(b)
    if not a and context.mag(b) >= 64:
        return context.mpf(0) if b > 0 else 1 / a
    if not a or not b or (a < 0 and not whole) or (whole and context.mag(b) < 64):
        return context.power(a, int(b) if whole else b)
    with context.workprec(context.prec + 20):
        exponent = b * context.log(abs(a))
    with context.workprec(context.prec + 20 + _magnitude(context, exponent)):
        size = exp(b * context.log(abs(a)))
    return +(-size if a < 0 and not context.isint(b / 2) else size)


def _logsumexp(context: Any, exp: Callable[[Any], Any]) -> Callable[..., Any]:
    """log Σ exp to the last digit, also where it cancels against the greatest value."""

    def rounded(*values: Any) -> Any:
        first, *others = sorted(values, reverse=True)
        near = [one for one in others if context.mag(one - first) <= MOST_EXPONENT_BITS]
        if len(near) < len(others) and not near and not first:
            raise TinyNumberError("too small")
        bits = 20 + max((_magnitude(context, one - first) for one in near), default=0)
        while True:
            with context.workprec(context.prec + bits):
                beside = context.log1p(context.fsum(exp(one - first) for one in near))
                value = context.fadd(first, beside)
            lost = context.mag(first) - context.mag(value) if first and value else 0
            if near and (lost > bits - 10 or (first and not value)):
                bits += 20 + max(lost, bits)
            else:
                return +value

    return rounded


def _erfc(context: Any, exp: Callable[[Any], Any], a: Any) -> Any:
    """erfc(a), also where exp(-a²) is beyond what mpmath's own can reach.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 7.1.23.
    """
    if a <= 0 or context.mag(a) < LARGE_ARGUMENT_BITS:
        return context.erfc(a)
    with context.workprec(context.prec + 20):
        total = term = context.mpf(1)
        k = 1
        while context.mag(term) > -context.prec:  # each is 2^-120 of the one before
            term *= -(2 * k - 1) / (2 * a * a)
            total += term
            k += 1
    with context.workprec(context.prec + 20 + 2 * context.mag(a)):
        square = a * a
    with context.workprec(context.prec + 20):
        value = exp(-square) * total / (a * context.sqrt(context.pi))
    return +value


def _gamma_functions(context: Any) -> dict[str, Callable[..., Any]]:
    """mpmath's functions, made quick at any argument and any number of digits, and right to the
    last of them beside roots, where terms cancel."""

    def is_tiny(a: Any) -> bool:
        """Whether 1 + a is 1: mpmath has such values of gamma and lgamma at once."""
        return bool(context.mag(a) < -context.prec)

    def steps(a: Any) -> range:
        """To so large an argument that few terms of Stirling's series are needed."""
        few = context.prec <= 1000 or abs(a) >= context.prec or is_tiny(a)
        return range(0 if few else context.prec)

    def gamma(a: Any) -> Any:
        return context.gamma(a + len(steps(a))) / context.fprod(a + k for k in steps(a))

    def lgamma(a: Any) -> Any:
        passed = context.log(abs(context.fprod(a + k for k in steps(a))))
        return context.loggamma(a + len(steps(a))).real - passed

    def psi(n: int, a: Any) -> Any:
        """The derivative n >= 1 of digamma at a > 0; mpmath makes an integer of a large one."""
        if context.mag(a) > context.prec + n.bit_length():
            return (1 if n % 2 else -1) * context.factorial(n - 1) / a**n
        return context.psi(n, a)

    def polygamma(order: Any, a: Any) -> Any:
        n = int(order)
        if n == 0 and is_tiny(a):
            return -context.euler - 1 / a
        if n == 0:
            return context.digamma(a + len(steps(a))) - context.fsum(1 / (a + k) for k in steps(a))
        if a > 0:
            return psi(n, a)
        # the sum over all integers less those beyond; mpmath would take a step for each between
        r, sign = a - context.nint(a), 1 if n % 2 else -1
        if sign < 0 and abs(r) == 0.5:
            return context.psi(n, 1 - a)  # the sum is 0
        others = psi(n, 1 - r) - psi(n, 1 - a)
        return sign * (context.factorial(n) / r ** (n + 1) + others) + context.psi(n, 1 + r)

    def guarded(function: Callable[..., Any], size: Callable[..., int]) -> Callable[..., Any]:
        """With more digits, by the size in bits of the terms that may cancel; 0 where none do."""

        def rounded(*operands: Any) -> Any:
            bits = size(*operands)
            with context.workprec(context.prec + bits + 20):
                value = function(*operands)
            if bits and value and context.mag(value) < 0:
                with context.workprec(context.prec + bits + 20 - context.mag(value)):
                    value = function(*operands)
            return +value

        return rounded

    def size_of_order(order: Any, a: Any) -> int:
        n = int(order)
        return 0 if n and a > 0 else int(context.mag(context.factorial(n))) + n + 12

    def size_of_logarithm(a: Any) -> int:
        return 12 if a > 0 or context.isint(a) else _magnitude(context, a) + 12

    derivatives = guarded(polygamma, size_of_order)
    return {
        "gamma": guarded(gamma, lambda _: 0),
        "lgamma": guarded(lgamma, size_of_logarithm),
        "digamma": partial(derivatives, 0),
        "polygamma": derivatives,
    }


def decimal_text(number: Any, count: int) -> str:
    """`number`, of more than `count` digits, rounded to so many: `0.3333333333`, `25`, `1.5e-30`.

    Final zeros are written where they are digits of a number that goes on behind them.
    """
    from mpmath.libmp import dps_to_prec, mpf_pos, to_str

    longer = count + 10
    # Rounded first: of a number of thousands of digits `to_str` would write out all of them.
    rounded = mpf_pos(number._mpf_, dps_to_prec(longer + 5), "n")
    short: str = to_str(rounded, count)
    if short == to_str(rounded, longer):
        return short.removesuffix(".0").replace(".0e", "e")
    padded: str = to_str(rounded, count, strip_zeros=False)
    return padded.removesuffix(".")
