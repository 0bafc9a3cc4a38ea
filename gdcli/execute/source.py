"""A tape as the text of a Python function, and the function.

Comes in: a Tape. Goes out: a function of a list of inputs that returns the first output and a list
of the others, written so that a call costs what the same formulas cost when written by hand; of a
tape with loops, which comes with Bindings, a function of a flat point. FLOAT_TARGET calls `math`
and raises where that does; IEEE_TARGET is its second look and never raises. In `arrays.py` is a
third target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.tape import Tape
from gdcli.execute.writer import INFIX, Target, Writer, identifier
from gdcli.numbers.floats import FLOAT, IEEE

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings

FLOAT_TARGET = Target({**INFIX, "/": "{}/{}"}, FLOAT.operations, "raise ValueError")
IEEE_TARGET = Target(INFIX, IEEE.operations, "{} = nan")


Compiled = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


def compile_tape(tape: Tape, target: Target, bindings: Bindings | None = None) -> Compiled:
    """The function that `tape` describes."""
    namespace: dict[str, Any] = {"nan": float("nan"), "inf": float("inf")}
    namespace.update({identifier(name): f for name, f in target.functions.items()})
    writer = writer_of(tape, target, bindings)
    namespace.update(writer.names())
    exec(compile(writer.text(), "<tape>", "exec"), namespace)
    function: Compiled = namespace["evaluate"]
    if bindings is None:
        return function
    from gdcli.execute.lists import listed

    return lambda point: function(listed(point))


def source(tape: Tape, target: Target, bindings: Bindings | None = None) -> str:
    """The text of the function `evaluate(point)`."""
    return writer_of(tape, target, bindings).text()


def writer_of(tape: Tape, target: Target, bindings: Bindings | None) -> Writer:
    """The writer that knows all that is in the tape."""
    if bindings is None:
        return Writer(tape, target)
    from gdcli.execute.source_loops import LoopWriter

    return LoopWriter(tape, target, bindings)
