"""What is known of a named function: plain values, read by library/files.py, kept by a Function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gdcli.errors import brief
from gdcli.functions.arguments import made_by
from gdcli.functions.doubles import same_numbers
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.named_tuples import NamedTuple

STATIONARY_KINDS = ("minimum", "saddle", "maximum", "flat")


class Minimum(NamedTuple):
    """A local minimum: the point, the value there, and a note for a reader."""

    at: Sequence[float]
    f: float
    note: str = ""


class Stationary(NamedTuple):
    """A point where the gradient is 0; `kind` is one of STATIONARY_KINDS."""

    at: Sequence[float]
    kind: str


@made_by("gdcli.problem")
class Problem(NamedTuple):
    """A named function and what is known of it.

    `data` are the file's, `sizes` those of the function at hand. The points are those stated for
    these sizes; `elsewhere` has the other sizes for which there are some. `start`, and `window`
    with one (low, high) for each component, are empty where none is given; `family` is the stem of
    the file's name, `path` the file. A point of more than MOST_LISTED_COMPONENTS is a NumPy array,
    and has no window.
    """

    name: str
    expression: str
    family: str
    path: str
    title: str = ""
    sizes: Mapping[str, int] = NO_ENTRIES
    data: Mapping[str, Any] = NO_ENTRIES
    start: Sequence[float] = ()
    window: tuple[tuple[float, float], ...] = ()
    minima: tuple[Minimum, ...] = ()
    stationary: tuple[Stationary, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    elsewhere: tuple[Mapping[str, int], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and same_numbers(tuple(self), tuple(other))

    def __ne__(self, other: object) -> bool:  # a tuple has its own
        return not self == other

    def __hash__(self) -> int:
        return hash((self.name, self.expression))

    def __repr__(self) -> str:
        return f"gdcli.problem({self.name!r}): {brief(self.title or self.expression)}"
