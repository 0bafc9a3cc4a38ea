"""A certificate: what was asked to be proved of a function, what was proved, and where."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

from gdcli.functions.arguments import made_by
from gdcli.functions.enclosure_texts import POINT_DIGITS, with_radius
from gdcli.functions.short_texts import table_html, table_text
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.result import Result
    from gdcli.proofs.paving import Paving

Ends = tuple[Fraction | float, Fraction | float]  # of an interval, exact; a float where infinite

PROVED, UNRESOLVED, DISPROVED, INTERRUPTED = "proved", "unresolved", "disproved", "interrupted"
VALUE_CLAIM, ENCLOSURE_CLAIM, UNIQUE_CLAIM = "value", "enclosure", "unique"
MOST_SHOWN_COLUMNS = 12  # of components, in a table
CERTIFICATE_EXIT_STATUS = {PROVED: 0, UNRESOLVED: 1, DISPROVED: 1, INTERRUPTED: 130}


class CertifiedPoint(NamedTuple):
    """A box that holds a stationary point or global minimizers.

    `x` has the ends of each component, `f` those of the values there, `kind` is "minimum",
    "saddle", "maximum", or "candidate" where it is not proved that the box holds a minimizer.
    `unique` says that the box holds exactly one stationary point, or one constrained minimizer on
    the face that `face` names: the components that stand at an end of the window. `largest` is the
    largest box found in which it is the only one, empty where none is.
    """

    x: tuple[Ends, ...]
    f: Ends
    kind: str
    unique: bool
    face: tuple[str, ...] = ()
    largest: tuple[Ends, ...] = ()


class LeftBox(NamedTuple):
    """A box of which nothing could be proved, and a sentence that says why."""

    box: tuple[Ends, ...]
    reason: str


@made_by("gdcli.certify")
class Certificate(NamedTuple):
    """A set of claims about a function, and which of them are proved; true where all asked for are.

    `f` encloses the global minimum over the window, or the value at the stationary point. `claims`
    says of each claim ("value", "enclosure", "unique") whether it is proved; only those that were
    `asked` decide the status. `boxes` counts those of the search, `digits` how many significant
    digits of every component of every point are proved. `lower` is a point with a lower value than
    the one claimed, where the status is "disproved". `arithmetic` names what the proof was checked
    in, `paving` is the search's, for pictures. `variables` names the components of a point, and
    `descent` is the one whose end is certified, if any.
    """

    status: str
    message: str
    f: Ends
    minimizers: tuple[CertifiedPoint, ...]
    claims: dict[str, bool]
    asked: tuple[str, ...]
    boxes: int
    left: tuple[LeftBox, ...]
    digits: int
    window: tuple[Ends, ...] = ()
    lower: tuple[tuple[float, ...], Ends] | None = None
    arithmetic: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    paving: Paving | None = None
    variables: tuple[str, ...] = ()
    descent: Result | None = None

    @property
    def exit_status(self) -> int:
        """The exit status of the command line; that of a descent which ended at no minimum."""
        from_descent = 0 if self.descent is None else self.descent.exit_status
        return from_descent or CERTIFICATE_EXIT_STATUS[self.status]

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The columns, and a row for each point: what `gdcli certify` shows."""
        faces = any(one.face for one in self.minimizers)
        most = max(POINT_DIGITS, self.digits + 1)
        lows, highs = ([one.f[end] for one in self.minimizers] for end in (0, 1))
        several = bool(lows) and max(lows) > min(highs)  # values that are known to differ
        names = _elided(self.variables)
        columns = (*names, *["f"] * several, "kind", "unique", *["face"] * faces)
        rows = [
            (
                *_elided([with_radius(*ends, most) for ends in one.x]),
                *[with_radius(*one.f, most)] * several,
                *(one.kind, "yes" if one.unique else "no", *[", ".join(one.face)] * faces),
            )
            for one in self.minimizers
        ]
        return columns, rows

    def __bool__(self) -> bool:
        return self.status == PROVED

    def __repr__(self) -> str:
        lines = [self.message, *([table_text(*self.table())] if self.minimizers else [])]
        return "\n".join([*lines, f"f = {with_radius(*self.f)}"])

    def _repr_html_(self) -> str:
        """The points as a table in HTML, for a notebook."""
        return table_html(*self.table())


def _elided(cells: Sequence[str]) -> Sequence[str]:
    """The cells of the components of a point, of many the first and the last."""
    return cells if len(cells) <= MOST_SHOWN_COLUMNS else [*cells[:4], "…", cells[-1]]


def nothing_proved(message: str, status: str = UNRESOLVED, **known: Any) -> Certificate:
    """The Certificate that proves nothing, with a sentence that says why."""
    return Certificate(status, message, (-inf, inf), (), {}, (), 0, (), 0, **known)
