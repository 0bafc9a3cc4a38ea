"""A step size written as an expression in k: its text to a function of k.

Comes in: a text such as `0.5/sqrt(k+1)`. Goes out: a function of k = 0, 1, 2, …, or, where no k is
in it, of nothing; or UsageError.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.errors import GdcliError, Sentence, UsageError, visible
from gdcli.functions.function import Function


def schedule(text: str, place: str = "alpha") -> Callable[[int], float]:
    """The step size as a function of k; `place` is named in a UsageError."""
    function = expression_in_k(text, place)
    values = len(function.variables)
    return lambda k: function.evaluate([float(k)] * values)


def expression_in_k(text: str, place: str) -> Function:
    """The Function of at most the one variable k."""
    try:
        function = Function(text)
    except GdcliError as error:
        raise UsageError(Sentence("{}: {}", place, error.whole)) from None
    strangers = [name for name in function.variables if name != "k"]
    if strangers:
        raise UsageError(
            f"{place} {visible(text)}: `{strangers[0]}` has no value there;"
            ' write a number, auto, or an expression in k such as "0.5/sqrt(k+1)"'
        )
    return function
