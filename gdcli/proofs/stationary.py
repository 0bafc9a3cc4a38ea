"""Function and a point → Certificate: that one stationary point lies near by, and of which kind.

Newton's method, in as many digits as are asked for, leads from the point to the stationary point;
Krawczyk's test proves that a tiny box around where it ends holds exactly one, and encloses it. The
largest box found around that, over which the Hessian stays regular, holds no other. All is computed
in the arithmetic of `interval_ends.py`, of which only enclosures are believed.

Where no stationary point is near, a descent looks for a lower point. Nothing is proved where the
Hessian is singular, nor at a kink, which may be a minimum but is no stationary point.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, hypot, inf, isfinite, log2
from time import perf_counter

from gdcli.descent.minimize import run_descent
from gdcli.descent.stopping import Outcome
from gdcli.descent.subgradient import KINK_RADIUS
from gdcli.errors import interruption
from gdcli.functions.function import Function
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.point_arithmetic import point_arithmetic
from gdcli.proofs.certificate import (
    DISPROVED,
    ENCLOSURE_CLAIM,
    INTERRUPTED,
    PROVED,
    UNIQUE_CLAIM,
    UNRESOLVED,
    VALUE_CLAIM,
    Certificate,
    CertifiedPoint,
    Ends,
)
from gdcli.proofs.digits import CERTIFIED_DIGITS, rounded_outward, told_digits
from gdcli.proofs.enclosed_function import (
    Box,
    EnclosedFunction,
    mean_value_form,
    refuse_many_components,
)
from gdcli.proofs.growth import Growth
from gdcli.proofs.krawczyk import (
    NewtonStep,
    ScaledHessian,
    hessian_over,
    is_finite,
    krawczyk,
    newton_step,
    stationary_box,
)

SPARE_DIGITS = 2  # of the ends of an enclosure, beyond the digits that are asked for
SPARE_BITS = 64  # of the arithmetic, beyond the digits that are asked for, at first
MOST_PRECISION_RAISES = 4  # each by the digits that are missing, or to twice as many
GROWTH_BITS = 128  # in which the largest box is looked for
NEAR_RADIUS = 0.1  # of max(1, ‖x‖∞): as far as Newton's method may lead from the point given
MOST_NEWTON_STEPS = 60  # beside one for each digit
KEPT_HESSIAN_RATIO = 1e-3  # of a step to the one before, above which the Hessian is made again
SLOW_RATIO = 0.2  # beyond which a step hardly shrinks: at a singular Hessian by 1/2, 2/3, ...
MOST_SLOW_STEPS = 30  # in a row
DEGENERATE_STEP = 1e-3  # of the near radius: a slow step below it leads to a singular Hessian
MOST_LOWER_POINT_STEPS = 30  # of a descent that looks for a lower point
BIT_PER_DIGIT = log2(10)


def certify_point(
    function: Function,
    point: Sequence[float],
    digits: int | None = None,
    noun: str = "the point given",
    deadline: float = inf,
) -> Certificate:
    """Return the certificate of the stationary point near a flat point of shape (n,).

    The status is "proved" where exactly one lies in a box, whatever its kind; `digits`, by default
    16, of it and of f there are proved then. It is "disproved" where the point itself is not
    stationary, none is near, and a lower point was found. KeyboardInterrupt ends it with what is
    proved so far, and so does the `deadline`, a time of perf_counter. Messages call the point
    `noun`. Raises UndefinedError where f has no value there, and UsageError for more than 200
    components.
    """
    refuse_many_components(len(point))
    start, count = [float(c) for c in point], digits or CERTIFIED_DIGITS
    proof = _PointProof(function, start, count, noun, deadline)
    try:
        return proof.certificate()
    except KeyboardInterrupt as interrupt:
        known = "" if proof.found else ", nothing is proved"
        return proof.so_far(INTERRUPTED, interruption(interrupt) + known)


class _Obstacle(Exception):
    """Why nothing is proved at a point; `degenerate` where a stationary point may be near."""

    def __init__(self, reason: str, degenerate: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.degenerate = reason, degenerate


class _PointProof:
    """The proof about the stationary point near a given one, as far as it has come."""

    def __init__(
        self,
        function: Function,
        start: list[float],
        count: int,
        noun: str,
        deadline: float,
    ) -> None:
        self.function, self.start, self.count, self.noun = function, start, count, noun
        self.deadline = deadline
        self.free = range(len(start))
        self.boxes = 0  # that were tested
        self.f: Ends = (-inf, inf)
        self.found: CertifiedPoint | None = None
        self.digits = 0
        self.enclosed = EnclosedFunction(function, interval_ends())
        self.use(ceil(count * BIT_PER_DIGIT) + SPARE_BITS)

    def use(self, bits: int) -> None:
        """Has all that follows computed with so many bits."""
        self.bits, self.arithmetic = bits, point_arithmetic(bits).description
        self.system = interval_ends(bits)
        self.enclosed = self.enclosed.over(self.system)

    def certificate(self) -> Certificate:
        """The proof, from the point given on."""
        start = [Fraction(c) for c in self.start]
        here = self.box(start)
        value, gradient = self.enclosed.value_and_gradient(here)
        f = self.system.ends(value)
        defined = value.flags & DEFINED and is_finite(f)
        self.f = f if defined else (-inf, inf)
        if not defined and not isfinite(self.function(self.start)):  # it raises UndefinedError
            raise self.function.undefined(self.start, "f has no value")
        try:
            tight = self.enclosure(start)
            self.certify(tight)
        except _Obstacle as obstacle:
            ends = [self.system.ends(one) for one in gradient if one.flags & DEFINED]
            if not obstacle.degenerate and any(low > 0 or high < 0 for low, high in ends):
                return self.of_no_stationary_point(obstacle.reason)
            return self.so_far(UNRESOLVED, f"not proved: {obstacle.reason}")
        assert self.found is not None
        box = self.ends(tight)
        where = self.noun
        if any(not low <= x <= high for x, (low, high) in zip(start, box, strict=True)):
            middle = self.middle(tight)
            away = hypot(*(float(a - b) for a, b in zip(middle, start, strict=True)))
            where = f"{away:.2g} from {self.noun}"
        message = (
            f"exactly one stationary point lies in the box, a {self.found.kind}; it is {where}"
        )
        return self.so_far(PROVED, message)

    def so_far(self, status: str, message: str) -> Certificate:
        """The certificate of what is proved, or of why nothing is."""
        found, asked = self.found, (UNIQUE_CLAIM,)
        claims = {UNIQUE_CLAIM: found is not None}
        everywhere = found is not None and all(ends == (-inf, inf) for ends in found.largest)
        if found is not None and found.kind == "minimum" and found.largest and everywhere:
            claims |= {VALUE_CLAIM: True, ENCLOSURE_CLAIM: True}  # f is strictly convex everywhere
        return Certificate(
            status=status,
            message=message,
            f=found.f if found else self.f,
            minimizers=(found,) if found else (),
            claims=claims,
            asked=asked,
            boxes=self.boxes,
            left=(),
            digits=self.digits,
            arithmetic=self.arithmetic,
        )

    def of_no_stationary_point(self, reason: str) -> Certificate:
        """The certificate where the point given is not stationary: with a lower one, if found."""
        result = run_descent(
            self.function, self.start, max_iterations=MOST_LOWER_POINT_STEPS, keep=0
        )
        if result.outcome is Outcome.INTERRUPTED:
            return self.so_far(INTERRUPTED, result.message)
        x = tuple(map(float, result.x))
        value = self.enclosed.value(self.box([Fraction(c) for c in x]))
        ends = self.system.ends(value)
        if value.flags & DEFINED and is_finite(ends) and ends[1] < self.f[0]:
            message = f"{self.noun} is not stationary, and f is lower at another; {reason}"
            return self.so_far(DISPROVED, message)._replace(lower=(x, ends))
        kink = self.kink_at([Fraction(c) for c in self.start])
        return self.so_far(
            UNRESOLVED, f"not proved: {kink or f'{self.noun} is not stationary; {reason}'}"
        )

    # -- Newton's method and Krawczyk's test ----------------------------------------------------

    def enclosure(self, start: list[Fraction]) -> Box:
        """A box of as many digits as are asked for, that holds exactly one stationary point."""
        x, hessian = self.newton(start)
        for _ in range(MOST_PRECISION_RAISES):
            if hessian.is_singular:
                break
            tight = stationary_box(self.enclosed, x, self.box(x), self.free, hessian)
            self.boxes += 1
            if tight is not None:
                tight = self.narrowed(tight)
                digits = self.told(tight)
                if digits > self.count:
                    return tight
                x = self.middle(tight)
                self.use(self.bits + ceil((self.count - digits) * BIT_PER_DIGIT) + SPARE_BITS)
            else:
                self.use(2 * self.bits)
            x, hessian = self.newton(x)
        raise _Obstacle(self.why_not(x), degenerate=True)

    def newton(self, start: list[Fraction]) -> tuple[list[Fraction], ScaledHessian]:
        """Where Newton's method leads from a point, and a Hessian near by.

        Raises _Obstacle where that is not near.
        """
        x, hessian, last, slow = start, None, inf, 0
        near = NEAR_RADIUS * max(1.0, *map(abs, self.start))
        for _ in range(MOST_NEWTON_STEPS + self.count):
            if perf_counter() > self.deadline:
                raise _Obstacle("the time allowed has passed", degenerate=True)
            step = newton_step(self.enclosed, self.box(x), x, self.free, hessian)
            if step is None:
                raise _Obstacle(self.why_not(x))
            x = [_rounded(c + m, self.bits) for c, m in zip(x, step.moves, strict=True)]
            if any(abs(c - b) > near for c, b in zip(x, self.start, strict=True)):
                kink = self.kink_at(start)
                far = f"Newton's method leads farther than {near:.2g} away from it"
                raise _Obstacle(kink or far)
            size = float(max(map(abs, step.moves))) / near
            if self.is_noise(step, near) or (size > last / 2 and size < 2.0 ** (-self.bits / 2)):
                return x, step.hessian
            slow = slow + 1 if size > SLOW_RATIO * last else 0
            if slow > MOST_SLOW_STEPS:
                break
            hessian = step.hessian if size < KEPT_HESSIAN_RATIO * last else None
            last = size
        if last > DEGENERATE_STEP:
            raise _Obstacle("Newton's method finds no stationary point near it")
        raise _Obstacle(self.why_not(x), degenerate=True)

    def is_noise(self, step: NewtonStep, near: float) -> bool:
        """Whether a step is no longer than the rounding of the point, or of the gradient there."""
        unit = Fraction(near) * Fraction(2) ** (4 - self.bits)
        return all(
            abs(move) <= max(unit, 2 * (reach - abs(move)))
            for move, reach in zip(step.moves, step.reaches, strict=True)
        )

    def narrowed(self, box: Box) -> Box:
        """The box of the one stationary point, made narrower as long as Krawczyk's test does."""
        digits = -inf
        while digits < (now := self.told(box)) <= self.count:
            digits = now
            self.boxes += 1
            box = krawczyk(self.enclosed, box, self.middle(box), self.free).box
        return box

    def told(self, box: Box) -> int:
        """How many digits a box tells of the point, and one more than of f there."""
        return min(told_digits(self.ends(box)), told_digits([self.value_over(box)]) + 1)

    def why_not(self, x: Sequence[Fraction]) -> str:
        """The reason why Krawczyk's test, or Newton's step, has no success at a point."""
        there = self.box(x)
        value, gradient = self.enclosed.value_and_gradient(there)
        if not value.flags & DEFINED:
            return f"f is not known to be defined {self.where(x)}"
        if kink := self.kink_at(x):
            return kink
        if hessian_over(self.enclosed, there, self.free) is None:
            smooth = all(one.flags == DEFINED_AND_CONTINUOUS for one in (value, *gradient))
            which = "second" if smooth else "first"
            return f"the {which} derivatives are not known to be continuous {self.where(x)}"
        return f"the Hessian is singular {self.where(x)}, or all but singular"

    def kink_at(self, x: Sequence[Fraction]) -> str:
        """A sentence that names a kink at a point; empty without one."""
        kinks = self.function.kinks([float(c) for c in x], KINK_RADIUS)
        return f"{kinks[0]} is a kink, where f may have no derivatives" if kinks else ""

    def where(self, x: Sequence[Fraction]) -> str:
        """Where a point is: "there" for the one given."""
        return "there" if [float(c) for c in x] == self.start else "near by"

    # -- what is proved of the box --------------------------------------------------------------

    def certify(self, tight: Box) -> None:
        """Finds the kind of the stationary point in a tight box, f there and the largest box.

        The enclosure that is told is rounded to the digits that were asked for, and lies in the
        largest box, which holds one stationary point only.
        """
        hessian = hessian_over(self.enclosed, tight, self.free)
        kind = None if hessian is None else hessian.inertia().kind
        if hessian is None or kind is None:
            raise _Obstacle(self.why_not(self.middle(tight)), degenerate=True)
        ends = self.ends(tight)
        (f,) = rounded_outward([self.value_over(tight)], self.count + SPARE_DIGITS)
        self.found = CertifiedPoint(ends, f, kind, unique=True)
        self.digits = self.count
        rough = interval_ends(min(self.bits, GROWTH_BITS))
        growth = Growth(self.enclosed.over(rough), ends, hessian.scales, self.deadline)
        largest = tuple(map(rough.ends, growth.largest()))
        self.boxes += growth.tests
        x = rounded_outward(ends, self.count + SPARE_DIGITS)
        if any(a < c or b > d for (a, b), (c, d) in zip(x, largest or ends, strict=True)):
            x = ends
        self.found = self.found._replace(x=x, largest=largest)

    def value_over(self, box: Box) -> Ends:
        """The enclosure of f over a box, by the mean value form too."""
        value = self.enclosed.value
        box = [self.system.of(*one) for one in self.ends(box)]
        f, gradient = self.enclosed.value_and_gradient(box)
        f = mean_value_form(self.system, value, f, gradient, box, self.middle(box))
        return self.system.ends(f)

    def box(self, x: Sequence[Fraction]) -> Box:
        """The box that is a point."""
        return [self.system.of(c, c) for c in x]

    def middle(self, box: Box) -> list[Fraction]:
        """A point of the box, near its midpoint, of no more bits than the arithmetic has."""
        found = []
        for low, high in self.ends(box):
            middle = _rounded((Fraction(low) + Fraction(high)) / 2, self.bits)
            found.append(middle if low <= middle <= high else Fraction(low))
        return found

    def ends(self, box: Box) -> tuple[Ends, ...]:
        """The ends of a box."""
        return tuple(map(self.system.ends, box))


def _rounded(x: Fraction, bits: int) -> Fraction:
    """The number rounded to so many significant bits."""
    excess = abs(x.numerator).bit_length() - x.denominator.bit_length() - bits
    unit = Fraction(2) ** excess
    return round(x / unit) * unit
