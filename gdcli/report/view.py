"""Views: the device that a report is read on, and what it shows beside the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdcli.errors import SettingFormatter, as_argument
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.derivatives.gradient import GradientNumber
    from gdcli.functions.layout import Layout
    from gdcli.functions.problem import Problem


NOTHING_HELD: Mapping[str, Any] = MappingProxyType({})
STANDARD_WIDTH, STANDARD_HEIGHT = 80, 24  # columns and lines of a terminal that does not say


class Screen(NamedTuple):
    """A device; `width` is in characters, None for a file or a pipe, with lines of any length.

    `format_setting` says how the reader gives a Setting that a sentence speaks of.
    """

    width: int | None = None
    ascii: bool = False
    color: bool = False
    format_setting: SettingFormatter = as_argument


class MinimizeView(NamedTuple):
    """The view of a descent; cells have so many `digits`, or with None what there is room for.

    In every view `layout` says which components of a point belong to which array; without one the
    components are the `variables`. `held` are the names that have a value instead of being one,
    `labels` the texts of columns that subscript arrays, in the order of their numbers; `drawn` says
    whether the start was drawn at random.
    """

    expression: str
    variables: tuple[str, ...]
    problem: Problem | None = None
    digits: int | None = None
    trace: bool = False
    explain: bool = False
    screen: Screen = Screen()
    layout: Layout | None = None
    held: Mapping[str, float | str] = NOTHING_HELD
    labels: Mapping[str, Sequence[str]] = NOTHING_HELD
    drawn: bool = False


class ListingView(NamedTuple):
    """The view of a listing; `key` is the key under which json has the listing's name."""

    expression: str
    variables: tuple[str, ...]
    at: list[float] | None = None
    screen: Screen = Screen()
    key: str = "stage"
    layout: Layout | None = None
    f: GradientNumber | None = None  # at the point
    held: Mapping[str, float | str] = NOTHING_HELD
    labels: Mapping[str, Sequence[str]] = NOTHING_HELD


class PredictionView(NamedTuple):
    """The view of predictions: the `headings` of the new data, and the columns `added` to them."""

    expression: str
    variables: tuple[str, ...]
    headings: tuple[str, ...]
    added: tuple[str, ...]
    screen: Screen = Screen()
    held: Mapping[str, float | str] = NOTHING_HELD
    labels: Mapping[str, Sequence[str]] = NOTHING_HELD


class GradView(NamedTuple):
    """The view of gradients; `formulas` are those by variable, where they were asked for."""

    expression: str
    variables: tuple[str, ...]
    along: bool = False
    hessian: bool = False
    formulas: dict[str, str] | None = None
    screen: Screen = Screen()
    layout: Layout | None = None
    held: Mapping[str, float | str] = NOTHING_HELD
    labels: Mapping[str, Sequence[str]] = NOTHING_HELD
