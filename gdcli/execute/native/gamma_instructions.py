"""The gamma functions as LLVM functions: what numbers/gamma_functions.py does, instruction by
instruction, so that without lanes the bits are those of Python.

Comes in: the name of a function, the order of a polygamma function behind it, and whether it has
lanes. Goes out: its definition. Every case is computed, and selections choose among them.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from gdcli.execute.native.code import Code, Operand, number
from gdcli.execute.native.operations import Primitives
from gdcli.numbers import gamma_functions


class WrittenNumber:
    """A number that writes the instruction where one computes with it."""

    def __init__(self, operand: Operand, code: Code) -> None:
        self.operand = operand
        self.code = code

    def __neg__(self) -> WrittenNumber:
        made = self.code.set(f"fneg {self.operand.typed}", lanes=self.operand.lanes)
        return WrittenNumber(made, self.code)

    def __add__(self, other: Any) -> WrittenNumber:
        return self._two("fadd", self, other)

    def __radd__(self, other: Any) -> WrittenNumber:
        return self._two("fadd", other, self)

    def __sub__(self, other: Any) -> WrittenNumber:
        return self._two("fsub", self, other)

    def __rsub__(self, other: Any) -> WrittenNumber:
        return self._two("fsub", other, self)

    def __mul__(self, other: Any) -> WrittenNumber:
        return self._two("fmul", self, other)

    def __rmul__(self, other: Any) -> WrittenNumber:
        return self._two("fmul", other, self)

    def __truediv__(self, other: Any) -> WrittenNumber:
        return self._two("fdiv", self, other)

    def __rtruediv__(self, other: Any) -> WrittenNumber:
        return self._two("fdiv", other, self)

    def _two(self, operation: str, left: Any, right: Any) -> WrittenNumber:
        return WrittenNumber(self.code.two(operation, _operand(left), _operand(right)), self.code)


def _operand(written: WrittenNumber | float) -> Operand:
    return written.operand if isinstance(written, WrittenNumber) else number(written)


class WrittenArithmetic(gamma_functions.FloatArithmetic):
    """What FloatArithmetic does, as instructions; of no comparison the answer is known."""

    def __init__(self, primitives: Primitives) -> None:
        self.code = primitives.code
        for name in ("log", "exp", "pow", "sin", "tan"):
            setattr(self, name, partial(self._call, primitives, name))

    def _call(self, primitives: Primitives, name: str, *operands: Any) -> WrittenNumber:
        return WrittenNumber(primitives.call(name, *map(_operand, operands)), self.code)

    def below(self, a: Any, b: Any) -> Operand:
        """Whether a < b."""
        return self.code.compare("olt", _operand(a), _operand(b))

    def every(self, truth: Any) -> bool:  # noqa: ARG002
        """Never known."""
        return False

    def select(self, truth: Any, yes: Any, no: Any) -> WrittenNumber:
        """`yes` where the truth holds, else `no`."""
        return WrittenNumber(self.code.select(truth, _operand(yes), _operand(no)), self.code)


def gamma_definition(name: str, lanes: bool, attributes: str, called: set[tuple[str, bool]]) -> str:
    """The text of the function, `gamma` or `polygamma.2.0`; `called` collects what it calls."""
    code = Code()
    function, _, order = name.partition(".")
    x = WrittenNumber(Operand("%a", lanes=lanes), code)
    arithmetic = WrittenArithmetic(Primitives(code, called))
    operands = [float(order), x] if order else [x]
    result = _operand(getattr(gamma_functions, function)(arithmetic, *operands))
    code.line(f"ret {result.typed}")
    suffix = ".lanes" if lanes else ""
    given = f"{x.operand.typed}"
    return code.text(
        f"define internal {result.type} @{name}{suffix}({given}) noinline {attributes}"
    )
