"""A tape as a function of floats that never raises, in Python source.

Comes in: a Tape, with Bindings where it has loops. Goes out: a callable of a point. The tape is
first compiled to call `math` directly; where that raises, it is compiled again for IEEE numbers,
and that function is kept, since the same region is likely to be met again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.execute.source import FLOAT_TARGET, IEEE_TARGET, compile_tape

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.execute.bindings import Bindings

RAISED_ERRORS = (ValueError, OverflowError, ZeroDivisionError)
FloatPoint = Sequence[float]


class FallbackFunction:
    """The first output of a tape and a list of the others, or the gradient, as a function."""

    def __init__(self, tape: Tape, bindings: Bindings | None = None) -> None:
        self.tape = check_infinities(tape)
        self.bindings = bindings
        self.fallen_back = False
        self.run = self._raising = compile_tape(self.tape, FLOAT_TARGET, bindings)

    def without_fallback(self, point: FloatPoint) -> tuple[float, list[float]] | None:
        """The outputs as `math` gives them, None where it raises: at a pole, say."""
        try:
            return self._raising(point)
        except RAISED_ERRORS:
            return None

    def __call__(self, point: FloatPoint) -> tuple[float, list[float]]:
        try:
            return self.run(point)
        except RAISED_ERRORS:
            if self.fallen_back:
                raise
        self.fallen_back = True
        self.run = compile_tape(self.tape, IEEE_TARGET, self.bindings)
        return self.run(point)
