"""Boxes: how branch and bound proves a global minimum, box by box.

Comes in: a Request whose section has one or two free variables. Goes out: Boxes, the paving that
the search for the global minimum has made of the window, each box with what became of it. Raises
UndefinedError where f has no finite value in the whole window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gdcli.proofs.certificate import ENCLOSURE_CLAIM, INTERRUPTED, PROVED, VALUE_CLAIM
from gdcli.proofs.paving import Reason, cut_off
from gdcli.proofs.window import certify_window
from gdcli.scenes.curve import sampled_curve
from gdcli.scenes.levels import drawable
from gdcli.scenes.scene import Boxes, BoxGroup, Mark
from gdcli.scenes.surface import grid
from gdcli.scenes.window import window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.proofs.certificate import Certificate, Ends
    from gdcli.proofs.search import Watch
    from gdcli.scenes.request import PictureRequest
    from gdcli.scenes.scene import Array
    from gdcli.scenes.section import Section

MOST_DRAWN_BOXES = 10_000  # no picture shows more: there the search stops
SHARE_BELOW_CURVE = 0.5  # of the range of a curve: what is shown of lower bounds under it
PLACES_IN_BOX = 9  # over one variable, at which f is evaluated
ENDINGS_OF_BOXES = {  # in the order in which they are drawn and listed
    Reason.VALUE: "f above the best value",
    Reason.CONTRACTED: "cut-off parts, f too high",
    Reason.MONOTONE: "f monotone",
    Reason.STATIONARY: "no stationary point",
    Reason.UNDEFINED: "f undefined",
    Reason.UNIQUE: "convex, one minimizer",
    Reason.LEFT: "undecided",
    Reason.CANDIDATE: "candidate",
}

Parts = tuple["Array", "Array", "Array"]  # low and high corners, (m, n), and lower bounds, (m,)


def boxes(request: PictureRequest) -> Boxes:
    """The boxes of the search over the window that is shown."""
    section = request.section
    shown = window(section, request.window)
    if len(section.free) == 2:
        plane, notes = grid(section, shown)
        curve, axis, limits = None, None, plane.limits
    else:
        axis, limits, curve, notes = sampled_curve(section, shown)
        plane = None
    found = _certificate(section, shown, request.watch)
    parts = {reason: _of_section(section, part) for reason, part in _parts(found).items()}
    if plane is None:
        limits = _limits(limits, [bound for *_, bound in parts.values()], found.f)
        parts = {
            reason: _over_curve(section, part, limits, reason is Reason.UNDEFINED)
            for reason, part in parts.items()
        }
    if found.status != PROVED:
        notes.append(found.message)
    if found.status != PROVED and found.boxes >= MOST_DRAWN_BOXES:
        notes.append(f"the search stopped at {MOST_DRAWN_BOXES:,} boxes, the most that are drawn")
    groups = tuple(
        BoxGroup(reason, f"{text} ({len(parts[reason][0])})", *parts[reason][:2])
        for reason, text in ENDINGS_OF_BOXES.items()
        if reason in parts
    )
    return Boxes(
        section.title,
        found.f,
        _verdict(found),
        found.boxes,
        plane,
        curve,
        axis,
        limits,
        groups,
        _minimizers(section, found),
        _minimizers_label(found),
        found.status == INTERRUPTED,
        tuple(notes),
    )


def _certificate(
    section: Section, shown: Sequence[tuple[float, float]], watch: Watch | None
) -> Certificate:
    """The proof over the window; variables that are held fixed have an interval of one point."""
    whole = [(value, value) for value in section.point]
    for number, bounds in zip(section.free, shown, strict=True):
        whole[number] = bounds
    return certify_window(section.function, whole, max_boxes=MOST_DRAWN_BOXES, watch=watch)


def _parts(certificate: Certificate) -> dict[Reason, Parts]:
    """The parts of the window that met with each end; together they cover it.

    In what a contraction has cut off f is above the best value.
    """
    found, paving = {}, certificate.paving
    assert paving is not None
    low, high = paving.low.T, paving.high.T
    for reason in ENDINGS_OF_BOXES:
        kept = paving.reason == reason
        if reason is Reason.MONOTONE:
            kept |= paving.reason == Reason.REDUCED
        part = low[kept], high[kept], paving.bound[kept]
        if reason is Reason.CONTRACTED:
            children = np.flatnonzero(kept[paving.parent] & (paving.parent >= 0))
            parents = paving.parent[children]
            places = [low[parents], high[parents], low[children], high[children]]
            rows = zip(*[ends.tolist() for ends in places], strict=True)
            slabs = np.array([slab for row in rows for slab in cut_off(*row)])
            slabs = slabs.reshape(-1, 2, low.shape[1])
            part = slabs[:, 0], slabs[:, 1], np.full(len(slabs), float(certificate.f[1]))
        if part[0].size:
            found[reason] = part
    return found


def _of_section(section: Section, part: Parts) -> Parts:
    """The corners in the free variables alone."""
    low, high, bound = part
    return low[:, section.free], high[:, section.free], bound


def _limits(
    limits: tuple[float, float], bounds: Sequence[Array], least: Ends
) -> tuple[float, float]:
    """The low and high f shown: those of the curve, and below it lower bounds, as far as there is
    room.
    """
    low, high = limits
    every = [float(least[0]), *np.concatenate(bounds).tolist()]
    lowest = min((bound for bound in every if bound > float("-inf")), default=low)
    return max(min(low, lowest), low - SHARE_BELOW_CURVE * (high - low)), high


def _over_curve(
    section: Section, part: Parts, limits: tuple[float, float], undefined: bool
) -> Parts:
    """The boxes over one variable and f: from the lower bound to the top of the curve in each."""
    low, high, bound = part
    places = low + (high - low) * np.linspace(0.0, 1.0, PLACES_IN_BOX)
    f = section.over([places])
    top = np.where(drawable(f), f, np.inf).max(axis=1).clip(*limits)
    bottom = bound.clip(*limits)
    if undefined:
        bottom, top = np.full_like(bottom, limits[0]), np.full_like(top, limits[1])
    corners = (np.column_stack([low, bottom]), np.column_stack([high, np.maximum(top, bottom)]))
    return *corners, bound


def _minimizers(section: Section, found: Certificate) -> tuple[Mark, ...]:
    """The middles of the boxes of the minimizers, on the curve where there is one variable."""
    marks = []
    for minimizer in found.minimizers:
        middle = [_middle(minimizer.x[number]) for number in section.free]
        f = _middle(minimizer.f)
        marks.append(Mark("", middle[0], (*middle, f)[1], f))
    return tuple(marks)


def _verdict(found: Certificate) -> str:
    """Whether the least f is proved, in a word or two."""
    if found.status == INTERRUPTED:
        return "not checked"
    return "proved" if found.claims[VALUE_CLAIM] else "not proved"


def _middle(ends: Ends) -> float:
    return float((ends[0] + ends[1]) / 2)


def _minimizers_label(found: Certificate) -> str:
    """The words for the marks in a legend, as far as they are proved."""
    if not found.claims.get(ENCLOSURE_CLAIM):
        return "may be a minimizer"
    count = len(found.minimizers)
    alone = count == 1 and found.minimizers[0].unique
    return "the global minimizer" if alone else f"all global minimizers are here ({count})"
