"""What a certificate says that the known minimum of its function contradicts."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from math import isinf

from gdcli.proofs.certificate import (
    ENCLOSURE_CLAIM,
    PROVED,
    UNIQUE_CLAIM,
    VALUE_CLAIM,
    Certificate,
    CertifiedPoint,
)
from tests.proofs.known_minima import EMPTY_VALUE, Box, KnownMinimum

DEFAULT_GAP = Fraction(1, 10**9)
WIDEST_BOX = Fraction(1, 10**6)  # of the window's width
WORDS_FOR_NO_MINIMUM = ("infimum", "attain", "not defined everywhere", "jumps")


def contradictions(
    certificate: Certificate, known: KnownMinimum, gap: Fraction = DEFAULT_GAP
) -> list[str]:
    """Sentences, each of which is a wrong proof or a wrong word; none if all is right."""
    return [*_of_the_status(certificate), *_of_the_value(certificate, known, gap)] + [
        sentence
        for part in (_of_the_enclosure, _of_the_boxes)
        for sentence in part(certificate, known)
    ]


def _of_the_status(certificate: Certificate) -> Iterator[str]:
    lacking = [claim for claim in certificate.asked if not certificate.claims[claim]]
    if certificate.status == PROVED:
        if not certificate.asked:
            yield "proved, but nothing was asked"
        if lacking:
            yield f"proved, but not {lacking}"
        if certificate.left:
            yield f"proved, but {len(certificate.left)} boxes are left"


def _of_the_value(certificate: Certificate, known: KnownMinimum, gap: Fraction) -> Iterator[str]:
    low, high = certificate.f
    if known.f == EMPTY_VALUE:
        if any(certificate.claims.values()) or certificate.status == PROVED:
            yield f"a claim about a function without a value: {certificate.claims}"
        return
    if low > known.f[1]:
        yield f"the lower bound {float(low)!r} is above the minimum {float(known.f[0])!r}"
    if high < known.f[0]:
        yield f"the upper bound {float(high)!r} is below the minimum {float(known.f[0])!r}"
    if certificate.claims[VALUE_CLAIM]:
        if isinf(low) or isinf(high):
            yield f"the value is proved to lie from {low} to {high}"
        elif high - low > gap * max(Fraction(1), *(abs(Fraction(end)) for end in (low, high))):
            yield f"the value is proved, but {float(high - low):.3g} wide"
        words = " ".join((certificate.message, *certificate.notes))
        if not known.attained and not any(word in words for word in WORDS_FOR_NO_MINIMUM):
            yield f"an infimum that is not attained is proved as a minimum: {words}"


def _samples(place: Box) -> Iterator[tuple[Box, bool]]:
    """Boxes of which each holds a minimizer, and whether it is the one of a single point."""
    if all(high - low < Fraction(1, 10**30) for low, high in place):
        yield place, True
        return
    random_numbers = random.Random(1)
    for corner in itertools.product(*place):
        yield tuple((end, end) for end in corner), False
    for _ in range(30):
        shares = [Fraction(random_numbers.random()) for _ in place]
        inner = [
            low + (high - low) * share for (low, high), share in zip(place, shares, strict=True)
        ]
        yield tuple((end, end) for end in inner), False


def _meets(one: Box, other: Box) -> bool:
    return all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(one, other, strict=True))


def _of_the_enclosure(certificate: Certificate, known: KnownMinimum) -> Iterator[str]:
    if not certificate.claims[ENCLOSURE_CLAIM]:
        return
    for place in known.minimizers:
        for sample, _ in _samples(place):
            if not any(_meets(sample, point.x) for point in certificate.minimizers):
                where = ", ".join(repr(float(low)) for low, _ in sample)
                yield f"the minimizer ({where}) lies in none of the boxes"
                return
    for point in certificate.minimizers:
        for (low, high), (least, most) in zip(point.x, known.window, strict=True):
            if high - low > WIDEST_BOX * (most - least):
                yield f"a box is {float(high - low):.3g} wide"
                return


def _of_the_boxes(certificate: Certificate, known: KnownMinimum) -> Iterator[str]:
    for point in certificate.minimizers:
        yield from _of_one_box(point, certificate, known)
    if certificate.claims[UNIQUE_CLAIM] and not all(one.unique for one in certificate.minimizers):
        yield "every box is proved to hold one minimizer only, but one is not"


def _of_one_box(
    point: CertifiedPoint, certificate: Certificate, known: KnownMinimum
) -> Iterator[str]:
    shown = ", ".join(f"[{float(low)!r}, {float(high)!r}]" for low, high in point.x)
    known_sizes = [max(high, -low) for low, high in point.x if low > 0 or high < 0]
    scale = max(known_sizes, default=1)  # of a component that may be 0
    for (low, high), (least, most) in zip(point.x, known.window, strict=True):
        if low > high:
            yield f"the box {shown} is empty"
        if low < least or high > most:
            yield f"the box {shown} leaves the window"
        size = scale if low <= 0 <= high else max(high, -low)
        digits = certificate.digits
        if digits > 0 and (high - low) * 10 ** (digits - 1) > size:
            yield f"{digits} digits are proved, but the box is {shown}"
    if point.kind not in ("minimum", "candidate"):
        yield f"the box {shown} is called a {point.kind}"
    if known.f == EMPTY_VALUE:
        return
    if certificate.status == PROVED and point.f[0] > certificate.f[1]:
        yield f"the box {shown} is printed, but its values lie above the minimum"
    inside = [place for place in known.minimizers if _meets(place, point.x)]
    if inside and not (point.f[0] <= known.f[1] and point.f[1] >= known.f[0]):
        yield f"the values of the box {shown} are wrong"
    if (
        not known.attained
        and (point.unique or point.kind == "minimum")
        and (certificate.claims[ENCLOSURE_CLAIM] or point.f[0] <= known.f[1])
    ):
        yield f"the box {shown} is proved to hold a minimizer, but there is none"
    if point.unique and known.complete:
        wide = [place for place in inside if not next(_samples(place))[1]]
        if len(inside) > 1 or wide:
            yield f"the box {shown} is called unique, but holds {len(inside)} minimizers"
