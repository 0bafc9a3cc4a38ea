from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.terminal.canvas import (
    DEFAULT_COLOR,
    INKS,
    TEXT,
    Canvas,
    Ink,
    ink_on,
    luminance,
    stroke,
)
from gdcli.report.pictures.terminal.heights import RAMP
from gdcli.report.view import Screen
from tests.cells import Cell, cells, dots

BARE, ASCII, COLOR = Screen(), Screen(ascii=True), Screen(color=True)


def contrast(one: int, other: int) -> float:
    """The ratio of WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_dots_stand_where_unicode_has_them() -> None:
    canvas = Canvas(2, 1, BARE)
    canvas.dots(np.array([0.0, 1.9, 2.0]), np.array([0.0, 3.9, 1.0]), TEXT)
    assert canvas.text() == "⢁⠂\n"
    assert dots(["⢁⠂"]) == {(0, 0), (1, 3), (2, 1)}


def test_what_falls_outside_is_not_drawn() -> None:
    canvas = Canvas(3, 2, BARE)
    canvas.dots(np.array([-1.0, 6.0, 0.0, 0.0]), np.array([0.0, 0.0, -0.1, 8.0]), TEXT)
    canvas.write(0, -2, "abcdefgh")
    canvas.write(2, 0, "x")
    canvas.write(-1, 0, "x")
    assert canvas.text() == "cde\n\n"


def test_dots_join_others_or_take_their_place() -> None:
    for alone, sign in ((False, "⠉"), (True, "⠈")):
        canvas = Canvas(1, 1, BARE)
        canvas.dots(np.array([0.0]), np.array([0.0]), TEXT)
        canvas.dots(np.array([1.0]), np.array([0.0]), TEXT, alone)
        assert canvas.text() == sign + "\n"


def test_a_sign_covers_dots_and_never_steers_the_terminal() -> None:
    canvas = Canvas(6, 1, BARE)
    canvas.dots(np.array([0.0]), np.array([0.0]), TEXT)
    canvas.write(0, 0, "a\x1b\n‮b")
    assert canvas.text() == "a???b\n"


def test_ascii_has_a_sign_for_each() -> None:
    canvas = Canvas(12, 1, ASCII)
    canvas.write(0, 0, "●○•×┤→↗α")
    assert canvas.text() == "*o+x+>/alpha\n"


@pytest.mark.parametrize(
    ("braille", "sign"),
    [*zip("⠀⠉⠒⣀⡇⠑⠊⢄⡠⣿⠁⢀", " '-_|\\/\\/#'.", strict=True)],
)
def test_strokes_are_like_their_dots(braille: str, sign: str) -> None:
    assert stroke(ord(braille) - 0x2800) == sign


def test_halves_of_a_cell_have_colours_of_their_own() -> None:
    canvas = Canvas(5, 1, COLOR)
    canvas.paper[:, 0] = 17
    canvas.paper[:, 1] = (17, 229)
    canvas.paper[:, 2] = (DEFAULT_COLOR, 229)
    canvas.paper[:, 3] = (17, DEFAULT_COLOR)
    assert cells(canvas.text())[0] == [
        Cell(" ", None, 17),
        Cell("▀", 17, 229),
        Cell("▄", 229, None),
        Cell("▀", 17, None),
    ]


def test_ink_is_light_on_dark_paper_and_dark_on_light() -> None:
    canvas = Canvas(3, 1, COLOR)
    canvas.paper[:, 0], canvas.paper[:, 1] = 17, 229
    canvas.write(0, 0, "abc", Ink(1, 2, 3))
    assert [cell.ink for cell in cells(canvas.text())[0]] == [1, 2, 3]


def test_without_colour_there_is_no_control_sequence() -> None:
    canvas = Canvas(2, 1, BARE)
    canvas.paper[:] = 17
    canvas.write(0, 0, "a", INKS[1])
    assert canvas.text() == "a\n"


def test_luminance() -> None:
    """Of black, white, and red, green and blue alone."""
    assert [luminance(color) for color in (16, 231)] == pytest.approx([0, 1], abs=1e-9)
    primaries = [luminance(color) for color in (196, 46, 21)]
    assert primaries == pytest.approx([0.2126, 0.7152, 0.0722])
    assert luminance(244) == pytest.approx(0.2159, abs=1e-3)  # #808080


def test_inks_can_be_read_on_every_paper_and_on_any_terminal() -> None:
    for ink in INKS:
        assert all(contrast(ink_on(paper, ink), paper) > 2.7 for paper in RAMP)
        assert ink.bare == DEFAULT_COLOR or min(contrast(ink.bare, 16), contrast(ink.bare, 231)) > 3
