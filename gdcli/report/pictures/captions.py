"""Captions: the numbers above a picture, such as f and its gradient at a point.

A caption is a list of phrases, each of which a renderer keeps on one line where it can. Numbers
have few digits and a true minus sign.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.report.number_format import full
from gdcli.report.pictures.style import number
from gdcli.report.pictures.text_wrapping import name
from gdcli.scenes.scene import Arrow, Axis, Boxes, Contour, FitScene, Scene, Steps, Surface


def captions(scene: Scene) -> list[str]:
    """The phrases above the picture of a scene; none where it has no such number."""
    match scene:
        case Contour(arrow=Arrow() as arrow) | Surface(arrow=Arrow() as arrow):
            return _arrow(arrow, scene.grid.axes)
        case Steps():
            return _exact(scene.exact)
        case Boxes():
            return _proved(scene)
        case FitScene():
            return [phrase.replace("-", "−") for phrase in _separated(scene.parameters)]
    return []


def _arrow(drawn: Arrow, axes: Sequence[Axis]) -> list[str]:
    """Phrases for the point of an arrow, f and the gradient there."""
    x, y, f = map(number, drawn.at)
    slopes = ", ".join(map(number, drawn.gradient))
    across, up = (name(axis.name) for axis in axes)
    return [f"{across} = {x},", f"{up} = {y}: ", f"f = {f}, ", f"∇f = ({slopes})"]


def _exact(gradient: Sequence[tuple[str, float]]) -> list[str]:
    """The exact gradient in all its digits, a phrase for each component."""
    parts = [f"∂f/∂{name(variable)} = {full(slope)}" for variable, slope in gradient]
    listed = ",\n".join(parts).replace("-", "−")
    return f"exact: {listed}".split("\n")


def _proved(scene: Boxes) -> list[str]:
    """Phrases for the global minimum, whether it is proved, and how many boxes that took."""
    from gdcli.functions.enclosure_texts import with_radius

    least = with_radius(*scene.least).replace("-", "−").replace("inf", "∞")
    boxes = "1 box" if scene.searched == 1 else f"{scene.searched:,} boxes".replace(",", " ")
    return [f"min f {'in' if least[0] == '[' else '='} {least}: ", f"{scene.verdict}, ", boxes]


def _separated(phrases: Sequence[str]) -> list[str]:
    """The phrases with a comma after each but the last."""
    return [f"{phrase}, " for phrase in phrases[:-1]] + list(phrases[-1:])
