"""What a report is told beside the result: the device it is read on, and what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gdcli.errors import Speller, as_argument

if TYPE_CHECKING:
    from gdcli.functions.layout import Layout
    from gdcli.functions.problem import Problem


STANDARD_WIDTH, STANDARD_HEIGHT = 80, 24  # columns and lines of a terminal that does not say


class Screen(NamedTuple):
    """`width` in columns, None where lines may be as long as they need (a file, a pipe).

    `spell` says how the reader gives a Setting that a sentence speaks of.
    """

    width: int | None = None
    ascii: bool = False
    color: bool = False
    spell: Speller = as_argument


class MinimizeView(NamedTuple):
    """What the report of a descent shows beside the descent itself.

    Here and below, `layout` says which components of a point are which array's; without it the
    components are the `variables`.
    """

    expression: str
    variables: tuple[str, ...]
    problem: Problem | None = None
    digits: int = 7
    trace: bool = False
    explain: bool = False
    screen: Screen = Screen()
    layout: Layout | None = None


class ListingView(NamedTuple):
    """What the report of a stage or a comparison shows beside it; `key` names which in json."""

    expression: str
    variables: tuple[str, ...]
    at: list[float] | None = None
    screen: Screen = Screen()
    key: str = "stage"
    layout: Layout | None = None


class GradView(NamedTuple):
    """What the report of gradients shows beside them; `formulas` by variable where asked for."""

    expression: str
    variables: tuple[str, ...]
    along: bool = False
    hessian: bool = False
    formulas: dict[str, str] | None = None
    screen: Screen = Screen()
    layout: Layout | None = None
