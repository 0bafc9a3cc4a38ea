"""The judge of a paving: every box of it checked again, in arithmetic that is proved.

Comes in: a function, a window, the paving that a search has made of it, the point of its upper
bound, and its unique minimizers. Goes out: which boxes are not what their reasons say, and bounds
of the minimum that hold whatever the search has done. Nothing that the search has computed is used:
its reasons only say what is tried first, its bounds are not read.

The judge walks the tree from the window down, and only what it reaches counts. So it does not
matter what else the paving holds. Values and slopes are tried on every leaf, the other rules where
they are named; `paving.py` says why each of them holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS, Interval, is_bounded
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.point_arithmetic import point_arithmetic
from gdcli.proofs.enclosed_function import Box, EnclosedFunction, mean_value_form
from gdcli.proofs.even_powers import EvenPowers
from gdcli.proofs.krawczyk import StationaryPoints, kind_over, krawczyk
from gdcli.proofs.paving import Form, Paving, Reason, UniqueMinimizer, cut_off
from gdcli.proofs.propagation import Propagation

if TYPE_CHECKING:
    from gdcli.functions.function import Function

JUDGED_BITS = 64
MOST_SLABS_AT_ONCE = 8  # of a contracted box, beyond which one propagation takes less time
WATCHED_BOXES = 16  # that are judged at most between two calls of a watch
WATCHED_SECONDS = 0.1  # beyond which it is called before the next box

Ends = list[float]  # the low, or the high, ends of a box


class PavingVerdict(NamedTuple):
    """What the judge has found.

    `failed` are the numbers of boxes whose reasons are not proved. The minimum, or infimum, lies
    between `lower` and `upper`, whatever has failed. `minima` has for each minimizer a lower bound
    of f there, and None where it is not proved that its box holds exactly one. `arithmetic` names
    what was computed in.
    """

    failed: tuple[int, ...]
    lower: Fraction | float
    upper: Fraction | float
    minima: tuple[Fraction | float | None, ...]
    arithmetic: str


def judge(
    function: Function | EnclosedFunction,
    paving: Paving,
    point: Any,
    minimizers: Sequence[UniqueMinimizer],
    window: tuple[Any, Any],
    bits: int = JUDGED_BITS,
    library: str | None = None,
    watch: Callable[[int], object] | None = None,
) -> PavingVerdict:
    """The verdict on a paving of the window, whose low and high ends are sequences of n floats.

    `point` is where the upper bound is taken, of n floats, or None where there is none. The
    arithmetic has so many `bits`, in arb or mpmath, as `interval_ends` says. `watch` is told how
    many boxes were judged. Of an EnclosedFunction, of any system, the tapes are used.
    """
    system = interval_ends(bits, library)
    if isinstance(function, EnclosedFunction):
        enclosed = function.over(system)
    else:
        enclosed = EnclosedFunction(function, system)
    scope = point_arithmetic(bits, library).scope  # entered here once, not by every operation
    made = scope(_Judge)(enclosed, paving, point, minimizers, window, bits, library)
    verdict: PavingVerdict = scope(made.verdict)(watch)
    return verdict


class _Judge:
    def __init__(
        self,
        enclosed: EnclosedFunction,
        paving: Paving,
        point: Any,
        minimizers: Sequence[UniqueMinimizer],
        window: tuple[Any, Any],
        bits: int,
        library: str | None,
    ) -> None:
        self.enclosed, self.system = enclosed, enclosed.system
        self.arithmetic = point_arithmetic(bits, library)
        self.low: list[Ends] = paving.low.T.tolist()
        self.high: list[Ends] = paving.high.T.tolist()
        self.reason: list[int] = paving.reason.tolist()
        self.axis: list[int] = paving.axis.tolist()
        self.form: list[int] = paving.form.tolist()
        self.children: list[list[int]] = [[] for _ in self.low]
        for child, parent in enumerate(paving.parent.tolist()):
            if 0 <= parent < child:  # so that no box is its own ancestor
                self.children[parent].append(child)
        self.window_low, self.window_high = [[float(end) for end in ends] for ends in window]
        self.n = len(self.window_low)
        written_out = self.enclosed.written_out
        self.propagation = (
            Propagation(written_out.tape, self.system) if written_out.bindings is None else None
        )
        self.powers: EvenPowers | None = None
        self.supports = self._supports(paving)
        self.upper: Any = self.system.of(inf, inf).high
        if point is not None:
            self._take_upper_bound([float(x) for x in point])
        self.minimizers = minimizers
        self.minima = [self._least_at(one) for one in minimizers]
        self.lower: Any = self.upper
        self.failed: list[int] = []

    def verdict(self, watch: Callable[[int], object] | None) -> PavingVerdict:
        """Judges every box that the window leads to."""
        if [self.low[:1], self.high[:1]] != [[self.window_low], [self.window_high]]:
            self.failed.append(0)
            self._count(self._bound(self.window_low, self.window_high))
        else:
            open_, judged, asked = [0], 0, -inf
            while open_:
                slow = perf_counter() - asked >= WATCHED_SECONDS
                if watch is not None and (slow or judged % WATCHED_BOXES == 0):
                    watch(judged)
                    asked = perf_counter()
                open_ += self._judge_one(open_.pop())
                judged += 1
        minima = [None if one is None else self._end(one.low) for one in self.minima]
        lower, upper = self._end(self.lower), self.system.ends(Interval(self.upper, self.upper))[1]
        failed = tuple(sorted(self.failed))
        return PavingVerdict(failed, lower, upper, tuple(minima), self.arithmetic.description)

    def _judge_one(self, box: int) -> list[int]:
        """Judges one box; which boxes are left to be judged of it."""
        rules = {
            Reason.SPLIT: self._parts,
            Reason.REDUCED: self._face,
            Reason.CONTRACTED: self._rest,
        }
        rule = rules.get(self.reason[box])  # type: ignore[call-overload]
        if rule is None:
            self._leaf(box)
            return []
        left: list[int] | None = rule(box)
        if left is None:
            self._refuse(box)
        return left or []

    def _end(self, low: Any) -> Fraction | float:
        return self.system.ends(Interval(low, low))[0]

    def _refuse(self, box: int) -> None:
        """Notes a box that is not proved, as if the search had left it."""
        self.failed.append(box)
        self._count(self._bound(self.low[box], self.high[box]))

    def _count(self, bound: Any) -> None:
        """Lets the lower bound of the minimum be no higher than a bound."""
        if not bound >= self.lower:
            self.lower = bound

    def _supports(self, paving: Paving) -> dict[int, Ends]:
        """Where the tangents of even powers touch them, for leaves that these exclude or bound.

        They are computed as the search has done, in floats, for they need no proof.
        """
        at = (paving.form == Form.TANGENTS) & (paving.reason == Reason.VALUE)
        at |= paving.reason == Reason.CANDIDATE
        if self.propagation is None or not at.any():
            return {}
        self.powers = EvenPowers(self.propagation.tape, self.system)
        if not self.powers.terms:
            return {}
        found = self.powers.supports(paving.low[:, at], paving.high[:, at])
        return dict(zip(at.nonzero()[0].tolist(), found.T.tolist(), strict=True))

    # The upper bound, and the minimizers.

    def _take_upper_bound(self, point: Ends) -> None:
        inside = len(point) == self.n and all(
            low <= x <= high
            for low, x, high in zip(self.window_low, point, self.window_high, strict=True)
        )
        if inside:
            f = self.enclosed.value(self._box(point, point))
            if f.flags & DEFINED and is_bounded(f):
                self.upper = f.high

    def _least_at(self, one: UniqueMinimizer) -> Interval | None:
        """f over the inner box, which holds the one stationary point of a convex box; else None.

        f is strictly convex over the box by its free components, and the derivatives by these are 0
        at exactly one point of the inner box: that is where f is least over the box. The others
        stand at an end of the window, from which f rises.
        """
        if one.inner_low is None or one.inner_high is None:
            return None
        low, high = [float(x) for x in one.low], [float(x) for x in one.high]
        inner_low, inner_high = map(_floats, (one.inner_low, one.inner_high))
        free, ends = one.free, (low, inner_low, inner_high, high)
        fixed = [i for i in range(self.n) if i not in free]
        if any(not all(a <= b for a, b in zip(*pair, strict=True)) for pair in pairwise(ends)):
            return None
        for i in fixed:
            if low[i] != high[i] or low[i] not in (self.window_low[i], self.window_high[i]):
                return None
        if not self._inside_window(low, high):
            return None
        inner = self._box(inner_low, inner_high)
        if free:
            if kind_over(self.enclosed, self._box(low, high), free) != "minimum":
                return None
            center = [a + (b - a) / 2 for a, b in zip(inner_low, inner_high, strict=True)]
            found = krawczyk(self.enclosed, inner, center, free)
            if found.outcome is not StationaryPoints.UNIQUE:
                return None
        f, gradient = self._enclosure(inner_low, inner_high)
        return f if f.low <= f.high and self._is_pressed(low, f, gradient, fixed) else None

    def _is_pressed(
        self, at: Ends, f: Interval, gradient: list[Interval], fixed: list[int]
    ) -> bool:
        """Whether f rises from ends of the window, at which these components stand, into it."""
        fixed = [i for i in fixed if self.window_low[i] < self.window_high[i]]
        if fixed and f.flags != DEFINED_AND_CONTINUOUS:
            return False
        for i in fixed:
            slope = gradient[i]
            if not slope.flags & DEFINED or not (
                (slope.low > 0 and at[i] == self.window_low[i])
                or (slope.high < 0 and at[i] == self.window_high[i])
            ):
                return False
        return True

    def _inside_window(self, low: Ends, high: Ends) -> bool:
        pairs = zip(self.window_low, low, high, self.window_high, strict=True)
        return all(first <= a and b <= last for first, a, b, last in pairs)

    # Boxes that have children: what is left of them, or None where that is not proved.

    def _parts(self, box: int) -> list[int] | None:
        """The parts of a box along an axis, if they leave nothing out."""
        axis, low, high = self.axis[box], self.low[box], self.high[box]
        if not 0 <= axis < self.n:
            return None
        parts = [
            child
            for child in self.children[box]
            if _without(self.low[child], axis) == _without(low, axis)
            and _without(self.high[child], axis) == _without(high, axis)
            and low[axis] <= self.low[child][axis] <= self.high[child][axis] <= high[axis]
        ]
        parts.sort(key=lambda child: (self.low[child][axis], self.high[child][axis]))
        reached = low[axis]
        for part in parts:
            if self.low[part][axis] > reached:
                return None
            reached = max(reached, self.high[part][axis])
        return parts if parts and reached == high[axis] else None

    def _face(self, box: int) -> list[int] | None:
        """The face of the window to which f falls along an axis throughout a box."""
        axis, low, high = self.axis[box], self.low[box], self.high[box]
        if not 0 <= axis < self.n or not low[axis] < high[axis]:
            return None
        f, gradient = self.enclosed.value_and_gradient(self._box(low, high))
        slope = gradient[axis]
        if f.flags != DEFINED_AND_CONTINUOUS or not slope.flags & DEFINED or not is_bounded(slope):
            return None
        if slope.low > 0 and low[axis] == self.window_low[axis]:
            end = low[axis]
        elif slope.high < 0 and high[axis] == self.window_high[axis]:
            end = high[axis]
        else:
            return None
        face = [[*ends[:axis], end, *ends[axis + 1 :]] for ends in (low, high)]
        return next(
            ([one] for one in self.children[box] if [self.low[one], self.high[one]] == face), None
        )

    def _rest(self, box: int) -> list[int] | None:
        """The child of a contracted box, if it is enough."""
        for child in self.children[box]:
            if self._is_enough(box, child):
                return [child]
        return None

    def _is_enough(self, box: int, child: int) -> bool:
        """Whether f is above the upper bound, or undefined, outside of the inside of a child.

        The boundary of the child counts as outside where it is not the boundary of the box.
        """
        low, high = self.low[box], self.high[box]
        inner_low, inner_high = self.low[child], self.high[child]
        for a, b, c, d in zip(low, inner_low, inner_high, high, strict=True):
            if not a <= b <= c <= d:
                return False
        slabs = list(cut_off(low, high, inner_low, inner_high))
        few = len(slabs) <= MOST_SLABS_AT_ONCE
        if few and all(self._natural_is_above(*slab) for slab in slabs):
            return True
        found = self._contracted(low, high)
        if found is not None and (
            found[0].low > found[0].high
            or all(
                (inner_low[i] == low[i] or one.low > inner_low[i])
                and (inner_high[i] == high[i] or one.high < inner_high[i])
                for i, one in enumerate(found)
            )
        ):
            return True
        return all(self._is_above(*slab) for slab in slabs)

    # Leaves.

    def _leaf(self, box: int) -> None:
        reason, low, high = self.reason[box], self.low[box], self.high[box]
        if reason in (Reason.CANDIDATE, Reason.LEFT):
            bound = self._bound(low, high)
            if box in self.supports:
                bound = max(bound, self._bound_by_tangents(box))
            self._count(bound)
        elif reason == Reason.UNIQUE:
            number = self.axis[box]
            one = self.minimizers[number] if 0 <= number < len(self.minimizers) else None
            least = self.minima[number] if one is not None else None
            if one is None or least is None or not _lies_in(low, high, one):
                self._refuse(box)
            else:
                self._count(least.low)
        elif not self._is_excluded(box):
            self._refuse(box)

    def _is_excluded(self, box: int) -> bool:
        """Whether no point of a leaf is a global minimizer."""
        low, high, reason = self.low[box], self.high[box], self.reason[box]
        by_value = reason in (Reason.VALUE, Reason.UNDEFINED)
        by_natural_value = by_value and self.form[box] == Form.NATURAL
        if by_natural_value and self._natural_is_above(low, high):
            return True
        if by_value and self.form[box] == Form.PROPAGATION:
            found = self._contracted(low, high)
            if found is not None and found[0].low > found[0].high:
                return True
        if by_value and box in self.supports and self._bound_by_tangents(box) > self.upper:
            return True
        f, gradient = self._enclosure(low, high)
        if f.low > self.upper or f.low > f.high or self._is_monotone(low, high, f, gradient):
            return True
        return reason == Reason.STATIONARY and self._has_no_stationary_point(low, high)

    def _is_monotone(self, low: Ends, high: Ends, f: Interval, gradient: list[Interval]) -> bool:
        """Whether f falls along an axis throughout a box, and not towards a face of the window."""
        if f.flags != DEFINED_AND_CONTINUOUS:
            return False
        for i, slope in enumerate(gradient):
            if low[i] < high[i] and slope.flags & DEFINED and is_bounded(slope):
                if slope.low > 0 and low[i] > self.window_low[i]:
                    return True
                if slope.high < 0 and high[i] < self.window_high[i]:
                    return True
        return False

    def _has_no_stationary_point(self, low: Ends, high: Ends) -> bool:
        """Whether the derivatives by the components that vary are nowhere all 0 in a box.

        The box touches no face of the window that stands across one of these components.
        """
        free = [i for i in range(self.n) if low[i] < high[i]]
        for i in free:
            if not (self.window_low[i] < low[i] and high[i] < self.window_high[i]):
                return False
        center = [a + (b - a) / 2 for a, b in zip(low, high, strict=True)]
        found = krawczyk(self.enclosed, self._box(low, high), center, free)
        return found.outcome is StationaryPoints.NONE

    # Enclosures.

    def _box(self, low: Sequence[float], high: Sequence[float]) -> list[Interval]:
        return [self.system.of(a, b) for a, b in zip(low, high, strict=True)]

    def _bound(self, low: Ends, high: Ends) -> Any:
        """A lower bound of f over a box."""
        f, _ = self._enclosure(low, high)
        return f.low

    def _natural_is_above(self, low: Ends, high: Ends) -> bool:
        """Whether the natural extension proves it: f is above the upper bound, or undefined."""
        f = self.enclosed.value(self._box(low, high))
        return bool(f.low > self.upper or f.low > f.high)

    def _is_above(self, low: Ends, high: Ends) -> bool:
        """Whether f is above the upper bound, or undefined, throughout a closed box."""
        f, _ = self._enclosure(low, high)
        return bool(f.low > self.upper or f.low > f.high)

    def _bound_by_tangents(self, box: int) -> Any:
        """A lower bound of f over a leaf, that of a minorant of f."""
        low, high, powers = self.low[box], self.high[box], self.powers
        assert powers is not None, "supports are points of its tangents"
        tangents = powers.tangents(self.supports[box])

        def value(at: Box) -> Interval:
            return powers.value(at, tangents)

        g, gradient = powers.value_and_gradient(self._box(low, high), tangents)
        return self._by_mean_value(g, gradient, low, high, value).low

    def _enclosure(self, low: Ends, high: Ends) -> tuple[Interval, list[Interval]]:
        """f, by the mean value form too, and its gradient over a box."""
        f, gradient = self.enclosed.value_and_gradient(self._box(low, high))
        return self._by_mean_value(f, gradient, low, high, self.enclosed.value), gradient

    def _by_mean_value(
        self,
        f: Interval,
        gradient: list[Interval],
        low: Ends,
        high: Ends,
        value: Callable[[Box], Interval],
    ) -> Interval:
        """The enclosure of the function `value` over a box, narrowed by the mean value form.

        The center is Baumann's, for which its low end is greatest.
        """
        if f.flags != DEFINED_AND_CONTINUOUS or f.low > self.upper:
            return f
        center = list(low)
        for i, slope in enumerate(gradient):
            least, most = float(slope.low), float(slope.high)
            if least < 0 < most:
                balanced = (most * low[i] - least * high[i]) / (most - least)
                center[i] = min(max(balanced, low[i]), high[i]) if balanced == balanced else low[i]
            elif most <= 0:
                center[i] = high[i]
        return mean_value_form(self.system, value, f, gradient, self._box(low, high), center)

    def _contracted(self, low: Ends, high: Ends) -> list[Interval] | None:
        """What propagation leaves of a box, EMPTY where that is nothing; None without it."""
        if self.propagation is None:
            return None
        target = Interval(-self.system.of(inf, inf).low, self.upper)
        return self.propagation.contract(self._box(low, high), [target])


def _floats(ends: Any) -> Ends:
    return [float(x) for x in ends]


def _without(ends: Ends, axis: int) -> Ends:
    return ends[:axis] + ends[axis + 1 :]


def _lies_in(low: Ends, high: Ends, one: UniqueMinimizer) -> bool:
    pairs = zip(one.low, low, high, one.high, strict=True)
    return all(first <= a and b <= last for first, a, b, last in pairs)
