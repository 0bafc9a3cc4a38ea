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
from math import inf, isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.certify.certificate import (
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
)
from gdcli.certify.enclosed_function import EnclosedFunction
from gdcli.certify.judge import Verdict, judge
from gdcli.certify.paving import Reason
from gdcli.certify.search import ENCLOSED_WIDTH, SearchProgress, SearchSettings, Watch, WindowSearch
from gdcli.errors import Sentence, Setting, UsageError, count_of, interruption
from gdcli.functions.bounds import bounds_of
from gdcli.numbers.interval import CONTINUOUS, DEFINED, DEFINED_AND_CONTINUOUS
from gdcli.numbers.interval_ends import interval_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.functions.function import Function

    Array = NDArray[np.float64]

Number = Fraction | float
EndsOfBox = tuple[Ends, ...]
PRINTED_BITS = 120  # of the arithmetic in which values that are printed are enclosed
MOST_JOINED_BOXES = 200_000
MINIMUM, CANDIDATE_KIND = "minimum", "candidate"
POLE = "f has no lower bound there, as far as is known: a pole lies near by"
JUMP = "f jumps there"
EDGE = "f is not defined everywhere there"
FLAT = "f is as low as its minimum there, as far as could be told"


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
    certificate, and so is an interrupt. Raises UsageError or PointError for a window that is none.
    """
    began = perf_counter()
    low, high = window_ends(function, window)
    _refuse_outside(function, low, high, at)
    settings = SearchSettings(gap, claim == VALUE_CLAIM, max_boxes, max_seconds)
    search = WindowSearch(function, low, high, settings, watch)
    asked = (VALUE_CLAIM,) if settings.value_only else (VALUE_CLAIM, ENCLOSURE_CLAIM)
    try:
        search.run()
        verdict = judged(search, watch)
        certificate = _certificate(search, verdict, asked, digits)
        if at is not None:
            certificate = _of_point(certificate, search, at)
    except KeyboardInterrupt as interrupt:
        certificate = _interrupted(search, asked, interruption(interrupt))
    return certificate._replace(seconds=perf_counter() - began)


def window_ends(function: Function, window: Any) -> tuple[list[float], list[float]]:
    """The low and the high ends of a window. Raises UsageError where one is not a finite number."""
    if not len(function.components):
        raise UsageError("there is nothing to search: f has no variables")
    low, high = bounds_of(window, function, "the window")
    for name, first, last in zip(function.components, low, high, strict=True):
        if first == -inf or last == inf:
            message = "{} needs two finite ends of {}: that f has no lower value farther out is not proved"
            raise UsageError(Sentence(message, Setting("window"), name))
    return low, high


def _refuse_outside(
    function: Function, low: list[float], high: list[float], at: Sequence[float] | None
) -> None:
    for name, first, last, x in zip(function.components, low, high, at or low, strict=True):
        if not first <= x <= last:
            message = "{} lies outside of the window: {} = {:.7g} is not in {:.7g}:{:.7g}"
            raise UsageError(Sentence(message, Setting("at"), name, x, first, last))


def judged(search: WindowSearch, watch: Watch | None) -> Verdict:
    """The judge's findings on a search, which goes on wherever the judge refuses a box."""

    def told(judged: int) -> None:
        if watch is not None:
            watch(SearchProgress(search.tree.count, 0, search.lower, search.value))

    while True:
        searched = search.searched()
        found = searched.paving, searched.point, searched.minimizers
        verdict = judge(search.function, *found, (search.low, search.high), watch=told)
        if not verdict.failed:
            return verdict
        for number, least in enumerate(verdict.minima):
            if least is None:
                search.withdraw(number)
        search.reopen(np.asarray(verdict.failed))
        search.run()


def _certificate(
    search: WindowSearch, verdict: Verdict, asked: tuple[str, ...], digits: int | None
) -> Certificate:
    """What a judged search proves, in claims, boxes and a sentence."""
    enclosed = EnclosedFunction(search.function, interval_ends(PRINTED_BITS))
    points = _unique_points(search, enclosed, verdict)
    candidates, left, jumps, edges = _small_boxes(search, enclosed, verdict.lower)
    points += candidates
    f: Ends = (verdict.lower, verdict.upper)
    known = isfinite(f[0]) and isfinite(f[1])
    near = known and f[1] - f[0] <= Fraction(search.gap)
    unfinished = bool((search.tree.paving().reason == Reason.LEFT).any())
    attained = not jumps or f[0] == f[1]
    claims = {
        VALUE_CLAIM: near and attained and not unfinished,
        ENCLOSURE_CLAIM: known and not left,
        UNIQUE_CLAIM: bool(points) and not left and all(one.unique for one in points),
    }
    certificate = Certificate(
        status=PROVED if all(claims[one] for one in asked) else UNRESOLVED,
        message="",
        f=f,
        minimizers=tuple(points),
        claims=claims,
        asked=asked,
        boxes=search.tree.count,
        left=tuple(left),
        digits=0,
        window=ends_of(search.low, search.high),
        arithmetic=verdict.arithmetic,
        paving=search.tree.paving(),
    )
    said = _Sentences(search.function.components, certificate, jumps, edges)
    return certificate._replace(message=said.message(near), notes=said.notes())


def _unique_points(
    search: WindowSearch, enclosed: EnclosedFunction, verdict: Verdict
) -> list[CertifiedPoint]:
    """The unique minimizers whose values can be the least, the lowest first."""
    names, found = search.function.components, []
    for one, lower in zip(search.minimizers, verdict.minima, strict=True):
        if lower is None or lower > verdict.upper:
            continue
        held = (i for i in range(len(names)) if i not in one.free)
        face = tuple(names[i] for i in held if search.low[i] < search.high[i])
        x, largest = ends_of(one.inner_low, one.inner_high), ends_of(one.low, one.high)
        found.append(CertifiedPoint(x, enclosure(enclosed, x)[0], MINIMUM, True, face, largest))
    return sorted(found, key=lambda point: (point.f, point.x))


def _small_boxes(
    search: WindowSearch, enclosed: EnclosedFunction, lower: Number
) -> tuple[list[CertifiedPoint], list[LeftBox], list[EndsOfBox], list[EndsOfBox]]:
    """The candidates, each joined with its neighbours, and the boxes that are left.

    Then those of them in which f jumps, and in which the edge of its domain may lie.
    """
    paving, widest = search.tree.paving(), ENCLOSED_WIDTH * search.width
    points, left, jumps, edges = [], [], [], []
    for reason in (Reason.LEFT, Reason.CANDIDATE):
        boxes = np.flatnonzero(paving.reason == reason)
        for low, high in hulls(paving.low[:, boxes], paving.high[:, boxes]):
            box = ends_of(low, high)
            value, flags = enclosure(enclosed, box)
            if not flags & CONTINUOUS:
                jumps.append(box)
            elif not flags & DEFINED:
                edges.append(box)
            if reason == Reason.LEFT:
                left.append(LeftBox(box, search.limit))
            elif value[0] == -inf:
                left.append(LeftBox(box, POLE))
            elif (high - low > widest).any():
                why = JUMP if box in jumps else EDGE if box in edges else FLAT
                left.append(LeftBox(box, why))
            else:
                f = max(lower, value[0]), value[1]
                points.append(CertifiedPoint(box, f, CANDIDATE_KIND, False))
    return points, left, jumps, edges


class _Sentences:
    """What a certificate says to a person."""

    def __init__(
        self,
        names: Sequence[str],
        certificate: Certificate,
        jumps: list[EndsOfBox],
        edges: list[EndsOfBox],
    ) -> None:
        self.names, self.certificate = names, certificate
        self.jumps, self.edges = jumps, edges

    def message(self, near: bool) -> str:
        """What is proved, or what is missing and why."""
        certificate = self.certificate
        points, left = certificate.minimizers, certificate.left
        if certificate.status == PROVED:
            if certificate.asked == (VALUE_CLAIM,):
                return "the global minimum over the window is proved to lie between these bounds"
            where = count_of(len(points), "box")
            if certificate.claims[UNIQUE_CLAIM]:
                where = "one point" if len(points) == 1 else f"{len(points)} points"
                return f"the global minimum over the window is proved; it is taken at {where} only"
            return f"the global minimum over the window is proved; all minimizers lie in {where}"
        low, high = certificate.f
        if high == inf:
            return "not proved: no point of the window was found at which f is defined"
        said = []
        if left:
            around = self._around(left[0].box)
            more = f" and {len(left) - 1} more" if len(left) > 1 else ""
            said.append(f"the box around {around}{more} is left: {left[0].reason}")
        if self.jumps and near:
            around = self._around(self.jumps[0])
            said.append(
                f"f jumps around {around}: its infimum is enclosed, but whether a point takes it is"
                " not known"
            )
        if not near and not left:
            said.append("the bounds of the minimum are farther apart than the gap asked for")
        return "not proved: " + "; ".join(said)

    def notes(self) -> tuple[str, ...]:
        """What a person should know beside."""
        certificate, said = self.certificate, []
        candidates = [one for one in certificate.minimizers if not one.unique]
        if len(certificate.minimizers) > 1 and certificate.status == PROVED:
            low = min(one.f[0] for one in certificate.minimizers)
            high = max(one.f[0] for one in certificate.minimizers)
            apart = max(float(high - low), float(certificate.f[1] - certificate.f[0]))
            said.append(f"the minimizers are candidates: their values are equal to {apart:.1g}")
        if candidates and self.edges and certificate.status == PROVED:
            around = self._around(self.edges[0])
            said.append(
                f"f is not defined everywhere around {around}: its infimum is enclosed, but whether"
                " a point takes it is not proved"
            )
        return tuple(said)

    def _around(self, box: EndsOfBox) -> str:
        middles = (float(low + high) / 2 for low, high in box)
        return ", ".join(f"{name} = {x:.6g}" for name, x in zip(self.names, middles, strict=True))


def _of_point(certificate: Certificate, search: WindowSearch, at: Sequence[float]) -> Certificate:
    """The certificate as an answer to the question whether a point is the global minimizer.

    A point that is as near to a printed box as such a box may be wide stands for its minimizer.
    """
    enclosed = EnclosedFunction(search.function, interval_ends(PRINTED_BITS))
    (least, most), flags = enclosure(enclosed, ends_of(at, at))
    names = search.function.components
    point = ", ".join(f"{name} = {x:.6g}" for name, x in zip(names, at, strict=True))
    reach = [Fraction(ENCLOSED_WIDTH * width) for width in search.width]
    near = any(
        all(
            low - r <= Fraction(x) <= high + r
            for (low, high), x, r in zip(one.x, at, reach, strict=True)
        )
        for one in certificate.minimizers
    )
    if search.point is None or (near and flags & DEFINED):
        return certificate
    if not flags & DEFINED:
        why = f"not proved: f is not defined, as far as is known, at {point}"
        return certificate._replace(status=UNRESOLVED, message=why)
    if least > certificate.f[1]:
        lower = tuple(search.point.tolist())
        value = enclosure(enclosed, ends_of(lower, lower))[0]
        why = f"{point} is not the global minimizer: f is lower elsewhere"
        return certificate._replace(status=DISPROVED, message=why, lower=(lower, value))
    if certificate.status != PROVED:
        return certificate
    why = f"not proved: f is as low at {point} as its minimum, but it is in none of the boxes"
    return certificate._replace(status=UNRESOLVED, message=why)


def _interrupted(search: WindowSearch, asked: tuple[str, ...], how: str) -> Certificate:
    """What is known at an interrupt: bounds that the judge has not seen."""
    paving = search.tree.paving()
    waiting = (paving.reason == Reason.LEFT) | (paving.reason == Reason.CANDIDATE)
    bounds = [*paving.bound[waiting].tolist(), *search.minima, search.value]
    count = int(waiting.sum())
    return Certificate(
        status=INTERRUPTED,
        message=f"{how}: so far the minimum lies between these bounds, which were not checked again",
        f=(min(bounds), search.value),
        minimizers=(),
        claims={VALUE_CLAIM: False, ENCLOSURE_CLAIM: False, UNIQUE_CLAIM: False},
        asked=asked,
        boxes=search.tree.count,
        left=(
            LeftBox(ends_of(search.low, search.high), f"{count_of(count, 'box')} of it are left"),
        ),
        digits=0,
        window=ends_of(search.low, search.high),
        paving=paving,
    )


def enclosure(enclosed: EnclosedFunction, box: EndsOfBox) -> tuple[Ends, int]:
    """The ends of f over one box, and its flags, the mean value form used where it holds."""
    system = enclosed.system
    of, ends = system.of, system.ends
    f, gradient = enclosed.value_and_gradient([of(low, high) for low, high in box])
    low, high = ends(f)
    slopes = [ends(one) for one in gradient]
    smooth = f.flags == DEFINED_AND_CONTINUOUS and all(one.flags & DEFINED for one in gradient)
    if smooth and all(isfinite(a) and isfinite(b) for a, b in slopes):
        centers = [(Fraction(a) + Fraction(b)) / 2 for a, b in box]
        at, _ = ends(enclosed.value([of(c, c) for c in centers])), None
        radii = [(Fraction(b) - Fraction(a)) / 2 for a, b in box]
        most = sum(max(abs(a), abs(b)) * r for (a, b), r in zip(slopes, radii, strict=True))
        low, high = max(low, at[0] - most), min(high, at[1] + most)
    return (low, high), int(f.flags)


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
