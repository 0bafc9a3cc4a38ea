"""Pictures: scenes to files and text; nothing here computes f, opens a file or reads a clock.

A renderer is a module of this package with one function `drawn(scene, ending, motion) -> bytes`;
ENDINGS says which renderer draws files of an ending and what it needs installed. The terminal's
renderer writes text and needs nothing more. Only the modules of this package import matplotlib and
plotly, and only when a picture is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING

from gdcli.errors import Sentence, Setting, UsageError, brief, missing_library
from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import counted

if TYPE_CHECKING:
    from gdcli.scenes.scene import Scene


class Motion(NamedTuple):
    """How a picture moves: frames a second, and how many frames at most."""

    fps: float = 10.0
    frames: int = 250


class FileEnding(NamedTuple):
    """How files of an ending are drawn: by a module of this package, with an installed library.

    `plays` where descents are played in it, `stills` where it holds pictures that do not move.
    """

    module: str
    library: str
    plays: bool = False
    stills: bool = True


ENDINGS = {
    "png": FileEnding("still", "matplotlib"),
    "svg": FileEnding("still", "matplotlib"),
    "pdf": FileEnding("still", "matplotlib"),
    "gif": FileEnding("animation", "matplotlib", plays=True, stills=False),
    "html": FileEnding("page", "plotly", plays=True),
}

PICTURE_LIBRARIES = ("matplotlib", "pillow", "plotly")  # those of the extra `plot`

Renderer = Callable[["Scene", str, Motion], bytes]


def ending_of(name: str) -> str:
    """The ending of a file's name, `png` of `Sphere.PNG`. Raises UsageError for an unknown one."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        had = f"`.{brief(ending)}` is no ending of a picture" if ending else "it has no ending"
        raise UsageError(f"{brief(name)}: {had}; the endings are {known}")
    return ending


def notes(scene: Scene, ending: str | None, motion: Motion | None = None) -> tuple[str, ...]:
    """The notes to write beside a picture: the scene's, and those on the way it is drawn.

    `ending` is None in the terminal.
    """
    kind = type(scene).__name__
    frames = (motion or Motion()).frames
    longest = max((len(path.steps) for path in getattr(scene, "paths", ())), default=0)
    plays = ending is not None and ENDINGS[ending].plays
    if kind == "DescentScene" and plays and longest > frames:
        shown = "{} frames show {}; {} says how many"
        iterates = counted(longest, "iterate")
        return (*scene.notes, Sentence(shown, frames, iterates, Setting("frames")))
    if kind == "Field" and ending is not None:
        length = "arrows are as long as the cube root of the slope says, not as the slope itself"
        return (*scene.notes, length)
    if kind == "Surface" and ending is None:
        above = "a terminal shows the surface from above; {} draws it"
        return (*scene.notes, Sentence(above, Setting("output", "FILE.png")))
    return scene.notes


def renderer(ending: str) -> Renderer:
    """The function that draws files of that ending.

    Raises UsageError where the library it needs is not installed. The library is not yet imported.
    """
    library = ENDINGS[ending].library
    if find_spec(library) is None:
        raise missing_library(f"a picture as .{ending}", library, PICTURE_LIBRARIES)

    def drawn(scene: Scene, ending: str, motion: Motion) -> bytes:
        module = import_module(f"gdcli.report.pictures.{ENDINGS[ending].module}")
        picture: bytes = module.drawn(scene, ending, motion)
        return picture

    return drawn
