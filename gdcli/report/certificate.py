"""Certificate → Listing: what `gdcli certify` has proved, a row for each point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gdcli.errors import formatted
from gdcli.functions.enclosure_texts import (
    POINT_DIGITS,
    inward,
    is_infinite,
    outward,
    shortest_within,
    with_radius,
)
from gdcli.functions.short_texts import point_text
from gdcli.proofs.certificate import (
    ENCLOSURE_CLAIM,
    UNIQUE_CLAIM,
    VALUE_CLAIM,
    Certificate,
    CertifiedPoint,
)
from gdcli.report.formats.json import finite_text
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import counted, full, point
from gdcli.report.view import Screen

if TYPE_CHECKING:
    from gdcli.functions.layout import Layout
    from gdcli.proofs.certificate import Ends
    from gdcli.report.formats import objects

CLAIMS = (VALUE_CLAIM, ENCLOSURE_CLAIM, UNIQUE_CLAIM)
OWN_COLUMNS = ("kind", "unique", "face")  # of a row, beside the variables
MOST_SHOWN_POINTS = 24
MOST_SHOWN_REASONS = 3


def certificate_listing(found: Certificate, layout: Layout, screen: Screen) -> Listing:
    """The table of the points, with the claims below it."""
    names = [f"x.{name}" if name in (*OWN_COLUMNS, "f") else name for name in found.variables]
    ends = [f"{name}.{end}" for name in (*names, "f") for end in ("low", "high")]
    rows: list[tuple[Cell, ...]] = [
        (
            *(each.kind, _yes(each.unique), " ".join(each.face)),
            *(shortest_within(*one) for one in each.x),
            *(text for one in (*each.x, each.f) for text in map(finite_text, outward(*one))),
        )
        for each in found.minimizers
    ]
    columns, shown = found.table()
    notes = [*_notes(found), *found.notes]
    return Listing(
        _what(found),
        (*OWN_COLUMNS, *names, *ends),
        rows,
        "".join(
            " ".join(shortest_within(*one) for one in each.x) + "\n" for each in found.minimizers
        ),
        _content(found, layout, screen),
        tuple(_summary(found)),
        tuple(formatted(note, screen.format_setting) for note in notes),
        heading=formatted(found.message, screen.format_setting),
        table=(columns, [*shown[:MOST_SHOWN_POINTS]]),
    )


def _what(found: Certificate) -> str:
    """The word for where something was to be proved: at the end of a descent, a window, a point."""
    return "descent" if found.descent is not None else "window" if found.window else "point"


def _yes(answer: bool | None) -> str:
    return "unknown" if answer is None else "yes" if answer else "no"


def _summary(found: Certificate) -> Iterator[tuple[str, str]]:
    """The value, and the claims about it."""
    if not all(map(is_infinite, found.f)):
        yield "f", with_radius(*found.f, max(POINT_DIGITS, found.digits + 1))
    answers = [(name, found.claims[name]) for name in CLAIMS if name in found.claims]
    if answers:
        yield "claims", ", ".join(f"{name} {_yes(answer)}" for name, answer in answers)


def _notes(found: Certificate) -> Iterator[str]:
    """The sentences below the table."""
    if len(found.minimizers) > MOST_SHOWN_POINTS:
        yield f"{counted(len(found.minimizers), 'point')} in all; the JSON has the others"
    if found.lower is not None:
        x, f = found.lower
        yield f"at a lower point, {point(x)}, f is {with_radius(*f)}"
    if found.descent is not None and not found.minimizers:
        yield f"it ended at {point(found.descent.x)}, where f is {full(found.descent.f)}"
    only = found.minimizers[0] if len(found.minimizers) == 1 else None
    if only is not None and only.largest not in ((), only.x):
        sides = zip(only.largest, only.x, strict=True)
        box = [f"[{', '.join(inward(*ends, inner))}]" for ends, inner in sides]
        where = f"in the box {point_text(found.variables, box)}"
        yield f"it is the only one {where if {*box} != {'[-inf, inf]'} else 'at all'}"
    reasons = Counter(one.reason for one in found.left if one.reason not in found.message)
    for reason, count in reasons.most_common(MOST_SHOWN_REASONS):
        yield f"{counted(count, 'box')} left: {reason}"
    digits = [f"{counted(found.digits, 'digit')} of the points proved"] * bool(found.digits)
    boxes = [counted(found.boxes, "box")] * bool(found.boxes)
    checked = [f"checked in {found.arithmetic}"] * bool(found.arithmetic)
    yield ", ".join([*digits, *boxes, f"{found.seconds:.2g} s", *checked])


def _content(found: Certificate, layout: Layout, screen: Screen) -> objects.CertificateContent:
    """The data of a certificate as JSON has them."""
    return {
        "status": found.status,
        "message": formatted(found.message, screen.format_setting),
        "f": _texts(found.f),
        "minimizers": [_point(one, layout) for one in found.minimizers],
        "claims": {
            "value": found.claims.get(VALUE_CLAIM),
            "enclosure": found.claims.get(ENCLOSURE_CLAIM),
            "unique": found.claims.get(UNIQUE_CLAIM),
        },
        "asked": found.asked,
        "boxes": found.boxes,
        "left": [{"box": _box(one.box, layout), "reason": one.reason} for one in found.left],
        "digits": found.digits,
        "window": layout.split([[*map(float, one)] for one in found.window])
        if found.window
        else None,
        "lower": None
        if found.lower is None
        else {"x": layout.split(found.lower[0]), "f": _texts(found.lower[1])},
        "descent": None
        if found.descent is None
        else {
            "status": found.descent.status,
            "message": formatted(found.descent.message, screen.format_setting),
            "x": layout.split(found.descent.x),
            "f": found.descent.f,
            "classification": found.descent.classification,
        },
        "arithmetic": found.arithmetic,
        "seconds": found.seconds,
        "notes": [formatted(note, screen.format_setting) for note in found.notes],
    }


def _point(one: CertifiedPoint, layout: Layout) -> objects.CertifiedObject:
    return {
        "x": layout.split([*map(_texts, one.x)]),
        "f": _texts(one.f),
        "kind": one.kind,
        "unique": one.unique,
        "face": one.face,
        "largest": layout.split(
            [
                [*map(finite_text, inward(*ends, inner))]
                for ends, inner in zip(one.largest, one.x, strict=True)
            ]
        )
        if one.largest
        else None,
    }


def _box(ends: Sequence[Ends], layout: Layout) -> dict[str, Any] | None:
    """The [low, high] of each variable, of a vector a list; None where there are no ends."""
    return layout.split([*map(_texts, ends)]) if ends else None


def _texts(ends: Ends) -> list[str | None]:
    return [*map(finite_text, outward(*ends))]
