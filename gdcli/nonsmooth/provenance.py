"""The provenance of a failure: which sub-expression is not finite at a point, or has a kink there.

Comes in: an Expression, its tapes and a point. Goes out: sentences that name the innermost
sub-expression as written in normal form, the variables in it and the numbers that met there, with
its place in the text. Nothing here is on a fast path: the tape is interpreted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import active
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import APPLY, BRANCH, Instruction, Tape, instructions
from gdcli.errors import Span
from gdcli.execute.interpret import Frame, formula_tape, interpret
from gdcli.language.syntax import LOOP_NODE, NAME, Expression
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.bounded import Bounded, system_of
from gdcli.numbers.floats import EPSILON, IEEE, NumberSystem
from gdcli.numbers.linear_algebra import dot

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings

LONGEST_SHOWN_EXPONENT = 10**9  # of a number of mpmath's that is written out
ONE_SIDED_KINKS = ("sqrt", "pow-general", "hypot")  # whose kink is where something >= 0 is 0


def shown(number: Any) -> str:
    """A number in as few digits as name it: 1, -0.03, 1e-08; one of mpmath's may be 1e+2000."""
    try:
        nearest = float(number)
    except OverflowError:  # of a fraction
        nearest = math.inf if number > 0 else -math.inf
    if number and (nearest == 0.0 or math.isinf(nearest)) and hasattr(number, "_mpf_"):
        return _beyond_doubles(number)
    text = f"{nearest:.7g}"
    return "0" if text == "-0" else text


def _beyond_doubles(number: Any) -> str:
    """A number of mpmath's that no double holds: 1e+2000, or 1e+(1e+30) by its logarithm."""
    from mpmath.libmp import mpf_pos, to_str

    context = number.context
    if abs(context.mag(number)) < LONGEST_SHOWN_EXPONENT:
        # rounded first: of a number of thousands of digits `to_str` would write out all of them
        return str(to_str(mpf_pos(number._mpf_, 60, "n"), 7)).replace(".0e", "e")
    sign, exponent = "-" if number < 0 else "", context.log10(abs(number))
    return f"{sign}1e{'+' if exponent > 0 else '-'}({shown(abs(exponent))})"


def application(primitive: str, operands: Sequence[Any]) -> str:
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
    """A node in normal form, with the values of the variables and indices in it."""
    names: list[str] = []
    pending = [position]
    definitions = {part.name: part.root for part in expression.definitions if not part.subscripts}
    visited = set(pending)
    while pending:
        node = expression.nodes[pending.pop()]
        inner = list(node.arguments)
        if node.kind == NAME:
            name = str(node.value)
            inner = [definitions[name]] if name in definitions and name not in known else []
            if name in known and name not in names:
                names.append(name)
        pending.extend(argument for argument in inner if argument not in visited)
        visited.update(inner)
    shown_names = [name for name in known if name in names] if names else []  # known may be many
    values = ", ".join(f"{name}{equals}{shown(known[name])}" for name in shown_names)
    formula = expression.formula(position)
    formula = formula if len(formula) <= 60 else f"{formula[:30]} ... {formula[-20:]}"
    return f"{formula} at {values}" if values else formula


class Failure(NamedTuple):
    """What went wrong, `log(x - y) at x=1, y=1: log(0)`, and its place in the text, if any."""

    message: str
    span: Span | None


def described(
    expression: Expression,
    instruction: Instruction,
    operands: Sequence[Any],
    known: dict[str, float],
    of_what: str = "",
    entry: str = "",
) -> Failure:
    """The Failure of an instruction that has no finite value at finite operands.

    `entry` is that of the array part which it computes.
    """
    place = where(expression, instruction.origin, known) + (entry and f", in {entry}")
    applied = application(instruction.payload, operands)
    span = expression.nodes[instruction.origin].span
    return Failure(f"{of_what}{place}: {applied}", span)


def source(
    tape: Tape, values: dict[int, Any], output: int, badness: Callable[[Any], Any]
) -> Instruction:
    """The innermost step that makes an output bad: its value is, and that of no operand.

    `values` are those of a tape of scalars by number, and `badness` of one is 0 where it is good;
    the worst operand is followed. A branch hands out the value of a side, or has none because of
    an operand of its comparison.
    """
    makers = {
        number: (instruction, place)
        for instruction in instructions(tape.body)
        for place, number in enumerate(instruction.results)
    }
    while True:
        instruction, place = makers[output]
        if instruction.operation == BRANCH:
            sides = [region.outputs[place] for region in instruction.regions]
            handed = [side for side in sides if values.get(side) is values[output]]
            if handed:
                output = handed[0]
                continue
        steps = [n for n in instruction.operands if makers[n][0].operation in (APPLY, BRANCH)]
        worst = max(steps, key=lambda n: badness(values[n]), default=None)
        if worst is None or not badness(values[worst]):
            return instruction
        output = worst


class DiagnosedTape(NamedTuple):
    """A tape, and the words that say what it computes of a sub-expression."""

    of_what: str
    tape: Tape
    bindings: Bindings | None = None

    @property
    def work(self) -> int:
        """How many operations one evaluation counts for; 1 without loops."""
        if self.bindings is None:
            return 1
        from gdcli.execute.work import Work

        return Work(self.tape, self.bindings).operations

    def known(self, point: Sequence[float]) -> dict[str, float]:
        numbers = point if self.bindings is None else [point[i] for i in self.bindings.inputs]
        return dict(zip(self.tape.inputs, numbers, strict=True))


def failure(
    expression: Expression, diagnosed: Sequence[DiagnosedTape], point: Sequence[float]
) -> Failure | None:
    """The Failure of the first application that is not finite at finite operands, if any.

    The tapes are tried in order; all variables are finite. In a loop the first iteration is named.
    """
    for one in diagnosed:
        found = _first_failure(expression, one, point)
        if found is not None:
            return found
    return None


def _first_failure(
    expression: Expression, diagnosed: DiagnosedTape, point: Sequence[float]
) -> Failure | None:
    found: list[Failure] = []
    frames: list[Frame] = []
    known = diagnosed.known(point)

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if found or instruction.operation == BRANCH:
            return
        if not math.isfinite(value) and all(map(math.isfinite, operands)):
            around = [int(frame.at) for frame in frames]
            indices, entry = _indices(expression, instruction.origin, around)
            there, of_what = {**known, **indices}, diagnosed.of_what
            found.append(described(expression, instruction, operands, there, of_what, entry))

    tape = check_infinities(diagnosed.tape)
    outputs = interpret(tape, IEEE, point, watch, bindings=diagnosed.bindings, frames=frames)
    if all(map(math.isfinite, outputs)):
        return None
    whole = Failure(f"{diagnosed.of_what}{expression}", expression.nodes[-1].span)
    return found[0] if found else whole


def _indices(
    expression: Expression, position: int, values: Sequence[int]
) -> tuple[dict[str, int], str]:
    """The indices of the loops around a node by name; `values` are those of the outer ones.

    What does not depend on the inner ones is computed before them. Beside them the entry of the
    array part in whose formula the node stands, where there is one.
    """
    around: list[str] = []
    nodes = expression.nodes
    for parent in range(position + 1, len(nodes)) if values else ():  # parents stand behind
        arguments = nodes[parent].arguments
        if nodes[parent].kind == LOOP_NODE and position in arguments:
            around = [*(str(nodes[index].value) for index in arguments[:-1:3]), *around]
        if position in arguments:
            position = parent
    entry = ""
    for part in expression.definitions if values else ():
        if part.root == position and part.subscripts:
            around = [*(one.name for one in part.subscripts), *around]
            if len(values) >= len(part.subscripts):
                numbers = map(str, values[: len(part.subscripts)])
                entry = f"{part.name}[{', '.join(numbers)}]"
    indices = {name: value for name, value in zip(around, values, strict=False) if name}
    return indices, entry


def kinks(expression: Expression, tape: Tape, point: Sequence[float], distance: float) -> list[str]:
    """The sub-expressions with a kink within `distance` of the point, in every coordinate."""
    system = system_of(None)
    known = dict(zip(tape.inputs, point, strict=True))
    found: dict[str, None] = {}
    moving = active(tape)  # what the point does not move has no kink

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if moving.isdisjoint(instruction.operands):
            return
        between = gap(system, instruction, operands, value)
        if (
            isinstance(between, Bounded)
            and between.good
            and between.may_be_zero
            and (not distance or _vanishes(tape, instruction, point, distance))
        ):
            found[where(expression, instruction.origin, known, " = ")] = None

    interpret(tape, system, [Bounded(coordinate, distance) for coordinate in point], watch)
    return list(found)


def _vanishes(
    tape: Tape, instruction: Instruction, point: Sequence[float], distance: float
) -> bool:
    """Whether the operand of a root, or a length, is 0 somewhere within `distance` of the point.

    An error bound does not know that a square is not negative: by it sqrt(x^2 + 1e-16) has a kink
    within 1e-6 of 0. So Newton's method looks for the 0, simple or double. Other operations change
    sign at their kinks, and the bound is enough.
    """
    if instruction.payload not in ONE_SIDED_KINKS:
        return True
    number = instruction.results[0] if instruction.payload == "hypot" else instruction.operands[0]
    if all(number not in one.results for one in tape.body.instructions):
        return True  # inside a branch: not looked at
    builder = Builder(tape.inputs)
    operand = builder.tape([builder.extend(tape)[number]])
    slopes, x = reverse(operand), list(point)

    def size(x: list[float]) -> float:
        found = abs(interpret(operand, IEEE, x)[0])
        return found if found == found else math.inf

    last = math.inf
    while size(x) < last:
        uncertain = [Bounded(c, 2.0 * EPSILON * max(abs(c), distance)) for c in x]
        (nearly,) = interpret(operand, system_of(None), uncertain)
        if isinstance(nearly, Bounded) and nearly.may_be_zero:
            return True
        last = 0.9 * size(x)
        value, *gradient = interpret(slopes, IEEE, x)
        square = dot(gradient, gradient)
        if not 0.0 < square < math.inf:
            return False
        steps = (value / square, 2.0 * value / square)
        x = min(
            ([c - step * slope for c, slope in zip(x, gradient, strict=True)] for step in steps),
            key=size,
        )
        if any(abs(c - start) > 2.0 * distance for c, start in zip(x, point, strict=True)):
            return False
    return False


def gap(
    system: NumberSystem, instruction: Instruction, operands: Sequence[Any], value: Any
) -> Any | None:
    """The signed distance of the operands from a kink of the instruction; None without one."""
    if instruction.operation == BRANCH:
        return system.operations["-"](*operands)
    if instruction.payload in ("max", "min"):
        # one value that stands in two places is no tie: it is the same whatever way the point moves
        different = dict(zip(instruction.operands, operands, strict=True)).values()
        ordered = sorted(different, key=system.order, reverse=instruction.payload == "max")
        return system.operations["-"](*ordered[:2]) if len(ordered) > 1 else None
    row = PRIMITIVES[instruction.payload]
    if not row.kink:
        return None
    return interpret(formula_tape((*row.arguments, "y"), row.kink), system, [*operands, value])[0]
