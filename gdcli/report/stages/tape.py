"""The stage `tape`, and the stage `gradient` of a function with loops, which stay loops.

With a point, values stand beside the lines. The gradient is shown as it runs, or before and after
each pass of `autodiff/passes/schedule.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.passes.schedule import GRADIENT_PASSES, VALUE_PASSES, Pass
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import Tape
from gdcli.execute.interpret import observe
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from gdcli.report.listing import Cell, Listing
from gdcli.report.stages import REVERSE
from gdcli.report.stages.instructions import InstructionObjects
from gdcli.report.stages.origins import Origins, text_and_columns
from gdcli.report.stages.program import ValueNames, answer, lines, value_of

if TYPE_CHECKING:
    from gdcli.report.formats import objects


def tape_stage(
    function: Function, at: list[float] | None = None, after: str | None = None
) -> Listing:
    """The Wengert list of a function; a point `at` is for functions without loops.

    With loops it is shown as it is `after` a pass before differentiation; None for none of them.
    """
    tape = function.engine.rewritten.tape
    if after is not None:
        tape = _after(after, VALUE_PASSES, tape, function)
    values = None if at is None else observe(check_infinities(tape), IEEE, at)
    return _listing("tape", function, tape, values)._replace(message=undefined(function, at))


def gradient_tape_stage(function: Function, after: str | None = None) -> Listing:
    """The gradient Tape, as it is `after` a step of its making; None for all of them."""
    tape = reverse(function.engine.prepared_tape)
    if after != REVERSE:
        tape = _after(after, GRADIENT_PASSES, tape, function)
    return _listing("gradient", function, tape)


def _after(name: str | None, passes: Mapping[str, Pass], tape: Tape, function: Function) -> Tape:
    """The tape after a pass and all before it; after all where the name is None."""
    for one, make in passes.items():
        tape = make(tape, function.sizes)
        if one == name:
            break
    return tape


def _listing(
    stage: str, function: Function, tape: Tape, values: dict[int, float] | None = None
) -> Listing:
    expression, names = function.elaborated, ValueNames(tape)
    origins = Origins(expression)
    program = lines(tape)
    rows: list[tuple[Cell, ...]] = []
    for line in program:
        known = () if values is None else (value_of(line, values),)
        rows.append((str(line), *known, *text_and_columns(expression, origins(line))))
    outputs = tape.body.outputs
    content: objects.TapeContent = {
        "instructions": InstructionObjects(tape, expression, values).region(tape.body),
        "outputs": outputs,
    }
    if tape.has_loops:
        content["sizes"] = dict(function.sizes)
    summary = [("f", answer(names, outputs[0], values))]
    summary += [
        (f"∂f/∂{name}", names.text(one))
        for name, one in zip(tape.inputs, outputs[1:], strict=False)
    ]
    return Listing(
        stage,
        ("line", *(("value",) if values is not None else ()), "text", "columns"),
        rows,
        "".join(f"{line}\n" for line in program)
        + f"return {', '.join(map(names.text, outputs))}\n",
        content,
        tuple(summary),
    )


def undefined(function: Function, at: list[float] | None) -> str | None:
    """Why the value or the gradient is not finite at a point; None where they are."""
    if at is None:
        return None
    value, gradient = function.evaluate_gradient(at)
    if all(map(isfinite, (value, *gradient))):
        return None
    return function.failure(at) or "no finite value"
