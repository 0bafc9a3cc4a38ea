"""Krawczyk's test: whether a box holds exactly one stationary point, or none, and of which kind.

Comes in: an EnclosedFunction, and one box of its intervals. Goes out: what is proved, and nothing
where the rules of `interval.py` do not hold: f and its gradient have to be defined and continuous
over the box, and its second derivatives defined, continuous and finite.

The test is computed in scaled coordinates u = (x - c)/d around a point c of the box, in which the
rows of the Hessian are of like size. There, with U the box, H the enclosure of the Hessian over it,
g that of the gradient at c, and any matrix Y, every stationary point of the box lies in

    K = -Y·g + (I - Y·H)·U,

and if K lies in the interior of U, there is exactly one. A symmetric matrix A has as many positive
and negative eigenvalues as Wᵀ·A·W, whose Gershgorin discs tell them where none of them touches 0.
So tell the pivots of A = L·D·Lᵀ, computed with intervals. Y and W are made of the eigenvectors of
the Hessian's midpoint in floats, of which nothing is trusted.

Sources: R. Krawczyk (1969); A. Neumaier, Interval Methods for Systems of Equations (1990), 5.1;
E. Hansen and G. W. Walster, Global Optimization Using Interval Analysis (2004), 11 and 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from math import inf, sqrt

from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS, Interval, IntervalSystem
from gdcli.proofs.certificate import Ends
from gdcli.proofs.enclosed_function import Box, EnclosedFunction

FIRST_RADIUS = 4  # of the first box around a point, in Newton's steps from there
LARGEST_RADIUS_RATIO = 2**20  # of that box's radii, scaled
WIDENING_POWERS = (0, 4, 10, 18)  # of two, by which its radii are multiplied
SCALING_ROUNDS = 6  # of the equilibration, which halves the logarithms of the sizes each time
Number = Fraction | float
Matrix = list[dict[int, Interval]]  # by row and column, without entries that are 0


class StationaryPoints(Enum):
    """How many stationary points a box is proved to hold."""

    NONE = "none"
    UNIQUE = "unique"
    UNKNOWN = "unknown"


class Krawczyk(NamedTuple):
    """What a step of Krawczyk's test has found of a box.

    `box` encloses the one stationary point where the outcome is UNIQUE, and every one of the box
    where it is UNKNOWN.
    """

    outcome: StationaryPoints
    box: Box


class EigenvalueSigns(NamedTuple):
    """Of every matrix of an interval matrix: how the eigenvalues' signs are.

    `regular` says that all eigenvalues are proved to be positive or negative; `positive` and
    `negative` that at least one is.
    """

    regular: bool
    positive: bool
    negative: bool

    @property
    def kind(self) -> str | None:
        """The kind of a stationary point with such a Hessian; None where that is not known."""
        if self.positive and self.negative:
            return "saddle"
        if not self.regular:
            return None
        return "maximum" if self.negative else "minimum"


def krawczyk(
    enclosed: EnclosedFunction, box: Box, center: Sequence[Number], free: Sequence[int]
) -> Krawczyk:
    """One step of Krawczyk's test of a box, around the point `center` of it.

    The components `free` vary, the others are held at what the box has for them. A box of which
    UNIQUE is the outcome holds exactly one point at which the derivatives by the free components
    are 0.
    """
    system = enclosed.system
    ends = [system.ends(one) for one in box]
    box = [system.of(*one) for one in ends]  # which `ends` may tell a little wider
    unknown = Krawczyk(StationaryPoints.UNKNOWN, box)
    value, gradient = enclosed.value_and_gradient(box)
    if value.flags != DEFINED_AND_CONTINUOUS:
        return unknown
    slopes = [gradient[i] for i in free]
    for slope in slopes:
        low, high = system.ends(slope)
        if slope.flags & DEFINED and is_finite((low, high)) and (low > 0 or high < 0):
            return Krawczyk(StationaryPoints.NONE, box)
    c = [Fraction(center[i]) for i in free]
    ends = [ends[i] for i in free]
    if not all(is_finite(one) and one[0] <= x <= one[1] for one, x in zip(ends, c, strict=True)):
        return unknown
    hessian = _with_slopes(enclosed, box, free, slopes)
    if hessian is None or (inverse := hessian.inverse()) is None:
        return unknown
    gradient = enclosed.value_and_gradient(_at(system, box, c, free))[1]
    at_center = [gradient[i] for i in free]
    if not _are_finite(system, at_center):
        return unknown
    scales, arithmetic = hessian.scales, IntervalArithmetic(system)
    u = [((low - x) / d, (high - x) / d) for (low, high), x, d in zip(ends, c, scales, strict=True)]
    widths = [system.of(*one) for one in u]
    g = [arithmetic.times(arithmetic.number(d), s) for d, s in zip(scales, at_center, strict=True)]
    found = []
    for i, row in enumerate(inverse):
        y = [arithmetic.number(entry) for entry in row]
        change = arithmetic.dot(y, g)
        step = arithmetic.minus(arithmetic.number(0), change)
        for j, entries in enumerate(hessian.rows):  # which are its columns too
            product = arithmetic.dot([y[k] for k in entries], entries.values())
            rest = arithmetic.minus(arithmetic.number(int(i == j)), product)
            step = arithmetic.plus(step, arithmetic.times(rest, widths[j]))
        found.append(system.ends(step))
    if not all(map(is_finite, found)):
        return unknown
    contracted, inside = list(box), True
    for i, x, d, (low, high), (least, most) in zip(free, c, scales, found, u, strict=True):
        if high < least or low > most:
            return Krawczyk(StationaryPoints.NONE, box)
        inside = inside and least < low and high < most
        contracted[i] = system.of(x + d * max(low, least), x + d * min(high, most))
    outcome = StationaryPoints.UNIQUE if inside else StationaryPoints.UNKNOWN
    return Krawczyk(outcome, contracted)


class NewtonStep(NamedTuple):
    """A step of Newton's method from a point, by the free components.

    `moves` are the midpoints of the step's enclosure, `reaches` how far from 0 its ends are.
    """

    moves: list[Fraction]
    reaches: list[Fraction]
    hessian: ScaledHessian


def newton_step(
    enclosed: EnclosedFunction,
    box: Box,
    center: Sequence[Fraction],
    free: Sequence[int],
    hessian: ScaledHessian | None = None,
) -> NewtonStep | None:
    """Newton's step from a point; None where it does not exist.

    Without a Hessian it is made with the one at the point.
    """
    there = _at(enclosed.system, box, center, free)
    value, gradient = enclosed.value_and_gradient(there)
    slopes = [gradient[i] for i in free]
    if value.flags != DEFINED_AND_CONTINUOUS or not _are_finite(enclosed.system, slopes):
        return None
    hessian = hessian or _with_slopes(enclosed, there, free, slopes)
    if hessian is None or (inverse := hessian.inverse()) is None:
        return None
    arithmetic, scales = hessian.arithmetic, hessian.scales
    g = [arithmetic.times(arithmetic.number(d), s) for d, s in zip(scales, slopes, strict=True)]
    moves, reaches = [], []
    for row, d in zip(inverse, scales, strict=True):
        change = arithmetic.dot([arithmetic.number(entry) for entry in row], g)
        low, high = enclosed.system.ends(change)
        if not is_finite((low, high)):
            return None
        moves.append(-d * (Fraction(low) + Fraction(high)) / 2)
        reaches.append(d * Fraction(max(high, -low)))
    return NewtonStep(moves, reaches, hessian)


def _at(
    system: IntervalSystem, box: Box, center: Sequence[Fraction], free: Sequence[int]
) -> list[Interval]:
    """The box with its free components at a point."""
    there = list(box)
    for i, x in zip(free, center, strict=True):
        there[i] = system.of(x, x)
    return there


def _are_finite(system: IntervalSystem, slopes: Sequence[Interval]) -> bool:
    """Whether all are defined and finite."""
    return all(one.flags & DEFINED and is_finite(system.ends(one)) for one in slopes)


def kind_over(enclosed: EnclosedFunction, box: Box, free: Sequence[int]) -> str | None:
    """The kind of any stationary point in the box, by the Hessian over all of it.

    "minimum" where f is strictly convex over the box in its free components, "maximum" where it is
    strictly concave, "saddle" where every Hessian has eigenvalues of both signs; None where none of
    them is proved.
    """
    found = inertia_over(enclosed, box, free)
    return None if found is None else found.kind


def inertia_over(
    enclosed: EnclosedFunction, box: Box, free: Sequence[int]
) -> EigenvalueSigns | None:
    """The signs of the eigenvalues of the Hessian over the box, where it exists.

    Where it is regular the gradient takes no value twice in the box, so that no box holds two
    stationary points: the mean of the Hessians between two points is one of the interval matrix.
    """
    hessian = hessian_over(enclosed, box, free)
    return None if hessian is None else hessian.inertia()


def stationary_box(
    enclosed: EnclosedFunction,
    point: Sequence[Number],
    within: Box,
    free: Sequence[int],
    hessian: ScaledHessian | None = None,
) -> Box | None:
    """A small box that Krawczyk's test proves to hold one stationary point; None without one.

    The point lies near by, and the other components are those of `within`. Boxes of ever larger
    width are tried, from the length of Newton's step on. `hessian` is that at the point, if known.
    """
    system, center = enclosed.system, [Fraction(point[i]) for i in free]
    step = newton_step(enclosed, within, center, free, hessian)
    if step is None:
        return None
    scales, one = step.hessian.scales, Fraction(1)
    common = max((r / d for r, d in zip(step.reaches, scales, strict=True)), default=Fraction(0))
    if not common:  # the point is stationary to the last bit
        sizes = [max(abs(x), Fraction(EPSILON)) for x in center]
        common = Fraction(EPSILON) * min(
            (x / d for x, d in zip(sizes, scales, strict=True)), default=one
        )
    radii = [
        max(FIRST_RADIUS * reach, common * scale / LARGEST_RADIUS_RATIO)
        for reach, scale in zip(step.reaches, scales, strict=True)
    ]
    for power in WIDENING_POWERS:
        trial = list(within)
        for i, x, radius in zip(free, center, radii, strict=True):
            trial[i] = system.of(x - radius * 2**power, x + radius * 2**power)
        found = krawczyk(enclosed, trial, point, free)
        if found.outcome is StationaryPoints.UNIQUE:
            return found.box
    return None


class IntervalArithmetic:
    """The arithmetic of Intervals that linear algebra needs."""

    def __init__(self, system: IntervalSystem) -> None:
        operations = system.numbers.operations
        self.of = system.of
        self.plus, self.minus = operations["+"], operations["-"]
        self.times, self.over = operations["*"], operations["/"]
        self.power = operations["pow-integer"]

    def number(self, x: Number) -> Interval:
        """The Interval of one number."""
        return self.of(x, x)

    def square(self, x: Interval) -> Interval:
        """x², never below 0."""
        found: Interval = self.power(x, self.number(2))
        return found

    def dot(self, a: Sequence[Interval], b: Iterable[Interval]) -> Interval:
        """The sum of the products."""
        total = None
        for left, right in zip(a, b, strict=True):
            product = self.times(left, right)
            total = product if total is None else self.plus(total, product)
        return self.number(0) if total is None else total


class ScaledHessian:
    """The enclosure of D·H·D over a box, where D is diagonal, of powers of two.

    `rows` has the entries of each row that may not be 0, by column; `scales` are the entries of D.
    The eigenvalues and the eigenvectors are those of the midpoint in floats, where an eigenvalue
    below `least` is lost in rounding; `radii` has, by row and column, what the entries vary by.
    """

    def __init__(
        self, system: IntervalSystem, entries: Matrix, ends: Sequence[Mapping[int, Ends]]
    ) -> None:
        self.system, self.arithmetic, n = system, IntervalArithmetic(system), len(entries)
        powers = _equilibration(
            [{j: max(high, -low) for j, (low, high) in row.items()} for row in ends]
        )
        self.scales = [Fraction(2) ** power for power in powers]
        d, times = [self.arithmetic.number(scale) for scale in self.scales], self.arithmetic.times
        self.rows = [
            {j: times(times(d[i], entry), d[j]) for j, entry in row.items()}
            for i, row in enumerate(entries)
        ]
        middle = [[0.0] * n for _ in range(n)]
        self.radii: list[dict[int, float]] = [{} for _ in range(n)]
        for i, row in enumerate(ends):
            for j, (low, high) in row.items():
                half = self.scales[i] * self.scales[j] / 2
                middle[i][j] = float((Fraction(low) + Fraction(high)) * half)
                self.radii[i][j] = float((Fraction(high) - Fraction(low)) * half)
        self.eigenvalues, self.eigenvectors = symmetric_eigen(middle)
        self.least = EPSILON * max(map(abs, self.eigenvalues), default=1.0)

    def inverse(self) -> list[list[float]] | None:
        """The pseudoinverse of the midpoint in floats; None where all of it is lost in rounding."""
        n = len(self.rows)
        if not 0.0 < self.least < inf:
            return None
        pairs = zip(self.eigenvalues, self.eigenvectors, strict=True)
        known = [(value, vector) for value, vector in pairs if abs(value) > self.least]
        return [
            [sum(v[i] * v[j] / value for value, v in known) for j in range(n)] for i in range(n)
        ]

    @property
    def is_singular(self) -> bool:
        """Whether the midpoint is singular, as far as floats tell."""
        return any(abs(value) <= self.least for value in self.eigenvalues)

    def inertia(self) -> EigenvalueSigns:
        """The signs of the eigenvalues of every matrix."""
        found = self._by_elimination()
        return self._by_discs() if found is None else found

    def _by_elimination(self) -> EigenvalueSigns | None:
        """The inertia by L·D·Lᵀ, whose pivots have its signs; None where one may be 0."""
        arithmetic, rows = self.arithmetic, [dict(row) for row in self.rows]
        zero, nothing = arithmetic.number(0), (Fraction(0), Fraction(0))
        pivots = {
            i: self.system.ends(row[i]) if i in row else nothing for i, row in enumerate(rows)
        }
        signs = []
        while pivots:
            pivot = max(pivots, key=lambda i: max(pivots[i][0], -pivots[i][1]))
            low, high = pivots.pop(pivot)
            if not is_finite((low, high)) or low <= 0 <= high:
                return None
            signs.append(low > 0)
            row = rows[pivot]
            others = [i for i in row if i in pivots]
            for i in others:
                factor = arithmetic.over(row[i], row[pivot])
                for j in others:
                    if j > i:
                        product = arithmetic.times(factor, row[j])
                        entry = arithmetic.minus(rows[i].get(j, zero), product)
                        rows[i][j] = rows[j][i] = entry
                product = arithmetic.over(arithmetic.square(row[i]), row[pivot])
                rows[i][i] = arithmetic.minus(rows[i].get(i, zero), product)
                pivots[i] = self.system.ends(rows[i][i])
        return EigenvalueSigns(True, True in signs, False in signs)

    def _by_discs(self) -> EigenvalueSigns:
        """The inertia by Gershgorin's discs in the eigenvectors of the midpoint."""
        unknown, least = EigenvalueSigns(False, False, False), self.least
        if not 0.0 < least < inf:
            return unknown
        pairs = list(zip(self.eigenvalues, self.eigenvectors, strict=True))
        w = [[c / sqrt(max(abs(value), least)) for c in vector] for value, vector in pairs]
        if not self._may_have_signs(w):
            return unknown
        n, regular, positive, negative = len(w), True, False, False
        dot, ends = self.arithmetic.dot, self.system.ends
        vectors = [[self.arithmetic.number(c) for c in vector] for vector in w]
        images = [
            [dot([vector[k] for k in row], row.values()) for row in self.rows] for vector in vectors
        ]
        radii = [Fraction(0)] * n
        diagonal: list[Ends] = []
        for i in range(n):
            for j in range(i + 1):
                low, high = ends(dot(vectors[i], images[j]))
                if not is_finite((low, high)):
                    return unknown
                if i == j:
                    diagonal.append((low, high))
                else:
                    size = Fraction(max(high, -low))
                    radii[i] += size
                    radii[j] += size
        for (low, high), radius in zip(diagonal, radii, strict=True):
            positive, negative = positive or low > 0, negative or high < 0
            regular = regular and (low > radius or high < -radius)
        return EigenvalueSigns(regular, positive, negative)

    def _may_have_signs(self, w: Sequence[Sequence[float]]) -> bool:
        """Whether the discs can tell anything, by floats: that saves the intervals elsewhere."""
        varying = [
            [sum(abs(vector[j]) * r for j, r in row.items()) for row in self.radii] for vector in w
        ]
        own = [
            sum(abs(c) * v for c, v in zip(*one, strict=True)) < 1.0
            for one in zip(w, varying, strict=True)
        ]
        signs = {value > 0.0 for value, known in zip(self.eigenvalues, own, strict=True) if known}
        return len(signs) == 2 or all(
            sum(abs(c) * v for other in varying for c, v in zip(vector, other, strict=True)) < 1.0
            for vector in w
        )


def hessian_over(enclosed: EnclosedFunction, box: Box, free: Sequence[int]) -> ScaledHessian | None:
    """The scaled Hessian over the box by the free components; None where it does not exist."""
    value, gradient = enclosed.value_and_gradient(box)
    if value.flags != DEFINED_AND_CONTINUOUS:
        return None
    return _with_slopes(enclosed, box, free, [gradient[i] for i in free])


def _with_slopes(
    enclosed: EnclosedFunction, box: Box, free: Sequence[int], slopes: Sequence[Interval]
) -> ScaledHessian | None:
    """The scaled Hessian over the box by the free components, whose derivatives are `slopes`.

    None where the gradient or a second derivative is not defined, continuous and finite.
    """
    system = enclosed.system
    if not all(one.flags == DEFINED_AND_CONTINUOUS for one in slopes):
        return None
    whole, n = enclosed.hessian(box), len(free)
    rows: Matrix = [{} for _ in free]
    ends: list[dict[int, Ends]] = [{} for _ in free]
    for i in range(n):
        for j in range(i + 1):
            entries = [whole[free[i]][free[j]], whole[free[j]][free[i]]]
            if any(one.flags != DEFINED_AND_CONTINUOUS for one in entries):
                return None
            both = [system.ends(one) for one in entries]
            if not all(map(is_finite, both)):
                return None
            (low, high), (least, most) = both
            if (low, high) != (least, most):  # they enclose the same number
                low, high = max(low, least), min(high, most)
                entries[0] = system.of(low, high)
            if low != 0 or high != 0:
                rows[i][j] = rows[j][i] = entries[0]
                ends[i][j] = ends[j][i] = low, high
    return ScaledHessian(system, rows, ends)


def is_finite(ends: Ends) -> bool:
    """Whether the interval with these ends is bounded, and not empty."""
    low, high = ends
    return bool(-inf < low <= high < inf)


def _equilibration(sizes: Sequence[Mapping[int, Number]]) -> list[int]:
    """The powers of two by which rows and columns are multiplied to make them of like size.

    `sizes` has those of the entries that are not 0, by row and column.
    Source: D. Ruiz, A scaling algorithm to equilibrate both rows and columns norms (2001).
    """
    lengths = [
        {j: c.numerator.bit_length() - c.denominator.bit_length() for j, c in row.items()}
        for row in ({j: Fraction(c) for j, c in row.items()} for row in sizes)
    ]
    powers = [0.0] * len(sizes)
    for _ in range(SCALING_ROUNDS):
        largest = [
            max((length + powers[j] for j, length in row.items()), default=-power)
            for power, row in zip(powers, lengths, strict=True)
        ]
        powers = [power - (power + most) / 2 for power, most in zip(powers, largest, strict=True)]
    return [round(power) for power in powers]
