"""PICTURE_KINDS: every kind of picture, how many variables it shows, and what it is made from.

A kind is a row of the table and a builder `PictureRequest -> Scene` in a module of this folder,
which is imported when a picture of the kind is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from gdcli.errors import Sentence, Setting, UsageError, count_of, listed
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.scenes.request import PictureRequest
    from gdcli.scenes.scene import Scene


class Kind(NamedTuple):
    """A kind of picture.

    `shows` lists how many variables may be free; it is empty where any number may. `takes` names
    the groups of options that the picture is made from, beyond the function. `builder` is a
    function of `module`.
    """

    shows: tuple[int, ...]
    takes: tuple[str, ...]
    module: str
    builder: str

    @property
    def descends(self) -> bool:
        return "descent" in self.takes


PLANE_OPTIONS = ("window", "slice")
PICTURE_KINDS = {
    "curve": Kind((1,), ("at", "secant", *PLANE_OPTIONS), "curve", "curve"),
    "contour": Kind((2,), ("at", *PLANE_OPTIONS), "surface", "contour"),
    "surface": Kind((2,), ("at", *PLANE_OPTIONS), "surface", "surface"),
    "field": Kind((2,), PLANE_OPTIONS, "surface", "field"),
    "descent": Kind((1, 2), ("descent", "motion", *PLANE_OPTIONS), "descents", "descent"),
    "boxes": Kind((1, 2), PLANE_OPTIONS, "boxes", "boxes"),
    "history": Kind((), ("descent",), "descents", "history"),
    "steps": Kind((), ("at",), "steps", "steps"),
}


def build(kind: str, request: PictureRequest) -> Scene:
    """The scene of a picture. Raises UndefinedError where f gives nothing to draw."""
    row = PICTURE_KINDS[kind]
    module = import_module(f"gdcli.scenes.{row.module}")
    scene: Scene = getattr(module, row.builder)(request)
    return scene


def default_kind(free: int, given: Collection[str]) -> str:
    """The kind of a picture of so many free variables when these groups of options are given.

    It is a descent where one is asked for, else a curve or contours; with more variables than can
    be shown it is a history of a descent.
    """
    if free > 2:
        return "history"
    if "descent" in given:
        return "descent"
    return "curve" if free == 1 else "contour"


def refuse_options(kind: str, given: dict[str, str]) -> None:
    """Raise a UsageError for an option that means nothing for the kind.

    `given` are the options that were written, each with its group.
    """
    for option, group in given.items():
        if group not in PICTURE_KINDS[kind].takes:
            takers = [name for name, row in PICTURE_KINDS.items() if group in row.takes]
            belongs = Setting("kind", _either(takers))
            message = "{} has no place in {}; it belongs to {}"
            raise UsageError(Sentence(message, option, Setting("kind", kind), belongs))


def refuse_dimensions(kind: str, function: Function, free: Sequence[int]) -> None:
    """Raise a UsageError where the kind cannot show so many variables, with what would."""
    names, wanted = function.components, PICTURE_KINDS[kind].shows
    if not names:
        raise UsageError("there is nothing to draw: the function has no variables, it is a number")
    if kind == "descent" and len(free) < min(2, len(names)):
        one = (
            "{} leaves one variable; the path of a descent is shown over two: leave two, or take {}"
        )
        raise UsageError(Sentence(one, Setting("slice"), Setting("kind", "history")))
    if not wanted or len(free) in wanted:
        return
    most = max(wanted)
    who = f"the function has {_counted(len(names))} ({listed(names)})"
    if len(free) < len(names):
        who = Sentence("{} leaves {}", Setting("slice"), _counted(len(free)))
    shows = f"{kind} show" if kind.endswith("s") else f"a {kind} shows"
    message = "{} {}, and {}: {}"
    if len(free) > most:
        shown = [names[number] for number in free]
        fixed = Setting("slice", ",".join(f"{name}=0" for name in [*shown][most:]))
        history = Setting("kind", "history")
        hold = Sentence("hold the others fixed, as with {}, or take {}", fixed, history)
        raise UsageError(Sentence(message, shows, _counted(most), who, hold))
    curve = Sentence("take {}", Setting("kind", "curve"))
    remedy = "leave two" if len(free) < len(names) else curve
    raise UsageError(Sentence(message, shows, _counted(min(wanted)), who, remedy))


def _counted(number: int) -> str:
    return count_of(number, "variable")


def _either(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
