from __future__ import annotations

from math import log10

import numpy as np
import pytest

from gdcli.report.pictures.terminal import lines
from gdcli.report.view import Screen
from gdcli.scenes.scene import Axis, Curve, Polyline
from tests import example_scenes as scenes
from tests.cells import cells, dots

BARE, COLOR = Screen(), Screen(80, color=True)


def parabola() -> Curve:
    x = np.linspace(-2.0, 2.0, 401)
    line = Polyline("f(x)", x, x * x)
    return Curve("x^2", Axis("x", -2, 2), (0.0, 4.0), line, None, None, None, None, (), ())


def test_the_curve_is_where_f_is() -> None:
    rows = lines.curve(parabola(), BARE, 24).rstrip("\n").split("\n")
    left = rows[1].index("┤" if "┤" in rows[1] else "│") + 1
    height = 4 * (len(rows) - 3)
    found = dots([row[left:] for row in rows[1:-2]])
    width = 2 * (80 - left)
    low, high = -0.12, 4.12  # 3 % more than 0 to 4 on either side
    assert {across for across, _ in found} == set(range(width))
    for across, down in found:
        x = np.linspace(-2 + 4 * across / width, -2 + 4 * (across + 1) / width, 50)
        f = (high - x * x) / (high - low) * height
        assert f.min() - 1 <= down + 0.5 <= f.max() + 1


def test_tangent_and_secant_have_their_own_lines_and_slopes() -> None:
    text = lines.curve(scenes.curve(), BARE, 24)
    rows = text.rstrip("\n").split("\n")
    assert [row for row in rows if row[:2] in ("A ", "B ", "C ", "● ")] == [
        "A f(x)",
        "B tangent, slope -1",
        "C secant, slope -0.5",
        "● x = 1, f = 1",
    ]
    drawn = "".join(rows[1:-6])
    assert all(letter in drawn for letter in "ABC")
    assert drawn.count("●") == 1
    assert drawn.count("○") == 1  # the other end of the secant


def test_with_colour_lines_are_told_apart_by_ink() -> None:
    found = cells(lines.curve(scenes.curve(), COLOR, 24))
    inks = {cell.ink for row in found[1:-6] for cell in row if 0x2800 < ord(cell.sign) < 0x2900}
    assert inks == {None, 166, 133}


def test_a_path_of_one_variable_lies_on_the_curve() -> None:
    text = lines.descent(scenes.slide(), BARE, 24)
    rows = text.rstrip("\n").split("\n")
    start = next(row for row in rows if "○" in row)
    assert start.index("○") == pytest.approx(
        start.index("│") + 1 + (1.5 + 2) / 4 * (79 - start.index("│")), abs=1
    )
    assert "k = 9, f = 0.04053, x = 0.2013" in rows[-1]


def test_a_history_has_a_panel_each_and_one_axis_of_k() -> None:
    rows = lines.history(scenes.history(), BARE, 24).rstrip("\n").split("\n")
    names = [row.strip() for row in rows if row.strip() in ("f", "α")]
    assert names == ["f", "α"]
    assert sum("└" in row for row in rows) == 1
    assert rows[-2:] == ["A α = 0.1", "B α = 1"]


def test_a_logarithmic_panel_shows_a_geometric_fall_as_a_straight_line() -> None:
    scene = scenes.history()
    k = np.arange(101.0)
    panel = scene.panels[0]._replace(lines=(Polyline("", k, 0.5**k),))
    scene = scene._replace(panels=(panel,), paths=scene.paths[:1])
    rows = lines.history(scene, BARE, 24).rstrip("\n").split("\n")
    left = rows[2].index("┤" if "┤" in rows[2] else "│") + 1
    found = np.array(sorted(dots([row[left:] for row in rows[2:-2]])))
    slope, offset = np.polyfit(found[:, 0], found[:, 1], 1)
    assert np.abs(found[:, 1] - slope * found[:, 0] - offset).max() < 1.5
    ticks = [float(row.split("┤")[0]) for row in rows[2:-2] if "┤" in row]
    assert all(round(log10(tick)) == pytest.approx(log10(tick)) for tick in ticks)


def test_errors_have_a_line_a_formula_and_marks() -> None:
    scene = scenes.steps()
    best = tuple(
        mark._replace(label=f"{line.label}: h = 1e-08")
        for mark, line in zip(scene.best, scene.lines, strict=True)
    )
    lifted = scene.lines[1]._replace(y=np.full(8, 1e-16))
    scene = scene._replace(best=best[:1], lines=(scene.lines[0], lifted))
    rows = lines.steps(scene, BARE, 24).rstrip("\n").split("\n")
    assert rows[-3:] == [
        "A forward-difference: h = 1e-08",
        "B complex-step",
        "● least error, with its neighbours",
    ]
    assert sum(row.count("●") for row in rows[:-1]) == 1


def test_an_error_of_zero_has_no_place_and_does_no_harm() -> None:
    assert "complex-step" in lines.steps(scenes.steps(), BARE, 24)


@pytest.mark.parametrize("value", [0.0, 1.0, -3e300, np.nan])
def test_a_line_that_is_level_has_an_axis(value: float) -> None:
    scene = scenes.history()
    panel = scene.panels[1]._replace(lines=(Polyline("", np.arange(3.0), np.full(3, value)),))
    text = lines.history(scene._replace(panels=(panel,)), BARE, 24)
    assert bool(dots(text.split("\n"))) == np.isfinite(value)


def test_a_logarithmic_axis_spans_more_decades_than_a_quotient_of_floats_holds() -> None:
    scene = scenes.history()
    line = Polyline("", np.arange(2.0), np.array([1e200, 5e-324]))
    panel = scene.panels[0]._replace(logarithmic=True, lines=(line,))
    assert dots(lines.history(scene._replace(panels=(panel,)), BARE, 24).split("\n"))
