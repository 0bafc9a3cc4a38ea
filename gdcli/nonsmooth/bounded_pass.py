"""The bounded pass: one run of a gradient tape with error bounds that notes kinks and poles.

Comes in: a tape, its gradient tape and a point in a bounded number system. Goes out: a BoundedPass,
which says what the point touches and whether the numbers could tell: `certain` is False where a
kink or a pole may or may not be met within the errors, and more digits would know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gdcli.autodiff.chain import active
from gdcli.autodiff.primitives import NONSMOOTH_PRIMITIVES, PRIMITIVES
from gdcli.autodiff.tape import BRANCH, Instruction, Tape
from gdcli.execute.interpret import formula_tape, interpret
from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.provenance import gap
from gdcli.numbers.bounded import Bounded, magnitude, system_of
from gdcli.numbers.floats import NumberSystem, inf

# The primitives whose operands have to be known to the point and beyond, not to some digits.
ABSOLUTE_PRIMITIVES = frozenset(("exp", "expm1", "sinh", "cosh", "sin", "cos", "tan", "gamma"))
DECIMALS_OF_A_BIT = 0.30103
BEYOND_ALL_BITS = 10**12  # of a number, which is never computed
ABSORBING_PRIMITIVES = frozenset(("+", "-", "tanh", "erf", "erfc", "expm1"))
# How many bits the result of a primitive with a limit needs to tell it from the limit.
SATURATION_BITS: dict[str, Callable[[Any], Any]] = {
    "tanh": lambda a: 3 * abs(a),
    "erf": lambda a: 2 * a * a,
    "erfc": lambda a: 2 * a * a if a < 0 else 0,
    "expm1": lambda a: -2 * a if a < 0 else 0,
}


class Tapes(NamedTuple):
    """A tape and its gradient tape, which begins with the same instructions."""

    value: Tape
    gradient: Tape


class EvaluatedInstruction(NamedTuple):
    """An instruction and the values of its operands; `overflows` where they are too large.

    They lie `outside` where they are out of its domain by more than their errors.
    """

    instruction: Instruction
    operands: tuple[Any, ...]
    overflows: bool = False
    outside: bool = False


class BoundedPass(NamedTuple):
    """Values with error bounds, and the kinks and poles met on the way to them.

    Instructions are named by the number of their first result. `touched` are the kinks that the
    point may lie on, `pole` the first operation without a value, `overflow` the first whose value
    is beyond the numbers, `slope` the first of the derivatives that is not finite. `coincident` are
    kinks and poles met exactly, in the values as computed. `doubt` is the largest error by which a
    number is lost: one that may be 0 though it is made of numbers that are known. `absorbed` is how
    many bits it takes to keep every summand, and to tell a function from its limit, on the way to
    the value, to each derivative, and last to the operations without a value and the comparisons.
    """

    value: Bounded
    gradient: list[Bounded]
    touched: dict[int, EvaluatedInstruction]
    pole: EvaluatedInstruction | None
    overflow: EvaluatedInstruction | None
    slope: EvaluatedInstruction | None
    coincident: frozenset[int]
    certain: bool
    doubt: Any
    absorbed: list[int]

    def digits_recovering(self, digits: int, decimals: int, outputs: Sequence[int]) -> int:
        """How many digits would tell to so many decimals what a pass of `digits` lost.

        `outputs` are the numbers of those that are not known, 0 for the value. What was absorbed
        counts where errors ask for no more digits.
        """
        lost = int(digits / DECIMALS_OF_A_BIT) + magnitude(self.doubt) if self.doubt else 0
        absorbed = max(self.absorbed[-1], *(self.absorbed[output] for output in outputs), 0)
        by_errors, by_absorption = (
            int(max(-BEYOND_ALL_BITS, min(bits, BEYOND_ALL_BITS)) * DECIMALS_OF_A_BIT) + decimals
            for bits in (lost, absorbed)
        )
        return by_errors if by_errors > digits else by_absorption


def run_bounded_pass(system: NumberSystem, tapes: Tapes, point: Sequence[Any]) -> BoundedPass:
    """Value and gradient at `point`, a list of numbers of the system's kind, exact or `Bounded`."""
    recorder = _PassRecorder(system, tapes.value)
    inputs = list(map(as_bounded, point))
    value, *gradient = map(as_bounded, interpret(tapes.gradient, system, inputs, recorder.watch))
    return BoundedPass(
        value,
        gradient,
        recorder.touched,
        recorder.pole,
        recorder.overflow,
        recorder.slope,
        frozenset(recorder.coincident),
        recorder.certain,
        recorder.doubt,
        [recorder.absorbed_by.get(one, 0) for one in tapes.gradient.body.outputs]
        + [recorder.absorbed],
    )


def as_bounded(number: Any) -> Bounded:
    """A number with its error: 0 for a plain one, inf for nan and what is beyond the numbers."""
    if isinstance(number, Bounded):
        return number
    return Bounded(number, 0 if abs(number) < inf else inf)


class _PassRecorder:
    def __init__(self, system: NumberSystem, tape: Tape) -> None:
        self.system = system
        self.values = tape.size  # how many of the first are the value's own
        self.moving = active(tape)  # what the point does not move has no kink
        self.touched: dict[int, EvaluatedInstruction] = {}
        self.coincident: set[int] = set()
        self.pole: EvaluatedInstruction | None = None
        self.overflow: EvaluatedInstruction | None = None
        self.slope: EvaluatedInstruction | None = None
        self.certain = True
        self.doubt: Any = 0
        self.in_floats = system is system_of(None)  # then more digits are a matter of course
        self.absorbed = 0
        self.absorbed_by: dict[int, int] = {}  # by the number of a result, where it is not 0

    def watch(self, instruction: Instruction, operands: list[Any], value: Any) -> None:
        if instruction.operation == BRANCH:
            if not all(as_bounded(operand).good for operand in operands):
                self.certain = False
            elif instruction.results and instruction.results[0] < self.values:
                self.meets(instruction, operands, value)
            return
        if not self.in_floats:
            self.absorbs(instruction, operands)
        if value.__class__ is Bounded and value.error < inf:
            if value.error and value.may_be_zero:
                self.loses(instruction, operands, value.error)
            if instruction.payload in NONSMOOTH_PRIMITIVES and instruction.results[0] < self.values:
                self.meets(instruction, operands, value)
            return
        numbers = [as_bounded(operand) for operand in operands]
        if not as_bounded(value).good and all(number.good for number in numbers):
            own = instruction.results[0] < self.values
            self.loses(instruction, operands, max(number.error for number in numbers))
            self.absorbed = max(self.absorbed, self.absorbed_on_the_way(instruction))
            self.fails(instruction, numbers, as_bounded(value), own)

    def absorbs(self, instruction: Instruction, operands: list[Any]) -> None:
        """Notes how many bits keep both summands, or tell a function from its limit."""
        bits = self.absorbed_on_the_way(instruction)
        known = all(as_bounded(operand).good for operand in operands)
        if known and instruction.payload in ABSORBING_PRIMITIVES:
            a, *others = (as_bounded(operand).value for operand in operands)
            if instruction.payload in SATURATION_BITS:
                bits = max(bits, int(min(SATURATION_BITS[instruction.payload](a), BEYOND_ALL_BITS)))
            elif a and others[0]:
                apart = abs(magnitude(a) - magnitude(others[0]))
                bits = max(bits, min(apart, BEYOND_ALL_BITS))
        if bits:
            self.absorbed_by[instruction.results[0]] = bits

    def absorbed_on_the_way(self, instruction: Instruction) -> int:
        return max([self.absorbed_by.get(operand, 0) for operand in instruction.operands])

    def loses(self, instruction: Instruction, operands: list[Any], error: Any) -> None:
        """Notes by how much a number is unknown whose operands are known."""
        numbers = [as_bounded(operand) for operand in operands]
        if any(number.error and number.may_be_zero for number in numbers):
            return
        if instruction.payload in ABSOLUTE_PRIMITIVES:
            error = numbers[0].error
        elif instruction.payload in ("pow-integer", "pow-general"):  # exp(b*log(a))
            size, log, times = map(self.system.operations.__getitem__, ("abs", "log", "*"))
            error = as_bounded(times(log(size(operands[0])), operands[1])).error
        if error < inf:
            self.doubt = max(self.doubt, error)

    def fails(
        self, instruction: Instruction, operands: list[Bounded], value: Bounded, own: bool
    ) -> None:
        """Notes an operation that has no finite value, or one of which nothing is known."""
        evaluated = _evaluated(instruction, operands)._replace(
            overflows=abs(value.value) == inf, outside=_is_outside(instruction, operands)
        )
        if not own:
            self.slope = self.slope or evaluated
            return
        if evaluated.overflows:
            self.overflow = self.overflow or evaluated
            return
        self.pole = self.pole or evaluated
        self.coincident.add(instruction.results[0])
        if any(operand.error for operand in operands) and not evaluated.outside:
            self.certain = False

    def meets(self, instruction: Instruction, operands: list[Any], value: Any) -> None:
        """Notes the kink or the pole of an operation that has a value, where it lies on one."""
        if not all(as_bounded(operand).good for operand in operands):
            return
        number = instruction.results[0]
        row = None if instruction.operation == BRANCH else PRIMITIVES[instruction.payload]
        if row is not None and row.undefined:
            formula = formula_tape((*row.arguments, "y"), row.undefined)
            distance = as_bounded(interpret(formula, self.system, [*operands, value])[0])
            if self.reaches(distance, number):
                self.loses(instruction, operands, distance.error)
                self.pole = self.pole or _evaluated(instruction, operands)
        if self.moving.isdisjoint(instruction.operands):
            return
        found = gap(self.system, instruction, operands, value)
        if found is not None and self.reaches(as_bounded(found), number):
            self.loses(instruction, operands, as_bounded(found).error)
            if instruction.operation == BRANCH:
                self.absorbed = max(self.absorbed, self.absorbed_on_the_way(instruction))
            self.touched[number] = _evaluated(instruction, operands)

    def reaches(self, distance: Bounded, number: int) -> bool:
        """Whether a distance may be 0; notes where it is, or where more digits would tell."""
        if not distance.may_be_zero:
            return False
        if not distance.value:
            self.coincident.add(number)
        if distance.error:
            self.certain = False
        return True


def _is_outside(instruction: Instruction, operands: list[Bounded]) -> bool:
    """Whether operands without a value lie outside the domain by more than their errors."""
    a = operands[0]
    if instruction.payload in ("log", "log2", "log10"):
        return not a.may_be_zero
    # an operand within its error of these domains has been put onto their edge, and had a value
    within = ("sqrt", "asin", "acos", "acosh", "pow-general")
    return instruction.payload in within and not any(operand.error for operand in operands[1:])


def _evaluated(instruction: Instruction, operands: list[Any]) -> EvaluatedInstruction:
    return EvaluatedInstruction(
        instruction, tuple(as_bounded(operand).value for operand in operands)
    )
