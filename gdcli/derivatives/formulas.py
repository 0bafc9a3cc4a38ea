"""SymPy's formulas as text: in our own language, drawn in Unicode, or as LaTeX.

Comes in: the Symbolic of a tape. Goes out: a text for each partial derivative, simplified where
that is not too much work. Raises UndefinedError for what the language cannot write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdcli.derivatives.symbolic import Symbolic


def formulas(symbolic: Symbolic, style: str = "text") -> list[str]:
    """The formulas of the gradient; `ascii` draws as `unicode` does, for poor terminals."""
    import sympy

    from gdcli.derivatives.language_printer import Printer

    printers: dict[str, Callable[[Any], str]] = {
        "text": lambda one: str(Printer().doprint(one)),
        "unicode": lambda one: str(sympy.pretty(one, use_unicode=True)),
        "ascii": lambda one: str(sympy.pretty(one, use_unicode=False)),
        "latex": lambda one: str(sympy.latex(one)),
    }
    return [printers[style](one) for one in symbolic.simplified or symbolic.gradient]
