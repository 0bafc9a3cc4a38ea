"""A gradient as formulas that SymPy makes, in a process with limits: their sizes, texts and values.

Comes in: a Tape. Goes out: `SymbolicGradient`, whose formulas run as Python source, or texts. SymPy
is imported by that process alone. Raises UndefinedError for what SymPy cannot do, UsageError for
what takes it too long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from gdcli.autodiff.tape import Tape
from gdcli.errors import UsageError
from gdcli.execute.limited_process import CPU_SECONDS, MEMORY_BYTES, limited_answers
from gdcli.numbers.floats import FLOAT, sign

LAMBDIFIED = "_lambdifygenerated"  # what SymPy calls the functions that it writes
LIMITS = f"{CPU_SECONDS} CPU seconds or {MEMORY_BYTES // 10**6} MB"


class SymbolicGradient:
    """The formulas of a gradient, of `size` operations, and their Python `source`."""

    def __init__(self, tape: Tape) -> None:
        found = limited_answers("gdcli.derivatives.symbolic:described", tape).answers
        if not found:
            raise too_much()
        self.tape = tape
        self.size: int
        self.source: list[str]
        self.size, self.source = found[0]

    @cached_property
    def simplified_size(self) -> int | None:
        """How many operations are left by `sympy.simplify`; None where that is too much work."""
        found = limited_answers("gdcli.derivatives.symbolic:simplified_size", self.tape).answers
        return found[0] if found else None

    @cached_property
    def evaluate(self) -> Callable[[Sequence[float]], list[float]]:
        """The gradient as a function of floats; nan where a formula has no finite value."""
        return evaluating(self.source)


def too_much() -> UsageError:
    return UsageError(
        f"SymPy takes more than {LIMITS} for the formulas of this gradient;"
        " at a point, reverse mode needs none"
    )


def formula_texts(tape: Tape, style: str) -> tuple[list[str], str]:
    """The texts of the gradient's formulas in a style of `formulas`, and a note or nothing."""
    found = limited_answers("gdcli.derivatives.formulas:written", tape, style)
    if not found.answers:
        raise too_much()
    late = f"not simplified: that takes SymPy more than {LIMITS}"
    return found.answers[-1], "" if found.complete else late


def formula_sizes(tapes: Sequence[Tape]) -> list[int | None]:
    """The sizes of the tapes' gradients; None from the first on that alone takes too long."""
    sizes: list[int | None] = []
    while len(sizes) < len(tapes):
        found = limited_answers("gdcli.derivatives.symbolic:sizes", tapes[len(sizes) :]).answers
        sizes += found or [None] * (len(tapes) - len(sizes))
    return sizes


def evaluating(source: Sequence[str]) -> Callable[[Sequence[float]], list[float]]:
    """The formulas that are written as Python source, as one function of a point."""
    made = []
    for text in source:
        names: dict[str, Any] = {**vars(math), **LAMBDIFY_FUNCTIONS}
        exec(compile(text, "<formula>", "exec"), names)
        made.append(names[LAMBDIFIED])

    def evaluate(point: Sequence[float]) -> list[float]:
        return [_real(one, point) for one in made]

    return evaluate


def _real(function: Callable[..., Any], point: Sequence[float]) -> float:
    try:
        value = function(*point)
        return float(value) if not isinstance(value, complex) else math.nan
    except (ArithmeticError, ValueError, TypeError):
        return math.nan


def _zeta(s: int) -> float:
    """ζ(s), which SymPy makes of polygamma(s - 1, 1)."""
    value: float = FLOAT.operations["polygamma"](s - 1, 1.0)
    return abs(value) / math.factorial(s - 1)


LAMBDIFY_FUNCTIONS: dict[str, Callable[..., float]] = {
    "sign": sign,
    "Abs": abs,
    "Max": max,
    "Min": min,
    "Heaviside": lambda a, there=0.5: there if a == 0.0 else float(a > 0.0),
    "polygamma": FLOAT.operations["polygamma"],
    "zeta": _zeta,
    "DiracDelta": lambda a: 0.0,  # a jump has slope 0, as in the table  # noqa: ARG005
}
