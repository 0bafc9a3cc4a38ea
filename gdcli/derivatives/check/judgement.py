"""Claims → Judgement: each formula of a derivation against the derivative, point by point.

Both sides are evaluated with 50 digits and a bound of their errors, so that another algebraic form
of the same derivative agrees however badly floats would compute it. They agree where they differ
by no more than one in 10^12 for sure, are wrong where they differ by more for sure, and are
evaluated with more digits where neither is. A point where either side is undefined or cannot be
told, or where the function has a kink, is skipped and counted; a claim that was compared nowhere
is neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import Tape
from gdcli.derivatives.check.claims import Claim
from gdcli.derivatives.check.hints import hint
from gdcli.derivatives.check.sampling import Sample, samples
from gdcli.errors import GdcliError, Sentence, Setting, count_of
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.named_tuples import NamedTuple
from gdcli.nonsmooth.bounded_pass import as_bounded
from gdcli.numbers.bounded import Bounded, context_of, system_of
from gdcli.numbers.floats import to_float

ENOUGH_COMPARISONS = 96  # of a claim
MOST_POINTS_TRIED = 1000
PASS_DIGITS = (50, 100, 200)
TOLERANCE = 1e-12  # relative; a constant rounded to a double is as good as the exact one
ZERO_BOUND = 1e-100
MOST_HINTS = 3  # wrong claims for which a slip is sought
KINK_TOLERANCE = 1e-9  # of a kink, where rounding decides the side


class Counterexample(NamedTuple):
    """A point where a claim is wrong: both numbers, as floats and as texts that show it."""

    at: tuple[float, ...]
    yours: float
    derivative: float
    texts: tuple[str, str]


class Finding(NamedTuple):
    """The result of one claim: how many points were compared and skipped, and what was found.

    At `missing` of the skipped points the claim has no value where the derivative has one.
    """

    claim: Claim
    compared: int
    skipped: int
    missing: int
    counterexample: Counterexample | None
    hint: str | None

    @property
    def right(self) -> bool | None:
        """Whether the claim holds; None where nothing could be compared."""
        return self.counterexample is None if self.compared else None

    @property
    def label(self) -> str:
        """The derivative as one writes it: ∂f/∂y."""
        names = self.claim.name.split(", ")
        return f"∂f/∂{names[0]}" if len(names) == 1 else f"∂²f/∂{names[0]}∂{names[1]}"


class Judgement(NamedTuple):
    """The findings of all claims at the points tried; `sampled` says that they were drawn here.

    `undefined` says why there is no derivative at the first point that has none.
    """

    variables: tuple[str, ...]
    findings: list[Finding]
    tried: int
    undefined: GdcliError | None
    sampled: bool

    @property
    def status(self) -> str:
        """`wrong` where one claim is, `undefined` where one could not be compared anywhere."""
        verdicts = {finding.right for finding in self.findings}
        return "wrong" if False in verdicts else "undefined" if None in verdicts else "right"

    @property
    def right(self) -> bool | None:
        """Whether every claim holds; None where one could not be compared anywhere."""
        return {"right": True, "wrong": False}.get(self.status)

    def __bool__(self) -> bool:
        return self.status == "right"

    def __repr__(self) -> str:
        return "\n".join([f"Judgement({self.status})", *(f"  {one}" for one in self.sentences)])

    @property
    def points(self) -> int:
        """At how many points every claim was compared, at the least."""
        return min(finding.compared for finding in self.findings)

    @property
    def sentences(self) -> list[str]:
        """The judgement in words: each wrong claim with its counterexample, or that all hold."""
        found = [text for finding in self.findings for text in self._about(finding)]
        if self.status == "right":
            skipped = max(finding.skipped for finding in self.findings)
            also = f", {skipped} skipped" if skipped else ""
            found.insert(0, f"right: compared at {count_of(self.points, 'point')}{also}")
        return found

    def _about(self, finding: Finding) -> Iterator[str]:
        wrong = finding.counterexample
        if wrong is not None:
            names = zip(self.variables, wrong.at, strict=True)
            where = ", ".join(f"{name}={value!r}".removesuffix(".0") for name, value in names)
            yours, derivative = wrong.texts
            name = finding.claim.name if len(finding.claim.places) == 1 else finding.label
            perhaps = f"; perhaps {finding.hint}" if finding.hint else ""
            sides = f"yours {yours}, the derivative is {derivative}"
            yield f"wrong in {name} at {where}: {sides}{perhaps}"
        elif not finding.compared:
            elsewhere = Sentence("; name points where they are: {}", Setting("at"))
            yield Sentence(
                "nothing to compare in {}: at none of {} are both sides defined{}",
                *(finding.label, count_of(self.tried, "point"), elsewhere if self.sampled else ""),
            )
        if finding.missing:
            points = count_of(finding.missing, "point")
            lacking = f"has no value at {points} where {finding.label} has one"
            yield f"yours, {finding.claim.text}, {lacking}"


def judge(
    function: Function, claims: Sequence[Claim], points: Iterable[Sample] | None = None
) -> Judgement:
    """Compare the claims with the derivatives at `points`, else at those of `samples`."""
    trials = [_Trial(claim) for claim in claims]
    tried, undefined = 0, None
    for point in islice(samples(function), MOST_POINTS_TRIED) if points is None else points:
        open_ones = [trial for trial in trials if trial.is_open(points is None)]
        if not open_ones:
            break
        tried += 1
        truth = Truth(function, point)
        for trial in open_ones:
            trial.compare_at(truth)
        if truth.undefined and undefined is None:
            undefined = _why(function, truth.floats)
    findings = [trial.finding() for trial in trials]
    wrong = [number for number, finding in enumerate(findings) if finding.right is False]
    for number in wrong[:MOST_HINTS]:
        advice = hint(function, findings[number].claim)
        findings[number] = findings[number]._replace(hint=advice)
    return Judgement(function.variables, findings, tried, undefined, points is None)


def _why(function: Function, point: Sequence[float]) -> GdcliError | None:
    """Why the function has no derivative at the point; None where it lies on a kink."""
    found = function.answer(point)
    return None if found.status == "ok" else found.error


class _Trial:
    """A claim, and the counts of the points where it has been compared."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.compared = self.skipped = self.missing = 0
        self.counterexample: Counterexample | None = None

    def is_open(self, enough: bool) -> bool:
        return self.counterexample is None and not (enough and self.compared >= ENOUGH_COMPARISONS)

    def compare_at(self, truth: Truth) -> None:
        if truth.undefined:
            self.skipped += 1
            return

        here = compared(
            lambda digits: (
                truth.claimed(self.claim, digits),
                truth.derivative(self.claim.places, digits),
            )
        )
        if here is None:
            self.skipped += 1
            self.missing += truth.only_claim_undefined(self.claim)
            return
        self.compared += 1
        if not here.agree:
            yours, derivative = here.yours, here.derivative
            self.counterexample = Counterexample(
                truth.floats,
                float(yours),
                float(derivative),
                distinguishing_texts(yours, derivative),
            )

    def finding(self) -> Finding:
        return Finding(
            self.claim, self.compared, self.skipped, self.missing, self.counterexample, None
        )


class Truth:
    """The derivatives of a function at a point, and what is claimed of them, to any digits."""

    def __init__(self, function: Function, point: Sample) -> None:
        self.function = function
        self.floats = tuple(map(to_float, point))
        self.known: dict[tuple[int, int | None], list[Bounded]] = {}
        self.undefined = self._is_undefined()

    def _is_undefined(self) -> bool:
        if self.function.kinks(self.floats, KINK_TOLERANCE):
            return True
        return not self._numbers(self.function.tape, PASS_DIGITS[0])[0].good

    def claimed(self, claim: Claim, digits: int) -> Bounded:
        return self._numbers(claim.function.tape, digits)[0]

    def derivative(self, places: tuple[int, ...], digits: int) -> Bounded:
        """The first or second derivative by the variables at `places`."""
        *row, place = places
        key = digits, row[0] if row else None
        if key not in self.known:
            self.known[key] = self._derivatives(*key)
        return self.known[key][place]

    def only_claim_undefined(self, claim: Claim) -> bool:
        """Whether the derivative has a value and the claim has none."""
        derivative = self.derivative(claim.places, PASS_DIGITS[0])
        return derivative.good and not self.claimed(claim, PASS_DIGITS[0]).good

    def _derivatives(self, digits: int, row: int | None) -> list[Bounded]:
        tape = self.function.gradient_tape
        if row is None:
            return self._numbers(tape, digits)[1:]
        unit = [float(place == row) for place in range(len(self.floats))]
        return self._numbers(second_order(tape), digits, unit)[1:]

    def _numbers(self, tape: Tape, digits: int, more: Sequence[float] = ()) -> list[Bounded]:
        exact = context_of(digits).mpf
        inputs = [Bounded(exact(number), 0) for number in (*self.floats, *more)]
        return list(map(as_bounded, interpret(tape, system_of(digits), inputs)))


class Comparison(NamedTuple):
    """The number claimed and the derivative, and whether they agree."""

    agree: bool
    yours: Any
    derivative: Any


def compared(bounded_pass: Callable[[int], tuple[Bounded, Bounded]]) -> Comparison | None:
    """The Comparison of two numbers that are computed with more and more digits.

    `bounded_pass` gives both for a number of digits. None where no number of digits decides.
    """
    for digits in PASS_DIGITS:
        yours, derivative = bounded_pass(digits)
        if not (yours.good and derivative.good):
            continue
        one, other = yours.value, derivative.value
        apart, doubt = abs(one - other), yours.error + derivative.error
        allowed = TOLERANCE * max(abs(one), abs(other))
        if apart + doubt <= allowed or apart - doubt > allowed:
            return Comparison(apart <= allowed, one, other)
    # What is 0 on both sides has no relative difference; so many digits of 0 are enough.
    if yours.good and derivative.good and doubt < ZERO_BOUND:
        return Comparison(True, one, other)
    return None


def distinguishing_texts(one: Any, other: Any) -> tuple[str, str]:
    """Both numbers, with as many digits as it takes to see that they differ."""
    from mpmath import nstr

    for digits in (7, 12, 17, 30):
        texts = nstr(one, digits), nstr(other, digits)
        if texts[0] != texts[1]:
            break
    first, second = (text.removesuffix(".0") for text in texts)
    return first, second


@cache
def second_order(tape: Tape) -> Tape:
    """The Tape of a row of the Hessian, from that of the gradient; it is made once."""
    return tangent(tape)
