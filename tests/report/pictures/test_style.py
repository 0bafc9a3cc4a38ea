"""The shared style, with colours against a model of colour-blindness that is not ours."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

import matplotlib
from matplotlib.colors import to_rgb

from gdcli.report.pictures import style

# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
# deficiency, IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291, severity 1; on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanomaly": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranomaly": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def seen(colors: list[tuple[float, float, float]], matrix: object) -> np.ndarray:
    """CIE L*a*b* of colours as they are seen."""
    rgb = np.array(colors)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = (linear @ np.array(matrix).T).clip(0, 1)
    to_xyz = np.array(
        [
            [0.4124, 0.3576, 0.1805],
            [0.2126, 0.7152, 0.0722],
            [0.0193, 0.1192, 0.9505],
        ]
    )
    x, y, z = np.cbrt((linear @ to_xyz.T) / [0.9505, 1.0, 1.089]).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_colors_can_be_told_apart(name: str) -> None:
    lines = seen([to_rgb(color) for color in style.LINE_COLORS[:4]], DEFICIENCIES[name])
    assert min(np.linalg.norm(a - b) for a, b in combinations(lines, 2)) > 15
    heights = [color[:3] for color in style.heights()(np.linspace(0, 1, 20))]
    ground = seen(heights, DEFICIENCIES[name])
    away = np.linalg.norm(ground[:, None] - lines[None], axis=2).min(axis=0)
    assert away[0] > 50  # the path of a descent
    assert away.min() > 25


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_what_became_of_boxes_can_be_told_apart(name: str) -> None:
    drawn, written = zip(*style.BOX_COLORS.values(), strict=True)
    for colors in (map(to_rgb, drawn), map(rgb_of, written)):
        found = seen([*colors], DEFICIENCIES[name])
        assert min(np.linalg.norm(a - b) for a, b in combinations(found, 2)) > 15


def rgb_of(color: int) -> tuple[float, float, float]:
    """The parts, 0 to 1, of one of the colours 16 to 255 of a terminal."""
    if color >= 232:
        grey = (8 + 10 * (color - 232)) / 255
        return grey, grey, grey
    parts = ((color - 16) // place % 6 for place in (36, 6, 1))
    red, green, blue = ((55 + 40 * part) / 255 if part else 0.0 for part in parts)
    return red, green, blue


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_heights_grow_lighter_all_the_way(name: str) -> None:
    colors = [color[:3] for color in style.heights()(np.linspace(0, 1, 50))]
    assert (np.diff(seen(colors, DEFICIENCIES[name])[:, 0]) > 0).all()


def test_lines_differ_without_color() -> None:
    styles = [style.line_style(number) for number in range(4)]
    assert len({(str(one["linestyle"]), one["marker"]) for one in styles}) == 4


def test_a_configuration_changes_nothing_and_stays() -> None:
    with matplotlib.rc_context({"font.size": 40, "text.usetex": True}):
        with style.applied():
            assert matplotlib.rcParams["font.size"] == style.FONT_SIZE
            assert not matplotlib.rcParams["text.usetex"]
        assert matplotlib.rcParams["font.size"] == 40


def test_levels_give_places_between_0_and_1() -> None:
    found = style.places(np.array([-5.0, 0.0, 1.0, 10.0, 99.0, np.nan]), np.array([0.0, 1.0, 10.0]))
    assert found[:-1].tolist() == [0, 0, 0.5, 1, 1]
    assert np.isnan(found[-1])


def test_words_are_shown_as_they_are() -> None:
    assert style.words("a$b\n$c") == r"a\$b \$c"
    text, size = style.title("word " * 60, 5)
    assert text.count("\n") == 1
    assert text.endswith(" ...")
    assert size == style.SMALL_FONT_SIZE
    assert style.title("x^2", 5) == ("x^2", style.FONT_SIZE)


@pytest.mark.parametrize("text", ["f", "x^2+" * 60, "word " * 60])
def test_a_title_stays_on_the_paper_and_above_what_a_film_says(text: str) -> None:
    with style.applied():
        figure: Any = style.figure((9.6, 6.4), text, arranged=False)
        words = figure.text(0.03, 0.885, "k = 1 ‖∇f‖∞", family="monospace")
        figure.draw_without_rendering()
        box = figure._suptitle.get_window_extent()
        assert figure.bbox.x0 < box.x0 < box.x1 < figure.bbox.x1
        assert words.get_window_extent().y1 < box.y0


@pytest.mark.parametrize("heading", ["f", "x^2+" * 60])
@pytest.mark.parametrize("phrases", [[], ["short"], ["alpha = 0.1234"] * 12])
def test_a_subtitle_lies_below_the_title(heading: str, phrases: list[str]) -> None:
    with style.applied():
        figure: Any = style.figure((8, 6.6), heading, arranged=False)
        end = style.subtitle(figure, phrases)
        figure.draw_without_rendering()
        title = figure._suptitle.get_window_extent()
        boxes = [text.get_window_extent() for text in figure.texts if text is not figure._suptitle]
    assert len(boxes) == bool(phrases)
    assert all(box.y1 < title.y0 and figure.bbox.x0 < box.x0 < box.x1 < 960 for box in boxes)
    lowest = min([title.y0, *(box.y0 for box in boxes)])
    assert end * figure.bbox.height == pytest.approx(lowest, abs=6)


def test_numbers_have_a_true_minus_sign() -> None:
    assert style.number(-0.000123456) == "−0.0001235"
    assert style.number(None) == ""
    assert style.in_full(1234567.0, 0) == "1234567"
    assert style.in_full(-2500000000.0, 0) == "−2.5e+09"
    assert style.in_full(1.00000002, 0) == "1.00000002"
    assert style.in_full(2000.0, 0) == "2000"
