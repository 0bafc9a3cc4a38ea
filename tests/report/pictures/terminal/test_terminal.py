"""Every kind of picture on every kind of screen."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from typing import Any

import pytest

from gdcli.errors import UsageError
from gdcli.report.pictures.terminal import drawn
from gdcli.report.view import Screen
from tests import example_scenes as scenes
from tests.cells import cells
from tests.sweeps import sampled

EVERY = scenes.every()
WIDTHS = [(80, 24), (40, 20), (16, 10), (200, 60)]
MANNERS = [(ascii, color) for ascii in (False, True) for color in (False, True)]


@pytest.mark.parametrize(("kind", "size", "manner"), sampled(product(EVERY, WIDTHS, MANNERS), 60))
def test_a_picture_fits_its_screen(
    kind: str, size: tuple[int, int], manner: tuple[bool, bool]
) -> None:
    (width, height), (ascii, color) = size, manner
    text = drawn(EVERY[kind], Screen(width, ascii, color), height)
    found = cells(text)
    assert text.endswith("\n")
    assert max(map(len, found)) <= width
    if height >= 24:
        assert len(found) == height - 2  # the prompt, and a note
    assert text.isascii() or not ascii
    assert ("\x1b" in text) is color


@pytest.mark.parametrize("width", [1, 10, 15])
@pytest.mark.parametrize("kind", EVERY)
def test_too_few_columns_are_refused(kind: str, width: int) -> None:
    with pytest.raises(UsageError, match=f"too narrow for a picture: {width} columns, and it"):
        drawn(EVERY[kind], Screen(width, color=True), 5)


@pytest.mark.parametrize("kind", ["contour", "descents", "curve", "field"])
@pytest.mark.parametrize("width", [16, 24, 80])
def test_long_names_and_numbers_fit_too(kind: str, width: int) -> None:
    scene: Any = EVERY[kind]
    name = "a_very_long_name_of_a_variable"
    if kind == "curve":
        scene = scene._replace(axis=scene.axis._replace(name=name), limits=(1e12, 1e12 + 1))
    else:
        axes = (scenes.ACROSS._replace(name=name), scenes.UP._replace(name=name))
        scene = scene._replace(grid=scene.grid._replace(axes=axes))
    assert max(map(len, drawn(scene, Screen(width), 24).split("\n"))) <= width


@pytest.mark.parametrize("kind", EVERY)
def test_in_a_pipe_a_picture_is_plain_text_for_80_columns(kind: str) -> None:
    text = drawn(EVERY[kind], Screen(), None)
    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.split("\n"))
    assert text == drawn(EVERY[kind], Screen(80), 24)


@pytest.mark.parametrize("kind", EVERY)
def test_the_title_stands_on_top(kind: str) -> None:
    assert drawn(EVERY[kind], Screen(), None).startswith(EVERY[kind].title + "\n")


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("kind", ["descents", "history", "slide", "curve", "field", "steps"])
def test_picture_and_notes_together_fit_the_screen(kind: str, color: bool) -> None:
    noted = EVERY[kind]._replace(notes=("x" * 100, "short", "y" * 80))
    assert len(cells(drawn(noted, Screen(80, color=color), 24))) + 2 + 1 + 2 + 1 == 24


def test_a_surface_is_seen_from_above() -> None:
    assert drawn(EVERY["surface"], Screen(), None) == drawn(EVERY["contour"], Screen(), None)


def test_no_plotting_library_is_imported() -> None:
    script = (
        "import sys; from tests import example_scenes as scenes;"
        "from gdcli.report.view import Screen;"
        "from gdcli.report.pictures.terminal import drawn;"
        "[drawn(scene, Screen(80, False, True)) for scene in scenes.every().values()];"
        "print(*sorted({'matplotlib', 'plotly', 'rich', 'sympy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
