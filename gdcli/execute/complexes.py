"""Complex numbers for the interpreter: each primitive continued analytically from the real line.

At x + ih a function that is real on the real line is f(x) + ih·f'(x) up to h², so that the
imaginary part over h is the derivative, with no difference of nearly equal numbers. That asks of
each primitive that its imaginary part be right to the last digits for an h of 1e-200: `cmath`
keeps that for most, the others are spelt here by modulus and phase or by published formulas; none
uses a rule of the table. What is decided by order or sign is decided by real parts. Outside the
real function's domain, and at its edges, an operation raises ValueError or ZeroDivisionError.

Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM
Review 40 (1998) 110; Martins, Sturdza and Alonso, ACM Trans. Math. Softw. 29 (2003) 245.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from gdcli.execute.numbers import CONSTANTS, NumberSystem, sign, to_float

Number = complex | float
STEP = 1e-200  # its square is lost beside anything; the derivative may be as small as 1e-120


def _within(holds: Callable[[float], bool], operation: Callable[[Number], Number]) -> Callable[..., Number]:
    """The operation where the real one is defined and has a slope."""

    def guarded(a: Number) -> Number:
        if not holds(a.real) and (a.imag or not holds_at_edge(a.real)):
            raise ValueError("outside the domain of the real function, or at its edge")
        return operation(a)

    def holds_at_edge(x: float) -> bool:
        return not math.isnan(abs(operation(x).imag)) and operation(x).imag == 0.0

    return guarded
