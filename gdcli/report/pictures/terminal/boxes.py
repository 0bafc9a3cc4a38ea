"""The boxes of a search for the global minimum in the terminal.

With colour boxes are paper in the colour of what became of them, without it letters say so. Edges
are drawn of boxes that are large enough to be told apart.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from gdcli.report.pictures.boxes import SMALL_REASONS, corners
from gdcli.report.pictures.captions import captions
from gdcli.report.pictures.style import BOX_COLORS
from gdcli.report.pictures.terminal.area import Area, Scale
from gdcli.report.pictures.terminal.canvas import FAINT, TEXT, Canvas, Ink
from gdcli.report.pictures.terminal.figure import TerminalFigure
from gdcli.report.pictures.terminal.paths import MINIMUM_SIGN, draw_minima
from gdcli.report.view import STANDARD_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gdcli.report.view import Screen
    from gdcli.scenes.scene import Array, Boxes, BoxGroup

SWATCH = "██"
BOX_LETTERS = {  # by the name of the reason
    "VALUE": ".",
    "CONTRACTED": ":",
    "MONOTONE": "m",
    "STATIONARY": "s",
    "UNDEFINED": "u",
    "UNIQUE": "c",
    "LEFT": "?",
    "CANDIDATE": "#",
}
BOX_KEY_GAP = 2  # columns between two entries of the key
EDGED_CELLS = (3, 2)  # columns and rows of the smallest box whose edges are drawn


def boxes(scene: Boxes, screen: Screen, height: int | None) -> str:
    """The boxes in the plane, or under the curve; below them what is proved, and the key."""
    key = list(_key(scene, screen))
    figure = TerminalFigure(
        screen, height, scene.title, (), scene.notes, 1 + max(row for row, *_ in key)
    )
    if scene.grid is not None:
        x, y = (Scale(*axis) for axis in scene.grid.axes)
    else:
        assert scene.axis is not None
        x, y = Scale(*scene.axis), Scale("f", *scene.limits)
    area = figure.area(x, y)
    fine = 2 if screen.color and scene.curve is None else 1  # under dots a cell has one paper
    for group in scene.groups:
        _draw(area, group, fine)
    if scene.curve is not None:
        area.line(scene.curve.x, scene.curve.y, TEXT)
    draw_minima(area, scene.minimizers)
    for row, column, text, ink in key:
        figure.canvas.write(figure.top + figure.rows + row, column, text, ink)
    return figure.text()


def _key(scene: Boxes, screen: Screen) -> Iterator[tuple[int, int, str, Ink]]:
    """The texts below the picture: row, column, text and ink; as many in a row as have room."""
    transliterated, width = Canvas(0, 0, screen).transliterated, screen.width or STANDARD_WIDTH
    verdict = wrap(transliterated("".join(captions(scene))), width)
    for row, text in enumerate(verdict):
        yield row, 0, text, TEXT
    entries = [
        (SWATCH, group.label, Ink(*[BOX_COLORS[group.reason.name][1]] * 3))
        if screen.color
        else (BOX_LETTERS[group.reason.name], group.label, TEXT)
        for group in scene.groups
    ]
    if scene.minimizers:
        entries.append((MINIMUM_SIGN, scene.minimizers_label, TEXT))
    row, column = len(verdict), 0
    for sign, label, ink in entries:
        texts = wrap(transliterated(label), width - len(sign) - 1)
        wide = len(sign) + 1 + max(map(len, texts))
        if column and column + wide > width:
            row, column = row + 1, 0
        yield row, column, sign, ink
        for place, text in enumerate(texts):
            yield row + place, column + len(sign) + 1, text, TEXT
        row, column = row + len(texts) - 1, column + wide + BOX_KEY_GAP


def _draw(area: Area, group: BoxGroup, fine: int) -> None:
    """Draws the boxes of a group: their papers or letters, and the edges of large ones.

    A cell has `fine` places of papers or letters, one above the other.
    """
    name, canvas, deep_paper = group.reason.name, area.canvas, 2 // fine
    low, high = (_shares(area, corner) for corner in (group.low, group.high))
    columns = _cells(low[:, 0], high[:, 0], area.columns)
    rows = _cells(1 - high[:, 1], 1 - low[:, 1], fine * area.rows)
    if name in SMALL_REASONS:  # they are seen behind a sign too
        rows += np.stack([-rows[:, 0] % -fine, -rows[:, 1] % fine], axis=1)
    wide, deep = np.diff(columns)[:, 0], np.diff(rows)[:, 0]
    large = (wide >= EDGED_CELLS[0]) & (deep >= fine * EDGED_CELLS[1])
    outline = corners(group.low[large], group.high[large])[:, [0, 1, 2, 3, 0, 0]]
    outline[:, -1] = np.nan  # a gap before the next box
    x, y = outline.reshape(-1, 2).T
    area.line(x, y, FAINT)
    boxes = zip(columns.tolist(), rows.tolist(), large.tolist(), strict=True)
    for (left, right), (top, bottom), edged in boxes:
        if canvas.screen.color:
            across = slice(area.left + left, area.left + right)
            down = slice(2 * area.top + deep_paper * top, 2 * area.top + deep_paper * bottom)
            canvas.paper[down, across] = BOX_COLORS[name][1]
        elif edged:
            middle = area.top + (top + bottom) // 2, area.left + (left + right) // 2
            canvas.write(*middle, BOX_LETTERS[name])
        else:
            for row in range(top, bottom):
                letters = BOX_LETTERS[name] * (right - left)
                canvas.write(area.top + row, area.left + left, letters)


def _shares(area: Area, corner: Array) -> Array:
    """The places of corners on both axes, shape (m, 2), from 0 to 1."""
    shares = [area.x.share(corner[:, 0]), area.y.share(corner[:, 1])]
    return np.column_stack(shares).clip(0.0, 1.0)


def _cells(low: Array, high: Array, count: int) -> NDArray[np.int64]:
    """The first cell of each box and the one after its last, of `count` cells; at least one cell.

    A box has the cells of which it covers the larger half, so that neighbours share none.
    """
    first, last = np.rint(low * count), np.rint(high * count)
    none = last <= first
    middle = (low[none] + high[none]) / 2
    first[none] = np.minimum(np.floor(middle * count), count - 1)
    last[none] = first[none] + 1
    return np.column_stack([first, last]).astype(np.int64)
