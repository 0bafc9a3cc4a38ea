"""Function → Listing: the stages of a function with loops, which stay loops; and machine code.

The gradient is shown as it runs, or before and after each pass of `autodiff/passes/schedule.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff.passes.schedule import PASSES
from gdcli.autodiff.reverse import reverse
from gdcli.errors import UsageError
from gdcli.report.listing import Cell, Listing
from gdcli.report.stages.instructions import InstructionObjects
from gdcli.report.stages.program import ValueNames, lines
from gdcli.report.stages.value import Origins, text_and_columns

if TYPE_CHECKING:
    from gdcli.autodiff.tape import Tape
    from gdcli.functions.function import Function

REVERSE = "reverse"


def tape_stage(function: Function) -> Listing:
    """The Tape with its loops."""
    return _listing("tape", function, function.rewritten.tape)


def gradient_stage(function: Function, after: str | None = None) -> Listing:
    """The gradient Tape, as it is `after` that step of its making; None for all of them."""
    tape = reverse(function.rewritten.tape)
    for name, make in PASSES.items():
        if after == REVERSE:
            break
        tape = make(tape)
        if after == name:
            break
    return _listing("gradient", function, tape)


def _listing(stage: str, function: Function, tape: Tape) -> Listing:
    expression, names = function.expression, ValueNames(tape)
    origins = Origins(expression)
    program = lines(tape)
    rows: list[tuple[Cell, ...]] = [
        (str(line), *text_and_columns(expression, origins(line))) for line in program
    ]
    outputs = ", ".join(map(names.text, tape.body.outputs))
    content = {
        "instructions": InstructionObjects(tape, expression).region(tape.body),
        "outputs": tape.body.outputs,
        "sizes": dict(function.sizes),
    }
    first, *others = map(names.text, tape.body.outputs)
    summary = [("f", first)]
    summary += [(f"∂f/∂{name}", one) for name, one in zip(tape.inputs, others, strict=False)]
    return Listing(
        stage,
        ("line", "text", "columns"),
        rows,
        "".join(f"{line}\n" for line in program) + f"return {outputs}\n",
        content,
        tuple(summary),
    )


def llvm_stage(function: Function) -> Listing:
    """The LLVM IR of the value and gradient; raises UsageError where there is none."""
    from gdcli.execute import native

    reason = native.available()
    if reason is not None:
        raise UsageError(f"there is no machine code here: {reason}")
    text = function.machine_code()
    rows: list[tuple[Cell, ...]] = [(line,) for line in text.splitlines()]
    return Listing("llvm", ("llvm",), rows, text, {"llvm": text})
