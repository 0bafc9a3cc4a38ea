"""Functions as machine code beside the same in Python source, for the tests of `execute/native`."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from gdcli.autodiff.tape import Tape
from gdcli.execute.bindings import Bindings
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.native import Program
from gdcli.execute.native.context import Context
from gdcli.functions.function import Function

ROSENBROCK = "sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1:n-1)"


def of(text: str, data: Any = None, **sizes: int) -> Function:
    """The function of a text, itself in Python."""
    return Function(text, sizes=sizes, data=data or {}, backend="python")


def gradient(function: Function) -> Program:
    """Its value and gradient in machine code."""
    return Program(function.engine.rewritten_gradient_tape, function.engine.gradient_bindings)


def context(function: Function) -> Context:
    """What is known of its gradient's tape."""
    bindings = function.engine.gradient_bindings
    return Context(function.engine.rewritten_gradient_tape, bindings or Bindings({}, (), {}))


def stages(function: Function) -> Mapping[str, tuple[Tape, Bindings | None, int]]:
    """Value, gradient and Hessian-vector product: tape, bindings, numbers of a point."""
    n = function.layout.size
    bindings = function.engine.gradient_bindings
    return {
        "value": (function.engine.rewritten.tape, function.bindings, n),
        "gradient": (function.engine.rewritten_gradient_tape, bindings, n),
        "product": (function.engine.hessian_product_tape, bindings and bindings.doubled(n), 2 * n),
    }


def points(seed: str, n: int) -> list[float]:
    """A point of n numbers."""
    draw = random.Random(seed)
    return [draw.uniform(-1.5, 1.5) for _ in range(n)]


def bits(numbers: Sequence[float]) -> list[bytes | None]:
    """The numbers so that -0.0 is not 0.0, and nan is nan."""
    return [None if math.isnan(number) else struct.pack("d", number) for number in numbers]


def agrees(function: Function, tolerance: float = 1e-12, only: str = "") -> None:
    """All stages, or one, give what Python source gives, to the bit where there are no loops."""
    for name, (tape, bindings, n) in stages(function).items():
        if only not in ("", name):
            continue
        point = points(f"{function.text} {name}", n)
        wanted, others = FallbackFunction(tape, bindings)(point)
        found, native = Program(tape, bindings)(point)
        if bindings is None:
            assert bits([found, *native]) == bits([wanted, *others]), (function.text, name, point)
            continue
        scale = max([1.0, *(abs(one) for one in others if math.isfinite(one))])
        assert len(native) == len(others)
        for got, want in zip([found, *native], [wanted, *others], strict=True):
            near = abs(got - want) <= tolerance * (scale + abs(want))
            same = got == want or (math.isnan(got) and math.isnan(want))
            assert near or same, (function.text, name, got, want)
