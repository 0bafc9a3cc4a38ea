"""What went wrong at a point, in words: the first value that is not finite, the kinks touched.

Comes in: an Expression, its tapes and a point. Goes out: sentences that name the sub-expression
as written in normal form, the variables in it, and the numbers that met there. Nothing here is on
a fast path: the tape is interpreted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gdcli.autodiff.lower import lower_into
from gdcli.autodiff.primitives import ARITIES, TABLE
from gdcli.autodiff.tape import BRANCH, Builder, Instruction, Tape
from gdcli.execute.interpret import interpret
from gdcli.execute.numbers import IEEE
from gdcli.language.parser import parse
from gdcli.language.syntax import NAME, Expression


def shown(number: float) -> str:
    """A number in as few digits as name it: 1, -0.03, 1e-08."""
    text = f"{number:.7g}"
    return "0" if text == "-0" else text


def application(primitive: str, operands: Sequence[float]) -> str:
    """A primitive applied to numbers, as one would write it: log(0), 1/0, (-8)^0.5."""
    texts = [shown(operand) for operand in operands]
    if primitive.startswith("pow-"):
        primitive = "^"
    if primitive == "unary-minus":
        return f"-({texts[0]})"
    if not primitive.isidentifier() and len(texts) == 2:
        left, right = (f"({text})" if text.startswith("-") else text for text in texts)
        return f"{left}{primitive}{right}"
    return f"{primitive}({', '.join(texts)})"


def where(expression: Expression, position: int, known: dict[str, float], equals: str = "=") -> str:
    """The node in normal form, with the values of the variables in it."""
    names: list[str] = []
    pending = [position]
    parts = {part.name: part.root for part in expression.parts}
    seen = set(pending)
    while pending:
        node = expression.nodes[pending.pop()]
        inner = list(node.arguments)
        if node.kind == NAME:
            name = str(node.value)
            inner = [parts[name]] if name in parts and name not in known else []
            if name in known and name not in names:
                names.append(name)
        pending.extend(argument for argument in inner if argument not in seen)
        seen.update(inner)
    values = ", ".join(f"{name}{equals}{shown(known[name])}" for name in known if name in names)
    formula = expression.formula(position)
    formula = formula if len(formula) <= 60 else f"{formula[:30]} ... {formula[-20:]}"
    return f"{formula} at {values}" if values else formula


def failure(
    expression: Expression, tapes: Sequence[tuple[str, Tape]], point: Sequence[float]
) -> str | None:
    """The first application whose value is not finite though its operands are; else None.

    `tapes` are tried in order, each with the words that say what it computes of a sub-expression.
    """
    known = dict(zip(tapes[0][1].inputs, point, strict=True))
    for name, value in known.items():
        if not math.isfinite(value):
            return f"{name} = {value}"
    for of_what, tape in tapes:
        found = _first_failure(expression, tape, point, known)
        if found is not None:
            return of_what + found
    return None


def _first_failure(
    expression: Expression, tape: Tape, point: Sequence[float], known: dict[str, float]
) -> str | None:
    found: list[str] = []

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if found or instruction.operation == BRANCH:
            return
        if not math.isfinite(value) and all(map(math.isfinite, operands)):
            place = where(expression, instruction.origin, known)
            found.append(f"{place}: {application(instruction.payload, operands)}")

    if all(map(math.isfinite, interpret(tape, IEEE, point, watch))):
        return None
    return found[0] if found else str(expression)


def kinks(
    expression: Expression, tape: Tape, point: Sequence[float], tolerance: float
) -> list[str]:
    """The kinks whose argument is within `tolerance` of 0, relative to its operands."""
    known = dict(zip(tape.inputs, point, strict=True))
    found: list[str] = []

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if _gap(instruction, operands, value) <= tolerance:
            node = where(expression, instruction.origin, known, " = ")
            if node not in found:
                found.append(node)

    interpret(tape, IEEE, point, watch)
    return found


def _gap(instruction: Instruction, operands: Sequence[float], value: float) -> float:
    """How far the operands are from a kink of the instruction; inf where it has none."""
    scale = max(1.0, *(abs(operand) for operand in operands))
    if instruction.operation == BRANCH:
        return abs(operands[0] - operands[1]) / scale
    if instruction.payload in ("max", "min"):
        others = sorted(abs(operand - value) for operand in operands)
        return others[1] / scale if len(others) > 1 else math.inf
    row = TABLE[instruction.payload]
    if not row.kink:
        return math.inf
    names = (*row.arguments, "y")
    builder = Builder(names)
    known = {name: builder.load(number) for number, name in enumerate(names)}
    formula = parse(row.kink, ARITIES)
    tape = builder.tape([lower_into(builder, formula, known, origins=False)])
    return abs(float(interpret(tape, IEEE, [*operands, value])[0]))
