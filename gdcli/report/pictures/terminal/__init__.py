"""Scenes in the terminal: text as wide as the screen, with colour, without, or in ASCII.

It needs NumPy and nothing more. Colours are those of the 256 that no theme changes. A surface is
shown from above, by its contours. Notes are not part of the text, but it leaves lines for them.
"""

from __future__ import annotations

from gdcli.errors import Sentence, Setting, UsageError, formatted
from gdcli.report.pictures import notes
from gdcli.report.pictures.terminal import boxes, fits, lines, plane
from gdcli.report.view import STANDARD_HEIGHT, STANDARD_WIDTH, Screen
from gdcli.scenes.scene import (
    Boxes,
    Contour,
    Curve,
    DescentScene,
    Field,
    FitScene,
    History,
    Scene,
    Steps,
    Surface,
)

NARROWEST_PICTURE = 16  # in columns
WIDEST_PICTURE, HIGHEST_PICTURE = 2_000, 1_000  # in columns and lines, however many there are


def drawn(scene: Scene, screen: Screen, height: int | None = None) -> str:
    """The picture as lines; `height` is that of the whole terminal, 24 where there is none.

    It is no wider than WIDEST_PICTURE and no higher than HIGHEST_PICTURE, whatever the screen is.
    Raises UsageError where there are too few columns.
    """
    width = screen.width or STANDARD_WIDTH
    if width < NARROWEST_PICTURE:
        narrow = "too narrow for a picture: {} columns, and it takes {}; {} draws it"
        file = Setting("output", "FILE.png")
        raise UsageError(Sentence(narrow, width, NARROWEST_PICTURE, file))
    screen = screen._replace(width=min(width, WIDEST_PICTURE))
    height = min(height or STANDARD_HEIGHT, HIGHEST_PICTURE)
    said = tuple(formatted(note, screen.format_setting) for note in notes(scene, None))
    scene = scene._replace(notes=said)
    match scene:
        case Contour() | Surface():
            return plane.contour(scene, screen, height)
        case Field():
            return plane.field(scene, screen, height)
        case DescentScene(grid=None):
            return lines.descent(scene, screen, height)
        case DescentScene():
            return plane.descent(scene, screen, height)
        case Curve():
            return lines.curve(scene, screen, height)
        case History():
            return lines.history(scene, screen, height)
        case Steps():
            return lines.steps(scene, screen, height)
        case Boxes():
            return boxes.boxes(scene, screen, height)
        case FitScene():
            return fits.fit(scene, screen, height)
