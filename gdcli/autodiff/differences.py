"""Finite differences: formulas of any number of points, and the step to take with each.

Comes in: how many points, and of which kind. Goes out: a Formula, f'(x) ≈ Σ wⱼ f(x + sⱼh) / h with
whole offsets sⱼ, whose weights are derived, not copied: they solve Σ wⱼ sⱼᵏ = [k = 1] exactly,
in fractions, so that the formula is right for every polynomial up to its order p. Its error is
C·hᵖ·|f⁽ᵖ⁺¹⁾| from truncation and S·ε·|f|/h from rounding, C and S being known of the weights too.

Source: Fornberg, Generation of finite difference formulas on arbitrarily spaced grids, Math. Comp.
51 (1988) 699; Björck and Pereyra, Solution of Vandermonde systems, Math. Comp. 24 (1970) 893.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import factorial, frexp, lcm
from typing import TYPE_CHECKING

from gdcli.errors import UsageError
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

UNIT_ROUNDOFF = 2.0**-53  # the largest relative error of one rounding
MAXIMUM_POINTS = 31
FORWARD, CENTRAL = "forward-difference", "central-difference"
FEWEST_POINTS = {FORWARD: 2, CENTRAL: 3}  # of the formula that everyone knows


class Formula(NamedTuple):
    """f'(x) ≈ Σ weights·f(x + offsets·h) / h, points of weight 0 left out.

    `order` is p, `truncation` C and `rounding` S, as in the module's docstring.
    """

    offsets: tuple[int, ...]
    weights: tuple[Fraction, ...]
    order: int
    truncation: Fraction
    rounding: Fraction


@cache
def formula(kind: str, points: int | None = None) -> Formula:
    """The formula of a kind with so many points; the fewest where None.

    A forward difference uses x, x + h, ..., x + (N-1)h and is of order N - 1. A central one uses
    x - mh, ..., x + mh with N = 2m + 1, of which the point x itself has weight 0, and is of order
    N - 1 too. Raises UsageError for a number of points that the kind cannot have.
    """
    count = FEWEST_POINTS[kind] if points is None else points
    odd = kind == CENTRAL
    if not FEWEST_POINTS[kind] <= count <= MAXIMUM_POINTS or (odd and count % 2 == 0):
        allowed = "an odd number of points" if odd else "points"
        raise UsageError(
            f"{kind} takes {allowed} from {FEWEST_POINTS[kind]} to {MAXIMUM_POINTS}, not {count}"
        )
    offsets = range(-(count // 2), count // 2 + 1) if odd else range(count)
    pairs = zip(offsets, weights(offsets), strict=True)
    return _described([(offset, weight) for offset, weight in pairs if weight])


def weights(offsets: Sequence[int]) -> list[Fraction]:
    """The exact weights with which values at `offsets` give the first derivative at 0, spacing 1.

    They solve the Vandermonde system Σ wⱼ sⱼᵏ = [k = 1], k = 0 ... n-1, by Björck and Pereyra's
    algorithm (Golub and Van Loan, Matrix Computations, 4.6.2).
    """
    from fractions import Fraction

    n = len(offsets)
    found = [Fraction(k == 1) for k in range(n)]
    for k in range(n - 1):
        for i in range(n - 1, k, -1):
            found[i] -= offsets[k] * found[i - 1]
    for k in range(n - 2, -1, -1):
        for i in range(k + 1, n):
            found[i] /= offsets[i] - offsets[i - k - 1]
        for i in range(k, n - 1):
            found[i] -= found[i + 1]
    return found


def _described(pairs: Sequence[tuple[int, Fraction]]) -> Formula:
    """The Formula of offsets and weights, with its order and the sizes of its errors."""

    def moment(k: int) -> Fraction:
        return sum((weight * offset**k for offset, weight in pairs), start=pairs[0][1] * 0)

    order = 1
    while not moment(order + 1):
        order += 1
    offsets, values = zip(*pairs, strict=True)
    truncation = abs(moment(order + 1)) / factorial(order + 1)
    return Formula(offsets, values, order, truncation, sum(map(abs, values[1:]), abs(values[0])))


def recommended_step(rule: Formula, x: float) -> float:
    """The h at which truncation and rounding together are least, for f of ordinary scale.

    The error E(h) = C·hᵖ·|f⁽ᵖ⁺¹⁾| + S·ε·|f|/h has E' = 0 at hᵖ⁺¹ = S·ε·|f| / (p·C·|f⁽ᵖ⁺¹⁾|).
    The derivative is not known beforehand; where f is analytic within a distance L it is at most
    about (p+1)!·|f|/Lᵖ⁺¹ (Cauchy's estimate), and L is taken to be max(1, |x|). So
    h = L·(S·ε / (p·C·(p+1)!))^(1/(p+1)): with ε = 2⁻⁵³ that is L·√(2ε) = 2⁻²⁶·L for the forward
    difference and L·∛(ε/2) = 2⁻¹⁸·L for the central one. It is rounded to the nearest power of 2,
    so that x + h is exact. Source: Press et al., Numerical Recipes (2007), section 5.7; Gill,
    Murray and Wright, Practical Optimization (1981), section 8.6; Ahlfors, Complex Analysis
    (1979), 4.2.3.
    """
    p = rule.order
    balance = float(rule.rounding / (p * rule.truncation * factorial(p + 1))) * UNIT_ROUNDOFF
    step = balance ** (1.0 / (p + 1)) * max(1.0, abs(x))
    mantissa, exponent = frexp(step)  # step is mantissa·2^exponent, mantissa from 1/2 to 1
    return float(2.0 ** (exponent - (mantissa < 0.5**0.5)))


def gradient(
    f: Callable[[list[float]], float],
    point: Sequence[float],
    rule: Formula,
    steps: Sequence[float],
    value: float,
) -> list[float]:
    """The gradient by n differences, of step hᵢ in variable i; `value` is f(point).

    Weights are whole numbers over one denominator, so that the formulas round as one writes them:
    (f(x + h) - f(x))/h, (f(x + h) - f(x - h))/(2h).
    """
    denominator = lcm(*(weight.denominator for weight in rule.weights))
    factors = [float(weight * denominator) for weight in rule.weights]
    found = []
    for i, h in enumerate(steps):
        total = 0.0
        for offset, factor in zip(rule.offsets, factors, strict=True):
            moved = [*point[:i], point[i] + offset * h, *point[i + 1 :]]
            total += factor * (f(moved) if offset else value)
        found.append(total / (denominator * h))
    return found
