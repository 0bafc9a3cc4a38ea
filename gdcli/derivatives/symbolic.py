"""SymPy's expressions as numbers: a tape becomes a formula, which SymPy differentiates.

Comes in: a Tape with one output. Goes out: `Symbolic`, the formula of the value and those of the
partial derivatives, as `sympy.diff` gives them and simplified, with their sizes; and a function of
floats. No rule of the table is used. A branch becomes a Piecewise. Raises UndefinedError for what
SymPy cannot do.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import sympy

from gdcli.autodiff.tape import Tape
from gdcli.derivatives.symbolic_gradient import LAMBDIFY_FUNCTIONS
from gdcli.errors import GdcliError, UndefinedError
from gdcli.functions.sympy_expressions import formula

MOST_SIMPLIFIED_OPERATIONS = 200  # of formulas that are simplified: the time grows fast


class Symbolic:
    """The value of a tape and its partial derivatives as formulas in its inputs, by name."""

    def __init__(self, tape: Tape) -> None:
        self.symbols = [sympy.Symbol(name, real=True) for name in tape.inputs]
        try:
            self.value = formula(tape, self.symbols)
            self.gradient = [sympy.diff(self.value, symbol) for symbol in self.symbols]
        except GdcliError:
            raise
        except (RecursionError, ValueError, TypeError, NotImplementedError) as error:
            reason = type(error).__name__ if isinstance(error, RecursionError) else error
            raise UndefinedError(f"SymPy cannot differentiate this formula: {reason}") from None

    @cached_property
    def simplified(self) -> list[Any] | None:
        """The gradient after `sympy.simplify`; None where it is too large for that."""
        if self.size > MOST_SIMPLIFIED_OPERATIONS:
            return None
        return [sympy.simplify(partial) for partial in self.gradient]

    @property
    def size(self) -> int:
        """How many operations the formulas of the gradient have together."""
        return size(self.gradient)

    @property
    def simplified_size(self) -> int | None:
        return None if self.simplified is None else size(self.simplified)

    @cached_property
    def source(self) -> list[str]:
        """The gradient as Python source: a function of the inputs for each partial derivative."""
        places = sympy.numbered_symbols("x", real=True, exclude=self.symbols)
        arguments = [next(places) for _ in self.symbols]  # a name need not be one of Python's
        renamed = dict(zip(self.symbols, arguments, strict=True))
        formulas = [partial.xreplace(renamed) for partial in self.gradient]
        names = [LAMBDIFY_FUNCTIONS, "math"]
        return [inspect.getsource(sympy.lambdify(arguments, one, names)) for one in formulas]


def size(formulas: Sequence[Any]) -> int:
    """How many operations the formulas have together, no sub-expression shared."""
    return sum(int(one.count_ops()) for one in formulas)


def described(tape: Tape) -> Iterator[Any]:
    """The size of the gradient and its source."""
    symbolic = Symbolic(tape)
    yield symbolic.size, symbolic.source


def simplified_size(tape: Tape) -> Iterator[int | None]:
    """The size of the gradient after simplification; None where it is too large for that."""
    yield Symbolic(tape).simplified_size


def sizes(tapes: Sequence[Tape]) -> Iterator[int]:
    """The sizes of the gradients of the tapes."""
    for tape in tapes:
        yield Symbolic(tape).size
