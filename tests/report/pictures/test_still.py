from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from PIL import Image

from gdcli.report.pictures import Motion, renderer, still, style
from tests.example_scenes import every
from tests.sweeps import sampled

SCENES = every()


@pytest.mark.parametrize("name", sampled(SCENES, 3))
def test_every_scene_becomes_a_picture(name: str) -> None:
    written = renderer("png")(SCENES[name], "png", Motion())
    with Image.open(BytesIO(written)) as picture:
        assert picture.size[0] >= 800
        pixels = np.asarray(picture.convert("RGB"))
    assert (pixels[0, 0] == 255).all()  # on white paper
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("ending", sampled(["png", "svg", "pdf"], 1))
def test_the_same_picture_has_the_same_bytes(ending: str) -> None:
    scene = SCENES["history" if ending == "pdf" else "contour"]
    first, second = (still.drawn(scene, ending, Motion()) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF") == (ending == "pdf")


def test_svg_is_made_of_lines_but_for_the_surface() -> None:
    contour, surface = (
        ElementTree.fromstring(still.drawn(SCENES[name], "svg", Motion()))
        for name in ("contour", "surface")
    )
    images = [
        len(list(one.iter("{http://www.w3.org/2000/svg}image"))) for one in (contour, surface)
    ]
    assert images == [0, 1]
    assert len(list(contour.iter("{http://www.w3.org/2000/svg}path"))) > 10


@pytest.mark.parametrize("name", ["contour", "surface"])
def test_the_gradient_stands_above_the_picture_in_numbers(name: str) -> None:
    with style.applied():
        figure: Any = still.figure(SCENES[name])
    texts = [text.get_text() for text in figure.texts] + [one.get_title() for one in figure.axes]
    assert "x = 1, y = 0.5:  f = 1.75,  ∇f = (2, 3)" in texts


def test_a_legend_says_what_is_on_the_surface() -> None:
    surface: Any = SCENES["surface"]
    with style.applied():
        (legend,) = still.figure(surface).legends
        bare = still.figure(surface._replace(arrow=None, minima=()))
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["known minimum", "up the slope, along ∇f", "∇f on the floor"]
    assert not bare.legends


def test_titles_are_shown_unchanged() -> None:
    scene: Any = SCENES["field"]
    with style.applied():
        figure = still.figure(scene._replace(title="x$y$z"))
        figure.draw_without_rendering()
    assert figure.get_suptitle() == r"x\$y\$z"
