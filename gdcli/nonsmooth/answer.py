"""Value and gradient at a point, right or refused: what `grad` answers.

Comes in: a TapedFunction and a point, taken as the exact doubles. Goes out: an Answer. One bounded
pass in floats says whether floats are good enough there: every number right to 10 digits and no
kink or pole within reach. Where they are not, the pass is repeated with 50 digits and more, until
they are, and the answer is rounded from that. Touched kinks and undefined slopes are resolved by
gradient sampling (`sampler.py`). A pole of the text, an operation undefined at finite operands, has
no answer; a number that is too large on the way is no pole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff.passes.rewrite import Rewrite
from gdcli.errors import Span, UndefinedError
from gdcli.language.syntax import Expression
from gdcli.nonsmooth.bounded_pass import BoundedPass, EvaluatedInstruction, Tapes, run_bounded_pass
from gdcli.nonsmooth.provenance import Failure, described, where
from gdcli.numbers.bounded import SMALLEST_SUBNORMAL, Bounded, context_of, system_of

if TYPE_CHECKING:
    from gdcli.nonsmooth.sampler import Slopes

FLOAT_TOLERANCE = 1e-10  # of a float, relative: with more error it is computed again
EXACT_TOLERANCE = 1e-18  # of a number that is to be rounded to a float
DIGITS_TRIED = (50, 200, 800)


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
    done: kinks resolved, digits rescued, rewrites used.
    """

    value: float | None
    gradient: list[float | None]
    status: str  # "ok" or "undefined"
    message: str | None
    notes: tuple[str, ...]
    text: str
    span: Span | None

    @property
    def error(self) -> UndefinedError:
        """The error that says `undefined: ...`, with a caret under the place."""
        return UndefinedError(f"undefined: {self.message}", self.text, self.span)


def answer(function: TapedFunction, point: Sequence[float]) -> Answer:
    """Value and gradient of `function` at `point`, a flat list of n finite floats."""
    return _Question(function, list(map(float, point))).answer()


class _Question:
    def __init__(self, function: TapedFunction, point: list[float]) -> None:
        self.function = function
        self.expression = function.expression
        self.tapes = function.tapes
        self.point = point
        self.known = dict(zip(self.tapes.value.inputs, point, strict=True))
        self.notes = [
            f"rewritten: {self.expression.formula(origin)} by {name}"
            for name, origin in function.rewrites
        ]

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
        digits, bounded_pass = self.settled(constants_are_floats=False)
        missed = in_floats.coincident - bounded_pass.coincident - bounded_pass.touched.keys()
        # Where floats put the point exactly onto a kink or a pole and the exact constants do not
        # (x - 0.1 at 0.1, x - pi at pi), it is meant to lie there: constants are floats as well,
        # unless they do not put it there either (1 + x^2 is 1 in floats at a small x).
        as_floats = False
        if missed:
            more, other = self.settled(constants_are_floats=True)
            as_floats = not missed.isdisjoint(other.coincident | other.touched.keys())
            if as_floats:
                digits, bounded_pass = more, other
        if bounded_pass.pole is not None:
            return self.refused(self.described(bounded_pass.pole))
        lost = [
            number
            for number in (in_floats.value, *in_floats.gradient)
            if not _right_in_floats(number)
        ]
        if lost and not bounded_pass.touched:
            self.notes.append(f"computed with {digits} digits: floats lose too many here")
        value = rounded(bounded_pass.value)
        gradient = [rounded(slope) for slope in bounded_pass.gradient]
        failure = self.beyond(bounded_pass) if value is None else None
        if value is not None and (bounded_pass.touched or _unknown(bounded_pass)):
            found = self.slopes(bounded_pass, digits, as_floats)
            if isinstance(found, Failure):
                gradient = [None if bounded_pass.touched else slope for slope in gradient]
                return self.finished(value, gradient, found)
            gradient = self.resolved_gradient(bounded_pass, found, gradient)
        if failure is None and None in gradient:
            failure = self.slope_failure(bounded_pass, gradient)
        return self.finished(value, gradient, failure)

    def settled(self, constants_are_floats: bool) -> tuple[int, BoundedPass]:
        """A bounded pass of enough digits to be certain, and how many those are."""
        for digits in DIGITS_TRIED:
            system = system_of(digits, constants_are_floats)
            bounded_pass = run_bounded_pass(
                system, self.tapes, list(map(context_of(digits).mpf, self.point))
            )
            if bounded_pass.certain and all(
                map(well_known, (bounded_pass.value, *bounded_pass.gradient))
            ):
                break
        return digits, bounded_pass

    def slopes(self, bounded_pass: BoundedPass, digits: int, as_floats: bool) -> Slopes | Failure:
        """The least-norm slopes around the point, or why they were not found."""
        from gdcli.nonsmooth.block_sampler import PassNumbers, UnresolvedKinks, slopes_by_blocks

        numbers = PassNumbers(digits, as_floats)
        touched = set(bounded_pass.touched)
        try:
            return slopes_by_blocks(
                self.tapes.value, self.point, touched, _unknown(bounded_pass), numbers
            )
        except UnresolvedKinks as error:
            return self.many_sided(bounded_pass, error.variables)

    def many_sided(self, bounded_pass: BoundedPass, variables: int) -> Failure:
        """The failure of a kink in too many variables to be sampled."""
        evaluated = next(iter(bounded_pass.touched.values()), bounded_pass.slope)
        origin = -1 if evaluated is None else evaluated.instruction.origin
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
        return described(
            self.expression, evaluated.instruction, evaluated.operands, self.known, of_what
        )

    def beyond(self, bounded_pass: BoundedPass) -> Failure:
        """The failure of a value that is no float."""
        if bounded_pass.overflow is not None:
            return self.described(bounded_pass.overflow)
        in_floats = self.function.failing(self.point)
        if in_floats is not None:
            return in_floats
        whole = where(self.expression, -1, self.known)
        return Failure(f"{whole}: too large a number", self.expression.nodes[-1].span)

    def slope_failure(self, bounded_pass: BoundedPass, gradient: list[float | None]) -> Failure:
        """The failure of a component that has no finite value."""
        if bounded_pass.slope is not None:
            return self.described(bounded_pass.slope, "the derivative of ")
        kinks = list(bounded_pass.touched.values())
        origin = kinks[0].instruction.origin if kinks else -1
        place = where(self.expression, origin, self.known)
        names = [n for n, g in zip(self.known, gradient, strict=True) if g is None]
        span = self.expression.nodes[origin].span
        if not kinks:
            return Failure(f"the derivative by {', '.join(names)}: too large a number", span)
        return Failure(
            f"the derivative of {place}: the slopes by {', '.join(names)} do not settle", span
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
        )


def _unknown(bounded_pass: BoundedPass) -> set[int]:
    """The inputs by which the derivative is not known."""
    return {
        number
        for number, slope in enumerate(bounded_pass.gradient)
        if not (slope.good and well_known(slope))
    }


def _right_in_floats(number: Bounded) -> bool:
    """Whether a float is right to 10 digits, or as far as its smallest step allows."""
    least = max(FLOAT_TOLERANCE * abs(number.value), 64 * SMALLEST_SUBNORMAL)
    return number.good and bool(number.error <= least)


def well_known(number: Bounded) -> bool:
    """Whether a number can be rounded to a float as if it were exact; it may round to 0."""
    return bool(
        number.error <= EXACT_TOLERANCE * abs(number.value)
        or 4 * (abs(number.value) + number.error) < SMALLEST_SUBNORMAL
        or not abs(number.value) < inf
    )


def rounded(number: Bounded) -> float | None:
    """The float nearest to a number; None where there is none, or the number is not known."""
    return as_float(number.value) if number.good and well_known(number) else None


def as_float(number: Any) -> float | None:
    """The float nearest to a number; None where that is too large."""
    nearest = float(number) + 0.0
    return nearest if isfinite(nearest) else None
