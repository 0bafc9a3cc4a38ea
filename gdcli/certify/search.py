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
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdcli.certify.enclosed_function import EnclosedFunction
from gdcli.certify.krawczyk import kind_over, stationary_box
from gdcli.certify.paving import Form, Paving, Reason, UniqueMinimizer
from gdcli.descent.minimize import run_descent
from gdcli.errors import GdcliError
from gdcli.functions.function import Function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS, Interval
from gdcli.numbers.interval_lanes import INTERVAL_LANES

RELATIVE_GAP = 1e-9  # of the upper and the lower bound, by default: of max(1, |f|)
ENCLOSED_WIDTH = 1e-6  # of the window: no printed box may be wider
LEAST_BOX_WIDTH = 2.0**-36  # of the window: boxes that small are split no further
FIRST_BATCH, LARGEST_BATCH = 256, 8192  # boxes that are tested at once
MEMORY_BYTES = 1_000_000_000  # of a search, where the number of boxes is not given
MOST_FLAT_BOXES = 200_000  # after the value is known, that a search for narrower boxes makes
SAMPLED_POINTS, FIRST_DESCENTS = 64, 5  # of which the lowest are where descents start
MOST_DESCENTS, DESCENT_BOXES = 40, 500  # and one more for so many boxes
KINK_EVALUATIONS = 15  # of the look around a kink, that take as long as a descent
MOST_DESCENT_STEPS, MOST_DESCENT_EVALUATIONS = 100, 400
NEAR_BOX_WIDTH = 2.0**-5  # of the window: boxes that small may have a descent start in them
SNAPPED_DISTANCE = 1e-7  # of the window: that near to a face, a point is tried on the face too
NEWTON_STEPS = 3  # that end a descent
CONVEX_RADII = 0.8 ** np.arange(80)  # of the window: half the widths of convex boxes tried

Array = NDArray[np.float64]
Places = NDArray[np.int64]


class SearchProgress(NamedTuple):
    """How far a search is: boxes made, boxes open, and the bounds of the minimum so far."""

    boxes: int
    open: int
    lower: float
    upper: float


Watch = Callable[[SearchProgress], object]


class SearchSettings(NamedTuple):
    """What a search over a window is asked for, and its limits.

    `gap` is None for RELATIVE_GAP·max(1, |f|); with `value_only` the search ends when the bounds of
    the minimum are that near; `max_boxes` is None for what fits into MEMORY_BYTES.
    """

    gap: float | None = None
    value_only: bool = False
    max_boxes: int | None = None
    max_seconds: float | None = None


NO_LIMITS = SearchSettings()


class Searched(NamedTuple):
    """What a search has found.

    `point` is the lowest one of which it knows a value, at most `value`; both are None and inf
    where f was defined nowhere. `minimizers` are those that boxes of the paving name by number.
    `limit` says in words which limit ended the search, "" for none.
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


class WindowSearch:
    """A search over one window that can be continued.

    After an interrupt at any moment the boxes of its tree still cover the window.
    """

    def __init__(
        self,
        function: Function,
        low: Sequence[float],
        high: Sequence[float],
        settings: SearchSettings = NO_LIMITS,
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
        self.flat_limit: int | None = None
        self.limit = ""
        row = 16 * len(self.low) + 40  # bytes of a box, in the tree and in the list of open ones
        self.most_boxes = settings.max_boxes or MEMORY_BYTES // (3 * row)
        self.began = perf_counter()

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
                    self._finish(self.open[low_enough], Reason.CANDIDATE)
                    self.open = self.open[~low_enough]
                    break
                self._test(self._next(near))

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
        """Opens leaves again, to be split and their parts tested."""
        self.tree.reason[boxes] = Reason.LEFT
        self.open = np.union1d(self.open, boxes)
        self.forced = np.union1d(self.forced, boxes)

    def searched(self) -> Searched:
        """What was found so far."""
        found = self.tree.paving(), self.point, self.value, tuple(self.minimizers), self.limit
        return Searched(*found)

    def _at_limit(self, near: bool) -> bool:
        """Whether a limit is met, which is noted in words."""
        boxes, longest = self.tree.count, self.settings.max_seconds
        if near and self.flat_limit is None:
            self.flat_limit = boxes + MOST_FLAT_BOXES
        if boxes >= self.most_boxes:
            self.limit = f"{boxes:,} boxes were made"
        elif longest is not None and perf_counter() - self.began >= longest:
            self.limit = f"{longest:g} s have passed"
        elif near and self.flat_limit is not None and boxes >= self.flat_limit:
            self.limit = "f is as low as its minimum, as far as floats tell, in too many boxes"
        return bool(self.limit)

    def _next(self, near: bool) -> Places:
        """The boxes to be tested next: those of the lowest bounds, or the widest."""
        size = min(max(FIRST_BATCH, len(self.open) // 2), LARGEST_BATCH)
        if len(self.open) <= size:
            return self.open
        tree, open_ = self.tree, self.open
        key = tree.bound[open_]
        if near:
            key = -((tree.high[:, open_] - tree.low[:, open_]) / self.scale[:, None]).max(axis=0)
        return open_[np.sort(np.argpartition(key, size)[:size])]

    def _finish(self, boxes: Places, reason: Any, axis: Any = -1, form: Any = None) -> None:
        self.tree.axis[boxes] = axis
        if form is not None:
            self.tree.form[boxes] = form
        self.tree.reason[boxes] = reason

    # The tests of a batch of boxes.

    def _test(self, batch: Places) -> None:
        """Finds out what becomes of each box, and opens its children."""
        tree, n = self.tree, len(self.low)
        low, high = tree.low[:, batch].copy(), tree.high[:, batch].copy()
        count = len(batch)
        reason = np.full(count, Reason.SPLIT, np.uint8)
        axis = np.full(count, -1, np.int16)
        form, bound = tree.form[batch], tree.bound[batch]
        tested = ~np.isin(batch, self.forced) if len(self.forced) else np.ones(count, bool)

        f, gradient = self.enclosed.value_and_gradient(boxes_of(low, high))
        natural, flags = wide(f.low, count), wide(f.flags, count)
        slopes_low = np.array([wide(one.low, count) for one in gradient]).reshape(n, count)
        slopes_high = np.array([wide(one.high, count) for one in gradient]).reshape(n, count)
        smooth = (flags & DEFINED_AND_CONTINUOUS) == DEFINED_AND_CONTINUOUS
        for one in gradient:
            smooth &= (wide(one.flags, count) & DEFINED) == DEFINED
        smooth &= (np.isfinite(slopes_low) & np.isfinite(slopes_high)).all(axis=0)
        form[natural > bound] = Form.NATURAL
        bound = np.maximum(bound, natural)
        open_ = tested & (bound <= self.value)

        by_mean = np.flatnonzero(open_ & smooth)
        if len(by_mean):
            centered = self._mean_values(
                low[:, by_mean], high[:, by_mean], slopes_low[:, by_mean], slopes_high[:, by_mean]
            )
            better = by_mean[centered > bound[by_mean]]
            form[better] = Form.MEAN_VALUE
            bound[by_mean] = np.maximum(bound[by_mean], centered)
        elsewhere = np.flatnonzero(open_ & ~smooth)
        if len(elsewhere):
            self._lower_upper_bound(middles(low[:, elsewhere], high[:, elsewhere]))

        undefined = tested & (natural == inf) & (wide(f.high, count) == -inf)
        reason[undefined] = Reason.UNDEFINED
        above = tested & ~undefined & (bound > self.value)
        reason[above] = Reason.VALUE
        self._monotone(low, high, slopes_low, slopes_high, smooth & tested, reason, axis)
        for number, one in enumerate(self.minimizers):
            inside = (low >= one.low[:, None]).all(axis=0) & (high <= one.high[:, None]).all(axis=0)
            inside &= tested & (reason == Reason.SPLIT)
            reason[inside], axis[inside] = Reason.UNIQUE, number

        split = np.flatnonzero(reason == Reason.SPLIT)
        axis[split] = self._axes(
            low[:, split], high[:, split], slopes_low[:, split], slopes_high[:, split]
        )
        small = split[axis[split] < 0]
        reason[small] = Reason.CANDIDATE
        if len(small):
            self.small_bound = min(self.small_bound, float(bound[small].min()))

        children, parents = self._children(low, high, reason, axis)
        tree.bound[batch], tree.form[batch] = bound, form
        rest = self.open[~np.isin(self.open, batch)]
        added = tree.add(*children, batch[parents], bound[parents], form[parents])
        self._finish(batch, reason, axis)
        self.open = np.concatenate([rest, added])
        self.forced = self.forced[~np.isin(self.forced, batch)]
        above = tree.bound[self.open] > self.value
        if above.any():
            self._finish(self.open[above & ~np.isin(self.open, self.forced)], Reason.VALUE)
            self.open = self.open[~above | np.isin(self.open, self.forced)]
        smooth_split = split[smooth[split]]
        self._seek_minimizers(low[:, smooth_split], high[:, smooth_split])

    def _mean_values(self, low: Array, high: Array, slopes_low: Array, slopes_high: Array) -> Array:
        """Lower bounds by f(x) >= f(c) + Σ min sᵢ·(xᵢ - cᵢ), around the c where they are greatest.

        The center is Baumann's: (high·c_low - low·c_high)/(high - low) of the slope's ends.
        """
        spread = slopes_high - slopes_low
        center = (slopes_high * low - slopes_low * high) / spread
        center = np.where(slopes_low >= 0, low, np.where(slopes_high <= 0, high, center))
        center = np.where(np.isfinite(center), center, middles(low, high))
        center = np.clip(center, low, high)
        at = self._lower_upper_bound(center)
        left, right = low - center, high - center
        change = np.minimum(slopes_low * right, slopes_high * left)
        change -= 4e-16 * (np.abs(slopes_low * right) + np.abs(slopes_high * left))
        total = change.sum(axis=0)
        found = at + total - 4e-16 * (np.abs(at) + len(low) * np.abs(change).sum(axis=0)) - 5e-324
        return np.where(np.isnan(found), -inf, found)

    def _monotone(
        self,
        low: Array,
        high: Array,
        slopes_low: Array,
        slopes_high: Array,
        smooth: NDArray[np.bool_],
        reason: NDArray[np.uint8],
        axis: NDArray[np.int16],
    ) -> None:
        """Marks boxes along whose axes f rises or falls strictly: they hold no minimizer inside.

        Where it falls towards a face of the window, only that face is left.
        """
        for i in range(len(low)):
            wide_here = (reason == Reason.SPLIT) & smooth & (low[i] < high[i])
            rising, falling = slopes_low[i] > 0, slopes_high[i] < 0
            at_low, at_high = low[i] <= self.low[i], high[i] >= self.high[i]
            inside = wide_here & ((rising & ~at_low) | (falling & ~at_high))
            reason[inside], axis[inside] = Reason.MONOTONE, i
        for i in range(len(low)):
            wide_here = (reason == Reason.SPLIT) & smooth & (low[i] < high[i])
            pressed = wide_here & ((slopes_low[i] > 0) | (slopes_high[i] < 0))
            reason[pressed], axis[pressed] = Reason.REDUCED, i
        pressed = reason == Reason.REDUCED
        along = axis[pressed].astype(int)
        places = np.flatnonzero(pressed)
        rising = slopes_low[along, places] > 0
        faces = np.where(rising, low[along, places], high[along, places])
        low[along, places] = high[along, places] = faces

    def _axes(self, low: Array, high: Array, slopes_low: Array, slopes_high: Array) -> Any:
        """The axis along which each box is split; -1 for boxes that are as small as they may be.

        It is the one along which f varies most, as far as the slopes tell, else the widest.
        """
        width = high - low
        relative = width / self.scale[:, None]
        middle = middles(low, high)
        splittable = (relative > LEAST_BOX_WIDTH) & (middle > low) & (middle < high)
        variation = width * np.maximum(np.abs(slopes_low), np.abs(slopes_high))
        unknown = ~np.isfinite(variation).all(axis=0)
        key = np.where(unknown, relative, variation)
        key = np.where(splittable, key, -1.0)
        found = key.argmax(axis=0)
        return np.where(splittable.any(axis=0), found, -1)

    def _children(
        self, low: Array, high: Array, reason: NDArray[np.uint8], axis: NDArray[np.int16]
    ) -> tuple[tuple[Array, Array], Places]:
        """The ends of the children, and which box of the batch is the parent of each."""
        reduced = np.flatnonzero(reason == Reason.REDUCED)
        split = np.flatnonzero(reason == Reason.SPLIT)
        along = axis[split].astype(int)
        cut = middles(low[along, split], high[along, split])
        below_high, above_low = high[:, split].copy(), low[:, split].copy()
        places = np.arange(len(split))
        below_high[along, places] = above_low[along, places] = cut
        lows = np.concatenate([low[:, reduced], low[:, split], above_low], axis=1)
        highs = np.concatenate([high[:, reduced], below_high, high[:, split]], axis=1)
        return (lows, highs), np.concatenate([reduced, split, split])

    # Points: the upper bound, and minimizers.

    def _values(self, points: Array) -> Interval:
        """The enclosures of f at points, EMPTY where f is not defined and finite."""
        count = points.shape[1]
        f = self.enclosed.value(boxes_of(points, points))
        low, high, flags = (wide(one, count) for one in f)
        known = ((flags & DEFINED) == DEFINED) & np.isfinite(low) & np.isfinite(high)
        return Interval(np.where(known, low, -inf), np.where(known, high, inf), flags)

    def _lower_upper_bound(self, points: Array) -> Array:
        """Lower bounds of f at points of the window; the lowest point is kept."""
        f = self._values(points)
        best = int(np.argmin(f.high))
        if f.high[best] < self.value:
            before = self.value
            self.value, self.point = float(f.high[best]), points[:, best].copy()
            if before - self.value > 1e-3 * abs(before) and self.tree.count > 1:
                if self._may_descend():
                    self._descend(self.point)
        return f.low

    def _descend_from_samples(self) -> None:
        """The first upper bound: of points that fill the window, and of descents.

        The points are the multiples of φ⁻¹, φ⁻², …, φⁿ⁺¹ = φ + 1, without their whole parts:
        M. Roberts, The unreasonable effectiveness of quasirandom sequences (2018).
        """
        ratio = 1.0
        for _ in range(60):
            ratio = (1.0 + ratio) ** (1.0 / (len(self.low) + 1))
        steps = ratio ** -np.arange(1.0, len(self.low) + 1)
        points = (0.5 + np.outer(steps, np.arange(SAMPLED_POINTS))) % 1.0
        known = getattr(self.function.problem, "minima", ()) or ()
        starts = self.low[:, None] + self.width[:, None] * points
        starts = np.clip(starts, self.low[:, None], self.high[:, None])
        inside = [
            np.array(one.at, float)
            for one in known
            if len(one.at) == len(self.low)
            and np.all((np.array(one.at) >= self.low) & (np.array(one.at) <= self.high))
        ]
        high = self._values(starts).high
        self._lower_upper_bound(starts)
        lowest = np.argsort(high, kind="stable")[:FIRST_DESCENTS]
        for start in [*inside, *(starts[:, k] for k in lowest if high[k] < inf)]:
            if self.descents < MOST_DESCENTS // 2:
                self._descend(start)

    def _may_descend(self) -> bool:
        """Whether one more descent costs little beside the tests of boxes."""
        return self.descents < MOST_DESCENTS + self.tree.count // DESCENT_BOXES

    def _descend(self, start: Array) -> Array | None:
        """The end of a descent within the window, if it has one; the upper bound is lowered."""
        self.descents += 1
        pairs = list(zip(self.low.tolist(), self.high.tolist(), strict=True))
        try:
            result = run_descent(
                self.function,
                start.tolist(),
                method="newton",
                max_iterations=MOST_DESCENT_STEPS,
                max_evaluations=MOST_DESCENT_EVALUATIONS,
                escape="no",
                keep=0,
                bounds=pairs,
            )
        except GdcliError:
            return None
        self.descents += result.evaluations.verdict // KINK_EVALUATIONS
        end = np.clip(np.array(result.x, float), self.low, self.high)
        if not np.isfinite(end).all():
            return None
        faces = end.copy()
        near_low = np.abs(end - self.low) <= SNAPPED_DISTANCE * self.width
        near_high = np.abs(end - self.high) <= SNAPPED_DISTANCE * self.width
        faces[near_low], faces[near_high] = self.low[near_low], self.high[near_high]
        ends = np.stack([faces, end], axis=1)
        high = self._values(ends).high
        if min(high) == inf:
            return None
        best = ends[:, int(np.argmin(high))]
        if min(high) < self.value:
            self.value, self.point = float(min(high)), best.copy()
        return best

    def _seek_minimizers(self, low: Array, high: Array) -> None:
        """Adds the unique box of a minimizer, where boxes have become small around one."""
        if not low.shape[1] or self.value == inf:
            return
        small = ((high - low) / self.scale[:, None]).max(axis=0) <= NEAR_BOX_WIDTH
        inside = np.zeros(len(small), bool)
        for one in self.minimizers:
            inside |= ((low >= one.low[:, None]) & (high <= one.high[:, None])).all(axis=0)
        places = np.flatnonzero(small & ~inside)
        if not len(places):
            return
        centers = middles(low[:, places], high[:, places])
        order = np.argsort(self._values(centers).high, kind="stable")
        for k in order[:2]:
            box_low, box_high = low[:, places[k]], high[:, places[k]]
            if not self._may_descend() or self._was_tried(box_low, box_high):
                continue
            end = self._descend(centers[:, k])
            self.tried = np.concatenate([self.tried, centers[:, k : k + 1]], axis=1)
            if end is not None:
                self._add_minimizer(end)

    def _was_tried(self, low: Array, high: Array) -> bool:
        """Whether a descent has started in that box, or in one of that size beside it."""
        middle, half = (low + high) / 2, high - low
        near = np.abs(self.tried - middle[:, None]) <= half[:, None]
        return bool(near.all(axis=0).any())

    def _add_minimizer(self, point: Array) -> None:
        """Adds the largest box found around a minimizer in which f is strictly convex."""
        for one in self.minimizers:
            if ((point >= one.low) & (point <= one.high)).all():
                return
        f = self._values(point[:, None])
        if f.low[0] > self.value:
            return
        gradient = self.enclosed.value_and_gradient(boxes_of(point[:, None], point[:, None]))[1]
        slopes = [(float(wide(one.low, 1)[0]), float(wide(one.high, 1)[0])) for one in gradient]
        free = []
        for i, (least, most) in enumerate(slopes):
            pressed = (point[i] == self.low[i] and least > 0) or (
                point[i] == self.high[i] and most < 0
            )
            if not pressed and self.low[i] < self.high[i]:
                free.append(i)
        within_low, within_high = self.low.copy(), self.high.copy()
        for i in range(len(point)):
            if i not in free:
                within_low[i] = within_high[i] = point[i]
        point = self._polished(point, free)
        within = [INTERVAL_LANES.of(a, b) for a, b in zip(within_low, within_high, strict=True)]
        tight = stationary_box(self.enclosed, point.tolist(), within, free)
        if tight is None:
            return
        ends = np.array([[float(end) for end in INTERVAL_LANES.ends(one)] for one in tight])
        inner_low, inner_high = ends[:, 0], ends[:, 1]
        if (inner_low < within_low).any() or (inner_high > within_high).any():
            return
        found = self._convex_box(inner_low, inner_high, within_low, within_high, free)
        if found is None:
            return
        lower = self.enclosed.value([INTERVAL_LANES.of(a, b) for a, b in ends]).low
        self.minima.append(float(wide(lower, 1)[0]))
        self.minimizers.append(UniqueMinimizer(*found, inner_low, inner_high, tuple(free)))

    def _polished(self, point: Array, free: list[int]) -> Array:
        """The point after a few steps of Newton's method by the free components."""
        for _ in range(NEWTON_STEPS):
            box = boxes_of(point, point)
            gradient = self.enclosed.value_and_gradient(box)[1]
            rows = self.enclosed.hessian(box)
            g = np.array([float(middles(gradient[i].low, gradient[i].high)) for i in free])
            h = np.array(
                [[float(middles(rows[i][j].low, rows[i][j].high)) for j in free] for i in free]
            )
            try:
                step = np.linalg.solve(h, g)
            except np.linalg.LinAlgError:
                break
            moved = point.copy()
            moved[free] -= step
            moved = np.clip(moved, self.low, self.high)
            if not np.isfinite(moved).all() or (moved == point).all():
                break
            point = moved
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
        for k in np.flatnonzero(self._convex(low, high, free)):
            box = [INTERVAL_LANES.of(a, b) for a, b in zip(low[:, k], high[:, k], strict=True)]
            if kind_over(self.enclosed, box, free) == "minimum":
                return low[:, k], high[:, k]
        return None

    def _convex(self, low: Array, high: Array, free: list[int]) -> NDArray[np.bool_]:
        """Whether the Hessian by the free components seems positive definite over each box.

        It is where the least eigenvalue of its midpoint is above the norm of its radius.
        """
        count, box = low.shape[1], boxes_of(low, high)
        f, gradient = self.enclosed.value_and_gradient(box)
        rows = self.enclosed.hessian(box)
        entries = [rows[i][j] for i in free for j in free]
        known = np.ones(count, bool)
        for one in [f, *(gradient[i] for i in free), *entries]:
            known &= (wide(one.flags, count) & DEFINED_AND_CONTINUOUS) == DEFINED_AND_CONTINUOUS
        shape = len(free), len(free), count
        lows = np.array([wide(one.low, count) for one in entries]).reshape(shape)
        highs = np.array([wide(one.high, count) for one in entries]).reshape(shape)
        lows, highs = np.moveaxis(lows, -1, 0), np.moveaxis(highs, -1, 0)
        known &= np.isfinite(lows).all(axis=(1, 2)) & np.isfinite(highs).all(axis=(1, 2))
        diagonal = np.einsum("kii->ki", lows)
        known &= (diagonal > 0).all(axis=1)
        if not known.any():
            return known
        scale = 1.0 / np.sqrt(diagonal[known])
        scaled = scale[:, :, None] * scale[:, None, :]
        middle = (lows[known] + highs[known]) / 2 * scaled
        radius = (highs[known] - lows[known]) / 2 * scaled
        middle = (middle + np.swapaxes(middle, 1, 2)) / 2
        radius = np.maximum(radius, np.swapaxes(radius, 1, 2))
        least = np.linalg.eigvalsh(middle)[:, 0]
        norm = np.abs(np.linalg.eigvalsh(radius)).max(axis=1)
        known[known] = least > norm
        return known


def search_window(
    function: Function,
    low: Sequence[float],
    high: Sequence[float],
    settings: SearchSettings = NO_LIMITS,
    watch: Watch | None = None,
) -> Searched:
    """What a search over the window from `low` to `high`, n finite numbers each, has found."""
    search = WindowSearch(function, low, high, settings, watch)
    search.run()
    return search.searched()


def boxes_of(low: Array, high: Array) -> list[Interval]:
    """The Intervals of boxes whose ends have shape (n, boxes)."""
    return [INTERVAL_LANES.of(a, b) for a, b in zip(low, high, strict=True)]


def middles(low: Array, high: Array) -> Array:
    """The middles of intervals."""
    return low + (high - low) / 2


def wide(numbers: Any, count: int) -> Any:
    """The numbers as an array of shape (count,), one for all or one for each."""
    return np.broadcast_to(np.asarray(numbers), (count,))
