"""Descents as a page plays them: the iterates, the texts of each, and the traces that follow them.

Comes in: the paths of a scene, which stand on the page with all their steps. Playing shows at most
`most` frames of them. The texts of an iterate stand in its hover label and below the figure.
`page.js` moves the traces that were registered here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import cell, number_or_null, number_row
from gdcli.report.pictures.frames import frames
from gdcli.scenes.scene import Path, PathRow

FEWEST_FRAMES = 2  # where the paths start and where they end
MOST_LABEL_VARIABLES = 12  # all in the text of an iterate; of more, those of the plane alone


class Move(NamedTuple):
    """A trace, number `trace` of figure number `figure`, that follows a path.

    `columns` says from which column of the path each array of the trace is taken. A `trail` takes
    all iterates from the start on, any other trace the current one alone.
    """

    figure: int
    trace: int
    path: int
    trail: bool
    columns: dict[str, str]


class Player:
    """The paths of a scene as columns, and the moves of the traces that follow them.

    `variables` names the components of a point, `plane` are the numbers of those that are drawn.
    A column of a variable is named by its number.
    """

    def __init__(
        self, paths: Sequence[Path], variables: Sequence[str], plane: Sequence[int], most: int
    ) -> None:
        labelled = range(len(variables)) if len(variables) <= MOST_LABEL_VARIABLES else plane
        self._label_variables = {number: variables[number] for number in labelled}
        self.moves: list[Move] = []
        self.paths = [self._columns(path) for path in paths]
        self._frames = frames(paths, max(most, FEWEST_FRAMES)) if paths else []

    def content(self) -> dict[str, Any]:
        """The paths, moves and frames, for page.js to read."""
        moves = [move._asdict() for move in self.moves]
        return {"paths": self.paths, "moves": moves, "frames": self._frames}

    def lift(self, by: float) -> None:
        """Gives each path the column `lifted`: its heights on the surface plus `by`."""
        for path in self.paths:
            path["lifted"] = [None if height is None else height + by for height in path["height"]]

    def traces(
        self,
        figure: int,
        first: int,
        columns: Mapping[str, str],
        trace_styles: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    ) -> list[dict[str, Any]]:
        """A trail and a point for each path, in its two styles, numbered from `first` on."""
        found: list[dict[str, Any]] = []
        for path, pair in enumerate(trace_styles):
            for trail, trace_style in zip((True, False), pair, strict=True):
                cut = dict(columns) | {"text": "texts"}
                move = Move(figure, first + len(found), path, trail, cut)
                self.moves.append(move)
                begin = 0 if trail else -1
                values = {name: self.paths[path][column][begin:] for name, column in cut.items()}
                found.append(trace_style | values | {"hovertemplate": "%{text}<extra></extra>"})
        return found

    def _columns(self, path: Path) -> dict[str, Any]:
        steps = path.steps
        words = [self._words(path.label, step) for step in steps]
        columns: dict[str, Any] = {
            "words": words,
            "texts": ["<br>".join(map(escape, spoken)) for spoken in words],
            "k": [step.k for step in steps],
            "height": number_row([step.height for step in steps]),
        }
        for number in self._label_variables:
            columns[str(number)] = number_row([step.point[number] for step in steps])
        return columns

    def _words(self, label: str, step: PathRow) -> list[str]:
        words = [label] if label else []
        words.append(f"k = {step.k}")
        words += [
            f"{name} = {cell(step.point[number])}" for number, name in self._label_variables.items()
        ]
        words.append(f"f = {cell(step.f)}")
        if step.gradient is not None:
            words.append(f"∇f = ({', '.join(map(cell, step.gradient))})")
        words.append(f"‖∇f‖∞ = {cell(step.gradient_norm)}")
        if number_or_null(step.alpha) is not None:
            words.append(f"α = {cell(step.alpha)}")
        return words
