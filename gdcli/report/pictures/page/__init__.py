"""Scenes to a page that a browser shows without a network, to be turned, zoomed and played.

plotly.js is written into the page, and the page forbids itself to load anything. The scene stands
in it as JSON, escaped so that no text of a user's is taken for markup; `page.js` draws it and plays
descents.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from gdcli.report.pictures import Motion, style
from gdcli.report.pictures.captions import captions
from gdcli.report.pictures.page import boxes, charts, fits, plane, space
from gdcli.report.pictures.page.player import Player
from gdcli.report.pictures.plane import proportion
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

HERE = Path(__file__).parent
WIDE_PROPORTION = 1.3  # of width to height: a wider plane has all the page's width
MARKUP = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"})


def drawn(scene: Scene, ending: str, motion: Motion) -> bytes:  # noqa: ARG001 - as all renderers
    """The bytes of the whole page, in UTF-8."""
    found, player = figures(scene, motion)
    content = {"figures": found, **player.content(), "rest": 1000 / motion.fps}
    page = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(scene.title),
        ink=style.INK,
        quiet=style.QUIET_INK,
        paper=style.PAPER,
        captions=" ".join(f"<span>{escape(phrase.strip())}</span>" for phrase in captions(scene)),
        shape=shape(scene),
        notes="".join(f"<li>{escape(note)}</li>" for note in scene.notes),
        content=json.dumps(content, allow_nan=False, separators=(",", ":")).translate(MARKUP),
        library=library(),
        script=(HERE / "page.js").read_text(encoding="utf-8"),
    ).encode()


def shape(scene: Scene) -> str:
    """The class of the figures: `square`, about as wide as high, or `wide`, as wide as the page."""
    if isinstance(scene, Surface):
        return "square"
    grid = getattr(scene, "grid", None)
    return "wide" if grid is None or proportion(grid.axes) > WIDE_PROPORTION else "square"


def library() -> str:
    """The text of plotly.js, read from its file, because plotly's Python is slow to import."""
    from importlib.resources import files

    source = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    return source.replace("</script", "<\\/script")


def figures(scene: Scene, motion: Motion) -> tuple[list[dict[str, Any]], Player]:
    """plotly's figures, side by side on the page, and the player of what moves in them."""
    player = Player((), (), (), motion.frames)
    if isinstance(scene, DescentScene):
        player = Player(scene.paths, scene.variables, scene.plane, motion.frames)
    match scene:
        case Surface():
            return [space.surface(scene)], player
        case Contour():
            return [plane.contour(scene)], player
        case Field():
            return [plane.field(scene)], player
        case DescentScene(grid=None):
            return [charts.descent(scene, player)], player
        case DescentScene():
            return [space.descent(scene, player), plane.descent(scene, player)], player
        case Curve():
            return [charts.curve(scene)], player
        case History():
            return [charts.history(scene)], player
        case Steps():
            return [charts.steps(scene)], player
        case Boxes():
            return [boxes.boxes(scene)], player
        case FitScene():
            return [fits.fit(scene)], player
