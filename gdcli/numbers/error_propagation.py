"""How far a primitive's value can move when its operands do: one rigorous formula a primitive.

Comes in: the value y of a primitive at the operands a (and b), and how far each operand may be off.
Goes out: how far the true value may be from y, not counting the primitive's own rounding; inf
where the operands may reach a pole or leave the domain. The formulas are bounds over the whole
interval, not its first derivative, so they hold for wide intervals too. `m` has the functions of
`math`, in floats or in mpmath's numbers; where they raise, nothing can be said.
"""

# ruff: noqa: ARG005 - every formula takes the same arguments, and few need them all

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

ErrorRule = Callable[..., Any]  # (m, y, a, error of a[, b, error of b]) -> error of y


def _shrink(m: Any, a: Any, error: Any) -> Any:
    """How much log(a) may fall: log(a) - log(a - error)."""
    return -m.log1p(-error / a) if error < a else m.inf


FAR = 1000  # from 0, where a function may round its operand's error away
SLACK = 1 - 2.0**-20  # of an exponent that is far: more than it rounds


def _exponential(m: Any, y: Any, a: Any, error: Any) -> Any:
    """How far y = exp(a) can move with a: where y has underflowed, as far as exp(a + error)."""
    return abs(y) * m.expm1(error) if error < 1 else m.exp(a + error + abs(a) * (1 - SLACK))


def _hyperbolic(slope: str) -> ErrorRule:
    def rule(m: Any, y: Any, a: Any, error: Any) -> Any:
        if abs(a) + error < FAR:
            return error * getattr(m, slope)(abs(a) + error)
        return _exponential(m, y, abs(a), error)

    return rule


def _sqrt(m: Any, y: Any, a: Any, error: Any) -> Any:
    return error / (y + m.sqrt(a - error)) if a > error else m.sqrt(max(a, 0) + error)


def _cbrt(m: Any, _: Any, a: Any, error: Any) -> Any:
    nearest = abs(a) - error
    return error / (3 * m.cbrt(nearest) ** 2) if nearest > 0 else 2 * m.cbrt(error)


def _tan(m: Any, y: Any, _: Any, error: Any) -> Any:
    moved = m.tan(error) if error < 1 else m.inf
    return moved * (1 + y * y) / (1 - abs(y) * moved) if abs(y) * moved < 1 else m.inf


def _arc(m: Any, _: Any, a: Any, error: Any) -> Any:
    gap = (1 - abs(a)) - error
    if gap > 0:
        return error / m.sqrt(gap)  # (1 - a)*(1 + a) >= gap
    return m.pi * m.sqrt(error)  # from acos(1 - t) = 2*asin(sqrt(t/2)) <= pi*sqrt(t/2)


def _acosh(m: Any, _: Any, a: Any, error: Any) -> Any:
    gap = (a - 1) - error
    return error / m.sqrt(gap * (gap + 2)) if gap > 0 else m.sqrt(2 * error)


def _atanh(m: Any, _: Any, a: Any, error: Any) -> Any:
    gap = (1 - abs(a)) - error
    return error / gap if gap > 0 else m.inf


def _nearest(a: Any, error: Any) -> Any:
    return max(abs(a) - error, 0)


def _atan2(m: Any, _: Any, a: Any, da: Any, b: Any, db: Any) -> Any:
    moved, radius = m.hypot(da, db), m.hypot(a, b)
    across = b < db and abs(a) <= da and da > 0  # the cut, where the value jumps by 2 pi
    return 2 * m.pi if across or moved >= radius else m.pi / 2 * moved / radius


def _quotient(m: Any, y: Any, _: Any, da: Any, b: Any, db: Any) -> Any:
    return (da + abs(y) * db) / (abs(b) - db) if abs(b) > db else m.inf


def _product(_m: Any, _: Any, a: Any, da: Any, b: Any, db: Any) -> Any:
    return (abs(a) * db if db else 0) + (abs(b) * da if da else 0) + (da * db if da and db else 0)


def _tanh(m: Any, _y: Any, a: Any, error: Any) -> Any:
    nearest = _nearest(a, error)
    if nearest > 300:  # 1/cosh(t)^2 and 1 - tanh(t) are no more
        return 4 * min(error, 1) * m.exp(-2 * nearest * SLACK)
    return min(error / m.cosh(nearest) ** 2, 2)


def _erf(m: Any, _y: Any, a: Any, error: Any) -> Any:
    nearest = _nearest(a, error)
    # 2/sqrt(pi) < 1.13, and erfc(t) <= exp(-t^2) for t >= 0
    return min(error * 1.13, 2) * m.exp(-(nearest**2) * (SLACK if nearest > FAR else 1))


def _erfc(m: Any, y: Any, a: Any, error: Any) -> Any:
    if a > FAR and 2 * a * error < 1:  # exp(-a^2) is at most erfc(a)*(a + 1)*sqrt(pi)
        return error * (2 * a + 3) * abs(y) * m.exp(2 * a * error)
    return _erf(m, y, a, error)


def _extremum(_m: Any, y: Any, *pairs: Any) -> Any:
    """The largest error among the operands that the extremum may be."""
    operands = list(zip(pairs[::2], pairs[1::2], strict=True))
    own = max(error for a, error in operands if a == y)
    return max(error for a, error in operands if abs(a - y) <= 2 * (error + own))


def _from_pole(a: Any, error: Any) -> Any:
    """How far all that a may be is from 0, -1, -2, ...; not above 0 where it may be one of them."""
    return (a if a > 0 else abs(a - round(a))) - error


def _digamma_limit(m: Any, a: Any, error: Any) -> Any:
    """|ψ| is at most 1/d + |ψ(1 + |t|)|, d from the nearest pole, and the latter so much."""
    away = _from_pole(a, error)
    return 1 / away + 0.58 + m.log1p(abs(a) + error) if away > 0 else m.inf


def _polygamma(m: Any, _y: Any, order: Any, _: Any, a: Any, error: Any) -> Any:
    n, away = int(order) + 1, _from_pole(a, error)
    if not away > 0:
        return m.inf
    # |ψ_n| is n!·Σ 1/|t + k|^(n+1): the first term and an integral, or all integers k
    sums = away ** -(n + 1) + away**-n / n if a > 0 else 4.3 * away ** -(n + 1)
    return error * factorial(n) * sums


def _integer_power(m: Any, y: Any, a: Any, da: Any, b: Any, _: Any) -> Any:
    if da < abs(a):
        growth = m.log1p(da / abs(a)) if b > 0 else _shrink(m, abs(a), da)
        moved = abs(b) * growth
        return _exponential(m, y, b * m.log(abs(a)) if moved >= 1 else 0, moved)
    return _power_bound(m, abs(a) + da, b) if b > 0 else m.inf


def _power_bound(m: Any, base: Any, exponent: Any) -> Any:
    """base^exponent, of an exponent that numbers need not have as an integer, or more than that."""
    if exponent < 2**64:
        return base**exponent
    return base**2**64 if base < 1 else m.inf


def _power(m: Any, y: Any, a: Any, da: Any, b: Any, db: Any) -> Any:
    if db == 0 and (a < 0 or b == 0):
        return _integer_power(m, y, a, da, b, db) if b else 0
    if da < a:
        fall, log = _shrink(m, a, da), m.log(a)
        return _exponential(m, y, b * log, abs(b) * fall + db * (abs(log) + fall))
    largest = abs(a) + da
    if not b > db:
        return m.inf
    return _power_bound(m, largest, b - db) + _power_bound(m, largest, b + db)


ERROR_RULES: dict[str, ErrorRule] = {
    "+": lambda m, y, a, da, b, db: da + db,
    "-": lambda m, y, a, da, b, db: da + db,
    "*": _product,
    "/": _quotient,
    "unary-minus": lambda m, y, a, error: error,
    "pow-integer": _integer_power,
    "pow-general": _power,
    "exp": _exponential,
    "expm1": lambda m, y, a, error: _exponential(m, y + 1, a, error),
    "log": lambda m, y, a, error: _shrink(m, a, error),
    "log1p": lambda m, y, a, error: _shrink(m, 1 + a, error),
    "log2": lambda m, y, a, error: _shrink(m, a, error) / m.log(2),
    "log10": lambda m, y, a, error: _shrink(m, a, error) / m.log(10),
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "sin": lambda m, y, a, error: min(error, 2),
    "cos": lambda m, y, a, error: min(error, 2),
    "tan": _tan,
    "asin": _arc,
    "acos": _arc,
    "atan": lambda m, y, a, error: error / (1 + _nearest(a, error) ** 2),
    "atan2": _atan2,
    "sinh": _hyperbolic("cosh"),
    "cosh": _hyperbolic("sinh"),
    "tanh": _tanh,
    "asinh": lambda m, y, a, error: error / m.hypot(1, _nearest(a, error)),
    "acosh": _acosh,
    "atanh": _atanh,
    "abs": lambda m, y, a, error: error,
    "sign": lambda m, y, a, error: 0 if abs(a) > error else 2,
    "min": _extremum,
    "max": _extremum,
    "hypot": lambda m, y, a, da, b, db: m.hypot(da, db),
    "erf": _erf,
    "erfc": _erfc,
    "gamma": lambda m, y, a, error: abs(y) * m.expm1(error * _digamma_limit(m, a, error)),
    "lgamma": lambda m, y, a, error: error * _digamma_limit(m, a, error),
    "digamma": lambda m, y, a, error: _polygamma(m, y, 0, 0, a, error),
    "polygamma": _polygamma,
    "sigmoid": lambda m, y, a, error: min(error * m.exp(-min(_nearest(a, error), 700)), 1),
    "tanh-slope": lambda m, y, a, error: 2 * _tanh(m, y, a, error) * m.tanh(abs(a) + error),
    "softplus": lambda m, y, a, error: error * min(m.exp(min(a + error, 0)), 1),
    "logcosh": lambda m, y, a, error: error * m.tanh(abs(a) + error),
    "relu": lambda m, y, a, error: error if a + error > 0 else 0,
    "logaddexp": lambda m, y, a, da, b, db: max(da, db),
    "logsumexp": lambda m, y, *pairs: max(pairs[1::2]),
    "if-defined": lambda m, y, a, da, b, db: da,
    "tie-count": lambda m, y, *pairs: 0,  # whether values tie is a question of kinks
}
