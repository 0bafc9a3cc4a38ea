"""The gamma functions as LLVM functions: what numbers/gamma_functions.py does, instruction by
instruction, so that without lanes the bits are those of Python.

Comes in: the name of a function, the order of a polygamma function behind it, and whether it has
lanes. Goes out: its definition. Every case is computed, and selections choose among them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gdcli.execute.native.code import Code, Operand, number
from gdcli.execute.native.operations import Primitives
from gdcli.numbers import gamma_functions


def _operators(instruction: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The operator with the number on its left, and with the number on its right."""

    def write(number: WrittenNumber, left: Any, right: Any) -> WrittenNumber:
        made = number.code.two(instruction, _operand(left), _operand(right))
        return WrittenNumber(made, number.code)

    return (
        lambda number, other: write(number, number, other),
        lambda number, other: write(number, other, number),
    )


class WrittenNumber:
    """A number that writes an instruction where one computes with it."""

    def __init__(self, operand: Operand, code: Code) -> None:
        self.operand = operand
        self.code = code

    def __neg__(self) -> WrittenNumber:
        made = self.code.set(f"fneg {self.operand.typed}", lanes=self.operand.lanes)
        return WrittenNumber(made, self.code)

    __add__, __radd__ = _operators("fadd")
    __sub__, __rsub__ = _operators("fsub")
    __mul__, __rmul__ = _operators("fmul")
    __truediv__, __rtruediv__ = _operators("fdiv")


def _operand(written: WrittenNumber | float) -> Operand:
    return written.operand if isinstance(written, WrittenNumber) else number(written)


def gamma_definition(name: str, lanes: bool, attributes: str, called: set[tuple[str, bool]]) -> str:
    """The text of the function, `gamma` or `polygamma.2.0`; `called` collects what it calls."""
    code = Code()
    primitives = Primitives(code, called)

    def call(called_name: str, *operands: Any) -> WrittenNumber:
        return WrittenNumber(primitives.call(called_name, *map(_operand, operands)), code)

    def select(truth: Operand, yes: Any, no: Any) -> WrittenNumber:
        return WrittenNumber(code.select(truth, _operand(yes), _operand(no)), code)

    library = {each: partial(call, each) for each in ("log", "exp", "pow", "sin", "tan")}
    arithmetic = gamma_functions.FLOAT_ARITHMETIC._replace(
        **library,
        below=lambda a, b: code.compare("olt", _operand(a), _operand(b)),
        every=lambda truth: False,  # noqa: ARG005 - it is not known before it runs
        select=select,
    )
    function, _, order = name.partition(".")
    x = Operand("%a", lanes=lanes)
    operands = [*map(float, filter(None, [order])), WrittenNumber(x, code)]
    result = _operand(getattr(gamma_functions, function)(arithmetic, *operands))
    code.line(f"ret {result.typed}")
    head = f"define internal {result.type} @{name}{'.lanes' * lanes}({x.typed})"
    return code.text(f"{head} noinline {attributes}")
