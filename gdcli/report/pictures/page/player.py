"""Descents as a page plays them: the iterates, what is said of each, and which traces follow them.

Comes in: the paths of a scene. Of the iterates of the longest at most `frames` are kept, the first
and the last among them, and of the others those with the same numbers. The texts of an iterate
stand in its hover label and below the figure. `page.js` moves the traces that were registered here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.report.numerals import cell, number_or_null, number_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdcli.pictures.scene import Path, Step

FEWEST = 2  # iterates of a path: where it starts and where it ends


class Move(NamedTuple):
    """A trace, number `trace` of figure number `figure`, that follows a path.

    `columns` says which column of the path each of the trace's arrays is cut from: with `trail`
    from the start on, else the iterate alone.
    """

    figure: int
    trace: int
    path: int
    trail: bool
    columns: dict[str, str]


class Player:
    """The paths as columns, the variables by number among them, and the moves."""

    def __init__(self, paths: Sequence[Path], variables: Sequence[str], frames: int) -> None:
        self._variables = variables
        self.moves: list[Move] = []
        longest = max((len(path.steps) for path in paths), default=0)
        places = thinned(longest, max(frames, FEWEST))
        self.paths = [self._columns(path, places) for path in paths]

    def content(self) -> dict[str, Any]:
        """What page.js reads."""
        return {"paths": self.paths, "moves": [move._asdict() for move in self.moves]}

    def lift(self, height: float) -> None:
        """Give each path the column `lifted`: f raised by so much."""
        for path in self.paths:
            path["lifted"] = [None if f is None else f + height for f in path["f"]]

    def traces(
        self,
        figure: int,
        first: int,
        columns: Mapping[str, str],
        looks: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    ) -> list[dict[str, Any]]:
        """A trail and a point for each path, number `first` of the figure on; `looks` of both."""
        found: list[dict[str, Any]] = []
        for path, pair in enumerate(looks):
            for trail, look in zip((True, False), pair, strict=True):
                cut = dict(columns) | {"text": "texts"}
                move = Move(figure, first + len(found), path, trail, cut)
                self.moves.append(move)
                begin = 0 if trail else -1
                values = {name: self.paths[path][column][begin:] for name, column in cut.items()}
                found.append(look | values | {"hovertemplate": "%{text}<extra></extra>"})
        return found

    def _columns(self, path: Path, places: Sequence[int]) -> dict[str, Any]:
        last = len(path.steps) - 1
        steps = [path.steps[place] for place in dict.fromkeys(min(p, last) for p in places)]
        words = [self._words(path.label, step) for step in steps]
        columns: dict[str, Any] = {
            "words": words,
            "texts": ["<br>".join(map(escape, spoken)) for spoken in words],
            "k": [step.k for step in steps],
            "f": number_row([step.f for step in steps]),
        }
        for number in range(len(steps[0].point)):
            columns[str(number)] = number_row([step.point[number] for step in steps])
        return columns

    def _words(self, label: str, step: Step) -> list[str]:
        names = self._variables or [f"x{number + 1}" for number in range(len(step.point))]
        words = [label] if label else []
        words.append(f"k = {step.k}")
        words += [f"{name} = {cell(v)}" for name, v in zip(names, step.point, strict=True)]
        words.append(f"f = {cell(step.f)}")
        if step.gradient is not None:
            words.append(f"∇f = ({', '.join(map(cell, step.gradient))})")
        words.append(f"‖∇f‖∞ = {cell(step.gradient_norm)}")
        if number_or_null(step.alpha) is not None:
            words.append(f"α = {cell(step.alpha)}")
        return words


def thinned(count: int, most: int) -> list[int]:
    """At most so many of the numbers below `count`, evenly spaced, first and last included."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
