"""A certificate: what was asked to be proved of a function, what was proved, and where."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.certify.paving import Paving

Ends = tuple[Fraction | float, Fraction | float]  # of an interval, exact; a float where infinite

PROVED, UNRESOLVED, DISPROVED, INTERRUPTED = "proved", "unresolved", "disproved", "interrupted"
VALUE_CLAIM, ENCLOSURE_CLAIM, UNIQUE_CLAIM = "value", "enclosure", "unique"


class CertifiedPoint(NamedTuple):
    """A box that holds a stationary point or global minimizers.

    `x` has the ends of each component, `f` those of the values there, `kind` is a word of
    STATIONARY_KINDS, or "candidate" where it is not proved that the box holds a minimizer. `unique`
    says that the box holds exactly one stationary point, or one constrained minimizer on the face
    that `face` names: the components that stand at an end of the window. `largest` is the largest
    box found in which it is the only one, empty where none is.
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


class Certificate(NamedTuple):
    """A set of claims about a function, and which of them are proved.

    `f` encloses the global minimum over the window, or the value at the stationary point. `claims`
    says of each claim ("value", "enclosure", "unique") whether it is proved; only those that were
    `asked` decide the status. `boxes` counts those of the search, `digits` how many significant
    digits of every component of every point are proved. `lower` is a point with a lower value than
    the one claimed, where the status is "disproved". `arithmetic` names what the proof was checked
    in, `paving` is the search's, for pictures.
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
