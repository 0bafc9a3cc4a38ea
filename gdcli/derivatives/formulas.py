"""SymPy's formulas as text: in our own language, drawn in Unicode, or as LaTeX.

Comes in: the Symbolic of a tape. Goes out: a text for each partial derivative, simplified where
that is not too much work. In our language Heaviside and Piecewise become `ifelse`, a value that is
none 1/0, and the text reads back to the same function; UndefinedError says what it cannot write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy

from gdcli.autodiff.tape import Tape
from gdcli.derivatives.symbolic import Symbolic
from gdcli.functions.sympy_expressions import Printer


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
