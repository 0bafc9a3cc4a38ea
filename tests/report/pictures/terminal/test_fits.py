from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.terminal import fits
from gdcli.report.pictures.terminal.canvas import DEFAULT_COLOR
from gdcli.report.view import Screen
from gdcli.scenes.scene import Scatter
from tests import example_scenes as scenes
from tests.cells import cells

BARE, COLOR = Screen(), Screen(80, color=True)


def rows_of(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def test_every_row_has_its_sign_and_its_residual() -> None:
    scene = scenes.fit()
    rows = rows_of(fits.fit(scene, BARE, 24))
    names = [number for number, row in enumerate(rows) if row.strip() in ("y", "residual/σ")]
    above, below = rows[names[0] + 1 : names[1]], rows[names[1] + 1 :]
    left = above[0].index("│") + 1
    for part, panel in ((above, scene.panels[0]), (below, scene.panels[1])):
        places = [(row, column) for row, text in enumerate(part)
                  for column, sign in enumerate(text) if sign == "•"]  # fmt: skip
        assert len(places) == 7
        found = sorted((column - left) / (79 - left) for _, column in places)
        wanted = (panel.points[0].x - panel.across.low) / (panel.across.high - panel.across.low)
        assert found == pytest.approx(wanted.tolist(), abs=0.02)
    assert rows[-2:] == [
        "⠂ 95 % confidence band, 95 % prediction band",
        "  a = 1 ± 0.1, b = 0.5 ± 0.04",
    ]


def test_parameters_are_whole_on_a_narrow_screen() -> None:
    names = ("a = 91.311 ± 0.38", "b = 0.3538 ± 0.0039", "c = 10.59 ± 0.33")
    scene = scenes.fit()._replace(parameters=names)
    for screen, sign in ((Screen(40), "±"), (Screen(40, ascii=True), "+/-")):
        text = " ".join(fits.fit(scene, screen, 24).split())
        assert all(name.replace("±", sign) in text for name in names)
    assert "\n  a = 91.311 ± 0.38,\n" in fits.fit(scene, Screen(30), 24)


def test_bands_are_shaded_where_there_is_colour() -> None:
    scene = scenes.fit()
    found = cells(fits.fit(scene, COLOR, 24))
    papers = {cell.paper for row in found for cell in row} - {None, DEFAULT_COLOR}
    assert papers == {*fits.BAND_COLORS}
    bare = scene.panels[0]._replace(bands=())
    plain = cells(fits.fit(scene._replace(panels=(bare, scene.panels[1])), COLOR, 24))
    assert {cell.paper for row in plain for cell in row} <= {None, DEFAULT_COLOR}


def test_many_points_are_dots_that_leave_the_line_to_be_seen() -> None:
    scene = scenes.fit()
    x = np.random.default_rng(0).uniform(-3.0, 3.0, 5_000)
    y = 1 + x / 2 + np.random.default_rng(1).normal(size=5_000)
    above = scene.panels[0]._replace(points=(Scatter("data", x, y),), bands=())
    text = fits.fit(scene._replace(panels=(above,)), BARE, 24)
    assert "•" not in text
    found = cells(fits.fit(scene._replace(panels=(above,)), COLOR, 24))
    inks = [cell.ink for row in found for cell in row if 0x2800 < ord(cell.sign) < 0x2900]
    assert inks.count(None) >= 70  # a cell of the line in every column
    assert len({*inks}) == 2


@pytest.mark.parametrize("color", [False, True])
def test_classes_have_names_and_lines_have_a_key(color: bool) -> None:
    rows = rows_of(fits.fit(scenes.classes(), Screen(80, color=color), 24))
    bare = ["".join(cell.sign for cell in row) for row in cells("\n".join(rows) + "\n")]
    assert [row.split("┤")[0].strip() for row in bare if "┤" in row][:3] == [
        "high",
        "middle",
        "low",
    ]
    assert [row.split()[-1] for row in bare[-3:]] == ["low", "middle", "high"]


def test_a_low_screen_has_the_data_alone() -> None:
    text = fits.fit(scenes.fit(), Screen(80), 12)
    assert "residual" not in text
    assert text.count("•") == 7
