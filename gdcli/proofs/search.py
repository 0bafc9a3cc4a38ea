"""Branch and bound over a window: the search that makes a paving.

Comes in: a function and a window. Goes out: a paving of it, the lowest point that was found, and
the boxes in which f is strictly convex around a global minimizer. Nothing here is believed: all
that a proof rests on is checked again by `judge.py`. So that it will hold there, each box is put
aside by the rules of the page on proofs: by derivatives only where f is defined and continuous and
its gradient defined and finite, by its value only where f is above the upper bound itself.

Boxes are tested in lanes, many at once. Until the least lower bound is within the gap of the upper
bound, those of the lowest bounds are taken first; from then on the widest ones, which tells soonest
whether the minimizers lie in boxes as small as they have to be. Nothing depends on a clock but the
limit in seconds, so that a search repeats itself.

Sources: E. Hansen and G. W. Walster, Global Optimization Using Interval Analysis (2004), 12;
R. B. Kearfott, Rigorous Global Search (1996), 5; E. Baumann, Optimal centered forms (1988).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdcli.descent.minimize import run_descent
from gdcli.descent.stopping import Outcome
from gdcli.errors import GdcliError
from gdcli.functions.function import Function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import CONTINUOUS, DEFINED, DEFINED_AND_CONTINUOUS, Interval
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES, LEAST_SUBNORMAL
from gdcli.proofs.enclosed_function import INTERVALS_KEPT, EnclosedFunction
from gdcli.proofs.even_powers import EvenPowers
from gdcli.proofs.krawczyk import kind_over, stationary_box
from gdcli.proofs.paving import DETACHED, Form, Paving, Reason, UniqueMinimizer
from gdcli.proofs.propagation import Propagation, surrounding

RELATIVE_GAP = 1e-9  # of the upper and the lower bound, by default: of max(1, |f|)
ENCLOSED_WIDTH = 1e-6  # of the window: no printed box may be wider
LEAST_BOX_WIDTH = 2.0**-36  # of the window: boxes that small are split no further
FIRST_BATCH, LARGEST_BATCH = 256, 4096  # boxes that are tested at once
SEARCH_MEMORY_BYTES = 1_000_000_000  # of a search, where the number of boxes is not given
MOST_FLAT_BOXES = 5_000  # after the value is known, that a search for narrower boxes makes
SAMPLED_POINTS, FIRST_DESCENTS = 64, 5  # of which the lowest are where descents start
DESCENTS_OF_A_BATCH, MOST_DESCENTS = 2, 40
DESCENT_BOXES = 500  # for each of which one more descent is allowed
KINK_EVALUATIONS = 15  # of the look around a kink, that take as long as a descent
MOST_DESCENT_STEPS, MOST_DESCENT_EVALUATIONS = 100, 400
NEAR_BOX_WIDTH = 2.0**-5  # of the window: boxes that small may have a descent start in them
MOST_POINTS_ALONE = 8  # that are computed one by one, where lanes tell nothing
SNAPPED_DISTANCE = 1e-7  # of the window: that near to a face, a point is tried on the face too
NEWTON_WIDTH, NEWTON_COST = 0.25, 8  # of the window; boxes that one excluded box may cost
TANGENT_COST = 8  # boxes tested by tangents that one excluded box may cost
CONTRACTED_SHARE = 0.75  # of a box's width that at most is left, where it is cut
MOST_LAST_BOXES = 32  # of candidates, around whose middles minimizers are sought
NEWTON_STEPS = 3  # that end a descent
DESCENT_SECONDS, HESSIAN_SECONDS = 2e-7, 2e-5  # times n³: what a descent, or a test, may take
LEAST_NEWTON_STEP = 1e-10  # of the window, after which another gains nothing
CONVEX_RADII = 0.8 ** np.arange(80)  # of the window: half the widths of convex boxes tried

Array = NDArray[np.float64]
Places = NDArray[np.int64]


class SearchProgress(NamedTuple):
    """How far a search is: boxes made, boxes open, and the bounds of the minimum so far.

    `checked` counts the boxes that the judge is done with, once it is at work.
    """

    boxes: int
    open: int
    lower: float
    upper: float
    checked: int | None = None


Watch = Callable[[SearchProgress], object]


class SearchSettings(NamedTuple):
    """What a search over a window is asked for, and its limits.

    `gap` is None for RELATIVE_GAP·max(1, |f|); with `value_only` the search ends when the bounds of
    the minimum are that near; `max_boxes` is None for what fits into SEARCH_MEMORY_BYTES.
    """

    gap: float | None = None
    value_only: bool = False
    max_boxes: int | None = None
    max_seconds: float | None = None


class Searched(NamedTuple):
    """What a search has found.

    `point` is the lowest one of which it knows a value, at most `value`; both are None and inf
    where f was defined nowhere. `minimizers` are those that boxes of the paving name by number.
    `limit` says in words which limit of its settings ended the search, "" for none.
    """

    paving: Paving
    point: Array | None
    value: float
    minimizers: tuple[UniqueMinimizer, ...]
    limit: str


class Tree:
    """The columns of a Paving, to which boxes are added."""

    def __init__(self, low: Array, high: Array) -> None:
        self.count, self.capacity = 0, 0
        n = len(low)
        self.low, self.high = np.empty((n, 0)), np.empty((n, 0))
        self.parent, self.axis = np.empty(0, np.int64), np.empty(0, np.int16)
        self.reason, self.form = np.empty(0, np.uint8), np.empty(0, np.uint8)
        self.bound = np.empty(0)
        self.add(low[:, None], high[:, None], np.array([-1]), np.array([-inf]), np.array([0]))

    def add(self, low: Array, high: Array, parent: Places, bound: Array, form: Any) -> Places:
        """The numbers of new boxes, which are LEFT until they are tested."""
        first, last = self.count, self.count + len(parent)
        if last > self.capacity:
            self.capacity = max(2 * self.capacity, last, 4096)
            for name in ("low", "high", "parent", "axis", "reason", "form", "bound"):
                old = getattr(self, name)
                grown = np.empty((*old.shape[:-1], self.capacity), old.dtype)
                grown[..., :first] = old[..., :first]
                setattr(self, name, grown)
        new = slice(first, last)
        self.low[:, new], self.high[:, new], self.parent[new] = low, high, parent
        self.bound[new], self.form[new] = bound, form
        self.reason[new], self.axis[new] = Reason.LEFT, -1
        self.count = last
        return np.arange(first, last)

    def paving(self) -> Paving:
        """The boxes so far."""
        one = slice(self.count)
        boxes = self.low[:, one], self.high[:, one], self.parent[one], self.reason[one]
        return Paving(*boxes, self.axis[one], self.form[one], self.bound[one])


class Batch:
    """Boxes that are tested together: what f is over each, and what becomes of it.

    `numbers` are theirs in the tree. Where f is `smooth`, its mean value form holds and its slopes
    tell where it rises; where it is `kinked`, second derivatives tell nothing. Boxes that are not
    `tested` are split whatever the tests say.
    """

    def __init__(self, search: WindowSearch, numbers: Places) -> None:
        tree, n, count = search.tree, len(search.low), len(numbers)
        self.numbers = numbers
        self.low, self.high = tree.low[:, numbers], tree.high[:, numbers]
        self.reason = np.full(count, Reason.SPLIT, np.uint8)
        self.axis = np.full(count, -1, np.int16)
        self.tested = ~np.isin(numbers, search.forced)
        f, gradient = search.enclosed.value_and_gradient(boxes_of(self.low, self.high))
        self.slopes_low = np.array([one.low for one in gradient]).reshape(n, count)
        self.slopes_high = np.array([one.high for one in gradient]).reshape(n, count)
        self.smooth = f.flags == DEFINED_AND_CONTINUOUS
        self.kinked = np.zeros(count, bool)
        for one in gradient:
            self.smooth &= (one.flags & DEFINED) == DEFINED
            self.kinked |= (one.flags & CONTINUOUS) == 0
        for ends in (self.slopes_low, self.slopes_high):
            self.smooth &= np.isfinite(ends).all(axis=0)
        self.inner = np.array([self.low, self.high])  # what contraction leaves
        self.undefined = f.low > f.high
        self.bound, self.form = tree.bound[numbers], tree.form[numbers]
        better = f.low > self.bound
        self.form[better], self.bound[better] = Form.NATURAL, f.low[better]

    def mark(self, where: Any, reason: Reason, axis: int = -1) -> None:
        """Notes what has become of tested boxes, but for those that have another reason already."""
        at = where & self.tested & (self.reason == Reason.SPLIT)
        self.reason[at], self.axis[at] = reason, axis

    def children(self) -> tuple[Array, Array, Places]:
        """The ends of the children, and the places of their parents in the batch."""
        contracted = np.flatnonzero(self.reason == Reason.CONTRACTED)
        reduced = np.flatnonzero(self.reason == Reason.REDUCED)
        split = np.flatnonzero(self.reason == Reason.SPLIT)
        low, high, axis = self.low[:, reduced], self.high[:, reduced], self.axis[reduced]
        places = np.arange(len(reduced))
        rising = self.slopes_low[axis, reduced] > 0
        face = np.where(rising, low[axis, places], high[axis, places])
        low[axis, places] = high[axis, places] = face
        axis, places = self.axis[split], np.arange(len(split))
        below, above = self.high[:, split], self.low[:, split]
        middle = middles(self.low[axis, split], self.high[axis, split])
        below[axis, places] = above[axis, places] = middle
        inner = self.inner[:, :, contracted]
        lows = np.concatenate([inner[0], low, self.low[:, split], above], axis=1)
        highs = np.concatenate([inner[1], high, below, self.high[:, split]], axis=1)
        return lows, highs, np.concatenate([contracted, reduced, split, split])


class WindowSearch:
    """A search over one window that can be continued.

    After an interrupt at any moment the boxes of its tree still cover the window.
    """

    def __init__(
        self,
        function: Function,
        low: Sequence[float],
        high: Sequence[float],
        settings: SearchSettings,
        watch: Watch | None = None,
    ) -> None:
        self.function, self.settings, self.watch = function, settings, watch
        self.enclosed = EnclosedFunction(function, INTERVAL_LANES)
        self.low, self.high = np.array(low, float), np.array(high, float)
        self.width = self.high - self.low
        self.scale = np.where(self.width > 0, self.width, 1.0)
        self.tree = Tree(self.low, self.high)
        self.open: Places = np.array([0])
        self.forced = np.empty(0, np.int64)  # boxes that the judge refused: they are split untested
        self.point: Array | None = None
        self.value = inf
        self.minimizers: list[UniqueMinimizer] = []
        self.minima: list[float] = []  # a lower bound of f over each minimizer's box
        self.small_bound = inf  # the least one of the candidates
        self.descents, self.tried = 0, np.empty((len(self.low), 0))
        self.propagation: Propagation | None = None
        self.tangent_pause, self.tangent_rest = 1, 0
        if self.enclosed.written_out.bindings is None:
            self.propagation = Propagation(self.enclosed.written_out.tape, INTERVAL_LANES)
        self.contract_pause, self.contract_rest = 1, 0
        self.newton_pause, self.newton_rest, self.newton_tests = 1, 0, 0  # in batches
        self.flat_limit: int | None = None
        self.limit = ""
        # of tests that keep all values of a tape
        self.most_lanes = max(FIRST_BATCH, INTERVALS_KEPT // self.enclosed.written_out.tape.size)
        row = 16 * len(self.low) + 40  # bytes of a box, in the tree and in the list of open ones
        self.most_boxes = settings.max_boxes or SEARCH_MEMORY_BYTES // (3 * row)
        self.began = perf_counter()

    @cached_property
    def powers(self) -> EvenPowers | None:
        """The even powers of f, where it has no loops."""
        if self.propagation is None:
            return None
        return EvenPowers(self.propagation.tape, INTERVAL_LANES)

    # The course of the search.

    def run(self) -> None:
        """Tests open boxes until none is left or a limit is met."""
        self.limit = ""
        tree = self.tree
        with np.errstate(all="ignore"):
            if self.tree.count == 1 and self.point is None:
                self._descend_from_samples()
            while len(self.open):
                lower = self.lower
                if self.watch is not None:
                    self.watch(SearchProgress(self.tree.count, len(self.open), lower, self.value))
                near = self.value - lower <= 0.5 * self.gap
                if (near and self.settings.value_only) or self._at_limit(near):
                    low_enough = tree.bound[self.open] >= self.value - self.gap
                    tree.reason[self.open[low_enough]] = Reason.CANDIDATE
                    self.open = self.open[~low_enough]
                    break
                self._test(self._next(near))
        bound, reason = tree.bound[: tree.count], tree.reason[: tree.count]
        reason[(reason == Reason.CANDIDATE) & (bound > self.value)] = Reason.VALUE
        low, high = tree.low[:, : tree.count], tree.high[:, : tree.count]
        with np.errstate(all="ignore"):
            last = np.flatnonzero(reason == Reason.CANDIDATE)
            for box in last if len(last) <= MOST_LAST_BOXES and not self.limit else ():
                if (high[:, box] - low[:, box] <= ENCLOSED_WIDTH * self.scale).all():
                    self._add_minimizer(middles(low[:, box], high[:, box]))
        for number, one in enumerate(self.minimizers):
            inside = (low >= one.low[:, None]) & (high <= one.high[:, None])
            at = np.flatnonzero((reason == Reason.CANDIDATE) & inside.all(axis=0))
            reason[at], tree.axis[at] = Reason.UNIQUE, number

    @property
    def gap(self) -> float:
        """How near the bounds of the minimum have to be."""
        if self.settings.gap is not None:
            return self.settings.gap
        return RELATIVE_GAP * max(1.0, abs(self.value)) if self.value < inf else 0.0

    @property
    def lower(self) -> float:
        """The least lower bound of f over boxes that are open, small, or hold a minimizer."""
        least = self.tree.bound[self.open].min() if len(self.open) else inf
        return float(min(least, self.small_bound, *self.minima, self.value))

    def reopen(self, boxes: Places) -> None:
        """Opens boxes again, to be split and their parts tested: what they had become is undone."""
        tree, everything = self.tree, slice(self.tree.count)
        cut_off = boxes
        while len(cut_off := np.flatnonzero(np.isin(tree.parent[everything], cut_off))):
            tree.reason[cut_off] = Reason.SPLIT  # no leaf any more
            tree.parent[cut_off] = DETACHED
            self.open = np.setdiff1d(self.open, cut_off)
        tree.reason[boxes], tree.bound[boxes] = Reason.LEFT, -inf
        self.open = np.union1d(self.open, boxes)
        self.forced = np.union1d(self.forced, boxes)

    def withdraw(self, number: int) -> None:
        """Takes a minimizer's box back, which keeps its number but holds nothing."""
        nothing = np.full(len(self.low), inf)
        self.minimizers[number] = UniqueMinimizer(nothing, -nothing, None, None, ())
        self.minima[number] = inf

    def searched(self) -> Searched:
        """The results so far."""
        found = self.tree.paving(), self.point, self.value, tuple(self.minimizers), self.limit
        return Searched(*found)

    def _at_limit(self, near: bool) -> bool:
        """Whether a limit is met, which is noted in words if it is one that can be moved."""
        boxes = self.tree.count
        if near and self.flat_limit is None:
            self.flat_limit = boxes + MOST_FLAT_BOXES
        if boxes >= self.most_boxes:
            self.limit = "1 box was made" if boxes == 1 else f"{boxes:,} boxes were made"
        elif self._is_late():
            self.limit = f"{self.settings.max_seconds:g} s have passed"
        return bool(self.limit) or (near and boxes >= (self.flat_limit or 0))

    def _is_late(self, seconds: float = 0.0) -> bool:
        """Whether the limit in seconds will have passed after so many times n³."""
        longest, needed = self.settings.max_seconds, seconds * len(self.low) ** 3
        return longest is not None and perf_counter() - self.began + needed >= longest

    def _next(self, near: bool) -> Places:
        """The boxes to be tested next: those that keep the bounds apart, or the widest.

        They are filled up to FIRST_BATCH by those of the next bounds.
        """
        tree, open_ = self.tree, self.open
        key = tree.bound[open_]
        if near:
            key = -((tree.high[:, open_] - tree.low[:, open_]) / self.scale[:, None]).max(axis=0)
            size = len(open_) // 2
        else:
            size = int((key < self.value - 0.5 * self.gap).sum())
        size = min(max(FIRST_BATCH, size), LARGEST_BATCH, 1 + (self.most_boxes - tree.count) // 2)
        if len(open_) <= size:
            return open_
        return open_[np.sort(np.argpartition(key, size)[:size])]

    # The tests of a batch of boxes.

    def _test(self, numbers: Places) -> None:
        """Finds out what becomes of each box, and opens its children."""
        batch = Batch(self, numbers)
        self._mean_values(batch)
        self._undefined_or_above(batch)
        self._monotone(batch)
        self._unique(batch)
        self._below_by_tangents(batch)
        self._stationary(batch)
        self._contract(batch)
        self._split(batch)
        self._commit(batch)
        waiting = (Reason.SPLIT, Reason.CONTRACTED, Reason.CANDIDATE)
        at = np.flatnonzero(np.isin(batch.reason, waiting) & batch.smooth)
        self._seek_minimizers(batch.low[:, at], batch.high[:, at])

    def _mean_values(self, batch: Batch) -> None:
        """Raises lower bounds by f(x) >= f(c) + Σ min sᵢ·(xᵢ - cᵢ), and lowers the upper bound.

        The center c is where this bound is greatest.
        """
        waiting = batch.tested & (batch.bound <= self.value)
        elsewhere = np.flatnonzero(waiting & ~batch.smooth)
        if len(elsewhere):
            self._lower_upper_bound(middles(batch.low[:, elsewhere], batch.high[:, elsewhere]))
        at = np.flatnonzero(waiting & batch.smooth)
        if not len(at):
            return
        low, high = batch.low[:, at], batch.high[:, at]
        least, most = batch.slopes_low[:, at], batch.slopes_high[:, at]
        center = balanced_centers(low, high, least, most)
        value = self._lower_upper_bound(center)
        found = mean_value_bounds(low, high, least, most, center, value)
        better = found > batch.bound[at]
        batch.form[at[better]] = Form.MEAN_VALUE
        batch.bound[at[better]] = found[better]

    def _undefined_or_above(self, batch: Batch) -> None:
        """Marks boxes where f has no value, or is above the upper bound."""
        batch.mark(batch.undefined, Reason.UNDEFINED)
        batch.mark(batch.bound > self.value, Reason.VALUE)

    def _monotone(self, batch: Batch) -> None:
        """Marks boxes along an axis of which f rises or falls strictly.

        Where it falls towards a face of the window, only that face is left, else nothing.
        """
        for i in range(len(self.low)):
            low, high = batch.low[i], batch.high[i]
            rising, falling = batch.slopes_low[i] > 0, batch.slopes_high[i] < 0
            inside = (rising & (low > self.low[i])) | (falling & (high < self.high[i]))
            batch.mark(batch.smooth & (low < high) & inside, Reason.MONOTONE, i)
        for i in range(len(self.low)):
            slopes = (batch.slopes_low[i] > 0) | (batch.slopes_high[i] < 0)
            there = batch.smooth & (batch.low[i] < batch.high[i]) & slopes
            batch.mark(there, Reason.REDUCED, i)

    def _unique(self, batch: Batch) -> None:
        """Marks boxes that lie where f is strictly convex around a minimizer that is known."""
        for number, one in enumerate(self.minimizers):
            inside = (batch.low >= one.low[:, None]) & (batch.high <= one.high[:, None])
            batch.mark(inside.all(axis=0), Reason.UNIQUE, number)

    def _below_by_tangents(self, batch: Batch) -> None:
        """Marks boxes over which a minorant with tangents for even powers is above the upper bound.

        The test costs some 2·n values, and is left out for a while where it has been in vain.
        """
        at = np.flatnonzero((batch.reason == Reason.SPLIT) & batch.tested)[: self.most_lanes]
        if not len(at) or self.value == inf or self.powers is None or not self.powers.terms:
            return
        if self.tangent_rest > 0:
            self.tangent_rest -= 1
            return
        low, high = batch.low[:, at], batch.high[:, at]
        tangents = self.powers.tangents([*self.powers.supports(low, high)])
        box = boxes_of(low, high)
        g, gradient = self.powers.value_and_gradient(box, tangents)
        least, most = (
            np.array([np.broadcast_to(one[end], len(at)) for one in gradient]) for end in (0, 1)
        )
        center = balanced_centers(low, high, least, most)
        value = self.powers.value(boxes_of(center, center), tangents)
        found = mean_value_bounds(low, high, least, most, center, value.low)
        smooth = g.flags == DEFINED_AND_CONTINUOUS
        for one in gradient:
            smooth = smooth & ((one.flags & DEFINED) == DEFINED)
        found = np.maximum(np.where(smooth & np.isfinite(found), found, -inf), g.low)
        above = found > self.value
        batch.bound[at] = np.maximum(batch.bound[at], found)
        batch.form[at[above]] = Form.TANGENTS
        batch.reason[at[above]] = Reason.VALUE
        if above.sum() * TANGENT_COST < len(at):
            self.tangent_pause = min(2 * self.tangent_pause, 8)
            self.tangent_rest = self.tangent_pause
        else:
            self.tangent_pause = 1

    def _stationary(self, batch: Batch) -> None:
        """Marks boxes in the window's interior that an interval Newton step leaves nothing of.

        It takes Krawczyk's step around the middle c, with Y an inverse of the Hessian's midpoint M:
        stationary points lie in c - Y·∇f(c) ± (|I - Y·M| + |Y|·radius)·(half the box's width).
        The test costs n gradients, and is left out where it has been in vain.
        """
        if self.newton_rest > 0 or self._is_late(HESSIAN_SECONDS):
            self.newton_rest -= 1
            return
        fixed = batch.low == batch.high
        within = (batch.low > self.low[:, None]) & (batch.high < self.high[:, None])
        small = ((batch.high - batch.low) / self.scale[:, None]).max(axis=0) <= NEWTON_WIDTH
        open_ = (batch.reason == Reason.SPLIT) & batch.smooth & ~batch.kinked & batch.tested & small
        at = np.flatnonzero(open_ & (within | fixed).all(axis=0) & ~fixed.all(axis=0))
        if not len(at):
            return
        low, high = batch.low[:, at], batch.high[:, at]
        empty = self._newton_leaves_nothing(low, high)
        excluded = np.zeros(len(batch.reason), bool)
        excluded[at] = empty
        batch.mark(excluded, Reason.STATIONARY)
        self.newton_tests += len(at)
        if empty.sum() * NEWTON_COST < len(at):
            self.newton_pause = min(2 * self.newton_pause, 16)
            self.newton_rest = self.newton_pause
        else:
            self.newton_pause = 1

    def _newton_leaves_nothing(self, low: Array, high: Array) -> NDArray[np.bool_]:
        held, center, half = (low == high), middles(low, high), (high - low).T / 2
        middle, radius, known = self._hessians(low, high, held)
        gradient = self.enclosed.value_and_gradient(boxes_of(center, center))[1]
        least, most = (np.array([one[end] for one in gradient]).T for end in (0, 1))
        slope, blur = ((most + least) / 2, (most - least) / 2)
        slope[held.T] = blur[held.T] = 0.0
        known &= np.isfinite(slope).all(axis=1) & np.isfinite(blur).all(axis=1)
        at = np.flatnonzero(known)
        scale = 1.0 / np.sqrt(np.abs(np.einsum("kii->ki", middle[at])) + 1e-300)
        scales = scale[:, :, None] * scale[:, None, :]
        regular = np.abs(np.linalg.det(middle[at] * scales)) > 1e-12
        at, scales = at[regular], scales[regular]
        inverse = np.linalg.inv(middle[at] * scales) * scales
        rest = np.abs(np.eye(len(low)) - inverse @ middle[at]) + np.abs(inverse) @ radius[at]
        step = np.einsum("kij,kj->ki", inverse, slope[at])
        reach = np.einsum("kij,kj->ki", rest, half[at])
        reach += np.einsum("kij,kj->ki", np.abs(inverse), blur[at])
        found = np.zeros(len(known), bool)
        found[at] = (np.abs(step) > (reach + half[at]) * (1 + 1e-9)).any(axis=1)
        return found

    def _contract(self, batch: Batch) -> None:
        """Cuts boxes down to where the values of f's operations let it be low enough.

        What is cut by less than a quarter is split as it is. The test is left out for a while where
        it has been in vain.
        """
        wide = ((batch.high - batch.low) / self.scale[:, None]).max(axis=0) > LEAST_BOX_WIDTH
        at = np.flatnonzero((batch.reason == Reason.SPLIT) & batch.tested & wide)[: self.most_lanes]
        if self.propagation is None or not len(at) or self.value == inf:
            return
        if self.contract_rest > 0:
            self.contract_rest -= 1
            return
        outer = np.array([batch.low[:, at], batch.high[:, at]])
        target = INTERVAL_LANES.of(np.full(len(at), -inf), np.full(len(at), self.value))
        found = self.propagation.contract(boxes_of(*outer), [target])
        inner = np.array([[one.low for one in found], [one.high for one in found]])
        empty = (inner[0] > inner[1]).any(axis=0)
        child = surrounding(inner, outer)
        width = np.where(outer[1] > outer[0], outer[1] - outer[0], 1.0)
        share = np.where(outer[1] > outer[0], (child[1] - child[0]) / width, 1.0).min(axis=0)
        less = ~empty & (share <= CONTRACTED_SHARE)
        batch.form[at[empty]] = Form.PROPAGATION
        batch.bound[at[empty]] = np.nextafter(self.value, inf)
        batch.reason[at[empty]] = Reason.VALUE
        batch.reason[at[less]] = Reason.CONTRACTED
        batch.inner[:, :, at[less]] = child[:, :, less]
        if (empty.sum() + less.sum()) * 4 < len(at):
            self.contract_pause = min(2 * self.contract_pause, 16)
            self.contract_rest = self.contract_pause
        else:
            self.contract_pause = 1

    def _split(self, batch: Batch) -> None:
        """Chooses the axis along which each box is split that nothing has become of yet.

        It is the one along which f varies most, as far as the slopes tell, else the widest. Boxes
        that are as small as they may be are candidates.
        """
        split = np.flatnonzero(batch.reason == Reason.SPLIT)
        low, high = batch.low[:, split], batch.high[:, split]
        width, middle = high - low, middles(low, high)
        relative = width / self.scale[:, None]
        splittable = (relative > LEAST_BOX_WIDTH) & (middle > low) & (middle < high)
        slopes = np.maximum(np.abs(batch.slopes_low[:, split]), np.abs(batch.slopes_high[:, split]))
        variation = width * slopes
        key = np.where(np.isfinite(variation).all(axis=0), variation, relative)
        key = np.where(splittable, key, -1.0)
        small = ~splittable.any(axis=0)
        batch.axis[split] = np.where(small, -1, key.argmax(axis=0))
        batch.reason[split[small]] = Reason.CANDIDATE

    def _commit(self, batch: Batch) -> None:
        """Writes what has become of the boxes into the tree, and opens their children.

        The children stand in the tree before their parents are closed, whenever an interrupt comes.
        """
        tree, numbers = self.tree, batch.numbers
        low, high, parents = batch.children()
        tree.bound[numbers], tree.form[numbers] = batch.bound, batch.form
        waiting = self.open[~np.isin(self.open, numbers)]
        added = tree.add(low, high, numbers[parents], batch.bound[parents], batch.form[parents])
        tree.axis[numbers] = batch.axis
        tree.reason[numbers] = batch.reason
        small = batch.bound[batch.reason == Reason.CANDIDATE]
        self.small_bound = min(self.small_bound, float(small.min(initial=inf)))
        self.forced = self.forced[~np.isin(self.forced, numbers)]
        open_ = np.concatenate([waiting, added])
        above = (tree.bound[open_] > self.value) & ~np.isin(open_, self.forced)
        tree.reason[open_[above]] = Reason.VALUE
        self.open = open_[~above]

    # Points: the upper bound, and minimizers.

    def _values(self, points: Array) -> tuple[Array, Array]:
        """The ends of f at points, -inf and inf where f is not defined and finite."""
        f = self.enclosed.value(boxes_of(points, points))
        known = ((f.flags & DEFINED) == DEFINED) & np.isfinite(f.low) & np.isfinite(f.high)
        low, high = np.where(known, f.low, -inf), np.where(known, f.high, inf)
        if not known.any():  # lanes have no rule for every argument
            exactly = self.enclosed.over(interval_ends())
            for k, x in enumerate(points[:, :MOST_POINTS_ALONE].T.tolist()):
                one = exactly.value([exactly.system.of(c, c) for c in x])
                if one.flags & DEFINED:
                    rounded = INTERVAL_LANES.of(*exactly.system.ends(one))
                    low[k], high[k] = rounded.low, rounded.high
        return low, high

    def _lower_upper_bound(self, points: Array) -> Array:
        """Lower bounds of f at points of the window; the lowest point is kept."""
        low, high = self._values(points)
        best = int(np.argmin(high))
        if high[best] < self.value:
            before, self.value = self.value, float(high[best])
            self.point = points[:, best].copy()
            much = before - self.value > 1e-3 * abs(before) and self.tree.count > 1
            if much and self._may_descend():
                self._descend(self.point)
        return low

    def _descend_from_samples(self) -> None:
        """The first upper bound: of points that fill the window, and of descents.

        The points are the multiples of φ⁻¹, φ⁻², …, φⁿ⁺¹ = φ + 1, without their whole parts:
        M. Roberts, The unreasonable effectiveness of quasirandom sequences (2018).
        """
        n, ratio = len(self.low), 1.0
        for _ in range(60):
            ratio = (1.0 + ratio) ** (1.0 / (n + 1))
        shares = np.outer(ratio ** -np.arange(1.0, n + 1), np.arange(SAMPLED_POINTS))
        points = self._into(self.low + self.width * ((0.5 + shares) % 1.0).T).T
        high = self._values(points)[1]
        self._lower_upper_bound(points)
        known = () if self.function.problem is None else self.function.problem.minima
        starts = [np.array(one.at, float) for one in known if len(one.at) == n]
        starts = [x for x in starts if ((x >= self.low) & (x <= self.high)).all()]
        lowest = np.argsort(high, kind="stable")[:FIRST_DESCENTS]
        starts += [points[:, k] for k in lowest if high[k] < inf]
        for start in starts:
            if self.descents < MOST_DESCENTS // 2 and not self._is_late():
                self._descend(start)
        if self.point is not None:
            self._add_minimizer(self.point)

    def _may_descend(self) -> bool:
        """Whether one more descent costs little beside the tests of boxes."""
        return self.descents < MOST_DESCENTS + self.tree.count // DESCENT_BOXES

    def _descend(self, start: Array) -> Array | None:
        """The end of a descent within the window, if it has one; the upper bound is lowered."""
        self.descents += 1
        if self._is_late(DESCENT_SECONDS):
            return None

        def end_at_limit(_: object) -> None:
            if self._is_late():
                raise TimeoutError

        try:
            result = run_descent(
                self.function,
                start.tolist(),
                method="newton",
                max_iterations=MOST_DESCENT_STEPS,
                max_evaluations=MOST_DESCENT_EVALUATIONS,
                escape="no",
                keep=0,
                bounds=list(zip(self.low.tolist(), self.high.tolist(), strict=True)),
                on_iterate=end_at_limit,
            )
        except (GdcliError, TimeoutError):
            return None
        if result.outcome is Outcome.INTERRUPTED:
            raise KeyboardInterrupt
        self.descents += result.evaluations.verdict // KINK_EVALUATIONS
        end = self._into(np.array(result.x, float))
        if not np.isfinite(end).all():
            return None
        on_faces = end.copy()
        for face in (self.low, self.high):
            near = np.abs(end - face) <= SNAPPED_DISTANCE * self.width
            on_faces[near] = face[near]
        ends = np.stack([on_faces, end], axis=1)
        high = self._values(ends)[1]
        best = int(np.argmin(high))
        if high[best] < self.value:
            self.value, self.point = float(high[best]), ends[:, best].copy()
        return ends[:, best] if high[best] < inf else None

    def _into(self, point: Array) -> Array:
        """The point of the window that is nearest, or for rows of points each."""
        return np.clip(point, self.low, self.high)

    def _seek_minimizers(self, low: Array, high: Array) -> None:
        """Adds minimizers by descents from the lowest of the boxes that have become small."""
        small = ((high - low) / self.scale[:, None]).max(axis=0) <= NEAR_BOX_WIDTH
        for one in self.minimizers:
            inside = (low >= one.low[:, None]) & (high <= one.high[:, None])
            small &= ~inside.all(axis=0)
        places = np.flatnonzero(small)
        if not len(places) or not self._may_descend():
            return
        centers = middles(low[:, places], high[:, places])
        order = np.argsort(self._values(centers)[1], kind="stable")
        for k in order[:DESCENTS_OF_A_BATCH]:
            center, width = centers[:, k], (high - low)[:, places[k]]
            near = np.abs(self.tried - center[:, None]) <= width[:, None]
            if near.all(axis=0).any() or not self._may_descend():
                continue
            end = self._descend(center)
            self.tried = np.column_stack([self.tried, center])
            if end is not None:
                self._add_minimizer(end)

    def _add_minimizer(self, point: Array) -> None:
        """Adds a minimizer near a point, and the largest box found where f is strictly convex.

        The components at an end of the window that f falls towards are held there.
        """
        if self._is_late(HESSIAN_SECONDS):
            return
        for one in self.minimizers:
            if ((point >= one.low) & (point <= one.high)).all():
                return
        gradient = self.enclosed.value_and_gradient(boxes_of(point[:, None], point[:, None]))[1]
        rising = np.array([one.low[0] > 0 for one in gradient]) & (point == self.low)
        falling = np.array([one.high[0] < 0 for one in gradient]) & (point == self.high)
        held = rising | falling | (self.low == self.high)
        free = np.flatnonzero(~held).tolist()
        low, high = np.where(held, point, self.low), np.where(held, point, self.high)
        center = self._polished(point, free)
        tight = stationary_box(self.enclosed, center.tolist(), boxes_of(low, high), free)
        if tight is None:
            return
        ends = np.array([[float(end) for end in INTERVAL_LANES.ends(one)] for one in tight])
        inner_low, inner_high = ends.T
        if self._is_late() or (inner_low < low).any() or (inner_high > high).any():
            return
        if any(self._is_known(one, inner_low, inner_high) for one in self.minimizers):
            return
        self._lower_upper_bound(self._into(middles(inner_low, inner_high))[:, None])
        lower = float(self.enclosed.value(boxes_of(*ends.T[:, :, None])).low[0])
        if lower > self.value:
            return
        found = self._convex_box(inner_low, inner_high, low, high, free)
        if found is not None:
            self.minima.append(lower)
            self.minimizers.append(UniqueMinimizer(*found, inner_low, inner_high, tuple(free)))

    def _is_known(self, one: UniqueMinimizer, low: Array, high: Array) -> bool:
        """Whether a box around a minimizer meets that of another, which then is the same."""
        if one.inner_low is None or one.inner_high is None:
            return False
        return bool(((low <= one.inner_high) & (high >= one.inner_low)).all())

    def _polished(self, point: Array, free: list[int]) -> Array:
        """The point after a few steps of Newton's method by the free components."""
        for _ in range(NEWTON_STEPS):
            box = boxes_of(point[:, None], point[:, None])
            gradient, rows = self.enclosed.value_and_gradient(box)[1], self.enclosed.hessian(box)
            slope = np.array([middles(gradient[i].low, gradient[i].high)[0] for i in free])
            hessian = np.array(
                [[middles(rows[i][j].low, rows[i][j].high)[0] for j in free] for i in free]
            )
            moved = point.copy()
            try:
                moved[free] -= np.linalg.solve(hessian, slope)
            except np.linalg.LinAlgError:
                break
            moved = self._into(moved)
            if not np.isfinite(moved).all():
                break
            near = (np.abs(moved - point) <= LEAST_NEWTON_STEP * self.scale).all()
            point = moved
            if near:
                break
        return point

    def _convex_box(
        self, inner_low: Array, inner_high: Array, least: Array, most: Array, free: list[int]
    ) -> tuple[Array, Array] | None:
        """The largest of many boxes around the inner one, over which f is strictly convex."""
        if not free:
            return inner_low, inner_high
        radii = np.outer(self.width, CONVEX_RADII)
        low = np.maximum(inner_low[:, None] - radii, least[:, None])
        high = np.minimum(inner_high[:, None] + radii, most[:, None])
        for k in np.flatnonzero(self._seem_convex(low, high, free)):
            if kind_over(self.enclosed, boxes_of(low[:, k], high[:, k]), free) == "minimum":
                return low[:, k], high[:, k]
        return None

    def _seem_convex(self, low: Array, high: Array, free: list[int]) -> NDArray[np.bool_]:
        """Whether the Hessian by the free components seems positive definite over each box.

        It is where the least eigenvalue of its midpoint is above the norm of its radius.
        """
        held = np.ones(low.shape, bool)
        held[free] = False
        f, gradient = self.enclosed.value_and_gradient(boxes_of(low, high))
        middle, radius, known = self._hessians(low, high, held)
        for one in (f, *(gradient[i] for i in free)):
            known &= one.flags == DEFINED_AND_CONTINUOUS
        diagonal = np.einsum("kii->ki", middle - radius)
        known &= (diagonal > 0).all(axis=1)
        scale = 1.0 / np.sqrt(diagonal[known])
        scales = scale[:, :, None] * scale[:, None, :]
        least = np.linalg.eigvalsh(middle[known] * scales)[:, 0]
        norm = np.abs(np.linalg.eigvalsh(radius[known] * scales)).max(axis=1)
        found = np.zeros(len(known), bool)
        found[known] = least > norm
        return found

    def _hessians(
        self, low: Array, high: Array, held: NDArray[np.bool_]
    ) -> tuple[Array, Array, Any]:
        """Midpoints and radii of the Hessians over boxes, shape (boxes, n, n), and which are known.

        The rows and columns of the components that are `held` are those of the identity.
        """
        n, count = low.shape
        entries = [one for row in self.enclosed.hessian(boxes_of(low, high)) for one in row]
        least = np.array([one.low for one in entries]).reshape(n, n, count).transpose(2, 0, 1)
        most = np.array([one.high for one in entries]).reshape(n, n, count).transpose(2, 0, 1)
        smooth = np.array([one.flags == DEFINED_AND_CONTINUOUS for one in entries])
        smooth = smooth.reshape(n, n, count).transpose(2, 0, 1)
        idle = held.T[:, :, None] | held.T[:, None, :]
        middle = np.where(idle, np.eye(n), (least + most) / 2)
        radius = np.where(idle, 0.0, (most - least) / 2)
        known = ((smooth | idle) & np.isfinite(middle) & np.isfinite(radius)).all(axis=(1, 2))
        middle = (middle + np.swapaxes(middle, 1, 2)) / 2
        return middle, np.maximum(radius, np.swapaxes(radius, 1, 2)), known


def boxes_of(low: Array, high: Array) -> list[Interval]:
    """The Intervals of boxes whose ends have shape (n, boxes), or of one with ends (n,)."""
    return [INTERVAL_LANES.of(a, b) for a, b in zip(low, high, strict=True)]


def balanced_centers(low: Array, high: Array, least: Array, most: Array) -> Array:
    """The centers of boxes for which the mean value form's lower bounds are greatest: Baumann's.

    It is (s⁺·low - s⁻·high)/(s⁺ - s⁻) where a slope between s⁻ = `least` and s⁺ = `most` has no
    sign.
    """
    center = (most * low - least * high) / (most - least)
    center = np.where(least >= 0, low, np.where(most <= 0, high, center))
    center = np.where(np.isfinite(center), center, middles(low, high))
    return np.clip(center, low, high)


def mean_value_bounds(
    low: Array, high: Array, least: Array, most: Array, center: Array, value: Array
) -> Array:
    """Lower bounds by the mean value form, of boxes with values at centers and slopes between."""
    change = np.minimum(least * (high - center), most * (low - center))
    rounding = 4e-16 * (np.abs(value) + (len(low) + 2) * np.abs(change).sum(axis=0))
    found: Array = value + change.sum(axis=0) - rounding - LEAST_SUBNORMAL
    return found


def middles(low: Array, high: Array) -> Array:
    """The middles of intervals."""
    return low + (high - low) / 2
