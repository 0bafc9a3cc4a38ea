"""Value and gradient at a point, right or refused: what `grad` answers.

Comes in: a TapedFunction and a point, taken as the exact doubles; where its gradient tape is the
value's, a value alone is asked for. Goes out: an Answer. One bounded pass in floats says whether
floats are good enough there: every number right to 10 digits and no kink or pole within reach.
Where they are not, the pass is repeated with 50 digits and more, until they are, and the answer is
rounded from that. Touched kinks and undefined slopes are resolved by gradient sampling
(`sampler.py`). A pole of the text, an operation undefined at finite operands, has no answer; a
number that is too large on the way is no pole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.passes.rewrite import Rewrite
from gdcli.autodiff.tape import APPLY, Tape, instructions
from gdcli.errors import Span, UndefinedError
from gdcli.execute.interpret import observe
from gdcli.language.syntax import Expression
from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.bounded_pass import (
    BoundedPass,
    EvaluatedInstruction,
    Tapes,
    as_bounded,
    run_bounded_pass,
)
from gdcli.nonsmooth.provenance import Failure, described, source, where
from gdcli.numbers.bounded import SMALLEST_SUBNORMAL, Bounded, context_of, system_of
from gdcli.numbers.floats import NumberSystem

if TYPE_CHECKING:
    from gdcli.nonsmooth.sampler import Slopes

FLOAT_TOLERANCE = 1e-10  # of a float, relative: with more error it is computed again
LEAST_ERROR = 64 * SMALLEST_SUBNORMAL  # that a float may have whatever its size
EXACT_TOLERANCE = 1e-18  # of a number that is to be rounded to a float
SAME_SLOPES = 1e-12  # relative difference of slopes that are one but for rounding
DIGITS_TRIED = (50, 200, 800)  # then as many as the errors call for
MOST_DIGITS_TRIED = 45_000  # of them
SMALLEST_FLOAT_DECIMALS = 340  # behind the point, with some to spare
TOO_MANY_DIGITS = " takes too many digits"
MOST_DIGIT_WORK = 4 * 10**9  # functions to compute times digits squared: about 3 seconds
CHEAP_PRIMITIVES = "+ - * / unary-minus abs sign min max tie-count relu sqrt cbrt pow-integer"
DIGIT_COSTS = {  # of a primitive with very many digits, beside exp
    **dict.fromkeys(CHEAP_PRIMITIVES.split(), 0.02),
    **dict.fromkeys(("erf", "erfc", "gamma", "lgamma", "digamma", "polygamma"), 200.0),
}


class TapedFunction(NamedTuple):
    """A function without loops: its text, its tapes, and the rewrites in them.

    `failing` gives what first has no finite value in floats at a point; None where nothing is
    found. Where the tapes are `unrolled` it names the iterations of the loops that the text has.
    """

    expression: Expression
    tapes: Tapes
    rewrites: Sequence[Rewrite]
    failing: Callable[[Sequence[float]], Failure | None]
    unrolled: bool


class Answer(NamedTuple):
    """Value and gradient at a point; `status` is "ok" or "undefined".

    None stands for what has no finite value. `message` names the innermost sub-expression that has
    none and the numbers that met there; `text` and `span` are its place. `notes` tell what was
    done: kinks resolved, digits rescued, rewrites used. `beyond_local_rule`
    says whether the slopes around the point gave another gradient than the rules of its operations
    do in floats, or none; None where they were not asked, or are too many.
    """

    value: float | None
    gradient: list[float | None]
    status: str  # "ok" or "undefined"
    message: str | None
    notes: tuple[str, ...]
    text: str
    span: Span | None
    beyond_local_rule: bool | None

    @property
    def error(self) -> UndefinedError:
        """The error that says `undefined: ...`, with a caret under the place."""
        return UndefinedError(f"undefined: {self.message}", self.text, self.span)


def answer(
    function: TapedFunction, point: Sequence[float], most_sampling_steps: float = inf
) -> Answer:
    """Value and gradient of `function` at `point`, a flat list of n finite floats.

    Slopes that take more sampling steps than `most_sampling_steps` are too many.
    """
    return _Question(function, list(map(float, point)), most_sampling_steps).answer()


def rewrite_notes(expression: Expression, rewrites: Sequence[Rewrite]) -> list[str]:
    """The notes of every answer: which accuracy rewrites were used."""
    return [f"rewritten: {expression.formula(origin)} by {name}" for name, origin in rewrites]


class _Question:
    def __init__(self, function: TapedFunction, point: list[float], most_steps: float) -> None:
        self.most_steps = most_steps
        self.function = function
        self.expression = function.expression
        self.tapes = function.tapes
        self.point = point
        self.beyond_local_rule: bool | None = None
        self.known = dict(zip(self.tapes.value.inputs, point, strict=True))
        self.notes = rewrite_notes(self.expression, function.rewrites)

    def answer(self) -> Answer:
        for name, value in self.known.items():
            if not isfinite(value):
                return self.refused(Failure(f"{name} = {value}", None))
        in_floats = run_bounded_pass(system_of(None), self.tapes, self.point)
        numbers = [in_floats.value, *in_floats.gradient]
        if in_floats.certain and not in_floats.touched and all(map(_right_in_floats, numbers)):
            value, *gradient = (number.value + 0.0 for number in numbers)  # no -0
            return self.finished(value, gradient, None)
        return self.precisely(in_floats)

    def precisely(self, in_floats: BoundedPass) -> Answer:
        """The answer in numbers of as many digits as it takes."""
        settled = self.settled(constants_are_floats=False)
        bounded_pass = settled.bounded_pass
        missed = in_floats.coincident - bounded_pass.coincident - bounded_pass.touched.keys()
        # Where floats put the point exactly onto a kink or a pole and the exact constants do not
        # (x - 0.1 at 0.1, x - pi at pi), it is meant to lie there: constants are floats as well,
        # unless they do not put it there either (1 + x^2 is 1 in floats at a small x).
        as_floats = False
        if missed:
            with_floats = self.settled(constants_are_floats=True)
            other = with_floats.bounded_pass
            as_floats = not missed.isdisjoint(other.coincident | other.touched.keys())
            if as_floats:
                settled, bounded_pass = with_floats, other
        outside = bounded_pass.pole is not None and bounded_pass.pole.outside
        surely = outside and not bounded_pass.touched  # no other side of a condition may be meant
        unknown = bounded_pass.pole is not None or not well_known(bounded_pass.value)
        if settled.lacks_digits and unknown and not surely:
            return self.refused(self.undecided(settled, self.tapes.value, 0))
        if bounded_pass.pole is not None:
            return self.refused(self.described(bounded_pass.pole))
        lost = [
            number
            for number in (in_floats.value, *in_floats.gradient)
            if not _right_in_floats(number)
        ]
        if lost and not bounded_pass.touched:
            self.notes.append(f"computed with {settled.digits} digits: floats lose too many here")
        value = rounded(bounded_pass.value)
        gradient = [rounded(slope) for slope in bounded_pass.gradient]
        failure = self.beyond(settled) if value is None else None
        slopes_asked = value is not None and bool(gradient)
        if slopes_asked and (bounded_pass.touched or _unknown(bounded_pass)):
            self.beyond_local_rule = True
            slopes = self.slopes(settled, as_floats)
            if isinstance(slopes, Failure):
                gradient = [None if bounded_pass.touched else slope for slope in gradient]
                return self.finished(value, gradient, slopes)
            local = gradient
            gradient = self.resolved_gradient(bounded_pass, slopes, local)
            touched_in_floats = bounded_pass.touched.keys() <= in_floats.coincident
            self.beyond_local_rule = not (touched_in_floats and all(map(_same, local, gradient)))
        if failure is None and None in gradient:
            failure = self.slope_failure(settled, gradient)
        return self.finished(value, gradient, failure)

    def settled(self, constants_are_floats: bool) -> SettledPass:
        """A bounded pass of enough digits to be certain, or of as many as may be."""
        most = most_digits(self.tapes.gradient)
        digits = 0
        needed = DIGITS_TRIED[0]
        while digits < needed <= most:
            digits = needed
            system = system_of(digits, constants_are_floats)
            at = list(map(context_of(digits).mpf, self.point))
            bounded_pass = run_bounded_pass(system, self.tapes, at)
            numbers = (bounded_pass.value, *bounded_pass.gradient)
            known = list(map(well_known, numbers))
            if bounded_pass.certain and all(known):
                return SettledPass(digits, system, bounded_pass)
            more = [count for count in DIGITS_TRIED if count > digits]
            needed = (
                more[0]
                if more
                else digits_needed(bounded_pass, digits, SMALLEST_FLOAT_DECIMALS, numbers, known)
            )
        return SettledPass(digits, system, bounded_pass, lacks_digits=needed > most)

    def slopes(self, settled: SettledPass, as_floats: bool) -> Slopes | Failure:
        """The least-norm slopes around the point, or why they were not found."""
        from gdcli.nonsmooth.block_sampler import PassNumbers, UnresolvedKinks, slopes_by_blocks

        bounded_pass = settled.bounded_pass
        touched, unknown = set(bounded_pass.touched), _unknown(bounded_pass)
        if settled.lacks_digits:
            number = 1 + min(unknown, default=0)
            return self.undecided(settled, self.tapes.gradient, number, "the derivative of ")
        numbers = PassNumbers(settled.digits, as_floats)
        try:
            return slopes_by_blocks(
                self.tapes.value, self.point, touched, unknown, numbers, self.most_steps
            )
        except UnresolvedKinks as error:
            self.beyond_local_rule = None
            return self.many_sided(bounded_pass, error.variables)

    def many_sided(self, bounded_pass: BoundedPass, variables: int) -> Failure:
        """The failure of a kink in too many variables to be sampled."""
        evaluated = next(iter(bounded_pass.touched.values()), bounded_pass.slope)
        whole = len(self.expression.nodes) - 1
        origin = whole if evaluated is None else evaluated.instruction.origin
        return Failure(
            f"the derivative of {where(self.expression, origin, self.known)}: kinks in "
            f"{variables:,} variables, too many to look at the slopes on all sides of them; "
            "take a point beside it",
            self.expression.nodes[origin].span,
        )

    def resolved_gradient(
        self, bounded_pass: BoundedPass, found: Slopes, gradient: list[float | None]
    ) -> list[float | None]:
        """The gradient, with least-norm slopes where a kink is or the tape has none."""
        if found.jumps:
            self.notes.append("f jumps here: the slope is that of the side its value belongs to")
        resolved = [None if slope is None else as_float(slope) for slope in found.gradient]
        if not bounded_pass.touched:  # what the tape gives is right; only what it lacks is resolved
            return [
                there if here is None else here
                for here, there in zip(gradient, resolved, strict=True)
            ]
        settled = any(slope is not None for slope in resolved)
        origins = dict.fromkeys(
            evaluated.instruction.origin for evaluated in bounded_pass.touched.values() if settled
        )
        for name in dict.fromkeys(map(self.place, origins)):
            self.notes.append(f"kink of {name}: the slope of least norm among those around it")
        return resolved

    def place(self, origin: int) -> str:
        return where(self.expression, origin, self.known, " = ")

    def described(self, evaluated: EvaluatedInstruction, of_what: str = "") -> Failure:
        instruction, operands = evaluated.instruction, evaluated.operands
        found = described(self.expression, instruction, operands, self.known, of_what)
        message = found.message + TOO_MANY_DIGITS * evaluated.overflows
        return found._replace(message=message)

    def sourced(
        self, settled: SettledPass, tape: Tape, output: int, badness: Badness, of_what: str
    ) -> Failure:
        """The failure of an output, at the innermost step that makes it bad."""
        at = [Bounded(settled.number(coordinate), 0) for coordinate in self.point]
        place = BadOutput(tape, output, badness, of_what)
        return place.failure(self.expression, settled.system, at, self.known)

    def undecided(
        self, settled: SettledPass, tape: Tape, output: int, of_what: str = ""
    ) -> Failure:
        """The failure of an output that takes more digits than are computed."""
        found = self.sourced(settled, tape, output, is_lost, of_what)
        return found._replace(message=found.message + TOO_MANY_DIGITS)

    def beyond(self, settled: SettledPass) -> Failure:
        """The failure of a value that is no float."""
        if settled.bounded_pass.overflow is not None:
            return self.described(settled.bounded_pass.overflow)
        return self.sourced(settled, self.tapes.value, 0, _excess, "")

    def slope_failure(self, settled: SettledPass, gradient: list[float | None]) -> Failure:
        """The failure of a component that has no finite value."""
        bounded_pass = settled.bounded_pass
        if bounded_pass.slope is not None:
            return self.described(bounded_pass.slope, "the derivative of ")
        kinks = list(bounded_pass.touched.values())
        if not kinks:
            number = 1 + gradient.index(None)
            return self.sourced(settled, self.tapes.gradient, number, _excess, "the derivative of ")
        origin = kinks[0].instruction.origin
        place = where(self.expression, origin, self.known)
        names = [n for n, g in zip(self.known, gradient, strict=True) if g is None]
        return Failure(
            f"the derivative of {place}: the slopes by {', '.join(names)} do not settle",
            self.expression.nodes[origin].span,
        )

    def located(self, failure: Failure) -> Failure:
        """The failure with its iteration of a loop, where floats fail at the same place."""
        found = self.function.failing(self.point)
        if found is None or found.span != failure.span:
            return failure
        tails = {one.message.rpartition(": ")[2] for one in (found, failure)}
        return found if len(tails) == 1 else failure

    def refused(self, failure: Failure) -> Answer:
        return self.finished(None, [None] * len(self.point), failure)

    def finished(
        self, value: float | None, gradient: Sequence[float | None], failure: Failure | None
    ) -> Answer:
        if failure is not None and self.function.unrolled:
            failure = self.located(failure)
        return Answer(
            value,
            list(gradient),
            "ok" if failure is None else "undefined",
            None if failure is None else failure.message,
            tuple(self.notes),
            self.expression.text,
            None if failure is None else failure.span,
            self.beyond_local_rule,
        )


Badness = Callable[[Bounded], Any]


class BadOutput(NamedTuple):
    """An output of a tape, and what is bad in its value, 0 or False where it is good."""

    tape: Tape
    output: int
    badness: Badness
    of_what: str

    def failure(
        self,
        expression: Expression,
        system: NumberSystem,
        point: Sequence[Bounded],
        known: dict[str, float],
    ) -> Failure:
        """The failure of the innermost step that makes the output bad at a point."""
        values = observe(self.tape, system, point)
        badness = lambda value: self.badness(as_bounded(value))  # noqa: E731
        found = source(self.tape, values, self.tape.body.outputs[self.output], badness)
        if found.operation == APPLY:
            operands = [as_bounded(values[operand]).value for operand in found.operands]
            return described(expression, found, operands, known, self.of_what)
        whole = len(expression.nodes) - 1
        place = where(expression, whole, known)
        return Failure(f"{self.of_what}{place}: too large", expression.nodes[whole].span)


class SettledPass(NamedTuple):
    """A bounded pass of so many digits; `lacks_digits` where it takes more than are computed."""

    digits: int
    system: NumberSystem
    bounded_pass: BoundedPass
    lacks_digits: bool = False

    @property
    def number(self) -> Callable[[float], Any]:
        """The number of the system that a float is."""
        found: Callable[[float], Any] = context_of(self.digits).mpf
        return found


def most_digits(tape: Tape, times: int = 1) -> int:
    """With how many digits a tape is run so many times at most."""
    functions = max(1.0, times * digit_cost(tape))
    return max(DIGITS_TRIED[-1], min(MOST_DIGITS_TRIED, int((MOST_DIGIT_WORK / functions) ** 0.5)))


def digit_cost(tape: Tape) -> float:
    """How long the operations of a tape take with very many digits, beside exp."""
    applied = [one.payload for one in instructions(tape.body) if one.operation == APPLY]
    return sum(DIGIT_COSTS.get(name, 1.0) for name in applied)


def digits_needed(
    bounded_pass: BoundedPass,
    digits: int,
    decimals: int,
    numbers: Sequence[Bounded],
    known: Sequence[bool],
) -> int:
    """How many digits would tell the numbers of a pass of `digits` to so many decimals.

    `numbers` begin with the value and the derivatives, `known` says which are told. Not above
    `digits` where more would tell nothing: then a number is 0, or the point on a kink.
    """
    derivatives = len(bounded_pass.gradient) if bounded_pass.certain else 0  # else kinks hide them
    outputs = [place for place in range(1 + derivatives) if not known[place]]
    needed = bounded_pass.digits_recovering(digits, decimals, outputs)
    if needed > digits or not bounded_pass.certain:
        return needed
    pairs = zip(numbers, known, strict=True)
    error = max((number.error for number, told in pairs if number.good and not told), default=0)
    return bounded_pass._replace(doubt=error).digits_recovering(digits, decimals, outputs)


def is_lost(number: Bounded) -> bool:
    """Whether nothing is known of a number but that it may be 0, or beyond what is computed."""
    return not number.good or bool(number.error and number.may_be_zero)


def _excess(number: Bounded) -> Any:
    """How far a number is beyond floats, 0 where it is not."""
    return abs(number.value) if as_float(number.value) is None else 0


def _unknown(bounded_pass: BoundedPass) -> set[int]:
    """The inputs by which the derivative is not known."""
    return {
        number
        for number, slope in enumerate(bounded_pass.gradient)
        if not (slope.good and well_known(slope))
    }


def _right_in_floats(number: Bounded) -> bool:
    """Whether a float is right to 10 digits, or as far as its smallest step allows."""
    least = max(FLOAT_TOLERANCE * abs(number.value), LEAST_ERROR)
    return number.good and bool(number.error <= least)


def well_known(number: Bounded) -> bool:
    """Whether a number can be rounded to a float as if it were exact; it may round to 0."""
    return bool(
        number.error <= EXACT_TOLERANCE * abs(number.value)
        or 4 * (abs(number.value) + number.error) < SMALLEST_SUBNORMAL
        or not abs(number.value) < inf
    )


def _same(a: float | None, b: float | None) -> bool:
    """Whether there are two slopes and they are one but for rounding."""
    if a is None or b is None:
        return False
    return abs(a - b) <= SAME_SLOPES * max(abs(a), abs(b))


def rounded(number: Bounded) -> float | None:
    """The float nearest to a number; None where there is none, or the number is not known."""
    return as_float(number.value) if number.good and well_known(number) else None


def as_float(number: Any) -> float | None:
    """The float nearest to a number; None where that is too large."""
    nearest = float(number) + 0.0
    return nearest if isfinite(nearest) else None
