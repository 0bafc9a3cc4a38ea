"""Krawczyk's test: whether a box holds exactly one stationary point, or none, and of which kind.

Comes in: an EnclosedFunction, and one box of its intervals. Goes out: what is proved, and nothing
where the rules of `interval.py` do not hold: f and its gradient have to be defined and continuous
over the box, and its second derivatives defined, continuous and finite.

All is computed in the scaled coordinates u = (x - c)/d around a point c of the box, in which the
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

from collections.abc import Callable, Sequence
from enum import Enum
from fractions import Fraction
from math import inf, sqrt

from gdcli.autodiff.tape import instructions
from gdcli.certify.certificate import Ends
from gdcli.certify.enclosed_function import Box, EnclosedFunction
from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS, Interval, IntervalSystem

FIRST_RADIUS = 4  # of the first box around a point, in Newton's steps from there
LARGEST_RADIUS_RATIO = 2**20  # of that box's radii, scaled
WIDENING_POWERS = (0, 4, 10, 18)  # of two, by which its radii are multiplied
MOST_GROWTH_OPERATIONS = 100_000  # up to which the sides of a box are grown one by one
TESTS_PER_SIDE = 4
MOST_DOUBLINGS = 20  # of the first box, and of a side
MOST_QUARTERINGS = 30  # of the first box
FIRST_DOUBLINGS = 2  # before a box without end is tried
BISECTIONS = 2  # of the last doubling
SCALING_ROUNDS = 6  # of the equilibration, which halves the logarithms of the sizes each time
Number = Fraction | float
Matrix = list[list[Interval]]


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


class Inertia(NamedTuple):
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
    unknown = Krawczyk(StationaryPoints.UNKNOWN, box)
    value, gradient = enclosed.value_and_gradient(box)
    if flags(value) != DEFINED_AND_CONTINUOUS:
        return unknown
    slopes = [gradient[i] for i in free]
    for slope in slopes:
        low, high = system.ends(slope)
        if flags(slope) & DEFINED and is_finite((low, high)) and (low > 0 or high < 0):
            return Krawczyk(StationaryPoints.NONE, box)
    c = [Fraction(center[i]) for i in free]
    ends = [system.ends(box[i]) for i in free]
    if not all(is_finite(one) and one[0] <= x <= one[1] for one, x in zip(ends, c, strict=True)):
        return unknown
    hessian = scaled_hessian(enclosed, box, free, slopes)
    if hessian is None or (inverse := hessian.inverse()) is None:
        return unknown
    gradient = enclosed.value_and_gradient(_at(system, box, c, free))[1]
    at_center = [gradient[i] for i in free]
    if not _are_finite(system, at_center):
        return unknown
    scales, arithmetic = hessian.scales, Arithmetic(system)
    u = [((low - x) / d, (high - x) / d) for (low, high), x, d in zip(ends, c, scales, strict=True)]
    widths = [system.of(*one) for one in u]
    g = [arithmetic.times(arithmetic.number(d), s) for d, s in zip(scales, at_center, strict=True)]
    found = []
    for i, row in enumerate(inverse):
        y = [arithmetic.number(entry) for entry in row]
        change = arithmetic.dot(y, g)
        step = arithmetic.minus(arithmetic.number(0), change)
        for j, column in enumerate(zip(*hessian.rows, strict=True)):
            product = arithmetic.dot(y, column)
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
    if flags(value) != DEFINED_AND_CONTINUOUS or not _are_finite(enclosed.system, slopes):
        return None
    hessian = hessian or scaled_hessian(enclosed, there, free, slopes)
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
    return all(flags(one) & DEFINED and is_finite(system.ends(one)) for one in slopes)


def kind_over(enclosed: EnclosedFunction, box: Box, free: Sequence[int]) -> str | None:
    """The kind of any stationary point in the box, by the Hessian over all of it.

    "minimum" where f is strictly convex over the box in its free components, "maximum" where it is
    strictly concave, "saddle" where every Hessian has eigenvalues of both signs; None where none of
    them is proved.
    """
    found = inertia_over(enclosed, box, free)
    return None if found is None else found.kind


def inertia_over(enclosed: EnclosedFunction, box: Box, free: Sequence[int]) -> Inertia | None:
    """The signs of the eigenvalues of the Hessian over the box, where it exists.

    Where it is regular the gradient takes no value twice in the box, so that no box holds two
    stationary points: the mean of the Hessians between two points is one of the interval matrix.
    """
    value, gradient = enclosed.value_and_gradient(box)
    if flags(value) != DEFINED_AND_CONTINUOUS:
        return None
    hessian = scaled_hessian(enclosed, box, free, [gradient[i] for i in free])
    return None if hessian is None else hessian.inertia()


def largest_unique_box(
    enclosed: EnclosedFunction, point: Sequence[Number], within: Box, free: Sequence[int]
) -> tuple[Box, Box] | None:
    """The largest box found that holds exactly one stationary point, and Krawczyk's box of it.

    The point lies near by, the box lies inside `within`, and the Hessian is regular over it: at a
    minimum f is strictly convex there. None where no stationary point is proved.
    """
    tight = stationary_box(enclosed, point, within, free)
    if tight is None:
        return None
    inner, outer = ([enclosed.system.ends(one) for one in box] for box in (tight, within))
    if not all(outer[i][0] <= inner[i][0] and inner[i][1] <= outer[i][1] for i in free):
        return None
    return grown_box(enclosed, inner, outer, free)[0], tight


def grown_box(
    enclosed: EnclosedFunction, inner: Sequence[Ends], outer: Sequence[Ends], free: Sequence[int]
) -> tuple[Box, int]:
    """The largest box found around `inner` and inside `outer` over which the Hessian is regular.

    Where `inner` holds a stationary point, it holds no other. The number of boxes that were tested
    comes with it.
    """
    growth = _Growth(enclosed, inner, outer, free)
    return growth.box(growth.largest()), growth.tests


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


class _Growth:
    """The growth of a box around the one stationary point that it holds.

    A box is told by its reach beyond the tight one, a number for each of its 2·|free| sides.
    """

    def __init__(
        self,
        enclosed: EnclosedFunction,
        inner: Sequence[Ends],
        outer: Sequence[Ends],
        free: Sequence[int],
    ) -> None:
        self.enclosed, self.inner, self.outer, self.free = enclosed, inner, outer, free
        self.tests = 0

    def box(self, reach: Sequence[Number]) -> Box:
        """The box with that reach, as far as `outer` lets it."""
        of, n = self.enclosed.system.of, len(self.free)
        found = [of(*ends) for ends in self.inner]
        for k, i in enumerate(self.free):
            (low, high), (least, most) = self.inner[i], self.outer[i]
            below, above = reach[k], reach[n + k]
            low = least if below == inf else max(low - below, least)
            high = most if above == inf else min(high + above, most)
            found[i] = of(low, high)
        return found

    def operations(self) -> int:
        """How many operations the test of a box takes, about."""
        function, n = self.enclosed.function, len(self.inner)
        tape, bindings = function.gradient_tape, function.engine.gradient_bindings
        if bindings is None:
            return 2 * n * sum(1 for _ in instructions(tape.body))
        from gdcli.execute.work import Work

        return 2 * n * Work(tape, bindings).operations

    def holds_one(self, reach: Sequence[Number]) -> bool:
        """Whether the box holds no other stationary point, because its Hessian is regular."""
        self.tests += 1
        found = inertia_over(self.enclosed, self.box(reach), self.free)
        return found is not None and found.regular

    def largest(self) -> list[Number]:
        """The reach of the largest box that was found."""
        n = len(self.free)
        hessian = scaled_hessian(self.enclosed, self.box([Fraction(0)] * 2 * n), self.free, [])
        scales = [Fraction(1)] * n if hessian is None else hessian.scales

        def by(t: Number) -> list[Number]:
            return [t * d for d in (*scales, *scales)]  # the lower sides, the upper ones

        common = self._furthest(by, Fraction(1), Fraction(0))
        reach = by(common)
        by_sides = 2 * n * TESTS_PER_SIDE * self.operations() <= MOST_GROWTH_OPERATIONS
        if 0 < common < inf and by_sides:
            for side in range(2 * n):

                def alone(t: Number, side: int = side) -> list[Number]:
                    return [*reach[:side], t, *reach[side + 1 :]]

                reach[side] = self._furthest(alone, 2 * reach[side], reach[side])
        return reach

    def _furthest(
        self, reach: Callable[[Number], list[Number]], first: Number, passed: Number
    ) -> Number:
        """The largest t found at which the box holds one stationary point, at least `passed`.

        `first` is doubled as long as the box holds one, and from `passed` = 0 it is quartered until
        then; the last step is bisected. It is infinite where nothing stops the box before `outer`.
        """
        t, doublings = first, 0
        if self.holds_one(reach(t)):
            while doublings < MOST_DOUBLINGS:
                passed, t, doublings = t, 2 * t, doublings + 1
                if doublings == FIRST_DOUBLINGS and self.holds_one(reach(inf)):
                    return inf
                if not self.holds_one(reach(t)):
                    break
        elif not passed:
            for _ in range(MOST_QUARTERINGS):
                failed, t = t, t / 4
                if self.holds_one(reach(t)):
                    passed, t = t, failed
                    break
        for _ in range(BISECTIONS if passed else 0):
            middle = (passed + t) / 2
            if self.holds_one(reach(middle)):
                passed = middle
            else:
                t = middle
        return passed


class Arithmetic:
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

    def dot(self, a: Sequence[Interval], b: Sequence[Interval]) -> Interval:
        """The sum of the products."""
        total = None
        for left, right in zip(a, b, strict=True):
            product = self.times(left, right)
            total = product if total is None else self.plus(total, product)
        return self.number(0) if total is None else total


class ScaledHessian:
    """The enclosure of D·H·D over a box, where D is diagonal, of powers of two.

    `rows` are its rows, `scales` the entries of D, `middle` its midpoint in floats.
    """

    def __init__(self, system: IntervalSystem, rows: Matrix, ends: list[list[Ends]]) -> None:
        n = len(rows)
        self.arithmetic = Arithmetic(system)
        self.ends = system.ends
        middles = [[(Fraction(low) + Fraction(high)) / 2 for low, high in row] for row in ends]
        powers = _equilibration(middles)
        self.scales = [Fraction(2) ** power for power in powers]
        d = [self.arithmetic.number(scale) for scale in self.scales]
        times = self.arithmetic.times
        self.rows = [[times(times(d[i], rows[i][j]), d[j]) for j in range(n)] for i in range(n)]
        middle = [
            [float(middles[i][j] * self.scales[i] * self.scales[j]) for j in range(n)]
            for i in range(n)
        ]
        self.eigenvalues, self.eigenvectors = symmetric_eigen(middle)
        self.least = EPSILON * max(map(abs, self.eigenvalues), default=1.0)  # lost in rounding

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

    def inertia(self) -> Inertia:
        """The signs of the eigenvalues of every matrix."""
        found = self._by_elimination()
        return self._by_discs() if found is None else found

    def _by_elimination(self) -> Inertia | None:
        """The inertia by L·D·Lᵀ, whose pivots have its signs; None where one may be 0."""
        arithmetic, rows = self.arithmetic, [list(row) for row in self.rows]
        left, signs = list(range(len(rows))), []
        while left:
            pivot = max(left, key=lambda i: _least_size(self.ends(rows[i][i])))
            left.remove(pivot)
            low, high = self.ends(rows[pivot][pivot])
            if not is_finite((low, high)) or low <= 0 <= high:
                return None
            signs.append(low > 0)
            for i in left:
                factor = arithmetic.over(rows[i][pivot], rows[pivot][pivot])
                for j in left:
                    if j < i:
                        rows[i][j] = rows[j][i]
                    elif j > i:
                        product = arithmetic.times(factor, rows[pivot][j])
                        rows[i][j] = arithmetic.minus(rows[i][j], product)
                    else:
                        square = arithmetic.square(rows[i][pivot])
                        product = arithmetic.over(square, rows[pivot][pivot])
                        rows[i][i] = arithmetic.minus(rows[i][i], product)
        return Inertia(True, True in signs, False in signs)

    def _by_discs(self) -> Inertia:
        """The inertia by Gershgorin's discs in the eigenvectors of the midpoint."""
        arithmetic, least = self.arithmetic, self.least
        if not 0.0 < least < inf:
            return Inertia(False, False, False)
        w = [
            [arithmetic.number(c / sqrt(max(abs(value), least))) for c in vector]
            for value, vector in zip(self.eigenvalues, self.eigenvectors, strict=True)
        ]
        n, regular, positive, negative = len(w), True, False, False
        images = [[arithmetic.dot(row, vector) for row in self.rows] for vector in w]
        radii = [Fraction(0)] * n
        diagonal: list[Ends] = []
        for i in range(n):
            for j in range(i + 1):
                low, high = self.ends(arithmetic.dot(w[i], images[j]))
                if not is_finite((low, high)):
                    return Inertia(False, False, False)
                if i == j:
                    diagonal.append((low, high))
                else:
                    size = Fraction(max(high, -low))
                    radii[i] += size
                    radii[j] += size
        for (low, high), radius in zip(diagonal, radii, strict=True):
            positive, negative = positive or low > 0, negative or high < 0
            regular = regular and (low > radius or high < -radius)
        return Inertia(regular, positive, negative)


def scaled_hessian(
    enclosed: EnclosedFunction, box: Box, free: Sequence[int], slopes: Sequence[Interval]
) -> ScaledHessian | None:
    """The scaled Hessian over the box by the free components, whose derivatives are `slopes`.

    None where the gradient or a second derivative is not defined, continuous and finite.
    """
    system = enclosed.system
    if not all(flags(one) == DEFINED_AND_CONTINUOUS for one in slopes):
        return None
    whole = enclosed.hessian(box)
    rows = [[whole[i][j] for j in free] for i in free]
    if not all(flags(one) == DEFINED_AND_CONTINUOUS for row in rows for one in row):
        return None
    ends = [[system.ends(one) for one in row] for row in rows]
    if not all(is_finite(one) for row in ends for one in row):
        return None
    for i in range(len(rows)):  # an entry and its mirror image are the same number
        for j in range(i):
            low, high = both = (
                max(ends[i][j][0], ends[j][i][0]),
                min(ends[i][j][1], ends[j][i][1]),
            )
            ends[i][j] = ends[j][i] = both
            rows[i][j] = rows[j][i] = system.of(low, high)
    return ScaledHessian(system, rows, ends)


def flags(interval: Interval) -> int:
    """The flags of the Interval of one box, which in lanes are an array."""
    found = interval.flags
    return int(found.item() if hasattr(found, "item") else found)


def _least_size(ends: Ends) -> Number:
    low, high = ends
    return max(low, -high)


def is_finite(ends: Ends) -> bool:
    """Whether the interval with these ends is bounded, and not empty."""
    low, high = ends
    return bool(-inf < low <= high < inf)


def _equilibration(matrix: Sequence[Sequence[Fraction]]) -> list[int]:
    """The powers of two by which rows and columns are multiplied to make them of like size.

    Source: D. Ruiz, A scaling algorithm to equilibrate both rows and columns norms (2001).
    """
    sizes = [
        [abs(c.numerator).bit_length() - c.denominator.bit_length() if c else None for c in row]
        for row in matrix
    ]
    powers = [0.0] * len(matrix)
    for _ in range(SCALING_ROUNDS):
        largest = [
            max((size + powers[j] for j, size in enumerate(row) if size is not None), default=None)
            for row in sizes
        ]
        powers = [
            power if most is None else power - (power + most) / 2
            for power, most in zip(powers, largest, strict=True)
        ]
    return [round(power) for power in powers]
