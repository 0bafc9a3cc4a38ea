"""The global minimum over a window: searched, judged, and told as a certificate.

Comes in: a function and a window. Goes out: a Certificate whose claims are

value        f_low <= inf f <= f_high over the window, these as near as the gap asks
enclosure    every global minimizer lies in one of the boxes printed, none wider than 1e-6 of the
             window
unique       each of these boxes holds exactly one minimizer

where f counts as +inf outside of its domain. The search is not believed: the judge checks all of
it again, and a box that it refuses is split and searched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil, dist, inf, log2
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.errors import Sentence, Setting, UsageError, count_of, interruption
from gdcli.functions.bounds import bounds_of
from gdcli.functions.enclosure_texts import outward
from gdcli.functions.short_texts import point_text
from gdcli.numbers.interval import CONTINUOUS, DEFINED, Interval
from gdcli.numbers.interval_ends import interval_ends
from gdcli.proofs.attainment import system_of_closed_domains
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
    LeftBox,
    nothing_proved,
)
from gdcli.proofs.digits import CERTIFIED_DIGITS, told_digits
from gdcli.proofs.enclosed_function import mean_value_form, refuse_many_components
from gdcli.proofs.judge import PavingVerdict, judge
from gdcli.proofs.krawczyk import is_finite, kind_over, krawczyk
from gdcli.proofs.paving import Paving, Reason
from gdcli.proofs.search import (
    ENCLOSED_WIDTH,
    SearchProgress,
    SearchSettings,
    Watch,
    WindowSearch,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.functions.function import Function

    Array = NDArray[np.float64]

Number = Fraction | float
EndsOfBox = tuple[Ends, ...]
PRINTED_BITS = 120  # in which what is printed is enclosed, where no digits are asked for
PRINTED_SPARE_BITS = 64  # beyond those of the digits that are asked for
MOST_NARROWINGS = 16  # of a unique minimizer's box, and one more for NARROWING_BITS that are told
NARROWING_BITS = 32  # that each gains at least: its Hessian's inverse is one of floats
MOST_JOINED_BOXES = 5_000  # beyond which one hull is made of all
MOST_UNFINISHED_BOXES = 1_000  # that are judged of a search that a limit has ended
UNFINISHED_SHARE = 0.1  # of the limit in seconds, that judging these may take
INTERRUPTED_SECONDS = 0.05  # that judging takes after an interrupt, which is answered at once
POLE_REASON = "f has no lower bound there, as far as is known: a pole lies near by"
JUMP_REASON = "f jumps there"
EDGE_REASON = "f is not defined everywhere there"
FLAT_REASON = "f is as low as its minimum there, as far as could be told"
COARSE_REASON = "one minimizer is there, whose box could not be made small enough"


def certify_window(
    function: Function,
    window: Any,
    gap: float | None = None,
    claim: str | None = None,
    digits: int | None = None,
    max_boxes: int | None = None,
    max_seconds: float | None = None,
    at: Sequence[float] | None = None,
    watch: Watch | None = None,
) -> Certificate:
    """What can be proved of the global minimum over a window.

    `window` is what `bounds_of` reads, such as "x=-5:5, y=0:1", with both ends of each variable.
    `gap` is how near the bounds of the minimum have to be, 1e-9·max(1, |f|) by default; the `claim`
    "value" asks for these alone. `digits` asks for that many digits of each unique minimizer. With
    a point `at` the question is whether that is the global minimizer. Limits are told of in the
    certificate, and so is an interrupt. Raises UsageError or PointError for a window that is
    none, or has more than 200 components.
    """
    began = perf_counter()
    refuse_many_components(len(function.components))
    low, high = bounds_of(window, function, "the window")
    for name, first, last, x in zip(function.components, low, high, at or low, strict=True):
        if first == -inf or last == inf:
            message = "{} needs both ends of {}: what f does farther out is not searched"
            raise UsageError(Sentence(message, Setting("window"), name))
        if not first <= x <= last:
            message = "{} lies outside of the window: {} = {:.7g} is not in {:.7g}:{:.7g}"
            raise UsageError(Sentence(message, Setting("at"), name, x, first, last))
    settings = SearchSettings(gap, claim == VALUE_CLAIM, max_boxes, max_seconds)
    search = WindowSearch(function, low, high, settings, watch)
    asked = (VALUE_CLAIM,) if settings.value_only else (VALUE_CLAIM, ENCLOSURE_CLAIM)
    try:
        search.run()
        proof = _WindowProof(search, *judged(search), digits)
        certificate = proof.certificate(asked) if at is None else proof.of_point(asked, at)
    except KeyboardInterrupt as interrupt:
        certificate = _interrupted(search, asked, interruption(interrupt))
    return certificate._replace(seconds=perf_counter() - began)


class _TimeIsOver(Exception):
    """Raised within the judge when the limit in seconds is passed."""


def judged(search: WindowSearch, interrupted: bool = False) -> tuple[PavingVerdict, Paving]:
    """The judge's verdict on a search and its paving; where a box is refused the search goes on.

    Of a search that was ended by a limit, or `interrupted`, only the first boxes are judged, which
    takes little time: where they were split they are left, and what they prove is a lower bound.
    """
    window, longest = (search.low.tolist(), search.high.tolist()), search.settings.max_seconds
    over = interrupted

    def watch(count: int) -> None:
        if longest is not None and not unfinished and perf_counter() - search.began > longest:
            raise _TimeIsOver
        if search.watch is not None:
            boxes = search.tree.count, len(search.open)
            search.watch(SearchProgress(*boxes, search.lower, search.value, count))

    while True:
        found = search.searched()
        paving = found.paving
        unfinished = over or (bool(search.limit) and bool((paving.reason == Reason.LEFT).any()))
        if unfinished:
            share = inf if longest is None else UNFINISHED_SHARE * longest
            seconds = INTERRUPTED_SECONDS if interrupted else share
            paving = paving.beginning(_quickly_judged(search, seconds))
        point = None if found.point is None else found.point.tolist()
        try:
            verdict = judge(search.enclosed, paving, point, found.minimizers, window, watch=watch)
        except _TimeIsOver:
            search.limit = f"{longest:g} s have passed before all boxes were checked"
            over = True
            continue
        if unfinished:
            paving.reason[list(verdict.failed)] = Reason.LEFT
        if unfinished or not verdict.failed:
            return verdict, paving
        for number, least in enumerate(verdict.minima):
            if least is None:
                search.withdraw(number)
        search.reopen(np.array(verdict.failed))
        search.run()


def _quickly_judged(search: WindowSearch, seconds: float) -> int:
    """How many boxes of a search that was ended are judged in so many seconds, about."""
    enclosed = search.enclosed.over(interval_ends())
    box = [enclosed.system.of(low, high) for low, high in zip(search.low, search.high, strict=True)]
    enclosed.value_and_gradient(box)  # which looks its steps up
    began = perf_counter()
    enclosed.value_and_gradient(box)
    return int(min(MOST_UNFINISHED_BOXES, max(1, seconds / (perf_counter() - began))))


class _WindowProof:
    """What a judged search proves, in claims, boxes and sentences."""

    def __init__(
        self, search: WindowSearch, verdict: PavingVerdict, paving: Paving, digits: int | None
    ) -> None:
        self.search, self.verdict, self.paving = search, verdict, paving
        self.names = search.function.components
        self.most_digits = CERTIFIED_DIGITS if digits is None else digits
        self.bits = PRINTED_BITS if digits is None else ceil(digits * log2(10)) + PRINTED_SPARE_BITS
        self.enclosed = search.enclosed.over(interval_ends(self.bits))
        self.left: list[LeftBox] = []
        self.jumps: list[EndsOfBox] = []  # boxes in which f jumps where it may be least
        self.edges: list[EndsOfBox] = []  # and in which it is not defined everywhere
        self.coarse = False  # whether boxes hold minimizers that nobody asked for
        self.points = self._unique_points(digits)
        self._add_small_boxes()
        low, high = verdict.lower, verdict.upper
        self.near = is_finite((low, high)) and high - low <= Fraction(search.gap)

    def certificate(self, asked: tuple[str, ...]) -> Certificate:
        """The certificate of the global minimum."""
        verdict, search = self.verdict, self.search
        known = verdict.upper < inf and bool(self.points)  # f has a value somewhere
        enclosed = known and not self.left and not self.coarse
        finished = not (self.paving.reason == Reason.LEFT).any()
        claims = {
            VALUE_CLAIM: self.near and finished and self._is_attained(),
            ENCLOSURE_CLAIM: enclosed,
            UNIQUE_CLAIM: enclosed and all(one.unique for one in self.points),
        }
        proved = all(claims[one] for one in asked)
        return Certificate(
            status=PROVED if proved else UNRESOLVED,
            message=self._proved(claims, asked) if proved else self._not_proved(),
            f=self._least_value() if claims[UNIQUE_CLAIM] else (verdict.lower, verdict.upper),
            minimizers=tuple(self.points),
            claims=claims,
            asked=asked,
            boxes=search.tree.count,
            left=tuple(self.left),
            digits=self._digits() if claims[UNIQUE_CLAIM] else 0,
            window=ends_of(search.low, search.high),
            arithmetic=verdict.arithmetic,
            notes=self._notes(),
            paving=self.paving,
        )

    def of_point(self, asked: tuple[str, ...], at: Sequence[float]) -> Certificate:
        """The certificate as an answer to the question whether a point is the global minimizer.

        A point stands for the minimizer of a printed box where it is as near to it as such a box
        may be wide, and f is no higher by more than the gap or the largest box holds it too.
        """
        certificate = self.certificate(asked)
        place = point_text(self.names, [repr(float(x)).removesuffix(".0") for x in at])
        value, flags = self._enclosure(ends_of(at, at))
        low_enough = value[0] <= self.verdict.upper + Fraction(self.search.gap)
        reach = [Fraction(ENCLOSED_WIDTH * width) for width in self.search.width]
        near = any(
            (low_enough or (box.largest and _is_in(at, box.largest)))
            and _is_in(at, [(a - r, b + r) for (a, b), r in zip(box.x, reach, strict=True)])
            for box in certificate.minimizers
        )
        if not flags & DEFINED:
            why = f"not proved: it is not known that f is defined at {place}"
        elif self.search.point is not None and not near and value[0] > self.verdict.upper:
            lower = tuple(self.search.point.tolist())
            known = self._enclosure(ends_of(lower, lower))[0]
            why = f"{place} is not the global minimizer: f is lower at another point"
            return certificate._replace(status=DISPROVED, message=why, lower=(lower, known))
        elif certificate.status != PROVED:
            return certificate
        elif near and len(certificate.minimizers) == 1:
            away = dist([float((a + b) / 2) for a, b in certificate.minimizers[0].x], at)
            where = f"; the point given is {away:.2g} away" if away else ""
            return certificate._replace(message=certificate.message + where)
        elif near:
            why = f"not proved: {place} is one of several points where f may be least"
        else:
            why = (
                f"not proved: f may be as low at {place} as its minimum, but no minimizer is there"
            )
        return certificate._replace(status=UNRESOLVED, message=why)

    def _least_value(self) -> Ends:
        """The enclosure of the minimum, where it is taken at one of the unique points."""
        low, high = (min(ends) for ends in zip(*(one.f for one in self.points), strict=True))
        return max(low, self.verdict.lower), min(high, self.verdict.upper)

    def _digits(self) -> int:
        """How many digits of every point, and of f there, are proved; at most those asked for."""
        told = [told_digits(box) for one in self.points for box in (one.x, [one.f])]
        return max(0, min(self.most_digits, *told))

    # The boxes.

    def _unique_points(self, digits: int | None) -> list[CertifiedPoint]:
        """The minimizers that are proved to be unique and can be global, the lowest first."""
        found = []
        for one, least in zip(self.search.minimizers, self.verdict.minima, strict=True):
            if least is None or least > self.verdict.upper:
                continue
            x = ends_of(one.inner_low, one.inner_high)
            if digits is not None or self._is_wide(x):
                x = self._narrowed(x, one.free)
            if self._is_wide(x):
                self.left.append(LeftBox(x, COARSE_REASON))
            value, largest = self._enclosure(x)[0], ends_of(one.low, one.high)
            found.append(CertifiedPoint(x, value, "minimum", True, self._face(one.free), largest))
        return sorted(found, key=lambda point: (point.f, point.x))

    def _face(self, free: Sequence[int]) -> tuple[str, ...]:
        """The components that stand at an end of the window, where these are free."""
        widths = zip(self.names, self.search.width, strict=True)
        return tuple(name for i, (name, w) in enumerate(widths) if w > 0 and i not in free)

    def _narrowed(self, box: EndsOfBox, free: Sequence[int]) -> EndsOfBox:
        """The box of the one stationary point, as narrow as Krawczyk's test makes it."""
        ends = self.enclosed.system.ends
        longest, began = self.search.settings.max_seconds, self.search.began
        for _ in range(MOST_NARROWINGS + self.bits // NARROWING_BITS if free else 0):
            if longest is not None and perf_counter() - began > longest:
                break
            middle = [(Fraction(low) + Fraction(high)) / 2 for low, high in box]
            center = [self.enclosed.system.ends(self.enclosed.system.of(c, c))[0] for c in middle]
            found = krawczyk(self.enclosed, self._intervals(box), center, free).box
            narrower = tuple(map(ends, found))
            if sum(b - a for a, b in narrower) >= sum(b - a for a, b in box) / 2:
                break
            box = narrower
        return box

    def _add_small_boxes(self) -> None:
        """Joins the boxes that hold minimizers, as far as known, with their neighbours.

        What is left is noted with a reason, and in which of them f jumps or has an edge. Where one
        small box is all, and f is strictly convex over it, it holds one minimizer: for f is
        continuous there, and no other box has its infimum.
        """
        search, paving = self.search, self.paving
        for reason in (Reason.LEFT, Reason.CANDIDATE):
            boxes = np.flatnonzero(paving.reason == reason)
            for low, high in hulls(paving.low[:, boxes], paving.high[:, boxes]):
                box = ends_of(low, high)
                value, flags = self._enclosure(box)
                if reason == Reason.CANDIDATE and value[0] > self.verdict.upper:
                    continue  # what the lanes were too coarse to tell
                if not flags & CONTINUOUS:
                    self.jumps.append(box)
                elif not flags & DEFINED:
                    self.edges.append(box)
                if reason == Reason.LEFT:
                    self.left.append(LeftBox(box, search.limit))
                elif value[0] == -inf:
                    self.left.append(LeftBox(box, POLE_REASON))
                elif self._is_wide(box):
                    if search.settings.value_only:
                        self.coarse = True
                    else:
                        self.left.append(LeftBox(box, search.limit or self._why_wide(box)))
                else:
                    value = max(value[0], self.verdict.lower), value[1]
                    self.points.append(CertifiedPoint(box, value, "candidate", False))
        if len(self.points) == 1 and not (self.left or self.coarse or self.points[0].unique):
            box = self.points[0].x
            varying = [i for i, (low, high) in enumerate(box) if low < high]
            if varying and kind_over(self.enclosed, self._intervals(box), varying) == "minimum":
                face = self._face(varying)
                self.points[0] = self.points[0]._replace(
                    kind="minimum", unique=True, face=face, largest=box
                )

    def _is_wide(self, box: EndsOfBox) -> bool:
        """Whether a box is too wide to be printed as one that holds a minimizer."""
        widest = map(Fraction, ENCLOSED_WIDTH * self.search.width)
        return any(high - low > most for (low, high), most in zip(box, widest, strict=True))

    def _why_wide(self, box: EndsOfBox) -> str:
        if box in self.jumps:
            return JUMP_REASON
        return EDGE_REASON if box in self.edges else FLAT_REASON

    def _is_attained(self) -> bool:
        """Whether the infimum is a minimum: f has a least value wherever it may be least."""
        return not self._unattained or self.verdict.lower == self.verdict.upper

    @cached_property
    def _unattained(self) -> list[EndsOfBox]:
        """The boxes in which f jumps, or has an edge that does not belong to its domain."""
        closed = self.enclosed.over(system_of_closed_domains(self.enclosed.system))
        values = [(box, closed.value(self._intervals(box))) for box in self.edges]
        return self.jumps + [box for box, value in values if not value.flags & CONTINUOUS]

    # Enclosures.

    def _intervals(self, box: Sequence[Ends]) -> list[Interval]:
        return [self.enclosed.system.of(low, high) for low, high in box]

    def _enclosure(self, box: EndsOfBox) -> tuple[Ends, int]:
        """The ends of f over a box, by the mean value form too, and its flags."""
        enclosed, intervals = self.enclosed, self._intervals(box)
        f, gradient = enclosed.value_and_gradient(intervals)
        middle = [(Fraction(low) + Fraction(high)) / 2 for low, high in box]
        f = mean_value_form(enclosed.system, enclosed.value, f, gradient, intervals, middle)
        return enclosed.system.ends(f), int(f.flags)

    # The sentences.

    def _proved(self, claims: dict[str, bool], asked: tuple[str, ...]) -> str:
        count = len(self.points)
        if ENCLOSURE_CLAIM not in asked:
            return "the global minimum over the window lies between these bounds"
        if not claims[UNIQUE_CLAIM]:
            return f"the global minimizers over the window lie in {count_of(count, 'box')}"
        if count > 1:
            return f"the global minimizers are among {count} points, each the only one of its box"
        return "f takes the global minimum over the window at exactly one point"

    def _not_proved(self) -> str:
        """The sentence that says what is missing, and why."""
        if self.verdict.upper == inf:
            nowhere = self.verdict.lower == inf
            known = (
                "f has no value in the window"
                if nowhere
                else "no point was found at which f is a finite float"
            )
            return f"not proved: {known}"
        said = []
        if self.left:
            boxes, (box, reason) = len(self.left), self.left[0]
            which = "a box is" if boxes == 1 else f"{boxes} boxes are"
            said.append(f"{which} left around {self._place(box)}: {reason}")
        elif not self.near:
            said.append("the bounds of the minimum are farther apart than the gap")
        if self.near and not self._is_attained():
            what = "jumps" if self.jumps else "is not defined everywhere"
            place = self._place(self._unattained[0])
            said.append(f"f {what} around {place}, where its infimum may not be attained")
        return f"not proved: {'; '.join(said)}"

    def _notes(self) -> tuple[str, ...]:
        said, several = [], len(self.points) > 1
        if several and not self.left:
            lows, highs = zip(*(one.f for one in self.points), strict=True)
            apart = max(highs) - min(lows)
            if apart <= self.search.gap:
                within = f" to within {outward(0, apart, 1)[1]}" if apart else ""
                said.append(f"{len(self.points)} candidates, whose values are equal{within}")
        return tuple(said)

    def _place(self, box: EndsOfBox) -> str:
        """The middle of a box, in words."""
        return point_text(self.names, [f"{float((low + high) / 2):.6g}" for low, high in box])


def _interrupted(search: WindowSearch, asked: tuple[str, ...], how: str) -> Certificate:
    """The certificate at an interrupt: what the judge finds in the beginning of the search."""
    search.limit, search.watch = how, None
    try:
        proof = _WindowProof(search, *judged(search, interrupted=True), None)
        found = proof.certificate(asked)
    except KeyboardInterrupt:  # the second
        message, paving = f"{how} twice, nothing is proved", search.searched().paving
        return nothing_proved(message, INTERRUPTED, paving=paving)
    known = (
        "nothing is proved" if found.f == (-inf, inf) else "the minimum lies between these bounds"
    )
    return found._replace(status=INTERRUPTED, message=f"{how}: {known}")


def _is_in(point: Sequence[float], box: Sequence[Ends]) -> bool:
    return all(low <= x <= high for x, (low, high) in zip(point, box, strict=True))


def ends_of(low: Any, high: Any) -> EndsOfBox:
    """The exact ends of a box of doubles."""
    return tuple((Fraction(float(a)), Fraction(float(b))) for a, b in zip(low, high, strict=True))


def hulls(low: Array, high: Array) -> list[tuple[Array, Array]]:
    """The hulls of boxes that touch each other; none of them touches another.

    The ends have shape (n, boxes). Of very many boxes one hull is made.
    """
    if low.shape[1] > MOST_JOINED_BOXES:
        return [(low.min(axis=1), high.max(axis=1))]
    found: list[tuple[Array, Array]] = []
    rest_low, rest_high = low, high
    while rest_low.shape[1]:
        first, last = rest_low[:, 0], rest_high[:, 0]
        near = ((rest_low <= last[:, None]) & (rest_high >= first[:, None])).all(axis=0)
        found.append((rest_low[:, near].min(axis=1), rest_high[:, near].max(axis=1)))
        rest_low, rest_high = rest_low[:, ~near], rest_high[:, ~near]
    if len(found) == low.shape[1]:
        return found
    lows, highs = zip(*found, strict=True)
    return hulls(np.stack(lows, axis=1), np.stack(highs, axis=1))
