"""SymPy's formulas as text: in our own language, drawn in Unicode, or as LaTeX.

Comes in: the Symbolic of a tape. Goes out: a text for each partial derivative, simplified where
that is not too much work. In our language Heaviside and Piecewise become `ifelse`, a value that is
none 1/0, and the text reads back to the same function; UndefinedError says what it cannot write.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.str import StrPrinter

from gdcli.autodiff.tape import Tape
from gdcli.derivatives.symbolic import Symbolic
from gdcli.errors import UndefinedError

LANGUAGE_NAMES = {"Abs": "abs", "Max": "max", "Min": "min", "loggamma": "lgamma"}


def written(tape: Tape, style: str) -> Iterator[list[str]]:
    """The formulas of the tape's gradient; then, where that is not too much work, simplified."""
    symbolic = Symbolic(tape)
    yield texts(symbolic.gradient, style)
    if symbolic.simplified is not None:
        yield texts(symbolic.simplified, style)


def formulas(symbolic: Symbolic, style: str = "text") -> list[str]:
    """The gradient's formulas, simplified where that is not too much work."""
    return texts(symbolic.simplified or symbolic.gradient, style)


def texts(formulas: Sequence[Any], style: str) -> list[str]:
    """The formulas in one of FORMULA_STYLES, or `ascii`: drawn in ASCII alone."""
    printers: dict[str, Callable[[Any], str]] = {
        "text": lambda one: str(Printer().doprint(one)),
        "unicode": lambda one: str(sympy.pretty(one, use_unicode=True)),
        "ascii": lambda one: str(sympy.pretty(one, use_unicode=False)),
        "latex": lambda one: str(sympy.latex(one)),
    }
    return [printers[style](one) for one in formulas]


class Printer(StrPrinter):  # type: ignore[misc]
    """SymPy's printer with our language's spelling; SymPy calls its methods by name."""

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: ARG002
        if expr.exp == sympy.S.Half:
            return f"sqrt({self._print(expr.base)})"
        if expr.exp == -sympy.S.Half:
            return f"1/sqrt({self._print(expr.base)})"
        if expr.exp == -1:
            return f"1/{self.parenthesize(expr.base, precedence(expr), strict=False)}"
        base, exponent = expr.base, expr.exp
        power = self.parenthesize(exponent, precedence(expr), strict=False)
        return f"{self.parenthesize(base, precedence(expr), strict=False)}^{power}"

    def _print_Infinity(self, expr: Any) -> str:  # noqa: ARG002
        return "1/0"  # no value there

    _print_NegativeInfinity = _print_ComplexInfinity = _print_NaN = _print_Infinity

    def _print_Exp1(self, expr: Any) -> str:  # noqa: ARG002
        return "e"

    def _print_EulerGamma(self, expr: Any) -> str:  # noqa: ARG002
        return "(-digamma(1))"

    def _print_zeta(self, expr: Any) -> str:
        order = int(expr.args[0]) - 1  # SymPy makes it of polygamma(order, 1)
        sign = "" if order % 2 else "-"
        return f"({sign}polygamma({order}, 1)/{math.factorial(order)})"

    def _print_polygamma(self, expr: Any) -> str:
        order, argument = expr.args
        name = f"polygamma({order}, " if order else "digamma("
        return f"{name}{self._print(argument)})"

    def _print_Function(self, expr: Any) -> str:
        name = expr.func.__name__
        arguments = ", ".join(map(self._print, expr.args))
        return f"{LANGUAGE_NAMES.get(name, name)}({arguments})"

    _print_Abs = _print_Max = _print_Min = _print_Function

    def _print_Heaviside(self, expr: Any) -> str:
        inner = self._print(expr.args[0])
        return f"ifelse({inner} > 0, 1, ifelse({inner} < 0, 0, 1/2))"

    def _print_DiracDelta(self, expr: Any) -> str:  # noqa: ARG002
        return "0"  # a jump has slope 0, as in the table

    def _print_Piecewise(self, expr: Any) -> str:
        *pieces, (last, condition) = expr.args
        if condition != sympy.true:
            raise UndefinedError("SymPy's formula does not say what holds elsewhere")
        text = str(self._print(last))
        for value, condition in reversed(pieces):
            text = self._where(condition, str(self._print(value)), text)
        return text

    def _where(self, condition: Any, there: str, elsewhere: str) -> str:
        if isinstance(condition, sympy.And):
            for one in condition.args:
                there = self._where(one, there, elsewhere)
            return there
        if isinstance(condition, sympy.Or):
            for one in condition.args:
                elsewhere = self._where(one, there, elsewhere)
            return elsewhere
        if not isinstance(condition, sympy.core.relational.Relational):
            raise UndefinedError(f"the language has no way to write {condition}")
        left, right = self._print(condition.lhs), self._print(condition.rhs)
        return f"ifelse({left} {condition.rel_op} {right}, {there}, {elsewhere})"
